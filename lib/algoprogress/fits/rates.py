"""What progress a fitted law implies: doubling times of parameters, data and compute."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from algoprogress.data.variables import FLOP_PER_PARAMETER_TOKEN, Normalisation
from algoprogress.laws.law import Law
from algoprogress.show.estimate import Estimate

if TYPE_CHECKING:
    from algoprogress.fits.fit import Fit
    from algoprogress.fits.resample import Draws

MONTHS_PER_YEAR = 12.0
DOUBLING = MONTHS_PER_YEAR * float(np.log(2.0))  # months to double times the yearly growth rate (natural log)
SLOWER = (12, 18, 24, 36)  # months, whose shares of the draws tell of an end that they do not determine
YEAR_STEP = 1e-3  # of the central difference of design columns in time; exact for columns linear in time


@dataclass(frozen=True)
class Conditions:
    """Where progress is measured: a benchmark, an architecture, a year and a training compute in FLOP."""

    benchmark: str = "wt103"
    architecture: str = "transformer"
    year: float = 2023.0
    compute_flop: float = 1e25

    def frame(self, *, parameters, tokens, year=None, vocabulary=50_257) -> pd.DataFrame:
        """Return rows at these conditions, in the columns that `variables.regressors` reads."""
        parameters, tokens = np.broadcast_arrays(np.atleast_1d(parameters), np.atleast_1d(tokens))
        years = np.broadcast_to(self.year if year is None else year, parameters.shape)
        told = {"benchmark": self.benchmark, "architecture": self.architecture, "years_decimal": years}
        told |= {"parameters": parameters, "dataset_tokens": tokens, "vocabulary": float(vocabulary)}
        return pd.DataFrame({**told, "epochs": 1.0, "epochs_status": "recovered"})


@dataclass(frozen=True)
class Growth:
    """Yearly growth rates (natural log) of effective parameters, effective data and effective compute, by draw."""

    parameters: np.ndarray
    data: np.ndarray
    compute: np.ndarray


def growth(law: Law, reference: Normalisation, params: np.ndarray, at: Conditions | None = None) -> Growth:
    """Return the yearly growth rates of effective resources from `params` (..., parameters).

    That of parameters is the fall of the capacity exponent with time over its fall with ln N (in model 7, alpha_year /
    alpha_param), likewise of data; as C = 6 N D they add up to that of compute (Ho et al. 2024, eqs. 4-6).
    """
    falls = slopes(law, reference, np.atleast_2d(params), at or Conditions())
    with np.errstate(divide="ignore", invalid="ignore"):
        parameters = falls["capacity", "year"] / falls["capacity", "parameters"]
        data = falls["data", "year"] / falls["data", "tokens"] if law.data else np.zeros_like(parameters)
    return Growth(parameters, data, parameters + data)


def doubling_time_months(rate: np.ndarray | float, *, signed: bool = False) -> np.ndarray:
    """Return the months in which a quantity doubles that grows at `rate` per year (natural log).

    Without progress (rate <= 0) the time is infinite; `signed` keeps the negative times that the authors report.

    >>> float(doubling_time_months(np.log(2)))
    12.0
    >>> float(doubling_time_months(-0.1))
    inf
    """
    rate = np.asarray(rate, float)
    with np.errstate(divide="ignore"):
        months = DOUBLING / rate
    return months if signed else np.where(rate > 0, months, np.inf)


def factor(months: float, years: float = 1.0) -> float:
    """Return how many times something multiplies in some years that doubles every so many months.

    >>> factor(6.0), factor(6.0, years=2.0)
    (4.0, 16.0)
    """
    return float(2.0 ** (MONTHS_PER_YEAR * years / months))


def slow(rate: np.ndarray) -> dict[str, np.ndarray]:
    """Return of draws of a growth rate whether each is `slower_than_12` months and so on, or is `without_progress`."""
    months = doubling_time_months(rate)
    return {f"slower_than_{each}": months > each for each in SLOWER} | {"without_progress": np.isinf(months)}


def months_of(rate: Estimate) -> Estimate:
    """Return the doubling time in months of a growth rate per year; it is infinite without progress."""
    return rate.map(lambda value: float(doubling_time_months(value)), unit="months")


def doubling_time(found: Fit | Draws, at: Conditions | None = None) -> Estimate:
    """Return the doubling time of effective compute, in months: of a fit, or median and 95% of its resamples."""
    if not hasattr(found, "by"):
        return Estimate.exact(point_months(found, at), "none: a fit without resamples", unit="months")
    return months_of(Estimate.from_draws(growth_rates(found, at), covers=f"95%, {len(found):,} resampled {found.by}s"))


def point_months(found: Fit, at: Conditions | None = None) -> float:
    """Return the doubling time of effective compute of a fit, in months."""
    rate = growth(found.law, found.reference, found.params.to_numpy(), at).compute[0]
    return float(doubling_time_months(rate))


def growth_rates(draws: Draws, at: Conditions | None = None) -> np.ndarray:
    """Return the yearly growth rate of effective compute of every converged draw (natural log)."""
    return growth(draws.law, draws.reference, draws.kept, at).compute


def slopes(law: Law, reference: Normalisation, params: np.ndarray, at: Conditions) -> dict[tuple[str, str], np.ndarray]:
    """Return minus the derivative of each exponent by year, ln parameters and ln tokens, by draw."""
    size, step = np.sqrt(at.compute_flop / FLOP_PER_PARAMETER_TOKEN), np.array([1.0, -1.0])
    still = np.zeros(2)
    frame = at.frame(
        parameters=size * np.exp(np.r_[still, step, still]),
        tokens=size * np.exp(np.r_[still, still, step]),
        year=at.year + YEAR_STEP * np.r_[step, still, still],
    )
    design = law.design(frame, reference)
    phi = design.link(params)[0]
    found = {}
    for term, matrix in zip(("capacity", "data"), design.exponents, strict=False):
        for place, (variable, width) in enumerate((("year", YEAR_STEP), ("parameters", 1.0), ("tokens", 1.0))):
            ahead, behind = matrix[2 * place : 2 * place + 2]
            found[term, variable] = phi @ (behind - ahead) / (2.0 * width)
    return found
