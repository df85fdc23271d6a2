"""Reads a file that somebody brings: whatever can be read for certain is read, and what was done to it is said."""

import csv
import hashlib
import io
import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd

from algoprogress.data.describe import DataError, Failure, refuse

SEPARATORS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}
MARKS = {b"\xef\xbb\xbf": "utf-8-sig", b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}
THOUSANDS = re.compile(r"[+-]?\d{1,3}([ ,]\d{3})+(\.\d+)?")
COMMA = re.compile(r"[+-]?\d+,\d+([eE][+-]?\d+)?")
LARGEST_BYTES = 500_000_000
LARGE_BYTES = 2_000_000  # from which on a file is tried as a plain one, which takes a tenth of the time
_NUMBER = re.compile(r"[+-]?[\d.,]+(e[+-]?\d+)?")


@dataclass(frozen=True)
class Brought:
    """A table as text: columns named in small letters, `frame.index` + 1 the row as in the file; and what to note."""

    file: str
    frame: pd.DataFrame
    notes: tuple[str, ...]
    separator: str
    header: tuple[str, ...] = ()  # the names of columns as they stand in the file


def read(path: Path | str) -> Brought:
    """Return the table in a file of text, however its cells are parted, encoded and spaced.

    Blank lines and lines that begin with # are passed over, empty columns at the end too; names of columns are brought
    to small letters with underscores. Rows are counted as in the file, without the header. Raises DataError, which
    names file, row and rule, for a file that cannot be read, has no header, or has rows of another length.
    """
    path = Path(path)
    text, notes = _decoded(path)
    first = next((line for line in io.StringIO(text) if line.strip() and not line.startswith("#")), "")
    if not first:
        raise DataError([Failure(path.name, None, "", "the file is empty")])
    separator = max(SEPARATORS, key=re.sub(r'"[^"]*"', "", first).count)
    if separator != ",":
        notes.append(f"cells are parted by {SEPARATORS[separator]}")
    rows = _rows(text, separator, path.name)
    kept = [(number, cells) for number, cells in enumerate(rows) if any(cells) and not cells[0].startswith("#")]
    if passed := len(rows) - len(kept):
        notes.append(f"{passed} blank or comment line{'s' * (passed > 1)} passed over")
    (start, header), *body = kept
    header = header[: max(place for place, name in enumerate(header, 1) if name)]
    names = [column(name) for name in header]
    _refuse_header(names, path.name)
    if names != header:
        notes.append(f"the columns are taken for {', '.join(names)}")
    failures = [] if body else [Failure(path.name, None, "", "the table has a header but no rows")]
    for number, cells in body:
        if len(cells) < len(names) or any(cells[len(names) :]):
            rule = f"a row must have {len(names)} cells"
            failures.append(Failure(path.name, number - start, "", rule, f"{len(cells)} cells"))
    refuse(failures)
    index = [number - start - 1 for number, _ in body]
    frame = pd.DataFrame([cells[: len(names)] for _, cells in body], columns=names, index=index, dtype=str)
    told = tuple(" ".join(name.split()) for name in header)
    return Brought(path.name, *_tidied(frame, path.name, notes), separator, told)


def digest(path: Path) -> str:
    """Return the SHA-256 of a file, or of the names and contents of all files in a folder, in hexadecimal."""
    if path.is_file():
        return hashlib.sha256(path.read_bytes()).hexdigest()
    found = hashlib.sha256()
    for each in sorted(filter(Path.is_file, path.rglob("*"))):
        found.update(f"{each.relative_to(path)}\n".encode() + each.read_bytes())
    return found.hexdigest()


def column(name: str) -> str:
    """Return a name of a column as it is known here: in small letters, with underscores for spaces and dashes."""
    return re.sub(r"[\s-]+", "_", name.strip().lower())


def plain(path: Path, names: Sequence[str], numbers: Sequence[str]) -> pd.DataFrame | None:
    """Return a large table that is plain throughout: text in these `names`, and `numbers` above zero if it has them.

    None for a small file, and for one that is not plain, or lacks a name: `read` takes that with care.
    """
    if not path.is_file() or path.stat().st_size < LARGE_BYTES:
        return None
    as_is = {"keep_default_na": False, "skip_blank_lines": False}
    try:
        frame = pd.read_csv(path, dtype=dict.fromkeys(names, "str"), encoding="utf-8", **as_is)
    except (ValueError, OSError):
        return None
    if not isinstance(frame.index, pd.RangeIndex) or not all(re.fullmatch("[a-z0-9_]+", name) for name in frame):
        return None
    for name in frame:
        if pd.api.types.is_numeric_dtype(frame[name]):
            if name in numbers and not (np.isfinite(frame[name]) & (frame[name] > 0)).all():
                return None
            continue
        cells = frame[name].unique()
        if name in numbers or pd.isna(cells).any():
            return None
        if any(" ".join(cell.split()) != cell or not cell.isprintable() or cell.startswith("#") for cell in cells):
            return None
    full = set(names) <= set(frame) and not any((frame[name] == "").any() for name in names)
    return frame.astype({name: float for name in numbers if name in frame}) if full else None


def _decoded(path: Path) -> tuple[str, list[str]]:
    """Return the text of a file, by its mark, as UTF-8, or as Windows writes it, and what to note of that."""
    try:
        if path.stat().st_size > LARGEST_BYTES:
            raise DataError([Failure(path.name, None, "", f"the file is larger than {LARGEST_BYTES:,} bytes")])
        content = path.read_bytes()
    except FileNotFoundError:
        raise DataError([Failure(path.name, None, "", "the file is missing")]) from None
    except OSError as error:
        raise DataError([Failure(path.name, None, "", f"the file cannot be read: {error.strerror}")]) from error
    encoding = next((name for mark, name in MARKS.items() if content.startswith(mark)), "utf-8")
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError:
        encoding, text = "cp1252", content.decode("cp1252", errors="replace")
    if "\0" in text:
        raise DataError([Failure(path.name, None, "", "this is no text: save the table as CSV in UTF-8")])
    said = {"utf-16": "the file is in UTF-16", "cp1252": "the file is not in UTF-8: read as Windows-1252"}
    return text, [said[encoding]] if encoding in said else []


def _rows(text: str, separator: str, file: str) -> list[list[str]]:
    """Return the cells of each line, none of a blank one."""
    rows: list[list[str]] = []
    try:
        for row in csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True):
            rows.append(row if any(map(str.strip, row)) else [])
    except csv.Error as error:
        rule = f"quotes must enclose a whole cell ({error})"
        raise DataError([Failure(file, max(len(rows), 1), "", rule)]) from error
    return rows


def _refuse_header(names: list[str], file: str) -> None:
    rule = "the first row must name the columns; is the header missing?"
    failures = [Failure(file, None, "", rule, ", ".join(names))] if any(map(_NUMBER.fullmatch, names)) else []
    rule = "the name of a column must not hold characters that cannot be printed"
    failures += [Failure(file, None, "", rule, name) for name in names if not name.isprintable()]
    repeated = [name for name, count in Counter(names).items() if count > 1]
    refuse(failures or [Failure(file, None, name, "the header has this column twice") for name in repeated])


def _tidied(frame: pd.DataFrame, file: str, notes: list[str]) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Return the table without stray space; DataError for characters that cannot be shown, as those that colour."""
    failures = []
    for name in frame:
        tidy = frame[name].map(lambda cell: " ".join(cell.split()))
        if len(changed := frame.index[tidy != frame[name]]):
            notes = [*notes, f"column {name}: stray spaces or line breaks are left out ({_said(changed)})"]
        frame = frame.assign(**{name: tidy})
        wrong = frame.index[~tidy.map(str.isprintable)]
        rule = "must not hold characters that cannot be printed"
        failures += [Failure(file, int(index) + 1, name, rule, tidy[index]) for index in wrong]
    refuse(failures)
    return frame, tuple(notes)


def _said(rows: pd.Index) -> str:
    """Return rows in words, not more than the first five."""
    more = f" and {len(rows) - 5} more" if len(rows) > 5 else ""
    return f"row{'s' * (len(rows) > 1)} {', '.join(str(index + 1) for index in rows[:5])}{more}"


def plain_numbers(brought: Brought, columns: list[str]) -> Brought:
    """Return the table with numbers as Python writes them: no separators of thousands, no decimal commas.

    A comma is a decimal one only where cells are not parted by commas and some number can be read in no other way.
    Raises DataError where it may be either.
    """
    frame, notes, failures = brought.frame.copy(), list(brought.notes), []
    columns = [name for name in columns if name in frame]
    every = {cell for name in columns for cell in set(frame[name])}
    decimal = brought.separator != "," and any(
        COMMA.fullmatch(cell) and not THOUSANDS.fullmatch(cell) for cell in every
    )
    for name in columns:
        plain = frame[name].map(lambda cell: unicodedata.normalize("NFKC", cell))
        steps = {"digits of full width are plain ones": (plain != frame[name], plain)}
        parted = plain.map(lambda cell: bool(THOUSANDS.fullmatch(cell)))
        if decimal:
            comma = plain.map(lambda cell: bool(COMMA.fullmatch(cell)))
            steps["commas are decimal ones"] = comma, plain.str.replace(",", ".")
        elif brought.separator == ",":
            steps["commas and spaces part thousands"] = parted, plain.str.replace(r"[ ,]", "", regex=True)
        else:
            rule = "may have a decimal comma or a separator of thousands: write it with a point or without"
            failures += [
                Failure(brought.file, int(index) + 1, name, rule, plain[index]) for index in plain[parted].index
            ]
        for words, (where, values) in steps.items():
            if where.any():
                frame.loc[where, name] = values[where]
                notes.append(f"column {name}: {words} ({_said(frame.index[where])})")
    refuse(failures)
    return replace(brought, frame=frame, notes=tuple(notes))
