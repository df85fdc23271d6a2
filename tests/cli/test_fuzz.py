"""Damaged files of all kinds: an answer or a clear refusal, never a traceback, a hang or a written file.

`python -m cli.test_fuzz 20000` in tests/ tries that many; the tests a part of them, the same each time.
"""

from __future__ import annotations

import contextlib
import io
import random
import sys
import tempfile
import time
from pathlib import Path

import pytest

from algoprogress import cli as command
from algoprogress.data import own

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


def mutated(seed: int) -> bytes:
    """Return a template of some kind with a few random changes."""
    rng = random.Random(seed)
    text = own.template(own.KINDS[seed % len(own.KINDS)])
    for _ in range(rng.choice((1, 1, 2, 3, 8))):
        at, way = rng.randrange(len(text) + 1), rng.randrange(5)
        end = min(at + rng.randrange(1, 30), len(text))
        if way == 0:
            text = text[:at] + rng.choice(TOKENS) + text[at:]
        elif way == 1:
            text = text[:at] + rng.choice(TOKENS) + text[end:]
        elif way == 2:
            text = text[:at] + text[end:]
        elif way == 3:
            text = text[:at] + text[at:end] * 2 + text[end:]
        else:
            lines = text.splitlines(keepends=True)
            rng.shuffle(lines)
            text = "".join(lines)
    content = text.encode(rng.choice(("utf-8", "utf-8", "utf-8", "utf-16", "cp1252")), errors="replace")
    return content if rng.random() < 0.9 else bytes(rng.choice((each, each ^ 255)) for each in content[:200])


def tried(seed: int) -> tuple[int, str]:
    """Return the exit status of a check of a damaged file, and what is wrong with how it went ("" if nothing)."""
    said = io.StringIO()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "file.csv"
        path.write_bytes(mutated(seed))
        start = time.perf_counter()
        with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
            status = command.main(["check", str(path)])
        if time.perf_counter() - start > LONGEST_SECONDS:
            return status, "took too long"
        if list(Path(folder).iterdir()) != [path]:
            return status, "wrote a file"
    if status not in (0, 2) or not said.getvalue().startswith("file.csv"):
        return status, said.getvalue()[:200]
    return status, "an escape reaches the terminal" if "\x1b" in said.getvalue() else ""


@pytest.mark.parametrize("first", range(0, 300, 50))
def test_a_damaged_file_is_read_or_refused(first):
    found = [(seed, *tried(seed)) for seed in range(first, first + 50)]
    assert not [each for each in found if each[2]]
    assert {status for _, status, _ in found} == {0, 2}


if __name__ == "__main__":
    for number in range(int(sys.argv[1])):
        try:
            code, wrong = tried(number)
        except BaseException as error:
            code, wrong = -1, f"{type(error).__name__}: {error}"
        if wrong:
            print(number, code, wrong, flush=True)
