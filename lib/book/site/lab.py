"""Writes the chapters as notebooks that stay paired with their sources: `python -m book.site.lab`, by `make lab`."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import jupytext

from algoprogress.engine.places import root

FOLDER = Path("_build") / "lab"  # as jupytext.toml pairs it


def paired(folder: Path) -> list[Path]:
    """Write a notebook for every chapter whose own is missing or older, and return all of them.

    Each gets the time of its source: jupytext takes a notebook that is newer than its source for an edited one, and
    refuses to open it. A notebook that was saved in JupyterLab, which writes both, keeps its outputs.
    """
    target = folder / FOLDER
    target.mkdir(parents=True, exist_ok=True)
    found = []
    for source in sorted((folder / "chapters").glob("*.md")):
        notebook = target / f"{source.stem}.ipynb"
        time = source.stat().st_mtime
        if not notebook.exists() or notebook.stat().st_mtime < time:
            jupytext.write(jupytext.read(source, fmt="md:myst"), notebook)
            os.utime(notebook, (time, time))
        found.append(notebook)
    return found


def main() -> int:
    """Write the notebooks and say where they lie."""
    print(f"lab: {len(paired(root()))} notebooks in {FOLDER}, paired with chapters/: a save changes both")
    return 0


if __name__ == "__main__":
    sys.exit(main())
