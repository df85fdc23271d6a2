"""Own training runs by the command: what it prints and writes, and what it refuses, with the file left alone."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from algoprogress.cli import main
from algoprogress.frontiers import own_file, own_runs


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
    np.testing.assert_allclose(found.loc[found["estimator"].isin(["power law", "envelope"]), "gain"], 4.0, rtol=0.03)


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
