"""The file of runs: a line a checkpoint, written a whole run at a time, so that whatever ends a run breaks no line."""

import contextlib
import io
import os
import sys
from pathlib import Path

import pandas as pd

from training import TrainingError

NAMES = (
    *("algorithm", "run", "budget_flop", "width", "layers", "parameters", "rate", "seed", "tokens", "batch_tokens"),
    *("training_compute_flop", "six_nd_flop", "loss_nats", "bits_per_byte", "done", "diverged"),
    *("seconds", "flop_per_second", "threads", "text", "torch", "version"),
)
HEADER = ",".join(NAMES) + "\n"


def read(path: Path) -> pd.DataFrame:
    """Return the lines of a file of runs, none if there is none yet; raises TrainingError if it is another table.

    A last line that was cut off is dropped from the file, with a word; a run of which any line is missing is trained
    again.
    """
    if not path.exists() or not path.stat().st_size:
        return pd.DataFrame(columns=list(NAMES))
    content = path.read_bytes()
    whole = content[: content.rfind(b"\n") + 1]
    if not whole.decode(errors="replace").startswith(HEADER):
        raise TrainingError(f"{path}: is no file of runs of this version; its first line must be {HEADER.strip()}")
    if whole != content:
        print(f"note: {path.name}: the last line was cut off and is dropped", file=sys.stderr)
        os.truncate(path, len(whole))
    return pd.read_csv(io.BytesIO(whole), dtype={"text": str})


def append(path: Path, rows: list[dict[str, object]]) -> None:
    """Write the lines of one run at the end of a file, all or none; raises OSError, say for a full disk."""
    lines = pd.DataFrame(rows)[list(NAMES)].to_csv(index=False, header=False, lineterminator="\n")
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("ab", buffering=0) as file:
        before = file.tell()
        content = ("" if before else HEADER).encode() + lines.encode()
        try:
            while content:
                content = content[file.write(content) :]
            os.fsync(file.fileno())
        except BaseException:  # a full disk, or somebody who ends us
            with contextlib.suppress(OSError):
                file.truncate(before)
            raise


def ends(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the lines of runs at their budget."""
    return frame[frame["done"] == 1.0]
