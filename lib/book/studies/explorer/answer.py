"""The gain of one algorithm over another at a training compute or a loss: a number, its interval, its mark, a sentence.

What the page's script computes from the laws and draws that it was given, this computes by `frontiers.gain`.
"""

from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from algoprogress import __version__
from algoprogress.frontiers import gain
from algoprogress.show.estimate import Estimate
from algoprogress.show.words import quantity
from book.studies.accounting import study as accounting
from book.studies.explorer import comparisons
from book.studies.explorer.comparisons import KINDS, NAMES, Comparison

# The factors of a gain, each with what it rests on.
STEPS = (("architecture: LSTM to the transformer of 2017", "laws"), ("2017 to today", "laws"))
FACTORS = (
    ("transformer, with Kaplan's rule", "laws"), ("Chinchilla's split", "published formula"),
    ("mixture of experts", "typed in by the authors"), ("small changes together", "ablations, shrunk"),
)  # fmt: skip
times = partial(quantity, unit="times")  # writes a gain or a compute with three digits
NOWHERE = (np.nan, np.nan)
LEAST_SHARE = 0.01  # of resamples without a gain, from which the sentence says so
WORDS = {
    "compute": "At {at} FLOP of {new}, {reference} needs {gain} times the training compute for the same loss",
    "loss": "For a loss of {at} nats per token, {reference} needs {gain} times the training compute of {new}",
    "interval": "95% interval over resampled {resampled}: {ends}",
    "left_out": ", without the {share} of resamples that have no gain",
    "published": "no interval: the law is as published, without its runs",
    "printed": "no interval: constants as printed",
    "laws": "laws: {choice}",
    "inside": "Both laws are within their data.",
    "outside": "Extrapolated: {reasons}.",
    "reason": "{name} would take {flop} FLOP, and its data run from {low} to {high}",
    "never_compute": "At {at} FLOP of {new} there is no gain to state: by its law {who} never reaches the loss.",
    "never_loss": "For a loss of {at} nats per token there is no gain to state: by its law {who} never reaches it.",
    "version": "Computed by algoprogress {version}.",
}  # the page's script fills in the same templates


@dataclass(frozen=True)
class Part:
    """A factor of a gain, with its 95% interval if it has one, and what it rests on."""

    name: str
    gain: Estimate
    basis: str


@dataclass(frozen=True)
class Answer:
    """A gain with its 95% interval if it has one, whether both laws are within their data, and the sentence to cite.

    `support` is the range of the new algorithm's compute, in FLOP, in which both laws are within their fitted points,
    nan if none; `reference_flop` what the reference needs for the loss; `left_out` the share of resamples in which one
    of the two never reaches it, which the interval is without.
    """

    comparison: Comparison
    gain: Estimate
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
    """Return what the page says for two algorithms, at a compute of the new one or at a loss that both have to reach.

    `reference` and `new` are ids of `comparisons.NAMES`, of which `comparisons.pairs` lists what can be compared;
    `choice` is one of `comparisons.choices`, the standard one if None. At a compute the loss that it buys is uncertain
    too. Raises ComparisonError for what cannot be compared, ValueError unless exactly one of compute and loss is given
    and above zero, and for the accounting at a loss, as it is defined at a compute.
    """
    of = comparisons.comparison(reference, new, choice)
    if (compute_flop is None) == (loss_nats is None):
        raise ValueError("give a training compute in FLOP or a loss in nats per token, and not both")
    if not (compute_flop or loss_nats) > 0:
        raise ValueError(f"compute and loss must be above zero; got {compute_flop or loss_nats}")
    if of.kind == "total" and loss_nats is not None:
        raise ValueError("the accounting is defined at a training compute, not at a loss")
    pair, at = comparisons.frontiers(of), {"compute_flop": compute_flop, "loss_nats": loss_nats}
    flop = float(pair[1].compute(loss_nats) if compute_flop is None else compute_flop)
    loss = float(pair[1].loss(flop) if loss_nats is None else loss_nats)
    of_laws, same = gain.gain(*pair, **at, extrapolate=True), float(constant(of))
    gained, needed = of_laws.map(lambda each: each * same), of_laws.value * flop
    inside = all(bool(gain.supported(*each)) for each in zip(pair, (needed, flop), strict=True))
    support = tuple(float(pair[1].compute(each)) for each in gain.shared_losses(*pair, 2)) or NOWHERE
    left_out = comparisons.share_without_gain(pair, **at)
    parts = _factors(of, flop, of_laws) if of.kind == "total" else _steps(of, **at)
    found = Answer(of, gained, inside, support, flop, loss, needed, left_out, parts, sentence="")
    return replace(found, sentence=_sentence(found, pair, at_compute=loss_nats is None))


def constant(of: Comparison) -> float:
    """Return the factors of the accounting that are the same at every compute: experts and the small ones."""
    return accounting.rest(comparisons.accounting_of(of)) if of.kind == "total" else 1.0


def _steps(of: Comparison, compute_flop: float | None, loss_nats: float | None) -> tuple[Part, ...]:
    """Return the two steps of the way from LSTM to the transformer of today, at one loss; one step is no split."""
    if (of.reference, of.new) != ("lstm", "modern"):
        return ()
    laws, found = [comparisons.of_family(name, of.choice) for name in ("lstm", "retro", "modern")], []
    drawn = [each if each.draws is None else each.draws.of(0) for each in laws]
    loss, losses = ((each[-1].loss(compute_flop) if loss_nats is None else loss_nats) for each in (laws, drawn))
    value = [np.log(each.compute(loss)) for each in laws]
    logs = [np.log(each.compute(losses)) for each in drawn]
    for place, (name, basis) in enumerate(STEPS):
        two = laws[place : place + 2]
        ends = logs[place] - logs[place + 1] if laws[-1].draws else []
        each = gain.estimate(ends, gain.fewest(*two), value=value[place] - value[place + 1], covers=gain.covers(*two))
        found.append(Part(name, each.map(lambda log: float(np.exp(log)), unit="times"), basis))
    return tuple(found)


def _factors(of: Comparison, flop: float, of_laws: Estimate) -> tuple[Part, ...]:
    """Return the factors of the accounting; of these the first alone rests on fitted laws and has an interval."""
    factor = accounting.factors(comparisons.accounting_of(of), flop).set_index("id")["factor"]
    small = factor.drop(["transformer", "chinchilla", "experts"]).prod()
    first = of_laws.map(lambda each: each / float(factor["chinchilla"]))
    rest = (Estimate(float(each)) for each in (factor["chinchilla"], factor["experts"], small))
    return tuple(Part(name, each, basis) for (name, basis), each in zip(FACTORS, (first, *rest), strict=True))


def _sentence(found: Answer, pair: tuple[gain.Frontier, gain.Frontier], *, at_compute: bool) -> str:
    """Return the sentence that one may cite."""
    of, mode = found.comparison, "compute" if at_compute else "loss"
    said = {"reference": NAMES[of.reference], "new": NAMES[of.new], "gain": times(found.gain.value)}
    said["at"] = times(found.compute_flop) if at_compute else f"{found.loss_nats:.3f}"
    names, version = [NAMES[each] for each in of.laws], WORDS["version"].format(version=__version__)
    if np.isnan(found.gain.value):
        who = next(name for name, law in zip(names, pair, strict=True) if not found.loss_nats > comparisons.floor(law))
        return f"{WORDS[f'never_{mode}'].format(who=who, **said)} {version}"
    reasons = []
    for name, law, flop in zip(names, pair, (found.reference_flop, found.compute_flop), strict=True):
        if not gain.supported(law, flop):
            low, high = (times(end) for end in law.support_flop)
            reasons.append(WORDS["reason"].format(name=name, flop=times(flop), low=low, high=high))
    opening = f"{WORDS[mode].format(**said)} ({_covers(found)}; {WORDS['laws'].format(choice=of.choice)})."
    mark = WORDS["outside"].format(reasons="; ".join(reasons)) if reasons else WORDS["inside"]
    return f"{opening} {mark} {version}"


def _covers(found: Answer) -> str:
    """Return the interval in words, or why there is none."""
    if not found.comparison.resampled:
        return WORDS[KINDS[found.comparison.kind][2]]
    text = WORDS["interval"].format(resampled=found.comparison.resampled, ends=found.gain.span())
    return text + (WORDS["left_out"].format(share=f"{found.left_out:.0%}") if found.left_out >= LEAST_SHARE else "")
