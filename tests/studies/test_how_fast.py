"""The doubling time by procedure, where the optimiser stops, and what rounding does."""

from __future__ import annotations

import numpy as np
import pytest

from algoprogress.fits import fit, rates, resample
from algoprogress.fits.rates import point_months
from algoprogress.show.estimate import unpacked
from book.studies.how_fast import allocated, claims, study
from book.studies.law import fits


def test_procedures_agree_with_the_ledger():
    table = study.procedures().set_index("procedure")
    assert table["point"].tolist() == pytest.approx([8.6848, 8.7157, 6.0754, 6.0754, 10.1962, 10.1962], abs=1e-3)
    papers = dict(claims.claims())["ho.model7.doubling_months.converged_papers"]
    assert table.loc["converged, papers resampled", "months"] == papers
    assert (table["unconverged"] == 0).all()
    ends = unpacked(table)[["months_low", "months", "months_high"]]
    assert (ends.diff(axis=1).iloc[:, 1:] > 0).all(axis=None)


def test_the_published_stop_is_no_minimum_and_tighter_stops_lie_lower(law, sample):
    stops = study.staged(study.stopping(law, sample))
    slsqp, minima = stops[stops["kind"] == "stop"], stops[stops["kind"] == "minimum"]
    assert slsqp["objective"].is_monotonic_decreasing
    assert slsqp["residual"].iloc[0] > 1e-3
    assert slsqp["months"].iloc[0] == point_months(fit.published(law, sample))
    assert minima["residual"].max() < 1e-6
    assert minima["objective"].min() < slsqp["objective"].min()
    assert list(stops.loc[stops["label"] == "global minimum", "objective"]) == [stops["objective"].min()]


def test_where_the_numerical_version_has_no_answer_todays_model_never_gets_there(law, sample):
    """Each year of a century is looked at; so such a resample shows no progress, and is not one to leave out."""
    draws, at = resample.bootstrap(law, sample, draws=1_000), rates.Conditions()
    slow = draws.params[np.argsort(rates.growth_rates(draws))[:60]]
    with np.errstate(all="ignore"):
        months = allocated.numerical_doubling_time_months(law, draws.reference, slow, at)
    never = slow[np.isnan(months)]
    assert 0 < len(never) < len(slow)
    now, twice = (
        allocated.optimal_allocation(law, draws.reference, never, rates.Conditions(compute_flop=flop))
        for flop in (at.compute_flop, 2.0 * at.compute_flop)
    )
    goal = allocated.predicted_loss(law, draws.reference, never, at, *twice)
    for year in at.year + np.arange(1.0, 101.0):
        assert (allocated.predicted_loss(law, draws.reference, never, at, *now, year=year) > goal).all()


def test_the_tail_is_that_of_the_draws_behind_the_headline():
    """Counted by hand, and the 90% ends lie where the shares of slower resamples say."""
    found, months = study.tail(), fits.converged_median("model7", level=0.9)
    drawn = rates.doubling_time_months(rates.growth_rates(fits.converged_draws("model7", "paper")))
    assert found["slower_than_24"].value == (drawn > 24.0).sum() / len(drawn)
    assert (drawn > months.high).mean() == pytest.approx(0.05, abs=1e-3)
    assert found["slower_than_36"].value > 0.025 > found["without_progress"].value  # the end of 95% is between
    assert fits.converged_median("model7").undetermined == "high" and months.undetermined == ""


def test_rounding_moves_the_published_interval_and_not_the_optimum(law, sample):
    table = study.rounding(law, sample)
    authors = table["months"].iloc[0]
    assert [authors.low, authors.value, authors.high] == pytest.approx(
        [4.51787288, 8.44382833, 14.26941928], rel=0, abs=5.1e-9
    )
    ends = unpacked(table)
    assert min(np.ptp(ends["months_low"]), np.ptp(ends["months_high"])) > 0.1
    shuffled = sample.take(np.random.default_rng(0).permutation(len(sample)))
    again, before = (fit.converged.__wrapped__(law, each, starts=40) for each in (shuffled, sample))
    assert again.objective == pytest.approx(before.objective, abs=1e-10)
