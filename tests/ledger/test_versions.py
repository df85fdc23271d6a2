"""What moved between two versions is found, and only that; made-up versions have known differences."""

from __future__ import annotations

import json
import math
from datetime import date

import pandas as pd

from algoprogress.data import tables
from book.ledger import versions
from book.ledger.versions import COLUMNS, Version


def result(id, value=8.0, low=5.0, high=14.0, *, unit="months", conclusion="open", headline=False):
    cells = (id, f"the {id}", unit, value, low, high, "95%, rows", "", 7.8, "recomputes", conclusion, headline)
    return dict(zip(COLUMNS, cells, strict=True))


def version(number, *rows):
    return Version(number, date(2026, 11, 3), pd.DataFrame(list(rows), columns=COLUMNS))


OLD = version(
    "0.1.0",
    result("same", headline=True),
    result("moves"),
    result("digit"),
    result("noise", 8.05),
    result("end"),
    result("verdict"),
    result("leaves", headline=True),
    result("infinite", math.inf),
    result("lost"),
)
NEW = version(
    "0.2.0",
    result("same", headline=True),
    result("moves", 9.0),
    result("digit", 8.01),
    result("noise", 8.05 * (1 + 1e-9)),
    result("end", high=math.inf),
    result("verdict", conclusion="stands"),
    result("infinite", math.inf),
    result("lost", math.nan),
    result("comes", headline=True),
)


def changes(old=OLD, new=NEW):
    return dict(versions.compare(old, new).set_index("id")["change"])


def test_what_moved_is_found_and_what_did_not_is_left_out():
    assert changes() == {
        "moves": "moved",
        "lost": "moved",
        "end": "interval moved",
        "verdict": "verdict changed",
        "leaves": "gone",
        "comes": "new",
    }
    assert changes(NEW, NEW) == {}


def test_headlines_come_first_and_keep_their_words():
    frame = versions.compare(OLD, NEW)
    assert frame["id"].tolist()[:2] == ["comes", "leaves"]
    assert frame["headline"].tolist() == [True, True, False, False, False, False]
    gone = frame.set_index("id").loc["leaves"]
    assert (gone["definition"], gone["value_before"]) == ("the leaves", 8.0)
    assert math.isnan(gone["value_after"])


def test_a_number_on_the_edge_of_rounding_does_not_move_by_noise():
    pair = [version("1.0", result("a", 8.05 - 1e-12)), version("1.1", result("a", 8.05 + 1e-12))]
    assert changes(*pair) == {}


def test_a_version_comes_back_from_its_file(tmp_path):
    path = versions.write(NEW, tmp_path / "new.json")
    back = versions.read(path)
    assert (back.number, back.released) == (NEW.number, NEW.released)
    assert changes(NEW, back) == {}
    order = [*NEW.results.loc[NEW.results["headline"], "id"]]
    assert json.loads(path.read_text(encoding="utf-8"))["headlines"][0]["address"] == f"chapters/claims.html#{order[0]}"
    assert '"infinity"' in path.read_text(encoding="utf-8")


def test_the_versions_before_are_those_below_oldest_first(monkeypatch, tmp_path):
    monkeypatch.setenv("ALGOPROGRESS_ROOT", str(tmp_path))
    for number in ("0.1.0", "0.10.0", "0.9.0", "1.0.0"):
        versions.write(version(number, result("a")), tmp_path / "data" / "versions" / f"{number}.json")
    assert [each.number for each in versions.released("0.11.0")] == ["0.1.0", "0.9.0", "0.10.0"]
    assert versions.released("0.1.0") == []


def test_reasons_fit_by_version_pattern_and_change():
    lines = [("0.1.0", "*", "any", "too early"), ("0.2.0", "mo*", "moved", "a fit"), ("0.2.0", "*", "new", "a chapter")]
    why = pd.DataFrame(lines, columns=["version", "pattern", "change", "reason"])
    told = dict(versions.explained(versions.compare(OLD, NEW), "0.2.0", why).set_index("id")["reason"])
    assert {id: reason for id, reason in told.items() if reason} == {"moves": "a fit", "comes": "a chapter"}


def test_every_reason_is_for_a_change_that_there_is():
    assert set(tables.read("reasons")["change"]) <= {*versions.CHANGES, "any"}


def test_the_page_says_what_moved_and_why():
    frame = versions.explained(versions.compare(OLD, NEW), "0.2.0", tables.read("reasons")).assign(version="0.2.0")
    tally = versions.tally(frame, "0.2.0").set_index("what happened")
    assert tally["headlines"].to_dict() == {"new": 1, "gone": 1, "verdict changed": 0, "moved": 0, "interval moved": 0}
    assert tally["other claims"].sum() == 4
    lines = versions.listed(frame).set_index("claim")
    sides = lines.loc["the moves (`moves`)", ["before", "after"]].tolist()
    assert sides == ["8.0 months [5.0, 14.0]", "9.0 months [5.0, 14.0]"]
    assert lines.loc["the verdict (`verdict`)", "after"].endswith("recomputes, stands")
    assert versions.listed(frame.head(0)).iloc[0].tolist() == ["none", "–", "–", "–", "–"]


def test_released_versions_can_be_read_and_the_oldest_is_the_first():
    numbers = [each.number for each in versions.released()]
    assert numbers[0] == "0.1.0"
    assert all(each.results["headline"].any() for each in versions.released())


def test_every_headline_that_changed_since_the_last_version_has_a_reason():
    moves = versions.moves()
    assert moves.loc[moves["headline"] & (moves["reason"] == ""), "id"].tolist() == []


def test_a_released_file_of_this_version_is_what_the_ledger_says():
    now = versions.present()
    kept = {each.number: each for each in versions.released()}
    assert changes(kept.get(now.number, now), now) == {}
