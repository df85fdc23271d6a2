"""Predicts rows that a converged fit has not seen: one row or one paper left out, those held back, later years."""

from collections.abc import Iterable, Sequence

import numpy as np
import pandas as pd

from algoprogress.data.sample import Sample
from algoprogress.engine.cache import cached
from algoprogress.engine.parallel import mapped
from algoprogress.fits import batch, fit, rates, resample
from algoprogress.laws.law import Law
from book.studies.selection.published import PENALTIES, Folds, published_split, reference

CUTS = (2018, 2019, 2020, 2021, 2022)  # earlier, WikiText-103 has two rows, both of one date
FOLD_PILOTS = 8  # folds share nearly all rows, so a few tell where the minima lie


def left_out(groups: np.ndarray) -> np.ndarray:
    """Return weights (groups x rows) that leave out one group each, in the order of `np.unique`; each sums to one.

    >>> left_out(np.array(["b", "a", "b"])).tolist()
    [[0.5, 0.0, 0.5], [0.0, 1.0, 0.0]]
    """
    kept = np.unique(groups)[:, None] != groups
    return kept / kept.sum(axis=1, keepdims=True)


@cached
def leave_out(law: Law, sample: Sample, *, penalty: float, by: str = "row") -> Folds:
    """Return the cross-validation by converged fits, without a chain, that leaves out one row or one paper a fold.

    Normalised by all rows, as published. Raises ValueError for another `by`, LawError if rows cannot identify the law.
    """
    groups = resample.groups(sample, by)
    fold = np.unique(groups, return_inverse=True)[1]
    return _folds(law, sample, penalty, left_out(groups), fold, label=f"converged, by {by}")


def unseen(law: Law, sample: Sample, seen: np.ndarray, *, penalty: float) -> Folds:
    """Return the predictions of the rows not `seen` by a converged fit to the others; LawError if these are too few."""
    fit.problem(law, sample.take(np.flatnonzero(seen)))  # raises if they are too few
    return _folds(law, sample, penalty, (seen / seen.sum())[None], np.where(seen, -1, 0), label="rows seen")


def _folds(law: Law, sample: Sample, penalty: float, weights: np.ndarray, fold: np.ndarray, *, label: str) -> Folds:
    """Return the predictions of the rows with a fold (not -1) by the fits to the lines of `weights`."""
    design, target, _ = fit.problem(law, sample, reference(sample.frame))
    options = {"penalties": fit.strengths(design, penalty), "pilots": FOLD_PILOTS, "label": label}
    found, rows = batch.solve(design, target, weights, **options), np.flatnonzero(fold >= 0)
    place = (law.id, penalty, design.names, sample.frame["row"].to_numpy()[rows], fold[rows])
    losses = (design.predict(found.params)[fold[rows], rows], target[rows])
    return Folds(*place, found.params, *losses, found.converged, found.objective)


def cells(laws: Iterable[Law], sample: Sample, *, by: str, penalties: Sequence[float] = PENALTIES) -> list[Folds]:
    """Return the converged cross-validation (`leave_out`) of every law under every penalty."""
    tasks = [(law, sample, penalty, by) for law in laws for penalty in penalties]
    return mapped(_cell, tasks, label=f"cross-validation by {by}")


def _cell(law: Law, sample: Sample, penalty: float, by: str) -> Folds:
    return leave_out.__wrapped__(law, sample, penalty=penalty, by=by)


def held_back_cells(laws: Iterable[Law], sample: Sample, *, penalties: Sequence[float] = PENALTIES) -> list[Folds]:
    """Return the predictions of the rows of all that the authors held back, by every law under every penalty."""
    return mapped(_held_back, [(law, sample, penalty) for law in laws for penalty in penalties], label="held back")


def _held_back(law: Law, sample: Sample, penalty: float) -> Folds:
    return unseen(law, sample, np.isin(np.arange(len(sample)), published_split(len(sample))[0]), penalty=penalty)


def extrapolation(
    laws: Sequence[Law], sample: Sample, *, penalties: Sequence[float], cuts: Sequence[int] = CUTS
) -> pd.DataFrame:
    """Return how well laws fitted before each cut predict the rows after it, one line per law, penalty and cut.

    Columns: law, penalty, cut (year), rows (fitted), later (predicted), rmse_nats, bias_nats (observed minus
    predicted), rmse_mean_nats (of the benchmark's mean before the cut), months (doubling time of effective compute, by
    the earlier rows). Raises LawError if the rows before a cut cannot identify a law.
    """
    tasks = [(law, sample, penalty, cut) for law in laws for penalty in penalties for cut in cuts]
    return pd.DataFrame(mapped(_extrapolated, tasks, label="extrapolation"))


def _extrapolated(law: Law, sample: Sample, penalty: float, cut: int) -> dict[str, object]:
    past = sample.frame["years_decimal"] < cut
    ahead = unseen(law, sample, past.to_numpy(), penalty=penalty)
    errors = ahead.observed_loss_nats - ahead.predicted_loss_nats
    means = sample.frame[past].groupby("benchmark")["loss_nats"].mean()
    naive = sample.frame.loc[~past, "loss_nats"] - sample.frame.loc[~past, "benchmark"].map(means)
    rate = rates.growth(law, reference(sample.frame), ahead.params).compute[0]
    rmse, rmse_mean = (float(np.sqrt(np.mean(each**2))) for each in (errors, naive))
    facts = {"law": law.id, "penalty": penalty, "cut": cut, "rows": int(past.sum()), "later": len(errors)}
    facts |= {"rmse_nats": rmse, "bias_nats": float(errors.mean()), "rmse_mean_nats": rmse_mean}
    return {**facts, "months": float(rates.doubling_time_months(rate))}
