"""Pages are short and plain: answer boxes, sentences, link texts, tables and chapters have limits."""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd
import pytest
import yaml

from algoprogress.engine import root
from book.table import MOST_ROWS, table
from browsing import PAGES as NAMES
from browsing import SITE, soup
from prose import answer, links, pages, plain, seen, sentences

PAGES = pages(root())
LISTED = yaml.safe_load((root() / "_toc.yml").read_text(encoding="utf-8"))["parts"]
NAMES_OF = {Path(each["file"]).name: each["title"] for part in LISTED for each in part["chapters"]}  # as links have it

MOST_WORDS_OF_AN_ANSWER, MOST_NUMBERS_OF_AN_ANSWER = 60, 4  # a range counts as one number
MOST_WORDS_OF_A_SENTENCE = 22  # in the mean of a page
MOST_LETTERS_OF_A_LINK = 40
MOST_WORDS = 1000  # of a chapter, before anything is unfolded
# Exceptions; one that is needed no longer fails too, and is to be taken off its list.
ANSWERS: set[str] = set()
SENTENCES: set[str] = set()
LINKS: set[str] = set()
LONG = {
    "methods"  # every equation of the book, to look up
}
ROWS = {"claims", "figures_index", "status"}  # lists of all claims, figures and pages, to look up and to search

each_page = pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)


def words(text: str) -> int:
    """Return the number of words of a text, a glued value as one."""
    return len(plain(text).split())


@each_page
def test_an_answer_is_short(path: Path):
    box = answer(path)
    assert box or "} answer" not in path.read_text(encoding="utf-8"), "a box that no test sees"
    numbers = len(re.findall(r"\{glue:text\}", box))
    short = words(box) <= MOST_WORDS_OF_AN_ANSWER and numbers <= MOST_NUMBERS_OF_AN_ANSWER
    assert short != (path.stem in ANSWERS), f"{path.stem}: {words(box)} words, {numbers} numbers"


@each_page
def test_sentences_are_short(path: Path):
    each = sentences(seen(path))
    mean = sum(len(sentence.split()) for sentence in each) / max(len(each), 1)
    assert (mean < MOST_WORDS_OF_A_SENTENCE) != (path.stem in SENTENCES), f"{path.stem}: {mean:.1f} words a sentence"


@each_page
def test_links_have_few_words(path: Path):
    long = [each for each in links(path, NAMES_OF) if len(each) > MOST_LETTERS_OF_A_LINK]
    assert bool(long) == (path.stem in LINKS), long


@each_page
def test_a_chapter_is_short(path: Path):
    found = words(seen(path))
    assert (found <= MOST_WORDS) != (path.stem in LONG), f"{path.stem}: {found} words"


def test_a_long_table_folds():
    frame = pd.DataFrame({"a": range(MOST_ROWS + 3)})
    shown, folded = table(frame, caption="All.", name="tab-a-b").markdown.split("<details")
    assert (shown.count("\n|"), folded.count("\n|")) == (2 + MOST_ROWS, 2 + 3)
    assert "<details" not in table(frame, caption="All.", whole=True).markdown + table(frame).markdown
    assert "<details" not in table(frame.head(MOST_ROWS), caption="All.").markdown
    assert table(frame.head(2), caption="All.", fold="The numbers").markdown.startswith(
        '<details class="more"><summary>The n'
    )


@pytest.mark.usefixtures("built_site")
@pytest.mark.parametrize("name", NAMES)
def test_a_table_of_the_site_shows_few_rows(name: str):
    shown = [
        len(each.select("tbody tr"))
        for each in soup(SITE / f"{name}.html").select("article table")
        if not each.find_parent("details")
    ]
    assert (max(shown, default=0) <= MOST_ROWS) != (Path(name).stem in ROWS), f"{name}: {max(shown, default=0)} rows"


def test_the_limits_catch_what_is_too_long(tmp_path: Path):
    page = tmp_path / "page.md"
    box = " ".join(["word"] * 61)
    page.write_text(
        f"# T\n\n:::{{div}} answer\n{box} {{glue:text}}`a.interval`.\n:::\n\nOne. Two words, et al. and 3.\n",
        encoding="utf-8",
    )
    assert words(answer(page)) == 64  # an interval is three words
    assert sentences("One two. It is {glue:text}`a`, so Ho et al. say. $$x$$") == [
        "One two.",
        "It is 7, so Ho et al say.",
    ]
    assert links(page, {}) == []
    page.write_text("{doc}`law`, {doc}`the law <law>` and [a table](x.md)", encoding="utf-8")
    assert links(page, {"law": "What law is fitted?"}) == ["What law is fitted?", "the law", "a table"]
    assert seen(page).startswith("{doc}")
