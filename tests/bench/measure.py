"""Measures the estimator beside its peers in one run: prints ratios and times, and writes `_build/bench.json`.

HO-1000 is model 7 on 1,000 fixed resamples of the rows, delta 0.0025, each side on one core; CV-120 the converged
leave-one-out of 20 laws under 6 penalties in 184 folds, and SPEC the specification curve, on all cores. Nothing is
taken from the cache. The other parts of the report are those of `runs` and of `scaling`.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import partial

import numpy as np
from tqdm import tqdm

from algoprogress.data import tables
from algoprogress.data.variables import Normalisation
from algoprogress.engine import cache, parallel
from algoprogress.fits import batch, fit
from algoprogress.laws import catalogue
from bench import known, peers, report, runs, scaling
from bench.known import Resamples
from bench.report import ROUNDS, Line, each, timed
from book.studies.selection import held_out
from book.studies.selection import published as crossval
from book.studies.specifications import study as specifications

AUTHORS_DRAWS, SLSQP_DRAWS, TUNED_DRAWS = 4, 10, 40  # in each round, as the peers are slow
SAME, WORST = 1e-6, 1e-4  # nats squared above the best objective known: the same minimum; the largest miss allowed
AUTHORS_RATIO, SLSQP_RATIO, TUNED_RATIO, NUMPY_RATIO = 600.0, 10.0, 2.0, 5.0
CV_SECONDS = 10.0
MEMORY_MIB = 600.0
CURVE_PARTS = 10  # of the specification curve; a random one is computed, and its time counts so many times


def estimated(case: Resamples) -> batch.Batch:
    """Return the estimator's solutions of HO-1000, searched afresh."""
    with cache.elsewhere():
        return batch.solve(case.design, case.target, case.weights, penalties=case.penalties, label="HO-1000")


def speed(case: Resamples, best: np.ndarray) -> list[Line]:
    """Return how many times longer the peers take on one core, each between two times of ours in each round.

    The peers' time per draw is that per draw in which they reach the best minimum known; the authors' call pattern
    aims at none, and counts per draw.
    """
    rounds = [_round(case, best, turn) for turn in range(ROUNDS)]
    authors, plain, tuned, numpy, spent = (np.array(column) for column in zip(*rounds, strict=True))
    return [
        Line.of("HO-1000: authors' call pattern / ours, per draw", "times", authors, limit=AUTHORS_RATIO),
        Line.of("HO-1000: converged SLSQP / ours, per converged draw", "times", plain, limit=SLSQP_RATIO),
        Line.of("HO-1000: the same with exact gradients / ours", "times", tuned, limit=TUNED_RATIO),
        Line.of("HO-1000: NumPy solver / ours, per converged draw", "times", numpy, limit=NUMPY_RATIO),
        Line.of("HO-1000: ours", "s", spent),
    ]


def _round(case: Resamples, best: np.ndarray, turn: int) -> tuple[float, ...]:
    """Return the seconds of each peer over ours, on draws of this round, and the seconds of ours."""
    reference = Normalisation.of(case.frame)

    def authors() -> float:
        draws = np.arange(AUTHORS_DRAWS) + AUTHORS_DRAWS * turn
        tasks = [(case.resample(draw), reference, fit.PENALTY) for draw in draws]
        return timed(each, peers.authors_fit, tasks)[0] / len(draws)

    def by_slsqp(peer: Callable, count: int) -> float:
        draws = np.arange(count) + count * turn
        tasks = [(case.design, case.target, case.weights[draw], case.penalties, case.zeros) for draw in draws]
        taken, ends = timed(each, peer, tasks)
        return taken / max(sum(end.fun <= best[draw] + SAME for end, draw in zip(ends, draws, strict=True)), 1)

    def by_numpy() -> float:
        with peers.solved_by_numpy():
            return _per_converged(case, best)[1]

    plain, tuned = partial(by_slsqp, peers.plain_slsqp, SLSQP_DRAWS), partial(by_slsqp, peers.tuned_slsqp, TUNED_DRAWS)
    with parallel.in_series():
        spent, ours = _per_converged(case, best)
        ratios = []
        for peer in (authors, plain, tuned, by_numpy):
            seconds, before, ours = peer(), ours, _per_converged(case, best)[1]
            ratios.append(2.0 * seconds / (before + ours))  # a machine that others use too changes its speed
    return *ratios, spent


def _per_converged(case: Resamples, best: np.ndarray) -> tuple[float, float]:
    """Return the seconds of the estimator, and those per draw that it solved to the best minimum known."""
    spent, found = timed(estimated, case)
    return spent, spent / ((found.objective <= best + SAME) & found.converged).sum()


def quality(case: Resamples, best: np.ndarray) -> list[Line]:
    """Return how close the estimator comes to the best objective known of each draw."""
    found = estimated(case)
    missed = found.objective - best
    same = ((missed <= SAME) & found.converged).mean()
    return [
        Line.of("HO-1000: draws at the best minimum known", "share", same, limit=1.0),
        Line.of("HO-1000: worst miss of it", "nats squared", max(missed.max(), 0.0), limit=WORST),
    ]


def memory() -> list[Line]:
    """Return the peak memory of HO-1000 on all cores, in a process of its own."""
    command = [sys.executable, "-m", "bench.memory"]
    used = float(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    return [Line.of("HO-1000: peak memory on all cores", "MiB", used, limit=MEMORY_MIB)]


def validation() -> list[Line]:
    """Return the time of CV-120, which only counts if all folds converged."""
    sample = crossval.published_training(tables.evaluations().published_sample())
    laws = [catalogue.law(str(number)) for number in range(1, 21)]
    with cache.elsewhere():
        seconds, cells = timed(held_out.cells, laws, sample, by="row")
    converged = all(cell.success.all() for cell in cells)
    return [Line.of("CV-120: all folds converged", "s", seconds, limit=CV_SECONDS, sound=converged)]


def curve() -> list[Line]:
    """Return the time of SPEC from an empty cache, by that of a part of it in processes that have started."""
    every = specifications.every()
    groups = every.groupby([name for name in specifications.CHOICES if name != "penalty"], sort=False).ngroup()
    order = np.random.default_rng(0).permutation(groups.max() + 1)
    first, chosen = (every[groups.isin(order[:count])] for count in (2, len(order) // CURVE_PARTS))
    with cache.elsewhere():
        specifications.evaluate(first)
    with cache.elsewhere():
        seconds, _ = timed(specifications.evaluate, chosen)
    return [Line.of(f"SPEC-{len(every)}: from an empty cache", "s", seconds * len(every) / len(chosen))]


def parts() -> dict[str, Callable[[], list[Line]]]:
    """Return the parts of the report by their names."""
    case, best = known.resamples(), known.best()
    return {
        "quality": lambda: quality(case, best),
        "speed": lambda: speed(case, best),
        "memory": memory,
        "cross-validation": validation,
        "specifications": curve,
        "power laws": runs.power_laws,
        "scaling laws": runs.scaling_laws,
        "draws": lambda: scaling.draws(case),
        "rows": lambda: scaling.rows(case),
        "cores": lambda: scaling.cores(case),
    }


def lines() -> Iterator[Line]:
    """Yield the lines of the report, each printed as it is known."""
    with tqdm(parts().items(), disable=None) as bar:  # None: hidden unless on a terminal
        for name, part in bar:
            bar.set_description(name)
            for line in part():
                tqdm.write(str(line))
                yield line


def main() -> None:
    """Measure, print and write the report; exit with an error if anything falls short."""
    found = list(lines())
    print(f"wrote {tables.label(report.write(found))}")
    sys.exit(not all(line.accepted for line in found))


if __name__ == "__main__":
    from bench import measure

    measure.main()
