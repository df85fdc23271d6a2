"""What all tests share: one browser for each process, as a second one cannot be driven beside it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from algoprogress.engine import root
from book.site import build, pdf
from browsing import SITE


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Open the system's Chromium for all tests."""
    if pdf.browser_path() is None:
        pytest.fail("no Chromium on this machine: .ci/run shows how to install it on Debian")
    with pdf.chromium() as opened:
        yield opened


@pytest.fixture(scope="session")
def built_site() -> Path:
    """Return the folder of the site, if it is built and up to date."""
    stamp = root() / "_build" / "site.digest"
    if not stamp.exists() or stamp.read_text(encoding="utf-8") != build.digest(root()):
        pytest.fail("the site is not built, or something changed since: `make book` builds it, `make test` does both")
    return SITE
