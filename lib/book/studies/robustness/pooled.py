"""The doubling time by the authors' numerical search, and the pool of their ten best specifications.

Ho et al. 2024, appendix G and section 3.1. The search differs from `allocated.numerical_doubling_time_months`, which
solves the same problem, where a draw has no optimal allocation: it then ends somewhere, and that enters the pool.
"""

from collections.abc import Callable

import numpy as np
import pandas as pd
from scipy.optimize import minimize, minimize_scalar

from algoprogress.data import describe
from algoprogress.data.sample import Sample
from algoprogress.data.variables import FLOP_PER_PARAMETER_TOKEN
from algoprogress.engine import parallel
from algoprogress.engine.cache import cached
from algoprogress.fits.rates import MONTHS_PER_YEAR, Conditions, growth_rates, months_of
from algoprogress.fits.resample import Draws
from algoprogress.laws import catalogue
from algoprogress.show.estimate import Estimate
from book.studies.robustness import study as robustness
from book.studies.robustness.study import Study

TOP_TEN = {  # law and penalty, in the authors' order, by the name that ids give them
    "law10_0001": ("10", 0.001), "law7_00025": ("7", 0.0025), "law15_001": ("15", 0.01), "law8_0005": ("8", 0.005),
    "law15_0005": ("15", 0.005), "law7_001": ("7", 0.01), "law12_002": ("12", 0.02), "law10_00025": ("10", 0.0025),
    "law10_0005": ("10", 0.005), "law12_0005": ("12", 0.005),
}  # fmt: skip
# Of each law the penalty with the best published score, in the authors' order; 14 has no rate in the closed form,
# 16 and 17 have none at all, but their resamples are drawn from the same stream.
BEST_PENALTY = {
    "10": 0.001, "7": 0.0025, "15": 0.01, "8": 0.005, "12": 0.02, "9": 0.02, "5": 0.0025,
    "13": 0.01, "6": 0.0025, "11": 0.01, "4": 0.0025, "3": 0.02, "1": 0.02, "2": 0.001,
}  # fmt: skip
BY_BENCHMARK = ("4", "5", "6", "10", "11")  # laws whose rate of progress differs by benchmark
BEFORE_POOL, BEFORE_FORMS = 100, 1_100  # draws of the seeded stream taken by earlier bootstraps of the same notebook
ORIGIN = 2012.0  # of the years in which a law's exponents are written; near the data, for the sake of rounding


def _everywhere(measure: Callable[[Draws, Conditions], np.ndarray], draws: Draws) -> np.ndarray:
    """Return a measure of draws at all benchmarks if the law's rate differs by them, else at one, as the authors do."""
    every = describe.table("evaluations").field("benchmark").allowed
    places = every if draws.law.id in BY_BENCHMARK else ("wt103",)
    return np.concatenate([measure(draws, Conditions(benchmark)) for benchmark in places])


def searched_months(draws: Draws, at: Conditions) -> np.ndarray:
    """Return the doubling time of each draw by the authors' search, in months."""
    pieces = np.array_split(_surface(draws, at), max(1, len(draws) // 50))
    tasks = [(piece, at.compute_flop, at.year) for piece in pieces]
    return np.concatenate(parallel.mapped(_search, tasks, label="numerical doubling times"))


def _basis(years: np.ndarray) -> np.ndarray:
    """Return 1, years and the bend of ln(years): exponents of every law are linear in these (years x 3)."""
    gone = np.asarray(years, float) - ORIGIN
    return np.stack([np.ones_like(gone), gone, np.log1p(gone / ORIGIN) - gone / ORIGIN], axis=-1)


def _surface(draws: Draws, at: Conditions) -> np.ndarray:
    """Return the exponents of each draw as linear in `_basis` and in 1, ln N and ln D: (draws x terms x 3 x 3)."""
    years = np.array([2010.0, 2017.0, 2024.0])
    logs = np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0]])
    parameters, tokens = np.exp(np.tile(logs, (3, 1))).T
    design = draws.law.design(at.frame(parameters=parameters, tokens=tokens, year=np.repeat(years, 3)), draws.reference)
    phi = design.link(draws.params)[0]
    values = np.stack([(phi @ matrix.T).reshape(-1, 3, 3) for matrix in design.exponents], axis=1)
    points = np.column_stack([np.ones(3), logs])
    return np.linalg.solve(_basis(years), values) @ np.linalg.inv(points).T


def _search(surface: np.ndarray, compute_flop: float, year: float) -> np.ndarray:
    return np.array([_months(each, compute_flop, year) for each in surface])


def _months(surface: np.ndarray, compute_flop: float, year: float) -> float:
    """Return the months until the model of today's compute matches today's model of twice the compute."""

    def loss(sizes: np.ndarray, when: float) -> float:
        return float(np.exp(_basis(when) @ surface @ np.array([1.0, sizes[0], sizes[1]])).sum())

    def optimum(flop: float):
        budget = {"type": "eq", "fun": lambda sizes: np.log(FLOP_PER_PARAMETER_TOKEN) + sizes.sum() - np.log(flop)}
        start = np.full(2, np.log(flop) / 2.0)
        return minimize(loss, start, args=(year,), method="SLSQP", constraints=budget)

    with np.errstate(all="ignore"):
        now, twice = optimum(compute_flop), optimum(2.0 * compute_flop)
        return MONTHS_PER_YEAR * float(minimize_scalar(lambda years: abs(loss(now.x, year + years) - twice.fun)).x)


def _ten(sample: Sample) -> list[Study]:
    return [Study(catalogue.law(law), sample, penalty) for law, penalty in TOP_TEN.values()]


@cached
def published(sample: Sample, *, skip: int = BEFORE_POOL) -> np.ndarray:
    """Return the pooled months of the ten specifications, published protocol, `skip` draws into the seeded stream."""
    draws = [robustness.protocol(of, skip=skip + 100 * place) for place, of in enumerate(_ten(sample))]
    return np.concatenate([_everywhere(searched_months, each) for each in draws])


def converged(sample: Sample) -> np.ndarray:
    """Return the pooled yearly growth rates of the ten specifications, converged, papers resampled."""
    return np.concatenate([_everywhere(growth_rates, robustness.converged(of)) for of in _ten(sample)])


@cached
def forms(sample: Sample) -> pd.DataFrame:
    """Return months under each law with a rate at its best penalty: law, penalty, estimates protocol and converged."""
    lines = []
    for place, (law, penalty) in enumerate(BEST_PENALTY.items()):
        of = Study(catalogue.law(law), sample, penalty)
        searched = _everywhere(searched_months, robustness.protocol(of, skip=BEFORE_FORMS + 100 * place))
        covers = f"{robustness.COVERS['published']}, of that law"
        protocol = Estimate.from_draws(searched, covers=covers, unit="months", complete=True)
        solved = _everywhere(growth_rates, robustness.converged(of))
        converged = months_of(Estimate.from_draws(solved, covers=f"{robustness.CONVERGED}, of that law"))
        lines.append((law, penalty, protocol, converged))
    return pd.DataFrame(lines, columns=["law", "penalty", "protocol", "converged"])
