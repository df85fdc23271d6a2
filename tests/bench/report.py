"""What a benchmark found: lines with their limits, times by size, and the file that holds them."""

from __future__ import annotations

import json
import os
import platform
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path

import numpy as np

from algoprogress.engine import root
from book.studies.cost.figures import LEAST

ROUNDS = 5  # in which everything that is compared is timed, one after another


@dataclass(frozen=True)
class Line:
    """One line of the report: the median of some rounds with their range, its limit if any, and whether that is met.

    A time that belongs to a series says `over` what it was taken (draws, rows or cores) and the `count` of these.
    """

    name: str
    unit: str
    value: float
    low: float
    high: float
    limit: float | None = None
    accepted: bool = True
    over: str | None = None
    count: int | None = None

    @classmethod
    def of(
        cls,
        name: str,
        unit: str,
        values: float | Sequence[float],
        *,
        limit: float | None = None,
        sound: bool = True,
        over: str | None = None,
        count: int | None = None,
    ) -> Line:
        """Return the line of the values of each round; it is accepted if it is `sound` and its median within limits."""
        middle = float(np.median(values))
        within = limit is None or (middle >= limit if unit in LEAST else middle <= limit)
        ends = float(np.min(values)), float(np.max(values))
        return cls(name, unit, middle, *ends, limit, bool(within and sound), over, count)

    def __str__(self) -> str:
        """Return the line as it is printed."""
        bound = "at least" if self.unit in LEAST else "at most"
        verdict = "" if self.limit is None else f"  {bound} {self.limit:g}: {'ok' if self.accepted else 'FELL SHORT'}"
        return f"{self.name:<58}{self.value:>10.4g} {self.unit}  [{self.low:.4g}, {self.high:.4g}]{verdict}"


def timed(function: Callable, *arguments, **options) -> tuple[float, object]:
    """Return the seconds that a call takes, and its result."""
    start = time.perf_counter()
    result = function(*arguments, **options)
    return time.perf_counter() - start, result


def each(function: Callable, tasks: Sequence[tuple]) -> list:
    """Return what the function returns for each task, one after another in this process."""
    return [function(*task) for task in tasks]


def processor() -> str:
    """Return the model of the processor, as the system calls it."""
    facts = Path("/proc/cpuinfo")
    lines = facts.read_text(encoding="utf-8").splitlines() if facts.exists() else []
    named = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(named, platform.processor() or platform.machine())


def place() -> Path:
    """Return where the report lies."""
    return root() / "_build" / "bench.json"


def write(lines: Sequence[Line]) -> Path:
    """Write the lines with the machine, the version of Python and the date; return where they lie."""
    machine = {"machine": processor(), "cores": os.cpu_count() or 1}
    facts = {**machine, "python": platform.python_version(), "date": date.today().isoformat()}
    text = json.dumps({**facts, "lines": [asdict(line) for line in lines]}, indent=2)
    place().parent.mkdir(exist_ok=True)
    place().write_text(text + "\n", encoding="utf-8")
    return place()
