"""What the Explorer sets against what: pairs of algorithms, and for each the ways to get their laws.

Every frontier here is L = floor + the sum of a few coefficient C^-exponent: one term for a power law, two for a split
of compute that is not the optimal one. A pair needs one protocol: the same text, tokenizer and count of compute.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass

import numpy as np
from scipy.stats import norm, t

from algoprogress.data import tables
from algoprogress.frontiers.estimators import PowerLaw
from algoprogress.laws import scaling as frontier
from algoprogress.laws.scaling import ScalingLaw
from book.studies.accounting import study as accounting
from book.studies.allocation import study as allocation
from book.studies.scaling import study as families

PRINTED = "printed to three digits"
NAMES = {
    "lstm": "the LSTM",
    "retro": "the transformer of 2017",
    "modern": "the transformer of today",
    "all": "the transformer of 2017 with all later changes",
    "kaplan": "Kaplan's split of compute",
    "optimal": "the optimal split",
    "xlstm_transformer": "the transformer of Beck et al.",
    "xlstm_xlstm": "the xLSTM",
    "hoffmann2022": "Hoffmann's law as printed",
    "hoffmann2022_tex": "Hoffmann's law with less rounding",
    "besiroglu2024": "the refit of Besiroglu et al.",
    "besiroglu2024_all": "their refit with all points",
    "refit": "our refit",
}
GROUPS = {
    "families": "LSTM and transformers (Gundlach et al.)",
    "total": "LSTM and transformers (Gundlach et al.)",
    "split": "Splits of compute",
    "published": "Transformer and xLSTM (Beck et al.)",
    "refits": "The same runs of Hoffmann et al., fitted twice",
}
RANGES = {
    "families": (1e14, 1e26),
    "total": (1e14, 1e26),
    "split": (1e16, 1e27),
    "published": (1e18, 1e25),
    "refits": (1e18, 1e26),
}
COUNTED = {  # other ways to count than the published total, by printed laws
    PRINTED: {},
    "printed, SwiGLU counted": {"with_swiglu": True},
    "printed, small gains multiplied": {"measured": None},
    "printed, no experts": {"experts": 1.0},
}
SPLITS = {
    "Hoffmann's runs, refitted": "besiroglu",
    "Porian et al., refitted": "porian",
    "Hoffmann et al., as printed": "hoffmann2022",
    "Besiroglu et al., as printed": "besiroglu2024",
}
REFITTED = ("besiroglu", "porian")  # laws that have a bootstrap over runs
SAME_RUNS = ("hoffmann2022", "hoffmann2022_tex", "besiroglu2024", "besiroglu2024_all", "refit")
AS_PUBLISHED = "as published"
NEAR = 1e-6  # relative, of a compute to the end of a support


class ComparisonError(ValueError):
    """Two algorithms, or a choice, that cannot be set against each other; the message says what can."""


@dataclass(frozen=True)
class Frontier:
    """The least loss by training compute of one algorithm under one choice.

    `constants`: floor in nats per token, then ln coefficient and exponent of each term. `draws`: the same, a line a
    resample, or None for a law whose runs are not public.
    """

    constants: np.ndarray
    support_flop: tuple[float, float]
    draws: np.ndarray | None = None


@dataclass(frozen=True)
class Comparison:
    """A reference and a new algorithm under one choice of laws and data."""

    kind: str
    reference: str
    new: str
    choice: str

    @property
    def resampled(self) -> str:
        """Return what is resampled for the interval, empty if nothing can be."""
        if self.kind in ("families", "total"):
            return "" if self.choice in COUNTED else "sizes"
        drawn = SPLITS.get(self.choice) in REFITTED or "refit" in (self.reference, self.new)
        return "runs" if drawn else ""

    @property
    def law_names(self) -> tuple[str, str]:
        """Return the names of the algorithms whose laws are used; the accounting has that of 2017 beneath."""
        return NAMES[self.reference], NAMES["retro" if self.kind == "total" else self.new]


def pairs() -> list[tuple[str, str, str]]:
    """Return kind, reference and new of all pairs that share a protocol."""
    found = [("families", *pair) for pair in families.PAIRS]
    found += [("total", "lstm", "all"), ("split", "kaplan", "optimal")]
    found += [("published", "xlstm_transformer", "xlstm_xlstm")]
    return found + [("refits", one, two) for place, one in enumerate(SAME_RUNS) for two in SAME_RUNS[place + 1 :]]


def choices(kind: str) -> list[str]:
    """Return the names of the choices of laws and data for a kind of pair, the standard one first."""
    by_size = [choice.name for choice in families.CHOICES]
    return {"families": [*by_size, PRINTED], "total": [*by_size, *COUNTED], "split": list(SPLITS)}.get(
        kind, [AS_PUBLISHED]
    )


def comparison(reference: str, new: str, choice: str | None = None) -> Comparison:
    """Return a comparison, by the standard choice if none is named; raise ComparisonError for what cannot be compared.

    >>> comparison("lstm", "modern", "reruns").resampled
    'sizes'
    """
    kinds = {(one, two): kind for kind, one, two in pairs()}
    if (reference, new) not in kinds:
        known = ", ".join(f"{one} to {two}" for one, two in kinds)
        raise ComparisonError(f"{reference} to {new}: no common protocol, or unknown; these can be compared: {known}")
    kind = kinds[reference, new]
    choice = choice or choices(kind)[0]
    if choice not in choices(kind):
        raise ComparisonError(f"choice {choice!r} for {reference} to {new}: must be one of {', '.join(choices(kind))}")
    return Comparison(kind, reference, new, choice)


def frontiers(of: Comparison) -> tuple[Frontier, Frontier]:
    """Return the frontiers of reference and new algorithm."""
    if of.kind in ("families", "total"):
        new = "retro" if of.kind == "total" else of.new
        return of_family(of.reference, of.choice), of_family(new, of.choice)
    if of.kind == "split":
        best, drawn = scaling_law(SPLITS[of.choice])
        return _frontier(best, drawn, _by_kaplan), _frontier(best, drawn, _at_best)
    return tuple(_frontier(*scaling_law(name), _at_best) for name in (of.reference, of.new))


@functools.cache
def of_family(family: str, choice: str) -> Frontier:
    """Return the frontier of a family of Gundlach et al. under a choice, with its draws over sizes."""
    if choice in COUNTED:
        law = families.printed(family)
        return Frontier(_logged(_constants(law))[0], law.support_flop)
    how = families.named(choice)
    law = families.law(family, how)
    return Frontier(_logged(_constants(law))[0], law.support_flop, _logged(_constants(law.draws.of(0))))


def _constants(law: PowerLaw) -> np.ndarray:
    return np.column_stack([law.coefficient, law.exponent, law.floor])


@functools.cache
def scaling_law(name: str) -> tuple[ScalingLaw, ScalingLaw | None]:
    """Return a scaling law at its best fit and by draw; None where the law is as published."""
    name = "besiroglu" if name == "refit" else name
    return allocation.refitted(name) if name in REFITTED else (frontier.published()[name], None)


def accounting_of(of: Comparison) -> accounting.Accounting:
    """Return the accounting behind the total of all changes under a choice."""
    if of.choice in COUNTED:
        return accounting.as_printed(**COUNTED[of.choice])
    return accounting.of_choice(families.named(of.choice))


def fewest(of: Comparison, *names: str) -> int:
    """Return the fewest sizes that some families have within the window of a choice."""
    return min(families.law(name, families.named(of.choice)).draws.groups for name in names)


def tail(groups: int | None = None, level: float = 0.95) -> float:
    """Return the share of draws below the low end of an interval; wider for few groups, as `runs.interval` has it.

    >>> round(tail(), 4), tail(5) < tail()
    (0.025, True)
    """
    if groups is None:
        return 0.5 - level / 2.0
    return float(norm.cdf(np.sqrt(groups / (groups - 1)) * t.ppf(0.5 - level / 2.0, groups - 1)))


def loss_at(found: Frontier, compute_flop: float) -> float:
    """Return the loss in nats per token of a frontier at a training compute."""
    levels, exponents = found.constants[1::2], found.constants[2::2]
    return float(found.constants[0] + np.exp(levels - exponents * np.log(compute_flop)).sum())


def shared_range(reference: Frontier, new: Frontier) -> tuple[float, float]:
    """Return the highest and the lowest loss in nats at which both laws lie within their fitted points; nan if none."""
    ends = [[loss_at(each, flop) for flop in each.support_flop] for each in (reference, new)]
    high, low = min(each[0] for each in ends), max(each[1] for each in ends)
    return (high, low) if high >= low else (np.nan, np.nan)


def compute_for(new: Frontier, loss_nats: float) -> float:
    """Return the compute in FLOP at which a frontier of one term reaches a loss; nan at or below its floor."""
    floor, level, exponent = new.constants
    return float(np.exp((level - np.log(loss_nats - floor)) / exponent)) if loss_nats > floor else np.nan


def share_without_gain(
    reference: Frontier, new: Frontier, *, compute_flop: float | None = None, loss_nats: float | None = None
) -> float:
    """Return the share of draws in which one of two laws never reaches a loss, or the new one's loss at a compute."""
    drawn = [np.atleast_2d(each.constants if each.draws is None else each.draws) for each in (reference, new)]
    loss = loss_nats
    if loss is None:
        loss = drawn[1][:, 0] + np.exp(drawn[1][:, 1] - drawn[1][:, 2] * np.log(compute_flop))
    reached = np.logical_and(*(loss > each[:, 0] for each in drawn))
    return float(1.0 - reached.mean())


def supported(found: Frontier, compute_flop: float) -> bool:
    """Return whether a compute lies within the fitted points of a law, a rounding error of the end included."""
    low, high = found.support_flop
    return low * (1.0 - NEAR) <= compute_flop <= high * (1.0 + NEAR)


def _logged(laws: np.ndarray) -> np.ndarray:
    """Return laws (coefficient, exponent below zero, floor) as constants of a frontier."""
    return np.column_stack([laws[:, 2], np.log(laws[:, 0]), -laws[:, 1]])


def _frontier(best: ScalingLaw, drawn: ScalingLaw | None, form) -> Frontier:
    return Frontier(form(best)[0], best.support_flop, None if drawn is None else form(drawn))


def _at_best(law: ScalingLaw) -> np.ndarray:
    """Return the constants of a law's compute-optimal frontier, a line a draw."""
    level = np.log(frontier.optimal_loss(law, 1.0) - law.floor)
    return np.column_stack([np.atleast_1d(each) for each in (law.floor, level, frontier.exponent(law))])


def _by_kaplan(law: ScalingLaw) -> np.ndarray:
    """Return the constants of a law's frontier under Kaplan's split of compute, two terms, a line a draw."""
    kaplan = frontier.published()[allocation.KAPLAN]
    parameters, tokens = frontier.optimal_allocation(kaplan, 1.0)
    share = kaplan.beta / (kaplan.alpha + kaplan.beta)  # of compute's growth that goes into parameters
    capacity = np.log(law.capacity) - law.alpha * np.log(parameters)
    data = np.log(law.data) - law.beta * np.log(tokens)
    columns = (law.floor, capacity, law.alpha * share, data, law.beta * (1.0 - share))
    return np.column_stack([np.atleast_1d(each) for each in columns])


def without_partner() -> list[str]:
    """Return the published laws that no other one shares its token and protocol with."""
    used = {*SAME_RUNS, "xlstm_transformer", "xlstm_xlstm", "gundlach_lstm", "gundlach_retro", "gundlach_modern"}
    frame = tables.read("scaling_laws")
    return frame.loc[~frame["id"].isin(used), "paper"].tolist()
