"""Pairs of algorithms: known gains recovered, nothing outside of the support, published exponents and laws met."""

from __future__ import annotations

import dataclasses
import json
import re

import numpy as np
import pandas as pd
import pytest

from algoprogress.data.tables import read
from algoprogress.engine import cache, data_dir, parallel
from algoprogress.frontiers import isoflop
from algoprogress.frontiers.frontier import LAWS, frontier
from algoprogress.frontiers.gain import GRID, gain
from algoprogress.frontiers.runs import nondominated
from algoprogress.laws.scaling import ScalingLaw
from algoprogress.show.estimate import Estimate, unpacked
from book.studies.compute_optimal import claims, crossings, figures, matrix, refit, repetition, sparsity, study, tables
from book.studies.compute_optimal.pairs import COLUMNS, MAIN, NAMED, Pair, recipes

LAW = ScalingLaw("truth", 1.69, 406.4, 0.34, 410.7, 0.28)
BUDGETS = np.geomspace(1e17, 1e20, 7)


def planned(gain: float, noise: float = 0.0, seed: int = 0) -> pd.DataFrame:
    """Return runs of nine sizes about the best at each budget, all of whose compute is a gain-th of the law's."""
    rng, rows = np.random.default_rng(seed), []
    for budget in BUDGETS:
        best = float(LAW.split(budget * gain)[0])
        for size in best * np.geomspace(0.4, 2.5, 9):
            tokens = budget * gain / (6.0 * size)
            loss = float(LAW.loss_of(size, tokens)) * np.exp(rng.normal(0.0, noise))
            rows.append((budget, budget, loss, size / np.sqrt(gain), tokens / np.sqrt(gain)))
    frame = pd.DataFrame(rows, columns=["budget", "training_compute_flop", "loss_nats", "parameters", "tokens"])
    names = [f"{place}" for place in range(len(frame))]
    return frame.assign(run=names, group=names)[COLUMNS]


def made(new) -> Pair:
    """Return a pair of made-up algorithms: the law's own runs, and others."""
    frames = lambda: (planned(1.0, 0.001), new)  # noqa: E731
    options = {
        "name": "made",
        "estimators": ("isoflop", "smooth", "floor", "power law", "envelope", "law"),
        "floor": LAW.floor,
        "draws": 60,
    }
    return dataclasses.replace(NAMED["recipe"], frames=frames, **options)


@pytest.fixture
def afresh():
    with cache.elsewhere(), parallel.in_series():
        yield


@pytest.mark.usefixtures("afresh")
def test_a_known_gain_comes_back_by_every_estimator_and_does_not_trend():
    pair = made(planned(3.0, 0.001, 1))
    for estimator in pair.estimators:
        found = study.at_compute(pair, 1e18, estimator)
        assert found.value == pytest.approx(3.0, rel=0.12), estimator
        # a power law in compute is no additive one, and an envelope has no interval
        assert found.contains(3.0) or estimator in (*LAWS, "envelope")
    slope = study.trend(pair)
    assert slope.contains(0.0) and abs(slope.value) < 0.05
    assert study.mean_gain(pair).value == pytest.approx(3.0, rel=0.05)
    assert np.isnan(study.at_compute(pair, 1e24).value)


@pytest.mark.usefixtures("afresh")
def test_the_ids_of_claims_are_those_of_their_pairs():
    assert all(id.startswith(f"frontier.{name}.") for id, name, *_ in claims.AT)


def test_a_gain_that_grows_trends():
    new = planned(1.0, 0.001, 1)
    lead = (new["budget"] / 1e17) ** 0.2  # from one to four
    moved = LAW.loss(new["budget"] * lead) - LAW.loss(new["budget"])
    slope = study.trend(made(new.assign(loss_nats=new["loss_nats"] + moved)))
    assert slope.value == pytest.approx(0.2, abs=0.03) and slope.low > 0.0


def test_parabolas_are_numpys_and_their_minima_the_laws():
    """Runs that are moved by so many times their residual, scaled by leverage, have the minima of numpy's parabola."""
    frame = planned(1.0)
    times = np.random.default_rng(0).normal(size=(5, len(frame)))
    _, (least, _) = isoflop.minima(frame, times)
    part = (frame["budget"] == BUDGETS[2]).to_numpy()
    size, loss = np.log(frame["parameters"][part]).to_numpy(), frame["loss_nats"][part].to_numpy()
    powers = np.vander(size, 3)
    leverage = np.diag(powers @ np.linalg.inv(powers.T @ powers) @ powers.T)
    left = (loss - np.polyval(np.polyfit(size, loss, 2), size)) / np.sqrt(1.0 - leverage)
    for line in range(5):
        bend, tilt, level = np.polyfit(size, loss + times[line, part] * left, 2)
        assert least[line, 2] == pytest.approx(level - tilt**2 / (4 * bend), rel=1e-6)
    best = LAW.split(BUDGETS)[0]
    _, (least, sizes) = isoflop.minima(frame, np.zeros((1, len(frame))))
    np.testing.assert_allclose(least[0], LAW.loss(BUDGETS), rtol=2e-3)
    np.testing.assert_allclose(np.exp(sizes[0]), best, rtol=0.05)
    assert refit.size_exponents(frame, np.zeros((1, len(frame))))[0] == pytest.approx(0.28 / 0.62, abs=0.01)
    assert np.isnan(isoflop.minima(frame.iloc[::4], times[:, ::4])[1]).all()


def test_intervals_of_the_law_hold_a_known_gain_and_are_no_wider_than_estimates_scatter():
    found = []
    for seed in range(14):
        with cache.elsewhere(), parallel.in_series():
            pair = [
                refit.frontier(planned(g, 0.003, 2 * seed + k), estimator="law", draws=60) for k, g in enumerate((1, 3))
            ]
            each = gain(*pair, loss_nats=2.9)
        found.append(np.log([each.value, each.low, each.high]))
    value, low, high = np.array(found).T
    assert ((low <= np.log(3.0)) & (np.log(3.0) <= high)).sum() >= 11
    assert 0.6 < np.median(high - low) / (2 * 1.96 * value.std(ddof=1)) < 1.7


def test_the_law_in_size_and_tokens_is_refitted_for_each_draw():
    with parallel.in_series():
        found = refit.resampled.__wrapped__(planned(1.0, 0.001), draws=4, seed=(0, 0))
    np.testing.assert_allclose([found.alpha, found.beta], np.tile([[0.34], [0.28]], 4), rtol=0.05)
    assert np.ptp(found.alpha) > 1e-4


@pytest.mark.usefixtures("afresh")
@pytest.mark.parametrize("name", list(NAMED))
def test_nothing_is_shown_outside_of_what_both_have_reached(name):
    """Losses above all, below all and in between are asked for: a gain stands only where both sets have reached it."""
    pair = dataclasses.replace(NAMED[name], draws=8)  # what is inside does not hang on the resamples
    reached = [frame["loss_nats"] for frame in pair.runs]
    top, bottom = min(each.max() for each in reached), max(each.min() for each in reached)
    asked = (max(each.max() for each in reached) * 1.02, bottom * 0.98, min(each.min() for each in reached) * 0.9, 0.5)
    columns = ["reference_flop", "new_flop", "gain", "gain_low", "gain_high"]
    for estimator in pair.estimators:
        found = unpacked(study.gains(pair, asked, estimator))
        # a law or a smooth curve may reach just below its last run, within its compute
        outside = (found["loss_nats"] != asked[1]) | (estimator not in ("law", "smooth", *LAWS))
        assert found.loc[outside, columns].isna().all(axis=None) and not found.loc[outside, "inside"].any()
        shown = unpacked(study.over_range(pair, estimator))
        inside = shown[shown["inside"]]
        assert (inside[["gain", "new_flop", "reference_flop"]] > 0).all(axis=None)
        for side, frame in zip(("reference_flop", "new_flop"), pair.runs, strict=True):
            low, high = (getattr(frame["training_compute_flop"], end)() for end in ("min", "max"))
            assert (np.log(inside[side] / low) > -0.12).all()  # budgets are means of their runs' compute
            assert (inside[side] < high * 1.12).all()
        assert shown.loc[~shown["inside"], columns].isna().all(axis=None)
    main = study.over_range(pair)
    assert len(main) == GRID and main["inside"].all() and main["loss_nats"].between(bottom * 0.99, top).all()


def test_figures_downloads_and_tables_mark_what_lies_outside():
    frame = tables.gains()
    assert frame["inside"].all()
    laws = tables.laws_to_download()
    assert laws.loc[laws["mark"] != "", ["gain", "loss_nats", "reference_flop", "low_flop"]].isna().all(axis=None)
    assert laws.loc[laws["mark"] == "", "gain"].notna().all()
    points, lines = tables.frontiers()
    for (name, side), line in lines.groupby(["name", "side"]):
        dots = points[(points["name"] == name) & (points["side"] == side)]
        first = 0.0 if name.startswith("lstm") else dots["training_compute_flop"].min() * 0.88  # checkpoints come first
        assert line["training_compute_flop"].between(first, dots["training_compute_flop"].max() * 1.12).all()
    assert tables.cell(Estimate(np.nan, 1.0, 2.0)) == "–" and tables.cell(Estimate(1.5)) == "1.50*"
    law = unpacked(tables.by_laws())
    low, high = matrix.shared_support(*matrix.BECK)
    assert law["new_flop"].between(low, high).all() and law["gain"].notna().all()
    assert np.isnan([matrix.by_laws(flop).value for flop in (2e23, 1e17)]).all()


def test_the_matrix_masks_and_says_why():
    frame = matrix.matrix()
    laws = read("scaling_laws").set_index("id")
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
        frame, _ = recipes("rw", recipe, recipe)
        assert refit.size_exponents(frame, np.zeros((1, len(frame))))[0] == pytest.approx(exponent, abs=0.03)


def test_the_published_laws_of_xlstm_and_transformer_pass_through_their_runs():
    """Within a hundredth of the loss at the best runs of each budget, where the loss is about three nats."""
    for name in matrix.BECK:
        assert matrix.law_errors(name).abs().max() < 0.035


def test_repetition_costs_more_the_more_it_repeats():
    frame = unpacked(pd.concat([repetition.costs(estimator) for estimator in ("law", "floor")]))
    fresh = frame[frame["epochs"] <= 1.0]
    assert (fresh["gain"] == 1.0).all() and len(fresh) == 2 * len(repetition.SETS)
    seven, two = (unpacked(repetition.near(epochs))["gain"] for epochs in (7, 2))
    assert (seven > two).all()
    middle = frame[(frame["parameters"] == repetition.SETS[1]) & frame["epochs"].between(13, 15)]
    assert middle["gain_low"].max() < middle["gain_high"].min()  # both estimators meet
    assert frame.loc[frame["gain"].isna(), ["gain_low", "gain_high"]].isna().all(axis=None)


def test_a_target_that_was_never_reached_has_no_gain():
    frame = crossings.gains()
    times = read("crossings").set_index(["study", "size", "algorithm", "training_set"])["gpu_hours"]
    assert frame["gain"].notna().sum() == 12
    line = frame[(frame["what"] == "algorithm") & (frame["beside"] == "D1_modern") & (frame["size"] == "1.5B")].iloc[0]
    assert (
        line["gain"]
        == times["scale_up", "1.5B", "A0_gpt2", "D1_modern"] / times["scale_up", "1.5B", "A1_modern", "D1_modern"]
    )
    assert not crossings.mean("algorithm", "D0_openwebtext").bounded


def test_the_estimators_meet_and_what_the_page_says_holds():
    agreement = tables.by_estimator()
    assert (agreement.groupby("name")["estimator"].nunique() >= 3).all()
    assert agreement["agree"].sum() == agreement["compared"].sum()
    assert study.trend(NAMED["recipe"]).high < 0.0 < study.trend(NAMED["schedule"]).low
    assert study.mean_gain(NAMED["data_rpj_openlm"]).low > 1.0 > study.mean_gain(NAMED["data_rpj_c4"]).high
    steps = [study.mean_gain(NAMED[name]) for name in ("lstm_modern", "retro_modern", "moe_dense", "xlstm_llama")]
    assert steps[0].low > max(step.high for step in steps[1:]), "one large step and smaller ones"
    direct = [frontier(frame, estimator="envelope") for frame in NAMED["lstm_modern"].runs]
    assert 5.0 < gain(*direct, loss_nats=4.9).value < 15.0
    assert all(study.at_compute(NAMED["moe_dense"], claims.EXPERTS_AT, each).low > 2.0 for each in ("smooth", "law"))


def test_gains_per_sparsity_are_those_of_the_cells_and_some_lie_below_dense():
    """A cell's gain is what a line between dense cells around its loss says, to a tenth; 3 of 8 experts begin below."""
    frame = read("steplaw_cells")
    dense = frame[frame["architecture"] == "dense"]
    kept = dense[nondominated(dense["training_compute_flop"].to_numpy(), dense["loss_nats"].to_numpy())]
    kept = kept.sort_values("loss_nats")
    for row in frame[frame["architecture"] != "dense"].itertuples():
        found = sparsity.gain(row.architecture.removeprefix("moe_"), row.tokens)
        inside = kept["loss_nats"].min() < row.loss_nats < kept["loss_nats"].max()
        assert np.isfinite(found.value) == inside or row.loss_nats > 2.6  # of the least compute, which no curve touches
        if np.isfinite(found.value) and inside:
            flop = np.exp(np.interp(row.loss_nats, kept["loss_nats"], np.log(kept["training_compute_flop"])))
            assert found.value == pytest.approx(flop / row.training_compute_flop, rel=0.2)
            assert found.low < found.value < found.high
    assert sparsity.gain("3in8", 2e9).high < 1.0 < sparsity.gain("3in8", 2e10).low
    measured = [sparsity.gain("3in8", tokens).value for tokens in sparsity.TOKENS]
    assert sparsity.gain("3in8").value == pytest.approx(np.exp(np.mean(np.log(measured))))


def test_each_source_of_runs_says_its_licence():
    for name in ("xlstm_runs", "steplaw_cells", "recipe_runs", "training_set_runs", "repetition_runs", "crossings"):
        entry = json.loads((data_dir() / f"{name}.manifest.json").read_text(encoding="utf-8"))
        assert entry["sources"][0]["licence"] in ("MIT", "none stated; facts only") and entry["rows"] > 10


def test_slopes_are_those_of_a_polynomial_of_first_degree_through_what_is_known():
    rng = np.random.default_rng(0)
    logs, table = rng.normal(size=20), rng.normal(size=(20, 50))
    table[rng.random(table.shape) < 0.3] = np.nan
    logs[3], table[:11, 7], table[:, 8] = np.nan, np.nan, np.nan
    known = np.isfinite(table) & np.isfinite(logs)[:, None]
    lines = zip(table.T, known.T, strict=True)
    wanted = [np.polyfit(logs[at], line[at], 1)[0] if at.sum() > 10 else np.nan for line, at in lines]
    assert study._slopes(logs, table) == pytest.approx(np.array(wanted), abs=1e-12, nan_ok=True)
    assert np.isnan(wanted[7]) and np.isnan(wanted[8])


def test_no_pair_that_differs_otherwise_is_without_a_mark():
    """What a caveat says of FLOP, data or text stands in table, download and figure; texts compared are a mark too."""
    told = {pair.name: tables.marks(pair) for pair in MAIN}
    for pair in MAIN:
        differs = pair.kind == "data" or re.search("other data|not counted", pair.caveat)
        assert bool(told[pair.name]) == bool(differs), pair.name
    measured = tables.measured().set_index("pair")["differs too"]
    frame = tables.forest()
    drawn = [text.get_text() for axes in figures.forest(frame).axes for text in axes.get_yticklabels()]
    for row in frame.itertuples():
        assert row.name not in told or (row.marks == told[row.name] and measured[row.title] == (row.marks or "–"))
        assert sum(f"{row.title}" in each and f"≠ {row.marks}" in each for each in drawn) >= bool(row.marks)


def test_the_exponent_of_size_by_interpolation_is_that_of_a_made_up_grid():
    """Valleys that are not parabolas: interpolated minima find the exponent, and the published one is in reach."""
    rows = [
        (flop, size, 2.0 + np.cosh(np.log(size / (1e-3 * flop**0.6))) * 0.1 + 0.05 * np.log(size / (1e-3 * flop**0.6)))
        for flop in np.geomspace(1e16, 1e19, 8)
        for size in 1e-3 * flop**0.6 * np.geomspace(0.1, 10.0, 9)
    ]
    made = pd.DataFrame(rows, columns=["budget", "parameters", "loss_nats"])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(claims, "recipes", lambda *_: (made, made))
        assert claims._interpolated("made", "up").value == pytest.approx(0.6, abs=1e-3)
    found = claims._interpolated("rw", "cosine")
    assert found.contains(0.5714249) and found.value == pytest.approx(0.5714249, abs=2e-3)
