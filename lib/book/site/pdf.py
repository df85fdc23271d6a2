"""Prints the built site as one PDF with Chromium: `python -m book pdf`.

Bookmarks, inner links and figures stay: the pages are put together from the built HTML, so nothing is executed again.
"""

import io
import re
import shutil
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Error, Page, sync_playwright
from pypdf import PdfReader, PdfWriter
from pypdf.generic import NameObject, TextStringObject

from algoprogress.engine import root
from book.ledger.citation import Work, work
from book.site import pdf_html
from book.site.foot import PDF, PDF_LINK, PDF_MARKED

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
NOT_NEEDED = ("gpu", "quic", "background-networking", "component-update", "sync")
FLAGS = ["--no-sandbox", "--no-first-run", *(f"--disable-{name}" for name in NOT_NEEDED)]
SHEET = {"width": 673, "height": 980}  # px between the margins of A4, so that what fits the window fits the sheet
SETTING = {"viewport": SHEET, "color_scheme": "light", "offline": True}
PATIENCE_MS = 180_000
DATES = re.compile(rb"(/(?:CreationDate|ModDate) \(D:)\d{14}")
SMALLEST = 0.5  # no table is set smaller than this share of its size
ASSEMBLED = "_printed.html"
TAKEAWAY_LIST = '<section class="takeaway" id="take-away"><h2>Take away</h2><ul>'
FOOT = """<div style="width:100%; padding:0 16mm; font:7pt sans-serif; color:#5c6673; display:flex;
justify-content:space-between"><span>{title}, version {version}</span><span class='pageNumber'></span></div>"""
FIT = Path(__file__).with_name("fit.js").read_text(encoding="utf-8")
HEADINGS = """[...document.querySelectorAll('h1, h2, h3, h4, h5, h6')]
  .map(node => node.textContent.replace(/\\s+/g, ' ').trim())"""
NUMBER = f"""numbers => document.querySelectorAll('{pdf_html.SHEETS}')
  .forEach((node, place) => {{ node.textContent = numbers[place]; }})"""
WIDEN = "width => Plotly.relayout(document.querySelector('.plotly-graph-div'), {width}).then(() => true)"


class NotPrinted(RuntimeError):
    """The book could not be printed; the message says why."""


def browser_path() -> str | None:
    """Return the path of the system's Chromium, or None."""
    return next((path for name in BROWSERS if (path := shutil.which(name))), None)


@contextmanager
def chromium() -> Iterator[Browser]:
    """Open the system's Chromium. Raises `NotPrinted` if there is none or it fails."""
    program = browser_path()
    if program is None:
        raise NotPrinted("no Chromium on this machine (Debian: apt-get install chromium)")
    try:
        with sync_playwright() as playwright:
            opened = playwright.chromium.launch(executable_path=program, args=FLAGS)
            yield opened
            opened.close()
    except Error as error:
        raise NotPrinted(f"Chromium: {str(error).splitlines()[0]}") from error


def print_site(site: Path, cited: Work) -> Path:
    """Print the pages of a built site into `algoprogress.pdf` at its root, link to it, and return its path.

    Raises `NotPrinted` if there is no site or no Chromium, or if a table or formula does not fit the sheet.
    """
    if not (site / "index.html").is_file():
        raise NotPrinted(f"no site in {site}: `make book` builds it")
    names = pdf_html.pages(site)
    with chromium() as browser:
        text = pdf_html.document(site, cited, names, interactive(browser, site, names))
        pdf = printed(browser, site, cited, text, names)
    # The day of the version for its dates, so that it does not change by itself; as long as before, so offsets stay.
    (site / PDF).write_bytes(DATES.sub(rb"\g<1>%d000000" % int(f"{cited.released:%Y%m%d}"), pdf))
    link(site)
    return site / PDF


def sheet(browser: Browser) -> Page:
    """Return an empty page as wide as the sheet, with patience for a busy machine."""
    page = browser.new_context(**SETTING).new_page()
    page.set_default_timeout(PATIENCE_MS)
    return page


def interactive(browser: Browser, site: Path, names: Sequence[str]) -> dict[str, str]:
    """Return, by page, what the plotting library draws on the pages that need its script."""
    found = {}
    for name in names:
        if "plotly-graph-div" not in (site / f"{name}.html").read_text(encoding="utf-8"):
            continue
        page = sheet(browser)
        page.goto((site / f"{name}.html").as_uri())
        page.wait_for_selector(".plotly-graph-div .main-svg .trace", state="attached")
        page.evaluate(WIDEN, SHEET["width"])
        found[name] = page.locator(".plotly-graph-div").first.evaluate("node => node.outerHTML")
        page.context.close()
    return found


def printed(browser: Browser, site: Path, cited: Work, text: str, names: Sequence[str]) -> bytes:
    """Return a document as PDF with bookmarks. Raises `NotPrinted` if it is too wide.

    It is printed twice: a draft tells on which sheet each page begins, for the lines of its contents. The document is
    kept beside the site.
    """
    source = site / ASSEMBLED  # beside the styles and scripts that it refers to
    source.write_text(text, encoding="utf-8")
    try:
        page = sheet(browser)
        page.emulate_media(media="print")
        page.goto(source.as_uri())
        page.evaluate("window.MathJax?.startup?.promise.then(() => true)")
        if too_wide := page.evaluate(FIT, SMALLEST):
            raise NotPrinted(f"too wide for the sheet: {', '.join(too_wide)}")
        titles, foot = page.evaluate(HEADINGS), FOOT.format(title=cited.title, version=cited.version)
        ends = {"display_header_footer": True, "header_template": "<span></span>", "footer_template": foot}
        options = {"prefer_css_page_size": True, "print_background": True, **ends}
        page.evaluate(NUMBER, sheets(page.pdf(**options), names))
        return retitled(page.pdf(outline=True, tagged=True, **options), titles)
    finally:
        source.replace(site.parent / ASSEMBLED)


def retitled(pdf: bytes, titles: Sequence[str]) -> bytes:
    """Return the PDF with its bookmarks named after the headings, in order.

    Chromium runs the lines of a heading together, and repeats one that it moved to the next sheet. Raises `NotPrinted`
    if there are not as many bookmarks as headings.
    """
    writer = PdfWriter(PdfReader(io.BytesIO(pdf)), incremental=True)
    marks = list(_bookmarks(writer.root_object["/Outlines"]))
    if len(marks) != len(titles):
        raise NotPrinted(f"{len(marks)} bookmarks for {len(titles)} headings")
    for mark, title in zip(marks, titles, strict=True):
        mark[NameObject("/Title")] = TextStringObject(title)
    with io.BytesIO() as target:
        writer.write(target)
        return target.getvalue()


def _bookmarks(parent) -> Iterator:
    """Yield the bookmarks below one, or below the root of the outline, in order."""
    each = parent.get("/First")
    while each is not None:
        mark = each.get_object()
        yield mark
        yield from _bookmarks(mark)
        each = mark.get("/Next")


def sheets(pdf: bytes, names: Sequence[str]) -> list[int]:
    """Return the number of the sheet on which each page of the book begins, in their order."""
    reader = PdfReader(io.BytesIO(pdf))
    places = {place.lstrip("/"): goal for place, goal in reader.named_destinations.items()}
    return [reader.get_destination_page_number(places[pdf_html.told_apart(name)]) + 1 for name in names]


def link(site: Path) -> None:
    """Put links to the PDF at the foot of every page and among the files of the front page."""
    item = f'<li><a href="{PDF}" download>{PDF}</a>: the whole book to print</li>'
    for path in site.rglob("*.html"):
        page, marks = PDF_MARKED.subn(PDF_LINK, path.read_text(encoding="utf-8"))
        if marks:
            path.write_text(page.replace(TAKEAWAY_LIST, TAKEAWAY_LIST + item), encoding="utf-8")


def main(site: Path | None = None) -> int:
    """Print the built book and say so; return 1 and say why if that is impossible."""
    start = time.perf_counter()
    try:
        path = print_site(site or root() / "_build" / "html", work())
    except NotPrinted as error:
        print(f"pdf: NOT made: {error}", file=sys.stderr, flush=True)
        return 1
    print(f"pdf: {path} in {time.perf_counter() - start:.1f} s", flush=True)
    return 0
