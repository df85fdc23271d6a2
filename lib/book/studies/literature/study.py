"""What other papers find: gains and rates as published, in one unit each, and the book's own beside them."""

import numpy as np
import pandas as pd

from algoprogress.data import tables
from algoprogress.fits.rates import MONTHS_PER_YEAR
from algoprogress.show.estimate import Estimate, estimates
from book.studies.compute_optimal.pairs import NAMED
from book.studies.compute_optimal.study import mean_gain
from book.studies.verdicts import FOUND

PER_MONTH = {"months": 1.0, "days": 365.25 / 12.0}  # how many of a unit of time
OWN_GAINS = {  # id in the ledger: group, words
    "gundlach.ceg_lstm_modern.loss_490.direct": ("whole path", "LSTM to today's transformer, as measured"),
    "speedrun.total_tokens": ("whole recipe", "public race, tokens"),
    "strict.six.recipe": ("whole recipe", "Kaplan's training recipe to a matched decay"),
    "strict.six.families.reruns": ("whole recipe", "transformer of 2017 to today's, reruns"),
    "strict.six.architecture.best": ("one change", "architecture of GPT-3 to xLSTM"),
    "strict.mixtures.clark.large": ("experts", "Clark's law, largest size"),
    "strict.mixtures.abnar.1in8": ("experts", "Abnar's law, 1 in 8"),
    "allocation.ceg_kaplan.3e23.besiroglu": ("allocation", "optimum of Kaplan's law at GPT-3's compute"),
    "allocation.ceg_kaplan.3e23.besiroglu.rule": ("allocation", "Kaplan's rule at GPT-3's compute"),
    "allocation.realised.besiroglu": ("allocation", "splits as they were, 2020 to Chinchilla"),
}
OWN_RATES = {
    "ho.model7.doubling_months.converged_papers": ("loss of language models", "Ho et al. solved exactly"),
    "ho.model7.doubling_months.unpenalised_papers": ("loss of language models", "the same without penalty"),
    "book.answer.doubling_months": ("loss of language models", "the book's answer"),
    "ho.bayes.experiments.doubling_months": ("loss of language models", "exponents of experiments imposed"),
    "speedrun.halving_months": ("time to one loss", "public race, time"),
    "speedrun.tokens_halving_months.after": ("time to one loss", "public race, tokens since its bend"),
    "domains.efficiency.alexnet": ("accuracy of vision models", "compute for AlexNet's accuracy"),
}
QUESTIONS = {
    "A loss on a benchmark, size and amount of data as they are: the book's answer": "book.answer",
    "Architecture alone, LSTM to today's transformer, where both were run": "book.decision.architecture",
    "A capability, with better data and training after training: as published": "book.decision.capability",
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


def yearly(months: float) -> float:
    """Return the factor of a year in which something doubles in some months.

    >>> yearly(6.0)
    4.0
    """
    return float(2.0 ** (MONTHS_PER_YEAR / months))


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


def own(ledger: pd.DataFrame, chosen: dict[str, tuple[str, str]]) -> pd.DataFrame:
    """Return rows of the ledger: id, group, words, found (estimate). Raises KeyError for a missing id."""
    lines = []
    for id, row in ledger.set_index("id").loc[list(chosen)].iterrows():
        found = Estimate.of_row(row, FOUND, covers=row["interval"], unit=row["unit"])
        lines.append((id, *chosen[id], found))
    return pd.DataFrame(lines, columns=["id", "group", "words", "found"])


def decisions(ledger: pd.DataFrame) -> pd.DataFrame:
    """Return the rates for three questions to read: question, factor a year, months, chance of slower than `SLOWER`.

    Where there is no distribution of rates, the last say whether all or none of the interval lies beyond.
    """
    rows, lines = ledger.set_index("id"), []
    for words, stem in QUESTIONS.items():
        factor, months = (
            Estimate.of_row(row, FOUND, unit=row["unit"])
            for row in (rows.loc[f"{stem}.{name}"] for name in ("yearly_factor", "doubling_months"))
        )
        line = {"question": words, "factor a year": str(factor), "halves in": str(months)}
        for limit in SLOWER:
            side = "all" if months.low > limit else "none" if months.high < limit else "part"
            chance = f"{stem}.slower_than_{limit}"
            known = chance in rows.index
            said = str(Estimate.of_row(rows.loc[chance], FOUND, unit="share")) if known else f"{side} of the interval"
            line[f"slower than {limit} months"] = said
        lines.append(line)
    return pd.DataFrame(lines)
