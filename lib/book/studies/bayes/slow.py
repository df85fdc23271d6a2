"""Would slow progress look as fast? Samples simulated from a doubling time of two years, read as the real rows are.

`python -m book.studies.bayes.slow` draws the samples and writes `data/slow_truths.csv`. The truth is law 7 at its best
fit to the real rows with the doubling time held, above an irreducible loss or not. Only the losses are drawn, with
errors as large as that fit leaves, in part shared within papers.
"""

import itertools
from dataclasses import replace

import numpy as np
import pandas as pd

from algoprogress.data import tables
from algoprogress.data.sample import Sample
from algoprogress.engine import parallel
from algoprogress.fits import fit, profile, rates
from algoprogress.laws import catalogue
from algoprogress.show.estimate import Estimate
from book import computed
from book.studies.bayes import simulation
from book.studies.selection.coverage import Truth, variance_components

TRUE_MONTHS, SAMPLES, SEED = 24.0, 100, 20241129
FLOORS = ("no", "yes")
PROCEDURES = ("Bayes", "converged, no penalty")  # the readings that pass the criteria (`answer.judged`)


def truth(sample: Sample, *, floor: str) -> Truth:
    """Return law 7 as it fits the rows best with a doubling time of `TRUE_MONTHS`, above a floor or not."""
    law, rate = catalogue.law("7"), float(rates.doubling_time_months(TRUE_MONTHS))
    floors = simulation.floors(sample, floor)
    above = replace(sample, frame=sample.frame.assign(loss_nats=sample.frame["loss_nats"] - floors))
    curve, design = profile.profile(law, above, "compute", values=(rate,)), fit.problem(law, above)[0]
    held = curve.loc[(curve["value"] - rate).abs().idxmin(), list(design.names)]
    mean = floors + design.predict(held.to_numpy(float))
    errors = variance_components((sample.frame["loss_nats"] - mean).to_numpy(), sample.frame["paper_id"].to_numpy())
    return Truth(sample, mean, rate, *errors)


def simulate(samples: int = SAMPLES) -> pd.DataFrame:
    """Return what procedures say of samples of each truth, a line each: `data/slow_truths.csv`.

    Columns: floor, procedure, sample, low, median and high (growth of effective compute, per year, natural log, 95%)
    and slower, the share of the procedure's draws with a doubling time above `TRUE_MONTHS`.
    """
    sample = tables.evaluations().published_sample()
    truths = {floor: truth(sample, floor=floor) for floor in FLOORS}
    each = itertools.product(FLOORS, PROCEDURES, range(samples))
    tasks = [(truths[floor], floor, procedure, index) for floor, procedure, index in each]
    return pd.DataFrame(parallel.mapped(read, tasks, label="slow truths"))


def read(real: Truth, floor: str, procedure: str, index: int) -> dict[str, object]:
    """Return what one procedure says of one simulated sample."""
    drawn = simulation.growth_by(procedure, real.drawn(SEED, index), index)
    finite = np.nan_to_num(drawn, nan=0.0, posinf=simulation.LARGEST, neginf=-simulation.LARGEST)
    line = dict(zip(("low", "median", "high"), np.quantile(finite, simulation.ENDS).tolist(), strict=True))
    share = float((finite < real.rate).mean())
    return {"floor": floor, "procedure": procedure, "sample": index + 1, **line, "slower": share}


def typical(found: pd.DataFrame) -> Estimate:
    """Return the median of the samples' median doubling times in months, with the range of their middle half."""
    low, middle, high = map(float, np.quantile(found["median"], [0.25, 0.5, 0.75]))
    return rates.months_of(Estimate(middle, low, high, "range over the middle half of the simulated samples"))


def as_fast(found: pd.DataFrame, months: float) -> Estimate:
    """Return the share of samples whose median doubling time is as short as some months."""
    return Estimate.of_share(found["median"] >= rates.doubling_time_months(months), covers=simulation.WILSON)


def missed(found: pd.DataFrame) -> Estimate:
    """Return the share of samples whose 95% interval has only doubling times below the true one."""
    return Estimate.of_share(found["low"] > rates.doubling_time_months(TRUE_MONTHS), covers=simulation.WILSON)


if __name__ == "__main__":
    from book.studies.bayes import slow  # by this name its tasks go to other processes

    computed.seal_computed({"slow_truths": slow.simulate()})
