"""Two ways to leave nothing behind: tasks in series keep nothing on disk, and `elsewhere` computes afresh."""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path

import pytest

import parallel_tasks
from algoprogress.engine import cache, parallel
from algoprogress.engine.parallel import mapped

CALLS: list[int] = []


@cache.cached
def doubled(value: int) -> int:
    """Return the value doubled, and remember that it was asked for."""
    CALLS.append(value)
    return 2 * value


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch) -> Path:
    """Return an empty repository, so that no result is on disk yet; no cluster is asked for."""
    monkeypatch.setenv("ALGOPROGRESS_ROOT", str(tmp_path / "home"))
    monkeypatch.setenv("TMPDIR", str(tmp_path / "temporary"))
    monkeypatch.setattr(cache.tempfile, "tempdir", None)  # looked up anew, from TMPDIR
    monkeypatch.delenv(parallel.VARIABLE, raising=False)
    for folder in ("home", "temporary", "marks"):
        (tmp_path / folder).mkdir()
    CALLS.clear()
    return tmp_path / "home"


@pytest.fixture
def tasks(tmp_path) -> list[tuple]:
    """Return three tasks that leave a mark at each run."""
    return [(tmp_path / "marks", number, 0.0) for number in range(3)]


def runs(tasks: list[tuple]) -> Counter[int]:
    """Return how often each task has run, by number."""
    return Counter(int(path.name.split("-")[0]) for path in tasks[0][0].iterdir())


def files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def test_tasks_in_series_run_here_and_keep_nothing(home, tasks):
    with parallel.in_series():
        assert mapped(parallel_tasks.marked, tasks, label="squares") == [0, 1, 4]
        assert mapped(parallel_tasks.process, [(1,), (2,)], label="processes") == [os.getpid()] * 2
        assert mapped(parallel_tasks.marked, tasks, label="again") == [0, 1, 4]
    assert runs(tasks) == dict.fromkeys(range(3), 2)
    assert files(home) == []


def test_tasks_in_series_read_nothing_either(tasks):
    mapped(parallel_tasks.marked, tasks, label="kept")
    with parallel.in_series():
        mapped(parallel_tasks.marked, tasks, label="not looked up")
    assert runs(tasks) == dict.fromkeys(range(3), 2)


def test_after_a_series_results_are_kept_again_even_after_an_error(home, tasks):
    with pytest.raises(ZeroDivisionError), parallel.in_series():
        raise ZeroDivisionError
    with parallel.in_series():
        with parallel.in_series():
            pass
        mapped(parallel_tasks.marked, tasks, label="still in series")
    assert files(home) == []
    for _ in range(2):
        assert mapped(parallel_tasks.marked, tasks, label="kept") == [0, 1, 4]
    assert runs(tasks) == dict.fromkeys(range(3), 2)
    assert len(files(home)) == 3


def test_elsewhere_computes_afresh_once_and_leaves_nothing(home, tasks, tmp_path):
    assert doubled(4) == 8
    mapped(parallel_tasks.marked, tasks, label="kept at home")
    at_home, temporary = {path: path.read_bytes() for path in files(home)}, set((tmp_path / "temporary").iterdir())
    assert len(at_home) == 4
    with cache.elsewhere():
        for _ in range(2):
            assert doubled(4) == 8
            assert mapped(parallel_tasks.marked, tasks, label="kept elsewhere") == [0, 1, 4]
        assert len(files(tmp_path / "temporary")) >= 4
    assert CALLS == [4, 4]
    assert runs(tasks) == dict.fromkeys(range(3), 2)
    assert set((tmp_path / "temporary").iterdir()) == temporary
    assert {path: path.read_bytes() for path in files(home)} == at_home


def test_each_elsewhere_is_a_place_of_its_own(home):
    with cache.elsewhere():
        doubled(5)
        with cache.elsewhere():
            doubled(5)
        doubled(5)
    with cache.elsewhere():
        doubled(5)
    assert CALLS == [5, 5, 5]
    assert files(home) == []


def test_after_an_error_elsewhere_results_are_kept_at_home_again(home):
    with pytest.raises(ZeroDivisionError), cache.elsewhere():
        doubled(6)
        raise ZeroDivisionError
    assert files(home) == []
    assert [doubled(6), doubled(6)] == [12, 12]
    assert CALLS == [6, 6]
    assert len(files(home)) == 1
