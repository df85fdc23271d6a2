"""Many tasks: in order, the same on any cores and on a Dask cluster, and never lost by an interruption."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import joblib
import pytest
from threadpoolctl import threadpool_limits

import parallel_tasks
from algoprogress.engine import parallel
from algoprogress.engine.parallel import VARIABLE, SchedulerError, mapped
from algoprogress.fits import fit, resample
from algoprogress.laws.published import published_form, slsqp
from published_values import LAW_7, SAMPLE

SECONDS = 120  # far more than anything here waits for, on a slow machine too


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch) -> Path:
    """Return an empty repository, so that no result is on disk yet; no cluster is asked for."""
    monkeypatch.setenv("ALGOPROGRESS_ROOT", str(tmp_path))
    monkeypatch.delenv(VARIABLE, raising=False)
    return tmp_path


@pytest.fixture
def marks(home) -> Path:
    """Return an empty folder, for tasks to leave a mark at each run."""
    (home / "marks").mkdir()
    return home / "marks"


def runs(marks: Path) -> Counter[int]:
    """Return how often each task has run, by number."""
    return Counter(int(path.name.split("-")[0]) for path in marks.iterdir())


def kept(home: Path) -> int:
    """Return how many results are on disk."""
    return sum(1 for path in (home / "_build").rglob("parallel_tasks.*") if path.suffix != ".tmp")


def wait_until(condition: Callable[[], bool]) -> None:
    """Return once the condition holds; fail if it never does."""
    deadline = time.monotonic() + SECONDS
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.02)


class Cluster:
    """Processes of a Dask scheduler and its workers on this machine, all of which `close` ends."""

    def __init__(self, folder: Path):
        self.folder, self.processes, self.workers = folder, [], []
        # The scheduler shall give a task up at the first death of its worker: the client must stand by it.
        self.environment = os.environ | {
            "PYTHONPATH": os.pathsep.join(sys.path),  # so that workers find the tasks
            "ALGOPROGRESS_ROOT": str(folder),
            "DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": "0",
        }
        file = folder / "scheduler.json"
        self._start("scheduler", "--port", "0", "--scheduler-file", str(file))
        wait_until(lambda: file.exists() and file.read_text(encoding="utf-8").endswith("}"))
        self.address = json.loads(file.read_text(encoding="utf-8"))["address"]

    def _start(self, role: str, *options: str) -> subprocess.Popen:
        command = [sys.executable, "-m", f"distributed.cli.dask_{role}", *options, "--host", "127.0.0.1"]
        with (self.folder / f"{len(self.processes)}.log").open("w") as log:
            process = subprocess.Popen(
                [*command, "--no-dashboard"], env=self.environment, stdout=log, stderr=log, cwd=self.folder
            )
        self.processes.append(process)
        return process

    def start_worker(self) -> None:
        """Start one more worker of one thread."""
        options = ("--nthreads", "1", "--no-nanny", "--local-directory", str(self.folder))
        self.workers.append(self._start("worker", self.address, *options))

    def kill_worker(self) -> None:
        """Kill the first worker without warning."""
        worker = self.workers.pop(0)
        worker.kill()
        worker.wait(SECONDS)

    def close(self) -> None:
        """End all processes."""
        for process in self.processes:
            process.kill()
            process.wait(SECONDS)


@pytest.fixture(scope="module")
def running(tmp_path_factory) -> Iterator[Cluster]:
    """Provide a cluster of two workers."""
    with contextlib.closing(Cluster(tmp_path_factory.mktemp("cluster"))) as cluster:
        cluster.start_worker()
        cluster.start_worker()
        from distributed import Client

        with Client(cluster.address, timeout=SECONDS, set_as_default=False) as client:
            client.wait_for_workers(2, timeout=SECONDS)
        yield cluster


@pytest.fixture
def cluster(running, monkeypatch) -> Cluster:
    """Return the running cluster, which `mapped` now uses."""
    monkeypatch.setenv(VARIABLE, running.address)
    return running


@pytest.fixture(params=["cores", "cluster"])
def anywhere(request) -> str:
    """Return where tasks run: a test with it runs on the local cores and on the cluster."""
    if request.param == "cluster":
        request.getfixturevalue("cluster")
    return request.param


def estimates(marks: Path, seconds: float = 0.0) -> list[tuple]:
    """Return tasks that fit law 7 to resampled rows."""
    _, target, reference = fit.problem(LAW_7, SAMPLE)
    form = published_form(LAW_7, SAMPLE.frame, reference)
    indices = resample.published_indices(len(target), draws=8)
    return [(marks, number, seconds, form, target, rows) for number, rows in enumerate(indices)]


@pytest.fixture(scope="module")
def in_series() -> list[bytes]:
    """Return what the estimates are, bit by bit, in this process."""
    with threadpool_limits(1):
        tasks = [task[3:] for task in estimates(Path())]
        return [slsqp(form.take(rows), target[rows], fit.PENALTY).x.tobytes() for form, target, rows in tasks]


def test_results_come_in_the_order_of_the_tasks(anywhere, marks):
    tasks = [(marks, number, 0.2 if number == 0 else 0.0) for number in range(6)]  # the first is done last
    assert mapped(parallel_tasks.marked, tasks, label="squares") == [0, 1, 4, 9, 16, 25]
    assert mapped(parallel_tasks.marked, tasks[::-1], label="squares") == [25, 16, 9, 4, 1, 0]
    assert runs(marks) == dict.fromkeys(range(6), 1)
    assert mapped(parallel_tasks.marked, [], label="none") == []


def test_estimates_are_the_same_bit_by_bit(anywhere, marks, in_series):
    found = mapped(parallel_tasks.estimate, estimates(marks), label="estimates")
    assert [params.tobytes() for params in found] == in_series


@pytest.mark.parametrize("cores", ["1", "2", "3"])
def test_the_number_of_cores_does_not_matter(cores, marks, in_series, monkeypatch):
    monkeypatch.setenv("LOKY_MAX_CPU_COUNT", cores)
    found = mapped(parallel_tasks.estimate, estimates(marks), label="estimates")
    assert [params.tobytes() for params in found] == in_series


def test_linear_algebra_has_one_thread_in_a_task(anywhere):
    assert mapped(parallel_tasks.threads, [(1,), (2,)], label="threads") == [1, 1]


def test_tasks_of_a_task_run_in_its_own_process(anywhere):
    found = mapped(parallel_tasks.nested, [(number,) for number in range(4)], label="outer")
    assert os.getpid() not in {process for process, _ in found}
    for process, inner in found:
        assert inner == [process] * 3


def test_tasks_of_another_joblib_pool_run_in_its_processes():
    jobs = (joblib.delayed(parallel_tasks.nested)(number) for number in range(2))
    for process, inner in joblib.Parallel(n_jobs=2)(jobs):
        assert inner == [process] * 3


def test_a_single_task_starts_no_process():
    assert mapped(parallel_tasks.process, [(1,)], label="alone") == [os.getpid()]


def test_a_failure_is_raised_as_it_is_and_costs_no_other_result(anywhere, home, marks):
    with pytest.raises(ArithmeticError, match="no such estimate"):
        mapped(parallel_tasks.failing, [(marks, number) for number in range(5)], label="one fails")
    assert kept(home) == 4
    assert mapped(parallel_tasks.failing, [(marks, number) for number in range(4)], label="again") == [0, 1, 4, 9]
    assert runs(marks) == dict.fromkeys(range(4), 1)


def test_a_killed_run_resumes_with_the_missing_tasks(home, marks):
    command = [sys.executable, parallel_tasks.__file__, str(marks)]
    # A session of its own lets the whole group of processes be killed at once, the workers too.
    with subprocess.Popen(command, env=os.environ.copy(), start_new_session=True) as run:
        try:
            wait_until(lambda: kept(home) >= 4)
        finally:
            os.killpg(run.pid, signal.SIGKILL)
    assert run.returncode == -signal.SIGKILL
    finished, before = kept(home), runs(marks)
    assert 4 <= finished < 12
    tasks = [(marks, number, 0.25) for number in range(12)]
    assert mapped(parallel_tasks.marked, tasks, label="resumed") == [number**2 for number in range(12)]
    assert (runs(marks) - before).total() == 12 - finished
    assert set(runs(marks)) == set(range(12))


def test_a_cluster_loses_nothing_with_a_killed_worker(cluster, marks, in_series):
    def kill_one() -> None:
        wait_until(lambda: len(runs(marks)) >= 4)
        cluster.kill_worker()

    killer = threading.Thread(target=kill_one)
    killer.start()
    try:
        found = mapped(parallel_tasks.estimate, estimates(marks, seconds=0.4), label="estimates")
    finally:
        killer.join()
    assert len(cluster.workers) == 1
    cluster.start_worker()
    assert [params.tobytes() for params in found] == in_series
    assert runs(marks).total() > 8  # something was computed again


def test_the_client_leaves_and_the_cluster_stays(cluster):
    from distributed import Client

    assert len(set(mapped(parallel_tasks.process, [(1,), (2,)], label="one"))) <= 2
    assert [client.status for client in Client._instances if client.status != "closed"] == []
    assert len(mapped(parallel_tasks.process, [(3,)], label="two")) == 1


def test_workers_with_another_library_are_refused(cluster, home, marks, monkeypatch):
    monkeypatch.setattr(parallel, "made_of", lambda module: "another")
    with pytest.raises(SchedulerError, match="another version of the library"):
        mapped(parallel_tasks.marked, [(marks, 1, 0.0)], label="refused")
    assert runs(marks).total() == kept(home) == 0


def test_a_scheduler_that_goes_is_named(tmp_path, marks, monkeypatch):
    with contextlib.closing(Cluster(tmp_path)) as brief:
        brief.start_worker()
        monkeypatch.setenv(VARIABLE, brief.address)
        monkeypatch.setattr(parallel, "WORKER_SECONDS", SECONDS)

        def kill_all() -> None:
            wait_until(lambda: len(runs(marks)) >= 1)
            brief.close()

        killer = threading.Thread(target=kill_all)
        killer.start()
        with pytest.raises(SchedulerError, match=r"the scheduler has gone. Start it and run this again to resume"):
            mapped(parallel_tasks.marked, [(marks, number, 5.0) for number in range(3)], label="cut off")
        killer.join()


@pytest.fixture
def closed_port() -> Iterator[int]:
    """Provide a port at which nothing listens: it is bound, so no other process gets it."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        yield bound.getsockname()[1]


def refusal(marks: Path) -> str:
    """Return the message of the error that a useless cluster gives, which is to come within 10 s."""
    assert parallel.CONNECT_SECONDS + parallel.WORKER_SECONDS < 10
    start = time.monotonic()
    with pytest.raises(SchedulerError) as raised:
        mapped(parallel_tasks.marked, [(marks, 1, 0.0)], label="nowhere")
    assert time.monotonic() - start < SECONDS
    assert runs(marks).total() == 0
    return str(raised.value)


def test_an_unreachable_scheduler_is_named_in_time(closed_port, marks, monkeypatch):
    address = f"tcp://127.0.0.1:{closed_port}"
    monkeypatch.setenv(VARIABLE, address)
    message = refusal(marks)
    for part in (f"{VARIABLE}={address}", "no Dask scheduler answers", "dask scheduler", f"unset {VARIABLE}"):
        assert part in message


@pytest.mark.parametrize("address", ["nonsense", "tcp://127.0.0.1", "http://127.0.0.1:8786", "tcp://127.0.0.1:port"])
def test_a_malformed_address_is_named(address, marks, monkeypatch):
    monkeypatch.setenv(VARIABLE, address)
    assert f"{VARIABLE}={address}: no Dask scheduler answers there" in refusal(marks)


def test_a_cluster_without_workers_is_named_in_time(tmp_path, marks, monkeypatch):
    with contextlib.closing(Cluster(tmp_path)) as idle:
        monkeypatch.setenv(VARIABLE, idle.address)
        assert f"the cluster has no workers. Start some with `dask worker {idle.address}`" in refusal(marks)


def test_finished_tasks_need_no_scheduler(closed_port, marks, monkeypatch):
    tasks = [(marks, number, 0.0) for number in range(3)]
    found = mapped(parallel_tasks.marked, tasks, label="local")
    monkeypatch.setenv(VARIABLE, f"tcp://127.0.0.1:{closed_port}")
    assert mapped(parallel_tasks.marked, tasks, label="from disk") == found


def test_distributed_costs_nothing_unless_asked_for():
    code = "import sys; from algoprogress.engine import parallel; print('distributed' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
