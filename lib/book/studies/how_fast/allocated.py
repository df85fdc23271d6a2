"""Doubling times by search (Ho et al. 2024, appendix G), over the optimal models of one compute and of twice that."""

from dataclasses import replace

import numpy as np
from scipy.optimize import elementwise

from algoprogress.data.variables import FLOP_PER_PARAMETER_TOKEN, Normalisation
from algoprogress.fits.rates import MONTHS_PER_YEAR, Conditions, slopes
from algoprogress.laws.law import Law


def optimal_allocation(
    law: Law, reference: Normalisation, params: np.ndarray, at: Conditions | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Return the parameters and tokens that minimise the predicted loss at 6 N D = C, by draw.

    Both terms fall exponentially in ln N and ln D, so the first-order condition has a closed solution. A draw in which
    a term does not fall has no optimum and gives nan; a law of compute alone, to which all splits are equal, the even.
    """
    at, params = at or Conditions(), np.atleast_2d(params)
    budget = np.log(at.compute_flop / FLOP_PER_PARAMETER_TOKEN)
    falls_by = slopes(law, reference, params, at)
    if not law.data:
        of_compute = np.isclose(falls_by["capacity", "parameters"], falls_by["capacity", "tokens"])
        even = np.where(of_compute, np.exp(budget / 2.0), np.nan)
        return even, even
    capacity_slope, data_slope = falls_by["capacity", "parameters"], falls_by["data", "tokens"]
    unit = law.design(at.frame(parameters=1.0, tokens=1.0), reference)
    capacity, data = (unit.link(params)[0] @ matrix[0] for matrix in unit.exponents)
    with np.errstate(invalid="ignore"):
        falls = (capacity_slope > 0) & (data_slope > 0)
        log_ratio = np.log(capacity_slope / data_slope, where=falls, out=np.full(len(params), np.nan))
        log_parameters = (capacity - data + log_ratio + data_slope * budget) / (capacity_slope + data_slope)
    return np.exp(log_parameters), np.exp(budget - log_parameters)


def numerical_doubling_time_months(
    law: Law, reference: Normalisation, params: np.ndarray, at: Conditions | None = None
) -> np.ndarray:
    """Return the months until the optimal model of today's compute matches today's optimal model of twice the compute.

    Solved exactly, at today's allocation, so it differs from the closed form in second order; without a root nan.
    """
    at, params = at or Conditions(), np.atleast_2d(params)
    now = np.stack(optimal_allocation(law, reference, params, at))
    twice = np.stack(optimal_allocation(law, reference, params, replace(at, compute_flop=2.0 * at.compute_flop)))
    rows = np.flatnonzero(np.isfinite(now + twice).all(axis=0))
    goal = np.full(len(params), np.nan)
    goal[rows] = predicted_loss(law, reference, params[rows], at, *twice[:, rows])

    def excess(years: np.ndarray, draw: np.ndarray) -> np.ndarray:
        draw = np.broadcast_to(draw, years.shape).astype(int).ravel()
        loss = predicted_loss(law, reference, params[draw], at, *now[:, draw], year=at.year + years.ravel())
        return (loss - goal[draw]).reshape(years.shape)

    bracket = elementwise.bracket_root(excess, np.zeros(len(rows)), xr0=np.ones(len(rows)), args=(rows,))
    root = elementwise.find_root(excess, bracket.bracket, args=(rows,))
    months = np.full(len(params), np.nan)
    months[rows] = np.where(root.success, MONTHS_PER_YEAR * root.x, np.nan)
    return months


def predicted_loss(law, reference, params, at: Conditions, parameters, tokens, year=None) -> np.ndarray:
    """Return the loss in nats of draw i at its own parameters, tokens and year (arrays of one length)."""
    design = law.design(at.frame(parameters=parameters, tokens=tokens, year=year), reference)
    phi = design.link(np.atleast_2d(params))[0]
    floor = 0.0 if design.floor is None else (phi * design.floor).sum(axis=1)
    with np.errstate(over="ignore"):
        return floor + sum(np.exp((phi * matrix).sum(axis=1)) for matrix in design.exponents)
