"""Effective compute until 2030 as scenarios that carry the uncertainty of their parts: nothing here is measured.

Effective compute grows at the rate of physical compute plus that of algorithms. The rate of physical compute is drawn
from lines through the largest models with organisations resampled; that of algorithms from one of several procedures,
or it follows from physical compute where gains grow with scale alone: ln M = const + (alpha_new / alpha_old - 1) ln C.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.stats import norm, t

from algoprogress.data import tables
from algoprogress.data.sample import Sample
from algoprogress.fits import resample
from algoprogress.fits.rates import growth_rates
from algoprogress.laws import catalogue
from algoprogress.show.estimate import Estimate
from book.studies.growth import study as compute_growth
from book.studies.growth import trend as growth
from book.studies.scaling import study as families

START, END = 2026.0, 2030.0
DRAWS = 40_000
WIDEST = 12.0  # in yearly rates, to which a fit that has run away is held, as the stack of growth holds it
CENTRAL = (0.025, 0.975)  # of the draws of a procedure, to which a variance is trimmed
LEVELS = {"within50": 0.50, "within90": 0.90, "within95": 0.95}  # of the intervals of a factor, by column
ALGORITHMS = {
    "published": "Ho et al., published bootstrap",
    "converged": "solved exactly, papers resampled",
    "bayes": "hierarchical model",
    "specifications": "every specification once",
    "scale": "gain grows with scale alone",
    "scale_reruns": "the same by the reruns",
    "strict": "the strict view's own number",
    "none": "no gain after 2026",
}
PHYSICAL = {"straight": "as since 2012", "bent": "as since its likeliest bend", "half": "half as fast, assumed"}
POOLED = ("published", "converged", "bayes", "specifications", "scale")
POOLED_PHYSICAL = ("straight", "bent")
STRICT_RANGE = "nesov_total"  # in the table of published rates: a total with its range


@dataclass(frozen=True)
class Scenario:
    """A source of algorithmic rates and one of physical rates, by their names."""

    algorithms: str
    physical: str

    @property
    def words(self) -> tuple[str, str]:
        """Return what is taken for algorithms and for physical compute."""
        algorithms = ALGORITHMS.get(self.algorithms, "five procedures, equal weight")
        return algorithms, PHYSICAL.get(self.physical, "straight or bent, equal weight")


SCENARIOS = {
    **{name: Scenario(name, "straight") for name in ALGORITHMS},
    "bent_compute": Scenario("bayes", "bent"),
    "half_compute": Scenario("bayes", "half"),
    "pooled": Scenario("pooled", "pooled"),
}


@functools.cache
def physical_rates(name: str) -> np.ndarray:
    """Return draws of the yearly rate of physical compute (natural log), organisations resampled."""
    models = compute_growth.compute_models("frontier")
    if name == "bent":
        return growth.slopes(models, breaks=(growth.bend(models).date.value,)).draws[:, -1]
    draws = growth.slopes(models).draws[:, 0]
    return draws / 2.0 if name == "half" else draws


def algorithm_rates(name: str, sample: Sample) -> np.ndarray:
    """Return draws of the yearly rate of algorithms (natural log) by a procedure that needs no physical compute.

    Raises KeyError for another name.
    """
    law = catalogue.law("7")
    drawn = {
        "published": lambda: growth_rates(resample.published_bootstrap(law, sample)),
        "converged": lambda: growth_rates(resample.bootstrap(law, sample, draws=resample.DRAWS["paper"])),
        "bayes": lambda: tables.read("posterior")["rate"].to_numpy(),
        "specifications": lambda: tables.read("specifications").query("optimiser == 'converged'")["rate"].to_numpy(),
        "strict": strict_rates,
        "none": lambda: np.zeros(1),
    }
    return np.clip(drawn[name](), -WIDEST, WIDEST)


def strict_rates(count: int = 2_000) -> np.ndarray:
    """Return rates of the strict view's total since 2017, normal in logs, its range taken as 90%: assumed."""
    row = tables.read("growth_rates").set_index("id").loc[STRICT_RANGE]
    first, last = (float(year) for year in row["period"].split("-"))
    spread = np.log(row["high"] / row["low"]) / (2.0 * norm.ppf(0.95))
    places = norm.ppf((np.arange(count) + 0.5) / count)
    return (np.log(row["central"]) + spread * places) / (last - first)


@functools.cache
def scale_slopes(collection: str = "published") -> np.ndarray:
    """Return draws of how the log gain over LSTMs grows with log compute, alpha_new / alpha_old - 1, sizes resampled.

    Spread about their median as far as Student's t asks for with so few sizes, as elsewhere in the book.
    """
    choice = families.named("as published" if collection == "published" else "reruns")
    laws = [families.law(family, choice) for family in ("lstm", "modern")]
    exponents = [law.draws.of(0).exponent for law in laws]
    slopes = exponents[1] / exponents[0] - 1.0
    slopes = slopes[np.isfinite(slopes)]
    fewest = min(law.draws.groups for law in laws)
    wider = np.sqrt(fewest / (fewest - 1.0)) * t.ppf(0.975, fewest - 1) / norm.ppf(0.975)
    return np.median(slopes) + wider * (slopes - np.median(slopes))


@dataclass(frozen=True)
class Rates:
    """Paired draws of yearly rates (natural log), and by draw which procedure and which line they are of."""

    physical: np.ndarray
    algorithms: np.ndarray
    procedure: np.ndarray
    line: np.ndarray

    @property
    def total(self) -> np.ndarray:
        """Return the rate of effective compute."""
        return self.physical + self.algorithms

    @property
    def parts(self) -> dict[str, np.ndarray]:
        """Return the rates of physical compute, of algorithms and of effective compute, by part."""
        return {"physical": self.physical, "algorithms": self.algorithms, "effective": self.total}

    def where(self, kept: np.ndarray) -> Rates:
        """Return some of the draws."""
        return Rates(*(each[kept] for each in vars(self).values()))


def rates(scenario: Scenario, sample: Sample, *, draws: int = DRAWS, seed: int = 0) -> Rates:
    """Return paired draws of a scenario; a pooled one takes as many of each of its procedures and lines."""
    rng = np.random.default_rng(seed)
    procedures = POOLED if scenario.algorithms == "pooled" else (scenario.algorithms,)
    lines = POOLED_PHYSICAL if scenario.physical == "pooled" else (scenario.physical,)
    procedure = np.resize(np.repeat(np.arange(len(procedures)), len(lines)), draws)
    line = np.resize(np.arange(len(lines)), draws)
    physical = np.choose(line, [rng.choice(physical_rates(name), draws) for name in lines])
    algorithms = np.choose(procedure, [_algorithms(name, sample, physical, rng) for name in procedures])
    return Rates(physical, algorithms, np.array(procedures)[procedure], np.array(lines)[line])


def _algorithms(name: str, sample: Sample, physical: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    if name.startswith("scale"):
        slopes = scale_slopes("reruns" if name == "scale_reruns" else "published")
        return np.clip(rng.choice(slopes, len(physical)) * physical, -WIDEST, WIDEST)
    return rng.choice(algorithm_rates(name, sample), len(physical))


def factors(rate: np.ndarray, *, years: float = END - START) -> dict[str, Estimate]:
    """Return the factor by which something grows in some years at drawn yearly rates: a median at each of `LEVELS`.

    >>> factors(np.array([np.log(2.0)]), years=4.0)["within95"].text(".0f")
    '16 [16, 16]'
    """
    found = {}
    for name, level in LEVELS.items():
        covers = f"{level:.0%}, draws of both rates, extrapolated to {START + years:.0f}"
        logs = Estimate.from_draws(rate * years, level=level, covers=covers)
        found[name] = logs.map(lambda log: float(np.exp(log)), unit="times")
    return found


def table(sample: Sample) -> pd.DataFrame:
    """Return the factor by 2030 over 2026 by scenario and part: scenario, part and an estimate for each of `LEVELS`."""
    lines = []
    for name, scenario in SCENARIOS.items():
        for part, rate in rates(scenario, sample).parts.items():
            lines.append({"scenario": name, "part": part, **factors(rate)})
    return pd.DataFrame(lines)


def fan(sample: Sample, *, name: str = "pooled", first: float = 2020.0, points: int = 41) -> pd.DataFrame:
    """Return the same factors by year over 2026, before and after it, of the pooled scenario unless told.

    Columns: year, part, an estimate for each of `LEVELS`, inside (not past the last evaluation or model).
    """
    ends, lines = last_data(sample), []
    for part, rate in rates(SCENARIOS[name], sample).parts.items():
        end = ends["physical"] if part == "physical" else ends["algorithms"]
        for year in np.linspace(first, END, points):
            found = factors(rate, years=year - START)
            lines.append({"year": year, "part": part, **found, "inside": bool(year <= end)})
    return pd.DataFrame(lines)


def last_data(sample: Sample) -> dict[str, float]:
    """Return the year of the last model behind the physical rate and of the last evaluation behind the algorithmic."""
    models = compute_growth.compute_models("frontier")
    return {"physical": models["years_decimal"].max(), "algorithms": sample.frame["years_decimal"].max()}


COMPONENTS = {
    "procedure": "which procedure for algorithms",
    "specifications": "which specification",
    "sampling": "sampling error of a procedure",
    "line": "whether compute bends",
    "organisations": "sampling error of compute",
}


def split(sample: Sample) -> pd.DataFrame:
    """Return what the uncertainty of the pooled scenario by 2030 comes from.

    Columns: component, share (of the variance of the log factor, by the law of total variance, draws of each procedure
    trimmed to their central 95%; the rest, of terms together, is the line `together`), width and width_known (decades
    between the 5% and 95% ends now, and on average if the component were known).
    """
    found = rates(SCENARIOS["pooled"], sample)
    kept, years = _trimmed(found), END - START
    curve = kept.procedure == "specifications"
    chosen = float(np.mean(curve) * np.var(kept.algorithms[curve]))
    parts = {
        "procedure": _between(kept.algorithms, kept.procedure),
        "specifications": chosen,
        "sampling": np.var(kept.algorithms) - _between(kept.algorithms, kept.procedure) - chosen,
        "line": _between(kept.physical, kept.line),
        "organisations": np.var(kept.physical) - _between(kept.physical, kept.line),
    }
    level, curve = _levelled(found.algorithms, found.procedure), found.procedure == "specifications"
    known = {
        "procedure": np.mean([_decades(found.total[found.procedure == name]) for name in POOLED]),
        "specifications": _decades(found.physical + np.where(curve, level, found.algorithms)),
        "sampling": _decades(found.physical + np.where(curve, found.algorithms, level)),
        "line": np.mean([_decades(found.total[found.line == name]) for name in POOLED_PHYSICAL]),
        "organisations": _decades(found.algorithms + _levelled(found.physical, found.line)),
    }
    whole, now = np.var(kept.total), _decades(found.total) * years
    lines = [(name, part / whole, now, known[name] * years) for name, part in parts.items()]
    lines.append(("together", 1.0 - sum(parts.values()) / whole, now, np.nan))
    return pd.DataFrame(lines, columns=["component", "share", "width", "width_known"])


def _trimmed(found: Rates) -> Rates:
    """Return the draws whose algorithmic rate lies in the central part of those of its procedure."""
    groups = pd.Series(found.algorithms).groupby(found.procedure)
    low, high = (groups.transform("quantile", q=end).to_numpy() for end in CENTRAL)
    return found.where((low <= found.algorithms) & (found.algorithms <= high))


def _between(values: np.ndarray, groups: np.ndarray) -> float:
    """Return the variance of the means of groups."""
    return float(np.var(pd.Series(values).groupby(groups).transform("mean").to_numpy()))


def _levelled(values: np.ndarray, groups: np.ndarray) -> np.ndarray:
    """Return the values with each at the median of its group."""
    return pd.Series(values).groupby(groups).transform("median").to_numpy()


def _decades(rate: np.ndarray) -> float:
    """Return the decades a year between the 5% and 95% ends of yearly rates."""
    low, high = np.quantile(rate, [0.05, 0.95])
    return float((high - low) / np.log(10.0))
