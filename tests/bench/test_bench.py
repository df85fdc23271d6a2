"""The fixed resamples, the peers that the estimator is measured against, and what the benchmark accepts."""

from __future__ import annotations

import hashlib
import inspect
import json
from dataclasses import replace

import numpy as np
import pytest
from scipy.optimize import OptimizeResult

from algoprogress.data.variables import Normalisation
from algoprogress.engine import parallel
from algoprogress.fits import batch, fit, solver
from algoprogress.laws.law import Law
from bench import known, measure, peers
from bench.measure import Result
from book.studies.selection import held_out
from book.studies.selection import published as crossval
from published_values import LAW_7, MODEL_7, SAMPLE

CASE, BEST = known.resamples(), known.best()
REFERENCE = Normalisation.of(SAMPLE.frame)
EQUAL = np.full(231, 1 / 231)
PARTS = {"quality": 2, "speed": 3, "memory": 1, "validation": 1}  # of the report, and how many lines each has


def test_the_resamples_are_fixed():
    assert hashlib.sha256(CASE.indices.astype("<i8").tobytes()).hexdigest() == known.INDICES_SHA256
    assert CASE.indices.shape == (1_000, 231)
    assert CASE.penalties.tolist() == [0.0025] * 10
    assert CASE.zeros.tolist() == [0.0] * 10
    for draw in (0, 999):
        assert CASE.resample(draw)["row"].tolist() == (CASE.indices[draw] + 1).tolist()
        assert [float((CASE.indices[draw] == row).sum()) for row in range(231)] == (231 * CASE.weights[draw]).tolist()
    assert CASE.weights.sum(axis=1) == pytest.approx(np.ones(1_000), abs=1e-12)


def test_another_stream_of_numbers_is_refused(monkeypatch):
    monkeypatch.setattr(known, "SEED", known.SEED + 1)
    with pytest.raises(ValueError, match=r"other resamples than those of data/best_minima\.csv"):
        known.resamples()


def test_the_best_known_is_the_better_of_two_searches_that_agree():
    frame = known.tables.read("best_minima")
    assert frame["draw"].tolist() == list(range(1, 1_001))
    assert BEST.tolist() == np.minimum(frame["slsqp_objective"], frame["newton_objective"]).tolist()
    apart = np.abs(frame["slsqp_objective"] - frame["newton_objective"])
    assert (apart < 1e-9).mean() > 0.95


def test_both_searches_return_the_table(monkeypatch):
    """Two draws by the full effort; 1e-9 is rounding of where SLSQP stops."""
    monkeypatch.setattr(known, "DRAWS", 2)
    monkeypatch.setattr(known, "PIECE", 1)
    monkeypatch.setattr(known, "resamples", lambda: replace(CASE, weights=CASE.weights[:2]))
    with parallel.in_series():
        found = known.search()
    table = known.tables.read("best_minima")[:2]
    assert found["draw"].tolist() == [1, 2]
    for column in ("slsqp_objective", "newton_objective"):
        assert found[column].tolist() == pytest.approx(table[column].tolist(), rel=0, abs=1e-9)


def test_the_objective_on_columns_is_that_of_the_library():
    for draw, penalty in ((0, 0.0025), (1, 0.0), (2, 1.0)):
        frame, weights = CASE.resample(draw), CASE.weights[draw][None]
        written = peers.series_objective(frame, REFERENCE, penalty)
        for theta in np.random.default_rng(draw).normal(0.0, 0.3, (10, 10)):
            ours = solver.evaluate(CASE.design, CASE.target, weights, penalty=np.full(10, penalty), theta=theta[None])
            assert written(theta) == pytest.approx(ours.objective[0], rel=1e-12)


def test_the_authors_call_gives_the_published_fit():
    found = peers.authors_fit(SAMPLE.frame, REFERENCE, 0.0025)
    assert found.success
    assert found.fun == pytest.approx(0.05181292650905238, abs=1e-6)
    assert found.x == pytest.approx(list(MODEL_7.values()), abs=0.01)


@pytest.mark.parametrize("peer", [peers.plain_slsqp, peers.tuned_slsqp], ids=lambda peer: peer.__name__)
def test_the_peers_minimise_the_same_objective(peer):
    start = np.random.default_rng(1).normal(0.0, 0.2, 10)
    found = peer(CASE.design, CASE.target, CASE.weights[0], CASE.penalties, start)
    written = peers.series_objective(CASE.resample(0), REFERENCE, 0.0025)
    assert found.x.shape == (10,)
    assert found.fun == pytest.approx(written(found.x), abs=1e-9)
    assert found.fun < written(start)
    assert found.fun >= BEST[0] - 1e-9


def test_tuned_slsqp_reaches_the_converged_minimum():
    best = inspect.unwrap(fit.converged)(LAW_7, SAMPLE, starts=60)
    points = solver.mixed(CASE.design, CASE.target, 6, seed=0)
    ends = [peers.tuned_slsqp(CASE.design, CASE.target, EQUAL, CASE.penalties, start) for start in points]
    assert min(end.fun for end in ends) == pytest.approx(best.objective, rel=0, abs=1e-9)


def test_a_result_is_the_median_with_its_range():
    result = Result.of("speed", [3.0, 1.0, 2.0], at_least=2.0)
    assert result == Result("speed", 2.0, 1.0, 3.0, True)
    assert not Result.of("speed", [3.0, 1.0, 1.9], at_least=2.0).accepted
    assert Result.of("limit", [1.0]).accepted
    assert not Result.of("limit", [0.99]).accepted
    assert not Result.of("broken", [float("nan")]).accepted
    assert type(result.accepted) is bool  # to be written as JSON


def solved(objective: np.ndarray, converged: np.ndarray) -> batch.Batch:
    blank = np.zeros(len(objective))
    return batch.Batch((), blank, objective, blank, converged, blank, blank)


@pytest.mark.parametrize(
    ("above", "unconverged", "accepted"),
    [
        (np.zeros(1_000), 0, [True, True]),
        (np.r_[np.full(10, 9e-5), np.zeros(990)], 0, [True, True]),
        (np.r_[np.full(11, 9e-5), np.zeros(989)], 0, [False, True]),
        (np.r_[np.full(1, 2e-4), np.zeros(999)], 0, [True, False]),
        (np.zeros(1_000), 11, [False, True]),
        (np.full(1_000, -1e-3), 0, [True, True]),
    ],
    ids=["exact", "ten near misses", "eleven near misses", "one far miss", "eleven unconverged", "better than known"],
)
def test_quality_counts_misses_and_the_worst_of_them(above, unconverged, accepted, monkeypatch):
    found = solved(BEST + above, np.arange(1_000) >= unconverged)
    monkeypatch.setattr(measure, "estimated", lambda case: found)
    results = measure.quality(CASE, BEST)
    assert [each.accepted for each in results] == accepted
    assert [each.ratio >= 1 for each in results] == accepted
    assert all(each.low == each.ratio == each.high for each in results)


def test_speed_wants_the_median_of_the_rounds(monkeypatch):
    rounds = iter([(90.0, 20.0, 1.0), (110.0, 20.0, 1.5), (120.0, 5.0, 2.5), (130.0, 8.0, 3.0), (80.0, 11.0, 2.1)])
    monkeypatch.setattr(measure, "_round", lambda *_: next(rounds))
    results = measure.speed(CASE, BEST)
    assert [(each.ratio, each.low, each.high) for each in results] == [
        (110.0, 80.0, 130.0),
        (11.0, 5.0, 20.0),
        (2.1, 1.0, 3.0),
    ]
    assert [each.accepted for each in results] == [True, True, True]


def test_a_round_counts_the_time_of_the_peers_by_the_draws_that_they_solve(monkeypatch):
    """Of ours 500 of 1,000 draws count; plain SLSQP solves every second draw, the tuned one none."""
    asked = []

    def timed(function, *arguments) -> tuple[float, object]:
        assert parallel._within_task()  # one core for everyone
        return 10.0 if function is measure.estimated else 2.0, function(*arguments)

    def peer(miss: float):
        def solve(design, target, weights, penalties, start):
            draw = int(np.flatnonzero((CASE.weights == weights).all(axis=1))[0])
            asked.append(draw)
            return OptimizeResult(fun=BEST[draw] + miss * (draw % 2) + (miss > 1))

        return solve

    estimated = solved(BEST + 1e-3 * (np.arange(1_000) >= 600), np.arange(1_000) >= 100)
    monkeypatch.setattr(measure, "estimated", lambda case: estimated)
    monkeypatch.setattr(measure, "_timed", timed)
    monkeypatch.setattr(peers, "authors_fit", lambda frame, reference, penalty: asked.append(frame["row"].tolist()))
    monkeypatch.setattr(peers, "plain_slsqp", peer(1e-3))
    monkeypatch.setattr(peers, "tuned_slsqp", peer(2.0))
    ours = 10.0 / 500
    expected = (2.0 / measure.AUTHORS_DRAWS / ours, 2.0 / (measure.SLSQP_DRAWS / 2) / ours, 2.0 / ours)
    assert measure._round(CASE, BEST, 3) == pytest.approx(expected, rel=1e-12)
    assert asked[:4] == [CASE.resample(draw)["row"].tolist() for draw in range(12, 16)]
    assert asked[4:] == [*range(30, 40), *range(120, 160)]


def test_validation_wants_every_fold_converged_in_time(monkeypatch):
    few = crossval.published_training(SAMPLE).take(np.arange(12))
    good = held_out.leave_out.__wrapped__(Law("constant", "1"), few, penalty=0.0)
    bad = replace(good, success=np.arange(12) > 0)
    for cells, accepted in (([good, good], True), ([good, bad], False)):
        monkeypatch.setattr(held_out, "cells", lambda *_, cells=cells, **__: cells)
        assert measure.validation().accepted is accepted
    monkeypatch.setattr(held_out, "cells", lambda *_, **__: [good])
    monkeypatch.setattr(measure, "CV_SECONDS", 0.0)
    assert not measure.validation().accepted


@pytest.mark.parametrize("short", [None, *PARTS])
def test_the_report_is_written_and_says_if_anything_falls_short(short, tmp_path, monkeypatch, capsys):
    made = []

    def part(name: str):
        lines = [Result(f"{name} {line}", 2.0, 1.5, 3.0, name != short) for line in range(PARTS[name])]
        made.extend(lines)
        return lambda *_: lines if len(lines) > 1 else lines[0]

    for name in PARTS:
        monkeypatch.setattr(measure, name, part(name))
    monkeypatch.setattr(known, "resamples", lambda: CASE)
    monkeypatch.setattr(known, "best", lambda: BEST)
    monkeypatch.setenv("ALGOPROGRESS_ROOT", str(tmp_path))
    with pytest.raises(SystemExit) as left:
        measure.main()
    assert bool(left.value.code) is (short is not None)
    report = json.loads((tmp_path / "_build" / "bench.json").read_text(encoding="utf-8"))
    assert [set(line) for line in report] == [{"name", "ratio", "low", "high", "accepted"}] * len(made)
    assert [Result(**line) for line in report] == made
    printed = capsys.readouterr().out
    assert printed.count("FELL SHORT") == PARTS.get(short, 0)
    assert printed.endswith("wrote _build/bench.json\n")
