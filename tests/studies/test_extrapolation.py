"""Extrapolation: laws return what curves were made with, tables come back, and bent frontiers find a known one."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import curve_fit

from algoprogress.data import tables
from algoprogress.frontiers import isoflop
from book.studies.extrapolation import curves, estimators, grids, published

EXAMPLES = np.geomspace(1e6, 1e9, 30)
MADE = {  # a curve of each law
    "m1": 8.0 * EXAMPLES**-0.2, "m2": 0.3 + 8.0 * EXAMPLES**-0.2, "m3": 30.0 * (1.0 / EXAMPLES + 3e-9) ** 0.25,
    "m4": estimators.solved(6.0 - 0.4 * np.log(EXAMPLES), 0.3, 1.0, 0.3),
}  # fmt: skip


@pytest.mark.parametrize("name", MADE)
def test_each_law_returns_the_curve_that_it_made_also_further_on(name):
    ahead = {"m1": 8.0 * 1e11**-0.2, "m2": 0.3 + 8.0 * 1e11**-0.2, "m3": 30.0 * (1e-11 + 3e-9) ** 0.25}
    ahead["m4"] = estimators.solved(6.0 - 0.4 * np.log([1e11]), 0.3, 1.0, 0.3)[0]
    fit = estimators.OPTIMA[name](EXAMPLES, MADE[name])
    assert fit.objective < 1e-4
    assert float(np.ravel(fit.predict(np.array([1e11])))[0]) == pytest.approx(ahead[name], rel=2e-3)


def test_m4_solves_its_own_equation():
    right = np.linspace(-3.0, 4.0, 20)
    loss = estimators.solved(right, 0.2, 1.1, 0.7)
    np.testing.assert_allclose(np.log(loss - 0.2) - 0.7 * np.log(1.1 - loss), right, atol=1e-8)


def test_the_books_law_is_the_least_squares_of_scipy():
    loss = MADE["m2"] * np.exp(np.random.default_rng(0).normal(0.0, 1e-3, len(EXAMPLES)))
    kept = np.minimum.accumulate(loss) == loss
    law = lambda x, floor, level, fall: floor + level * (x / 1e8) ** fall  # noqa: E731
    theirs, _ = curve_fit(law, EXAMPLES[kept], loss[kept], p0=(0.3, 0.2, -0.2))
    fit = estimators.floor_law(EXAMPLES, loss)
    assert float(fit.predict(1e11)) == pytest.approx(law(1e11, *theirs), rel=1e-5)


def test_fits_by_turns_end_above_the_optimum_and_near_their_start():
    """By the committed objectives: nothing that the authors reach lies below the optimum."""
    frame = tables.read("extrapolation").pivot_table("objective", curves.CURVE, "estimator")
    for name in ("m2", "m3", "m4"):
        assert (frame[f"{name}_optimum"] <= frame[name] * (1.0 + 1e-3)).all()
    fit = published.by_turns(EXAMPLES, MADE["m2"], bends=False)
    assert fit.predict(1e11) == pytest.approx(0.3 + 8.0 * 1e11**-0.2, rel=0.01)


def test_part_of_the_table_of_errors_comes_back():
    committed = curves.errors()
    for key, part in curves.curves()[:2]:
        for name in ("m1", "m2_optimum", "m3", "m3_optimum", "floor", "smooth"):
            found = curves.error(curves.fitted(name, part), part)
            assert found == pytest.approx(committed.loc[key, name], rel=1e-3), (key, name)
    assert committed.notna().all(axis=None) and len(committed) == 20


def test_power_laws_without_a_floor_miss_by_what_a_line_of_numpy_misses():
    for key, part in curves.curves()[-3:]:
        known, ahead = part[part["fitted"] == "yes"], part[part["fitted"] == "no"]
        line = np.polyfit(np.log(known["examples"]), np.log(known["loss"]), 1)
        left = np.polyval(line, np.log(ahead["examples"])) - np.log(ahead["loss"])
        assert curves.errors().loc[key, "m1"] == pytest.approx(np.sqrt(np.mean(left**2)), rel=1e-3)


@pytest.mark.parametrize("design", grids.DESIGNS)
@pytest.mark.parametrize("law", grids.LAWS)
def test_a_bent_frontier_lies_near_the_true_one_and_straight_lines_above(law, design):
    row = grids.exact().set_index(["law", "design"]).loc[law, design]
    assert abs(row["bent"]) < 0.015 and abs(row["least"]) < 0.015 and row["straight"] < -0.03
    assert row["projected"] == pytest.approx(0.0, abs=1e-5)


def test_minima_stay_where_they_are_and_two_are_joined_straight_in_logs():
    logs = np.log([1e17, 1e18, 1e19])
    least = np.array([[4.0, 3.5, 3.2], [4.0, np.nan, 3.2], [np.nan, np.nan, 3.2]])
    places, found = isoflop.bent(logs, least)
    at = [int(np.argmin(abs(places - each))) for each in logs]
    np.testing.assert_allclose(found[0, at], least[0])
    np.testing.assert_allclose(found[1, at[::2]], least[1, ::2])
    middle = np.interp(places, logs[[0, 2]], np.log(least[1, [0, 2]]))
    np.testing.assert_allclose(np.log(found[1]), middle)
    assert np.isfinite(found[2]).sum() == 1 and np.diff(places).max() <= isoflop.BEND + 1e-9
    curve = np.polyval(np.polyfit(logs, np.log(least[0]), 2), places)
    np.testing.assert_allclose(np.log(found[0]), curve)


def test_the_projected_law_returns_the_truth_of_a_grid():
    for law in grids.LAWS.values():
        found = grids.projected(grids.grid(law, "wide"))
        for name in ("floor", "alpha", "beta"):
            assert getattr(found, name) == pytest.approx(getattr(law, name), rel=1e-3)


def test_the_audit_has_every_grid_and_part_of_it_comes_back():
    frame = tables.read("isoflop_audit")
    assert set(zip(frame["law"], frame["design"], strict=True)) == {(a, b) for a in grids.LAWS for b in grids.DESIGNS}
    assert (frame["samples"] == grids.SAMPLES).all()
    by = frame.pivot_table("bias", ["law", "design", "place"], "estimator").abs().groupby("design").max()
    assert (by["bent"] < by["straight"])["three_budgets"] and (by["bent"] < 0.04).all()
    columns = ["law", "design", "estimator", "place", "gain", "low", "high"]
    few = [row for sample in range(4) for row in grids.answered("like exponents", "centred", sample)]
    means = pd.DataFrame(few, columns=columns).groupby("estimator")["gain"].mean()
    assert all(abs(each / grids.GAIN - 1.0) < 0.06 for each in means)


def test_of_the_pairs_that_quote_minima_none_moves_much():
    frame = grids.moved()
    assert frame["quoted"].sum() == 8 and abs(grids.largest_move()) < 0.06
