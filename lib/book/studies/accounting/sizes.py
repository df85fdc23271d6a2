"""What few sizes say of a total: draws by how many sizes they hold, each size left out, a law with effects of sizes."""

from dataclasses import replace

import numpy as np
import pandas as pd
from scipy.optimize import minimize
from scipy.stats import multivariate_t, t

from algoprogress.engine.cache import cached
from algoprogress.frontiers.estimators import PowerLaw, points, power_law
from algoprogress.frontiers.frontier import counts
from algoprogress.frontiers.gain import resamples
from algoprogress.frontiers.runs import nondominated, within
from algoprogress.show.estimate import LEVEL, Estimate
from book.studies.accounting import study
from book.studies.scaling import study as scaling

SIDES = {"lstm": "reference", "retro": "new"}  # of `study.Accounting`
MIDDLE_FLOP = 3e16  # at which a law with effects of sizes has its level


def drawn(compute_flop: float) -> pd.DataFrame:
    """Return the total of each resample of the published sizes, and how many sizes its poorer family has: sizes."""
    of = study.of_choice(scaling.PUBLISHED)
    pair = dict(zip(SIDES.values(), resamples(of.reference, of.new), strict=True))
    held = [_times(family).astype(bool).sum(axis=1) for family in SIDES]
    return pd.DataFrame({"total": study.totals(replace(of, **pair), compute_flop), "sizes": np.minimum(*held)})


def _times(family: str) -> np.ndarray:
    return counts(scaling.law(family).draws.groups, scaling.DRAWS, (scaling.FAMILIES.index(family),))


@cached
def left_out(compute_flop: float) -> pd.DataFrame:
    """Return the total without each published size of either family: family, hidden_dim, total."""
    of, found = study.of_choice(scaling.PUBLISHED), scaling.without_each_size().query("family in @SIDES")
    moved = [replace(of, **{SIDES[row.family]: row.law}) for row in found.itertuples()]
    return found[["family", "hidden_dim"]].assign(total=[float(study.totals(each, compute_flop)) for each in moved])


def jackknife(compute_flop: float) -> Estimate:
    """Return the total with the 95% interval of its ln by the jackknife over sizes, Student's t by the fewer sizes."""
    value = float(study.totals(study.of_choice(scaling.PUBLISHED), compute_flop))
    logs = np.log(left_out(compute_flop).set_index("family")["total"]).groupby("family")
    count = logs.size()
    error = np.sqrt(((count - 1) ** 2 / count * logs.var()).sum())
    ends = np.exp(np.log(value) + error * t.ppf([0.5 - LEVEL / 2, 0.5 + LEVEL / 2], count.min() - 1))
    return Estimate(value, *map(float, ends), f"95%, jackknife over sizes ({count.min()})")


def mixed(log_compute: np.ndarray, log_loss: np.ndarray, size: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return level and slope of a line whose level and slope depart by size, and their covariance.

    Departures are normal, each with a variance of its own, by restricted maximum likelihood (Laird and Ware 1982).
    """
    groups = [(np.column_stack([np.ones((size == k).sum()), log_compute[size == k]]), k) for k in np.unique(size)]

    def solved(spread: np.ndarray) -> tuple[float, np.ndarray, np.ndarray]:
        """Return the criterion, the line and its covariance for ln spreads of level and slope over that of errors."""
        bend, pull, ended, volume = np.zeros((2, 2)), np.zeros(2), 0.0, 0.0
        for x, k in groups:
            whole = np.eye(len(x)) + (x * np.exp(2.0 * spread)) @ x.T
            weighed = np.linalg.solve(whole, np.column_stack([x, log_loss[size == k]]))
            bend, pull = bend + x.T @ weighed[:, :2], pull + x.T @ weighed[:, 2]
            ended, volume = ended + log_loss[size == k] @ weighed[:, 2], volume + np.linalg.slogdet(whole)[1]
        line, free = np.linalg.solve(bend, pull), len(log_loss) - 2
        variance = (ended - pull @ line) / free
        return free * np.log(variance) + volume + np.linalg.slogdet(bend)[1], line, variance * np.linalg.inv(bend)

    best = minimize(lambda spread: solved(spread)[0], np.zeros(2), method="Nelder-Mead", bounds=[(-6.0, 6.0)] * 2)
    return solved(best.x)[1:]


@cached
def hierarchical(compute_flop: float, *, draws: int = 20_000) -> Estimate:
    """Return the total by laws in whose level and slope sizes differ (`mixed`), with the 95% of Student's t draws."""
    rng, laws, middle = np.random.default_rng(0), {}, np.log(MIDDLE_FLOP)
    for family, side in SIDES.items():
        found = within(scaling.of(family))
        found = found[nondominated(*points(found))]
        compute, loss = points(found)
        line, covariance = mixed(np.log(compute) - middle, np.log(loss - scaling.FLOOR), found["hidden_dim"].to_numpy())
        free = found["hidden_dim"].nunique() - 1
        level, slope = np.vstack([line, multivariate_t(line, covariance, free, seed=rng).rvs(draws)]).T
        laws[side] = PowerLaw(np.exp(level - slope * middle), slope, scaling.FLOOR)
    value, *found = study.totals(study.Accounting(**laws), compute_flop)
    return Estimate.from_draws(found, value=value, covers=f"95%, Student's t over sizes ({free + 1}), extrapolated")


@cached
def with_floor(floor: float, compute_flop: float) -> float:
    """Return the total by laws with another fixed floor, in nats per token."""
    laws = {side: power_law(scaling.of(family), floor=floor) for family, side in SIDES.items()}
    return float(study.totals(study.Accounting(**laws), compute_flop))


def compared(compute_flop: float) -> pd.DataFrame:
    """Return the total by each way to count on few sizes: how, total."""
    published, fitted = (study.of_choice(scaling.named(name)) for name in ("as published", "floor fitted"))
    rows = [("all draws, widened by Student's t", study.total(published, compute_flop))]
    value = float(study.totals(study.of_choice(scaling.PUBLISHED), compute_flop))
    for how, least in (("draws with 3 sizes or more", 3), ("draws with 4 sizes or more", 4)):
        totals = drawn(compute_flop).loc[lambda frame, least=least: frame["sizes"] >= least, "total"]
        rows.append((how, Estimate.from_draws(totals, value=value, covers=f"95%, {len(totals):,} {how}")))
    rows += [("jackknife over sizes", jackknife(compute_flop))]
    rows += [("sizes differ in level and slope", hierarchical(compute_flop))]
    return pd.DataFrame([*rows, ("floor fitted", study.total(fitted, compute_flop))], columns=["how", "total"])
