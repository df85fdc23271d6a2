"""Damaged files of all kinds: an answer or a clear refusal, never a traceback, a hang or a written file.

The tests try the first of the seeds; `python -m cli.test_fuzz 20000` in tests/ that many, and says what it found.
"""

from __future__ import annotations

import contextlib
import functools
import io
import random
import sys
import tempfile
import time
import warnings
from collections import Counter
from pathlib import Path

import pytest

from algoprogress import cli as command
from algoprogress.data import own, tables
from algoprogress.engine import cache, parallel

TOKENS = (
    *(",", ";", "\t", "|", '"', "\n", "\r\n", "\0", "#", "\ufeff", " ", "nan", "inf", "-1", "0", "1e308", "1e400"),
    *(
        "NA",
        "None",
        "=1+1",
        "{x}",
        "\x1b[31m",
        "$\\foo$",
        "１",
        "é",
        "years",
        "**2",
        "2020-02-30",
        "9" * 400,
        "'",
        "()",
    ),
)
LONGEST_SECONDS = 10.0


CHART = "Step,old-60m - train/loss,old-60m - _runtime,new-60m - train/loss\n" + "".join(
    f"{step},{9 - step / 100:.3f},{step * 2},{8.5 - step / 100 if step % 20 == 0 else ''}\n"
    for step in range(0, 200, 10)
)
KINDS = (*own.KINDS, "runs")  # training runs twice: as a plain table and as a chart's export
WHOLE = 5  # one file in so many is not only checked: the answer is asked for too


def mutated(seed: int) -> bytes:
    """Return a template of some kind with a few random changes."""
    rng = random.Random(seed)
    place = seed % len(KINDS)
    text = CHART if place == len(own.KINDS) else own.template(KINDS[place])
    for _ in range(rng.choice((1, 1, 1, 2, 3, 8))):
        at, way = rng.randrange(len(text) + 1), rng.randrange(8)
        end = min(at + rng.randrange(1, 30), len(text))
        if way == 0:
            text = text[:at] + rng.choice(TOKENS) + text[at:]
        elif way == 1:
            text = text[:at] + rng.choice(TOKENS) + text[end:]
        elif way == 2:
            text = text[:at] + text[end:]
        elif way == 3:
            text = text[:at] + text[at:end] * 2 + text[end:]
        elif way == 4:  # digits, which leave most files readable
            places = [place for place, sign in enumerate(text) if sign.isdigit()] or [0]
            at = rng.choice(places)
            text = text[:at] + rng.choice("0123456789") + text[at + 1 :]
        elif way == 5:
            text = text.replace(",", rng.choice(";\t|"))
        elif way == 6:
            ends = [place for place, sign in enumerate(text) if sign == "\n"] or [0]
            at = rng.choice(ends)
            text = text[:at] + rng.choice((" ", ",", "\n", "\n# a remark", "\r", ",,")) + text[at:]
        else:
            lines = text.splitlines(keepends=True)
            rng.shuffle(lines)
            text = "".join(lines)
    content = text.encode(rng.choice(("utf-8", "utf-8", "utf-8", "utf-16", "cp1252")), errors="replace")
    return content if rng.random() < 0.9 else bytes(rng.choice((each, each ^ 255)) for each in content[:200])


def asked(seed: int, path: Path) -> list[str]:
    """Return the command that is tried: mostly a check, of runs now and then the answer."""
    told = ["--tokens-per-step", "1e6"] if seed % len(KINDS) == len(own.KINDS) else []
    if KINDS[seed % len(KINDS)] != "runs" or seed // len(KINDS) % WHOLE:
        return ["check", str(path), *told]
    return ["frontier", str(path), "--reference", "old", "--new", "new", "--draws", "10", *told]


def tried(seed: int) -> tuple[int, str]:
    """Return the exit status of a command on a damaged file, and what is wrong with how it went ("" if nothing)."""
    said = io.StringIO()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "file.csv"
        path.write_bytes(mutated(seed))
        start = time.process_time()
        with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said), warnings.catch_warnings():
            warnings.simplefilter("default")  # as for users, who read them as notes
            status = command.main(asked(seed, path))
        if time.process_time() - start > LONGEST_SECONDS:
            return status, "took too long"
        if list(Path(folder).iterdir()) != [path]:
            return status, "wrote a file"
    words = said.getvalue()
    if status not in (0, 2) or not words or ("file.csv" not in words and status and "algorithm" not in words):
        return status, words[:200]
    return status, "an escape reaches the terminal" if "\x1b" in said.getvalue() else ""


@pytest.mark.parametrize("seed", [1647, 1882])  # names of columns that coloured the terminal
def test_what_was_found_once_stays_mended(seed):
    assert tried(seed)[1] == ""


@pytest.mark.parametrize("first", range(0, 300, 50))
def test_a_damaged_file_is_read_or_refused(first):
    found = [(seed, *tried(seed)) for seed in range(first, first + 50)]
    assert not [each for each in found if each[2]]
    assert {status for _, status, _ in found} == {0, 2}


if __name__ == "__main__":
    ends: Counter[int] = Counter()
    tables.evaluations = functools.cache(tables.evaluations)  # half of the time of a check
    for number in range(*map(int, sys.argv[1:])):
        with cache.elsewhere(), parallel.in_series():
            try:
                code, wrong = tried(number)
            except Exception as error:
                code, wrong = -1, f"{type(error).__name__}: {error}"
        ends[code] += 1
        if wrong:
            print(number, code, wrong, flush=True)
    print(f"read {ends[0]}, refused {ends[2]}, otherwise {sum(ends.values()) - ends[0] - ends[2]}")
