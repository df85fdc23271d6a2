"""Other papers' numbers: units that convert, intervals in order, and what the chapter says in words."""

from __future__ import annotations

import numpy as np
import pytest

import build_data
from algoprogress.data import tables
from algoprogress.show.estimate import unpacked
from book.studies.literature import study as literature


@pytest.mark.parametrize("doubling", [2.0, 8.4, 60.0])
def test_all_units_of_one_pace_give_the_same_months(doubling: float):
    yearly = 2.0 ** (12.0 / doubling)
    assert literature.months(doubling, "months") == doubling
    assert literature.months(yearly, "x per year") == pytest.approx(doubling)
    assert literature.months(yearly**6, "x total", "2014-2020") == pytest.approx(doubling)
    assert literature.months(doubling * 365.25 / 12.0, "days") == pytest.approx(doubling)


def test_an_unknown_unit_is_refused():
    with pytest.raises(ValueError, match="must be months, days"):
        literature.months(3.0, "furlongs")


def test_published_pairs_of_the_same_pace_agree():
    """Gundlach et al. state a yearly factor of 2.234 for a total of 6,926 in eleven years."""
    rates = unpacked(literature.rates()).set_index("id")
    total = literature.months(6926.0, "x total", "2012-2023")
    assert rates.loc["gundlach_2023", "months"] == pytest.approx(total, rel=0.005)
    assert rates.loc["tkwa_nanogpt", "months"] == pytest.approx(6.0123, abs=1e-3)


def test_intervals_hold_their_centre_and_are_in_order():
    for frame, centre in ((literature.rates(), "months"), (literature.gains(), "gain")):
        known = [found for found in frame[centre] if found.bounded]
        assert known
        for found in known:
            assert found.low <= found.value * (1 + 1e-9) and found.value <= found.high * (1 + 1e-9)


def test_every_gain_has_our_words_and_every_word_a_gain():
    ids = set(tables.read("literature_gains")["id"])
    assert set(build_data.GAIN_WORDS) <= ids
    assert set(tables.read("growth_rates")["id"]) == set(tables.manifest("growth_rates")["from"]["words"]["group"])
    assert not tables.read("literature_gains")["source"].eq("same").any()


def test_what_the_page_says():
    gains = unpacked(literature.gains())
    single = gains[gains["group"] == "one change"]["gain"]
    assert single.min() < 1.0 < single.median() < gains[gains["group"] == "whole recipe"]["gain"].median()
    large = gains[gains["gain"] > 100.0]
    assert (large["mark"] == "extrapolated").all()
    rates = unpacked(literature.rates()).groupby("group")["months"].agg(["min", "median", "max"])
    loss, able = rates.loc["loss of language models"], rates.loc["capability of language models"]
    assert able["max"] < loss["min"] < rates.loc["accuracy of vision models", "median"] < loss["max"]
    assert 0.9 < np.log10(loss["max"] / loss["min"]) < 1.0  # nearly a decade


def test_where_one_study_has_two_sizes_the_gain_is_mostly_smaller_at_the_larger():
    gains = tables.read("literature_gains").set_index("id")["gain"]
    names = [id.removeprefix("sanderson_full_") for id in gains.index if id.startswith("sanderson_full_")]
    large, small = ([abs(np.log(gains[f"sanderson_{size}_{name}"])) for name in names] for size in ("full", "small"))
    nearer = np.less(large, small)
    assert len(names) == 5 and nearer.all()  # losses too: every gain comes nearer to one
