"""The built pages as one document to print: articles in order, ids told apart, links turned inward."""

import html
import posixpath
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from urllib.parse import unquote, urlsplit

from bs4 import BeautifulSoup
from bs4.element import Tag

from book.ledger.citation import Work
from book.site.files import heading

UNPRINTED = (
    ".headerlink, .figure-links, .cite-page, .takeaway, dialog, script, .explorer-menus, .explorer-slider, button, "
    "details.hide, .ledger-filter, .page-switch, .page-cost, .look-table, .look-dials, .look-buttons, "
    "section[id^=how-to-run-it]"
)
# Hundreds of sheets of docstrings, lists, records, commands and dials, which are made for a screen.
SITE_ONLY = tuple(
    f"chapters/{name}"
    for name in ("reference", "reference_pages", "figures_index", "status", "changes", "cost", "own_data", "explorer")
)
LEDGER = "The ledger is not printed: each claim is a row on the site, and in claims.csv and claims.json beside it."
REFERENCE = re.compile(r"""url\(["']?#([^)"']+)["']?\)""")  # plotly writes quotes, as of the pattern of a band
FORMULAS = "tex2jax_process|mathjax_process|math|output_area"  # classes whose text holds formulas, as on the pages
SHEETS = ".printed-contents a > span:last-child"  # the number of the sheet in a line of the contents
POINTING = ("href", "xlink:href")
NAMING = ("aria-labelledby", "aria-describedby", "for")


def pages(site: Path) -> list[str]:
    """Return the names of the pages to print in the order of the site's list of contents, the front page first."""
    front = site / "index.html"
    moved = re.search(r'http-equiv="Refresh" content="0; url=([^"]+)\.html"', front.read_text(encoding="utf-8"))
    start = moved[1] if moved else "index"
    soup = BeautifulSoup((site / f"{start}.html").read_text(encoding="utf-8"), "html.parser")
    links = [link.get("href", "") for link in soup.select(".bd-links a.reference.internal")]
    names = [target(start, link)[0] if link != "#" else start for link in links]
    return [name for name in dict.fromkeys([start, *names]) if name not in SITE_ONLY]


def target(page: str, link: str) -> tuple[str, str]:
    """Return the page and the id that a relative link on a page leads to; the choices of dials are no id.

    >>> target("chapters/law", "data.html#rows"), target("chapters/law", "#fit"), target("index", "x/law.html#a=1")
    (('chapters/data', 'rows'), ('chapters/law', 'fit'), ('x/law', ''))
    """
    parts = urlsplit(link)
    path = posixpath.normpath(posixpath.join(posixpath.dirname(page), unquote(parts.path))) if parts.path else page
    return path.removesuffix(".html"), "" if "=" in parts.fragment else unquote(parts.fragment)


def told_apart(page: str, id: str = "") -> str:
    """Return the id that a place of a page has in the printed book: `chapters-law--fit`."""
    stem = page.replace("/", "-")
    return f"{stem}--{id}" if id else stem


def article(text: str, page: str, known: Sequence[str], drawn: str = "") -> Tag:
    """Return the article of a page for print.

    `known` names the pages of the book: links to others, and to files of the site, become plain words. `drawn` is the
    HTML of the page's interactive figure, drawn already.
    """
    found = BeautifulSoup(text, "html.parser").select_one("article.bd-article")
    for node in found.select(UNPRINTED):
        node.decompose()
    for graph in found.select(".plotly-graph-div"):
        graph.replace_with(BeautifulSoup(drawn, "html.parser"))
    for details in found.select("details"):
        details["open"] = ""
    for table in found.select("table:has(.row-anchor)"):
        table.replace_with(BeautifulSoup(f"<p>{LEDGER}</p>", "html.parser"))
    for node in found.find_all(True):
        _turn_inward(node, page, known)
    found["id"] = told_apart(page)
    found["class"] = ["bd-article", "printed-page"]
    return found


def _turn_inward(node: Tag, page: str, known: Sequence[str]) -> None:
    """Rename the id of an element and what in it points to an id; a link to neither the book nor the web goes."""
    for name, value in list(node.attrs.items()):
        if name == "id":
            node[name] = told_apart(page, value)
        elif name in POINTING and urlsplit(value).scheme not in ("http", "https", "mailto"):
            place, id = target(page, value)
            if place in known:
                node[name] = f"#{told_apart(place, id)}"
            elif node.name == "a":
                node.unwrap()
        elif name in NAMING:
            node[name] = " ".join(told_apart(page, each) for each in value.split())
        elif isinstance(value, str) and "url(" in value:
            node[name] = REFERENCE.sub(lambda found: f"url(#{told_apart(page, found[1])})", value)


def title_page(work: Work, titles: Mapping[str, str]) -> str:
    """Return title, version and contents, without the sheet on which each page begins (see `SHEETS`)."""
    lines = ""
    for page, title in titles.items():
        spans = f"<span>{html.escape(title)}</span><span></span>"
        lines += f'<li><a href="#{told_apart(page)}">{spans}</a></li>'
    cited = html.escape(f"{' & '.join(work.authors)}. ({work.day}). {work.title} (Version {work.version}).")
    return (
        f'<header class="printed-title"><h1>{html.escape(work.title)}</h1>'
        f"<p>{html.escape(', '.join(work.authors))}</p><p>Version {work.version}, {work.day}</p>"
        f'<p class="printed-cite">Cite as: {cited}</p>'
        "<p>Text, figures and tables: CC BY 4.0. Code: MIT.</p></header>"
        f'<nav class="printed-contents"><h2>Contents</h2><ol>{lines}</ol></nav>'
    )


def document(site: Path, work: Work, names: Sequence[str], drawn: Mapping[str, str]) -> str:
    """Return the whole book as one HTML document that lies at the root of the site."""
    texts = {page: (site / f"{page}.html").read_text(encoding="utf-8") for page in names}
    titles = {page: heading(text) for page, text in texts.items()}
    styles = re.findall(r'<link[^>]*rel="stylesheet"[^>]*href="([^"]+)"|href="([^"]+\.css[^"]*)"', texts[names[0]])
    up = "../" * names[0].count("/")
    links = "".join(f'<link rel="stylesheet" href="{(one or other).removeprefix(up)}"/>' for one, other in styles)
    articles = [article(text, page, names, drawn.get(page, "")) for page, text in texts.items()]
    there = {node["id"] for each in articles for node in [each, *each.find_all(id=True)]}
    for link in (link for each in articles for link in each.select('a[href^="#"]')):
        if link["href"][1:] not in there:  # a row of the ledger, say
            link.unwrap()
    body = "".join(map(str, articles))
    return (
        '<!DOCTYPE html><html lang="en" data-theme="light" data-content_root="./"><head><meta charset="utf-8"/>'
        f"<title>{html.escape(work.title)}</title>{links}"
        f"<script>window.MathJax = {{options: {{processHtmlClass: '{FORMULAS}'}}}}</script>"
        '<script defer src="_static/tex-svg.js"></script></head>'
        f'<body class="printed-book">{title_page(work, titles)}{body}</body></html>\n'
    )
