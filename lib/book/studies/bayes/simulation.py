"""How often every procedure's interval holds the true doubling time, on samples simulated at the paper's design.

`python -m book.studies.bayes.simulation` draws the samples and writes `data/simulation.csv`. The rows keep their dates,
sizes, data, benchmarks and papers; only the losses are drawn. The truth may have what the analyst leaves out: an
irreducible loss, or tokens seen in place of the size of the dataset.
"""

import itertools
from dataclasses import replace

import numpy as np
import pandas as pd

from algoprogress.data import tables
from algoprogress.data.sample import Sample
from algoprogress.data.variables import Normalisation
from algoprogress.engine import parallel
from algoprogress.fits import fit, likelihood, resample
from algoprogress.fits.rates import doubling_time_months, growth, growth_rates
from algoprogress.laws import catalogue
from algoprogress.show.estimate import Estimate
from book import computed
from book.studies.bayes import study as bayes
from book.studies.data import variants
from book.studies.selection.coverage import Truth, variance_components

SAMPLES, DRAWS, SEED = 100, 200, 20240310
COUNTS = {"likelihood": 1_000, "Bayes": 40}  # samples of a truth, where they are not `SAMPLES`
FLOOR_SHARE = 0.5  # of the smallest loss of a benchmark: what the truths with a floor take for irreducible (assumed)
ENDS = (0.025, 0.5, 0.975)
CHAINS, WARMUP, KEPT, ACCEPT = 1, 300, 500, 0.85  # of the posterior of one simulated sample
WILSON = "95%, Wilson, over the simulated samples"
LARGEST = 1e6  # per year; with an exponent of zero the rate is infinite, which a table cannot hold
DATA = {"dataset": "log_tokens", "seen": "log_tokens_seen"}
CONVERGED = {"converged": ("7", fit.PENALTY), "converged, no penalty": ("7", 0.0), "neutral": ("12", fit.PENALTY)}
LIKELIHOOD = {"likelihood": False, "likelihood, falling": True}  # whether an efficiency may fall
PACES = (0.0, 0.1, 0.25, 0.4, 0.55, 0.7, 0.85, 1.0, 1.2, 1.4, 1.65, 1.9, 2.2, 2.6, 3.0)  # at which its curve is found
QUANTILES = 4_000  # of its confidence distribution
PROCEDURES = ("published", *CONVERGED, *LIKELIHOOD, "Bayes")


def truth(sample: Sample, *, floor: str, data: str) -> Truth:
    """Return the law 7 that a simulation takes for the truth, above a floor or not.

    The floor of a benchmark is `FLOOR_SHARE` of its smallest loss. The coefficients are the fit of `fitted`, kept to
    their last digit in `data/simulation_truths.csv`: on these hangs where the published optimiser stops.
    """
    kept = tables.read("simulation_truths").query("floor == @floor and data == @data").set_index("parameter")["value"]
    frame, law = sample.frame, variants.with_data(catalogue.law("7"), DATA[data])
    reference = Normalisation.of(frame)
    design = law.design(frame, reference)
    params = kept.loc[list(design.names)].to_numpy()
    mean = floors(sample, floor) + design.predict(params)
    shared, own = variance_components((frame["loss_nats"] - mean).to_numpy(), frame["paper_id"].to_numpy())
    return Truth(sample, mean, float(growth(law, reference, params).compute[0]), shared, own)


def fitted(sample: Sample, *, floor: str, data: str) -> fit.Fit:
    """Return the fit of law 7 to the real rows above a floor or not, without a penalty."""
    above = sample.frame["loss_nats"] - floors(sample, floor)
    law = variants.with_data(catalogue.law("7"), DATA[data])
    return fit.converged(law, replace(sample, frame=sample.frame.assign(loss_nats=above)), penalty=0.0)


def floors(sample: Sample, floor: str) -> np.ndarray:
    """Return the irreducible loss of each row, `FLOOR_SHARE` of the least of its benchmark if `floor` is "yes"."""
    least = sample.frame.groupby("benchmark")["loss_nats"].transform("min").to_numpy()
    return FLOOR_SHARE * least if floor == "yes" else np.zeros(len(sample))


def growth_by(procedure: str, sample: Sample, index: int) -> np.ndarray:
    """Return draws of the yearly growth rate (natural log) by a procedure, from the sample of a simulation."""
    if procedure == "Bayes":
        variant, rows = replace(bayes.VARIANTS[0], accept=ACCEPT), bayes.Rows.of(sample)
        return bayes.sample(variant, rows, chains=CHAINS, warmup=WARMUP, draws=KEPT, seed=index).flat("rate")
    if procedure in LIKELIHOOD:
        falling = LIKELIHOOD[procedure]
        found = likelihood.curve.__wrapped__(catalogue.law("7"), sample, falling=falling, rates=PACES)
        return likelihood.drawn(likelihood.calibrated(found, falling=falling), QUANTILES)
    if procedure == "published":
        return growth_rates(resample.published_bootstrap.__wrapped__(catalogue.law("7"), sample))
    law, penalty = CONVERGED[procedure]
    found = resample.bootstrap.__wrapped__(catalogue.law(law), sample, penalty=penalty, draws=DRAWS, seed=index)
    return growth_rates(found)


def simulate() -> pd.DataFrame:
    """Return what the procedures say of samples of the four truths, a line each: `data/simulation.csv`."""
    sample, tasks = tables.evaluations().published_sample(), []
    for floor, data, name in itertools.product(("no", "yes"), DATA, PROCEDURES):
        real, count = truth(sample, floor=floor, data=data), COUNTS.get(name, SAMPLES)
        tasks += [(real, floor, data, index, name) for index in range(count)]
    return pd.DataFrame(parallel.mapped(read, tasks, label="simulated samples"))


def read(real: Truth, floor: str, data: str, index: int, procedure: str) -> dict[str, object]:
    """Return what one procedure says of one simulated sample."""
    rates = growth_by(procedure, real.drawn(SEED, index), index)
    line = said(rates)
    first, last = doubling_time_months(np.array([line["high"], line["low"]]))
    if procedure == "published":  # which takes percentiles of the months, negative ones included
        first, last = np.quantile(doubling_time_months(rates, signed=True), (ENDS[0], ENDS[-1]))
    line |= {"covers": int(first <= doubling_time_months(real.rate) <= last), "true_rate": real.rate}
    return {"sample": index + 1, "floor": floor, "data": data, "procedure": procedure, **line}


def said(rates: np.ndarray) -> dict[str, float]:
    """Return the median and the ends of the 95% of drawn rates: low, median, high."""
    finite = np.nan_to_num(rates, nan=0.0, posinf=LARGEST, neginf=-LARGEST)  # zero over zero is no progress
    return dict(zip(("low", "median", "high"), np.quantile(finite, ENDS).tolist(), strict=True))


def coverage(simulated: pd.DataFrame) -> pd.DataFrame:
    """Return how often the intervals hold the truth, one line per truth and procedure.

    Columns: floor, data, procedure, samples, coverage (an estimate), true_months, median_months (of their medians),
    too_fast (share of the medians), width (median ratio of the ends of the interval; infinite if one is no progress).
    """
    lines = []
    for key, part in simulated.groupby(["floor", "data", "procedure"], sort=False):
        covered, true = Estimate.of_share(part["covers"], covers=WILSON), part["true_rate"].iloc[0]
        months = doubling_time_months(np.array([true, part["median"].median()]))
        with np.errstate(invalid="ignore"):
            ratios = doubling_time_months(part["low"]) / doubling_time_months(part["high"])
        width = np.median(np.where(np.isnan(ratios), np.inf, ratios))  # with both ends at no progress it has no end
        lines.append((*key, len(part), covered, *months, (part["median"] > true).mean(), width))
    names = ["samples", "coverage", "true_months", "median_months", "too_fast", "width"]
    return pd.DataFrame(lines, columns=["floor", "data", "procedure", *names])


if __name__ == "__main__":
    from book.studies.bayes import simulation  # by this name its tasks go to other processes

    computed.seal_computed({"simulation": simulation.simulate()})
