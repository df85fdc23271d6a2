"""Tables of the chapter on model selection: scores in a grid, the printed table beside ours, the leaders."""

import pandas as pd

from algoprogress.data import tables
from algoprogress.data.sample import Sample
from algoprogress.show.words import written
from book.studies.selection import contest
from book.studies.selection.study import CHOSEN, COMPUTE_ONLY, IN_IDS, LAWS, converged

HALF_DIGIT = 5e-6  # of the printed table, in nats squared


def against_printed(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the published protocol of `study.scores` beside print: law, penalty, printed, ours, difference (nats²)."""
    claimed = tables.read("claims").set_index("id")["published"]
    cells = zip(frame["law"], frame["penalty"], strict=True)
    printed = [claimed[f"ho.cv.model{law}.delta_{IN_IDS[penalty]}.published_protocol"] for law, penalty in cells]
    table = frame[["law", "penalty"]].assign(printed=printed, ours=frame["published"])
    return table.assign(difference=table["ours"] - table["printed"])


def agreement(frame: pd.DataFrame) -> pd.DataFrame:
    """Return how far the cells of `against_printed` are off, by law: law, cells, equal (to five digits), largest."""
    off = frame.assign(equal=frame["difference"].abs() < HALF_DIGIT, largest=frame["difference"].abs())
    by_law = off.groupby("law", sort=False)
    return by_law.agg(cells=("equal", "size"), equal=("equal", "sum"), largest=("largest", "max")).reset_index()


def grid(frame: pd.DataFrame, column: str, *, mark: pd.Series | None = None) -> pd.DataFrame:
    """Return one column of `study.scores`, a line per law, a column per penalty; cells flagged by `mark` get a star."""
    stars = [""] * len(frame) if mark is None else ["\\*" if flag else "" for flag in mark]
    text = [written(value, ".5f") + star for value, star in zip(frame[column], stars, strict=True)]
    table = frame.assign(text=text).pivot_table(index="law", columns="penalty", values="text", aggfunc="first")
    return table.loc[list(LAWS)].rename(columns="penalty {:g}".format).rename_axis(columns=None).reset_index()


def leaders(sample: Sample, *, count: int = 12, by: str = "row") -> pd.DataFrame:
    """Return the best specifications, the chosen one and the compute-only law, with paired differences from the best.

    Columns: rank, law, penalty, coefficients, mse_nats2, behind, error_nats2 (in nats squared).
    """
    cells = converged(sample, by=by)
    table = contest.differences(contest.contest(cells, sample)).sort_values("mse_nats2", ignore_index=True)
    named = (table["law"] == CHOSEN[0]) & (table["penalty"] == CHOSEN[1])
    named |= (table["law"] == COMPUTE_ONLY) & (table["penalty"] == 0.0)
    sizes = table["law"].map({cell.law: len(cell.names) for cell in cells})
    behind = [found.value for found in table["difference_nats2"]]
    table = table.assign(rank=table.index + 1, coefficients=sizes, behind=behind)
    shown = table[(table.index < count) | named]
    return shown[["rank", "law", "penalty", "coefficients", "mse_nats2", "behind", "error_nats2"]]
