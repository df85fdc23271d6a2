"""The hierarchical model: its mean is law 7, its integrals are right, and the kept draws are of today's code."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.special import expit
from scipy.stats import multivariate_normal, norm, t

from algoprogress.data import tables
from algoprogress.data.variables import BENCHMARKS, Normalisation, regressors
from algoprogress.laws import catalogue
from book.ledger import ledger as claims
from book.studies.bayes import simulation
from book.studies.bayes import study as bayes

DEFAULT = bayes.VARIANTS[0]
CHECKS = tables.read("posterior_checks").set_index("variant")


@pytest.fixture(scope="module")
def short(sample):
    """A chain that is long enough to be near the posterior, and no longer."""
    return bayes.sample(replace(DEFAULT, accept=0.85), bayes.Rows.of(sample), chains=1, warmup=400, draws=400, seed=3)


def test_the_kept_draws_were_made_by_this_code_from_these_rows(sample):
    today = {v.name: bayes.made_by(v, bayes.Rows.of(sample, v.tokens)) for v in bayes.VARIANTS}
    stale = [name for name, digest in today.items() if CHECKS.loc[name, "made_by"] != digest]
    assert not stale, (
        f"run `python -m book.studies.bayes.study`: the kept draws of {stale} were made by other code or rows"
    )


def test_every_reported_quantity_of_every_variant_has_converged():
    assert set(CHECKS.index) == {variant.name for variant in bayes.VARIANTS}
    assert (CHECKS["r_hat"] <= 1.01).all()
    assert (CHECKS[["ess_bulk", "ess_tail"]] >= 400).all(axis=None)
    assert (CHECKS["divergences"] == 0).all()


def test_the_kept_draws_are_those_that_the_checks_are_of():
    draws, row = tables.read("posterior"), CHECKS.loc["default"]
    assert len(draws) == bayes.KEPT
    np.testing.assert_allclose(draws["rate"], draws["parameter_rate"] + draws["data_rate"], atol=1e-6)
    spread = draws["rate"].std() / np.sqrt(row["ess_tail"])
    np.testing.assert_allclose(draws["rate"].median(), row["median"], atol=4 * spread)
    np.testing.assert_allclose(
        np.quantile(draws["rate"], [0.025, 0.975]), row[["low", "high"]].astype(float), rtol=0.12
    )


def test_a_short_chain_finds_the_kept_posterior(short):
    row = CHECKS.loc["default"]
    width = row["high"] - row["low"]
    assert abs(np.median(short.flat("rate")) - row["median"]) < 0.15 * width
    assert 0.6 < np.ptp(np.quantile(short.flat("rate"), [0.025, 0.975])) / width < 1.5


def test_the_mean_is_law_7_in_other_parameters(short, sample):
    reference = Normalisation.of(sample.frame)
    design = catalogue.law("7").design(sample.frame, reference)
    centre = regressors(sample.frame, reference)[["years", "log_parameters", "log_tokens"]].mean()
    drawn = {name: short.flat(name)[17] for name in short.draws}
    share = drawn["share_centre"] + drawn["share_sd"] * drawn["share_z"]
    level = drawn["level_centre"] + drawn["level_sd"] * drawn["level_z"]
    theta = dict.fromkeys(design.names, 0.0)
    for greek, parts, size, name in (
        ("alpha", expit(share), "log_parameters", "parameter"),
        ("beta", expit(-share), "log_tokens", "data"),
    ):
        exponent, rate = drawn[f"{name}_exponent"], drawn[f"{name}_rate"]
        constants = level + np.log(parts) + exponent * (centre[size] + rate * centre["years"])
        theta[f"{greek}_{'param' if greek == 'alpha' else 'data'}"] = exponent
        theta[f"{greek}_year"] = exponent * rate
        theta[f"{greek}_const"] = constants[0]
        for benchmark in BENCHMARKS[1:]:
            theta[f"{greek}_const_{benchmark}"] = constants[BENCHMARKS.index(benchmark)] - constants[0]
    expected = design.predict(np.array([theta[name] for name in design.names]))
    np.testing.assert_allclose(drawn["mean"], expected, rtol=1e-9)


def made(errors: str, loss: np.ndarray, paper: np.ndarray) -> bayes.Posterior:
    rows = bayes.Rows(*[np.zeros(len(loss))] * 3, loss, np.zeros(len(loss), int), paper)
    mean = np.array([[np.zeros(len(loss)), np.full(len(loss), 0.1)]])
    draws = {"mean": mean, "error_sd": np.array([[0.2, 0.3]]), "paper_sd": np.array([[0.15, 0.25]])}
    draws |= {"tail": np.array([[4.0, 9.0]])} if errors == "student" else {}
    return bayes.Posterior(replace(DEFAULT, errors=errors), rows, draws, 0)


def test_the_density_of_a_paper_is_the_closed_form_under_normal_errors():
    loss, paper = np.array([0.1, 0.4, -0.2]), np.array([0, 0, 1])
    found = bayes.paper_density(made("normal", loss, paper))
    for draw, (mean, error, shared) in enumerate(((0.0, 0.2, 0.15), (0.1, 0.3, 0.25))):
        covariance = error**2 * np.eye(2) + shared**2
        pair = multivariate_normal([mean] * 2, covariance).logpdf(loss[:2])
        alone = norm(mean, np.hypot(error, shared)).logpdf(loss[2])
        np.testing.assert_allclose(found[draw], [pair, alone], rtol=1e-7)


def test_the_density_of_a_paper_is_the_integral_under_heavy_tails():
    loss, paper = np.array([0.5, 0.3]), np.array([0, 0])
    found = bayes.paper_density(made("student", loss, paper))[0, 0]

    def product(effect: float) -> float:
        return norm.pdf(effect, 0, 0.15) * t.pdf((loss - effect) / 0.2, 4.0).prod() / 0.2**2

    np.testing.assert_allclose(np.exp(found), quad(product, -2, 2, points=[0.0, 0.3])[0], rtol=1e-5)


def test_rows_are_within_their_interval_of_prediction_about_as_often_as_stated(short):
    assert 0.90 < bayes.predicted(short).mean() <= 1.0


def test_a_digest_tells_variants_and_rows_apart_but_not_words(sample):
    rows = bayes.Rows.of(sample)
    assert bayes.made_by(DEFAULT, rows) != bayes.made_by(replace(DEFAULT, papers=False), rows)
    assert bayes.made_by(DEFAULT, rows) != bayes.made_by(DEFAULT, replace(rows, loss=rows.loss + 1e-6))
    assert bayes.made_by(DEFAULT, rows) == bayes.made_by(replace(DEFAULT, words="in other words"), rows)


def test_the_library_is_loaded_only_to_sample():
    code = "import sys, book.ledger.ledger, book.studies.bayes.study; sys.exit(bool({'jax', 'arviz'} & {*sys.modules}))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_months_are_the_rates_turned_over():
    for name, found in bayes.doubling_times(tables.read("posterior_checks")).items():
        assert found.value == pytest.approx(12 * np.log(2) / CHECKS.loc[name, "median"])
        assert found.low < found.value < found.high


def test_the_chapter_says_what_the_posteriors_say():
    ledger = claims.ledger().set_index("id")
    ours, resampled = ledger.loc["ho.bayes.doubling_months"], ledger.loc["ho.model7.doubling_months.converged_papers"]
    assert resampled["low"] < ours["low"] and ours["high"] < resampled["high"], "it narrows the interval"
    months = bayes.doubling_times(tables.read("posterior_checks"))
    slow = months.pop("experiments")
    assert max(each.value for each in months.values()) < slow.low, "one assumption outweighs all"
    elpd = CHECKS["elpd"]
    assert abs(elpd["floor"] - elpd["default"]) < 1.0, "nearly the same with an irreducible loss"
    held = simulation.coverage(tables.read("simulation")).set_index(["data", "procedure"])
    assert (held.loc[("seen", "neutral"), "too_fast"] > 0.95).all(), "too fast on nearly every sample"
    least = held["coverage"].map(lambda found: found.value)
    assert least.idxmin() == ("seen", "neutral")
    behind, error = CHECKS.loc["experiments", ["elpd_behind", "elpd_behind_se"]]
    assert 0.0 < behind < 1.96 * error < 0.5 * 1.96 * CHECKS.loc["experiments", "elpd_se"], "they lean against it"
    assert behind == pytest.approx(elpd["default"] - elpd["experiments"], abs=0.5)
    assert 1.2 < ours["estimate"] / resampled["estimate"] < 1.5, "slower by a third"


def test_papers_in_common_cancel_in_a_difference_of_log_densities():
    """As arviz.compare has it: hard papers are hard for both, so totals vary more than their difference."""
    rng = np.random.default_rng(0)
    hard = rng.normal(0.0, 3.0, 200)
    first, other = (hard + rng.normal(mean, 0.2, 200) for mean in (0.1, 0.0))
    apart, error = bayes.behind(first, other)
    assert apart == pytest.approx((first - other).sum())
    assert error == pytest.approx(np.sqrt(200 * np.var(first - other))) and error < 0.2 * np.sqrt(200 * np.var(first))
