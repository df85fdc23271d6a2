"""The gain of one algorithm over another at a training compute or a loss: a number, its interval, its mark, a sentence.

What the page's script computes from the laws and draws that it was given, this computes by the library's own functions:
`frontiers.gain.gain`, `accounting.total`, `frontier.gain_over_allocation` and `gain_at_loss`.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from algoprogress import __version__
from algoprogress.frontiers import gain as gains
from algoprogress.frontiers import runs
from algoprogress.laws import scaling as frontier
from algoprogress.show.words import quantity
from book.studies.accounting import study as accounting
from book.studies.allocation import study as allocation
from book.studies.explorer import comparisons
from book.studies.explorer.comparisons import NAMES, Comparison, Frontier
from book.studies.scaling import study as families

NONE = (np.nan, np.nan)
# The factors of a gain, each with what it rests on.
STEPS = (("architecture: LSTM to the transformer of 2017", "laws"), ("2017 to today", "laws"))
FACTORS = (
    ("transformer, with Kaplan's split", "laws"),
    ("Chinchilla's split", "published formula"),
    ("mixture of experts", "typed in by the authors"),
    ("small changes together", "ablations, shrunk"),
)
LEAST_SHARE = 0.01  # of resamples without a gain, from which the sentence says so
WORDS = {
    "compute": "At {at} FLOP of {new}, {reference} needs {gain} times the training compute for the same loss",
    "loss": "For a loss of {at} nats per token, {reference} needs {gain} times the training compute of {new}",
    "interval": "95% interval over resampled {resampled}: {low} to {high}",
    "left_out": ", without the {share} of resamples that have no gain",
    "published": "no interval: the law is as published, without its runs",
    "printed": "no interval: constants as printed",
    "laws": "laws: {choice}",
    "inside": "Both laws are within their data.",
    "outside": "Extrapolated: {reasons}.",
    "reason": "{name} would take {flop} FLOP, and its data run from {low} to {high}",
    "never_compute": "At {at} FLOP of {new} there is no gain to state: by its law {who} never reaches the loss.",
    "never_loss": "For a loss of {at} nats per token there is no gain to state: by its law {who} never reaches it.",
    "version": "algoprogress {version}.",
}  # the page's script fills in the same templates


@dataclass(frozen=True)
class Part:
    """A factor of a gain, with its 95% interval, nan where it has none, and what it rests on."""

    name: str
    gain: float
    low: float
    high: float
    basis: str


@dataclass(frozen=True)
class Answer:
    """A gain, its 95% interval (nan if none), whether both laws are within their data, and the sentence to cite.

    `support` is the range of the new algorithm's compute, in FLOP, in which both laws are within their fitted points;
    nan if there is none. `reference_flop` is the compute that the reference needs for the loss. `left_out` is the share
    of resamples in which one of the two never reaches the loss, so that the interval is without them.
    """

    comparison: Comparison
    gain: float
    low: float
    high: float
    inside: bool
    support: tuple[float, float]
    compute_flop: float
    loss_nats: float
    reference_flop: float
    left_out: float
    parts: tuple[Part, ...]
    sentence: str


def answer(
    reference: str,
    new: str,
    choice: str | None = None,
    *,
    compute_flop: float | None = None,
    loss_nats: float | None = None,
) -> Answer:
    """Return what the page says for two algorithms under a choice, at a compute of the new one or at a loss.

    Parameters
    ----------
    reference, new
        Ids of `comparisons.NAMES`; `comparisons.pairs` lists what can be compared.
    choice
        Laws and data, one of `comparisons.choices`; the standard one if None.
    compute_flop
        Training compute of the new algorithm: uncertain then is the loss that it buys, too.
    loss_nats
        Loss in nats per token that both have to reach.

    Raises ComparisonError for what cannot be compared, ValueError unless exactly one of compute and loss is given and
    above zero, and for the accounting at a loss, which is defined at a compute.
    """
    of = comparisons.comparison(reference, new, choice)
    if (compute_flop is None) == (loss_nats is None):
        raise ValueError("give a training compute in FLOP or a loss in nats per token, and not both")
    if not (compute_flop or loss_nats) > 0:
        raise ValueError(f"compute and loss must be above zero; got {compute_flop or loss_nats}")
    if of.kind == "total" and loss_nats is not None:
        raise ValueError("the accounting is defined at a training compute, not at a loss")
    pair = comparisons.frontiers(of)
    flop = comparisons.compute_for(pair[1], loss_nats) if compute_flop is None else float(compute_flop)
    loss = comparisons.loss_at(pair[1], flop) if loss_nats is None else float(loss_nats)
    gain, low, high = METHODS[of.kind](of, compute_flop, loss_nats)
    needed = gain * flop / (float(constant(of)) if of.kind == "total" else 1.0)
    inside = all(comparisons.supported(each, at) for each, at in zip(pair, (needed, flop), strict=True))
    support = tuple(comparisons.compute_for(pair[1], each) for each in comparisons.shared_range(*pair))
    parts = tuple(
        _steps(of, compute_flop, loss_nats)
        if of.kind == "families"
        else _factors(of, flop, low, high)
        if of.kind == "total"
        else ()
    )
    left_out = comparisons.share_without_gain(*pair, compute_flop=compute_flop, loss_nats=loss_nats)
    found = Answer(of, gain, low, high, inside, support, flop, loss, needed, left_out, parts, "")
    return Answer(**(vars(found) | {"sentence": _sentence(found, pair, at_compute=loss_nats is None)}))


def _families(of: Comparison, flop: float | None, loss: float | None) -> tuple[float, float, float]:
    if of.choice == comparisons.PRINTED:
        laws = [families.printed(name) for name in (of.reference, of.new)]
    else:
        laws = [families.law(name, families.named(of.choice)) for name in (of.reference, of.new)]
    found = gains.gain(*laws, loss_nats=loss, compute_flop=flop, extrapolate=True)
    return found.value, found.low, found.high


def _total(of: Comparison, flop: float, loss: None) -> tuple[float, float, float]:
    found = accounting.total(comparisons.accounting_of(of), flop)
    return found.value, found.low, found.high


def _split(of: Comparison, flop: float | None, loss: float | None) -> tuple[float, float, float]:
    name, kaplan = comparisons.SPLITS[of.choice], frontier.published()[allocation.KAPLAN]
    best, drawn = comparisons.scaling_law(name)
    if drawn is not None and loss is None:
        found = allocation.refitted_gain(name, flop, at="better")
        return found.value, found.low, found.high
    at = flop if loss is None else frontier.compute_for_loss(best, loss)
    point = float(frontier.gain_over_allocation(best, kaplan, at, at="better"))
    if drawn is None:
        return point, *NONE
    flops = frontier.compute_for_loss(drawn, np.full(len(drawn.floor), loss))
    ends = np.nanquantile(frontier.gain_over_allocation(drawn, kaplan, flops, at="better"), [0.025, 0.975])
    return point, *(float(each) for each in ends)


def _laws(of: Comparison, flop: float | None, loss: float | None) -> tuple[float, float, float]:
    (old, old_drawn), (new, new_drawn) = (comparisons.scaling_law(name) for name in (of.reference, of.new))

    def gains(reference, improved, count: int) -> np.ndarray:
        if loss is None:
            return frontier.gain_at_compute(reference, improved, np.full(count, flop))["gain"].to_numpy()
        return frontier.gain_at_loss(reference, improved, np.full(count, loss))["gain"].to_numpy()

    point = float(gains(old, new, 1)[0])
    if old_drawn is None and new_drawn is None:
        return point, *NONE
    count = len((old_drawn or new_drawn).floor)
    low, high = np.exp(np.nanquantile(np.log(gains(old_drawn or old, new_drawn or new, count)), [0.025, 0.975]))
    return point, float(low), float(high)


METHODS = {"families": _families, "total": _total, "split": _split, "published": _laws, "refits": _laws}


def constant(of: Comparison) -> float:
    """Return the factors of the accounting that are the same at every compute: experts and the small ones."""
    return accounting.rest(comparisons.accounting_of(of))


def _steps(of: Comparison, flop: float | None, loss: float | None) -> list[Part]:
    """Return the two steps of the way from LSTM to the transformer of today, at one loss; one step is no split."""
    path = ("lstm", "retro", "modern")
    if (of.reference, of.new) != (path[0], path[-1]):
        return []
    if of.choice == comparisons.PRINTED:
        points = [families.printed(name) for name in path]
    else:
        points = [families.law(name, families.named(of.choice)) for name in path]
    value = np.exp(_log_steps(points, flop, loss))
    ends = [NONE, NONE]
    if of.resampled:
        drawn = _log_steps([each.draws.of(0) for each in points], flop, loss)
        ends = [
            np.exp(runs.interval(logs, comparisons.fewest(of, *pair)))[[0, 2]]
            for logs, pair in zip(drawn, pairwise(path), strict=True)
        ]
    return [
        Part(name, float(each), float(low), float(high), basis)
        for (name, basis), each, (low, high) in zip(STEPS, value, ends, strict=True)
    ]


def _log_steps(laws: list, flop: float | None, loss: float | None) -> np.ndarray:
    """Return ln gain of each step (steps, or steps x draws) at a loss, or at that of the last law at a compute."""
    loss = laws[-1].loss(flop) if loss is None else loss
    computes = [np.log(each.compute(loss)) for each in laws]
    return np.array([before - after for before, after in pairwise(computes)])


def _factors(of: Comparison, flop: float, low: float, high: float) -> list[Part]:
    """Return the factors of the accounting; of these the first alone rests on fitted laws and has an interval."""
    factor = accounting.factors(comparisons.accounting_of(of), flop).set_index("id")["factor"]
    small = factor.drop(["transformer", "chinchilla", "experts"]).prod()
    rest = float(factor["chinchilla"] * factor["experts"] * small)
    value = (factor["transformer"], factor["chinchilla"], factor["experts"], small)
    interval = ((low / rest, high / rest), NONE, NONE, NONE)
    return [
        Part(name, float(each), *both, basis)
        for (name, basis), each, both in zip(FACTORS, value, interval, strict=True)
    ]


def _sentence(found: Answer, pair: tuple[Frontier, Frontier], *, at_compute: bool) -> str:
    """Return the sentence that one may cite."""
    of, mode = found.comparison, "compute" if at_compute else "loss"
    said = {
        "reference": NAMES[of.reference],
        "new": NAMES[of.new],
        "gain": times(found.gain),
        "at": times(found.compute_flop) if at_compute else f"{found.loss_nats:.3f}",
    }
    laws = list(zip(of.law_names, pair, (found.reference_flop, found.compute_flop), strict=True))
    version = WORDS["version"].format(version=__version__)
    if np.isnan(found.gain):
        who = next(name for name, law, _ in laws if not found.loss_nats > law.constants[0])
        return f"{WORDS[f'never_{mode}'].format(who=who, **said)} {version}"
    opening = f"{WORDS[mode].format(**said)} ({_covers(found)}; {WORDS['laws'].format(choice=of.choice)})."
    reasons = [
        WORDS["reason"].format(
            name=name, flop=times(flop), low=times(law.support_flop[0]), high=times(law.support_flop[1])
        )
        for name, law, flop in laws
        if not comparisons.supported(law, flop)
    ]
    mark = WORDS["outside"].format(reasons="; ".join(reasons)) if reasons else WORDS["inside"]
    return f"{opening} {mark} {version}"


def _covers(found: Answer) -> str:
    """Return the interval in words, or why there is none."""
    of = found.comparison
    if not of.resampled:
        return WORDS[without_interval(of)]
    text = WORDS["interval"].format(resampled=of.resampled, low=times(found.low), high=times(found.high))
    return text + (WORDS["left_out"].format(share=f"{found.left_out:.0%}") if found.left_out >= LEAST_SHARE else "")


def without_interval(of: Comparison) -> str:
    """Return which of `WORDS` says why a comparison has no interval."""
    return "printed" if of.kind in ("families", "total") else "published"


def times(value: float) -> str:
    """Return a gain or a compute with three digits.

    >>> times(1234.5), times(3.2e21), times(float("nan"))
    ('1,234', '3.20 × 10²¹', '–')
    """
    return quantity(value, "times")
