"""Claims that read a committed table, as they take minutes to compute anew, say so, with the command that renews it."""

from __future__ import annotations

import ast
import importlib
import re
from pathlib import Path

import numpy as np
import pytest

from algoprogress.data import describe, tables
from book import studies
from book.studies.bayes import answer, stacked

COMPUTED = {name: found for name in describe.names() if (found := describe.manifest(name).get("computed"))}
SOURCES = tables.read("claims").set_index("id")["source"]
READ = [  # tables, and the studies that read them
    ("specifications", ("specifications", "outlook")),
    ("posterior", ("bayes",)),
    ("posterior_checks", ("bayes",)),
    ("posterior_papers", ("bayes",)),
    ("simulation", ("bayes",)),
    ("pace_truths", ("bayes",)),
    ("pace_cuts", ("bayes", "outlook")),
    ("coverage", ("selection",)),
    ("blind_predictions", ("selection",)),
    ("correlated_draws", ("robustness",)),
    ("extrapolation", ("extrapolation",)),
    ("isoflop_audit", ("extrapolation",)),
]


def named(table: str) -> set[str]:
    """Return the ids of the claims whose source names a table."""
    return set(SOURCES.index[SOURCES.str.contains(f"data/{table}.csv", regex=False)])


def afresh() -> None:
    """Forget what was worked out from tables and is kept in memory."""
    answer.judged.cache_clear()
    stacked.weights.cache_clear()


def test_each_study_that_reads_a_committed_table_is_looked_at():
    """Tables of the benchmarks, and of a figure alone, stand behind no claim."""
    folder, found = Path(studies.__file__).parent, set()
    for path in folder.glob("*/*.py"):
        called = re.findall(r'read\("(\w+)"\)', path.read_text(encoding="utf-8"))
        found |= {(name, path.parent.name) for name in called if name in COMPUTED}
    found |= {("pace_cuts", study) for study in ("bayes", "outlook")}  # which the library reads for them
    assert found - {("costs", "cost"), ("own_coverage", "own_data")} == {
        (table, study) for table, reading in READ for study in reading
    }


@pytest.mark.parametrize(("table", "reading"), READ)
def test_claims_that_move_with_a_committed_table_name_it(monkeypatch, table, reading):
    afresh()
    modules = [importlib.import_module(f"book.studies.{study}.claims") for study in reading]
    before = [dict(module.claims()) for module in modules]
    read, rng = tables.read, np.random.default_rng(0)

    def moved(name: str):
        frame = read(name)
        if name != table:
            return frame
        numbers = frame.select_dtypes("float").columns.difference(["penalty"])
        changes = {column: frame[column] * np.exp(rng.normal(0.0, 0.5, len(frame))) for column in numbers}
        if "covers" in frame:  # whether an interval holds the truth
            changes["covers"] = np.where(rng.random(len(frame)) < 0.02, 1 - frame["covers"], frame["covers"])
        if "procedure" in frame:  # the calibrated reading has to lead
            still = frame["procedure"] == "likelihood"
            changes = {column: np.where(still, frame[column], found) for column, found in changes.items()}
        return frame.assign(**changes)

    monkeypatch.setattr(tables, "read", moved)
    afresh()
    after = [dict(module.claims()) for module in modules]
    afresh()
    changed = {id for old, new in zip(before, after, strict=True) for id in old if str(old[id]) != str(new[id])}
    assert changed and changed <= named(table), f"{sorted(changed - named(table))} read {table}.csv and do not say so"
    assert named(table) <= {id for each in before for id in each}


def test_a_source_says_which_command_renews_its_table():
    for source in SOURCES[SOURCES.str.contains("from data/")]:
        told = re.findall(r"data/(\w+)\.csv \(`([^`]+)`\)", source)
        assert told and all(COMPUTED[name] == command for name, command in told), source


@pytest.mark.parametrize("command", sorted(set(COMPUTED.values())))
def test_a_command_writes_the_tables_that_name_it(command):
    module = importlib.util.find_spec(command.rpartition("python -m ")[2])
    calls = [each for each in ast.walk(ast.parse(Path(module.origin).read_text())) if isinstance(each, ast.Call)]
    sealing = [each for each in calls if getattr(each.func, "attr", "") in ("seal_computed", "seal_texts")]
    written = {key.value for call in sealing for key in call.args[0].keys}
    assert written == {name for name, other in COMPUTED.items() if other == command}
