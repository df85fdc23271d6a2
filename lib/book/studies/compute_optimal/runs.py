"""The public training runs of each pair of algorithms, brought into one shape.

Every frame has the columns run, group (what is resampled together), budget (FLOP of the group of runs of about one
compute; missing where runs were not planned so), training_compute_flop, loss_nats, parameters and tokens.
"""

import numpy as np
import pandas as pd

from algoprogress.data import tables
from algoprogress.data.variables import FLOP_PER_PARAMETER_TOKEN
from book.studies.scaling import study as families

COLUMNS = ["run", "group", "budget", "training_compute_flop", "loss_nats", "parameters", "tokens"]
STAGES = {
    "counted": "2_count_last_layer_flops",
    "warmup": "3_short_warmup",
    "cosine": "4_matched_cosine_decay",
    "tuned": "5_tuned_hyperparameters_constant_lr",
}
CONTEXT = 16_384  # tokens: the one length at which both xLSTM and transformer have IsoFLOP runs
TEXTS = ("openlm", "ptb", "c4", "rw", "rpj")

Two = tuple[pd.DataFrame, pd.DataFrame]


def of_families(reference: str, new: str) -> Two:
    """Return the checkpoints of two families of Gundlach et al. 2025; sizes are resampled."""
    return tuple(
        families.of(name).assign(group=lambda frame: frame["hidden_dim"], budget=np.nan)[COLUMNS]
        for name in (reference, new)
    )


def xlstm(context: int = CONTEXT) -> Two:
    """Return Llama-type transformers and xLSTMs of Beck et al. 2026 at one length of context; runs are resampled."""
    frame = tables.read("xlstm_runs")
    frame = _each_its_own(frame[frame["context"] == context])
    logs = np.log(frame["training_compute_flop"])
    frame["budget"] = np.exp(logs.groupby(frame["budget"]).transform("mean"))
    return tuple(
        frame[frame["architecture"] == name].reset_index(drop=True)[COLUMNS]
        for name in ("transformer_llama", "xlstm_mlstm")
    )


def experts() -> Two:
    """Return dense models and mixtures of experts of Li et al. 2025; cells, the best of a grid, are resampled.

    Parameters are those active for a token.
    """
    frame = tables.read("steplaw_cells")
    frame = _each_its_own(frame.assign(parameters=frame["active_parameters"], budget=np.nan))
    dense = frame["architecture"] == "dense"
    return tuple(frame[kept].reset_index(drop=True)[COLUMNS] for kept in (dense, ~dense))


def recipes(dataset: str, reference: str, new: str) -> Two:
    """Return the runs of two recipes (keys of `STAGES`) of Porian et al. 2024 on one dataset; sizes are resampled.

    With a constant learning rate all budgets of a size are read off one run, hence sizes.
    """
    frame = tables.read("recipe_runs")
    frame = frame[frame["dataset"] == dataset]
    frame = _each_its_own(frame).assign(budget=lambda each: each["training_compute_flop"], group=frame["parameters"])
    return tuple(frame[frame["recipe"] == STAGES[name]].reset_index(drop=True)[COLUMNS] for name in (reference, new))


def training_sets(reference: str, new: str, text: str) -> Two:
    """Return models of Gadre et al. 2024 trained on two sets, by their loss on a text; runs are resampled."""
    frame = tables.read("training_set_runs")
    frame = frame.assign(
        loss_nats=frame[f"loss_{text}"],
        budget=np.nan,
        group=frame["run"],
        training_compute_flop=FLOP_PER_PARAMETER_TOKEN * frame["parameters"] * frame["tokens"],
    )
    return tuple(frame[frame["training_set"] == name].reset_index(drop=True)[COLUMNS] for name in (reference, new))


def _each_its_own(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the rows with each as a run, and a group, of its own."""
    names = [f"{place}" for place in range(len(frame))]
    return frame.assign(run=names, group=names)
