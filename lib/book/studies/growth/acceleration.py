"""Whether progress has sped up: a smooth rate in time beside breaks, and what change these rows could have shown."""

import numpy as np
import pandas as pd

from algoprogress.data.sample import Sample
from algoprogress.engine.cache import cached
from algoprogress.fits import batch, fit, resample
from algoprogress.laws import catalogue
from algoprogress.laws.law import Design
from algoprogress.show.estimate import Estimate
from book.studies.growth import trend
from book.studies.robustness import study as robustness

KNOTS = (0.05, 0.35, 0.65, 0.95)  # quantiles of the dates
DRAWS = 1_000
COVERS = f"95%, {DRAWS:,} resampled papers, converged fits"
YEARS = tuple(2013.0 + 0.5 * step for step in range(21))
EARLY, LATE = YEARS.index(2015.0), YEARS.index(2022.0)
STEP = 1e-3  # years, of the numerical derivative of the spline


def spline(years: np.ndarray, knots: np.ndarray) -> np.ndarray:
    """Return the natural cubic spline basis without its constant: time, then a column for each inner knot.

    Truncated powers, linear beyond the outer knots (Hastie, Tibshirani & Friedman 2009, eqs. 5.4 and 5.5).
    """

    def cubic(knot: float) -> np.ndarray:
        powers = np.maximum(years - knot, 0.0) ** 3 - np.maximum(years - knots[-1], 0.0) ** 3
        return powers / (knots[-1] - knot)

    return np.column_stack([years, *(cubic(knot) - cubic(knots[-2]) for knot in knots[:-2])])


def smooth_design(sample: Sample) -> tuple[Design, np.ndarray, np.ndarray]:
    """Return the design of model 12 with a spline in time, the losses in nats, and the knots in elapsed years."""
    base, target, reference = fit.problem(catalogue.law("12"), sample)
    years = sample.frame["years_decimal"].to_numpy(float) - reference.year
    knots = np.quantile(years, KNOTS)
    columns = spline(years, knots)
    names = [name for name in base.names if name != "year"] + [f"time_{order}" for order in range(columns.shape[1])]
    exponents = [np.delete(matrix, base.names.index("year"), axis=1) for matrix in base.exponents]
    exponents = tuple(np.column_stack([matrix, -columns]) for matrix in exponents)
    return Design(tuple(names), None, exponents, {}, "12+spline"), target, knots


@cached
def smooth_rates(
    sample: Sample, years: tuple[float, ...], *, penalty: float = fit.PENALTY, draws: int = DRAWS, seed: int = 0
) -> np.ndarray:
    """Return yearly growth rates of effective compute under the spline (draws x years), papers resampled; up to 100."""
    design, target, knots = smooth_design(sample)
    bends = [name for name in design.names if name.startswith("time_")]
    penalties = fit.strengths(design, penalty, tuple(bends))  # none on the spline
    weights = resample.paper_weights(resample.groups(sample, "paper"), draws, np.random.default_rng(seed))
    found = batch.solve(design, target, weights, penalties=penalties, seed=seed, label="spline in time")
    value = dict(zip(design.names, found.params[found.converged].T, strict=True))
    elapsed = np.array(years) - float(sample.frame["years_decimal"].min())
    slopes = (spline(elapsed + STEP, knots) - spline(elapsed - STEP, knots)) / (2.0 * STEP)
    falls = np.stack([value[name] for name in bends], axis=1) @ slopes.T
    with np.errstate(divide="ignore", invalid="ignore"):
        rates = falls * (1.0 / value["alpha_param"] + 1.0 / value["beta_data"])[:, None]
    return np.clip(np.nan_to_num(rates), -100.0, 100.0)


def smooth(sample: Sample) -> pd.DataFrame:
    """Return the growth rate under the spline: year, rate (per year, natural log) and months to double (estimates)."""
    rates = [Estimate.from_draws(drawn, covers=COVERS) for drawn in smooth_rates(sample, YEARS).T]
    return pd.DataFrame({"year": YEARS, "rate": rates, "months": [rate.map(trend.months) for rate in rates]})


def change(sample: Sample) -> Estimate:
    """Return by how much the growth rate of 2022 exceeds that of 2015 under the spline, per year (natural log)."""
    rates = smooth_rates(sample, YEARS)
    return Estimate.from_draws(rates[:, LATE] - rates[:, EARLY], covers=COVERS)


def breaks(sample: Sample) -> pd.DataFrame:
    """Return the change at each cutoff: cutoff, rise (an estimate, per year, natural log)."""
    found = robustness.breaks(catalogue.law("7"), sample).query("procedure == 'converged' and side == 'after'")
    return found[["cutoff", "rise"]].reset_index(drop=True)
