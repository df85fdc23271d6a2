"""Would another pace look the same? Samples simulated from slower and faster progress, read as the real rows are.

`python -m book.studies.bayes.paces` draws the samples and writes `data/pace_truths.csv` and, before it,
`data/pace_cuts.csv`: how far the likelihood falls from its top to the truth in 95% of samples. A truth is law 7 at its
most likely with the doubling time held; only the losses are drawn, with errors as that fit has them, shared within
papers in part. In two truths effective parameters and effective data both gain; in two either may fall to fit better.
"""

import itertools
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from algoprogress.data import tables
from algoprogress.data.sample import Sample
from algoprogress.engine import parallel
from algoprogress.fits import likelihood, profile, rates
from algoprogress.laws import catalogue
from algoprogress.show.estimate import LEVEL, Estimate
from book import computed
from book.studies.bayes import simulation
from book.studies.selection.coverage import Truth

SEED, CUT_SEED = 20241129, 20241130
CUTS, POSTERIORS = 1_000, 30  # samples behind each cut, and of each truth that a posterior reads
RATES = {  # at which a cut is simulated, per year; between them it is interpolated
    False: (0.35, 0.45, 0.6, 0.83, 1.1, 1.35, 1.6, 1.9),
    True: (0.0, 0.15, 0.3, 0.45, 0.83, 1.2, 1.6, 2.0, 2.4),
}
BEGIN = (0.3, 0.6, 0.9, 1.2, 1.6, 2.2)  # rates whose best fits to the real rows a fit to a sample starts from


@dataclass(frozen=True)
class Pace:
    """A truth: its doubling time in months, and whether an efficiency may fall."""

    months: float
    falling: bool

    def samples(self, procedure: str) -> int:
        """Return how many samples a procedure reads: most of the reading that is calibrated where neither falls."""
        if procedure == "Bayes":
            return POSTERIORS
        return simulation.SAMPLES if self.falling else simulation.COUNTS.get(procedure, simulation.SAMPLES)


TRUTHS = {
    "slow": Pace(18.0, False), "fast": Pace(6.0, False),
    "slow_falling": Pace(24.0, True), "fast_falling": Pace(5.0, True),
}  # fmt: skip
PROCEDURES = (*simulation.LIKELIHOOD, "converged, no penalty", "Bayes")  # those that pass the criteria but the third


def truth(sample: Sample, pace: Pace) -> Truth:
    """Return law 7 at its most likely with a doubling time held."""
    return _held(sample, float(rates.doubling_time_months(pace.months)), falling=pace.falling)[0]


def _held(sample: Sample, rate: float, *, falling: bool) -> tuple[Truth, likelihood.Shared, list[np.ndarray]]:
    """Return law 7 at its most likely with a rate held, its problem, and points that fits to samples start from."""
    law = catalogue.law("7")
    found = likelihood.curve(law, sample, falling=falling, rates=(*likelihood.PACES, rate))
    task = likelihood.Shared.of(law, sample, falling=falling)
    names, begin = list(task.design.names), []
    for each in (rate, *BEGIN):
        row = found.loc[(found["value"] - each).abs().idxmin()]
        point = task.point(row[names].to_numpy(float), float(row["log_ratio"]))
        point[task.places[:, 0]] = row[list(profile.STEMS)].to_numpy(float)
        begin.append(point)
    shared, own = task.spreads(begin[0])
    return Truth(sample, task.design.predict(task.params(begin[0])), rate, shared, own), task, begin


def cuts() -> pd.DataFrame:
    """Return the fall of twice the log-likelihood from its top that 95% of samples stay below: `data/pace_cuts.csv`.

    Columns: falling, rate (the truth, per year, natural log), samples, cut, and plain, the share of samples below the
    quantile of chi squared that large samples would have.
    """
    sample = tables.evaluations().published_sample()
    tasks = [(sample, rate, falling) for falling, each in RATES.items() for rate in each]
    return pd.DataFrame(parallel.mapped(cut, tasks, label="cuts"))


def cut(sample: Sample, rate: float, falling: bool) -> dict[str, object]:
    """Return a line of `cuts`."""
    real, task, begin = _held(sample, rate, falling=falling)
    targets = (real.drawn(CUT_SEED, index).frame["loss_nats"].to_numpy() for index in range(CUTS))
    found = np.array([likelihood.statistic(replace(task, target=each), rate, begin) for each in targets])
    line = {"falling": "yes" if falling else "no", "rate": rate, "samples": CUTS}
    return line | {"cut": float(np.quantile(found, LEVEL)), "plain": float((found < profile.CUT).mean())}


def simulate() -> pd.DataFrame:
    """Return what procedures say of samples of each truth, a line each: `data/pace_truths.csv`.

    Columns: truth, procedure, sample, true_rate, low, median and high (growth of effective compute, per year, natural
    log, 95%).
    """
    sample, tasks = tables.evaluations().published_sample(), []
    for (name, pace), procedure in itertools.product(TRUTHS.items(), PROCEDURES):
        real = truth(sample, pace)
        tasks += [(real, name, procedure, index) for index in range(pace.samples(procedure))]
    return pd.DataFrame(parallel.mapped(read, tasks, label="paces"))


def read(real: Truth, name: str, procedure: str, index: int) -> dict[str, object]:
    """Return what one procedure says of one simulated sample."""
    said = simulation.said(simulation.growth_by(procedure, real.drawn(SEED, index), index))
    return {"truth": name, "procedure": procedure, "sample": index + 1, "true_rate": real.rate, **said}


def typical(found: pd.DataFrame) -> Estimate:
    """Return the median of the samples' median doubling times in months, with the range of their middle half."""
    low, middle, high = map(float, np.quantile(found["median"], [0.25, 0.5, 0.75]))
    return rates.months_of(Estimate(middle, low, high, "range over the middle half of the simulated samples"))


def covered(found: pd.DataFrame) -> Estimate:
    """Return the share of samples whose 95% interval holds the true pace."""
    return Estimate.of_share(found["true_rate"].between(found["low"], found["high"]), covers=simulation.WILSON)


if __name__ == "__main__":
    from book.studies.bayes import paces  # by this name its tasks go to other processes

    computed.seal_computed({"pace_cuts": paces.cuts()})
    computed.seal_computed({"pace_truths": paces.simulate()})
