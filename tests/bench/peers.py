"""Other ways to the same fits, to measure ours against.

Model 7: the authors' call pattern, SLSQP run to convergence, and the solver in NumPy. A power law through runs:
`curve_fit`. A scaling law in size and tokens: BFGS.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from unittest import mock

import numpy as np
import pandas as pd
from scipy.optimize import OptimizeResult, curve_fit, minimize

from algoprogress.data.variables import Normalisation
from algoprogress.fits import solver
from algoprogress.frontiers.runs import nondominated
from algoprogress.laws.law import Design
from bench import numpy_solver

TIGHT = {"ftol": 1e-12, "maxiter": 2_000}


def series_objective(frame: pd.DataFrame, reference: Normalisation, penalty: float) -> Callable[[np.ndarray], float]:
    """Return model 7's objective as the authors call it: arithmetic on the columns of a data frame at each evaluation.

    Written afresh from the published equation (Ho et al. 2024, eq. 8), with the benchmarks as indicator columns.
    """
    observed, year = np.log(frame["perplexity"]), frame["years_decimal"]
    parameters, tokens = frame["parameters"], frame["dataset_tokens"]
    ptb, wt2 = frame["benchmark"].eq("ptb").astype(float), frame["benchmark"].eq("wt2").astype(float)

    def objective(theta: np.ndarray) -> float:
        a, a_ptb, a_wt2, a_year, a_param, b, b_ptb, b_wt2, b_year, b_data = theta
        elapsed = year - reference.year
        size, data = np.log(parameters / reference.parameters), np.log(tokens / reference.tokens)
        capacity = np.exp(a + a_ptb * ptb + a_wt2 * wt2 - a_year * elapsed - a_param * size)
        corpus = np.exp(b + b_ptb * ptb + b_wt2 * wt2 - b_year * elapsed - b_data * data)
        return float(((observed - (capacity + corpus)) ** 2).mean() + penalty * np.abs(theta).sum())

    return objective


def authors_fit(frame: pd.DataFrame, reference: Normalisation, penalty: float) -> OptimizeResult:
    """Return SciPy's result of the authors' call: SLSQP from zeros, finite differences, default stopping rule."""
    with np.errstate(over="ignore", invalid="ignore"):
        return minimize(series_objective(frame, reference, penalty), np.zeros(10), method="SLSQP")


def plain_slsqp(
    design: Design, target: np.ndarray, weights: np.ndarray, penalty: np.ndarray, start: np.ndarray
) -> OptimizeResult:
    """Return SciPy's result of SLSQP with a NumPy objective, finite differences and a tight tolerance."""

    def objective(theta: np.ndarray) -> float:
        return float(weights @ (design.predict(theta) - target) ** 2 + penalty @ np.abs(theta))

    with np.errstate(over="ignore", invalid="ignore"):
        return minimize(objective, start, method="SLSQP", options=TIGHT)


def tuned_slsqp(
    design: Design, target: np.ndarray, weights: np.ndarray, penalty: np.ndarray, start: np.ndarray
) -> OptimizeResult:
    """Return SciPy's result of SLSQP at its best: exact gradient, tight tolerance, and no kink.

    Each parameter is the difference of two that may not be negative, which turns |theta| into their sum. `x` of the
    result is theta again. Laws with a floor or links are not needed here and not supported.
    """

    def objective(both: np.ndarray) -> tuple[float, np.ndarray]:
        positive, negative = np.split(both, 2)
        terms = [np.exp(matrix @ (positive - negative)) for matrix in design.exponents]
        errors = sum(terms) - target
        pull = 2.0 * weights * errors
        slope = sum((pull * term) @ matrix for term, matrix in zip(terms, design.exponents, strict=True))
        value = weights @ errors**2 + penalty @ (positive + negative)
        return float(value), np.concatenate([slope + penalty, penalty - slope])

    begin = np.concatenate([np.maximum(start, 0.0), np.maximum(-start, 0.0)])
    with np.errstate(over="ignore", invalid="ignore"):
        found = minimize(objective, begin, jac=True, method="SLSQP", bounds=[(0.0, None)] * len(begin), options=TIGHT)
    found.x = np.subtract(*np.split(found.x, 2))
    return found


@contextmanager
def solved_by_numpy() -> Iterator[None]:
    """Let the estimator within take its steps by NumPy, from the same starts, instead of by the compiled solver."""

    def minimise(design: Design, target: np.ndarray, weights: np.ndarray, **options) -> numpy_solver.Solutions:
        each = np.repeat(weights, len(options["starts"]) // len(weights), axis=0)
        return numpy_solver.minimise(design, target, each, **options)

    with mock.patch.object(solver, "minimise", minimise):
        yield


def fitted_power_law(groups: Sequence[tuple[np.ndarray, np.ndarray]], times: np.ndarray, floor: float) -> np.ndarray:
    """Return loss above the floor at the mean compute, and exponent, by `curve_fit` through undominated points.

    Each group of points (compute, loss) comes so many times.
    """
    parts = [group for group, count in zip(groups, times, strict=True) for _ in range(count)]
    compute, loss = (np.concatenate(each) for each in zip(*parts, strict=True))
    kept = nondominated(compute, loss) & (loss > floor)
    compute, above = compute[kept] / np.exp(np.log(compute[kept]).mean()), loss[kept] - floor
    return curve_fit(lambda flop, level, exponent: level * flop**exponent, compute, above, p0=(above.mean(), -0.1))[0]


def bfgs(
    design: np.ndarray, log_loss: np.ndarray, weights: np.ndarray, delta: float, start: np.ndarray, exact: bool
) -> OptimizeResult:
    """Return SciPy's result of BFGS on the Huber loss of ln L, a sum over runs as in Hoffmann et al. 2022.

    `weights` say how often each run comes, and `exact` whether the gradient is so or by finite differences.
    """

    def objective(theta: np.ndarray) -> float | tuple[float, np.ndarray]:
        terms = design @ theta
        top = terms.max(axis=1, keepdims=True)
        shares = np.exp(terms - top)
        total = shares.sum(axis=1, keepdims=True)
        error = (np.log(total) + top)[:, 0] - log_loss
        size = np.abs(error)
        value = float(weights @ np.where(size <= delta, 0.5 * error**2, delta * (size - 0.5 * delta)))
        pull = weights * np.clip(error, -delta, delta)
        return (value, np.einsum("r,rt,rtp->p", pull, shares / total, design)) if exact else value

    return minimize(objective, start, jac=exact, method="BFGS")
