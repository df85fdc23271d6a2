"""Exports of other tools: a column a run or a line a step, by names in common use, and what is told of them."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
import pytest

from algoprogress.cli import main
from algoprogress.frontiers import own_file
from algoprogress.frontiers.runs import RunsError

SIZES = {"60m": 6e7, "130m": 1.3e8, "0.3b": 3e8, "1.2B": 1.2e9}
STEPS = np.arange(0, 401, 20)
TOKENS = 1e6  # a step


def law(size: float, steps: np.ndarray, gain: float) -> np.ndarray:
    """Return losses after steps, the new algorithm's as if from so many times the compute."""
    return 1.8 + 12.0 * (6.0 * size * np.maximum(steps, 1) * TOKENS * gain / 1e15) ** -0.2


@pytest.fixture
def wide(tmp_path):
    """Return a chart's export: a column a run and metric, with bands, gaps, and runs of something else."""
    columns = {"Step": STEPS}
    for name, gain in (("adamw", 1.0), ("muon", 2.0), ("debug", 1.0)):
        for words, size in SIZES.items():
            loss = pd.Series(law(size, STEPS, gain)).where(STEPS % 40 == 0)
            for band in ("", "__MIN", "__MAX"):
                columns[f"{name}-{words} - eval/loss{band}"] = loss
            columns[f"{name}-{words} - _runtime"] = STEPS * size / 1e6 * gain  # slower by what it gains
    pd.DataFrame(columns).to_csv(tmp_path / "chart.csv", index=False, quoting=1)
    return tmp_path / "chart.csv"


def test_a_chart_with_a_column_a_run_is_read_by_name(wide, capsys):
    found = own_file.read(wide, tokens_per_step=TOKENS, algorithms=("adamw", "muon"))
    assert len(found) == 2 * len(SIZES) * 10 and set(found["algorithm"]) == {"adamw", "muon"}
    for run, part in found.groupby("run"):
        size = SIZES[run.split("-")[-1]]
        np.testing.assert_allclose(part["training_compute_flop"], 6.0 * size * part["tokens"])
        np.testing.assert_allclose(part["tokens"], part["step"].astype(float) * TOKENS)
        np.testing.assert_allclose(part["loss_nats"], law(size, STEPS[2::2], 1.0 + run.startswith("muon")))
    said = "\n".join(found.attrs["notes"])
    for words in (
        "12 runs with a column each",
        "4 runs begin with none of adamw, muon: left out",
        "column _runtime is",
    ):
        assert words in said
    asked = ["--tokens-per-step", "1e6", "--reference", "adamw", "--new", "muon", "--draws", "40"]
    assert main(["frontier", str(wide), *asked]) == 0
    printed = capsys.readouterr().out.splitlines()
    assert float(printed[0].split()[2]) == pytest.approx(2.0, rel=0.02)
    assert float(re.match(r"counted by seconds: ([\d.]+) times", printed[1])[1]) == pytest.approx(1.0, rel=0.01)


def test_a_chart_without_what_compute_follows_from_says_what_to_tell(wide, capsys):
    assert main(["check", str(wide)]) == 2
    assert "tell --tokens-per-step" in capsys.readouterr().err
    assert main(["check", str(wide), "--compute", "seconds"]) == 0
    assert "the first words of runs: adamw, muon, debug" in capsys.readouterr().out
    assert main(["check", str(wide), "--tokens-per-step", "1e6", "--flop-per-token", "1e9"]) == 0
    assert "1e+09 FLOP a token" in capsys.readouterr().out


def test_a_cleaned_copy_of_an_export_is_a_plain_file(wide, tmp_path, capsys):
    out, told = tmp_path / "clean.csv", {"tokens_per_step": TOKENS}
    assert main(["check", str(wide), "--tokens-per-step", "1e6", "--fix", str(out)]) == 0
    names = ["run", "training_compute_flop", "loss_nats", "seconds"]
    pd.testing.assert_frame_equal(own_file.read(out)[names], own_file.read(wide, **told)[names].reset_index(drop=True))
    capsys.readouterr()


def test_a_history_with_a_line_a_step_is_read_by_name(tmp_path):
    parts = []
    for name, gain in (("old/small", 1.0), ("new/small", 2.0)):
        told = {"Name": name, "_step": STEPS, "_runtime": STEPS * 3.0 + 1, "throughput/total_tokens": STEPS * TOKENS}
        parts.append(pd.DataFrame({**told, "train/loss": law(1e8, STEPS, gain), "parameter_count": 1e8}))
    path = tmp_path / "history.csv"
    pd.concat(parts).to_csv(path, index=False)
    found = own_file.read(path)
    np.testing.assert_allclose(found["training_compute_flop"], 6e8 * np.tile(STEPS[1:], 2) * TOKENS)
    assert set(found["run"]) == {"old/old/small", "new/new/small"}
    frame = pd.read_csv(path).assign(**{"total_gflops": lambda each: each["_step"] * 1e6})
    frame.to_csv(path, index=False)
    np.testing.assert_allclose(own_file.read(path)["training_compute_flop"], np.tile(STEPS[1:], 2) * 1e15)


def test_a_folder_of_tables_is_read_by_name(tmp_path):
    for name, gain in (("old", 1.0), ("new", 2.0)):
        (tmp_path / "log" / name).mkdir(parents=True)
        frame = pd.DataFrame({"_step": STEPS, "train/loss": law(6e7, STEPS, gain), "gpu": 0.5})
        frame.to_csv(tmp_path / "log" / name / "run-60m.csv", index=False)
    found = own_file.read(tmp_path / "log", tokens_per_step=TOKENS)
    assert set(found["run"]) == {"old/run-60m", "new/run-60m"}
    np.testing.assert_allclose(found["training_compute_flop"], np.tile(6.0 * 6e7 * STEPS[1:] * TOKENS, 2))


@pytest.mark.parametrize("run", ["adamw", "adamw-130m-for-1b", "adamw-v2m3"])
def test_a_size_that_a_name_does_not_tell_for_certain_is_not_guessed(run, tmp_path):
    path = tmp_path / "runs.csv"
    pd.DataFrame({"name": run, "_step": STEPS, "train/loss": law(6e7, STEPS, 1.0)}).to_csv(path, index=False)
    with pytest.raises((RunsError, ValueError), match="training_compute_flop"):
        own_file.read(path, tokens_per_step=TOKENS)


def test_a_plain_file_is_left_as_it_is(tmp_path):
    from algoprogress.data import exports, reader, template_path

    brought = reader.read(template_path("runs"))
    assert exports.named(brought, "loss_nats") is brought and not exports.known(brought)
