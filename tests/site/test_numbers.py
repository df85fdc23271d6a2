"""From a number on a page to its code, read off the sources: its claim, or the line that defines what made it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from algoprogress.engine import root
from book.site import numbers
from prose import pages

PASTED = re.compile(r"\{glue:text\}`([^`]+)`")
PAGE = """---
jupytext:
  text_representation:
    extension: .md
    format_name: myst
---
```{code-cell} ipython3
from book.ledger import front, glue
from book.ledger import ledger as claims
from book.studies import verdicts

frame, other = claims.ledger(), front.choices(claims.ledger())
rows = glue.claims("ho.sample.rows", "ho.sample.papers")
few = rows.loc["ho.sample.papers", "estimate"]
numbers = [glue.number(f"x.{name}", tally[name]) for name, tally in zip("ab", other["words"].items())]
more = (glue.number("y", len(frame.query("a > b"))), glue.interval("z", 1, verdicts.MEANINGS), glue.number("w", few))
alone = glue.number("v", 1e20)
```
"""


@pytest.fixture
def page(tmp_path: Path) -> Path:
    path = tmp_path / "page.md"
    path.write_text(PAGE, encoding="utf-8")
    return path


def line(place: str) -> str:
    """Return the line of code that a place on the site shows."""
    path, _, number = place.partition("#line-")
    file = root() / "lib" / f"{path.removeprefix('_modules/').removesuffix('.html')}.py"
    return file.read_text(encoding="utf-8").splitlines()[int(number) - 1]


@pytest.mark.parametrize(
    ("key", "shown"),
    [
        ("x.a", "def choices("),  # a loop over what a variable holds
        ("y", "def ledger("),  # a method of what a function returned
        ("z", "MEANINGS = "),  # a constant
    ],
)
def test_a_number_leads_to_what_made_it(page, key, shown):
    assert line(numbers.address(key, page)).startswith(shown)


def test_a_number_of_a_claim_leads_to_its_row(page):
    assert numbers.address("ho.sample.rows.interval", page) == "chapters/claims.html#ho.sample.rows"
    assert numbers.address("w", page) == "chapters/claims.html#ho.sample.papers"
    assert numbers.address("v", page) == ""  # typed by the page itself


@pytest.mark.parametrize("path", pages(root()), ids=lambda path: path.stem)
def test_every_number_of_a_page_leads_to_a_claim_or_to_a_line(path):
    text = path.read_text(encoding="utf-8")
    for key in set(PASTED.findall(text)):
        place = numbers.address(key, path)
        typed = re.search(rf'glue\.number\("{re.escape(key)}", [\d.e]+,', text)
        assert place or typed, f"{key}: nothing of ours that the page's cells name has made it"
        if "#line-" in place:
            assert re.match(r"(def|class) |[A-Za-z_, ]+(:.*)? = |@|\"\"\"", line(place)), place
