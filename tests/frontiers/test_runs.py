"""Frontiers from training runs: what dominates, closed forms, known gains recovered, equal laws, clear errors."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import curve_fit
from scipy.stats import binomtest, t

from algoprogress.engine import parallel
from algoprogress.frontiers import estimators, runs
from algoprogress.frontiers.estimators import PowerLaw
from algoprogress.frontiers.frontier import ESTIMATORS, by_estimator, frontier, resampled
from algoprogress.frontiers.gain import estimate, gain, log_gains
from algoprogress.frontiers.runs import WINDOW
from algoprogress.laws.scaling import ScalingLaw
from algoprogress.show.estimate import unpacked
from book.studies.ablations.study import reached


def simulated(
    coefficient: float, exponent: float, rng: np.random.Generator, *, noise: float = 0.02, count: int = 8
) -> pd.DataFrame:
    """Return runs whose checkpoints near their end lie on a power law, each run shifted by an error of its own."""
    parts = []
    for place, end in enumerate(np.geomspace(1e16, 3e17, count)):
        compute = end * np.geomspace(0.5, 1.0, 12)
        loss = 1.9 + coefficient * compute**exponent * np.exp(rng.normal(0.0, noise))
        parts.append(pd.DataFrame({"run": str(place), "training_compute_flop": compute, "loss_nats": loss}))
    return pd.concat(parts, ignore_index=True)


def drawn(family: pd.DataFrame, draws: int, seed: int) -> PowerLaw:
    return resampled.__wrapped__(runs.within(family, WINDOW), floor=1.9, by="run", draws=draws, seed=(seed,))


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
    found = estimators.power_law(family)
    assert (found.coefficient, found.exponent) == (pytest.approx(88.0, rel=1e-6), pytest.approx(-0.094, rel=1e-8))
    assert found.r_squared == pytest.approx(1.0) and found.points == 50
    assert found.compute(4.4) == pytest.approx((2.5 / 88.0) ** (1 / -0.094), rel=1e-5)
    assert np.isnan(found.compute(1.9))


@pytest.mark.parametrize("floor", [1.9, None])
def test_resampled_power_laws_are_the_least_squares_of_scipy(floor):
    """Of each resample, with its runs copied, `scipy.optimize.curve_fit` finds no lower minimum, and mostly ours."""
    rng = np.random.default_rng(3)
    family = simulated(88.0, -0.094, rng)
    groups = [estimators.points(run) for _, run in family.groupby("run")]
    counts = rng.multinomial(len(groups), np.full(len(groups), 1 / len(groups)), 60)
    ours, errors = estimators.power_laws(groups, counts, floor), []

    def law(at, level, exponent, base=floor):
        return base + level * np.exp(exponent * at)

    start = (2.0, -0.08) if floor else (2.0, -0.08, 1.5)
    for place, line in enumerate(counts):
        copies = [group for group, n in zip(groups, line, strict=True) for _ in range(n)]
        compute, loss = (np.concatenate(each) for each in zip(*copies, strict=True))
        kept = runs.nondominated(compute, loss)
        compute, loss = compute[kept], loss[kept]
        limits = (-np.inf, np.inf) if floor else ([0.0, -2.0, 0.0], [np.inf, 0.0, loss.min()])
        exactly = {"xtol": 1e-15, "ftol": 1e-15, "gtol": 1e-15, "max_nfev": 10_000, "method": "trf"}
        theirs, _ = curve_fit(law, np.log(compute / 1e17), loss, p0=start, bounds=limits, **exactly)
        mine = ours.floor[place] + ours.coefficient[place] * compute ** ours.exponent[place]
        errors.append(((loss - mine) ** 2).sum() - ((loss - law(np.log(compute / 1e17), *theirs)) ** 2).sum())
        assert ours.points[place] == kept.sum()
    assert max(errors) < 1e-12
    assert np.median(errors) > -1e-12


def test_the_window_comes_before_the_frontier():
    inside = pd.DataFrame({"run": "a", "training_compute_flop": [2e16, 3e16, 4e16], "loss_nats": [5.0, 4.9, 4.8]})
    early = pd.DataFrame({"run": "b", "training_compute_flop": [5e15], "loss_nats": [4.0]})  # would dominate all
    assert estimators.power_law(pd.concat([early, inside])).points == 3
    with pytest.raises(runs.RunsError, match="2 points"):
        estimators.power_law(inside, window=(1e16, 3e16))


@pytest.mark.parametrize("gain", [1.0, 6.0])
@pytest.mark.parametrize("count", [5, 8])
def test_a_known_gain_is_recovered_and_equal_laws_gain_nothing(gain, count):
    """Of 60 pairs with error shared within runs, widened 95% intervals hold gain and equal exponents nominally."""
    held = np.zeros(2, int)
    for seed in range(60):
        rng = np.random.default_rng([seed, count])
        new = simulated(80.0, -0.09, rng, count=count)
        reference = simulated(80.0 * gain**0.09, -0.09, rng, count=count)
        laws = drawn(reference, 150, seed), drawn(new, 150, seed + 999)
        computes = [law.compute(4.4) for law in laws]
        held[0] += estimate(np.log(computes[0] / computes[1]), count).contains(np.log(gain))
        held[1] += estimate(laws[0].exponent - laws[1].exponent, count).contains(0.0)
    assert all(binomtest(int(each), 60, 0.95).pvalue > 0.001 for each in held)


def test_a_gain_without_a_law_is_read_between_checkpoints():
    slow = pd.DataFrame({"run": "a", "training_compute_flop": [1e16, 1e18], "loss_nats": [5.0, 3.0]})
    fast = pd.DataFrame({"run": "b", "training_compute_flop": [1e16, 1e17], "loss_nats": [4.5, 3.0]})
    assert reached(slow, 4.0) == pytest.approx(1e17)
    assert reached(fast, 5.0) == pytest.approx(1e16)
    curves = [frontier(each, estimator="envelope") for each in (slow, fast)]
    assert gain(*curves, loss_nats=3.0).value == pytest.approx(10.0)
    assert gain(*curves, loss_nats=3.0).covers.startswith("none: ")
    assert np.isnan([gain(*curves, loss_nats=loss).value for loss in (2.0, 4.8)]).all()


def test_the_gain_over_a_range_is_the_mean_of_what_both_have_reached():
    def law(coefficient: float, support: tuple[float, float]) -> PowerLaw:
        return PowerLaw(coefficient, -0.1, 1.9, support_flop=support)

    reference, new = law(100.0 * 3.0**0.1, (1e17, 1e20)), law(100.0, (1e16, 1e19))
    assert gain(reference, new).value == pytest.approx(3.0)
    assert gain(reference, new, compute_flop=1e18).value == pytest.approx(3.0)
    assert np.isnan(gain(reference, new, compute_flop=1e20).value)
    assert gain(reference, new, compute_flop=1e20, extrapolate=True).value == pytest.approx(3.0)
    assert np.isnan(gain(law(100.0, (1e10, 1e11)), new).value)
    with pytest.raises(ValueError, match="not both"):
        gain(reference, new, compute_flop=1e18, loss_nats=3.0)


def test_the_two_frontiers_of_a_gain_are_resampled_independently():
    family = simulated(80.0, -0.09, np.random.default_rng(0))
    with parallel.in_series():
        one = frontier(family, estimator="power law", window=WINDOW, draws=40)
        assert np.nanstd(log_gains(one, one, [4.4])[0, 1:]) > 0.01


def test_every_estimator_finds_the_gain_of_runs_without_noise():
    """An algorithm that needs a quarter of the compute for everything gains four, by whatever estimator."""

    def family(gain: float) -> pd.DataFrame:
        parts = []
        for size in np.geomspace(1e6, 1e8, 9):
            tokens = np.geomspace(3.0, 300.0, 60) * size
            loss = 1.9 + 400.0 * size**-0.34 + 410.0 * tokens**-0.28
            parts.append(
                pd.DataFrame(
                    {
                        "run": f"{size:.0f}",
                        "parameters": size,
                        "loss_nats": loss,
                        "training_compute_flop": 6.0 * size * tokens / gain,
                    }
                )
            )
        return pd.concat(parts, ignore_index=True)

    with parallel.in_series():
        pair = family(1.0), family(4.0)
        found = by_estimator(*pair, (4.2, 3.9), estimators=ESTIMATORS, draws=40, window=(1e13, 1e19))
    found = unpacked(found)
    assert found["gain"].notna().sum() >= 8
    laws = found["estimator"].isin(["power law", "floor"])  # a grid of sizes makes the frontier scalloped
    np.testing.assert_allclose(found.loc[laws, "gain"].dropna(), 4.0, rtol=0.05)
    np.testing.assert_allclose(found.loc[~laws, "gain"].dropna(), 4.0, rtol=0.005)
    shown = found[~laws & found["gain_low"].notna()]
    assert ((shown["gain_low"] <= 4.02) & (shown["gain_high"] >= 3.98)).all()


def test_isoflop_minima_are_those_of_the_law_behind_them():
    """The parabolas' minima lie on the closed-form optimum of the law that made the runs, and what joins them too."""
    law = ScalingLaw("truth", 1.69, 406.4, 0.34, 410.7, 0.28)
    parts = []
    for budget in (1e18, 1e19, 1e20):
        best = float(law.split(budget)[0])
        for size in best * np.geomspace(0.5, 2.0, 7):
            loss = float(law.loss_of(size, budget / (6 * size)))
            parts.append((f"{budget:.0e}-{size:.3e}", budget, loss, size))
    family = pd.DataFrame(parts, columns=["run", "training_compute_flop", "loss_nats", "parameters"])
    found = frontier(family, estimator="isoflop", draws=0)
    flop = np.geomspace(1e18, 1e20, 21)
    np.testing.assert_allclose(found.loss(flop), law.loss(flop), rtol=1e-3)
    np.testing.assert_allclose(found.loss(flop[::10]), law.loss(flop[::10]), rtol=2e-4)


def test_a_fitted_floor_comes_back_and_the_smooth_curve_passes_through_it():
    compute = np.geomspace(1e16, 4e17, 60)
    loss = 1.5 + 90.0 * compute**-0.095
    family = pd.DataFrame({"run": range(60), "training_compute_flop": compute, "loss_nats": loss})
    assert estimators.power_law(family, floor=None).floor == pytest.approx(1.5, abs=0.01)
    curve = estimators.smooth(family)
    np.testing.assert_allclose(curve.loss(compute), loss, rtol=2e-4)
    np.testing.assert_allclose(curve.compute(curve.loss(compute)), compute, rtol=1e-9)


def finished(rng: np.random.Generator, count: int = 500) -> pd.DataFrame:
    """Return finished runs on a parabola in logs, each off by an error of its own."""
    logs = np.linspace(np.log(1e16), np.log(1e20), count)
    losses = np.exp(1.0 - 0.06 * (logs - logs.mean()) + 0.001 * (logs - logs.mean()) ** 2)
    losses *= np.exp(rng.normal(0.0, 0.003, count))
    return pd.DataFrame({"run": range(count), "training_compute_flop": np.exp(logs), "loss_nats": losses})


def test_the_error_of_a_smooth_curve_through_many_runs_is_what_it_is_told_to_be():
    """Of many runs those on the frontier are records, and neighbours among them no independent ones."""
    curves = [estimators.smooth(finished(np.random.default_rng(seed))) for seed in range(60)]
    assert all(curve.errors.shape[1] <= estimators.MANY for curve in curves)
    found = np.std([np.log(curve.loss(1e18)) for curve in curves], ddof=1)
    told = np.mean([np.sqrt((curve.errors[0] ** 2).sum()) for curve in curves])
    assert found / told == pytest.approx(1.0, abs=0.25)


def test_neighbours_on_a_crowded_frontier_count_by_their_mean():
    """So the level of a frontier does not fall with the number of its runs, and crowds do not empty the rest."""
    few, many = (
        np.mean([np.log(estimators.smooth(finished(np.random.default_rng(k), count)).loss(1e18)) for k in range(60)])
        for count in (40, 100)
    )
    assert abs(few - many) < 0.0015  # half a standard error of one run; by the lowest of each step it is more
    logs = np.r_[np.linspace(np.log(1e16), np.log(1.1e16), 45), np.log(1e20)]
    crowd = pd.DataFrame(
        {"run": range(46), "training_compute_flop": np.exp(logs), "loss_nats": np.exp(4 - 0.06 * logs)}
    )
    assert float(estimators.smooth(crowd).loss(1e18)) == pytest.approx(np.exp(4 - 0.06 * np.log(1e18)), rel=1e-6)


def test_the_smooth_interval_is_students_of_a_regression():
    """For a parabola through six points it is the textbook's interval of the mean at a compute, with t of three."""
    compute = np.geomspace(1e16, 1e18, 6)
    noise = np.random.default_rng(5).normal(0.0, 0.002, 6)
    loss = np.exp(1.5 - 0.05 * np.log(compute / 1e17) + noise)
    family = pd.DataFrame({"run": list("abcdef"), "training_compute_flop": compute, "loss_nats": loss})
    found = frontier(family, draws=40_000)
    drawn = estimate(np.log(found.draws.of(0).loss(3e17)), None)
    powers = np.vander(np.log(compute / 1e17), 3)
    left = np.log(loss) - powers @ np.linalg.lstsq(powers, np.log(loss))[0]
    at = np.vander([np.log(3.0)], 3)[0]
    half = t.ppf(0.975, 3) * np.sqrt((left**2).sum() / 3 * at @ np.linalg.inv(powers.T @ powers) @ at)
    assert (drawn.high - drawn.low) / 2 == pytest.approx(half, rel=0.04)


def test_the_expanded_interval_is_students():
    """For a normal mean of five groups the widened percentiles are Student's interval."""
    rng = np.random.default_rng(1)
    draws = rng.normal(0.0, np.sqrt(4 / 5), 400_000)  # a bootstrap's spread is short by n - 1 over n
    found = estimate(draws, 5)
    assert (found.low, found.high) == (pytest.approx(-2.776, abs=0.05), pytest.approx(2.776, abs=0.05))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda frame: frame.drop(columns="loss_nats"), "no column loss_nats"),
        (
            lambda frame: frame.assign(loss_nats=[5.0, -1.0, 4.0]),
            r"row 2 \(run 'a'\), column loss_nats: must be a number above zero",
        ),
        (lambda frame: frame.assign(loss_nats=[5.0, "x", 4.0]), r"row 2 \(run 'a'\), column loss_nats"),
        (
            lambda frame: frame.assign(training_compute_flop=1e16),
            "column training_compute_flop: repeats the checkpoint",
        ),
        (lambda frame: frame.assign(loss_nats=[150.0, 140.0, 130.0]), r"below 20 \(a perplexity\?\)"),
        (lambda frame: frame.assign(training_compute_flop=[1.0, 2.0, 3.0]), "must be in FLOP"),
        (lambda frame: frame.iloc[:0], "no rows"),
        (
            lambda frame: frame.iloc[[0, 2, 1]],
            r"row 2 \(run 'a'\), column training_compute_flop: must grow within a run",
        ),
    ],
)
def test_bad_runs_are_told_where(change, said):
    frame = pd.DataFrame({"run": "a", "training_compute_flop": [1e16, 2e16, 3e16], "loss_nats": [5.0, 4.9, 4.8]})
    assert runs.checked(frame).equals(frame)
    with pytest.raises(runs.RunsError, match=said):
        runs.checked(change(frame))
