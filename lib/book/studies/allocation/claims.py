"""The claims of the chapter on allocation: gains over Kaplan's split, the law refitted, and splits as they were."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from algoprogress.laws import scaling
from algoprogress.show.estimate import Estimate
from book.studies.allocation import study
from book.studies.allocation.study import HOFFMANN, REFITTED, SINCE, UNTIL
from book.studies.law.fits import main_sample

PRINTED = "none: constants as printed"
FLOPS = {"1e19": 1e19, "1e21": 1e21, "1e22": 1e22, "3e23": 3e23, "2p53e24": 2.53e24, "1e25": 1e25}
BEYOND = {"5e26": 5e26}
SYSTEMS = {"gpt3": (300e9, 3e23), "palm": (780e9, 2.53e24)}  # tokens and FLOP as stated


def claims() -> Iterator[tuple[str, Estimate]]:
    """Yield the id and our estimate of each claim of the chapter."""
    yield from _printed()
    yield from _refitted()
    yield from _realised()


def _printed() -> Iterator[tuple[str, Estimate]]:
    law, known = scaling.published()[HOFFMANN], {}
    for said, flop in FLOPS.items():
        known[said] = Estimate.exact(study.kaplan_gain(law, flop), PRINTED)
        yield f"allocation.ceg_kaplan.{said}.hoffmann", known[said]
        better = study.kaplan_gain(law, flop, at="better")
        yield f"allocation.ceg_kaplan.{said}.hoffmann.better", Estimate.exact(better, PRINTED)
    yield "allocation.ceg_kaplan.1e19.hoffmann.search", known["1e19"]
    yield "allocation.ceg_kaplan.1e25.hoffmann.search", known["1e25"]
    yield "allocation.gpt2_text", known["1e21"]
    yield "allocation.palm_text", known["2p53e24"]
    for system, (tokens, flop) in SYSTEMS.items():
        parameters = flop / (6.0 * tokens)
        gain, loss = scaling.gain_of_optimum(law, parameters, tokens), law.loss_of(parameters, tokens)
        yield f"allocation.{system}.gain", Estimate.exact(gain, PRINTED)
        yield f"allocation.{system}.loss", Estimate.exact(loss, PRINTED)
        yield f"allocation.{system}.optimal_loss", Estimate.exact(law.loss(flop), PRINTED)


def _refitted() -> Iterator[tuple[str, Estimate]]:
    ho = study.ho_law(main_sample())
    for said, flop in (FLOPS | BEYOND).items():
        for name in REFITTED:
            yield f"allocation.ceg_kaplan.{said}.{name}", study.refitted_gain(name, flop)
            yield f"allocation.ceg_kaplan.{said}.{name}.better", study.refitted_gain(name, flop, at="better")
        yield f"allocation.ceg_kaplan.{said}.ho", Estimate.exact(study.kaplan_gain(ho, flop), "none: one fit")
    best, drawn = study.refitted("besiroglu")
    for name in ("floor", "alpha", "beta", "capacity", "data"):
        draws, value = getattr(drawn, name), getattr(best, name)
        yield f"allocation.refit.{name}", Estimate.from_draws(draws, value=value, covers=study.RUNS)


def _realised() -> Iterator[tuple[str, Estimate]]:
    gains = study.realised_eras().set_index(["law", "era", "side"])["gain"]
    for law in study.LAWS:
        yield f"allocation.realised.{law}", gains[law, UNTIL, "all"]
        yield f"allocation.realised.{law}.since", gains[law, SINCE, "all"]
        yield f"allocation.realised.{law}.since.over", gains[law, SINCE, "over"]
        yield f"allocation.realised.{law}.since.under", gains[law, SINCE, "under"]
    models = study.realised().query("law == 'besiroglu'")
    for said, era in (("until", UNTIL), ("since", SINCE)):
        over = np.asarray(models["over"][study.era_of(models) == era])
        yield f"allocation.over_trained_share.{said}", Estimate.of_share(over, covers=f"95%, of {len(over)} models")
