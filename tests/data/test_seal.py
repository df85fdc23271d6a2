"""The builder: what it writes, that it writes the same again, and that it writes nothing when anything is wrong."""

from __future__ import annotations

import csv
import json
import os
import shutil
from datetime import date, timedelta
from pathlib import Path

import pytest

from algoprogress.data import build_rows, seal, tables
from algoprogress.data.describe import BUILT
from algoprogress.data.tables import DataError
from algoprogress.engine.places import data_dir

HOME = data_dir()
TOMORROW = (date.today() + timedelta(days=2)).isoformat()


def snapshot(folder: Path) -> dict[str, bytes]:
    """Return every file of a folder with its bytes."""
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir()) if path.is_file()}


def rows_of(path: Path) -> list[list[str]]:
    """Return the rows of a CSV file, header first."""
    with path.open(encoding="utf-8", newline="") as handle:
        return list(csv.reader(handle))


def save(path: Path, rows: list[list[str]]) -> None:
    """Write rows to a CSV file."""
    with path.open("w", encoding="utf-8", newline="") as handle:
        csv.writer(handle, lineterminator="\n").writerows(rows)


def theirs(name: str, cells: dict[str, str]) -> dict[str, str]:
    """Return a row of a committed table in the words of its source, with what the builder selects rows by."""
    if name == "evaluations":
        statuses = {ours: their for their, ours in seal.EPOCHS_STATUSES.items()}
        return cells | {
            "epochs_status": statuses[cells["epochs_status"]],
            "parameters": f"{float(cells['parameters']):g}",
            "architecture_reviewed": "transformer",  # a column that we do not use
        }
    if name == "porian_runs":
        return cells | {"stage": build_rows.PORIAN_STAGE}
    if name == "family_runs":
        eras = {ours: their for their, ours in build_rows.COLLECTIONS.items()}
        family = {ours: their for their, ours in build_rows.FAMILIES.items()}[cells["family"]]
        used = "L1" if cells["collection"] == "reruns" else "AB"  # figures whose runs are kept in full
        return cells | {"family": family, "era": eras[cells["collection"]], "used_in": used}
    if name == "ablation_runs":
        sets = {ours: their for their, ours in build_rows.ABLATION_SETS.items()}
        return cells | {"set": sets[cells["collection"]], "seed": "" if cells["seed"] == "0" else cells["seed"]}
    if name in ("speedrun_records", "speedrun_curves"):
        return cells | {"track": "1", "is_retiming": "0"}
    if name == "recipe_minima":
        stages = {
            "kaplan": "2_count_last_layer_flops",
            "short warm-up": "3_short_warmup",
            "matched decay": "4_matched_cosine_decay",
            "tuned, constant rate": "5_tuned_hyperparameters_constant_lr",
        }
        return cells | {"stage": stages[cells["recipe"]]}
    if name == "learning_rates":
        folders = {ours: their for their, ours in build_rows.STUDIES.items()}
        return cells | {"folder": folders[cells["study"]], "label": cells["variant"]}
    return cells


def as_source(name: str, columns: dict[str, str]) -> list[list[str]]:
    """Return a committed table in the words and formats of its source."""
    header, *rows = rows_of(HOME / f"{name}.csv")
    found = []
    for row in rows:
        cells = theirs(name, dict(zip(header, row, strict=True)))
        found.append({columns.get(ours, ours): cell for ours, cell in cells.items()})
    names = [key for key in found[0] if key not in seal.MADE]
    return [names, *([row[key] for key in names] for row in found)]


@pytest.fixture
def source(tmp_path) -> Path:
    """A source folder made out of the committed tables."""
    folder = tmp_path / "source"
    (folder / "ho2024").mkdir(parents=True)
    save(folder / "ho2024/evaluations.csv", as_source("evaluations", seal.EVALUATION_COLUMNS))
    for name in BUILT[1:]:
        (folder / seal.SOURCES[name]).parent.mkdir(exist_ok=True)
        table = as_source(name, seal.COLUMNS[name])
        last = table[-1:] if name in seal.FURTHER else []  # a table of two files ends in the second
        save(folder / seal.SOURCES[name], table[: len(table) - len(last)])
        if last:
            save(folder / seal.FURTHER[name], [table[0], *last])
    return folder


@pytest.fixture
def data(tmp_path, monkeypatch) -> Path:
    """A copy of the data folder that the builder may write to."""
    monkeypatch.setenv("ALGOPROGRESS_ROOT", str(tmp_path))
    shutil.copytree(HOME, tmp_path / "data")
    return tmp_path / "data"


def spoil(source: Path, name: str, row: int, column: str, value: str) -> None:
    """Set one cell of a source table."""
    path = source / "ho2024" / f"{name}.csv"
    rows = rows_of(path)
    rows[row][rows[0].index(column)] = value
    save(path, rows)


def refused(call, data: Path) -> str:
    """Return the message of the DataError that ``call()`` raises, after a check that no file has changed."""
    before = snapshot(data)
    with pytest.raises(DataError) as caught:
        call()
    assert snapshot(data) == before
    return str(caught.value)


def test_the_builder_reproduces_the_committed_tables_byte_for_byte(source, data):
    before = snapshot(data)
    for name in BUILT:
        (data / f"{name}.csv").unlink()
    folder = Path(os.environ.get("ALGOPROGRESS_SOURCE", source))
    written = seal.build(folder)
    assert sorted(path.name for path in written) == sorted(f"{n}{s}" for n in BUILT for s in (".csv", ".manifest.json"))
    assert snapshot(data) == before


def test_the_builder_can_build_one_table(source, data):
    before = snapshot(data)
    (data / "published_fits.csv").write_text("old", encoding="utf-8")
    seal.main([str(source), "--only", "published_fits"])
    assert snapshot(data) == before


def test_numbers_survive_the_round_trip():
    for cell in ("2.8100049236252036", "5.02e+14", "1.666666667", "0.1", "1e+22", "16.61"):
        assert float(seal._shortest(cell)) == float(cell)
    assert seal._shortest("502000000000000.0") == "5.02e+14"
    assert seal._plain("1.17e+08") == "117000000"
    assert seal._plain("1.5") == "1.5"
    assert seal._plain("many") == seal._shortest("many") == "many"
    assert seal._plain("") == seal._shortest("") == ""


def test_every_row_credits_its_sources():
    frame = tables.evaluations().frame.set_index("row")
    assert frame["source"].str.contains("authors' notebooks (MIT)", regex=False).all()
    notebooks, epoch_ai = frame.loc[2, "source"].split("; ")
    assert notebooks.endswith("epochs, vocabulary")
    assert epoch_ai == "Epoch AI (CC BY 4.0): paper, training_compute_flop, epochs_epoch_ai"
    known = frame["training_compute_flop"].notna()
    assert (frame["source"].str.contains("training_compute_flop") == known).all()


def test_a_title_that_the_source_repeats_is_given_once():
    papers = tables.evaluations().frame["paper"]
    assert not papers.map(lambda title: any(title == f"{part}, {part}" for part in title.split(", "))).any()


BAD_CELLS = {
    "text in a number": ("parameters", "abc", "column parameters: must be a whole number (found 'abc')"),
    "negative perplexity": ("perplexity_as_used", "-4.5", "column perplexity: must be above 1 (found '-4.5')"),
    "unknown benchmark": ("benchmark", "c4", "column benchmark: must be one of wt103, wt2, ptb (found 'c4')"),
    "duplicate key": ("row", "1", "column row: row must be unique; an earlier row has the same (found '1')"),
    "date in the future": ("publication_date", TOMORROW, "column publication_date: must not lie in the future"),
    "unknown status": ("epochs_status", "rumour", "column epochs_status: must be one of recovered, above_75"),
}


@pytest.mark.parametrize("case", BAD_CELLS)
def test_a_bad_source_changes_nothing(source, data, case):
    column, value, words = BAD_CELLS[case]
    spoil(source, "evaluations", 7, column, value)
    assert f"ho2024/evaluations.csv, row 7, {words}" in refused(lambda: seal.build(source), data)


def test_a_source_without_a_column_changes_nothing(source, data):
    spoil(source, "evaluations", 0, "perplexity_as_used", "ppl")
    message = refused(lambda: seal.build(source), data)
    assert message == "ho2024/evaluations.csv, column perplexity_as_used: this column is missing"


@pytest.mark.parametrize("name", BUILT)
def test_an_empty_or_missing_source_changes_nothing(source, data, name):
    path = source / seal.SOURCES[name]
    path.write_bytes(b"")
    assert refused(lambda: seal.build(source), data) == f"{seal.SOURCES[name]}: the file is empty"
    path.unlink()
    assert refused(lambda: seal.build(source), data) == f"{seal.SOURCES[name]}: the file is missing"


def test_tables_that_contradict_each_other_change_nothing(source, data):
    spoil(source, "published_fits", 7, "log_perplexity", "4.1")
    message = refused(lambda: seal.build(source), data)
    assert message == (
        "ho2024/published_fits.csv, row 7, column loss_nats: "
        "must be the log of the perplexity of the same row of evaluations.csv (found '4.1')"
    )


def test_a_build_that_outdates_a_correction_changes_nothing(source, data):
    spoil(source, "evaluations", 93, "parameters", "1.3e9")
    message = refused(lambda: seal.build(source), data)
    assert "data/corrections.csv" in message
    assert "column as_used: must equal the value in evaluations.csv (found '2700000000')" in message


def test_a_build_that_cannot_write_everything_changes_nothing(data):
    before = snapshot(data)
    with pytest.raises(OSError, match="File name too long"):
        seal.write({data / "evaluations.csv": b"new", data / f"{'x' * 300}.csv": b"new"})
    assert snapshot(data) == before


def test_sealing_keeps_the_prose_and_refreshes_the_rest(data):
    header, *rows = rows_of(data / "corrections.csv")
    save(data / "corrections.csv", [header, *rows[1:]])
    before = tables.manifest("corrections")
    seal.main(["--seal", "--only", "corrections"])
    after = tables.manifest("corrections")
    assert after["rows"] == before["rows"] - 1 == len(tables.read("corrections"))
    assert after["sha256"] == tables.sha256((data / "corrections.csv").read_bytes()) != before["sha256"]
    assert {key: value for key, value in after.items() if key not in ("rows", "sha256")} == {
        key: value for key, value in before.items() if key not in ("rows", "sha256")
    }


def test_sealing_again_changes_nothing(data):
    before = snapshot(data)
    for name in sorted(path.stem for path in data.glob("*.csv")):
        seal.seal([name])
    assert snapshot(data) == before


def test_sealing_refuses_a_bad_table(data):
    header, *rows = rows_of(data / "corrections.csv")
    rows[0][header.index("confidence")] = "total"
    save(data / "corrections.csv", [header, *rows])
    message = refused(lambda: seal.seal(["corrections"]), data)
    assert message == "data/corrections.csv, row 1, column confidence: must be one of low, medium, high (found 'total')"


def test_the_command_line_reports_failures_and_misuse(source, data, capsys):
    spoil(source, "evaluations", 7, "benchmark", "c4")
    with pytest.raises(SystemExit, match="row 7, column benchmark"):
        seal.main([str(source)])
    for arguments in ([], [str(source), "--seal"], [str(source), "--only", "claims"], ["--seal", "--only", "poems"]):
        with pytest.raises(SystemExit) as caught:
            seal.main(arguments)
        assert caught.value.code == 2
    assert "kept by hand; use --seal" in capsys.readouterr().err


def test_manifests_are_written_in_one_format():
    for path in HOME.glob("*.manifest.json"):
        text = path.read_text(encoding="utf-8")
        assert text == json.dumps(json.loads(text), indent=2, ensure_ascii=False) + "\n"
