"""Where things lie: the repository, its tables, and what is built."""

from __future__ import annotations

import os
from pathlib import Path


def root() -> Path:
    """Return the folder of the repository; the variable ALGOPROGRESS_ROOT overrides it."""
    return Path(os.environ.get("ALGOPROGRESS_ROOT") or Path(__file__).resolve().parents[3])


def data_dir() -> Path:
    """Return the folder that holds the tables."""
    return root() / "data"
