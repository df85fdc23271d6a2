"""Whether progress has sped up: a smooth rate in time beside the breaks, and what change these rows could have shown.

The law is model 12 with a natural cubic spline of time in place of the straight line, shared by both terms.
"""

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
STEP = 1e-3  # years, of the numerical derivative of the spline
POWER, LEVEL = 0.84, 1.96  # normal quantiles of 80% power and of a 5% level, two-sided


def spline(years: np.ndarray, knots: np.ndarray) -> np.ndarray:
    """Return the natural cubic spline basis without its constant: time, then a column for each inner knot.

    Truncated powers, linear beyond the outer knots (Hastie, Tibshirani & Friedman 2009, eqs. 5.4 and 5.5).
    """

    def cubic(knot: float) -> np.ndarray:
        powers = np.maximum(years - knot, 0.0) ** 3 - np.maximum(years - knots[-1], 0.0) ** 3
        return powers / (knots[-1] - knot)

    last = cubic(knots[-2])
    return np.column_stack([years, *(cubic(knot) - last for knot in knots[:-2])])


def smooth_design(sample: Sample) -> tuple[Design, np.ndarray, np.ndarray]:
    """Return the design of model 12 with a spline in time, the losses in nats, and the knots in elapsed years."""
    base, target, reference = fit.problem(catalogue.law("12"), sample)
    years = sample.frame["years_decimal"].to_numpy(float) - reference.year
    knots = np.quantile(years, KNOTS)
    columns = spline(years, knots)
    place = base.names.index("year")
    names = (*(name for name in base.names if name != "year"), *(f"time_{order}" for order in range(columns.shape[1])))
    exponents = tuple(np.column_stack([np.delete(matrix, place, axis=1), -columns]) for matrix in base.exponents)
    return Design(names, None, exponents, {}, "12+spline"), target, knots


@cached
def smooth_rates(
    sample: Sample, years: tuple[float, ...], *, penalty: float = fit.PENALTY, draws: int = DRAWS, seed: int = 0
) -> np.ndarray:
    """Return the growth rate of effective compute at some years under the spline (draws x years), papers resampled.

    The spline's own coefficients carry no penalty. Rates are kept within plus and minus a hundred a year.
    """
    design, target, knots = smooth_design(sample)
    start = float(sample.frame["years_decimal"].min())
    penalties = fit.strengths(design, penalty, tuple(name for name in design.names if name.startswith("time_")))
    weights = resample.paper_weights(resample.groups(sample, "paper"), draws, np.random.default_rng(seed))
    found = batch.solve(design, target, weights, penalties=penalties, seed=seed, label="spline in time")
    params = found.params[found.converged]
    value = {name: params[:, place] for place, name in enumerate(design.names)}
    bend = np.stack([value[name] for name in design.names if name.startswith("time_")], axis=1)
    ahead, behind = (spline(np.array(years) - start + step, knots) for step in (STEP, -STEP))
    falls = bend @ ((ahead - behind) / (2.0 * STEP)).T
    with np.errstate(divide="ignore", invalid="ignore"):
        rates = falls * (1.0 / value["alpha_param"] + 1.0 / value["beta_data"])[:, None]
    return np.clip(np.nan_to_num(rates), -100.0, 100.0)


def smooth(sample: Sample) -> pd.DataFrame:
    """Return the growth rate through time under the spline (`smooth_rates`).

    Columns: year, and the rate per year (natural log) and the doubling time in months (estimates).
    """
    rates = [Estimate.from_draws(drawn, covers=COVERS) for drawn in smooth_rates(sample, YEARS).T]
    return pd.DataFrame({"year": YEARS, "rate": rates, "months": [rate.map(trend.months) for rate in rates]})


def change(sample: Sample, *, early: float = 2015.0, late: float = 2022.0) -> Estimate:
    """Return how the growth rate differs between two years under the spline, per year (natural log)."""
    rates = smooth_rates(sample, YEARS)
    return Estimate.from_draws(rates[:, YEARS.index(late)] - rates[:, YEARS.index(early)], covers=COVERS)


def detectable(found: Estimate) -> float:
    """Return how far from zero an effect would have to be to show in four samples of five, at a 5% level.

    The error is that of the 95% interval of an estimate of the effect, taken as normal.
    """
    return (POWER + LEVEL) * (found.high - found.low) / (2 * LEVEL)


def breaks(sample: Sample) -> pd.DataFrame:
    """Return how the growth rate changes at each cutoff, and the change that would show.

    Columns: cutoff, rise (estimate) and detectable, both per year (natural log).
    """
    frame = robustness.breaks(catalogue.law("7"), sample)
    part = frame[(frame["procedure"] == "converged") & (frame["side"] == "after")]
    return part[["cutoff", "rise"]].assign(detectable=part["rise"].map(detectable)).reset_index(drop=True)
