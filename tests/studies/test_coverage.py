"""The study of coverage: its variance components, its rates, and the committed table recomputed in part."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
import pandas as pd
import pytest
import statsmodels.formula.api as smf
from statsmodels.stats.anova import anova_lm
from statsmodels.stats.proportion import proportion_confint

from algoprogress.data import describe, tables
from algoprogress.engine import cache
from algoprogress.fits import fit
from algoprogress.laws import catalogue
from algoprogress.show.estimate import unpacked
from book.studies.selection import coverage
from published_values import SAMPLE

ESTIMATES = ["true_rate", "low", "median", "high"]


@pytest.fixture(autouse=True, scope="module")
def afresh() -> Iterator[None]:
    """Let these tests compute for themselves, and leave nothing behind."""
    with cache.elsewhere():
        yield


def by_anova(values: np.ndarray, groups: np.ndarray) -> tuple[float, float]:
    """Return the variances between and within groups, from the mean squares of a one-way analysis of variance."""
    frame = pd.DataFrame({"value": values, "group": [f"g{group}" for group in groups]})
    table = anova_lm(smf.ols("value ~ C(group)", frame).fit())
    between, within = table["sum_sq"] / table["df"]
    sizes = frame["group"].value_counts()
    n0 = (sizes.sum() - (sizes**2).sum() / sizes.sum()) / (len(sizes) - 1)
    return (between - within) / n0, within


@pytest.mark.parametrize("seed", [0, 1])
def test_variance_components_are_those_of_a_one_way_analysis_of_variance(seed):
    rng = np.random.default_rng(seed)
    groups = rng.permutation(np.repeat(np.arange(20), rng.integers(1, 8, 20)))
    values = 5.0 + 0.7 * rng.normal(size=20)[groups] + 0.3 * rng.normal(size=len(groups))
    between, within = by_anova(values, groups)
    assert between > 0
    assert coverage.variance_components(values, groups) == pytest.approx((math.sqrt(between), math.sqrt(within)))


def test_groups_that_differ_less_than_their_rows_have_no_component():
    values, groups = np.array([1.0, 3.0, 1.1, 2.9, 0.8, 3.2]), np.array([0, 0, 1, 1, 2, 2])
    assert by_anova(values, groups)[0] < 0
    assert coverage.variance_components(values, groups) == (0.0, pytest.approx(math.sqrt(by_anova(values, groups)[1])))


def test_variance_components_are_right_on_average():
    """Both estimators are unbiased; the bounds are four standard errors of the average over the repetitions."""
    papers = np.unique(SAMPLE.frame["paper_id"], return_inverse=True)[1]
    rng, found = np.random.default_rng(3), []
    for _ in range(400):
        values = 0.2 * rng.normal(size=papers.max() + 1)[papers] + 0.1 * rng.normal(size=len(papers))
        found.append(coverage.variance_components(values, papers))
    variances = np.square(found)
    assert (variances > 0).all()
    errors = variances.std(axis=0) / np.sqrt(len(variances))
    assert (np.abs(variances.mean(axis=0) - [0.04, 0.01]) < 4 * errors).all()
    assert (errors < [0.0004, 0.0001]).all()


def test_spreads_of_kinds_are_right_on_average():
    """The variance of each kind within groups is estimated without bias, within four standard errors."""
    papers, kinds = (SAMPLE.frame[name].to_numpy() for name in ("paper_id", "benchmark"))
    true = pd.Series(kinds).map({"ptb": 0.1, "wt2": 0.3, "wt103": 0.2}).to_numpy()
    _, member = np.unique(papers, return_inverse=True)
    rng, found = np.random.default_rng(5), []
    for _ in range(400):
        values = 0.5 * rng.normal(size=member.max() + 1)[member] + true * rng.normal(size=len(true))
        found.append(coverage.within(values, papers, kinds) ** 2)
    error = np.std(found, axis=0) / np.sqrt(len(found))
    assert (np.abs(np.mean(found, axis=0) - true**2) < 4 * error).all() and (error < 0.01 * 0.3).all()
    assert len(np.unique(found[0].round(12))) == 3


def test_the_spread_of_the_simulation_adds_up_to_that_of_the_residuals():
    """Between and within papers together: the variance of the residuals of the fit, within a tenth."""
    truth, best = coverage.truth(), fit.converged(catalogue.law("7"), SAMPLE, penalty=0.0)
    np.testing.assert_allclose(truth.mean, best.predict(SAMPLE.frame), rtol=1e-6)
    residuals = SAMPLE.frame["loss_nats"].to_numpy() - truth.mean
    between, _ = by_anova(residuals, SAMPLE.frame["paper_id"].to_numpy())
    assert truth.paper_sd**2 == pytest.approx(between, rel=1e-9)
    assert truth.paper_sd**2 + (truth.row_sd**2).mean() == pytest.approx(residuals.var(), rel=0.1)
    errors = np.array([truth.drawn(coverage.SEED, index).frame["loss_nats"] - truth.mean for index in range(200)])
    np.testing.assert_allclose(errors.std(axis=0), np.hypot(truth.paper_sd, truth.row_sd), rtol=0.25)


def test_the_first_samples_come_back_as_in_the_table():
    """Searches from other points move single quantiles by 2e-3 at most, where one draw of 200 ends elsewhere.

    All others agree to 1e-7, so two values of 40 may be off that little, and none by more.
    """
    again = coverage.simulate(2)
    table = tables.read("coverage")[:10]
    assert list(again.columns) == describe.table("coverage").names
    for column in ("sample", "method", "penalty", "by", "unconverged"):
        assert again[column].tolist() == table[column].tolist()
    off = np.abs(again[ESTIMATES].to_numpy() / table[ESTIMATES].to_numpy() - 1)
    assert (off > 1e-6).sum() <= 2
    assert off.max() < 5e-3


def test_the_table_covers_all_samples_and_ways():
    table = tables.read("coverage")
    numbers = table.groupby(["method", "by", "penalty"])["sample"]
    assert set(numbers.groups) == set(coverage.PROCEDURES)
    for procedure, part in numbers:
        count = min(coverage.PROCEDURES[procedure], table["sample"].max())
        assert part.tolist() == list(range(1, count + 1))
    assert (table["low"] <= table["median"]).all()
    assert (table["median"] <= table["high"]).all()
    assert (table["true_rate"] == table["true_rate"][0]).all()


def test_an_interval_that_begins_below_zero_months_holds_every_faster_rate(monkeypatch):
    """Percentiles of the months themselves, as printed: -40 to 30 months hold 10, which -100 to -10 do not."""
    monkeypatch.setattr(coverage.resample.published_bootstrap, "__wrapped__", lambda *_, **__: None)
    for months, low, high in (
        (np.linspace(-40, 30, 1_001), 12 * math.log(2) / 28.25, coverage.FASTEST),
        (np.linspace(5, 20, 1_001), 12 * math.log(2) / 19.625, 12 * math.log(2) / 5.375),
    ):
        rates = 12 * math.log(2) / months
        monkeypatch.setattr(coverage.progress, "growth_rates", lambda _, rates=rates: rates)
        found = coverage.interval(0, "published", "row", 0.0025)
        assert (found["low"], found["high"]) == pytest.approx((low, high))


def simulated() -> pd.DataFrame:
    """Return intervals around a growth of ln 4 a year: by paper four hold it (two just so) and one is too slow.

    By row all three are too fast.
    """
    true = math.log(4)
    rows = [
        (true - 1, true, true + 1),
        (true, true + 1, true + 2),
        (true - 2, true - 1, true),
        (true - 3, true - 2, true - 1),
        (true - 1, true - 0.5, true + 1),
    ]
    paper = pd.DataFrame(rows, columns=["low", "median", "high"]).assign(method="converged", by="paper", penalty=0.0)
    row = pd.DataFrame([(true + 1, 2 * true, true + 5)] * 3, columns=["low", "median", "high"])
    whole = pd.concat([row.assign(method="published", by="row", penalty=0.0025), paper], ignore_index=True)
    return whole.assign(true_rate=true, sample=[1, 2, 3, 1, 2, 3, 4, 5], unconverged=0.0)


def test_rates_are_counts_with_wilsons_interval():
    """A growth of ln 4 a year doubles in six months, twice as fast in three."""
    frame = coverage.rates(simulated())
    assert frame["by"].tolist() == ["row", "paper"]
    row, paper = unpacked(frame.drop(columns=["by", "method"])).to_dict("records")
    low, high = proportion_confint(4, 5, method="wilson")
    assert paper == pytest.approx(
        {
            "penalty": 0.0,
            "samples": 5,
            "coverage": 0.8,
            "coverage_low": low,
            "coverage_high": high,
            "too_slow": 0.2,
            "too_fast": 0.0,
            "median_months": 12 * math.log(2) / (math.log(4) - 0.5),
            "true_months": 6.0,
        },
        rel=1e-9,
    )
    low, high = proportion_confint(0, 3, method="wilson")
    assert row == pytest.approx(
        {
            "penalty": 0.0025,
            "samples": 3,
            "coverage": 0.0,
            "coverage_low": low,
            "coverage_high": high,
            "too_slow": 0.0,
            "too_fast": 1.0,
            "median_months": 3.0,
            "true_months": 6.0,
        },
        rel=1e-9,
    )


def test_the_rates_of_the_table_leave_nothing_out():
    frame = unpacked(coverage.rates(tables.read("coverage")))
    assert frame[["coverage", "too_slow", "too_fast"]].sum(axis=1).tolist() == pytest.approx([1.0] * 5)
    assert frame["coverage"].between(frame["coverage_low"], frame["coverage_high"]).all()
