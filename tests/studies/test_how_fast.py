"""The doubling time by procedure, where the optimiser stops, what rounding does, and the audit of the rows."""

from __future__ import annotations

import numpy as np
import pytest

from algoprogress.data import tables
from algoprogress.fits import fit
from algoprogress.fits.rates import point_months
from algoprogress.laws import catalogue
from algoprogress.show.estimate import unpacked
from book.studies.data import study as data
from book.studies.how_fast import claims, study
from book.studies.law import study as law_study


@pytest.fixture(scope="module")
def sample():
    return tables.evaluations().published_sample()


@pytest.fixture(scope="module")
def law():
    return catalogue.law("7")


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


def test_the_rows_return_every_published_series(sample):
    table = data.checksums.__wrapped__(sample)
    assert table["rows"].tolist() == [231, 231, 185, 231]
    assert (table["largest_deviation"] < [1e-12, 1e-12, 1e-6, 1e-6]).all()


def test_each_correction_has_an_effect_that_a_direct_fit_confirms(law, sample):
    cells = data.by_cell(law, sample)
    found = data.found(sample)
    assert len(cells) == found["column"].isin(data.FITTED).sum()
    assert cells["move"].abs().is_monotonic_decreasing
    top = cells.iloc[0]
    frame = sample.frame.copy()
    frame.loc[frame["row"] == top["row"], top["column"]] = float(top["reviewed"])
    mended = type(sample)(frame)
    direct = fit.converged.__wrapped__(law, mended, reference=fit.Normalisation.of(sample.frame), starts=100)
    assert point_months(direct) == pytest.approx(top["converged"], abs=1e-5)


def test_the_audit_leaves_what_the_fit_does_not_read(law, sample):
    kinds = data.by_kind(law, sample).set_index("scope")
    assert kinds.loc["only vocabulary", "converged"] == pytest.approx(kinds.loc["as used", "converged"], abs=1e-6)
    assert kinds.loc["as used", "converged"] == pytest.approx(6.0754, abs=1e-3)


def test_no_converged_fit_of_the_catalogue_lies_above_its_published_one(sample):
    table = law_study.every_law(sample)
    assert len(table) == 20
    assert (table["converged"] <= table["published"] + 1e-9).all()
    assert (table["residual"] < 1e-6).all()


def test_the_bias_table_agrees_with_a_plain_mean(law, sample):
    frame = law_study.misfit(fit.published(law, sample), sample)
    table = law_study.bias(frame).set_index(["benchmark", "architecture"])
    part = frame[(frame["benchmark"] == "ptb") & (frame["architecture"] == "other")]["residual_nats"]
    mean = table.loc[("ptb", "other"), "mean"]
    assert mean.value == pytest.approx(part.mean())
    assert mean.high - mean.value == pytest.approx(1.96 * part.sem())
    assert table["rows"].sum() == len(sample)
