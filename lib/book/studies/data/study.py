"""What the corrected rows do to the headline: all together, by kind, and one by one."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from algoprogress.data.sample import Sample, confident
from algoprogress.data.variables import FLOP_PER_PARAMETER_TOKEN, Normalisation
from algoprogress.engine.cache import cached
from algoprogress.engine.parallel import mapped
from algoprogress.fits import fit
from algoprogress.fits.rates import point_months
from algoprogress.laws.law import Law

STARTS = 24  # random starts of a converged fit here; the minima are few and wide
FITTED = ("perplexity", "parameters", "dataset_tokens", "publication_date")  # what model 7 reads of a row


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
    return pd.DataFrame(mapped(_effect, tasks, label="audit"))


@cached
def by_cell(law: Law, sample: Sample, *, confidence: str = "medium") -> pd.DataFrame:
    """Return the converged doubling time with each correction of a fitted column alone, largest move first.

    Columns: row, system, column, as_used, reviewed, reason, converged (months), move (months against as used).
    """
    chosen = found(sample, confidence=confidence)
    chosen = chosen[chosen["column"].isin(FITTED)].reset_index(drop=True)
    reference = Normalisation.of(sample.frame)
    base = _converged(law, sample, reference)
    tasks = [(law, _corrected(sample, chosen.iloc[[index]]), reference) for index in range(len(chosen))]
    months = mapped(_converged, tasks, label="audit, one by one")
    frame = chosen.assign(converged=months, move=[value - base for value in months])
    return frame.sort_values("move", key=abs, ascending=False, ignore_index=True)


def _corrected(sample: Sample, corrections: pd.DataFrame) -> Sample:
    return replace(sample, corrections=corrections).reviewed("low")


def _converged(law: Law, sample: Sample, reference: Normalisation, penalty: float = fit.PENALTY) -> float:
    best = fit.converged.__wrapped__(law, sample, reference=reference, penalty=penalty, starts=STARTS)
    return point_months(best)


def _effect(law: Law, sample: Sample, scope: str, corrections: pd.DataFrame) -> dict[str, object]:
    reference = Normalisation.of(sample.frame)
    corrected = _corrected(sample, corrections)
    return {
        "scope": scope,
        "cells": len(corrections),
        "rows": len(corrected),
        "published": point_months(fit.published.__wrapped__(law, corrected, reference=reference)),
        "converged": _converged(law, corrected, reference),
        "unpenalised": _converged(law, corrected, reference, penalty=0.0),
    }


def scopes(kinds: pd.DataFrame) -> pd.DataFrame:
    """Return the effects by kind without the columns that the fit does not read."""
    plain = [f"only {column.replace('_', ' ')}" for column in FITTED]
    return kinds[kinds["scope"].isin(["as used", "all corrections", *plain])].reset_index(drop=True)


def largest(cells: pd.DataFrame, *, most: int = 10) -> pd.DataFrame:
    """Return the corrections that move the doubling time most, with a `label` for a figure."""
    short = {"dataset_tokens": "tokens", "publication_date": "date"}
    names = cells["system"].str.slice(0, 26) + ", " + cells["column"].replace(short)
    return cells.assign(label=names).head(most)


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
