"""The robustness checks: likelihoods against dense matrices, regressions and gains against closed forms and SciPy."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from scipy.optimize import approx_fprime

from algoprogress.data import tables
from algoprogress.fits import bounded, fit, resample
from algoprogress.fits.rates import Conditions, point_months
from algoprogress.laws import catalogue
from algoprogress.show.estimate import unpacked
from book.ledger import ledger
from book.studies.data import variants
from book.studies.how_fast import allocated
from book.studies.robustness import clustered, figures, pooled, transformer_gain
from book.studies.robustness import study as robustness
from book.studies.robustness import tables as robustness_tables
from published_values import SAMPLE

LAW = catalogue.law("7")
DESIGN, TARGET, REFERENCE = fit.problem(LAW, SAMPLE)
PAPERS = SAMPLE.frame["paper_id"].to_numpy()
DRAWN = tables.read("correlated_draws")


@pytest.fixture(scope="module")
def checks() -> pd.DataFrame:
    """Return the checks beside the ledger's numbers."""
    return robustness_tables.overview(ledger.ledger())


@pytest.fixture
def somewhere() -> np.ndarray:
    """Return a point in the middle of nowhere special: parameters, ln sigma, logit(rho)."""
    params = fit.converged(LAW, SAMPLE, penalty=0.0).params.to_numpy()
    return np.r_[params + np.random.default_rng(0).normal(0.0, 0.02, len(params)), -1.3, 0.2]


def test_the_clustered_likelihood_is_that_of_the_full_covariance(somewhere):
    *params, log_sigma, logit = somewhere
    rho = 1.0 / (1.0 + np.exp(-logit))
    correlation = np.where(PAPERS[:, None] == PAPERS, rho, 0.0) + (1.0 - rho) * np.eye(len(PAPERS))
    dense = stats.multivariate_normal(cov=np.exp(2.0 * log_sigma) * correlation)
    found = clustered.likelihood(somewhere, DESIGN, TARGET, clustered.Blocks.of(PAPERS))
    stated = -dense.logpdf(TARGET - DESIGN.predict(np.array(params))) - 0.5 * len(TARGET) * np.log(2.0 * np.pi)
    np.testing.assert_allclose(found, stated, rtol=1e-10)


def test_the_gradient_of_the_clustered_likelihood_is_that_of_finite_differences(somewhere):
    blocks = clustered.Blocks.of(PAPERS)
    _, gradient = clustered.with_slopes(somewhere, DESIGN, TARGET, blocks)
    numeric = approx_fprime(somewhere, lambda theta: clustered.likelihood(theta, DESIGN, TARGET, blocks), 1e-7)
    np.testing.assert_allclose(gradient, numeric, atol=1e-4 * np.abs(gradient).max())


def test_without_shared_papers_the_clustered_fit_is_least_squares():
    alone = SAMPLE.take(np.unique(PAPERS, return_index=True)[1])
    design, target, _ = fit.problem(LAW, alone)
    blocks = clustered.Blocks.of(np.arange(len(alone)))
    start = fit.converged(LAW, alone, penalty=0.0)
    params, done, _ = clustered.converged(design, target, blocks, start.params.to_numpy()[None])
    assert done
    np.testing.assert_allclose(np.exp(2.0 * params[-2]), start.mse, rtol=1e-5)


def test_copies_of_a_row_in_one_block_raise_the_correlation():
    best = clustered.best(LAW, SAMPLE)
    once = float(clustered.correlation(best)[0])
    draws = clustered.published_bootstrap(LAW, SAMPLE)
    assert np.quantile(clustered.correlation(draws), 0.025) > once
    papers = DRAWN["correlation"]
    assert np.quantile(papers, 0.025) < once < np.quantile(papers, 0.975)


def test_the_kept_draws_come_back():
    """Where two maxima are as good as equal, another processor may find the other."""
    again, kept = clustered.bootstrap(LAW, SAMPLE, draws=12), DRAWN[:12]
    near = np.isclose(again[["rate", "correlation"]], kept[["rate", "correlation"]], rtol=0.01, atol=1e-3).all(axis=1)
    assert near.sum() >= 11
    assert DRAWN["converged"].mean() > 0.95


def test_direct_comparisons_are_scipys_regressions():
    comparisons = tables.read("direct_comparisons")
    for name, found in robustness.regressions(comparisons).items():
        part = comparisons[comparisons["baseline"] == name]
        date = part["publication_date"].dt
        line = stats.linregress(date.year + date.month / 12 + date.day / 365, np.log(part["training_compute_flop"]))
        reach = line.stderr * stats.t.ppf(0.975, len(part) - 2)
        np.testing.assert_allclose(found.value, -12.0 * np.log(2.0) / line.slope)
        np.testing.assert_allclose(found.low, 12.0 * np.log(2.0) / (-line.slope + reach))
        assert np.isinf(found.high) == (-line.slope - reach <= 0)


def test_the_largest_cut_of_compute_is_found_by_looking_at_every_pair():
    frame = SAMPLE.frame[SAMPLE.frame["training_compute_flop"].notna()]
    for within in (True, False):
        largest = 0.0
        for one in frame.itertuples():
            for other in frame.itertuples():
                later = other.years_decimal > one.years_decimal and (other.benchmark == one.benchmark or not within)
                if later and other.perplexity < one.perplexity:
                    largest = max(largest, one.training_compute_flop / other.training_compute_flop)
        assert robustness.largest_cut(SAMPLE.frame, within_benchmark=within) == largest


def test_the_gain_of_the_transformer_is_the_closed_form_of_one_exponent():
    """With equal exponents e, L_other(a N, a D) = a^-e L_other(N, D), so that the gain is s^(-2/e)."""
    law = variants.with_transformer_factor(LAW)
    names = law.design(SAMPLE.frame, REFERENCE).names
    exponent, parameter = 0.05, 3.0
    params = pd.Series(
        {
            "alpha_const": 0.6,
            "beta_const": 0.9,
            "alpha_year": 0.02,
            "beta_year": 0.01,
            "alpha_param": exponent,
            "beta_data": exponent,
            "transformer": parameter,
        }
    )
    theta = params.reindex(list(names)).fillna(0.0).to_numpy()[None]
    nothing = np.zeros(1)
    draws = resample.Draws(law, REFERENCE, names, theta, nothing, nothing, nothing == 0, nothing, "row", "converged")
    factor = 1.0 / (1.0 + np.exp(-parameter))
    np.testing.assert_allclose(transformer_gain.gains(draws, 1e25), factor ** (-2.0 / exponent), rtol=1e-9)


def test_the_numerical_search_agrees_with_the_exact_solution_of_its_question():
    draws = robustness.protocol(robustness.study("model7"))
    searched = pooled.searched_months(draws, Conditions())
    exact = allocated.numerical_doubling_time_months(draws.law, draws.reference, draws.params)
    known = np.isfinite(exact)
    assert known.sum() > 80
    near = np.isclose(searched[known], exact[known], rtol=2e-3)
    assert near.mean() >= 0.99, "only draws almost without an optimum may end elsewhere"


def test_resamples_that_follow_others_are_the_next_of_one_stream():
    rng = np.random.RandomState(0)
    stream = [rng.choice(len(SAMPLE), len(SAMPLE)) for _ in range(103)]
    again = resample.published_indices(len(SAMPLE), draws=103)
    np.testing.assert_array_equal(again, stream)
    study = robustness.study("model7")
    whole = resample.published_bootstrap(study.law, study.sample, draws=8)
    later = resample.published_bootstrap(study.law, study.sample, draws=3, skip=5)
    np.testing.assert_array_equal(later.params, whole.params[5:])


def test_breaks_do_not_tell_before_from_after():
    """As the caption of the figure says: at no cutoff does the interval of the rise leave out zero, once solved."""
    frame = robustness.breaks(LAW, SAMPLE)
    solved = frame[frame["procedure"] == "converged"]
    assert all(rise.low < 0.0 < rise.high for rise in solved["rise"])
    assert set(frame["cutoff"]) == set(robustness.CUTOFFS)


def test_held_exponents_stay_where_they_are_held():
    frame = robustness.held_exponents(tables.read("exponents"), SAMPLE)
    free = frame[frame["id"] == "free"].iloc[0]
    best = fit.converged(LAW, SAMPLE, penalty=0.0)
    np.testing.assert_allclose(free["mse_nats2"], best.mse, rtol=1e-8)
    np.testing.assert_allclose(free["point"], point_months(best), rtol=1e-6)
    assert (frame.loc[frame["floor"] == "none", "mse_nats2"] >= best.mse - 1e-12).all()
    assert (frame["unconverged"] == 0).all()
    assert (frame["floor_share"] <= 1.0 + 1e-12).all(), "an irreducible loss lies below the lowest loss observed"


def test_exponents_of_experiments_do_not_fit_with_a_floor_that_losses_allow():
    """As the chapter says: floors at their bounds, errors above that of fitted exponents, slow progress or none."""
    frame = unpacked(robustness.held_exponents(tables.read("exponents"), SAMPLE)).query("id != 'free'")
    floor, none = frame[frame["floor"] != "none"].set_index("id"), frame[frame["floor"] == "none"]
    assert (floor["floor_share"] > 0.999).all() and (floor["misfit_low"] > 1.0).all()
    assert (floor["months"] > 12.0).all() and np.isinf(none["months"]).mean() > 0.5
    assert floor[["alpha", "beta"]].sum(axis=1).idxmin() == floor["misfit"].idxmin() == "krajewski2024"
    assert floor["misfit"].idxmax() == "besiroglu2024" and floor.loc["besiroglu2024", "without_progress"] > 0.5


def test_no_middle_is_told_that_draws_do_not_determine():
    """A binomial count of 400 draws within two standard errors of a half leaves the median anywhere up to infinity."""
    frame = robustness.held_exponents(tables.read("exponents"), SAMPLE)
    shown = robustness_tables.exponents(frame).set_index("exponents of")["months, floor"]
    for row in frame[frame["floor"] != "none"].itertuples():
        low, high = stats.binom.interval(0.95, robustness.HELD_DRAWS, 0.5)
        near = low <= row.without_progress * robustness.HELD_DRAWS <= high
        assert shown[row.paper].startswith("?") == near
        assert not pd.Series([shown[row.paper]]).str.contains(r"\d{3}\.").any()
    assert shown.str.startswith("?").sum() == 1


def test_floors_out_of_bounds_in_the_check_with_a_floor_are_negative():
    """As the chapter says of R5, solved; the bounds of the library are those of the rows."""
    of = robustness.study("floor")
    design, target, _ = fit.problem(of.law, of.sample)
    lowest = of.sample.frame.groupby("benchmark")["loss_nats"].min()
    draws = robustness.converged(of)
    shares = bounded.Floors.of(design, target).shares(draws.params)
    floors = draws["gamma_const"][:, None] + np.column_stack([0.0 * draws["gamma_const"], draws["gamma_const_ptb"]])
    np.testing.assert_allclose(np.sort(shares[:, [0, 2]]), np.sort(floors / lowest[["wt103", "ptb"]].to_numpy()))
    assert shares.min() < -0.01 and shares.max() < 1.0


def test_every_check_has_a_claim_with_a_verdict(checks):
    ids = ledger.ledger().set_index("id")
    numbers = {f"R{number}" for number in range(1, 23)}
    assert set(checks["name"]) == numbers
    for number in range(1, 23):
        assert ids.index.str.startswith(f"ho.robust.r{number:02d}").any()
    missed = ids[ids.index.str.startswith("ho.robust") & (ids["arithmetic"] == "does not recompute")]
    assert (missed["note"].str.len() > 20).all()


def test_a_check_counts_by_the_worst_of_its_claims(checks):
    tally = robustness_tables.tally(checks, "arithmetic")
    assert tally.sum() == 22
    worst = checks.groupby("name")["arithmetic"].agg(set)
    assert tally["does not recompute"] == sum("does not recompute" in found for found in worst)
    assert tally["recomputes"] == sum(found <= {"recomputes", ""} for found in worst)


def test_the_printed_row_of_tokens_seen_is_that_of_diminishing_returns(checks):
    """As the chapter says: median and upper end are those of the other line, to the printed digit."""
    seen = checks.set_index("id").loc["ho.robust.r06_seen_filled.months.protocol"]
    other = checks.set_index("id").loc["ho.robust.r06_diminishing_filled.months.protocol"]
    assert round(other["protocol"].value, 1) == seen["published"].value
    assert round(other["protocol"].high, 1) == seen["published"].high
    assert abs(other["protocol"].low - seen["published"].low) < 0.11
    assert abs(seen["protocol"].value - seen["published"].value) > 5.0


def test_the_figures_draw_every_line(checks):
    months = checks[checks["unit"] == "months"]
    ax = figures.overview(months).axes[0]
    drawn = [line for line in ax.lines if line.get_marker() in ("D", "^", "o") and len(line.get_xdata()) == 1]
    assert len(drawn) == unpacked(months)[["published", "protocol", "converged"]].notna().sum().sum()
    held = robustness.held_exponents(tables.read("exponents"), SAMPLE)
    texts = [text.get_text() for text in figures.exponents(held).axes[0].texts]
    assert texts.count("∞") == sum(np.isinf(found.value) for found in held["months"])


def test_what_the_page_says(checks):
    """Few checks hold; medians lie near the headline, and no interval could have spoken against it."""
    judged = robustness_tables.tally(checks, "conclusion")
    assert judged["open"] > 0.7 * judged.sum()
    months = unpacked(checks.query("unit == 'months'").reset_index(drop=True))
    assert months["published"].dropna().between(8.4 / 2, 8.4 * 2).mean() > 0.8
    solved = months.dropna(subset=["converged_low", "converged_high"])
    assert (solved["converged_low"] < 8.4).all() and (solved["converged_high"] > 8.4).all()
