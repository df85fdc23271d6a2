"""The ledger: both verdicts follow from numbers, every miss says why, pages and downloads show the same words."""

from __future__ import annotations

import json
import math
import re
from importlib import import_module
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from algoprogress.data import tables
from algoprogress.engine import cache, root
from algoprogress.show.estimate import Estimate
from book import __main__ as command
from book.ledger import front, trace
from book.ledger import ledger as claims
from book.studies.robustness import tables as robustness
from book.studies.verdicts import CONTRADICTED, DIFFERS, MEANINGS, OPEN, RECOMPUTES, STANDS, UNTESTABLE, ledger_view
from prose import pages, texts

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


def row(**changes: object) -> dict[str, object]:
    plain = {
        "id": "it",
        "kind": "headline",
        "published": 8.0,
        "published_low": 4.0,
        "published_high": 14.0,
        "tolerance": 0.5,
        "limit": "",
        "judged_by": "other",
        "unit": "months",
    }
    return plain | changes


def test_the_ledger_holds_the_promised_ids():
    ids = set(claims.ledger()["id"])
    assert ids >= REQUIRED
    assert len(ids) >= 60


def test_every_verdict_is_the_expected_one():
    surprises = claims.surprises()
    assert surprises.empty, surprises[["id", "published", "estimate", *MEANINGS]].to_string()


def test_every_miss_of_a_published_number_says_why():
    ledger = claims.ledger()
    assert ledger.loc[(ledger["arithmetic"] == DIFFERS) & (ledger["note"] == ""), "id"].tolist() == []


@pytest.mark.parametrize(
    ("ours", "changes", "expected"),
    [
        (Estimate(8.4), {}, RECOMPUTES),
        (Estimate(8.6), {}, DIFFERS),
        (Estimate(float("inf")), {}, DIFFERS),
        (Estimate(float("nan")), {}, UNTESTABLE),
        (Estimate(-0.9), {"published": float("nan")}, ""),
        (Estimate(99.0, 4.2, 14.2), {"kind": "interval"}, RECOMPUTES),
        (Estimate(8.0, 4.2, 15.0), {"kind": "interval"}, DIFFERS),
    ],
)
def test_the_arithmetic_follows_from_the_numbers(ours, changes, expected):
    assert claims.arithmetic(row(**changes), {"it": ours}) == expected


NO_INTERVAL = {"published_low": float("nan"), "published_high": float("nan")}
NO_GAIN = NO_INTERVAL | {"unit": "times", "tolerance": 0.005}
SHARE = NO_INTERVAL | {"unit": "share", "tolerance": 0.001}


@pytest.mark.parametrize(
    ("judge", "changes", "expected"),
    [
        (Estimate(7.0, 5.0, 12.0), {}, STANDS),  # within the published interval
        (Estimate(7.0, 3.2, 41.0), {}, OPEN),  # holds it and more
        (Estimate(20.0, 15.0, 41.0), {}, CONTRADICTED),
        (Estimate(7.0, 5.0, 12.0), NO_INTERVAL, STANDS),  # half to twice of a number alone
        (Estimate(7.0, 3.0, 12.0), NO_INTERVAL, OPEN),
        (Estimate(1.09, 0.996, 1.185), NO_GAIN | {"published": 1.09}, OPEN),  # no gain is not shown to be one
        (Estimate(1.44, 1.316, 1.567), NO_GAIN | {"published": 1.44}, STANDS),
        (Estimate(1.0, 0.917, 1.091), NO_GAIN | {"published": 1.0}, OPEN),  # nor is none
        (Estimate(0.553, 0.374, 0.667), SHARE | {"published": 0.592}, OPEN),
        (Estimate(0.871, 0.827, 0.913), SHARE | {"published": 0.882}, STANDS),
        (Estimate(11.0, 9.0, 12.0), NO_INTERVAL, CONTRADICTED),
        (Estimate(8.4), NO_INTERVAL, STANDS),  # exact
        (Estimate(8.6), NO_INTERVAL, CONTRADICTED),
        (Estimate(3.03, 1.60, 3.88), {"limit": "below 2"}, OPEN),
        (Estimate(1.64, 1.33, 1.83), {"limit": "below 2"}, STANDS),
        (Estimate(2.94, 2.19, 5.86), {"limit": "below 2"}, CONTRADICTED),
        (Estimate(0.01, -0.02, 0.07), {"limit": "above 0"}, OPEN),
        (Estimate(7.0, 5.0, 9.0, undetermined="high"), {}, OPEN),  # it may end anywhere
        (Estimate(7.0, 5.0, 9.0, undetermined="high", limits=(4.9, 5.0, 5.1, 9.0, 9.5, 12.0)), {}, STANDS),
        (Estimate(20.0, 15.0, 30.0, undetermined="high"), {}, CONTRADICTED),
        (Estimate(20.0, 15.0, 30.0, undetermined="low"), {}, OPEN),
        (Estimate(3.0, 2.1, 4.0, undetermined="high"), {"limit": "above 2"}, STANDS),
        (Estimate(float("nan")), {"limit": "below 10"}, OPEN),
        (Estimate(9.0), {"judged_by": ""}, ""),
    ],
)
def test_the_conclusion_follows_from_the_intervals_that_judge_it(judge, changes, expected):
    assert claims.conclusion(row(**changes), {"other": judge}) == expected


@pytest.mark.parametrize("unit", ["times", "share", "months", ""])
@pytest.mark.parametrize("value", [0.02, 0.3, 0.6, 0.95, 0.99])
def test_what_is_near_a_number_alone_can_be_missed(unit, value):
    """No gain is not near a gain, all of something not near a share of it, nor is either end ever the number."""
    value += unit == "times"
    low, high = claims.near(value, unit)
    assert low < value < high and value / 2.0 <= low and high <= 2.0 * value
    assert unit != "times" or low > 1.0
    if unit == "times":  # a loss is judged as the gain the other way round
        assert claims.near(1.0 / value, unit) == pytest.approx((1.0 / high, 1.0 / low))
    assert unit != "share" or (high < 1.0 and (1.0 - low) / (1.0 - value) <= 2.0)


def test_a_conclusion_on_which_judges_differ_is_open():
    known = {"a": Estimate(1.64, 1.33, 1.83), "b": Estimate(2.94, 2.19, 5.86)}
    assert claims.conclusion(row(limit="below 2", judged_by="a b"), known) == OPEN
    assert claims.conclusion(row(limit="below 2", judged_by="a a"), known) == STANDS


def half(printed: str) -> float:
    """Return half of the last digit of a number as printed, of six digits at most."""
    digits, _, power = printed.lower().partition("e")
    last = 0.5 * 10.0 ** (int(power or 0) - len(digits.partition(".")[2]))
    return max(last, 0.5 * 10.0 ** (math.floor(math.log10(abs(float(printed)))) - 5)) if float(printed) else last


WIDE = "[Tt]olerance|[Rr]ead off|[Pp]rinted to tens|rounded|search stops"  # why a tolerance may be


def test_a_tolerance_is_half_of_the_last_printed_digit_or_says_why_and_can_be_missed():
    printed = pd.read_csv(root() / "data" / "claims.csv", dtype=str, keep_default_na=False)
    for cells in printed[printed["tolerance"] != ""].to_dict("records"):
        ends = ("published_low", "published_high") if cells["kind"] == "interval" else ("published",)
        tolerance, values = float(cells["tolerance"]), [cells[name] for name in ends]
        if tolerance > 1.0001 * max(map(half, values)):
            assert re.search(WIDE, cells["note"]), cells["id"]
            assert all(tolerance < 0.5 * abs(float(value)) for value in values), cells["id"]


def test_each_verdict_is_asked_where_there_is_something_to_ask():
    ledger = claims.ledger()
    printed = ledger["published"].notna() | (ledger["kind"] == "interval") & ledger["published_low"].notna()
    assert (printed == ledger["tolerance"].notna()).all()
    assert ((ledger["arithmetic"] != "") == (printed | ledger["estimate"].isna())).all()
    stated = printed | ledger["published_low"].notna() | (ledger["limit"] != "")
    assert stated[ledger["judged_by"] != ""].all() and (ledger.loc[ledger["limit"] != "", "judged_by"] != "").all()
    assert (stated == (ledger["status"] != "ours")).all(), ledger.loc[
        stated == (ledger["status"] == "ours"), "id"
    ].tolist()


def test_a_number_outside_of_its_own_interval_does_not_recompute():
    frame = claims.ledger().query("low == low and estimate == estimate and kind != 'interval'")
    outside = frame[(frame["estimate"] < frame["low"]) | (frame["estimate"] > frame["high"])]
    assert RECOMPUTES not in set(outside["arithmetic"]), outside[["id", "arithmetic"]]


GLUED = re.compile(r"\{glue:text\}`([\w.-]+)\.(arithmetic|conclusion)`")
TYPED = r"\b(?:reproduced|fragile|contradict(?:s|ed)|recomputes?|weakened|supported)\b|\*\*(?:stands|open|holds)\*\*"


@pytest.mark.parametrize("path", pages(root()), ids=lambda path: path.stem)
def test_a_page_takes_its_verdicts_from_the_ledger(path):
    """Words of a verdict are glued, and only where there is one; the pages that explain the words may write them."""
    text, ledger = path.read_text(encoding="utf-8"), claims.ledger().set_index("id")
    for id, question in GLUED.findall(text):
        assert ledger.loc[id, question], f"{id} has no {question}"
    assert ".verdict`" not in text
    if path.stem not in ("claims", "glossary"):
        typed = [word for part in texts(path) for word in re.findall(TYPED, part)]
        assert typed == [], typed


# Told beside the median whose interval it is, or beside an end of that size; or a small share of draws.
ALONE = {"ho.model7.doubling_months.converged_point", "ho.robust.r02.months.notebook"}
ALONE |= {
    "gundlach2025.price.arc_agi.best_open",
    "book.answer.without_progress",
    "ho.bayes.experiments.without_progress",
}


@pytest.mark.parametrize("path", pages(root()), ids=lambda path: path.stem)
def test_a_number_that_may_be_ten_times_another_does_not_stand_alone(path):
    """A page that gives a value gives its interval too, where the ends are ten times apart or it may be none."""
    text, rows = path.read_text(encoding="utf-8"), claims.ledger().set_index("id")
    for id in set(re.findall(r"\{glue:text\}`([\w.]+)\.estimate`", text)) & set(rows.index) - ALONE:
        value, low, high = rows.loc[id, ["estimate", "low", "high"]]
        wide = high > 10.0 * low if low > 0.0 else low <= 0.0 < high and value > 1.0
        assert not wide or f"`{id}.interval`" in text, f"{id}: {value} [{low}, {high}]"


def test_front_tables_downloads_and_the_index_show_the_verdicts_of_the_ledger(tmp_path):
    claims.export(tmp_path)
    claims.search_index(tmp_path)
    ledger = claims.ledger().set_index("id")
    told = ledger[list(MEANINGS)].apply(lambda row: ", ".join(filter(None, row)), axis=1)
    for found in (pd.read_json(tmp_path / "claims.json"), pd.read_csv(tmp_path / "claims.csv", keep_default_na=False)):
        found = found.set_index("id")[list(MEANINGS)]
        pd.testing.assert_frame_equal(found, ledger[list(MEANINGS)], check_dtype=False)
    index = (tmp_path / claims.SCRIPT).read_text(encoding="utf-8").partition("=")[2].strip().removesuffix(";")
    assert {row[0]: row[4] for row in json.loads(index)} == told.to_dict()
    checks = robustness.overview(claims.ledger())
    shown = [
        *zip(tables.read("headlines").itertuples(), front.verdicts(claims.ledger())["verdict"], strict=True),
        *zip(checks.itertuples(), checks["verdict"], strict=True),
    ]
    for each, cell in shown:
        assert ", ".join(re.findall(r"\[([\w ]+)\]", cell)) == told[each.id], each.id


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
    for question, words in MEANINGS.items():
        assert {record[question] for record in records} == {*words, ""}


def test_estimates_carry_an_interval_that_says_what_it_covers():
    ledger = claims.ledger()
    with_interval = ledger[ledger["low"].notna()]
    assert with_interval["interval"].str.match("9[05]%|range o").all()
    assert (with_interval["low"] <= with_interval["high"]).all()
    assert ledger.loc[ledger["low"].isna(), "interval"].str.startswith("none").all()
    headline = ledger.query("kind == 'headline' and arithmetic != @UNTESTABLE")
    assert headline["low"].notna().all()


# On an end: a coefficient that the penalty sets to zero, dates at the edge of a search, bootstraps of a minimum.
ON_AN_END = {
    *("ho.model7.alpha_const.converged_point", "growth.bend.all.year", "growth.bend.notable.year"),
    *("gundlach.ceg_lstm_modern.loss_490.direct", "gundlach.ceg_lstm_retro.loss_490.direct"),
}


# Ends that no number of draws would move: a formula's, a whole set's, and those of a published procedure's own draws.
NO_DRAWS = (
    r"Student's t(?! over sizes \(\d+\), extrapolated)|Wilson|Monte Carlo|profile likelihood|least squares over"
    "|as published|published protocol|no resampling|^range |seeds|held-out rows|paired by paper|jackknife|independent"
    "|chi-squared|simulated grids|what public runs of one context say"
)


def test_no_end_is_printed_that_its_draws_do_not_determine():
    found = claims.computed(dict(tables.read("claims")[["id", "chapter"]].itertuples(index=False)))
    shown = dict(zip(claims.ledger()["id"], ledger_view(claims.ledger(), anchors=True)["ours"], strict=True))
    for id, each in ((id, each.estimate) for id, each in found.items()):
        if each.bounded:  # from draws, and so with their error, or by a formula that is named, or a set or range
            assert bool(each.limits) != bool(re.search(NO_DRAWS, each.covers)), f"{id}: {each.covers}"
        told = ("below" if "low" in each.undetermined else "") + ("above" if "high" in each.undetermined else "")
        assert "".join(re.findall("below|above", shown[id])) == told or "?" in shown[id], id
        assert ("below" in shown[id] or "above" in shown[id] or "?" in shown[id]) == bool(each.undetermined), id


def test_no_percentile_bootstrap_has_its_estimate_on_an_end():
    frame = claims.ledger()
    frame = frame[np.isfinite(frame["estimate"]) & frame["low"].notna() & frame["interval"].str.contains("resampl")]
    frame = frame[~frame["interval"].str.contains("published protocol") & (frame["unit"] != "share")]
    outside = frame[~((frame["low"] < frame["estimate"]) & (frame["estimate"] < frame["high"]))]
    assert set(outside["id"]) <= ON_AN_END, set(outside["id"]) - ON_AN_END


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
    row = claims.ledger().set_index("id").loc["strict.claim.near_absence.without_experts"]
    judges = claims.ledger().query("id in @row['judged_by'].split()")["chapter"]
    assert claims.studies_of(f"{{glue:text}}`{row.name}.estimate`") >= {row["chapter"], *judges}


def test_studies_that_are_not_kept_are_asked_of_processes_of_their_own(monkeypatch, tmp_path):
    """The processes keep to their own places on disk, so that this one alone finds nothing."""
    monkeypatch.setattr(claims, "_entry", lambda name: cache.Entry(tmp_path / name))
    ids = tables.read("claims").query("chapter in ('speedrun', 'growth')")
    found = claims.computed(dict(zip(ids["id"], ids["chapter"], strict=True)))
    assert set(found) == set(ids["id"])


def test_what_the_page_says():
    """Most printed numbers recompute; most statements that can be judged are open."""
    known = claims.ledger().melt(value_vars=["arithmetic", "conclusion"])["value"].value_counts()
    assert known["recomputes"] > 5 * known["does not recompute"]
    assert known["open"] > known["stands"] + known["contradicted"]


def test_what_yields_claims_is_documented_as_the_site_shows_the_source_of_nothing_else():
    found = {study: import_module(f"book.studies.{study}.claims").claims.__doc__ for study in claims.STUDIES}
    assert found and [study for study, words in found.items() if not words] == []
