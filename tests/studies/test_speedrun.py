"""The living benchmark: parts that add up, rates that return from made-up records, what the page says in words."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm

from book.studies.growth import trend
from book.studies.speedrun import study as speedrun


def test_the_rate_of_the_time_is_the_sum_of_its_parts():
    frame = speedrun.records().dropna(subset="tokens")
    rates = {part: trend.slopes(speedrun.falling(frame, part)).rates[0] for part in speedrun.PARTS}
    assert rates["minutes"] == pytest.approx(rates["tokens"] + rates["minutes_per_token"])


def test_rates_agree_with_statsmodels():
    frame = speedrun.falling(speedrun.records(), "minutes")
    fit = sm.OLS(frame["log_compute"], sm.add_constant(frame["years_decimal"])).fit()
    line = speedrun.halving().query("part == 'minutes' and first == 1 and bends == 0").iloc[0]
    assert line["months"].value == pytest.approx(12 * np.log(2) / fit.params["years_decimal"])
    assert line["months"].low < line["months"].value < line["months"].high


def test_a_known_halving_time_with_a_bend_comes_back():
    rng = np.random.default_rng(3)
    years = np.sort(rng.uniform(2020.0, 2024.0, 120))
    falls = np.log(2) * 12 * (np.minimum(years, 2022.0) - 2020.0) / 3.0 + np.log(2) * np.maximum(years - 2022.0, 0.0)
    made = pd.DataFrame({"years_decimal": years, "minutes": 100.0 * np.exp(-falls + rng.normal(0, 0.02, 120))})
    frame = speedrun.falling(made, "minutes")
    bend = trend.bend.__wrapped__(frame, draws=200)
    rates = trend.slopes(frame, breaks=(bend.date.value,)).rates
    assert abs(bend.date.value - 2022.0) < 0.1 and bend.p_value < 0.02
    np.testing.assert_allclose(12 * np.log(2) / rates, [3.0, 12.0], rtol=0.05)


def test_a_loss_between_two_logged_ones_is_read_on_their_line():
    frame = speedrun.at_losses()
    first = frame[(frame["record"] == 4) & (frame["loss_nats"] == 4.0)].iloc[0]
    curve = speedrun.tables.read("speedrun_curves").query("record == 4").sort_values("step")
    steps = np.interp(-4.0, -curve["loss_nats"].to_numpy(), curve["step"].to_numpy())
    assert first["tokens"] == pytest.approx(steps * 524_288)
    ordered = frame.pivot_table(index="record", columns="loss_nats", values="minutes").dropna()
    assert (ordered[3.28] > ordered[3.4]).all() and (ordered[3.6] > ordered[4.0]).all()


def test_what_the_page_says():
    """Tokens fell fast, then slowly; all but one of the large steps came early; higher losses fall slower."""
    tokens = speedrun.halving().query("part == 'tokens' and first == 1 and bends == 1")
    before, after = tokens["months"]
    assert before.high < after.low and tokens["p_value"].iloc[0] < 0.05
    largest = speedrun.records().nlargest(8, "gain_tokens")
    assert (largest["publication_date"] > pd.Timestamp("2025-01-01")).sum() == 1
    months = speedrun.halving_at_losses().set_index(["part", "loss_nats"])["months"]
    assert all(months[part, 4.0].value > months[part, 3.28].value for part in ("minutes", "tokens"))
    assert speedrun.total("minutes") > speedrun.total("tokens") > speedrun.total("minutes_per_token")
