"""Yields the claims on the scaling laws of families: their constants, gains between them, gaps of their exponents."""

from collections.abc import Iterator

from algoprogress.show.estimate import Estimate
from book.studies.scaling import study

ARITHMETIC = "none: arithmetic on stated constants"
CHOICES = {ending: study.named(name) for ending, name in study.ENDINGS.items()}
CHOICES[".snapshot18"] = study.Choice("", "snapshot", floor=1.8, window=study.LEFT_TO)
USUAL = ("", ".reruns", ".window15")
OTHERS = (".snapshot", ".ends")  # of the exponent alone
LAWS = {  # family of a law, and the choices under which its coefficient and its exponent are claimed
    "gundlach.law.lstm": ("lstm", USUAL, USUAL + OTHERS),
    "gundlach.law.retro": ("retro", (*USUAL, ".snapshot18"), (*USUAL, ".snapshot18", *OTHERS)),
    "gundlach.law.modern": ("modern", USUAL, USUAL + OTHERS),
    "gundlach.law.lstm2": ("lstm2", (".reruns",), (".reruns",)),
    "gundlach.law.modern25": ("modern25", (".snapshot18",), (".snapshot18",)),
}
HIGH, MIDDLE, LOW = study.ABLATION_LOSS, 4.9, study.LOW_LOSS  # nats per token


def claims() -> Iterator[tuple[str, Estimate]]:
    """Yield each claim of the chapter with our estimate."""
    for stem, (family, *claimed) in LAWS.items():
        for constant, choices in zip(("coefficient", "exponent"), claimed, strict=True):
            for choice in choices:
                yield f"{stem}.{constant}{choice}", study.constant(family, constant, CHOICES[choice])
    for pair in study.PAIRS:
        name = "_".join(pair)
        gain = f"gundlach.ceg_{name}"
        yield f"{gain}.loss_5277.direct", study.measured_gains(*pair, (HIGH,))["gain"][0]  # by the runs, not their laws
        yield f"{gain}.loss_490.direct", study.measured_gains(*pair, (MIDDLE,))["gain"][0]
        for choice in ("", ".reruns"):
            yield f"{gain}.loss_5277{choice}", study.gain_by_law(*pair, HIGH, CHOICES[choice])
            if choice or pair != ("lstm", "retro"):
                yield f"{gain}.loss_440{choice}", study.gain_by_law(*pair, LOW, CHOICES[choice])
        for choice in study.ENDINGS:
            steeper, how_often = study.exponent_gap(*pair, CHOICES[choice])  # and the share of draws in which it is
            yield f"gundlach.exponent_gap.{name}{choice}", steeper
            if choice in ("", ".reruns"):
                yield f"gundlach.gap_share.{name}{choice}", how_often
    yield "gundlach.trend.lstm_modern", study.trend("lstm", "modern", (5.6, 4.95))  # losses in nats per token
    yield "gundlach.trend.retro_modern", study.trend("retro", "modern", (5.5, 4.3))
    yield "gundlach.trend.lstm_retro", study.trend("lstm", "retro", (5.6, 4.95))
    retro, modern = study.printed("retro"), study.printed("modern")  # where the paper's own number needs them
    mixed = study.law("retro").compute(HIGH) / modern.compute(HIGH)
    yield "gundlach.ceg_retro_modern.loss_5277.mixed", Estimate.exact(mixed, ARITHMETIC)
    rounded = retro.compute(LOW) / modern.compute(LOW)
    yield "gundlach.ceg_retro_modern.loss_440.rounded", Estimate.exact(rounded, ARITHMETIC)
