"""The loss against training compute that the runs of an algorithm reach, and the gain of one algorithm over another.

A frontier is estimated from checkpoints or end points by a stated estimator: a power law with a fixed floor on the
points that no other one dominates, as Gundlach et al. 2025 do, or, without any law, the best loss reached so far as a
step or as an isotonic curve. Uncertainty comes from whole runs, resampled: checkpoints of one run are not independent.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.optimize import curve_fit

from algoprogress import parallel
from algoprogress.cache import cached

FLOOR = 1.9  # nats per token, fixed by Gundlach et al. 2025 for every family
WINDOW = (1e16, 5e17)  # FLOP, in which they fit
START = (50.0, -0.08)  # coefficient and exponent that every fit begins from
DRAWS, PIECE = 2_000, 100
COLUMNS = ("run", "training_compute_flop", "loss_nats")


class RunsError(ValueError):
    """Training runs that cannot be read as such; the message names the run, the row and the rule."""


@dataclass(frozen=True)
class PowerLaw:
    """L = floor + coefficient C^exponent, and where it was fitted: points, and range of training compute in FLOP."""

    coefficient: float
    exponent: float
    floor: float
    points: int
    support_flop: tuple[float, float]
    r_squared: float


def checked(runs: pd.DataFrame) -> pd.DataFrame:
    """Return the runs in order, if each is a sequence of checkpoints with growing compute.

    Columns: run, training_compute_flop, loss_nats; others are kept. Raises RunsError for a missing column, a value that
    is not above zero, or compute that does not grow from one checkpoint of a run to the next.
    """
    missing = [name for name in COLUMNS if name not in runs]
    if missing:
        raise RunsError(f"no column {', '.join(missing)}; runs need {', '.join(COLUMNS)}")
    for name in COLUMNS[1:]:
        wrong = ~(pd.to_numeric(runs[name], errors="coerce") > 0)
        if wrong.any():
            row = int(np.flatnonzero(wrong)[0])
            raise RunsError(
                f"row {row + 1}, column {name}: must be a number above zero (found {runs[name].iloc[row]!r})"
            )
    grows = runs.groupby("run", sort=False)["training_compute_flop"].diff()
    if (grows <= 0).any():
        row = int(np.flatnonzero(grows <= 0)[0])
        raise RunsError(f"row {row + 1}, column training_compute_flop: must grow within run {runs['run'].iloc[row]!r}")
    return runs


def nondominated(compute_flop: np.ndarray, loss_nats: np.ndarray) -> np.ndarray:
    """Return which points no other one beats: none has as little compute and loss and less of either.

    Exact copies of a point all stay.

    >>> nondominated(np.array([1.0, 2.0, 2.0, 3.0]), np.array([5.0, 4.0, 4.0, 4.0])).tolist()
    [True, True, True, False]
    """
    levels, place = np.unique(compute_flop, return_inverse=True)
    least = np.full(len(levels), np.inf)
    np.minimum.at(least, place, loss_nats)
    before = np.r_[np.inf, np.minimum.accumulate(least)[:-1]]
    return (loss_nats <= least[place]) & (loss_nats < before[place])


def within(runs: pd.DataFrame, window: tuple[float, float] = WINDOW) -> pd.DataFrame:
    """Return the checkpoints whose training compute lies within a window, ends included."""
    return runs[runs["training_compute_flop"].between(*window)]


def power_law(runs: pd.DataFrame, *, floor: float = FLOOR, window: tuple[float, float] = WINDOW) -> PowerLaw:
    """Return the power law through the frontier of some runs, by least squares on the loss above the floor.

    The window comes first, then the points that none dominates, then the fit (Gundlach et al. 2025).
    Raises RunsError if fewer than three points are left.
    """
    chosen = within(runs, window)
    compute, loss = (chosen[name].to_numpy(float) for name in COLUMNS[1:])
    kept = nondominated(compute, loss) & (loss > floor)
    if kept.sum() < 3:
        raise RunsError(
            f"{kept.sum()} points on the frontier within {window[0]:.1e} to {window[1]:.1e} FLOP; three are needed"
        )
    compute, above = compute[kept], loss[kept] - floor
    coefficient, exponent = _fitted(compute, above)
    residual = above - coefficient * compute**exponent
    r_squared = 1.0 - float((residual**2).sum() / ((above - above.mean()) ** 2).sum())
    return PowerLaw(coefficient, exponent, floor, int(kept.sum()), (compute.min(), compute.max()), r_squared)


def _fitted(compute: np.ndarray, above: np.ndarray) -> tuple[float, float]:
    """Return coefficient and exponent of least squares in linear space; logs of compute are centred for its sake."""
    centre = np.log(compute).mean()
    logs = np.log(compute) - centre

    def curve(at: np.ndarray, level: float, exponent: float) -> np.ndarray:
        return level * np.exp(exponent * at)

    def slope(at: np.ndarray, level: float, exponent: float) -> np.ndarray:
        shape = np.exp(exponent * at)
        return np.column_stack([shape, level * at * shape])

    begin = (START[0] * np.exp(START[1] * centre), START[1])
    (level, exponent), _ = curve_fit(curve, logs, above, p0=begin, jac=slope)
    return float(level * np.exp(-exponent * centre)), float(exponent)


def compute_for_loss(law: PowerLaw, loss_nats: float) -> float:
    """Return the training compute in FLOP at which a power law reaches a loss; nan at or below its floor."""
    above = loss_nats - law.floor
    return float((above / law.coefficient) ** (1.0 / law.exponent)) if above > 0 else np.nan


@cached
def resampled(
    runs: pd.DataFrame, *, floor: float = FLOOR, window: tuple[float, float] = WINDOW, draws: int = DRAWS, seed: int = 0
) -> np.ndarray:
    """Return coefficient and exponent (draws x 2) of the power law over resampled runs; nan where it has no fit.

    Whole runs are drawn with replacement, so that checkpoints of a run come and go together.
    """
    names = runs["run"].unique()
    rng = np.random.default_rng(seed)
    picks = rng.integers(0, len(names), (draws, len(names)))
    tasks = [(runs, names, piece, floor, window) for piece in np.array_split(picks, -(-draws // PIECE))]
    return np.concatenate(parallel.mapped(_piece, tasks, label="resampled runs"))


def _piece(runs: pd.DataFrame, names: np.ndarray, picks: np.ndarray, floor: float, window: tuple) -> np.ndarray:
    parts = {name: part for name, part in within(runs, window).groupby("run")}
    found = np.full((len(picks), 2), np.nan)
    for line, chosen in enumerate(picks):
        drawn = [parts[name] for name in names[chosen] if name in parts]
        try:
            law = power_law(pd.concat(drawn), floor=floor, window=window) if drawn else None
        except (RunsError, RuntimeError):  # too few points, or no convergence: counted as no fit
            continue
        if law is not None:
            found[line] = law.coefficient, law.exponent
    return found


def gains(reference: np.ndarray, new: np.ndarray, loss_nats: float, *, floor: float = FLOOR) -> np.ndarray:
    """Return the compute-equivalent gain at a loss for paired draws of two power laws (each draws x 2)."""
    above = np.log(loss_nats - floor)
    computes = [(above - np.log(laws[:, 0])) / laws[:, 1] for laws in (reference, new)]
    return np.exp(computes[0] - computes[1])


def reached(runs: pd.DataFrame, loss_nats: float) -> float:
    """Return the least training compute in FLOP at which any of the runs has reached a loss; infinite if none has.

    Between two checkpoints of a run the loss is taken as a straight line in ln compute.
    """
    best = np.inf
    for _, run in runs.groupby("run", sort=False):
        compute, loss = np.log(run["training_compute_flop"].to_numpy(float)), run["loss_nats"].to_numpy(float)
        below = np.flatnonzero(loss <= loss_nats)
        if not len(below):
            continue
        first = below[0]
        at = compute[first]
        if first and loss[first - 1] > loss[first]:
            at = np.interp(-loss_nats, [-loss[first - 1], -loss[first]], [compute[first - 1], compute[first]])
        best = min(best, float(np.exp(at)))
    return best


def direct_gain(reference: pd.DataFrame, new: pd.DataFrame, loss_nats: float) -> float:
    """Return the gain at a loss without any law: least compute of the one's runs over that of the other's.

    nan if either has no run that reaches the loss.
    """
    computes = reached(reference, loss_nats), reached(new, loss_nats)
    return computes[0] / computes[1] if np.isfinite(computes).all() else np.nan


@cached
def direct_gains(
    reference: pd.DataFrame, new: pd.DataFrame, loss_nats: float, *, draws: int = DRAWS, seed: int = 0
) -> np.ndarray:
    """Return `direct_gain` over resampled runs of both; draws in which one does not reach the loss are nan."""
    rng = np.random.default_rng(seed)
    columns = []
    for runs in (reference, new):
        least = np.array([reached(part, loss_nats) for _, part in runs.groupby("run", sort=False)])
        columns.append(least[rng.integers(0, len(least), (draws, len(least)))].min(axis=1))
    with np.errstate(invalid="ignore"):
        found = columns[0] / columns[1]
    return np.where(np.isfinite(columns[0]) & np.isfinite(columns[1]), found, np.nan)
