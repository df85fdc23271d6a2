"""Finding the way on the built site, from disk and by keyboard: filter, search, from numbers and code to the source."""

from __future__ import annotations

from pathlib import Path

import pytest
from bs4 import BeautifulSoup

from algoprogress.engine import root
from book.ledger import ledger as claims
from browsing import PAGES, SITE, leads_somewhere, open_page, soup

pytestmark = pytest.mark.usefixtures("built_site")

SHOWN = "[...document.querySelectorAll('tr:not([hidden]) > td .row-anchor')].map(each => each.id)"


def visible(page) -> list[str]:
    """Return the ids of the claims that the ledger shows."""
    return page.evaluate(SHOWN)


@pytest.mark.parametrize("width", [1280, 390])
def test_the_ledger_is_filtered_by_keyboard(browser, width):
    page, outside, complaints = open_page(browser, "chapters/claims", width)
    ledger = claims.ledger()
    assert visible(page) == page.evaluate("[...document.querySelectorAll('td .row-anchor')].map(each => each.id)")
    page.locator(".ledger-filter input").focus()
    page.keyboard.type("6,926")
    found = visible(page)
    assert "gundlach.total_2023.published" in found and len(found) < 10
    assert page.locator(".ledger-filter [role=status]").inner_text() == f"{len(found)} of {len(ledger)} claims"
    page.keyboard.press("Control+A")
    page.keyboard.type("gundlach.total_2023.published")
    assert visible(page) == ["gundlach.total_2023.published"]
    assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") == 0
    page.keyboard.press("Control+A")
    page.keyboard.press("Delete")
    assert len(visible(page)) == len(ledger)
    assert outside == complaints == []
    page.context.close()


def test_the_address_of_a_claim_shows_it_whatever_the_filter_hides(browser):
    page, _, _ = open_page(browser, "chapters/claims")
    page.goto(f"{(SITE / 'chapters' / 'claims.html').as_uri()}?filter=nothing%20like%20it#ho.sample.rows")
    assert "ho.sample.rows" in visible(page)
    page.context.close()


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("gundlach.total_2023.published", "gundlach.total_2023.published"),
        ("6,926", "gundlach.total_2023.published"),
        ("6926", "gundlach.total_2023.published"),
        ("doubling_months.converged_papers", "ho.model7.doubling_months.converged_papers"),
    ],
)
def test_the_search_finds_a_claim_by_its_id_and_its_number(browser, query, expected):
    page, outside, _ = open_page(browser, "search")
    page.goto(f"{(SITE / 'search.html').as_uri()}?q={query}")
    page.wait_for_selector(".claim-hits a")
    addresses = page.eval_on_selector_all(".claim-hits a", "links => links.map(link => link.href)")
    names = [address.split("#")[1] for address in addresses if "#" in address]
    assert expected in names
    assert all(leads_somewhere(SITE / "search.html", f"chapters/claims.html#{name}") for name in names[:3])
    assert outside == []
    page.context.close()


@pytest.mark.parametrize("name", ["law", "how_fast", "own_data"])
def test_code_links_to_the_reference(name):
    path = SITE / "chapters" / f"{name}.html"
    links = [link["href"] for link in soup(path).select("a.sphinx-codeautolink-a")]
    assert any("picture.show" in link for link in links)
    assert [link for link in links if not leads_somewhere(path, link)] == []


def followed(path: Path, address: str) -> Path:
    """Return the file that a link of a page leads to."""
    return (path.parent / address.partition("#")[0]).resolve() if address.partition("#")[0] else path


def source_line(path: Path, address: str) -> str:
    """Return the line of code at which a link to a source page arrives."""
    html = followed(path, address).read_text(encoding="utf-8")
    after = html.partition(f'id="{address.partition("#")[2]}"></span>')[2]
    return BeautifulSoup(after.partition("\n")[0], "html.parser").get_text()


def click_on(path: Path, address: str) -> tuple[Path, str]:
    """Return where the link to its code leads from a row of the ledger, and the line of code there."""
    row = followed(path, address)
    code = soup(row).find(id=address.partition("#")[2]).select_one("a.claim-code")["href"]
    return followed(row, code), source_line(row, code)


@pytest.mark.parametrize("name", PAGES)
def test_every_number_leads_to_the_line_that_computes_it_in_two_clicks(name):
    """From the page to the row of its claim, and on to the yield; any other number right to what made it."""
    path = SITE / f"{name}.html"
    page = soup(path)
    links = page.select("a.number") + page.select('td > p > a[href*="claims.html#"]')
    for address in {link["href"] for link in links}:
        if "claims.html#fig-" in address or "claims.html#tab-" in address:
            continue  # the list of figures leads to the ledger's own
        if "claims.html#" not in address:
            assert source_line(path, address).strip(), address
            continue
        file, line = click_on(path, address)
        assert "yield" in line, address
        assert file.relative_to(SITE / "_modules" / "book" / "studies").name == "claims.html"
    if name == PAGES[0]:
        pasted = page.select("article .pasted-text")
        assert len(pasted) > 30 and all(each.find_parent("a", class_="number") for each in pasted)
        shown = page.select("article td:nth-of-type(3)")
        assert len(shown) > 15 and all(cell.select_one('a[href*="claims.html#"]') for cell in shown)


def test_the_code_of_a_claim_of_the_front_page_lies_in_the_study_of_its_chapter():
    """Three files tell a number: the page, the study's own folder, and the library."""
    rows = claims.ledger().set_index("id")
    for link in soup(SITE / "index.html").select('article a[href*="claims.html#"]'):
        row = rows.loc[link["href"].partition("#")[2]]
        assert row["code"].startswith(f"book/studies/{row['chapter']}/")


def test_each_line_of_the_source_pages_has_an_address_and_no_stop_for_the_keyboard():
    for path in sorted((SITE / "_modules" / "book" / "studies").rglob("claims.html")):
        file = root() / "lib" / path.relative_to(SITE / "_modules").with_suffix(".py")
        html = path.read_text(encoding="utf-8")
        lines = file.read_text(encoding="utf-8").splitlines()
        assert html.count('<span id="line-') == len(lines)
        assert 'href="#line-' not in html
