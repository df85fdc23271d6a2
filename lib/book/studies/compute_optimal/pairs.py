"""Pairs of algorithms with public runs: what each is, whence its runs are, and how their frontiers are estimated."""

import functools
from collections.abc import Callable
from dataclasses import dataclass

from algoprogress.frontiers.estimators import FLOOR
from algoprogress.frontiers.runs import EVERYWHERE, within
from book.studies.compute_optimal import runs as pair_runs
from book.studies.scaling import study as families

DRAWS = 400
FROM_1E14 = (1e14, 5e17)  # FLOP of the families' checkpoints that are compared
SHOWN_TEXTS = ("openlm", "c4")  # one that is in no training set, and that of the reference


@dataclass(frozen=True)
class Pair:
    """Two algorithms, how to get the runs of each, and how their frontiers are estimated.

    `main` is the estimator that is quoted, `floor` that of the power law whose floor is fixed (nats per token), `years`
    the dates of reference and new algorithm where the historical law can be asked for the same gain.
    """

    name: str
    kind: str
    reference: str
    new: str
    source: str
    frames: Callable[[], pair_runs.Two]
    main: str
    estimators: tuple[str, ...]
    caveat: str
    floor: float = 1.7
    window: tuple[float, float] = EVERYWHERE
    law_window: tuple[float, float] = EVERYWHERE
    years: tuple[float, float] | None = None
    resampled: str = "runs"
    draws: int = DRAWS

    @property
    def title(self) -> str:
        """Return the pair in words."""
        return f"{self.reference} to {self.new}"

    @functools.cached_property
    def runs(self) -> pair_runs.Two:
        """Return the runs of the reference and of the new algorithm within the window."""
        return tuple(within(frame, self.window).reset_index(drop=True) for frame in self.frames())

    @property
    def fewest(self) -> int:
        """Return how many groups (sizes or runs) are resampled on the side that has fewer."""
        return min(frame["group"].nunique() for frame in self.runs)


def _of_families(reference: str, new: str, years: tuple[float, float]) -> Pair:
    return Pair(
        f"{reference}_{new}",
        "architecture",
        families.NAMES[reference],
        families.NAMES[new],
        "gundlach2025",
        functools.partial(pair_runs.of_families, reference, new),
        "envelope",
        ("envelope", "power law", "floor", "isotonic"),
        "one text; each family tuned once; compute as profiled",
        floor=FLOOR,
        window=FROM_1E14,
        law_window=families.LEFT_TO,
        years=years,
        resampled="sizes",
        draws=families.DRAWS,
    )


def _of_recipes(name: str, dataset: str, reference: str, new: str, words: tuple[str, str], **options) -> Pair:
    text = {"rw": "RefinedWeb", "owt2": "OpenWebText2"}[dataset]
    return Pair(
        name,
        "recipe",
        words[0],
        f"{words[1]}, {text}",
        "porian2024",
        functools.partial(pair_runs.recipes, dataset, reference, new),
        "envelope",
        ("envelope", "power law", "floor", "isoflop", "law"),
        "same architecture, text and FLOP count; sizes share runs where the rate is constant",
        resampled="sizes",
        **options,
    )


def _of_sets(new: str, words: str, text: str, on: str) -> Pair:
    return Pair(
        f"data_{new.removesuffix('_original')}_{text}",
        "data",
        "C4",
        f"{words}, read on {on}",
        "gadre2024",
        functools.partial(pair_runs.training_sets, "c4_original", new, text),
        "law",
        ("law", "floor", "envelope") if text in SHOWN_TEXTS else ("law", "envelope"),
        "hangs on the text that the loss is read on",
    )


TUNED, MATCHED = ("long warm-up", "tuned recipe"), ("constant rate", "matched decay")
PAIRS = (
    _of_families("lstm", "modern", (2012.0, 2023.0)),
    _of_families("lstm", "retro", (2012.0, 2017.5)),
    _of_families("retro", "modern", (2017.5, 2023.0)),
    Pair(
        "xlstm_llama",
        "architecture",
        "Llama-type transformer",
        "xLSTM",
        "beck2026",
        pair_runs.xlstm,
        "isoflop",
        ("isoflop", "law", "envelope", "floor"),
        "attention's FLOP are not counted; context of one length",
    ),
    Pair(
        "moe_dense",
        "sparsity",
        "dense transformer",
        "mixture of experts",
        "li2025",
        pair_runs.experts,
        "floor",
        ("floor", "power law", "envelope", "law"),
        "other months and perhaps other data; training loss; one total size, so the mixture's frontier is not its best",
    ),
    _of_recipes("recipe", "rw", "counted", "tuned", TUNED),
    _of_recipes("recipe_owt2", "owt2", "counted", "tuned", TUNED),
    _of_recipes("schedule", "rw", "warmup", "cosine", MATCHED),
    _of_recipes("schedule_owt2", "owt2", "warmup", "cosine", MATCHED),
    *(
        _of_sets(new, words, text, on)
        for new, words in (("rw_original", "RefinedWeb"), ("rpj", "RedPajama"))
        for text, on in (
            ("openlm", "recent text"),
            ("ptb", "Penn Treebank"),
            ("c4", "C4"),
            ("rw", "RefinedWeb"),
            ("rpj", "RedPajama"),
        )
    ),
)
MAIN = tuple(pair for pair in PAIRS if pair.kind != "data" or pair.name.endswith(SHOWN_TEXTS))  # in the figures
NAMED = {pair.name: pair for pair in PAIRS}
