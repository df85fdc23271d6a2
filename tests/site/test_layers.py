"""Who may import whom: the contracts of pyproject.toml hold, and an import that breaks one is found."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml

from algoprogress.engine import root

WRONG = {  # a line that is added to a module, and what the linter then says
    ("algoprogress/laws/law.py", "from book.studies.law import study"): "algoprogress.laws is not allowed to import",
    ("algoprogress/laws/law.py", "from algoprogress.fits import fit"): "algoprogress.laws is not allowed to import",
    ("book/studies/law/study.py", "from book.studies.bayes import study"): "book.studies.law is not allowed to import",
    ("book/studies/law/fits.py", "from book.studies.law import figures"): "book.studies.law.fits is not allowed to",
    (
        "book/studies/bayes/figures.py",
        "from book.studies.law import claims",
    ): "book.studies.bayes.figures is not allowed",
}


def linted(folder: Path) -> subprocess.CompletedProcess:
    """Run the linter on the library in a folder, as if it were the repository."""
    program = Path(sys.executable).with_name("lint-imports")
    environment = os.environ | {"PYTHONPATH": str(folder / "lib"), "COLUMNS": "200"}
    command = [program, "--no-cache", folder / "pyproject.toml"]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)


def test_every_import_goes_the_way_that_it_may():
    done = linted(root())
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(("module", "line"), WRONG)
def test_a_wrong_import_is_found(tmp_path, module, line):
    shutil.copytree(root() / "lib", tmp_path / "lib", ignore=shutil.ignore_patterns("__pycache__", "*.egg-info"))
    shutil.copy(root() / "pyproject.toml", tmp_path)
    with (tmp_path / "lib" / module).open("a", encoding="utf-8") as file:
        file.write(f"\n{line}\n")
    done = linted(tmp_path)
    assert done.returncode == 1 and WRONG[module, line] in done.stdout


def test_each_study_has_a_layer_and_a_chapter():
    """The order of the layers is that of the computations, which is not the one in which a reader wants the answer."""
    contracts = tomllib.loads((root() / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]
    [layers] = [each["layers"] for each in contracts["contracts"] if each.get("containers") == ["book.studies"]]
    toc = yaml.safe_load((root() / "_toc.yml").read_text(encoding="utf-8"))
    pages = [Path(entry["file"]).name for part in toc["parts"] for entry in part["chapters"]]
    assert set(layers) <= set(pages)
    folders = {path.parent.name for path in (root() / "lib" / "book" / "studies").glob("*/__init__.py")}
    assert folders == set(layers)
