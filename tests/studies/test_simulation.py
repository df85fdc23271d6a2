"""The simulation: its truths are what they say, its lines come back, and its shares are counted right."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from algoprogress.data import tables
from algoprogress.fits import fit, profile
from algoprogress.fits.rates import doubling_time_months, point_months
from algoprogress.laws import catalogue
from algoprogress.show.estimate import unpacked
from book.studies.bayes import paces, simulation

TABLE = tables.read("simulation")


def test_the_table_has_every_truth_and_procedure():
    counts = TABLE.pivot_table(index=["floor", "data"], columns="procedure", values="sample", aggfunc="count")
    assert len(counts) == 4
    assert set(counts) == set(simulation.PROCEDURES)
    for name in counts:
        assert (counts[name] == simulation.COUNTS.get(name, simulation.SAMPLES)).all()


def test_the_plain_truth_is_the_fit_without_a_penalty(sample):
    real = simulation.truth(sample, floor="no", data="dataset")
    found = fit.converged(catalogue.law("7"), sample, penalty=0.0)
    np.testing.assert_allclose(real.mean, found.predict(sample.frame))
    np.testing.assert_allclose(real.rate, TABLE["true_rate"].iloc[0], rtol=1e-6)


def test_a_truth_with_a_floor_never_falls_below_it(sample):
    real = simulation.truth(sample, floor="yes", data="seen")
    least = sample.frame.groupby("benchmark")["loss_nats"].transform("min")
    assert (real.mean > simulation.FLOOR_SHARE * least).all()


def test_drawn_losses_have_the_spreads_of_the_truth(sample):
    real = simulation.truth(sample, floor="no", data="dataset")
    errors = np.concatenate([real.drawn(simulation.SEED, index).frame["loss_nats"] - real.mean for index in range(60)])
    np.testing.assert_allclose(errors.var(), real.paper_sd**2 + real.row_sd**2, rtol=0.06)
    assert abs(errors.mean()) < 0.01


@pytest.mark.parametrize(("floor", "data"), [("no", "dataset"), ("no", "seen"), ("yes", "dataset"), ("yes", "seen")])
def test_the_kept_truths_are_fits_to_the_rows(sample, floor, data):
    kept = tables.read("simulation_truths").query("floor == @floor and data == @data").set_index("parameter")["value"]
    found = simulation.fitted(sample, floor=floor, data=data).params
    assert set(kept.index) == set(found.index)
    np.testing.assert_allclose(kept.loc[found.index], found, rtol=1e-6, atol=1e-7)


@pytest.mark.parametrize("procedure", [name for name in simulation.PROCEDURES if name != "Bayes"])
def test_a_line_of_the_table_comes_back(sample, procedure):
    real = simulation.truth(sample, floor="yes", data="dataset")
    again = simulation.read(real, "yes", "dataset", 1, procedure)
    kept = TABLE.query("sample == 2 and floor == 'yes' and data == 'dataset' and procedure == @procedure").iloc[0]
    near = 1e-4
    for name in ("low", "median", "high"):
        np.testing.assert_allclose(again[name], kept[name], rtol=near)
    assert again["covers"] == kept["covers"]


def test_an_interval_covers_where_its_ends_embrace_the_truth():
    ours = TABLE[TABLE["procedure"] != "published"]
    inside = (ours["low"] <= ours["true_rate"]) & (ours["true_rate"] <= ours["high"])
    assert (inside == ours["covers"].astype(bool)).all()


def test_shares_are_counted_over_samples():
    frame = pd.DataFrame(
        {
            "floor": "no",
            "data": "seen",
            "procedure": "neutral",
            "true_rate": np.log(2.0),
            "low": [0.1, 0.2, 0.8, 0.1],
            "median": [0.5, 0.6, 0.9, 0.7],
            "high": 1.0,
            "covers": [1, 1, 0, 1],
        }
    )
    row = simulation.coverage(frame).iloc[0]
    assert row["coverage"].value == 0.75 and row["too_fast"] == 0.5 and row["samples"] == 4
    np.testing.assert_allclose(row["true_months"], 12.0)
    np.testing.assert_allclose(row["width"], 7.5)
    assert row["coverage"].low < 0.75 < row["coverage"].high


def test_the_neutral_law_is_too_fast_where_tokens_seen_count():
    """As the chapter says: it has the lowest coverage, and is too fast on nearly every such sample."""
    held = unpacked(simulation.coverage(TABLE))
    assert set(held.loc[held["coverage"] < 0.85, "procedure"]) == {"neutral"}
    wrong = held[(held["procedure"] == "neutral") & (held["data"] == "seen")]
    assert (wrong["too_fast"] > 0.95).all() and (wrong["coverage"] < 0.85).all()


@pytest.mark.parametrize("name", paces.TRUTHS)
def test_another_pace_is_held_and_close_to_the_rows(sample, name):
    pace = paces.TRUTHS[name]
    real, law = paces.truth(sample, pace), catalogue.law("7")
    assert doubling_time_months(real.rate) == pytest.approx(pace.months)
    best = fit.converged(law, sample, penalty=0.0)
    misfit = ((sample.frame["loss_nats"] - real.mean) ** 2).mean()
    assert best.mse < misfit < 1.15 * best.mse
    again = fit.converged(law, replace(sample, frame=sample.frame.assign(loss_nats=real.mean)), penalty=0.0)
    assert again.mse < 1e-8 and point_months(again) == pytest.approx(pace.months, rel=2e-3)
    design, _, _ = fit.problem(law, sample)
    rates = profile.growth(design, again.params.loc[list(design.names)].to_numpy()[None])
    assert (min(rates.parameters[0], rates.data[0]) < -0.1) == pace.falling


def test_shares_of_samples_with_another_pace_are_counted():
    rates = pd.DataFrame({"low": [0.3, 0.4, 0.1, 0.2], "median": [0.6, 0.9, 0.3, 0.8], "high": [1.0, 1.2, 0.5, 2.0]})
    assert paces.covered(rates.assign(true_rate=0.35)).value == 0.75
    found = paces.typical(rates)
    assert found.low < found.value < found.high and found.value == pytest.approx(12.0 * np.log(2.0) / 0.7)
