"""The front page's figure shows the ledger's numbers and nothing else."""

from __future__ import annotations

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest

from algoprogress.data import tables
from algoprogress.engine import root
from book.ledger import front
from book.ledger import ledger as claims

IDS = tables.read("shown_claims").query("figure == 'front page'")["id"].tolist()
LEDGER = pd.DataFrame(
    {
        "id": IDS,
        "estimate": np.linspace(5.0, 12.0, len(IDS)),
        "low": 4.0,
        "high": [20.0, np.inf, *[20.0] * (len(IDS) - 2)],
        "undetermined": "",
        "unit": "months",
        "interval": "95%, of something",
    }
)


def test_the_choices_are_rows_of_the_ledger_in_the_order_of_the_figure():
    frame = front.choices(LEDGER.sample(frac=1.0, random_state=1))
    assert frame["id"].tolist() == LEDGER["id"].tolist()
    assert [each.value for each in frame["months"]] == LEDGER["estimate"].tolist()
    assert frame["role"].iloc[0] == "published"


def test_a_choice_that_the_ledger_lacks_is_an_error():
    with pytest.raises(KeyError, match="bayes"):
        front.choices(LEDGER[~LEDGER["id"].str.contains("bayes")])


def test_the_real_ledger_has_every_choice_with_an_interval_around_its_median():
    frame = front.choices(claims.ledger())
    assert all(each.low < each.value < each.high for each in frame["months"])
    assert frame["covers"].str.startswith("95%").all()


def test_the_figure_writes_each_interval_and_marks_each_median():
    fig = front.hangs_on(front.choices(LEDGER))
    ax = fig.axes[0]
    texts = [text.get_text() for text in ax.texts]
    assert any(text.endswith("[4.0, ∞]") for text in texts) and "12.0 [4.0, 20.0]" in texts
    marked = [line.get_xdata()[0] for line in ax.lines if line.get_marker() in ("o", "D", ".")]
    np.testing.assert_allclose(sorted(marked), LEDGER["estimate"])
    arrows = [line.get_xdata()[0] for line in ax.lines if line.get_marker() == ">"]
    assert arrows == [front.EDGES[1]]
    assert mpl.rcParams["axes.spines.top"], "the house style must not leak"


def test_each_headline_has_a_chapter_what_was_said_what_we_find_and_a_verdict():
    ledger = claims.ledger()
    table = front.verdicts(ledger)
    assert len(table) == len(tables.read("headlines"))
    pages = table["claim"].str.extract(r"\((.+)\)$")[0]
    assert all((root() / page).is_file() for page in pages)
    assert not (table[["published", "ours", "verdict"]] == "–").any().any()
    assert table["ours"].str.contains(r"^\[.+ \[.+\]\]\(#[\w.]+\)$").all()
    chosen = tables.read("headlines")
    judges = ledger.set_index("id")["judged_by"]
    assert all(each.ours == each.id or each.ours in judges[each.id].split() for each in chosen.itertuples())
    assert chosen["when"].tolist() == ledger.set_index("id").loc[chosen["id"], "conclusion"].tolist(), "words to renew"


def test_the_title_says_what_the_answer_does():
    ledger = claims.ledger().set_index("id")
    assert "roughly halve the compute a language model needs each year" in (root() / "index.md").read_text("utf-8")
    year, slow = ledger.loc["book.answer.yearly_factor"], ledger.loc["book.answer.slower_than_24"]
    assert 1.5 < year["estimate"] < 3.0 and year["low"] < 2.0 < year["high"] and year["low"] > 1.0
    assert slow["estimate"] < 0.025, "faster than Moore's law"
    middles = [each.value for each in front.choices(claims.ledger())["months"]]
    assert sum(each > front.MOORE for each in middles) == 1, "nearly every reading"


def test_a_value_is_told_what_it_is_a_number_of():
    frame = pd.DataFrame(
        {
            "id": ["a"],
            "chapter": ["strict"],
            "statement": ["A"],
            "published": [1.0],
            "published_low": [np.nan],
            "published_high": [np.nan],
            "estimate": [0.6],
            "low": [0.4],
            "high": [0.8],
            "undetermined": [""],
            "unit": ["share"],
            "arithmetic": [""],
            "conclusion": ["contradicted"],
        }
    )
    said = {"who": "A", "means": "No.", "when": "contradicted"}
    chosen = pd.DataFrame(
        {**said, "words": ["Nobody"], "id": "a", "stated": "by nobody", "of": "of models", "ours": "a"}
    )
    table = front.verdicts(frame, chosen)
    assert table[["claim", "published", "ours"]].iloc[0].tolist() == [
        "A: [Nobody](chapters/strict.md)",
        "by nobody",
        "[60.0% of models [40.0%, 80.0%]](#a)",
    ]
