"""Yields the claims on the scaling laws of families: their constants, gains between them, gaps of their exponents."""

from __future__ import annotations

from collections.abc import Iterator

from algoprogress.show.estimate import Estimate
from book.studies.scaling import study
from book.studies.scaling.study import Choice

ARITHMETIC = "none: arithmetic on stated constants"
CHOICES = {
    "": study.PUBLISHED,
    ".reruns": study.named("reruns"),
    ".reruns15": study.named("reruns, from 1e15"),
    ".window15": study.named("window from 1e15"),
    ".snapshot": study.named("snapshot"),
    ".snapshot18": Choice("", "snapshot", floor=1.8, window=study.LEFT_TO),
    ".ends": study.named("end points, all sizes"),
}
FITTED = (  # choice and the families whose law is claimed under it
    ("", study.FAMILIES),
    (".reruns", (*study.FAMILIES, "lstm2")),
    (".window15", study.FAMILIES),
    (".snapshot18", ("modern25", "retro")),
)
LOSSES = {"5277": study.ABLATION_LOSS, "490": 4.9, "440": study.LOW_LOSS}  # nats per token
BETWEEN = {"lstm_modern": (5.6, 4.95), "lstm_retro": (5.6, 4.95), "retro_modern": (5.5, 4.3)}  # nats per token


def claims() -> Iterator[tuple[str, Estimate]]:
    """Yield the id of each claim of the chapter with our estimate."""
    yield from _laws()
    yield from _gains_by_law()
    for pair in study.PAIRS:
        name = "_".join(pair)
        for loss in ("5277", "490"):
            yield f"gundlach.ceg_{name}.loss_{loss}.direct", study.measured_gains(*pair, (LOSSES[loss],))["gain"][0]
        yield f"gundlach.trend.{name}", study.trend(*pair, BETWEEN[name])
        for choice in ("", ".reruns", ".reruns15", ".window15", ".snapshot", ".ends"):
            yield f"gundlach.exponent_gap.{name}{choice}", study.exponent_gap(*pair, CHOICES[choice])
        for choice in ("", ".reruns"):
            yield f"gundlach.gap_share.{name}{choice}", study.share_steeper(*pair, CHOICES[choice])


def _laws() -> Iterator[tuple[str, Estimate]]:
    """Yield coefficient and exponent of a family's law with their 95% intervals over resampled sizes."""
    for choice, families in FITTED:
        for family in families:
            yield f"gundlach.law.{family}.coefficient{choice}", study.constant(family, "coefficient", CHOICES[choice])
            yield f"gundlach.law.{family}.exponent{choice}", study.constant(family, "exponent", CHOICES[choice])
    for choice in (".snapshot", ".ends"):
        for family in study.FAMILIES:
            yield f"gundlach.law.{family}.exponent{choice}", study.constant(family, "exponent", CHOICES[choice])


def _gains_by_law() -> Iterator[tuple[str, Estimate]]:
    """Yield gains at a loss by fitted laws, and by the laws as printed where the paper's own number needs them."""
    for loss in ("5277", "440"):
        for pair in study.PAIRS:
            name = "_".join(pair)
            if (name, loss) != ("lstm_retro", "440"):
                yield f"gundlach.ceg_{name}.loss_{loss}", study.gain_by_law(*pair, LOSSES[loss])
            reruns = study.gain_by_law(*pair, LOSSES[loss], CHOICES[".reruns"])
            yield f"gundlach.ceg_{name}.loss_{loss}.reruns", reruns
    retro, modern = study.printed("retro"), study.printed("modern")
    mixed = study.law("retro").compute(LOSSES["5277"]) / modern.compute(LOSSES["5277"])
    yield "gundlach.ceg_retro_modern.loss_5277.mixed", Estimate.exact(mixed, ARITHMETIC)
    rounded = retro.compute(LOSSES["440"]) / modern.compute(LOSSES["440"])
    yield "gundlach.ceg_retro_modern.loss_440.rounded", Estimate.exact(rounded, ARITHMETIC)
