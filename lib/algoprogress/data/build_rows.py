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
FAMILIES = {
    "lstm1": "lstm",
    "lstm2": "lstm2",
    "modern": "modern",
    "modern25": "modern25",
    "retro": "retro",
    "sgd": "sgd",
}
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
    frame = kept.assign(
        sweep=kept["folder"].map(STUDIES), variant=label, final_val_loss=kept["final_val_loss"].where(loss.notna(), "")
    )
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


# Our words on each published gain: what it compares, whether the baseline was tuned again, and in which currency.
FLOP, TUNED, UNTUNED, UNSTATED, NEEDLESS = "FLOP", "yes", "no", "not stated", "not applicable"
GAIN_WORDS: dict[str, tuple[str, str, str]] = {
    "gundlach_lstm_to_modern_1e23": ("whole path", TUNED, FLOP),
    "gundlach_lstm_to_modern_2025": ("whole path", TUNED, FLOP),
    "gundlach_transformer_2023": ("whole path", TUNED, FLOP),
    "gundlach_scale_invariant": ("whole path", UNTUNED, FLOP),
    "mamba_fig4_transformerpp": ("whole recipe", UNTUNED, FLOP),
    "sanderson_small_combined": ("whole recipe", UNTUNED, "steps"),
    "sanderson_full_combined": ("whole recipe", UNTUNED, "steps"),
    "dva_algo_124m": ("whole recipe", UNTUNED, "GPU-hours"),
    "dva_algo_355m": ("whole recipe", UNTUNED, "GPU-hours"),
    "dva_algo_1.5b": ("whole recipe", UNTUNED, "GPU-hours"),
    "nanogpt_time": ("whole recipe", UNTUNED, "wall clock"),
    "nanogpt_tokens": ("whole recipe", UNTUNED, "tokens"),
    "nanogpt_optimizer_track3": ("one change", UNSTATED, "steps"),
    "gundlach_moe_assumed": ("experts", NEEDLESS, FLOP),
    "krajewski_moe_1e20": ("experts", UNSTATED, FLOP),
    "krajewski_moe_1e25": ("experts", UNSTATED, FLOP),
    "abnar_moe_87": ("experts", UNSTATED, FLOP),
    "abnar_moe_97": ("experts", UNSTATED, FLOP),
    "ling_el": ("experts", UNSTATED, FLOP),
    "gundlach_chinchilla_2023": ("allocation", NEEDLESS, FLOP),
    "kaplan_rule_1e27": ("allocation", NEEDLESS, FLOP),
    "dva_data_124m": ("data", UNTUNED, "GPU-hours"),
    "dva_data_355m": ("data", UNTUNED, "GPU-hours"),
    "dva_data_1.5b": ("data", UNTUNED, "GPU-hours"),
    "hernandez_brown_imagenet": ("other fields", UNTUNED, FLOP),
    "hernandez_brown_seq2seq": ("other fields", UNTUNED, FLOP),
}
# What each published rate measures.
RATE_WORDS = {
    "ho2024": "loss of language models",
    "ho2024_neurips": "loss of language models",
    "whitfill_first_pass": "loss of language models",
    "gundlach_2023": "loss of language models",
    "byrnes": "judged from the literature",
    "nesov_total": "judged from the literature",
    "rosetta_bfrontier": "capability of language models",
    "rosetta_all": "capability of language models",
    "rosetta_pooled_frontier": "capability of language models",
    "rosetta_joint_ols": "capability of language models",
    "scher": "capability of language models",
    "densing": "capability per parameter",
    "erdil_besiroglu_vision": "accuracy of vision models",
    "hernandez_brown": "accuracy of vision models",
    "tkwa_nanogpt": "time to one loss",
}
REPOSITORIES = {
    "data/modded-nanogpt/track3_steps.csv": "repository KellerJordan/modded-nanogpt",
    "data/modded-nanogpt": "repository KellerJordan/modded-nanogpt",
    "data/openai-ai-and-efficiency": "arXiv 2005.04305",
    "yigitokar m5": "repository yigitokar/scaling-laws-as-production-functions",
}
CHANGES = {
    "same to 2025": "LSTM to modern Transformer, to 2025",
    "data": "data of 2019 to data of 2024",
    "algorithm": "GPT-2 recipe to speedrun recipe",
}
PAPERS = {  # where the source says no more than "same", and not of which line
    "whitfill_first_pass": "repository yigitokar/scaling-laws-as-production-functions",
    "rosetta_all": "repo epoch-research/benchmark-stitching",
    "rosetta_pooled_frontier": "repo epoch-research/benchmark-stitching",
    "rosetta_joint_ols": "repo epoch-research/benchmark-stitching",
}


def _sources(source: pd.DataFrame) -> pd.Series:
    """Return the source of each line: where it says "same", that of the line before; where we know better, ours."""
    told = source["source"].mask(source["source"] == "same").ffill().replace(REPOSITORIES)
    return source["id"].map(PAPERS).fillna(told)


def literature_gains(source: pd.DataFrame) -> pd.DataFrame:
    """Return the gains with a number, each with our words on what it compares."""
    kept = source[(source["ceg"] != "") | (source["ceg_low"] != "")]
    single = {id: ("one change", UNTUNED, "steps" if "sanderson" in id else FLOP) for id in kept["id"]}
    rows = [(single | GAIN_WORDS)[id] for id in kept["id"]]
    words = pd.DataFrame(rows, columns=["group", "retuned", "currency"])
    change = kept["change"].replace(CHANGES).str.replace("->", " to ", regex=False)
    note = kept["note"].str.replace("see field.md: executed cell", "the executed cell", regex=False)
    columns = dict(words.set_axis(kept.index))
    return kept.assign(**columns, change=change, source=_sources(source)[kept.index], note=note)


def growth_rates(source: pd.DataFrame) -> pd.DataFrame:
    """Return the published rates; one that its source computed itself is left out."""
    kept = source[source["id"].isin(RATE_WORDS)]
    study = source["study"].mask(source["study"] == "same repo").ffill()[kept.index]
    study = study.str.replace("re-run in m5_progress", "run again by others", regex=False)
    return kept.assign(group=kept["id"].map(RATE_WORDS), study=study, source=_sources(source)[kept.index])


def recipe_minima(source: pd.DataFrame) -> pd.DataFrame:
    """Return the stages that share one way to count compute, at the budgets that have a minimum."""
    stages = {
        "2_count_last_layer_flops": "kaplan",
        "3_short_warmup": "short warm-up",
        "4_matched_cosine_decay": "matched decay",
        "5_tuned_hyperparameters_constant_lr": "tuned, constant rate",
    }
    kept = source[source["stage"].isin(stages) & (source["loss_opt"] != "")]
    return kept.assign(recipe=kept["stage"].map(stages))


KEPT: dict[str, Callable[[pd.DataFrame], pd.DataFrame]] = {
    "porian_runs": porian_runs,
    "recipe_runs": recipe_runs,
    "language_models": language_models,
    "family_runs": family_runs,
    "ablation_runs": ablation_runs,
    "learning_rates": learning_rates,
    "speedrun_records": speedrun_records,
    "speedrun_curves": speedrun_curves,
    "literature_gains": literature_gains,
    "growth_rates": growth_rates,
    "recipe_minima": recipe_minima,
}
