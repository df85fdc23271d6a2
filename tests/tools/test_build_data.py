"""The builder: what it writes, that it writes the same again, and that it writes nothing when anything is wrong."""

from __future__ import annotations

import csv
import os
from datetime import date, timedelta
from pathlib import Path

import pytest

import build_data
from algoprogress.data import describe, tables
from algoprogress.engine import data_dir
from table_edits import put, refused, rewrite, snapshot

HOME = data_dir()
BUILT = build_data.built()
TOMORROW = (date.today() + timedelta(days=2)).isoformat()
# What a source holds beside the columns of ours, where rows are selected by it.
BESIDE = {"family_runs": {"used_in": "AB"}, "learning_rates": {"folder": "stanford_mult_lr_sweep"}}


def rows_of(path: Path) -> list[list[str]]:
    """Return the rows of a CSV file, header first."""
    with path.open(encoding="utf-8", newline="") as handle:
        return list(csv.reader(handle))


def save(path: Path, rows: list[list[str]]) -> None:
    """Write rows to a CSV file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as handle:
        csv.writer(handle, lineterminator="\n").writerows(rows)


def theirs(name: str, cells: dict[str, str]) -> dict[str, str]:
    """Return a row of a committed table in the columns and words of its source."""
    origin = tables.manifest(name)["from"]
    row = {column: values[0] for column, values in origin.get("rows", {}).items()} | BESIDE.get(name, {})
    if cells.get("collection") == "reruns":
        row["used_in"] = "L1"
    for column, cell in cells.items():
        if column not in origin.get("made", []) or column == "source":
            words = {ours: their for their, ours in origin.get("words", {}).get(column, {}).items()}
            row[origin.get("columns", {}).get(column, column)] = words.get(cell, cell)
    if name == "growth_rates":
        row["id"] = cells["id"]  # a group stands for many ids
    if name == "image_models":
        year, month, day = cells["publication_date"].split("-")
        row |= {"url": cells["paper"], "year": year, "Month": month, "Day": day}
    if name == "inference_prices":
        row["90% CI"] = f"[{cells['low'] or 'nan'}, {cells['high'] or 'nan'}]"
    if name == "speedrun_flop":
        million = {"training_tokens_M": "tokens", "flop_params_M_est": "parameters_counted"}
        row |= {there: cells[here] and f"{float(cells[here]) / 1e6:.1f}" for there, here in million.items()}
        row["training_flops"] = cells["training_flop"]
    if name == "evaluations":
        row |= {"parameters": f"{float(cells['parameters']):g}", "architecture_reviewed": "transformer"}
    return row


def as_source(name: str, folder: Path) -> None:
    """Write the files of a source that a committed table could be made from."""
    header, *rows = rows_of(HOME / f"{name}.csv")
    found = [theirs(name, dict(zip(header, row, strict=True))) for row in rows]
    first, *further = tables.manifest(name)["from"]["files"]
    last = found[-1:] if further else []  # a table of two files ends in the second
    for file, part in zip([first, *further], [found[: len(found) - len(last)], last], strict=False):
        save(folder / file, [list(found[0]), *(list(row.values()) for row in part)])


@pytest.fixture
def source(tmp_path) -> Path:
    """A source of the tables that hang together, made out of the committed ones."""
    for name in ("evaluations", "published_fits"):
        as_source(name, tmp_path / "source")
    return tmp_path / "source"


def build_both(source: Path) -> list[Path]:
    """Build the tables that hang together."""
    return build_data.build(source, ["evaluations", "published_fits"])


def test_the_builder_reproduces_the_committed_tables_byte_for_byte(tmp_path, data):
    before = snapshot(data)
    folder = Path(os.environ.get("ALGOPROGRESS_SOURCE", tmp_path / "source"))
    for name in BUILT:
        (data / f"{name}.csv").unlink()
        if "ALGOPROGRESS_SOURCE" not in os.environ:
            as_source(name, folder)
    written = build_data.build(folder)
    assert sorted(path.name for path in written) == sorted(f"{n}{s}" for n in BUILT for s in (".csv", ".manifest.json"))
    assert snapshot(data) == before


def test_the_builder_can_build_one_table(source, data):
    before = snapshot(data)
    (data / "published_fits.csv").write_text("old", encoding="utf-8")
    build_data.main([str(source), "published_fits"])
    assert snapshot(data) == before


def test_the_folder_of_one_source_rebuilds_its_tables_and_says_what_moves(tmp_path, data, capsys, monkeypatch):
    """A record of the larger race took half of the tokens, and one came late: by hand, the fall of tokens doubles."""
    monkeypatch.setattr(build_data.ledger, "moved_by", lambda changed: frozenset({"speedrun"}))  # strict takes minutes
    for name in ("_build", "_config.yml", "index.md", "CITATION.cff"):
        (tmp_path / name).symlink_to(HOME.parent / name)
    as_source("speedrun_flop", tmp_path / "source")
    before, folder = snapshot(data), tmp_path / "source" / "speedrun-flop"
    build_data.main([str(folder)])
    assert snapshot(data) == before
    assert capsys.readouterr().out.splitlines()[-1] == "no table changed"
    rewrite(folder / "medium.csv", put(1, "training_tokens_M", "1088.55"))
    rewrite(folder / "small.csv", lambda rows: rows.pop(2))
    build_data.main([str(folder)])
    said = capsys.readouterr().out.splitlines()
    assert "speedrun_flop: 2 rows changed" in said and "- small 2" in said
    assert "~ medium 18: tokens '2.1771e+09' to '1.08855e+09'" in said
    [line] = [line for line in said if "(`speedrun.medium.tokens.total`)" in line]
    old, new = (float(each.split()[0]) for each in line.rpartition("): ")[2].split(" to "))
    assert new == pytest.approx(2.0 * old, rel=0.01)
    assert not any("images" in line for line in said)


def test_rows_are_compared_by_their_key():
    old, new = tables.read_text(HOME / "units.csv", "units"), tables.read_text(HOME / "units.csv", "units")
    assert build_data.rows_moved("units", old, new) == []
    changed = new.iloc[1:].assign(meaning=["other", *new["meaning"].iloc[2:]])
    lines = build_data.rows_moved("units", old, changed)
    assert lines[0] == f"- {old['unit'].iloc[0]}" and lines[1].startswith(f"~ {old['unit'].iloc[1]}: meaning ")


@pytest.mark.parametrize("cell", ["2.8100049236252036", "5.02e+14", "1.666666667", "0.1", "1e+22", "16.61"])
def test_numbers_survive_the_round_trip(cell):
    assert float(build_data.shortest(cell)) == float(cell)


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
    rewrite(source / "ho2024/evaluations.csv", put(7, column, value))
    assert f"ho2024/evaluations.csv, row 7, {words}" in refused(lambda: build_both(source), data)


def test_a_source_without_a_column_changes_nothing(source, data):
    rewrite(source / "ho2024/evaluations.csv", put(0, "perplexity_as_used", "ppl"))
    message = refused(lambda: build_both(source), data)
    assert message == "ho2024/evaluations.csv, column perplexity_as_used: this column is missing"


def test_empty_and_missing_sources_change_nothing(tmp_path, data):
    for name in BUILT:
        file = tables.manifest(name)["from"]["files"][0]
        assert refused(lambda name=name: build_data.build(tmp_path, [name]), data) == f"{file}: the file is missing"
        save(tmp_path / file, [])
        assert refused(lambda name=name: build_data.build(tmp_path, [name]), data) == f"{file}: the file is empty"
        (tmp_path / file).unlink()


def test_tables_that_contradict_each_other_change_nothing(source, data):
    rewrite(source / "ho2024/published_fits.csv", put(7, "log_perplexity", "4.1"))
    assert refused(lambda: build_both(source), data) == (
        "ho2024/published_fits.csv, row 7, column loss_nats: "
        "must be the log of the perplexity of the same row of evaluations.csv (found '4.1')"
    )


def test_a_build_that_outdates_a_correction_changes_nothing(source, data):
    rewrite(source / "ho2024/evaluations.csv", put(93, "parameters", "1.3e9"))
    message = refused(lambda: build_both(source), data)
    assert "data/corrections.csv" in message
    assert "column as_used: must equal the value in evaluations.csv (found '2700000000')" in message


def test_the_command_line_reports_failures_and_misuse(source, data, capsys):
    rewrite(source / "ho2024/evaluations.csv", put(7, "benchmark", "c4"))
    with pytest.raises(SystemExit, match="row 7, column benchmark"):
        build_data.main([str(source), "evaluations"])
    for arguments in ([], [str(source), "claims"], [str(source), "poems"]):
        with pytest.raises(SystemExit) as caught:
            build_data.main(arguments)
        assert caught.value.code == 2
    assert "poems is not built from a source; built are ablation_runs, " in capsys.readouterr().err


def test_a_manifest_says_of_real_columns_where_they_come_from():
    for name in BUILT:
        origin, columns = tables.manifest(name)["from"], set(describe.table(name).names)
        assert origin.keys() <= {"files", "rows", "columns", "words", "made"}
        assert {*origin.get("columns", {}), *origin.get("words", {}), *origin.get("made", [])} <= columns
    assert set(build_data.KEPT) <= set(BUILT)
