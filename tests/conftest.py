"""What all tests share: one browser for each process, as a second one cannot be driven beside it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from book.site import pdf


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Open the system's Chromium for all tests."""
    if pdf.browser_path() is None:
        pytest.fail("no Chromium on this machine: .ci/run shows how to install it on Debian")
    with pdf.chromium() as opened:
        yield opened
