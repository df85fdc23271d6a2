"""The tables of facts: what they hold, what is refused and in which words."""

from __future__ import annotations

import math
import re
from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest

from algoprogress.data import check, describe, tables
from algoprogress.data.tables import DataError
from algoprogress.engine import data_dir
from table_edits import put, refused, rewrite

HOME = data_dir()
COMMITTED = sorted(path.stem for path in HOME.glob("*.csv"))
TOMORROW = (date.today() + timedelta(days=2)).isoformat()


def drop_column(column: str):
    """Return a change that leaves one column out."""

    def change(rows):
        place = rows[0].index(column)
        for row in rows:
            del row[place]

    return change


def add_column(rows):
    """Add a column that no schema knows."""
    for number, row in enumerate(rows):
        row.append("mood" if number == 0 else "good")


def repeat_row(rows):
    """Append a copy of row 7."""
    rows.append(list(rows[7]))


@pytest.mark.parametrize("name", COMMITTED)
def test_every_committed_table_loads_and_matches_its_manifest(name):
    loaded = tables.evaluations() if name == "evaluations" else tables.read(name)
    frame = loaded.frame if name == "evaluations" else loaded
    entry = tables.manifest(name)
    assert entry["rows"] == len(frame) > 0
    derived = {"years_decimal", "loss_nats", *frame.filter(regex="_reviewed$")} if name == "evaluations" else set()
    columns = [column for column in frame.columns if column not in derived]
    assert [field["name"] for field in entry["schema"]["fields"]] == columns


def test_the_sample_is_the_one_of_the_paper():
    frame = tables.evaluations().published_sample().frame
    assert frame["row"].tolist() == list(range(1, 232))
    assert frame["paper_id"].nunique() == frame["paper"].nunique() == 144
    assert frame["system"].nunique() == 226
    assert frame["benchmark"].value_counts().to_dict() == {"wt103": 103, "ptb": 80, "wt2": 48}
    assert (frame["architecture"] == "transformer").sum() == 104
    assert frame.loc[frame["vocabulary"].notna(), "benchmark"].value_counts().to_dict() == {
        "wt103": 84,
        "ptb": 60,
        "wt2": 41,
    }
    assert frame.groupby("paper_id").size().max() == 3
    assert frame.groupby("paper_id")["perplexity"].apply(lambda values: values.is_monotonic_increasing).all()


def test_the_sample_has_the_published_fingerprint():
    frame = tables.evaluations().frame.set_index("row")
    assert frame["parameters"].min() == 2e6
    assert frame["dataset_tokens"].min() == 888_000
    assert frame["publication_date"].min() == pd.Timestamp("2012-06-27")
    assert frame["loss_nats"].var(ddof=0) == pytest.approx(0.52327, abs=5e-6)
    assert frame.loc[[133, 134, 135], "perplexity"].tolist() == [17.48] * 3


def test_fits_and_evaluations_agree_row_for_row():
    frame, fits = tables.evaluations().frame, tables.read("published_fits")
    assert fits["row"].tolist() == frame["row"].tolist()
    assert (fits["loss_nats"] - frame["loss_nats"]).abs().max() < 1e-14
    assert (fits["fitted_vocabulary"].notna() == frame["vocabulary"].notna()).all()
    assert ((frame["loss_nats"] - fits["fitted_model7"]) ** 2).mean() == pytest.approx(0.04641577, abs=5e-9)


BAD_CELLS = {
    "text in a number": (
        put(12, "parameters", "abc"),
        "row 12, column parameters: must be a whole number (found 'abc')",
    ),
    "half a parameter": (put(12, "parameters", "1.5"), "row 12, column parameters: must be a whole number"),
    "not a number": (put(3, "perplexity", "nan"), "row 3, column perplexity: must be a number (found 'nan')"),
    "infinity": (put(3, "perplexity", "inf"), "row 3, column perplexity: must be a number (found 'inf')"),
    "negative perplexity": (put(5, "perplexity", "-3"), "row 5, column perplexity: must be above 1 (found '-3')"),
    "no size": (put(5, "parameters", "0"), "row 5, column parameters: must be above 0 (found '0')"),
    "blank": (put(9, "dataset_tokens", ""), "row 9, column dataset_tokens: must not be blank"),
    "blank text": (put(9, "system", ""), "row 9, column system: must not be blank"),
    "spaced text": (put(9, "system", " x"), "row 9, column system: must not start or end with space (found ' x')"),
    "unknown benchmark": (
        put(4, "benchmark", "c4"),
        "row 4, column benchmark: must be one of wt103, wt2, ptb (found 'c4')",
    ),
    "unknown architecture": (put(4, "architecture", "rnn"), "column architecture: must be one of transformer, other"),
    "future date": (put(8, "publication_date", TOMORROW), "row 8, column publication_date: must not lie in the future"),
    "old date": (
        put(8, "publication_date", "1999-01-01"),
        "row 8, column publication_date: must be 2010-01-01 or later",
    ),
    "no such date": (put(8, "publication_date", "2019-02-30"), "row 8, column publication_date: must be a date like"),
    "slashed date": (put(8, "publication_date", "14/2/2019"), "row 8, column publication_date: must be a date like"),
    "repeated row": (repeat_row, "row 232, column row: row must be unique; an earlier row has the same (found '7')"),
    "repeated key": (repeat_row, "row 232, column system, paper_id, benchmark, parameters: "),
    "two titles": (put(9, "paper", "Another"), "column paper_id, paper: one paper_id must stand for one title"),
    "status without epochs": (put(1, "epochs", ""), "row 1, column epochs, epochs_status: epochs are known exactly"),
    "missing column": (drop_column("perplexity"), "column perplexity: this column is missing"),
    "unknown column": (add_column, "column mood: this column is not known"),
    "column twice": (put(0, "epochs", "system"), "column system: the header has this column twice"),
    "ragged row": (lambda rows: rows[6].append("x"), "row 6: a row must have 16 cells (found '17 cells')"),
    "no rows": (lambda rows: rows.__delitem__(slice(1, None)), "the table has a header but no rows"),
    "empty file": (lambda rows: rows.clear(), "data/evaluations.csv: the file is empty"),
}


@pytest.mark.parametrize("case", BAD_CELLS)
def test_a_bad_table_is_refused_in_words_that_find_the_cell(data, case):
    change, words = BAD_CELLS[case]
    rewrite(data / "evaluations.csv", change)
    message = refused(tables.evaluations)
    assert words in message
    assert all(line.startswith("data/evaluations.csv") for line in message.splitlines())


def test_all_failures_are_kept_and_twenty_are_shown(data):
    rewrite(data / "evaluations.csv", lambda rows: [put(row, "perplexity", "0.5")(rows) for row in range(1, 32)])
    with pytest.raises(DataError) as caught:
        tables.evaluations()
    lines = str(caught.value).splitlines()
    assert len(caught.value.failures) == 31
    assert [failure.row for failure in caught.value.failures] == list(range(1, 32))
    assert lines[20:] == ["... and 11 more"]


def test_a_bad_cell_is_named_once(data):
    rewrite(data / "evaluations.csv", put(12, "epochs", "many"))
    assert refused(tables.evaluations) == "data/evaluations.csv, row 12, column epochs: must be a number (found 'many')"


def fits() -> pd.DataFrame:
    return tables.read("published_fits")


def test_missing_and_unreadable_files_are_refused(data):
    (data / "published_fits.csv").write_bytes(b"row\n\xff\n")
    assert "data/published_fits.csv: must be CSV in UTF-8" in refused(fits)
    (data / "published_fits.csv").unlink()
    assert refused(fits) == "data/published_fits.csv: the file is missing"


def test_a_change_without_its_manifest_is_refused_with_the_command_that_mends_it(data):
    rewrite(data / "evaluations.csv", put(1, "perplexity", "16.62"))
    message = refused(tables.evaluations)
    assert "data/evaluations.csv: the table changed without its manifest" in message
    assert "python -m book.computed evaluations" in message


def test_a_missing_or_broken_manifest_is_refused(data):
    path = data / "published_fits.manifest.json"
    path.write_text("{", encoding="utf-8")
    assert "data/published_fits.manifest.json: the manifest must be JSON" in refused(fits)
    path.unlink()
    assert refused(fits) == "data/published_fits.manifest.json: the manifest is missing"


def text_frame(table: str, **cells: str) -> pd.DataFrame:
    """Return a one-row text table with these cells and blanks elsewhere."""
    return pd.DataFrame([{column: cells.get(column, "") for column in describe.table(table).names}], dtype=str)


CLAIM = {"id": "a", "statement": "x", "kind": "headline", "expected_arithmetic": "recomputes", "status": "published"}


def test_blanks_of_laws_and_claims_read_as_text_and_nan():
    law = tables.validate(text_frame("laws", id="7", name="n", capacity="years"), "laws", "laws.csv")
    assert law.loc[0, ["id", "data", "floor", "shared", "links", "note"]].tolist() == ["7", "", "", "", "", ""]
    claim = tables.validate(text_frame("claims", **CLAIM, published="8.4"), "claims", "claims.csv")
    assert claim.loc[0, "published"] == 8.4
    assert math.isnan(claim.loc[0, "tolerance"])


@pytest.mark.parametrize(
    ("cells", "words"),
    [
        ({"kind": "rumour"}, "row 1, column kind: must be one of sample"),
        ({"expected_conclusion": "maybe"}, "row 1, column expected_conclusion: must be one of stands, "),
        ({"published_low": "2", "published_high": "1"}, "the low end must not lie above the high end (found '2, 1')"),
        ({"judged_by": "a b"}, "row 1, column judged_by: must be ids of claims (found 'a b')"),
        ({"limit": "under 2"}, "row 1, column limit: must be above or below a number (found 'under 2')"),
        ({"tolerance": "-1"}, "row 1, column tolerance: must be 0 or more (found '-1')"),
    ],
)
def test_a_bad_claim_is_refused(cells, words):
    assert words in refused(lambda: tables.validate(text_frame("claims", **{**CLAIM, **cells}), "claims", "claims.csv"))


@pytest.mark.parametrize("name", COMMITTED)
def test_any_cell_may_be_blank_or_odd_and_is_read_or_refused(name):
    """In each column of each table: the result is a table with that cell, or words that name the column."""
    start = check.read_text(HOME / f"{name}.csv", name).head(2)
    for field in describe.table(name).fields:
        for cell in ("", "1e300", "9999-12-31"):
            text = start.assign(**{field.name: [cell, start.loc[1, field.name]]})
            try:
                found = tables.validate(text, name, "a.csv").loc[0, field.name]
            except DataError as error:
                assert any(field.name in failure.column for failure in error.failures)
            else:
                blank = not cell and field.kind != "text"
                assert pd.isna(found) if blank else str(found).replace("+", "").startswith(cell)


@pytest.mark.parametrize(("cells", "kind"), [(("1", "2"), "int64"), (("1", ""), "Int64"), (("", ""), "Int64")])
def test_a_blank_among_whole_numbers_stays_one(cells, kind, monkeypatch):
    one = describe.Table((describe.Field("count", "integer", blank=True),), ())
    monkeypatch.setattr(check, "table", lambda name: one)
    found = tables.validate(pd.DataFrame({"count": cells}, dtype=str), "any", "a.csv")["count"]
    assert found.dtype == kind and found.astype("Int64").fillna(0).tolist() == [int(each or 0) for each in cells]
    with pytest.raises(DataError, match="must be a whole number, between"):
        tables.validate(pd.DataFrame({"count": ["1e18"]}, dtype=str), "any", "a.csv")


def test_a_date_needs_no_least_value_but_may_have_one():
    days = pd.Series(pd.to_datetime(["1999-01-01", "2019-02-14"]))
    for least, held in ((None, [True, True]), ("2000-01-01", [False, True])):
        checks = describe.Field("day", "date", at_least=least).checks()
        passed = np.all([holds(days) for holds in checks.values()], axis=0)
        assert passed.tolist() == held


def test_who_changes_a_table_changes_it_for_nobody_else_and_a_new_one_is_seen(data):
    once = tables.read("milestones")
    once.loc[:, "system"] = "another"
    assert "another" not in set(tables.read("milestones")["system"])
    file, entry = data / "milestones.csv", data / "milestones.manifest.json"
    file.write_text(file.read_text(encoding="utf-8").replace("GPT-3", "GPT-4"), encoding="utf-8")
    with pytest.raises(tables.DataError, match="changed without its manifest"):
        tables.read("milestones")
    digest = rf"\g<1>{tables.sha256(file.read_bytes())}"
    entry.write_text(re.sub(r'("sha256": ")[0-9a-f]+', digest, entry.read_text(encoding="utf-8")), encoding="utf-8")
    assert "GPT-4" in set(tables.read("milestones")["system"])
