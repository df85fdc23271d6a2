"""The specification curve: its set, its fits against the full search, its table recomputed in part, its shares."""

from __future__ import annotations

import json
import re

import numpy as np
import pandas as pd
import pytest
import statsmodels.formula.api as smf
from statsmodels.stats.anova import anova_lm

from algoprogress.data import describe, tables
from algoprogress.fits import bounded, fit, resample, solver
from algoprogress.fits import rates as progress
from algoprogress.fits.rates import point_months
from algoprogress.fits.resample import DRAWS
from algoprogress.laws import catalogue
from algoprogress.show.estimate import Estimate, unpacked
from book.studies.data import sheet, variants
from book.studies.specifications import curve, explorer, figures, number
from book.studies.specifications import study as specifications
from book.studies.specifications.study import CHOICES, sample_of
from published_values import SAMPLE

TABLE = tables.read("specifications")
NAMES = list(CHOICES)
PAPERS = {"optimiser": "converged", "penalty": fit.PENALTY, "data": "dataset", "missing": "none", "floor": "no"}
PAPERS |= {"progress": "separate", "rows": "top 3", "vocabulary": "no", "value": "as used"}
FITTED = ["rate", "low", "high", "mse_nats2"]


def line(**levels) -> pd.Series:
    """Return the line of the table with the paper's specification but for some levels."""
    wanted = PAPERS | levels
    return TABLE[np.logical_and.reduce([TABLE[name] == level for name, level in wanted.items()])].iloc[0]


def test_the_table_has_every_specification_once():
    whole = specifications.every()
    assert len(whole) >= 1_500
    pd.testing.assert_frame_equal(TABLE[NAMES].astype(whole.dtypes), whole)
    assert list(TABLE) == describe.table("specifications").names


def test_the_papers_specification_is_in_it():
    published = fit.published(catalogue.law("7"), SAMPLE)
    found = curve.months(TABLE).loc[line(optimiser="published").name]
    np.testing.assert_allclose(found["months"], point_months(published), rtol=1e-8)
    np.testing.assert_allclose(found["mse_nats2"], published.mse, rtol=1e-8)


@pytest.mark.parametrize(
    ("levels", "law"),
    [
        ({}, "7"),
        ({"penalty": 0.0}, "7"),
        ({"penalty": 0.01}, "7"),
        ({"progress": "shared"}, "12"),
        ({"vocabulary": "yes"}, "19"),
    ],
)
def test_converged_specifications_are_those_of_the_full_search(levels, law):
    best = fit.converged(catalogue.law(law), SAMPLE, penalty=levels.get("penalty", fit.PENALTY))
    found = line(**levels)
    np.testing.assert_allclose(found["mse_nats2"], best.mse, rtol=1e-7)
    np.testing.assert_allclose(12 * np.log(2) / found["rate"], point_months(best), rtol=1e-5)
    assert found["converged"] == 1


def test_so_few_resamples_determine_no_end_and_none_is_printed_as_if_they_did():
    rng = np.random.default_rng(0)
    for draws in set(specifications.DRAWS.values()):
        assert Estimate.from_draws(rng.normal(2.0, 0.2, draws)).undetermined == "low high"
    shown = {level: number.nearest(TABLE, "optimiser", level) for level in ("published", "converged")}
    assert all(re.fullmatch(r"[\d.]+ months \[below [\d.]+, above [\d.]+\]", str(each)) for each in shown.values())
    frame = curve.months(TABLE)
    assert (frame["months_undetermined"] == np.where(np.isfinite(frame["months_high"]), "low high", "low")).all()


def test_an_interval_is_near_that_of_ten_thousand_resamples():
    """A hundred resamples leave the quantile of a rate uncertain by its own rank: between the 0.2% and 9% quantiles."""
    draws = resample.bootstrap(catalogue.law("12"), SAMPLE, draws=DRAWS["paper"])
    rates = progress.growth(draws.law, draws.reference, draws.params).compute
    found = line(progress="shared")
    assert np.quantile(rates, 0.002) < found["low"] < np.quantile(rates, 0.09)
    assert np.quantile(rates, 0.91) < found["high"] < np.quantile(rates, 0.998)


@pytest.mark.parametrize("seed", range(6))
def test_a_random_line_comes_back(seed):
    chosen = TABLE.sample(1, random_state=seed)
    again = specifications.evaluate(chosen[NAMES])
    tight = chosen["converged"].iloc[0] == 1 and chosen["unconverged"].iloc[0] == 0
    np.testing.assert_allclose(again[FITTED], chosen[FITTED], rtol=1e-5 if tight else 0.05)


def test_samples_are_what_their_names_say():
    rows = {name: sample_of(PAPERS | {"rows": name}, SAMPLE).frame for name in CHOICES["rows"][:5]}
    assert rows["top 1"]["paper_id"].is_unique and len(rows["top 1"]) == SAMPLE.frame["paper_id"].nunique()
    least = SAMPLE.frame.groupby("paper_id")["perplexity"].min()
    assert (rows["top 1"].set_index("paper_id")["perplexity"] == least).all()
    assert (rows["transformers"]["architecture"] == "transformer").all()
    assert rows["since 2017"]["publication_date"].min().year == 2017
    own = sample_of(PAPERS | {"value": "own"}, SAMPLE)
    assert own.frame["perplexity"].isna().sum() == 0 and own.funnel[-1].removed > 0
    dropped = sample_of(PAPERS | {"data": "seen", "missing": "drop"}, SAMPLE)
    assert (dropped.frame["epochs_status"] != "missing").all()


def test_a_free_floor_without_a_penalty_runs_off_and_its_rate_settles():
    """As the chapter says: more steps lower the floor and the objective still, and hardly move the doubling time."""
    law = variants.with_floor(catalogue.law("7"))
    design, target, reference = fit.problem(law, SAMPLE)
    weights = fit.equal_weights(design, 1)
    points = solver.mixed(design, target, 40, 1)
    ends = []
    for steps in (100, 400):
        found = solver.minimise(
            design,
            target,
            np.repeat(weights, 40, axis=0),
            penalty=np.zeros(len(design.names)),
            starts=points,
            limit=steps,
        )
        best = found.objective.argmin()
        floor = found.params[best, design.names.index("gamma_const")]
        rate = progress.growth(law, reference, found.params[[best]]).compute[0]
        ends.append((found.objective[best], floor, 12 * np.log(2) / rate, bool(found.converged[best])))
    assert ends[1][0] < ends[0][0] and ends[1][1] < -5.0 and not ends[1][3]
    np.testing.assert_allclose(ends[0][2], ends[1][2], rtol=0.02)


def test_floors_of_the_curve_lie_within_their_bounds_and_have_a_best_value():
    """An irreducible loss is above zero and below the lowest loss observed; one line is fitted again by itself."""
    floored = TABLE[TABLE["floor"] == "yes"]
    assert (floored["optimiser"] == "converged").all() and len(floored) > 500
    assert ((floored["floor_share"] >= 0.0) & (floored["floor_share"] < 1.0)).all()
    assert (TABLE.loc[TABLE["floor"] == "no", "floor_share"] == 0.0).all()
    assert TABLE.query("optimiser == 'converged'")["converged"].mean() > 0.99
    design, target, _ = fit.problem(variants.with_floor(catalogue.law("12")), SAMPLE)
    points, weights = solver.mixed(design, target, 24, 5), fit.equal_weights(design, 1)
    free = bounded.minimise(design, target, weights, penalty=np.zeros(len(design.names)), starts=points)
    best, found = free.objective.argmin(), line(progress="shared", floor="yes", penalty=0.0)
    np.testing.assert_allclose(found["mse_nats2"], free.objective[best], rtol=1e-6)
    lowest = SAMPLE.frame.groupby("benchmark")["loss_nats"].min()
    floors = pd.Series(design.floor @ free.params[best]).groupby(SAMPLE.frame["benchmark"]).first()
    np.testing.assert_allclose(found["floor_share"], (floors / lowest).max(), rtol=1e-3)


def test_rows_of_the_authors_table_come_back_one_filter_at_a_time():
    copy = tables.read("evaluations_sheet").set_index("sheet_row")
    for name, filtered in specifications.UNDONE.items():
        frame = sample_of(PAPERS | {"rows": name}, SAMPLE).frame
        systems = set(frame["system"])
        assert len(frame) >= len(SAMPLE) and np.isfinite(frame["loss_nats"]).all()
        if filtered == "three a paper":
            assert frame.groupby("paper_id").size().max() > 3
        else:
            assert frame.groupby("paper_id").size().max() <= 3
        marked = {"no outliers": ("outlier", 1.0), "included": ("include", 0.0), "certain": ("uncertain", 1.0)}
        for other, (column, value) in marked.items():  # marked rows are there if, and only if, their filter is undone
            back = copy.loc[frame["sheet_row"], column] == value
            assert back.any() == (filtered == other)
        assert any(system in systems for system in sheet.DROPPED) == (filtered == "four systems")
    flags = sheet.beside(SAMPLE.frame)
    for name, column in specifications.FLAGS.items():
        left = sample_of(PAPERS | {"rows": name}, SAMPLE).frame
        assert len(left) == len(SAMPLE) - (flags[column] > 0).sum() < len(SAMPLE)
    epochs = sample_of(PAPERS | {"missing": "sheet"}, SAMPLE).frame
    assert (epochs["epochs"].dropna() > 0).all() and (epochs["epochs_status"] == "missing").sum() == 76


def test_the_copy_with_its_filters_is_the_published_sample():
    """As each filter is undone from there: the same fit, but for the perplexities and dates that differ."""
    again, ours = sheet.without(""), fit.published(catalogue.law("7"), SAMPLE)
    pd.testing.assert_series_equal(again.frame["benchmark"], SAMPLE.frame["benchmark"])
    np.testing.assert_allclose(fit.published(catalogue.law("7"), again).mse, ours.mse, rtol=1e-3)
    with pytest.raises(ValueError, match="no filter"):
        sheet.selected("poems")


def test_a_change_is_compared_with_the_same_specification_without_it():
    frame = curve.months(TABLE)
    found = curve.around(frame).set_index("level")
    one = line(optimiser="converged", rows="no cache")["rate"] / line(optimiser="converged")["rate"]
    assert found.loc["no cache", "pace"].low <= one <= found.loc["no cache", "pace"].high
    assert len(found) == 8 and found.loc["all of a paper", "n"] > found.loc["four systems too", "n"] > len(SAMPLE)
    assert (
        len(curve.factorial(TABLE)) == len(TABLE) - TABLE[["rows", "missing"]].isin(list(found.index)).any(axis=1).sum()
    )


def test_shares_of_the_variance_are_those_of_an_analysis_of_variance():
    rng = np.random.default_rng(2)
    levels = pd.MultiIndex.from_product([["a", "b"], ["c", "d", "e"], ["f", "g"]], names=["optimiser", "rows", "floor"])
    frame = levels.to_frame(index=False)
    frame["rate"] = rng.permutation(len(frame)).astype(float)
    for name, level in {
        "penalty": 0.0,
        "data": "seen",
        "missing": "one",
        "progress": "separate",
        "vocabulary": "no",
        "value": "own",
    }.items():
        frame[name] = level
    found = curve.variance(frame).set_index("choice")
    with np.errstate(all="ignore"):  # a saturated model leaves no residual to divide by
        table = anova_lm(smf.ols("rate ~ C(optimiser) * C(rows) * C(floor)", frame).fit(), typ=1)["sum_sq"]
    total = table.drop("Residual").sum()
    for choice in ("optimiser", "rows", "floor"):
        np.testing.assert_allclose(found.loc[choice, "alone"], table[f"C({choice})"] / total)
        involved = table[[term for term in table.index if f"C({choice})" in term]].sum()
        np.testing.assert_allclose(found.loc[choice, "involved"], involved / total)
    assert found.loc["penalty", "involved"] == pytest.approx(0.0, abs=1e-12)


def test_quantiles_are_taken_on_rates():
    frame = pd.DataFrame({"rate": np.log(2.0) * np.linspace(-1.0, 3.0, 41)})
    found = curve.quantiles(frame)
    assert (found.low, found.value, found.high) == pytest.approx((12.0 / 2.9, 12.0, np.inf))
    assert curve.months(frame.assign(low=-1.0, high=1.0))["months"].iloc[0] == np.inf


def test_what_the_page_says_in_words():
    frame = curve.months(TABLE)
    shares = curve.variance(TABLE).set_index("choice")["involved"]
    assert shares.idxmax() == "rows" and shares.idxmin() == "vocabulary"
    assert (frame["months"] < 12.0).mean() > 0.5
    wide = (frame["months_low"] > frame["months"] / 2) & (frame["months_high"] < 2 * frame["months"])
    assert wide.mean() < 0.2
    assert ((frame["months_low"] < 8.4) & (frame["months_high"] > 8.4)).mean() > 0.75, "8.4 months fit most"
    levels = unpacked(curve.by_level(frame))
    rows = levels[levels["choice"] == "rows"].set_index("level")
    assert rows["months"].idxmax() == "transformers"
    assert (levels["months_high"] > 4.0 * levels["months_low"]).all()


def test_one_row_breaks_the_tie_without_a_penalty():
    outs = curve.leave_outs(SAMPLE)
    assert outs["converged"].all()
    rows = outs.query("by == 'row' and penalty == 0").sort_values("months")
    assert rows["months"].iloc[0] < 0.65 * rows["all_rows"].iloc[0] < rows["months"].iloc[1]
    penalised = outs.query("penalty > 0")
    assert np.abs(np.log(penalised["months"] / penalised["all_rows"])).max() < np.log(1.25)


def test_leaving_a_row_out_is_fitting_the_others():
    outs = curve.leave_outs(SAMPLE).query("by == 'row' and penalty > 0").reset_index(drop=True)
    index = int(outs["months"].idxmax())
    others = SAMPLE.take(np.delete(np.arange(len(SAMPLE)), index))
    reference = fit.problem(catalogue.law("7"), SAMPLE)[2]
    alone = fit.converged(catalogue.law("7"), others, reference=reference)
    np.testing.assert_allclose(outs["months"][index], point_months(alone), rtol=1e-6)


def test_the_explorer_holds_the_table_and_asks_for_nothing():
    shown = explorer.curve(TABLE, name="fig-a-b", alt="x", words=figures.NAMES, levels=figures.LEVELS)
    page = shown._repr_mimebundle_()["text/html"]
    assert not re.search(r'(?:src|href)="https?:', page)
    data = json.loads(re.search(r'<script type="application/json">(.*?)</script>', page)[1])
    ordered = TABLE.sort_values("rate", ascending=False)
    np.testing.assert_allclose(data["rate"], ordered["rate"], atol=1e-5)
    for place, choice in enumerate(CHOICES):
        decoded = [str(CHOICES[choice][code]) for code in data["codes"][place]]
        assert decoded == ordered[choice].astype(str).tolist()
    assert page.count("<select") == len(CHOICES)
    assert len(page) < 1_000_000
