"""How often every procedure's interval holds the true doubling time, on samples simulated at the paper's design.

`python -m book.studies.bayes.simulation` draws the samples and writes `data/simulation.csv`. The rows keep their dates,
sizes, data, benchmarks and papers; only the losses are drawn. The truth may have what the analyst leaves out: an
irreducible loss, or tokens seen in place of the size of the dataset.
"""

import functools
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from algoprogress.data import describe, tables
from algoprogress.data.sample import Sample
from algoprogress.data.variables import Normalisation
from algoprogress.engine import parallel
from algoprogress.fits import fit, resample
from algoprogress.fits import rates as progress
from algoprogress.fits.fit import Fit
from algoprogress.fits.rates import doubling_time_months, growth_rates
from algoprogress.laws import catalogue
from algoprogress.show.estimate import Estimate
from book import computed
from book.studies.bayes import study as bayes
from book.studies.data import variants
from book.studies.selection.coverage import variance_components

SAMPLES, BAYES_SAMPLES, DRAWS, SEED = 100, 40, 200, 20240310
FLOOR_SHARE = 0.5  # of the smallest loss of a benchmark: what the truths with a floor take for irreducible (assumed)
ENDS = (0.025, 0.5, 0.975)
CHAINS, WARMUP, KEPT, ACCEPT = 1, 300, 500, 0.85  # of the posterior of one simulated sample
WILSON = "95%, Wilson, over the simulated samples"
LARGEST = 1e6  # per year; with an exponent of zero the rate is infinite, which a table cannot hold
DATA = {"dataset": "log_tokens", "seen": "log_tokens_seen"}


@dataclass(frozen=True)
class Truth:
    """What losses are simulated from: mean loss by row in nats, yearly growth rate, spreads of papers and rows."""

    floor: str
    data: str
    mean: np.ndarray
    rate: float
    paper_sd: float
    row_sd: float


def truths(sample: Sample) -> list[Truth]:
    """Return the four truths: without and with a floor, in the size of the dataset and in tokens seen."""
    return [truth(sample, floor=floor, data=data) for floor in ("no", "yes") for data in DATA]


def truth(sample: Sample, *, floor: str, data: str) -> Truth:
    """Return the law 7 that a simulation takes for the truth, above a floor or not.

    The floor of a benchmark is `FLOOR_SHARE` of its smallest loss. The coefficients are the fit of `fitted`, kept to
    their last digit in `data/simulation_truths.csv`: on these hangs where the published optimiser stops.
    """
    kept = tables.read("simulation_truths").query("floor == @floor and data == @data").set_index("parameter")["value"]
    law, reference = variants.with_data(catalogue.law("7"), DATA[data]), Normalisation.of(sample.frame)
    design = law.design(sample.frame, reference)
    params = kept.loc[list(design.names)].to_numpy()
    mean = _floors(sample, floor) + design.predict(params)
    frame = sample.frame
    shared, own = variance_components((frame["loss_nats"] - mean).to_numpy(), frame["paper_id"].to_numpy())
    return Truth(floor, data, mean, float(progress.growth(law, reference, params).compute[0]), shared, own)


def fitted(sample: Sample, *, floor: str, data: str) -> Fit:
    """Return the fit of law 7 to the real rows above a floor or not, without a penalty."""
    above = sample.frame["loss_nats"] - _floors(sample, floor)
    law = variants.with_data(catalogue.law("7"), DATA[data])
    return fit.converged(law, replace(sample, frame=sample.frame.assign(loss_nats=above)), penalty=0.0)


def _floors(sample: Sample, floor: str) -> np.ndarray:
    least = sample.frame.groupby("benchmark")["loss_nats"].transform("min").to_numpy()
    return FLOOR_SHARE * least if floor == "yes" else np.zeros(len(sample))


def drawn(sample: Sample, real: Truth, index: int) -> Sample:
    """Return the sample with the losses of one simulation, errors shared within papers in part."""
    rng = np.random.default_rng([SEED, index])
    papers, membership = np.unique(sample.frame["paper_id"], return_inverse=True)
    shared = real.paper_sd * rng.normal(size=len(papers))[membership]
    loss = real.mean + shared + real.row_sd * rng.normal(size=len(sample))
    return replace(sample, frame=sample.frame.assign(loss_nats=loss, perplexity=np.exp(loss)))


def published(sample: Sample, index: int) -> np.ndarray:
    """Return the growth rates by the published protocol, rows resampled and each fitted from zeros."""
    return growth_rates(resample.published_bootstrap.__wrapped__(catalogue.law("7"), sample))


def bootstrapped(sample: Sample, index: int, *, law: str, penalty: float) -> np.ndarray:
    """Return the growth rates of converged fits to resampled papers."""
    found = resample.bootstrap.__wrapped__(catalogue.law(law), sample, penalty=penalty, draws=DRAWS, seed=index)
    return growth_rates(found)


def posterior(sample: Sample, index: int) -> np.ndarray:
    """Return the growth rates of the default variant of the hierarchical model, from short chains."""
    default, rows = bayes.VARIANTS[0], bayes.Rows.of(sample)
    short = {"chains": CHAINS, "warmup": WARMUP, "draws": KEPT, "accept": ACCEPT}
    made = bayes.sampler(default, int(rows.paper.max()) + 1, **short)
    return bayes.run(made, default, rows, seed=index).flat("rate")


# What gives draws of the yearly growth rate (natural log) from a sample and the number of the simulation.
PROCEDURES: Mapping[str, Callable[[Sample, int], np.ndarray]] = {
    "published": published,
    "converged": functools.partial(bootstrapped, law="7", penalty=fit.PENALTY),
    "converged, no penalty": functools.partial(bootstrapped, law="7", penalty=0.0),
    "neutral": functools.partial(bootstrapped, law="12", penalty=fit.PENALTY),
    "Bayes": posterior,
}


def simulate(samples: int = SAMPLES, *, procedures: tuple[str, ...] = tuple(PROCEDURES)) -> pd.DataFrame:
    """Return what the procedures say of simulated samples, one line each, in the columns of `data/simulation.csv`."""
    sample = tables.evaluations().published_sample()
    counts = {name: min(samples, BAYES_SAMPLES) if name == "Bayes" else samples for name in procedures}
    tasks = [
        (sample, real, index, name) for real in truths(sample) for name in procedures for index in range(counts[name])
    ]
    lines = parallel.mapped(read, tasks, label="simulated samples")
    return pd.DataFrame(lines)[describe.table("simulation").names]


def read(sample: Sample, real: Truth, index: int, procedure: str) -> dict[str, object]:
    """Return what one procedure says of one simulated sample."""
    rates = PROCEDURES[procedure](drawn(sample, real, index), index)
    # zero over zero is no progress
    low, median, high = np.quantile(np.nan_to_num(rates, nan=0.0, posinf=LARGEST, neginf=-LARGEST), ENDS).tolist()
    first, last = doubling_time_months(np.array([high, low]))
    if procedure == "published":  # which takes percentiles of the months, negative ones included
        first, last = np.quantile(doubling_time_months(rates, signed=True), (ENDS[0], ENDS[-1]))
    facts = {"sample": index + 1, "floor": real.floor, "data": real.data, "procedure": procedure}
    facts |= {"true_rate": real.rate, "low": low, "median": median, "high": high}
    return {**facts, "covers": int(first <= doubling_time_months(real.rate) <= last)}


def coverage(simulated: pd.DataFrame) -> pd.DataFrame:
    """Return how often the intervals hold the truth, one line per truth and procedure.

    Columns: floor, data, procedure, samples, coverage (an estimate), true_months, median_months (of the samples'
    medians), too_fast (share of the medians), width (median ratio of the ends of the interval; infinite if it reaches
    no progress).
    """
    lines = []
    for key, part in simulated.groupby(["floor", "data", "procedure"], sort=False):
        covered, true = Estimate.of_share(part["covers"], covers=WILSON), part["true_rate"].iloc[0]
        months = [float(doubling_time_months(rate)) for rate in (true, part["median"].median())]
        width = np.median(doubling_time_months(part["low"]) / doubling_time_months(part["high"]))
        lines.append((*key, len(part), covered, *months, float((part["median"] > true).mean()), float(width)))
    names = ["samples", "coverage", "true_months", "median_months", "too_fast", "width"]
    return pd.DataFrame(lines, columns=["floor", "data", "procedure", *names])


if __name__ == "__main__":
    from book.studies.bayes import simulation  # by this name its tasks go to other processes

    computed.seal_computed({"simulation": simulation.simulate()})
