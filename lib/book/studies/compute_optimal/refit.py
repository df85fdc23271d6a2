"""What knows size in pairs of runs: the additive law in parameters and tokens as a frontier, and the optimal size."""

from dataclasses import replace
from functools import partial

import numpy as np
import pandas as pd

from algoprogress.engine import parallel
from algoprogress.engine.cache import cached
from algoprogress.frontiers import frontier as frontiers
from algoprogress.frontiers import isoflop
from algoprogress.frontiers.estimators import FLOOR
from algoprogress.frontiers.frontier import weights
from algoprogress.frontiers.gain import Draws, Frontier
from algoprogress.frontiers.runs import EVERYWHERE, RunsError, within
from algoprogress.laws.scaling import ScalingLaw
from book.studies.allocation import chinchilla

CONSTANTS = ("floor", "capacity", "alpha", "data", "beta")
PIECE = 100  # resamples of one task


def frontier(
    runs: pd.DataFrame, *, estimator: str, draws: int, floor: float = FLOOR, window: tuple[float, float] = EVERYWHERE
) -> Frontier:
    """Return the frontier of some runs, to be resampled by the column group.

    `estimator` is one of `frontiers.frontier.ESTIMATORS` or "law", the additive law in parameters and tokens.
    """
    if estimator != "law":
        return frontiers.frontier(runs, estimator=estimator, floor=floor, window=window, by="group", draws=draws)
    frame = within(runs, window)
    law = laws(frame, np.ones((1, len(frame))))
    drawn = Draws(partial(_drawn, frame, draws), draws, "group", frame["group"].nunique())
    return replace(law, **{name: float(getattr(law, name)[0]) for name in CONSTANTS}, draws=drawn)


def _drawn(frame: pd.DataFrame, draws: int, stream: int) -> ScalingLaw:
    return resampled(frame, draws=draws, seed=(0, stream))


@cached
def resampled(frame: pd.DataFrame, *, draws: int, seed: tuple[int, ...]) -> ScalingLaw:
    """Return the law with an element a resample of whole groups."""
    return laws(frame, weights(frame, "group", draws, seed))


def size_exponents(frame: pd.DataFrame, weights: np.ndarray) -> np.ndarray:
    """Return the exponent of optimal size in compute, N* ~ C^a, by weighting; nan where fewer than three are known."""
    logs, (_, sizes) = isoflop.minima(frame, weights)
    known = np.isfinite(sizes)
    return np.array(
        [
            np.polyfit(logs[each], line[each], 1)[0] if each.sum() >= 3 else np.nan
            for each, line in zip(known, sizes, strict=True)
        ]
    )


def laws(frame: pd.DataFrame, weights: np.ndarray) -> ScalingLaw:
    """Return the additive law (Hoffmann et al. 2022) fitted to each weighting of the runs; nan where none was found.

    Runs far from the best of their budget are left out. Raises RunsError without parameters or tokens.
    """
    if missing := {"parameters", "tokens"} - set(frame):
        raise RunsError(f"no column {', '.join(sorted(missing))}; a law in size and tokens needs it")
    kept = isoflop.near_best(frame)
    frame, weights = frame[kept], weights[:, kept]
    design, log_loss = chinchilla.parts(frame)
    begin = chinchilla.fit(frame).params[0]
    shares = weights / weights.sum(axis=1, keepdims=True)
    tasks = [(design, log_loss, piece, begin) for piece in np.array_split(shares, -(-len(shares) // PIECE))]
    found = parallel.mapped(_refit, tasks, label="laws in size and tokens, resampled")
    params, value, converged = (
        np.concatenate([getattr(each, name) for each in found]) for name in ("params", "objective", "converged")
    )
    sane = converged & (params[:, 3:] > 0).all(axis=1)
    compute = frame["training_compute_flop"]
    support = float(compute.min()), float(compute.max())
    return chinchilla.Refit(np.where(sane[:, None], params, np.nan), value, sane).law("refit", support)


def _refit(design: np.ndarray, log_loss: np.ndarray, weights: np.ndarray, begin: np.ndarray) -> chinchilla.Refit:
    return chinchilla.newton(design, log_loss, weights, np.tile(begin, (len(weights), 1)))
