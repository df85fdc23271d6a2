"""A public copy of the authors' table: their filters on real rows, and where it differs from the recovered rows."""

from dataclasses import replace

import numpy as np
import pandas as pd

from algoprogress.data import tables
from algoprogress.data.sample import Sample, Step, derived

SIZES = ["parameters", "dataset_tokens"]
DROPPED = ["GPT3-6.7B + muP", *(f"LLaMA-{size} (LoRA finetuned)" for size in ("65B", "13B", "7B"))]
MODELS = (  # filters: name, rule and the rows that pass
    ("known size and data", "parameters and tokens are numbers", lambda rows: rows[SIZES].notna().all(axis=1)),
    ("above zero", "parameters and tokens are above zero", lambda rows: rows[SIZES].gt(0).all(axis=1)),
    ("included", "not marked as left out", lambda rows: rows["include"] != 0),
    ("no outliers", "not marked as an outlier", lambda rows: rows["outlier"] != 1),
)
EVALUATIONS = (
    ("certain", "not marked as uncertain", lambda rows: rows["uncertain"] == 0),
    ("four systems", f"dropped by name: {', '.join(DROPPED)}", lambda rows: ~rows["system"].isin(DROPPED)),
    ("three a paper", "the three lowest perplexities of a paper", lambda rows: rows.groupby("paper").cumcount() < 3),
)
COMPARED = (*SIZES, "vocabulary", "benchmark", "perplexity", "publication_date", "epochs", "paper")


def selected(undone: str = "") -> Sample:
    """Return the evaluations that the authors' filters leave of the copy, in their order, with each step of the funnel.

    One a system and benchmark: `perplexity` is the one that the authors fitted, `own_perplexity` that of the benchmark.
    The filter named `undone` removes nothing; raises ValueError for a name that is none.
    """
    if undone and undone not in {name for name, *_ in (*MODELS, *EVALUATIONS)}:
        raise ValueError(f"no filter {undone!r} to undo")
    copy = tables.read("evaluations_sheet")
    models = Sample(copy, (Step("copy of the sheet", "all rows", len(copy), 0),))
    for name, rule, passes in (each for each in MODELS if each[0] != undone):
        models = models.where(passes(models.frame), name, rule)
    columns = {f"perplexity_{name}": name for name in ("wt103", "wt2", "ptb")}  # the authors' order
    frame = models.frame.assign(perplexity=models.frame[list(columns)].bfill(axis=1)["perplexity_wt103"])
    parts = [frame.assign(benchmark=name, own_perplexity=frame[column]) for column, name in columns.items()]
    frame = pd.concat(parts).dropna(subset="own_perplexity").sort_values(["paper", "perplexity"], kind="stable")
    step = Step("stacked", "one row for each benchmark with a perplexity", len(frame), len(models) - len(frame))
    chosen = replace(models, frame=frame.reset_index(drop=True), funnel=(*models.funnel, step))
    for name, rule, passes in (each for each in EVALUATIONS if each[0] != undone):
        chosen = chosen.where(passes(chosen.frame), name, rule)
    return chosen


def without(undone: str) -> Sample:
    """Return the evaluations of the copy with one filter undone, in the columns that a fit reads."""
    chosen = selected(undone)
    papers, transformer = pd.factorize(chosen.frame["paper"])[0], chosen.frame["architecture"] == "Transformer"
    architecture = transformer.map({True: "transformer", False: "other"})
    frame = chosen.frame.assign(paper_id=papers, architecture=architecture, epochs_status="recovered")
    return replace(chosen, frame=derived(frame))


def with_epochs(sample: Sample) -> Sample:
    """Return recovered evaluations with the epochs of the copy, those that it does not know as missing."""
    epochs = beside(sample.frame)["epochs_sheet"]
    status = epochs.isna().map({True: "missing", False: "recovered"})
    return replace(sample, frame=sample.frame.assign(epochs=epochs, epochs_status=status))


def beside(frame: pd.DataFrame) -> pd.DataFrame:
    """Return recovered evaluations with what the copy says of each in columns that end in `_sheet`.

    Its n-th evaluation after the filters is row n of the published sample: both have the authors' order.
    """
    copy = selected().frame.drop(columns="perplexity").rename(columns={"own_perplexity": "perplexity"})
    return frame.join(copy.set_axis(np.arange(1, len(copy) + 1)).add_suffix("_sheet"), on="row")


def differences(frame: pd.DataFrame) -> pd.DataFrame:
    """Return where the copy differs from recovered evaluations, in four digits: row, system, column, used, sheet."""
    both, lines = beside(frame), []
    for column in COMPARED:
        used, copied = (_written(both[name]) for name in (column, f"{column}_sheet"))
        told = both[["row", "system"]].assign(column=column.replace("_", " "), used=used, sheet=copied)
        lines.append(told[both[column].notna() & (used.str.casefold() != copied.str.casefold())])
    return pd.concat(lines, ignore_index=True).astype({"row": str})


def _written(values: pd.Series) -> pd.Series:
    texts = values.map("{:.4g}".format) if pd.api.types.is_numeric_dtype(values) else values.astype(str)
    return texts.replace("nan", "not known")
