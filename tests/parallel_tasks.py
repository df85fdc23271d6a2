"""Tasks for the tests of `mapped`; they have a module of their own, as workers import them by name."""

from __future__ import annotations

import os
import sys
import time
import uuid
from pathlib import Path

import numpy as np
from threadpoolctl import threadpool_info

from algoprogress.engine import parallel
from algoprogress.fits import fit
from algoprogress.laws import published as published_form


def marked(folder: Path, number: int, seconds: float) -> int:
    """Return the square of the number, and leave a file in the folder that tells of this run."""
    (folder / f"{number}-{uuid.uuid4().hex}").touch()
    time.sleep(seconds)
    return number**2


def estimate(folder: Path, number: int, seconds: float, form, target, rows) -> np.ndarray:
    """Return the parameters fitted to some rows by the published protocol, and leave a mark as `marked` does."""
    marked(folder, number, seconds)
    return published_form.slsqp(form.take(rows), target[rows], fit.PENALTY).x


def failing(folder: Path, number: int) -> int:
    """Return the square of the number; the last of five fails once the others are in."""
    if number == 4:
        while len(list(folder.iterdir())) < 4:
            time.sleep(0.02)
        time.sleep(0.3)
        raise ArithmeticError("no such estimate")
    return marked(folder, number, 0)


def process(number: int) -> int:
    """Return the number of the process that runs this."""
    return os.getpid()


def nested(number: int) -> tuple[int, list[int]]:
    """Return the process of this task, and those of the tasks that it gives out itself."""
    return os.getpid(), parallel.mapped(process, [(10 * number + each,) for each in range(3)], label="inner")


def threads(number: int) -> int:
    """Return the largest number of threads that a library of linear algebra may use."""
    return max(library["num_threads"] for library in threadpool_info())


if __name__ == "__main__":  # a long run, for a test to kill
    import parallel_tasks

    place = Path(sys.argv[1])
    parallel.mapped(parallel_tasks.marked, [(place, number, 0.25) for number in range(12)], label="to be killed")
