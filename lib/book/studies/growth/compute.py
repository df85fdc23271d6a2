"""How fast the training compute of language models has grown, with breaks tested and not assumed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from algoprogress.data.sample import decimal_year
from algoprogress.engine.cache import cached
from algoprogress.fits.rates import MONTHS_PER_YEAR, doubling_time_months

FIRST_YEAR = 2012.0
TRIM = 0.15  # of the rows at either end, where no break is looked for (Andrews 1993)
DRAWS = 1_000
PIECES = 40  # candidate dates of a break


@dataclass(frozen=True)
class Slopes:
    """Yearly growth rates (natural log) by stretch of time, the fitted log at the start, and their draws.

    `edges` are the years that bound the stretches; `draws` is (draws x stretches), organisations resampled.
    """

    edges: tuple[float, ...]
    rates: np.ndarray
    draws: np.ndarray
    rows: int

    def frame(self) -> pd.DataFrame:
        """Return a line a stretch: start, end, rate, low, high (95%), months, months_low, months_high, rows of all."""
        low, high = np.quantile(self.draws, [0.025, 0.975], axis=0)
        months = {"months": self.rates, "months_low": high, "months_high": low}
        return pd.DataFrame(
            {
                "start": self.edges[:-1],
                "end": self.edges[1:],
                "rate": self.rates,
                "low": low,
                "high": high,
                "rows": self.rows,
                **{name: doubling_time_months(rate) for name, rate in months.items()},
            }
        )


def known(models: pd.DataFrame, *, notable: bool = False, since: float = FIRST_YEAR) -> pd.DataFrame:
    """Return the models with a training compute, published in `since` or later, with years_decimal and log_compute.

    `notable` keeps those that Epoch AI calls notable. Fine-tunes of another model are left out.
    """
    years = decimal_year(models["publication_date"])
    kept = models["training_compute_flop"].notna() & (years >= since) & (models["base_model"] == "")
    kept &= (models["notability"] != "") if notable else True
    found = models[kept].assign(years_decimal=years[kept])
    found["log_compute"] = np.log(found["training_compute_flop"])
    return found.sort_values("years_decimal", ignore_index=True)


def frontier(models: pd.DataFrame, *, top: int = 10) -> pd.DataFrame:
    """Return the models that were among the `top` largest by training compute when they appeared."""
    compute = models["training_compute_flop"].to_numpy()
    rank = np.array([(compute[: place + 1] >= compute[place]).sum() for place in range(len(compute))])
    return models[rank <= top].reset_index(drop=True)


def _basis(years: np.ndarray, breaks: tuple[float, ...]) -> np.ndarray:
    """Return a constant, years, and years past each break: the line is continuous and bends there."""
    hinges = [np.maximum(years - each, 0.0) for each in breaks]
    return np.column_stack([np.ones_like(years), years - FIRST_YEAR, *hinges])


def slopes(models: pd.DataFrame, *, breaks: tuple[float, ...] = (), draws: int = DRAWS, seed: int = 0) -> Slopes:
    """Return the growth rates of training compute between breaks, by least squares; organisations are resampled."""
    years, target = models["years_decimal"].to_numpy(), models["log_compute"].to_numpy()
    design = _basis(years, breaks)
    weights = _resampled(models["organization"], draws, seed)
    gram = np.einsum("kr,rp,rq->kpq", weights, design, design, optimize=True)
    found = np.linalg.lstsq(design, target, rcond=None)[0]
    enough = np.linalg.cond(gram) < 1e12
    solved = np.linalg.solve(gram[enough], (weights[enough] @ (design * target[:, None]))[:, :, None])[:, :, 0]
    edges = (float(years.min()), *breaks, float(years.max()))
    return Slopes(edges, np.cumsum(found[1:]), np.cumsum(solved[:, 1:], axis=1), len(models))


def _resampled(groups: pd.Series, draws: int, seed: int) -> np.ndarray:
    """Return how often each row counts when groups are drawn with replacement (draws x rows)."""
    _, membership = np.unique(groups, return_inverse=True)
    count = membership.max() + 1
    return np.random.default_rng(seed).multinomial(count, np.full(count, 1.0 / count), size=draws)[:, membership]


@dataclass(frozen=True)
class Break:
    """The most likely date of one bend with its 95% interval, its F statistic, and the p value of no bend at all.

    The interval is over resampled organisations; `candidates` has F by date.
    """

    year: float
    low: float
    high: float
    statistic: float
    p_value: float
    candidates: pd.DataFrame


@cached
def bend(models: pd.DataFrame, *, after: tuple[float, ...] = (), draws: int = DRAWS, seed: int = 0) -> Break:
    """Return the test of one more bend after some given: the largest F over all dates, against simulated ones.

    Under no bend, residuals keep their size and get a random sign shared by each organisation (wild cluster bootstrap,
    Cameron, Gelbach & Miller 2008), so that neither unequal spread nor families of models make a bend.
    """
    years, target = models["years_decimal"].to_numpy(), models["log_compute"].to_numpy()
    low, high = np.quantile(years, [TRIM, 1.0 - TRIM])
    dates = np.linspace(low, high, PIECES)
    null = _basis(years, after)
    fitted = null @ np.linalg.lstsq(null, target, rcond=None)[0]
    _, membership = np.unique(models["organization"], return_inverse=True)
    signs = np.random.default_rng(seed).choice([-1.0, 1.0], (draws, membership.max() + 1))[:, membership]
    samples = np.vstack([target, fitted + signs * (target - fitted)]).T
    statistic = np.stack([_f_statistic(null, _basis(years, (*after, date)), samples) for date in dates])
    best = statistic.max(axis=0)
    curve = pd.DataFrame({"year": dates, "f": statistic[:, 0]})
    found = _dates(models, [_basis(years, (*after, date)) for date in dates], draws, seed)
    low, high = np.quantile(dates[found], [0.025, 0.975])
    p_value = float((best[1:] >= best[0]).mean())
    return Break(float(dates[statistic[:, 0].argmax()]), float(low), float(high), float(best[0]), p_value, curve)


def _dates(models: pd.DataFrame, bases: list[np.ndarray], draws: int, seed: int) -> np.ndarray:
    """Return the place of the date that fits best in each resample of organisations."""
    weights, target = _resampled(models["organization"], draws, seed), models["log_compute"].to_numpy()
    left = []
    for basis in bases:
        gram = np.einsum("kr,rp,rq->kpq", weights, basis, basis, optimize=True)
        gram += 1e-9 * np.eye(basis.shape[1])  # a resample may lack rows on one side of a date
        pull = weights @ (basis * target[:, None])
        left.append(-(pull * np.linalg.solve(gram, pull[:, :, None])[:, :, 0]).sum(axis=1))
    return np.argmin(left, axis=0)


def _f_statistic(null: np.ndarray, full: np.ndarray, samples: np.ndarray) -> np.ndarray:
    """Return the F statistic of the columns that `full` adds, for each sample (rows x samples)."""
    small, large = (_residual(design, samples) for design in (null, full))
    more = full.shape[1] - null.shape[1]
    return ((small - large) / more) / (large / (len(samples) - full.shape[1]))


def _residual(design: np.ndarray, samples: np.ndarray) -> np.ndarray:
    """Return the sum of squares that a design leaves of each sample."""
    basis = np.linalg.qr(design)[0]
    return (samples**2).sum(axis=0) - ((basis.T @ samples) ** 2).sum(axis=0)


def stack(physical: np.ndarray, algorithmic: np.ndarray, years: np.ndarray, *, seed: int = 0) -> pd.DataFrame:
    """Return how far physical, algorithmic and effective compute have multiplied since the first of some years.

    `physical` and `algorithmic` are draws of yearly growth rates (natural log), paired at random. One line a year and
    part. Columns: year, part, median, low, high (95%, factors).
    """
    rng = np.random.default_rng(seed)
    draws = {"physical": rng.choice(physical, DRAWS * 10), "algorithmic": rng.choice(algorithmic, DRAWS * 10)}
    draws["effective"] = draws["physical"] + draws["algorithmic"]
    lines = []
    for year in years:
        for part, rates in draws.items():
            low, median, high = np.quantile(rates * (year - years[0]), [0.025, 0.5, 0.975])
            lines.append((year, part, *np.exp([median, low, high])))
    return pd.DataFrame(lines, columns=["year", "part", "median", "low", "high"])


def factor(months: float, years: float) -> float:
    """Return how many times something multiplies in some years that doubles every so many months.

    >>> factor(6.0, 9.0)
    262144.0
    """
    return float(2.0 ** (MONTHS_PER_YEAR * years / months))
