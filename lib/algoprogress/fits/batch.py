"""Solves one law for many weightings of its rows at once: resamples, folds, splits in time, profiles.

A resample is a line of weights, and so is a fold or a split; a profile holds a parameter at another value in each
line. All share one design, so thousands are solved together, each from several starts.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from algoprogress.engine import parallel
from algoprogress.fits import solver, starts
from algoprogress.laws.law import Design

PIECE = 250  # lines of one task; fixed, so that results do not depend on the number of cores
SAME_OBJECTIVE = 1e-8  # two solutions this close in the objective count as the same minimum
PILOTS = 60  # lines that are searched first, to learn where the minima lie
PILOT_STARTS = 8  # of each pilot line
FROM_BEST, FROM_OTHERS = 6, 2  # starts of every line: from the pilots' best minima, from their other minima
NOT_FAR_WORSE = 1.05  # another minimum of a pilot is a start if its objective is at most so many times the best
ROUNDS, ROUND_STARTS = 2, 8  # more starts for lines of which only one start, or none, found the solution


@dataclass(frozen=True)
class Batch:
    """The best converged solution of each line of weights.

    `params` is (lines x parameters); `residual` the optimality residual; `converged` whether it met the tolerance;
    `found_by` how many of the `tried` starts reached the solution: lines that a single start solved hint at how many
    better minima may have been missed (Good-Turing).
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
    held: Mapping[str, np.ndarray] | None = None,
    seed: int = 0,
    pilots: int = PILOTS,
    label: str = "fits",
) -> Batch:
    """Return the best minimum of the penalised squared error for each line of `weights` (lines x rows).

    Each line sums to one. `penalties` has one strength a parameter, and `held` maps parameters to the value that each
    line keeps them at. Some `pilots`, searched from many starts, tell where minima lie; every line starts from a choice
    of these, and lines that fewer than two starts solved get fresh starts, up to `ROUNDS` times. Lines of which no
    start converged keep `converged` False. Tasks run on all cores or on a Dask cluster (`parallel.mapped`).
    """
    held = {} if held is None else dict(held)
    used = weights.any(axis=0)
    if not used.all():  # a row that no line weighs, as one held back, must not tell where to start
        design, target, weights = design.take(np.flatnonzero(used)), target[used], weights[:, used]
    common = (design, target, penalties, seed)
    points = parallel.mapped(
        _pilot, [(*common, *_lines(weights, held, _spaced(len(weights), pilots)))], label="pilots"
    )[0]
    pieces = np.array_split(np.arange(len(weights)), -(-len(weights) // PIECE))
    tasks = [(*common, *_lines(weights, held, rows), points) for rows in pieces]
    solved = parallel.mapped(_piece, tasks, label=label)
    return Batch(design.names, *(np.concatenate(column) for column in zip(*solved, strict=True)))


def _lines(weights: np.ndarray, held: dict[str, np.ndarray], rows: np.ndarray) -> tuple[np.ndarray, dict]:
    return weights[rows], {name: values[rows] for name, values in held.items()}


def _spaced(lines: int, count: int) -> np.ndarray:
    """Return the indices of up to `count` lines, evenly spaced."""
    return np.linspace(0, lines - 1, min(lines, count)).astype(int)


def _pilot(design, target, penalties, seed, weights, held) -> np.ndarray:
    """Return the points that all lines start from: the pilots' best minima and other minima, spread out."""
    found = _from_points(design, target, penalties, weights, held, starts.mixed(design, target, PILOT_STARTS, seed))
    value, params = _by_line(found, len(weights))
    best = value.min(axis=1, keepdims=True)
    if not np.isfinite(best).any():
        return starts.mixed(design, target, FROM_BEST + FROM_OTHERS, seed)
    lines = np.flatnonzero(np.isfinite(best[:, 0]))
    chosen = starts.spread_out(design, params[lines, value[lines].argmin(axis=1)], FROM_BEST)
    others = params[np.isfinite(value) & (value <= NOT_FAR_WORSE * best)]
    return starts.spread_out(design, np.vstack([chosen, others]), len(chosen) + FROM_OTHERS, first=len(chosen))


def _piece(design, target, penalties, seed, weights, held, points) -> tuple[np.ndarray, ...]:
    """Return the columns of a `Batch` for some lines."""
    best = _best(_from_points(design, target, penalties, weights, held, points), len(weights))
    best["tried"] = np.full(len(weights), len(points))
    for attempt in range(1, ROUNDS + 1):
        again = np.flatnonzero(best["found_by"] < 2)
        if not len(again):
            break
        fresh = starts.mixed(design, target, ROUND_STARTS, seed + attempt)
        few, fixed = _lines(weights, held, again)
        _merge(best, again, _best(_from_points(design, target, penalties, few, fixed, fresh), len(again)))
        best["tried"][again] += len(fresh)
    return tuple(best[name] for name in ("params", "objective", "residual", "converged", "found_by", "tried"))


def _from_points(design: Design, target, penalties, weights, held: dict[str, np.ndarray], points) -> solver.Solutions:
    """Return the solutions from every point for every line, the points of a line side by side."""
    begin = np.tile(points, (len(weights), 1))
    fixed = np.isin(design.names, list(held))
    for name, values in held.items():
        begin[:, design.names.index(name)] = np.repeat(values, len(points))
    return solver.minimise(design, target, weights, penalty=penalties, starts=begin, held=fixed)


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
    return {
        "params": params[rows, choice],
        "objective": objective,
        "residual": residual,
        "converged": converged,
        "found_by": found_by,
    }


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
