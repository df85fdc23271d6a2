"""The strict view's claims and the evidence on each as tables to read and to draw."""

from __future__ import annotations

import pandas as pd

from algoprogress.data import tables
from algoprogress.show.words import significant, written
from book.studies.attribution.tables import ends
from book.studies.strict import experts
from book.studies.strict import formats as precision
from book.studies.strict import study as strict_claims
from book.studies.verdicts import ledger_view

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
LAWS = {
    "besiroglu": "Hoffmann's runs, refitted",
    "hoffmann2022": "Hoffmann, as printed",
    "porian": "Porian, tuned runs",
}


def rows_of(ledger: pd.DataFrame, prefix: str = "strict.claim.") -> pd.DataFrame:
    """Return every row of the ledger whose id starts with a prefix."""
    return ledger[ledger["id"].str.startswith(prefix)].reset_index(drop=True)


def verdicts(ledger: pd.DataFrame) -> pd.DataFrame:
    """Return the strict view's claims to read, with published and our value, verdict, and how it was decided."""
    frame = rows_of(ledger)
    return ledger_view(frame).assign(**{"how it is decided": frame["note"].to_numpy()})


def evidence(ledger: pd.DataFrame) -> pd.DataFrame:
    """Return what bears on six times since GPT-3: words, value, low, high, mark; Mamba's figure comes first."""
    known = ledger.set_index("id")
    figure = tables.read("literature_gains").set_index("id").loc["mamba_fig4_transformerpp"]
    middle = float((figure["low"] * figure["high"]) ** 0.5)
    rows = [("Mamba's figure, read by others", middle, figure["low"], figure["high"], "read off")]
    rows += [(words, *known.loc[id, ["estimate", "low", "high"]], mark) for id, words, mark in EVIDENCE]
    return pd.DataFrame(rows, columns=["words", "value", "low", "high", "mark"])


def evidence_to_read(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the same to read."""
    cells = [
        written(row.value) if pd.isna(row.low) else ends(row.value, row.low, row.high) for row in frame.itertuples()
    ]
    return pd.DataFrame(
        {
            "what is compared": frame["words"],
            "gain [interval or range]": cells,
            "how it is known": frame["mark"].map(MARKS),
        }
    )


def mixtures() -> pd.DataFrame:
    """Return the gain of mixtures at some computes by law; a star: beyond the range behind the law."""
    frame = experts.curves(15)
    labels = {"krajewski": "Krajewski et al. 2024", "abnar": "Abnar et al. 2025", "clark": "Clark et al. 2022"}
    cells = [written(row.gain, significant(row.gain, 2)) + ("" if row.inside else "*") for row in frame.itertuples()]
    shown = frame.assign(cell=cells, name=[f"{labels[row.law]}: {row.label}" for row in frame.itertuples()])
    chosen = shown[shown["compute_flop"].isin(frame["compute_flop"].unique()[::2])]
    table = chosen.pivot_table(index="name", columns="compute_flop", values="cell", aggfunc="first", sort=False)
    table.columns = [written(flop, ".0e").removeprefix("1 × ") for flop in table.columns]
    return table.fillna("–").reset_index().rename(columns={"name": "law and mixture"})


def formats() -> pd.DataFrame:
    """Return the gain of eight bits and of thirty-two over sixteen in each currency, over the range of the optimum."""
    rows = []
    for currency, words in precision.CURRENCIES.items():
        cells = []
        for bits in (8.0, 32.0):
            values = [precision.gain(bits, currency, scale) for scale in precision.scales()]
            cells.append(ends(values[0], min(values), max(values)))
        rows.append((words, *cells))
    return pd.DataFrame(rows, columns=["what is counted", "8 bits over 16", "32 bits over 16"])


def costs(ledger: pd.DataFrame) -> pd.DataFrame:
    """Return by law how many models until Chinchilla count, median and 90th percentile of cost, share near."""
    known, rows = ledger.set_index("id"), []
    for law, words in LAWS.items():
        cells = [
            ends(*known.loc[f"strict.allocation.cost.{what}.{law}", ["estimate", "low", "high"]])
            for what in ("median", "q90")
        ]
        share = known.loc[f"strict.allocation.near.{law}", ["estimate", "low", "high"]]
        models = strict_claims.early_models(law)
        near = f"{share['estimate']:.0%} [{share['low']:.0%}, {share['high']:.0%}]"
        rows.append((words, str(len(models)), f"{models['inside'].mean():.0%}", *cells, near))
    return pd.DataFrame(
        rows, columns=["law", "models", "within its runs", "median cost", "90th percentile", "share near the least"]
    )


def cost_curves() -> pd.DataFrame:
    """Return the share of these models that spent at most so much over the least, by law: law, gain, share, inside."""
    parts = []
    for law in LAWS:
        frame = strict_claims.early_models(law).sort_values("gain", ignore_index=True)
        parts.append(
            pd.DataFrame(
                {
                    "law": law,
                    "model": frame["model"],
                    "gain": frame["gain"],
                    "share": (frame.index + 1.0) / len(frame),
                    "inside": frame["inside"],
                }
            )
        )
    return pd.concat(parts, ignore_index=True)
