"""What stands behind the evaluations: the authors' fitted values prove the rows, and corrections move the headline."""

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
CLOSE = dict.fromkeys(("ftol", "xtol", "gtol"), 1e-15)  # where least squares stop


@cached
def checksums(sample: Sample) -> pd.DataFrame:
    """Return how closely published series follow from the rows: series, rows, coefficients, largest_deviation (nats).

    Coefficients are not printed in full, so least squares find them; ten to twelve then have to meet every row at once.
    """
    base, fits, lines = catalogue.law("7"), tables.read("published_fits").set_index("row"), []
    series = {
        "law 7": ("fitted_model7", base),
        "law 7, other slopes from 2017": ("fitted_year_break_2017", variants.with_year_break(base, 2017)),
        "law 7 with a vocabulary term": ("fitted_vocabulary", variants.with_vocabulary(base)),
        "law 7 on effective data": ("fitted_effective_epochs", variants.with_data(base, "log_effective_tokens")),
    }
    for name, (column, law) in series.items():
        part = sample.with_known("vocabulary") if column == "fitted_vocabulary" else sample
        coefficients, deviation = _deviation(law, part, fits.loc[part.frame["row"], column].to_numpy())
        lines.append((name, len(part), coefficients, deviation))
    return pd.DataFrame(lines, columns=["series", "rows", "coefficients", "largest_deviation"])


def _deviation(law: Law, sample: Sample, series: np.ndarray) -> tuple[int, float]:
    """Return the number of coefficients and the largest distance of the best fit from a series."""
    design, start = fit.problem(law, sample)[0], fit.published(law, sample).params.to_numpy()
    options = {"jac": design.gradient, "method": "lm", **CLOSE}
    solved = least_squares(lambda theta: design.predict(theta) - series, start, **options)
    return len(start), float(np.abs(solved.fun).max())


def found(sample: Sample, *, confidence: str = "medium") -> pd.DataFrame:
    """Return the corrections at or above a confidence that touch the rows of a sample."""
    chosen = confident(sample.corrections, confidence)
    return chosen[chosen["row"].isin(sample.frame["row"])].reset_index(drop=True)


@cached
def by_kind(law: Law, sample: Sample, *, confidence: str = "medium") -> pd.DataFrame:
    """Return the months to double by scope of the corrections: all, and those of one column only.

    Columns: scope, cells, rows (left), published, converged, unpenalised. Normalising constants stay those as used.
    """
    chosen = found(sample, confidence=confidence)
    scopes = {"as used": chosen[:0], "all corrections": chosen}
    scopes |= {f"only {column.replace('_', ' ')}": part for column, part in chosen.groupby("column")}
    tasks = [(law, sample, scope, part) for scope, part in scopes.items()]
    return pd.DataFrame(mapped(_effect, tasks, label="corrections by kind"))


def _effect(law: Law, sample: Sample, scope: str, corrections: pd.DataFrame) -> dict[str, object]:
    reference, corrected = Normalisation.of(sample.frame), replace(sample, corrections=corrections).reviewed("low")
    stop = point_months(fit.published.__wrapped__(law, corrected, reference=reference))
    best, free = (_converged(law, corrected, reference, penalty) for penalty in (fit.PENALTY, 0.0))
    months = {"published": stop, "converged": best, "unpenalised": free}
    return {"scope": scope, "cells": len(corrections), "rows": len(corrected), **months}


def _converged(law: Law, sample: Sample, reference: Normalisation, penalty: float = fit.PENALTY) -> float:
    return point_months(fit.converged.__wrapped__(law, sample, reference=reference, penalty=penalty, starts=STARTS))


@cached
def by_cell(law: Law, sample: Sample, *, confidence: str = "medium") -> pd.DataFrame:
    """Return the corrections of fitted columns, months by each alone (converged) and its move, largest first."""
    chosen = found(sample, confidence=confidence)
    chosen = chosen[chosen["column"].isin(FITTED)].reset_index(drop=True)
    reference = Normalisation.of(sample.frame)
    corrected = (replace(sample, corrections=chosen.iloc[[row]]).reviewed("low") for row in range(len(chosen)))
    tasks = [(law, each, reference) for each in corrected]
    frame = chosen.assign(converged=mapped(_converged, tasks, label="corrections one by one"))
    frame["move"] = frame["converged"] - _converged(law, sample, reference)
    return frame.sort_values("move", key=abs, ascending=False, ignore_index=True)


def scopes(kinds: pd.DataFrame) -> pd.DataFrame:
    """Return the effects by kind without the columns that the fit does not read."""
    read = ["as used", "all corrections", *(f"only {column.replace('_', ' ')}" for column in FITTED)]
    return kinds[kinds["scope"].isin(read)].reset_index(drop=True)


def plain(name: str) -> str:
    """Return the name of a system, or words with one, without the marks of a formula.

    >>> plain("$\\\\infty$-former")
    '∞-former'
    """
    return name.replace("$\\infty$", "∞")


def listing(cells: pd.DataFrame, *, most: int = 12) -> pd.DataFrame:
    """Return the corrections that move the doubling time most as a table to read: row, correction, move."""
    shown = cells.head(most)
    change = shown["as_used"].map(_short) + " → " + shown["reviewed"].map(_short)
    cell = "**" + shown["system"] + "**, " + shown["column"].str.replace("_", " ") + ": " + change
    correction = cell + ". " + shown["reason"]
    return pd.DataFrame({"row": shown["row"].astype(str), "correction": correction.map(plain), "move": shown["move"]})


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
