"""Predicts rows that a converged fit has not seen: one row or one paper left out, those held back, later years."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from algoprogress.data.sample import Sample
from algoprogress.data.variables import Normalisation
from algoprogress.engine.cache import cached
from algoprogress.engine.parallel import mapped
from algoprogress.fits import batch, fit, rates, resample
from algoprogress.laws.law import Law
from book.studies.selection.published import PENALTIES, Folds, published_split

CUTS = (2018, 2019, 2020, 2021, 2022)  # earlier, WikiText-103 has two rows, both of one date
FOLD_PILOTS = 8  # folds share nearly all rows, so a few tell where the minima lie


def left_out(groups: np.ndarray) -> np.ndarray:
    """Return weights (groups x rows) that leave out one group each, in the order of `np.unique`; each sums to one.

    >>> left_out(np.array(["b", "a", "b"])).tolist()
    [[0.5, 0.0, 0.5], [0.0, 1.0, 0.0]]
    """
    kept = np.unique(groups)[:, None] != groups
    return kept / kept.sum(axis=1, keepdims=True)


def before(years: np.ndarray, cuts: np.ndarray) -> np.ndarray:
    """Return weights (cuts x rows) that keep the rows before each cut (years); each sums to one.

    >>> before(np.array([2015.5, 2018.0, 2020.1]), np.array([2018.0, 2019.0])).tolist()
    [[1.0, 0.0, 0.0], [0.5, 0.5, 0.0]]
    """
    kept = np.asarray(years) < np.asarray(cuts)[:, None]
    return kept / kept.sum(axis=1, keepdims=True)


@cached
def leave_out(law: Law, sample: Sample, *, penalty: float, by: str = "row") -> Folds:
    """Return the cross-validation by converged fits, without a chain, that leaves out one row or one paper a fold.

    The normalisation is that of all rows of the sample, as in the published protocol. Raises ValueError for another
    `by` than row or paper, LawError if the rows cannot identify the law.
    """
    groups = resample.groups(sample, by)
    fold = np.unique(groups, return_inverse=True)[1]
    return _folds(law, sample, penalty, left_out(groups), fold, protocol=f"converged, by {by}")


@cached
def held_back(law: Law, sample: Sample, *, penalty: float) -> Folds:
    """Return the predictions of the rows that the authors held back, by a converged fit to the others.

    `sample` holds all rows (`Sample.published_sample`), of which `published.published_split` keeps a fifth back.
    """
    kept, back = published_split(len(sample))
    weights, fold = np.zeros((1, len(sample))), np.full(len(sample), -1)
    weights[0, kept], fold[back] = 1.0 / len(kept), 0
    return _folds(law, sample, penalty, weights, fold, protocol="converged, held back")


@cached
def later(law: Law, sample: Sample, *, penalty: float, cut: int) -> Folds:
    """Return the predictions of the rows from the year `cut` on, by a converged fit to the rows before it.

    Raises LawError if the earlier rows cannot identify the law.
    """
    years = sample.frame["years_decimal"].to_numpy()
    fold = np.where(years < cut, -1, 0)
    fit.problem(law, sample.take(np.flatnonzero(years < cut)))  # raises if the earlier rows are too few
    return _folds(law, sample, penalty, before(years, np.array([cut])), fold, protocol=f"before {cut}")


def _folds(law: Law, sample: Sample, penalty: float, weights, fold: np.ndarray, *, protocol: str) -> Folds:
    """Return the predictions of the rows with a fold (not -1) by the fits to the lines of `weights`."""
    design, target, _ = fit.problem(law, sample, reference(sample))
    options = {"penalties": fit.strengths(design, penalty), "pilots": FOLD_PILOTS, "label": protocol}
    found, rows = batch.solve(design, target, weights, **options), np.flatnonzero(fold >= 0)
    return Folds(
        law=law.id,
        penalty=penalty,
        protocol=protocol,
        names=design.names,
        row=sample.frame["row"].to_numpy()[rows],
        fold=fold[rows],
        params=found.params,
        predicted_loss_nats=design.predict(found.params)[fold[rows], rows],
        observed_loss_nats=target[rows],
        success=found.converged,
        objective=found.objective,
        iterations=found.tried,
    )


def reference(sample: Sample) -> Normalisation:
    """Return the minima of the sample, effective tokens measured against plain ones as in the authors' validation.

    Under a penalty the constants matter, so both protocols take the same.
    """
    whole = Normalisation.of(sample.frame)
    return replace(whole, effective_tokens=whole.tokens)


def cells(laws: Iterable[Law], sample: Sample, *, by: str, penalties: Sequence[float] = PENALTIES) -> list[Folds]:
    """Return the converged cross-validation (`leave_out`) of every law under every penalty."""
    tasks = [(law, sample, penalty, by) for law in laws for penalty in penalties]
    return mapped(_cell, tasks, label=f"cross-validation by {by}")


def _cell(law: Law, sample: Sample, penalty: float, by: str) -> Folds:
    return leave_out.__wrapped__(law, sample, penalty=penalty, by=by)


def held_back_cells(laws: Iterable[Law], sample: Sample, *, penalties: Sequence[float] = PENALTIES) -> list[Folds]:
    """Return the predictions of the held-back rows by every law under every penalty."""
    return mapped(_held_back, [(law, sample, penalty) for law in laws for penalty in penalties], label="held back")


def _held_back(law: Law, sample: Sample, penalty: float) -> Folds:
    return held_back.__wrapped__(law, sample, penalty=penalty)


def extrapolation(
    laws: Sequence[Law], sample: Sample, *, penalties: Sequence[float], cuts: Sequence[int] = CUTS
) -> pd.DataFrame:
    """Return how well laws fitted before each cut predict the rows after it, one line per law, penalty and cut.

    Columns: law, penalty, cut, rows (fitted), later (predicted), rmse_nats, bias_nats (observed minus predicted),
    rmse_mean_nats (of the benchmark's mean before the cut), months (doubling time of effective compute, by the earlier
    rows).
    """
    tasks = [(law, sample, penalty, cut) for law in laws for penalty in penalties for cut in cuts]
    return pd.DataFrame(mapped(_extrapolated, tasks, label="extrapolation"))


def _extrapolated(law: Law, sample: Sample, penalty: float, cut: int) -> dict[str, object]:
    ahead = later.__wrapped__(law, sample, penalty=penalty, cut=cut)
    errors = ahead.observed_loss_nats - ahead.predicted_loss_nats
    past = sample.frame["years_decimal"] < cut
    means = sample.frame[past].groupby("benchmark")["loss_nats"].mean()
    naive = sample.frame.loc[~past, "loss_nats"] - sample.frame.loc[~past, "benchmark"].map(means)
    rate = rates.growth(law, reference(sample), ahead.params).compute[0]
    rmse, rmse_mean = (float(np.sqrt(np.mean(each**2))) for each in (errors, naive))
    facts = {"law": law.id, "penalty": penalty, "cut": cut, "rows": int(past.sum()), "later": len(ahead)}
    facts |= {"rmse_nats": rmse, "bias_nats": float(errors.mean()), "rmse_mean_nats": rmse_mean}
    return {**facts, "months": float(rates.doubling_time_months(rate))}
