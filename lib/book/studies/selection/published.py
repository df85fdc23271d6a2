"""Cross-validation: predicts each held-out row from a fit to others, by the published protocol and without its chain.

Ho et al. 2024 (section 3.2, appendix J; `cross-validation.ipynb`) hold back 47 of the 231 rows, leave out each of the
other 184 in turn and start every fit where the last one stopped. So each fit but the first starts from parameters
that the row it leaves out has helped to choose; the module `leakage` takes that apart.
"""

import inspect
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
import pandas as pd
from scipy.optimize import OptimizeResult

from algoprogress.data.sample import Sample
from algoprogress.data.variables import FLOP_PER_PARAMETER_TOKEN, Normalisation
from algoprogress.engine.cache import cached
from algoprogress.engine.parallel import mapped
from algoprogress.laws.law import Law
from algoprogress.laws.published import Form, published_form, slsqp

PENALTIES = (0.0, 0.001, 0.0025, 0.005, 0.01, 0.02)  # the strengths that the authors compare
HELD_BACK = 0.2
SPLIT_SEED = 1


@dataclass(frozen=True)
class Folds:
    """Predictions of held-out rows.

    `row` is the number of each held-out row in `evaluations.csv`, `fold` the line of `params` (folds x parameters, in
    the order of `names`) that predicts it; losses are in nats per token. `success` says by fold whether the optimiser
    called itself successful, `objective` where it stopped, in nats squared, and `iterations` how many it spent on
    the way, its chain included (of converged folds: how many starts were tried).
    """

    law: str
    penalty: float
    protocol: str
    names: tuple[str, ...]
    row: np.ndarray
    fold: np.ndarray
    params: np.ndarray
    predicted_loss_nats: np.ndarray
    observed_loss_nats: np.ndarray
    success: np.ndarray
    objective: np.ndarray
    iterations: np.ndarray

    def __len__(self) -> int:
        return len(self.row)

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
        """Return the share of the variance of the held-out losses that the pooled predictions explain."""
        return 1.0 - self.mse_nats2 / float(self.observed_loss_nats.var())


def published_split(rows: int, *, held_back: float = HELD_BACK, seed: int = SPLIT_SEED) -> tuple[np.ndarray, ...]:
    """Return the positions of the rows to cross-validate, in the order of the folds, and of those held back.

    This is `train_test_split(test_size=held_back, random_state=seed)` of scikit-learn: one permutation from NumPy's
    legacy generator, of which the first ``ceil(held_back * rows)`` are held back.

    >>> [part[:3].tolist() for part in published_split(231)]
    [[95, 28, 16], [78, 150, 171]]
    """
    order = np.random.RandomState(seed).permutation(rows)
    cut = math.ceil(held_back * rows)
    return order[cut:], order[:cut]


def published_training(sample: Sample) -> Sample:
    """Return the rows that the authors cross-validate, in the order of their folds."""
    return sample.take(published_split(len(sample))[0])


@dataclass(frozen=True)
class LeaveOut:
    """The published fit of a law to all rows of a sample but some.

    N0, D0 and Y0 are the minima of the whole sample. C0 of the compute-only law is that of the rows in the fit, and
    effective tokens have the reference of plain tokens, both as in the notebook. Raises LawError for a law of which
    the authors' order of arithmetic is not known.
    """

    law: Law
    frame: pd.DataFrame
    penalty: float
    forms: dict[float, Form] = field(default_factory=dict, repr=False, compare=False)

    @cached_property
    def target(self) -> np.ndarray:
        """Return the observed losses, in nats per token."""
        return self.frame["loss_nats"].to_numpy(float)

    @cached_property
    def compute_flop(self) -> np.ndarray:
        """Return the training compute of each row, in FLOP."""
        return (FLOP_PER_PARAMETER_TOKEN * self.frame["parameters"] * self.frame["dataset_tokens"]).to_numpy(float)

    def form(self, kept: np.ndarray) -> Form:
        """Return the law on the whole sample, with the constants of a fit to the rows `kept`."""
        lowest = float(self.compute_flop[kept].min())
        if lowest not in self.forms:
            whole = Normalisation.of(self.frame)
            reference = replace(whole, effective_tokens=whole.tokens, compute_flop=lowest)
            self.forms[lowest] = published_form(self.law, self.frame, reference)
        return self.forms[lowest]

    def kept(self, *left_out: int) -> np.ndarray:
        """Return the positions of the rows that remain."""
        return np.delete(np.arange(len(self.frame)), list(left_out))

    def fit(self, left_out: Iterable[int], start: np.ndarray | None = None) -> OptimizeResult:
        """Return SciPy's result of the fit without some rows, from `start` or from zeros."""
        kept = self.kept(*left_out)
        return slsqp(self.form(kept).take(kept), self.target[kept], self.penalty, start)

    def chain(self, links: Iterable[Iterable[int]]) -> list[OptimizeResult]:
        """Return the results of a chain of fits, each started where the one before stopped, the first from zeros."""
        results: list[OptimizeResult] = []
        for left_out in links:
            results.append(self.fit(left_out, results[-1].x if results else None))
        return results

    def predict(self, row: int, theta: np.ndarray, *, own_compute: bool) -> float:
        """Return the predicted loss of a row that the fit left out, in nats per token.

        With `own_compute`, C0 is the compute of the row itself, so that compute has no part in the prediction.
        """
        form = self.form(self.kept(row)).take(np.array([row]))
        form = _at_reference(form, "compute") if own_compute else form
        return float(form.predict(theta[None])[0, 0])


@cached
def published(
    law: Law,
    sample: Sample,
    *,
    penalty: float,
    order: Sequence[int] | None = None,
    chained: bool = True,
    own_compute: bool = True,
) -> Folds:
    """Return the leave-one-out cross-validation of the published protocol.

    `sample` holds the rows to cross-validate (`published_training`), `order` the sequence of the folds (by default
    that of the rows). Without `chained` every fold starts from zeros. `own_compute=False` mends the compute-only law,
    which as published predicts each row with that row's own compute as C0, so that compute has no effect.
    """
    fitter = LeaveOut(law, sample.frame, penalty)
    sequence = np.arange(len(sample)) if order is None else np.asarray(order)
    results = fitter.chain([[row] for row in sequence]) if chained else [fitter.fit([row]) for row in sequence]
    spent = np.array([result.nit for result in results])
    spent = spent.cumsum() if chained else spent
    place = np.argsort(sequence)
    protocol, ordered = f"published{'' if chained else ', each fold from zeros'}", [results[index] for index in place]
    return collect(fitter, ordered, spent[place], protocol=protocol, own_compute=own_compute)


def collect(
    fitter: LeaveOut, results: Sequence[OptimizeResult], spent: np.ndarray, *, protocol: str, own_compute: bool = True
) -> Folds:
    """Return the predictions of one fit a row, in the order of the rows."""
    predicted = [fitter.predict(row, result.x, own_compute=own_compute) for row, result in enumerate(results)]
    return Folds(
        law=fitter.law.id,
        penalty=fitter.penalty,
        protocol=protocol,
        names=fitter.form(fitter.kept()).names,
        row=fitter.frame["row"].to_numpy(),
        fold=np.arange(len(results)),
        params=np.array([result.x for result in results]),
        predicted_loss_nats=np.array(predicted),
        observed_loss_nats=fitter.target,
        success=np.array([result.success for result in results]),
        objective=np.array([result.fun for result in results]),
        iterations=spent,
    )


def published_cells(
    laws: Iterable[Law], sample: Sample, *, penalties: Sequence[float] = PENALTIES, own_compute: bool = True
) -> list[Folds]:
    """Return the published cross-validation of every law under every penalty."""
    tasks = [(law, sample, penalty, own_compute) for law in laws for penalty in penalties]
    return mapped(_cell, tasks, label="published cross-validation")


def _cell(law: Law, sample: Sample, penalty: float, own_compute: bool) -> Folds:
    return inspect.unwrap(published)(law, sample, penalty=penalty, own_compute=own_compute)


def scores(cells: Iterable[Folds]) -> pd.DataFrame:
    """Return one line per cross-validation: law, penalty, mse_nats2, r_squared."""
    lines = [(cell.law, cell.penalty, cell.mse_nats2, cell.r_squared) for cell in cells]
    return pd.DataFrame(lines, columns=["law", "penalty", "mse_nats2", "r_squared"])


def _at_reference(form: Form, quantity: str) -> Form:
    """Return the form with one variable at its reference value on every row, where its log ratio is zero."""
    parts = (
        replace(part, variable=np.zeros_like(part.variable)) if part.quantity == quantity else part
        for part in form.parts
    )
    return replace(form, parts=tuple(parts))
