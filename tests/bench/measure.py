"""Measures the estimator beside its peers in one run: prints ratios and writes `_build/bench.json`.

HO-1000 is model 7 on 1,000 fixed resamples of the rows, delta 0.0025, each side on one core; CV-120 the converged
leave-one-out of 20 laws under 6 penalties in 184 folds, on all cores. Nothing is taken from the cache.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass

import numpy as np
from joblib.externals.loky import get_reusable_executor
from tqdm import tqdm

from algoprogress.data import tables
from algoprogress.data.variables import Normalisation
from algoprogress.engine import cache, parallel, root
from algoprogress.fits import batch, fit
from algoprogress.laws import catalogue
from bench import known, peers
from bench.known import Resamples
from book.studies.selection import held_out
from book.studies.selection import published as crossval

ROUNDS = 5
AUTHORS_DRAWS, SLSQP_DRAWS, TUNED_DRAWS = 4, 10, 40  # in each round, as the peers are slow
SAME, WORST = 1e-6, 1e-4  # nats squared above the best objective known: the same minimum; the largest miss allowed
SAME_SHARE = 0.99
AUTHORS_RATIO, SLSQP_RATIO, TUNED_RATIO = 100.0, 10.0, 2.0
CV_SECONDS = 240.0
MEMORY_MIB = 1024.0


@dataclass(frozen=True)
class Result:
    """One line of the report: a ratio (median, lowest and highest of the rounds), and whether it is good enough.

    A limit is reported as the ratio of what is allowed to what was measured, so that more is better everywhere.
    """

    name: str
    ratio: float
    low: float
    high: float
    accepted: bool

    @classmethod
    def of(cls, name: str, ratios: Sequence[float], *, at_least: float = 1.0) -> Result:
        """Return the median of the ratios with their range; accepted if the median is large enough."""
        middle = float(np.median(ratios))
        return cls(name, middle, float(np.min(ratios)), float(np.max(ratios)), bool(middle >= at_least))


def estimated(case: Resamples) -> batch.Batch:
    """Return the estimator's solutions of HO-1000, searched afresh."""
    with cache.elsewhere():
        return batch.solve(case.design, case.target, case.weights, penalties=case.penalties, label="HO-1000")


def speed(case: Resamples, best: np.ndarray) -> list[Result]:
    """Return how many times longer the peers take on one core, all timed one after another in each round.

    The peers' time per draw is that per draw in which they reach the best minimum known; the authors' call pattern
    aims at none, and counts per draw.
    """
    lines = [_round(case, best, turn) for turn in tqdm(range(ROUNDS), desc="rounds", disable=None)]
    authors, plain, tuned = (np.array(column) for column in zip(*lines, strict=True))
    return [
        Result.of("HO-1000: authors' call pattern / ours, per draw", authors, at_least=AUTHORS_RATIO),
        Result.of("HO-1000: converged SLSQP / ours, per converged draw", plain, at_least=SLSQP_RATIO),
        Result.of("HO-1000: the same with exact gradients / ours", tuned, at_least=TUNED_RATIO),
    ]


def _round(case: Resamples, best: np.ndarray, turn: int) -> tuple[float, float, float]:
    """Return the seconds of each peer over ours, on draws of this round."""
    reference = Normalisation.of(case.frame)
    with parallel.in_series():
        spent, found = _timed(estimated, case)
        ours = spent / ((found.objective <= best + SAME) & found.converged).sum()
        draws = np.arange(AUTHORS_DRAWS) + AUTHORS_DRAWS * turn
        spent, _ = _timed(_each, peers.authors_fit, [(case.resample(draw), reference, fit.PENALTY) for draw in draws])
        authors = spent / len(draws)
        ratios = []
        for peer, count in ((peers.plain_slsqp, SLSQP_DRAWS), (peers.tuned_slsqp, TUNED_DRAWS)):
            draws = np.arange(count) + count * turn
            tasks = [(case.design, case.target, case.weights[draw], case.penalties, case.zeros) for draw in draws]
            spent, ends = _timed(_each, peer, tasks)
            reached = sum(end.fun <= best[draw] + SAME for end, draw in zip(ends, draws, strict=True))
            ratios.append(spent / max(reached, 1) / ours)
    return authors / ours, *ratios


def _each(function: Callable, tasks: list[tuple]) -> list:
    return [function(*task) for task in tasks]


def _timed(function: Callable, *arguments) -> tuple[float, object]:
    """Return the seconds that a call takes, and its result."""
    start = time.perf_counter()
    result = function(*arguments)
    return time.perf_counter() - start, result


def quality(case: Resamples, best: np.ndarray) -> list[Result]:
    """Return how close the estimator comes to the best objective known of each draw."""
    found = estimated(case)
    missed = found.objective - best
    same, worst = float(((missed <= SAME) & found.converged).mean()), float(missed.max())
    allowed = WORST / max(worst, np.finfo(float).tiny)
    return [
        Result(
            f"HO-1000: share at the best minimum known / {SAME_SHARE}", *[same / SAME_SHARE] * 3, same >= SAME_SHARE
        ),
        Result(f"HO-1000: {WORST:g} nats squared / worst miss", *[min(allowed, 1e6)] * 3, worst <= WORST),
    ]


def memory() -> Result:
    """Return the allowed memory over the peak of HO-1000 on all cores, in a process of its own."""
    command = [sys.executable, "-c", "from bench import measure; print(measure.peak_mib())"]
    used = float(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    return Result.of(f"HO-1000: {MEMORY_MIB:.0f} MiB / peak memory", [MEMORY_MIB / used])


def peak_mib() -> float:
    """Return the peak memory of HO-1000 here and in its workers (the largest of them times their number), in MiB."""
    estimated(known.resamples())
    get_reusable_executor().shutdown(wait=True)
    own, workers = (resource.getrusage(whose).ru_maxrss for whose in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return (own + (os.cpu_count() or 1) * workers) / 1024.0


def validation() -> Result:
    """Return the allowed time over that of CV-120."""
    sample = crossval.published_training(tables.evaluations().published_sample())
    laws = [catalogue.law(str(number)) for number in range(1, 21)]
    with cache.elsewhere():
        seconds, cells = _timed(lambda: held_out.cells(laws, sample, by="row"))
    converged = all(cell.success.all() for cell in cells)
    result = Result.of(f"CV-120: {CV_SECONDS:.0f} s / time, all folds converged", [CV_SECONDS / seconds])
    return Result(result.name, result.ratio, result.low, result.high, result.accepted and converged)


def main() -> None:
    """Measure, print and write the report; exit with an error if anything falls short."""
    case, best = known.resamples(), known.best()
    results = []
    for part in (lambda: quality(case, best), lambda: speed(case, best), lambda: [memory()], lambda: [validation()]):
        for each in part():
            results.append(each)
            mark = "ok" if each.accepted else "FELL SHORT"
            print(f"{each.name:<56}{each.ratio:>12.4g}  [{each.low:.4g}, {each.high:.4g}]  {mark}", flush=True)
    place = root() / "_build" / "bench.json"
    place.parent.mkdir(exist_ok=True)
    place.write_text(json.dumps([asdict(each) for each in results], indent=2) + "\n", encoding="utf-8")
    print(f"wrote {tables.label(place)}")
    sys.exit(not all(each.accepted for each in results))


if __name__ == "__main__":
    from bench import measure

    measure.main()
