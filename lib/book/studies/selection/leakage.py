"""What the published cross-validation owes to leakage: its chain of fits learns from the row that it predicts.

As published, the fold that leaves out a row starts where folds that kept it have stopped, and SLSQP stops early. So a
score may gain from the row itself (leakage), from more steps, or from the minimum that the chain fell into first. Each
function below keeps some of these and removes the others.
"""

import inspect

import numpy as np

from algoprogress.data.sample import Sample
from algoprogress.engine.cache import cached
from algoprogress.engine.parallel import mapped
from algoprogress.laws.law import Law
from book.studies.selection.published import Folds, LeaveOut, collect, published

PIECES = 8  # tasks of one cross-validation


@cached
def blind(law: Law, sample: Sample, *, penalty: float, links: int | None = None, seen: bool = False) -> Folds:
    """Return the cross-validation of which no chain has seen the row that it predicts.

    The chain of row k runs over the `links` folds before it (all of them if None; a given number counts round the
    end of the sample), each without its own row and without row k, and then fits without row k. With `seen`, row k
    stays in until that last fit, as in the published chain; the two differ in nothing else.
    """
    count = len(sample)
    pieces = [np.arange(first, count, PIECES) for first in range(PIECES)]  # long and short chains in each
    tasks = [(law, sample, penalty, links, seen, rows) for rows in pieces]
    runs = [run for part in mapped(_runs, tasks, label="chains") for run in part]
    place = np.argsort(np.concatenate(pieces))
    ends, spent = [runs[index][0] for index in place], np.array([runs[index][1] for index in place])
    protocol = f"chain of {'all' if links is None else links} that has {'' if seen else 'not '}seen the row"
    return collect(LeaveOut(law, sample.frame, penalty), ends, spent, protocol=protocol)


def _runs(law: Law, sample: Sample, penalty: float, links: int | None, seen: bool, rows: np.ndarray) -> list[tuple]:
    """Return the last result of the chain of each of some rows, and the iterations of all its links."""
    fitter, count, chains = LeaveOut(law, sample.frame, penalty), len(sample), []
    for row in rows.tolist():
        before = range(row) if links is None else [(row - back) % count for back in range(links, 0, -1)]
        chains.append([*([other] if seen else [other, row] for other in before), [row]])
    return _ends(fitter, chains)


def _ends(fitter: LeaveOut, chains: list[list[list[int]]]) -> list[tuple]:
    """Return the last result of each chain, and the iterations of all its links."""
    runs = [fitter.chain(links) for links in chains]
    return [(run[-1], sum(result.nit for result in run)) for run in runs]


@cached
def restarted(law: Law, sample: Sample, *, penalty: float, restarts: int) -> Folds:
    """Return the cross-validation of more steps but no other fold.

    SLSQP starts each fold from zeros and then `restarts` times from its own result.
    """
    tasks = [(law, sample, penalty, restarts, rows) for rows in np.array_split(np.arange(len(sample)), PIECES)]
    runs = [run for part in mapped(_again, tasks, label="folds restarted") for run in part]
    ends, spent = [run[0] for run in runs], np.array([run[1] for run in runs])
    fitter = LeaveOut(law, sample.frame, penalty)
    return collect(fitter, ends, spent, protocol=f"each fold restarted {restarts} times")


def _again(law: Law, sample: Sample, penalty: float, restarts: int, rows: np.ndarray) -> list[tuple]:
    """Return the last result of each of some folds, started again and again, and the iterations of all its starts."""
    return _ends(LeaveOut(law, sample.frame, penalty), [[[row]] * (1 + restarts) for row in rows.tolist()])


def shuffled(law: Law, sample: Sample, *, penalty: float, shuffles: int = 20, seed: int = 0) -> list[Folds]:
    """Return the published cross-validation with its folds in random orders; the rows and the fits stay the same."""
    rng = np.random.default_rng(seed)
    tasks = [(law, sample, penalty, rng.permutation(len(sample)).tolist()) for _ in range(shuffles)]
    return mapped(_ordered, tasks, label="orders of the folds")


def _ordered(law: Law, sample: Sample, penalty: float, order: list[int]) -> Folds:
    return inspect.unwrap(published)(law, sample, penalty=penalty, order=order)
