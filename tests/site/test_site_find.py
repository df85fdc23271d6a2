"""Finding the way on the built site, from disk and by keyboard: filter, search, from numbers and code to the source."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml
from bs4 import BeautifulSoup

from algoprogress.engine import root
from book.ledger import ledger as claims
from book.ledger import versions
from book.studies.explorer.answer import answer
from book.studies.verdicts import said_by
from browsing import PAGES, READY, SITE, leads_somewhere, open_page, opened, soup

pytestmark = pytest.mark.usefixtures("built_site")

STEP = 50  # rows that the ledger shows at a time
MOST_MS = 100
SHOWN = "[...document.querySelectorAll('tbody:not([hidden]) .row-anchor')].map(each => each.id)"
STATUS = ".ledger-filter [role=status]"
# From a changed control to the rows laid out, the best of twelve tries: a busy machine is not the ledger's fault.
ANSWER = """([label, value]) => {
  const labels = [...document.querySelectorAll('.ledger-filter label')];
  const node = labels.find(each => each.textContent.startsWith(label)).control;
  const times = Array.from({length: 24}, (_, place) => (place % 2 ? value : '')).map(each => {
    const start = performance.now();
    node.value = each;
    node.dispatchEvent(new Event(node.tagName === 'INPUT' ? 'input' : 'change', {bubbles: true}));
    document.body.offsetHeight;
    return performance.now() - start;
  });
  return Math.min(...times.filter((_, place) => place % 2));
}"""

ARROW_PX = 20
CUT_CHOICES = """arrow => [...document.querySelectorAll('.ledger-filter select')].filter(node => {
  const style = getComputedStyle(node), pen = document.createElement('canvas').getContext('2d');
  pen.font = style.font;
  const room = node.clientWidth - arrow - parseFloat(style.paddingLeft) - parseFloat(style.paddingRight);
  return pen.measureText(node.selectedOptions[0].text).width > room;
}).map(node => node.selectedOptions[0].text)"""
# Boxes that scroll: whether they fade, and the height of their caption as the mask and as the page has it.
GOING_ON = """[...document.querySelectorAll('article :is(.pst-scrollable-table-container, .math, mjx-container, pre)')]
  .filter(box => box.checkVisibility() && getComputedStyle(box).overflowX === 'auto')
  .filter(box => box.scrollWidth - box.clientWidth > 4)
  .map(box => [box.textContent.slice(0, 60), box.classList.contains('goes-on'),
    parseFloat(box.style.getPropertyValue('--caption') || 0), box.querySelector('caption')?.offsetHeight ?? 0])"""
# Cells of cards with a value and no head, or the other way round.
BARE = """[...document.querySelectorAll('article .cards tbody tr')].flatMap(row => [...row.cells].slice(1)
  .filter(cell => !cell.matches('.card-first') && !cell.dataset.head !== !cell.textContent.trim())
  .map(cell => row.textContent.trim()))"""


def visible(page) -> list[str]:
    """Return the ids of the claims that the ledger shows."""
    return page.evaluate(SHOWN)


@pytest.fixture(scope="module", params=[1280, 390])
def ledger_page(browser, request):
    """Return the ledger in a browser, on a desk and on a phone, once for all that is tried on it."""
    page, outside, complaints = open_page(browser, "chapters/claims", request.param)
    yield page
    assert outside == complaints == []
    page.context.close()


def clear(page) -> None:
    """Take back all choices."""
    page.locator(".ledger-filter button").click()


def test_the_ledger_is_filtered_by_keyboard_and_keeps_its_query(ledger_page):
    page, total = ledger_page, len(claims.ledger())
    clear(page)
    assert len(visible(page)) == STEP
    page.locator(".ledger-filter input").focus()
    page.keyboard.type("6,926")
    found = visible(page)
    assert "gundlach.total_2023.published" in found and len(found) < 10
    assert page.locator(STATUS).inner_text() == f"{len(found):,} of {total:,} claims"
    page.wait_for_function("location.search === '?filter=6%2C926'")
    page.keyboard.press("Control+A")
    page.keyboard.type("gundlach.total_2023.published")
    assert visible(page) == ["gundlach.total_2023.published"]
    assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") == 0
    clear(page)
    assert page.locator(STATUS).inner_text().startswith(f"{total:,} of {total:,} claims")
    page.wait_for_function("location.search === ''")


@pytest.mark.parametrize(
    ("label", "value", "rule"),
    [
        ("Verdict", "contradicted", lambda row: row["conclusion"] == "contradicted"),
        ("Chapter", "Sum of gains", lambda row: row["chapter"] == "accounting"),
        ("Kind", "forecast", lambda row: row["kind"] == "forecast"),
        ("Who says it", "Gundlach et al.", lambda row: said_by(row) == "Gundlach et al."),
        ("Filter", "headline", None),
    ],
)
def test_a_choice_shows_what_the_ledger_says_in_a_tenth_of_a_second(ledger_page, label, value, rule):
    page, ledger = ledger_page, claims.ledger()
    clear(page)
    if label == "Chapter":  # by its short name
        toc = yaml.safe_load((root() / "_toc.yml").read_text(encoding="utf-8"))
        names = {each["file"]: each["title"] for part in toc["parts"] for each in part["chapters"]}
        value = names["chapters/accounting"]
    assert page.evaluate(ANSWER, [label, value]) < MOST_MS
    headlines = versions.present().results.query("headline")["id"]
    expected = list(headlines) if rule is None else [row["id"] for row in ledger.to_dict("records") if rule(row)]
    page.evaluate("[...document.querySelectorAll('.ledger-more button')].at(-1).click()")
    if rule is None:
        assert set(expected) <= set(visible(page))
    else:
        assert sorted(visible(page)) == sorted(expected)


def test_the_ledger_is_sorted_by_its_headers_and_by_a_menu(ledger_page):
    page = ledger_page
    clear(page)
    for value in ("ours", "-ours"):
        page.get_by_label("Sort by").select_option(value)
        head = page.locator("#tab-claims-ledger th[aria-sort]")
        assert head.get_attribute("aria-sort") == ("ascending" if value == "ours" else "descending")
        rows = "[...document.querySelectorAll('#tab-claims-ledger tbody:not([hidden]) tr')]"
        cells = f"{rows}.map(row => row.cells[2].textContent)"
        shown = [
            float(re.search(r"-?\d[\d.]*", text.replace(",", "").replace("−", "-"))[0]) for text in page.evaluate(cells)
        ]
        assert shown == sorted(shown, reverse=value.startswith("-")) and len(shown) == STEP
    page.get_by_label("Sort by").select_option("")
    if page.viewport_size["width"] > 600:
        button = page.locator(".ledger-sort").first
        button.focus()
        page.keyboard.press("Enter")
        assert page.get_by_label("Sort by").input_value() == "claim"


def test_all_rows_are_reached_fifty_by_fifty_and_by_the_find_of_the_page(ledger_page):
    page, ids = ledger_page, list(claims.ledger()["id"])
    clear(page)
    page.locator(".ledger-more button").first.focus()
    page.keyboard.press("Enter")
    assert len(visible(page)) == 2 * STEP
    assert page.evaluate("document.activeElement.closest('.row-anchor').id") == visible(page)[STEP]
    page.wait_for_function(f"document.querySelectorAll('article .row-anchor').length >= {len(ids)}")
    held = page.evaluate("[...document.querySelectorAll('article .row-anchor')].map(each => each.id)")
    assert sorted(held) == sorted(ids)
    part = "[...document.querySelectorAll('tbody[hidden=until-found]')].filter(each => each.rows.length)[3]"
    wanted = page.evaluate(f"{part}.querySelector('.row-anchor').id")
    page.evaluate(f"{part}.dispatchEvent(new Event('beforematch', {{bubbles: true}}))")
    assert wanted in visible(page)


def test_on_a_phone_rows_are_cards_that_still_are_a_table(ledger_page):
    page = ledger_page
    clear(page)
    row = page.locator("#tab-claims-ledger tbody tr").first
    assert row.evaluate("row => [row, ...row.cells].map(each => each.getAttribute('role'))") == [
        *("row", "rowheader", "cell", "cell", "cell")
    ]
    tops = row.evaluate("row => [...row.cells].map(each => each.getBoundingClientRect().top)")
    if page.viewport_size["width"] > 600:
        assert len(set(tops)) == 1
    else:
        assert tops[3] < tops[0] < tops[1] < tops[2]  # the verdict first
        assert row.evaluate("row => getComputedStyle(row.cells[1], '::before').content") == '"published: "'


def test_the_menus_of_the_ledger_show_all_words_of_a_choice(ledger_page):
    clear(ledger_page)
    assert ledger_page.evaluate(CUT_CHOICES, ARROW_PX) == []


@pytest.mark.parametrize("name", ["explorer", "methods", "own_data"])
def test_on_a_phone_what_goes_on_fades_values_have_heads_and_options_stay_whole(browser, name):
    page, _, complaints = open_page(browser, f"chapters/{name}", 390)
    assert [box for box in page.evaluate(GOING_ON) if not box[1] or box[2] != box[3]] == []
    assert page.evaluate(BARE) == []
    options = page.locator("article code.literal .pre").evaluate_all(
        "all => all.filter(each => each.textContent.startsWith('-')).map(each => each.getClientRects().length)"
    )
    assert set(options) <= {0, 1}  # none where it is folded away
    assert complaints == []
    page.context.close()


def test_the_address_of_a_claim_shows_it_whatever_the_filter_hides(disk):
    for address in ("?filter=nothing%20like%20it#ho.sample.rows", f"#{claims.ledger()['id'].iloc[-1]}"):
        page, _ = opened(disk, "chapters/claims", place=address)
        assert address.partition("#")[2] in visible(page)


@pytest.mark.parametrize("name", ["law", "how_fast"])
def test_one_switch_shows_all_code_and_captions_stay_where_a_table_scrolls(browser, name):
    page, _, complaints = open_page(browser, f"chapters/{name}", 390)
    switch = page.locator(".page-switch")
    for words, shown in (("Hide all code", True), ("Show all code", False)):
        switch.click()
        page.wait_for_function(f"document.querySelector('.page-switch').textContent === '{words}'")
        assert page.evaluate("[...document.querySelectorAll('details.hide')].every(each => each.open)") == shown
    moved = page.evaluate("""() => [...document.querySelectorAll('.pst-scrollable-table-container')]
      .filter(box => box.scrollWidth > box.clientWidth + 5 && box.querySelector('caption')).map(box => {
        const [caption, edge] = [box.querySelector('caption'), () => caption.getBoundingClientRect().left];
        const before = edge();
        box.scrollLeft = 60;
        return [edge() - before, caption.getBoundingClientRect().width - box.clientWidth];
      })""")
    assert all(abs(each) < 2 for pair in moved for each in pair), moved
    assert complaints == []
    page.context.close()


@pytest.mark.parametrize("name", ["reference", "reference_pages"])
def test_signatures_and_docstrings_are_written_for_readers(name):
    article = soup(SITE / "chapters" / f"{name}.html").select_one("article")
    said = article.get_text()
    assert re.findall(r'→\s+->|~\w+\.\w|_SupportsArray|<factory>|"∞"\)\)|–by ', said) == []
    assert not article.select("dl.field-list") and not article.select("blockquote")


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("gundlach.total_2023.published", "gundlach.total_2023.published"),
        ("6,926", "gundlach.total_2023.published"),
        ("6926", "gundlach.total_2023.published"),
        ("doubling_months.converged_papers", "ho.model7.doubling_months.converged_papers"),
        ("8.4", "ho.model7.doubling_months.published_bootstrap_median"),
        ("ho.model7", "ho.model7.objective.published"),
    ],
)
def test_the_search_finds_a_claim_by_its_id_and_its_number(disk, query, expected):
    page, ear = opened(disk, "search", place=f"?q={query}")
    page.wait_for_selector(".claim-hits a")
    addresses = page.eval_on_selector_all(".claim-hits a", "links => links.map(link => link.href)")
    names = [address.split("#")[1] for address in addresses if "claims.html#" in address]
    assert expected in names
    assert all(leads_somewhere(SITE / "search.html", f"chapters/claims.html#{name}") for name in names[:3])
    assert names[0].startswith(query) or not query.startswith("ho.")
    assert ear.outside == []


def test_the_search_puts_pages_before_the_reference_and_finds_numbers_in_the_text(disk):
    page, _ = opened(disk, "search", place="?q=transformer")
    page.wait_for_selector("#search-results li a")
    page.wait_for_function("document.querySelector('#search-results p')?.textContent.match(/\\d+ /)")
    names = page.eval_on_selector_all("#search-results li a", "links => links.map(link => link.pathname)")
    reference = [name.rpartition("/")[2].startswith("reference") for name in names]
    assert reference == sorted(reference) and not reference[0]
    page.goto(f"{(SITE / 'search.html').as_uri()}?q=14.3")
    page.wait_for_selector(".claim-hits + .claim-hits a")
    links = page.eval_on_selector_all(".claim-hits + .claim-hits li a", "links => links.map(link => link.href)")
    places = [link.rpartition("/_build/html/")[2] for link in links]
    assert places and all(leads_somewhere(SITE / "search.html", place) for place in places)


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
    links = page.select("a.number") + page.select(':is(th, td) > p > a[href*="claims.html#"]')
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
        assert len(pasted) > 15 and all(each.find_parent("a", class_="number") for each in pasted)
        shown = page.select('article table[id^="tab-front"] tr > td:nth-child(3)')
        assert len(shown) > 12 and all(cell.select_one('a[href*="claims.html#"]') for cell in shown)


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


def answered(disk, name: str, choices: str = "") -> str:
    """Return what the page says that a link of the front page leads to, at the choices of its address."""
    page, _ = opened(disk, "index")
    ending = f"{name}.html{choices}"
    page.locator(f"article a[href$='{ending}']").first.click()
    page.wait_for_url(f"**/{ending}")
    page.evaluate(READY)
    return page.locator("article").inner_text()


def test_which_rate_to_use_is_said_on_the_front_page_itself():
    card = soup(SITE / "index.html").select_one("#tab-front-rates")
    row = claims.ledger().set_index("id").loc["book.answer.doubling_months"]
    assert f"{row['estimate']:.1f}" in card.get_text() and f"{row['high']:.1f}" in card.get_text()


def test_what_the_transformer_was_worth_is_one_click_from_the_front_page(disk):
    said, rows = answered(disk, "chapters/transformer"), claims.ledger().set_index("id")
    assert "two years" in said and f"{rows.loc['ho.transformer.ceg_1e25.free', 'estimate']:.2f}" in said


def test_a_gain_at_some_compute_and_whether_it_is_measured_is_one_click_from_the_front_page(disk):
    said = answered(disk, "chapters/explorer", "#reference=lstm&new=modern&compute=1e24")
    told = disk[0].locator("[data-gain]").first.evaluate("node => ({...node.dataset})")
    found = answer("lstm", "modern", compute_flop=1e24)
    assert (told["inside"], found.inside) == ("false", False) and "extrapolated" in said
    assert float(told["gain"]) == pytest.approx(found.gain.value, rel=1e-3)
