"""Pages that the site writes about itself: the index of figures and tables, and how each page was executed."""

import html
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from book.site.foot import plain

FIGURES_MARK = "<!-- index of figures -->"
TABLES_MARK = "<!-- index of tables -->"
STATUS_MARK = "<!-- execution status -->"
FIGURE = re.compile(r'<figure[^>]* id="([^"]+)">.*?<figcaption>(.*?)</figcaption>', re.S)
TABLE = re.compile(r'<table[^>]* id="([^"]+)">\s*<caption>(.*?)</caption>', re.S)
NUMBER = re.compile(r'<span class="caption-number">(.*?)</span>')
WORDS = re.compile(r'<span class="caption-text">(.*)</span>', re.S)
HEADING = re.compile(r"<h1>((?:(?!</h1>).)*?)<a class=\"headerlink\"", re.S)
BETWEEN_SENTENCES = re.compile(r"(?<=[.?!])\s")


@dataclass(frozen=True)
class Shown:
    """A figure or table of a page: its id, number (`Fig. 3`), and the first sentence of its caption."""

    page: str
    id: str
    number: str
    sentence: str


def shown(page: str, text: str, pattern: re.Pattern[str]) -> list[Shown]:
    """Return the numbered figures (or tables, by pattern) in the HTML of a page, in order."""
    found = []
    for match in pattern.finditer(text):
        number, words = NUMBER.search(match[2]), WORDS.search(match[2])
        if number and words:
            sentence = BETWEEN_SENTENCES.split(plain(words[1]), maxsplit=1)[0]
            found.append(Shown(page, match[1], plain(number[1]), sentence))
    return found


def heading(text: str) -> str:
    """Return the title of a page from its HTML."""
    found = HEADING.search(text)
    return plain(found[1]) if found else ""


def table(heads: Sequence[str], rows: Iterable[Sequence[str]], caption: str) -> str:
    """Return a table as the theme writes it; cells are HTML."""
    head = "".join(f'<th class="head" scope="col"><p>{cell}</p></th>' for cell in heads)
    body = "".join("<tr>" + "".join(f"<td><p>{cell}</p></td>" for cell in row) + "</tr>\n" for row in rows)
    return (
        f'<div class="pst-scrollable-table-container"><table class="table"><caption>{caption}</caption>'
        f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def complete(site: Path, order: Sequence[str], told: Mapping[str, Mapping[str, object]], cache: Path) -> None:
    """Fill in the marks for indices and status on the pages that have them; `order` names all pages of the book."""
    paths = {page: site / f"{page}.html" for page in order}
    texts = {page: path.read_text(encoding="utf-8") for page, path in paths.items() if path.is_file()}
    titles = {page: heading(text) for page, text in texts.items()}
    figures = [each for page, text in texts.items() for each in shown(page, text, FIGURE)]
    tables = [each for page, text in texts.items() for each in shown(page, text, TABLE)]
    written = [path.stat().st_mtime for path in cache.rglob("*") if path.is_file()]
    for page, text in texts.items():
        up = "../" * page.count("/")
        text = text.replace(FIGURES_MARK, _index(figures, titles, up, site, "Figures in the order of the book."))
        texts[page] = text.replace(TABLES_MARK, _index(tables, titles, up, None, "Tables in the order of the book."))
    status = [(page, title, texts[page], told.get(page, {})) for page, title in titles.items()]  # as long as now
    for page, text in texts.items():
        text = text.replace(STATUS_MARK, _status(status, written, "../" * page.count("/")))
        paths[page].write_text(text, encoding="utf-8")


def _link(up: str, target: str, words: str) -> str:
    return f'<a class="reference internal" href="{up}{target}">{html.escape(words)}</a>'


def _index(items: Sequence[Shown], titles: Mapping[str, str], up: str, site: Path | None, caption: str) -> str:
    """Return the index of figures, with files if the site is given, or of tables."""
    rows = []
    for each in items:
        place, page = f"{each.page}.html#{each.id}", _link(up, f"{each.page}.html", titles[each.page])
        row = [_link(up, place, each.number), html.escape(each.sentence), page]
        if site is not None:
            files = [(f"downloads/{each.id}.{kind}", kind.upper()) for kind in ("csv", "svg", "png")]
            row.append(" ".join(_link(up, *file) for file in files if (site / file[0]).is_file()))
        rows.append(row)
    heads = ["number", "what it shows", "page", *(["files"] if site is not None else [])]
    return table(heads, rows, caption)


def _status(pages: Sequence[tuple[str, str, str, Mapping[str, object]]], written: Sequence[float], up: str) -> str:
    """Return the table of how each page was executed, with the sum of the seconds.

    `pages`: name, title, HTML, and what myst-nb noted of its execution; `written`: when each result on disk was. A page
    ran from `mtime - runtime` to `mtime`, and is cold if a result was written then, be it for a page beside it.
    """
    rows, total, kilobytes = [], 0.0, 0.0
    for name, title, text, note in pages:
        seconds, end, size = note.get("runtime"), note.get("mtime"), len(text.encode()) / 1000
        computed = 0 if seconds is None else sum(end - seconds <= moment <= end for moment in written)
        state = "not executed" if seconds is None else ("cold" if computed else "warm")
        said = "–" if seconds is None else f"{seconds:.1f}"
        rows.append((_link(up, f"{name}.html", title), said, state, f"{computed}", f"{size:,.0f}"))
        total, kilobytes = total + (seconds or 0.0), kilobytes + size
    warm, computed = [row[2] for row in rows].count("warm"), sum(int(row[3]) for row in rows)
    rows.append(("all pages", f"{total:.1f}", f"{warm} warm", f"{computed}", f"{kilobytes:,.0f}"))
    heads = ("page", "seconds", "cold or warm", "results computed", "kB of HTML")
    return table(heads, rows, "How each page of this site was executed.")
