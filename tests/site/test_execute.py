"""Pages are executed side by side, and Sphinx's reader finds them executed."""

from __future__ import annotations

import inspect
from importlib import import_module

import nbformat
import pytest
from jupyter_cache import get_cache
from myst_nb.core.read import read_myst_markdown_notebook

from book.ledger import ledger
from book.site import execute

HEAD = """---
jupytext:
  text_representation:
    extension: .md
    format_name: myst
kernelspec:
  display_name: Python 3
  language: python
  name: python3
---
# A page
"""


def cell(code: str) -> str:
    return f"\n```{{code-cell}} ipython3\n{code}\n```\n"


@pytest.fixture
def folder(tmp_path):
    """Return a small book: a front page, a page with code, one that fails and one without code."""
    texts = {
        "index": cell("print(1 + 1)"),
        "chapters/good": cell("print(6 * 7)"),
        "chapters/bad": cell("1 / 0"),
        "chapters/plain": "",
    }
    (tmp_path / "chapters").mkdir()
    for name, text in texts.items():
        (tmp_path / f"{name}.md").write_text((HEAD if text else "# A page\n") + text, encoding="utf-8")
    listing = "".join(f"      - file: {name}\n" for name in list(texts)[1:])
    toc = f"format: jb-book\nroot: index\nparts:\n  - caption: all\n    chapters:\n{listing}"
    (tmp_path / "_toc.yml").write_text(toc, encoding="utf-8")
    return tmp_path


def test_a_study_that_fails_is_told_and_other_pages_are_done(folder, monkeypatch):
    monkeypatch.setattr(execute, "PARTS", ("nowhere.study.part", "selection.study.not_asked_for"))
    heard = []
    found = execute.execute(folder, folder / "executed", studies=("nowhere",), workers=1, heed=heard.append)
    names = [work.name for work in heard]
    assert names.index("nowhere.study.part") < names.index("nowhere")
    assert "selection.study.not_asked_for" not in names
    assert [work.name for work in found] == ["nowhere", "index", "chapters/good", "chapters/bad"]
    assert "no module 'book.studies.nowhere.claims'" in found[0].error and not found[1].error


def test_a_page_finds_its_imports_done(folder):
    found = cell("import sys\nprint('book.picture' in sys.modules, 'debugpy' in sys.modules)")
    (folder / "index.md").write_text(HEAD + found, encoding="utf-8")
    execute.execute(folder, folder / "executed", workers=1)
    kept = nbformat.read(folder / "executed" / "index.ipynb", as_version=4)
    assert [each.outputs[0].text for each in kept.cells if each.cell_type == "code"] == ["True True\n"]


@pytest.mark.parametrize("part", execute.PARTS)
def test_a_part_of_a_study_is_one_of_its_functions(part):
    module, _, function = part.rpartition(".")
    assert part.partition(".")[0] in ledger.STUDIES
    assert not inspect.signature(getattr(import_module(f"book.studies.{module}"), function)).parameters


def test_pages_are_executed_in_order_and_found_by_their_cells(folder):
    heard = []
    found = execute.execute(folder, folder / "executed", workers=2, heed=heard.append)
    assert [page.name for page in found] == ["index", "chapters/good", "chapters/bad"]
    assert [bool(page.error) for page in found] == [False, False, True]
    assert "ZeroDivisionError" in found[-1].error
    assert set(heard) == set(found)
    kept = nbformat.read(folder / "executed" / "chapters" / "good.ipynb", as_version=4)
    assert [each.outputs[0].text for each in kept.cells if each.cell_type == "code"] == ["42\n"]
    assert not (folder / "executed" / "chapters" / "bad.ipynb").exists()
    path = folder / "chapters" / "good.md"
    again = read_myst_markdown_notebook(path.read_text(encoding="utf-8"), path=path)
    record = get_cache(folder / "executed" / execute.KEPT).match_cache_notebook(again)
    assert record.data["execution_seconds"] > 0.0
