"""Terms of the glossary are explained where a page first says them, to see, to hear, by keyboard and by a tap."""

from __future__ import annotations

import shutil
from pathlib import Path
from types import SimpleNamespace

import pytest
from axe_playwright_python.sync_playwright import Axe
from docutils import nodes
from docutils.utils import new_document

from algoprogress.engine import root
from book.site import terms
from browsing import PAGES, SITE, soup

GLOSSARY = root() / "chapters" / "glossary.md"
JARGON = ("law 7", "rows", "papers resampled", "penalty", "floor", "experts", "reruns", "CEG", "posterior", "nat")
SHOWN = """term => { const look = getComputedStyle(term, '::after');
  return look.content === 'none' ? '' : look.content.replace(/^"|"( \\/ "")?$/g, ''); }"""
PAGE = """<!DOCTYPE html><html lang="en" data-theme="light"><head><meta charset="utf-8"><title>Terms</title>
<meta name="viewport" content="width=device-width"><link rel="stylesheet" href="algoprogress.css">
<style>:root {{ --pst-color-background: #fff; --pst-color-text-base: #1f2733; }}</style>
<script defer src="page.js"></script></head><body><main><article class="bd-article"><h1>Terms</h1>
<p>A long line that ends at the far right of a narrow window, by a <dfn class="term" tabindex="0"
aria-description="{said}">floor</dfn>.</p></article></main></body></html>"""


def marked(*texts: nodes.Node, page: str = "chapters/x") -> list[str]:
    """Return the terms that are explained on a page of some nodes."""
    document = new_document("x")
    document += texts
    terms.explain(SimpleNamespace(srcdir=root()), document, page)
    return [each.astext() for each in document.findall(terms.Term)]


def test_each_word_of_the_trade_has_its_meaning():
    known = terms.definitions(GLOSSARY)
    assert [word for word in JARGON if word.lower() not in known] == []
    assert all(len(said) > 30 and said.endswith(".") and "See " not in said for said in known.values())
    assert known["ceg"] == known["compute-equivalent gain"]


def test_the_first_use_in_prose_is_explained_and_no_other():
    title, link = nodes.title("", "The floor"), nodes.paragraph("", "", nodes.reference("", "the penalty"))
    first = nodes.paragraph("", "Papers resampled, CEGs and a floor; LSTM-like, a supported claim.")
    assert marked(title, link, first, nodes.paragraph("", "A floor, a penalty and a compute-equivalent gain.")) == [
        "Papers resampled",
        "CEGs",
        "floor",
        "penalty",
    ]
    assert marked(nodes.paragraph("", "A floor."), page="chapters/reference") == []


@pytest.mark.parametrize(("width", "touch"), [(1280, False), (390, True)])
def test_a_meaning_comes_by_mouse_focus_and_tap_and_goes_by_escape(browser, tmp_path: Path, width: int, touch: bool):
    said = terms.definitions(GLOSSARY)["floor"]
    for name in ("algoprogress.css", "page.js"):
        shutil.copy(root() / "_static" / name, tmp_path)
    (tmp_path / "x.html").write_text(PAGE.format(said=said), encoding="utf-8")
    context = browser.new_context(offline=True, viewport={"width": width, "height": 700}, has_touch=touch)
    page = context.new_page()
    page.goto((tmp_path / "x.html").as_uri())
    term = page.locator(".term")
    assert term.evaluate(SHOWN) == ""
    (term.tap if touch else term.hover)()
    assert term.evaluate(SHOWN) == said
    page.keyboard.press("Escape")
    assert term.evaluate(SHOWN) == ""
    page.mouse.move(0, 600)
    page.evaluate("document.activeElement.blur()")
    term.focus()
    assert term.evaluate(SHOWN) == said
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.evaluate(Axe().axe_script)
    assert page.evaluate("axe.run().then(found => found.violations.map(each => each.id))") == []
    page.emulate_media(media="print")
    assert term.evaluate("node => getComputedStyle(node, '::after').display") == "none"
    context.close()


@pytest.mark.usefixtures("built_site")
def test_pages_explain_their_terms():
    told = {
        name: {each.get_text().lower() for each in soup(SITE / f"{name}.html").select("dfn.term")} for name in PAGES
    }
    assert all(len(found) >= 3 for name, found in told.items() if name.startswith("chapters/") and name[9:] in READ)
    for word in JARGON:
        assert any(word.lower() in found or f"{word.lower()}s" in found for found in told.values()), word


READ = ("how_fast", "law", "selection", "identify", "bayes", "strict", "recent", "outlook")
