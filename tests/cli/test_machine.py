"""Whatever the machine does, the command line ends in a clear line and the right status, and leaves nothing behind."""

from __future__ import annotations

import errno
import os
import signal
import stat
import subprocess
import sys
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from algoprogress import cli as command
from algoprogress.data import template_path
from algoprogress.engine import cache, write_whole

RUNS = str(template_path("runs"))
ASKED = ["frontier", RUNS, "--reference", "old", "--new", "new", "--draws", "50"]
SLEEPING = """
import signal
import sys
from pathlib import Path
from algoprogress import cli
from algoprogress.engine import parallel
import parallel_tasks
signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background job would not hear it
print("begun", flush=True)
tasks = [(Path(sys.argv[1]), k, 60) for k in range(4)]
sys.exit(cli.ended(lambda: parallel.mapped(parallel_tasks.marked, tasks, label="")))
"""


@pytest.fixture
def home(tmp_path, monkeypatch):
    """Return an empty folder of a user, where nothing has been kept yet; the tables are those of the repository."""
    data = Path(__file__).parents[2] / "data"
    (tmp_path / "root").mkdir()
    (tmp_path / "root" / "data").symlink_to(data)
    monkeypatch.setenv("ALGOPROGRESS_ROOT", str(tmp_path / "root"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    cache._key.cache_clear()
    cache._say_once.cache_clear()
    yield tmp_path
    os.environ.pop(cache.HANDED, None)
    cache._key.cache_clear()
    cache._say_once.cache_clear()


def started(*arguments: str, code: str = "", **environment: str) -> subprocess.Popen:
    """Return a process of its own group that runs a command, or some code."""
    words = ["-c", code, *arguments] if code else ["-m", "algoprogress.cli", *arguments]
    options = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True, "start_new_session": True}
    return subprocess.Popen([sys.executable, *words], env=os.environ | environment, **options)


@contextmanager
def notes() -> Iterator[None]:
    """Show our notes, which are errors elsewhere in the tests."""
    with warnings.catch_warnings():
        warnings.simplefilter("always", cache.NotKept)
        yield


def kept(folder: Path) -> list[Path]:
    return [path for path in (folder / "root" / "_build").rglob("*") if path.is_file()]


@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_ends_the_work_and_the_workers(number, status, home):
    (home / "marks").mkdir()
    process = started(
        str(home / "marks"), code=SLEEPING, PYTHONPATH=os.pathsep.join([*sys.path, str(Path(__file__).parents[1])])
    )
    assert process.stdout.readline() == "begun\n"
    until = time.monotonic() + 60
    while not list((home / "marks").iterdir()) and time.monotonic() < until:
        time.sleep(0.1)
    workers = psutil.Process(process.pid).children(recursive=True)
    process.send_signal(number)
    said = process.communicate(timeout=60)[1]
    assert process.returncode == status, said
    assert "what was finished is kept" in said and "Traceback" not in said
    assert not psutil.wait_procs(workers, timeout=10)[1]
    assert workers and not kept(home)


def test_signals_are_heard_in_this_process_too(capsys):
    found = signal.signal(signal.SIGINT, signal.default_int_handler)
    for number, status in ((signal.SIGINT, 130), (signal.SIGTERM, 143)):
        before = signal.getsignal(number)
        assert command.ended(lambda number=number: signal.raise_signal(number) or 0) == status
        assert signal.getsignal(number) is before
    signal.signal(signal.SIGINT, found)
    assert capsys.readouterr().err.count("\n") == 2


def test_a_closed_pipe_is_no_error():
    process = started("template", "runs")
    process.stdout.close()
    with process.stderr as said:
        assert (said.read(), process.wait(60)) == ("", 141)


def test_a_plain_terminal_another_folder_and_strict_warnings_change_no_answer(home, tmp_path):
    """No home, no locale, warnings as errors, and a name that ASCII has not."""
    (tmp_path / "mine.csv").write_text(Path(RUNS).read_text(encoding="utf-8").replace("new,", "né,"), encoding="utf-8")
    plain = {"LC_ALL": "C", "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0", "PYTHONWARNINGS": "error"}
    environment = {name: value for name, value in os.environ.items() if name not in ("HOME", "XDG_CONFIG_HOME")}
    words = [sys.executable, "-m", "algoprogress.cli", "frontier", "mine.csv", "--reference", "old", "--new", "né"]
    options = {"capture_output": True, "text": True, "cwd": tmp_path, "env": environment | plain}
    done = subprocess.run([*words, "--draws", "50", "--estimator", "smooth"], **options)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("old needs ") and "n\\xe9" in done.stdout


def test_an_answer_comes_where_nothing_can_be_kept(home, capsys, monkeypatch):
    assert command.main(ASKED) == 0
    answer = capsys.readouterr().out
    for path in kept(home):
        path.unlink()
    full = Path.write_bytes

    def write_bytes(self, content):
        full(self, content[:10])
        raise OSError(errno.ENOSPC, "No space left on device", str(self))

    monkeypatch.setattr(Path, "write_bytes", write_bytes)
    with notes():
        assert command.main(ASKED) == 0
    said = capsys.readouterr()
    assert said.out == answer and said.err.count("results cannot be kept") == said.err.count("\n") == 1
    assert not kept(home)
    out = home / "out.csv"
    with notes():
        assert command.main([*ASKED, "--csv", str(out)]) == 2
    assert "No space left on device" in capsys.readouterr().err
    assert not out.exists() and not list(home.glob("*.tmp"))


def test_a_folder_that_cannot_be_written_costs_no_answer(home, capsys):
    (home / "root" / "_build").write_text("no folder", encoding="utf-8")
    with notes():
        assert command.main(ASKED) == 0
    said = capsys.readouterr()
    assert said.out.startswith("old needs ") and said.err.startswith("note: results cannot be kept in ")


def test_results_of_others_are_not_read(home, capsys):
    """Those signed with another key, of which one might run anything."""
    assert command.main(ASKED) == 0
    answer, before = capsys.readouterr().out, {path: path.read_bytes() for path in kept(home)}
    key = home / "config" / "algoprogress" / "results.key"
    assert stat.S_IMODE(key.stat().st_mode) == 0o600 and len(key.read_bytes()) == cache.KEY_BYTES and before
    key.unlink()
    cache._key.cache_clear()
    with notes():
        assert command.main(ASKED) == 0
    said = capsys.readouterr()
    assert said.out == answer
    assert said.err.count("that this user has not written are not read") == said.err.count("\n") == 1
    assert all(path.read_bytes() != content for path, content in before.items())  # made anew, under the new key
    assert command.main(ASKED) == 0 and capsys.readouterr().err == ""


def test_a_key_that_cannot_be_kept_is_that_of_the_processes_that_are_started(home, monkeypatch):
    monkeypatch.setenv(cache.HANDED, "")
    monkeypatch.delenv(cache.HANDED)
    (home / "config").write_text("no folder")
    cache.share()
    ours, code = cache._key(), "from algoprogress.engine import cache; print(cache._key().hex())"
    for _ in range(2):
        told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
        assert told.stdout.strip() == ours.hex() == os.environ[cache.HANDED]


def test_a_key_that_others_can_read_is_not_trusted(home):
    own = cache._key()
    key = home / "config" / "algoprogress" / "results.key"
    assert cache._key() == own == key.read_bytes()
    key.chmod(0o644)
    cache._key.cache_clear()
    assert cache._key() != own


def test_two_at_once_say_the_same(home):
    both = [started(*ASKED) for _ in range(2)]
    said = [each.communicate(timeout=300) for each in both]
    assert said[0] == said[1] and said[0][0].startswith("old needs ") and said[0][1] == ""
    assert not [path for path in kept(home) if path.suffix == ".tmp"]


def test_a_file_is_written_whole_or_not_at_all(tmp_path, monkeypatch):
    place = tmp_path / "out.csv"
    write_whole(place, b"first")

    def replace(self, target):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(Path, "replace", replace)
        write_whole(place, b"second")
    assert [path.read_bytes() for path in tmp_path.iterdir()] == [b"first"]
