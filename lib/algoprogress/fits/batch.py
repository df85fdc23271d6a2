"""Solves one law for thousands of weightings of its rows at once, be they resamples, folds or splits."""

from dataclasses import dataclass

import numpy as np

from algoprogress.engine import parallel
from algoprogress.fits import solver
from algoprogress.fits.solver import SAME_OBJECTIVE, mixed, spread_out
from algoprogress.laws.law import MANY_ROWS, Design

PIECE = 250  # lines of one task; fixed, so that results do not depend on the number of cores
PILOTS = 60  # lines that are searched first, to learn where the minima lie
PILOT_STARTS = 8  # of each pilot line
FROM_BEST, FROM_OTHERS = 6, 2  # starts of every line: from the pilots' best minima, from their other minima
FEW_STARTS = [0, 1, 2, -1]  # of the same, where rows are so many that the best minima of pilots lie together
NOT_FAR_WORSE = 1.05  # another minimum of a pilot is a start if its objective is at most so many times the best
ROUNDS, ROUND_STARTS = 2, 8  # more starts for lines of which only one start, or none, found the solution


@dataclass(frozen=True)
class Batch:
    """The best converged solution of each line of weights; `params` is (lines x parameters), `residual` of optimality.

    `found_by` of `tried` starts reached it; lines that one start solved hint at missed better minima (Good-Turing).
    """

    names: tuple[str, ...]
    params: np.ndarray
    objective: np.ndarray
    residual: np.ndarray
    converged: np.ndarray
    found_by: np.ndarray
    tried: np.ndarray

    def __len__(self) -> int:
        return len(self.params)


def solve(
    design: Design,
    target: np.ndarray,
    weights: np.ndarray,
    *,
    penalties: np.ndarray,
    seed: int = 0,
    pilots: int = PILOTS,
    label: str = "fits",
) -> Batch:
    """Return the best minimum of the penalised squared error for each line of `weights` (lines x rows).

    Each line sums to one, and `penalties` has one strength a parameter. Some `pilots`, searched from many starts, tell
    where minima lie; every line starts from a choice of these, and lines that fewer than two starts solved get fresh
    starts, up to `ROUNDS` times. Lines of which no start converged keep `converged` False. Tasks run on all cores or
    on a Dask cluster (`parallel.mapped`).
    """
    used = weights.any(axis=0)
    if not used.all():  # a row that no line weighs, as one held back, must not tell where to start
        design, target, weights = design.take(np.flatnonzero(used)), target[used], weights[:, used]
    common = (design, target, penalties, seed)
    spaced = np.linspace(0, len(weights) - 1, min(len(weights), pilots)).astype(int)
    *some, part = _part(design, target, weights[spaced])
    points = parallel.mapped(_pilot, [(*some, penalties, seed, part)], label="pilots")[0]
    points = points[FEW_STARTS] if len(design) > MANY_ROWS and len(points) > max(FEW_STARTS) else points
    pieces = np.array_split(weights, -(-len(weights) // PIECE))
    tasks = [(*common, piece, points) for piece in pieces]
    solved = parallel.mapped(_piece, tasks, label=label)
    return Batch(design.names, *(np.concatenate(column) for column in zip(*solved, strict=True)))


def _part(design: Design, target: np.ndarray, weights: np.ndarray) -> tuple[Design, np.ndarray, np.ndarray]:
    """Return design, targets and weights of the rows among which to look for minima: all, or of many a random part.

    Where a line weighs nothing of that part, it is all rows that are returned.
    """
    rows = solver.thinned(design)
    part = weights[:, rows]
    if len(rows) == len(design) or not part.any(axis=1).all():
        return design, target, weights
    return design.take(rows), target[rows], part / part.sum(axis=1, keepdims=True)


def _pilot(design, target, penalties, seed, weights) -> np.ndarray:
    """Return the points that all lines start from: the pilots' best minima and other minima, spread out."""
    found = _from_points(design, target, penalties, weights, mixed(design, target, PILOT_STARTS, seed))
    value, params = _by_line(found, len(weights))
    best = value.min(axis=1, keepdims=True)
    if not np.isfinite(best).any():
        return mixed(design, target, FROM_BEST + FROM_OTHERS, seed)
    lines = np.flatnonzero(np.isfinite(best[:, 0]))
    chosen = spread_out(design, params[lines, value[lines].argmin(axis=1)], FROM_BEST)
    others = params[np.isfinite(value) & (value <= NOT_FAR_WORSE * best)]
    return spread_out(design, np.vstack([chosen, others]), len(chosen) + FROM_OTHERS, first=len(chosen))


def _piece(design, target, penalties, seed, weights, points) -> tuple[np.ndarray, ...]:
    """Return the columns of a `Batch` for some lines."""
    best = _best(_from_points(design, target, penalties, weights, points), len(weights))
    best["tried"] = np.full(len(weights), len(points))
    for attempt in range(1, ROUNDS + 1):
        again = np.flatnonzero(best["found_by"] < 2)
        if not len(again):
            break
        fresh = mixed(design, target, ROUND_STARTS, seed + attempt)
        found = _from_afar(design, target, penalties, weights[again], fresh)
        _merge(best, again, _best(found, len(again)))
        best["tried"][again] += len(fresh)
    return tuple(best[name] for name in ("params", "objective", "residual", "converged", "found_by", "tried"))


def _from_points(design: Design, target, penalties, weights, points) -> solver.Solutions:
    """Return the solutions from every point for every line, the points of a line side by side."""
    begin = np.tile(points, (len(weights), 1))
    return solver.minimise(design, target, weights, penalty=penalties, starts=begin)


def _from_afar(design: Design, target, penalties, weights, points) -> solver.Solutions:
    """Return the same for points far from any minimum: where rows are many, a part of them leads most of the way."""
    some, goal, part = _part(design, target, weights)
    near = _from_points(some, goal, penalties, part, points)
    if some is design:
        return near
    return solver.minimise(design, target, weights, penalty=penalties, starts=near.params)


def _by_line(found: solver.Solutions, lines: int) -> tuple[np.ndarray, np.ndarray]:
    """Return objective (infinite if not converged) and parameters, each (lines x starts x ...)."""
    value = np.where(found.converged, found.objective, np.inf).reshape(lines, -1)
    return value, found.params.reshape(*value.shape, -1)


def _best(found: solver.Solutions, lines: int) -> dict[str, np.ndarray]:
    """Return the best converged solution of each line, and by how many starts it was found."""
    value, params = _by_line(found, lines)
    rows, choice = np.arange(lines), value.argmin(axis=1)
    residual, objective = (each.reshape(value.shape)[rows, choice] for each in (found.residual, found.objective))
    converged = np.isfinite(value[rows, choice])
    found_by = np.where(converged, (value <= objective[:, None] + SAME_OBJECTIVE).sum(axis=1), 0)
    quality = {"objective": objective, "residual": residual, "converged": converged, "found_by": found_by}
    return {"params": params[rows, choice], **quality}


def _merge(best: dict[str, np.ndarray], rows: np.ndarray, new: dict[str, np.ndarray]) -> None:
    """Put new solutions of some lines into `best` where they are better, and add up who found the same minimum."""
    old = {name: best[name][rows] for name in new}
    better = new["converged"] & (~old["converged"] | (new["objective"] < old["objective"]))
    same = new["converged"] & old["converged"] & (np.abs(new["objective"] - old["objective"]) < SAME_OBJECTIVE)
    for name, values in new.items():
        best[name][rows[better]] = values[better]
    best["found_by"][rows] = np.where(
        same, old["found_by"] + new["found_by"], np.where(better, new["found_by"], old["found_by"])
    )
