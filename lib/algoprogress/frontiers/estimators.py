"""Frontiers from the points of training runs: a power law, the least loss so far, or a decreasing curve.

A power law, with a fixed or a fitted floor, goes through the points that no other one dominates (Gundlach et al. 2025).
Without a law there are the least loss so far (envelope) and the decreasing curve nearest to end points (isotonic).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy.optimize import isotonic_regression

from algoprogress.frontiers.gain import Resampling
from algoprogress.frontiers.runs import COLUMNS, WINDOW, RunsError, nondominated, within

FLOOR = 1.9  # nats per token, fixed by Gundlach et al. 2025 for every family
STEEPEST = -2.0  # exponent


@dataclass(frozen=True)
class PowerLaw:
    """L = floor + coefficient C^exponent, and points and FLOP where it was fitted; arrays are of resamples."""

    coefficient: ArrayLike
    exponent: ArrayLike
    floor: ArrayLike
    points: int = 0
    support_flop: tuple[ArrayLike, ArrayLike] = (0.0, np.inf)
    r_squared: float = np.nan
    draws: Resampling | None = None

    def loss(self, compute_flop: ArrayLike) -> np.ndarray:
        """Return the loss in nats per token at a training compute, also beyond the support."""
        return self.floor + self.coefficient * np.asarray(compute_flop, float) ** self.exponent

    def compute(self, loss_nats: ArrayLike) -> np.ndarray:
        """Return the training compute in FLOP of a loss, also beyond the support; nan at or below the floor."""
        with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
            above = np.asarray(loss_nats, float) - self.floor
            return np.where(above > 0, (above / self.coefficient) ** (1.0 / np.asarray(self.exponent)), np.nan)


@dataclass(frozen=True)
class Curve:
    """A frontier without a law: ln compute in FLOP, rising, and the loss in nats there, falling; linear between."""

    estimator: str
    log_compute: np.ndarray
    loss_nats: np.ndarray
    draws: Resampling | None = None

    @property
    def support_flop(self) -> tuple[float, float]:
        """Return the range of training compute in FLOP."""
        return float(np.exp(self.log_compute[0])), float(np.exp(self.log_compute[-1]))

    def loss(self, compute_flop: ArrayLike) -> np.ndarray:
        """Return the loss in nats per token at a training compute; nan outside of the support."""
        flop, (low, high) = np.asarray(compute_flop, float), self.support_flop
        at = np.interp(np.log(np.clip(flop, low, high)), self.log_compute, self.loss_nats)
        return np.where((flop >= low) & (flop <= high), at, np.nan)

    def compute(self, loss_nats: ArrayLike) -> np.ndarray:
        """Return the least training compute in FLOP that reaches a loss; nan for a loss beyond the curve."""
        at = -np.asarray(loss_nats, float)
        return np.exp(np.interp(at, -self.loss_nats, self.log_compute, left=np.nan, right=np.nan))


@dataclass(frozen=True)
class Curves:
    """Resampled curves as one frontier: an element a resample, nan for one (None) that could not be drawn."""

    curves: Sequence[Curve | None]
    draws: None = None

    @property
    def support_flop(self) -> tuple[np.ndarray, np.ndarray]:
        """Return the least and the largest training compute in FLOP of each."""
        ends = [(np.nan, np.nan) if each is None else each.support_flop for each in self.curves]
        return tuple(np.array(ends).T)

    def loss(self, compute_flop: ArrayLike) -> np.ndarray:
        """Return the loss in nats per token of each at a training compute, or at one for each."""
        return self._each("loss", compute_flop)

    def compute(self, loss_nats: ArrayLike) -> np.ndarray:
        """Return the least training compute in FLOP at which each has a loss, or each one of its own."""
        return self._each("compute", loss_nats)

    def _each(self, what: str, at: ArrayLike) -> np.ndarray:
        shape = np.broadcast_shapes(np.shape(at), (len(self.curves),))
        at, found = np.broadcast_to(at, shape), np.full(shape, np.nan)
        for place, curve in enumerate(self.curves):
            if curve is not None:
                found[..., place] = getattr(curve, what)(at[..., place])
        return found


def power_law(runs: pd.DataFrame, *, floor: float | None = FLOOR, window: tuple[float, float] = WINDOW) -> PowerLaw:
    """Return the power law of least squares on the loss above the floor, through undominated points (None: fitted too).

    Raises RunsError if the window leaves fewer than three, or four with a fitted floor (Gundlach et al. 2025).
    """
    return power_law_of(*points(within(runs, window)), floor)


def points(runs: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Return training compute in FLOP and loss in nats of all checkpoints."""
    return tuple(runs[name].to_numpy(float) for name in COLUMNS[1:])


def power_law_of(compute: np.ndarray, loss: np.ndarray, floor: float | None) -> PowerLaw:
    """Return `power_law` of points."""
    one = np.ones((1, 1), int)
    found = power_laws([(compute, loss)], one, floor)
    law = PowerLaw(*(float(each[0]) for each in (found.coefficient, found.exponent, found.floor)))
    if np.isnan(law.exponent):
        kept = (nondominated(compute, loss) & (loss > (floor or 0.0))).sum()
        raise RunsError(
            f"{kept} points on the frontier within the window; {'four' if floor is None else 'three'} are needed"
        )
    low, high = found.support_flop
    return replace(
        law, points=int(found.points[0]), support_flop=(low[0], high[0]), r_squared=float(found.r_squared[0])
    )


def power_laws(groups: Sequence[tuple[np.ndarray, np.ndarray]], counts: np.ndarray, floor: float | None) -> PowerLaw:
    """Return `power_law` of groups of points (compute, loss) that come so often, an element for each line of `counts`.

    With the exponent given, level and floor are linear, so each fit looks for one number (variable projection, Golub
    and Pereyra 1973). Elements are nan where the points are too few.
    """
    from algoprogress.laws import compiled  # the compiler takes a while to import

    compute, loss = (np.concatenate([group[k] for group in groups]) for k in range(2))
    group = np.repeat(np.arange(len(groups)), [len(each[0]) for each in groups])
    order = np.lexsort((loss, compute))
    fixed = np.nan if floor is None else float(floor)
    found = compiled.power_laws(np.log(compute[order]), loss[order], group[order], counts, fixed, STEEPEST)
    level, exponent, floors, count, r_squared, *ends = found.T
    support = tuple(np.where(np.isnan(each), np.nan, compute[order][np.nan_to_num(each).astype(int)]) for each in ends)
    return PowerLaw(level, exponent, floors, np.nan_to_num(count).astype(int), support, r_squared)


def isotonic(compute: np.ndarray, loss: np.ndarray) -> Curve:
    """Return the decreasing curve nearest to the end points of runs in least squares, linear between them."""
    levels, place, copies = np.unique(compute, return_inverse=True, return_counts=True)
    if len(levels) < 2:
        raise _too_few(len(levels), "isotonic")
    means = np.bincount(place, weights=loss) / copies
    return Curve("isotonic", np.log(levels), isotonic_regression(means, weights=copies, increasing=False).x)


def curve(estimator: str, compute: np.ndarray, loss: np.ndarray) -> Curve:
    """Return the curve through the points that none dominates; raise RunsError for fewer than two."""
    kept = nondominated(compute, loss)
    order = np.argsort(compute[kept], kind="stable")
    logs, first = np.unique(np.log(compute[kept][order]), return_index=True)
    if len(logs) < 2:
        raise _too_few(len(logs), estimator)
    return Curve(estimator, logs, loss[kept][order][first])


def _too_few(count: int, estimator: str) -> RunsError:
    return RunsError(f"{count} points for the {estimator} estimator within the window; two are needed")


def of_points(compute: np.ndarray, loss: np.ndarray, estimator: str, floor: float) -> PowerLaw | Curve:
    """Return the frontier of points (for "isotonic" the ends of runs) by an estimator that asks for no size."""
    if estimator == "envelope":
        return curve("envelope", compute, loss)
    if estimator == "isotonic":
        return isotonic(compute, loss)
    return power_law_of(compute, loss, None if estimator == "floor" else floor)
