"""Recomputes the claims on pairs of algorithms with public runs, and on what the strict definition says of progress."""

from __future__ import annotations

import numpy as np

from algoprogress.frontiers import chinchilla, isoflop, runs
from algoprogress.show.estimate import Estimate
from book.studies import registry
from book.studies.compute_optimal import crossings, matrix, repetition
from book.studies.compute_optimal import runs as pair_runs
from book.studies.compute_optimal import study as pairs
from book.studies.registry import recomputes

PAIR = "|".join(sorted((pair.name for pair in pairs.PAIRS), key=len, reverse=True))
POINT = "none: a point of one fit"
AT = {"1e17": 1e17, "6e18": 6e18, "2p8e19": 2.8e19}  # FLOP of the new algorithm
SHORT = {"envelope": "envelope", "law": "law", "power": "power law"}
CHECK_DRAWS = 400
WITHIN = ("retro_modern", "moe_dense")  # changes of architecture within the transformers
DOUBLING = {
    "published": "ho.model7.doubling_months.published_bootstrap_median",
    "converged": "ho.model7.doubling_months.converged_papers",
}


def covers(name: str) -> str:
    """Return what the interval of a pair covers, in words."""
    return f"95%, {pairs.named(name).draws:,} resamples of {pairs.named(name).resampled} ({pairs.fewest(name)})"


def _of(line, name: str) -> Estimate:
    return Estimate(*(float(line[part]) for part in ("gain", "low", "high")), covers(name))


@recomputes(rf"frontier\.({PAIR})\.(early|late)")
def part_of_range(name: str, when: str) -> Estimate:
    """Return the gain a quarter or three quarters of the way along what both have reached."""
    return _of(pairs.main_gains(name).iloc[pairs.EARLY if when == "early" else pairs.LATE], name)


@recomputes(rf"frontier\.({PAIR})\.range")
def over_range(name: str) -> Estimate:
    """Return the geometric mean of the gain over what both have reached."""
    return _of(pairs.mean_gain(name), name)


@recomputes(rf"frontier\.({PAIR})\.trend")
def trend(name: str) -> Estimate:
    """Return the exponent of the gain in compute over what both have reached."""
    found = pairs.trend(name)
    return Estimate(found["slope"], found["low"], found["high"], covers(name))


@recomputes(rf"frontier\.({PAIR})\.(1e17|6e18|2p8e19)(?:\.(envelope|law|power))?")
def at_compute(name: str, at: str, estimator: str | None) -> Estimate:
    """Return the gain at the loss that the new algorithm reaches with a compute."""
    return _of(pairs.at_compute(name, AT[at], SHORT[estimator] if estimator else ""), name)


@recomputes(r"frontier\.xlstm_llama\.1e20")
def by_laws() -> Estimate:
    """Return the gain of xLSTM at 1e20 FLOP by the published laws."""
    return Estimate(*matrix.by_laws(1e20).values(), "95%, what public runs of one context say of the laws' error")


@recomputes(r"frontier\.(lstm_modern|lstm_retro|retro_modern)\.implied\.(published|converged)")
def implied(name: str, fits: str) -> Estimate:
    """Return the gain that the historical law implies over the years between two families."""
    years = np.subtract(*pairs.named(name).years[::-1])
    months = registry.estimate(DOUBLING[fits])
    value, low, high = (2.0 ** (12.0 * years / each) for each in (months.value, months.high, months.low))
    return Estimate(value, low, high, months.covers)


@recomputes(r"frontier\.repetition\.(4|7|14|44)_epochs")
def repeated(epochs: str) -> Estimate:
    """Return the gain of fresh text over so many epochs, at the middle of three training computes."""
    frame = repetition.near(float(epochs))
    line = frame[frame["parameters"] == repetition.SETS[1]].iloc[0]
    return Estimate(
        *(float(line[part]) for part in ("gain", "low", "high")),
        f"95%, {repetition.DRAWS:,} resampled fresh runs ({len(repetition.fresh())})",
    )


@recomputes(r"frontier\.repetition\.trend")
def repetition_trend() -> Estimate:
    """Return the exponent of the gain of fresh text over four epochs in compute."""
    found = repetition.trend()
    return Estimate(found["slope"], found["low"], found["high"], "95%, Student's t of a line through three computes")


@recomputes(r"frontier\.crossing_(algorithm|training_set)\.(a0_gpt2|a1_modern|d0_openwebtext|d1_modern)\.(gain|trend)")
def crossed(what: str, beside: str, part: str) -> Estimate:
    """Return a gain in GPU-hours, the mean over sizes, or how it grows with the hours of the old."""
    found = (crossings.mean if part == "gain" else crossings.trend)(what, beside.capitalize())
    value = found["gain" if part == "gain" else "slope"]
    covers = "95%, Student's t over sizes that reached the target"
    if np.isnan(found["low"]):
        covers = "none: fewer than three sizes reached the target"
    return Estimate(value, found["low"], found["high"], covers)


@recomputes(r"frontier\.check\.porian\.(rw|owt2)\.(counted|warmup|cosine|tuned)")
def size_exponent(dataset: str, recipe: str) -> Estimate:
    """Return the exponent of optimal size in compute of a recipe."""
    frame, _ = pair_runs.recipes(dataset, recipe, recipe)
    weights = np.vstack([np.ones(len(frame)), isoflop.weights_of(frame, CHECK_DRAWS, (0, 0))])
    found = isoflop.size_exponents(frame, weights)
    groups = frame["group"].nunique()
    low, _, high = runs.interval(found[1:], groups)
    return Estimate(float(found[0]), low, high, f"95%, {CHECK_DRAWS:,} resamples of sizes ({groups})")


@recomputes(r"frontier\.check\.gadre_c4\.(floor|alpha|beta)")
def gadre(what: str) -> Estimate:
    """Return a constant of the law in size and tokens of the models trained and read on C4."""
    frame, _ = pair_runs.training_sets("c4_original", "rpj", "c4")
    column = {"floor": "E", "alpha": "alpha", "beta": "beta"}[what]
    draws = chinchilla.bootstrap(frame, draws=CHECK_DRAWS).frame()[column]
    low, high = draws.quantile([0.025, 0.975])
    value = chinchilla.fit(frame).frame()[column].iloc[0]
    return Estimate(float(value), float(low), float(high), f"95%, {CHECK_DRAWS:,} resampled runs")


@recomputes(r"frontier\.matrix\.same_runs")
def same_runs() -> Estimate:
    """Return the largest gain between two laws fitted to the same runs, at 1e20 FLOP."""
    frame = matrix.matrix()
    lines = frame[(frame["comparison"] == matrix.REFIT) & (frame["compute_flop"] == 1e20)]
    return Estimate(float(lines["gain"].max()), covers="none: constants as published")


@recomputes(r"frontier\.matrix\.(shown|compared)")
def cells(what: str) -> Estimate:
    """Return how many cells of the matrix, of two laws each, can be shown, or are of two laws at all."""
    frame = matrix.matrix()
    kept = (frame["mark"] == "") if what == "shown" else (frame["comparison"] != matrix.SELF)
    return Estimate(float(kept.sum()), covers="none: a count")


@recomputes(r"strict\.claim\.near_absence(?:\.(product|without_experts))?")
def near_absence(what: str | None) -> Estimate:
    """Return the largest gain of a new architecture within the transformers, their product, or that without experts."""
    found = [near_gain(name) for name in WITHIN]
    if what == "without_experts":
        return found[0]
    if what is None:
        return max(found, key=lambda each: each.value)
    logs = np.log([[each.value, each.low, each.high] for each in found])
    middle, sides = logs[:, 0].sum(), np.sqrt((np.abs(logs[:, 1:] - logs[:, :1]) ** 2).sum(axis=0))
    return Estimate(
        *(float(np.exp(each)) for each in (middle, middle - sides[0], middle + sides[1])),
        "95%, both combined in logs as independent, though measured at other losses",
    )


def near_gain(name: str) -> Estimate:
    """Return the gain that stands for a change: late in its range, or at the compute that the pair is asked at."""
    pair = pairs.named(name)
    return _of(pairs.at_compute(name, pair.at_flop[0]), name) if pair.at_flop else part_of_range(name, "late")
