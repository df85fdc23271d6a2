"""The outlook: closed forms, shares that add up, simulated splits, and what the chapter says in words."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from algoprogress.show.estimate import unpacked as wide
from book.studies.outlook import figures as outlook_figures
from book.studies.outlook import study as outlook
from book.studies.outlook.study import Rates


@pytest.mark.parametrize("months", [4.5, 8.4, 30.0])
def test_a_constant_doubling_time_gives_its_power_of_two(months: float):
    rate = np.full(10, 12.0 * np.log(2.0) / months)
    for found in outlook.factors(rate).values():
        assert (found.low, found.value, found.high) == pytest.approx([2.0 ** (12.0 * 4.0 / months)] * 3)


def test_normal_rates_give_lognormal_ends():
    rate = np.random.default_rng(1).normal(0.5, 0.1, 400_000)
    for name, reach in (("within50", 0.6745), ("within95", 1.96)):
        found, expected = outlook.factors(rate)[name], np.exp(4.0 * (0.5 + 0.1 * np.array([-reach, 0.0, reach])))
        np.testing.assert_allclose([found.low, found.value, found.high], expected, rtol=0.01)


def test_the_medians_are_those_of_the_book_s_doubling_times():
    """Factors turned back into months are the ledger's medians of each procedure."""
    rows = wide(outlook.table()).set_index(["scenario", "part"])["within95"]
    for name, months in (("published", 8.44), ("converged", 6.98), ("answer", 10.04)):
        back = 48.0 * np.log(2.0) / np.log(rows[name, "algorithms"])
        assert back == pytest.approx(months, rel=0.03)


def test_parts_multiply_and_no_gain_leaves_physical_compute():
    found = outlook.rates("answer", "straight")
    np.testing.assert_allclose(found.parts["effective"], found.physical + found.algorithms)
    rows = wide(outlook.table()).set_index(["scenario", "part"])
    none = rows.loc["none"]
    assert none.loc["effective"].tolist() == none.loc["physical"].tolist()
    assert none.loc["algorithms"].tolist() == [1.0] * 6
    half, full = rows.loc[("half_compute", "physical"), "within95"], rows.loc[("answer", "physical"), "within95"]
    assert half == pytest.approx(np.sqrt(full), rel=0.01)


def test_where_gains_grow_with_scale_alone_the_rate_is_that_of_compute_times_a_slope():
    found = outlook.rates("scale", "straight")
    slopes = found.algorithms / found.physical
    assert np.median(slopes) == pytest.approx(np.median(outlook.scale_slopes()), rel=0.03)
    law = {name: outlook.scaling.law(name).exponent for name in ("lstm", "modern")}
    assert np.quantile(slopes, 0.05) < law["modern"] / law["lstm"] - 1.0 < np.quantile(slopes, 0.95)


def test_the_strict_range_returns_from_its_rates():
    totals = np.exp(7.0 * np.quantile(outlook.strict_rates(), [0.05, 0.5, 0.95]))
    np.testing.assert_allclose(totals, [5.0, 10.0, 20.0], rtol=0.01)


def test_the_pooled_scenario_takes_as_many_of_each():
    found = outlook.rates("pooled", "pooled")
    for names, column in ((outlook.POOLED, found.procedure), (outlook.POOLED_PHYSICAL, found.line)):
        counts = [int((column == name).sum()) for name in names]
        assert max(counts) - min(counts) <= len(outlook.POOLED)


def test_the_same_seed_gives_the_same_draws():
    one, two = (outlook.rates("pooled", "pooled", draws=500) for _ in range(2))
    assert np.array_equal(one.algorithms, two.algorithms)
    other = outlook.rates("pooled", "pooled", draws=500, seed=1)
    assert not np.array_equal(one.algorithms, other.algorithms)


def test_shares_add_up_and_known_variances_come_back():
    frame = outlook.split().set_index("component")
    assert frame["share"].sum() == pytest.approx(1.0)
    assert abs(frame.loc["together", "share"]) < 0.02
    groups = np.repeat(["a", "b"], 50_000)
    values = np.where(groups == "a", 0.0, 2.0) + np.random.default_rng(0).normal(0, 0.5, 100_000)
    between = np.var(outlook._of_group("mean", values, groups))
    assert between == pytest.approx(1.0, rel=0.02)
    assert np.var(values) - between == pytest.approx(0.25, rel=0.02)


def test_trimming_is_by_procedure():
    rng = np.random.default_rng(0)
    procedure = np.repeat(["narrow", "wide"], 1_000)
    rate = np.r_[rng.normal(0, 0.1, 1_000), rng.normal(0, 10.0, 1_000)]
    kept = outlook._trimmed(Rates(np.zeros(2_000), rate, procedure, procedure))
    assert (kept.procedure == "narrow").sum() == pytest.approx(950, abs=2)
    assert (kept.procedure == "wide").sum() == pytest.approx(950, abs=2)


def test_the_fan_is_one_in_2026_and_marks_what_has_data():
    frame = wide(outlook.fan())
    start = frame[np.isclose(frame["year"], outlook.START)]
    assert len(start) == 3 and np.allclose(start[["within95_low", "within95", "within95_high"]], 1.0)
    assert not frame.loc[frame["year"] > 2026.0, "inside"].any()
    assert frame.groupby("part")["inside"].any().all()
    last = frame[frame["year"] == outlook.END].set_index("part")
    expected = wide(outlook.table()).set_index(["scenario", "part"]).loc["pooled"]
    np.testing.assert_allclose(last["within95"], expected["within95"][last.index])


def test_only_fits_are_pooled():
    """Draws of the published bootstrap are where its solver stopped; specifications count if they converged."""
    assert "published" not in outlook.POOLED and "published" in outlook.SCENARIOS
    assert outlook.specifications()[["optimiser", "converged"]].drop_duplicates().to_numpy().tolist() == [
        ["converged", 1]
    ]
    assert all(found.covers.startswith("95%") for found in outlook.table()["within95"])


def test_an_unknown_scenario_or_procedure_is_refused():
    with pytest.raises(KeyError):
        outlook.rates("nobody", "straight")
    with pytest.raises(KeyError):
        outlook.physical_rates("nobody")


def test_what_the_page_says():
    """Compute is narrow, algorithms are wide; no gain, the strict number and half the pace of compute lie lowest."""
    rows = wide(outlook.table()).set_index(["scenario", "part"])
    decades = np.log10(rows["within95_high"] / rows["within95_low"])
    assert decades["pooled", "physical"] < 0.25 * decades["pooled", "algorithms"]
    assert rows.loc[("pooled", "algorithms"), "within95_low"] < 1.0
    effective = rows.xs("effective", level="part")["within95"]
    medians = np.log10(effective[["published", "converged", "answer", "specifications", "scale"]])
    assert medians.max() - medians.min() < decades.xs("effective", level="part")[list(medians.index)].min()
    assert effective.drop(["none", "half_compute"]).min() == effective["strict"]
    split = outlook.split().set_index("component")
    assert split["share"].idxmax() == "specifications"
    assert split.loc[["specifications", "sampling"], "share"].min() > 0.35, "make most of it, about alike"
    assert split["width_known"].idxmin() == "sampling"
    assert split.loc["procedure", "width_known"] > 0.97 * split.loc["procedure", "width"]  # about as wide
    assert split.loc[["line", "organisations"], "share"].sum() < 0.05


def test_spoken_factors_have_two_digits_and_leave_other_units_alone():
    rows = pd.DataFrame(
        {"unit": ["times", "share"], "estimate": [61_718.0, 0.5], "low": [1_324.0, 0.1], "high": [6.15e6, 0.9]},
        index=["a", "b"],
    )
    assert outlook_figures.about(rows) == {"a.about": "6.2 × 10⁴", "a.about_interval": "1.3 × 10³ to 6.2 × 10⁶"}
