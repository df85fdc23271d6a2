"""What the Explorer sets against what: pairs of algorithms, and for each the ways to get their laws.

Every frontier here is L = floor + the sum of a few coefficient C^-exponent: one term for a power law, two for a split
of compute that is not the optimal one (see `constants`). A pair needs one protocol: the same text, tokenizer and count
of compute.
"""

import functools
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np

from algoprogress.data import tables
from algoprogress.frontiers import gain
from algoprogress.frontiers.estimators import PowerLaw
from algoprogress.frontiers.gain import Frontier, Resampling
from algoprogress.laws.scaling import ScalingLaw, published
from book.studies.accounting import study as accounting
from book.studies.allocation import study as allocation
from book.studies.allocation.split import SplitLaw
from book.studies.compute_optimal.matrix import BECK, CHINCHILLA, GUNDLACH
from book.studies.experiment import study as experiment
from book.studies.scaling import study as families

PRINTED = "printed to three digits"
NAMES = {
    "lstm": "the LSTM", "retro": "the transformer of 2017", "modern": "the transformer of today",
    "all": "the 2017 transformer with all changes since",
    "kaplan": "the split of Kaplan's law", "optimal": "the optimal split",
    "xlstm_transformer": "the transformer of Beck et al.", "xlstm_xlstm": "the xLSTM",
    "hoffmann2022": "Hoffmann's law as printed", "hoffmann2022_tex": "Hoffmann's law with less rounding",
    "besiroglu2024": "the refit of Besiroglu et al.", "besiroglu2024_all": "their refit with all points",
    "refit": "our refit",
    "own_lstm": "this book's tiny LSTM", "own_2017": "this book's tiny transformer of 2017",
    "own_today": "this book's tiny transformer of today",
}  # fmt: skip
KINDS = {  # of pairs: group in the menu, range of compute in FLOP that dials cover, how laws without their runs come
    "families": ("LSTM and transformers (Gundlach et al.)", (1e14, 1e26), "printed"),
    "total": ("LSTM and transformers (Gundlach et al.)", (1e14, 1e26), "printed"),
    "own": ("LSTM and transformers (this book's own tiny runs)", (1e9, 1e14), "published"),
    "split": ("Splits of compute", (1e16, 1e27), "published"),
    "published": ("Transformer and xLSTM (Beck et al.)", (1e18, 1e25), "published"),
    "refits": ("The same runs of Hoffmann et al., fitted twice", (1e18, 1e26), "published"),
}
COUNTED = {  # other ways to count than the published total, by printed laws
    PRINTED: {}, "printed, SwiGLU counted": {"with_swiglu": True},
    "printed, small gains multiplied": {"measured": None}, "printed, no experts": {"experts": 1.0},
}  # fmt: skip
SPLITS = {
    "Hoffmann's runs, refitted": "besiroglu", "Porian et al., refitted": "porian",
    "Hoffmann et al., as printed": "hoffmann2022", "Besiroglu et al., as printed": "besiroglu2024",
}  # fmt: skip
OWN = dict(zip(("own_lstm", "own_2017", "own_today"), experiment.FAMILIES, strict=True))
LINES = "lines through the best runs"
SAME_RUNS = (*CHINCHILLA, "refit")
DRAWS = 2_000  # of sizes, fewer than in the chapters, as the page carries them


class ComparisonError(ValueError):
    """Two algorithms, or a choice, that cannot be set against each other; the message says what can."""


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
        drawn = SPLITS.get(self.choice) in allocation.REFITTED or "refit" in (self.reference, self.new)
        return "runs" if drawn or self.kind == "own" else ""

    @property
    def laws(self) -> tuple[str, str]:
        """Return the algorithms whose laws are used; the accounting has the transformer of 2017 beneath."""
        return self.reference, "retro" if self.kind == "total" else self.new


def pairs() -> list[tuple[str, str, str]]:
    """Return kind, reference and new of all pairs that share a protocol."""
    found = [("families", *pair) for pair in families.PAIRS]
    found += [("own", *pair) for pair in combinations(OWN, 2)]
    found += [("total", "lstm", "all"), ("split", "kaplan", "optimal"), ("published", *BECK)]
    return found + [("refits", *pair) for pair in combinations(SAME_RUNS, 2)]


def choices(kind: str) -> list[str]:
    """Return the names of the choices of laws and data for a kind of pair, the standard one first."""
    by_size = [choice.name for choice in families.CHOICES]
    known = {"families": [*by_size, PRINTED], "total": [*by_size, *COUNTED], "split": list(SPLITS), "own": [LINES]}
    return known.get(kind, ["as published"])


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
    """Return the frontiers of reference and new algorithm, to be resampled where their runs are public."""
    if of.kind in ("families", "total"):
        return tuple(of_family(each, of.choice) for each in of.laws)
    if of.kind == "own":
        return tuple(experiment.line(experiment.ends(), OWN[each], DRAWS) for each in of.laws)
    if of.kind == "split":
        law, kaplan = scaling_law(SPLITS[of.choice]), published()[allocation.KAPLAN]
        drawn = law.draws and replace(law.draws, of=lambda stream: SplitLaw(law.draws.of(stream), kaplan))
        return SplitLaw(law, kaplan, drawn), law
    return tuple(scaling_law(each) for each in of.laws)


@functools.cache
def of_family(family: str, choice: str) -> PowerLaw:
    """Return the frontier of a family of Gundlach et al. under a choice, with its draws over sizes."""
    if choice in COUNTED:
        return families.printed(family)
    found = families.law(family, families.named(choice), draws=DRAWS)
    return replace(found, draws=replace(found.draws, of=functools.cache(found.draws.of)))  # to find them takes a while


@functools.cache
def scaling_law(name: str) -> ScalingLaw:
    """Return a scaling law, with its draws over runs where it is refitted here."""
    name = "besiroglu" if name == "refit" else name
    if name not in allocation.REFITTED:
        return published()[name]
    best, drawn = allocation.refitted(name)
    return replace(best, draws=Resampling(lambda stream: drawn, len(drawn.floor)))


def constants(law: Frontier) -> np.ndarray:
    """Return a frontier as floor in nats per token, then ln coefficient and exponent of each term; a line a draw."""
    if isinstance(law, PowerLaw):
        columns = law.floor, np.log(law.coefficient), -np.asarray(law.exponent)
    elif isinstance(law, ScalingLaw):
        columns = law.floor, np.log(law.loss(1.0) - law.floor), law.exponent
    else:
        true, plan = law.law, law.split_by
        parameters, tokens = plan.split(1.0)
        share = plan.beta / (plan.alpha + plan.beta)  # of compute's growth that goes into parameters
        capacity = np.log(true.capacity) - true.alpha * np.log(parameters)
        data = np.log(true.data) - true.beta * np.log(tokens)
        columns = true.floor, capacity, true.alpha * share, data, true.beta * (1.0 - share)
    return np.column_stack([np.atleast_1d(each) for each in columns])


def accounting_of(of: Comparison) -> accounting.Accounting:
    """Return the accounting behind the total of all changes under a choice."""
    if of.choice in COUNTED:
        return accounting.as_printed(**COUNTED[of.choice])
    return accounting.Accounting(*(of_family(name, of.choice) for name in ("lstm", "retro")))


def share_without_gain(pair: tuple[Frontier, Frontier], compute_flop: float | None, loss_nats: float | None) -> float:
    """Return the share of draws in which one of two laws never reaches a loss, or the new one's loss at a compute."""
    drawn = gain.resamples(*pair)
    loss = drawn[1].loss(compute_flop) if loss_nats is None else loss_nats
    return float(1.0 - np.mean(np.logical_and(*(loss > floor(each) for each in drawn))))


def floor(law: Frontier) -> np.ndarray:
    """Return the irreducible loss of a frontier in nats per token."""
    return np.asarray(law.law.floor if isinstance(law, SplitLaw) else law.floor)


def without_partner() -> list[str]:
    """Return the published laws that no other one shares its token and protocol with."""
    frame = tables.read("scaling_laws")
    return frame.loc[~frame["id"].isin([*CHINCHILLA, *BECK, *GUNDLACH]), "paper"].tolist()
