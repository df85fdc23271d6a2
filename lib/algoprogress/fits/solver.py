"""Minimises the penalised squared error of a law, for many resamples and starts.

The objective of Ho et al. 2024 (section 3.1) is  sum_i w_i (L_i - y_i)^2 + sum_j delta_j |theta_j|.  Its smooth
part has exact first and second derivatives, so a damped Newton step is taken inside the orthant of the current
signs: parameters that reach zero stay there until the gradient outweighs the penalty. The steps are compiled
(`fits.kernel`), one problem after another.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from algoprogress.laws.law import Design

TOLERANCE = 1e-8  # of the optimality residual, in units of the objective per unit of a parameter


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


def arrays(design: Design) -> tuple[np.ndarray, int, np.ndarray]:
    """Return the columns of the design (blocks x parameters x rows), how many are floors, and which have a link."""
    floors = [] if design.floor is None else [design.floor]
    blocks = np.stack([matrix.T for matrix in (*floors, *design.exponents)])
    linked = np.isin(np.arange(len(design.names)), design.linked)
    return np.ascontiguousarray(blocks, dtype=float), len(floors), linked


def evaluate(
    design: Design, target: np.ndarray, weights: np.ndarray, *, penalty: np.ndarray, theta: np.ndarray
) -> Solutions:
    """Return objective and optimality residual at given points (problems x parameters), without moving them."""
    from algoprogress.fits import kernel  # the compiler takes a while to import

    columns, floors, linked = arrays(design)
    points = np.ascontiguousarray(theta, dtype=float)
    shares = np.ascontiguousarray(weights, dtype=float)
    found = kernel.evaluate(columns, floors, target, shares, np.asarray(penalty, float), points, linked)
    return Solutions(theta, *found, np.zeros(len(theta), int))


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

    `weights` (lines x rows) sum to one in each line, and each line has as many of the `starts` (problems x
    parameters), side by side; `penalty` has one strength a parameter. Parameters flagged in `held` stay where they
    start. Problems that did not converge within `limit` steps keep their residual. Raises ValueError if the starts
    cannot be shared out evenly among the lines.
    """
    from algoprogress.fits import kernel  # the compiler takes a while to import

    if len(starts) % len(weights):
        raise ValueError(f"{len(starts)} starts cannot be shared out among {len(weights)} lines of weights")
    columns, floors, linked = arrays(design)
    fixed = np.zeros(len(design.names), bool) if held is None else np.asarray(held, bool)
    begin, shares = np.array(starts, float), np.ascontiguousarray(weights, dtype=float)
    strengths = np.asarray(penalty, float)
    return Solutions(
        *kernel.minimise(columns, floors, target, shares, strengths, begin, fixed, linked, limit, TOLERANCE)
    )
