"""Keeps results on disk and spreads work; here: where the tables and what is built lie, installed or not."""

import os
from pathlib import Path

CARRIED = Path(__file__).resolve().parents[1] / "data" / "carried"  # the tables in an installed library, not here
VARIABLE = "ALGOPROGRESS_ROOT"


def root() -> Path:
    """Return the folder of the repository, or the user's cache if installed; ALGOPROGRESS_ROOT overrides both."""
    if told := os.environ.get(VARIABLE):
        return Path(told)
    if CARRIED.is_dir():
        return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "algoprogress"
    return Path(__file__).resolve().parents[3]


def data_dir() -> Path:
    """Return the folder that holds the tables."""
    return CARRIED if CARRIED.is_dir() and VARIABLE not in os.environ else root() / "data"
