"""Which rows of a source the builder keeps, and our words for its words, table by table.

Each function takes a table of the source as text and returns the rows that the book uses, with the columns that the
source names otherwise or in another code added.
"""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd

PORIAN_STAGE = "5_tuned_hyperparameters_constant_lr"
FIRST_MODEL = "2010-01-01"
WINDOW_FROM, FIGURES_FROM = 1e16, 1e15  # FLOP from which other runs, and those of other figures, are kept
FAMILIES = {"lstm1": "lstm", "lstm2": "lstm2", "modern": "modern", "modern25": "modern25", "retro": "retro",
            "sgd": "sgd"}  # fmt: skip
COLLECTIONS = {"P": "published", "S": "snapshot", "Rp": "reruns"}
ABLATION_SETS = {"stanford_mult": "october", "alg_mult_sept": "september"}
STUDIES = {"historical_lr_study_lr_sweep": "history", "stanford_mult_lr_sweep": "october"}
SWEEP_PREFIX = r"^(?:64d_)"
STEP = r"^(?:0\d|10)_"  # of the chain of changes from 2017, not the sizes that were run beside it


def porian_runs(source: pd.DataFrame) -> pd.DataFrame:
    """Return the runs of the tuned recipe."""
    return source[source["stage"] == PORIAN_STAGE]


def recipe_runs(source: pd.DataFrame) -> pd.DataFrame:
    """Return the runs of the recipes that share one FLOP count."""
    return source[source["stage"].str.match(r"[2-5]_")]


def language_models(source: pd.DataFrame) -> pd.DataFrame:
    """Return the models since 2010; a corpus of zero tokens is an unknown one."""
    kept = source[source["publication_date"] >= FIRST_MODEL]
    return kept.replace({"dataset_tokens": {"0": "", "0.0": ""}})


def family_runs(source: pd.DataFrame) -> pd.DataFrame:
    """Return the published runs in full, and of later and earlier ones the checkpoints that a fit may use.

    Runs of the snapshot that a figure of ablations uses are kept in full; reruns that no figure uses are left out.
    """
    compute = pd.to_numeric(source["compute_flop"])
    snapshot = (source["era"] == "S") & source["family"].isin(FAMILIES)
    used = source["used_in"]
    snapshot &= (
        (compute >= WINDOW_FROM) | used.str.contains("AB") | (used.str.contains("P1") & (compute >= FIGURES_FROM))
    )
    reruns = (source["era"] == "Rp") & (source["used_in"] == "L1") & (compute >= FIGURES_FROM)
    kept = source[(source["era"] == "P") | snapshot | reruns]
    return kept.assign(collection=kept["era"].map(COLLECTIONS), family=kept["family"].map(FAMILIES))


def ablation_runs(source: pd.DataFrame) -> pd.DataFrame:
    """Return the checkpoints with a loss; a seed that is not stated is zero."""
    kept = source[pd.to_numeric(source["val_loss"], errors="coerce").notna()]
    kept = kept.assign(collection=kept["set"].map(ABLATION_SETS), seed=kept["seed"].replace({"": "0"}))
    return kept.drop_duplicates(["set", "innovation", "seed", "lr", "tokens"])


def learning_rates(source: pd.DataFrame) -> pd.DataFrame:
    """Return the two sweeps of a 64 wide model that change one thing at a time."""
    kept = source[source["folder"].isin(STUDIES)]
    chain = kept["label"].str.match(STEP)
    kept = kept[chain | (kept["folder"] == "stanford_mult_lr_sweep")]
    label = kept["label"].str.replace(SWEEP_PREFIX, "", regex=True)
    loss = pd.to_numeric(kept["final_val_loss"], errors="coerce")
    frame = kept.assign(study=kept["folder"].map(STUDIES), variant=label,
                        final_val_loss=kept["final_val_loss"].where(loss.notna(), ""))  # fmt: skip
    for name in ("final_tokens", "final_compute_flop"):
        frame[name] = frame[name].where(pd.to_numeric(frame[name], errors="coerce") > 0, "")
    return frame


def speedrun_records(source: pd.DataFrame) -> pd.DataFrame:
    """Return the records of the small track, without runs timed again; a batch that changes is blank."""
    kept = source[(source["track"] == "1") & (source["is_retiming"] == "0")]
    plain = pd.to_numeric(kept["batch_tokens"], errors="coerce").notna()
    return kept.assign(batch_tokens=kept["batch_tokens"].where(plain, ""), steps=kept["steps"].replace({"": "0"}))


def speedrun_curves(source: pd.DataFrame) -> pd.DataFrame:
    """Return the logged losses of the small track past the first step."""
    kept = source[(source["track"] == "1") & (pd.to_numeric(source["step"]) > 0)]
    kept = kept[pd.to_numeric(kept["train_time_s"], errors="coerce") > 0]
    return kept.drop_duplicates(["record", "step"])


KEPT: dict[str, Callable[[pd.DataFrame], pd.DataFrame]] = {
    "porian_runs": porian_runs,
    "recipe_runs": recipe_runs,
    "language_models": language_models,
    "family_runs": family_runs,
    "ablation_runs": ablation_runs,
    "learning_rates": learning_rates,
    "speedrun_records": speedrun_records,
    "speedrun_curves": speedrun_curves,
}
