"""What knows size in pairs of runs: the additive law in parameters and tokens as a frontier, and the optimal size."""

from dataclasses import replace

import numpy as np
import pandas as pd
from scipy.special import logsumexp

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
PIECE = 100  # draws of one task


def frontier(
    runs: pd.DataFrame, *, estimator: str, draws: int, floor: float = FLOOR, window: tuple[float, float] = EVERYWHERE
) -> Frontier:
    """Return the frontier by an estimator of `frontiers.frontier` or "law" (Hoffmann et al. 2022), errors resampled."""
    if estimator != "law":
        options = {"floor": floor, "window": window, "by": "group", "draws": draws}
        return frontiers.frontier(runs, estimator=estimator, **options)
    frame = within(runs, window)
    frame = frame[isoflop.near_best(frame)]  # others follow no law
    best, flop = chinchilla.fit(frame), frame["training_compute_flop"]
    law = best.law("refit", (float(flop.min()), float(flop.max())))

    def of(stream: int) -> ScalingLaw:
        return resampled(frame, draws=draws, seed=(0, stream))

    drawn = Resampling(of, draws, "errors of runs", frame["group"].nunique(), errors=True)
    return replace(law, **{name: float(getattr(law, name)[0]) for name in CONSTANTS}, draws=drawn)


@cached
def resampled(frame: pd.DataFrame, *, draws: int, seed: tuple[int, ...]) -> ScalingLaw:
    """Return the law with an element a draw: refitted to its own losses, each run with the residual of any; or nan."""
    design, log_loss = chinchilla.parts(frame)
    begin = chinchilla.fit(frame).params
    fitted = logsumexp(design @ begin[0], axis=1)
    wider = np.sqrt(len(frame) / (len(frame) - begin.size))  # residuals are too small for what the constants took
    moved = np.random.default_rng(seed).choice((log_loss - fitted) * wider, (draws, len(frame)))
    tasks = [(design, fitted + piece, begin) for piece in np.array_split(moved, -(-draws // PIECE))]
    parts = parallel.mapped(_refit, tasks, label="laws in size and tokens, resampled")
    found = chinchilla.Refit(*(np.concatenate([vars(part)[name] for part in parts]) for name in vars(parts[0])))
    sane = found.converged & (found.params[:, 3:] > 0).all(axis=1)
    flop = frame["training_compute_flop"]
    sound = replace(found, params=np.where(sane[:, None], found.params, np.nan))
    return sound.law("refit", (float(flop.min()), float(flop.max())))


def _refit(design: np.ndarray, log_loss: np.ndarray, begin: np.ndarray) -> chinchilla.Refit:
    weights = np.full(log_loss.shape, 1.0 / log_loss.shape[1])
    return chinchilla.newton(design, log_loss, weights, np.repeat(begin, len(log_loss), axis=0))


def size_exponents(frame: pd.DataFrame, errors: np.ndarray) -> np.ndarray:
    """Return the exponent of optimal size in compute, N* ~ C^a, by draw; nan where fewer than three are known."""
    logs, (_, sizes) = isoflop.minima(frame, errors)
    lines = zip(np.isfinite(sizes), sizes, strict=True)
    return np.array([np.polyfit(logs[kept], line[kept], 1)[0] if kept.sum() >= 3 else np.nan for kept, line in lines])
