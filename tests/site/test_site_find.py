"""Finding the way on the built site, from disk and by keyboard: filter of the ledger, search, links from code."""

from __future__ import annotations

import pytest
from test_site import SITE, leads_somewhere, open_page, site, soup  # noqa: F401 - a fixture

from book.ledger import ledger as claims

pytestmark = pytest.mark.xdist_group("browser")

MOST_MS = 100
SHOWN = "[...document.querySelectorAll('tr:not([hidden]) > td .row-anchor')].map(each => each.id)"
# From a key to the page laid out anew, in milliseconds.
TIMED = """query => {
  const input = document.querySelector('.ledger-filter input');
  const start = performance.now();
  input.value = query;
  input.dispatchEvent(new Event('input'));
  document.body.offsetHeight;
  return performance.now() - start;
}"""


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


def test_a_filter_answers_at_once(browser):
    page, _, _ = open_page(browser, "chapters/claims")
    page.evaluate(TIMED, "doubling")
    times = sorted(page.evaluate(TIMED, query) for query in ("6926", "doubling months", "reproduced but fragile"))
    assert times[1] < MOST_MS, times
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
    assert any("style.show" in link or "markdown.table" in link for link in links)
    assert [link for link in links if not leads_somewhere(path, link)] == []
