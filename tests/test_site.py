"""The built site: quiet, offline, readable by all, on a desk and on a phone, in the light and in the dark.

`make test` builds the site first. Chromium is the system's own; nothing is downloaded.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import product
from pathlib import Path
from urllib.parse import unquote, urlsplit

import numpy as np
import pandas as pd
import pytest
import yaml
from axe_playwright_python.sync_playwright import Axe
from bs4 import BeautifulSoup
from playwright.sync_api import Browser, Page, sync_playwright

from algoprogress import book, claims, curve, tables
from algoprogress.figures import specifications
from algoprogress.style import SHORTEST_ALT
from algoprogress.tables import root

SITE = root() / "_build" / "html"
TOC = yaml.safe_load((root() / "_toc.yml").read_text(encoding="utf-8"))
PAGES = [TOC["root"], *(entry["file"] for entry in TOC["chapters"])]
LOOKS = list(product((1280, 390), ("light", "dark")))
JUDGED = ((1280, "light"), (390, "dark"))  # axe is slow; these two show it both layouts and both sets of colours
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
         "--disable-component-update", "--disable-sync"]  # fmt: skip
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
HEAVY = ("chapters/reference",)  # so long that axe needs most of a minute; judged in one look
GRAVE = ("serious", "critical")
LOCAL = ("file", "data", "blob")

each_page = pytest.mark.parametrize("name", PAGES)


@dataclass(frozen=True)
class Visit:
    """What happened when a browser opened a page."""

    outside: tuple[str, ...]
    complaints: tuple[str, ...]
    overflow_px: int
    violations: tuple[str, ...]


@pytest.fixture(scope="session", autouse=True)
def site() -> Path:
    """Return the folder of the site, if it is built and up to date."""
    stamp = root() / "_build" / "site.digest"
    if not stamp.exists() or stamp.read_text(encoding="utf-8") != book.digest(root()):
        pytest.fail("the site is not built, or something changed since: `make book` builds it, `make test` does both")
    return SITE


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Open the system's Chromium for all tests."""
    program = next((path for name in BROWSERS if (path := shutil.which(name))), None)
    if program is None:
        pytest.fail("no Chromium on this machine: .ci/run shows how to install it on Debian")
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=program, args=FLAGS)
        yield opened
        opened.close()


@cache
def soup(path: Path) -> BeautifulSoup:
    """Return a parsed page of the site."""
    return BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser")


@cache
def ids(path: Path) -> frozenset[str]:
    """Return all ids of a page of the site, which a long page has thousands of."""
    return frozenset(tag["id"] for tag in soup(path).find_all(id=True))


def open_page(
    browser: Browser, name: str, width: int = 1280, scheme: str = "light"
) -> tuple[Page, list[str], list[str]]:
    """Open a page from disk, offline; return it, the outside addresses it asked for, and its complaints."""
    page = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme, offline=True).new_page()
    outside: list[str] = []
    complaints: list[str] = []
    page.on("request", lambda request: urlsplit(request.url).scheme in LOCAL or outside.append(request.url))
    page.on("console", lambda message: message.type in ("warning", "error") and complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(f"{(SITE / name).as_uri()}.html")
    page.evaluate("window.MathJax?.startup?.promise.then(() => true)")  # formulas change the width of a page
    return page, outside, complaints


def visited(browser: Browser, name: str, width: int, scheme: str) -> Visit:
    """Return what happened on a visit, the judgement of axe included."""
    page, outside, complaints = open_page(browser, name, width, scheme)
    overflow = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    heard = tuple(complaints)  # before axe, whose own look at the style sheets of a file makes the browser complain
    looks = JUDGED[:1] if name in HEAVY else JUDGED
    violations = judged(page) if (width, scheme) in looks else ()
    page.context.close()
    return Visit(tuple(outside), heard, overflow, violations)


def judged(page: Page) -> tuple[str, ...]:
    """Return the grave violations that axe finds on a page, with the elements."""
    report = Axe().run(page, options={"preload": False, "resultTypes": ["violations"]})
    grave = [item for item in report.response["violations"] if item["impact"] in GRAVE]
    return tuple(f"{item['id']}: {node['html'][:120]}" for item in grave for node in item["nodes"])


@pytest.mark.parametrize(("width", "scheme"), LOOKS)
@pytest.mark.parametrize("name", [*PAGES, "search", "genindex"])
def test_a_page_is_quiet_fits_and_is_accessible(browser, name, width, scheme):
    assert visited(browser, name, width, scheme) == Visit((), (), 0, ())


def test_the_explorer_says_what_the_table_says(browser):
    """Menus, slider and text, by keyboard alone: the counts, medians and ends are those of the table."""
    page, _, complaints = open_page(browser, "chapters/specifications")
    frame = curve.months(tables.specifications())
    for choice, level in (("rows", "transformers"), ("floor", "yes")):
        frame = frame[frame[choice] == level]
        menu = page.locator(f".explorer select[data-words='{specifications.NAMES[choice]}']")
        menu.focus()
        menu.select_option(label=specifications.LEVELS.get((choice, level), level))
        said = page.locator(".explorer-summary").inner_text()
        months = np.sort(frame["months"])
        middle = months[round(0.5 * (len(months) - 1))]
        assert said.startswith(f"{len(frame)} specifications; median {middle:.1f} months")
    slider = page.locator(".explorer input[type=range]")
    slider.focus()
    page.keyboard.press("Home")
    fastest = frame.loc[frame["rate"].idxmax()]
    detail = page.locator(".explorer-detail").inner_text()
    assert detail.startswith(f"{fastest['months']:.1f} months, 95% interval {fastest['months_low']:.1f} to ")
    assert "rows: transformers" in detail and f"Rows: {fastest['n']}" in detail
    assert complaints == []
    page.context.close()


def test_the_search_works_from_disk(browser):
    word = soup(SITE / f"{PAGES[1]}.html").h1.get_text().split()[-1].strip("?#.")
    page, outside, _ = open_page(browser, "search")  # from disk a browser refuses the excerpts, and says so
    page.goto(f"{(SITE / 'search.html').as_uri()}?q={word}")
    page.wait_for_selector("#search-results li a")
    assert page.locator("#search-results li a").count() > 0
    assert outside == []
    page.context.close()


@each_page
def test_formulas_are_drawn(browser, name):
    page, _, _ = open_page(browser, name)
    formulas = page.locator(".math").count()
    page.wait_for_function("n => document.querySelectorAll('.math mjx-container').length >= n", arg=formulas)
    page.context.close()


@pytest.mark.parametrize("path", sorted(SITE.rglob("*.html")), ids=lambda path: path.relative_to(SITE).as_posix())
def test_links_lead_somewhere_and_nothing_is_loaded_from_outside(path):
    page = soup(path)
    loaded = page.select("script, img, iframe, source, link[rel=stylesheet]")
    addresses = [tag.get(key, "") for tag in loaded for key in ("src", "href")]
    assert [address for address in addresses if urlsplit(address).netloc] == []
    assert [link["href"] for link in page.select("a[href]") if not leads_somewhere(path, link["href"])] == []


def leads_somewhere(path: Path, address: str) -> bool:
    """Return whether a link of a page is outside of the site, or leads to a file, and to an id in it."""
    parts = urlsplit(address)
    if parts.scheme or parts.netloc:
        return parts.scheme in ("https", "http", "mailto")
    target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
    if not target.is_file():
        return False
    if not parts.fragment or target.suffix != ".html":
        return True
    return unquote(parts.fragment) in ids(target)


@each_page
def test_figures_have_words_numbers_and_files_to_take_away(name):
    path = SITE / f"{name}.html"
    page = soup(path)
    assert [image.get("src") for image in page.select("article img") if not image.get("alt", "").strip()] == []
    for box in page.select(".figure-box"):
        picture, figure = box.svg, box.find_parent("figure")
        assert picture["role"] == "img"
        assert len(picture["aria-label"]) >= SHORTEST_ALT
        assert figure is not None, f"no number and caption: {picture['aria-label']}"
        assert len(figure.figcaption.get_text().split()) > 4
        files = [(path.parent / link["href"]).resolve() for link in figure.select(".figure-links a")]
        assert [file.name for file in files] == [f"{figure['id']}.{kind}" for kind in ("csv", "svg", "png")]
        assert all(file.stat().st_size > 0 for file in files)
        assert len(pd.read_csv(files[0])) > 0


@each_page
def test_tables_have_headers(name):
    for table in soup(SITE / f"{name}.html").select("article table"):
        assert table.select("thead th"), table.get_text()[:80]


@each_page
def test_the_notebook_to_take_away_holds_its_outputs(name):
    link = soup(SITE / f"{name}.html").select_one('a[href$=".ipynb"]')
    notebook = json.loads((SITE / f"{name}.html").parent.joinpath(link["href"]).read_text(encoding="utf-8"))
    cells = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    assert all(cell["execution_count"] for cell in cells)
    assert any(cell["outputs"] for cell in cells)
    assert all(cell["id"] == f"cell-{index:03d}" for index, cell in enumerate(notebook["cells"]))


def test_the_ledger_to_take_away_agrees_with_its_page():
    told = json.loads((SITE / "claims.json").read_text(encoding="utf-8"))
    ids = [row["id"] for row in (told["claims"] if isinstance(told, dict) else told)]
    assert ids == list(pd.read_csv(SITE / "claims.csv")["id"]) == list(claims.ledger()["id"])
    page = soup(SITE / "chapters" / "claims.html")
    assert [name for name in ids if page.find(id=name) is None] == []


def test_the_ledger_is_the_same_bytes_twice(tmp_path):
    for folder in (tmp_path / "one", tmp_path / "two"):
        folder.mkdir()
        claims.export(folder)
    for name in ("claims.json", "claims.csv"):
        written = [(folder / name).read_bytes() for folder in (tmp_path / "one", tmp_path / "two", SITE)]
        assert written[0] == written[1] == written[2]
