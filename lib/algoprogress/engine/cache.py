"""Keeps the results of long computations on disk, by code, data and arguments, each with checksum and signature.

A pickle runs what it holds, so that only what this user has written is read: it is signed with a random key, which lies
with the user and not among the results. Where nothing can be kept or read, everything is computed all the same.
"""

import contextlib
import functools
import hashlib
import hmac
import inspect
import os
import pickle
import secrets
import tempfile
import uuid
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import joblib

from algoprogress.engine import of_user, root, write_whole
from algoprogress.engine.made_of import made_of

CHECKSUM_BYTES = hashlib.sha256().digest_size
KEY_BYTES = 32
HANDED = "ALGOPROGRESS_RESULTS_KEY"  # the variable by which a key that cannot be kept reaches other processes

_elsewhere: list[Path] = []


class DamagedEntry(UserWarning):
    """A result on disk is not what was written there, so it is computed again; the message names the file."""


class NotKept(UserWarning):
    """Results cannot be kept, or those on disk are not this user's; the message says so once for a folder."""


@functools.cache
def _say_once(words: str) -> None:
    warnings.warn(words, NotKept, stacklevel=4)


@functools.cache
def _key() -> bytes:
    """Return the user's key, made if there is none.

    Where none can be kept to the user it is one for this process and those that it starts from now on.

    Two processes that begin at once have the same: the first whole file stays.
    """
    place = of_user("XDG_CONFIG_HOME", ".config") / "results.key"
    try:
        if not place.exists():
            place.parent.mkdir(parents=True, exist_ok=True)
            draft = place.with_name(uuid.uuid4().hex)
            with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                file.write(secrets.token_bytes(KEY_BYTES))
            with contextlib.suppress(FileExistsError):
                os.link(draft, place)
            draft.unlink()
        status, key = place.stat(), place.read_bytes()
        if status.st_uid == os.getuid() and not status.st_mode & 0o077 and len(key) == KEY_BYTES:
            return key
    except OSError:
        pass
    return bytes.fromhex(os.environ.setdefault(HANDED, secrets.token_hex(KEY_BYTES)))


def share() -> None:
    """See to it that processes which are started from now on read what each other keeps."""
    _key()


@dataclass(frozen=True)
class Entry:
    """The place of one result on disk: a file that holds a SHA-256, a signature, and the pickled result."""

    path: Path

    def load(self) -> tuple[bool, Any]:
        """Return whether the result is on disk, and the result or None; a damaged file warns (`DamagedEntry`)."""
        try:
            content = self.path.read_bytes()
        except OSError:  # none, or none that this user may read
            return False, None
        try:
            signed = content[CHECKSUM_BYTES:]
            if content[:CHECKSUM_BYTES] != self._checksum(signed):
                raise ValueError("its checksum does not match")
            if not hmac.compare_digest(signed[:CHECKSUM_BYTES], self._signature(signed[CHECKSUM_BYTES:])):
                _say_once(f"results in {self.path.parent.parent} that this user has not written are not read")
                return False, None
            return True, pickle.loads(signed[CHECKSUM_BYTES:])
        except Exception as error:  # what a broken pickle raises is anything
            reason = f"{type(error).__name__}: {error}"
            warnings.warn(f"damaged result {self.path} ({reason}): computed again", DamagedEntry, stacklevel=3)
            return False, None

    def save(self, value: Any) -> None:
        """Write the result whole or not at all: an interruption leaves no half file, and the last writer wins.

        Where it cannot be kept, as on a full disk, a warning says so (`NotKept`) and the work goes on.
        """
        payload = pickle.dumps(value, protocol=5)
        signed = self._signature(payload) + payload
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            write_whole(self.path, self._checksum(signed) + signed)
        except OSError as error:
            _say_once(f"results cannot be kept in {self.path.parent.parent}: {error.strerror}")

    def _signature(self, payload: bytes) -> bytes:
        return hmac.digest(_key(), self.path.name.encode() + payload, "sha256")

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


@contextlib.contextmanager
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
