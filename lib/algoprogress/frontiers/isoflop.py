"""Frontiers through minima of loss over size at fixed compute (IsoFLOP), for many draws of the runs' errors at once."""

import numpy as np
import pandas as pd

from algoprogress.frontiers.estimators import Curves
from algoprogress.frontiers.runs import RunsError

NEAR_BEST = 1.1  # times the best loss at the same budget, up to which a run is near it
SIZES = 4  # a parabola with a degree of freedom left
LEAST_FREE = 0.05  # share of an error that is left in its residual, at least, where it is scaled up by that
BEND = 0.3  # of ln compute, at most, from one place of a curve between minima to the next
LEVELS = 24  # budgets between the least and the largest compute, where runs have checkpoints instead of budgets


def with_budgets(runs: pd.DataFrame) -> pd.DataFrame:
    """Return the runs with a column budget in FLOP, one row a run and budget.

    Where there is none, it is the training compute of runs of one checkpoint; runs of more are read at `LEVELS` even
    steps of ln compute, on straight lines between checkpoints. Raises RunsError if there are no parameters.
    """
    if "parameters" not in runs:
        raise RunsError("no column parameters; IsoFLOP minima need it")
    if "budget" in runs:
        return runs
    if runs.groupby("run", sort=False).size().max() == 1:
        return runs.assign(budget=runs["training_compute_flop"])
    logs, parts = np.log(runs["training_compute_flop"]), []
    levels = np.linspace(logs.min(), logs.max(), LEVELS)
    for _, run in runs.groupby("run", sort=False):
        own = np.log(run["training_compute_flop"])
        reached = levels[(levels >= own.iloc[0] - 1e-9) & (levels <= own.iloc[-1] + 1e-9)]
        rows, flop = run.iloc[np.zeros(len(reached), int)], np.exp(reached)
        losses = np.interp(reached, own, run["loss_nats"])
        parts.append(rows.assign(budget=flop, training_compute_flop=flop, loss_nats=losses))
    return pd.concat(parts, ignore_index=True)


def near_best(frame: pd.DataFrame) -> np.ndarray:
    """Return which runs have a loss near the best at their budget, as others follow no parabola; all if no budgets."""
    if "budget" not in frame:
        return np.ones(len(frame), bool)
    best = frame.groupby("budget", dropna=False)["loss_nats"].transform("min")
    return (frame["budget"].isna() | (frame["loss_nats"] <= NEAR_BEST * best)).to_numpy()


def at_budgets(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the runs moved to the compute of their budget along the slope of the best losses (envelope theorem)."""
    best = frame.groupby("budget")["loss_nats"].min()
    off = np.log(best.index.to_numpy(float))
    off = off - off.mean()
    slope = off @ best / (off @ off or 1.0)
    moved = frame["loss_nats"] + slope * np.log(frame["budget"] / frame["training_compute_flop"])
    return frame.assign(loss_nats=moved, training_compute_flop=frame["budget"])


def minima(frame: pd.DataFrame, errors: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return ln compute of the budgets, and the least loss of a parabola in ln parameters and ln parameters there.

    The last two are tables on top of each other (2 x draws x budgets); nan where there are fewer than four sizes, or
    the least point is none or lies at or past an end. `errors` (draws x runs) is by how many times its residual each
    run is moved, zeros for the runs as they are. Runs far from the best of their budget are left out.
    """
    kept = near_best(frame)
    frame, errors = at_budgets(frame[kept]), errors[:, kept]
    budgets = np.sort(frame["budget"].dropna().unique())
    places = [(frame["budget"] == each).to_numpy() for each in budgets]
    return np.log(budgets), np.stack([_parabola(frame[each], errors[:, each]) for each in places], axis=2)


def _parabola(frame: pd.DataFrame, errors: np.ndarray) -> np.ndarray:
    logs, loss = np.log(frame["parameters"].to_numpy(float)), frame["loss_nats"].to_numpy(float)
    if len(np.unique(logs)) < SIZES:
        return np.full((2, len(errors)), np.nan)
    at = logs - logs.mean()
    powers = np.vander(at, 3, increasing=True)
    solved = np.linalg.pinv(powers)
    known = np.clip(1.0 - np.einsum("ij,ji->i", powers, solved), LEAST_FREE, 1.0)  # share of an error in its residual
    left = (loss - powers @ (solved @ loss)) / np.sqrt(known)
    level, tilt, bend = solved @ (loss + errors * left).T
    with np.errstate(divide="ignore", invalid="ignore"):
        best = -tilt / (2.0 * bend)
        inside = (bend > 0) & (best > at.min()) & (best < at.max())
        return np.where(inside, [level - tilt**2 / (4.0 * bend), best + logs.mean()], np.nan)


def freedom(frame: pd.DataFrame) -> int:
    """Return how many runs the parabolas have beyond their constants, where there are sizes enough."""
    budgets = frame[near_best(frame)].groupby("budget")["parameters"].agg(["size", "nunique"])
    return int((budgets["size"] - 3)[budgets["nunique"] >= SIZES].sum())


def curves(frame: pd.DataFrame, errors: np.ndarray) -> Curves:
    """Return for each line of `errors` the curve through the minima that none dominates, bent between budgets."""
    logs, (least, _) = minima(frame, errors)
    return Curves(*bent(logs, least))


def bent(logs: np.ndarray, least: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return ln compute and least losses with more places between budgets, at most `BEND` apart.

    A frontier is convex, so that chords between few budgets lie above it. Between minima, which stay as they are, the
    curve has the bend of a parabola in logs through all of a draw; of two minima it is straight in logs.
    """
    counts = np.ceil(np.diff(logs) / BEND).astype(int)
    pieces = zip(logs, logs[1:], counts, strict=False)
    places = np.concatenate([*(np.linspace(*each, count, endpoint=False) for *each, count in pieces), logs[-1:]])
    found = np.full((len(least), len(places)), np.nan)
    known, pattern = np.unique(np.isfinite(least), axis=0, return_inverse=True)
    for number, own in enumerate(known):
        if not own.any():
            continue
        rows, at, terms = pattern.ravel() == number, logs[own], min(own.sum(), 3)
        shape, fine = (np.vander(each - at.mean(), terms, increasing=True) for each in (at, places))
        solved, ones = np.linalg.pinv(shape), np.eye(len(at))
        between = np.stack([np.interp(places, at, each, left=np.nan, right=np.nan) for each in ones], axis=1)
        found[rows] = np.exp(np.log(least[rows][:, own]) @ (fine @ solved + between @ (ones - shape @ solved)).T)
    return places, found
