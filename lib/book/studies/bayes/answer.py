"""Which reading of the rows leads: criteria stated beforehand, the readings held against them, and the book's answer.

A reading leads if it passes all four; if several do, the one with the shortest interval in logs, as of those that are
calibrated the sharpest tells most (Gneiting, Balabdaoui & Raftery 2007).

1. Admissible: no irreducible loss above a loss that was observed, and rates that the rows identify: both ends of the
   95% interval are determined by its draws.
2. Invariant: counted in other units and from another year, the doubling time moves by `SAME` at most.
3. Calibrated: on `ENOUGH` samples or more simulated at this design its 95% intervals hold the truth as often as they
   say, or could (the Wilson interval of the coverage reaches 95%), whatever truth holds of six in which neither
   efficiency falls: four at the pace that fits best, and one each at half of it or so and at twice it or so.
4. Predictive: papers left out are predicted as well as by the best reading, within two standard errors of the
   difference, paired by paper.
"""

import functools
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from algoprogress.data import tables
from algoprogress.data.variables import Normalisation
from algoprogress.engine.cache import cached
from algoprogress.fits import fit, likelihood, rates
from algoprogress.laws import catalogue
from algoprogress.show.estimate import LEVEL, NORMAL_975, Estimate
from book.studies.bayes import paces, simulation, stacked, study
from book.studies.data import variants
from book.studies.law import fits
from book.studies.selection import held_out

CRITERIA = ("admissible", "invariant", "calibrated", "predictive")
SAME = 0.01  # of the doubling time
ENOUGH = 1_000  # samples of each truth
ELSEWHERE = {"parameters": 1e6, "tokens": 1e6, "year": 2000.0}  # in place of the least of the sample
QUANTILES = 40_000  # of a confidence distribution
CONFIDENCE = "none: a confidence, from the likelihood"
STACKED = "95%, posteriors stacked by papers left out, given the rows and the priors"


@dataclass(frozen=True)
class Reading:
    """A reading: its name in ids, words, the name of its simulation if any, and of a fit its study and its penalty.

    One whose simulation is of `simulation.LIKELIHOOD` is read off the likelihood with errors shared within papers.
    """

    name: str
    words: str
    simulated: str = ""
    study: str = ""
    penalty: float = 0.0

    @property
    def likely(self) -> bool:
        """Return whether it is read off the likelihood."""
        return self.simulated in simulation.LIKELIHOOD

    @property
    def falling(self) -> bool:
        """Return whether the likelihood lets an efficiency fall."""
        return simulation.LIKELIHOOD[self.simulated]


READINGS = (
    Reading("published", "published form, published stop", "published", "model7", fit.PENALTY),
    Reading("converged", "published form, solved", "converged", "model7", fit.PENALTY),
    Reading("unpenalised", "without its penalty", "converged, no penalty", "model7"),
    Reading("neutral", "one rate for both terms", "neutral", "hicks_neutral", fit.PENALTY),
    Reading("likelihood", "likelihood, papers differ, neither efficiency falls", "likelihood"),
    Reading("falling", "the same, either may fall", "likelihood, falling"),
    Reading("posterior", "hierarchical posterior", "Bayes"),
    Reading("stacked", "hierarchical posteriors, stacked"),
)


def curve(reading: Reading) -> pd.DataFrame:
    """Return the likelihood of law 7 on the real rows along the pace, as a reading has it."""
    found = likelihood.curve(catalogue.law("7"), fits.main_sample(), falling=reading.falling)
    return likelihood.calibrated(found, falling=reading.falling)


def varied() -> dict[str, Estimate]:
    """Return the doubling time in months by likelihood, neither efficiency falling, on other rows and variables.

    By name: `reviewed` rows; tokens `seen` in place of the size of the dataset; above a `floor` as simulations have it.
    """
    law, sample = catalogue.law("7"), fits.main_sample()
    least = simulation.floors(sample, "yes")
    others = {
        "reviewed": (law, sample.reviewed()),
        "seen": (variants.with_data(law, "log_tokens_seen"), sample),
        "floor": (law, replace(sample, frame=sample.frame.assign(loss_nats=sample.frame["loss_nats"] - least))),
    }
    curves = {name: likelihood.curve(*each, falling=False) for name, each in others.items()}
    found = {name: likelihood.calibrated(each, falling=False) for name, each in curves.items()}
    return {name: rates.months_of(likelihood.interval(each, falling=False)) for name, each in found.items()}


def drawn(reading: Reading) -> np.ndarray:
    """Return draws of the yearly growth rate of effective compute (natural log) by a reading."""
    if reading.name == "published":
        return rates.growth_rates(fits.published_draws(reading.study))
    if reading.study:
        return rates.growth_rates(fits.converged_draws(reading.study, "paper", reading.penalty))
    if reading.likely:
        return likelihood.drawn(curve(reading), QUANTILES)
    draws = tables.read("posterior")
    if reading.name == "posterior":
        return draws["rate"].to_numpy()
    names = {f"rate_{each.name}": each.name for each in study.VARIANTS} | {"rate": "default"}
    return stacked.mixture(draws.rename(columns=names), stacked.weights())


def months(reading: Reading) -> Estimate:
    """Return the doubling time of effective compute in months, median and 95% interval."""
    if reading.name == "posterior":
        return study.doubling_times(tables.read("posterior_checks"))["default"]
    if reading.name == "published":  # percentiles of months, as the authors take them
        return fits.published_median(reading.study)
    if reading.likely:
        return rates.months_of(likelihood.interval(curve(reading), falling=reading.falling))
    covers = f"95%, resampled, {reading.words}" if reading.study else STACKED
    return rates.months_of(Estimate.from_draws(drawn(reading), covers=covers))


def reach(reading: Reading) -> str:
    """Return the interval of the doubling time in words, as "4.0 to 20.1 months" or "3.6 months to no progress"."""
    found = months(reading)
    low, high = found.ends()
    return f"{low} to {high} months" if np.isfinite(found.high) else f"{low} months to no progress"


def moved(reading: Reading) -> float:
    """Return the share by which the doubling time of the fit to all rows moves if all is counted from `ELSEWHERE`.

    A posterior sees rows less their means (`study.Rows`), in which no unit and no first year is left.
    """
    if reading.likely:
        return _moved(reading.falling)
    if not reading.study:
        return 0.0
    law, sample, _ = fits.study(reading.study)
    solve = fit.published if reading.name == "published" else fit.converged
    other = replace(Normalisation.of(sample.frame), **ELSEWHERE)
    found = [rates.point_months(solve(law, sample, penalty=reading.penalty, reference=each)) for each in (None, other)]
    return abs(found[1] / found[0] - 1.0)


@cached
def _moved(falling: bool) -> float:
    """Return `moved` of the likelihood."""
    law, sample = catalogue.law("7"), fits.main_sample()
    paces = []
    for reference in (None, replace(Normalisation.of(sample.frame), **ELSEWHERE)):
        task = likelihood.Shared.of(law, sample, falling=falling, reference=reference)
        _, point = task.best(likelihood.starts(task))
        paces.append(point[task.places[:, 0]].sum())
    return float(abs(paces[0] / paces[1] - 1.0))


@cached
def _left_out(falling: bool) -> np.ndarray:
    """Return the squared errors of each paper left out by the most likely law on the others, nats squared."""
    task = likelihood.Shared.of(catalogue.law("7"), fits.main_sample(), falling=falling)
    begin, found = likelihood.starts(task), []
    begin.append(task.best(begin)[1])
    for paper in range(task.papers.max() + 1):
        out = task.papers == paper
        rest = replace(task, design=task.design.take(~out), target=task.target[~out],
                       papers=np.unique(task.papers[~out], return_inverse=True)[1])  # fmt: skip
        params = task.params(rest.best(begin)[1])
        found.append(((task.target - task.design.predict(params))[out] ** 2).sum())
    return np.array(found)


def squared_errors(reading: Reading) -> np.ndarray | None:
    """Return the sum of the squared errors of each paper left out, nats squared, by its number; None if not computed.

    Not of the published stop, whose folds are chained (`selection.published`), nor of the stacked posteriors.
    """
    if reading.name in ("published", "stacked"):
        return None
    if reading.likely:
        return _left_out(reading.falling)
    if not reading.study:
        return tables.read("posterior_papers")["squared"].to_numpy()
    law, sample, _ = fits.study(reading.study)
    errors = held_out.leave_out(law, sample, penalty=reading.penalty, by="paper").squared_errors
    return np.bincount(np.unique(sample.frame["paper_id"], return_inverse=True)[1], errors)


def held_by_truth() -> pd.DataFrame:
    """Return how often intervals hold each of the six truths of the third criterion.

    Columns: procedure, coverage, samples, truth, and those of `simulation.coverage`, of another pace missing.
    """
    fitted = simulation.coverage(tables.read("simulation"))
    paced = [
        {"procedure": procedure, "coverage": paces.covered(part), "samples": len(part), "truth": name}
        for (name, procedure), part in tables.read("pace_truths").groupby(["truth", "procedure"], sort=False)
        if not paces.TRUTHS[name].falling
    ]
    return pd.concat([fitted.assign(truth=fitted["floor"] + " " + fitted["data"]), pd.DataFrame(paced)])


@functools.cache
def judged() -> pd.DataFrame:
    """Return the readings held against the criteria, one line each, and which `leads`.

    Columns: name, words, months, moved (share), coverage (the least of the six truths; None if not simulated), samples
    (the fewest of a truth),
    held_out (root mean square error of papers left out, nats; nan if not computed), worse (its mean square less that of
    the best reading, nats squared, 95% by paper), admissible, invariant, calibrated, predictive, leads.
    """
    held = held_by_truth()
    below = (tables.read("posterior_checks")["floor_highest"] < 1.0).all()
    errors = {each.name: squared_errors(each) for each in READINGS}
    best = min((each for each in errors.values() if each is not None), key=np.sum)
    rows, lines = len(fits.main_sample()), []
    for each in READINGS:
        line = {"name": each.name, "words": each.words, "months": months(each), "moved": moved(each)}
        own = held[held["procedure"] == each.simulated]
        least, samples = min(own["coverage"], key=lambda one: one.value, default=None), own["samples"].min()
        line |= {"coverage": least, "samples": samples, "held_out": np.nan, "worse": None, "predictive": False}
        line["admissible"] = not line["months"].undetermined and (each.likely or bool(each.study) or below)
        line |= {"invariant": line["moved"] <= SAME, "calibrated": samples >= ENOUGH and least.high >= LEVEL}
        if (squared := errors[each.name]) is not None:
            worse, error = (value / rows for value in stacked.behind(squared, best))
            ends = worse + NORMAL_975 * error * np.array([-1.0, 1.0])
            line["worse"] = Estimate(worse, *ends, "95%, paired by paper left out", "nats^2")
            if squared is best:
                line["worse"] = Estimate.exact(0.0, "none: the best itself", unit="nats^2")
            line |= {"held_out": np.sqrt(squared.sum() / rows), "predictive": worse <= 2.0 * error}
        lines.append(line)
    frame = pd.DataFrame(lines)
    passed = frame[list(CRITERIA)].all(axis=1)
    low, high = np.array([(each.low, each.high) for each in frame["months"]]).T
    with np.errstate(divide="ignore", invalid="ignore"):  # an end at zero or at no progress
        width = np.where(passed, np.log(high / low), np.inf)
    return frame.assign(leads=passed & (width == width.min()))


def leading() -> Reading:
    """Return the reading that leads; ValueError if none or several do."""
    (name,) = judged().query("leads")["name"]
    return named(name)


def named(name: str) -> Reading:
    """Return one of `READINGS` by its name; StopIteration if there is none."""
    return next(each for each in READINGS if each.name == name)


def slower(reading: Reading) -> dict[str, Estimate]:
    """Return the chance that effective compute doubles in more than 12 months and so on, with its Monte Carlo error.

    Of a posterior by the effective size of its draws, which depend on each other. Of the likelihood it is a confidence,
    which is computed and not drawn.
    """
    if reading.likely:
        hits = rates.slow(drawn(reading))
        return {name: Estimate.exact(each.mean(), CONFIDENCE, unit="share") for name, each in hits.items()}
    rate, size = drawn(reading), np.inf
    if reading.name == "posterior":
        size = tables.read("posterior_checks").set_index("variant").loc["default", "ess_rate"]
    chosen = np.linspace(0, len(rate) - 1, int(min(size, len(rate)))).astype(int)
    covers, found = f"95%, Monte Carlo error of {len(chosen):,} draws", {}
    for name, hits in rates.slow(rate).items():
        found[name] = replace(Estimate.of_share(np.sort(hits)[chosen], covers=covers), value=float(hits.mean()))
    return found
