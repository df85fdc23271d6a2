"""Keeps the results of long computations on disk, by code, data and arguments, each with its checksum."""

from __future__ import annotations

import ast
import functools
import hashlib
import inspect
import pickle
import tempfile
import uuid
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import joblib

from algoprogress.tables import root

Function = TypeVar("Function", bound=Callable)

# These modules present results, print timings or schedule work, and compute no result, so a change in them leaves the
# cache valid.
PRESENTATION = frozenset(
    {
        "__main__",
        "bayes_tables",
        "book",
        "bookext",
        "ceg_tables",
        "claims",
        "comparisons",
        "derivations",
        "explorer",
        "finding",
        "front",
        "gain_answer",
        "gain_explorer",
        "glossary",
        "identify_tables",
        "lab",
        "literature",
        "literature_tables",
        "markdown",
        "multiverse_tables",
        "notation",
        "outlook_tables",
        "outside_tables",
        "own_answer",
        "own_evaluations",
        "own_files",
        "own_laws",
        "own_runs",
        "pages",
        "pairs_tables",
        "recompute",
        "recompute_bayes",
        "recompute_ceg",
        "recompute_cv",
        "recompute_identify",
        "recompute_literature",
        "recompute_outlook",
        "recompute_outside",
        "recompute_pairs",
        "recompute_robust",
        "recompute_sources",
        "recompute_strict",
        "reference",
        "report",
        "robustness_tables",
        "selection_tables",
        "sources_tables",
        "speedrun_tables",
        "strict_tables",
        "style",
        "wording",
    }
    | {"bench", "cache", "parallel"}
    | {"citation", "inventory", "pagefoot", "printed", "printed_html", "sitefiles", "versions"}
)
RESULTS = frozenset(
    {"claims", "best_minima", "coverage", "posterior", "posterior_checks", "simulation", "specifications",
     "literature_gains", "growth_rates"}
)  # tables that no computation reads, only its readers
CHECKSUM_BYTES = hashlib.sha256().digest_size


_elsewhere: list[Path] = []


class DamagedEntry(UserWarning):
    """A result on disk is not what was written there, so it is computed again; the message names the file."""


def computing_modules(behind: str = "") -> list[Path]:
    """Return the files of the library that compute results; those that one module rests on, if it is named."""
    home = Path(__file__).parent
    every = {path.stem: path for path in home.glob("*.py") if path.stem not in PRESENTATION}
    package, _, stem = behind.rpartition(".")
    if package != __package__ or stem not in every:
        return sorted(every.values())
    found, rest = set(), {stem}
    while rest:
        name = rest.pop()
        found.add(name)
        rest |= _imported(every[name]) & every.keys() - found
    return sorted(every[name] for name in found)


def _imported(path: Path) -> set[str]:
    """Return the names that a file imports from this package, at its top or within a function."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module == __package__:
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith(f"{__package__}."):
            names.add(node.module.split(".")[1])
        elif isinstance(node, ast.Import):
            names |= {alias.name.split(".")[1] for alias in node.names if alias.name.startswith(f"{__package__}.")}
    return names


@functools.cache
def digest(folder: Path, module: str = "") -> str:
    """Return a digest of the code that a module rests on, of the data if it reads any, and of the pinned versions.

    Without a module of the library, all code that computes counts, and the data.
    """
    code = computing_modules(module)
    reads = any(path.stem == "tables" for path in code)  # else the data come as arguments, which are told apart anyway
    data = sorted(path for path in (folder / "data").glob("*.csv") if path.stem not in RESULTS) if reads else []
    total = hashlib.sha256()
    for path in [*code, *data, folder / "constraints.txt"]:
        total.update(path.name.encode())
        total.update(path.read_bytes() if path.exists() else b"")
    return total.hexdigest()[:16]


@dataclass(frozen=True)
class Entry:
    """The place of one result on disk: a file that holds a SHA-256 and the pickled result that it vouches for."""

    path: Path

    def load(self) -> tuple[bool, Any]:
        """Return whether the result is on disk, and the result (None if it is not).

        A damaged file counts as absent, with a `DamagedEntry` warning.
        """
        try:
            content = self.path.read_bytes()
        except FileNotFoundError:
            return False, None
        try:
            if content[:CHECKSUM_BYTES] != self._checksum(content[CHECKSUM_BYTES:]):
                raise ValueError("its checksum does not match")
            return True, pickle.loads(content[CHECKSUM_BYTES:])
        except Exception as error:  # what a broken pickle raises is anything
            reason = f"{type(error).__name__}: {error}"
            warnings.warn(f"damaged result {self.path} ({reason}): computed again", DamagedEntry, stacklevel=3)
            return False, None

    def save(self, value: Any) -> None:
        """Write the result whole or not at all: an interruption leaves no half file, and the last writer wins."""
        payload = pickle.dumps(value, protocol=5)
        self.path.parent.mkdir(parents=True, exist_ok=True)
        temporary = self.path.with_name(f"{uuid.uuid4().hex}.tmp")
        try:
            temporary.write_bytes(self._checksum(payload) + payload)
            temporary.replace(self.path)
        finally:
            temporary.unlink(missing_ok=True)

    def _checksum(self, payload: bytes) -> bytes:
        """Return the SHA-256 of the name and the payload, so that a file under another's name is found out too."""
        return hashlib.sha256(self.path.name.encode() + payload).digest()


def entry(function: Callable, arguments: Sequence, options: Mapping[str, Any]) -> Entry:
    """Return the place of the result of ``function(*arguments, **options)``.

    It is `_build/cache/<digest of code and data>/<function>-<arguments>`, so a changed table, or a change in any module
    that the function's own rests on, never meets old results. Arguments are told apart by value, however they are
    passed. Raises ValueError for a function without
    a name of its own (a lambda or a local function).
    """
    if "<" in function.__qualname__:
        raise ValueError(f"results of {function.__qualname__} cannot be kept: it must be a function of a module")
    bound = inspect.signature(function).bind(*arguments, **options)
    bound.apply_defaults()
    # Each argument has a hash of its own: hashed as one, equal arguments and one argument passed twice would differ.
    key = joblib.hash({name: joblib.hash(value) for name, value in bound.arguments.items()})
    place = _elsewhere[-1] if _elsewhere else root() / "_build" / "cache" / digest(root(), function.__module__)
    return Entry(place / f"{function.__module__}.{function.__qualname__}-{key}")


@contextmanager
def elsewhere() -> Iterator[None]:
    """Keep results in an empty folder of their own, removed at the end: everything within is computed afresh."""
    with tempfile.TemporaryDirectory() as folder:
        _elsewhere.append(Path(folder))
        try:
            yield
        finally:
            _elsewhere.pop()


def cached(function: Function) -> Function:
    """Return the function with its results kept on disk; `__wrapped__` is the function itself."""

    @functools.wraps(function)
    def remembered(*arguments, **options):
        place = entry(function, arguments, options)
        found, value = place.load()
        if not found:
            value = function(*arguments, **options)
            place.save(value)
        return value

    return remembered
