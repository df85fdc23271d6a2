"""Scenarios of effective compute as tables to read; every number in them is extrapolated, and says so."""

from __future__ import annotations

import numpy as np
import pandas as pd

from algoprogress.show.words import written
from book.studies.outlook import study as outlook

WHAT_WOULD = {  # component: what would settle it
    "procedure": "simulated samples on which only some procedures find the truth",
    "specifications": "sizes and tokens varied apart, by year, so that laws, floors and penalties differ in fit",
    "sampling": "old and new recipes trained on one text at several sizes, or far more evaluations",
    "line": "the compute of the largest models of the next years",
    "organisations": "stated training compute of more organisations",
}


def _factor(value: float) -> str:
    """Return a factor in two digits, in powers of ten from a thousand on."""
    if value >= 1000.0:
        return written(value, ".1e")
    return written(value, ".0f" if value >= 10.0 else ".1f" if value >= 1.0 else ".2f")


def _range(low: float, high: float) -> str:
    return f"{_factor(low)} to {_factor(high)}"


def about(rows: pd.DataFrame) -> dict[str, str]:
    """Return the factors among rows of the ledger by id, in two digits: `<id>.about` and `<id>.about_interval`."""
    factors = rows[rows["unit"] == "times"]
    points = {f"{row.Index}.about": _factor(row.estimate) for row in factors.itertuples()}
    return points | {f"{row.Index}.about_interval": _range(row.low, row.high) for row in factors.itertuples()}


def scenarios(frame: pd.DataFrame) -> pd.DataFrame:
    """Return effective compute of `outlook.table` to read; a star marks what is extrapolated: all of it."""
    part = frame[frame["part"] == "effective"].set_index("scenario")
    rows = []
    for scenario in outlook.SCENARIOS:
        row, (algorithms, physical) = part.loc[scenario.name], outlook.words(scenario)
        rows.append(
            (
                algorithms,
                physical,
                f"{_factor(row['median'])}*",
                f"{_range(row['low50'], row['high50'])}*",
                f"{_range(row['low90'], row['high90'])}*",
            )
        )
    return pd.DataFrame(rows, columns=["algorithms", "compute", "median", "50% interval", "90% interval"])


def parts(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the part of algorithms alone to read, with the doubling time that the median stands for."""
    part = frame[frame["part"] == "algorithms"].set_index("scenario")
    rows = []
    for name in [*outlook.ALGORITHMS, "pooled"]:
        row = part.loc[name]
        years = outlook.END - outlook.START
        months = 12.0 * years * np.log(2.0) / np.log(row["median"]) if row["median"] > 1.0 else np.inf
        rows.append(
            (
                outlook.words(outlook.named(name))[0],
                f"{_factor(row['median'])}*",
                f"{_range(row['low90'], row['high90'])}*",
                written(months, ".1f"),
            )
        )
    return pd.DataFrame(rows, columns=["algorithms", "median", "90% interval", "months to double"])


def split(frame: pd.DataFrame) -> pd.DataFrame:
    """Return `outlook.split` to read, with what would settle each component."""
    rows = []
    for row in frame.itertuples():
        if row.component in outlook.COMPONENTS:
            rows.append(
                (
                    outlook.COMPONENTS[row.component],
                    f"{row.share:.1%}",
                    written(row.width_known, ".1f"),
                    WHAT_WOULD[row.component],
                )
            )
    return pd.DataFrame(
        rows, columns=["what is uncertain", "share of the variance", "decades if known", "what would settle it"]
    )
