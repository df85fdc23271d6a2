"""The book's own training runs: simulated ones of known gain, exponents and noise, and what the file must hold."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.special import stdtrit

from algoprogress.data import tables
from algoprogress.show.estimate import Estimate
from book.studies.experiment import figures, study

BUDGETS = (3e10, 1e11, 3e11, 1e12, 3e12)
WIDTHS = (16, 24, 32, 48)
RATES = 2.0 ** np.arange(-8, -4)
TRUTH = {"lstm": (30.0, -0.07), "transformer_2017": (36.0, -0.08), "transformer_today": (34.0, -0.08)}


def simulated(seed: int, noise: float = 0.004, extra: tuple[str, float] = ("today_relu", 1.3)) -> pd.DataFrame:
    """Return runs of power laws at the best size and rate, worse elsewhere, with errors of seeds in ln loss."""
    rng, rows = np.random.default_rng(seed), []
    kinds = {**TRUTH, extra[0]: (TRUTH["transformer_today"][0] * extra[1] ** 0.08, -0.08)}
    for name, (level, exponent) in kinds.items():
        for flop in BUDGETS:
            for width in WIDTHS:
                for rate in RATES:
                    off = 0.05 * np.log(width / 24) ** 2 + 0.02 * np.log2(rate / 2**-6.2) ** 2
                    for each in (0, 1) if (width, rate) == (24, 2**-6) else (0,):
                        loss = level * flop**exponent * np.exp(off + rng.normal(0.0, noise))
                        rows.append((name, flop, width, rate, each, flop, loss, f"{flop:g}-{width}-{rate}-{each}"))
    names = ["algorithm", "budget_flop", "width", "rate", "seed", "training_compute_flop", "loss_nats", "run"]
    return pd.DataFrame(rows, columns=names)


def true_gain(reference: str, new: str, loss: float) -> float:
    computes = [(loss / TRUTH[name][0]) ** (1.0 / TRUTH[name][1]) for name in (reference, new)]
    return computes[0] / computes[1]


def test_exponents_and_gains_of_exact_runs_come_back():
    frame = simulated(0, noise=1e-9)
    assert study.budgets(frame) == list(BUDGETS)
    for name, (_, exponent) in TRUTH.items():
        assert study.exponent_of(frame, name).value == pytest.approx(exponent, abs=1e-6)
    assert study.exponent_gap(frame, "lstm", "transformer_2017").value == pytest.approx(0.01, abs=1e-6)
    same = study.mean_gain(frame, "transformer_2017", "transformer_today")
    assert same.value == pytest.approx((36.0 / 34.0) ** (1.0 / 0.08), rel=1e-4)
    high, low = study.support(frame, "lstm", "transformer_today")
    assert high > low and study.verdict(study.trend(frame, "lstm", "transformer_today")) == "yes"
    assert study.trend(frame, "lstm", "transformer_today").value == pytest.approx(0.08 / 0.07 - 1.0, rel=1e-3)


def test_intervals_hold_the_truth_as_often_as_they_say():
    """95% intervals of a gap, of a gain that does not change and of its slope, over simulated seeds of this design."""
    held = []
    for seed in range(60):
        frame = simulated(seed)
        gap = study.exponent_gap(frame, "lstm", "transformer_2017")
        mean = study.mean_gain(frame, "transformer_2017", "transformer_today")
        slope = study.trend(frame, "transformer_2017", "transformer_today")
        truth = (0.01, (36.0 / 34.0) ** (1.0 / 0.08), 0.0)
        held.append([each.low <= true <= each.high for each, true in zip((gap, mean, slope), truth, strict=True)])
    assert (np.mean(held, axis=0) > 0.85).all(), np.mean(held, axis=0)


def test_single_changes_and_the_noise_of_seeds_come_back():
    found, spreads = [], []
    for seed in range(20):
        frame = simulated(seed)
        row = study.changes(frame).set_index("algorithm").loc["today_relu"]
        assert row["budgets"] == len(BUDGETS)
        found.append(row["gain"].low <= 1.3 <= row["gain"].high)
        spreads.append(study.seed_noise(frame)[0].value)
    assert np.mean(found) > 0.8 and np.mean(spreads) == pytest.approx(0.004, rel=0.15)


def test_family_and_recipe_are_worth_what_they_are_together():
    """Today's recipe is worth 1.5 times the compute in the one family and 2.1 in the other."""
    held, frames = [], [simulated(seed, extra=("today_relu", 1.0)) for seed in range(40)]
    for seed, frame in enumerate(frames):
        rng = np.random.default_rng(1000 + seed)
        for base, worth in (("lstm", 1.5), ("transformer_2017", 2.1)):
            part = frame[frame["algorithm"] == base]
            better = part["loss_nats"] * worth**-0.08 * np.exp(rng.normal(0.0, 0.004, len(part)))
            frame = pd.concat([frame, part.assign(algorithm=study.RECIPES[base], loss_nats=better)])
        found = study.interaction(frame.reset_index(drop=True))
        held.append(found.low <= 2.1 / 1.5 <= found.high)
    assert np.mean(held) > 0.85
    assert np.isnan(study.interaction(simulated(0)).value)


def test_a_line_is_that_of_least_squares_and_its_draws_scatter_as_seeds_do():
    lines, scattered = [study.line(simulated(seed), "lstm", 400) for seed in range(40)], []
    for each in lines:
        drawn = each.draws.of(0).loss(1e11)
        scattered.append(np.quantile(drawn, 0.025) <= 30.0 * 1e11**-0.07 * 1.0 <= np.quantile(drawn, 0.975))
    exact = study.line(simulated(0, noise=1e-9), "lstm", 10)
    assert exact.exponent == pytest.approx(-0.07, abs=1e-6)
    assert exact.loss(1e11) == pytest.approx(30.0 * 1e11**-0.07 * np.exp(0.02 * 0.2**2), rel=1e-4)
    assert np.mean(scattered) > 0.8


def test_early_and_late_lie_on_both_sides_of_the_mean():
    frame = simulated(0, noise=1e-9)
    early, late = study.early_and_late(frame, "lstm", "transformer_today")
    assert early.value < study.mean_gain(frame, "lstm", "transformer_today").value < late.value


def test_too_few_budgets_have_no_exponent_and_no_verdict():
    frame = simulated(0)
    few = frame[frame["budget_flop"] < 2e11]
    assert study.verdict(study.exponent_gap(few, *study.PAIRS[0])) == "not measured"
    one_sided = frame[(frame["algorithm"] != "lstm") | (frame["budget_flop"] < 5e11)]
    assert study.budgets(one_sided) == list(BUDGETS[:3]), "a budget counts where all three have it"


def test_looks_share_the_chance_of_a_miss():
    """As by quantiles of Student's t, of which each look gets a part of the 5%."""
    frame = simulated(0)
    one, three, six = (study.exponent_gap(frame, *study.PAIRS[0], looks=looks) for looks in (1, 3, 6))
    assert six.low < three.low < one.low < one.value == three.value < one.high < three.high < six.high
    assert [each.covers.split(",")[0] for each in (one, three, six)] == [
        "95%",
        "95% for 3 looks together",
        "95% for 6 looks together",
    ]
    freedom = study.pair(frame, *study.PAIRS[0])[0].freedom
    times = stdtrit(freedom, [1.0 - 0.025 / 3, 1.0 - 0.025 / 6])
    assert (six.high - six.low) / (three.high - three.low) == pytest.approx(times[1] / times[0], rel=0.02)


def test_a_verdict_follows_from_an_interval():
    assert study.verdict(Estimate(0.9, 0.8, 0.95), 1.0) == "no"


def test_the_runs_keep_their_own_rules():
    frame = tables.read("experiment_runs")
    assert frame.loc[frame["done"] == 1.0].duplicated(["algorithm", "run"]).sum() == 0
    spent = frame["training_compute_flop"] / (frame["budget_flop"] * frame["done"])
    assert spent.between(0.98, 1.02).all(), "a run spends its budget"
    known = set(tables.read("algorithms")["algorithm"])
    assert set(frame["algorithm"]) <= known and len(set(frame["text"])) == 1
    tuned = study.tuned(study.ends())
    assert (tuned["rates"] >= 3).all() or not tuned["inside"].all(), "a rate is tuned, or its run is marked"


def test_what_the_page_says_of_the_runs_holds():
    runs = study.ends()
    gaps = [figures.verdicts(study.exponent_gap, runs, *two) for two in study.PAIRS[:2]]
    assert gaps == [("no", "not shown"), ("yes", "not shown")], "what the page says"
    assert figures.counted(runs) == "neither holds" and not set(study.ASKED) - set(study.LOOKED)
    rounds = [study.budgets(runs.iloc[:end])[-1] for end in (*study.ASKED, len(runs))]
    assert rounds == sorted(set(rounds)), "each round carried the grids on"
    squares = study.squares_of_seeds(runs)
    assert squares.idxmax()[-1] > runs["rate"].median(), "the noisiest rate is a high one"


def test_seeds_of_a_change_are_averaged_and_count():
    frame = simulated(0, noise=1e-6)  # so that the best size is the one with two seeds at every budget
    cell = frame.query("algorithm == 'today_relu' and width == 24 and budget_flop == 3e10 and rate == 2**-6")
    row = study.repeated(frame).query("algorithm == 'today_relu' and width == 24 and budget_flop == 3e10").iloc[0]
    assert len(cell) == row["seeds"] == 2
    assert row["loss_nats"] == pytest.approx(np.exp(np.log(cell["loss_nats"]).mean()))
    found = study.changes(frame).set_index("algorithm").loc["today_relu"]
    assert found["own"] == found["shared"] == len(BUDGETS) * 0.5 / len(BUDGETS) ** 2


def test_the_transformer_of_today_is_best_at_every_budget_as_the_figure_says():
    runs = study.ends()
    least = runs.pivot_table(index="budget_flop", columns="algorithm", values="loss_nats", aggfunc="min")[list(TRUTH)]
    assert (least.idxmin(axis=1) == "transformer_today").all() and len(least) == len(study.budgets(runs))
