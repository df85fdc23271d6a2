"""Runs many tasks on all local cores or on a Dask cluster; finished tasks stay on disk, so a run can resume."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Any

import joblib
from threadpoolctl import threadpool_limits
from tqdm import tqdm

from algoprogress.engine import cache
from algoprogress.engine.made_of import made_of

if TYPE_CHECKING:
    from distributed import Client

VARIABLE = "ALGOPROGRESS_SCHEDULER"
CONNECT_SECONDS = 5  # with the next and the import of distributed, a useless address is reported within 10 s
WORKER_SECONDS = 2
RETRIES = 3  # of a task that the scheduler gave up, as its workers died again and again

Result = tuple[int, Any]  # the number of a task, and what it returned

_state = threading.local()


class SchedulerError(RuntimeError):
    """The Dask cluster cannot do the work; the message names its address, the variable and the way out."""

    @classmethod
    def at(cls, address: str, trouble: str, remedy: str) -> SchedulerError:
        """Return the error with its parts in one sentence each."""
        return cls(f"{VARIABLE}={address}: {trouble}. {remedy}, or unset {VARIABLE} to use the local cores.")


def mapped(function: Callable, tasks: Sequence[tuple], *, label: str) -> list:
    """Return ``function(*task)`` for each task, in the order of the tasks, whatever the number of cores.

    Each result is kept on disk as it arrives, so that an interrupted run resumes. Tasks go to the local cores or, if
    ALGOPROGRESS_SCHEDULER holds the address of a Dask scheduler (`tcp://127.0.0.1:8786`), to that cluster, which stays
    on and needs the same version of this library; best give a worker one thread (`--nthreads 1`). Within a task,
    `mapped` runs in series and keeps nothing. The function is one of a module, equal arguments give equal results, and
    `label` is the text of the progress bar. Raises SchedulerError if the cluster cannot be reached, has no workers or
    has another version of the library.
    """
    if _within_task():  # all cores and workers are busy with tasks: waiting for a free one could last for ever
        return [_numbered(index, function, task)[1] for index, task in enumerate(tasks)]
    entries = [cache.entry(function, task, {}) for task in tasks]
    loaded = (place.load() for place in entries)
    results = {index: value for index, (found, value) in enumerate(loaded) if found}
    missing = {index: task for index, task in enumerate(tasks) if index not in results}
    bar = tqdm(total=len(entries), initial=len(results), desc=label, disable=None)  # None: hidden unless on a terminal
    with bar, closing(_arrivals(function, missing)) as arrivals:
        for index, value in arrivals:
            entries[index].save(value)
            results[index] = value
            bar.update()
    return [results[index] for index in range(len(entries))]


def _arrivals(function: Callable, tasks: Mapping[int, tuple]) -> Iterator[Result]:
    """Yield the number of each task and its result, in the order in which they finish."""
    address = os.environ.get(VARIABLE)
    if not tasks:
        return
    if address:
        with _connected(address) as client:
            yield from _from_cluster(client, address, function, tasks)
    else:
        jobs = (joblib.delayed(_numbered)(index, function, task) for index, task in tasks.items())
        cores = -1 if len(tasks) > 1 else 1  # a single task is not worth the start of other processes
        # Without memory maps (max_nbytes=None) a task gets the same plain arrays here, in series and on a cluster.
        with closing(joblib.Parallel(cores, return_as="generator_unordered", max_nbytes=None)(jobs)) as done:
            yield from done


def alone() -> None:
    """Let all work of this process, and of those that it starts, stay on one core."""
    os.environ["LOKY_MAX_CPU_COUNT"] = "1"  # by which joblib tells cores
    os.environ["OPENBLAS_NUM_THREADS"] = "1"  # of libraries that are loaded from now on
    threadpool_limits(1)  # threads of small matrices on a busy core wait for each other, up to twenty times as long


@contextmanager
def in_series() -> Iterator[None]:
    """Let every `mapped` within run in this process, one task after another, with nothing read from or kept on disk."""
    before, _state.busy = getattr(_state, "busy", False), True
    try:
        yield
    finally:
        _state.busy = before


def _within_task() -> bool:
    """Return whether this code runs in a task: of `mapped`, of another joblib pool or of a Dask worker."""
    if getattr(_state, "busy", False) or joblib.parallel.get_active_backend()[0].nesting_level:
        return True
    if "distributed" not in sys.modules:
        return False
    from distributed import get_worker

    try:
        return get_worker() is not None
    except ValueError:  # none
        return False


def _numbered(index: int, function: Callable, task: tuple) -> tuple[int, Any]:
    """Return the number of the task and its result, by one thread, so that sums round alike on any number of cores."""
    with in_series(), threadpool_limits(1):
        return index, function(*task)


def _on_worker(made: str, index: int, function: Callable, task: tuple) -> tuple[int, Any]:
    """Return the number of the task and its result, if this worker has the client's library and tables."""
    if made != made_of(function.__module__):
        raise SchedulerError("a worker has another version of the library, or of what it computes with")
    threadpool_limits(1)  # stays: limits that threads of one worker set and lift in turn would lift each other's
    return _numbered(index, function, task)


@contextmanager
def _connected(address: str) -> Iterator[Client]:
    """Provide a client of the Dask cluster and close it afterwards; the cluster goes on."""
    try:
        from distributed import Client
        from distributed.comm import get_address_host_port
    except ImportError as error:
        raise SchedulerError.at(address, str(error), "Run `pip install dask distributed`") from error
    try:
        get_address_host_port(address)  # a malformed one makes a client that waits for 10 s to be deleted
        client = Client(address, timeout=CONNECT_SECONDS, set_as_default=False)
    except Exception as error:  # of many types, by what is wrong with the address
        trouble = f"no Dask scheduler answers there ({type(error).__name__}: {error})"
        raise SchedulerError.at(address, trouble, "Start one with `dask scheduler`, correct the address") from error
    with closing(client):
        try:
            client.wait_for_workers(1, timeout=WORKER_SECONDS)
        except TimeoutError as error:
            remedy = f"Start some with `dask worker {address}`"
            raise SchedulerError.at(address, "the cluster has no workers", remedy) from error
        yield client


def _from_cluster(client: Client, address: str, function: Callable, tasks: Mapping[int, tuple]) -> Iterator[Result]:
    """Yield each task's number and result as the cluster finishes them; what it gives up is asked for again."""
    from distributed import CancelledError, KilledWorker, as_completed

    made = made_of(function.__module__)
    calls = ((made, index, function, task) for index, task in tasks.items())
    lives = {client.submit(_on_worker, *call, pure=False): RETRIES for call in calls}
    arriving = as_completed(lives, loop=client.loop)
    for future in arriving:
        try:
            yield future.result()
        except KilledWorker as error:
            if not lives[future]:
                raise SchedulerError.at(address, str(error), "Look into the workers' logs") from error
            lives[future] -= 1
            future.retry()
            arriving.add(future)
        except CancelledError as error:
            trouble = "the scheduler has gone"
            raise SchedulerError.at(address, trouble, "Start it and run this again to resume") from error
        except SchedulerError as error:
            raise SchedulerError.at(address, str(error), "Install the same on all machines and restart") from error
