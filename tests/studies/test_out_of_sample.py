"""Later runs: falls and slopes are computed right, and the chapter says what they say."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from algoprogress.data import tables
from algoprogress.fits import fit
from algoprogress.laws import catalogue
from book.studies.out_of_sample import study as out_of_sample


@pytest.fixture(scope="module")
def compared(sample):
    return out_of_sample.compared(sample).set_index(["runs", "study", "quantity", "reading"])["estimate"].sort_index()


def simulated(loss) -> out_of_sample.Study:
    """A ladder whose losses are a function of parameters and tokens."""
    sizes = [(size, ratio * size) for size in np.geomspace(1e8, 1e10, 5) for ratio in (10.0, 20.0, 100.0)]
    runs = pd.DataFrame(sizes, columns=["parameters", "tokens"])
    runs = runs.assign(run=[f"run {number}" for number in range(len(runs))])
    runs["loss"] = loss(runs["parameters"], runs["tokens"])
    return out_of_sample.Study("simulated", "wt103", 2024.5, runs, "run 0", "run 14")


def test_slopes_of_a_power_law_are_its_exponents_whatever_the_tokens_per_word():
    study = simulated(lambda n, d: 7.0 * n**-0.06 * d**-0.04)
    losses = study.runs["loss"].to_numpy()
    np.testing.assert_allclose(
        out_of_sample.elasticities(np.stack([losses, 1.2 * losses]), study), [[-0.06, -0.04]] * 2
    )
    expected = 1.0 - 100.0**-0.06 * 1000.0**-0.04
    np.testing.assert_allclose(out_of_sample.relative_fall(np.stack([losses, 1.2 * losses]), study), [expected] * 2)


def test_a_law_with_a_floor_is_found_again():
    study = simulated(lambda n, d: 1.7 + 400.0 * n**-0.34 + 410.0 * d**-0.28)
    found = out_of_sample.with_floor(study)
    np.testing.assert_allclose(found[["floor", "alpha", "beta"]], [1.7, 0.34, 0.28], rtol=1e-4)
    assert found.error < 1e-7


def test_floors_of_runs_lie_above_zero_and_below_their_lowest_loss():
    for study in out_of_sample.studies():
        assert 0.0 < out_of_sample.with_floor(study).floor < study.runs["loss"].min()


def test_an_unknown_run_is_an_error():
    study = simulated(lambda n, d: n**-0.1)
    with pytest.raises(KeyError, match="x"):
        study.at("x", study.runs["loss"].to_numpy())


def test_the_observed_falls_are_the_arithmetic_of_two_cells(compared):
    loss = tables.read("olmo_ladder").set_index("run")["loss_wt103"]
    expected = 1.0 - loss["peteish13_eval_final"] / loss["190M-1xC"]
    assert compared["all", "OLMo 2 ladder", "fall", "observed"].value == pytest.approx(expected, rel=1e-12)


def test_the_predicted_fall_is_the_law_written_out(compared, sample):
    found = fit.converged(catalogue.law("7"), sample)
    theta, at, runs = found.params, found.reference, tables.read("olmo_ladder").set_index("run")

    def loss(run: str) -> float:
        years = 2024.9 - at.year
        n, d = np.log(runs.loc[run, "parameters"] / at.parameters), np.log(runs.loc[run, "tokens"] / at.tokens)
        capacity = np.exp(theta["alpha_const"] - theta["alpha_year"] * years - theta["alpha_param"] * n)
        return capacity + np.exp(theta["beta_const"] - theta["beta_year"] * years - theta["beta_data"] * d)

    expected = 1.0 - loss("peteish13_eval_final") / loss("190M-1xC")
    assert compared["all", "OLMo 2 ladder", "fall", "law 7, converged"].value == pytest.approx(expected, rel=1e-9)


def test_the_small_and_the_large_run_of_every_study_are_its_ends():
    for study in out_of_sample.studies():
        runs = study.runs.set_index("run")["parameters"]
        assert runs[study.small] == runs.min() and runs[study.large] == runs.max()
        assert study.runs["parameters"].min() > out_of_sample.SMALLEST


def test_reruns_differ_by_little():
    assert 0.0 < out_of_sample.run_noise(out_of_sample.ladder()) < 0.005
    assert np.isnan(out_of_sample.run_noise(out_of_sample.gadre("rpj")))


def test_runs_within_the_range_of_the_rows_are_those_that_a_count_by_hand_keeps(sample):
    runs = out_of_sample.within(out_of_sample.ladder(), sample)
    assert runs.large == "3B-5xC" and runs.small == "190M-1xC"
    rows = sample.frame.query("benchmark == 'wt103'")
    most = max(n / size for n, size in zip(rows["dataset_tokens"], rows["parameters"], strict=True))
    assert out_of_sample.most_tokens(out_of_sample.ladder(), sample) == most == pytest.approx(4.64e10 / 3.55e8)
    kept = out_of_sample.ladder().runs.query("tokens / parameters <= @most")["run"]
    assert list(kept) == list(runs.runs["run"]) and not kept.str.contains("10xC|peteish").any()


def test_losses_per_word_are_losses_per_token_times_tokens_over_words(sample):
    told = out_of_sample.per_word(sample).set_index("end")
    loss = tables.read("olmo_ladder").set_index("run")["loss_wt103"]
    observed = told["observed"]["large"]
    counts = (244_041 / 217_646, 253_103 / 217_646)  # detokenised by GPT-NeoX, raw by cl100k_base
    np.testing.assert_allclose([observed.low, observed.high], [loss["peteish13_eval_final"] * each for each in counts])
    found = fit.converged(catalogue.law("7"), sample)
    frame = out_of_sample.ladder().frame().iloc[[loss.index.get_loc(run) for run in told["run"]]]
    np.testing.assert_allclose([each.value for each in told["predicted"]], found.predict(frame))


def test_the_chapter_says_what_the_comparison_says(compared):
    apart, gaps = [], []
    for study in out_of_sample.studies():
        part, kept = compared["all", study.name], compared["within", study.name]
        assert kept["data", "observed"].high < kept["data", "law 7, converged"].low
        assert kept["parameters", "observed"].contains(kept["parameters", "law 7, converged"].value)
        for reading in ("law 7, converged", "law 18, converged"):
            assert part["fall", reading].high < part["fall", "observed"].value
        size, seen = part["parameters", "law 7, converged"], part["parameters", "observed"]
        assert size.low < seen.high and seen.low < size.high, "the intervals in parameters overlap"
        apart.append(part["data", "observed"].high < part["data", "law 7, converged"].low)
        gaps.append(size.value - seen.value)
    assert apart == [True, False, True, True]
    assert gaps[0] < 0.01 and min(gaps[1:]) > 0.025, "nearly right about size on the ladder, too little on the others"
    level, counted = (
        compared["all", "OLMo 2 ladder"].xs("law 7, converged", level="reading"),
        out_of_sample.tokens_per_word(),
    )
    assert level["per_word_small"].high < counted.low
    assert level["per_word_large"].low < counted.low and counted.high < level["per_word_large"].high
    part = compared["within", "OLMo 2 ladder", "fall"]
    assert part["law 7, converged"].high < part["observed"].value
