"""Scenarios of effective compute as tables to read; every number in them is extrapolated, and says so by a star."""

import numpy as np
import pandas as pd

from algoprogress.fits.rates import doubling_time_months
from algoprogress.show.estimate import Estimate
from algoprogress.show.words import written
from book.studies.outlook import study

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


def _range(found: Estimate) -> str:
    return f"{_factor(found.low)} to {_factor(found.high)}"


def about(rows: pd.DataFrame) -> dict[str, str]:
    """Return the factors among rows of the ledger by id, in two digits: `<id>.about` and `<id>.about_interval`."""
    found = {}
    for id, row in rows[rows["unit"] == "times"].iterrows():
        factor = Estimate.of_row(row, ("estimate", "low", "high"))
        found |= {f"{id}.about": _factor(factor.value), f"{id}.about_interval": _range(factor)}
    return found


def scenarios(frame: pd.DataFrame) -> pd.DataFrame:
    """Return effective compute of `study.table` to read; a star marks what is extrapolated: all of it."""
    part, rows = frame[frame["part"] == "effective"].set_index("scenario"), []
    for name, scenario in study.SCENARIOS.items():
        half, most, _ = part.loc[name, list(study.LEVELS)]
        rows.append((*scenario.words, f"{_factor(half.value)}*", f"{_range(half)}*", f"{_range(most)}*"))
    return pd.DataFrame(rows, columns=["algorithms", "compute", "median", "50% interval", "90% interval"])


def parts(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the part of algorithms alone to read, with the doubling time that the median stands for."""
    found, rows = frame[frame["part"] == "algorithms"].set_index("scenario")["within90"], []
    for name in [*study.ALGORITHMS, "pooled"]:
        factor, said = found[name], study.SCENARIOS[name].words[0]
        months = doubling_time_months(np.log(factor.value) / (study.END - study.START))
        rows.append((said, f"{_factor(factor.value)}*", f"{_range(factor)}*", written(months, ".1f")))
    return pd.DataFrame(rows, columns=["algorithms", "median", "90% interval", "months to double"])


def split(frame: pd.DataFrame) -> pd.DataFrame:
    """Return `study.split` to read, with what would settle each component."""
    known = frame.set_index("component").loc[list(study.COMPONENTS)]
    rows = [
        (said, f"{row.share:.1%}", written(row.width_known, ".1f"), WHAT_WOULD[row.Index])
        for said, row in zip(study.COMPONENTS.values(), known.itertuples(), strict=True)
    ]
    columns = ["what is uncertain", "share of the variance", "decades if known", "what would settle it"]
    return pd.DataFrame(rows, columns=columns)
