"""What the published cross-validation owes to leakage: its chain of fits learns from the row that it predicts.

As published, the fold that leaves out a row starts where folds that kept it have stopped, and SLSQP stops early. So a
score may gain from the row itself (leakage), from more steps, or from the minimum that the chain fell into first. Each
function below keeps some of these and removes the others.
"""

import numpy as np
from scipy.optimize import OptimizeResult

from algoprogress.data.sample import Sample
from algoprogress.engine.cache import cached
from algoprogress.engine.parallel import mapped
from algoprogress.laws.law import Law
from book.studies.selection.published import Folds, LeaveOut, in_order

PIECES = 8  # tasks of one cross-validation


@cached
def blind(law: Law, sample: Sample, *, penalty: float, links: int | None = None, seen: bool = False) -> Folds:
    """Return the cross-validation of which no chain has seen the row that it predicts.

    The chain of row k runs over the `links` folds before it (all of them if None; a given number counts round the
    end of the sample), each without its own row and without row k, and then fits without row k. With `seen`, row k
    stays in until that last fit, as in the published chain; the two differ in nothing else.
    """
    chains = []
    for row in range(len(sample)):
        before = range(row) if links is None else [(row - back) % len(sample) for back in range(links, 0, -1)]
        chains.append([*([other] if seen else [other, row] for other in before), [row]])
    return _by_last(law, sample, penalty, chains)


@cached
def restarted(law: Law, sample: Sample, *, penalty: float, restarts: int) -> Folds:
    """Return the cross-validation whose folds each start from zeros and then `restarts` times from their own result."""
    return _by_last(law, sample, penalty, [[[row]] * (1 + restarts) for row in range(len(sample))])


def _by_last(law: Law, sample: Sample, penalty: float, chains: list[list[list[int]]]) -> Folds:
    """Return the predictions of each row by the last fit of its chain; a chain says which rows each fit leaves out."""
    tasks = [(law, sample, penalty, chains[first::PIECES]) for first in range(PIECES)]  # long and short ones in each
    parts = mapped(_ends, tasks, label="chains")
    ends = [parts[row % PIECES][row // PIECES] for row in range(len(chains))]
    return LeaveOut(law, sample.frame, penalty).collect(ends)


def _ends(law: Law, sample: Sample, penalty: float, chains: list[list[list[int]]]) -> list[OptimizeResult]:
    fitter = LeaveOut(law, sample.frame, penalty)
    return [fitter.chain(links)[-1] for links in chains]


def shuffled(law: Law, sample: Sample, *, penalty: float, shuffles: int, seed: int = 0) -> list[Folds]:
    """Return the published cross-validation with its folds in random orders; the rows and the fits stay the same."""
    rng = np.random.default_rng(seed)
    tasks = [(law, sample, penalty, rng.permutation(len(sample)).tolist()) for _ in range(shuffles)]
    return mapped(in_order, tasks, label="orders of the folds")
