"""Own training runs by the command: what it prints and writes, and what it refuses, with the file left alone."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from algoprogress import __version__
from algoprogress.cli import main
from algoprogress.data import reader
from algoprogress.data.tables import sha256
from algoprogress.frontiers import own_file, own_runs
from algoprogress.laws.scaling import ScalingLaw

LAW = ScalingLaw("truth", 1.69, 406.4, 0.34, 410.7, 0.28)


@pytest.fixture
def file(tmp_path):
    """Six runs of two algorithms, the new one four times as good everywhere."""
    parts = []
    for algorithm, gain in (("old", 1.0), ("new", 4.0)):
        for place, end in enumerate((1e17, 3e17, 1e18)):
            compute = end * np.geomspace(0.1, 1.0, 9)
            loss = 1.9 + 80.0 * (compute * gain) ** -0.09
            parts.append(
                pd.DataFrame(
                    {"algorithm": algorithm, "run": place, "training_compute_flop": compute, "loss_nats": loss}
                )
            )
    path = tmp_path / "runs.csv"
    pd.concat(parts).to_csv(path, index=False)
    return path


def test_the_command_prints_the_gain_and_writes_it(file, capsys, tmp_path):
    out = tmp_path / "gains.csv"
    command = ["frontier", str(file), "--reference", "old", "--new", "new", "--draws", "50", "--csv", str(out)]
    assert main([*command, "--currency", "6 N D"]) == 0
    printed = capsys.readouterr().out
    assert "compute: 6 N D" in printed and "old: 3 runs" in printed
    found = pd.read_csv(out)
    assert set(found["file_sha256"]) == {sha256(file.read_bytes())} and set(found["version"]) == {__version__}
    np.testing.assert_allclose(found.loc[found["estimator"] == "envelope", "gain"], 4.0, rtol=0.03)
    np.testing.assert_allclose(found.loc[found["estimator"] == "smooth", "gain"], 4.0, rtol=0.08)  # a line, as of three


def test_bits_and_another_currency_are_read(file, tmp_path):
    frame = pd.read_csv(file)
    other = tmp_path / "other.csv"
    frame.assign(loss_bits=frame["loss_nats"] / np.log(2.0), hours=frame["training_compute_flop"] / 1e17).drop(
        columns=["loss_nats", "training_compute_flop"]
    ).to_csv(other, index=False)
    read = own_file.read(other, compute="hours", bits=True)
    np.testing.assert_allclose(read["loss_nats"], frame["loss_nats"])
    found = own_runs.compare(read, reference="old", new="new", estimators=("envelope",), draws=20)
    np.testing.assert_allclose([each.value for each in found.gains["gain"]], 4.0, rtol=0.03)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda frame: frame.drop(columns="run"), "runs.csv: no column run; it has algorithm"),
        (lambda frame: frame.assign(loss_nats=np.exp(frame["loss_nats"])), "a perplexity"),
        (lambda frame: pd.concat([frame.iloc[[1]], frame]), "column training_compute_flop: must grow"),
        (lambda frame: pd.concat([frame.iloc[[0]], frame]), "repeats the checkpoint"),
        (lambda frame: frame.assign(algorithm=None), "row 1, column algorithm: must not be blank"),
        (lambda frame: frame.replace({"algorithm": {"new": "newer"}}), "must be one of old, newer"),
        (lambda frame: frame.assign(loss_nats=frame["loss_nats"] + 4 * (frame["algorithm"] == "old")), "no loss in"),
    ],
)
def test_what_cannot_be_compared_is_refused(file, change, said, capsys):
    change(pd.read_csv(file)).to_csv(file, index=False)
    before = file.read_bytes()
    assert main(["frontier", str(file), "--reference", "old", "--new", "new", "--draws", "20"]) == 2
    assert said in capsys.readouterr().err
    assert file.read_bytes() == before


def test_an_unknown_estimator_or_column_is_refused(file, capsys):
    command = ["frontier", str(file), "--reference", "old", "--new", "new"]
    assert main([*command, "--estimator", "spline"]) == 2
    assert "must be one of smooth" in capsys.readouterr().err
    assert main([*command, "--by", "parameters"]) == 2
    assert main(["frontier", str(file.parent / "none.csv"), "--reference", "a", "--new", "b"]) == 2


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--new", "old"], "must be two algorithms"),
        (["--new", "new", "--draws", "0"], "--draws 0: must be two or more"),
        (["--new", "new", "--csv", "runs.csv"], "is a file to be read"),
        (["--new", "new", "--csv", "here/runs.csv"], "is a file to be read"),
    ],
)
def test_what_would_mislead_or_overwrite_is_refused(file, options, said, capsys, monkeypatch, tmp_path):
    (tmp_path / "here").symlink_to(tmp_path)
    monkeypatch.chdir(tmp_path)
    before = file.read_bytes()
    assert main(["frontier", str(file), "--reference", "old", *options]) == 2
    assert said in capsys.readouterr().err
    assert file.read_bytes() == before


def test_columns_by_other_names_are_read_and_a_cleaned_copy_is_written(file, tmp_path, capsys):
    frame = pd.read_csv(file)
    other, out = tmp_path / "export.csv", tmp_path / "clean.csv"
    theirs = {"algorithm": "Model", "run": "Name", "loss_nats": "val loss", "training_compute_flop": "FLOPs"}
    frame.rename(columns=theirs).to_csv(other, index=False, sep=";")
    words = ["--columns", "algorithm=model,run=name,loss=val loss,compute=FLOPs"]
    assert main(["check", str(other), *words, "--fix", str(out)]) == 0
    said = capsys.readouterr().out
    assert "column val_loss is read as loss_nats" in said and "cells are parted by semicolons" in said
    pd.testing.assert_frame_equal(pd.read_csv(out)[list(frame)], frame)
    assert main(["check", str(out), "--fix", str(tmp_path / "again.csv")]) == 0
    assert "changed: nothing" in capsys.readouterr().out
    assert out.read_bytes() == (tmp_path / "again.csv").read_bytes()
    assert main(["check", str(other), "--columns", "loss=perplexity"]) == 2
    assert "no column perplexity; it has model, name" in capsys.readouterr().err
    assert main(["check", str(out), "--fix", str(out)]) == 2 and "is a file to be read" in capsys.readouterr().err


@pytest.mark.parametrize(("options", "times"), [([], 6e6), (["--flop-per-token", "7e6"], 7e6)])
def test_a_folder_of_json_lines_is_read_by_name(options, times, tmp_path, capsys):
    for name in ("old", "new"):
        (tmp_path / "log" / name).mkdir(parents=True)
        for run in (1, 2):
            lines = [{"step": k, "tokens": k * 1e9, "loss": 5.0 - 0.1 * k - 0.01 * run} for k in (1, 2, 3)]
            lines = [json.dumps(each | {"parameters": 1e6}) for each in lines]
            place = tmp_path / "log" / name / f"{run}.jsonl"
            place.write_text("\n".join([*lines, json.dumps({"gpu": 0.5})]), encoding="utf-8")
    told = {"flop_per_token": float(options[1])} if options else {}
    found = own_file.read(tmp_path / "log", **told)
    assert len(found) == 12 and set(found["run"]) == {f"{name}/{run}" for name in ("old", "new") for run in (1, 2)}
    np.testing.assert_allclose(found["training_compute_flop"], times * found["tokens"].astype(float))
    assert main(["check", str(tmp_path / "log"), *options]) == 0
    assert "FLOP a token, times tokens" in (said := capsys.readouterr().out) and "4 runs" in said
    place.write_text("{", encoding="utf-8")
    assert main(["check", str(tmp_path / "log")]) == 2
    assert "old/2.jsonl, line 1" in (said := capsys.readouterr().err) or "new/2.jsonl, line 1" in said


def test_a_large_plain_file_is_read_as_a_small_one(file, tmp_path, monkeypatch):
    slow = own_file.read(file)
    monkeypatch.setattr(reader, "LARGE_BYTES", 0)
    assert reader.plain(file, own_file.NAMES, ("training_compute_flop", "loss_nats")) is not None
    pd.testing.assert_frame_equal(own_file.read(file), slow, check_dtype=False)
    assert (own_file.read(file)["loss_nats"].to_numpy() == slow["loss_nats"].to_numpy()).all()
    for case in (Path(__file__).parents[1] / "cases").glob("r*.csv"):
        said = []
        for large in (0, 10**9):
            monkeypatch.setattr(reader, "LARGE_BYTES", large)
            try:
                said.append(own_file.read(case)[["run", "training_compute_flop", "loss_nats"]].to_numpy().tolist())
            except ValueError as error:
                said.append(str(error))
        assert said[0] == said[1], case.name


def test_the_default_answer_needs_no_floor_and_no_unit(file):
    frame = own_file.read(file)
    found = own_runs.compare(frame, reference="old", new="new", draws=0)
    assert list(dict.fromkeys(found.gains["estimator"])) == ["smooth", "floor", "envelope", "nearby"]
    bits = own_runs.compare(frame.assign(loss_nats=frame["loss_nats"] / 9.0), reference="old", new="new", draws=0)
    smooth = [[each.value for each in part.gains["gain"][:3]] for part in (found, bits)]
    np.testing.assert_allclose(*smooth)
    with pytest.raises(ValueError, match="needs --floor"):
        own_runs.compare(frame, reference="old", new="new", estimators=("power law",))


def test_a_column_of_budgets_is_one_of_numbers(file, tmp_path):
    """IsoFLOP minima are taken at its budgets, so runs that miss theirs by a step are one grid."""
    frame = pd.read_csv(file).groupby(["algorithm", "run"], sort=False).tail(1)
    grid = pd.concat(
        frame.assign(
            run=frame["run"].astype(str) + f"-{size}",
            parameters=size * np.sqrt(frame["training_compute_flop"] / 1e14) * 1e6,
            budget=frame["training_compute_flop"],
            training_compute_flop=frame["training_compute_flop"] * (1.0 + 1e-3 * size),
            loss_nats=frame["loss_nats"] * (1.0 + 0.02 * np.log(size / 3.0) ** 2),
        )
        for size in (1, 2, 4, 8)
    )
    path = tmp_path / "grid.csv"
    grid.to_csv(path, index=False)
    found = own_runs.compare(own_file.read(path), reference="old", new="new", estimators=("isoflop",), draws=50)
    assert np.isfinite([each.value for each in found.gains["gain"]]).all()


@pytest.mark.parametrize("place", [lambda flop: flop * 1e250, lambda flop: 1e20 * (flop / 1e17) ** 1e-7])
def test_compute_that_is_huge_or_narrow_is_fitted_as_any_other(place, file, capsys):
    """The gain is that of the plain file, raised to the power by which the logs of compute are scaled; no note."""
    rng, gains = np.random.default_rng(0), []
    flop = np.geomspace(1e16, 1e18, 6)
    parts = [{"algorithm": name, "training_compute_flop": flop, "loss_nats": 1.9 + 80.0 * (flop * gain) ** -0.09}
             for name, gain in (("old", 1.0), ("new", 4.0))]  # fmt: skip
    frame = pd.concat(map(pd.DataFrame, parts)).assign(run=lambda each: np.arange(len(each)) % 6)
    frame = frame.assign(
        loss_nats=frame["loss_nats"] * np.exp(rng.normal(0.0, 0.003, 12)), parameters=1e6 + frame["run"]
    )
    for each in (frame, frame.assign(training_compute_flop=place(frame["training_compute_flop"]))):
        each.to_csv(file, index=False)
        assert main(["frontier", str(file), "--reference", "old", "--new", "new", "--draws", "50"]) == 0
        assert not capsys.readouterr().err
        told = {"reference": "old", "new": "new", "estimators": ("smooth",), "losses": (4.0, 4.2)}
        found = own_runs.compare(own_file.read(file), draws=50, **told)
        gains.append(np.log([(each.value, each.low, each.high) for each in found.gains["gain"]]))
    power = np.log(np.divide(*place(np.array([1e18, 1e17])))) / np.log(10.0)
    np.testing.assert_allclose(gains[1], power * gains[0], rtol=1e-6)


def test_grids_at_few_budgets_are_answered_by_their_parabolas():
    """A line through three minima knows its error by one run; the grids know theirs by sizes to spare."""
    rng = np.random.default_rng(1)
    few, many = ([budgets(gain, count, rng) for gain in (1.0, 3.0)] for count in (3, 6))
    assert (own_runs.leading(few), own_runs.leading(many)) == ("isoflop", "smooth")
    assert own_runs.leading([each.drop(columns="parameters") for each in few]) == "smooth"
    assert own_runs.leading([each.assign(budget=each["training_compute_flop"]) for each in few], "budget") == "smooth"
    runs = [each.assign(algorithm=name) for each, name in zip(few, ("old", "new"), strict=True)]
    frame = pd.concat([each.assign(run=each["algorithm"] + each["run"]) for each in runs], ignore_index=True)
    shown = own_runs.shown_gain(own_runs.compare(frame, reference="old", new="new", draws=200))
    gain = shown["gain"]
    assert shown["estimator"] == "isoflop" and gain.low < 3.0 < gain.high and gain.high / gain.low < 1.4
    asked = own_runs.compare(frame, reference="old", new="new", estimators=("smooth",), draws=200)
    assert own_runs.shown_gain(asked)["estimator"] == "smooth"


def test_far_more_runs_of_one_algorithm_are_doubted():
    rng, parts = np.random.default_rng(0), []
    for name, gain, count in (("old", 1.0, 9), ("new", 3.0, 60)):
        size = np.geomspace(1e7, 1e9, count)
        loss = LAW.loss_of(size, 20.0 * size) * np.exp(rng.normal(0.0, 0.003, count))
        run = [f"{name} {place}" for place in range(count)]
        columns = {"run": run, "training_compute_flop": 120.0 * size**2 / gain, "loss_nats": loss}
        parts.append(pd.DataFrame({"algorithm": name, **columns}))
    said = own_runs.compare(pd.concat(parts), reference="old", new="new", estimators=("smooth",), draws=20).doubts()
    assert [each for each in said if each.startswith("new has 60 runs and old 9")]
    few = pd.concat([parts[0], parts[1].iloc[::5]])
    again = own_runs.compare(few, reference="old", new="new", estimators=("smooth",), draws=20)
    assert not [each for each in again.doubts() if "luck" in each]


def budgets(gain: float, count: int, rng: np.random.Generator) -> pd.DataFrame:
    """Return grids of five sizes about the best one of each of some budgets."""
    flop = np.repeat(np.geomspace(1e17, 1e20, count), 5) * gain
    size = np.array([float(LAW.split(each)[0]) for each in flop]) * np.tile(np.geomspace(0.3, 3.0, 5), count)
    loss = LAW.loss_of(size, flop / (6.0 * size)) * np.exp(rng.normal(0.0, 0.003, len(flop)))
    names = [str(place) for place in range(len(flop))]
    columns = {"run": names, "training_compute_flop": flop / gain, "loss_nats": loss, "parameters": size}
    return pd.DataFrame(columns)
