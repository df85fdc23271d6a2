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
    pieces = [np.arange(first, len(sample), PIECES) for first in range(PIECES)]  # long and short chains in each
    tasks = [(law, sample, penalty, links, seen, rows) for rows in pieces]
    ends = [end for part in mapped(_runs, tasks, label="chains") for end in part]
    return LeaveOut(law, sample.frame, penalty).collect([ends[index] for index in np.argsort(np.concatenate(pieces))])


def _runs(
    law: Law, sample: Sample, penalty: float, links: int | None, seen: bool, rows: np.ndarray
) -> list[OptimizeResult]:
    """Return the last result of the chain of each of some rows."""
    fitter, count, ends = LeaveOut(law, sample.frame, penalty), len(sample), []
    for row in rows.tolist():
        before = range(row) if links is None else [(row - back) % count for back in range(links, 0, -1)]
        ends.append(fitter.chain([*([other] if seen else [other, row] for other in before), [row]])[-1])
    return ends


@cached
def restarted(law: Law, sample: Sample, *, penalty: float, restarts: int) -> Folds:
    """Return the cross-validation of more steps but no other fold.

    SLSQP starts each fold from zeros and then `restarts` times from its own result.
    """
    tasks = [(law, sample, penalty, restarts, rows) for rows in np.array_split(np.arange(len(sample)), PIECES)]
    ends = [end for part in mapped(_again, tasks, label="folds restarted") for end in part]
    return LeaveOut(law, sample.frame, penalty).collect(ends)


def _again(law: Law, sample: Sample, penalty: float, restarts: int, rows: np.ndarray) -> list[OptimizeResult]:
    """Return the last result of each of some folds, started again and again."""
    fitter = LeaveOut(law, sample.frame, penalty)
    return [fitter.chain([[row]] * (1 + restarts))[-1] for row in rows.tolist()]


def shuffled(law: Law, sample: Sample, *, penalty: float, shuffles: int, seed: int = 0) -> list[Folds]:
    """Return the published cross-validation with its folds in random orders; the rows and the fits stay the same."""
    rng = np.random.default_rng(seed)
    tasks = [(law, sample, penalty, rng.permutation(len(sample)).tolist()) for _ in range(shuffles)]
    return mapped(in_order, tasks, label="orders of the folds")
