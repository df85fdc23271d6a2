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

from algoprogress.laws.law import Design

TOLERANCE = 1e-8  # of the optimality residual, in units of the objective per unit of a parameter
LARGEST_EXPONENT = 60.0  # keeps wild starts finite; no solution comes near it
LONGEST_STEP = 5.0  # in any parameter, far beyond the size of a solution
MOST_CROSSINGS = 4  # rounds of stopping parameters at zero within one step
LARGEST_DAMPING = 1e12  # beyond it a problem is given up, and stays unconverged
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
        self.floors = 0 if design.floor is None else 1
        self.blocks = [design.floor] * self.floors + list(design.exponents)
        self.transposed = [np.ascontiguousarray(matrix.T) for matrix in design.exponents]
        first, second = np.triu_indices(len(design.names))
        self.products = []
        for k, left in enumerate(self.blocks):
            for m, right in enumerate(self.blocks[k:], start=k):
                product = left[:, first] * right[:, second] + (right[:, first] * left[:, second] if k != m else 0.0)
                used = np.flatnonzero(product.any(axis=0))  # most columns are in one term only
                self.products.append((k, m, first[used], second[used], np.ascontiguousarray(product[:, used])))

    def factors(self, theta: np.ndarray) -> tuple[list[np.ndarray], np.ndarray]:
        """Return dL/d(linear predictor) of each block and the residuals, each (problems x rows)."""
        phi = self.design.link(theta)[0]
        terms = [phi @ matrix for matrix in self.transposed]
        for term in terms:  # in place, as new arrays of this size cost as much as the arithmetic
            np.exp(np.minimum(term, LARGEST_EXPONENT, out=term), out=term)
        residual = sum(terms[1:], terms[0] - self.target)
        if not self.floors:
            return terms, residual
        return [np.ones_like(residual), *terms], residual + phi @ self.design.floor.T

    def slopes(self, theta: np.ndarray, weights: np.ndarray, factors, residual) -> tuple[np.ndarray, np.ndarray]:
        """Return the gradient (problems x parameters) and Hessian (problems x parameters x parameters)."""
        doubled = 2.0 * weights
        weighted = [doubled * factor for factor in factors]
        pulls = [each * residual for each in weighted]
        gradient = sum(pull @ block for pull, block in zip(pulls, self.blocks, strict=True))
        hessian = np.zeros((*theta.shape, theta.shape[1]))
        for k, m, row, column, product in self.products:
            curvature = weighted[k] * factors[m]
            if k == m >= self.floors:
                curvature += pulls[k]
            hessian[:, row, column] += curvature @ product
        lower = np.tril_indices(theta.shape[1], -1)
        hessian[:, *lower] = hessian[:, *lower[::-1]]
        if not len(self.design.linked):
            return gradient, hessian
        _, first, second = self.design.link(theta)
        diagonal = np.arange(theta.shape[1])
        hessian *= first[:, :, None] * first[:, None, :]
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
    held: np.ndarray | None = None,
    limit: int = 400,
) -> Solutions:
    """Return the local minimum reached from each start.

    `weights` (problems x rows) sum to one in each problem, `penalty` has one strength a parameter and
    `starts` is (problems x parameters). Parameters flagged in `held` stay where they start. Problems that did not
    converge within `limit` steps keep their residual.
    """
    derivatives = _Derivatives(design, target)
    held = np.zeros(len(design.names), bool) if held is None else held
    rows = np.array_split(np.arange(len(starts)), max(1, -(-len(starts) // CHUNK)))
    # The matrices are small: threads of the linear algebra cost more than they give, most of all on a busy machine.
    with threadpool_limits(limits=1):
        pieces = [_minimise(derivatives, weights[part], penalty, starts[part], held, limit) for part in rows]
    return Solutions(*(np.concatenate(column) for column in zip(*pieces, strict=True)))


def _minimise(derivatives: _Derivatives, weights, penalty, starts, held, limit) -> tuple[np.ndarray, ...]:
    theta, count = np.array(starts, float), len(starts)
    damping, iterations = np.full(count, 1e-2), np.zeros(count, int)
    factors, errors = derivatives.factors(theta)
    objective = _objective(errors, weights, theta, penalty)
    gradient, hessian = derivatives.slopes(theta, weights, factors, errors)
    slope = _slope(gradient, theta, penalty, held)
    for _ in range(limit):
        active = np.flatnonzero((np.abs(slope).max(axis=1) >= TOLERANCE) & (damping < LARGEST_DAMPING))
        if not len(active):
            break
        move, promised, used = _step(theta[active], slope[active], hessian[active], penalty, damping[active], held)
        trial = theta[active] + move
        share = weights[active]
        factors, errors = derivatives.factors(trial)
        value = _objective(errors, share, trial, penalty)
        gained = objective[active] - value
        # Near the optimum both sides are rounding noise; a step that does not raise the objective is then taken.
        accepted = gained >= np.where(promised > 1e-13, 0.05 * promised, -1e-15)
        verdicts = [~accepted, gained > 0.7 * promised, gained < 0.3 * promised]
        damping[active] = np.maximum(used * np.select(verdicts, [5.0, 0.4, 3.0], 1.0), 1e-11)
        iterations[active] += 1
        moved, kept = active[accepted], [factor[accepted] for factor in factors]
        theta[moved], objective[moved] = trial[accepted], value[accepted]
        gradient, hessian[moved] = derivatives.slopes(theta[moved], share[accepted], kept, errors[accepted])
        slope[moved] = _slope(gradient, theta[moved], penalty, held)
    return theta, objective, np.abs(slope).max(axis=1), iterations


def _objective(errors: np.ndarray, weights: np.ndarray, theta: np.ndarray, penalty: np.ndarray) -> np.ndarray:
    return np.einsum("br,br,br->b", weights, errors, errors) + np.abs(theta) @ penalty


def _slope(gradient: np.ndarray, theta: np.ndarray, penalty: np.ndarray, held: np.ndarray) -> np.ndarray:
    return np.where(held, 0.0, subgradient(gradient, theta, penalty))


def _step(theta, slope, hessian, penalty, damping, held) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the move of each problem, the gain that it promises, and the damping that it needed.

    The move is the damped Newton step within the orthant of the current signs.
    """
    orthant = np.where(theta != 0.0, np.sign(theta), -np.sign(slope))
    stopped = held | ((theta == 0.0) & (slope == 0.0))
    ends = np.where(held, 0.0, -theta)  # the move of a parameter that stops
    move, damping = _newton(hessian, slope, stopped, damping)
    rest = np.arange(len(theta))
    for _ in range(MOST_CROSSINGS):  # parameters that would change sign stop at zero, and the others adapt to that
        crossed = (penalty > 0) & ~stopped[rest] & (np.sign(theta[rest] + move[rest]) * orthant[rest] < 0)
        rest, crossed = rest[crossed.any(axis=1)], crossed[crossed.any(axis=1)]
        if not len(rest):
            break
        stopped[rest] |= crossed
        system = hessian[rest] + damping[rest, None, None] * np.eye(theta.shape[1])
        system[stopped[rest]] = np.eye(theta.shape[1])[np.nonzero(stopped[rest])[1]]
        right = np.where(stopped[rest], ends[rest], -slope[rest])
        move[rest] = np.linalg.solve(system, right[:, :, None])[:, :, 0]
    move = np.where(stopped, ends, np.clip(move, -LONGEST_STEP, LONGEST_STEP))
    bend = np.einsum("bpq,bq->bp", hessian, move) + damping[:, None] * move
    return move, -((slope + 0.5 * bend) * move).sum(axis=1), damping


def _newton(hessian, slope, stopped, damping) -> tuple[np.ndarray, np.ndarray]:
    """Return the Newton move of the parameters that are not stopped, and the damping that makes it go downhill.

    Where the Hessian is not positive definite, as near saddles, the damping rises until it is.
    """
    count, size = slope.shape
    system = np.where(stopped[:, :, None] | stopped[:, None, :], np.eye(size), hessian)
    least = 1e-6 * np.abs(np.einsum("bpp->bp", system)).max(axis=1)
    right, move, damping = np.where(stopped, 0.0, -slope), np.zeros_like(slope), damping.copy()
    rest = np.arange(count)
    while len(rest):
        damped = system[rest] + damping[rest, None, None] * np.eye(size)
        found, definite = _eliminate(damped, right[rest])
        move[rest[definite]] = found[definite]
        rest = rest[~definite & (damping[rest] < LARGEST_DAMPING)]
        damping[rest] = 10.0 * np.maximum(damping[rest], least[rest])
    return move, damping


def _eliminate(system: np.ndarray, right: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the solutions of symmetric systems, and which systems are positive definite (the others' are useless).

    Gauss's elimination without pivoting, one step for all systems at once: its pivots tell the definite ones, which
    batched solvers of the libraries do not, and it takes no longer than they do.
    """
    left, solved = (np.ascontiguousarray(np.moveaxis(each, 0, -1)) for each in (system, right))
    least = 1e-13 * np.abs(np.einsum("bpp->bp", system)).max(axis=1)
    definite = np.ones(len(system), bool)
    for row in range(len(solved)):
        definite &= left[row, row] > least
        factor = left[row, row + 1 :] / np.where(definite, left[row, row], 1.0)
        factor = np.where(definite, factor, 0.0)
        left[row + 1 :, row + 1 :] -= factor[:, None] * left[row, row + 1 :]
        solved[row + 1 :] -= factor * solved[row]
    solved[:, ~definite] = 0.0
    for row in reversed(range(len(solved))):
        solved[row] -= (left[row, row + 1 :] * solved[row + 1 :]).sum(axis=0)
        solved[row] /= np.where(definite, left[row, row], 1.0)
    return solved.T, definite
