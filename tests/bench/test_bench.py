"""The fixed resamples, the peers that the estimator is measured against, and what the benchmark accepts."""

from __future__ import annotations

import contextlib
import hashlib
import inspect
from dataclasses import replace

import joblib
import numpy as np
import pandas as pd
import pytest
from scipy.optimize import OptimizeResult
from scipy.special import logsumexp

from algoprogress.data.variables import Normalisation
from algoprogress.engine import data_dir, parallel
from algoprogress.fits import batch, fit, solver
from algoprogress.frontiers import estimators, frontier
from algoprogress.laws.law import Law
from bench import keep, known, measure, memory, peers, report, runs, scaling
from bench.report import Line
from book.studies.allocation import chinchilla
from book.studies.allocation import study as allocation
from book.studies.cost import figures as costs
from book.studies.selection import held_out
from book.studies.selection import published as crossval
from book.studies.specifications import study as specifications
from published_values import LAW_7, MODEL_7, SAMPLE

CASE, BEST = known.resamples(), known.best()
REFERENCE = Normalisation.of(SAMPLE.frame)
MINIMISE = solver.minimise
EQUAL = np.full(231, 1 / 231)


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


def test_the_numpy_solver_takes_the_estimator_to_the_same_minima():
    few = replace(CASE, weights=CASE.weights[:3])
    with parallel.in_series():
        ours = measure.estimated(few)
        with peers.solved_by_numpy():
            assert solver.minimise is not MINIMISE
            theirs = measure.estimated(few)
    assert solver.minimise is MINIMISE
    assert theirs.converged.all() and ours.tried.tolist() == theirs.tried.tolist()
    assert theirs.objective.tolist() == pytest.approx(ours.objective.tolist(), rel=0, abs=1e-12)


def test_curve_fit_gives_the_power_law_of_the_library():
    rng, compute = np.random.default_rng(2), np.geomspace(1e16, 4e17, 40)
    loss = 1.9 + 80.0 * compute**-0.09 * np.exp(rng.normal(0.0, 0.002, 40))
    groups = [(compute[k::4], loss[k::4]) for k in range(4)]
    counts = frontier.counts(4, 5, (0,))
    laws = estimators.power_laws(groups, counts, 1.9)
    exponents = [peers.fitted_power_law(groups, times, 1.9)[1] for times in counts]
    assert exponents == pytest.approx(laws.exponent.tolist(), rel=1e-5)
    assert exponents == pytest.approx([-0.09] * 5, abs=0.01)


def test_bfgs_minimises_the_objective_of_the_scaling_law():
    """Without noise the law itself comes back; on Hoffmann's runs both gradients lead to the least that is known."""
    frame = allocation.chinchilla_runs()
    start = chinchilla.fit(frame).params[0]
    design, log_loss = chinchilla.parts(frame)
    ones, true = np.ones(len(frame)), logsumexp(design @ start, axis=1)
    for exact, close in ((True, 1e-9), (False, 1e-5)):
        ends = peers.bfgs(design, true, ones, 1.0, 1.02 * start, exact)
        assert logsumexp(design @ ends.x, axis=1) == pytest.approx(true, abs=1e-3)
        found = peers.bfgs(design, log_loss, ones, chinchilla.DELTA, start, exact)
        assert found.fun / len(frame) == pytest.approx(chinchilla.fit(frame).objective[0], rel=close)


def test_a_line_is_the_median_with_its_range_and_its_limit():
    line = Line.of("speed", "times", [3.0, 1.0, 2.0], limit=2.0)
    assert line == Line("speed", "times", 2.0, 1.0, 3.0, 2.0, True)
    assert not Line.of("speed", "times", [3.0, 1.0, 1.9], limit=2.0).accepted
    assert not Line.of("share", "share", 0.84, limit=0.85).accepted
    assert Line.of("time", "s", 9.0, limit=10.0).accepted
    assert not Line.of("time", "s", 11.0, limit=10.0).accepted
    assert not Line.of("time", "s", 9.0, limit=10.0, sound=False).accepted
    assert not Line.of("broken", "times", [float("nan")], limit=1.0).accepted
    assert Line.of("free", "s", 1e9).accepted
    assert type(line.accepted) is bool  # to be written as JSON


def test_a_printed_line_says_what_was_measured_and_what_falls_short():
    for line, said in (
        (Line.of("a", "times", [1.0, 2.0], limit=1.0), "a 1.5 times [1, 2] at least 1: ok"),
        (Line.of("a", "s", 3.0, limit=1.0), "a 3 s [3, 3] at most 1: FELL SHORT"),
        (Line.of("a", "s", 3.0), "a 3 s [3, 3]"),
    ):
        assert " ".join(str(line).split()) == said


def solved(objective: np.ndarray, converged: np.ndarray) -> batch.Batch:
    blank = np.zeros(len(objective))
    return batch.Batch((), blank, objective, blank, converged, blank, blank)


@pytest.mark.parametrize(
    ("above", "unconverged", "accepted"),
    [
        (np.zeros(1_000), 0, [True, True]),
        (np.full(1_000, 9e-7), 0, [True, True]),
        (np.r_[9e-5, np.zeros(999)], 0, [False, True]),
        (np.r_[2e-4, np.zeros(999)], 0, [False, False]),
        (np.zeros(1_000), 1, [False, True]),
        (np.full(1_000, -1e-3), 0, [True, True]),
    ],
    ids=["exact", "rounding", "one near miss", "one far miss", "one unconverged", "better than known"],
)
def test_quality_counts_misses_and_the_worst_of_them(above, unconverged, accepted, monkeypatch):
    found = solved(BEST + above, np.arange(1_000) >= unconverged)
    monkeypatch.setattr(measure, "estimated", lambda case: found)
    share, worst = measure.quality(CASE, BEST)
    assert [share.accepted, worst.accepted] == accepted
    assert share.value == ((above <= 1e-6) & found.converged).mean()
    assert worst.value == pytest.approx(max(above.max(), 0.0), rel=1e-9)


def test_speed_wants_the_median_of_the_rounds(monkeypatch):
    authors, plain, tuned = (590, 610, 620, 630, 80), (20, 20, 5, 8, 11), (1.0, 1.5, 2.5, 3.0, 2.1)
    numpy, spent = (4.0, 4.9, 5.0, 4.8, 4.7), (1.0, 2.0, 3.0, 4.0, 5.0)
    rounds = iter(zip(authors, plain, tuned, numpy, spent, strict=True))
    monkeypatch.setattr(measure, "_round", lambda *_: next(rounds))
    lines = measure.speed(CASE, BEST)
    assert [line.value for line in lines] == [610, 11, 2.1, 4.8, 3.0]
    assert (lines[0].low, lines[0].high) == (80, 630)
    assert [line.accepted for line in lines] == [True, True, True, False, True]


def test_a_round_counts_the_time_of_the_peers_by_the_draws_that_they_solve(monkeypatch):
    """Of ours 500 of 1,000 draws count; plain SLSQP solves every second draw, the tuned one none, NumPy as we do."""
    asked = []

    def timed(function, *arguments) -> tuple[float, object]:
        assert parallel._within_task()  # one core for everyone
        if function is not measure.estimated:
            return 2.0, function(*arguments)
        return 10.0 if solver.minimise is MINIMISE else 70.0, function(*arguments)

    def peer(miss: float):
        def solve(design, target, weights, penalties, start):
            draw = int(np.flatnonzero((CASE.weights == weights).all(axis=1))[0])
            asked.append(draw)
            return OptimizeResult(fun=BEST[draw] + miss * (draw % 2) + (miss > 1))

        return solve

    estimated = solved(BEST + 1e-3 * (np.arange(1_000) >= 600), np.arange(1_000) >= 100)
    monkeypatch.setattr(measure, "estimated", lambda case: estimated)
    monkeypatch.setattr(measure, "timed", timed)
    monkeypatch.setattr(peers, "authors_fit", lambda frame, reference, penalty: asked.append(frame["row"].tolist()))
    monkeypatch.setattr(peers, "plain_slsqp", peer(1e-3))
    monkeypatch.setattr(peers, "tuned_slsqp", peer(2.0))
    ours = 10.0 / 500
    expected = (2.0 / measure.AUTHORS_DRAWS / ours, 2.0 / (measure.SLSQP_DRAWS / 2) / ours, 2.0 / ours, 7.0, 10.0)
    assert measure._round(CASE, BEST, 3) == pytest.approx(expected, rel=1e-12)
    assert asked[:4] == [CASE.resample(draw)["row"].tolist() for draw in range(12, 16)]
    assert asked[4:] == [*range(30, 40), *range(120, 160)]


def test_validation_wants_every_fold_converged_in_time(monkeypatch):
    few = crossval.published_training(SAMPLE).take(np.arange(12))
    good = held_out.leave_out.__wrapped__(Law("constant", "1"), few, penalty=0.0)
    bad = replace(good, success=np.arange(12) > 0)
    for cells, accepted in (([good, good], True), ([good, bad], False)):
        monkeypatch.setattr(held_out, "cells", lambda *_, cells=cells, **__: cells)
        assert measure.validation()[0].accepted is accepted
    monkeypatch.setattr(held_out, "cells", lambda *_, **__: [good])
    monkeypatch.setattr(measure, "CV_SECONDS", 0.0)
    assert not measure.validation()[0].accepted


def test_the_curve_counts_the_time_of_a_tenth_of_it_ten_times(monkeypatch):
    asked = []
    monkeypatch.setattr(specifications, "evaluate", asked.append)
    monkeypatch.setattr(measure, "timed", lambda function, chosen: (7.0, function(chosen)))
    [line] = measure.curve()
    warm, chosen = asked
    assert line.value == pytest.approx(7.0 * len(specifications.every()) / len(chosen)) and line.accepted
    assert len(warm) == 6 and 0.09 < len(chosen) / len(specifications.every()) < 0.11
    shared = [name for name in specifications.CHOICES if name != "penalty"]
    assert (chosen.groupby(shared).size() == 3).all()  # whole tasks
    around = [level for levels in specifications.AROUND.values() for level in levels]  # few lines each
    whole = {name: set(levels) - set(around) for name, levels in specifications.CHOICES.items()}
    assert all(set(chosen[name]) >= levels for name, levels in whole.items())


def test_memory_is_that_of_all_processes():
    assert 50 < memory.used_mib() < 4_000


@pytest.mark.parametrize(("steepness", "accepted"), [(0.97, True), (1.2, False)])
def test_a_known_slope_comes_back(steepness, accepted):
    slope, *times = scaling.growth("draws", (100, 1_000, 10_000), lambda count: 2e-3 * count**steepness)
    assert slope.value == pytest.approx(steepness, abs=1e-12)
    assert slope.accepted is accepted
    assert [(line.over, line.count) for line in times] == [("draws", 100), ("draws", 1_000), ("draws", 10_000)]
    assert times[1].value == pytest.approx(2e-3 * 1_000**steepness)


def test_more_rows_are_the_published_ones_with_a_little_noise(monkeypatch):
    asked = []
    monkeypatch.setattr(batch, "solve", lambda *arguments, **options: asked.append(arguments))
    scaling.seconds(CASE, 3)
    scaling.seconds(CASE, 3, rows=500)
    for (design, target, weights), rows in zip(asked, (231, 500), strict=True):
        assert weights.shape == (3, rows) and len(design) == len(target) == rows
        assert weights.sum(axis=1) == pytest.approx(np.ones(3), abs=1e-12)
        assert target[:231].tolist() == CASE.target.tolist()
    noise = asked[1][1][231:462] - CASE.target
    assert 0.5 * scaling.NOISE < noise.std() < 2.0 * scaling.NOISE
    assert (asked[1][0].exponents[0][231:462] == CASE.design.exponents[0]).all()


def test_cores_are_put_to_use_if_the_time_falls_with_their_number(monkeypatch):
    monkeypatch.setattr(scaling.os, "cpu_count", lambda: 5)
    monkeypatch.setattr(scaling, "on_cores", lambda case, count: {1: 8.0, 2: 4.5, 4: 4.0}[count])
    monkeypatch.setattr(scaling, "bare", lambda count: {1: 4.0, 2: 3.0, 4: 1.0}[count])
    lines = scaling.cores(CASE)
    shares = [(line.value, line.accepted) for line in lines if line.over is None]
    assert shares[::2] == [(pytest.approx(8 / 9), True), (0.5, False)]
    assert shares[1::2] == [(pytest.approx(2 / 3), True), (1.0, True)]  # of exponentials alone, without a limit
    assert [line.count for line in lines if line.over == "cores"] == [1, 2, 4]


def test_the_same_exponentials_are_shared_out(monkeypatch):
    asked = []

    class Pool(contextlib.AbstractContextManager):
        def __init__(self, count):
            self.count = count

        def __exit__(self, *_):
            return None

        def map(self, _, passes):
            asked.append(passes)
            return passes

    monkeypatch.setattr(scaling, "ProcessPoolExecutor", Pool)
    for count in (1, 2):
        scaling.bare(count)
    assert asked[1::2] == [[scaling.PASSES], [scaling.PASSES / 2] * 2]


def test_so_many_cores_are_used_as_are_asked_for(monkeypatch):
    asked = []
    monkeypatch.setattr(scaling, "seconds", lambda case, draws: asked.append((draws, joblib.cpu_count())) or 3.0)
    assert scaling.on_cores(CASE, 1) == 3.0
    assert asked == [(2 * batch.PIECE, 1), (scaling.MANY, 1)]


def test_laws_through_runs_are_measured_per_draw(monkeypatch):
    """A smaller run of both: ratios are positive, and BFGS and ours start from the same resamples."""
    monkeypatch.setattr(runs, "ROUNDS", 1)
    for name, few in (("FRONTIER_DRAWS", 50), ("CURVE_FIT_DRAWS", 3), ("CHINCHILLA_DRAWS", 4), ("BFGS_DRAWS", 1)):
        monkeypatch.setattr(runs, name, few)
    lines = [*runs.power_laws(), *runs.scaling_laws()]
    assert [line.unit for line in lines] == ["times"] * 3
    assert all(0 < line.low <= line.value <= line.high < np.inf for line in lines)


LINES = [
    Line.of("fast", "times", [2.0, 3.0, 4.0], limit=1.0),
    Line.of("slow", "s", 20.0, limit=10.0),
    Line.of("100 draws", "s", 0.123456789, over="draws", count=100),
]


@pytest.mark.parametrize("fails", [False, True])
def test_the_report_is_written_and_says_if_anything_falls_short(fails, tmp_path, monkeypatch, capsys):
    made = LINES if fails else [LINES[0], LINES[2]]
    monkeypatch.setattr(measure, "parts", lambda: {line.name: lambda line=line: [line] for line in made})
    monkeypatch.setenv("ALGOPROGRESS_ROOT", str(tmp_path))
    with pytest.raises(SystemExit) as left:
        measure.main()
    assert bool(left.value.code) is fails
    printed = capsys.readouterr().out
    assert printed.count("FELL SHORT") == fails
    assert printed.splitlines() == [*map(str, made), "wrote _build/bench.json"]


def test_the_kept_table_is_what_the_report_says(tmp_path, monkeypatch):
    monkeypatch.setenv("ALGOPROGRESS_ROOT", str(tmp_path))
    report.write(LINES)
    table = keep.table()
    assert table["machine"].tolist() == [report.processor()] * 3
    assert table["name"].tolist() == ["fast", "slow", "100 draws"]
    assert table[["value", "low", "high", "limit", "accepted"]].to_numpy().tolist() == [
        ["3", "2", "4", "1", "1"],
        ["20", "20", "20", "10", "0"],
        ["0.123457", "0.123457", "0.123457", "", "1"],
    ]
    assert table[["over", "count"]].to_numpy().tolist() == [["", ""], ["", ""], ["draws", "100"]]
    monkeypatch.undo()
    assert set(table) == set(pd.read_csv(data_dir() / "costs.csv").columns)


def test_the_page_shows_every_line_of_the_kept_run():
    kept = pd.read_csv(data_dir() / "costs.csv")
    shown = costs.lines().set_index("name")
    assert shown.index.tolist() == kept.loc[kept["over"].isna(), "name"].tolist()
    for line in kept[kept["limit"].notna()].itertuples():
        assert shown.loc[line.name, "met"] == {1: "yes", 0: "no"}[line.accepted]
    assert len(costs.series()) == kept["over"].isin(["draws", "rows"]).sum()
    slope = np.log10(costs.growth("draws"))
    assert f"{slope:.3f}" == shown.loc["Time against draws, in logarithms", "measured"].replace("−", "-")
