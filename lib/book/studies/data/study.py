"""What stands behind the evaluations: proof that the rows are the authors', and what corrections do to the headline.

The authors published fitted values of each row but not the rows as used, so the recovered rows are proved by the
fitted values that they return.
"""

from dataclasses import replace

import numpy as np
import pandas as pd
from scipy.optimize import least_squares

from algoprogress.data import tables
from algoprogress.data.sample import Sample, confident
from algoprogress.data.variables import FLOP_PER_PARAMETER_TOKEN, Normalisation
from algoprogress.engine.cache import cached
from algoprogress.engine.parallel import mapped
from algoprogress.fits import fit
from algoprogress.fits.rates import point_months
from algoprogress.laws import catalogue
from algoprogress.laws.law import Law
from book.studies.data import variants

STARTS = 24  # random starts of a converged fit here; the minima are few and wide
FITTED = ("perplexity", "parameters", "dataset_tokens", "publication_date")  # what model 7 reads of a row
CLOSE = {"ftol": 1e-15, "xtol": 1e-15, "gtol": 1e-15}  # where least squares stop


@cached
def checksums(sample: Sample) -> pd.DataFrame:
    """Return how closely each published series of fitted values follows from the rows.

    The coefficients are not printed to full precision, so they are solved from the series by least squares; ten
    to twelve unknowns then have to meet every row at once. Columns: series, rows, coefficients and, in nats,
    largest_deviation.
    """
    fits, lines = tables.read("published_fits").set_index("row"), []
    for name, (column, law) in _series().items():
        part = sample.with_known("vocabulary") if column == "fitted_vocabulary" else sample
        coefficients, deviation = _deviation(law, part, fits.loc[part.frame["row"], column].to_numpy())
        lines.append((name, len(part), coefficients, deviation))
    return pd.DataFrame(lines, columns=["series", "rows", "coefficients", "largest_deviation"])


def _series() -> dict[str, tuple[str, Law]]:
    """Return the column of each published series of fitted values and the law behind it, by name."""
    base = catalogue.law("7")
    return {
        "model 7": ("fitted_model7", base),
        "model 7, other slopes from 2017": ("fitted_year_break_2017", variants.with_year_break(base, 2017)),
        "model 7 with a vocabulary term": ("fitted_vocabulary", variants.with_vocabulary(base)),
        "model 7 on effective data": ("fitted_effective_epochs", variants.with_data(base, "log_effective_tokens")),
    }


def _deviation(law: Law, sample: Sample, series: np.ndarray) -> tuple[int, float]:
    """Return the number of coefficients and the largest distance of the best fit from a series."""
    design, start = fit.problem(law, sample)[0], fit.published(law, sample).params.to_numpy()
    solved = least_squares(
        lambda theta: design.predict(theta) - series, start, jac=design.gradient, method="lm", **CLOSE
    )
    return len(start), float(np.abs(solved.fun).max())


def found(sample: Sample, *, confidence: str = "medium") -> pd.DataFrame:
    """Return the corrections at or above a confidence that touch the rows of a sample."""
    chosen = confident(sample.corrections, confidence)
    return chosen[chosen["row"].isin(sample.frame["row"])].reset_index(drop=True)


@cached
def by_kind(law: Law, sample: Sample, *, confidence: str = "medium") -> pd.DataFrame:
    """Return the doubling time with all corrections, and with those of one column only.

    Columns: scope, cells, rows (left in the sample), published, converged and unpenalised (months). Normalising
    constants stay those of the rows as used, so that the penalty means the same throughout.
    """
    chosen = found(sample, confidence=confidence)
    scopes = {"as used": chosen[:0], "all corrections": chosen}
    scopes |= {f"only {column.replace('_', ' ')}": part for column, part in chosen.groupby("column")}
    tasks = [(law, sample, scope, part) for scope, part in scopes.items()]
    return pd.DataFrame(mapped(_effect, tasks, label="corrections by kind"))


def _effect(law: Law, sample: Sample, scope: str, corrections: pd.DataFrame) -> dict[str, object]:
    reference, corrected = Normalisation.of(sample.frame), _corrected(sample, corrections)
    stop = point_months(fit.published.__wrapped__(law, corrected, reference=reference))
    best, free = (_converged(law, corrected, reference, penalty) for penalty in (fit.PENALTY, 0.0))
    facts = {"scope": scope, "cells": len(corrections), "rows": len(corrected)}
    return {**facts, "published": stop, "converged": best, "unpenalised": free}


def _corrected(sample: Sample, corrections: pd.DataFrame) -> Sample:
    return replace(sample, corrections=corrections).reviewed("low")


def _converged(law: Law, sample: Sample, reference: Normalisation, penalty: float = fit.PENALTY) -> float:
    best = fit.converged.__wrapped__(law, sample, reference=reference, penalty=penalty, starts=STARTS)
    return point_months(best)


@cached
def by_cell(law: Law, sample: Sample, *, confidence: str = "medium") -> pd.DataFrame:
    """Return the converged doubling time with each correction of a fitted column alone, largest move first.

    Columns: row, system, column, as_used, reviewed, reason, converged (months), move (months against as used).
    """
    chosen = found(sample, confidence=confidence)
    chosen = chosen[chosen["column"].isin(FITTED)].reset_index(drop=True)
    reference = Normalisation.of(sample.frame)
    tasks = [(law, _corrected(sample, chosen.iloc[[index]]), reference) for index in range(len(chosen))]
    frame = chosen.assign(converged=mapped(_converged, tasks, label="corrections one by one"))
    frame["move"] = frame["converged"] - _converged(law, sample, reference)
    return frame.sort_values("move", key=abs, ascending=False, ignore_index=True)


def scopes(kinds: pd.DataFrame) -> pd.DataFrame:
    """Return the effects by kind without the columns that the fit does not read."""
    plain = [f"only {column.replace('_', ' ')}" for column in FITTED]
    return kinds[kinds["scope"].isin(["as used", "all corrections", *plain])].reset_index(drop=True)


def listing(cells: pd.DataFrame, *, most: int = 12) -> pd.DataFrame:
    """Return the corrections that move the doubling time most as a table to read: row, correction, move."""
    shown = cells.head(most)
    change = shown["as_used"].map(_short) + " → " + shown["reviewed"].map(_short)
    cell = "**" + shown["system"] + "**, " + shown["column"].str.replace("_", " ") + ": " + change
    columns = {"row": shown["row"].astype(str), "correction": cell + ". " + shown["reason"], "move": shown["move"]}
    return pd.DataFrame(columns)


def _short(text: str) -> str:
    """Return a value of a table in few digits; a blank one is not known.

    >>> _short("4000000000"), _short("17.48"), _short(""), _short("2019-06-13")
    ('4e+09', '17.48', 'not known', '2019-06-13')
    """
    try:
        return f"{float(text):.4g}" if text else "not known"
    except ValueError:
        return text


def with_compute(sample: Sample) -> pd.DataFrame:
    """Return the rows with `compute_flop`, six times parameters, tokens and epochs (unknown epochs count as one)."""
    frame = sample.frame
    compute = FLOP_PER_PARAMETER_TOKEN * frame["parameters"] * frame["dataset_tokens"] * frame["epochs"].fillna(1.0)
    columns = ["row", "system", "benchmark", "architecture", "publication_date", "perplexity"]
    return frame[columns].assign(compute_flop=compute)


def by_year(sample: Sample) -> pd.DataFrame:
    """Return the number of rows by benchmark and year of publication: benchmark, year, rows."""
    year = sample.frame["publication_date"].dt.year.rename("year")
    return sample.frame.groupby(["benchmark", year]).size().rename("rows").reset_index()
