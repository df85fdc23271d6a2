"""How the time of the estimator grows with draws and rows, and how it falls with cores.

Model 7 on resamples of the published rows, as in HO-1000; more rows are these again, with a little noise.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from unittest import mock

import numpy as np
from scipy.stats import linregress

from algoprogress.engine import cache, parallel
from algoprogress.fits import batch
from bench.known import Resamples
from bench.report import ROUNDS, Line, timed

DRAWS = (100, 1_000, 10_000, 100_000)
ROWS = (231, 1_750, 13_200, 100_000)
FEW = 8  # draws at each number of rows
NOISE = 0.01  # nats, of the repeated rows
MANY = 10_000  # draws that are shared out among cores
CORES = (1, 2, 4, 8)
PASSES = 200_000  # some seconds of exponentials on one core
STEEPEST = 1.05
LEAST_EFFICIENCY = 0.85


def seconds(case: Resamples, draws: int, *, rows: int | None = None) -> float:
    """Return the seconds that so many resamples take, of so many rows; of the published ones unless told."""
    rng, published = np.random.default_rng(draws), len(case.target)
    rows = rows or published
    place = np.arange(rows) % published
    target = case.target[place] + np.where(np.arange(rows) < published, 0.0, rng.normal(0.0, NOISE, rows))
    weights = rng.multinomial(rows, np.full(rows, 1.0 / rows), draws) / rows
    options = {"penalties": case.penalties, "label": f"{draws:,} draws"}
    return timed(batch.solve, case.design.take(place), target, weights, **options)[0]


def growth(over: str, counts: Sequence[int], taken: Callable[[int], float]) -> list[Line]:
    """Return the seconds taken at each count, and the slope of their logarithm against that of the count."""
    taken(min(counts))  # compiled before it is timed
    times = [Line.of(f"{count:,} {over}", "s", taken(count), over=over, count=count) for count in counts]
    slope = linregress(np.log(counts), np.log([line.value for line in times])).slope
    return [Line.of(f"Time against {over}, in logarithms", "slope", slope, limit=STEEPEST), *times]


def draws(case: Resamples) -> list[Line]:
    """Return how the time on one core grows with draws."""
    with parallel.in_series():
        return growth("draws", DRAWS, lambda count: seconds(case, count))


def rows(case: Resamples) -> list[Line]:
    """Return how the time on one core grows with rows."""
    with parallel.in_series():
        return growth("rows", ROWS, lambda count: seconds(case, FEW, rows=count))


def cores(case: Resamples) -> list[Line]:
    """Return the time on one core and on more, and the share of the cores that was put to use.

    Beside it stands the share that exponentials alone put to use, with nothing to hand over: cores that are two threads
    of one, or that others use too, give no more.
    """
    counts = [count for count in CORES if count <= (os.cpu_count() or 1)]
    rounds = [{count: (on_cores(case, count), bare(count)) for count in counts} for _ in range(ROUNDS)]
    lines = []
    for count in counts:
        taken = np.array([each[count] for each in rounds])
        if count > 1:
            used, most = (np.array([each[1] for each in rounds]) / (count * taken)).T
            name = f"one core's time / that of {count} cores, by core"
            lines.append(Line.of(f"HO-{MANY}: {name}", "share", used, limit=LEAST_EFFICIENCY))
            lines.append(Line.of(f"Exponentials alone: {name}", "share", most))
        lines.append(Line.of(f"on {count} of the cores", "s", taken[:, 0], over="cores", count=count))
    return lines


def on_cores(case: Resamples, count: int) -> float:
    """Return the seconds of many draws on so many cores, whose processes have started before."""
    with mock.patch.dict(os.environ, {"LOKY_MAX_CPU_COUNT": str(count)}), cache.elsewhere():
        seconds(case, 2 * batch.PIECE)
        return seconds(case, MANY)


def bare(count: int) -> float:
    """Return the seconds that as many processes need side by side for a share of the same exponentials each."""
    with ProcessPoolExecutor(count) as pool:
        list(pool.map(_exponentials, [1] * count))
        return timed(lambda: list(pool.map(_exponentials, [PASSES // count] * count)))[0]


def _exponentials(passes: int) -> None:
    values = np.linspace(-1.0, 1.0, 4_000)
    for _ in range(passes):
        np.exp(values)
