"""Load the tables of ``data/``, each checked against what its manifest says of it."""

import functools
import hashlib
from pathlib import Path
from typing import Any

import pandas as pd

from algoprogress.data.check import read_text, validate
from algoprogress.data.describe import DataError, Failure, label, manifest, read_manifest, refuse
from algoprogress.data.sample import Sample, Step, correction_failures, decimal_year, derived, with_reviewed_columns
from algoprogress.engine import data_dir

__all__ = ["DataError", "Failure", "Sample", "Step", "decimal_year", "label", "manifest", "validate"]


def evaluations(path: Path | str | None = None) -> Sample:
    """Return all evaluations as a sample, with the published steps before; ``path`` leads to another such table.

    Its manifest and ``corrections.csv`` are used if beside it. Raises DataError if the three do not hold together.
    """
    place = Path(path or data_dir() / "evaluations.csv")
    frame = read("evaluations", place)
    steps = [Step(**step, origin="published") for step in _manifest_beside(place).get("published_steps", [])]
    steps.append(Step("table", f"rows of {place.name}", len(frame), 0))
    review = place.with_name("corrections.csv")
    if path is not None and not review.exists():
        return Sample(derived(frame), tuple(steps))
    corrected = read("corrections", review)
    refuse(correction_failures(corrected, frame, label(review)))
    return Sample(with_reviewed_columns(derived(frame), corrected), tuple(steps), corrected)


def read(name: str, path: Path | str | None = None) -> pd.DataFrame:
    """Return a table of `data/` by its name, checked by its manifest; ``path`` leads to another file of such columns.

    Raises DataError if a rule is broken, or the table is not the one that a manifest beside it describes.
    """
    if path is not None:
        return _checked(name, Path(path))
    home = data_dir()
    files = (home / f"{name}.csv", home / f"{name}.manifest.json")
    digests = (sha256(file.read_bytes()) if file.is_file() else "" for file in files)
    return _checked_once(name, files[0], *digests).copy()


def _checked(name: str, place: Path) -> pd.DataFrame:
    frame = validate(read_text(place, label(place)), name, label(place))
    entry = _manifest_beside(place)
    if entry and (entry.get("rows"), entry.get("sha256")) != (len(frame), sha256(place.read_bytes())):
        rule = f"the table changed without its manifest; if the change is meant, run: python -m book.computed {name}"
        raise DataError([Failure(label(place), None, "", rule)])
    return frame


@functools.cache
def _checked_once(name: str, place: Path, *digests: str) -> pd.DataFrame:
    """Return a table of `data/` for as long as neither it nor its manifest changes: a page asks dozens of times."""
    return _checked(name, place)


def sha256(content: bytes) -> str:
    """Return the SHA-256 of ``content`` in hexadecimal."""
    return hashlib.sha256(content).hexdigest()


def _manifest_beside(place: Path) -> dict[str, Any]:
    """Return the manifest beside a table, or nothing if there is none."""
    path = place.with_suffix(".manifest.json")
    return read_manifest(path) if path.exists() else {}
