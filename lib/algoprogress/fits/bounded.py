"""Fits of laws whose irreducible loss, one by level of the floor, lies above zero and below the lowest loss there.

A floor is its ceiling times a sigmoid, and so an exponential more, the log of its ceiling with a coefficient of one:
the solver minimises that as it stands. Parameters go in and come out as those of the law. A bound takes the place of
the penalty, which floors do not carry here.
"""

from dataclasses import dataclass

import numpy as np
from scipy.special import expit, logit

from algoprogress.fits import solver
from algoprogress.fits.solver import Solutions
from algoprogress.laws.law import Design

INSIDE = (0.02, 0.98)  # of the ceiling, where starts are put: at an end the sigmoid has no slope left


@dataclass(frozen=True)
class Floors:
    """The floors of a design: `places` of their parameters, `coding` (levels x these), the `level` of each row.

    `ceilings` are the lowest losses of the levels in nats. Where the floor has `others`, as a term in the vocabulary,
    its bounds hold at their `means` (levels x these).
    """

    places: np.ndarray
    coding: np.ndarray
    level: np.ndarray
    ceilings: np.ndarray
    others: np.ndarray
    means: np.ndarray

    @classmethod
    def of(cls, design: Design, target: np.ndarray) -> "Floors | None":
        """Return the floors of a design, with ceilings from the observed loss; None if it has none by level."""
        columns = np.zeros((len(design), 1)) if design.floor is None else design.floor
        used, indicators = columns.any(axis=0), np.isin(columns, (0.0, 1.0)).all(axis=0)
        places, others = np.flatnonzero(used & indicators), np.flatnonzero(used & ~indicators)
        if not len(places):
            return None
        coding, level = np.unique(columns[:, places], axis=0, return_inverse=True)
        rows = [np.flatnonzero(level.ravel() == each) for each in range(len(coding))]
        ceilings = np.array([target[each].min() for each in rows])
        means = np.array([columns[np.ix_(each, others)].mean(axis=0) for each in rows])
        return cls(places, coding, level.ravel(), ceilings, others, means)

    def shares(self, params: np.ndarray) -> np.ndarray:
        """Return each floor of some parameters (..., parameters) over its ceiling, shape (..., levels)."""
        found = params[..., self.places] @ self.coding.T + params[..., self.others] @ self.means.T
        return found / self.ceilings

    def inside(self, params: np.ndarray) -> np.ndarray:
        """Return whether all floors of some parameters (..., parameters) lie within their bounds."""
        shares = self.shares(params)
        return ((shares >= 0.0) & (shares < 1.0)).all(axis=-1)

    def of_shares(self, params: np.ndarray, shares: np.ndarray) -> np.ndarray:
        """Return a copy of parameters (..., parameters) whose floors are these shares (..., levels) of the ceilings."""
        found, floors = params.copy(), shares * self.ceilings - params[..., self.others] @ self.means.T
        found[..., self.places] = np.linalg.solve(self.coding, floors[..., None])[..., 0]
        return found


def minimise(
    design: Design,
    target: np.ndarray,
    weights: np.ndarray,
    *,
    penalty: np.ndarray,
    starts: np.ndarray,
    held: tuple[str, ...] = (),
    limit: int = 400,
) -> Solutions:
    """Return the local minimum from each start, floors by level within bounds, as `solver.minimise` does without them.

    The parameters named in `held` stay where the starts have them. A ceiling is the lowest of all losses of its level,
    those without weight included.
    """
    from algoprogress.fits import kernel  # the compiler takes a while to import

    columns, count, linked = solver.arrays(design)
    begin, prices, fixed = np.array(starts, float), np.array(penalty, float), np.isin(design.names, held)
    if (floors := Floors.of(design, target)) is not None:
        # The last column is the log of the ceiling, times a parameter of one, which is held.
        bound = np.zeros((1, len(prices) + 1, len(design)))
        bound[0, floors.places[floors.level], np.arange(len(design))] = 1.0
        bound[0, -1] = np.log(floors.ceilings)[floors.level]
        columns[0, floors.places] = 0.0
        columns[0, floors.others] -= floors.means[floors.level].T
        begin[:, floors.places] = logit(np.clip(floors.shares(begin), *INSIDE))
        prices[floors.places], linked[floors.places] = 0.0, True
        begin, prices = np.pad(begin, ((0, 0), (0, 1)), constant_values=1.0), np.append(prices, 0.0)
        fixed, linked, count = np.append(fixed, True), np.append(linked, False), int(len(floors.others) > 0)
        columns = np.concatenate([np.pad(columns, ((0, 0), (0, 1), (0, 0)))[1 - count :], bound])
    line = (np.ascontiguousarray(weights, float), prices, begin, fixed, linked, limit, solver.TOLERANCE)
    params, *quality = kernel.minimise(columns, count, target, *line)
    if floors is not None:
        params = floors.of_shares(params[:, :-1], expit(params[:, floors.places]))
    return Solutions(params, *quality)
