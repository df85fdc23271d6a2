"""Keeps results on disk and spreads work; here: where the tables and what is built lie, installed or not."""

import contextlib
import os
import tempfile
import uuid
from pathlib import Path

CARRIED = Path(__file__).resolve().parents[1] / "data" / "carried"  # the tables in an installed library, not here
VARIABLE = "ALGOPROGRESS_ROOT"


def root() -> Path:
    """Return the folder of the repository, or the user's cache if installed; ALGOPROGRESS_ROOT overrides both."""
    if told := os.environ.get(VARIABLE):
        return Path(told)
    if CARRIED.is_dir():
        return of_user("XDG_CACHE_HOME", ".cache")
    return Path(__file__).resolve().parents[3]


def of_user(variable: str, folder: str) -> Path:
    """Return our folder in that of the user which a variable names; without a home, a folder among temporary files."""
    try:
        return Path(os.environ.get(variable) or Path.home() / folder) / "algoprogress"
    except RuntimeError:
        return Path(tempfile.gettempdir()) / f"algoprogress-{os.getuid()}"


def data_dir() -> Path:
    """Return the folder that holds the tables."""
    return CARRIED if CARRIED.is_dir() and VARIABLE not in os.environ else root() / "data"


def write_whole(path: Path | str, content: bytes) -> None:
    """Write a file whole or not at all: what is interrupted or finds no room leaves nothing behind; raises OSError."""
    place = Path(path).resolve()
    if place.exists() and not place.is_file():  # a device or a pipe
        place.write_bytes(content)
        return
    draft = place.with_name(f"{uuid.uuid4().hex}.tmp")
    try:
        draft.write_bytes(content)
        draft.replace(place)
    finally:
        with contextlib.suppress(OSError):
            draft.unlink(missing_ok=True)
