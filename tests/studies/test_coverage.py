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


def test_the_spread_of_the_simulation_adds_up_to_that_of_the_residuals():
    """Between and within papers together: the variance of the residuals of the fit, within a tenth."""
    truth, shared, own = coverage.truth()
    residuals = SAMPLE.frame["loss_nats"].to_numpy() - truth.predict(SAMPLE.frame)
    assert truth.converged
    assert truth.penalty == 0.0
    assert (shared**2, own**2) == pytest.approx(by_anova(residuals, SAMPLE.frame["paper_id"].to_numpy()), rel=1e-9)
    assert shared**2 + own**2 == pytest.approx(residuals.var(), rel=0.1)


def test_the_first_samples_come_back_as_in_the_table():
    """Searches from other points move single quantiles by 2e-3 at most, where one draw of 200 ends elsewhere.

    All others agree to 1e-7, so two values of 24 may be off that little, and none by more.
    """
    again = coverage.simulate(2)
    table = tables.read("coverage")[:8]
    assert list(again.columns) == describe.table("coverage").names
    for column in ("sample", "penalty", "by", "unconverged"):
        assert again[column].tolist() == table[column].tolist()
    off = np.abs(again[ESTIMATES].to_numpy() / table[ESTIMATES].to_numpy() - 1)
    assert (off > 1e-6).sum() <= 2
    assert off.max() < 5e-3


def test_the_table_covers_all_samples_and_ways():
    table = tables.read("coverage")
    assert len(table) == coverage.SAMPLES * 4
    keys = table[["sample", "penalty", "by"]]
    assert not keys.duplicated().any()
    assert set(table["sample"]) == set(range(1, coverage.SAMPLES + 1))
    assert (table["low"] <= table["median"]).all()
    assert (table["median"] <= table["high"]).all()
    assert (table["true_rate"] == table["true_rate"][0]).all()


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
    paper = pd.DataFrame(rows, columns=["low", "median", "high"]).assign(by="paper", penalty=0.0)
    row = pd.DataFrame([(true + 1, 2 * true, true + 5)] * 3, columns=["low", "median", "high"])
    whole = pd.concat([row.assign(by="row", penalty=0.0025), paper], ignore_index=True)
    return whole.assign(true_rate=true, sample=[1, 2, 3, 1, 2, 3, 4, 5], unconverged=0.0)


def test_rates_are_counts_with_wilsons_interval():
    """A growth of ln 4 a year doubles in six months, twice as fast in three."""
    frame = coverage.rates(simulated())
    assert frame["by"].tolist() == ["row", "paper"]
    row, paper = unpacked(frame.drop(columns="by")).to_dict("records")
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
    assert frame["samples"].tolist() == [coverage.SAMPLES] * 4
    assert frame[["coverage", "too_slow", "too_fast"]].sum(axis=1).tolist() == pytest.approx([1.0] * 4)
    assert frame["coverage"].between(frame["coverage_low"], frame["coverage_high"]).all()
