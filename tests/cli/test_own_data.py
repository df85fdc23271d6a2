"""One's own data: templates hold, bad files are refused by row and column, and the answer is that of a fit."""

from __future__ import annotations

import shutil

import numpy as np
import pandas as pd
import pytest

from algoprogress import cli as command
from algoprogress.data import own as own_evaluations
from algoprogress.data import tables, variables
from algoprogress.engine import data_dir
from algoprogress.fits import effect, fit
from algoprogress.fits.rates import doubling_time_months, growth_rates, point_months
from algoprogress.fits.resample import bootstrap
from algoprogress.frontiers import own_figure, own_file, own_runs
from algoprogress.laws import catalogue
from book.studies.own_data import tables as own_tables

SAMPLE = tables.evaluations().published_sample()


@pytest.fixture
def mine(tmp_path):
    """Ten of the book's own rows under other names, as a user would have them."""
    frame = SAMPLE.frame.iloc[5:15].assign(paper=[f"Mine {place % 3}" for place in range(10)])
    path = tmp_path / "mine.csv"
    frame[list(own_evaluations.NEEDED)].to_csv(path, index=False)
    return path


@pytest.fixture
def file(tmp_path):
    """Return a place that holds a copy of the template of a kind."""
    return lambda kind: shutil.copyfile(own_evaluations.template_path(kind), tmp_path / f"my_{kind}.csv")


@pytest.mark.parametrize("kind", own_evaluations.KINDS)
def test_a_template_is_printed_and_passes_its_check(kind, tmp_path, capsys):
    assert command.main(["template", kind]) == 0
    path = tmp_path / "mine.csv"
    path.write_text(capsys.readouterr().out, encoding="utf-8")
    assert command.main(["check", str(path)]) == 0
    assert capsys.readouterr().out.startswith(f"mine.csv: {kind}, nothing wrong")
    assert "example" in path.read_text(encoding="utf-8") or kind == "runs"


def test_names_of_the_command_line_are_those_of_the_library():
    assert tuple(effect.ROWS) == command.ROWS
    known = variables.regressors(SAMPLE.frame, variables.Normalisation.of(SAMPLE.frame))
    assert set(own_tables.VARIABLES) == set(known.columns)
    assert list(own_tables.COLUMNS) == [*own_evaluations.NEEDED, *own_evaluations.OPTIONAL]


@pytest.mark.parametrize("name", ["", *("template", "check", "fit", "frontier")])
def test_help_has_examples(name, capsys):
    assert command.main([*([name] if name else []), "--help"]) == 0
    assert f"algoprogress {name} " in capsys.readouterr().out or not name


def test_a_table_of_the_book_is_checked_by_its_own_schema(capsys):
    paths = [data_dir() / f"{name}.csv" for name in ("laws", "exponents")]
    assert command.main(["check", *map(str, paths)]) == 0
    assert capsys.readouterr().out.count("every rule of its schema holds") == 2


@pytest.mark.parametrize(
    ("kind", "old", "new", "said"),
    [
        ("evaluations", "wt103", "WikiText-103", "row 1, column benchmark: must be one of wt103"),
        ("evaluations", "150000000,", "-1,", "row 1, column parameters: must be above 0 (found '-1')"),
        ("evaluations", "18.9", "", "row 1, column perplexity: must not be blank"),
        ("evaluations", "2021-06-01", "01.06.2021", "row 1, column publication_date: must be a date like"),
        ("evaluations", "perplexity", "ppl", "cannot be told by its header"),
        ("evaluations", "system,", "name,", "column system: this column is missing"),
        (
            "evaluations",
            "Example large,An invented example of a paper,wt103,2021-06-01,600000000",
            "Example base,An invented example of a paper,wt103,2021-06-01,150000000",
            "row 2, column system, paper",
        ),
        ("evaluations", ",267735\nExample l", "\nExample l", "row 1: a row must have 10 cells"),
        ("runs", "5.191", "179.6", "row 1 (run 'old/1'), column loss_nats: must be in nats per token"),
        ("runs", "1.80e+14", "x", "column training_compute_flop: must be a number above zero"),
        ("law", "years:transformer", "years:vibes", "row 1, column capacity: law mine: cannot build the capacity"),
        ("law", "log_parameters", "log_parameters + log_tokens + log_compute", "row 1, column capacity, data: law"),
        ("law", ",,,An", ",speed,,An", "row 1, column shared: law mine: shared names ['speed']"),
    ],
)
def test_bad_files_are_refused_by_row_and_column(file, capsys, kind, old, new, said):
    path = file(kind)
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    before = path.read_bytes()
    assert command.main(["check", str(path)]) == 2
    assert said in capsys.readouterr().err
    assert path.read_bytes() == before


WHOLE = {"runs": "parameters,budget,tokens,gpu_hours,other_flop", "evaluations": "epochs,vocabulary,source"}


@pytest.mark.parametrize("cell", ["", "1e300"])
@pytest.mark.parametrize("kind", own_evaluations.KINDS)
def test_no_cell_of_any_column_ends_in_a_traceback(kind, cell, file, capsys):
    """Columns that a file must have and those that it may have: read, or refused by file and column."""
    path = file(kind)
    frame = pd.read_csv(path, dtype=str, keep_default_na=False)
    for name in WHOLE.get(kind, "").split(","):
        if name and name not in frame:
            frame[name] = frame.get("training_compute_flop", "1")
    for name in frame:
        frame.assign(**{name: [cell, *frame[name][1:]]}).to_csv(path, index=False)
        status = command.main(["check", str(path)])
        said = capsys.readouterr()
        assert (status, said.err) == (0, "") or (status == 2 and said.err.startswith(path.name)), (name, said.err)
        if kind == "runs":
            status = command.main(["frontier", str(path), "--reference", "old", "--new", "new", "--draws", "20"])
            assert status in (0, 2) and "note: " not in capsys.readouterr().err


def test_what_is_no_table_is_refused(tmp_path, capsys):
    assert command.main(["check", str(tmp_path / "none.csv")]) == 2
    assert "none.csv: the file is missing" in capsys.readouterr().err


def test_a_row_that_the_book_has_is_refused(tmp_path, capsys):
    path = tmp_path / "twice.csv"
    SAMPLE.frame.iloc[[16]][list(own_evaluations.NEEDED)].to_csv(path, index=False)
    assert command.main(["fit", "--add", str(path), "--draws", "4"]) == 2
    assert "row 1, column system, paper, benchmark, parameters: must be new; row 17" in capsys.readouterr().err


def test_an_answer_never_overwrites_what_it_reads(mine, capsys):
    before = mine.read_bytes()
    assert command.main(["fit", "--add", str(mine), "--csv", str(mine), "--draws", "4"]) == 2
    assert "is a file to be read" in capsys.readouterr().err
    assert mine.read_bytes() == before


def test_a_file_of_a_spreadsheet_is_read(mine, tmp_path):
    """With a byte-order mark, and columns in another order."""
    other = tmp_path / "sheet.csv"
    pd.read_csv(mine).iloc[:, ::-1].to_csv(other, index=False, encoding="utf-8-sig")
    pd.testing.assert_frame_equal(own_evaluations.read(other), own_evaluations.read(mine))


def test_the_whole_table_is_read_as_own_evaluations():
    own = own_evaluations.read(data_dir() / "evaluations.csv")
    assert len(own) == len(SAMPLE)
    with pytest.raises(tables.DataError, match="must be new"):
        SAMPLE + own


def test_own_rows_join_the_sample_as_they_are(mine):
    own = own_evaluations.read(mine)
    wider = SAMPLE + own
    pd.testing.assert_frame_equal(wider.frame.iloc[: len(SAMPLE)], SAMPLE.frame)
    added = wider.frame.iloc[len(SAMPLE) :]
    assert added["row"].tolist() == list(range(232, 242))
    assert sorted(set(added["paper_id"])) == [SAMPLE.frame["paper_id"].max() + place for place in (1, 2, 3)]
    np.testing.assert_array_equal(added["loss_nats"], SAMPLE.frame["loss_nats"].iloc[5:15])
    assert len(wider.reviewed()) == len(SAMPLE.reviewed()) + 10  # no correction of ours touches them
    assert wider.funnel[-1].rule == "10 rows of mine.csv added"


def test_a_known_paper_keeps_its_number(mine):
    own = own_evaluations.read(mine).assign(paper=SAMPLE.frame["paper"].iloc[40], system="a new system")
    own["parameters"] = np.arange(10) + 5.0e6
    assert set((SAMPLE + own).frame["paper_id"].iloc[-10:]) == {SAMPLE.frame["paper_id"].iloc[40]}


def test_the_answer_is_that_of_a_fit_to_all_rows(mine):
    law, own = catalogue.law("7"), own_evaluations.read(mine)
    change = effect.compared(law, SAMPLE, own, draws=60)
    wider = SAMPLE + own
    for each, sample in ((change.before, SAMPLE), (change.after, wider)):
        assert each.line()["doubling_time_months"] == point_months(fit.converged(law, sample))
        rate = growth_rates(bootstrap(law, sample, draws=60))
        ends = tuple(doubling_time_months(np.quantile(rate, [0.975, 0.5, 0.025])))
        low, high = each.months.limits[1::3]
        assert (low, each.months.value, high) == pytest.approx(ends) and each.months.undetermined == "low high"
    assert (change.own, change.kept, change.frame()["papers"].diff().iloc[1]) == (10, 10, 3)
    off = SAMPLE.frame["loss_nats"].iloc[5:15] - change.before.fit.predict(SAMPLE.frame.iloc[5:15])
    np.testing.assert_allclose(change.surprise_nats, off.mean())
    moves = change.moves()
    np.testing.assert_allclose(moves["moved"] * moves["spread"], moves["after"] - moves["before"])
    assert moves["moved"].abs().is_monotonic_decreasing


def test_rows_that_a_choice_leaves_out_are_counted(mine):
    own = own_evaluations.read(mine)
    change = effect.compared(catalogue.law("12"), SAMPLE, own, rows="transformers", draws=4)
    assert change.kept == (own["architecture"] == "transformer").sum() < change.own
    assert f"of your 10 rows {change.kept} are in this sample" in change.text()
    with pytest.raises(ValueError, match="must be one of all, reviewed"):
        effect.compared(catalogue.law("12"), SAMPLE, own, rows="some")


def test_the_command_fits_with_own_rows_and_with_own_laws(mine, file, tmp_path, capsys):
    out = tmp_path / "answer.csv"
    assert command.main(["fit", "--add", str(mine), "--draws", "60", "--csv", str(out)]) == 0
    said = capsys.readouterr()
    assert "with yours" in said.out and "moved most" in said.out and said.err.endswith(" s\n")
    frame = pd.read_csv(out)
    assert frame["rows"].tolist() == [231, 241]
    np.testing.assert_allclose(
        frame["doubling_time_months"][0], point_months(fit.converged(catalogue.law("7"), SAMPLE))
    )
    assert command.main(["fit", "--law-file", str(file("law")), "--draws", "20", "--csv", str(out)]) == 0
    assert pd.read_csv(out)["law"].tolist() == ["mine"]
    assert "law mine:" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--law", "seven"], "--law seven: must be one of 1, 2"),
        (["--penalty", "-1"], "--penalty -1.0: must be zero or more"),
        (["--draws", "1"], "--draws 1: must be two or more"),
        (["--add", "nowhere.csv"], "nowhere.csv: the file is missing"),
    ],
)
def test_bad_options_of_a_fit_are_refused(options, said, capsys):
    assert command.main(["fit", *options]) == 2
    assert said in capsys.readouterr().err


def test_the_figure_of_own_runs_shows_points_frontiers_and_the_gain(file, tmp_path, capsys):
    path, picture = file("runs"), tmp_path / "frontier.svg"
    options = ["--reference", "old", "--new", "new", "--draws", "40"]
    assert command.main(["frontier", str(path), *options, "--figure", str(picture)]) == 0
    assert f"figure: {picture}" in capsys.readouterr().out
    svg = picture.read_text(encoding="utf-8")
    frame = own_file.read(path)
    found = own_runs.compare(frame, reference="old", new="new", draws=40)
    row = own_runs.shown_gain(found)
    assert f"gain {row['gain'].value:.2f} at {row['loss_nats']:.2f} nats" in svg and "95% interval" in svg
    assert len(own_figure.alt(found)) > 40
    assert command.main(["frontier", str(path), *options, "--figure", str(tmp_path / "frontier.png")]) == 0
    assert (tmp_path / "frontier.png").read_bytes().startswith(b"\x89PNG")
    assert command.main(["frontier", str(path), *options, "--figure", str(tmp_path / "frontier.doc")]) == 2


def test_lines_stay_within_the_support_of_their_runs(file):
    frame = own_file.read(file("runs"))
    found = own_runs.compare(frame, reference="old", new="new", draws=10)
    lines = own_figure.lines(found)
    assert lines["loss_nats"].notna().all()
    for name, part in lines.groupby("algorithm"):
        flop = frame.loc[frame["algorithm"] == name, "training_compute_flop"]
        assert part["training_compute_flop"].between(flop.min(), flop.max()).all()
