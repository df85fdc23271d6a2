"""The distinct local minima of a penalised fit that a set of starts reaches."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from algoprogress.fits import batch, solver
from algoprogress.laws.law import Design


@dataclass(frozen=True)
class Minima:
    """Distinct local minima, best first.

    `params` is (minima x parameters), `objective` in nats squared, `share` the share of the starts that reached each.
    """

    params: np.ndarray
    objective: np.ndarray
    share: np.ndarray

    def __len__(self) -> int:
        return len(self.objective)


def reached(
    design: Design,
    target: np.ndarray,
    *,
    penalties: np.ndarray,
    starts: np.ndarray,
    same: float = batch.SAME_OBJECTIVE,
    limit: int = 400,
) -> Minima:
    """Return the distinct minima that converged searches from some points (starts x parameters) reach, all rows alike.

    Neighbours in objective that differ by at most `same` (nats squared) count as one; `limit` is of the solver's steps.
    """
    weights = np.full((len(starts), len(design)), 1.0 / len(design))
    found = solver.minimise(design, target, weights, penalty=penalties, starts=starts, limit=limit)
    order = np.argsort(found.objective)
    order = order[found.converged[order]]
    new = np.diff(found.objective[order], prepend=-np.inf) > same
    share = np.bincount(new.cumsum() - 1, minlength=int(new.sum())) / len(starts)
    return Minima(found.params[order[new]], found.objective[order[new]], share)
