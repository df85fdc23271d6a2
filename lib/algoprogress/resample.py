"""Draws resamples of rows or papers, and fits a law to each: one seed in, the same numbers out."""

from __future__ import annotations

from dataclasses import dataclass

import joblib
import numpy as np
from tqdm import tqdm

from algoprogress import fit, solver
from algoprogress.cache import cached
from algoprogress.law import Design, Law
from algoprogress.sample import Sample
from algoprogress.variables import Normalisation

PUBLISHED_DRAWS = 100
MOST_MINIMA = 4  # of the full sample that each draw starts from
PIECE = 250  # draws of one job; fixed, so that results do not depend on the number of cores


@dataclass(frozen=True)
class Draws:
    """Fits of one law to many resamples.

    `params` is (draws x parameters) in the order of `names`; `converged` says which draws met the tolerance on the
    optimality residual (under the published protocol, which SLSQP called successful), `found_by` how many starts
    reached the solution; `by` is what was resampled.
    """

    law: Law
    reference: Normalisation
    names: tuple[str, ...]
    params: np.ndarray
    objective: np.ndarray
    converged: np.ndarray
    found_by: np.ndarray
    by: str
    method: str
    seed: int

    def __len__(self) -> int:
        return len(self.params)

    def __getitem__(self, name: str) -> np.ndarray:
        """Return the draws of one parameter."""
        return self.params[:, self.names.index(name)]


def published_indices(rows: int, *, draws: int = PUBLISHED_DRAWS, seed: int = 0) -> np.ndarray:
    """Return resampled row indices (draws x rows) from the stream that the authors used.

    NumPy's legacy generator, seeded once; each draw takes `rows` indices with replacement.
    """
    stream = np.random.RandomState(seed)
    return np.stack([stream.choice(rows, rows, replace=True) for _ in range(draws)])


def row_weights(rows: int, draws: int, rng: np.random.Generator) -> np.ndarray:
    """Return weights (draws x rows) of resamples of rows with replacement; each draw sums to one."""
    return rng.multinomial(rows, np.full(rows, 1.0 / rows), size=draws) / rows


def paper_weights(papers: np.ndarray, draws: int, rng: np.random.Generator) -> np.ndarray:
    """Return weights (draws x rows) of resamples of whole papers with replacement; each draw sums to one.

    All rows of a paper come and go together, so errors may be correlated within papers (Cameron, Gelbach & Miller
    2008).
    """
    _, membership = np.unique(papers, return_inverse=True)
    count = membership.max() + 1
    times = rng.multinomial(count, np.full(count, 1.0 / count), size=draws)[:, membership]
    return times / times.sum(axis=1, keepdims=True)


@cached
def published_bootstrap(
    law: Law,
    sample: Sample,
    *,
    penalty: float = fit.PENALTY,
    draws: int = PUBLISHED_DRAWS,
    seed: int = 0,
    order: np.ndarray | None = None,
) -> Draws:
    """Return the fits by the published protocol to resampled rows, drawn as the authors drew them.

    Each draw is fitted from zeros by SLSQP with the full sample's normalisation. `order`, a permutation of the
    positions in a resample, changes the order of its rows and so nothing but the rounding of sums.
    """
    design, target, reference = fit.problem(law, sample)
    indices = published_indices(len(target), draws=draws, seed=seed)
    indices = indices if order is None else indices[:, order]
    jobs = (joblib.delayed(fit.slsqp)(design.take(rows), target[rows], penalty) for rows in indices)
    parallel = joblib.Parallel(n_jobs=-1, return_as="generator")
    results = list(tqdm(parallel(jobs), total=draws, desc="published bootstrap", disable=None))
    params, objective, success = zip(*((r.x, r.fun, r.success) for r in results), strict=True)
    return Draws(law, reference, design.names, np.array(params), np.array(objective), np.array(success),
                 np.ones(draws, int), "row", "published", seed)  # fmt: skip


@cached
def bootstrap(
    law: Law,
    sample: Sample,
    *,
    by: str = "paper",
    penalty: float = fit.PENALTY,
    exempt: tuple[str, ...] = (),
    draws: int = 1_000,
    seed: int = 0,
    random_starts: int = 8,
) -> Draws:
    """Return the converged fits to resampled papers (`by="paper"`) or rows (`by="row"`).

    Each draw starts from zeros, from the local minima of the full sample and from random points, and keeps the
    best converged solution. Draws of which no start converged keep `converged` False, so that a caller sees them.
    Raises ValueError for another `by`, LawError if the rows cannot identify the law.
    """
    design, target, reference = fit.problem(law, sample)
    penalties = fit.strengths(design, penalty, exempt)
    rng = np.random.default_rng(seed)
    if by == "paper":
        weights = paper_weights(sample.frame["paper_id"].to_numpy(), draws, rng)
    elif by == "row":
        weights = row_weights(len(target), draws, rng)
    else:
        raise ValueError(f"by='{by}': resample by 'paper' or by 'row'")
    minima = fit.basins(design, target, penalties=penalties, seed=seed)
    points = np.vstack([fit.random_starts(design, 1 + random_starts, seed), minima[:MOST_MINIMA]])
    best, found_by = best_of_starts(design, target, weights, penalties, points)
    return Draws(law, reference, design.names, best.params, best.objective, best.converged, found_by, by, "converged",
                 seed)  # fmt: skip


def best_of_starts(
    design: Design, target: np.ndarray, weights: np.ndarray, penalties: np.ndarray, points: np.ndarray
) -> tuple[solver.Solutions, np.ndarray]:
    """Return for each line of `weights` the best converged solution over the starting `points`, on all cores.

    The second value counts the starts that reached it: draws that a single start solved hint at how many
    better minima may have been missed (Good-Turing).
    """
    pieces = np.array_split(np.arange(len(weights)), max(1, -(-len(weights) // PIECE)))
    jobs = (joblib.delayed(_best_of_starts)(design, target, weights[rows], penalties, points) for rows in pieces)
    parallel = joblib.Parallel(n_jobs=-1, return_as="generator")
    progress = tqdm(parallel(jobs), total=len(pieces), desc=f"{len(weights)} resamples", disable=None)
    solutions, counts = zip(*progress, strict=True)
    columns = zip(*(vars(each).values() for each in solutions), strict=True)
    return solver.Solutions(*(np.concatenate(column) for column in columns)), np.concatenate(counts)


def _best_of_starts(design, target, weights, penalties, points) -> tuple[solver.Solutions, np.ndarray]:
    found = [
        solver.minimise(design, target, weights, penalty=penalties, starts=np.tile(point, (len(weights), 1)))
        for point in points
    ]
    value = np.stack([np.where(each.converged, each.objective, np.inf) for each in found])
    choice, draw = value.argmin(axis=0), np.arange(len(weights))
    columns = zip(*(vars(each).values() for each in found), strict=True)
    best = solver.Solutions(*(np.stack(column)[choice, draw] for column in columns))
    return best, (value < best.objective + fit.SAME_OBJECTIVE).sum(axis=0)
