"""Keeps the results of long computations on disk, by code, data and arguments, each with its checksum."""

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
from typing import Any

import joblib

from algoprogress.engine import root
from algoprogress.engine.made_of import made_of

CHECKSUM_BYTES = hashlib.sha256().digest_size

_elsewhere: list[Path] = []


class DamagedEntry(UserWarning):
    """A result on disk is not what was written there, so it is computed again; the message names the file."""


@dataclass(frozen=True)
class Entry:
    """The place of one result on disk: a file that holds a SHA-256 and the pickled result that it vouches for."""

    path: Path

    def load(self) -> tuple[bool, Any]:
        """Return whether the result is on disk, and it or None; a damaged file warns (`DamagedEntry`) and is absent."""
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


def entry(function: Callable, arguments: Sequence, options: Mapping[str, Any], *, behind: str = "") -> Entry:
    """Return the place of the result of ``function(*arguments, **options)``, whose arguments are told apart by value.

    It is `_build/cache/<made_of its module or that behind>/<function>-<arguments>`. Raises ValueError for a lambda.
    """
    if "<" in function.__qualname__:
        raise ValueError(f"results of {function.__qualname__} cannot be kept: it must be a function of a module")
    bound = inspect.signature(function).bind(*arguments, **options)
    bound.apply_defaults()
    # Each argument has a hash of its own: hashed as one, equal arguments and one argument passed twice would differ.
    key = joblib.hash({name: joblib.hash(value) for name, value in bound.arguments.items()})
    place = _elsewhere[-1] if _elsewhere else root() / "_build" / "cache" / made_of(behind or function.__module__)
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


def cached(function: Callable) -> Callable:
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
