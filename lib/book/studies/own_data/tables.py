"""The tables to read of the page on one's own data: what files may hold, laws, and coefficients that moved."""

from collections.abc import Mapping

import pandas as pd

from algoprogress.data import own, tables
from algoprogress.data.describe import table
from algoprogress.fits.effect import MOVES, Change
from algoprogress.laws.law import Law
from algoprogress.show.words import written

COLUMNS = {  # of a file of evaluations
    "system": "name of the system",
    "paper": "title of the paper; rows of one paper are resampled together",
    "benchmark": "WikiText-103, WikiText-2 or Penn Treebank",
    "publication_date": "day on which it was published",
    "parameters": "model size",
    "dataset_tokens": "size of the corpus, not tokens seen",
    "perplexity": "test perplexity",
    "architecture": "what the system is built of",
    "epochs": "passes over the corpus",
    "vocabulary": "size of the output vocabulary",
    "source": "where the figures are from",
}
VARIABLES = {  # of `data.variables.regressors`
    "benchmark": "WikiText-103 (the reference), WikiText-2 or Penn Treebank",
    "architecture": "transformer or other",
    "transformer": "one for transformers, zero for others",
    "years": "years since the first evaluation",
    "log_calendar_year": "log of the calendar year",
    "log_parameters": "log of the parameters, over the least",
    "log_tokens": "log of the tokens of the dataset, over the least",
    "log_tokens_seen": "the same, times epochs",
    "log_effective_tokens": "the same, with epochs at diminishing returns, as Ho et al. (2024) count them",
    "log_repeated_tokens": "the same, with repetitions in place of epochs",
    "log_compute": "log of training compute, six times parameters times tokens, over the least",
    "log_vocabulary": "log of the vocabulary, where it is known",
    "log_vocabulary_imputed": "the same, with the typical size of the benchmark where it is not",
}


def columns() -> pd.DataFrame:
    """Return what a file of evaluations may hold: column, what it is, unit, rule (that of the book's own table)."""
    rows = []
    for name, words in COLUMNS.items():
        field = table("evaluations").field(name)
        rules = ["needed" if name in own.NEEDED else "may be left out", *field.checks()]
        rows.append((f"`{name}`", words, field.unit, "; ".join(rules)))
    return pd.DataFrame(rows, columns=["column", "what it is", "unit", "rule"])


def browser() -> tuple[float, int]:
    """Return the megabytes of Python for browsers, and how many libraries of a comparison cannot be had for it."""
    sizes = tables.read("browser_parts")["bytes"]
    return float(sizes.sum() / 1e6), int(sizes.isna().sum())


def variables() -> pd.DataFrame:
    """Return what the formulas of a law may name: variable (as code) and what it is."""
    return pd.DataFrame([(f"`{name}`", what) for name, what in VARIABLES.items()], columns=["variable", "what it is"])


def formulas(laws: Mapping[str, Law]) -> pd.DataFrame:
    """Return laws to read: id, name, and their formulas as code."""
    rows = []
    for id, law in laws.items():
        rows.append((id, law.name, *(f"`{part}`" if part else "" for part in (law.capacity, law.data, law.floor))))
    return pd.DataFrame(rows, columns=["id", "name", "capacity", "data", "floor"])


def moves(change: Change) -> pd.DataFrame:
    """Return the coefficients that moved most, to read: before, after, spread, moved."""
    frame = change.moves().head(2 * MOVES)
    for name, spec in {"before": ".3f", "after": ".3f", "spread": ".3f", "moved": ".2f"}.items():
        frame[name] = [written(value, spec) for value in frame[name]]
    frame["coefficient"] = [f"`{name}`" for name in frame["coefficient"]]
    return frame.rename(columns={"moved": "moved, in spreads"})
