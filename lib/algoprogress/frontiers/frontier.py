"""The frontier of training runs by a stated estimator, and its resamples.

Runs are mostly designed, as a ladder of sizes or a grid at fixed budgets, and no sample: without its largest size a
ladder is another experiment. So their errors are drawn anew and every run is kept. Checkpoints of a run share an error.
"""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

import numpy as np
import pandas as pd

from algoprogress.engine.cache import cached
from algoprogress.frontiers import estimators, gain, isoflop
from algoprogress.frontiers.estimators import FLOOR, Curve, Curves, PowerLaw, points, power_law_of, power_laws, students
from algoprogress.frontiers.gain import Frontier, Resampling
from algoprogress.frontiers.runs import ESTIMATORS, EVERYWHERE, LAWS, RunsError, within

DRAWS = 2_000


def frontier(
    runs: pd.DataFrame,
    *,
    estimator: str = "smooth",
    floor: float = FLOOR,
    window: tuple[float, float] = EVERYWHERE,
    by: str = "run",
    draws: int = DRAWS,
    seed: int | None = None,
) -> Frontier:
    """Return the frontier of some runs, with the resamples that a gain needs.

    The runs have the columns run, training_compute_flop and loss_nats; "isoflop" needs parameters too, and reads its
    curves at a column budget (FLOP) if there is one. The estimator is "smooth" (a parabola in logs that touches the
    runs), "power law" with a fixed `floor` in nats per token, "floor" (a power law with a fitted one), "envelope" (the
    least loss so far) or "isoflop" (minima of parabolas of loss in ln parameters at fixed compute). Checkpoints within
    a `window` of FLOP are used; a gain takes so many `draws`, without a `seed` from streams of their own.

    What is drawn are errors, shared by a group of the column `by`: about the smooth curve, or about parabolas. Power
    laws are resampled by whole groups, which is wider than a design needs. An envelope is a minimum, for which neither
    holds (Bickel and Freedman 1981), and has no interval. Raises RunsError for what runs do not allow.
    """
    if estimator not in ESTIMATORS:
        raise RunsError(f"estimator {estimator!r}: must be one of {', '.join(ESTIMATORS)}")
    chosen, fitted = within(runs, window), None if estimator == "floor" else floor
    if estimator == "envelope":
        return estimators.envelope(*points(chosen))
    if estimator == "isoflop":
        chosen = isoflop.with_budgets(chosen)
        own = isoflop.curves(chosen, np.zeros((1, len(chosen))))
        if not own.points.any():
            raise RunsError("fewer than two IsoFLOP minima within the window; two are needed")
        found = Curve(own.log_compute[own.points[0]], own.loss_nats[own.points])
    else:
        found = estimators.smooth(chosen, by) if estimator == "smooth" else power_law_of(*points(chosen), fitted)
    if not draws:
        return found
    if estimator in LAWS:
        freedom, drawn = None, partial(resampled, chosen, floor=fitted, by=by, draws=draws)
    elif estimator == "smooth":
        freedom, drawn = found.freedom, partial(found.drawn, draws)
    else:
        freedom = min(isoflop.freedom(chosen), chosen[by].nunique() - 1)
        drawn = partial(_minima, chosen, by=by, draws=draws, freedom=freedom)
    if freedom is not None and freedom < 1:
        return found
    what = ("" if freedom is None else "errors of ") + ("runs" if by == "run" else by)

    def of(stream: int) -> Frontier:
        return drawn(seed=(0, stream) if seed is None else (seed,))

    return replace(found, draws=Resampling(of, draws, what, chosen[by].nunique(), errors=freedom is not None))


@cached
def resampled(runs: pd.DataFrame, *, floor: float | None, by: str, draws: int, seed: tuple[int, ...]) -> PowerLaw:
    """Return power laws with an element a resample of groups of the column `by`; nan if there is none."""
    groups = [points(part) for _, part in runs.groupby(by, sort=False)]
    return power_laws(groups, counts(len(groups), draws, seed), floor)


def counts(groups: int, draws: int, seed: tuple[int, ...]) -> np.ndarray:
    """Return how often each group comes in each resample (draws x groups)."""
    return np.random.default_rng(seed).multinomial(groups, np.full(groups, 1.0 / groups), draws)


def multipliers(frame: pd.DataFrame, by: str, draws: int, freedom: int, seed: tuple[int, ...]) -> np.ndarray:
    """Return by how many standard errors each row is moved in each draw (draws x rows), shared by a column's groups."""
    codes, names = pd.factorize(frame[by])
    return students(len(names), draws, freedom, seed)[:, codes]


@cached
def _minima(frame: pd.DataFrame, *, by: str, draws: int, freedom: int, seed: tuple[int, ...]) -> Curves:
    return isoflop.curves(frame, multipliers(frame, by, draws, freedom, seed))


def pair(
    reference: pd.DataFrame, new: pd.DataFrame, *, estimator: str = "smooth", draws: int = DRAWS, **options
) -> tuple[Frontier, Frontier]:
    """Return the `frontier` of each of two algorithms; smooth ones of few groups share bend and spread (`alike`)."""
    found = tuple(frontier(each, estimator=estimator, draws=draws, **options) for each in (reference, new))
    told = estimators.alike(*found) if estimator == "smooth" else found
    if told[0] is found[0] or not draws:
        return told
    what = found[0].draws.what if found[0].draws else "errors"
    return tuple(  # both by the same draws, which are of their groups together
        replace(each, draws=Resampling(lambda _, each=each: each.drawn(draws, (0,)), draws, what, errors=True))
        for each in told
    )


def by_estimator(
    reference: pd.DataFrame, new: pd.DataFrame, losses: Sequence[float], *, estimators: Sequence[str], **options
) -> pd.DataFrame:
    """Return the gain over reference runs by estimator and loss, in the columns of `gain.gains`; nan if unmeasured.

    `options` are those of `frontier`; with `together` the frontiers are those of `pair`.
    """
    parts, together = [], options.pop("together", False)
    for estimator in estimators:
        try:
            both = pair if together else lambda *runs, **told: [frontier(each, **told) for each in runs]
            found = gain.gains(*both(reference, new, estimator=estimator, **options), losses)
        except RunsError:  # no frontier by this estimator: a gap
            found = gain.no_gains(losses)
        parts.append(found.assign(estimator=estimator))
    return pd.concat(parts, ignore_index=True)
