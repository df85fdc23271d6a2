"""The built site: quiet, offline, readable by all, on a desk and on a phone, in the light and in the dark.

`make test` builds the site first. Chromium is the system's own; nothing is downloaded.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator
from urllib.parse import urlsplit

import numpy as np
import pandas as pd
import pytest
from pypdf import PdfReader
from pypdfium2 import PdfDocument, PdfTextPage

from algoprogress.data import tables
from algoprogress.engine import data_dir, root
from algoprogress.show.estimate import Estimate
from book.ledger import citation, versions
from book.ledger import ledger as claims
from book.picture import SHORTEST_ALT
from book.site import files as sitefiles
from book.site import foot as pagefoot
from book.site import pdf as printed
from book.site import pdf_html
from book.studies.specifications import curve
from book.studies.specifications import figures as specifications
from book.studies.verdicts import FOUND, MEANINGS, both
from browsing import PAGES, SITE, leads_somewhere, opened, soup
from browsing import ids as anchors

pytestmark = pytest.mark.usefixtures("built_site")

PRINTED = [name for name in PAGES if name not in pdf_html.SITE_ONLY]
HEAVY = "chapters/specifications"

each_page = pytest.mark.parametrize("name", PAGES)


@pytest.mark.parametrize("name", [PAGES[0], HEAVY, "chapters/claims"])
def test_a_printed_page_shows_its_figures_and_tables_and_nothing_to_click(disk, name):
    page, _ = opened(disk, name)
    page.emulate_media(media="print")
    for hidden in (".bd-sidebar-primary", ".bd-header-article", ".figure-links", ".cite-page", ".cite-number"):
        assert page.locator(hidden).evaluate_all("nodes => nodes.filter(node => node.offsetParent).length") == 0, hidden
    assert page.locator("details.hide").evaluate_all("nodes => nodes.filter(node => node.offsetHeight).length") == 0
    assert page.locator("article table").evaluate_all("nodes => nodes.every(node => node.offsetHeight > 0)")
    page.emulate_media(media="screen")


def test_the_explorer_says_what_the_table_says(disk):
    """Menus, slider and text, by keyboard alone: the counts, medians and ends are those of the table."""
    page, ear = opened(disk, HEAVY)
    frame = curve.months(tables.read("specifications"))
    for choice, level in (("rows", "transformers"), ("floor", "yes")):
        frame = frame[frame[choice] == level]
        menu = page.locator(f".explorer select[data-words='{specifications.NAMES[choice]}']")
        menu.focus()
        menu.select_option(label=specifications.LEVELS.get((choice, level), level))
        said = page.locator(".explorer-summary").inner_text()
        months = np.sort(frame["months"])
        middle = months[round(0.5 * (len(months) - 1))]
        assert said.startswith(f"{len(frame):,} specifications; median {middle:.1f} months")
    slider = page.locator(".explorer input[type=range]")
    slider.focus()
    page.keyboard.press("Home")
    fastest = frame.loc[frame["rate"].idxmax()]
    detail = page.locator(".explorer-detail").inner_text()
    assert detail.startswith(f"{fastest['months']:.1f} months, 95% interval below {fastest['months_low']:.1f} to ")
    assert "rows: transformers" in detail and f"Rows: {fastest['n']}" in detail
    assert ear.complaints == []


def test_the_search_works_from_disk(disk):
    word = soup(SITE / f"{PAGES[1]}.html").h1.get_text().split()[-1].strip("?#.")
    page, ear = opened(disk, "search", place=f"?q={word}")  # from disk a browser refuses the excerpts, and says so
    page.wait_for_selector("#search-results li a")
    assert page.locator("#search-results li a").count() > 0
    assert ear.outside == []


@pytest.mark.parametrize("path", sorted(SITE.rglob("*.html")), ids=lambda path: path.relative_to(SITE).as_posix())
def test_links_lead_somewhere_and_nothing_is_loaded_from_outside(path):
    page = soup(path)
    loaded = page.select("script, img, iframe, source, link[rel=stylesheet]")
    addresses = [tag.get(key, "") for tag in loaded for key in ("src", "href")]
    assert [address for address in addresses if urlsplit(address).netloc] == []
    assert [link["href"] for link in page.select("a[href]") if not leads_somewhere(path, link["href"])] == []


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
        links = figure.select(".figure-links a:not(.figure-source)")
        files = [(path.parent / link["href"]).resolve() for link in links]
        assert [file.name for file in files] == [f"{figure['id']}.{kind}" for kind in ("csv", "svg", "png")]
        assert all(file.stat().st_size > 0 for file in files)
        assert len(pd.read_csv(files[0])) > 0


@each_page
def test_tables_have_headers(name):
    page = soup(SITE / f"{name}.html")
    for table in page.select("article table"):
        heads = table.select("thead th")
        assert heads and all(head.get("scope") == "col" for head in heads), table.get_text()[:80]
        firsts = [row.find(["th", "td"]) for row in table.select("tbody tr")]
        named = [each for each in firsts if each.get_text().strip() and "text-right" not in each.get("class", ())]
        assert all((each.name, each.get("scope")) == ("th", "row") for each in named), table.get_text()[:80]
        assert "$\\" not in table.get_text(), "a formula as it is typed"
    boxes = [box.get("aria-label", "") for box in page.select("article .pst-scrollable-table-container")]
    assert all(boxes) and len(set(boxes) - {"Table"}) == len([box for box in boxes if box != "Table"])
    switches = [switch.get_text() for switch in page.select("details.hide > summary") if "this cell" not in switch.text]
    assert len(set(switches)) == len(switches) and not page.select("summary[aria-label]")


@each_page
def test_a_page_is_shared_with_a_picture_and_the_name_of_the_site(name):
    path = SITE / f"{name}.html"
    page = soup(path)
    told = {tag["property"]: tag["content"] for tag in page.select('meta[property^="og:"]')}
    assert told["og:site_name"] == page.select_one(".logo__title").get_text().strip()
    base = citation.work().url
    assert ("og:url" in told) == bool(base)
    picture = told["og:image"].removeprefix(base).lstrip("/") if base else told["og:image"]
    assert (SITE / picture if base else path.parent / picture).resolve().is_file()


@each_page
def test_the_notebook_to_take_away_holds_its_outputs(name):
    link = soup(SITE / f"{name}.html").select_one('a[href$=".ipynb"]')
    executed = "{code-cell}" in (root() / f"{name}.md").read_text(encoding="utf-8")
    assert (link is not None) == executed
    if link is None:
        return
    notebook = json.loads((SITE / f"{name}.html").parent.joinpath(link["href"]).read_text(encoding="utf-8"))
    cells = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    assert all(cell["execution_count"] for cell in cells)
    assert any(cell["outputs"] for cell in cells)
    assert all(cell["id"] == f"cell-{index:03d}" for index, cell in enumerate(notebook["cells"]))


def test_the_ledger_to_take_away_agrees_with_its_page():
    told = json.loads((SITE / "claims.json").read_text(encoding="utf-8"))
    ids = [row["id"] for row in (told["claims"] if isinstance(told, dict) else told)]
    assert ids == list(pd.read_csv(SITE / "claims.csv")["id"]) == list(claims.ledger()["id"])
    assert set(ids) <= anchors(SITE / "chapters" / "claims.html")


def test_the_ledger_is_the_same_bytes_twice(tmp_path):
    for folder in (tmp_path / "one", tmp_path / "two"):
        folder.mkdir()
        claims.export(folder)
    for name in ("claims.json", "claims.csv"):
        written = [(folder / name).read_bytes() for folder in (tmp_path / "one", tmp_path / "two", SITE)]
        assert written[0] == written[1] == written[2]


def archive(name: str) -> zipfile.ZipFile:
    """Return a zip of the site, open."""
    return zipfile.ZipFile(io.BytesIO((SITE / name).read_bytes()))


def test_the_zip_of_notebooks_holds_every_notebook_of_the_site():
    with archive("notebooks.zip") as files:
        assert files.testzip() is None
        held = {name.partition("/")[2]: files.read(name) for name in files.namelist()}
    sources = SITE / "_sources"
    assert held == {path.relative_to(sources).as_posix(): path.read_bytes() for path in sources.rglob("*.ipynb")}
    assert len(held) >= 20


def test_the_zip_of_data_holds_tables_manifests_and_licence():
    with archive("data.zip") as files:
        assert files.testzip() is None
        held = {name.partition("/")[2]: files.read(name) for name in files.namelist()}
    assert held["LICENSE-data"] == (root() / "LICENSE-data").read_bytes()
    stems = {path.stem for path in data_dir().glob("*.csv")}
    for stem in stems:
        rows = pd.read_csv(io.BytesIO(held[f"data/{stem}.csv"]), dtype=str)
        manifest = json.loads(held[f"data/{stem}.manifest.json"])
        assert (len(rows), tables.sha256(held[f"data/{stem}.csv"])) == (manifest["rows"], manifest["sha256"])


def test_the_results_to_take_away_are_those_of_the_ledger():
    told = versions.read(SITE / "results.json")
    cited = citation.work()
    assert (told.number, told.released) == (cited.version, cited.released)
    ledger = claims.ledger().set_index("id")
    assert set(told.results["id"]) == set(ledger.index)
    rows = told.results.set_index("id")
    for ours, theirs in (("value", "estimate"), ("low", "low"), ("high", "high")):
        np.testing.assert_allclose(rows[ours], ledger.loc[rows.index, theirs].astype(float), rtol=1e-11)
    for question in MEANINGS:
        assert (rows[question] == ledger.loc[rows.index, question]).all()
    front = set(versions.GLUED.findall((root() / "index.md").read_text(encoding="utf-8")))
    assert front & set(ledger.index) <= set(rows.index[rows["headline"]])


@each_page
def test_a_script_stands_on_a_page_once_and_only_where_it_is_needed(name):
    page = soup(SITE / f"{name}.html")
    scripts = [urlsplit(each["src"]).path.rpartition("/")[2] for each in page.select("script[src]")]
    assert sorted(set(scripts)) == sorted(scripts)
    turned = {f"look-{each['data-look']}.js" for each in page.select("[data-look]")}
    drawn = {"look.js"} if turned or page.select_one(".plotly-graph-div") else set()
    assert {each for each in scripts if each.startswith("look")} == turned | drawn


@each_page
def test_a_page_says_its_version_and_how_to_cite_it(name):
    page, cited = soup(SITE / f"{name}.html"), citation.work()
    foot = page.select_one(".site-version").get_text()
    assert f"Version {cited.version}" in foot and str(cited.released.year) in foot
    title = page.select_one("article h1").find(string=True).strip()
    block = page.select_one("details.cite-page")
    texts = [node.get_text() for node in block.select("[data-copy]")]
    assert texts == [citation.apa(cited, title, f"{name}.html"), citation.bibtex(cited, title, f"{name}.html")]


def test_a_citation_is_copied_from_disk(disk):
    page, ear = opened(disk, PAGES[0])
    page.locator(".cite-page summary").focus()
    page.keyboard.press("Enter")
    button = page.get_by_role("button", name="Copy BibTeX")
    button.focus()
    page.keyboard.press("Enter")
    page.wait_for_function("[...document.querySelectorAll('.cite-copy')].some(node => node.textContent === 'Copied')")
    page.evaluate("document.body.append(Object.assign(document.createElement('textarea'), {id: 'pasted'}))")
    page.locator("#pasted").focus()
    page.keyboard.press("Control+V")
    assert page.locator("#pasted").input_value() == page.locator(".cite-page pre").inner_text()
    assert ear.complaints == []


def test_a_number_of_the_ledger_is_cited_by_keyboard(disk):
    page, ear = opened(disk, "chapters/claims")
    ledger, cited = claims.ledger().set_index("id"), citation.work()
    for id in ("ho.model7.doubling_months.published_bootstrap_median", "ho.sample.rows"):
        page.evaluate("id => { location.hash = id; }", id)  # which opens the fifty rows around it
        page.get_by_role("button", name=f"cite {id}", exact=True).focus()
        page.keyboard.press("Enter")
        box = page.locator("dialog.cite-dialog")
        said = box.locator("p.cite-text").inner_text()
        row = ledger.loc[id]
        number = str(Estimate.of_row(row, FOUND, unit=row["unit"]))
        for part in (
            row["statement"],
            number,
            ", ".join(both(row)),
            row["interval"],
            f"version {cited.version}",
            f"chapters/claims.html#{id}, at the site's root",
        ):
            assert part in said
        assert f"@misc{{algoprogress:{id}," in box.locator("pre.cite-text").inner_text()
        page.keyboard.press("Escape")
        assert not box.is_visible()
    assert ear.complaints == []


def test_the_index_lists_every_figure_and_table_of_the_book():
    page = soup(SITE / "chapters" / "figures_index.html")
    lists = page.select("article table")
    assert not [cell for cell in page.select("article td") if "\\(" in cell.text or not cell.text.strip()]
    known = {"figure": [], "table": []}
    for name in PAGES:
        for kind in known:
            found = soup(SITE / f"{name}.html").select(f"article {kind}[id]")
            known[kind] += [f"{name}.html#{each['id']}" for each in found if each.select_one(".caption-number")]
    for table, kind in zip(lists, known, strict=True):
        linked = [row.a["href"].removeprefix("../") for row in table.select("tbody tr")]
        assert linked == known[kind]
        assert len(linked) > 20


def test_the_status_names_every_page_with_its_seconds():
    rows = soup(SITE / "chapters" / "status.html").select("article tbody tr")
    cells = [[cell.get_text().strip() for cell in row.select("th, td")] for row in rows]
    assert [row.a["href"].removeprefix("../") for row in rows[:-1]] == [f"{name}.html" for name in PAGES]
    for name, (title, seconds, state, _, size) in zip(PAGES, cells[:-1], strict=True):
        text = (SITE / f"{name}.html").read_text(encoding="utf-8")
        assert title == sitefiles.heading(text)
        assert abs(float(size.replace(",", "")) - len(text.encode()) / 1000) < 20  # links that come later
        idle = "{code-cell}" not in (root() / f"{name}.md").read_text(encoding="utf-8")
        assert (state == "not executed", seconds == "–") == (idle, idle)
    known = [float(row[1]) for row in cells[:-1] if row[1] != "–"]
    assert abs(sum(known) - float(cells[-1][1])) < 0.1 * len(known)


@pytest.fixture(scope="session")
def pdf() -> PdfReader:
    """Return the printed book."""
    return PdfReader(SITE / pagefoot.PDF)


@pytest.fixture(scope="module")
def sheets() -> list[PdfTextPage]:
    """Return the words of the sheets of the printed book."""
    return [page.get_textpage() for page in PdfDocument(SITE / pagefoot.PDF)]


def test_the_printed_book_has_a_bookmark_and_a_line_of_contents_for_each_page(pdf, sheets):
    flat = [mark["/Title"] for mark in flattened(pdf.outline)]
    titles = [sitefiles.heading((SITE / f"{name}.html").read_text(encoding="utf-8")) for name in PRINTED]
    assert [title for title in titles if title not in flat] == []
    begins = {
        title: 1 + pdf.get_destination_page_number(mark)
        for mark in flattened(pdf.outline)
        for title in [mark["/Title"]]
        if title in titles
    }
    contents = " ".join(sheets[number].get_text_bounded() for number in (1, 2))
    for title, sheet in begins.items():  # the lines of a heading may be read apart from each other
        assert set(title.split()) <= set(sheets[sheet - 1].get_text_bounded().split()), title
        assert str(sheet) in contents


def flattened(outline: list) -> Iterator:
    """Yield every bookmark of an outline, at whatever depth."""
    for each in outline:
        if isinstance(each, list):
            yield from flattened(each)
        else:
            yield each


def test_the_links_of_the_printed_book_work_and_name_no_file_of_this_machine(pdf):
    goals = pdf.named_destinations
    inner, outer = [], []
    for page in pdf.pages:
        for note in page.get("/Annots", []):
            link = note.get_object()
            if "/Dest" in link:
                inner.append(str(link["/Dest"]).lstrip("/"))
            elif "/URI" in link.get("/A", {}):
                outer.append(str(link["/A"]["/URI"]))
    known = {name.lstrip("/") for name in goals}
    assert len(inner) > 100 and set(inner) <= known
    assert all(urlsplit(address).scheme in ("http", "https") for address in outer)
    assert {pdf_html.told_apart(name) for name in PRINTED} <= known


MOST_SHEETS = 150
MOST_EMPTY = 0.6  # of a sheet's height, where a figure or table did not fit on it any more
FOOT_PT = 50  # what is printed below is the foot of the sheet


def lowest(sheet: PdfTextPage) -> float:
    """Return the height of the lowest words of a sheet above its foot, in points."""
    heights = [sheet.get_rect(place)[1] for place in range(sheet.count_rects())]
    return min((height for height in heights if height > FOOT_PT), default=842.0)


def test_the_printed_book_is_short_and_its_sheets_are_full(sheets):
    assert len(sheets) < MOST_SHEETS
    empty = {number for number, sheet in enumerate(sheets, start=1) if lowest(sheet) > MOST_EMPTY * 842}
    assert empty <= {1, 2, len(sheets)}  # title, contents, and the last


@pytest.fixture(scope="module")
def assembled() -> str:
    """Return the pages as the one document that was printed."""
    return (SITE.parent / printed.ASSEMBLED).read_text(encoding="utf-8")


def test_the_printed_book_holds_neither_code_of_cells_nor_the_ledger(assembled):
    text = assembled
    assert "row-anchor" not in text and 'details class="admonition hide' not in text and pdf_html.LEDGER in text


def test_every_figure_of_the_book_is_printed_whole_in_vectors(disk, assembled):
    """On the sheet of the print no figure, table or formula is wider than the sheet, and no figure higher."""
    page, _ = disk
    path = SITE / printed.ASSEMBLED
    path.write_text(assembled, encoding="utf-8")
    try:
        page.set_viewport_size(printed.SHEET)
        page.emulate_media(media="print")
        page.goto(path.as_uri())
        page.evaluate(printed.FIT, printed.SMALLEST)
        boxes = page.locator("figure svg.themed-figure")
        expected = sum(len(soup(SITE / f"{name}.html").select(".figure-box svg")) for name in PRINTED)
        assert boxes.count() == expected > 20
        for kind in ("figure", "table", 'mjx-container[display="true"]'):
            wide = "nodes => nodes.filter(n => n.getBoundingClientRect().right > innerWidth + 2).map(n => n.id)"
            assert page.locator(f".bd-article {kind}").evaluate_all(wide) == [], kind
        high = page.locator("figure").evaluate_all("nodes => nodes.filter(n => n.offsetHeight > 980).map(n => n.id)")
        assert high == []
        assert page.locator("figure img").count() == 0
    finally:
        path.unlink()
        page.emulate_media(media="screen")


@pytest.mark.parametrize("name", [*PAGES, "search"])
def test_each_page_links_to_the_printed_book(name):
    link = soup(SITE / f"{name}.html").select_one(f'.site-version a[href$="{pagefoot.PDF}"]')
    assert (SITE / f"{name}.html").parent.joinpath(link["href"]).resolve() == SITE / pagefoot.PDF
