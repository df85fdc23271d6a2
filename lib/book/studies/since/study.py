"""Works since Ho et al. beside what the book finds, and how the price of inference falls at an equal score."""

import pandas as pd

from algoprogress.data import tables
from algoprogress.show.estimate import Estimate
from book.studies import verdicts

HARDWARE = 0.7  # a year, by which the price of hardware falls to a share, as Gundlach et al. (2025) divide
INTERVAL, NO_INTERVAL = "90%, as published", "none: no interval was published"
BENCHMARKS = {"GPQA": "gpqa", "AIME": "aime", "SWE-Bench": "swe_bench", "ARC-AGI": "arc_agi"}
RESTRICTIONS = {"cheapest of all": "best_all", "cheapest of open": "best_open", "all": "all", "open": "open"}
LEAST = 10  # models of a regression that counts


def prices() -> pd.DataFrame:
    """Return the published regressions with `factor`, estimates of the times that a price falls in a year."""
    frame = tables.read("inference_prices")
    found = []
    for row in frame.to_dict("records"):
        covers = NO_INTERVAL if pd.isna(row["low"]) else INTERVAL
        found.append(Estimate.of_row(row, ("factor_per_year", "low", "high"), covers=covers, unit="times a year"))
    return frame.assign(factor=found).drop(columns=["factor_per_year", "low", "high"])


def adjusted() -> pd.DataFrame:
    """Return the regressions divided by the fall of hardware prices here: benchmark, restriction, models, factor."""
    frame = prices().query("divided_by == 'nothing'")
    return frame.assign(factor=[each.map(lambda value: value * HARDWARE) for each in frame["factor"]])


def judged(ledger: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of the ledger on what works since Ho et al. state that have a conclusion."""
    rows = ledger.set_index("id").loc[[id for id in tables.read("works_since")["claim"] if id]]
    return rows[rows["conclusion"] != ""]


def works(ledger: pd.DataFrame) -> pd.DataFrame:
    """Return the works to read: work, what it states, on which data, what the book finds, where each stands."""
    known, lines = ledger.set_index("id"), []
    for row in tables.read("works_since").to_dict("records"):
        finds = row["finding"]
        if row["claim"]:
            claim = known.loc[row["claim"]]
            ours = Estimate.of_row(claim, verdicts.FOUND, unit=claim["unit"])
            told = f": {ours}" if pd.notna(ours.value) else ""
            judged = "".join(f"; {question}: {claim[question]}" for question in verdicts.MEANINGS if claim[question])
            finds += f"{told}{judged} (`{claim.name}`)"
        page = f"{{doc}}`{row['chapter']}`" if row["chapter"] else ""
        lines.append((f"{row['work']}, {row['source']}", row["states"], row["data"], finds, page))
    return pd.DataFrame(lines, columns=["work", "claims", "data", "the book finds", "page"])
