"""Sealing: manifests that follow their tables, and nothing written when anything is wrong."""

from __future__ import annotations

import pandas as pd
import pytest

from algoprogress.data import describe, tables
from algoprogress.engine import data_dir
from book import computed
from table_edits import put, refused, rewrite, snapshot

HOME = data_dir()


def test_sealing_keeps_the_prose_and_refreshes_the_rest(data):
    rewrite(data / "corrections.csv", lambda rows: rows.__delitem__(1))
    before = tables.manifest("corrections")
    computed.main(["corrections"])
    after = tables.manifest("corrections")
    assert after["rows"] == before["rows"] - 1 == len(tables.read("corrections"))
    assert after["sha256"] == tables.sha256((data / "corrections.csv").read_bytes()) != before["sha256"]
    assert after | {"rows": 0, "sha256": ""} == before | {"rows": 0, "sha256": ""}


def test_sealing_again_changes_nothing(data):
    before = snapshot(data)
    assert [path.name for path in computed.seal(describe.names())] == sorted(path.name for path in data.glob("*.json"))
    computed.main([])
    assert snapshot(data) == before


def test_a_computed_table_is_written_with_its_manifest(data):
    table = pd.read_csv(data / "coverage.csv", dtype=str)
    computed.seal_texts({"coverage": table})
    assert snapshot(data) == snapshot(HOME), "the same table as before, byte for byte"
    computed.seal_texts({"coverage": table[:8][table.columns[::-1]]})
    assert (data / "coverage.csv").read_text().splitlines() == (HOME / "coverage.csv").read_text().splitlines()[:9]
    assert len(tables.read("coverage")) == tables.manifest("coverage")["rows"] == 8
    message = refused(lambda: computed.seal_texts({"coverage": table.assign(by="poem")}), data)
    assert message.startswith("coverage.csv, row 1, column by: must be one of row, paper (found 'poem')")


def test_sealing_refuses_a_bad_table(data):
    rewrite(data / "corrections.csv", put(1, "confidence", "total"))
    message = refused(lambda: computed.seal(["corrections"]), data)
    assert message == "data/corrections.csv, row 1, column confidence: must be one of low, medium, high (found 'total')"


def test_a_change_that_outdates_a_correction_changes_nothing(data):
    rewrite(data / "evaluations.csv", put(93, "parameters", "1300000000"))
    message = refused(lambda: computed.seal(["evaluations"]), data)
    assert "data/corrections.csv" in message
    assert "column as_used: must equal the value in evaluations.csv (found '2700000000')" in message


def test_what_cannot_be_written_whole_changes_nothing(data):
    before = snapshot(data)
    with pytest.raises(OSError, match="File name too long"):
        computed.write({data / "evaluations.csv": b"new", data / f"{'x' * 300}.csv": b"new"})
    assert snapshot(data) == before


def test_the_command_line_reports_failures_and_misuse(data, capsys):
    with pytest.raises(SystemExit) as caught:
        computed.main(["poems"])
    assert caught.value.code == 2
    assert "no table 'poems' has a manifest; there are ablation_runs, " in capsys.readouterr().err
    rewrite(data / "laws.csv", put(2, "capacity", ""))
    with pytest.raises(SystemExit, match=r"data/laws\.csv, row 2, column capacity: must not be blank"):
        computed.main([])
