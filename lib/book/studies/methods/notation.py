"""Symbols of the book as a table to read, each with its name in the tables and the code."""

import pandas as pd

from algoprogress.data import tables

UNLISTED = (  # without a docstring of their own, and so not in the reference
    *("fits.fit.PENALTY", "frontiers.estimators.FLOOR", "data.variables.REPETITION_DECAY"),
    *("fits.fit.Fit.params", "fits.fit.Fit.objective", "fits.rates.Growth.parameters", "fits.rates.Growth.compute"),
)


def symbols() -> pd.DataFrame:
    """Return `data/symbols.csv` as ready strings: symbol, meaning (linked to its page), unit, name."""
    frame = tables.read("symbols")
    meaning = "{doc}`" + frame["meaning"] + " <" + frame["page"] + ">`"
    names = [", ".join(map(_code, names.split(", "))) for names in frame["name"]]
    return pd.DataFrame({"symbol": "$" + frame["tex"] + "$", "meaning": meaning, "unit": frame["unit"], "name": names})


def _code(name: str) -> str:
    """Return a name as code, linked to the reference if it is a place in the code that stands there."""
    return f"{{py:obj}}`{name} <algoprogress.{name}>`" if "." in name and name not in UNLISTED else f"`{name}`"
