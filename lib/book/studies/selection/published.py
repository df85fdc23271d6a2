"""Cross-validation by the published protocol, and what its scores owe to leakage: its fits learn from held-out rows.

Ho et al. 2024 (section 3.2, appendix J; `cross-validation.ipynb`) hold back 47 of the 231 rows, leave out each of the
other 184 in turn and start every fit where the last one stopped. So each fit but the first starts from parameters
that the row it leaves out has helped to choose, and SLSQP stops early: a score may gain from the row itself (leakage),
from more steps, or from the minimum that the chain fell into first. `blind`, `restarted` and `shuffled` keep some of
these and remove the others.

`python -m book.studies.selection.published` follows the chains that are blind to the row, thousands of fits each, and
writes `data/blind_predictions.csv`, which the chapter reads and the tests recompute in part.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from scipy.optimize import OptimizeResult

from algoprogress.data import tables
from algoprogress.data.sample import Sample
from algoprogress.data.variables import FLOP_PER_PARAMETER_TOKEN, Normalisation
from algoprogress.engine.cache import cached
from algoprogress.engine.parallel import mapped
from algoprogress.laws import catalogue
from algoprogress.laws.law import Law
from algoprogress.laws.published import Form, published_form, slsqp
from book import computed

PENALTIES = (0.0, 0.001, 0.0025, 0.005, 0.01, 0.02)  # the strengths that the authors compare
CHAINED = (0.0, 0.0025, 0.005)  # those whose chains are taken apart

PIECES = 8  # tasks of one cross-validation


@dataclass(frozen=True)
class Folds:
    """Predictions of held-out rows: their numbers in `evaluations.csv`, and losses in nats per token.

    `fold` is the line of `params` (folds x parameters, in the order of `names`) that predicts a row. `success` says by
    fold whether the optimiser called itself successful, and `objective` where it stopped, in nats squared.
    """

    law: str
    penalty: float
    names: tuple[str, ...]
    row: np.ndarray
    fold: np.ndarray
    params: np.ndarray
    predicted_loss_nats: np.ndarray
    observed_loss_nats: np.ndarray
    success: np.ndarray
    objective: np.ndarray

    @property
    def squared_errors(self) -> np.ndarray:
        """Return the squared error of each held-out row, in nats squared."""
        return (self.observed_loss_nats - self.predicted_loss_nats) ** 2

    @property
    def mse_nats2(self) -> float:
        """Return the mean squared error over held-out rows, in nats squared."""
        return float(self.squared_errors.mean())

    @property
    def r_squared(self) -> float:
        """Return the share of the variance of the held-out losses that the predictions explain."""
        return 1.0 - self.mse_nats2 / float(self.observed_loss_nats.var())


def published_split(rows: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the positions of the rows to cross-validate, in the order of the folds, and of the fifth held back.

    This is `train_test_split(test_size=0.2, random_state=1)` of scikit-learn: one permutation from NumPy's legacy
    generator, of which the first ``ceil(0.2 * rows)`` are held back.

    >>> [part[:3].tolist() for part in published_split(231)]
    [[95, 28, 16], [78, 150, 171]]
    """
    order = np.random.RandomState(1).permutation(rows)
    cut = math.ceil(0.2 * rows)
    return order[cut:], order[:cut]


def published_training(sample: Sample) -> Sample:
    """Return the rows that the authors cross-validate, in the order of their folds."""
    return sample.take(published_split(len(sample))[0])


def reference(frame: pd.DataFrame) -> Normalisation:
    """Return the minima of some rows for all folds, effective tokens against plain ones as in the authors' notebook."""
    whole = Normalisation.of(frame)
    return replace(whole, effective_tokens=whole.tokens)


class LeaveOut:
    """The published fit of a law to all rows of a sample but some.

    The constants are those of the whole sample (`reference`), but C0 of the compute-only law is that of the rows in the
    fit, as in the notebook. Raises LawError for a law of which the authors' order of arithmetic is not known.
    """

    def __init__(self, law: Law, frame: pd.DataFrame, penalty: float) -> None:
        """Keep a law, all rows of the sample and the strength of the penalty."""
        self.law, self.frame, self.penalty = law, frame, penalty
        self.target = frame["loss_nats"].to_numpy(float)
        self.compute_flop = (FLOP_PER_PARAMETER_TOKEN * frame["parameters"] * frame["dataset_tokens"]).to_numpy(float)
        self.forms: dict[float, Form] = {}

    def form(self, left_out: Iterable[int] = ()) -> Form:
        """Return the law on the whole sample, with the constants of the fit without some rows."""
        lowest = float(np.delete(self.compute_flop, list(left_out)).min())
        if lowest not in self.forms:
            constants = replace(reference(self.frame), compute_flop=lowest)
            self.forms[lowest] = published_form(self.law, self.frame, constants)
        return self.forms[lowest]

    def fit(self, left_out: Iterable[int], start: np.ndarray | None = None) -> OptimizeResult:
        """Return SciPy's result of the fit without some rows, from `start` or from zeros."""
        kept = np.delete(np.arange(len(self.frame)), list(left_out))
        return slsqp(self.form(left_out).take(kept), self.target[kept], self.penalty, start)

    def chain(self, links: Iterable[Iterable[int]]) -> list[OptimizeResult]:
        """Return the results of a chain of fits, each started where the one before stopped, the first from zeros."""
        results: list[OptimizeResult] = []
        for left_out in links:
            results.append(self.fit(left_out, results[-1].x if results else None))
        return results

    def predict(self, row: int, theta: np.ndarray) -> float:
        """Return the predicted loss of a left-out row, in nats; as published, C0 is its own, so compute is out."""
        form = self.form([row]).take(np.array([row]))
        still = (replace(part, variable=np.zeros(1)) if part.quantity == "compute" else part for part in form.parts)
        return float(replace(form, parts=tuple(still)).predict(theta[None])[0, 0])

    def collect(self, results: Sequence[OptimizeResult]) -> Folds:
        """Return the predictions of one fit a row, in the order of the rows."""
        predicted = np.array([self.predict(row, result.x) for row, result in enumerate(results)])
        params, *outcome = (np.array([result[name] for result in results]) for name in ("x", "success", "fun"))
        names, rows = self.form().names, self.frame["row"].to_numpy()
        place = (self.law.id, self.penalty, names, rows, np.arange(len(results)))
        return Folds(*place, params, predicted, self.target, *outcome)


@cached
def published(
    law: Law, sample: Sample, *, penalty: float, order: Sequence[int] | None = None, chained: bool = True
) -> Folds:
    """Return the leave-one-out cross-validation of the published protocol.

    `sample` holds the rows to cross-validate (`published_training`), `order` the sequence of the folds (by default
    that of the rows). Without `chained` every fold starts from zeros.
    """
    fitter = LeaveOut(law, sample.frame, penalty)
    sequence = np.arange(len(sample)) if order is None else np.asarray(order)
    results = fitter.chain([[row] for row in sequence]) if chained else [fitter.fit([row]) for row in sequence]
    return fitter.collect([results[index] for index in np.argsort(sequence)])


def in_order(law: Law, sample: Sample, penalty: float, order: Sequence[int] | None = None) -> Folds:
    """Return the same as a task of `mapped`, which keeps it."""
    return published.__wrapped__(law, sample, penalty=penalty, order=order)


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


def kept_blind(law: Law, sample: Sample, *, penalty: float) -> Folds:
    """Return the same as `blind` from `data/blind_predictions.csv`, without parameters and objectives."""
    kept = tables.read("blind_predictions").query("penalty == @penalty").set_index("row")["predicted_loss_nats"]
    observed, rows = sample.frame["loss_nats"].to_numpy(float), sample.frame["row"].to_numpy()
    nothing = np.empty((len(rows), 0))
    place = (law.id, penalty, (), rows, np.arange(len(rows)), nothing, kept.loc[rows].to_numpy(), observed)
    return Folds(*place, np.ones(len(rows), bool), np.full(len(rows), np.nan))


def blind_predictions() -> pd.DataFrame:
    """Return what the `blind` chains of law 7 predict under each penalty: `data/blind_predictions.csv`."""
    sample, parts = published_training(tables.evaluations().published_sample()), []
    for penalty in CHAINED:
        found = blind(catalogue.law("7"), sample, penalty=penalty)
        columns = {"penalty": penalty, "row": found.row, "predicted_loss_nats": found.predicted_loss_nats}
        parts.append(pd.DataFrame(columns))
    return pd.concat(parts)


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


if __name__ == "__main__":
    from book.studies.selection import published as chains  # by this name their tasks go to other processes

    computed.seal_computed({"blind_predictions": chains.blind_predictions()})
