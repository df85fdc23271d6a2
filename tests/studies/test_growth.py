"""Growth and its bends on simulated series, the frontier, the stack, and a spline in time."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm

from algoprogress.fits import fit
from algoprogress.laws import catalogue
from book.studies.growth import acceleration, study, trend
from published_values import SAMPLE


@pytest.fixture(scope="module")
def series() -> pd.DataFrame:
    """Return models of forty organisations whose compute doubles every six months, then every three from 2019 on."""
    rng = np.random.default_rng(1)
    years = np.sort(rng.uniform(2012.0, 2025.0, 300))
    log = np.log(1e17) + 12 * np.log(2) / 6 * (years - 2012) + 12 * np.log(2) / 6 * np.maximum(years - 2019.0, 0.0)
    noise = rng.normal(0.0, 1.0, 40)[rng.integers(0, 40, 300)] + rng.normal(0.0, 0.5, 300)
    return pd.DataFrame(
        {"years_decimal": years, "log_compute": log + noise, "organization": rng.integers(0, 40, 300).astype(str)}
    )


def test_slopes_are_least_squares_and_hold_the_truth(series):
    found = trend.slopes(series, breaks=(2019.0,))
    design = sm.add_constant(
        np.column_stack([series["years_decimal"], np.maximum(series["years_decimal"] - 2019.0, 0)])
    )
    line = sm.OLS(series["log_compute"], design).fit()
    np.testing.assert_allclose(found.rates, np.cumsum(line.params.to_numpy()[1:]), rtol=1e-6)
    for truth, months in zip((6.0, 3.0), found.months, strict=True):
        assert months.low < truth < months.high


def test_a_bend_is_found_where_it_is_and_not_where_none_is(series):
    found = trend.bend(series)
    assert found.p_value < 0.01 and abs(found.date.value - 2019.0) < 1.0
    assert found.date.contains(2019.0) and found.date.high < found.date.low + 4.0
    straight = series.assign(
        log_compute=series["log_compute"] - 12 * np.log(2) / 6 * np.maximum(series["years_decimal"] - 2019.0, 0.0)
    )
    assert trend.bend(straight).p_value > 0.05


def test_the_test_of_a_bend_keeps_its_level():
    """Of 60 series without a bend at most 8 are called bent at 5%: the 99.5% point of the binomial."""
    rng = np.random.default_rng(7)
    rejected = 0
    for _ in range(60):
        years = np.sort(rng.uniform(2012.0, 2025.0, 80))
        shared = rng.integers(0, 25, 80)
        log = 1.4 * (years - 2012.0) + rng.normal(0.0, 1.0, 25)[shared] + rng.normal(0.0, 0.7, 80)
        frame = pd.DataFrame({"years_decimal": years, "log_compute": log, "organization": shared.astype(str)})
        rejected += trend.bend.__wrapped__(frame, draws=199).p_value < 0.05
    assert rejected <= 8


def test_the_frontier_is_of_those_that_were_largest_then():
    frame = pd.DataFrame({"training_compute_flop": [5.0, 3.0, 4.0, 6.0, 1.0]})
    assert study.largest(frame, top=1)["training_compute_flop"].tolist() == [5.0, 6.0]
    assert study.largest(frame, top=2)["training_compute_flop"].tolist() == [5.0, 3.0, 4.0, 6.0]


def test_the_stack_is_the_sum_of_its_parts():
    frame = study.stack(np.full(10, 1.0), np.full(10, 0.5), np.array([2012.0, 2014.0]))
    at = frame[frame["year"] == 2014.0].set_index("part")["factor"]
    for part, log in {"physical": 2.0, "algorithmic": 1.0, "effective": 3.0}.items():
        assert at[part].value == pytest.approx(np.exp(log))


def test_the_spline_is_natural_and_takes_a_straight_line_for_itself():
    knots = np.array([1.0, 4.0, 7.0, 10.0])
    years = np.linspace(-3.0, 14.0, 400)
    basis = acceleration.spline(years, knots)
    bend = np.gradient(np.gradient(basis, years, axis=0), years, axis=0)
    outside = (years < 0.9) | (years > 10.1)
    assert np.abs(bend[outside][3:-3]).max() < 1e-6 < np.abs(bend).max()
    np.testing.assert_allclose(basis[:, 0], years)


def test_without_bends_the_spline_has_the_rate_of_law_12():
    design, target, _ = acceleration.smooth_design(SAMPLE)
    straight, _, reference = fit.problem(catalogue.law("12"), SAMPLE)
    found = fit.converged(catalogue.law("12"), SAMPLE, penalty=0.0)
    theta = np.array([found.params.get(name, 0.0) for name in design.names])
    theta[design.names.index("time_0")] = found.params["year"]
    np.testing.assert_allclose(design.predict(theta), found.predict(SAMPLE.frame))
    assert len(target) == len(SAMPLE) and straight.names != design.names and reference.year > 2000


def test_what_the_page_says():
    p_values = study.compute_growth().set_index("models")["p_value"]
    assert p_values["frontier"] > 0.2 > 0.01 > p_values["notable"]
    change = acceleration.change(SAMPLE)
    assert change.contains(0.0)
    pace = acceleration.smooth(SAMPLE).set_index("year")["rate"]
    assert change.high - change.low > pace[2022.0].value
    assert change.contains(pace[2015.0].value) and change.contains(-pace[2015.0].value / 2.0)
