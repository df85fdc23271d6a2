"""The claims of the chapter on allocation: gains over Kaplan's split, the law refitted, and splits as they were."""

from collections.abc import Iterator

import numpy as np

from algoprogress.laws import scaling
from algoprogress.show.estimate import Estimate
from book.studies.allocation import split, study
from book.studies.allocation.study import HOFFMANN, SINCE, UNTIL
from book.studies.law.fits import main_sample

PRINTED = "none: constants as printed"
PRINTED_AT = {
    "allocation.ceg_kaplan.1e19.hoffmann": 1e19, "allocation.ceg_kaplan.1e21.hoffmann": 1e21,
    "allocation.ceg_kaplan.1e22.hoffmann": 1e22, "allocation.ceg_kaplan.3e23.hoffmann": 3e23,
    "allocation.ceg_kaplan.2p53e24.hoffmann": 2.53e24, "allocation.ceg_kaplan.1e25.hoffmann": 1e25,
}  # fmt: skip
REFITTED_AT = {
    "besiroglu": {
        "allocation.ceg_kaplan.1e19.besiroglu": 1e19, "allocation.ceg_kaplan.1e21.besiroglu": 1e21,
        "allocation.ceg_kaplan.1e22.besiroglu": 1e22, "allocation.ceg_kaplan.3e23.besiroglu": 3e23,
        "allocation.ceg_kaplan.2p53e24.besiroglu": 2.53e24, "allocation.ceg_kaplan.1e25.besiroglu": 1e25,
        "allocation.ceg_kaplan.5e26.besiroglu": 5e26,
    },
    "porian": {
        "allocation.ceg_kaplan.1e19.porian": 1e19, "allocation.ceg_kaplan.1e21.porian": 1e21,
        "allocation.ceg_kaplan.1e22.porian": 1e22, "allocation.ceg_kaplan.3e23.porian": 3e23,
        "allocation.ceg_kaplan.2p53e24.porian": 2.53e24, "allocation.ceg_kaplan.1e25.porian": 1e25,
        "allocation.ceg_kaplan.5e26.porian": 5e26,
    },
}  # fmt: skip
HO_AT = {
    "allocation.ceg_kaplan.1e19.ho": 1e19, "allocation.ceg_kaplan.1e21.ho": 1e21, "allocation.ceg_kaplan.1e22.ho": 1e22,
    "allocation.ceg_kaplan.3e23.ho": 3e23, "allocation.ceg_kaplan.2p53e24.ho": 2.53e24,
    "allocation.ceg_kaplan.1e25.ho": 1e25, "allocation.ceg_kaplan.5e26.ho": 5e26,
}  # fmt: skip
SYSTEMS = {"allocation.gpt3": (300e9, 3e23), "allocation.palm": (780e9, 2.53e24)}  # tokens and FLOP as stated
REALISED = {  # until Chinchilla, and since
    "hoffmann2022": ("allocation.realised.hoffmann2022", "allocation.realised.hoffmann2022.since"),
    "besiroglu": ("allocation.realised.besiroglu", "allocation.realised.besiroglu.since"),
    "porian": ("allocation.realised.porian", "allocation.realised.porian.since"),
}


def claims() -> Iterator[tuple[str, Estimate]]:
    """Yield the id and our estimate of each claim of the chapter."""
    yield from _printed()
    yield from _refitted()
    yield from _realised()


def _printed() -> Iterator[tuple[str, Estimate]]:
    law, known = scaling.published()[HOFFMANN], {}
    for id, flop in PRINTED_AT.items():
        known[flop] = Estimate.exact(study.kaplan_gain(law, flop), PRINTED)
        yield id, known[flop]
        yield f"{id}.better", Estimate.exact(study.kaplan_gain(law, flop, at="better"), PRINTED)
    yield "allocation.ceg_kaplan.1e19.hoffmann.search", known[1e19]
    yield "allocation.ceg_kaplan.1e25.hoffmann.search", known[1e25]
    yield "allocation.gpt2_text", known[1e21]
    yield "allocation.palm_text", known[2.53e24]
    for stem, (tokens, flop) in SYSTEMS.items():
        parameters = flop / (6.0 * tokens)
        gain, loss = split.gain_of_optimum(law, parameters, tokens), law.loss_of(parameters, tokens)
        yield f"{stem}.gain", Estimate.exact(gain, PRINTED)
        yield f"{stem}.loss", Estimate.exact(loss, PRINTED)
        yield f"{stem}.optimal_loss", Estimate.exact(law.loss(flop), PRINTED)


def _refitted() -> Iterator[tuple[str, Estimate]]:
    ho = study.ho_law(main_sample())
    for law, places in REFITTED_AT.items():
        for id, flop in places.items():
            yield id, study.refitted_gain(law, flop)
            yield f"{id}.better", study.refitted_gain(law, flop, at="better")
    for id, flop in HO_AT.items():
        yield id, Estimate.exact(study.kaplan_gain(ho, flop), "none: one fit")
    best, drawn = study.refitted("besiroglu")
    for name in ("floor", "alpha", "beta", "capacity", "data"):
        draws, value = getattr(drawn, name), getattr(best, name)
        yield f"allocation.refit.{name}", Estimate.from_draws(draws, value=value, covers=study.RUNS)


def _realised() -> Iterator[tuple[str, Estimate]]:
    gains = study.realised_eras().set_index(["law", "era", "side"])["gain"]
    for law, (until, since) in REALISED.items():
        yield until, gains[law, UNTIL, "all"]
        yield since, gains[law, SINCE, "all"]
        yield f"{since}.over", gains[law, SINCE, "over"]
        yield f"{since}.under", gains[law, SINCE, "under"]
    models = study.realised().query("law == 'besiroglu'")
    for said, era in (("until", UNTIL), ("since", SINCE)):
        over = np.asarray(models["over"][study.era_of(models) == era])
        yield f"allocation.over_trained_share.{said}", Estimate.of_share(over, covers=f"95%, of {len(over)} models")
