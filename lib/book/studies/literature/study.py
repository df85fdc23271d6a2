"""What other papers find: gains and rates as published, in one unit each."""

import numpy as np
import pandas as pd

from algoprogress.data import tables
from algoprogress.fits.rates import MONTHS_PER_YEAR
from algoprogress.show.estimate import Estimate, estimates
from book.studies.compute_optimal.pairs import NAMED
from book.studies.compute_optimal.study import mean_gain
from book.studies.verdicts import FOUND, to_row

PER_MONTH = {"months": 1.0, "days": 365.25 / 12.0}  # how many of a unit of time
QUESTIONS = {  # by the stem of its claims: the question, and what its answer is no answer to
    "book.answer": (
        "How much less compute for the same loss, all progress in training counted? The book's answer",
        "capability, prices, or years after 2023",
    ),
    "book.decision.architecture": (
        "How much by architecture alone, LSTM to today's transformer, where both were run?",
        "training beyond the compute of those runs, or changes since",
    ),
    "book.decision.capability": (
        "How much less compute for the same capability, with better data and later training? As published",
        "progress in algorithms alone: text, tuning and test practice count too",
    ),
}
SLOWER = (12, 18, 24)  # months
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


def architecture() -> Estimate:
    """Return the months to halve compute by architecture alone: LSTM to today's transformer, where both were run."""
    pair = NAMED["lstm_modern"]
    years = pair.years[1] - pair.years[0]
    return mean_gain(pair).map(lambda gain: MONTHS_PER_YEAR * years / float(np.log2(gain)), unit="months")


def capability() -> Estimate:
    """Return the median and the range of the months in which compute for a capability halves, as published."""
    rows = rates()
    found = [each.value for each in rows.loc[rows["group"] == "capability of language models", "months"]]
    covers = f"range over {len(found)} published rates of capability, no sampling interval"
    return Estimate(float(np.median(found)), min(found), max(found), covers, "months")


def gains() -> pd.DataFrame:
    """Return `data/literature_gains.csv` with gain as estimates, of a bare range its geometric mean, and mark."""
    frame = tables.read("literature_gains")
    middle = frame["gain"].fillna(np.sqrt(frame["low"] * frame["high"]))
    found = estimates(frame.assign(gain=middle), ("gain", "low", "high"), covers="as published")
    return frame.assign(gain=found, mark=frame["kind"].map(MARKS).fillna("measured")).drop(columns=["low", "high"])


def answers(ledger: pd.DataFrame) -> list[tuple[str, str, Estimate, Estimate]]:
    """Return of each of `QUESTIONS` its stem, its words, the factor of a year and the months, from the ledger."""
    rows = ledger.set_index("id")

    def found(id: str) -> Estimate:
        return Estimate.of_row(rows.loc[id], FOUND, unit=rows.loc[id, "unit"])

    names = ("yearly_factor", "doubling_months")
    return [(stem, words, *(found(f"{stem}.{name}") for name in names)) for stem, (words, _) in QUESTIONS.items()]


def card(ledger: pd.DataFrame) -> pd.DataFrame:
    """Return which rate is for which question, to read: question, factor of a year, months, and what it is not for."""
    lines = [
        {
            "question": words,
            "each year": f"{factor}",
            "compute halves in": to_row(str(months), f"{stem}.doubling_months"),
            "not for": QUESTIONS[stem][1],
        }
        for stem, words, factor, months in answers(ledger)
    ]
    return pd.DataFrame(lines)


def decisions(ledger: pd.DataFrame) -> pd.DataFrame:
    """Return the rates for three questions to read: question, factor a year, months, chance of slower than `SLOWER`.

    Where there is no distribution of rates, the last say whether all or none of the interval lies beyond.
    """
    rows, lines = ledger.set_index("id"), []
    for stem, words, factor, months in answers(ledger):
        line = {"question": words, "factor a year": str(factor), "halves in": str(months)}
        for limit in SLOWER:
            side = "all" if months.low > limit else "none" if months.high < limit else "part"
            chance = f"{stem}.slower_than_{limit}"
            known = chance in rows.index
            said = str(Estimate.of_row(rows.loc[chance], FOUND, unit="share")) if known else f"{side} of the interval"
            line[f"slower than {limit} months"] = said
        lines.append(line)
    return pd.DataFrame(lines)
