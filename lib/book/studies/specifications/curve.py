"""What the specification curve says: its quantiles, its levels, shares of its variance, and what one paper can do.

The specifications are those of `study`.
"""

import itertools

import numpy as np
import pandas as pd

from algoprogress.data.sample import Sample
from algoprogress.engine.cache import cached
from algoprogress.fits import fit, resample
from algoprogress.fits.rates import doubling_time_months, growth, months_of, point_months
from algoprogress.fits.resample import Draws
from algoprogress.laws import catalogue
from algoprogress.laws.law import Law
from algoprogress.show.estimate import Estimate
from book.studies.selection.held_out import left_out
from book.studies.specifications.study import CHOICES, NESTED


def months(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the table of specifications with months, months_low and months_high, infinite without progress."""
    found = {"months": "rate", "months_low": "high", "months_high": "low"}
    return frame.assign(**{name: doubling_time_months(frame[rate]) for name, rate in found.items()})


def quantiles(frame: pd.DataFrame) -> Estimate:
    """Return the median doubling time over specifications in months, with the middle 95% of them."""
    covers = f"95% of {len(frame):,} specifications, no resampling"
    return months_of(Estimate.from_draws(frame["rate"], covers=covers))


def by_level(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the curve within each level of each choice: choice, level, specifications, months (an estimate).

    A choice nested in another is shown where that one leaves it open.
    """
    lines = []
    for choice in CHOICES:
        free = frame.groupby(NESTED[choice])[choice].transform("nunique") > 1 if choice in NESTED else frame["n"] > 0
        for level in frame.loc[free, choice].unique():
            part = frame[free & (frame[choice] == level)]
            lines.append((choice, str(level), len(part), quantiles(part)))
    return pd.DataFrame(lines, columns=["choice", "level", "specifications", "months"])


def variance(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the share of the variance of the growth rate over specifications that each choice explains.

    Columns: choice, alone (the variance of the means of its levels) and involved (the mean variance over its levels
    with all other choices held: what would go if it were settled last), as shares of the total variance. For a choice
    nested in another, the means are taken within the levels of that one. The rates are ranked first, since a few are
    very large; shares of the ranks' variance are free of the unit. In a full factorial these are the first-order and
    total indices of Sobol 2001.
    """
    ranks = frame.assign(rank=frame["rate"].rank())
    total = ranks["rank"].var(ddof=0)
    lines = []
    for choice in CHOICES:
        outer = [NESTED[choice]] if choice in NESTED else []
        means = ranks.groupby([*outer, choice])["rank"].transform("mean")
        around = ranks.groupby(outer)["rank"].transform("mean") if outer else ranks["rank"].mean()
        others = [name for name in CHOICES if name != choice]
        left = ranks["rank"] - ranks.groupby(others)["rank"].transform("mean")
        lines.append((choice, ((means - around) ** 2).mean() / total, (left**2).mean() / total))
    return pd.DataFrame(lines, columns=["choice", "alone", "involved"])


@cached
def leave_out(law: Law, sample: Sample, *, by: str = "paper", penalty: float = fit.PENALTY, seed: int = 0) -> Draws:
    """Return the converged fits without each paper (`by="paper"`) or row (`by="row"`), in the order of `np.unique`.

    The normalisation is that of all rows. Raises ValueError for another `by`.
    """
    return resample.weighted(law, sample, left_out(resample.groups(sample, by)), by=by, penalty=penalty, seed=seed)


@cached
def leave_outs(sample: Sample) -> pd.DataFrame:
    """Return the doubling time of model 7 without each paper and without each row, converged.

    Columns: penalty, by (paper or row), left_out (paper or system), months, all_rows (months with nothing left out),
    converged.
    """
    law, names = catalogue.law("7"), {"paper": "paper", "row": "system"}
    parts = []
    for penalty, by in itertools.product((fit.PENALTY, 0.0), names):
        draws = leave_out(law, sample, by=by, penalty=penalty)
        frame = sample.frame if by == "row" else sample.frame.drop_duplicates("paper_id").sort_values("paper_id")
        facts = {"penalty": penalty, "by": by, "left_out": frame[names[by]].to_numpy()}
        facts["months"] = doubling_time_months(growth(law, draws.reference, draws.params).compute)
        facts["all_rows"] = point_months(fit.converged(law, sample, penalty=penalty))
        parts.append(pd.DataFrame({**facts, "converged": draws.converged}))
    return pd.concat(parts, ignore_index=True)


def most_moved(frame: pd.DataFrame, *, count: int = 3) -> pd.DataFrame:
    """Return the papers and rows of `leave_outs` that move the doubling time most, by penalty, to read."""
    moved = frame.assign(move=np.abs(np.log(frame["months"] / frame["all_rows"])))
    largest = moved.sort_values("move", ascending=False).groupby(["penalty", "by"], sort=False).head(count)
    chosen = largest.sort_values(["penalty", "by", "move"], ascending=[False, True, False])
    titles = {"by": "left out", "left_out": "name", "months": "months without", "all_rows": "with all rows"}
    return chosen.assign(penalty=chosen["penalty"].map("{:g}".format))[["penalty", *titles]].rename(columns=titles)


def runaway(frame: pd.DataFrame) -> float:
    """Return the share of the specifications that are meant to converge and have not within the solver's steps."""
    return float(1.0 - frame.loc[frame["optimiser"] == "converged", "converged"].mean())


def typical_width(frame: pd.DataFrame) -> float:
    """Return the median over specifications of the upper end of the doubling time over its lower end."""
    found = months(frame)
    return float((found["months_high"] / found["months_low"]).median())


def decisive(frame: pd.DataFrame) -> str:
    """Return the system without which the unpenalised doubling time is shortest (`leave_outs`)."""
    rows = frame[(frame["by"] == "row") & (frame["penalty"] == 0.0)]
    return str(rows.loc[rows["months"].idxmin(), "left_out"])
