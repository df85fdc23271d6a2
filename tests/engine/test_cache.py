"""Results on disk are found again if they are sound, and are told apart by the values of all arguments."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from pathlib import Path

import joblib
import numpy as np
import pytest

from algoprogress.data import tables
from algoprogress.engine import cache
from algoprogress.engine.made_of import made_of
from algoprogress.laws import catalogue


@pytest.fixture
def home(tmp_path, monkeypatch) -> Path:
    """Return an empty repository, so that no result is on disk yet."""
    monkeypatch.setenv("ALGOPROGRESS_ROOT", str(tmp_path))
    return tmp_path


CALLS: list[tuple] = []


@cache.cached
def doubled(value, *, times: int = 1):
    """Return the value doubled, and remember that it was asked for."""
    CALLS.append((value, times))
    return 2 * value * times


def places(folder: Path) -> set[str]:
    """Return the names of the places where results lie."""
    return {path.name for path in (folder / "_build" / "cache").iterdir()}


def test_a_result_is_found_again(home):
    CALLS.clear()
    assert [doubled(3), doubled(3), doubled(value=3), doubled(3, times=1)] == [6] * 4
    assert CALLS == [(3, 1)]
    assert [doubled(4), doubled(3, times=2)] == [8, 12]
    assert CALLS == [(3, 1), (4, 1), (3, 2)]
    assert places(home) == {made_of(__name__)}
    assert doubled.__name__ == "doubled"


def the_entry(folder: Path) -> Path:
    """Return the one file in the cache, which also tells that nothing else was left there."""
    (file,) = (path for path in (folder / "_build").rglob("*") if path.is_file())
    return file


def flipped(content: bytes, position: int) -> bytes:
    """Return the bytes with one bit of one byte changed."""
    changed = bytearray(content)
    changed[position] ^= 1
    return bytes(changed)


DAMAGE = {
    "truncated": lambda content: content[:-1],
    "half": lambda content: content[: len(content) // 2],
    "only a checksum": lambda content: content[: cache.CHECKSUM_BYTES],
    "a bit of the payload": lambda content: flipped(content, -2),
    "a bit of the checksum": lambda content: flipped(content, 0),
    "empty": lambda content: b"",
    "garbage": lambda content: b"\x00garbage" * 20,
    "longer": lambda content: content + b"\n",
}


@pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE)
def test_a_damaged_result_is_reported_computed_again_and_repaired(home, damage):
    doubled(3)
    file = the_entry(home)
    sound = file.read_bytes()
    file.write_bytes(damage(sound))
    CALLS.clear()
    with pytest.warns(cache.DamagedEntry) as warned:
        assert doubled(3) == 6
    assert [file.name in str(each.message) for each in warned] == [True]
    assert CALLS == [(3, 1)]
    assert the_entry(home).read_bytes() == sound
    assert doubled(3) == 6  # without a warning, which would be an error
    assert CALLS == [(3, 1)]


def test_a_result_under_the_name_of_another_is_found_out(home):
    doubled(3)
    file = the_entry(home)
    doubled(4)
    (other,) = (path for path in file.parent.iterdir() if path != file)
    other.write_bytes(file.read_bytes())
    with pytest.warns(cache.DamagedEntry, match="checksum"):
        assert doubled(4) == 8


def test_a_sound_file_that_cannot_be_unpickled_is_damaged(home):
    place = cache.entry(doubled, (3,), {})
    place.save(3)
    payload = b"not a pickle"
    signed = place._signature(payload) + payload
    place.path.write_bytes(place._checksum(signed) + signed)
    with pytest.warns(cache.DamagedEntry, match="UnpicklingError"):
        assert place.load() == (False, None)


def test_an_interrupted_write_leaves_nothing(home, monkeypatch):
    place = cache.entry(doubled, (3,), {})

    def interrupted(self, target):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(Path, "replace", interrupted)
        place.save(6)
    assert list(place.path.parent.iterdir()) == []
    (place.path.parent / "0123.tmp").write_bytes(b"what a killed process had written")
    assert place.load() == (False, None)
    place.save(6)
    assert place.load() == (True, 6)


def test_concurrent_writers_are_harmless(home):
    place = cache.entry(doubled, (3,), {})
    value = np.arange(50_000.0)
    place.save(value)
    writers = [threading.Thread(target=lambda: [place.save(value) for _ in range(20)]) for _ in range(4)]
    for writer in writers:
        writer.start()
    while any(writer.is_alive() for writer in writers):
        found, loaded = place.load()  # a torn file would warn
        assert found
        assert loaded.tobytes() == value.tobytes()
    assert the_entry(home) == place.path


def test_none_is_a_result_like_any_other(home):
    place = cache.entry(doubled, (3,), {})
    assert place.load() == (False, None)
    place.save(None)
    assert place.load() == (True, None)


def test_an_entry_is_named_by_value_not_by_identity(home):
    one, same = np.arange(3.0), np.arange(3.0)
    assert cache.entry(doubled, (one,), {"times": one}) == cache.entry(doubled, (one,), {"times": same})
    assert cache.entry(doubled, (one,), {}) != cache.entry(doubled, (one + 1e-12,), {})


def test_results_of_a_function_without_a_name_of_its_own_are_refused(home):
    with pytest.raises(ValueError, match="lambda"):
        cache.entry(lambda: 1, (), {})


def test_the_function_itself_is_within_reach(home):
    CALLS.clear()
    assert [doubled.__wrapped__(3), doubled.__wrapped__(3)] == [6, 6]
    assert len(CALLS) == 2
    assert not (home / "_build").exists()


HASH = """
import joblib
from algoprogress.data import tables
from algoprogress.laws import catalogue
sample = tables.evaluations().published_sample()
print(joblib.hash([sample, sample.reviewed(), catalogue.law("7")]))
"""


def test_a_sample_is_the_same_key_in_every_process():
    def key(seed: str) -> str:
        environment = {**os.environ, "PYTHONHASHSEED": seed}
        done = subprocess.run([sys.executable, "-c", HASH], env=environment, capture_output=True, text=True, check=True)
        return done.stdout.strip()

    sample = tables.evaluations().published_sample()
    assert {key("1"), key("2")} == {joblib.hash([sample, sample.reviewed(), catalogue.law("7")])}


def test_looking_at_a_sample_does_not_change_its_key():
    sample = tables.evaluations().published_sample()
    before = joblib.hash(sample)
    str(sample.frame), sample.frame.loc[3], sample.frame.groupby("paper_id").size()  # rearrange pandas inside
    catalogue.law("7").design(sample.frame)
    assert joblib.hash(sample) == before


def test_another_value_is_another_key():
    sample = tables.evaluations().published_sample()
    other = tables.evaluations().published_sample()
    other.frame.loc[0, "perplexity"] += 1e-9
    assert joblib.hash(sample) != joblib.hash(other)
    assert joblib.hash(sample) != joblib.hash(sample.reviewed())
