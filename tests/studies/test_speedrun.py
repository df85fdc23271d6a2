"""The living benchmark: parts that add up, rates that return from made-up records, what the page says in words."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm

from book.studies.speedrun import study as speedrun


def test_the_rate_of_the_time_is_the_sum_of_its_parts():
    frame = speedrun.records().dropna(subset="tokens")
    rates = {part: speedrun.rates(speedrun.steps(frame, part)) for part in speedrun.PARTS}
    np.testing.assert_allclose(rates["minutes"], rates["tokens"] + rates["minutes_per_token"], atol=1e-12)
    assert rates["tokens"][0] * np.ptp(frame["years_decimal"]) == pytest.approx(np.log(speedrun.total("tokens")))


def test_the_published_line_is_that_of_statsmodels():
    frame = speedrun.records()
    fit = sm.OLS(np.log(frame["minutes"]), sm.add_constant(frame["years_decimal"])).fit()
    expected = -12 * np.log(2) / fit.params["years_decimal"]
    assert speedrun.by_least_squares(frame, "minutes") == pytest.approx(expected)


def test_steps_are_independent_where_residuals_of_a_line_are_not():
    frame = speedrun.records()
    walk = speedrun.steps(frame, "minutes")
    excess = walk["fall"] - speedrun.rates(walk)[0] * walk["years"]
    left = sm.OLS(np.log(frame["minutes"]), sm.add_constant(frame["years_decimal"])).fit().resid
    assert abs(excess.autocorr()) < 2 / np.sqrt(len(walk)) and left.autocorr() > 0.9


def made(rng, count=80, rate=1.5, after=None) -> pd.DataFrame:
    """Return a race whose records fall at a yearly rate, from half way on at another one."""
    years = rng.exponential(0.02, count)
    size = np.where(np.arange(count) < count / 2, rate, rate if after is None else after)
    falls = rng.exponential(size * 0.02)
    dates = 2024.0 + np.r_[0.0, years.cumsum()]
    return pd.DataFrame({"years_decimal": dates, "minutes": 45.0 * np.exp(-np.r_[0.0, falls.cumsum()])})


def test_simulated_races_are_covered_and_bend_no_more_often_than_said():
    rng = np.random.default_rng(3)
    walks = [speedrun.steps(made(rng), "minutes") for _ in range(60)]
    truth = 12 * np.log(2) / 1.5
    assert np.mean([speedrun.halving_time(walk).contains(truth) for walk in walks]) > 0.85
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(speedrun, "SHUFFLES", 199)
        assert np.mean([speedrun.bend(walk)[1] < 0.1 for walk in walks]) < 0.2


def test_a_known_bend_comes_back():
    race = made(np.random.default_rng(4), count=200, rate=6.0, after=1.0)
    date, p_value = speedrun.bend(speedrun.steps(race, "minutes"))
    assert abs(date - race["years_decimal"][100]) < 0.2 and p_value < 0.01


def test_a_loss_between_two_logged_ones_is_read_on_their_line():
    frame = speedrun.at_losses()
    first = frame[(frame["record"] == 4) & (frame["loss_nats"] == 4.0)].iloc[0]
    curve = speedrun.tables.read("speedrun_curves").query("record == 4").sort_values("step")
    steps = np.interp(-4.0, -curve["loss_nats"].to_numpy(), curve["step"].to_numpy())
    assert first["tokens"] == pytest.approx(steps * 524_288)
    ordered = frame.pivot_table(index="record", columns="loss_nats", values="minutes").dropna()
    assert (ordered[3.28] > ordered[3.4]).all() and (ordered[3.6] > ordered[4.0]).all()


def test_what_the_page_says():
    """Tokens fell fast, then slowly, first records or not; all but one of the large steps came early."""
    halving = speedrun.halving().query("part == 'tokens' and bends == 1")
    for _, lines in halving.groupby("first"):
        before, after = lines["months"]
        assert before.high < after.low and lines["p_value"].iloc[0] < 0.05
    assert speedrun.halving().iloc[0]["months"].high < 8.44, "faster than the headline of Ho et al."
    largest = speedrun.records().nlargest(8, "gain_tokens")
    assert (largest["publication_date"] > pd.Timestamp("2025-01-01")).sum() == 1
    months = speedrun.halving_at_losses().set_index(["part", "loss_nats"])["months"]
    assert all(months[part, 4.0].value > months[part, 3.28].value for part in ("minutes", "tokens"))
    assert speedrun.total("minutes") > speedrun.total("tokens") > speedrun.total("minutes_per_token")


def test_flop_parts_multiply_to_the_time_and_labels_share_all_of_it():
    totals = speedrun.flop_parts().set_index("part")["total"]
    assert totals["tokens"] * totals["flop_per_token"] == pytest.approx(totals["training_flop"])
    assert totals["training_flop"] * totals["minutes_per_flop"] == pytest.approx(totals["minutes"])
    shares = speedrun.by_innovation()
    assert shares[["training_flop", "minutes"]].sum().tolist() == pytest.approx([1.0, 1.0])
    assert shares["records"].sum() == len(speedrun.flop()) - 1


def test_flop_are_six_per_parameter_and_token_and_tokens_those_of_the_logs():
    frame = speedrun.flop()
    made = 6.0 * frame["parameters_counted"] * frame["tokens"]
    np.testing.assert_allclose(frame["training_flop"], made, rtol=2e-3)
    assert speedrun.apart().abs().median() < 0.02 and speedrun.apart().abs().max() < 0.15


def test_the_published_yearly_factor_is_the_race_over_seven_years():
    assert speedrun.spread("tokens", 7.0) == pytest.approx(speedrun.flop()["tokens"].iloc[0] / 390.6e6)
    assert speedrun.flop()["publication_date"].min() > pd.Timestamp("2024-01-01"), "no record is of 2019 to 2023"
    assert speedrun.spread("training_flop", 1.0) > speedrun.spread("tokens", 1.0)


def test_the_larger_race_is_one_of_its_own_and_its_tokens_those_of_its_logs():
    """By hand: log of first over last, over the years between; logged steps times the constant batch."""
    medium, small = speedrun.flop("medium"), speedrun.flop("same time")
    ends = medium.iloc[[0, -1]]
    years = np.ptp(ends["years_decimal"])
    by_hand = (ends["tokens"].iloc[0] / ends["tokens"].iloc[1]) ** (1.0 / years)
    assert speedrun.yearly("medium", "tokens").value == pytest.approx(by_hand)
    logged = {2: 7500, 3: 7150, 4: 7050, 8: 5960, 12: 5640, 16: 5535}
    known = medium.set_index("record")["tokens"]
    assert all(known[record] == pytest.approx(steps * 524_288, rel=1e-4) for record, steps in logged.items())
    assert small["publication_date"].between(*ends["publication_date"]).all()
    assert set(small["record"]) < set(speedrun.flop()["record"]) and medium["parameters_counted"].min() > 2e8
    both = [speedrun.yearly(track, "tokens") for track in ("medium", "same time")]
    assert both[0].low < both[1].high and both[1].low < both[0].high, "no pace that differs by size"
    assert all(each.high < speedrun.yearly("small", "tokens").value for each in both)
