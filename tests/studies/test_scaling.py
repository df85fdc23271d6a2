"""The laws of families: printed digits, and what the page says in words."""

from __future__ import annotations

import pandas as pd
import pytest

from algoprogress.data import tables
from algoprogress.frontiers.frontier import frontier
from algoprogress.frontiers.runs import RunsError
from book.ledger import ledger
from book.studies.scaling import figures, study

DECIDING = tables.read("shown_claims").query("figure == 'statements of Gundlach et al.'")["mark"]


def test_the_laws_return_to_the_printed_digits():
    for family, (coefficient, exponent) in study.PRINTED.items():
        law = study.law(family)
        assert round(law.exponent, 3) == exponent
        assert float(f"{law.coefficient:.3g}") == coefficient


def test_tables_name_choices_and_what_decides_with_raised_powers():
    rows = pd.DataFrame({"choice": ["window from 1e15"], "family": "lstm", "exponent": -0.07, "sizes": 5})
    assert list(figures.laws_table(rows)["choice"]) == ["points from 10¹⁵ FLOP"]
    told = {"statement": "from 1e15 FLOP", "unit": "", "conclusion": "open", "interval": "", "undetermined": ""}
    ids = set(tables.read("shown_claims")[["id", "mark"]].to_numpy().flat)
    found = pd.DataFrame([{"id": id, "estimate": 1.0, "low": 0.5, "high": 2.0, **told} for id in ids])
    assert set(figures.statements_table(found)["what decides"]) == {"from 10¹⁵ FLOP"}


def test_each_statement_has_the_number_that_the_page_says_decides_it():
    """In the wider window the gap of today leaves out zero, that of 2017 does not, and the published runs none."""
    known = {}
    for chapter in ("scaling", "ablations", "accounting", "compute_optimal"):
        known |= {id: each.estimate for id, each in ledger.of_study(chapter).items()}
    ends = {id: (known[id].low, known[id].high) for id in DECIDING}
    assert ends["gundlach.ceg_lstm_modern.loss_5277.direct"][0] > 1.0
    assert ends["gundlach.exponent_gap.lstm_modern.reruns15"][0] > 0.0
    assert known["gundlach.exponent_gap.lstm_modern.window15"].low > 0.0
    assert known["gundlach.exponent_gap.lstm_modern"].low < 0.0
    assert known["gundlach.exponent_gap.lstm_retro"].contains(0.0), "five sizes leave room for no growth"
    assert known["gundlach.exponent_gap.lstm_retro.reruns"].contains(0.0), "and the reruns show little"
    assert known["gundlach.trend.lstm_modern"].low > 0.0
    assert known["frontier.lstm_modern.trend.reruns"].contains(0.0)
    assert ends["gundlach.exponent_gap.lstm_retro.reruns15"][0] < 0.0
    assert ends["gundlach.exponent_gap.retro_modern.reruns15"][0] > 0.0
    low, high = ends["gundlach.total_2023.interval"]
    assert low < 1.0 and high > 1e6
    assert ends["gundlach.scale_dependent_share_2023"][0] == 0.0
    low, high = ends["gundlach.ablations_under_10x"]
    assert low < 10.0 < high


def test_what_the_pages_say_of_gaps_and_gains():
    gaps = study.gaps()
    today = gaps[(gaps["reference"] == "lstm") & (gaps["new"] == "modern")]
    assert all(gap.value > 0 for gap in today["gap"]) and sum(gap.low > 0 for gap in today["gap"]) == 5
    in_range = study.gains_in_range("retro", "modern")
    assert all(1.0 < gain.value < 2.0 for gain in in_range.loc[in_range["loss_nats"] < 5.5, "gain"])
    with pytest.raises(RunsError):
        frontier(study.of("lstm"), estimator="isoflop", window=study.WINDOW)
