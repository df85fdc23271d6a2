"""Each page of the built site in a browser: quiet, light, offline, readable by all, on a desk and on a phone.

`make test` builds the site first. Chromium is the system's own; nothing is downloaded.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from browsing import PAGES, READY, SITE, Ear, opened

pytestmark = pytest.mark.usefixtures("built_site")

# From the desk to the phone, backwards for pages that are judged on the desk; what fits does so in all colours.
LOOKS = ((1280, "light"), (768, "dark"), (390, "dark"))
GRAVE = ("serious", "critical")
MOST_BYTES = 1_500_000  # of a page, and of all that it loads beside the two libraries that draw
MOST_AWAITED_BYTES = 1_200_000  # before the first word shows
DRAWING = ("tex-svg.js", "plotly.min.js")
SHOWN = [*PAGES, "search", "genindex"]
# axe judges each page on the desk or on the phone, by turns, and the richest on both.
IN_BOTH = ("index", "chapters/claims", "chapters/explorer", "chapters/specifications")
# A served page asks for what it asks for from disk: those with scripts of their own, and one of each other kind.
SERVED = (*IN_BOTH, "chapters/how_fast", "chapters/glossary", "chapters/reference_pages", "search", "genindex")


@pytest.fixture(scope="session")
def served(browser) -> Iterator[tuple[Page, Ear]]:
    """Return a page for the site as served over HTTP on this machine, and what it says; `home` is the address."""
    handler = partial(QuietHandler, directory=SITE)
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        ear = Ear(home=f"http://127.0.0.1:{server.server_port}/")
        yield ear.listen(browser.new_context().new_page()), ear
        server.shutdown()


class QuietHandler(SimpleHTTPRequestHandler):
    """Serves files and writes no log."""

    def log_message(self, *_: object) -> None:
        """Write nothing."""


OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
# Displayed formulas that reach beyond their box, by a pixel at least; on a phone they scroll.
CUT = """[...document.querySelectorAll('article mjx-container[display=true]')].filter(each =>
  each.querySelector('svg').getBoundingClientRect().right > each.getBoundingClientRect().right + 1
).map(each => each.parentElement.id || each.textContent.slice(0, 40))"""
# Rows of a table are alike, as are functions of the library and entries of the index, and axe needs a minute for all.
# A picture is one thing to those who hear it, whatever it is drawn with; `test_palette` judges its colours.
SHORTEN = """most => {
  const alike = [...document.querySelectorAll(`article tbody tr:nth-child(n + ${most}), svg[role=img] > *`)];
  for (const kind of ['dl.py.class', 'dl.py.function', '.indextable td > ul > li'])
    alike.push(...[...document.querySelectorAll(kind)].slice(most));
  alike.forEach(each => each.remove());
}"""
ROWS_JUDGED = 10
LEAST_PX = 9  # of a letter of a figure on a phone
NOT_REDRAWN = {"explorer"}  # which draws itself
LETTERS = """box => { const drawn = [...box.querySelectorAll('svg')].filter(each => each.checkVisibility());
  const scale = drawn[0].getBoundingClientRect().width / drawn[0].viewBox.baseVal.width;
  const sizes = [...drawn[0].querySelectorAll('text')].map(each => Math.max(...[each, ...each.querySelectorAll('*')]
    .map(part => parseFloat(getComputedStyle(part).fontSize))));
  return [drawn.length, box.scrollWidth - box.clientWidth, scale * Math.min(...sizes)]; }"""
# Names and sizes of what a browser waits for before it shows a word, of which it is told over HTTP only.
BLOCKING = """Object.fromEntries(performance.getEntriesByType('resource')
  .filter(each => each.renderBlockingStatus === 'blocking').map(each => [each.name, each.decodedBodySize]))"""
# Contrast is what axe needs its time for, and what follows from tags, classes and styles: it sees one word of a kind.
# A rule whose violations are not grave is not asked: axe gives all of them the impact of their rule.
JUDGE = """async words => {
  const kinds = new Map();
  for (const node of words ? document.querySelectorAll('body *') : []) {
    if (![...node.childNodes].some(part => part.nodeType === Node.TEXT_NODE && part.data.trim())) continue;
    if (!node.checkVisibility()) continue;
    let kind = '';
    for (let each = node; each; each = each.parentElement)
      kind += `<${each.tagName} ${each.getAttribute('class')} ${each.getAttribute('style')} ${each.rowIndex % 2}>`;
    if (!kinds.has(kind)) kinds.set(kind, node);
  }
  const mild = ['minor', 'moderate'];
  const others = axe._audit.rules.filter(each => each.id === 'color-contrast' || mild.includes(each.impact));
  const rules = words ? {runOnly: ['color-contrast']}
    : {rules: Object.fromEntries(others.map(each => [each.id, {enabled: false}]))};
  const options = {preload: false, resultTypes: ['violations'], ...rules};
  const told = await axe.run(words ? [...kinds.values()] : document, options);
  const said = (each, node) => [each.impact, `${each.id}: ${node.html.slice(0, 120)}`];
  return told.violations.flatMap(each => each.nodes.map(node => said(each, node)));
}"""


# The theme makes what scrolls at a new width reachable by keyboard, after a pause that a busy machine makes longer.
REACHABLE = """async () => {
  const scrolls = node => node.tabIndex < 0
    && (node.scrollWidth > node.clientWidth || node.scrollHeight > node.clientHeight);
  const boxes = document.querySelectorAll('.pst-scrollable-table-container, pre, .cell_output > .output');
  for (let tries = 0; tries < 50; tries++) {
    if (![...boxes].some(scrolls)) return;
    await new Promise(done => setTimeout(done, 100));
  }
}"""


def take_look(page: Page, width: int, scheme: str) -> None:
    """Change width and colours of an open page."""
    page.set_viewport_size({"width": width, "height": 900})
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # so that colours change at once
    page.wait_for_function("scheme => document.documentElement.dataset.theme === scheme", arg=scheme)


def judged(page: Page, width: int, scheme: str) -> dict[tuple, list[str]]:
    """Return the grave violations that axe finds, with the elements, in one look, and in contrast in both schemes."""
    take_look(page, width, scheme)
    page.evaluate(REACHABLE)
    found = {(width, "all but contrast"): page.evaluate(JUDGE, False)}
    for colours in (scheme, "dark" if scheme == "light" else "light"):
        take_look(page, width, colours)
        found[width, colours, "contrast"] = page.evaluate(JUDGE, True)
    return {look: grave for look, all in found.items() if (grave := [said for hurt, said in all if hurt in GRAVE])}


@pytest.mark.parametrize("name", SHOWN)
def test_a_page_is_quiet_light_fits_is_drawn_for_a_phone_and_is_accessible(disk, name):
    page, ear = opened(disk, name)
    asked = list(ear.asked)
    formulas = page.locator(".math").count()
    page.wait_for_function("n => document.querySelectorAll('.math mjx-container').length >= n", arg=formulas)
    faults = {}
    looks = LOOKS[:: 1 if SHOWN.index(name) % 2 else -1]
    for width, scheme in looks:
        take_look(page, width, scheme)
        if overflow := page.evaluate(OVERFLOW):
            faults[width, scheme, "overflow in px"] = overflow
        if (width, scheme) == LOOKS[0] and (cut := page.evaluate(CUT)):
            faults[width, scheme, "formulas cut"] = cut
        if width == LOOKS[-1][0] and Path(name).stem not in NOT_REDRAWN and page.locator(".figure-box").count():
            drawn, beyond, least = page.locator(".figure-box").first.evaluate(LETTERS)
            if (drawn, beyond) != (1, 0) or least < LEAST_PX:
                faults["first figure on a phone"] = {"drawn": drawn, "px beyond": beyond, "least letter": least}
    heard = list(ear.complaints)  # before axe, whose look at the style sheets of a file makes the browser complain
    page.evaluate(SHORTEN, ROWS_JUDGED)
    page.evaluate(Axe().axe_script)
    for look in (looks[-1], looks[0]) if name in IN_BOTH else looks[-1:]:
        faults |= judged(page, *look)
    assert (ear.outside, heard) == ([], [])
    assert faults == {}
    files = {Path(unquote(urlsplit(url).path)) for url in asked if url.startswith("file:")}
    own = SITE / f"{name}.html"
    assert own.stat().st_size < MOST_BYTES
    assert sum(file.stat().st_size for file in files if file != own and file.name not in DRAWING) < MOST_BYTES


@pytest.mark.parametrize("name", SERVED)
def test_a_served_page_is_whole_and_quiet(served, name):
    page, ear = served
    ear.start()
    page.goto(f"{ear.home}{name}.html")
    page.evaluate(READY)
    assert (ear.outside, ear.complaints) == ([], [])
    assert len(ear.asked) > 5
    awaited = page.evaluate(BLOCKING)
    assert awaited and sum(awaited.values()) < MOST_AWAITED_BYTES
    assert [url for url in awaited if url.partition("?")[0].endswith(DRAWING)] == []


def test_motion_stops_for_those_who_ask(disk):
    page, _ = opened(disk, PAGES[0])
    page.emulate_media(reduced_motion="reduce")
    moving = page.evaluate("""() => [...document.querySelectorAll('*')].filter(node => {
        const style = getComputedStyle(node);
        return style.animationName !== 'none' || style.scrollBehavior === 'smooth'
            || style.transitionProperty !== 'none' && parseFloat(style.transitionDuration) > 0;
    }).map(node => node.outerHTML.slice(0, 80))""")
    assert moving == []
