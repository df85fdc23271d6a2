"""The strict view's claims and the evidence on each as tables to read and to draw."""

import numpy as np
import pandas as pd

from algoprogress.data import tables
from algoprogress.show.estimate import Estimate
from algoprogress.show.words import significant, written
from book.studies.strict import experts, study
from book.studies.strict import formats as widths
from book.studies.verdicts import FOUND, ledger_view

MARKS = {"measured": "measured", "assumed": "by a law, assumed", "read off": "published, read off"}
EVIDENCE = (  # id in the ledger, words, mark
    ("strict.six.race", "public race, 124M, tokens", "measured"),
    ("strict.six.at_smallest", "whole recipe, 125M, GPU-hours", "read off"),
    ("strict.six.at_largest", "whole recipe, 1.3B, GPU-hours", "read off"),
    ("strict.six.families.reruns", "2017 to today, reruns", "measured"),
    ("strict.six.families.published", "2017 to today, published", "measured"),
    ("strict.six.recipe", "training recipe alone", "measured"),
    ("strict.six.recipe.tuned", "tuned rates, no decay", "measured"),
    ("strict.six.architecture.best", "GPT-3 to xLSTM, architecture", "assumed"),
    ("strict.six.architecture.mamba", "GPT-3 to Mamba, architecture", "assumed"),
    ("strict.six.architecture.llama", "GPT-3 to Llama, architecture", "assumed"),
)
PAPERS = {"krajewski": "Krajewski et al. 2024", "abnar": "Abnar et al. 2025", "clark": "Clark et al. 2022"}


def verdicts(ledger: pd.DataFrame) -> pd.DataFrame:
    """Return the strict view's claims to read, with published and our value, verdict, and how it was decided."""
    frame = ledger[ledger["id"].str.startswith("strict.claim.")]
    return ledger_view(frame).assign(**{"how it is decided": frame["note"].to_numpy()})


def evidence(ledger: pd.DataFrame) -> pd.DataFrame:
    """Return what bears on six times since GPT-3: words, gain, mark; Mamba's figure comes first."""
    known = ledger.set_index("id")
    figure = tables.read("literature_gains").set_index("id").loc["mamba_fig4_transformerpp"]
    middle = Estimate(float((figure["low"] * figure["high"]) ** 0.5), figure["low"], figure["high"])
    rows = [("Mamba's figure, read by others", middle, "read off")]
    rows += [(words, Estimate.of_row(known.loc[id], FOUND), mark) for id, words, mark in EVIDENCE]
    return pd.DataFrame(rows, columns=["words", "gain", "mark"])


def evidence_to_read(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the result of `evidence` to read."""
    shown = frame.assign(mark=frame["mark"].map(MARKS))
    return shown.set_axis(["what is compared", "gain [interval or range]", "how it is known"], axis=1)


def mixtures() -> pd.DataFrame:
    """Return the gain of mixtures at some computes by law; a star: beyond the range behind the law."""
    frame = experts.curves(15)
    frame = frame[frame["compute_flop"].isin(frame["compute_flop"].unique()[::2])]
    names = frame["law"].map(PAPERS) + ": " + frame["label"]
    flop = [written(flop, ".0e").removeprefix("1 × ") for flop in frame["compute_flop"]]
    gain = frame["gain"].map(lambda gain: written(gain, significant(gain, 2)))
    shown = frame.assign(names=names, flop=flop, cell=gain + frame["inside"].map({True: "", False: "*"}))
    wide = shown.pivot_table("cell", index="names", columns="flop", aggfunc="first", sort=False)
    return wide.fillna("–").rename_axis(columns=None).reset_index(names="law and mixture")


def formats() -> pd.DataFrame:
    """Return the gain of eight bits and of thirty-two over sixteen in each currency, over the range of the optimum."""
    gains = {bits: [widths.gain_in_range(bits, each) for each in widths.CURRENCIES] for bits in (8.0, 32.0)}
    columns = {f"{bits:.0f} bits over 16": found for bits, found in gains.items()}
    return pd.DataFrame({"what is counted": widths.CURRENCIES.values(), **columns})


def costs() -> pd.DataFrame:
    """Return by law how many models until Chinchilla count, median and 90th percentile of cost, share near."""
    rows = []
    for law, words in study.LAWS.items():
        models, near = study.early_models(law), f"{study.near_share(law):.0%}"
        quantiles = [f"{study.cost_quantile(law, level):.2f}" for level in (0.5, 0.9)]
        rows.append((words, str(len(models)), f"{models['inside'].mean():.0%}", *quantiles, near))
    columns = ["law", "models", "within its runs", "median cost", "90th percentile", "share near the least"]
    return pd.DataFrame(rows, columns=columns)


def cost_curves() -> pd.DataFrame:
    """Return the share of these models that spent at most so much over the least: law, model, gain, share, inside."""
    parts = [study.early_models(law).sort_values("gain").assign(law=law) for law in study.LAWS]
    ranked = [part.assign(share=np.arange(1.0, len(part) + 1.0) / len(part)) for part in parts]
    return pd.concat(ranked, ignore_index=True)[["law", "model", "gain", "share", "inside"]]
