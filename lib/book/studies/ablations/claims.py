"""Yields the claims on single changes of a small transformer: bars, seeds, earlier bars, products, a chain."""

from collections.abc import Iterator

from algoprogress.show.estimate import Estimate
from book.studies.ablations import study
from book.studies.scaling import study as scaling

ARITHMETIC = "none: arithmetic on stated constants"
ONE_SEED = "none: one seed, by the slope of the modern law"
SURVEY = "none: the survey's table was not obtained"
AGAIN = {  # bars whose change was also run in October
    "gundlach.bar.adamw_vs_adam": "adamw_vs_adam",
    "gundlach.bar.cosine_vs_invsqrt": "cosine_vs_invsqrt",
    "gundlach.bar.cosine_vs_linear": "cosine_vs_linear",
    "gundlach.bar.rms_vs_layer": "rms_vs_layer",
    "gundlach.bar.swiglu_vs_gelu": "swiglu_vs_gelu",
    "gundlach.bar.rotary_vs_learned": "rotary_vs_learned",
    "gundlach.bar.rotary_vs_sinusoidal": "rotary_vs_sinusoidal",
}
BARS = AGAIN | {"gundlach.bar.adam_vs_sgd": "adam_vs_sgd", "gundlach.bar.pre_vs_post": "pre_vs_post"}
EARLY_BARS = ("gelu_relu", "invsqrt", "swiglu_gelu", "learned", "post", "sgd", "lstm")
SEEDED = ("swiglu", "learned", "sinusoidal", "rms", "post")


def claims() -> Iterator[tuple[str, Estimate]]:
    """Yield the id of each claim of the chapter with our estimate."""
    yield "gundlach.ablations_under_10x", study.product_with_optimiser()
    yield "gundlach.survey_under_10x", Estimate.untestable(SURVEY)
    yield "gundlach.both_under_100x", Estimate.untestable(SURVEY)
    bars = study.bars().set_index("id")
    for id, bar in BARS.items():
        yield id, bars.loc[bar, "gain"]
    for id, bar in AGAIN.items():
        yield f"{id}.october", bars.loc[bar, "october"]
    early = study.early_bars()
    for id in EARLY_BARS:
        yield f"gundlach.early_bar.{id}", Estimate.exact(early[id], "none: one seed, nearest rows, as published")
    seeded = study.seeded().set_index("variant")["gain"]
    for variant in SEEDED:
        yield f"gundlach.seeded.{variant}", seeded[variant]
    snapshot = scaling.named("snapshot")
    yield "gundlach.law.sgd.coefficient.snapshot", scaling.constant("sgd", "coefficient", snapshot)
    yield "gundlach.law.sgd.exponent.snapshot", scaling.constant("sgd", "exponent", snapshot)
    yield "gundlach.seeded_pre_over_post", seeded["post"].map(lambda gain: 1.0 / gain)
    yield "gundlach.seed_noise", Estimate.exact(study.pooled_sd(study.seeded()), "none: pooled over variants")
    yield "gundlach.grid_step", Estimate.exact(study.grid_step(), ARITHMETIC)
    yield "gundlach.bars_that_differ", Estimate.exact(bars["differs"].sum(), "none: a count")
    small = study.small_gains().prod()
    yield "gundlach.product.small", Estimate.exact(small, ARITHMETIC)
    yield "gundlach.product.figure", Estimate.exact(small, ARITHMETIC)
    yield "gundlach.product.lstm", Estimate.exact(small * study.plotted("retro_vs_lstm_fit"), ARITHMETIC)
    yield "gundlach.product.exponent", Estimate.exact(study.interaction_exponent(), ARITHMETIC)
    chain = study.chain().iloc[-1]
    for rate in ("shared", "best"):
        yield (
            f"gundlach.chain.{rate}",
            Estimate.exact(chain[f"{rate}_gain"], "none: one seed, by the slope of the modern law"),
        )
