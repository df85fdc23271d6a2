"""Pairs of 2022 to 2026: one count of FLOP, two routes to a known gain, marks that follow a pair, law of experts."""

from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd
import pytest

from algoprogress.data.tables import read
from algoprogress.engine import cache, parallel
from algoprogress.show.estimate import unpacked
from book.studies.compute_optimal import study as pairs
from book.studies.compute_optimal.pairs import COLUMNS
from book.studies.recent import counting, figures, routing, shapes, study
from book.studies.recent.pairs import BETWEEN, NAMED, PAIRED, PAIRS, SIZE, Setting

SLOPE = 0.06  # of ln loss in ln compute of made-up runs


def ladder(gain: float, noise: float = 0.0, seed: int = 0) -> pd.DataFrame:
    """Return five sizes at three budgets about their best, all of whose compute does a gain times as much."""
    rng, rows = np.random.default_rng(seed), []
    for best in np.geomspace(1e18, 1e20, 5):
        for flop in best * np.array([0.8, 1.0, 1.25]):
            log_loss = -SLOPE * np.log(gain * flop / 1e18) + 0.01 * np.log(gain * flop / best) ** 2
            rows.append((flop, 3.0 * np.exp(log_loss + rng.normal(0.0, noise)), best / 1e10))
    frame = pd.DataFrame(rows, columns=["training_compute_flop", "loss_nats", "parameters"])
    names = [f"{place}" for place in range(len(frame))]
    return frame.assign(run=names, group=names, budget=np.nan, tokens=np.nan)[COLUMNS]


def made(gain: float, route: str, **options) -> object:
    both = lambda: (ladder(1.0, 1e-4), ladder(gain, 1e-4, 1))  # noqa: E731
    if route == PAIRED:  # one budget a size
        both = lambda: tuple(ladder(each).iloc[1::3].reset_index(drop=True) for each in (1.0, gain))  # noqa: E731
    options = {"name": f"made {gain} {route}", "frames": both, "counted": None, "draws": 40} | options
    return dataclasses.replace(NAMED["optimiser_muon"], route=route, **options)


@pytest.mark.parametrize(("route", "gain"), [(BETWEEN, 1.6), (PAIRED, 1.05), (SIZE, 1.1)])
def test_a_known_gain_comes_back_by_both_routes(route, gain):
    with cache.elsewhere(), parallel.in_series():
        pair = made(gain, route)
        assert study.second(pair).value == pytest.approx(gain, rel=0.05)
        assert pairs.mean_gain(pair).value == pytest.approx(gain, rel=0.05)


def test_both_routes_agree_on_every_pair_and_there_are_more_than_eight():
    assert len(PAIRS) >= 8
    assert all(study.agree(pair) for pair in PAIRS)
    for pair in PAIRS:
        assert 0.5 < study.second(pair).value < 20.0 and len(study.by_run(pair)) >= 3, pair.name


@pytest.mark.parametrize("setting", Setting._fields)
def test_no_pair_stands_on_a_mismatch_without_a_mark(setting, monkeypatch):
    """Whatever the two sides do not share shows in the figure, in both tables and in the download."""
    monkeypatch.setattr(study, "as_counted", lambda pair: pairs.mean_gain(pair))
    with cache.elsewhere(), parallel.in_series():
        one = NAMED["optimiser_muon"].settings[0]
        pair = made(1.6, BETWEEN, settings=(one, one._replace(**{setting: "another"})))
        assert pair.marks == setting
        frame = figures.gains([pair])
        assert unpacked(frame)["marks"].tolist() == [setting]  # what `picture.show` writes
        assert setting in figures.measured([pair])["differs too"].iloc[0]
        assert setting in figures.summary(frame)["differs too"].iloc[0]
        drawn = [text.get_text() for axes in figures.forest(frame).axes for text in axes.get_yticklabels()]
        assert any(f"(other {setting})" in text for text in drawn)
        assert not made(1.6, BETWEEN, settings=(one, one)).marks


def test_marks_and_settings_are_those_of_the_sources():
    """Words follow from parameters and tokens where the tables tell; where counts differ, that gain says it."""
    dense = read("isoflop_runs")
    words = (dense["parameters"] - 16.0 * dense["layers"] * dense["width"] ** 2) / (2.0 * dense["width"])
    np.testing.assert_allclose(words, counting.VOCABULARY, rtol=5e-3)
    grown = read("shape_runs").query("width == 256 and schedule == 'constant'").drop_duplicates("depth")
    layer, rest = np.polyfit(grown["depth"], grown["parameters"], 1)
    assert rest / (2 * 256) == pytest.approx(counting.GEMSTONES[1], rel=0.05) and layer > 0
    steps = read("shape_runs").query("schedule == 'constant'")
    assert set((steps["tokens"] / steps["step"]).round()) == {2048.0**2}
    apart = {pair.name for pair in PAIRS if "FLOP" in pair.marks_as_counted}
    assert apart == {"dense_april", "dense_may", "dense_august"}
    assert NAMED["dense_august"].marks == "context, text, reading"
    assert all("text" in pair.marks for pair in PAIRS if pair.kind == "data")


def test_keys_are_those_of_a_causal_mask():
    context, window = 64, 24
    mask = [[0 <= here - there < window for there in range(context)] for here in range(context)]
    assert counting.keys(window, context) == pytest.approx(np.sum(mask) / context)


def test_the_laboratorys_counts_return_from_shapes_and_the_rule_adds_what_they_leave_out():
    frame = read("isoflop_runs")
    width, layers, heads = frame["width"], frame["layers"], frame["width"] / 128
    forward = layers * (24 * width**2 + 8 * width**2 + (4 * width + 3 * heads) * 4096) + 2 * width * 128256
    np.testing.assert_allclose(3e-9 * forward * frame["tokens"], frame["counted_gflop"], rtol=1e-9)
    assert (counting.dense(frame) < 1e9 * frame["counted_gflop"]).all()  # half of the map of attention
    grid = read("mixture_grid")
    ours, theirs = counting.mixture(grid["width"], grid["recipe"].map(counting.EXPERTS))
    np.testing.assert_allclose(3 * theirs * grid["tokens"], grid["counted_flop"], rtol=3e-4)
    head = 2 * grid["width"] * counting.VOCABULARY
    assert (ours - head < theirs).all() and (ours > head).all()
    gates = counting.mixtures(read("mixture_runs")).query("kind == 'gate' and recipe == 'April, AdamH'")
    stated = [8.37e8, 2.71e9, 6.63e9, 1.24e10]  # printed beside these runs by the project, later
    np.testing.assert_allclose(gates["tokens"], stated, rtol=4e-3)


def test_the_count_of_the_sources_flatters_mixtures_over_dense_models():
    for name in ("dense_april", "dense_may", "dense_august"):
        assert study.as_counted(NAMED[name]).value > 1.5 * pairs.mean_gain(NAMED[name]).value
    for name in ("data_comma_dclm", "schedule_dolma", "half_rate"):
        assert study.as_counted(NAMED[name]).value == pytest.approx(pairs.mean_gain(NAMED[name]).value, rel=0.05)


def test_the_law_of_experts_returns_what_it_was_made_with(monkeypatch):
    truth, ends = np.array([-0.08, -0.11, 0.0095, 1.1]), np.log([2.0, 300.0])
    frame = routing.runs()
    log_loss = routing._design(frame, ends) @ truth + np.random.default_rng(0).normal(0.0, 1e-4, len(frame))
    frame = frame.assign(loss_nats=10.0**log_loss)
    monkeypatch.setattr(routing, "runs", lambda: frame)
    found, drawn_ends, _ = routing.law.__wrapped__("S-Base")
    np.testing.assert_allclose(found, truth, rtol=0.05)
    np.testing.assert_allclose(np.exp(drawn_ends), [2.0, 300.0], rtol=0.2)


def test_published_experts_saturate_as_the_paper_says():
    assert 10 ** routing.saturated(np.array([1.0]), 1.847, 314.478)[0] == pytest.approx(1.847)
    assert 10 ** routing.saturated(np.array([1e9]), 1.847, 314.478)[0] == pytest.approx(314.478, rel=1e-5)
    by_experts = routing.gains().query("router == 'S-Base'").groupby("experts")["gain"].mean()
    assert by_experts.is_monotonic_increasing and by_experts.min() > 1.0


def test_the_forecast_is_the_printed_one_and_what_was_measured_lies_below_it():
    assert study.forecast(1e21) == pytest.approx(2.606, abs=5e-4)
    assert study.forecast(1e23) == pytest.approx(2.252, abs=5e-4)
    for budget in ("1e21", "1e23"):
        assert study.constants("marin_april")[f"measured_{budget}"] < study.forecast(float(budget))
        assert study.in_compute(budget) > 1.0


def test_shapes_cost_no_less_than_the_best_in_the_currency_that_chose_it():
    for size in shapes.SIZES:
        assert shapes.gain(size, "flop") >= 1.0 and shapes.gain(size, "hours", "hours") >= 1.0
    sizes = read("shape_runs")[["width", "depth", "parameters"]].drop_duplicates()
    assert sum(len(shapes.costs(size)) for size in shapes.SIZES) == (sizes["parameters"] > 9e7).sum()
