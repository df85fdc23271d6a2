"""The ledger: verdicts follow from numbers, every known miss is written down, and the export is the same twice."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

from algoprogress import cli as command
from algoprogress.data import tables
from algoprogress.show.estimate import Estimate
from book.ledger import ledger as claims
from book.studies import registry

REQUIRED = {
    "ho.sample.rows",
    "ho.sample.papers",
    "ho.sample.transformers",
    "ho.model7.objective.published",
    "ho.model7.objective.converged",
    "ho.model7.doubling_months.published_point",
    "ho.model7.doubling_months.published_bootstrap_median",
    "ho.model7.doubling_months.converged_point",
    "ho.model7.doubling_months.unpenalised_point",
    "ho.model7.doubling_months.converged_papers",
    "ho.transformer.gamma.published",
}


def row(**changes: object) -> pd.Series:
    plain = {
        "kind": "headline",
        "published": 8.0,
        "published_low": 4.0,
        "published_high": 14.0,
        "tolerance": 0.5,
        "check_against": "",
        "check_tolerance": np.nan,
    }
    return pd.Series(plain | changes)


def test_the_ledger_holds_the_promised_ids():
    ids = set(claims.ledger()["id"])
    assert ids >= REQUIRED
    assert len(ids) >= 60


def test_every_verdict_is_the_expected_one():
    surprises = claims.surprises()
    assert surprises.empty, surprises[["id", "published", "estimate", "verdict", "expected_verdict"]].to_string()


def test_every_miss_of_a_published_number_says_why_or_is_about_an_optimum():
    ledger = claims.ledger()
    missed = ledger[(ledger["verdict"] == claims.MISSED) & (ledger["note"] == "")]
    about_optimum = missed["id"].str.contains(r"\.(?:converged|unpenalised)")
    assert about_optimum.all(), missed.loc[~about_optimum, "id"].tolist()


@pytest.mark.parametrize(
    ("ours", "changes", "expected"),
    [
        (Estimate(8.4), {}, claims.REPRODUCED),
        (Estimate(8.6), {}, claims.MISSED),
        (Estimate(float("inf")), {}, claims.MISSED),
        (Estimate(float("nan")), {}, claims.UNTESTABLE),
        (Estimate(-0.9), {"published": float("nan")}, claims.OURS),
        (Estimate(99.0, 4.2, 14.2), {"kind": "interval"}, claims.REPRODUCED),
        (Estimate(8.0, 4.2, 15.0), {"kind": "interval"}, claims.MISSED),
        (Estimate(8.0), {"check_against": "other", "check_tolerance": 0.5}, claims.FRAGILE),
        (Estimate(8.0), {"check_against": "other", "check_tolerance": 5.0}, claims.REPRODUCED),
        (Estimate(9.0), {"check_against": "other", "check_tolerance": 5.0}, claims.MISSED),
    ],
)
def test_a_verdict_follows_from_the_numbers(monkeypatch, ours, changes, expected):
    monkeypatch.setattr(claims, "estimate", lambda id: Estimate(6.0))
    assert claims.verdict(row(**changes), ours) == expected


def test_an_id_without_a_function_is_an_error():
    with pytest.raises(KeyError, match=r"no function recomputes the claim 'ho\.nothing'"):
        registry.estimate("ho.nothing")


def test_the_export_has_all_fields_and_is_the_same_twice(tmp_path):
    first, second = tmp_path / "a", tmp_path / "b"
    for folder in (first, second):
        folder.mkdir()
        claims.export(folder)
    for name in ("claims.json", "claims.csv"):
        assert (first / name).read_bytes() == (second / name).read_bytes()
    records = json.loads((first / "claims.json").read_text(encoding="utf-8"))
    assert [list(record) for record in records] == [claims.FIELDS] * len(tables.read("claims"))
    assert {record["verdict"] for record in records} <= set(claims.VERDICTS)


def test_estimates_carry_an_interval_that_says_what_it_covers():
    ledger = claims.ledger()
    with_interval = ledger[ledger["low"].notna()]
    assert with_interval["interval"].str.contains("95%").all()
    assert (with_interval["low"] <= with_interval["high"]).all()
    assert ledger.loc[ledger["low"].isna(), "interval"].str.startswith("none").all()
    headline = ledger[ledger["kind"] == "headline"]
    assert headline["low"].notna().all()


def test_the_converged_interval_is_wider_than_the_published_one():
    months = claims.ledger().set_index("id")
    published = months.loc["ho.model7.doubling_months.published_bootstrap_median"]
    ours = months.loc["ho.model7.doubling_months.converged_papers"]
    assert ours["low"] < published["published_low"]
    assert ours["high"] > published["published_high"]


def test_the_command_line_prints_the_ledger(capsys):
    assert command.main(["claims", "sample"]) == 0
    printed = capsys.readouterr().out
    assert "ho.sample.rows" in printed
    assert "ho.model7" not in printed
