"""How often the bootstrap's intervals hold the true doubling time, on data simulated with errors shared within papers.

`python -m book.studies.selection.coverage` draws the samples and writes `data/coverage.csv`; the chapters read
that table and the tests recompute part of it.
"""

import numpy as np
import pandas as pd

from algoprogress.data import describe, tables
from algoprogress.engine import parallel
from algoprogress.fits import batch, fit, resample
from algoprogress.fits import rates as progress
from algoprogress.laws import catalogue
from algoprogress.laws.law import Design
from algoprogress.show.estimate import Estimate
from book import computed

SAMPLES, DRAWS, SEED = 200, 200, 20240309
PENALTIES = (fit.PENALTY, 0.0)
PILOTS = 4  # of each simulated sample; its resamples resemble each other more than those of real errors do
ENDS = {"low": 0.025, "median": 0.5, "high": 0.975}


def truth() -> tuple[fit.Fit, float, float]:
    """Return the truth simulated, model 7 converged without a penalty, and its spreads in nats: of papers, of rows."""
    sample = tables.evaluations().published_sample()
    found, frame = fit.converged(catalogue.law("7"), sample, penalty=0.0), sample.frame
    residuals = (frame["loss_nats"] - found.predict(frame)).to_numpy()
    return found, *variance_components(residuals, frame["paper_id"].to_numpy())


def variance_components(values: np.ndarray, groups: np.ndarray) -> tuple[float, float]:
    """Return the standard deviations between groups (zero if negative) and within them, by the method of moments.

    For a one-way layout with groups of unequal size (Searle, Casella & McCulloch 1992, ch. 3).

    >>> tuple(round(value, 6) for value in variance_components(np.array([1.0, 3.0, 5.0, 7.0]), np.array([0, 0, 1, 1])))
    (2.645751, 1.414214)
    """
    _, membership, sizes = np.unique(groups, return_inverse=True, return_counts=True)
    means = np.bincount(membership, values) / sizes
    within = ((values - means[membership]) ** 2).sum() / (len(values) - len(sizes))
    between = (sizes * (means - values.mean()) ** 2).sum() / (len(sizes) - 1)
    typical = (len(values) - (sizes**2).sum() / len(values)) / (len(sizes) - 1)
    return float(np.sqrt(max((between - within) / typical, 0.0))), float(np.sqrt(within))


def simulate(samples: int = SAMPLES) -> pd.DataFrame:
    """Return the bootstrap intervals of the growth rate of effective compute on simulated samples.

    One line per sample, penalty and way of resampling (by). Columns: sample, penalty, by, true_rate, low, median, high
    (per year, natural log, 95%), unconverged (share of the draws).
    """
    found, shared, own = truth()
    sample, params = tables.evaluations().published_sample(), found.params.to_numpy()
    design, _, reference = fit.problem(found.law, sample)
    papers, membership = np.unique(sample.frame["paper_id"], return_inverse=True)
    tasks = []
    for index in range(samples):
        rng = np.random.default_rng([SEED, index])
        errors = shared * rng.normal(size=len(papers))[membership] + own * rng.normal(size=len(design))
        tasks.append((design, design.predict(params) + errors, membership, reference, index))
    lines = [line for lines in parallel.mapped(_intervals, tasks, label="simulated samples") for line in lines]
    true = float(progress.growth(found.law, reference, params).compute[0])
    return pd.DataFrame(lines).assign(true_rate=true)[describe.table("coverage").names]


def _intervals(design: Design, loss: np.ndarray, membership: np.ndarray, reference, index: int) -> list[dict]:
    lines = []
    for penalty in PENALTIES:
        for by, groups in (("row", np.arange(len(loss))), ("paper", membership)):
            weights = resample.paper_weights(groups, DRAWS, np.random.default_rng([SEED, index, 1]))
            found = batch.solve(design, loss, weights, penalties=fit.strengths(design, penalty), pilots=PILOTS)
            rates = progress.growth(catalogue.law(design.law), reference, found.params[found.converged]).compute
            ends = zip(ENDS, np.quantile(rates, list(ENDS.values())), strict=True)
            unconverged = float((~found.converged).mean())
            lines.append({"sample": index + 1, "penalty": penalty, "by": by, **dict(ends), "unconverged": unconverged})
    return lines


def rates(simulated: pd.DataFrame) -> pd.DataFrame:
    """Return how often the intervals hold the truth, one line per penalty and way of resampling.

    Columns: penalty, by, samples, coverage (an estimate; Wilson), too_slow and too_fast (shares of samples whose whole
    interval lies on that side of the truth), median_months (of the samples' medians), true_months.
    """
    lines = []
    for (penalty, by), part in simulated.groupby(["penalty", "by"], sort=False):
        slow, fast = part["high"] < part["true_rate"], part["low"] > part["true_rate"]
        held = Estimate.of_share(~slow & ~fast, covers=f"95%, {len(part)} simulated samples")
        months = progress.doubling_time_months([part["median"].median(), part["true_rate"].iloc[0]])
        lines.append((penalty, by, len(part), held, slow.mean(), fast.mean(), *months))
    names = ["penalty", "by", "samples", "coverage", "too_slow", "too_fast", "median_months", "true_months"]
    return pd.DataFrame(lines, columns=names)


if __name__ == "__main__":
    from book.studies.selection import coverage  # by this name its tasks go to other processes

    computed.seal_computed({"coverage": coverage.simulate()})
