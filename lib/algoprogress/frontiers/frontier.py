"""The frontier of training runs by a stated estimator, resampled by whole runs or sizes, as checkpoints correlate."""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

import numpy as np
import pandas as pd

from algoprogress.engine.cache import cached
from algoprogress.frontiers import gain, isoflop
from algoprogress.frontiers.estimators import FLOOR, Curve, Curves, PowerLaw, of_points, points, power_laws
from algoprogress.frontiers.gain import Frontier, Resampling
from algoprogress.frontiers.runs import EVERYWHERE, RunsError, end_points, within

DRAWS = 2_000
LAWS = ("power law", "floor")
ESTIMATORS = (*LAWS, "envelope", "isotonic", "isoflop")


def frontier(
    runs: pd.DataFrame,
    *,
    estimator: str = "envelope",
    floor: float = FLOOR,
    window: tuple[float, float] = EVERYWHERE,
    by: str = "run",
    draws: int = DRAWS,
    seed: int | None = None,
) -> Frontier:
    """Return the frontier of some runs, which a gain resamples by whole runs.

    The runs have the columns run, training_compute_flop and loss_nats; "isoflop" needs parameters too, and reads its
    curves at a column budget (FLOP) if there is one. The estimator is "power law" with a fixed `floor` in nats per
    token, "floor" (a power law with a fitted one), "envelope" (the least loss so far), "isotonic" (a decreasing curve
    near the end points of runs) or "isoflop" (minima of parabolas of loss in ln parameters at fixed compute).
    Checkpoints within a `window` of FLOP are used; a gain takes so many `draws`, of the groups of the column `by`, and
    without a `seed` from streams of their own. Raises RunsError for another estimator, or one that runs do not allow.
    """
    if estimator not in ESTIMATORS:
        raise RunsError(f"estimator {estimator!r}: must be one of {', '.join(ESTIMATORS)}")
    found = _of(runs, estimator, floor, window)
    if not draws:
        return found
    options = {"estimator": estimator, "floor": floor, "window": window, "by": by, "draws": draws}
    drawn = partial(_drawn, runs, options, seed)
    groups = within(runs, window)[by].nunique()
    return replace(found, draws=Resampling(drawn, draws, "runs" if by == "run" else by, groups))


def _drawn(runs: pd.DataFrame, options: dict, seed: int | None, stream: int) -> Frontier:
    return resampled(runs, **options, seed=(0, stream) if seed is None else (seed,))


def _of(runs: pd.DataFrame, estimator: str, floor: float, window: tuple[float, float]) -> Frontier:
    if estimator != "isoflop":
        part = end_points(runs) if estimator == "isotonic" else runs
        return of_points(*points(within(part, window)), estimator, floor)
    frame = isoflop.with_budgets(within(runs, window))
    curve = isoflop.curves(frame, np.ones((1, len(frame)))).curves[0]
    if curve is None:
        raise RunsError("fewer than two IsoFLOP minima within the window; two are needed")
    return curve


@cached
def resampled(
    runs: pd.DataFrame,
    *,
    estimator: str,
    floor: float,
    window: tuple[float, float],
    by: str,
    draws: int,
    seed: tuple[int, ...],
) -> PowerLaw | Curves:
    """Return the frontier with an element a resample of groups of the column `by`; nan or None if there is none."""
    chosen = within(runs, window)
    if estimator == "isoflop":
        frame = isoflop.with_budgets(chosen)
        return isoflop.curves(frame, weights(frame, by, draws, seed))
    last = estimator == "isotonic"
    groups = [points(end_points(part) if last else part) for _, part in chosen.groupby(by, sort=False)]
    times = counts(len(groups), draws, seed)
    if estimator in LAWS:
        return power_laws(groups, times, None if estimator == "floor" else floor)
    unique, place = np.unique(times, axis=0, return_inverse=True)
    found = [_curve(groups, line, estimator) for line in unique]
    return Curves(tuple(found[each] for each in place.ravel()))


def counts(groups: int, draws: int, seed: tuple[int, ...]) -> np.ndarray:
    """Return how often each group comes in each resample (draws x groups)."""
    return np.random.default_rng(seed).multinomial(groups, np.full(groups, 1.0 / groups), draws)


def weights(frame: pd.DataFrame, by: str, draws: int, seed: tuple[int, ...]) -> np.ndarray:
    """Return how often each row counts in each resample of whole groups (draws x rows)."""
    codes, names = pd.factorize(frame[by])
    return counts(len(names), draws, seed)[:, codes].astype(float)


def _curve(groups: list[tuple], times: np.ndarray, estimator: str) -> Curve | None:
    """Return the curve of groups that come so many times, None where it has too few points."""
    copies = np.minimum(times, 1) if estimator == "envelope" else times  # a copy changes no envelope
    parts = [group for group, n in zip(groups, copies, strict=True) for _ in range(n)]
    try:
        return of_points(*(np.concatenate(each) for each in zip(*parts, strict=True)), estimator, FLOOR)
    except RunsError:
        return None


def by_estimator(
    reference: pd.DataFrame,
    new: pd.DataFrame,
    losses: Sequence[float],
    *,
    estimators: Sequence[str],
    floor: float = FLOOR,
    window: tuple[float, float] = EVERYWHERE,
    by: str = "run",
    draws: int = DRAWS,
) -> pd.DataFrame:
    """Return the gain over reference runs by estimator and loss, in the columns of `gain.gains`; nan if unmeasured."""
    options, parts = {"floor": floor, "window": window, "by": by, "draws": draws}, []
    for estimator in estimators:
        try:
            found = gain.gains(*(frontier(each, estimator=estimator, **options) for each in (reference, new)), losses)
        except RunsError:  # no frontier by this estimator: a gap
            found = gain.no_gains(losses)
        parts.append(found.assign(estimator=estimator))
    return pd.concat(parts, ignore_index=True)
