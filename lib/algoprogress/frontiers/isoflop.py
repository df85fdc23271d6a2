"""Two estimators of a frontier that know size and data: minima at fixed compute, and a law in size and tokens.

Both are computed for many weightings of the runs at once: a resample is a weighting. They stand beside the estimators
of `runs`, which know compute and loss alone.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from algoprogress.engine import parallel
from algoprogress.engine.cache import cached
from algoprogress.frontiers import chinchilla
from algoprogress.frontiers.runs import nondominated
from algoprogress.laws import scaling as frontier

ESTIMATORS = ("isoflop", "law")
NEAR_BEST = 1.1  # times the best loss at the same budget, up to which a run is near it
SIZES = 4  # a parabola with a degree of freedom left
PIECE = 100


def near_best(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the runs whose loss is near the best at their budget; all of them where there are no budgets.

    Models that are far too large or too small for their compute follow neither a parabola nor an additive law.
    """
    best = frame.groupby("budget", dropna=False)["loss_nats"].transform("min")
    kept = frame["budget"].isna() | (frame["loss_nats"] <= NEAR_BEST * best)
    return frame[kept].reset_index(drop=True)


def at_budgets(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the runs as if each had the compute of its budget, moved along the slope of the best losses.

    At the optimal size the loss falls as fast with compute at fixed size as along the frontier (envelope theorem).
    """
    best = frame.groupby("budget")["loss_nats"].min()
    slope = np.polyfit(np.log(best.index), best, 1)[0] if len(best) > 1 else 0.0
    moved = frame["loss_nats"] + slope * np.log(frame["budget"] / frame["training_compute_flop"])
    return frame.assign(loss_nats=moved, training_compute_flop=frame["budget"])


def minima(frame: pd.DataFrame, weights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return ln compute of the budgets, and the least loss of a parabola in ln parameters and ln parameters there.

    The last two are tables on top of each other (2 x draws x budgets); nan where fewer than four sizes have weight, or
    the least point is none or lies at or past an end.
    """
    budgets = np.sort(frame["budget"].unique())
    found = [
        _parabola(frame[(frame["budget"] == each).to_numpy()], weights[:, (frame["budget"] == each).to_numpy()])
        for each in budgets
    ]
    return np.log(budgets), np.stack(found, axis=2)


def _parabola(frame: pd.DataFrame, weights: np.ndarray) -> np.ndarray:
    logs, loss = np.log(frame["parameters"].to_numpy(float)), frame["loss_nats"].to_numpy(float)
    at = logs - logs.mean()
    powers = at[None, :] ** np.arange(5)[:, None]
    moments, sides = weights @ powers.T, weights @ (powers[:3] * loss).T
    system = moments[:, np.add.outer(np.arange(3), np.arange(3))]
    sizes, place = np.unique(at, return_inverse=True)
    present = np.stack([weights[:, place == k].sum(axis=1) > 0 for k in range(len(sizes))], axis=1)
    found, enough = np.full((2, len(weights)), np.nan), present.sum(axis=1) >= SIZES
    if not enough.any():
        return found
    level, tilt, bend = np.linalg.solve(system[enough], sides[enough][:, :, None])[:, :, 0].T
    with np.errstate(divide="ignore", invalid="ignore"):
        best = -tilt / (2.0 * bend)
        least = np.where(present[enough], sizes, np.inf).min(axis=1)
        most = np.where(present[enough], sizes, -np.inf).max(axis=1)
        inside = (bend > 0) & (best > least) & (best < most)
        found[:, enough] = np.where(inside, [level - tilt**2 / (4.0 * bend), best + logs.mean()], np.nan)
    return found


def weights_of(frame: pd.DataFrame, draws: int, seed: tuple[int, int]) -> np.ndarray:
    """Return how often each run counts in each resample of whole groups (draws x runs)."""
    codes, names = pd.factorize(frame["group"])
    counts = np.random.default_rng(seed).multinomial(len(names), np.full(len(names), 1.0 / len(names)), draws)
    return counts[:, codes].astype(float)


def log_computes(frame: pd.DataFrame, losses: tuple[float, ...], estimator: str, weights: np.ndarray) -> np.ndarray:
    """Return ln of the least FLOP of each loss (draws x losses) by "isoflop" or "law"; nan outside of the support.

    `weights` is draws x runs of the frame. Raises ValueError for another estimator.
    """
    if estimator not in ESTIMATORS:
        raise ValueError(f"estimator {estimator!r}: must be one of {', '.join(ESTIMATORS)}")
    frame = frame.reset_index(drop=True).assign(place=np.arange(len(frame)))
    kept = near_best(frame)
    weights, wanted = weights[:, kept["place"].to_numpy()], np.asarray(losses, float)
    if estimator == "law":
        return _by_law(kept, wanted, weights)
    logs, (least, _) = minima(at_budgets(kept), weights)
    return np.stack([_read(logs, line, wanted) for line in least])


def _read(logs: np.ndarray, least: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """Return ln compute at losses on the straight lines between the minima that none dominates."""
    known = np.isfinite(least)
    logs, least = logs[known], least[known]
    kept = nondominated(logs, least) if len(logs) else np.zeros(0, bool)
    if kept.sum() < 2:
        return np.full(len(wanted), np.nan)
    return np.interp(-wanted, -least[kept], logs[kept], left=np.nan, right=np.nan)


def _by_law(frame: pd.DataFrame, wanted: np.ndarray, weights: np.ndarray) -> np.ndarray:
    compute = frame["training_compute_flop"]
    law = refits(frame, weights).law("refit", (float(compute.min()), float(compute.max())))
    found = np.stack([frontier.compute_for_loss(law, loss) for loss in wanted], axis=1)
    inside = (found >= law.support_flop[0]) & (found <= law.support_flop[1])
    return np.log(np.where(inside, found, np.nan))


def size_exponents(frame: pd.DataFrame, draws: int, seed: int = 0) -> np.ndarray:
    """Return the exponent of optimal size in compute, N* ~ C^a, of all runs and of resamples (1 + draws)."""
    frame = frame.reset_index(drop=True).assign(place=np.arange(len(frame)))
    weights = np.vstack([np.ones((1, len(frame))), weights_of(frame, draws, (seed, 0))])
    kept = near_best(frame)
    logs, (_, sizes) = minima(at_budgets(kept), weights[:, kept["place"].to_numpy()])
    found = np.full(len(sizes), np.nan)
    for line, each in enumerate(sizes):
        known = np.isfinite(each)
        if known.sum() >= 3:
            found[line] = np.polyfit(logs[known], each[known], 1)[0]
    return found


def refits(frame: pd.DataFrame, weights: np.ndarray) -> chinchilla.Refit:
    """Return the additive law (Hoffmann et al. 2022) fitted to each weighting of the runs; nan where none was found."""
    design, log_loss = chinchilla.parts(frame)
    begin = chinchilla.fit(frame).params[0]
    shares = weights / weights.sum(axis=1, keepdims=True)
    tasks = [(design, log_loss, piece, begin) for piece in np.array_split(shares, -(-len(shares) // PIECE))]
    found = parallel.mapped(_refit, tasks, label="laws in size and tokens, resampled")
    params, value, converged = (
        np.concatenate([getattr(each, name) for each in found]) for name in ("params", "objective", "converged")
    )
    sane = converged & (params[:, 3:] > 0).all(axis=1)
    return chinchilla.Refit(np.where(sane[:, None], params, np.nan), value, sane)


def _refit(design: np.ndarray, log_loss: np.ndarray, weights: np.ndarray, begin: np.ndarray) -> chinchilla.Refit:
    return chinchilla.newton(design, log_loss, weights, np.tile(begin, (len(weights), 1)))


@cached
def log_gains(
    reference: pd.DataFrame, new: pd.DataFrame, losses: tuple[float, ...], *, estimator: str, draws: int, seed: int = 0
) -> np.ndarray:
    """Return ln gain by an estimator of this module: first of all runs, then of resamples (1 + draws x losses).

    Three such tables on top of each other: ln gain, and ln compute of the reference and of the new.
    """
    sides = []
    for shift, frame in enumerate((reference, new)):
        weights = np.vstack([np.ones((1, len(frame))), weights_of(frame, draws, (seed, shift))])
        sides.append(log_computes(frame, losses, estimator, weights))
    return np.stack([sides[0] - sides[1], *sides])
