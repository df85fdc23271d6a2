"""Numbers are printed as numbers should be, and tables are real tables."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

from algoprogress.show.words import quantity
from book.ledger import glue
from book.studies.verdicts import badge


@pytest.mark.parametrize(
    ("value", "spec", "text"),
    [
        (np.float64(1.2345), ".2f", "1.23"),
        (np.int64(231), "d", "231"),
        (-0.5, ".1f", "−0.5"),
        (-0.001, ".1f", "0.0"),
        (12345.6, ",.0f", "12,346"),
        (3.21e21, ".1e", "3.2 × 10²¹"),
        (2e-5, ".0e", "2 × 10⁻⁵"),
        (0.385, ".1%", "38.5%"),
        (math.inf, ".1f", "∞"),
        (-math.inf, ".1f", "−∞"),
    ],
)
def test_a_number_is_written(value, spec, text):
    assert glue.number("key", value, spec) == text


def test_a_missing_number_is_refused():
    with pytest.raises(ValueError, match="missing"):
        glue.number("key", float("nan"))


def test_an_interval_may_be_open():
    assert glue.interval("key", 5.04, math.inf, ".1f") == "5.0 to ∞"


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (7.79, "months", "7.8"),
        (math.inf, "months", "no progress"),
        (231, "rows", "231"),
        (7.234, "times", "7.23"),
        (None, "times", "–"),
    ],
)
def test_a_quantity_has_the_digits_of_its_unit(value, unit, text):
    assert quantity(value, unit) == text


def test_a_table_holds_headers_numbers_and_anchors():
    frame = pd.DataFrame({"id": ["a.b"], "what_is_it": ["x | y"], "value": [1.5], "count": [2017], "gap": [None]})
    lines = glue.table(frame, formats={"value": ".2f"}, headers={"count": "Count"}, anchor="id").markdown.splitlines()
    assert lines[0] == "| id | what is it | value | Count | gap |"
    assert lines[1] == "| :--- | :--- | ---: | ---: | :--- |"
    assert lines[2] == '| [[`a.b`](#a.b)]{id="a.b" .row-anchor} | x \\| y | 1.50 | 2017 | – |'


def test_a_claim_that_is_not_there_is_told_with_its_neighbours():
    with pytest.raises(KeyError, match=r"no claim 'ho\.sample\.row'.*ho\.sample\.rows"):
        glue.claims("ho.sample.row")


def test_a_caption_makes_a_numbered_table():
    table = glue.table(pd.DataFrame({"a": [1]}), caption="All of it.", name="tab-test-all")
    assert table.markdown.splitlines()[:3] == ["::::{table} All of it.", ":name: tab-test-all", ""]
    assert table.markdown.splitlines()[-1] == "::::"


def test_the_table_in_a_notebook_is_plain_html():
    table = glue.table(pd.DataFrame({"id": ["a.b"], "verdict": [badge("does not recompute")]}), anchor="id")
    assert '<th scope="row">a.b</th><td>does not recompute</td>' in table.html
