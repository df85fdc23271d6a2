"""Frontiers from the points of training runs: a power law, a smooth curve, or the least loss so far.

A power law, with a fixed or a fitted floor, goes through the points that no other one dominates (Gundlach et al. 2025).
Without a law there are a parabola in logs that touches the runs (smooth) and the least loss so far (envelope).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from algoprogress.frontiers.gain import Resampling
from algoprogress.frontiers.runs import COLUMNS, EVERYWHERE, WINDOW, RunsError, nondominated, within

FLOOR = 1.9  # nats per token, fixed by Gundlach et al. 2025 for every family
STEEPEST = -2.0  # exponent
STEP = 0.25  # of ln compute, within which checkpoints of a run are averaged
PAST = 1.1  # times the last checkpoint, up to which a smooth curve is read where a run lies below it
SETTLED = 10  # rounds after which the points that a curve touches change no more
BENDS = 4  # groups, from which a smooth curve is a parabola and no line
FEW = 10  # groups, below which two smooth curves share what cannot be told of either
MANY = 40  # groups, past which neighbours on a frontier count by their mean: records that follow are no new ones


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
class Smooth:
    """ln L = a + b x + c x^2 with x = ln(C / middle_flop), which touches each group of runs on the frontier.

    `constants` are a, b, c, or a table with a column a resample; `errors` (constants x groups) is by how much they move
    if a group lies one standard error, `spread` in ln loss, too high. Its `freedom` is the groups less the constants.
    """

    constants: np.ndarray
    middle_flop: float
    support_flop: tuple[float, float]
    spread: float
    errors: np.ndarray
    freedom: int
    draws: Resampling | None = None

    def loss(self, compute_flop: ArrayLike) -> np.ndarray:
        """Return the loss in nats per token at a training compute, also beyond the support."""
        (a, b, c), logs = self.constants, np.log(np.asarray(compute_flop, float) / self.middle_flop)
        return np.exp(a + (b + c * logs) * logs)

    def compute(self, loss_nats: ArrayLike) -> np.ndarray:
        """Return the training compute in FLOP of a loss, also beyond the support; nan where the curve has turned."""
        (a, b, c), log_loss = self.constants, np.log(np.asarray(loss_nats, float))
        with np.errstate(invalid="ignore", over="ignore"):  # draws of few runs may be wild
            fall = np.sqrt(b**2 - 4.0 * c * (a - log_loss)) - b
            return self.middle_flop * np.exp(2.0 * (a - log_loss) / np.where(fall > 0, fall, np.nan))

    def drawn(self, draws: int, seed: tuple[int, ...]) -> "Smooth":
        """Return the curve with an element a draw, of errors of the groups; what was measured it does not tell."""
        moved = self.errors @ students(self.errors.shape[1], draws, self.freedom, seed).T
        return replace(self, constants=self.constants[:, None] + moved, support_flop=EVERYWHERE)


def alike(first: Smooth, second: Smooth) -> tuple[Smooth, Smooth]:
    """Return two smooth frontiers with one spread of errors and, if both are parabolas, one bend; as they are if many.

    A gain that grows evenly with ln compute leaves the bend as it is. Of few groups either curve tells its bend and its
    spread badly, which makes an interval of one degree of freedom six times too wide. The draws are of both together.
    """
    sizes = [each.errors.shape[1] for each in (first, second)]
    if min(sizes) >= FEW:
        return first, second
    freedom, bends = first.freedom + second.freedom, min(sizes) >= BENDS
    squares = sum(each.freedom * each.spread**2 for each in (first, second))
    solved = np.zeros((6, sum(sizes)))  # the constants of both by the errors of all groups
    solved[:3, : sizes[0]], solved[3:, sizes[0] :] = (each.errors / (each.spread or 1.0) for each in (first, second))
    constants = np.concatenate([first.constants, second.constants])
    if bends:  # least squares under a restraint, from those without (Rao 1973, Linear Statistical Inference, 4a.9)
        apart, gap = solved[2] - solved[5], constants[2] - constants[5]
        pull = solved @ apart / (apart @ apart)
        squares, freedom = squares + gap**2 / (apart @ apart), freedom + 1
        constants, solved = constants - pull * gap, solved - np.outer(pull, apart)
    spread = float(np.sqrt(squares / freedom))
    return tuple(
        replace(each, constants=constants[part], spread=spread, errors=solved[part] * spread, freedom=freedom)
        for each, part in ((first, slice(3)), (second, slice(3, 6)))
    )


@dataclass(frozen=True)
class Curves:
    """Resampled curves as one frontier: ln compute in FLOP, rising, and a line of losses in nats a resample.

    A loss that is missing (nan), or not below all those before it, is no point of its curve, which is straight between
    points. A resample of fewer than two points has no curve.
    """

    log_compute: np.ndarray
    loss_nats: np.ndarray
    draws: None = None

    @property
    def points(self) -> np.ndarray:
        """Return which losses are points of their curves (resamples x computes)."""
        least = np.fmin.accumulate(self.loss_nats, axis=1)
        new = least < np.concatenate([np.full((len(least), 1), np.inf), least[:, :-1]], axis=1)
        new |= np.isfinite(least) & np.isnan(np.roll(least, 1, axis=1))
        new[:, 0] = np.isfinite(least[:, 0])
        return new & (new.sum(axis=1, keepdims=True) > 1)

    @property
    def support_flop(self) -> tuple[np.ndarray, np.ndarray]:
        """Return the least and the largest training compute in FLOP of each; nan without a curve."""
        points, known = self.points, self.points.any(axis=1)
        ends = points.argmax(axis=1), points.shape[1] - 1 - points[:, ::-1].argmax(axis=1)
        return tuple(np.where(known, np.exp(self.log_compute[each]), np.nan) for each in ends)

    def loss(self, compute_flop: ArrayLike) -> np.ndarray:
        """Return the loss in nats per token of each at a training compute, or at one for each; nan outside."""
        logs = np.where(self.points, self.log_compute, np.nan)
        return _between(np.log(compute_flop), logs, self.loss_nats)

    def compute(self, loss_nats: ArrayLike) -> np.ndarray:
        """Return the least training compute in FLOP at which each has a loss, or each one of its own; nan outside."""
        losses = np.where(self.points, -self.loss_nats, np.nan)
        return np.exp(_between(-np.asarray(loss_nats, float), losses, np.broadcast_to(self.log_compute, losses.shape)))


def _between(at: ArrayLike, known: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Return the values at some places on straight lines between known ones, which rise along each line; nan outside.

    `known` and `values` are lines x points, nan where there is no point; a place is for all lines, or one for each.
    """
    at = np.broadcast_to(at, np.broadcast_shapes(np.shape(at), (len(known),)))[..., None]
    with np.errstate(invalid="ignore"):
        past, before = known >= at, known <= at  # ... x lines x points
    right, left = past.argmax(axis=-1), known.shape[1] - 1 - before[..., ::-1].argmax(axis=-1)
    line = np.arange(len(known))
    first, last = known[line, left], known[line, right]
    with np.errstate(invalid="ignore", divide="ignore"):
        share = np.where(last > first, (at[..., 0] - first) / (last - first), 0.0)
        found = values[line, left] + share * (values[line, right] - values[line, left])
    return np.where(past.any(axis=-1) & before.any(axis=-1), found, np.nan)


def students(groups: int, draws: int, freedom: int, seed: tuple[int, ...]) -> np.ndarray:
    """Return by how many standard errors groups are off in each draw (draws x groups), if so many degrees tell them.

    They are normal over the root of a chi-squared by draw: what is linear in them has Student's interval.
    """
    rng = np.random.default_rng(seed)
    size = np.sqrt(rng.chisquare(freedom, (draws, 1)) / freedom)
    return rng.normal(size=(draws, groups)) / size


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
    found = power_laws([(compute, loss)], np.ones((1, 1), int), floor)
    if np.isnan(found.exponent[0]):
        kept = (nondominated(compute, loss) & (loss > (floor or 0.0))).sum()
        needed = "four" if floor is None else "three"
        raise RunsError(f"{kept} points on the frontier within the window; {needed} are needed")
    constants = (float(each[0]) for each in (found.coefficient, found.exponent, found.floor))
    low, high = found.support_flop
    return PowerLaw(*constants, int(found.points[0]), (low[0], high[0]), float(found.r_squared[0]))


def power_laws(groups: Sequence[tuple[np.ndarray, np.ndarray]], counts: np.ndarray, floor: float | None) -> PowerLaw:
    """Return `power_law` of groups of points (compute, loss) that come so often, an element for each line of `counts`.

    With the exponent given, level and floor are linear, so each fit looks for one number (variable projection, Golub
    and Pereyra 1973). Elements are nan where the points are too few.
    """
    from algoprogress.laws import compiled  # the compiler takes a while to import

    # What another point of its own group beats is on no resample's frontier.
    groups = [(each[0][kept], each[1][kept]) for each in groups for kept in [nondominated(*each)]]
    compute, loss = (np.concatenate([group[k] for group in groups]) for k in range(2))
    group = np.repeat(np.arange(len(groups)), [len(each[0]) for each in groups])
    order = np.lexsort((loss, compute))
    fixed = np.nan if floor is None else float(floor)
    each, place = np.unique(counts, axis=0, return_inverse=True)  # resamples of few groups repeat themselves
    found = compiled.power_laws(np.log(compute[order]), loss[order], group[order], each, fixed, STEEPEST)[place]
    level, exponent, floors, count, r_squared, *ends = found.T
    support = tuple(np.where(np.isnan(each), np.nan, compute[order][np.nan_to_num(each).astype(int)]) for each in ends)
    return PowerLaw(level, exponent, floors, np.nan_to_num(count).astype(int), support, r_squared)


def envelope(compute: np.ndarray, loss: np.ndarray) -> Curve:
    """Return the curve through the points that none dominates; raise RunsError for fewer than two."""
    kept = nondominated(compute, loss)
    order = np.argsort(compute[kept], kind="stable")
    logs, first = np.unique(np.log(compute[kept][order]), return_index=True)
    if len(logs) < 2:
        raise RunsError(f"{len(logs)} points for the envelope within the window; two are needed")
    return Curve(logs, loss[kept][order][first])


def smooth(runs: pd.DataFrame, by: str = "run") -> Smooth:
    """Return the smooth frontier of some runs by least squares, with errors by groups of a column.

    It touches each group that is on the frontier where that is lowest beside it, or means of neighbours past `MANY`
    groups; below `BENDS` it is a line. It reaches from the first of these points to the last, and to the least loss.
    Raises RunsError for under three groups.
    """
    best = runs[nondominated(*points(runs))]
    logs, log_loss = _touching(runs[runs[by].isin(best[by])], by)
    if len(logs) < 3:
        raise RunsError(f"{len(logs)} of the column {by} on the frontier within the window; three are needed")
    terms, middle, scale = 3 if len(logs) >= BENDS else 2, logs.mean(), np.ptp(logs) or 1.0
    powers = np.vander((logs - middle) / scale, 3, increasing=True)
    solved = np.zeros((3, len(logs)))
    solved[:terms] = np.linalg.pinv(powers[:, :terms])
    left, freedom = log_loss - powers @ (solved @ log_loss), len(logs) - terms
    spread = float(np.sqrt((left**2).sum() / freedom))
    solved /= scale ** np.arange(3.0)[:, None]
    found = Smooth(solved @ log_loss, float(np.exp(middle)), (0.0, np.inf), spread, solved * spread, freedom)
    far = np.fmin(found.compute(best["loss_nats"].min()), PAST * best["training_compute_flop"].max())
    return replace(found, support_flop=(float(np.exp(logs.min())), float(np.fmax(np.exp(logs.max()), far))))


def _touching(runs: pd.DataFrame, by: str) -> tuple[np.ndarray, np.ndarray]:
    """Return ln compute and ln loss where a parabola touches each group: lowest beside it, till that is settled.

    Checkpoints of a run are averaged within `STEP` of ln compute, as the least of noisy ones is too low, and its first
    ones are left out: the least compute of all is on any frontier. Past `MANY` groups there are so many, each the mean
    of neighbours.
    """
    frame = pd.DataFrame({"group": runs[by], "run": runs["run"], "compute": np.log(runs["training_compute_flop"])})
    frame["loss"], frame["step"] = np.log(runs["loss_nats"]), np.floor(frame["compute"] / STEP)
    frame = frame.groupby(["group", "run", "step"], sort=False)[["compute", "loss"]].mean().reset_index()
    first, alone = ~frame.duplicated(["group", "run"]), ~frame.duplicated(["group", "run"], keep=False)
    frame = frame[~first | alone]
    frame = frame[nondominated(frame["compute"].to_numpy(), frame["loss"].to_numpy())].reset_index(drop=True)
    chosen, terms = frame, 3 if frame["group"].nunique() >= BENDS else 2
    scaled = (frame["compute"] - frame["compute"].mean()) / (np.ptp(frame["compute"]) or 1.0)
    powers = np.vander(scaled, terms, increasing=True)
    for _ in range(SETTLED):
        above = frame["loss"] - powers @ (np.linalg.pinv(powers[chosen.index]) @ chosen["loss"])
        before, chosen = chosen, frame.loc[above.groupby(frame["group"]).idxmin()]
        if chosen.index.equals(before.index):
            break
    if len(chosen) > MANY:
        part = np.arange(len(chosen)) * MANY // len(chosen)
        chosen = chosen.sort_values("compute").groupby(part)[["compute", "loss"]].mean()
    return chosen["compute"].to_numpy(), chosen["loss"].to_numpy()
