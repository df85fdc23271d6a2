"""The library works from its wheel alone, away from this repository: the example of the README prints its numbers."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

import algoprogress as ap
from algoprogress.engine import root

EXAMPLE = re.search(
    r"```python\n(import algoprogress as ap\n.*?)```", (root() / "README.md").read_text(encoding="utf-8"), re.DOTALL
)[1]
SLOW = ("ap.profile(", "sample + mine", "my_evaluations")  # each another long computation
FEW = 300  # resamples; each is the same however many there are


def run(*command: object, **options) -> str:
    """Return what a command prints; fail with what it says if it does not succeed."""
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, **options)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def python(tmp_path_factory) -> Path:
    """Return the Python of a new environment that holds the wheel, and sees what it needs where that lies already."""
    folder = tmp_path_factory.mktemp("wheel")
    build = ("wheel", root(), "--no-deps", "--no-build-isolation", "--quiet", "--wheel-dir", folder)
    run(sys.executable, "-m", "pip", *build)
    run(sys.executable, "-m", "venv", "--without-pip", folder / "venv")
    (wheel,) = folder.glob("algoprogress-*.whl")
    found = folder / "venv" / "bin" / "python"
    options = ("--no-deps", "--no-index", "--ignore-installed", "--quiet")  # whatever else is within reach
    run(sys.executable, "-m", "pip", "--python", found, "install", *options, wheel)
    (site,) = (folder / "venv" / "lib").glob("python*/site-packages")
    ours, theirs = root() / "lib" / "algoprogress", site / "algoprogress"
    for path in [*ours.rglob("*.nbi"), *ours.rglob("*.nbc")]:  # what is compiled here holds for the same source there
        (theirs / path.relative_to(ours)).parent.mkdir(exist_ok=True)
        shutil.copy2(path, theirs / path.relative_to(ours))
    for path in ours.rglob("*.py"):
        shutil.copystat(path, theirs / path.relative_to(ours))
    (site / "pinned.pth").write_text(sysconfig.get_path("purelib") + "\n", encoding="utf-8")
    return found


@pytest.fixture
def away(tmp_path) -> dict:
    """Return the options of a process in another folder, with a cache of its own and without this repository."""
    hidden = ("PYTHONPATH", "ALGOPROGRESS_ROOT", "ALGOPROGRESS_SCHEDULER")
    kept = {name: value for name, value in os.environ.items() if name not in hidden}
    return {"cwd": tmp_path, "env": kept | {"XDG_CACHE_HOME": str(tmp_path / "cache")}}


def printing(example: str) -> str:
    """Return the example with every question printed, without the slow ones, and with few resamples."""
    lines = [line for line in example.splitlines() if not any(part in line for part in SLOW)]
    few = [line.replace('by="paper")', f'by="paper", draws={FEW})') for line in lines]
    return "\n".join(re.sub(r"^(ap\.\w+\([^#]*\))", r"print(\1)", line) for line in few)


def test_the_example_prints_the_numbers_of_the_book_from_the_wheel_alone(python, away):
    said = run(python, "-c", printing(EXAMPLE), **away).splitlines()
    sample, law = ap.evaluations().published_sample(), ap.law("7")
    runs = ap.read("family_runs").query("collection == 'published'")
    lstm, modern = (ap.frontier(runs[runs.family == name]) for name in ("lstm", "modern"))
    assert said == [str(ap.doubling_time(ap.bootstrap(law, sample, draws=FEW))), str(ap.gain(lstm, modern))]
    assert f"draws={FEW}" in printing(EXAMPLE)
    assert str(ap.doubling_time(ap.bootstrap(law, sample))) == "7.0 months [3.2, above 34.4]"


def test_the_wheel_lies_elsewhere_and_keeps_results_with_the_user(python, away):
    asked = "import algoprogress, algoprogress.engine as places; print(algoprogress.__file__, places.root())"
    place, kept = run(python, "-c", asked, **away).split()
    assert not Path(place).is_relative_to(root())
    assert Path(kept) == away["cwd"] / "cache" / "algoprogress"
    assert "False" in run(python, "-c", "import importlib.util as u; print(bool(u.find_spec('book')))", **away)


def test_the_command_line_of_the_wheel_checks_its_own_template(python, away):
    command = python.with_name("algoprogress")
    (away["cwd"] / "mine.csv").write_text(run(command, "template", "law", **away), encoding="utf-8")
    assert "nothing wrong" in run(command, "check", "mine.csv", **away)
