"""The claims of the chapter on allocation: gains over Kaplan's split, the law refitted, and splits as they were."""

from collections.abc import Iterator

from algoprogress.laws import scaling
from algoprogress.show.estimate import Estimate
from book.studies.allocation import split, study
from book.studies.allocation.study import HOFFMANN, REFITTED, SINCE, UNTIL
from book.studies.law.fits import main_sample

PRINTED = "none: constants as printed"
KAPLAN_AT = {  # FLOP
    "allocation.ceg_kaplan.1e19": 1e19, "allocation.ceg_kaplan.1e21": 1e21, "allocation.ceg_kaplan.1e22": 1e22,
    "allocation.ceg_kaplan.3e23": 3e23, "allocation.ceg_kaplan.2p53e24": 2.53e24, "allocation.ceg_kaplan.1e25": 1e25,
    "allocation.ceg_kaplan.5e26": 5e26,
}  # fmt: skip
GPT3_FLOP = 3e23
SYSTEMS = {"allocation.gpt3": (300e9, GPT3_FLOP), "allocation.palm": (780e9, 2.53e24)}  # tokens and FLOP as stated


def claims() -> Iterator[tuple[str, Estimate]]:
    """Yield each claim of the chapter with our estimate."""
    printed, ho = scaling.published()[HOFFMANN], study.ho_law(main_sample())
    for stem, flop in KAPLAN_AT.items():
        yield f"{stem}.ho", Estimate.exact(study.kaplan_gain(ho, flop), "none: one fit")
        for law in REFITTED:
            yield f"{stem}.{law}", study.refitted_gain(law, flop)
            yield f"{stem}.{law}.better", study.refitted_gain(law, flop, at="better")
            yield f"{stem}.{law}.rule", study.refitted_gain(law, flop, by="rule")
        if flop <= 1e25:
            yield f"{stem}.hoffmann", Estimate.exact(study.kaplan_gain(printed, flop), PRINTED)
            yield f"{stem}.hoffmann.better", Estimate.exact(study.kaplan_gain(printed, flop, at="better"), PRINTED)
            yield f"{stem}.hoffmann.rule", Estimate.exact(study.kaplan_gain(printed, flop, by="rule"), PRINTED)
    yield "allocation.ceg_kaplan.1e19.hoffmann.search", Estimate.exact(study.kaplan_gain(printed, 1e19), PRINTED)
    yield "allocation.ceg_kaplan.1e25.hoffmann.search", Estimate.exact(study.kaplan_gain(printed, 1e25), PRINTED)
    yield "allocation.gpt2_text", Estimate.exact(study.kaplan_gain(printed, 1e21), PRINTED)
    yield "allocation.palm_text", Estimate.exact(study.kaplan_gain(printed, 2.53e24), PRINTED)
    for by in study.SPLITS:
        billions = study.kaplan_split(by).split(GPT3_FLOP)[0] / 1e9
        yield f"allocation.gpt3.parameters.{by}", Estimate.exact(billions, PRINTED)
    best, drawn = study.refitted("besiroglu")
    for name in split.CONSTANTS:
        draws, value = getattr(drawn, name), getattr(best, name)
        yield f"allocation.refit.{name}", Estimate.from_draws(draws, value=value, covers=study.RUNS)
    for stem, (tokens, flop) in SYSTEMS.items():
        model = flop / (6.0 * tokens), tokens
        yield f"{stem}.gain", Estimate.exact(split.gain_of_optimum(printed, *model), PRINTED)
        yield f"{stem}.loss", Estimate.exact(printed.loss_of(*model), PRINTED)
        yield f"{stem}.optimal_loss", Estimate.exact(printed.loss(flop), PRINTED)
    eras = study.realised_eras().set_index(["law", "era", "side"])
    for law in study.LAWS:
        yield f"allocation.realised.{law}", eras["gain"][law, UNTIL, "all"]
        yield f"allocation.realised.{law}.since", eras["gain"][law, SINCE, "all"]
        yield f"allocation.realised.{law}.since.over", eras["gain"][law, SINCE, "over"]
        yield f"allocation.realised.{law}.since.under", eras["gain"][law, SINCE, "under"]
    yield "allocation.over_trained_share.until", eras["share"]["besiroglu", UNTIL, "over"]
    yield "allocation.over_trained_share.since", eras["share"]["besiroglu", SINCE, "over"]
