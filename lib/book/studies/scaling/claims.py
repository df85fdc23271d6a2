"""Yields the claims on the scaling laws of families: their constants, gains between them, gaps of their exponents."""

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
USUAL = ("", ".reruns", ".window15")
OTHERS = (".snapshot", ".ends")  # of the exponent alone
LAWS = (  # id, family and constant of its law, and the choices under which it is claimed
    ("gundlach.law.lstm.coefficient", "lstm", "coefficient", USUAL),
    ("gundlach.law.lstm.exponent", "lstm", "exponent", USUAL + OTHERS),
    ("gundlach.law.retro.coefficient", "retro", "coefficient", (*USUAL, ".snapshot18")),
    ("gundlach.law.retro.exponent", "retro", "exponent", (*USUAL, ".snapshot18", *OTHERS)),
    ("gundlach.law.modern.coefficient", "modern", "coefficient", USUAL),
    ("gundlach.law.modern.exponent", "modern", "exponent", USUAL + OTHERS),
    ("gundlach.law.lstm2.coefficient", "lstm2", "coefficient", (".reruns",)),
    ("gundlach.law.lstm2.exponent", "lstm2", "exponent", (".reruns",)),
    ("gundlach.law.modern25.coefficient", "modern25", "coefficient", (".snapshot18",)),
    ("gundlach.law.modern25.exponent", "modern25", "exponent", (".snapshot18",)),
)
HIGH, MIDDLE, LOW = study.ABLATION_LOSS, 4.9, study.LOW_LOSS  # nats per token
GAINS = (  # id, pair and loss of a gain, and how it is claimed: by the laws, those of the reruns, the runs themselves
    ("gundlach.ceg_lstm_modern.loss_5277", "lstm", "modern", HIGH, ("", ".reruns", ".direct")),
    ("gundlach.ceg_retro_modern.loss_5277", "retro", "modern", HIGH, ("", ".reruns", ".direct")),
    ("gundlach.ceg_lstm_retro.loss_5277", "lstm", "retro", HIGH, ("", ".reruns", ".direct")),
    ("gundlach.ceg_lstm_modern.loss_490", "lstm", "modern", MIDDLE, (".direct",)),
    ("gundlach.ceg_retro_modern.loss_490", "retro", "modern", MIDDLE, (".direct",)),
    ("gundlach.ceg_lstm_retro.loss_490", "lstm", "retro", MIDDLE, (".direct",)),
    ("gundlach.ceg_lstm_modern.loss_440", "lstm", "modern", LOW, ("", ".reruns")),
    ("gundlach.ceg_retro_modern.loss_440", "retro", "modern", LOW, ("", ".reruns")),
    ("gundlach.ceg_lstm_retro.loss_440", "lstm", "retro", LOW, (".reruns",)),
)
STEEPER = (  # ids of how much steeper the newer law is, and of the share of draws in which it is; and the pair
    ("gundlach.exponent_gap.lstm_modern", "gundlach.gap_share.lstm_modern", ("lstm", "modern")),
    ("gundlach.exponent_gap.retro_modern", "gundlach.gap_share.retro_modern", ("retro", "modern")),
    ("gundlach.exponent_gap.lstm_retro", "gundlach.gap_share.lstm_retro", ("lstm", "retro")),
)


def claims() -> Iterator[tuple[str, Estimate]]:
    """Yield the id of each claim of the chapter with our estimate."""
    for id, family, constant, choices in LAWS:
        for choice in choices:
            yield f"{id}{choice}", study.constant(family, constant, CHOICES[choice])
    yield from _gains()
    yield "gundlach.trend.lstm_modern", study.trend("lstm", "modern", (5.6, 4.95))  # losses in nats per token
    yield "gundlach.trend.retro_modern", study.trend("retro", "modern", (5.5, 4.3))
    yield "gundlach.trend.lstm_retro", study.trend("lstm", "retro", (5.6, 4.95))
    for gap, share, pair in STEEPER:
        for choice in ("", ".reruns", ".reruns15", ".window15", ".snapshot", ".ends"):
            yield f"{gap}{choice}", study.exponent_gap(*pair, CHOICES[choice])
        for choice in ("", ".reruns"):
            yield f"{share}{choice}", study.share_steeper(*pair, CHOICES[choice])


def _gains() -> Iterator[tuple[str, Estimate]]:
    """Yield gains at a loss, and those by the laws as printed where the paper's own number needs them."""
    for id, reference, new, loss, ways in GAINS:
        for way in ways:
            if way == ".direct":
                yield f"{id}.direct", study.measured_gains(reference, new, (loss,))["gain"][0]
            else:
                yield f"{id}{way}", study.gain_by_law(reference, new, loss, CHOICES[way])
    retro, modern = study.printed("retro"), study.printed("modern")
    mixed = study.law("retro").compute(HIGH) / modern.compute(HIGH)
    yield "gundlach.ceg_retro_modern.loss_5277.mixed", Estimate.exact(mixed, ARITHMETIC)
    rounded = retro.compute(LOW) / modern.compute(LOW)
    yield "gundlach.ceg_retro_modern.loss_440.rounded", Estimate.exact(rounded, ARITHMETIC)
