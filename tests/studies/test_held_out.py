"""Held-out rows by converged fits: closed forms, brute force, and nothing learnt from the rows that are predicted."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
import statsmodels.api as sm

from algoprogress.data.sample import Sample
from algoprogress.engine import cache
from algoprogress.fits import fit
from algoprogress.laws import catalogue
from algoprogress.laws.law import Law, LawError
from book.studies.selection import held_out
from book.studies.selection import published as crossval
from book.studies.selection.published import Folds
from published_values import LAW_7, SAMPLE

# The functions themselves, without the cache on disk.
leave_out, converged = inspect.unwrap(held_out.leave_out), inspect.unwrap(fit.converged)

TRAINING = crossval.published_training(SAMPLE)
PAPERS = TRAINING.frame["paper_id"].to_numpy()
LOSS, YEARS = SAMPLE.frame["loss_nats"].to_numpy(), SAMPLE.frame["years_decimal"].to_numpy()
LAW_18, CONSTANT = catalogue.law("18"), Law("constant", "1")
CUT = 2020
# Parameters of two solutions of one minimum differ by up to 1e-5 (see test_batch), predictions by less.
SAME_LOSS = 1e-6


@pytest.fixture(autouse=True)
def afresh() -> Iterator[None]:
    """Let every test compute for itself, and leave nothing behind."""
    with cache.elsewhere():
        yield


def held_back(law: Law, sample: Sample) -> Folds:
    return held_out.held_back_cells([law], sample, penalties=(0.0025,))[0]


def with_losses(rows: np.ndarray, shift_nats: float) -> Sample:
    """Return the published sample with the losses of some rows shifted."""
    frame = SAMPLE.frame
    return replace(SAMPLE, frame=frame.assign(loss_nats=frame["loss_nats"] + shift_nats * rows))


def test_the_error_of_a_mean_is_its_residual_stretched():
    """The mean of the others misses a row by n / (n - 1) times its residual from the mean of all."""
    found = leave_out(CONSTANT, TRAINING, penalty=0.0)
    observed = TRAINING.frame["loss_nats"].to_numpy()
    assert found.observed_loss_nats.tolist() == observed.tolist()
    residual = observed - observed.mean()
    assert found.observed_loss_nats - found.predicted_loss_nats == pytest.approx(residual * 184 / 183, abs=1e-7)
    assert found.r_squared == pytest.approx(1 - (184 / 183) ** 2, abs=1e-7)
    assert found.success.all()


def test_the_mean_of_other_papers_predicts_a_paper():
    found = leave_out(CONSTANT, TRAINING, penalty=0.0, by="paper")
    for paper, predicted in zip(PAPERS, found.predicted_loss_nats, strict=True):
        assert predicted == pytest.approx(TRAINING.frame["loss_nats"][paper != PAPERS].mean(), abs=1e-7)
    assert len(found.params) == len(np.unique(PAPERS))


def test_each_paper_is_predicted_by_the_best_fit_to_the_others():
    found = leave_out(LAW_7, TRAINING, penalty=0.0025, by="paper")
    assert found.success.all()
    assert found.row.tolist() == TRAINING.frame["row"].tolist()
    counts = TRAINING.frame["paper_id"].value_counts()
    for paper in (counts.index[0], counts.index[len(counts) // 2], counts.index[-1]):
        out = paper == PAPERS
        others = TRAINING.take(np.flatnonzero(~out))
        again = converged(LAW_7, others, starts=40, reference=held_out.reference(TRAINING.frame))
        assert found.predicted_loss_nats[out] == pytest.approx(again.predict(TRAINING.frame[out]), abs=SAME_LOSS)
        assert found.objective[found.fold[out]] == pytest.approx(np.full(out.sum(), again.objective), abs=1e-10)
        assert len(set(found.fold[out])) == 1


def test_each_row_of_one_term_is_predicted_by_the_linear_model_of_statsmodels():
    found = leave_out(LAW_18, TRAINING, penalty=0.0)
    matrix, loss = LAW_18.design(TRAINING.frame).exponents[0], TRAINING.frame["loss_nats"].to_numpy()
    family = sm.families.Gaussian(sm.families.links.Log())
    for row in range(0, 184, 30):
        others = np.arange(184) != row
        model = sm.GLM(loss[others], matrix[others], family=family).fit(tol=1e-12, maxiter=500)
        assert found.predicted_loss_nats[row] == pytest.approx(model.predict(matrix[[row]]).item(), abs=SAME_LOSS)


def test_the_compute_only_law_predicts_far_better_than_as_published():
    published = inspect.unwrap(crossval.published)(LAW_18, TRAINING, penalty=0.0)
    found = leave_out(LAW_18, TRAINING, penalty=0.0)
    assert found.r_squared > 0.85
    assert published.r_squared < 0.0
    assert found.observed_loss_nats.tolist() == published.observed_loss_nats.tolist()


def test_only_rows_and_papers_are_left_out():
    with pytest.raises(ValueError, match="by='benchmark'"):
        leave_out(CONSTANT, TRAINING, penalty=0.0, by="benchmark")


def test_the_rows_held_back_are_the_authors_and_the_fit_is_the_best_to_the_others():
    kept, back = crossval.published_split(231)
    found = held_back(LAW_7, SAMPLE)
    assert found.row.tolist() == sorted(back + 1)
    assert found.fold.tolist() == [0] * 47
    again = converged(LAW_7, SAMPLE.take(kept), starts=40, reference=held_out.reference(SAMPLE.frame))
    assert found.objective[0] == pytest.approx(again.objective, abs=1e-10)
    rows = SAMPLE.frame.iloc[found.row - 1]
    assert found.observed_loss_nats.tolist() == rows["loss_nats"].tolist()
    assert found.predicted_loss_nats == pytest.approx(again.predict(rows), abs=SAME_LOSS)


@pytest.mark.parametrize("law", [LAW_7, LAW_18], ids=lambda law: law.id)
def test_nothing_is_learnt_from_the_losses_that_are_predicted(law):
    """Not one bit of one parameter changes with them, not even by way of where the search starts."""
    _, back = crossval.published_split(231)
    unseen = {"back": np.isin(np.arange(231), back), "later": YEARS >= CUT}
    fits = {
        "back": lambda sample: held_back(law, sample),
        "later": lambda sample: held_out.unseen(law, sample, YEARS < CUT, penalty=0.0025),
    }
    for name, fitted in fits.items():
        before, after = fitted(SAMPLE), fitted(with_losses(unseen[name], 3.0))
        assert before.params.tolist() == after.params.tolist()
        assert before.predicted_loss_nats.tolist() == after.predicted_loss_nats.tolist()
        assert after.observed_loss_nats == pytest.approx(before.observed_loss_nats + 3.0, rel=1e-12)
        seen = fitted(with_losses(~unseen[name], 3.0))
        assert (before.params != seen.params).any()


def test_later_rows_are_predicted_by_the_linear_model_of_statsmodels_on_the_earlier_ones():
    past = YEARS < CUT
    found = held_out.unseen(LAW_18, SAMPLE, past, penalty=0.0)
    matrix = LAW_18.design(SAMPLE.frame).exponents[0]
    family = sm.families.Gaussian(sm.families.links.Log())
    model = sm.GLM(LOSS[past], matrix[past], family=family).fit(tol=1e-12, maxiter=500)
    assert found.row.tolist() == SAMPLE.frame["row"][~past].tolist()
    assert found.predicted_loss_nats == pytest.approx(model.predict(matrix[~past]), abs=SAME_LOSS)

    line = held_out.extrapolation([LAW_18], SAMPLE, penalties=(0.0,), cuts=(CUT,)).iloc[0]
    errors = LOSS[~past] - model.predict(matrix[~past])
    assert (line["rows"], line["later"]) == (past.sum(), (~past).sum())
    assert line["rmse_nats"] == pytest.approx(np.sqrt(np.mean(errors**2)), rel=1e-5)
    assert line["bias_nats"] == pytest.approx(errors.mean(), abs=SAME_LOSS)
    # L = exp(... - a years - b ln C), so effective compute grows by a / b a year.
    rates = dict(zip(found.names, model.params, strict=True))
    assert line["months"] == pytest.approx(12 * np.log(2) * rates["alpha_compute"] / rates["alpha_year"], rel=1e-5)
    benchmark = SAMPLE.frame["benchmark"].to_numpy()
    naive = [
        loss - LOSS[past & (benchmark == kind)].mean() for loss, kind in zip(LOSS[~past], benchmark[~past], strict=True)
    ]
    assert line["rmse_mean_nats"] == pytest.approx(np.sqrt(np.mean(np.square(naive))), rel=1e-12)


def test_too_early_a_cut_names_what_the_rows_cannot_identify():
    few = YEARS < 2013
    assert 0 < few.sum() < len(LAW_7.design(SAMPLE.frame).names)
    with pytest.raises(LawError, match=rf"law 7: {few.sum()} rows cannot identify alpha_const, .*beta_data"):
        held_out.unseen(LAW_7, SAMPLE, few, penalty=0.0025)


def test_the_constants_are_those_of_the_whole_sample_with_plain_tokens_for_effective_ones():
    reference = held_out.reference(TRAINING.frame)
    frame = TRAINING.frame
    assert reference.tokens == reference.effective_tokens == frame["dataset_tokens"].min()
    assert reference.parameters == frame["parameters"].min()
    assert reference.year == frame["years_decimal"].min()


def test_cells_come_by_law_then_penalty_and_are_the_single_ones():
    few = TRAINING.take(np.arange(60))
    cells = held_out.cells([CONSTANT, LAW_18], few, by="paper", penalties=(0.0, 0.01))
    assert [(cell.law, cell.penalty) for cell in cells] == [
        ("constant", 0.0),
        ("constant", 0.01),
        ("18", 0.0),
        ("18", 0.01),
    ]
    single = leave_out(LAW_18, few, penalty=0.01, by="paper")
    assert cells[3].params.tolist() == single.params.tolist()
    back = held_out.held_back_cells([CONSTANT], SAMPLE, penalties=(0.0,))[0]
    kept, _ = crossval.published_split(231)
    assert back.predicted_loss_nats == pytest.approx(np.full(47, LOSS[kept].mean()), abs=1e-7)
