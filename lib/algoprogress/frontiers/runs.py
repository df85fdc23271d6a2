"""The loss against training compute that the runs of an algorithm reach, and the gain of one algorithm over another.

A frontier is estimated by a stated estimator: a power law with a fixed or fitted floor on the points that no other one
dominates, as Gundlach et al. 2025 do; or, without any law, the least loss reached so far (envelope), a decreasing curve
through the end points of runs (isotonic), or the minima of quadratic curves of loss against size at fixed compute
(IsoFLOP). Uncertainty comes from whole runs or whole sizes, resampled: checkpoints of one run are not independent.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.optimize import curve_fit, isotonic_regression
from scipy.stats import norm, t

from algoprogress.engine import parallel
from algoprogress.engine.cache import cached

FLOOR = 1.9  # nats per token, fixed by Gundlach et al. 2025 for every family
WINDOW = (1e16, 5e17)  # FLOP, in which they fit
START = (50.0, -0.08)  # coefficient and exponent that every fit begins from
EVERYWHERE = (0.0, np.inf)  # FLOP
DRAWS, PIECE = 2_000, 100
COLUMNS = ("run", "training_compute_flop", "loss_nats")
ESTIMATORS = ("power law", "floor", "envelope", "isotonic", "isoflop")
NEAR = 1e-9  # relative, within which a compute counts as the end of a support
LEVELS = 24  # compute levels of IsoFLOP curves between the least and the largest run
LARGEST_LOSS = 20.0  # nats per token, past which a value is a perplexity
LEAST_COMPUTE = 1e6  # FLOP, below which a value is in another unit


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


@dataclass(frozen=True)
class Curve:
    """A frontier without a law: ln compute in FLOP, rising, and the loss in nats there, falling; linear between."""

    estimator: str
    log_compute: np.ndarray
    loss_nats: np.ndarray

    @property
    def support_flop(self) -> tuple[float, float]:
        """Return the range of training compute in FLOP."""
        return float(np.exp(self.log_compute[0])), float(np.exp(self.log_compute[-1]))


Frontier = PowerLaw | Curve


def checked(runs: pd.DataFrame, file: str = "runs", *, flop: bool = True) -> pd.DataFrame:
    """Return the runs, if each is a sequence of checkpoints with growing compute; `flop` says it is in FLOP.

    Columns: run, training_compute_flop, loss_nats; others are kept. Raises RunsError, which names file, row, column and
    rule, for a missing column, no rows, a value that is not above zero or not in FLOP or nats, or compute that does not
    grow from one checkpoint of a run to the next.
    """
    missing = [name for name in COLUMNS if name not in runs]
    if missing:
        raise RunsError(f"{file}: no column {', '.join(missing)}; runs need {', '.join(COLUMNS)}")
    if not len(runs):
        raise RunsError(f"{file}: no rows")
    for name in COLUMNS[1:]:
        found = pd.to_numeric(runs[name], errors="coerce")
        _refuse(~((found > 0) & np.isfinite(found)), runs, name, "must be a number above zero", file)
        if name == "loss_nats":
            rule = f"must be in nats per token, so below {LARGEST_LOSS:g} (a perplexity?)"
            _refuse(found > LARGEST_LOSS, runs, name, rule, file)
        elif flop:
            _refuse(found < LEAST_COMPUTE, runs, name, f"must be in FLOP, so above {LEAST_COMPUTE:g}", file)
    numbers = runs.assign(**{name: pd.to_numeric(runs[name]) for name in COLUMNS[1:]})
    steps = numbers.groupby("run", sort=False)["training_compute_flop"].diff()
    _refuse(steps == 0, runs, "training_compute_flop", "repeats the checkpoint before it of the same run", file)
    _refuse(steps < 0, runs, "training_compute_flop", "must grow within a run: sort the checkpoints", file)
    return numbers


def _refuse(wrong: pd.Series, runs: pd.DataFrame, column: str, rule: str, file: str) -> None:
    if wrong.any():
        row = int(np.flatnonzero(wrong)[0])
        where = f"row {row + 1} (run {runs['run'].iloc[row]!r}), column {column}"
        raise RunsError(f"{file}, {where}: {rule}; found {runs[column].iloc[row]!r}")


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


def power_law(runs: pd.DataFrame, *, floor: float | None = FLOOR, window: tuple[float, float] = WINDOW) -> PowerLaw:
    """Return the power law through the frontier of some runs, by least squares on the loss above the floor.

    The window comes first, then the points that none dominates, then the fit (Gundlach et al. 2025). A floor of None is
    fitted too. Raises RunsError if fewer than three points are left, or four with a fitted floor.
    """
    chosen = within(runs, window)
    return _power_law(*(chosen[name].to_numpy(float) for name in COLUMNS[1:]), floor, window)


def _power_law(compute: np.ndarray, loss: np.ndarray, floor: float | None, window: tuple[float, float]) -> PowerLaw:
    kept = nondominated(compute, loss) & (loss > (floor or 0.0))
    needed = 4 if floor is None else 3
    if len(np.unique(compute[kept])) < needed:
        raise RunsError(
            f"{kept.sum()} points on the frontier within {window[0]:.1e} to {window[1]:.1e} FLOP; "
            f"{'four' if floor is None else 'three'} are needed"
        )
    compute, loss = compute[kept], loss[kept]
    coefficient, exponent, floor = _fitted(compute, loss, floor)
    residual = loss - floor - coefficient * compute**exponent
    r_squared = 1.0 - float((residual**2).sum() / ((loss - loss.mean()) ** 2).sum())
    return PowerLaw(coefficient, exponent, floor, int(kept.sum()), (compute.min(), compute.max()), r_squared)


def _fitted(compute: np.ndarray, loss: np.ndarray, floor: float | None) -> tuple[float, float, float]:
    """Return coefficient, exponent and floor of least squares in linear space; logs are centred for its sake."""
    centre = np.log(compute).mean()
    logs = np.log(compute) - centre

    def curve(at: np.ndarray, level: float, exponent: float, *free: float) -> np.ndarray:
        return level * np.exp(exponent * at) + sum(free)

    def slope(at: np.ndarray, level: float, exponent: float, *free: float) -> np.ndarray:
        shape = np.exp(exponent * at)
        return np.column_stack([shape, level * at * shape, *(np.ones_like(at) for _ in free)])

    begin = (START[0] * np.exp(START[1] * centre), START[1])
    if floor is None:
        limits = ([0.0, -2.0, 0.0], [np.inf, 0.0, float(loss.min())])
        start = (*begin, min(FLOOR, 0.5 * float(loss.min())))
        (level, exponent, floor), _ = curve_fit(curve, logs, loss, p0=start, jac=slope, bounds=limits)
    else:
        (level, exponent), _ = curve_fit(curve, logs, loss - floor, p0=begin, jac=slope)
    return float(level * np.exp(-exponent * centre)), float(exponent), float(floor)


def envelope(runs: pd.DataFrame, *, window: tuple[float, float] = WINDOW) -> Curve:
    """Return the least loss that any checkpoint has reached so far, as a curve through the points none dominates."""
    chosen = within(runs, window)
    compute, loss = (chosen[name].to_numpy(float) for name in COLUMNS[1:])
    kept = nondominated(compute, loss)
    return _curve("envelope", compute[kept], loss[kept], window)


def isotonic(runs: pd.DataFrame, *, window: tuple[float, float] = WINDOW) -> Curve:
    """Return the decreasing curve nearest to the end points of runs in least squares, linear between them."""
    last = within(end_points(runs), window)
    return _isotonic(*(last[name].to_numpy(float) for name in COLUMNS[1:]), window)


def _isotonic(compute: np.ndarray, loss: np.ndarray, window: tuple[float, float]) -> Curve:
    levels, place, copies = np.unique(compute, return_inverse=True, return_counts=True)
    if len(levels) < 2:
        return _curve("isotonic", compute[:0], loss[:0], window)
    means = np.bincount(place, weights=loss) / copies
    return _curve("isotonic", levels, isotonic_regression(means, weights=copies, increasing=False).x, window)


def isoflop(runs: pd.DataFrame, *, window: tuple[float, float] = WINDOW, levels: int = LEVELS) -> Curve:
    """Return the minima of quadratic curves of loss against ln parameters at fixed compute (needs parameters).

    At each level of compute each run that reached it gives its loss there, a straight line in ln compute between
    checkpoints; runs of one checkpoint count at its compute. Levels with fewer than four sizes, or whose minimum lies
    at or beyond the least or largest size, are left out.
    """
    if "parameters" not in runs:
        raise RunsError("no column parameters; IsoFLOP minima need it")
    tracks = [_track(run) for _, run in runs.groupby("run", sort=False)]
    found = []
    for level in _levels(runs, window, levels):
        at = [
            (size, float(np.interp(level, logs, losses)))
            for size, logs, losses in tracks
            if logs[0] - 1e-9 <= level <= logs[-1] + 1e-9
        ]
        minimum = _quadratic_minimum(np.array(at)) if len(at) >= 4 else np.nan
        if np.isfinite(minimum):
            found.append((np.exp(level), minimum))
    compute, loss = np.array(found).reshape(-1, 2).T
    kept = nondominated(compute, loss)
    return _curve("isoflop", compute[kept], loss[kept], window)


def _track(run: pd.DataFrame) -> tuple[float, np.ndarray, np.ndarray]:
    logs = np.log(run["training_compute_flop"].to_numpy(float))
    return float(np.log(run["parameters"].iloc[0])), logs, run["loss_nats"].to_numpy(float)


def _levels(runs: pd.DataFrame, window: tuple[float, float], levels: int) -> np.ndarray:
    """Return ln compute of the levels: the budgets themselves where runs share them, else a grid over the window."""
    logs = np.log(within(runs, window)["training_compute_flop"].to_numpy(float))
    if not len(logs):
        return logs
    budgets, shared = np.unique(logs, return_counts=True)
    single = runs.groupby("run", sort=False).size().max() == 1
    return budgets[shared >= 4] if single else np.linspace(logs.min(), logs.max(), levels)


def _quadratic_minimum(at: np.ndarray) -> float:
    """Return the least loss of a parabola through losses by ln parameters, nan if it lies at an end or has none."""
    sizes, losses = at[:, 0] - at[:, 0].mean(), at[:, 1]
    if len(np.unique(sizes)) < 4:
        return np.nan
    bend, tilt, level = np.polyfit(sizes, losses, 2)
    if bend <= 0:
        return np.nan
    place = -tilt / (2.0 * bend)
    return float(level - tilt**2 / (4.0 * bend)) if sizes.min() < place < sizes.max() else np.nan


def _curve(estimator: str, compute: np.ndarray, loss: np.ndarray, window: tuple[float, float]) -> Curve:
    order = np.argsort(compute, kind="stable")
    logs, first = np.unique(np.log(compute[order]), return_index=True)
    if len(logs) < 2:
        raise RunsError(
            f"{len(logs)} points for the {estimator} estimator within {window[0]:.1e} to {window[1]:.1e} FLOP; "
            "two are needed"
        )
    return Curve(estimator, logs, loss[order][first])


def end_points(runs: pd.DataFrame) -> pd.DataFrame:
    """Return the last checkpoint of each run."""
    return runs.groupby("run", sort=False).tail(1)


def frontier(
    runs: pd.DataFrame, *, estimator: str = "power law", floor: float = FLOOR, window: tuple[float, float] = WINDOW
) -> Frontier:
    """Return the frontier of some runs by one of `ESTIMATORS`; "floor" is the power law with a fitted floor.

    Raises RunsError for another estimator, or if the runs do not allow it.
    """
    if estimator in ("power law", "floor"):
        return power_law(runs, floor=None if estimator == "floor" else floor, window=window)
    if estimator not in ESTIMATORS:
        raise RunsError(f"estimator {estimator!r}: must be one of {', '.join(ESTIMATORS)}")
    return {"envelope": envelope, "isotonic": isotonic, "isoflop": isoflop}[estimator](runs, window=window)


def loss_at(found: Frontier, compute_flop: float) -> float:
    """Return the loss of a frontier at some training compute; nan outside of its support."""
    low, high = found.support_flop
    if not low <= compute_flop <= high:
        return np.nan
    if isinstance(found, PowerLaw):
        return found.floor + found.coefficient * compute_flop**found.exponent
    return float(np.interp(np.log(compute_flop), found.log_compute, found.loss_nats))


def compute_at(found: Frontier, loss_nats: float) -> float:
    """Return the least training compute in FLOP at which a frontier has a loss; nan outside of its support."""
    if isinstance(found, PowerLaw):
        compute = compute_for_loss(found, loss_nats)
    elif found.loss_nats[-1] <= loss_nats <= found.loss_nats[0]:
        compute = float(np.exp(np.interp(-loss_nats, -found.loss_nats, found.log_compute)))
    else:
        return np.nan
    low, high = found.support_flop
    return compute if low * (1 - NEAR) <= compute <= high * (1 + NEAR) else np.nan


def gain(reference: Frontier, new: Frontier, loss_nats: float) -> float:
    """Return how many times the compute the reference needs for a loss; nan where either has no support."""
    return compute_at(reference, loss_nats) / compute_at(new, loss_nats)


def shared_losses(reference: Frontier, new: Frontier, count: int = 25) -> np.ndarray:
    """Return losses from the largest to the least that both frontiers support; empty if there is none."""
    ends = [[loss_at(each, flop) for flop in each.support_flop] for each in (reference, new)]
    high, low = min(each[0] for each in ends), max(each[1] for each in ends)
    return np.linspace(high, low, count) if high > low else np.array([])


def compute_for_loss(law: PowerLaw, loss_nats: float) -> float:
    """Return the training compute in FLOP at which a power law reaches a loss; nan at or below its floor."""
    above = loss_nats - law.floor
    return float((above / law.coefficient) ** (1.0 / law.exponent)) if above > 0 else np.nan


def interval(draws: np.ndarray, groups: int, *, level: float = 0.95) -> tuple[float, float, float]:
    """Return low end, median and high end of draws over few resampled groups, those without a value left out.

    Percentiles of resamples of few groups are too narrow; these are widened to what Student's t with one degree of
    freedom less than groups asks for (Hesterberg 2015, expanded percentiles).

    >>> rng = np.random.default_rng(0)
    >>> [round(each, 1) for each in interval(rng.normal(5.0, size=100_000), 1_000)]
    [3.0, 5.0, 7.0]
    """
    known = draws[~np.isnan(draws)]
    if groups < 2 or not len(known):
        return np.nan, np.nan, np.nan
    tail = norm.cdf(np.sqrt(groups / (groups - 1)) * t.ppf(0.5 - level / 2.0, groups - 1))
    low, middle, high = np.quantile(known, [tail, 0.5, 1.0 - tail])
    return float(low), float(middle), float(high)


def in_window(runs: pd.DataFrame, *, by: str = "run", window: tuple[float, float] = WINDOW) -> int:
    """Return how many runs (or sizes, or whatever `by` names) have a checkpoint within a window."""
    return within(runs, window)[by].nunique()


@cached
def resampled(
    runs: pd.DataFrame,
    *,
    floor: float | None = FLOOR,
    window: tuple[float, float] = WINDOW,
    by: str = "run",
    draws: int = DRAWS,
    seed: int = 0,
) -> np.ndarray:
    """Return coefficient, exponent and floor (draws x 3) of the power law over resampled runs; nan without a fit.

    Whole runs, or all runs of a value of the column `by`, are drawn with replacement, so that checkpoints of a run come
    and go together.
    """
    chosen = within(runs, window)
    groups = [tuple(part[name].to_numpy(float) for name in COLUMNS[1:]) for _, part in chosen.groupby(by, sort=False)]
    counts = np.random.default_rng(seed).multinomial(len(groups), np.full(len(groups), 1.0 / len(groups)), draws)
    unique, place = np.unique(counts, axis=0, return_inverse=True)
    tasks = [(groups, piece, floor, window) for piece in np.array_split(unique, -(-len(unique) // PIECE))]
    return np.concatenate(parallel.mapped(_piece, tasks, label="resampled runs"))[place.ravel()]


def _piece(groups: list[tuple], counts: np.ndarray, floor: float | None, window: tuple[float, float]) -> np.ndarray:
    found = np.full((len(counts), 3), np.nan)
    for line, times in enumerate(counts):
        drawn = [
            np.concatenate([part for group, n in zip(groups, times, strict=True) for part in [group[k]] * n])
            for k in range(2)
        ]
        try:
            law = _power_law(*drawn, floor, window)
        except (RunsError, RuntimeError):  # too few points, or no convergence: counted as no fit
            continue
        found[line] = law.coefficient, law.exponent, law.floor
    return found


@cached
def resampled_gains(
    reference: pd.DataFrame,
    new: pd.DataFrame,
    losses: tuple[float, ...],
    *,
    estimator: str,
    floor: float = FLOOR,
    window: tuple[float, float] = WINDOW,
    by: str = "run",
    draws: int = DRAWS,
    seed: int = 0,
) -> np.ndarray:
    """Return the gain at each loss (draws x losses) over resampled runs of both, by one estimator; nan unsupported."""
    computes = []
    for shift, runs in enumerate((reference, new)):
        parts = tuple(part for _, part in within(runs, window).groupby(by, sort=False))
        rng = np.random.default_rng([seed, shift])
        counts = rng.multinomial(len(parts), np.full(len(parts), 1.0 / len(parts)), draws)
        unique, place = np.unique(counts, axis=0, return_inverse=True)
        tasks = [
            (parts, piece, losses, estimator, floor, window)
            for piece in np.array_split(unique, -(-len(unique) // PIECE))
        ]
        found = np.concatenate(parallel.mapped(_computes, tasks, label=f"resampled runs, {estimator}"))
        computes.append(found[place.ravel()])
    return computes[0] / computes[1]


def _computes(parts: tuple, counts: np.ndarray, losses: tuple, estimator: str, floor: float, window) -> np.ndarray:
    """Return the compute (draws x losses) of frontiers of parts drawn so many times; arrays, for speed."""
    found = np.full((len(counts), len(losses)), np.nan)
    chosen = [end_points(part) if estimator == "isotonic" else part for part in parts]
    arrays = [tuple(part[name].to_numpy(float) for name in COLUMNS[1:]) for part in chosen]
    for line, times in enumerate(counts):
        try:
            if estimator == "isoflop":
                each = isoflop(_copies(parts, times), window=window)
            else:
                copies = times if estimator != "envelope" else np.minimum(times, 1)  # a copy changes no envelope
                drawn = [
                    np.concatenate([array[k] for array, n in zip(arrays, copies, strict=True) for _ in range(n)])
                    for k in range(2)
                ]
                each = _of_points(*drawn, estimator, floor, window)
        except (RunsError, RuntimeError):  # too few points, or no convergence: no frontier
            continue
        found[line] = [compute_at(each, loss) for loss in losses]
    return found


def _of_points(compute: np.ndarray, loss: np.ndarray, estimator: str, floor: float, window) -> Frontier:
    if estimator == "envelope":
        kept = nondominated(compute, loss)
        return _curve("envelope", compute[kept], loss[kept], window)
    if estimator == "isotonic":
        return _isotonic(compute, loss, window)
    return _power_law(compute, loss, None if estimator == "floor" else floor, window)


def _copies(parts: tuple, times: np.ndarray) -> pd.DataFrame:
    copies = [
        part.assign(run=part["run"].astype(str) + f"/{copy}")
        for part, n in zip(parts, times, strict=True)
        for copy in range(n)
    ]
    return pd.concat(copies)


def gains(reference: np.ndarray, new: np.ndarray, loss_nats: float, *, floor: float = FLOOR) -> np.ndarray:
    """Return the compute-equivalent gain at a loss for paired draws of two power laws (coefficient and exponent)."""
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


def compared(
    reference: pd.DataFrame,
    new: pd.DataFrame,
    losses: tuple[float, ...],
    *,
    estimators: tuple[str, ...] = ESTIMATORS,
    floor: float = FLOOR,
    window: tuple[float, float] = EVERYWHERE,
    law_window: tuple[float, float] | None = None,
    by: str = "run",
    draws: int = DRAWS,
) -> pd.DataFrame:
    """Return the gain at some losses by each estimator with 95% intervals over resampled runs, or groups of them.

    A line an estimator and loss; nan where a frontier has no support, or cannot be estimated at all. `law_window`
    holds the power laws to a narrower window. Columns: estimator, loss_nats, reference_flop, new_flop, gain, low, high,
    share (of resamples in which both frontiers support the loss), groups (the fewer of the two families).
    """
    rows = []
    for estimator in estimators:
        chosen = law_window if law_window and estimator in ("power law", "floor") else window
        fewest = min(in_window(each, by=by, window=chosen) for each in (reference, new))
        drawn = resampled_gains(
            reference, new, tuple(losses), estimator=estimator, floor=floor, window=chosen, by=by, draws=draws
        )
        found = [_or_none(each, estimator, floor, chosen) for each in (reference, new)]
        for place, loss in enumerate(losses):
            computes = [np.nan if each is None else compute_at(each, loss) for each in found]
            with np.errstate(invalid="ignore"):
                low, _, high = np.exp(interval(np.log(drawn[:, place]), fewest))
            share = float(np.isfinite(drawn[:, place]).mean())
            rows.append((estimator, loss, *computes, computes[0] / computes[1], low, high, share, fewest))
    return pd.DataFrame(
        rows, columns=["estimator", "loss_nats", "reference_flop", "new_flop", "gain", "low", "high", "share", "groups"]
    )


def _or_none(runs: pd.DataFrame, estimator: str, floor: float, window: tuple[float, float]) -> Frontier | None:
    try:
        return frontier(runs, estimator=estimator, floor=floor, window=window)
    except (RunsError, RuntimeError):  # no frontier by this estimator: the caller shows a gap
        return None
