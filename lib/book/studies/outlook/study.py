"""Effective compute until 2030 as scenarios that carry the uncertainty of their parts: nothing here is measured.

Effective compute grows at the rate of physical compute plus that of algorithms. The rate of physical compute is drawn
from lines through the largest models with organisations resampled; that of algorithms from one of several procedures,
or it follows from physical compute where gains grow with scale alone: ln M = const + (alpha_new / alpha_old - 1) ln C.
"""

import functools
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import ndtri, stdtrit

from algoprogress.data import tables
from algoprogress.fits.rates import growth_rates
from algoprogress.show.estimate import Estimate
from book.studies.bayes import answer
from book.studies.growth import study as growth
from book.studies.law import fits
from book.studies.scaling import study as scaling

START, END = 2026.0, 2030.0
DRAWS = 40_000
WIDEST = 12.0  # in yearly rates, to which a fit that has run away is held, as the stack of growth holds it
CENTRAL = (0.025, 0.975)  # of draws: the ends of an interval, to which a procedure is also trimmed for its variance
LEVELS = {"within50": 0.50, "within95": 0.95}  # of the intervals of a factor, by column
PROCEDURES = ("published", "converged", "answer", "specifications", "scale", "scale_reruns", "strict", "none")
# What each scenario takes for algorithms, one of `PROCEDURES`, and for physical compute.
OTHERS = {"bent_compute": ("answer", "bent"), "half_compute": ("answer", "half"), "pooled": ("pooled", "pooled")}
SCENARIOS = {name: (name, "straight") for name in PROCEDURES} | OTHERS
POOLED = ("converged", "answer", "specifications", "scale")
# Not pooled: the published bootstrap, whose draws are where its solver stopped and no fits.
POOLED_PHYSICAL = ("straight", "bent")


@functools.cache
def physical_rates(name: str) -> np.ndarray:
    """Return draws of the yearly rate of physical compute (natural log), organisations resampled."""
    straight, bent = growth.lines("frontier")
    return {"straight": straight.draws[:, 0], "bent": bent.draws[:, -1], "half": straight.draws[:, 0] / 2.0}[name]


def algorithm_rates(name: str, physical: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return a draw of the yearly rate of algorithms (natural log) by one of `PROCEDURES` for each physical rate."""
    drawn = {
        "published": lambda: growth_rates(fits.published_draws("model7")),
        "converged": lambda: growth_rates(fits.converged_draws("model7", "paper")),
        "answer": lambda: answer.drawn(answer.leading()),
        "specifications": lambda: specifications()["rate"],
        "scale": scale_slopes,
        "scale_reruns": lambda: scale_slopes("reruns"),
        "strict": strict_rates,
        "none": lambda: np.zeros(1),
    }
    found = rng.choice(drawn[name](), len(physical))
    return np.clip(found * physical if name.startswith("scale") else found, -WIDEST, WIDEST)


def specifications() -> pd.DataFrame:
    """Return the specifications that were solved exactly and whose fit converged."""
    return tables.read("specifications").query("optimiser == 'converged' and converged == 1")


def strict_rates(count: int = 2_000) -> np.ndarray:
    """Return rates of the strict view's total since 2017, normal in logs, its range taken as 90%: assumed."""
    row = tables.read("growth_rates").set_index("id").loc["nesov_total"]
    first, last = (float(year) for year in row["period"].split("-"))
    spread = np.log(row["high"] / row["low"]) / (2.0 * ndtri(0.95))
    places = ndtri((np.arange(count) + 0.5) / count)
    return (np.log(row["central"]) + spread * places) / (last - first)


@functools.cache
def scale_slopes(choice: str = "as published") -> np.ndarray:
    """Return draws of how the log gain over LSTMs grows with ln compute, alpha_new / alpha_old - 1, sizes resampled."""
    old, new = (scaling.law(family, scaling.named(choice)).draws for family in ("lstm", "modern"))
    slopes = new.of(0).exponent / old.of(0).exponent - 1.0
    slopes, fewest = slopes[np.isfinite(slopes)], min(old.groups, new.groups)
    wider = np.sqrt(fewest / (fewest - 1.0)) * stdtrit(fewest - 1, 0.975) / ndtri(0.975)  # as sizes are few
    return np.median(slopes) + wider * (slopes - np.median(slopes))


@dataclass(frozen=True)
class Rates:
    """Paired draws of yearly rates (natural log), and by draw which procedure and which line they are of."""

    physical: np.ndarray
    algorithms: np.ndarray
    procedure: np.ndarray
    line: np.ndarray

    @property
    def parts(self) -> dict[str, np.ndarray]:
        """Return the rates of physical compute, of algorithms and of effective compute, by part."""
        return {"physical": self.physical, "algorithms": self.algorithms, "effective": self.physical + self.algorithms}


def rates(algorithms: str, physical: str, *, draws: int = DRAWS, seed: int = 0) -> Rates:
    """Return paired draws of a source of either rate (KeyError if unknown); "pooled" has as many of each of its own."""
    procedures = POOLED if algorithms == "pooled" else (algorithms,)
    lines = POOLED_PHYSICAL if physical == "pooled" else (physical,)
    rng = np.random.default_rng(seed)
    procedure = np.resize(np.repeat(np.arange(len(procedures)), len(lines)), draws)
    line = np.resize(np.arange(len(lines)), draws)
    of_compute = np.choose(line, [rng.choice(physical_rates(name), draws) for name in lines])
    of_algorithms = np.choose(procedure, [algorithm_rates(name, of_compute, rng) for name in procedures])
    return Rates(of_compute, of_algorithms, np.array(procedures)[procedure], np.array(lines)[line])


def factors(rate: np.ndarray, *, years: float = END - START) -> dict[str, Estimate]:
    """Return the factor by which something grows in some years at drawn yearly rates: a median at each of `LEVELS`.

    >>> factors(np.full(1_000, np.log(2.0)), years=4.0)["within95"].text(".0f")
    '16 [16, 16]'
    """
    found = {}
    for name, level in LEVELS.items():
        covers = f"{level:.0%}, draws of both rates, extrapolated to {START + years:.0f}"
        logs = Estimate.from_draws(rate * years, level=level, covers=covers)
        found[name] = logs.map(lambda log: float(np.exp(log)), unit="times")
    return found


def table() -> pd.DataFrame:
    """Return the factor by 2030 over 2026 by scenario and part: scenario, part and an estimate for each of `LEVELS`."""
    lines = []
    for name, sources in SCENARIOS.items():
        for part, rate in rates(*sources).parts.items():
            lines.append({"scenario": name, "part": part, **factors(rate)})
    return pd.DataFrame(lines)


def fan() -> pd.DataFrame:
    """Return the pooled factors over 2026 by year since 2020: year, part, `LEVELS`, inside (not past the last data)."""
    ends, lines = last_data(), []
    for part, rate in rates("pooled", "pooled").parts.items():
        for year in np.linspace(2020.0, END, 41):
            inside = bool(year <= ends["physical" if part == "physical" else "algorithms"])
            lines.append({"year": year, "part": part, **factors(rate, years=year - START), "inside": inside})
    return pd.DataFrame(lines)


def last_data() -> dict[str, float]:
    """Return the year of the last model behind the physical rate and of the last evaluation behind the algorithmic."""
    models, evaluations = growth.compute_models("frontier"), fits.main_sample().frame
    return {"physical": models["years_decimal"].max(), "algorithms": evaluations["years_decimal"].max()}


def split() -> pd.DataFrame:
    """Return what the uncertainty of the pooled scenario by 2030 comes from.

    Columns: component (`together` is the rest), share (of the variance of the log factor, draws trimmed by procedure),
    width and width_known (decades between the ends of the 95% interval now, and on average were the component known).
    """
    found = rates("pooled", "pooled")
    kept, physical, algorithms, total = _trimmed(found), *found.parts.values()
    between = float(np.var(_of_group("mean", kept.algorithms, kept.procedure)))
    between_lines = float(np.var(_of_group("mean", kept.physical, kept.line)))
    kept_curve, curve = (each.procedure == "specifications" for each in (kept, found))
    chosen = float(np.mean(kept_curve) * np.var(kept.algorithms[kept_curve]))
    level, level_line = _of_group("median", algorithms, found.procedure), _of_group("median", physical, found.line)
    by_procedure = [_decades(total[found.procedure == name]) for name in POOLED]
    by_line = [_decades(total[found.line == name]) for name in POOLED_PHYSICAL]
    sampling = np.var(kept.algorithms) - between - chosen
    parts = {  # variance, and decades if it were known
        "procedure": (between, np.mean(by_procedure)),
        "specifications": (chosen, _decades(physical + np.where(curve, level, algorithms))),
        "sampling": (sampling, _decades(physical + np.where(curve, algorithms, level))),
        "line": (between_lines, np.mean(by_line)),
        "organisations": (np.var(kept.physical) - between_lines, _decades(algorithms + level_line)),
    }
    frame = pd.DataFrame.from_dict(parts, orient="index", columns=["share", "width_known"])
    frame["share"] /= np.var(kept.parts["effective"])
    frame.loc["together", "share"] = 1.0 - frame["share"].sum()
    frame.insert(1, "width", _decades(total))
    return frame.rename_axis("component").reset_index()


def _trimmed(found: Rates) -> Rates:
    """Return the draws whose algorithmic rate lies in the central part of those of its procedure."""
    low, high = (_of_group("quantile", found.algorithms, found.procedure, q=end) for end in CENTRAL)
    kept = (low <= found.algorithms) & (found.algorithms <= high)
    return Rates(*(each[kept] for each in vars(found).values()))


def _of_group(what: str, values: np.ndarray, groups: np.ndarray, **options) -> np.ndarray:
    """Return for each value the mean, median or quantile of its group."""
    return pd.Series(values).groupby(groups).transform(what, **options).to_numpy()


def _decades(rate: np.ndarray) -> float:
    """Return the decades until 2030 between the ends of the 95% interval of yearly rates."""
    low, high = np.quantile(rate, CENTRAL)
    return float((high - low) / np.log(10.0)) * (END - START)
