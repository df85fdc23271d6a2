"""Laws through training runs beside SciPy's optimisers, on one core.

FRONTIER-2000 is the power law of today's transformer on 2,000 resamples of its sizes, and CHINCHILLA-4000 the law in
size and tokens on 4,000 resamples of Hoffmann's runs, shared out among the rounds.
"""

from __future__ import annotations

import numpy as np

from algoprogress.engine import parallel
from algoprogress.frontiers import estimators, frontier
from algoprogress.frontiers.estimators import FLOOR
from algoprogress.frontiers.runs import within
from bench import peers
from bench.report import ROUNDS, Line, each, timed
from book.studies.allocation import chinchilla
from book.studies.allocation import study as allocation
from book.studies.scaling import study as scaling

FAMILY = "modern"
FRONTIER_DRAWS, CURVE_FIT_DRAWS = 2_000, 100  # in each round
CHINCHILLA_DRAWS, BFGS_DRAWS = 4_000 // ROUNDS, 10
SAME = 1e-5  # times the best objective known: the same minimum


def power_laws() -> list[Line]:
    """Return how many times longer `curve_fit` takes a draw than the power laws of FRONTIER-2000."""
    groups = [estimators.points(part) for _, part in within(scaling.of(FAMILY)).groupby("hidden_dim", sort=False)]
    estimators.power_laws(groups, frontier.counts(len(groups), 2, (0,)), FLOOR)  # compiled before it is timed
    ratios = [_power_laws_round(groups, turn) for turn in range(ROUNDS)]
    return [Line.of("FRONTIER-2000: curve_fit / ours, per draw", "times", ratios, limit=1.0)]


def _power_laws_round(groups: list[tuple[np.ndarray, np.ndarray]], turn: int) -> float:
    counts = frontier.counts(len(groups), FRONTIER_DRAWS, (turn,))
    ours, laws = timed(estimators.power_laws, groups, counts, FLOOR)
    solved = np.flatnonzero(np.isfinite(laws.exponent))
    tasks = [(groups, times, FLOOR) for times in counts[solved[:CURVE_FIT_DRAWS]]]
    theirs, _ = timed(each, peers.fitted_power_law, tasks)
    return (theirs / len(tasks)) / (ours / len(solved))


def scaling_laws() -> list[Line]:
    """Return how many times longer BFGS takes than ours in CHINCHILLA-4000, per draw at the best objective known."""
    ratios = np.array([_scaling_laws_round(turn) for turn in range(ROUNDS)])
    names = ("BFGS / ours, per draw at the best known", "the same with exact gradients / ours")
    return [
        Line.of(f"CHINCHILLA-4000: {name}", "times", column, limit=1.0)
        for name, column in zip(names, ratios.T, strict=True)
    ]


def _scaling_laws_round(turn: int) -> tuple[float, float]:
    """Return the seconds of BFGS by finite differences and by exact gradients over ours, on the draws of this round."""
    frame = allocation.chinchilla_runs()
    design, log_loss = chinchilla.parts(frame)
    rows, start = len(frame), chinchilla.fit(frame).params[0]
    counts = np.random.default_rng(turn).multinomial(rows, np.full(rows, 1.0 / rows), CHINCHILLA_DRAWS)[:BFGS_DRAWS]
    with parallel.in_series():
        spent, found = timed(chinchilla.bootstrap.__wrapped__, frame, draws=CHINCHILLA_DRAWS, seed=turn)
    times, values = [spent / CHINCHILLA_DRAWS], [found.objective[: len(counts)]]
    for exact in (False, True):
        tasks = [(design, log_loss, times, chinchilla.DELTA, start, exact) for times in counts]
        spent, ends = timed(each, peers.bfgs, tasks)
        times.append(spent / len(counts))
        values.append(np.array([end.fun for end in ends]) / rows)
    reached = (values <= np.min(values, axis=0) * (1.0 + SAME)).mean(axis=1)
    ours, *theirs = np.array(times) / np.maximum(reached, 0.5 / len(counts))
    return theirs[0] / ours, theirs[1] / ours
