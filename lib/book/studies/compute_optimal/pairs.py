"""Pairs of algorithms with public runs: what each is, its runs in one shape, and how their frontiers are estimated.

Runs have the columns run, group (whose runs share an error), budget (FLOP of the group of runs of about one compute;
missing where runs were not planned so), training_compute_flop, loss_nats, parameters and tokens.
"""

import functools
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from algoprogress.data import tables
from algoprogress.data.variables import FLOP_PER_PARAMETER_TOKEN
from algoprogress.frontiers.estimators import FLOOR
from algoprogress.frontiers.frontier import DRAWS
from algoprogress.frontiers.runs import EVERYWHERE, within
from book.studies.scaling import study as families

COLUMNS = ["run", "group", "budget", "training_compute_flop", "loss_nats", "parameters", "tokens"]
CONTEXT = 16_384  # tokens: the one length at which both xLSTM and transformer have IsoFLOP runs
STAGES = {
    "counted": "2_count_last_layer_flops", "warmup": "3_short_warmup", "cosine": "4_matched_cosine_decay",
    "tuned": "5_tuned_hyperparameters_constant_lr",
}  # fmt: skip
DATASETS = {"rw": "RefinedWeb", "owt2": "OpenWebText2"}
SETS = {"rw": "RefinedWeb", "rpj": "RedPajama"}  # compared to C4
TEXTS = {"openlm": "recent text", "ptb": "Penn Treebank", "c4": "C4", **SETS}
SHOWN_TEXTS = ("openlm", "c4")  # one that is in no training set, and that of the reference

Two = tuple[pd.DataFrame, pd.DataFrame]  # the runs of a reference and of a new algorithm


def of_families(reference: str, new: str, collection: str = "published") -> Two:
    """Return the checkpoints of two families of Gundlach et al. 2025, a ladder of sizes."""
    both = (families.of(name, collection) for name in (reference, new))
    return tuple(frame.assign(group=frame["hidden_dim"], budget=np.nan)[COLUMNS] for frame in both)


def xlstm() -> Two:
    """Return Llama-type transformers and xLSTMs of Beck et al. 2026 at one length, a grid at fixed budgets."""
    frame = tables.read("xlstm_runs")
    frame = each_its_own(frame[frame["context"] == CONTEXT])
    logs = np.log(frame["training_compute_flop"])
    frame["budget"] = np.exp(logs.groupby(frame["budget"]).transform("mean"))
    return two(frame, "architecture", "transformer_llama", "xlstm_mlstm")


def experts() -> Two:
    """Return dense models and mixtures of Li et al. 2025 with active parameters, the best run of each grid of rates."""
    frame = tables.read("steplaw_cells")
    frame = each_its_own(frame.assign(parameters=frame["active_parameters"], budget=np.nan))
    return two(frame.assign(dense=frame["architecture"] == "dense"), "dense", True, False)


def recipes(dataset: str, reference: str, new: str) -> Two:
    """Return the runs of two recipes (of `STAGES`) of Porian et al. 2024; a grid at fixed budgets, sizes share runs."""
    frame = tables.read("recipe_runs")
    frame = each_its_own(frame[frame["dataset"] == dataset])
    frame = frame.assign(budget=frame["training_compute_flop"], group=frame["parameters"])
    return two(frame, "recipe", STAGES[reference], STAGES[new])


def training_sets(reference: str, new: str, text: str) -> Two:
    """Return models of Gadre et al. 2024 trained on two sets, by their loss on a text, a grid of sizes and tokens."""
    frame = tables.read("training_set_runs")
    flop = FLOP_PER_PARAMETER_TOKEN * frame["parameters"] * frame["tokens"]
    own = {"loss_nats": frame[f"loss_{text}"], "budget": np.nan, "group": frame["run"], "training_compute_flop": flop}
    return two(frame.assign(**own), "training_set", reference, new)


def each_its_own(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the rows with each as a run, and a group, of its own."""
    names = [f"{place}" for place in range(len(frame))]
    return frame.assign(run=names, group=names)


def two(frame: pd.DataFrame, column: str, reference: object, new: object) -> Two:
    """Return the runs with two values of a column."""
    return tuple(frame[frame[column] == each].reset_index(drop=True)[COLUMNS] for each in (reference, new))


@dataclass(frozen=True)
class Pair:
    """Two algorithms, how to get the runs of each, and how their frontiers are estimated.

    The first of the `estimators` is quoted; `floor` is that of the power law whose floor is fixed (nats per token),
    `years` the dates of both algorithms where the historical law can be asked for the same gain, windows are in FLOP.
    """

    name: str
    reference: str
    new: str
    frames: Callable[[], Two]
    kind: str
    source: str
    estimators: tuple[str, ...]
    caveat: str
    floor: float = 1.7
    window: tuple[float, float] = EVERYWHERE
    law_window: tuple[float, float] = EVERYWHERE
    years: tuple[float, float] | None = None
    resampled: str = "errors of runs"
    draws: int = DRAWS

    @property
    def main(self) -> str:
        """Return the estimator that is quoted."""
        return self.estimators[0]

    @property
    def title(self) -> str:
        """Return the pair in words."""
        return f"{self.reference} to {self.new}"

    @functools.cached_property
    def runs(self) -> Two:
        """Return the runs of the reference and of the new algorithm within the window."""
        return tuple(within(frame, self.window).reset_index(drop=True) for frame in self.frames())


def _of_families(reference: str, new: str, *years: float) -> Pair:
    names, frames = (families.NAMES[reference], families.NAMES[new]), functools.partial(of_families, reference, new)
    about = "architecture", "gundlach2025", ("smooth", "power law", "floor", "envelope")
    caveat = "one text; each family tuned once; compute as profiled"
    windows = {"window": (1e14, 5e17), "law_window": families.LEFT_TO}
    options = {"floor": FLOOR, "years": years, "resampled": "errors of sizes", "draws": families.DRAWS}
    return Pair(f"{reference}_{new}", *names, frames, *about, caveat, **windows, **options)


def _of_recipes(name: str, dataset: str, stages: tuple[str, str], reference: str, new: str) -> Pair:
    names, frames = (reference, f"{new}, {DATASETS[dataset]}"), functools.partial(recipes, dataset, *stages)
    about = "recipe", "porian2024", ("isoflop", "smooth", "floor", "envelope")
    caveat = "same architecture, text and FLOP count; sizes share runs where the rate is constant"
    return Pair(name, *names, frames, *about, caveat, resampled="errors of sizes")


def _of_sets(new: str, text: str) -> Pair:
    frames = functools.partial(training_sets, "c4_original", {"rw": "rw_original"}.get(new, new), text)
    about = "data", "gadre2024", ("law", "smooth", "envelope") if text in SHOWN_TEXTS else ("law", "smooth")
    names = "C4", f"{SETS[new]}, read on {TEXTS[text]}"
    return Pair(f"data_{new}_{text}", *names, frames, *about, "hangs on the text that the loss is read on")


TUNED = ("counted", "tuned"), "long warm-up", "tuned recipe"
MATCHED = ("warmup", "cosine"), "constant rate", "matched decay"
PAIRS = (
    _of_families("lstm", "modern", 2012.0, 2023.0),
    _of_families("lstm", "retro", 2012.0, 2017.5),
    _of_families("retro", "modern", 2017.5, 2023.0),
    Pair(
        "xlstm_llama", "Llama-type transformer", "xLSTM", xlstm,
        "architecture", "beck2026", ("isoflop", "law", "envelope"),
        "attention's FLOP are not counted; context of one length",
    ),
    Pair(
        "moe_dense", "dense transformer", "mixture of experts", experts,
        "sparsity", "li2025", ("smooth", "floor", "power law", "envelope", "law"),
        "other months and perhaps other data; training loss; one total size, so the mixture's frontier is not its best",
    ),
    _of_recipes("recipe", "rw", *TUNED),
    _of_recipes("recipe_owt2", "owt2", *TUNED),
    _of_recipes("schedule", "rw", *MATCHED),
    _of_recipes("schedule_owt2", "owt2", *MATCHED),
    *(_of_sets(new, text) for new in SETS for text in TEXTS),
)  # fmt: skip
MAIN = tuple(pair for pair in PAIRS if pair.kind != "data" or pair.name.endswith(SHOWN_TEXTS))  # in the figures
NAMED = {pair.name: pair for pair in PAIRS}
RERUNS = {  # of the families' pairs, by the authors' own runs of 2026
    name: replace(NAMED[name], name=f"{name}_reruns", frames=functools.partial(of_families, *name.split("_"), "reruns"))
    for name in ("lstm_modern", "lstm_retro", "retro_modern")
}
