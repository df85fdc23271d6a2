"""A result is outdated by what it is made of, code that computes and tables that are read, and by nothing else."""

from __future__ import annotations

import ast
import itertools
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from algoprogress.engine import data_dir, root
from algoprogress.engine import made_of as made

ASKED = (
    "algoprogress.fits.resample",
    "book.studies.how_fast.study",
    "book.studies.selection.study",
    "book.studies.selection.claims",
    "book.studies.ablations.study",
)
FITTED, RUNS = set(ASKED[:4]), {ASKED[4]}  # what rests on fits of laws, and on training runs alone
DIGESTS = "import json, sys; from algoprogress.engine.made_of import made_of\n"
DIGESTS += "print(json.dumps({name: made_of(name) for name in sys.argv[1:]}))"


@pytest.fixture
def house(tmp_path) -> Path:
    """Return a copy of the packages and of the tables, to be changed."""
    shutil.copytree(made.LIBRARY, tmp_path / "lib", ignore=shutil.ignore_patterns("__pycache__", "*.egg-info"))
    (tmp_path / "data").mkdir()
    for path in data_dir().glob("*.csv"):
        shutil.copy(path, tmp_path / "data")
    return tmp_path


def outdated(house: Path, *changes: Callable[[], object]) -> list[set[str]]:
    """Return which of the modules `ASKED` have another digest after each change, in new processes."""
    environment = os.environ | {"PYTHONPATH": str(house / "lib"), "ALGOPROGRESS_ROOT": str(house)}

    def digests() -> dict[str, str]:
        done = subprocess.run(
            [sys.executable, "-c", DIGESTS, *ASKED], env=environment, cwd=house, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    states = [digests()]
    for change in changes:
        change()
        states.append(digests())
    pairs = itertools.pairwise(states)
    return [{name for name in ASKED if before[name] != after[name]} for before, after in pairs]


def edit(path: Path, old: str, new: str) -> Callable[[], object]:
    """Return a change of the first occurrence of a text in a file that has it."""

    def change() -> None:
        text = path.read_text(encoding="utf-8")
        assert old in text, (path, old)
        path.write_text(text.replace(old, new, 1), encoding="utf-8")

    return change


def append(path: Path, text: str) -> Callable[[], object]:
    """Return a change that puts a text at the end of a file."""
    return lambda: path.write_text(path.read_text(encoding="utf-8") + text, encoding="utf-8")


def test_words_and_what_only_shows_outdate_nothing(house):
    library, studies = house / "lib" / "algoprogress", house / "lib" / "book" / "studies"
    found = outdated(
        house,
        lambda: (
            edit(library / "laws" / "law.py", '"""', '"""Other words. ')(),
            append(library / "fits" / "solver.py", "\n\n# a comment\n")(),
            edit(library / "fits" / "fit.py", "\nPENALTY", "\n\n\nPENALTY")(),
            append(studies / "selection" / "figures.py", "\nCAPTION = 'another'\n")(),
            append(studies / "robustness" / "tables.py", "\nFORMAT = '.3f'\n")(),
            append(studies / "how_fast" / "figures.py", "\nCAPTION = 'another'\n")(),
            append(library / "show" / "words.py", "\nFORMAT = '.3f'\n")(),
            append(house / "lib" / "book" / "computed.py", "\nDIGITS = 3\n")(),
            append(library / "data" / "check.py", "\nRULE = 'must be'\n")(),
            append(library / "engine" / "parallel.py", "\nLABEL = 'tasks'\n")(),
        ),
    )
    assert found == [set()]


def test_a_line_that_computes_outdates_what_rests_on_it(house):
    library, studies = house / "lib" / "algoprogress", house / "lib" / "book" / "studies"
    found = outdated(
        house,
        edit(library / "fits" / "solver.py", "TOLERANCE = 1e-8", "TOLERANCE = 1e-9"),
        append(studies / "selection" / "study.py", "\nEXTRA = 1\n"),
        append(studies / "selection" / "claims.py", "\nEXTRA = 1\n"),
        append(studies / "ablations" / "study.py", "\nEXTRA = 1\n"),
    )
    assert found == [FITTED, {ASKED[2], ASKED[3]}, {ASKED[3]}, RUNS]


def test_a_table_outdates_just_what_reads_it(house):
    behind = {name: set(made.tables_behind(name)) for name in ASKED}
    chosen = ("ablation_runs", "laws", "claims", "milestones")
    found = outdated(house, *(append(house / "data" / f"{name}.csv", "\n") for name in chosen))
    assert found == [{each for each in ASKED if name in behind[each]} for name in chosen]
    assert found[0] == RUNS


def test_evaluations_are_never_read_without_their_corrections():
    assert {"evaluations", "corrections"} <= set(made.tables_behind("book.studies.robustness.study"))


def test_every_table_is_read_by_its_literal_name():
    """Else a result would not be known to rest on it."""
    hidden = []
    for path in [*made.LIBRARY.glob("book/**/*.py"), *made.LIBRARY.glob("algoprogress/f*/*.py")]:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            called = isinstance(node, ast.Call) and ast.unparse(node.func) == "tables.read"
            if called and not isinstance(node.args[0], ast.Constant):
                hidden.append(f"{path.relative_to(root())}:{node.lineno}")
    assert hidden == []


def test_a_function_of_a_module_that_is_not_ours_has_its_digest():
    assert len(made.made_of(__name__)) == 16
    with pytest.raises(ModuleNotFoundError, match=r"no module 'algoprogress.nowhere'"):
        made.made_of("algoprogress.nowhere")


def test_the_digest_is_quick():
    taken = []
    for _ in range(3):
        made._source.cache_clear()
        made.made_of.cache_clear()
        start = time.process_time()
        made.made_of("book.studies.explorer.widget")
        taken.append(time.process_time() - start)
    assert min(taken) < 0.8  # half of it on an idle core
