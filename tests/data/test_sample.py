"""The sample: derived columns, the funnel, and the reviewed values."""

from __future__ import annotations

import math
import shutil
from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from algoprogress.data import describe, own, tables
from algoprogress.engine import data_dir
from table_edits import put, refused, rewrite

HOME = data_dir()


@pytest.fixture(scope="module")
def evaluations() -> tables.Sample:
    """All evaluations; nothing changes a sample in place."""
    return tables.evaluations()


@pytest.mark.parametrize(
    "day", ["2012-01-01", "2012-02-29", "2012-03-01", "2012-12-31", "2019-12-31", "2020-12-31", "2023-05-23"]
)
def test_years_are_counted_in_365_days_in_leap_years_too(day):
    months = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
    year, month, number = map(int, day.split("-"))
    leap = year % 4 == 0 and month > 2
    expected = year + (sum(months[: month - 1]) + leap + number - 1) / 365
    assert tables.decimal_year(pd.Series([pd.Timestamp(day)])).tolist() == pytest.approx([expected], abs=1e-12)


def test_derived_columns_follow_from_the_row(evaluations):
    frame = evaluations.frame
    for _, row in frame.iterrows():
        day = row["publication_date"]
        assert row["loss_nats"] == pytest.approx(math.log(row["perplexity"]), abs=1e-15)
        assert row["years_decimal"] == pytest.approx(
            day.year + (day.toordinal() - date(day.year, 1, 1).toordinal()) / 365
        )


CORRECTIONS = [
    describe.table("corrections").names,
    ["93", "GPT-Neo-1.3B (finetuned)", "parameters", "2700000000", "1300000000", "size", "its name", "high", "review"],
    ["134", "GPT-2 (1542M)", "perplexity", "17.48", "18.34", "other benchmark", "the paper", "medium", "review"],
    ["1", "$\\infty$-former (SM)", "epochs", "1.0", "", "unknown", "nobody", "low", "review"],
    ["2", "LBL", "parameters", "2000000", "", "unknown", "nobody", "low", "review"],
    ["14", "Transformer (Adaptive Input Embeddings)", "epochs", "", "3", "known", "the paper", "low", "review"],
]
BAD_CORRECTIONS = {
    "stale value": (
        put(1, "as_used", "7"),
        "row 1, column as_used: must equal the value in evaluations.csv (found '7')",
    ),
    "no such row": (put(1, "row", "999"), "row 1, column row: evaluations.csv has no such row (found '999')"),
    "other system": (put(2, "system", "LBL"), "row 2, column system: must be the system of that row"),
    "bad new value": (put(1, "reviewed", "-7"), "row 1, column reviewed: parameters must be above 0 (found '-7')"),
    "unreadable": (put(1, "reviewed", "x"), "row 1, column reviewed: parameters must be a whole number (found 'x')"),
    "other column": (put(1, "column", "paper"), "row 1, column column: must be one of perplexity, parameters"),
    "no reason": (put(1, "reason", ""), "row 1, column reason: must not be blank"),
    "no change": (put(1, "reviewed", "2700000000"), "the reviewed value must differ from the value as used"),
    "twice": (lambda rows: rows.append(rows[1]), "column row, column: row, column must be unique"),
}


@pytest.fixture
def mended(tmp_path) -> Path:
    """The evaluations in a folder of their own, with a few corrections beside them."""
    shutil.copy(HOME / "evaluations.csv", tmp_path / "evaluations.csv")
    (tmp_path / "corrections.csv").touch()
    rewrite(tmp_path / "corrections.csv", lambda rows: rows.extend(list(row) for row in CORRECTIONS))
    return tmp_path / "evaluations.csv"


@pytest.mark.parametrize("case", BAD_CORRECTIONS)
def test_corrections_must_fit_the_evaluations(mended, case):
    change, words = BAD_CORRECTIONS[case]
    rewrite(mended.with_name("corrections.csv"), change)
    assert words in refused(lambda: tables.evaluations(mended))


def test_reviewed_applies_the_confidence_asked_for(mended):
    sample = tables.evaluations(mended)
    cells = [(93, "parameters"), (134, "perplexity"), (1, "epochs_status"), (14, "epochs_status"), (14, "epochs")]
    expected = {
        "high": [1.3e9, 17.48, "recovered", "above_75"],
        "medium": [1.3e9, 18.34, "recovered", "above_75"],
        "low": [1.3e9, 18.34, "missing", "reviewed", 3.0],
    }
    for confidence, values in expected.items():
        frame = sample.reviewed(confidence).frame.set_index("row")
        assert [frame.loc[cell] for cell in cells][: len(values)] == values
    assert [len(sample.reviewed(confidence)) for confidence in expected] == [231, 231, 230]
    assert 2 not in sample.reviewed("low").frame["row"].tolist()
    with pytest.raises(ValueError, match="must be one of low, medium, high"):
        sample.reviewed("certain")


def test_an_unknown_reviewed_value_is_removed_and_reported(mended):
    step = tables.evaluations(mended).reviewed("low").funnel[-1]
    assert (step.name, step.kept, step.removed) == ("reviewed", 230, 1)
    assert step.rule.startswith("5 corrections of low confidence or above")


def test_the_funnel_says_what_each_step_removed(evaluations):
    sample = evaluations.published_sample()
    funnel = sample.with_known("vocabulary").where([True] * 5 + [False] * 180, "five", "the first five").funnel_frame()
    assert funnel["kept"].tolist() == [281, 261, 231, 231, 231, 185, 5]
    assert funnel["removed"].tolist() == [0, 20, 30, 0, 0, 46, 180]
    assert funnel["origin"].tolist() == ["published"] * 3 + ["recomputed"] * 4
    assert funnel["name"].tolist()[-3:] == ["published sample", "known vocabulary", "five"]
    assert len(sample) == 231, "a filter leaves its own sample alone"


@pytest.mark.parametrize("mask", [[True], [1] * 231, [None] * 231, [0.0] * 231])
def test_a_filter_needs_one_boolean_for_each_row(mask, evaluations):
    with pytest.raises(ValueError, match="needs one boolean for each of 231 rows"):
        evaluations.where(mask, "odd", "odd")


def test_reviewed_changes_what_the_corrections_name_and_nothing_else(evaluations):
    sample, corrections = evaluations, tables.read("corrections")
    reviewed = sample.reviewed("low")
    frame, before = reviewed.frame.set_index("row"), sample.frame.set_index("row")
    lost = corrections[(corrections["reviewed"] == "") & ~corrections["column"].isin(["epochs", "vocabulary"])]
    assert set(before.index) - set(frame.index) == set(lost["row"])
    assert reviewed.funnel[-1].removed == lost["row"].nunique()
    columns = [name for name in describe.table("evaluations").names if name not in ("row", "epochs_status")]
    now, then = (table.loc[frame.index, columns].astype("str").fillna("") for table in (frame, before))
    changed = {(row, column) for column in columns for row in frame.index[now[column] != then[column]]}
    named = zip(corrections["row"], corrections["column"], strict=True)
    assert changed == {(row, column) for row, column in named if row in frame.index}
    assert frame.loc[135, "perplexity"] == 35.76
    assert frame.loc[135, "loss_nats"] == pytest.approx(math.log(35.76))
    assert frame.loc[38, "years_decimal"] == frame.loc[39, "years_decimal"]


def test_the_reviewed_columns_are_what_reviewed_swaps_in(evaluations):
    sample = evaluations
    reviewed = sample.reviewed().frame
    for name in sample.corrections["column"].unique():
        beside = sample.frame.set_index("row").loc[reviewed["row"], f"{name}_reviewed"]
        pd.testing.assert_series_equal(beside.reset_index(drop=True), reviewed[name], check_names=False)


def test_reviewed_follows_rows_through_resampling(evaluations):
    sample = evaluations.take([134, 134, 0])
    assert sample.reviewed().frame["perplexity"].tolist() == [35.76, 35.76, 16.61]
    assert len(sample.funnel) == len(evaluations.funnel)


ROW_COUNTS = {"all": 231, "top 3": 231, "transformers": 104, "since 2017": 202, "best": 144, "top 1": 144}


def test_rows_are_selected_by_name_with_a_step_in_the_funnel(evaluations):
    sample = evaluations.published_sample()
    for name, count in ROW_COUNTS.items():
        chosen = sample.rows(name)
        assert len(chosen) == count == chosen.funnel[-1].kept
    assert (sample.frame["publication_date"] >= "2017-01-01").sum() == ROW_COUNTS["since 2017"]
    best = sample.rows("best").frame.set_index("paper_id")["perplexity"]
    assert best.to_dict() == sample.frame.groupby("paper_id")["perplexity"].min().to_dict()
    pd.testing.assert_frame_equal(sample.rows("reviewed").frame, sample.reviewed().frame)
    with pytest.raises(ValueError, match="must be one of all, top 3, reviewed, transformers, since 2017, best"):
        sample.rows("worst")


@pytest.fixture
def mine(tmp_path) -> Path:
    """Two rows in the short form of a file of one's own, the first from a paper that the book has."""
    header = ["system", "paper", "benchmark", "publication_date", "parameters", "dataset_tokens", "perplexity"]
    paper = tables.evaluations().frame.loc[0, "paper"]
    rows = [[*header, "architecture"], ["A", paper, "wt103", "2024-01-01", "1e8", "1e8", "15", "other"]]
    rows.append(["B", "A paper of mine", "ptb", "2024-02-01", "2e8", "1e6", "30", "transformer"])
    (tmp_path / "mine.csv").touch()
    rewrite(tmp_path / "mine.csv", lambda lines: lines.extend(rows))
    return tmp_path / "mine.csv"


def test_own_rows_are_added_below_the_others_and_once(mine, evaluations):
    sample = evaluations.published_sample()
    both = sample + own.read(mine)
    assert both.funnel[-1].rule == "2 rows of mine.csv added"
    assert both.frame["row"].tolist() == list(range(1, 234))
    assert both.frame["paper_id"].tolist()[-2:] == [sample.frame.loc[0, "paper_id"], sample.frame["paper_id"].max() + 1]
    assert both.frame.dtypes.equals(sample.frame.dtypes)
    pd.testing.assert_frame_equal(both.frame[:231], sample.frame)
    words = "mine.csv, row 1, column system, paper, benchmark, parameters: must be new; row 232 of evaluations.csv has"
    assert words in refused(lambda: both + own.read(mine))


def test_another_table_may_go_without_manifest_and_corrections(tmp_path):
    path = tmp_path / "mine.csv"
    shutil.copy(HOME / "evaluations.csv", path)
    rewrite(path, lambda rows: rows.append([*rows[1][:1], "New", *rows[1][2:]]))
    rewrite(path, put(232, "row", "232"))
    sample = tables.evaluations(path)
    assert [step.kept for step in sample.funnel] == [232]
    assert len(sample.published_sample()) == 231
    assert len(sample.reviewed()) == 232
