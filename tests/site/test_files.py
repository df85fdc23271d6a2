"""Pages that the site writes about itself, out of small pages whose figures are known; and the book put together."""

from __future__ import annotations

import json
import os
import zipfile
from datetime import date

import pytest
from bs4 import BeautifulSoup

from algoprogress.show import style
from algoprogress.show.words import MISSING
from book.ledger import citation
from book.site import files as sitefiles
from book.site import foot, pdf, pdf_html

FIGURE = """<figure class="align-default" id="{id}"><svg aria-label="a"><defs><clipPath id="c"></clipPath></defs>
<g clip-path="url(#c)"></g></svg><!-- drawn by: book.studies.law.{function} -->
<figcaption><p><span class="caption-number">Fig. {n} </span>
<span class="caption-text">It falls &amp; stays, as Ho et al. say. Rows: 3.</span></p></figcaption></figure>"""
PAGE = """<html><head><link href="_static/a.css" rel="stylesheet"/></head><body><h1>Other</h1><nav class="bd-links">
<a class="reference internal" href="#">Front</a><a class="reference internal" href="chapters/law.html">Law</a></nav>
<article class="bd-article"><section id="top"><h1>{title}<a class="headerlink" href="#top">#</a></h1>
{body}</section></article>
<!-- whole book as PDF: {up} --></body></html>"""


@pytest.fixture
def site(tmp_path):
    (tmp_path / "chapters").mkdir()
    body = FIGURE.format(id="fig-a-b", n=1, function="figures:ladder") + sitefiles.FIGURES_MARK + sitefiles.STATUS_MARK
    links = '<a href="chapters/law.html#top">in</a><a href="https://example.org">out</a><a href="x.csv">file</a>'
    other = FIGURE.format(id="fig-c-d", n=2, function="gone:gone")
    texts = {
        "index": PAGE.format(title="Front", body=body + links, up=""),
        "chapters/law": PAGE.format(title="Law", body=other, up="../"),
    }
    for name, text in texts.items():
        (tmp_path / f"{name}.html").write_text(text, encoding="utf-8")
    return tmp_path


def test_indices_and_status_are_filled_in(site, tmp_path):
    cache = tmp_path / "cache"
    cache.mkdir()
    for moment, name in ((95.0, "a.b-1"), (99.0, "a.b-2"), (200.0, "a.b-3"), (98.0, "draft.tmp")):
        (cache / name).write_text("", encoding="utf-8")
        os.utime(cache / name, (moment, moment))
    told = {"index": {"runtime": 10.0, "mtime": 100.0}, "chapters/law": {"runtime": 5.0, "mtime": 150.0}}
    sitefiles.complete(site, ["index", "chapters/law"], told, cache)
    tables = BeautifulSoup((site / "index.html").read_text(encoding="utf-8"), "html.parser").select("table")
    rows = [[cell.get_text() for cell in row.select("th, td")] for row in tables[0].select("tbody tr")]
    said = "It falls & stays, as Ho et al. say."
    assert rows == [["Fig.\u00a01", said, "Front", MISSING], ["Fig.\u00a02", said, "Law", MISSING]]
    states = [[cell.get_text() for cell in row.select("th, td")][:4] for row in tables[1].select("tbody tr")]
    assert states == [["Front", "10.0", "cold", "2"], ["Law", "5.0", "warm", "0"], ["all pages", "15.0", "1 warm", "2"]]


ROW = '<tr class="row-even"><td class="text-left"><p>{}</p></td>\n<td class="text-right"><p>1</p></td>\n</tr>'
TABLE = (
    '<div class="pst-scrollable-table-container"><table class="table" id="tab-a">\n<caption>'
    '<span class="caption-number">Table 3 </span><span class="caption-text">Rates &amp; years. More.</span></caption>\n'
    '<thead>\n<tr class="row-odd">'
    '<th class="head text-left"><p>law</p></th>\n<th class="head text-right"><p>k</p></th>\n</tr></thead><tbody>'
    + ROW.format("seven") + ROW.format("") + "</tbody></table></div>"
)  # fmt: skip
CODE = (
    '<div class="cell docutils container"><details class="admonition hide above-input">'
    '<summary aria-label="Toggle hidden content">\n<p class="collapsed admonition-title">Show the source</p>\n'
    '<p class="expanded admonition-title">Hide the source</p>\n</summary>x</details>{}</div>'
)


def test_tables_have_headers_and_names_and_switches_say_whose_code():
    figure = '<figure><span class="caption-number">Fig. 12 </span></figure>'
    page = sitefiles.tables_and_switches(CODE.format(TABLE) + CODE.format("") + CODE.format(figure))
    soup = BeautifulSoup(page, "html.parser")
    assert [head["scope"] for head in soup.select("th")] == ["col", "col", "row"]  # nothing names the last row
    assert [len(row.find_all(["th", "td"])) for row in soup.select("tr")] == [2, 2, 2]
    [box] = soup.select(".pst-scrollable-table-container")
    assert (box["role"], box["aria-label"]) == ("region", "Table 3: Rates & years.")
    switches = [" ".join(each.get_text().split()) for each in soup.select("summary")]
    whose = ("table 3", "this cell", "figure 12")
    assert switches == [f"Show the code of {each} Hide the code of {each}" for each in whose]
    assert not soup.select("summary[aria-label]")


def test_sentences_with_numbers_are_indexed_by_page_and_place(tmp_path):
    (tmp_path / "_static").mkdir()
    prose = '<section id="a"><p>It is <b>8.4</b> months. No number.</p><table><td><p>77</p></td></table></section>'
    figure = '<figure id="fig-b"><p>Of 9.</p></figure>'
    page = f'<nav><p>1</p></nav><article><h1>Fast?<a class="headerlink">#</a></h1>{prose}{figure}</article>'
    (tmp_path / "index.html").write_text(page, encoding="utf-8")
    sitefiles.numbers_index(tmp_path, ["index"])
    text = (tmp_path / "_static" / sitefiles.NUMBERS).read_text(encoding="utf-8")
    found = json.loads(text.removeprefix("window.pageNumbers = ").strip().removesuffix(";"))
    assert found == [["index", "Fast?", [["a", "It is 8.4 months."], ["fig-b", "Of 9."]]]]


TAGS = '<meta property="og:title" content="T" />\n<meta property="og:url" content="{}chapters/law.html" />\n'


@pytest.mark.parametrize(
    ("base", "picture"),
    [("", "../downloads/fig-a.png"), ("https://x.org/book/", "https://x.org/book/downloads/fig-a.png")],
)
def test_a_page_is_shared_by_full_addresses_or_without_its_own(base, picture):
    soup = BeautifulSoup(foot.shared(TAGS.format(base), base, "../", "fig-a"), "html.parser")
    told = {tag.get("property"): tag["content"] for tag in soup.select("meta[property]")}
    assert told.pop("og:url", "") == (f"{base}chapters/law.html" if base else "")
    assert told == {"og:title": "T", "og:image": picture}


def test_a_figure_links_to_its_source_if_the_site_has_it(site):
    source = site / "_modules" / "book" / "studies" / "law" / "figures.html"
    source.parent.mkdir(parents=True)
    source.write_text("", encoding="utf-8")
    sitefiles.mend(site)
    front, law = ((site / f"{name}.html").read_text(encoding="utf-8") for name in ("index", "chapters/law"))
    assert 'href="_modules/book/studies/law/figures.html#line-' in front
    assert "drawn by" not in law and "figure-source" not in law


def test_a_figure_is_signed_by_the_outermost_function():
    @style.house()
    def inner():
        return style.subplots()[0]

    @style.house()
    def outer():
        return inner()

    assert outer().drawn_by.endswith("outer") and inner().drawn_by.endswith("inner")


def test_the_pages_are_put_together_with_links_turned_inward(site):
    names = pdf_html.pages(site)
    assert names == ["index", "chapters/law"]
    book = BeautifulSoup(pdf_html.document(site, citation.work(), names, {}), "html.parser")
    assert [line.get_text() for line in book.select(".printed-contents a")] == ["Front", "Law"]
    assert [sheet.get_text() for sheet in book.select(pdf_html.SHEETS)] == ["", ""]
    ids = [node["id"] for node in book.select("[id]")]
    assert len(ids) == len(set(ids))
    assert {"index", "chapters-law", "index--fig-a-b", "chapters-law--fig-c-d"} <= set(ids)
    assert [link["href"] for link in book.select("article a")] == ["#chapters-law--top", "https://example.org"]
    assert {node["clip-path"] for node in book.select("g")} == {"url(#index--c)", "url(#chapters-law--c)"}
    assert "file" in book.select_one("#index").get_text() and book.select_one(".headerlink") is None


def test_a_pattern_is_found_again_in_the_printed_book_with_quotes_and_without(site):
    page = site / "index.html"
    told = page.read_text(encoding="utf-8")
    drawn = '<svg><pattern id="p"></pattern><path style="fill: url(&quot;#p&quot;); clip-path: url(#c)"/></svg>'
    page.write_text(told.replace("</section>", f"{drawn}</section>", 1), encoding="utf-8")
    book = pdf_html.document(site, citation.work(), ["index"], {})
    assert 'style="fill: url(#index--p); clip-path: url(#index--c)"' in book


def test_the_link_to_the_printed_book_comes_once(site):
    pdf.link(site)
    once = (site / "chapters" / "law.html").read_text(encoding="utf-8")
    pdf.link(site)
    assert (site / "chapters" / "law.html").read_text(encoding="utf-8") == once
    assert once.count(f'href="../{foot.PDF}"') == 1


def test_no_site_and_no_browser_are_told(tmp_path, monkeypatch):
    with pytest.raises(pdf.NotPrinted, match="make book"):
        pdf.print_site(tmp_path, citation.work())
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(pdf.NotPrinted, match="no Chromium"), pdf.chromium():
        pass


def test_a_zip_is_the_same_bytes_twice_and_holds_what_it_was_given(tmp_path):
    (tmp_path / "b").mkdir()
    files = {tmp_path / "b" / "two.csv": b"2", tmp_path / "a.csv": b"1"}
    made = []
    for path, content in files.items():
        path.write_bytes(content)
    for _ in range(2):
        sitefiles.zipped(tmp_path / "all.zip", files, tmp_path, date(2026, 11, 3))
        made.append((tmp_path / "all.zip").read_bytes())
    assert made[0] == made[1]
    with zipfile.ZipFile(tmp_path / "all.zip") as archive:
        held = {name: archive.read(name) for name in archive.namelist()}
    assert held == {"algoprogress-all/a.csv": b"1", "algoprogress-all/b/two.csv": b"2"}
