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
from algoprogress.engine import root
from algoprogress.laws import catalogue
from book.ledger import ledger as claims
from book.studies.bayes import answer, paces, simulation, stacked
from book.studies.bayes import study as bayes

DEFAULT = bayes.VARIANTS[0]
CHECKS = tables.read("posterior_checks").set_index("variant")


@pytest.fixture(scope="module")
def short(sample):
    """A chain that is long enough to be near the posterior, and no longer."""
    size = {"chains": simulation.CHAINS, "warmup": simulation.WARMUP, "draws": simulation.KEPT}  # compiled once
    return bayes.sample(replace(DEFAULT, accept=simulation.ACCEPT), bayes.Rows.of(sample), **size, seed=3)


def test_the_kept_draws_were_made_by_this_code_from_these_rows(sample):
    today = {v.name: bayes.made_by(v, v.rows(sample)) for v in bayes.VARIANTS}
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


@pytest.mark.parametrize("name", paces.TRUTHS)
def test_a_line_of_the_paces_comes_back(sample, name):
    real, table = paces.truth(sample, paces.TRUTHS[name]), tables.read("pace_truths").query("truth == @name")
    for kept in table[table["sample"] == 2].to_dict("records"):
        if kept["procedure"] == "Bayes" and name != "slow":
            continue  # one chain is enough to run again
        again, exact = paces.read(real, name, kept["procedure"], 1), kept["procedure"] != "Bayes"
        # Another last bit of the truth makes another chain, whose ends are as far off as some hundred draws say.
        apart = {"rtol": 0.02, "atol": 1e-6} if exact else {"rtol": 0.0, "atol": 0.2 * (kept["high"] - kept["low"])}
        np.testing.assert_allclose(again["true_rate"], kept["true_rate"], rtol=1e-6)
        for end in ("low", "median", "high"):
            np.testing.assert_allclose(again[end], kept[end], **apart)
    counts = table["procedure"].value_counts().to_dict()
    assert counts == {each: paces.TRUTHS[name].samples(each) for each in paces.PROCEDURES}


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


def traced(variant: bayes.Variant, rows: bayes.Rows, seed: int) -> dict:
    """What the model draws from its prior."""
    from numpyro import handlers

    from book.studies.bayes import model

    made = handlers.trace(handlers.seed(model.model, seed)).get_trace(
        **vars(rows), variant=variant, papers=int(rows.paper.max()) + 1
    )
    return {name: np.asarray(site["value"]) for name, site in made.items()}


def test_no_floor_is_above_a_loss_that_was_observed(sample):
    """A loss that was reached is not irreducible: by the model whatever it draws, and in all draws that were made."""
    rows = bayes.Rows.of(sample)
    lowest = np.array([rows.loss[rows.benchmark == number].min() for number in range(len(BENCHMARKS))])
    for variant in bayes.VARIANTS:
        assert (CHECKS.loc[variant.name, "floor_highest"] > 0.0) == variant.floor
        assert CHECKS.loc[variant.name, "floor_highest"] < 1.0
        if variant.floor:
            assert all((traced(variant, rows, seed)["floor"] < lowest).all() for seed in range(20))


def test_errors_in_parameters_and_data_widen_those_of_the_loss_by_its_slopes(sample):
    variant = next(each for each in bayes.VARIANTS if any(each.measured))
    rows, step = bayes.Rows.of(sample, measured=variant.measured), 1e-5
    drawn = traced(variant, rows, 1)
    moved = [
        traced(variant, replace(rows, **{name: getattr(rows, name) + step}), 1)["mean"]
        for name in ("parameters", "tokens")
    ]
    slopes = (np.array(moved) - drawn["mean"]) / step
    variance = drawn["error_sd"] ** 2 + np.einsum("ir,ij,jr->r", slopes, rows.spread, slopes)
    np.testing.assert_allclose(drawn["scale"], np.sqrt(variance), rtol=1e-4)


def test_calibrated_regressors_give_back_the_slopes_that_errors_flatten():
    rng = np.random.default_rng(0)
    years, benchmark = rng.normal(size=20_000), rng.integers(0, 3, 20_000)
    true = np.stack([0.5 * years + rng.normal(0.0, 1.0, 20_000), benchmark + rng.normal(0.0, 1.5, 20_000)])
    errors = (0.6, 0.9)
    seen = true + rng.normal(size=true.shape) * np.array(errors)[:, None]
    loss = -2.0 * true[0] - 3.0 * true[1] + years + benchmark

    def slopes(regressors: np.ndarray) -> np.ndarray:
        return np.linalg.lstsq(np.column_stack([*regressors, years, np.eye(3)[benchmark]]), loss)[0][:2]

    expected, spread = bayes.calibrated(seen, years, benchmark, errors)
    np.testing.assert_allclose(slopes(expected), [-2.0, -3.0], rtol=0.04)
    assert (slopes(seen) > [-1.6, -2.4]).all()
    np.testing.assert_allclose(np.cov(true - expected), spread, atol=0.02)


def test_a_scale_by_row_enters_the_density_of_a_paper():
    loss, paper = np.array([0.1, 0.4, -0.2]), np.array([0, 0, 1])
    found = made("normal", loss, paper)
    scale = np.array([[0.2, 0.5, 0.3], [0.25, 0.4, 0.2]])
    found = replace(found, draws={**found.draws, "scale": scale[None]})
    covariance = np.diag(scale[1, :2] ** 2) + 0.25**2
    pair = multivariate_normal([0.1, 0.1], covariance).logpdf(loss[:2])
    np.testing.assert_allclose(bayes.paper_density(found)[1, 0], pair, rtol=1e-6)


def test_a_posterior_sees_neither_units_nor_the_first_year(sample):
    moved = replace(
        sample,
        frame=sample.frame.assign(
            parameters=sample.frame["parameters"] / 1e6,
            dataset_tokens=sample.frame["dataset_tokens"] / 1e6,
            years_decimal=sample.frame["years_decimal"] - 2000.0,
        ),
    )
    for name, values in vars(bayes.Rows.of(moved)).items():
        np.testing.assert_allclose(values, vars(bayes.Rows.of(sample))[name], atol=1e-9)


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
    found = ledger.filter(like="ho.bayes.", axis=0)["estimate"]
    assert abs(found["ho.bayes.floor.doubling_months"] / ours["estimate"] - 1.0) < 0.2, "a floor hardly moves it"
    log_density = ledger.filter(regex=r"^ho\.bayes\..*\.log_density", axis=0)
    for name in ("floor", "stacked", "experiments", "no_papers"):
        row = log_density.loc[f"ho.bayes.{name}.log_density"]
        assert row["low"] < 0.0 < row["high"], "not to be told from chance"
    assert found["ho.bayes.experiments.misfit"] > 1.05 * found["ho.bayes.default.misfit"], "a worse fit"
    assert found["ho.bayes.experiments.weight"] == found.filter(like=".weight").max() < 0.5, "nearly half"
    assert found["ho.bayes.experiments.weight"] > 0.4 and found["ho.bayes.default.weight"] < 0.05
    assert found["ho.bayes.stacked.doubling_months"] > 1.2 * ours["estimate"], "slower"
    weights = found.filter(like=".weight").rename(lambda id: id.split(".")[2])
    slow = tables.read("posterior").filter(like="rate").rename(columns=lambda name: name[5:] or "default")
    parts = weights * (slow < 12.0 * np.log(2.0) / 24.0).mean()[weights.index]
    assert found["ho.bayes.stacked.slower_than_24"] == pytest.approx(parts.sum(), abs=2e-3)
    assert parts["experiments"] > 0.95 * parts.sum(), "nearly all from the exponents of experiments"
    assert parts.sum() > 20 * ledger.loc["ho.bayes.slower_than_24", "estimate"], "more rests on the choice of model"
    assert found["ho.bayes.experiments.irreducible"] > 0.9 * 1.9685 > found["ho.bayes.floor.irreducible"]
    assert found.filter(like=".weight").sum() == pytest.approx(1.0)
    held = simulation.coverage(tables.read("simulation")).set_index(["data", "procedure"])
    assert (held.loc[("seen", "neutral"), "too_fast"] > 0.95).all(), "too fast on nearly every sample"
    least = held["coverage"].map(lambda found: found.value)
    assert least.idxmin() == ("seen", "neutral")
    judged = answer.judged().set_index("name")
    assert not judged.loc[["published", "converged", "neutral"], "invariant"].any(), "the penalty makes them fail"
    assert judged.loc["likelihood", "leads"] and judged.loc["posterior", "samples"] < answer.ENOUGH


def test_an_end_is_known_as_well_as_as_many_independent_draws_tell():
    """Half of the 95% range of that quantile over made-up samples of so many draws of a like tail is the error."""
    rng, row = np.random.default_rng(2), CHECKS.loc["default"]
    found, months = bayes.doubling_times(tables.read("posterior_checks")), tables.read("posterior")["rate"]
    again = [np.quantile(rng.choice(months, int(row["ess_tail"])), 0.025) for _ in range(2_000)]
    said = np.ptp(np.log(np.take(found["default"].limits, [3, 5])))
    assert said == pytest.approx(np.ptp(np.log(np.quantile(again, [0.025, 0.975]))), rel=0.25)
    loose = {name for name, each in found.items() if each.undetermined}
    assert loose == {"reviewed"}, "its chains have the least effective draws; the pages say 'above'"
    for each in found.values():
        assert list(each.limits) == sorted(each.limits) and each.limits[1] <= each.value <= each.limits[4]


def test_papers_in_common_cancel_in_a_difference_of_log_densities():
    """As arviz.compare has it: hard papers are hard for both, so totals vary more than their difference."""
    rng = np.random.default_rng(0)
    hard = rng.normal(0.0, 3.0, 200)
    first, other = (hard + rng.normal(mean, 0.2, 200) for mean in (0.1, 0.0))
    apart, error = stacked.behind(first, other)
    assert apart == pytest.approx((first - other).sum())
    assert error == pytest.approx(np.sqrt(200 * np.var(first - other))) and error < 0.2 * np.sqrt(200 * np.var(first))


def test_stacked_weights_are_the_best_that_there_are():
    """At the optimum no model with a weight predicts better than the mixture, and none without one (Kuhn-Tucker)."""
    rng = np.random.default_rng(1)
    outcome = np.where(rng.random(4_000) < 0.3, rng.normal(-1.0, 1.0, 4_000), rng.normal(2.0, 1.0, 4_000))
    density = np.column_stack([norm.logpdf(outcome, middle) for middle in (-1.0, 2.0, 6.0)])
    weights = stacked.stacking(density)
    np.testing.assert_allclose(weights, [0.3, 0.7, 0.0], atol=0.03)
    gain = (np.exp(density) / (np.exp(density) @ weights)[:, None]).mean(axis=0)
    np.testing.assert_allclose(gain[weights > 0], 1.0, atol=1e-4)
    assert (gain <= 1.0 + 1e-4).all()


def test_a_stacked_mixture_is_scored_on_papers_that_its_weights_have_not_seen():
    density = tables.read("posterior_papers").drop(columns=["paper_id", "squared"]).to_numpy()[:40]
    seen = np.log(np.exp(density) @ stacked.stacking(density))
    assert stacked.blended(density).sum() < seen.sum()
    without = stacked.stacking(density[1:])
    assert stacked.blended(density)[0] == pytest.approx(np.log(np.exp(density[0]) @ without))


def test_papers_and_checks_are_of_the_same_posteriors(sample):
    papers = tables.read("posterior_papers").set_index("paper_id")
    assert list(papers.index) == sorted(sample.frame["paper_id"].unique())
    assert set(papers.columns) == {*stacked.COMPARED, "squared"}, "of other rows, papers left out do not compare"
    np.testing.assert_allclose(papers[stacked.COMPARED].sum(), CHECKS.loc[stacked.COMPARED, "elpd"], rtol=1e-6)
    assert np.sqrt(papers["squared"].sum() / len(sample)) == pytest.approx(CHECKS.loc["default", "held_out"], rel=1e-6)
    rates = tables.read("posterior")
    for name in CHECKS.index.drop("default"):
        assert abs(rates[f"rate_{name}"].median() - CHECKS.loc[name, "median"]) < 0.03


def test_one_reading_leads_and_it_is_the_answer():
    judged = answer.judged().set_index("name")
    assert judged["leads"].sum() == 1
    passed = judged.loc[judged[list(answer.CRITERIA)].all(axis=1), "months"]
    assert judged["leads"].idxmax() == passed.map(lambda months: months.high / months.low).idxmin()
    ledger = claims.ledger().set_index("id")
    found, months = ledger.loc["book.answer.doubling_months"], answer.months(answer.leading())
    assert (found["estimate"], found["low"], found["high"]) == (months.value, months.low, months.high)
    chances = [ledger.loc[f"book.answer.slower_than_{each}", "estimate"] for each in (12, 18, 24, 36)]
    assert sorted(chances, reverse=True) == chances
    assert 12.0 < months.high < 24.0 and chances[2] < 0.025 < chances[1], "as the interval says"
    free = ledger.loc["ho.likelihood.falling.doubling_months"]
    assert np.isinf(free["high"]) and free["low"] < months.low, "the rows alone leave it open"
    ours, posterior = (ledger.loc[id] for id in ("ho.likelihood.doubling_months", "ho.bayes.doubling_months"))
    assert ours["low"] < posterior["low"] and posterior["high"] < ours["high"], "priors narrow it"
    assert posterior["low"] < ours["estimate"] < posterior["high"], "little"


@pytest.mark.parametrize("page", ["index", "how_fast", "outlook", "literature", "explorer", "own_data", "bayes"])
def test_the_answer_is_shown_wherever_a_doubling_time_is(page):
    path = root() / (f"{page}.md" if page == "index" else f"chapters/{page}.md")
    text = path.read_text(encoding="utf-8")
    assert "book.answer.doubling_months.estimate" in text and "book's answer" in text.lower()
