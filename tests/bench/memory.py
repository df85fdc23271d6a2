"""The memory of HO-1000 on all cores: `python -m bench.memory` prints its peak in MiB, as measured from within."""

from __future__ import annotations

import threading
from contextlib import suppress

import psutil

from algoprogress.engine import cache
from algoprogress.fits import batch
from bench import known

EVERY = 0.05  # seconds between two looks


def used_mib() -> float:
    """Return the memory of this process and all below it, each page that some share divided among them, in MiB."""
    used, own = 0, psutil.Process()
    for process in (own, *own.children(recursive=True)):
        with suppress(psutil.NoSuchProcess):
            used += process.memory_full_info().pss
    return used / 2**20


def peak_mib() -> float:
    """Return the most memory that is used while HO-1000 is solved, in MiB."""
    case, looks, done = known.resamples(), [], threading.Event()

    def watch() -> None:
        while not done.wait(EVERY):
            looks.append(used_mib())

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        with cache.elsewhere():
            batch.solve(case.design, case.target, case.weights, penalties=case.penalties)
    finally:
        done.set()
        watcher.join()
    return max(*looks, used_mib())


if __name__ == "__main__":
    print(peak_mib())
