"""Yields the claims on single changes of a small transformer: bars, seeds, earlier bars, products, a chain."""

from collections.abc import Iterator

from algoprogress.show.estimate import Estimate
from book.studies.ablations import study
from book.studies.scaling import study as scaling

ARITHMETIC = "none: arithmetic on stated constants"
ONE_SEED = "none: one seed, by the slope of the modern law"
WITHOUT_OCTOBER = ("adam_vs_sgd", "pre_vs_post")  # bars whose change was not run again, or did not reach the loss
EARLY_BARS = ("gelu_relu", "invsqrt", "swiglu_gelu", "learned", "post", "sgd", "lstm")
SEEDED = ("swiglu", "learned", "sinusoidal", "rms", "post")


def claims() -> Iterator[tuple[str, Estimate]]:
    """Yield each claim of the chapter with our estimate."""
    optimiser, small = study.bar("adam_vs_sgd", "gain"), study.small_gains().prod()
    yield "gundlach.ablations_under_10x", study.product_with_optimiser()
    typed = study.bar("adam_vs_sgd")
    yield "gundlach.product.optimiser.typed", Estimate.exact(small * typed, ARITHMETIC)
    together = scaling.measured_gains("retro", "modern", (scaling.ABLATION_LOSS,))["gain"][0]
    yield "gundlach.product.optimiser.together", together.map(lambda gain: gain * optimiser)
    snapshot = scaling.gain_by_law("sgd", "modern", scaling.ABLATION_LOSS, scaling.named("snapshot"))
    yield "gundlach.bar.adam_vs_sgd.laws", snapshot
    for id in ("gundlach.survey_under_10x", "gundlach.both_under_100x"):
        yield id, Estimate.untestable("none: the survey's table was not obtained")
    bars = study.bars().set_index("id")
    for id in study.RUNS:
        yield f"gundlach.bar.{id}", bars.loc[id, "gain"]
        if id not in WITHOUT_OCTOBER:
            yield f"gundlach.bar.{id}.october", bars.loc[id, "october"]
    for id, gain in study.early_bars()[list(EARLY_BARS)].items():
        yield f"gundlach.early_bar.{id}", Estimate.exact(gain, "none: one seed, nearest rows, as published")
    seeded = study.seeded().set_index("variant")["gain"]
    for variant in SEEDED:
        yield f"gundlach.seeded.{variant}", seeded[variant]
    yield "gundlach.seeded_pre_over_post", seeded["post"].map(lambda gain: 1.0 / gain)
    yield "gundlach.seed_noise", Estimate.exact(study.pooled_sd(study.seeded()), "none: pooled over variants")
    for name in ("coefficient", "exponent"):
        yield f"gundlach.law.sgd.{name}.snapshot", scaling.constant("sgd", name, scaling.named("snapshot"))
    yield "gundlach.grid_step", Estimate.exact(study.grid_step(), ARITHMETIC)
    yield "gundlach.bars_that_differ", Estimate.exact(bars["differs"].sum(), "none: a count")
    yield "gundlach.product.small", Estimate.exact(small, ARITHMETIC)
    yield "gundlach.product.figure", Estimate.exact(small, ARITHMETIC)
    yield "gundlach.product.lstm", Estimate.exact(small * study.bar("retro_vs_lstm_fit"), ARITHMETIC)
    yield "gundlach.product.exponent", Estimate.exact(study.interaction_exponent(), ARITHMETIC)
    for rate in ("shared", "best"):
        yield f"gundlach.chain.{rate}", Estimate.exact(study.chain()[f"{rate}_gain"].iloc[-1], ONE_SEED)
