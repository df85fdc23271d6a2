"""Minimises the penalised squared error of a law, for many resamples and starts at once.

The objective of Ho et al. 2024 (section 3.1) is  sum_i w_i (L_i - y_i)^2 + sum_j delta_j |theta_j|.  Its smooth
part has exact first and second derivatives, so a damped Newton step is taken inside the orthant of the current
signs: parameters that reach zero stay there until the gradient outweighs the penalty. The steps of all problems are
vectorised.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from threadpoolctl import threadpool_limits

from algoprogress.law import Design

TOLERANCE = 1e-8  # of the optimality residual, in units of the objective per unit of a parameter
LARGEST_EXPONENT = 60.0  # keeps wild starts finite; no solution comes near it
LONGEST_STEP = 5.0  # in any parameter, far beyond the size of a solution
MOST_CROSSINGS = 4  # rounds of stopping parameters at zero within one step
CHUNK = 2_000  # problems solved together, which bounds the memory


@dataclass(frozen=True)
class Solutions:
    """Solutions of a batch of problems: parameters (problems x parameters) and, by problem, how good they are.

    `residual` is the largest element of the smallest subgradient: zero at an exact stationary point.
    """

    params: np.ndarray
    objective: np.ndarray
    residual: np.ndarray
    iterations: np.ndarray

    @property
    def converged(self) -> np.ndarray:
        """Return which problems met the tolerance on the optimality residual."""
        return self.residual < TOLERANCE


class _Derivatives:
    """Objective, gradient and Hessian of the smooth part, with the products of design columns made once."""

    def __init__(self, design: Design, target: np.ndarray):
        self.design, self.target = design, target
        self.blocks = [] if design.floor is None else [design.floor]
        self.blocks += list(design.exponents)
        self.upper = np.triu_indices(len(design.names))
        first, second = self.upper
        self.products = {
            (k, m): left[:, first] * right[:, second] + (right[:, first] * left[:, second] if k != m else 0.0)
            for k, left in enumerate(self.blocks)
            for m, right in enumerate(self.blocks)
            if k <= m
        }

    def factors(self, theta: np.ndarray) -> tuple[list[np.ndarray], np.ndarray]:
        """Return dL/d(linear predictor) of each block and the residuals, each (problems x rows)."""
        phi = self.design.link(theta)[0]
        terms = [np.exp(np.minimum(phi @ matrix.T, LARGEST_EXPONENT)) for matrix in self.design.exponents]
        residual = sum(terms) - self.target
        if self.design.floor is None:
            return terms, residual
        return [np.ones_like(residual), *terms], residual + phi @ self.design.floor.T

    def slopes(self, theta: np.ndarray, weights: np.ndarray, factors, residual) -> tuple[np.ndarray, np.ndarray]:
        """Return the gradient (problems x parameters) and Hessian (problems x parameters x parameters)."""
        _, first, second = self.design.link(theta)
        weighted = 2.0 * weights * residual
        gradient = sum((weighted * factor) @ block for factor, block in zip(factors, self.blocks, strict=True))
        packed = 0.0
        for (k, m), product in self.products.items():
            curvature = 2.0 * weights * factors[k] * factors[m]
            exponential = k == m and not (k == 0 and self.design.floor is not None)
            packed = packed + (curvature + weighted * factors[k] if exponential else curvature) @ product
        hessian = np.zeros((*theta.shape, theta.shape[1]))
        hessian[:, self.upper[0], self.upper[1]] = packed
        hessian[:, self.upper[1], self.upper[0]] = packed
        hessian *= first[:, :, None] * first[:, None, :]
        diagonal = np.arange(theta.shape[1])
        hessian[:, diagonal, diagonal] += gradient * second
        return gradient * first, hessian


def subgradient(gradient: np.ndarray, theta: np.ndarray, penalty: np.ndarray) -> np.ndarray:
    """Return the smallest subgradient of the penalised objective: zero where `theta` is stationary."""
    at_zero = np.sign(gradient) * np.maximum(np.abs(gradient) - penalty, 0.0)
    return np.where(theta == 0.0, at_zero, gradient + penalty * np.sign(theta))


def evaluate(
    design: Design, target: np.ndarray, weights: np.ndarray, *, penalty: np.ndarray, theta: np.ndarray
) -> Solutions:
    """Return objective and optimality residual at given points (problems x parameters), without moving them."""
    derivatives = _Derivatives(design, target)
    factors, errors = derivatives.factors(theta)
    gradient, _ = derivatives.slopes(theta, weights, factors, errors)
    residual = np.abs(subgradient(gradient, theta, penalty)).max(axis=1)
    return Solutions(theta, _objective(errors, weights, theta, penalty), residual, np.zeros(len(theta), int))


def minimise(
    design: Design,
    target: np.ndarray,
    weights: np.ndarray,
    *,
    penalty: np.ndarray,
    starts: np.ndarray,
    limit: int = 400,
) -> Solutions:
    """Return the local minimum reached from each start.

    `weights` (problems x rows) sum to one in each problem, `penalty` has one strength a parameter and
    `starts` is (problems x parameters). Problems that did not converge within `limit` steps keep their residual.
    """
    derivatives = _Derivatives(design, target)
    rows = np.array_split(np.arange(len(starts)), max(1, -(-len(starts) // CHUNK)))
    # The matrices are small: threads of the linear algebra cost more than they give, most of all on a busy machine.
    with threadpool_limits(limits=1):
        pieces = [_minimise(derivatives, weights[part], penalty, starts[part], limit) for part in rows]
    return Solutions(*(np.concatenate(column) for column in zip(*pieces, strict=True)))


def _minimise(derivatives: _Derivatives, weights, penalty, starts, limit) -> tuple[np.ndarray, ...]:
    theta, count = np.array(starts, float), len(starts)
    damping, iterations = np.full(count, 1e-2), np.zeros(count, int)
    factors, errors = derivatives.factors(theta)
    objective = _objective(errors, weights, theta, penalty)
    gradient, hessian = derivatives.slopes(theta, weights, factors, errors)
    residual = np.abs(subgradient(gradient, theta, penalty)).max(axis=1)
    for _ in range(limit):
        active = np.flatnonzero((residual >= TOLERANCE) & (damping < 1e12))
        if not len(active):
            break
        trial, promised = _step(theta[active], gradient[active], hessian[active], penalty, damping[active])
        factors, errors = derivatives.factors(trial)
        value = _objective(errors, weights[active], trial, penalty)
        gained = objective[active] - value
        # Near the optimum both sides are rounding noise; a step that does not raise the objective is then taken.
        accepted = gained >= np.where(promised > 1e-13, 0.05 * promised, -1e-15)
        verdicts = [~accepted, gained > 0.7 * promised, gained < 0.3 * promised]
        damping[active] = np.maximum(damping[active] * np.select(verdicts, [5.0, 0.1, 2.0], 0.5), 1e-11)
        iterations[active] += 1
        moved, kept = active[accepted], [factor[accepted] for factor in factors]
        theta[moved], objective[moved] = trial[accepted], value[accepted]
        gradient[moved], hessian[moved] = derivatives.slopes(theta[moved], weights[moved], kept, errors[accepted])
        residual[moved] = np.abs(subgradient(gradient[moved], theta[moved], penalty)).max(axis=1)
    return theta, objective, residual, iterations


def _objective(errors: np.ndarray, weights: np.ndarray, theta: np.ndarray, penalty: np.ndarray) -> np.ndarray:
    return (weights * errors**2).sum(axis=1) + np.abs(theta) @ penalty


def _step(theta, gradient, hessian, penalty, damping) -> tuple[np.ndarray, np.ndarray]:
    """Return the damped Newton point of each problem within the orthant of its signs, and the gain that it promises."""
    slope = subgradient(gradient, theta, penalty)
    orthant = np.where(theta != 0.0, np.sign(theta), -np.sign(slope))
    fixed = (theta == 0.0) & (slope == 0.0)
    values, vectors = np.linalg.eigh(np.where(fixed[:, :, None] | fixed[:, None, :], 0.0, hessian))
    # |eigenvalue| turns saddles into descent; the damping keeps directions without curvature short, and the
    # relative floor keeps the system solvable in double precision far from any solution.
    size = np.abs(values)
    size = np.maximum(size + damping[:, None], 1e-12 * size.max(axis=1, keepdims=True))
    curved = np.einsum("bpq,bq,brq->bpr", vectors, size, vectors)
    held, step = fixed, np.zeros_like(theta)
    for _ in range(MOST_CROSSINGS):  # parameters that would change sign stop at zero, and the others adapt to that
        system = np.where(held[:, :, None], np.eye(theta.shape[1]), curved)
        step = np.linalg.solve(system, np.where(held, -theta, -slope)[:, :, None])[:, :, 0]
        crossed = (penalty > 0) & ~held & (np.sign(theta + step) * orthant < 0)
        if not crossed.any():
            break
        held = held | crossed
    step = np.clip(step, -LONGEST_STEP, LONGEST_STEP)
    trial = np.where(held | crossed, 0.0, theta + step)
    move = trial - theta
    promised = -(slope * move).sum(axis=1) - 0.5 * np.einsum("bp,bpq,bq->b", move, curved, move)
    return trial, promised
