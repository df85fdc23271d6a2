"""What tests share: the rows and the law of the paper, tables to spoil, and a browser, of which a process has one."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import scipy.linalg  # noqa: F401  which loads the second library of linear algebra
from joblib.externals.loky import reusable_executor
from playwright.sync_api import Browser, BrowserContext, Page
from threadpoolctl import threadpool_limits
from xdist.remote import Producer
from xdist.scheduler import LoadFileScheduling

from algoprogress.data import tables
from algoprogress.engine import VARIABLE, data_dir, root
from algoprogress.laws import catalogue
from algoprogress.laws.law import Law
from book.site import build, pdf
from browsing import SITE, Ear

SLOWEST = (
    *("test_looks.py", "test_explorer_page.py", "test_site.py", "test_site_find.py", "test_look.py"),
    *("test_bayes.py", "test_wheel.py", "test_contest.py", "test_compute_optimal.py", "test_bench.py"),
)
APART = "test_looks.py::"  # whose tests share nothing, so that processes share the file
if "PYTEST_XDIST_WORKER" in os.environ:
    threadpool_limits(1)  # of each of as many processes as there are cores, else threads wait for each other


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the slowest files first: processes take turns by file, and none shall begin a long one at the end."""
    items.sort(key=lambda item: SLOWEST.index(item.path.name) if item.path.name in SLOWEST else len(SLOWEST))


class ByFile(LoadFileScheduling):
    """Gives a process a file at a time, and of the longest one a test at a time."""

    def _split_scope(self, nodeid: str) -> str:
        """Return what is done in one process: the file of a test, or only the test."""
        return nodeid if APART in nodeid else super()._split_scope(nodeid)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> ByFile:
    """Return how tests are dealt out to processes."""
    return ByFile(config, log)


@pytest.fixture(scope="session")
def sample() -> tables.Sample:
    """The evaluations of the published fits; nothing changes a sample in place."""
    return tables.evaluations().published_sample()


@pytest.fixture(scope="session")
def law() -> Law:
    """The law that the paper prefers."""
    return catalogue.law("7")


@pytest.fixture
def data(tmp_path, monkeypatch) -> Path:
    """A copy of the data folder that a test may spoil."""
    home = data_dir()
    monkeypatch.setenv("ALGOPROGRESS_ROOT", str(tmp_path))
    return shutil.copytree(home, tmp_path / "data")


@pytest.fixture(autouse=True)
def own_workers(monkeypatch) -> Iterator[None]:
    """End the processes that a test with a folder of its own began, as they look for tables there ever after."""
    home = os.environ.get(VARIABLE)
    yield
    if os.environ.get(VARIABLE) != home and reusable_executor._executor is not None:
        reusable_executor._executor.shutdown(kill_workers=True)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Open the system's Chromium for all tests."""
    if pdf.browser_path() is None:
        pytest.fail("no Chromium on this machine: .ci/run shows how to install it on Debian")
    with pdf.chromium() as opened:
        yield opened


@pytest.fixture(scope="session")
def context(browser) -> BrowserContext:
    """Return one window without a network, for all pages; a look is a change of its size and colours."""
    return browser.new_context(offline=True)


@pytest.fixture(scope="session")
def disk(context) -> tuple[Page, Ear]:
    """Return the one page that all files are opened in, and what it says."""
    ear = Ear()
    return ear.listen(context.new_page()), ear


@pytest.fixture(scope="session")
def built_site() -> Path:
    """Return the folder of the site, if it is built and up to date."""
    stamp = root() / "_build" / "site.digest"
    if not stamp.exists() or stamp.read_text(encoding="utf-8") != build.digest(root()):
        pytest.fail("the site is not built, or something changed since: `make book` builds it, `make test` does both")
    return SITE
