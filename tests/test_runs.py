"""Frontiers from training runs: what dominates, closed forms, known gains recovered, equal laws, clear errors."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binomtest

from algoprogress import parallel, runs

SIZES = np.geomspace(1e16, 3e17, 8)  # FLOP at which the runs of a simulated family end


def simulated(coefficient: float, exponent: float, rng: np.random.Generator, *, noise: float = 0.02) -> pd.DataFrame:
    """Return runs whose checkpoints near their end lie on a power law, each run shifted by an error of its own."""
    parts = []
    for place, end in enumerate(SIZES):
        compute = end * np.geomspace(0.5, 1.0, 12)
        loss = 1.9 + coefficient * compute**exponent * np.exp(rng.normal(0.0, noise))
        parts.append(pd.DataFrame({"run": str(place), "training_compute_flop": compute, "loss_nats": loss}))
    return pd.concat(parts, ignore_index=True)


def drawn(family: pd.DataFrame, draws: int, seed: int) -> np.ndarray:
    with parallel.in_series():
        return runs.resampled.__wrapped__(family, draws=draws, seed=seed)


@pytest.mark.parametrize("seed", range(5))
def test_a_point_stays_if_no_other_beats_it(seed):
    rng = np.random.default_rng(seed)
    compute, loss = rng.integers(1, 12, 60).astype(float), rng.integers(1, 12, 60).astype(float)
    beaten = [
        any(
            c <= compute[i] and other <= loss[i] and (c < compute[i] or other < loss[i])
            for c, other in zip(compute, loss, strict=True)
        )
        for i in range(60)
    ]
    assert runs.nondominated(compute, loss).tolist() == [not flag for flag in beaten]


def test_a_power_law_without_noise_comes_back():
    compute = np.geomspace(1e16, 4e17, 50)
    family = pd.DataFrame({"run": "a", "training_compute_flop": compute, "loss_nats": 1.9 + 88.0 * compute**-0.094})
    found = runs.power_law(family)
    assert (found.coefficient, found.exponent) == (pytest.approx(88.0, rel=1e-6), pytest.approx(-0.094, rel=1e-8))
    assert found.r_squared == pytest.approx(1.0) and found.points == 50
    assert runs.compute_for_loss(found, 4.4) == pytest.approx((2.5 / 88.0) ** (1 / -0.094), rel=1e-5)
    assert np.isnan(runs.compute_for_loss(found, 1.9))


def test_the_window_comes_before_the_frontier():
    inside = pd.DataFrame({"run": "a", "training_compute_flop": [2e16, 3e16, 4e16], "loss_nats": [5.0, 4.9, 4.8]})
    early = pd.DataFrame({"run": "b", "training_compute_flop": [5e15], "loss_nats": [4.0]})  # would dominate all
    assert runs.power_law(pd.concat([early, inside])).points == 3
    with pytest.raises(runs.RunsError, match="2 points"):
        runs.power_law(inside, window=(1e16, 3e16))


@pytest.mark.parametrize("gain", [1.0, 6.0])
def test_a_known_gain_is_recovered_and_equal_laws_gain_nothing(gain):
    """Of 40 pairs with error shared within runs the 95% interval holds the truth as often as the binomial allows."""
    held = 0
    for seed in range(40):
        rng = np.random.default_rng([seed, 5])
        new = simulated(80.0, -0.09, rng)
        reference = simulated(80.0 * gain**0.09, -0.09, rng)
        draws = runs.gains(drawn(reference, 100, seed), drawn(new, 100, seed + 999), 4.4)
        low, high = np.nanquantile(draws, [0.025, 0.975])
        held += low <= gain <= high
    assert binomtest(held, 40, 0.95).pvalue > 0.001


def test_a_gain_without_a_law_is_read_between_checkpoints():
    slow = pd.DataFrame({"run": "a", "training_compute_flop": [1e16, 1e18], "loss_nats": [5.0, 3.0]})
    fast = pd.DataFrame({"run": "b", "training_compute_flop": [1e16, 1e17], "loss_nats": [4.5, 3.0]})
    assert runs.reached(slow, 4.0) == pytest.approx(1e17)
    assert runs.reached(fast, 5.0) == pytest.approx(1e16)
    assert runs.direct_gain(slow, fast, 3.0) == pytest.approx(10.0)
    assert np.isnan(runs.direct_gain(slow, fast, 2.0))
    both = pd.concat(
        [slow, slow.assign(run="c", training_compute_flop=lambda table: table["training_compute_flop"] / 10)]
    )
    with parallel.in_series():
        found = runs.direct_gains.__wrapped__(both, fast, 3.0, draws=400)
    assert set(np.round(found, 6)) == {1.0, 10.0}
    assert abs((found > 5.0).mean() - 0.25) < 0.08  # both draws of two runs are the slow one


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda frame: frame.drop(columns="loss_nats"), "no column loss_nats"),
        (
            lambda frame: frame.assign(loss_nats=[5.0, -1.0, 4.0]),
            "row 2, column loss_nats: must be a number above zero",
        ),
        (lambda frame: frame.assign(loss_nats=[5.0, "x", 4.0]), "row 2, column loss_nats"),
        (lambda frame: frame.assign(training_compute_flop=1e16), "row 2, column training_compute_flop: must grow"),
        (lambda frame: frame.iloc[[0, 2, 1]], "row 3, column training_compute_flop: must grow within run 'a'"),
    ],
)
def test_bad_runs_are_told_where(change, said):
    frame = pd.DataFrame({"run": "a", "training_compute_flop": [1e16, 2e16, 3e16], "loss_nats": [5.0, 4.9, 4.8]})
    assert runs.checked(frame) is frame
    with pytest.raises(runs.RunsError, match=said):
        runs.checked(change(frame))
