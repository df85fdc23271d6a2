"""What other papers find: gains and rates as published, in one unit each."""

import numpy as np
import pandas as pd

from algoprogress.data import tables
from algoprogress.fits.rates import MONTHS_PER_YEAR
from algoprogress.show.estimate import Estimate, estimates

PER_MONTH = {"months": 1.0, "days": 365.25 / 12.0}  # how many of a unit of time
MARKS = dict.fromkeys(("scaling-law extrapolation", "counterfactual"), "extrapolated")
MARKS |= dict.fromkeys(("figure", "assumption"), "read off")


def months(value: float, unit: str, period: str = "") -> float:
    """Return the months in which something doubles or halves, from months, days, a yearly factor or a total one.

    A total is spread over the years of its period, such as 2017-2024. Raises ValueError for another unit.

    >>> months(4.0, "x per year"), round(months(8.0, "x total", "2017-2023"), 6)
    (6.0, 24.0)
    """
    if unit in PER_MONTH:
        return float(value / PER_MONTH[unit])
    if unit not in ("x per year", "x total"):
        raise ValueError(f"unit {unit!r}: must be months, days, x per year or x total")
    first, last = map(float, period.split("-")) if unit == "x total" else (0.0, 1.0)
    return float(MONTHS_PER_YEAR * (last - first) * np.log(2.0) / np.log(value))


def rates() -> pd.DataFrame:
    """Return `data/growth_rates.csv`, as stated, with `months`: estimates of the months to double or halve."""
    frame = tables.read("growth_rates")
    found = []
    for row in frame.itertuples():
        value, *ends = (months(each, row.unit, row.period) for each in (row.central, row.low, row.high))
        low, high = reversed(ends) if row.unit.startswith("x ") else ends  # a large factor is a short time
        found.append(Estimate(value, low, high, row.interval, "months"))
    return frame.assign(months=found)


def gains() -> pd.DataFrame:
    """Return `data/literature_gains.csv` with gain as estimates, of a bare range its geometric mean, and mark."""
    frame = tables.read("literature_gains")
    middle = frame["gain"].fillna(np.sqrt(frame["low"] * frame["high"]))
    found = estimates(frame.assign(gain=middle), ("gain", "low", "high"), covers="as published")
    return frame.assign(gain=found, mark=frame["kind"].map(MARKS).fillna("measured")).drop(columns=["low", "high"])
