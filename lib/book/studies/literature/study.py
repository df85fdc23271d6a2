"""What other papers find: gains and rates as published, in one unit each, and the book's own beside them.

Rates are turned into the months in which something doubles or halves: 12 ln 2 / ln x for a factor x a year.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from algoprogress.data import tables
from algoprogress.fits.rates import MONTHS_PER_YEAR

DAYS_PER_MONTH = 365.25 / 12.0
OWN_GAINS = {  # id in the ledger: group, words
    "gundlach.ceg_lstm_modern.loss_490.direct": ("whole path", "LSTM to today's transformer, as measured"),
    "speedrun.total_tokens": ("whole recipe", "public race, tokens"),
    "strict.six.recipe": ("whole recipe", "Kaplan's training recipe to a matched decay"),
    "strict.six.families.reruns": ("whole recipe", "transformer of 2017 to today's, reruns"),
    "strict.six.architecture.best": ("one change", "architecture of GPT-3 to xLSTM"),
    "strict.mixtures.clark.large": ("experts", "Clark's law, largest size"),
    "strict.mixtures.abnar.1in8": ("experts", "Abnar's law, 1 in 8"),
    "allocation.ceg_kaplan.3e23.besiroglu": ("allocation", "Kaplan's split at GPT-3's compute"),
    "allocation.realised.besiroglu": ("allocation", "splits as they were, 2020 to Chinchilla"),
}
OWN_RATES = {
    "ho.model7.doubling_months.converged_papers": ("loss of language models", "Ho et al. solved exactly"),
    "ho.model7.doubling_months.unpenalised_papers": ("loss of language models", "the same without penalty"),
    "ho.bayes.doubling_months": ("loss of language models", "hierarchical model"),
    "ho.bayes.experiments.doubling_months": ("loss of language models", "exponents of experiments imposed"),
    "speedrun.halving_months": ("time to one loss", "public race, time"),
    "speedrun.tokens_halving_months.after": ("time to one loss", "public race, tokens since its bend"),
    "domains.efficiency.alexnet": ("accuracy of vision models", "compute for AlexNet's accuracy"),
}
EXTRAPOLATED = ("scaling-law extrapolation", "counterfactual")
READ_OFF = ("figure", "assumption")


def months(value: float, unit: str, period: str = "") -> float:
    """Return the months in which something doubles or halves, from months, days, a yearly factor or a total one.

    A total needs the years of its period. Raises ValueError for another unit.

    >>> months(4.0, "x per year"), round(months(8.0, "x total", "2017-2023"), 6)
    (6.0, 24.0)
    """
    if unit == "months":
        return float(value)
    if unit == "days":
        return float(value / DAYS_PER_MONTH)
    if unit == "x per year":
        return float(MONTHS_PER_YEAR * np.log(2.0) / np.log(value))
    if unit == "x total":
        return float(MONTHS_PER_YEAR * years_of(period) * np.log(2.0) / np.log(value))
    raise ValueError(f"unit {unit!r}: must be months, days, x per year or x total")


def years_of(period: str) -> float:
    """Return the years between the first and the last year of a period such as 2017-2024."""
    first, last = period.split("-")
    return float(last) - float(first)


def rates() -> pd.DataFrame:
    """Return the published rates in months to double or halve: those of the table, and months, low, high.

    The ends are in order; an end that is not stated is missing.
    """
    frame = tables.read("growth_rates")
    columns = {
        name: [
            np.nan if pd.isna(value) else months(value, unit, period)
            for value, unit, period in zip(frame[name], frame["unit"], frame["period"], strict=True)
        ]
        for name in ("central", "low", "high")
    }
    ends = pd.DataFrame({name: columns[name] for name in ("low", "high")})
    swapped = frame["unit"].isin(["x per year", "x total"])
    low, high = ends["low"].where(~swapped, ends["high"]), ends["high"].where(~swapped, ends["low"])
    return frame.assign(months=columns["central"], low=low, high=high)


def gains() -> pd.DataFrame:
    """Return the published gains with `mark`: measured, extrapolated or read off, and the middle of a bare range.

    Middles are geometric. Columns: those of the table, with gain always there, and mark.
    """
    frame = tables.read("literature_gains")
    middle = np.sqrt(frame["low"] * frame["high"])
    mark = np.select(
        [frame["kind"].isin(EXTRAPOLATED), frame["kind"].isin(READ_OFF)], ["extrapolated", "read off"], "measured"
    )
    return frame.assign(mark=mark, gain=frame["gain"].fillna(middle))


def own(ledger: pd.DataFrame, chosen: dict[str, tuple[str, str]]) -> pd.DataFrame:
    """Return rows of the ledger: id, group, words, value, low, high. Raises KeyError for a missing id."""
    rows = ledger.set_index("id").loc[list(chosen)]
    return pd.DataFrame(
        {
            "id": rows.index,
            "group": [chosen[id][0] for id in rows.index],
            "words": [chosen[id][1] for id in rows.index],
            "value": rows["estimate"].to_numpy(),
            "low": rows["low"].to_numpy(),
            "high": rows["high"].to_numpy(),
        }
    )


def spread(frame: pd.DataFrame, value: str) -> pd.DataFrame:
    """Return how many estimates each group has, with the least, the median and the most."""
    return frame.groupby("group", sort=False)[value].agg(["size", "min", "median", "max"]).reset_index()


def product(frame: pd.DataFrame, group: str) -> float:
    """Return the product of the published gains of a group, which stands for nothing: their baselines differ."""
    return float(frame.loc[frame["group"] == group, "gain"].prod())
