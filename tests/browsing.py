"""Opens pages of the built site for the tests, and notes what they ask for and complain of."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from urllib.parse import unquote, urlsplit

from bs4 import BeautifulSoup
from playwright.sync_api import Browser, Page

from algoprogress.engine import root
from book.site import execute

SITE = root() / "_build" / "html"
PAGES = execute.listed(root())
LOCAL = ("file", "data", "blob")
PATIENCE_MS = 120_000  # with a page that never gets there, on a slow machine too
READY = "window.MathJax?.startup?.promise.then(() => true)"


@dataclass
class Ear:
    """What a browser's pages said since the last `start`: addresses outside, complaints, and all that was asked for."""

    home: str = ""

    def start(self) -> None:
        """Forget everything."""
        self.outside: list[str] = []
        self.complaints: list[str] = []
        self.asked: list[str] = []

    def listen(self, page: Page) -> Page:
        """Return the page, with its requests and messages noted from now on."""
        self.start()
        page.set_default_timeout(PATIENCE_MS)
        page.on("request", self._request)
        page.on("response", lambda answer: answer.status < 400 or self.complaints.append(answer.url))
        page.on("console", lambda said: said.type in ("warning", "error") and self.complaints.append(said.text))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        return page

    def _request(self, request) -> None:
        """Note one request."""
        self.asked.append(request.url)
        at_home = bool(self.home) and request.url.startswith(self.home)
        if urlsplit(request.url).scheme not in LOCAL and not at_home:
            self.outside.append(request.url)


@cache
def soup(path: Path) -> BeautifulSoup:
    """Return a parsed page of the site."""
    return BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser")


@cache
def ids(path: Path) -> frozenset[str]:
    """Return all ids of a page of the site, which a long page has thousands of."""
    return frozenset(tag["id"] for tag in soup(path).find_all(id=True))


def opened(
    disk: tuple[Page, Ear], name: str, *, width: int = 1280, scheme: str = "light", place: str = ""
) -> tuple[Page, Ear]:
    """Open a page of the site, or a place or query of it, from disk, offline, and wait until its formulas are drawn."""
    page, ear = disk
    page.set_viewport_size({"width": width, "height": 900})
    page.emulate_media(color_scheme=scheme, media="screen", reduced_motion="no-preference")
    ear.start()
    page.goto("about:blank")  # else an address that differs only behind the # is not loaded again
    page.goto(f"{(SITE / name).as_uri()}.html{place}")
    page.evaluate(READY)  # formulas change the width of a page
    return page, ear


def open_page(browser: Browser, name: str, width: int = 1280, place: str = "") -> tuple[Page, list[str], list[str]]:
    """Open a page from disk in a window of its own, offline; return it with the outside addresses and complaints."""
    ear = Ear()
    page = ear.listen(browser.new_context(offline=True).new_page())
    opened((page, ear), name, width=width, place=place)
    return page, ear.outside, ear.complaints


def leads_somewhere(path: Path, address: str) -> bool:
    """Return whether a link of a page is outside of the site, or leads to a file, and to an id in it."""
    parts = urlsplit(address)
    if parts.scheme or parts.netloc:
        return parts.scheme in ("https", "http", "mailto")
    target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
    if not target.is_file():
        return False
    if not parts.fragment or "=" in parts.fragment or target.suffix != ".html":  # the choices of dials are no id
        return True
    return unquote(parts.fragment) in ids(target)
