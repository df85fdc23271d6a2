"""Resampling: the authors' stream of numbers, papers kept whole, and the published bootstrap."""

from __future__ import annotations

import inspect

import numpy as np
import pytest
import statsmodels.api as sm

from algoprogress.fits import batch, fit, resample
from algoprogress.fits import rates as progress
from algoprogress.laws.law import Law, LawError
from book.studies.data import variants
from published_values import LAW_7, SAMPLE

# The functions themselves, without the cache on disk.
bootstrap, published_bootstrap = inspect.unwrap(resample.bootstrap), inspect.unwrap(resample.published_bootstrap)

LOSS = SAMPLE.frame["loss_nats"].to_numpy()
PAPERS = SAMPLE.frame["paper_id"].to_numpy()
CONSTANT = Law("constant", "1")


def test_published_indices_are_the_authors_stream():
    np.random.seed(0)  # noqa: NPY002 - the stream that the authors used
    expected = [np.random.choice(231, 231, replace=True) for _ in range(100)]  # noqa: NPY002
    assert resample.published_indices(231).tolist() == np.array(expected).tolist()


def test_weights_of_rows_are_counts_that_sum_to_one():
    weights = resample.paper_weights(np.arange(231), 50, np.random.default_rng(0))
    assert weights.shape == (50, 231)
    assert weights.sum(axis=1) == pytest.approx(np.ones(50), abs=1e-12)
    assert weights * 231 == pytest.approx(np.round(weights * 231), abs=1e-12)


def test_weights_of_papers_sum_to_one_and_keep_papers_whole():
    weights = resample.paper_weights(PAPERS, 50, np.random.default_rng(0))
    assert weights.sum(axis=1) == pytest.approx(np.ones(50), abs=1e-12)
    for paper in np.unique(PAPERS):
        assert (np.ptp(weights[:, paper == PAPERS], axis=1) == 0).all()
    times = weights / np.where(weights > 0, weights, np.inf).min(axis=1, keepdims=True)
    first = [np.flatnonzero(paper == PAPERS)[0] for paper in np.unique(PAPERS)]
    drawn = times[:, first].sum(axis=1)  # as many papers as there are, unless no paper was drawn exactly once
    assert drawn == pytest.approx(np.full(50, len(first)))


def test_a_resample_of_weights_is_a_resample_of_rows():
    """A draw as weights and the same draw as repeated rows have one optimum."""
    rows = resample.published_indices(len(SAMPLE), draws=1)[0]
    weights = np.bincount(rows, minlength=len(SAMPLE)) / len(SAMPLE)
    design = LAW_7.design(SAMPLE.frame)
    penalties, equal = np.full(10, 0.0025), np.full((1, len(rows)), 1 / len(rows))
    whole = batch.solve(design, LOSS, weights[None], penalties=penalties)
    repeated = batch.solve(design.take(rows), LOSS[rows], equal, penalties=penalties)
    assert whole.objective == pytest.approx(repeated.objective, abs=1e-12)
    assert whole.params == pytest.approx(repeated.params, abs=1e-6)


@pytest.mark.parametrize("by", ["row", "paper"])
def test_the_bootstrap_is_converged_and_repeats_itself(by):
    one, two = (bootstrap(LAW_7, SAMPLE, by=by, draws=40, seed=5) for _ in range(2))
    assert one.params.tolist() == two.params.tolist()
    assert one.converged.all()
    assert one.params.shape == (40, 10)
    assert one["beta_year"].tolist() == one.params[:, one.names.index("beta_year")].tolist()
    assert (one.found_by >= 1).all()


def test_another_seed_draws_other_resamples():
    one, other = (bootstrap(CONSTANT, SAMPLE, draws=5, seed=seed)["alpha_const"] for seed in (5, 6))
    assert (one != other).all()


def test_only_rows_and_papers_are_resampled():
    with pytest.raises(ValueError, match="by='benchmark': resample by 'paper' or by 'row'"):
        bootstrap(LAW_7, SAMPLE, by="benchmark")


def test_a_law_that_the_rows_cannot_identify_is_not_resampled():
    one = SAMPLE.where(SAMPLE.frame["benchmark"] == "ptb", "one", "PTB only")
    for resampled in (bootstrap, published_bootstrap):
        with pytest.raises(LawError, match="beta_const_ptb"):
            resampled(LAW_7, one)


def printed(draws: resample.Draws, resource: str) -> list[float]:
    """Return 2.5%, 50% and 97.5% of a doubling time in years, to the eight decimals that the notebook prints."""
    rates = getattr(progress.growth(draws.law, draws.reference, draws.params), resource)
    years = progress.doubling_time_months(rates, signed=True) / 12
    return np.percentile(years, [2.5, 50, 97.5]).tolist()


@pytest.fixture(scope="module")
def published_draws() -> resample.Draws:
    return published_bootstrap(LAW_7, SAMPLE)


def test_the_published_bootstrap_returns_the_published_doubling_times(published_draws):
    assert len(published_draws) == 100
    assert published_draws.converged.all()
    digits = {"rel": 0, "abs": 5.1e-9}
    months = [12 * years for years in printed(published_draws, "compute")]
    assert months == pytest.approx([4.51787288, 8.44382833, 14.26941928], **digits)
    assert printed(published_draws, "data") == pytest.approx([-0.36142319, 0.66766568, 2.24090194], **digits)
    assert printed(published_draws, "parameters") == pytest.approx([-77.54952836, 0.98283589, 29.45083717], **digits)


def test_the_published_bootstrap_returns_the_published_table(published_draws):
    """Standard error and 95% interval of Table 2, to its three decimals."""
    table = {
        "alpha_const": (0.235, 0.000, 1.208),
        "alpha_const_ptb": (0.076, -0.008, 0.185),
        "alpha_const_wt2": (0.118, -0.119, 0.176),
        "alpha_year": (0.021, -0.058, 0.032),
        "alpha_param": (0.022, 0.045, 0.127),
        "beta_const": (0.225, 0.233, 1.293),
        "beta_const_ptb": (0.108, -0.006, 0.285),
        "beta_const_wt2": (0.120, -0.081, 0.317),
        "beta_year": (0.023, -0.002, 0.080),
        "beta_data": (0.011, 0.023, 0.062),
    }
    for name, expected in table.items():
        values = published_draws[name]
        found = (values.std(), *np.percentile(values, [2.5, 97.5]))
        assert [round(float(value), 3) for value in found] == list(expected), name


def test_the_published_draws_stop_short_of_the_minimum(published_draws):
    assert (published_draws.residual > 1e-6).all()


@pytest.mark.parametrize("law", [LAW_7, variants.with_transformer_factor(LAW_7, link="")], ids=lambda law: law.id)
def test_a_published_draw_is_the_published_fit_to_its_rows(law):
    """Also for a law that the authors do not have."""
    draws = published_bootstrap(law, SAMPLE, draws=2)
    resampled = SAMPLE.take(resample.published_indices(len(SAMPLE), draws=2)[1])
    again = inspect.unwrap(fit.published)(law, resampled, reference=draws.reference)
    assert draws.names == tuple(again.params.index)
    assert draws.params[1] == pytest.approx(again.params.to_numpy(), rel=1e-6)
    assert draws.objective[1] == pytest.approx(again.objective, rel=1e-9)


@pytest.mark.parametrize("by", ["row", "paper"])
def test_the_spread_of_a_mean_is_the_standard_error_of_statsmodels(by):
    """4,000 draws know a standard deviation to 1.1%; the tolerance is four times that."""
    draws = bootstrap(CONSTANT, SAMPLE, by=by, penalty=0.0, draws=4_000)
    assert draws.converged.all()
    means = np.exp(draws["alpha_const"])
    kinds = {"row": {"cov_type": "HC0"}, "paper": {"cov_type": "cluster", "cov_kwds": {"groups": PAPERS}}}
    error = sm.OLS(LOSS, np.ones(len(LOSS))).fit(**kinds[by]).bse[0]
    assert means.mean() == pytest.approx(LOSS.mean(), abs=4 * error / np.sqrt(4_000))
    assert means.std() == pytest.approx(error, rel=0.045)
    if by == "row":
        assert error == pytest.approx(LOSS.std() / np.sqrt(len(LOSS)), rel=1e-12)


def test_a_draw_of_a_mean_is_its_weighted_mean():
    draws = bootstrap(CONSTANT, SAMPLE, by="paper", penalty=0.0, draws=20, seed=9)
    weights = resample.paper_weights(PAPERS, 20, np.random.default_rng(9))
    assert np.exp(draws["alpha_const"]) == pytest.approx(weights @ LOSS, rel=1e-9)
