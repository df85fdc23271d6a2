"""Exponential growth in stretches of time: its rates, and a test of whether it bends at all, and when.

Rows have years_decimal, log_compute (or the log of whatever grows) and organization, whose rows are resampled together.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import stdtrit

from algoprogress.engine.cache import cached
from algoprogress.fits.rates import doubling_time_months
from algoprogress.show.estimate import Estimate

FIRST_YEAR = 2012.0
TRIM = 0.15  # of the rows at either end, where no break is looked for (Andrews 1993)
DRAWS = 1_000
DATES = 40  # candidates of a break
COVERS = f"95%, {DRAWS:,} resampled organisations"


def months(rate: float) -> float:
    """Return the months in which something doubles that grows at a yearly rate (natural log); missing if that is."""
    return float(doubling_time_months(rate)) if rate == rate else rate


def line(at: pd.Series, values: pd.Series, covers: str) -> Estimate:
    """Return the slope of a straight line through values, with Student's 95% interval if there are more than two."""
    from scipy.stats import linregress  # slow to import

    found = linregress(at, values)
    half = stdtrit(len(at) - 2, 0.975) * found.stderr
    return Estimate(*(float(each) for each in (found.slope, found.slope - half, found.slope + half)), covers)


def mean(values: pd.Series, covers: str, unit: str = "") -> Estimate:
    """Return the mean of values with Student's 95% interval."""
    middle, half = values.mean(), stdtrit(len(values) - 1, 0.975) * values.std(ddof=1) / np.sqrt(len(values))
    return Estimate(middle, middle - half, middle + half, covers, unit)


@dataclass(frozen=True)
class Slopes:
    """Yearly growth rates (natural log) by stretch of time, and their draws.

    `edges` are the years that bound the stretches; `draws` is (draws x stretches), organisations resampled.
    """

    edges: tuple[float, ...]
    rates: np.ndarray
    draws: np.ndarray

    @property
    def months(self) -> list[Estimate]:
        """Return the doubling time of each stretch in months."""
        pairs = zip(self.rates, self.draws.T, strict=True)
        found = [Estimate.from_draws(draws, value=rate, covers=COVERS) for rate, draws in pairs]
        return [each.map(months, unit="months") for each in found]

    def logs(self, years: np.ndarray) -> np.ndarray:
        """Return the log of the growth since the first edge, at some years."""
        return np.interp(years, self.edges, np.r_[0.0, np.cumsum(self.rates * np.diff(self.edges))])


def _basis(years: np.ndarray, breaks: tuple[float, ...]) -> np.ndarray:
    """Return a constant, years, and years past each break: the line is continuous and bends there."""
    hinges = [np.maximum(years - each, 0.0) for each in breaks]
    return np.column_stack([np.ones_like(years), years - FIRST_YEAR, *hinges])


def slopes(models: pd.DataFrame, *, breaks: tuple[float, ...] = ()) -> Slopes:
    """Return the growth rates between breaks, by least squares; organisations are resampled."""
    years, target = models["years_decimal"].to_numpy(), models["log_compute"].to_numpy()
    design, weights = _basis(years, breaks), _resampled(models["organization"], DRAWS, 0)
    gram = np.einsum("kr,rp,rq->kpq", weights, design, design, optimize=True)
    found = np.linalg.lstsq(design, target, rcond=None)[0]
    enough = np.linalg.cond(gram) < 1e12
    solved = np.linalg.solve(gram[enough], (weights[enough] @ (design * target[:, None]))[:, :, None])[:, :, 0]
    edges = (float(years.min()), *breaks, float(years.max()))
    return Slopes(edges, np.cumsum(found[1:]), np.cumsum(solved[:, 1:], axis=1))


def _resampled(groups: pd.Series, draws: int, seed: int) -> np.ndarray:
    """Return how often each row counts when groups are drawn with replacement (draws x rows)."""
    _, membership = np.unique(groups, return_inverse=True)
    count = membership.max() + 1
    return np.random.default_rng(seed).multinomial(count, np.full(count, 1.0 / count), size=draws)[:, membership]


@dataclass(frozen=True)
class Bend:
    """The most likely date of one bend, and the p value of no bend at all."""

    date: Estimate
    p_value: float


@cached
def bend(models: pd.DataFrame, *, draws: int = DRAWS, seed: int = 0) -> Bend:
    """Return the test of one bend: the largest F over all dates, against simulated ones.

    Under no bend, residuals keep their size and get a random sign shared by each organisation (wild cluster bootstrap,
    Cameron, Gelbach & Miller 2008), so that neither unequal spread nor families of models make a bend.
    """
    years, target = models["years_decimal"].to_numpy(), models["log_compute"].to_numpy()
    dates = np.linspace(*np.quantile(years, [TRIM, 1.0 - TRIM]), DATES)
    null, bases = _basis(years, ()), [_basis(years, (date,)) for date in dates]
    fitted = null @ np.linalg.lstsq(null, target, rcond=None)[0]
    _, membership = np.unique(models["organization"], return_inverse=True)
    signs = np.random.default_rng(seed).choice([-1.0, 1.0], (draws, membership.max() + 1))[:, membership]
    samples = np.vstack([target, fitted + signs * (target - fitted)]).T
    bent, free = np.stack([_residual(basis, samples) for basis in bases]), len(samples) - bases[0].shape[1]
    statistic = (_residual(null, samples) - bent) / (bent / free)  # F, with one more column
    best = statistic.max(axis=0)
    drawn = dates[_best(models, bases, draws, seed)]
    date = Estimate.from_draws(drawn, value=dates[statistic[:, 0].argmax()], covers=COVERS, unit="year")
    return Bend(date, float((best[1:] >= best[0]).mean()))


def _best(models: pd.DataFrame, bases: list[np.ndarray], draws: int, seed: int) -> np.ndarray:
    """Return the place of the basis that fits best in each resample of organisations."""
    weights, target = _resampled(models["organization"], draws, seed), models["log_compute"].to_numpy()
    left = []
    for basis in bases:
        gram = np.einsum("kr,rp,rq->kpq", weights, basis, basis, optimize=True)
        gram += 1e-9 * np.eye(basis.shape[1])  # a resample may lack rows on one side of a date
        pull = weights @ (basis * target[:, None])
        left.append(-(pull * np.linalg.solve(gram, pull[:, :, None])[:, :, 0]).sum(axis=1))
    return np.argmin(left, axis=0)


def _residual(design: np.ndarray, samples: np.ndarray) -> np.ndarray:
    """Return the sum of squares that a design leaves of each sample (rows x samples)."""
    basis = np.linalg.qr(design)[0]
    return (samples**2).sum(axis=0) - ((basis.T @ samples) ** 2).sum(axis=0)
