"""Ends of intervals from draws: their Monte Carlo error by rank, and which of them the draws determine."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binom, norm

from algoprogress.fits.rates import months_of
from algoprogress.show import style
from algoprogress.show.estimate import Estimate, unpacked


def mixed(draws: int, slow: float, seed: int = 0) -> np.ndarray:
    """Return yearly rates of growth around one, of which a share is slow or shows no progress."""
    rng = np.random.default_rng(seed)
    rates = np.where(rng.uniform(size=draws) < slow, rng.uniform(-0.3, 0.35, draws), rng.lognormal(0.0, 0.45, draws))
    return np.clip(rates, -1.0, None)


def test_the_limits_of_an_end_hold_the_true_quantile_as_often_as_they_say():
    rng, ends, draws = np.random.default_rng(1), norm.ppf([0.025, 0.975]), 400
    found = [Estimate.from_draws(rng.normal(size=draws), covers="95%, draws").limits for _ in range(800)]
    low, high = (
        np.mean([limits[at] <= end <= limits[at + 2] for limits in found]) for at, end in ((0, ends[0]), (3, ends[1]))
    )
    ranks = (
        np.searchsorted(np.arange(draws), Estimate.from_draws(np.arange(draws), covers="95%, draws").limits[:3:2]) + 1
    )
    exact = binom.cdf(ranks[1] - 1, draws, 0.025) - binom.cdf(ranks[0] - 1, draws, 0.025)
    assert 0.94 < exact < 0.98
    assert [low, high] == pytest.approx([exact, exact], abs=4 * math.sqrt(exact * (1 - exact) / 800))


@pytest.mark.parametrize(("draws", "loose"), [(60, "low high"), (100, "low high"), (400, ""), (10_000, "")])
def test_few_draws_of_a_normal_leave_both_ends_undetermined_and_many_neither(draws, loose):
    assert Estimate.from_draws(np.random.default_rng(2).normal(size=draws), covers="95%, draws").undetermined == loose


def test_an_empty_tail_leaves_its_end_undetermined_however_the_rate_is_written():
    """The quantile falls where there are hardly any draws; unit, power and reciprocal change nothing."""
    rate = Estimate.from_draws(mixed(4_000, 0.03), covers="95%, draws")
    months = months_of(rate)
    assert (rate.undetermined, months.undetermined) == ("low", "high")
    for function in (lambda x: 7.0 * x, lambda x: x**2, lambda x: 1.0 / x):
        assert len(rate.map(function).undetermined.split()) == 1
    assert months.text(".1f").count("above") == 1 and months.span(".1f").startswith(f"{months.low:.1f} to above ")
    again = [
        months_of(Estimate.from_draws(mixed(4_000, 0.03, seed), covers="95%, draws")).limits[4] for seed in range(9)
    ]
    assert max(again) / min(again) > 1.3 > min(again) / months.high > 0.9  # the bound is met, the end jumps about
    assert months.limits[3] == months.high < months.limits[4]
    full = months_of(Estimate.from_draws(mixed(4_000, 0.0), covers="95%, draws"))
    assert full.undetermined == "" and full.high == pytest.approx(full.limits[4])


def test_a_tail_that_shows_no_progress_is_no_progress_and_one_that_may_is_open():
    without = months_of(Estimate.from_draws(mixed(4_000, 0.2), covers="95%, draws"))
    assert (without.high, without.undetermined) == (math.inf, "")
    perhaps = months_of(Estimate.from_draws(np.r_[mixed(1_950, 0.0), np.full(50, -0.1)], covers="95%, draws"))
    assert perhaps.undetermined == "high" and math.isfinite(perhaps.high) and perhaps.reach[1] == math.inf


def test_all_of_a_set_and_a_published_procedure_have_no_monte_carlo_error():
    found = Estimate.from_draws(np.arange(12.0), covers="95% of 12 laws", complete=True)
    assert (found.undetermined, found.limits) == ("", ())
    assert (found.low, found.high) == pytest.approx((0.275, 10.725))


def test_an_undetermined_end_is_kept_by_rows_tables_and_figures():
    row = {"estimate": 7.0, "low": 3.2, "high": 34.4, "undetermined": "high"}
    found = Estimate.of_row(row, tuple(row), unit="months")
    assert str(found) == "7.0 months [3.2, above 34.4]"
    assert found.reach == (3.2, math.inf) and found.contains(1e9) and not found.contains(3.0)
    frame = unpacked(pd.DataFrame({"months": [found, Estimate(1.0)]}))
    assert frame["months_undetermined"].tolist() == ["high", ""]
    _, ax = style.subplots()
    style.interval(ax, 0.0, found, "ours", (2.0, 60.0))
    assert [line.get_xdata()[0] for line in ax.lines if line.get_marker() == ">"] == [34.4]
