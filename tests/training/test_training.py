"""The training package, where PyTorch is installed: FLOP, runs that repeat and resume, clear words."""

from __future__ import annotations

import contextlib
import os
import signal
import threading
import time
from pathlib import Path

import numpy as np
import pytest

from algoprogress.frontiers import own_file

torch = pytest.importorskip("torch", reason="the extra is not installed: requirements-training.txt")
pytest.importorskip("tokenizers", reason="the extra is not installed: requirements-training.txt")
from training import TrainingError, algorithms, flop, log, model, run, search, text  # noqa: E402
from training.__main__ import main  # noqa: E402

KINDS = algorithms.algorithms()
TINY = 2e8  # FLOP, of some dozen steps
WORDS = ("the", "cat", "sat", "on", "a", "mat", "and", "dog", "ran", "by", "it", "while", "rain", "fell", "hills\n")


@pytest.fixture(autouse=True)
def _small(monkeypatch, tmp_path):
    torch.set_num_threads(1)
    monkeypatch.setattr(run, "LENGTH", 16)
    monkeypatch.setattr(run, "BATCH", 2)
    monkeypatch.setattr(run, "LEAST_STEPS", 5)
    monkeypatch.setattr(text, "root", lambda: tmp_path)


@pytest.fixture
def own(tmp_path) -> Path:
    drawn = np.random.default_rng(0).choice(WORDS, 60_000)
    path = tmp_path / "own.txt"
    path.write_text(" ".join(drawn), encoding="utf-8")
    return path


@pytest.mark.parametrize("name", KINDS)
def test_flop_are_those_that_pytorch_counts(name):
    kind, windows = KINDS[name], torch.zeros((4, 33), dtype=torch.long)
    for width in (16, 48):
        torch.manual_seed(0)
        counted = flop.counted(model.Model(kind, width, 256), windows)
        assert 4 * 32 * flop.per_token(kind, width, 256, 32) == pytest.approx(counted, rel=0.02)


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_muons_own_products_are_counted():
    from torch.utils.flop_counter import FlopCounterMode

    kind = KINDS["today_muon"]
    small = model.Model(kind, 16, 64)
    sum(small.losses(torch.zeros((1, 9), dtype=torch.long))).backward()
    muon, _ = run.optimisers(kind, small, 0.01)
    with FlopCounterMode(display=False) as counter:
        muon.step()
    assert flop.per_step(kind, 16) == pytest.approx(counter.get_total_flops(), rel=0.02)


def test_the_unfused_lstm_is_pytorchs():
    torch.manual_seed(1)
    small = model.Model(KINDS["lstm"], 16, 64)
    windows = torch.randint(0, 64, (3, 12))
    fused = small(windows)
    small.body.unfused = True
    torch.testing.assert_close(fused, small(windows))


@pytest.mark.parametrize("name", KINDS)
def test_each_algorithm_learns_and_the_same_seed_repeats_its_loss(name, own):
    on = text.read(own)
    asked = run.Run(name, 6 * TINY, 16, search.FIRST_RATE[KINDS[name].optimiser] / 2)
    rows = run.trained(asked, on)
    assert [row["done"] for row in rows] == pytest.approx([0.5, 1.0], abs=0.01) and not rows[-1]["diverged"]
    assert rows[-1]["loss_nats"] < 0.95 * np.log(text.VOCABULARY)
    again = run.trained(asked, on)
    assert [row["loss_nats"] for row in again] == [row["loss_nats"] for row in rows]
    assert rows[-1]["training_compute_flop"] == pytest.approx(asked.budget_flop, rel=0.1)
    other = run.trained(run.Run(name, 6 * TINY, 16, asked.rate, seed=1), on)
    assert other[-1]["loss_nats"] != rows[-1]["loss_nats"]


def test_a_model_sees_no_future():
    for name in algorithms.FAMILIES:
        small = model.Model(KINDS[name], 16, 64).eval()
        one = torch.randint(0, 64, (1, 10))
        two = one.clone()
        two[0, 6:] = 63 - two[0, 6:]
        torch.testing.assert_close(small(one)[:, :6], small(two)[:, :6])


def test_schedules_warm_up_and_end_as_they_say():
    linear, slow = KINDS["transformer_today"], KINDS["transformer_2017"]
    shares = [run.share(linear, step, 100) for step in range(100)]
    assert shares[0] < 0.2 and max(shares) == pytest.approx(1.0, abs=0.02) and shares[-1] < 0.01
    assert run.share(slow, 99, 100) == pytest.approx((0.05 / 0.995) ** 0.5)


def test_rates_are_tuned_until_the_best_is_inside():
    def loss(rate: float) -> float:
        return (np.log2(rate) + 4.3) ** 2

    losses: dict[float, float] = {}
    while asked := search.wanted(losses, 2.0**-7):
        losses |= {rate: loss(rate) for rate in asked}
    rate, least, inside = search.tuned(losses)
    assert inside and np.log2(rate) == pytest.approx(-4.3) and least == pytest.approx(0.0, abs=1e-9)
    endless: dict[float, float] = {}
    while asked := search.wanted(endless, 1.0):
        endless |= {rate: -rate for rate in asked}
    assert len(endless) <= search.MOST_RATES + 1 and not search.tuned(endless)[2]


def test_a_search_resumes_after_a_cut_line_and_its_file_is_one_of_runs(own, tmp_path, capsys):
    path = tmp_path / "runs.csv"
    asked = ["one", "--algorithm", "lstm", "--budget", "1e9", "--text", str(own), "--runs", str(path), "--workers", "1"]
    lines = (log.HEADER, "lstm,1e+09-w16-r0.01")
    path.write_text("".join(lines), encoding="utf-8")
    assert main(asked) == 0
    said = capsys.readouterr()
    assert "the last line was cut off" in said.err and "GFLOP/s" in said.out
    whole = path.read_bytes()
    assert main(asked) == 0 and path.read_bytes() == whole, "nothing is trained twice"
    ends = log.ends(log.read(path))
    assert ends["width"].nunique() >= 4 and (ends.groupby("width")["rate"].nunique() >= 3).all()
    assert len(own_file.read(path)) == len(log.read(path))


REFUSED = {
    "algorithm": (["--algorithm", "mamba"], "algorithm 'mamba': must be one of lstm, transformer_2017"),
    "budget": (["--budget", "-1"], "must be training FLOP above zero"),
    "little": (["--budget", "10"], "too little for any size"),
    "long": (["--budget", "1e13"], "own.txt has"),
    "text": (["--text", "nowhere.txt"], "nowhere.txt: No such file"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_trained_is_refused_in_words(case, own, tmp_path, capsys):
    changed, words = REFUSED[case]
    asked = ["one", "--algorithm", "lstm", "--budget", "1e9", "--text", str(own), "--workers", "1"]
    assert main([*asked, "--runs", str(tmp_path / "runs.csv"), *changed]) == 2
    assert words in capsys.readouterr().err
    assert not (tmp_path / "runs.csv").exists()


def test_a_full_disk_leaves_the_file_as_it_was(tmp_path, monkeypatch):
    path = tmp_path / "runs.csv"
    row = dict.fromkeys(log.NAMES, 1)
    log.append(path, [row])
    before = path.read_bytes()

    def full(_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(log.os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        log.append(path, [row])
    assert path.read_bytes() == before


@pytest.mark.parametrize("workers", [1, 2])
def test_who_ends_a_search_ends_the_runs_in_work(workers, own, tmp_path, monkeypatch, capsys):
    first, real, caller = tmp_path / "first", search.trained, os.getpid()

    def endless(asked: run.Run, on: text.Text) -> list[dict[str, object]]:
        try:
            first.touch(exist_ok=False)
        except FileExistsError:
            (tmp_path / f"at-work-{os.getpid()}").touch()
            time.sleep(60.0)
        return real(asked, on)

    def stop() -> None:
        while len(list(tmp_path.glob("at-work-*"))) < workers:
            time.sleep(0.05)
        ended_at.append(time.monotonic())
        os.kill(caller, signal.SIGTERM)

    monkeypatch.setattr(search, "trained", endless)
    path, ended_at = tmp_path / "runs.csv", []
    threading.Thread(target=stop, daemon=True).start()
    asked = ["one", "--algorithm", "lstm", "--budget", "1e9", "--text", str(own), "--runs", str(path)]
    assert main([*asked, "--workers", f"{workers}"]) == 128 + signal.SIGTERM
    assert time.monotonic() - ended_at[0] < 5.0 and "what was finished is kept" in capsys.readouterr().err
    assert len(log.ends(log.read(path))) == 1, "only what was in work is lost"
    for pid in (int(each.name.rpartition("-")[2]) for each in tmp_path.glob("at-work-*")):
        with pytest.raises(ProcessLookupError) if pid != caller else contextlib.nullcontext():
            os.kill(pid, 0)


def test_another_text_in_the_same_file_is_refused(own, tmp_path):
    path = tmp_path / "runs.csv"
    log.append(path, [dict.fromkeys(log.NAMES, 1) | {"text": "0" * 12}])
    with pytest.raises(TrainingError, match="holds runs on another text"):
        search.searched([], path, text.read(own))
