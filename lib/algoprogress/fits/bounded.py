"""Fits of laws whose irreducible loss, one by level of the floor, lies above zero and below the lowest loss there.

A floor is its ceiling times a sigmoid, and so an exponential more, the log of its ceiling with a coefficient of one:
the solver minimises that as it stands. Parameters go in and come out as those of the law. A bound takes the place of
the penalty, which floors do not carry here.
"""

from dataclasses import dataclass, replace

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
    if (floors := Floors.of(design, target)) is None:
        return solver.minimise(design, target, weights, penalty=penalty, starts=starts, held=held, limit=limit)
    begin = np.pad(np.array(starts, float), ((0, 0), (0, 1)), constant_values=1.0)
    begin[:, floors.places] = logit(np.clip(floors.shares(starts), *INSIDE))
    prices = np.append(penalty, 0.0)
    prices[floors.places] = 0.0
    ceiling, others = np.zeros((2, len(design), len(prices)))
    ceiling[np.arange(len(design)), floors.places[floors.level]] = 1.0
    ceiling[:, -1] = np.log(floors.ceilings)[floors.level]  # times a parameter of one, which is held
    others[:, floors.others] = design.floor[:, floors.others] - floors.means[floors.level]
    terms = (*(np.pad(matrix, ((0, 0), (0, 1))) for matrix in design.exponents), ceiling)
    links = design.links | {design.names[place]: "log_sigmoid" for place in floors.places}
    wider = Design((*design.names, "ceiling"), others if len(floors.others) else None, terms, links)
    options = {"penalty": prices, "starts": begin, "held": (*held, "ceiling"), "limit": limit}
    found = solver.minimise(wider, target, weights, **options)
    return replace(found, params=floors.of_shares(found.params[:, :-1], expit(found.params[:, floors.places])))
