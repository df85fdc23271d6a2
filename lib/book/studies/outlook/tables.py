"""Scenarios of effective compute as tables to read; every number in them is extrapolated, and says so by a star."""

import numpy as np
import pandas as pd

from algoprogress.fits.rates import doubling_time_months
from algoprogress.show.estimate import Estimate
from algoprogress.show.words import written
from book.studies.outlook import study

ALGORITHMS = {
    "published": "Ho et al., published bootstrap", "converged": "solved exactly, papers resampled",
    "bayes": "hierarchical model", "specifications": "every specification once",
    "scale": "gain grows with scale alone", "scale_reruns": "the same by the reruns",
    "strict": "the strict view's own number", "none": "no gain after 2026", "pooled": "five procedures, equal weight",
}  # fmt: skip
PHYSICAL = {"straight": "as since 2012", "bent": "as since its likeliest bend", "half": "half as fast, assumed"}
PHYSICAL |= {"pooled": "straight or bent, equal weight"}
COMPONENTS = {  # what is uncertain, and what would settle it
    "procedure": ("which procedure for algorithms", "simulated samples on which only some procedures find the truth"),
    "specifications": ("which specification",
                       "sizes and tokens varied apart, by year, so that laws, floors and penalties differ in fit"),
    "sampling": ("sampling error of a procedure",
                 "old and new recipes trained on one text at several sizes, or far more evaluations"),
    "line": ("whether compute bends", "the compute of the largest models of the next years"),
    "organisations": ("sampling error of compute", "stated training compute of more organisations"),
}  # fmt: skip


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
    rows = []
    for row in frame[frame["part"] == "effective"].itertuples():
        algorithms, physical = study.SCENARIOS[row.scenario]
        factors = f"{_factor(row.within50.value)}*", f"{_range(row.within50)}*", f"{_range(row.within90)}*"
        rows.append((ALGORITHMS[algorithms], PHYSICAL[physical], *factors))
    return pd.DataFrame(rows, columns=["algorithms", "compute", "median", "50% interval", "90% interval"])


def parts(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the part of algorithms alone to read, with the doubling time that the median stands for."""
    found, rows = frame[frame["part"] == "algorithms"].set_index("scenario")["within90"], []
    for name, said in ALGORITHMS.items():
        months = doubling_time_months(np.log(found[name].value) / (study.END - study.START))
        rows.append((said, f"{_factor(found[name].value)}*", f"{_range(found[name])}*", written(months, ".1f")))
    return pd.DataFrame(rows, columns=["algorithms", "median", "90% interval", "months to double"])


def split(frame: pd.DataFrame) -> pd.DataFrame:
    """Return `study.split` to read, with what would settle each component."""
    rows = []
    for row in frame[frame["component"].isin(COMPONENTS)].itertuples():
        uncertain, settled_by = COMPONENTS[row.component]
        rows.append((uncertain, f"{row.share:.1%}", written(row.width_known, ".1f"), settled_by))
    columns = ["what is uncertain", "share of the variance", "decades if known", "what would settle it"]
    return pd.DataFrame(rows, columns=columns)
