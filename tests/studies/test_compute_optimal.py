"""Pairs of algorithms: known gains recovered, nothing outside of the support, published exponents and laws met."""

from __future__ import annotations

import dataclasses
import json

import numpy as np
import pandas as pd
import pytest

from algoprogress.data import tables
from algoprogress.engine import parallel
from algoprogress.engine.places import data_dir
from algoprogress.frontiers import isoflop, runs
from algoprogress.laws import scaling as frontier
from book.studies.compute_optimal import crossings, matrix, repetition
from book.studies.compute_optimal import runs as pair_runs
from book.studies.compute_optimal import study as pairs
from book.studies.compute_optimal import tables as pairs_tables

LAW = frontier.ScalingLaw("truth", 1.69, 406.4, 0.34, 410.7, 0.28)
NAMES = tuple(pair.name for pair in pairs.PAIRS)
BUDGETS = np.geomspace(1e17, 1e20, 7)


def planned(gain: float, noise: float = 0.0, seed: int = 0) -> pd.DataFrame:
    """Return runs of nine sizes about the best at each budget, all of whose compute is a gain-th of the law's."""
    rng, rows = np.random.default_rng(seed), []
    for budget in BUDGETS:
        best = float(frontier.optimal_allocation(LAW, budget * gain)[0])
        for size in best * np.geomspace(0.4, 2.5, 9):
            tokens = budget * gain / (6.0 * size)
            loss = float(frontier.loss(LAW, size, tokens)) * np.exp(rng.normal(0.0, noise))
            rows.append((budget, budget, loss, size / np.sqrt(gain), tokens / np.sqrt(gain)))
    frame = pd.DataFrame(rows, columns=["budget", "training_compute_flop", "loss_nats", "parameters", "tokens"])
    names = [f"{place}" for place in range(len(frame))]
    return frame.assign(run=names, group=names)[pair_runs.COLUMNS]


@pytest.fixture
def made(monkeypatch) -> str:
    """A pair of made-up algorithms, the new one of which needs a third of the compute for everything."""
    pair = dataclasses.replace(
        pairs.named("recipe"),
        name="made",
        main="isoflop",
        frames=lambda: (planned(1.0, 0.001), planned(3.0, 0.001, 1)),
        floor=LAW.floor,
        at_flop=(1e18,),
        draws=60,
    )
    monkeypatch.setattr(pairs, "PAIRS", (*pairs.PAIRS, pair))
    held = (pairs.frames, pairs.curves, pairs.gains, pairs.mean_gain, pairs.trend)
    for each in held:
        each.cache_clear()
    monkeypatch.setattr(pairs, "_log_draws", pairs._log_draws.__wrapped__)
    with parallel.in_series():
        yield "made"
    for each in held:
        each.cache_clear()


def test_a_known_gain_comes_back_by_every_estimator_and_does_not_trend(made):
    for estimator in pairs.named(made).estimators:
        line = pairs.at_compute(made, 1e18, estimator)
        assert line["gain"] == pytest.approx(3.0, rel=0.12), estimator
        assert line["low"] < 3.0 < line["high"] or estimator in pairs.LAWS  # a power law in compute is no additive one
    slope = pairs.trend(made)
    assert slope["low"] < 0.0 < slope["high"] and abs(slope["slope"]) < 0.05
    assert pairs.mean_gain(made)["gain"] == pytest.approx(3.0, rel=0.05)


def test_a_gain_that_grows_trends(made, monkeypatch):
    def grown() -> pair_runs.Two:
        new = planned(1.0, 0.001, 1)
        lead = (new["budget"] / 1e17) ** 0.2  # from one to four
        moved = [
            float(frontier.optimal_loss(LAW, each)) - float(frontier.optimal_loss(LAW, budget))
            for each, budget in zip(new["budget"] * lead, new["budget"], strict=True)
        ]
        return planned(1.0, 0.001), new.assign(loss_nats=new["loss_nats"] + moved)

    pair = dataclasses.replace(pairs.named(made), frames=grown)
    monkeypatch.setattr(pairs, "PAIRS", (pair,))
    slope = pairs.trend(made)
    assert slope["slope"] == pytest.approx(0.2, abs=0.03) and slope["low"] > 0.0


def test_parabolas_are_numpys_and_their_minima_the_laws():
    frame = planned(1.0)
    weights = np.random.default_rng(0).integers(0, 3, (5, len(frame))).astype(float)
    _, (least, _) = isoflop.minima(frame, weights)
    for line in range(5):
        part = (frame["budget"] == BUDGETS[2]).to_numpy()
        bend, tilt, level = np.polyfit(
            np.log(frame["parameters"][part]), frame["loss_nats"][part], 2, w=np.sqrt(weights[line, part])
        )
        assert least[line, 2] == pytest.approx(level - tilt**2 / (4 * bend), rel=1e-6)
    best = frontier.optimal_allocation(LAW, BUDGETS)[0]
    _, (least, sizes) = isoflop.minima(frame, np.ones((1, len(frame))))
    np.testing.assert_allclose(least[0], frontier.optimal_loss(LAW, BUDGETS), rtol=2e-3)
    np.testing.assert_allclose(np.exp(sizes[0]), best, rtol=0.05)
    assert isoflop.size_exponents(frame, 5)[0] == pytest.approx(0.28 / 0.62, abs=0.01)
    assert np.isnan(isoflop.minima(frame, weights * 0.0)[1]).all()


def test_the_law_in_size_and_tokens_is_refitted_for_each_weighting():
    frame = planned(1.0)
    with parallel.in_series():
        found = isoflop.refits(frame, np.vstack([np.ones(len(frame)), isoflop.weights_of(frame, 3, (0, 0))]))
    np.testing.assert_allclose(found.frame()[["alpha", "beta"]], np.tile([0.34, 0.28], (4, 1)), rtol=0.01)
    with pytest.raises(ValueError, match="must be one of isoflop, law"):
        isoflop.log_computes(frame, (3.0,), "spline", np.ones((1, len(frame))))


@pytest.fixture
def few(monkeypatch):
    """The pairs with few resamples: what is inside does not hang on them."""
    monkeypatch.setattr(pairs, "PAIRS", tuple(dataclasses.replace(pair, draws=8) for pair in pairs.PAIRS))
    monkeypatch.setattr(pairs, "_log_draws", pairs._log_draws.__wrapped__)
    pairs.gains.cache_clear()
    yield
    pairs.gains.cache_clear()


@pytest.mark.usefixtures("few")
@pytest.mark.parametrize("name", NAMES)
def test_nothing_is_shown_outside_of_what_both_have_reached(name):
    """Losses above all, below all and in between are asked for: a gain stands only where both sets have reached it."""
    reached = [frame["loss_nats"] for frame in pairs.frames(name)]
    top, bottom = min(each.max() for each in reached), max(each.min() for each in reached)
    asked = (max(each.max() for each in reached) * 1.02, bottom * 0.98, min(each.min() for each in reached) * 0.9, 0.5)
    found = pairs.gains(name, at=asked)
    assert len(found) == len(asked) * len(pairs.named(name).estimators)
    laws = found["estimator"].isin(["law", *pairs.LAWS])
    outside = ~laws | (found["loss_nats"] != asked[1])  # a law may reach just below its last run, within its compute
    columns = ["reference_flop", "new_flop", "gain", "low", "high"]
    assert found.loc[outside, columns].isna().all(axis=None) and not found.loc[outside, "inside"].any()
    shown = pairs.gains(name)
    assert (shown.loc[shown["inside"], ["gain", "new_flop", "reference_flop"]] > 0).all(axis=None)
    for side, frame in zip(("reference_flop", "new_flop"), pairs.frames(name), strict=True):
        inside = shown.loc[shown["inside"], side]
        low, high = (getattr(frame["training_compute_flop"], end)() for end in ("min", "max"))
        logs = np.log(inside / [low] if len(inside) else inside)
        assert (logs > -0.12).all() and (inside < high * 1.12).all()  # budgets are means of their runs' compute
    known = shown[~shown["inside"]]
    assert known[columns].isna().all(axis=None)
    main = pairs.main_gains(name)
    assert main["inside"].all() and main["loss_nats"].between(bottom * 0.99, top).all()


def test_no_compute_is_answered_that_was_not_asked():
    with pytest.raises(KeyError, match="no gain was asked for"):
        pairs.at_compute("recipe", 1e24)
    with pytest.raises(KeyError, match="must be one of"):
        pairs.named("dense_to_mamba")


def test_figures_downloads_and_tables_mark_what_lies_outside():
    frame = pairs_tables.gains()
    assert frame["inside"].all()
    laws = pairs_tables.laws_to_download()
    assert laws.loc[laws["mark"] != "", ["gain", "loss_nats", "reference_flop", "low_flop"]].isna().all(axis=None)
    assert laws.loc[laws["mark"] == "", "gain"].notna().all()
    points, lines = pairs_tables.frontiers()
    for (name, side), line in lines.groupby(["name", "side"]):
        dots = points[(points["name"] == name) & (points["side"] == side)]
        first = 0.0 if name.startswith("lstm") else dots["training_compute_flop"].min() * 0.88  # checkpoints come first
        assert line["training_compute_flop"].between(first, dots["training_compute_flop"].max() * 1.12).all()
    assert pairs_tables.cell(np.nan, 1.0, 2.0) == "–" and pairs_tables.cell(1.5, np.nan, np.nan) == "1.50*"
    law = pairs_tables.by_laws()
    low, high = matrix.shared_support(*matrix.BECK)
    assert law["new_flop"].between(low, high).all() and law["gain"].notna().all()
    assert np.isnan(list(matrix.by_laws(2e23).values())).all() and np.isnan(list(matrix.by_laws(1e17).values())).all()


def test_the_matrix_masks_and_says_why():
    frame = matrix.matrix()
    laws = tables.read("scaling_laws").set_index("id")
    assert len(frame) == len(laws) ** 2 * len(matrix.COMPUTES)
    shown = frame[frame["mark"] == ""]
    assert (laws.loc[shown["reference"], "unit"].to_numpy() == laws.loc[shown["new"], "unit"].to_numpy()).all()
    for side, flop in (("reference", "reference_flop"), ("new", "compute_flop")):
        support = laws.loc[shown[side], ["support_low_flop", "support_high_flop"]].to_numpy()
        assert ((shown[flop] >= support[:, 0]) & (shown[flop] <= support[:, 1])).all()
    hidden = frame[frame["mark"] != ""]
    assert hidden[["gain", "loss_nats", "reference_flop"]].isna().all(axis=None)
    assert set(hidden["mark"]) == {matrix.UNIT, matrix.PROTOCOL, matrix.OUTSIDE, matrix.SELF}
    assert not (frame["compute_flop"] > 1e23)[frame["mark"] == ""].any()
    back = shown[(shown["reference"] == "xlstm_xlstm")]
    assert (back["gain"] < 1.0).all()


def test_the_laws_of_a_pair_have_inverse_gains_in_the_middle():
    frame = matrix.centre().set_index(["reference", "new"])
    there, back = frame.loc[("gundlach_retro", "gundlach_modern")], frame.loc[("gundlach_modern", "gundlach_retro")]
    assert there["gain"] * back["gain"] == pytest.approx(1.0, rel=1e-6)
    assert frame.loc[("gundlach_lstm", "gundlach_modern"), "mark"] == matrix.OUTSIDE


def test_published_exponents_of_the_recipes_return():
    published = {"counted": 0.7009, "warmup": 0.6035, "cosine": 0.5714, "tuned": 0.4970}
    for recipe, exponent in published.items():
        frame, _ = pair_runs.recipes("rw", recipe, recipe)
        assert isoflop.size_exponents(frame, 1)[0] == pytest.approx(exponent, abs=0.03)


def test_the_published_laws_of_xlstm_and_transformer_pass_through_their_runs():
    """Within a hundredth of the loss at the best runs of each budget, where the loss is about three nats."""
    for name in matrix.BECK:
        assert matrix.law_errors(name).abs().max() < 0.035


def test_repetition_costs_more_the_more_it_repeats():
    frame = repetition.costs()
    fresh = frame[frame["epochs"] <= 1.0]
    assert (fresh["gain"] == 1.0).all() and len(fresh) == len(repetition.SETS) * len(repetition.ESTIMATORS)
    law = repetition.near(7)
    assert (law["gain"] > repetition.near(2)["gain"]).all()
    middle = frame[(frame["parameters"] == repetition.SETS[1]) & frame["epochs"].between(13, 15)]
    assert middle["low"].max() < middle["high"].min()  # three estimators meet
    assert frame.loc[~frame["inside"], ["gain", "low", "high"]].isna().all(axis=None)


def test_a_target_that_was_never_reached_has_no_gain():
    frame = crossings.gains()
    times = tables.read("crossings").set_index(["study", "size", "algorithm", "training_set"])["gpu_hours"]
    assert frame["measured"].sum() == 12 and frame.loc[~frame["measured"], "gain"].isna().all()
    line = frame[(frame["what"] == "algorithm") & (frame["beside"] == "D1_modern") & (frame["size"] == "1.5B")].iloc[0]
    assert (
        line["gain"]
        == times["scale_up", "1.5B", "A0_gpt2", "D1_modern"] / times["scale_up", "1.5B", "A1_modern", "D1_modern"]
    )
    assert np.isnan(crossings.mean("algorithm", "D0_openwebtext")["low"])


def test_the_estimators_meet_and_what_the_page_says_holds():
    agreement = pairs_tables.by_estimator()
    assert (agreement.groupby("name")["estimator"].nunique() >= 3).all()
    assert agreement["agree"].sum() == agreement["compared"].sum()
    assert pairs.trend("recipe")["high"] < 0.0 < pairs.trend("schedule")["low"]
    assert pairs.mean_gain("data_rpj_openlm")["low"] > 1.0 > pairs.mean_gain("data_rpj_c4")["high"]
    direct = [runs.envelope(frame, window=runs.EVERYWHERE) for frame in pairs.frames("lstm_modern")]
    assert 5.0 < runs.gain(*direct, 4.9) < 15.0
    experts = pairs.experts_gain()
    assert experts["low"] < 2.0 < experts["gain"]


def test_each_source_of_runs_says_its_licence():
    for name in ("xlstm_runs", "steplaw_cells", "recipe_runs", "training_set_runs", "repetition_runs", "crossings"):
        entry = json.loads((data_dir() / f"{name}.manifest.json").read_text(encoding="utf-8"))
        assert entry["sources"][0]["licence"] in ("MIT", "none stated; facts only") and entry["rows"] > 10
