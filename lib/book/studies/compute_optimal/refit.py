"""What knows size in pairs of runs: the additive law in parameters and tokens as a frontier, and the optimal size."""

from dataclasses import replace

import numpy as np
import pandas as pd

from algoprogress.engine import parallel
from algoprogress.engine.cache import cached
from algoprogress.frontiers import frontier as frontiers
from algoprogress.frontiers import isoflop
from algoprogress.frontiers.estimators import FLOOR
from algoprogress.frontiers.gain import Frontier, Resampling
from algoprogress.frontiers.runs import EVERYWHERE, within
from algoprogress.laws.scaling import ScalingLaw
from book.studies.allocation import chinchilla

CONSTANTS = ("floor", "capacity", "alpha", "data", "beta")
PIECE = 100  # resamples of one task


def frontier(
    runs: pd.DataFrame, *, estimator: str, draws: int, floor: float = FLOOR, window: tuple[float, float] = EVERYWHERE
) -> Frontier:
    """Return the frontier by an estimator of `frontiers.frontier` or "law" (`laws`), to be resampled by group."""
    if estimator != "law":
        return frontiers.frontier(runs, estimator=estimator, floor=floor, window=window, by="group", draws=draws)
    frame = within(runs, window)
    law = laws(frame, np.ones((1, len(frame))))
    groups = frame["group"].nunique()
    drawn = Resampling(lambda stream: resampled(frame, draws=draws, seed=(0, stream)), draws, "group", groups)
    return replace(law, **{name: float(getattr(law, name)[0]) for name in CONSTANTS}, draws=drawn)


@cached
def resampled(frame: pd.DataFrame, *, draws: int, seed: tuple[int, ...]) -> ScalingLaw:
    """Return the law with an element a resample of whole groups."""
    return laws(frame, frontiers.weights(frame, "group", draws, seed))


def size_exponents(frame: pd.DataFrame, weights: np.ndarray) -> np.ndarray:
    """Return the exponent of optimal size in compute, N* ~ C^a, by weighting; nan where fewer than three are known."""
    logs, (_, sizes) = isoflop.minima(frame, weights)
    lines = zip(np.isfinite(sizes), sizes, strict=True)
    return np.array([np.polyfit(logs[kept], line[kept], 1)[0] if kept.sum() >= 3 else np.nan for kept, line in lines])


def laws(frame: pd.DataFrame, weights: np.ndarray) -> ScalingLaw:
    """Return the law of Hoffmann et al. 2022 fitted to each weighting of runs near the best of a budget, else nan."""
    kept = isoflop.near_best(frame)
    frame, weights = frame[kept], weights[:, kept]
    design, log_loss = chinchilla.parts(frame)
    begin = chinchilla.fit(frame).params[0]
    shares = weights / weights.sum(axis=1, keepdims=True)
    tasks = [(design, log_loss, piece, begin) for piece in np.array_split(shares, -(-len(shares) // PIECE))]
    parts = parallel.mapped(_refit, tasks, label="laws in size and tokens, resampled")
    found = chinchilla.Refit(*(np.concatenate([vars(part)[name] for part in parts]) for name in vars(parts[0])))
    sane = found.converged & (found.params[:, 3:] > 0).all(axis=1)
    flop = frame["training_compute_flop"]
    sound = replace(found, params=np.where(sane[:, None], found.params, np.nan))
    return sound.law("refit", (float(flop.min()), float(flop.max())))


def _refit(design: np.ndarray, log_loss: np.ndarray, weights: np.ndarray, begin: np.ndarray) -> chinchilla.Refit:
    return chinchilla.newton(design, log_loss, weights, np.tile(begin, (len(weights), 1)))
