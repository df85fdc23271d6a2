"""The README states the headline numbers of the ledger, and its commands exist."""

from __future__ import annotations

import re
from pathlib import Path

from algoprogress.show.estimate import Estimate
from algoprogress.show.words import quantity
from book.ledger import ledger
from book.studies.bayes import answer
from book.studies.verdicts import FOUND, MEANINGS, PUBLISHED

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "README.md").read_text(encoding="utf-8")


def spoken(id: str, *, published: bool = False) -> str:
    row = ledger.ledger().set_index("id").loc[id]
    found = Estimate.of_row(row, PUBLISHED if published else FOUND, unit="months")
    return f"{quantity(found.value, 'months')}|{found.span()}"


def stated(before: str) -> str:
    found = re.search(rf"{before} (\d+\.\d)(?: months)? \((?:9[05]% interval )?([\d.]+ to (?:above )?[\d.]+)\)", TEXT)
    assert found, f"the README does not say: {before} ..."
    return f"{found[1]}|{found[2]}"


def test_the_headline_numbers_are_those_of_the_ledger():
    months = "ho.model7.doubling_months"
    assert stated("The book's answer: every") == spoken("book.answer.doubling_months")
    rows = ledger.ledger().set_index("id")
    slow, mixed = (rows.loc[f"{stem}.slower_than_24", "estimate"] for stem in ("book.answer", "ho.bayes.stacked"))
    assert f"slower than 24 months with a confidence of {slow:.1%}" in TEXT
    assert f"slower than 24 months is {mixed:.1%}" in TEXT
    assert f"anything from {answer.reach(answer.named('falling'))} fits" in TEXT
    assert stated("doubles every") == spoken(f"{months}.published_bootstrap_median", published=True)
    assert stated("version says every") == spoken(f"{months}.later_version", published=True)
    assert stated("Whole papers resampled:") == spoken(f"{months}.converged_papers")
    rows = ledger.ledger().set_index("id")["estimate"]
    shares = [rows[f"ho.model7.tail.{each}"] for each in ("slower_than_24", "without_progress")]
    point = rows[f"{months}.converged_point"]
    assert (
        f"exactly: {point:.1f} months" in TEXT
        and "in {:.1%} of the\nresamples, and {:.1%} show".format(*shares) in TEXT
    )
    assert stated("Without its penalty:") == spoken(f"{months}.unpenalised_papers")


def test_the_total_of_the_accounting_is_that_of_the_ledger():
    rows = ledger.ledger().set_index("id")
    row, published = rows.loc["gundlach.total_2023.interval"], rows.loc["gundlach.total_2023.published", "published"]
    found = re.search(r"a total gain of ([\d,]+) in 2023.*from ([\d.]+) to above (\d+) million", TEXT)
    assert found, "the README does not say the total"
    said = f"{published:,.0f}", f"{row['low']:.1f}", f"{row['high'] / 1e6:.0f}"
    assert (found[1], found[2], f"{round(float(found[3]), -1):.0f}") == (*said[:2], f"{round(float(said[2]), -1):.0f}")
    assert row["undetermined"] == "high"  # so "above"


def test_the_strict_gain_is_that_of_the_ledger():
    row = ledger.ledger().set_index("id").loc["frontier.lstm_modern.range"]
    found = re.search(r"needs ([\d.]+) times less compute than an LSTM .* \(([\d.]+) to ([\d.]+)\)", TEXT)
    assert found, "the README does not say the strict gain"
    assert found.groups() == tuple(f"{row[name]:.1f}" for name in ("estimate", "low", "high"))


def test_the_tally_of_verdicts_is_that_of_the_ledger():
    frame = ledger.ledger()
    numbers, rest = (
        r"numbers (\d+) recompute, (\d+) do not, and (\d+) rest",
        r" (\d+) stand, (\d+) are open, and (\d+) are",
    )
    found = re.search(rf"(\d+) claims are in the ledger.*{numbers}.*{rest} contradicted", TEXT)
    assert found
    words = ("recomputes", "does not recompute", "no public data", *MEANINGS["conclusion"])
    tally = ledger.counts().groupby("verdict")["claims"].sum()
    assert [int(number) for number in found.groups()] == [len(frame), *(tally[word] for word in words)]


def test_the_commands_of_the_readme_exist():
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    named = set(re.findall(r"`?make ([a-z]+)", TEXT)) - {"for"}
    assert named >= {"book", "test", "chapter", "notebooks", "help"}
    assert all(re.search(rf"^{target}:", makefile, re.M) for target in named), named
