"""The ledger: verdicts follow from numbers, every known miss is written down, and the export is the same twice."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from algoprogress.data import tables
from algoprogress.engine import cache, root
from algoprogress.show.estimate import Estimate
from book import __main__ as command
from book.ledger import ledger as claims
from book.ledger import trace
from book.studies.verdicts import FRAGILE, MISSED, OURS, REPRODUCED, UNTESTABLE, VERDICTS

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
        "id": "it",
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
    missed = ledger[(ledger["verdict"] == MISSED) & (ledger["note"] == "")]
    about_optimum = missed["id"].str.contains(r"\.(?:converged|unpenalised)")
    assert about_optimum.all(), missed.loc[~about_optimum, "id"].tolist()


@pytest.mark.parametrize(
    ("ours", "changes", "expected"),
    [
        (Estimate(8.4), {}, REPRODUCED),
        (Estimate(8.6), {}, MISSED),
        (Estimate(float("inf")), {}, MISSED),
        (Estimate(float("nan")), {}, UNTESTABLE),
        (Estimate(-0.9), {"published": float("nan")}, OURS),
        (Estimate(99.0, 4.2, 14.2), {"kind": "interval"}, REPRODUCED),
        (Estimate(8.0, 4.2, 15.0), {"kind": "interval"}, MISSED),
        (Estimate(8.0), {"check_against": "other", "check_tolerance": 0.5}, FRAGILE),
        (Estimate(8.0), {"check_against": "other", "check_tolerance": 5.0}, REPRODUCED),
        (Estimate(9.0), {"check_against": "other", "check_tolerance": 5.0}, MISSED),
    ],
)
def test_a_verdict_follows_from_the_numbers(ours, changes, expected):
    assert claims.verdict(row(**changes), {"it": ours, "other": Estimate(6.0)}) == expected


@pytest.mark.parametrize(
    ("chapters", "message"),
    [
        ({"a": "one", "b": "two"}, "two yields claims that are not of its chapter: c"),
        ({"a": "one", "b": "two", "c": "two", "d": "one"}, "stand in data/claims.csv only: d"),
        ({"a": "two", "b": "one", "c": "two"}, "one yields claims that are not of its chapter: a"),
    ],
)
def test_ids_have_to_be_those_of_the_table_each_from_its_chapter(monkeypatch, tmp_path, chapters, message):
    """Two made-up studies, kept on disk as if they had been computed."""
    monkeypatch.setattr(claims, "STUDIES", ("one", "two"))
    monkeypatch.setattr(claims, "_entry", lambda name: cache.Entry(tmp_path / name))
    claims._entry("one").save({"a": trace.Traced(Estimate(1.0))})
    claims._entry("two").save({"b": trace.Traced(Estimate(2.0)), "c": trace.Traced(Estimate(3.0))})
    with pytest.raises(KeyError, match=message):
        claims.computed(chapters)


def test_the_export_has_all_fields_and_is_the_same_twice(tmp_path):
    first, second = tmp_path / "a", tmp_path / "b"
    for folder in (first, second):
        folder.mkdir()
        claims.export(folder)
    for name in ("claims.json", "claims.csv"):
        assert (first / name).read_bytes() == (second / name).read_bytes()
    records = json.loads((first / "claims.json").read_text(encoding="utf-8"))
    assert [list(record) for record in records] == [claims.FIELDS] * len(tables.read("claims"))
    assert {record["verdict"] for record in records} <= set(VERDICTS)


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


def study():
    """Yield claims as a study does: one by one, in a loop, and from an inner generator."""
    yield "a", Estimate(1.0)
    for name in ("b", "c"):
        yield f"x.{name}", Estimate(2.0)
    yield from inner()


def inner():
    """Yield one claim over several lines."""
    yield ("d", Estimate(3.0))


def test_each_claim_is_traced_to_the_line_of_its_yield():
    found = dict(trace.traced(study()))
    lines = Path(__file__).read_text(encoding="utf-8").splitlines()
    told = {id: int(each.code.rpartition(":")[2]) for id, each in found.items()}
    assert [each.estimate.value for each in found.values()] == [1.0, 2.0, 2.0, 3.0]
    assert 'yield "a"' in lines[told["a"] - 1] and 'yield f"x.' in lines[told["x.b"] - 1]
    assert told["x.b"] == told["x.c"] and "yield (" in lines[told["d"] - 1]


def test_every_claim_that_a_study_yields_says_which_line_computes_it():
    frame = claims.ledger()
    for id, chapter, code in frame[["id", "chapter", "code"]].itertuples(index=False):
        path, _, line = code.rpartition(":")
        assert path.startswith(f"book/studies/{chapter}/"), id
        assert "yield" in (root() / "lib" / path).read_text(encoding="utf-8").splitlines()[int(line) - 1], code


def test_the_ledger_of_some_chapters_is_that_part_of_the_whole():
    part = claims.ledger(frozenset({"law", "growth"}))
    whole = claims.ledger().query("chapter in ('law', 'growth')")
    pd.testing.assert_frame_equal(part, whole)


def test_a_page_rests_on_the_studies_whose_claims_and_code_it_names():
    assert claims.studies_of("# Words alone") == set()
    assert claims.studies_of("from book.ledger import glue\nfrom book.studies.growth import figures") == {"growth"}
    assert claims.studies_of("from book.ledger import glue, ledger") == set(claims.STUDIES)
    row = claims.ledger().query("check_against != ''").iloc[0]
    checked = claims.ledger().set_index("id").loc[row["check_against"], "chapter"]
    assert claims.studies_of(f"{{glue:text}}`{row['id']}.estimate`") >= {row["chapter"], checked}


def test_studies_that_are_not_kept_are_asked_of_processes_of_their_own(monkeypatch, tmp_path):
    """The processes keep to their own places on disk, so that this one alone finds nothing."""
    monkeypatch.setattr(claims, "_entry", lambda name: cache.Entry(tmp_path / name))
    ids = tables.read("claims").query("chapter in ('speedrun', 'growth')")
    found = claims.computed(dict(zip(ids["id"], ids["chapter"], strict=True)))
    assert set(found) == set(ids["id"])
