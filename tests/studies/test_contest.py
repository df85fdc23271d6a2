"""Paired comparisons: standard errors by hand, and a confidence set that keeps the best as often as it says."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binom, norm, sem

from algoprogress.show.estimate import unpacked
from book.studies.selection import published as crossval
from book.studies.selection.published import Folds
from book.studies.selection.study import best_set, contest, differences
from published_values import SAMPLE

TRAINING = crossval.published_training(SAMPLE)
PAPERS = TRAINING.frame["paper_id"].to_numpy()
ZERO = ["difference_nats2", "difference_nats2_low", "difference_nats2_high", "error_nats2"]
SPECIFICATIONS, REPETITIONS, BEST = 15, 400, 3
# A set that keeps the best in 95% of all samples keeps it less often than this once in a thousand times.
LEAST_KEPT = binom.ppf(0.001, REPETITIONS, 0.95) / REPETITIONS


def names(count: int) -> pd.MultiIndex:
    return pd.MultiIndex.from_tuples([(str(law), 0.5) for law in range(count)], names=["law", "penalty"])


def simulated(rng: np.random.Generator, *, margin: float = 0.0, specifications: int = SPECIFICATIONS) -> pd.DataFrame:
    """Return errors on the papers of the data; all share what makes a row hard, and papers suit some laws better.

    The specification `BEST` is better than all others by `margin` (nats squared).
    """
    _, paper = np.unique(PAPERS, return_inverse=True)
    hard = 0.05 * rng.normal(size=paper.max() + 1)[paper]
    suits = rng.normal(size=(paper.max() + 1, specifications))[paper]
    own = 0.02 * (suits + rng.normal(size=(len(paper), specifications))) / np.sqrt(2)
    level = np.full(specifications, 0.05 + margin)
    level[BEST] = 0.05
    return pd.DataFrame(level + hard[:, None] + own, PAPERS, names(specifications))


def folds(law: str, predicted: np.ndarray, *, order: np.ndarray, penalty: float = 0.5) -> Folds:
    """Return predictions of the training rows in some order."""
    blank, frame = np.zeros(len(predicted)), TRAINING.frame.iloc[order]
    row, loss = frame["row"].to_numpy(), frame["loss_nats"].to_numpy()
    return Folds(law, penalty, (), row, blank, blank, predicted, loss, blank, blank)


def test_a_contest_has_the_squared_errors_and_the_papers_of_its_rows():
    order = np.random.default_rng(0).permutation(184)
    loss = TRAINING.frame["loss_nats"].to_numpy()[order]
    held = contest([folds("a", loss + 0.5, order=order), folds("b", loss - 0.1, order=order, penalty=0.0)], TRAINING)
    assert held.index.tolist() == PAPERS[order].tolist()
    assert held.columns.tolist() == [("a", 0.5), ("b", 0.0)]
    assert held.to_numpy() == pytest.approx(np.tile([0.25, 0.01], (184, 1)), rel=1e-9)


def test_errors_on_other_rows_are_not_compared():
    one, shifted, fewer = np.arange(184), np.roll(np.arange(184), 1), np.arange(183)
    cells = [folds("a", np.zeros(len(order)), order=order) for order in (one, shifted, fewer)]
    for other in cells[1:]:
        with pytest.raises(ValueError, match="only be compared on the same rows"):
            contest([cells[0], other], TRAINING)


def test_with_a_paper_for_each_row_the_error_is_that_of_a_mean():
    held = simulated(np.random.default_rng(0))
    held = pd.DataFrame(held.to_numpy(), np.arange(184), held.columns)
    frame = unpacked(differences(held, against=("5", 0.5)))
    gaps = held.to_numpy() - held.to_numpy()[:, [5]]
    assert frame["difference_nats2"].to_numpy() == pytest.approx(gaps.mean(axis=0), rel=1e-9, abs=1e-15)
    assert frame["error_nats2"].to_numpy() == pytest.approx(sem(gaps), rel=1e-9, abs=1e-15)
    assert frame["mse_nats2"].to_numpy() == pytest.approx(held.to_numpy().mean(axis=0), rel=1e-12)


def test_errors_are_clustered_by_paper():
    """The clustered variance of a mean: squared sums of the papers' deviations, with G / (G - 1) for G papers."""
    held = simulated(np.random.default_rng(1), margin=0.002)
    frame = differences(held, against=held.columns[BEST]).set_index("law")
    for place, law in enumerate(held.columns.get_level_values("law")):
        gaps = held.to_numpy()[:, place] - held.to_numpy()[:, BEST]
        sums = pd.Series(gaps - gaps.mean()).groupby(PAPERS).sum()
        error = np.sqrt((sums**2).sum() * len(sums) / (len(sums) - 1)) / 184
        found = frame.loc[law]
        assert found["error_nats2"] == pytest.approx(error, rel=1e-9, abs=1e-15)
        if place != BEST:
            low, high = norm.interval(0.95, gaps.mean(), error)
            gap = found["difference_nats2"]
            assert (gap.low, gap.high) == pytest.approx((low, high), abs=1e-4 * error)


def test_the_best_is_the_default_to_compare_with_and_equals_itself():
    frame = unpacked(differences(simulated(np.random.default_rng(2))))
    best = frame["mse_nats2"].idxmin()
    assert frame.loc[best, ZERO].tolist() == [0.0] * 4
    assert (frame["difference_nats2"].drop(best) > 0).all()


def test_equal_specifications_do_not_differ():
    held = simulated(np.random.default_rng(3), specifications=4)
    same = pd.DataFrame(np.repeat(held.to_numpy()[:, :1], 4, axis=1), PAPERS, names(4))
    frame = unpacked(differences(same))
    assert (frame[ZERO] == 0.0).all(axis=None)
    assert best_set(same, draws=50)["kept"].all()


def test_the_order_of_rows_and_specifications_does_not_matter():
    rng = np.random.default_rng(4)
    held = simulated(rng, margin=0.003)
    rows, columns = rng.permutation(184), rng.permutation(SPECIFICATIONS)
    mixed = pd.DataFrame(held.to_numpy()[np.ix_(rows, columns)], PAPERS[rows], held.columns[columns])
    for compared in (differences, lambda contest: best_set(contest, draws=300)):
        one, two = (unpacked(compared(each)).set_index(["law", "penalty"]) for each in (held, mixed))
        pd.testing.assert_frame_equal(two.loc[one.index], one, rtol=1e-9, atol=1e-14)


def test_the_best_is_kept_as_often_as_promised():
    """Nothing is harder than a best that is hardly better: a tenth of the standard error of a difference."""
    rng, kept = np.random.default_rng(20240309), []
    for repetition in range(REPETITIONS):
        frame = best_set(simulated(rng, margin=0.0002), draws=400, seed=repetition)
        kept.append(frame["kept"][BEST])
    assert np.mean(kept) >= LEAST_KEPT


def test_far_worse_specifications_leave_and_the_best_stays():
    """The others are 15 standard errors of a difference behind."""
    kept = [best_set(simulated(np.random.default_rng(seed), margin=0.03), draws=300)["kept"] for seed in range(20)]
    assert all(each.tolist() == [place == BEST for place in range(SPECIFICATIONS)] for each in kept)


def test_a_better_specification_is_never_dropped_for_the_sake_of_a_worse_one():
    for seed in range(20):
        frame = best_set(simulated(np.random.default_rng(seed), margin=0.004), draws=300)
        assert frame.loc[frame["mse_nats2"].idxmin(), "kept"]
        assert frame.loc[frame["mse_nats2"].idxmin(), "t"] <= 0.0


def test_copies_never_drop_each_other_and_share_their_fate():
    held = simulated(np.random.default_rng(5), margin=0.004)
    doubled = pd.DataFrame(np.hstack([held.to_numpy(), held.to_numpy()]), PAPERS, names(2 * SPECIFICATIONS))
    kept = best_set(doubled, draws=300)["kept"].to_numpy()
    assert kept[:SPECIFICATIONS].tolist() == kept[SPECIFICATIONS:].tolist()
    assert kept[:SPECIFICATIONS].tolist() == best_set(held, draws=300)["kept"].tolist()
    assert not kept.all()


def test_specifications_that_differ_by_rounding_never_drop_each_other():
    """Laws that coincide under some penalty have errors that differ in the last digits, however consistently."""
    held = simulated(np.random.default_rng(7), specifications=4)
    noise = 1e-13 * np.random.default_rng(8).normal(size=184)
    near = pd.DataFrame(
        held.to_numpy()[:, [0, 0, 0]] + np.column_stack([0 * noise, noise + 1e-12, noise + 1e-11]), PAPERS, names(3)
    )
    assert best_set(near, draws=300)["kept"].all()


def test_the_lead_of_two_is_their_clustered_t():
    """With two specifications the lead over the best is the paired t, up to the factor for few papers."""
    held = simulated(np.random.default_rng(6), margin=0.004, specifications=4)
    pair = pd.DataFrame(held.to_numpy()[:, [0, BEST]], PAPERS, names(2))
    groups = len(np.unique(PAPERS))
    lead, paired = best_set(pair, draws=20_000), unpacked(differences(pair))
    worse = lead["mse_nats2"].idxmax()
    stretched = paired["difference_nats2"] / paired["error_nats2"] * np.sqrt(groups / (groups - 1))
    assert lead["t"][worse] == pytest.approx(stretched.max(), rel=1e-9)
    assert lead["critical"].to_numpy() == pytest.approx(norm.ppf(0.95), abs=0.06)  # one-sided, by the bootstrap
