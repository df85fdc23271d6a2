"""Results on disk are found again, and never met by other code, other data or other pins."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import joblib
import pytest

from algoprogress import cache, catalogue, tables


@pytest.fixture
def home(tmp_path, monkeypatch) -> Path:
    """Return a small repository with a table and pins, which the library takes for its own."""
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "evaluations.csv").write_text("row\n1\n", encoding="utf-8")
    (tmp_path / "constraints.txt").write_text("numpy==2.4.6\n", encoding="utf-8")
    monkeypatch.setenv("ALGOPROGRESS_ROOT", str(tmp_path))
    cache.digest.cache_clear()
    yield tmp_path
    cache.digest.cache_clear()


CALLS: list[tuple] = []


@cache.cached
def doubled(value, *, times: int = 1):
    """Return the value doubled, and remember that it was asked for."""
    CALLS.append((value, times))
    return 2 * value * times


def places(folder: Path) -> set[str]:
    """Return the names of the places where results lie."""
    return {path.name for path in (folder / "_build" / "cache").iterdir()}


def test_a_result_is_found_again(home):
    CALLS.clear()
    assert [doubled(3), doubled(3), doubled(value=3), doubled(3, times=1)] == [6] * 4
    assert CALLS == [(3, 1)]
    assert [doubled(4), doubled(3, times=2)] == [8, 12]
    assert CALLS == [(3, 1), (4, 1), (3, 2)]
    assert places(home) == {cache.digest(home)}
    assert doubled.__name__ == "doubled"


@pytest.mark.parametrize("changed", ["data/evaluations.csv", "constraints.txt", "data/new.csv"])
def test_results_do_not_outlive_the_data_or_the_pins(home, changed):
    CALLS.clear()
    doubled(3)
    (home / changed).write_text("row\n2\n", encoding="utf-8")
    cache.digest.cache_clear()  # as in a new process
    assert doubled(3) == 6
    assert CALLS == [(3, 1), (3, 1)]
    assert len(places(home)) == 2


def test_results_do_not_outlive_the_code_that_computes(home, tmp_path, monkeypatch):
    library = tmp_path / "lib"
    shutil.copytree(Path(cache.__file__).parent, library, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(cache, "__file__", str(library / "cache.py"))

    def digest_after(module: str) -> str:
        with (library / f"{module}.py").open("a", encoding="utf-8") as handle:
            handle.write("# changed\n")
        cache.digest.cache_clear()
        return cache.digest(home)

    before = digest_after("law")
    for computes in ("law", "solver", "fit", "resample", "sample"):
        after = digest_after(computes)
        assert after != before, computes
        before = after
    for presents in ("style", "report", "bookext"):
        assert digest_after(presents) == before, presents


HASH = """
import joblib
from algoprogress import catalogue, tables
sample = tables.evaluations().published_sample()
print(joblib.hash([sample, sample.reviewed(), catalogue.law("7")]))
"""


def test_a_sample_is_the_same_key_in_every_process():
    def key(seed: str) -> str:
        environment = {**os.environ, "PYTHONHASHSEED": seed}
        done = subprocess.run([sys.executable, "-c", HASH], env=environment, capture_output=True, text=True, check=True)
        return done.stdout.strip()

    sample = tables.evaluations().published_sample()
    assert {key("1"), key("2")} == {joblib.hash([sample, sample.reviewed(), catalogue.law("7")])}


def test_looking_at_a_sample_does_not_change_its_key():
    sample = tables.evaluations().published_sample()
    before = joblib.hash(sample)
    str(sample.frame), sample.frame.loc[3], sample.frame.groupby("paper_id").size()  # rearrange pandas inside
    catalogue.law("7").design(sample.frame)
    assert joblib.hash(sample) == before


def test_another_value_is_another_key():
    sample = tables.evaluations().published_sample()
    other = tables.evaluations().published_sample()
    other.frame.loc[0, "perplexity"] += 1e-9
    assert joblib.hash(sample) != joblib.hash(other)
    assert joblib.hash(sample) != joblib.hash(sample.reviewed())
