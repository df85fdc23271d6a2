"""The rows return what the authors published, and corrections do what a direct fit says."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from algoprogress.data import tables
from algoprogress.fits import fit
from algoprogress.fits.rates import point_months
from book.studies.data import sheet, study


def test_the_rows_return_every_published_series(sample):
    table = study.checksums.__wrapped__(sample)
    assert table["rows"].tolist() == [231, 231, 185, 231]
    assert (table["largest_deviation"] < [1e-12, 1e-12, 1e-6, 1e-6]).all()


def test_each_correction_has_an_effect_that_a_direct_fit_confirms(law, sample):
    cells = study.by_cell(law, sample)
    found = study.found(sample)
    assert len(cells) == found["column"].isin(study.FITTED).sum()
    assert cells["move"].abs().is_monotonic_decreasing
    top = cells.iloc[0]
    frame = sample.frame.copy()
    frame.loc[frame["row"] == top["row"], top["column"]] = float(top["reviewed"])
    mended = type(sample)(frame)
    direct = fit.converged.__wrapped__(law, mended, reference=fit.Normalisation.of(sample.frame), starts=100)
    assert point_months(direct) == pytest.approx(top["converged"], abs=1e-5)


def test_the_audit_leaves_what_the_fit_does_not_read(law, sample):
    kinds = study.by_kind(law, sample).set_index("scope")
    assert kinds.loc["only vocabulary", "converged"] == pytest.approx(kinds.loc["as used", "converged"], abs=1e-6)
    assert kinds.loc["as used", "converged"] == pytest.approx(6.0754, abs=1e-3)


def test_the_filters_leave_the_recovered_rows_in_their_order(sample):
    chosen = sheet.selected()
    assert chosen.funnel_frame()["kept"].tolist() == [408, 373, 369, 284, 275, 281, 267, 261, 231]
    both = sheet.beside(sample.frame)
    for column in ("system", "benchmark", "parameters", "dataset_tokens"):
        assert both[column].equals(both[f"{column}_sheet"].rename(column)), column
    assert both["vocabulary"].equals(both["vocabulary_sheet"].rename("vocabulary"))
    assert chosen.frame["perplexity"].equals(sample.frame["perplexity"]), "as the authors fitted it"
    assert ((both["architecture_sheet"] == "Transformer") == (both["architecture"] == "transformer")).all()


def test_what_differs_from_the_copy_is_known(sample):
    found = sheet.differences(sample.frame).groupby("column")["row"].agg(lambda rows: sorted(map(int, rows)))
    assert found["perplexity"] == [54, 134, 135, 224]
    assert found["publication date"] == [73, 74, 206]
    assert found["epochs"] == [84, 168, 220]
    assert found.index.tolist() == ["epochs", "paper", "perplexity", "publication date"]


def test_every_correction_rests_on_what_it_says(sample):
    """The sheet has the value as used, but where a formula of the authors makes that of other cells."""
    both, corrections = sheet.beside(sample.frame).set_index("row"), sample.corrections
    fields = ("publication_date", "perplexity", "parameters", "dataset_tokens", "vocabulary", "epochs")
    for line in corrections[corrections["column"].isin(fields)].itertuples():
        row, used = both.loc[line.row], both.loc[line.row, line.column]
        copied = row[f"{line.column}_sheet"]
        if line.basis != "formula":
            assert copied == used or (pd.isna(used) and copied > 75), (line.row, line.column)
        elif line.column == "dataset_tokens":
            assert used == row["pretraining_tokens_sheet"] + row["finetuning_tokens_sheet"]
            assert float(line.reviewed) == row["pretraining_tokens_sheet"]
        elif line.column == "publication_date":
            assert copied == pd.Timestamp(line.reviewed) != used
            assert tables.decimal_year(pd.Series([copied])).item() == row["years_decimal"]
        elif line.column == "perplexity":
            assert line.reviewed in ("", f"{copied:g}") and copied != used == row["perplexity_wt103_sheet"]
        else:
            assert line.column == "epochs" and used == 1 and np.isnan(copied)
    words = corrections[corrections["column"] == "architecture"].set_index("row")
    for row, line in words.iterrows():
        assert (line["basis"] == "formula") == ("/Transformer" in both.loc[row, "architecture_sheet"])
