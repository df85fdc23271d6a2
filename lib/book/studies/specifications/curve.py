"""What the specification curve says: its quantiles, its levels, shares of its variance, and what one paper can do."""

import itertools

import numpy as np
import pandas as pd

from algoprogress.data.sample import Sample
from algoprogress.engine.cache import cached
from algoprogress.fits import fit, resample
from algoprogress.fits.rates import doubling_time_months, growth, months_of, point_months
from algoprogress.laws import catalogue
from algoprogress.show.estimate import Estimate
from book.studies.selection.held_out import left_out
from book.studies.specifications.study import AROUND, CHOICES, NESTED

CHANGES = {  # levels that are varied alone, as they are read
    "sheet": "epochs of the authors' table", "no zero-shot": "without zero-shot evaluations",
    "no cache": "without models helped by a cache", "outliers too": "with rows marked as outliers",
    "left out too": "with rows marked as left out", "uncertain too": "with rows marked as uncertain",
    "four systems too": "with the four systems dropped by name", "all of a paper": "with all rows of a paper",
}  # fmt: skip


def months(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the table of specifications with months, their ends, infinite without progress, and `undetermined`."""
    found = {"months": "rate", "months_low": "high", "months_high": "low"}
    frame = frame.assign(**{name: doubling_time_months(frame[rate]) for name, rate in found.items()})
    return frame.assign(months_undetermined=undetermined(frame["months_high"]))


def undetermined(slowest_months: pd.Series | float) -> np.ndarray:
    """Return which ends of intervals are not known, as in `Estimate`, by the slower ends.

    20 and 100 draws determine no end of a 95% interval (`Estimate.from_draws`); one at infinity is as far as it goes.
    """
    return np.where(np.isfinite(slowest_months), "low high", "low")


def factorial(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the specifications of the full product of choices: those without a level that is varied alone."""
    return frame[~np.logical_or.reduce([frame[choice].isin(levels) for choice, levels in AROUND.items()])]


def around(frame: pd.DataFrame) -> pd.DataFrame:
    """Return what each level that is varied alone does to the rate of progress, all other choices the same.

    Columns: choice, level, n (its most rows), months (over its specifications) and pace (the rate over that with the
    published rows, or with unknown epochs counted as one: median and middle 95% of the pairs), both estimates.
    """
    usual, lines = {"rows": "top 3", "missing": "one"}, []
    for choice, levels in AROUND.items():
        keys = [name for name in CHOICES if name != choice]
        base = frame[frame[choice] == usual[choice]].set_index(keys)["rate"]
        for level in levels:
            part = frame[frame[choice] == level]
            pace = part.set_index(keys)["rate"] / base
            covers = f"95% of {len(part):,} pairs of specifications, no resampling"
            found = Estimate.from_draws(pace[base[pace.index] > 0], covers=covers, unit="times", complete=True)
            lines.append((choice, level, part["n"].max(), quantiles(part), found))
    return pd.DataFrame(lines, columns=["choice", "level", "n", "months", "pace"])


def quantiles(frame: pd.DataFrame) -> Estimate:
    """Return the median doubling time over specifications in months, with the middle 95% of them."""
    covers = f"95% of {len(frame):,} specifications, no resampling"
    return months_of(Estimate.from_draws(frame["rate"], covers=covers, complete=True))


def by_level(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the curve by level of each choice, if nested where it is open: choice, level, specifications, months.

    Only of the full product, as levels that are varied alone come with fewer of the other choices.
    """
    frame, lines = factorial(frame), []
    for choice in CHOICES:
        free = frame.groupby(NESTED[choice])[choice].transform("nunique") > 1 if choice in NESTED else frame["n"] > 0
        for level, part in frame[free].groupby(choice, sort=False):
            lines.append((choice, str(level), len(part), quantiles(part)))
    return pd.DataFrame(lines, columns=["choice", "level", "specifications", "months"])


def variance(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the share of the variance of the growth rate over specifications that each choice explains.

    Columns: choice, alone (the variance of the means of its levels, for a choice nested in another within the levels of
    that one) and involved (the mean variance over its levels with all other choices held: what would go if it were
    settled last), as shares of the total. The rates are ranked first, since a few are very large. In a full factorial
    these are the first-order and total indices of Sobol 2001. Levels that are varied alone do not count.
    """
    frame, lines = factorial(frame), []
    ranks = frame.assign(rank=frame["rate"].rank(), all="all")
    total = ranks["rank"].var(ddof=0)
    for choice in CHOICES:
        outer = NESTED.get(choice, "all")
        means = ranks.groupby([outer, choice])["rank"].transform("mean")
        around = ranks.groupby(outer)["rank"].transform("mean")
        others = [name for name in CHOICES if name != choice]
        left = ranks["rank"] - ranks.groupby(others)["rank"].transform("mean")
        lines.append((choice, ((means - around) ** 2).mean() / total, (left**2).mean() / total))
    return pd.DataFrame(lines, columns=["choice", "alone", "involved"])


@cached
def leave_outs(sample: Sample) -> pd.DataFrame:
    """Return model 7 without each paper and row: penalty, by, left_out (its name), months, all_rows, converged."""
    law, names, parts = catalogue.law("7"), {"paper": "paper", "row": "system"}, []
    for penalty, by in itertools.product((fit.PENALTY, 0.0), names):
        weights = left_out(resample.groups(sample, by))  # in the order of `np.unique`; the normalisation is of all rows
        draws = resample.weighted(law, sample, weights, by=by, penalty=penalty)
        frame = sample.frame if by == "row" else sample.frame.drop_duplicates("paper_id").sort_values("paper_id")
        facts = {"penalty": penalty, "by": by, "left_out": frame[names[by]].to_numpy()}
        facts["months"] = doubling_time_months(growth(law, draws.reference, draws.params).compute)
        facts["all_rows"] = point_months(fit.converged(law, sample, penalty=penalty))
        parts.append(pd.DataFrame({**facts, "converged": draws.converged}))
    return pd.concat(parts, ignore_index=True)


def most_moved(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the three papers and rows of `leave_outs` that move the doubling time most, by penalty, to read."""
    moved = frame.assign(move=np.abs(np.log(frame["months"] / frame["all_rows"])))
    largest = moved.sort_values("move", ascending=False).groupby(["penalty", "by"], sort=False).head(3)
    chosen = largest.sort_values(["penalty", "by", "move"], ascending=[False, True, False])
    titles = {"by": "left out", "left_out": "name", "months": "months without", "all_rows": "with all rows"}
    return chosen.assign(penalty=chosen["penalty"].map("{:g}".format))[["penalty", *titles]].rename(columns=titles)


def around_to_read(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the result of `around` to read."""
    names = frame["level"].replace(CHANGES)
    months = frame["months"].map("{:.1f}".format)
    pace = frame["pace"].map(lambda found: str(found).replace(" times", ""))
    columns = {"what changes": names, "rows": frame["n"].astype(str), "months": months, "pace": pace}
    return pd.DataFrame(columns)


def spoken(frame: pd.DataFrame, outs: pd.DataFrame) -> dict[str, float | str]:
    """Return what the chapter says of the curve (its lines) and of `leave_outs`.

    `width`: the typical upper end of a doubling time over its lower; `floor`: the median of the largest floor over the
    lowest loss there; `at_bound`: the share of these that end at one; `decisive`: the system without which the
    unpenalised doubling time is shortest.
    """
    floors = frame.loc[frame["floor"] == "yes", "floor_share"]
    rows = outs.query("by == 'row' and penalty == 0")
    width = (frame["months_high"] / frame["months_low"]).median()
    decisive = rows.set_index("left_out")["months"].idxmin()
    return {"width": width, "floor": floors.median(), "at_bound": (floors > 0.999).mean(), "decisive": decisive}
