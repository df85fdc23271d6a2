"""Answers to simulated files: the committed table is what its command computes, and keeps what the page promises."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from algoprogress.data import tables
from book.studies.own_data import coverage

TABLE = tables.read("own_coverage").set_index("design")


def test_the_table_has_every_design():
    assert list(TABLE.index) == list(coverage.DESIGNS) and (TABLE["samples"] == coverage.SAMPLES).all()


def test_gains_are_unbiased_and_intervals_hold():
    told = TABLE[TABLE["told"] > 0.9]
    assert len(told) >= 12
    assert told["bias"].abs().max() < 0.03
    fixed = told.index.str.contains(r"\d undertuned")  # a quarter of the runs in each file: no error of the level
    lucky = told.index == "20 finished runs against 500"  # the best of many runs, as the page and a note say
    rest, too_wide = told[~fixed & ~lucky], told["over_least"].astype(float)
    assert rest["coverage"].between(0.90, 0.98).all() and too_wide[rest.index].max() < 1.65
    assert told.loc[fixed, "coverage"].min() > 0.98 and too_wide[fixed].max() < 2.5
    assert TABLE.index[-1] == told.index[lucky].item() and told.loc[lucky, "coverage"].item() < 0.8


def test_what_cannot_be_known_is_a_bound_or_nothing():
    large = TABLE[TABLE.index.str.contains("too large")]
    assert large["told"].max() < 0.1
    assert (large.loc[large["bounded"] > 0.9, "coverage"] >= 0.9).all()
    assert large.loc[large.index.str.contains("both"), "bounded"].item() < 0.1


def test_a_simulated_file_is_what_its_design_says():
    """By the law itself: the new algorithm reaches each loss with a third of the compute."""
    rng = np.random.default_rng(0)
    old, new = (coverage.DESIGNS["500 finished runs"](gain, rng) for gain in (1.0, coverage.GAIN))
    logs = [np.log(each["loss_nats"]) for each in (old, new)]
    np.testing.assert_allclose(old["training_compute_flop"] / new["training_compute_flop"], coverage.GAIN)
    assert abs((logs[0] - logs[1]).std() - np.sqrt(2.0) * coverage.RUN_ERROR) < 0.0005


@pytest.mark.parametrize("name", ["4 finished runs", "grids of 5 by 7, both 8 times too large"])
def test_part_of_the_table_comes_back(name):
    """The share of answers of each kind exactly; a few files only, whose values scatter about those of all."""
    part = pd.DataFrame([coverage.answered(name, sample) for sample in range(6)])
    assert (part["bound"] == ("none" if "both" in name else "")).all()
    assert part["value"].isna().all() or abs(part["value"].mean() / coverage.GAIN - 1.0) < 0.05
