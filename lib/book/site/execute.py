"""Executes the pages of the book side by side, and keeps them executed where Sphinx looks for them.

Sphinx by itself executes page after page, and of each page the start of a kernel and its imports take most seconds.
The parallel executor of jupyter-cache tells neither which page is done nor when, deals pages out in lots, and lets
each kernel greet, so the pool is one of our own.
"""

import os
import shutil
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

import nbformat
import yaml
from jupyter_cache import get_cache
from jupyter_cache.base import CacheBundleIn
from jupyter_cache.executors.utils import single_nb_execution
from myst_nb.core.read import is_myst_markdown_notebook, read_myst_markdown_notebook
from nbformat import NotebookNode

EXECUTED = "ALGOPROGRESS_EXECUTED"  # the variable that tells Sphinx where executed pages lie
KEPT = "cache"  # folder of the executed pages that Sphinx matches by their cells
SECONDS_PER_CELL = 900
QUIET = ["--log-level=ERROR"]  # a kernel greets in its log, which says nothing of a page


@dataclass(frozen=True)
class Page:
    """A page that was executed: its name, the seconds that it took, and what went wrong ("" if nothing did)."""

    name: str
    seconds: float
    error: str


def listed(folder: Path) -> list[str]:
    """Return the names of all pages, the front page first, as the table of contents has them."""
    toc = yaml.safe_load((folder / "_toc.yml").read_text(encoding="utf-8"))
    parts = toc.get("parts", [toc])
    return [toc["root"], *(entry["file"] for part in parts for entry in part.get("chapters", []))]


def execute(
    folder: Path, target: Path, *, workers: int | None = None, heed: Callable[[Page], None] = print
) -> list[Page]:
    """Execute every page that has code, each in a kernel of its own, and return what became of them in order.

    `target` is emptied, and then holds each executed page as a notebook and the folder that Sphinx reads. `heed` is
    called with each page as it is done.
    """
    shutil.rmtree(target, ignore_errors=True)
    names = [name for name in listed(folder) if is_notebook(folder / f"{name}.md")]
    done = {}
    with ProcessPoolExecutor(workers or os.cpu_count(), get_context("spawn")) as pool:
        for future in as_completed([pool.submit(_executed, folder, name) for name in names]):
            page, notebook = future.result()
            done[page.name] = page
            heed(page)
            if not page.error:
                _keep(target, page, notebook, folder)
    return [done[name] for name in names]


def is_notebook(path: Path) -> bool:
    """Return whether a page has cells to execute."""
    text = path.read_text(encoding="utf-8")
    return is_myst_markdown_notebook(text) and "```{code-cell}" in text


def _executed(folder: Path, name: str) -> tuple[Page, NotebookNode]:
    path = folder / f"{name}.md"
    notebook = read_myst_markdown_notebook(path.read_text(encoding="utf-8"), path=path)
    result = single_nb_execution(
        notebook, cwd=str(path.parent), timeout=SECONDS_PER_CELL, allow_errors=False, extra_arguments=QUIET
    )
    return Page(name, result.time, str(result.err or "")), notebook


def _keep(target: Path, page: Page, notebook: NotebookNode, folder: Path) -> None:
    place = target / f"{page.name}.ipynb"
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text(nbformat.writes(notebook), encoding="utf-8")
    bundle = CacheBundleIn(notebook, str(folder / f"{page.name}.md"), data={"execution_seconds": page.seconds})
    get_cache(target / KEPT).cache_notebook_bundle(bundle, check_validity=False, overwrite=True)
