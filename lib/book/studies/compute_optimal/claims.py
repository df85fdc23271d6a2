"""The claims on pairs of algorithms with public runs, and on what the strict definition says of progress."""

import functools
from collections.abc import Iterator

import numpy as np
from scipy.interpolate import Akima1DInterpolator

from algoprogress.fits.rates import factor
from algoprogress.frontiers import frontier
from algoprogress.show.estimate import Estimate
from book.studies.allocation import chinchilla
from book.studies.compute_optimal import crossings, matrix, refit, repetition, sparsity, study
from book.studies.compute_optimal.pairs import NAMED, RERUNS, recipes, training_sets
from book.studies.growth.trend import line
from book.studies.law import fits

EXPERTS_AT = 2.8e19  # FLOP
AT = (  # id, pair and a training compute in FLOP, and estimator if it is not the main one
    ("frontier.recipe.1e17", "recipe", 1e17), ("frontier.recipe_owt2.1e17", "recipe_owt2", 1e17),
    ("frontier.schedule.6e18", "schedule", 6e18), ("frontier.schedule_owt2.6e18", "schedule_owt2", 6e18),
    ("frontier.moe_dense.2p8e19", "moe_dense", EXPERTS_AT),
    ("frontier.moe_dense.2p8e19.envelope", "moe_dense", EXPERTS_AT, "envelope"),
    ("frontier.moe_dense.2p8e19.law", "moe_dense", EXPERTS_AT, "law"),
    ("frontier.moe_dense.2p8e19.power", "moe_dense", EXPERTS_AT, "power law"),
)  # fmt: skip
CHECK_DRAWS = 400
STEPS = 2001  # of a curve between the least and the largest size of a budget


def claims() -> Iterator[tuple[str, Estimate]]:
    """Yield each claim of the chapter with our estimate."""
    yield from _pairs()
    yield from _other_designs()
    yield from _published()
    yield from _near_absence()


def _pairs() -> Iterator[tuple[str, Estimate]]:
    """Yield gains and trend of each pair, and what the historical law implies over the years between two families."""
    for name, pair in NAMED.items():
        ends = f"frontier.{name}.early", f"frontier.{name}.late"
        yield from zip(ends, study.early_and_late(pair), strict=True)
        yield f"frontier.{name}.range", study.mean_gain(pair)
        yield f"frontier.{name}.trend", study.trend(pair)
    for id, name, flop, *estimator in AT:
        yield id, study.at_compute(NAMED[name], flop, *estimator)
    for name, pair in RERUNS.items():
        yield f"frontier.{name}.late.reruns", study.early_and_late(pair)[1]
        yield f"frontier.{name}.range.reruns", study.mean_gain(pair)
        yield f"frontier.{name}.trend.reruns", study.trend(pair)
    for used in sparsity.SPARSITIES:
        yield f"frontier.moe_dense.{used}", sparsity.gain(used)
        # Tokens: the fewest at which dense models reach all losses, and the most.
        yield f"frontier.moe_dense.{used}.4b", sparsity.gain(used, 4e9)
        yield f"frontier.moe_dense.{used}.20b", sparsity.gain(used, 2e10)
    yield "frontier.xlstm_llama.1e20", matrix.by_laws(1e20)
    yield "beck2025.less_compute", study.mean_gain(NAMED["xlstm_llama"])
    months = {"published": fits.published_median("model7"), "converged": fits.converged_median("model7")}
    for name in ("lstm_modern", "lstm_retro", "retro_modern"):
        years = float(np.subtract(*NAMED[name].years[::-1]))
        for procedure, found in months.items():
            gain = found.map(functools.partial(factor, years=years), unit="times")
            yield f"frontier.{name}.implied.{procedure}", gain


def _other_designs() -> Iterator[tuple[str, Estimate]]:
    """Yield the gain of fresh text over repeated at the middle of three computes, and mean gains in GPU-hours."""
    for epochs in (4, 7, 14, 44):
        by_size = repetition.near(epochs).set_index("parameters")["gain"]
        yield f"frontier.repetition.{epochs}_epochs", by_size[repetition.SETS[1]]
    yield "frontier.repetition.trend", repetition.trend()
    yield "frontier.crossing_algorithm.d1_modern.gain", crossings.mean("algorithm", "D1_modern")
    yield "frontier.crossing_algorithm.d0_openwebtext.gain", crossings.mean("algorithm", "D0_openwebtext")
    yield "frontier.crossing_training_set.a0_gpt2.gain", crossings.mean("training_set", "A0_gpt2")
    yield "frontier.crossing_training_set.a1_modern.gain", crossings.mean("training_set", "A1_modern")
    yield "frontier.crossing_algorithm.d1_modern.trend", crossings.trend("algorithm", "D1_modern")
    yield "frontier.crossing_training_set.a0_gpt2.trend", crossings.trend("training_set", "A0_gpt2")


def _published() -> Iterator[tuple[str, Estimate]]:
    """Yield what the sources of runs print themselves, and the gains between published laws."""
    for stem, dataset in (("frontier.check.porian.rw", "rw"), ("frontier.check.porian.owt2", "owt2")):
        for recipe in ("counted", "warmup", "cosine", "tuned"):
            yield f"{stem}.{recipe}", _size_exponent(dataset, recipe)
            yield f"{stem}.{recipe}.interpolated", _interpolated(dataset, recipe)
    frame, _ = training_sets("c4_original", "rpj", "c4")
    found, drawn = (each.frame() for each in (chinchilla.fit(frame), chinchilla.bootstrap(frame, draws=CHECK_DRAWS)))
    said, laws = f"95%, {CHECK_DRAWS:,} resampled runs", matrix.matrix()
    for part, column in (("floor", "E"), ("alpha", "alpha"), ("beta", "beta")):
        constant = Estimate.from_draws(drawn[column], value=float(found[column].iloc[0]), covers=said)
        yield f"frontier.check.gadre_c4.{part}", constant
    same = laws[(laws["comparison"] == matrix.REFIT) & (laws["compute_flop"] == 1e20)]
    yield "frontier.matrix.same_runs", Estimate.exact(same["gain"].max(), "none: constants as published")
    yield "frontier.matrix.shown", Estimate.exact((laws["mark"] == "").sum(), "none: a count")
    yield "frontier.matrix.compared", Estimate.exact((laws["comparison"] != matrix.SELF).sum(), "none: a count")


def _size_exponent(dataset: str, recipe: str) -> Estimate:
    """Return the exponent of optimal size in compute of a recipe."""
    frame, _ = recipes(dataset, recipe, recipe)
    groups = frame["group"].nunique()
    drawn = frontier.multipliers(frame, "group", CHECK_DRAWS, groups - 1, (0, 0))
    found = refit.size_exponents(frame, np.vstack([np.zeros(len(frame)), drawn]))
    said = f"95%, {CHECK_DRAWS:,} resamples of errors of sizes ({groups})"
    return Estimate.from_draws(found[1:], value=found[0], covers=said)


def _interpolated(dataset: str, recipe: str) -> Estimate:
    """Return that exponent by an even line through minima of Akima's interpolation in logs; one at an end is none.

    So do Porian et al. 2024, who also draw noise.
    """
    found = []
    for budget, runs in recipes(dataset, recipe, recipe)[0].groupby("budget"):
        logs = np.log(runs.groupby("parameters")["loss_nats"].mean())
        fine = np.linspace(*np.log([logs.index[0], logs.index[-1]]), STEPS)
        best = int(np.argmin(Akima1DInterpolator(np.log(logs.index), logs)(fine)))
        found += [(np.log(budget), fine[best])] if 0 < best < STEPS - 1 else []
    return line(*np.transpose(found), "95%, Student's t over budgets")


def _near_absence() -> Iterator[tuple[str, Estimate]]:
    """Yield the largest gain of a new architecture within the transformers, that without experts, and their product."""
    _, without = study.early_and_late(NAMED["retro_modern"])
    both = [without, study.at_compute(NAMED["moe_dense"], EXPERTS_AT)]
    _, rerun = study.early_and_late(RERUNS["retro_modern"])
    yield "strict.claim.near_absence", max((*both, rerun), key=lambda each: each.value)
    yield "strict.claim.near_absence.without_experts", without
    logs = np.log([[each.value, each.low, each.high] for each in both])
    middle, sides = logs[:, 0].sum(), np.sqrt((np.abs(logs[:, 1:] - logs[:, :1]) ** 2).sum(axis=0))
    said = "95%, both combined in logs as independent, though measured at other losses"
    product = Estimate(middle, middle - sides[0], middle + sides[1], said)
    yield "strict.claim.near_absence.product", product.map(lambda each: float(np.exp(each)), unit="times")
