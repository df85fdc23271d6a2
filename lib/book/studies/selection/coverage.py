"""How often the bootstrap's intervals hold the true doubling time, on data simulated with errors as in the real rows.

`python -m book.studies.selection.coverage` draws the samples and writes `data/coverage.csv`; the chapters read
that table and the tests recompute part of it. Errors are shared within papers in part, and a row's own error is as
large as its benchmark's.
"""

import functools
import itertools
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from algoprogress.data import describe, tables
from algoprogress.data.sample import Sample
from algoprogress.engine import parallel
from algoprogress.fits import batch, fit, resample
from algoprogress.fits import rates as progress
from algoprogress.laws import catalogue
from algoprogress.show.estimate import Estimate
from book import computed

SAMPLES, WITHOUT_PENALTY, DRAWS, SEED = 1_000, 200, 200, 20240309
PROCEDURES = {  # how a resample is fitted, what is resampled, penalty: of so many simulated samples
    ("published", "row", fit.PENALTY): SAMPLES,
    ("converged", "row", fit.PENALTY): SAMPLES,
    ("converged", "paper", fit.PENALTY): SAMPLES,
    ("converged", "row", 0.0): WITHOUT_PENALTY,
    ("converged", "paper", 0.0): WITHOUT_PENALTY,
}
PILOTS = 4  # of each simulated sample; its resamples resemble each other more than those of real errors do
ENDS = {"low": 0.025, "median": 0.5, "high": 0.975}
FASTEST = 1e6  # per year: stands for a doubling time of zero


@dataclass(frozen=True)
class Truth:
    """What losses are simulated from: the rows, their mean loss, the yearly growth rate, spreads of papers and rows."""

    sample: Sample
    mean: np.ndarray
    rate: float
    paper_sd: float
    row_sd: np.ndarray | float

    def drawn(self, *seed: int) -> Sample:
        """Return the real rows with the losses of one simulation, errors shared within papers in part."""
        rng, frame = np.random.default_rng(seed), self.sample.frame
        papers, membership = np.unique(frame["paper_id"], return_inverse=True)
        shared = self.paper_sd * rng.normal(size=len(papers))[membership]
        loss = self.mean + shared + self.row_sd * rng.normal(size=len(frame))
        return replace(self.sample, frame=frame.assign(loss_nats=loss, perplexity=np.exp(loss)))


@functools.cache
def truth() -> Truth:
    """Return law 7 fitted to the real rows without a penalty, and the spreads of its residuals, in nats.

    Its coefficients stand in `data/simulation_truths.csv`: on their last digits hangs where the published optimiser
    stops.
    """
    sample, law = tables.evaluations().published_sample(), catalogue.law("7")
    design, target, reference = fit.problem(law, sample)
    kept = tables.read("simulation_truths").query("floor == 'no' and data == 'dataset'").set_index("parameter")["value"]
    params, papers = kept.loc[list(design.names)].to_numpy(), sample.frame["paper_id"].to_numpy()
    residuals = target - design.predict(params)
    shared, _ = variance_components(residuals, papers)
    own = within(residuals, papers, sample.frame["benchmark"].to_numpy())
    return Truth(sample, target - residuals, float(progress.growth(law, reference, params).compute[0]), shared, own)


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


def within(values: np.ndarray, groups: np.ndarray, kinds: np.ndarray) -> np.ndarray:
    """Return for each value the standard deviation within groups of its kind, by the method of moments.

    The squared distances from the groups' means, summed over a kind, are on average a known mix of the kinds' variances
    (Searle, Casella & McCulloch 1992, ch. 5); a variance that comes out negative is zero.

    >>> values, groups = np.array([1.0, 3.0, 5.0, 9.0]), np.array([0, 0, 1, 1])
    >>> within(values, groups, groups).round(6).tolist()
    [1.414214, 1.414214, 2.828427, 2.828427]
    """
    belongs = (pd.get_dummies(groups).to_numpy(float), pd.get_dummies(kinds).to_numpy(float))
    means = belongs[0] / belongs[0].sum(axis=0)  # of a group, by value
    apart = np.eye(len(values)) - belongs[0] @ means.T
    mix, squares = belongs[1].T @ apart**2 @ belongs[1], belongs[1].T @ (apart @ values) ** 2
    return belongs[1] @ np.sqrt(np.maximum(np.linalg.solve(mix, squares), 0.0))


def simulate(samples: int = SAMPLES) -> pd.DataFrame:
    """Return the intervals of the growth rate of effective compute on simulated samples.

    One line per procedure and sample. Columns: sample, method, by, penalty, true_rate, low, median, high (per year,
    natural log, 95%), unconverged (share of the draws).
    """
    each = itertools.product(range(samples), PROCEDURES.items())
    tasks = [(index, *procedure) for index, (procedure, count) in each if index < count]
    lines = parallel.mapped(interval, tasks, label="simulated samples")
    return pd.DataFrame(lines)[describe.table("coverage").names]


def interval(index: int, method: str, by: str, penalty: float) -> dict[str, object]:
    """Return a line of `simulate`: what one procedure says of one simulated sample.

    The authors take percentiles of the months, negative ones included: where their interval begins below zero it
    holds every rate from that of its other end on.
    """
    sample, law, ends = truth().drawn(SEED, index), catalogue.law("7"), list(ENDS.values())
    if method == "published":
        found = resample.published_bootstrap.__wrapped__(law, sample, penalty=penalty)
        rates, unconverged = progress.growth_rates(found), 0.0  # the authors keep all, whatever SLSQP says
        low, median, high = np.quantile(rates, ends)
        first, _, last = np.quantile(progress.doubling_time_months(rates, signed=True), ends)
        low, high = progress.doubling_time_months([last, first], signed=True)  # which turns months into a rate as well
        high = FASTEST if first <= 0.0 < last else high
    else:
        design, target, reference = fit.problem(law, sample)
        weights = resample.paper_weights(resample.groups(sample, by), DRAWS, np.random.default_rng([SEED, index, 1]))
        found = batch.solve(design, target, weights, penalties=fit.strengths(design, penalty), pilots=PILOTS)
        unconverged = float((~found.converged).mean())
        low, median, high = np.quantile(progress.growth(law, reference, found.params[found.converged]).compute, ends)
    line = {"low": low, "median": median, "high": high, "unconverged": unconverged, "true_rate": truth().rate}
    return {"sample": index + 1, "method": method, "by": by, "penalty": penalty, **line}


def rates(simulated: pd.DataFrame) -> pd.DataFrame:
    """Return how often the intervals hold the truth, one line per procedure.

    Columns: method, by, penalty, samples, coverage (an estimate; Wilson), too_slow and too_fast (shares of samples
    whose whole interval lies on that side of the truth), median_months (of the samples' medians), true_months.
    """
    lines = []
    for key, part in simulated.groupby(["method", "by", "penalty"], sort=False):
        slow, fast = part["high"] < part["true_rate"], part["low"] > part["true_rate"]
        held = Estimate.of_share(~slow & ~fast, covers=f"95%, Wilson, over {len(part):,} simulated samples")
        months = progress.doubling_time_months([part["median"].median(), part["true_rate"].iloc[0]])
        lines.append((*key, len(part), held, slow.mean(), fast.mean(), *months))
    names = ["samples", "coverage", "too_slow", "too_fast", "median_months", "true_months"]
    return pd.DataFrame(lines, columns=["method", "by", "penalty", *names])


if __name__ == "__main__":
    from book.studies.selection import coverage  # by this name its tasks go to other processes

    computed.seal_computed({"coverage": coverage.simulate()})
