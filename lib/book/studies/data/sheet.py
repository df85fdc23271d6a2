"""A public copy of the authors' table: their filters on real rows, and where it differs from the recovered rows."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pandas as pd

from algoprogress.data import tables
from algoprogress.data.sample import Sample, Step

ORDER = ("wt103", "wt2", "ptb")  # in which the authors stack the benchmarks; the first known perplexity is their target
SIZES = ["parameters", "dataset_tokens"]
DROPPED = ["GPT3-6.7B + muP", *(f"LLaMA-{size} (LoRA finetuned)" for size in ("65B", "13B", "7B"))]
Filter = tuple[str, str, Callable[[pd.DataFrame], pd.Series]]  # its name, its rule and the rows that pass
MODELS: tuple[Filter, ...] = (
    ("known size and data", "parameters and tokens are numbers", lambda rows: rows[SIZES].notna().all(axis=1)),
    ("above zero", "parameters and tokens are above zero", lambda rows: rows[SIZES].gt(0).all(axis=1)),
    ("included", "not marked as left out", lambda rows: rows["include"] != 0),
    ("no outliers", "not marked as an outlier", lambda rows: rows["outlier"] != 1),
)
EVALUATIONS: tuple[Filter, ...] = (
    ("certain", "not marked as uncertain", lambda rows: rows["uncertain"] == 0),
    ("four systems", f"dropped by name: {', '.join(DROPPED)}", lambda rows: ~rows["system"].isin(DROPPED)),
    ("three a paper", "the three lowest perplexities of a paper", lambda rows: rows.groupby("paper").cumcount() < 3),
)
WHY = {
    "perplexity": "the authors take a system's first benchmark for all of them",
    "publication_date": "the authors' fraction of the year is one on the last day of a leap year",
    "epochs": "too many to recover, so that Epoch AI's figure stands; where not known, the authors count one",
    "paper": "the title was added by hand",
}
CLOSE = 1e-4  # relative; recovered epochs have five digits


def selected() -> Sample:
    """Return the evaluations that the authors' filters leave of the copy, in their order, with each step of the funnel.

    One a system and benchmark: `perplexity` is the one that the authors fitted, `own_perplexity` that of the benchmark.
    """
    copy = tables.read("evaluations_sheet")
    models = _filtered(Sample(copy, (Step("copy of the sheet", "all rows", len(copy), 0),)), MODELS)
    columns = [f"perplexity_{benchmark}" for benchmark in ORDER]
    frame = models.frame.assign(perplexity=models.frame[columns].bfill(axis=1)[columns[0]])
    parts = [frame.assign(benchmark=name, own_perplexity=frame[f"perplexity_{name}"]) for name in ORDER]
    frame = pd.concat(parts).dropna(subset="own_perplexity").sort_values(["paper", "perplexity"], kind="stable")
    step = Step("stacked", "one row for each benchmark with a perplexity", len(frame), len(models) - len(frame))
    return _filtered(replace(models, frame=frame.reset_index(drop=True), funnel=(*models.funnel, step)), EVALUATIONS)


def _filtered(sample: Sample, filters: tuple[Filter, ...]) -> Sample:
    for name, rule, passes in filters:
        sample = sample.where(passes(sample.frame), name, rule)
    return sample


def beside(frame: pd.DataFrame) -> pd.DataFrame:
    """Return recovered evaluations with what the copy says of each in columns that end in `_sheet`.

    Its n-th evaluation after the filters is row n of the published sample: both have the authors' order.
    """
    copy = selected().frame.drop(columns="perplexity").rename(columns={"own_perplexity": "perplexity"})
    return frame.join(copy.set_axis(np.arange(1, len(copy) + 1)).add_suffix("_sheet"), on="row")


def differences(frame: pd.DataFrame) -> pd.DataFrame:
    """Return where the copy has another value than a recovered evaluation: row, system, column, used, sheet, why."""
    both, lines = beside(frame), []
    for column in (*SIZES, "vocabulary", "benchmark", *WHY):
        ours, theirs = both[column], both[f"{column}_sheet"]
        if pd.api.types.is_numeric_dtype(ours):
            same = np.isclose(ours, theirs, rtol=CLOSE, atol=0.0) | ours.isna()
            ours, theirs = (values.map("{:g}".format).replace("nan", "not known") for values in (ours, theirs))
        else:
            ours, theirs = (values.astype(str) for values in (ours, theirs))
            same = ours.str.casefold() == theirs.str.casefold()
        told = both.assign(column=column.replace("_", " "), used=ours, sheet=theirs, why=WHY.get(column, ""))
        lines.append(told.loc[~same, ["row", "system", "column", "used", "sheet", "why"]])
    return pd.concat(lines, ignore_index=True).astype({"row": str})


def marks(frame: pd.DataFrame) -> pd.DataFrame:
    """Return how many evaluations the copy marks or knows something of: mark, rows, transformers."""
    both = beside(frame)
    found = {
        "zero-shot": both["zero_shot_sheet"] == 1,
        "zero-shot in half": both["zero_shot_sheet"] == 0.5,
        "uses a cache": both["uses_cache_sheet"] == 1,
        "tokenizer stated": both["tokenizer_sheet"] != "",
        "training compute known": both["training_compute_flop_sheet"].notna(),
        "epochs known, too many to recover": (both["epochs_status"] == "above_75") & both["epochs_sheet"].notna(),
        "epochs known, not told from missing": (both["epochs_status"] == "missing") & both["epochs_sheet"].notna(),
    }
    transformer = both["architecture"] == "transformer"
    lines = [(name, int(rows.sum()), int((rows & transformer).sum())) for name, rows in found.items()]
    return pd.DataFrame(lines, columns=["mark", "rows", "transformers"])
