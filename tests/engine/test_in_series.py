"""Tasks in series keep nothing on disk."""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path

import pytest

import parallel_tasks
from algoprogress.engine import parallel
from algoprogress.engine.parallel import mapped


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch) -> Path:
    """Return an empty repository, so that no result is on disk yet; no cluster is asked for."""
    monkeypatch.setenv("ALGOPROGRESS_ROOT", str(tmp_path / "home"))
    monkeypatch.delenv(parallel.VARIABLE, raising=False)
    for folder in ("home", "marks"):
        (tmp_path / folder).mkdir()
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
