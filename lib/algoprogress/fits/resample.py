"""Draws resamples of rows or papers, and fits a law to each: one seed in, the same numbers out."""

from dataclasses import dataclass

import numpy as np

from algoprogress.data.sample import Sample
from algoprogress.data.variables import Normalisation
from algoprogress.engine import parallel
from algoprogress.engine.cache import cached
from algoprogress.fits import batch, fit, solver
from algoprogress.laws import published as published_form
from algoprogress.laws.law import Design, Law
from algoprogress.laws.published import Form

PUBLISHED_DRAWS = 100
PUBLISHED_PIECE = 10  # draws of one task
DRAWS = {"row": 2_000, "paper": 10_000}  # behind the headline, which rests on papers


@dataclass(frozen=True)
class Draws:
    """Fits of one law to many resamples of `by`; `params` is (draws x parameters) in the order of `names`.

    `converged`: `residual` of optimality within tolerance (as published: success of SLSQP). `found_by` counts starts.
    """

    law: Law
    reference: Normalisation
    names: tuple[str, ...]
    params: np.ndarray
    objective: np.ndarray
    residual: np.ndarray
    converged: np.ndarray
    found_by: np.ndarray
    by: str
    method: str

    def __len__(self) -> int:
        return len(self.params)

    @property
    def kept(self) -> np.ndarray:
        """Return the parameters of the draws that count: the converged ones, under the published protocol all."""
        return self.params[self.converged] if self.method == "converged" else self.params

    def __getitem__(self, name: str) -> np.ndarray:
        """Return the draws of one parameter."""
        return self.params[:, self.names.index(name)]


def published_indices(rows: int, *, draws: int = PUBLISHED_DRAWS, seed: int = 0) -> np.ndarray:
    """Return row indices (draws x rows) resampled as the authors did: NumPy's legacy generator, seeded once."""
    stream = np.random.RandomState(seed)
    return np.stack([stream.choice(rows, rows, replace=True) for _ in range(draws)])


def paper_weights(papers: np.ndarray, draws: int, rng: np.random.Generator) -> np.ndarray:
    """Return weights (draws x rows), summing to one, of whole papers resampled (Cameron, Gelbach & Miller 2008)."""
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
    skip: int = 0,
    order: np.ndarray | None = None,
) -> Draws:
    """Return the fits by the published protocol to resampled rows, drawn as the authors drew them.

    Each draw is fitted from zeros by SLSQP with the full sample's normalisation. `skip` leaves out so many resamples of
    the stream first: the authors seed once and bootstrap one specification after another. `order`, a permutation of
    the positions in a resample, changes the order of its rows and so nothing but the rounding of sums.
    """
    design, target, reference = fit.problem(law, sample)
    form = published_form.arranged(law, sample.frame, reference)
    indices = published_indices(len(target), draws=skip + draws, seed=seed)[skip:]
    indices = indices if order is None else indices[:, order]
    pieces = np.array_split(indices, -(-draws // PUBLISHED_PIECE))
    tasks = [(form, target, penalty, piece) for piece in pieces]
    params, objective, success = (
        np.concatenate(column)
        for column in zip(*parallel.mapped(_published_draws, tasks, label="published bootstrap"), strict=True)
    )
    params = published_form.reordered(params, form.names, design.names)
    weights = np.stack([np.bincount(rows, minlength=len(target)) / len(target) for rows in indices])
    at = solver.evaluate(design, target, weights, penalty=fit.strengths(design, penalty), theta=params)
    quality = (objective, at.residual, success, np.ones(draws, int))
    return Draws(law, reference, design.names, params, *quality, "row", "published")


def _published_draws(form: Form | Design, target: np.ndarray, penalty: float, indices: np.ndarray) -> tuple:
    """Return parameters, objective and SLSQP's success of some draws, each a line of row indices."""
    found = [published_form.slsqp(form.take(rows), target[rows], penalty) for rows in indices]
    return tuple(np.array([getattr(each, name) for each in found]) for name in ("x", "fun", "success"))


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
) -> Draws:
    """Return the converged fits to resampled papers or rows; draws of which no start converged keep `converged` False.

    Raises ValueError for `by` other than "paper" and "row", LawError if the rows cannot identify the law.
    """
    weights = paper_weights(groups(sample, by), draws, np.random.default_rng(seed))
    return weighted(law, sample, weights, by=by, penalty=penalty, exempt=exempt, seed=seed)


def groups(sample: Sample, by: str) -> np.ndarray:
    """Return what is resampled or left out together, by row."""
    if by not in ("paper", "row"):
        raise ValueError(f"by='{by}': resample by 'paper' or by 'row'")
    return sample.frame["paper_id"].to_numpy() if by == "paper" else np.arange(len(sample))


def weighted(
    law: Law,
    sample: Sample,
    weights: np.ndarray,
    *,
    by: str,
    penalty: float,
    seed: int = 0,
    exempt: tuple[str, ...] = (),
) -> Draws:
    """Return the converged fits of a law to a sample by lines of weights (draws x rows), of what `by` names."""
    design, target, reference = fit.problem(law, sample)
    penalties = fit.strengths(design, penalty, exempt)
    found = batch.solve(design, target, weights, penalties=penalties, seed=seed, label=f"{len(weights)} by {by}")
    quality = (found.objective, found.residual, found.converged, found.found_by)
    return Draws(law, reference, design.names, found.params, *quality, by, "converged")
