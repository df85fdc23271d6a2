"""Completes a built site: scripts, steady notebooks, mended pages, links to sources, indices and status, zips."""

import html
import json
import re
import shutil
import zipfile
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from importlib import metadata, resources
from itertools import count
from pathlib import Path

from algoprogress.show.words import MISSING
from book.site.foot import plain
from book.site.numbers import line_of

MATHJAX = "tex-svg.js"  # the one file of MathJax that draws by itself, without fonts to fetch
DRAWN_BY = re.compile(r"<!-- drawn by: ([\w.]+):([\w.]+) -->")
DRAWING, PLACE_OF_DRAWING = re.compile(r"<svg\b.*?</svg>", re.S), re.compile(r"<!-- drawing of this page (\d+) -->")
KEPT_DRAWINGS = ".drawings"  # in place of a page's .html, while it is built
# What a screen reader needs and the theme leaves out, as pairs of what stands there and what has to. Another version of
# the theme may write it differently; tests/test_site.py asks axe, not these strings, whether a page is right.
REPAIRS = (
    ('id="pst-primary-sidebar"', 'id="pst-primary-sidebar" role="complementary" aria-label="Book"'),
    ('class="citation-list" role="list"', 'class="citation-list"'),
    ('role="list" class="citation-list"', 'class="citation-list"'),
    (' role="doc-biblioentry"', ""),
    ("<head>", '<head>\n<link rel="icon" href="data:,"/>'),  # else a browser asks the server for one that is not there
)
# The theme draws its icons with a font; the script that could draw them too is heavier than most pages and not needed.
ICONS = re.compile(r'<script src="[^"]*scripts/fontawesome\.js[^"]*"></script>\s*')
# Pygments gives each line of the source pages an empty link to itself, at which a keyboard would stop.
LINE = re.compile(r'<a id="(line-\d+)" name="[^"]*" href="[^"]*"></a>')
# An id in the ledger, thousands of times on its page, without the classes that its style does without.
ANCHORED = re.compile(
    r'(<span class="row-anchor"[^>]*>)<a class="reference internal" (href="[^"]*")>'
    r'<code class="docutils literal notranslate"><span class="pre">([^<]*)</span></code>'
)
# The theme's scroll spy takes every link of a page for a CSS selector, and a claim's id need not be one (`x.3e23.y`).
SPY = ' data-bs-spy="scroll"'

# What docutils and myst-nb leave out of tables and of the switches for code.
HEAD_CELL = '<th class="head'
FIRST_CELL = re.compile(
    r'(<tr class="row-(?:odd|even)">)<td((?: class="text-left")?)>(<p>(?!</p>)(?:(?!</td>).)+)</td>', re.S
)
BOX = re.compile(r'<div class="pst-scrollable-table-container">(?:(?=<table[^>]*>\s*<caption>(.*?)</caption>))?', re.S)
SWITCH = re.compile(
    r'<summary aria-label="Toggle hidden content">(\s*<p class="collapsed admonition-title">)Show [^<]*'
    r'(</p>\s*<p class="expanded admonition-title">)Hide [^<]*</p>'
)
NUMBERED = re.compile(r'<summary|<div class="cell |<span class="caption-number">(Fig|Table)\.? (\d+)')

# The index of figures and tables, and how each page was executed: where they stand, and what they are read from.
FIGURES_MARK = "<!-- index of figures -->"
STATUS_MARK = "<!-- execution status -->"
FIGURE = re.compile(r'<figure[^>]* id="([^"]+)">.*?<figcaption>(.*?)</figcaption>', re.S)
TABLE = re.compile(r'<table[^>]* id="([^"]+)">\s*<caption>(.*?)</caption>', re.S)
CAPTION = re.compile(r'<span class="caption-number">(.*?)</span>.*?<span class="caption-text">(.*)</span>', re.S)
HEADING = re.compile(r"<h1>((?:(?!</h1>).)*?)<a class=\"headerlink\"", re.S)
HEADS = ("number", "what it shows", "page")
INDICES = {  # by its mark what an index lists, its caption and the heads of its columns
    FIGURES_MARK: (FIGURE, "Figures in the order of the book.", (*HEADS, "files")),
    "<!-- index of tables -->": (TABLE, "Tables in the order of the book.", HEADS),
}
BETWEEN_SENTENCES = re.compile(r"(?<=[.?!])\s(?!(?:(?<=\b(?:al|eq)\.\s)|(?<=\bFig\.\s))[^A-Z])")
NUMBERS = "numbers-index.js"
NO_PROSE = re.compile(r"<(table|pre|script|svg|details|math)\b.*?</\1>", re.S)
PLACE = re.compile(r'<(?:section|figure)[^>]* id="([^"]+)"|<(p|li)\b[^>]*>(.*?)</\2>', re.S)


def copy_scripts(site: Path) -> None:
    """Copy MathJax, and plotly if a page asks for it, out of their wheels."""
    source = next(file for file in metadata.files("sphinx-mathjax-offline") if file.name == MATHJAX)
    shutil.copyfile(source.locate(), site / "_static" / MATHJAX)
    if any("plotly.min.js" in page.read_text(encoding="utf-8") for page in site.rglob("*.html")):
        with resources.as_file(resources.files("plotly") / "package_data" / "plotly.min.js") as script:
            shutil.copyfile(script, site / "_static" / "plotly.min.js")


def steady_notebooks(site: Path) -> None:
    """Number the cells of the downloadable notebooks, whose ids are drawn at random otherwise."""
    for path in site.rglob("*.ipynb"):
        notebook = json.loads(path.read_text(encoding="utf-8"))
        for index, cell in enumerate(notebook["cells"]):
            cell["id"] = f"cell-{index:03d}"
        path.write_text(json.dumps(notebook, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def without_drawings(body: str, page: Path) -> str:
    """Return the body of a page with a mark for each of its drawings, which are kept beside the page for `mend`."""
    drawings = DRAWING.findall(body)
    if drawings:
        page.parent.mkdir(parents=True, exist_ok=True)
        page.with_suffix(KEPT_DRAWINGS).write_text(json.dumps(drawings), encoding="utf-8")
    places = count()
    return DRAWING.sub(lambda _: f"<!-- drawing of this page {next(places)} -->", body)


def mend(site: Path, *, since: float = 0.0) -> None:
    """Mend what pages of the theme lack or carry for nothing, link figures to what drew them, put drawings back.

    Pages last written before `since`, in seconds of the epoch, have been mended by an earlier build.
    """
    for script in (site / "_static" / "scripts").glob("fontawesome.js*"):
        script.unlink()
    for path in (each for each in site.rglob("*.html") if each.stat().st_mtime >= since):
        page = mended = path.read_text(encoding="utf-8")
        for old, new in REPAIRS:
            mended = mended.replace(old, new)
        mended = ICONS.sub("", mended)
        names_claims = "row-anchor" in page or "claims.html#" in page or path.stem == "search"
        mended = mended.replace(SPY, "") if names_claims else mended
        mended = tables_and_switches(mended)
        mended = LINE.sub(r'<span id="\1"></span>', mended)
        mended = ANCHORED.sub(r"\1<a \2><code>\3</code>", mended)
        up = "../" * len(path.relative_to(site).parents[:-1])
        mended = DRAWN_BY.sub(lambda found, up=up: _source_link(site, up, f"{found[1]}.{found[2]}"), mended)
        kept = path.with_suffix(KEPT_DRAWINGS)
        if kept.exists():
            drawings = json.loads(kept.read_text(encoding="utf-8"))
            mended = PLACE_OF_DRAWING.sub(lambda found, drawings=drawings: drawings[int(found[1])], mended)
            kept.unlink()
        if mended != page:
            path.write_text(mended, encoding="utf-8")


def tables_and_switches(page: str) -> str:
    """Return a page whose tables have headers of columns and rows and a name, and whose switches say whose code."""

    def box(found: re.Match[str]) -> str:
        caption = CAPTION.search(found[1] or "")
        said = f"{plain(caption[1])}: {BETWEEN_SENTENCES.split(plain(caption[2]))[0]}" if caption else "Table"
        return f'<div class="pst-scrollable-table-container" role="region" aria-label="{html.escape(said)}">'

    def switch(found: re.Match[str]) -> str:
        next_one = NUMBERED.search(found.string, found.end())
        kind, number = next_one.groups() if next_one else (None, "")
        whose = {"Fig": f"figure {number}", "Table": f"table {number}"}.get(kind, "this cell")
        return f"<summary>{found[1]}Show the code of {whose}{found[2]}Hide the code of {whose}</p>"

    page = FIRST_CELL.sub(r'\1<th scope="row"\2>\3</th>', page.replace(HEAD_CELL, '<th scope="col" class="head'))
    return SWITCH.sub(switch, BOX.sub(box, page))


def numbers_index(site: Path, order: Sequence[str]) -> None:
    """Write the sentences with numbers of each page, for the script of the search page: page, title, [place, words]."""
    lines = []
    for page in order:
        text = (site / f"{page}.html").read_text(encoding="utf-8").partition("<article")[2].partition("</article>")[0]
        place, sentences = "", []
        for found in PLACE.finditer(NO_PROSE.sub("", text)):
            place = found[1] or place
            said = BETWEEN_SENTENCES.split(plain(found[3] or ""))
            sentences += [(place, sentence) for sentence in said if re.search(r"\d", sentence)]
        lines.append(json.dumps([page, heading(text), sentences], ensure_ascii=False))
    body = ",\n".join(lines)
    (site / "_static" / NUMBERS).write_text(f"window.pageNumbers = [\n{body}\n];\n", encoding="utf-8")


def _source_link(site: Path, up: str, function: str) -> str:
    """Return the link to the line at which a function is defined, or nothing if the site has no such page."""
    place = line_of(function)
    known = (site / place.partition("#")[0]).is_file()
    return f' · <a class="figure-source" href="{up}{place}">source of the figure</a>' if known else ""


def heading(text: str) -> str:
    """Return the title of a page from its HTML."""
    return plain(found[1]) if (found := HEADING.search(text)) else ""


def table(heads: Sequence[str], rows: Iterable[Sequence[str]], caption: str) -> str:
    """Return a table as the theme writes it; cells are HTML."""
    head = "".join(f'<th class="head" scope="col"><p>{cell}</p></th>' for cell in heads)
    body = ""
    for first, *rest in rows:
        sides = [' class="text-right"' if re.fullmatch(r"[\d.,]+", cell) else "" for cell in rest]
        cells = "".join(f"<td{side}><p>{cell}</p></td>" for side, cell in zip(sides, rest, strict=True))
        body += f'<tr><th scope="row"><p>{first}</p></th>{cells}</tr>\n'
    return (
        f'<div class="pst-scrollable-table-container" role="region" aria-label="{caption}">'
        f'<table class="table"><caption>{caption}</caption>'
        f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def complete(site: Path, order: Sequence[str], told: Mapping[str, Mapping[str, object]], cache: Path) -> None:
    """Fill in the marks for indices and status on the pages that have them; `order` names all pages of the book."""
    paths = {page: site / f"{page}.html" for page in order}
    texts = {page: path.read_text(encoding="utf-8") for page, path in paths.items() if path.is_file()}
    titles = {page: heading(text) for page, text in texts.items()}
    written = sorted(path.stat().st_mtime for path in cache.rglob("*-*"))  # no drafts, which go when they are whole
    for page, text in texts.items():
        for mark in (each for each in INDICES if each in text):
            texts[page] = texts[page].replace(mark, _index(texts, titles, mark, "../" * page.count("/"), site))
    status = [(page, title, texts[page], told.get(page, {})) for page, title in titles.items()]  # as long as now
    for page, text in texts.items():
        text = text.replace(STATUS_MARK, _status(status, written, "../" * page.count("/")))
        paths[page].write_text(text, encoding="utf-8")


def _link(up: str, target: str, words: str) -> str:
    return f'<a class="reference internal" href="{up}{target}">{html.escape(words)}</a>'


def _index(texts: Mapping[str, str], titles: Mapping[str, str], mark: str, up: str, site: Path) -> str:
    """Return the index of what a mark stands for: the figures of all pages with their files, or the tables."""
    pattern, caption, heads = INDICES[mark]
    rows = []
    for page, text in texts.items():
        for id, content in pattern.findall(text):
            if found := CAPTION.search(content):
                sentence = BETWEEN_SENTENCES.split(plain(found[2]), maxsplit=1)[0]
                files = [(f"downloads/{id}.{kind}", kind.upper()) for kind in ("csv", "svg", "png")]
                links = [_link(up, *file) for file in files if (site / file[0]).is_file()]
                here = _link(up, f"{page}.html#{id}", plain(found[1]).replace(" ", "\u00a0"))
                whole = _link(up, f"{page}.html", titles[page])
                rows.append((here, html.escape(sentence), whole, " ".join(links) or MISSING)[: len(heads)])
    return table(heads, rows, caption)


def _status(pages: Sequence[tuple[str, str, str, Mapping[str, object]]], written: Sequence[float], up: str) -> str:
    """Return the table of how each page was executed, with the sum of the seconds.

    `pages`: name, title, HTML, and what myst-nb noted of its execution; `written`: when each result was, sorted. A page
    ran from `mtime - runtime` to `mtime`, and is cold if a result was written then, be it for a page beside it.
    """
    rows, total, kilobytes = [], 0.0, 0.0
    for name, title, text, note in pages:
        seconds, end, size = note.get("runtime"), note.get("mtime"), len(text.encode()) / 1000
        computed = 0 if seconds is None else bisect_right(written, end) - bisect_left(written, end - seconds)
        state = "not executed" if seconds is None else ("cold" if computed else "warm")
        said = MISSING if seconds is None else f"{seconds:.1f}"
        rows.append((_link(up, f"{name}.html", title), said, state, f"{computed}", f"{size:,.0f}"))
        total, kilobytes = total + (seconds or 0.0), kilobytes + size
    warm, computed = [row[2] for row in rows].count("warm"), sum(int(row[3]) for row in rows)
    rows.append(("all pages", f"{total:.1f}", f"{warm} warm", f"{computed}", f"{kilobytes:,.0f}"))
    heads = ("page", "seconds", "cold or warm", "results computed", "kB of HTML")
    return table(heads, rows, "How each page of this site was executed.")


def zipped(path: Path, files: Iterable[Path], folder: Path, day: date) -> None:
    """Write files into a zip by their names below a folder, sorted and all of one day: the same bytes each time."""
    names = {f"algoprogress-{path.stem}/{file.relative_to(folder).as_posix()}": file for file in files}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name in sorted(names):
            entry = zipfile.ZipInfo(name, (day.year, day.month, day.day, 0, 0, 0))
            entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
            archive.writestr(entry, names[name].read_bytes())
