"""Tables of the chapter on model selection: scores in a grid, the printed table beside ours, the leaders."""

import pandas as pd

from algoprogress.data import tables
from algoprogress.data.sample import Sample
from book.studies.selection.study import CHOSEN, IN_IDS, LAWS, contest, converged, differences

HALF_DIGIT = 5e-6  # of the printed table, in nats squared
NAMED = (CHOSEN, ("18", 0.0))  # shown among the leaders wherever they stand: the chosen law and that in compute alone


def against_printed(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the published protocol of `study.scores` beside print: law, penalty, printed, ours, difference (nats²)."""
    claimed = tables.read("claims").set_index("id")["published"]
    cells = zip(frame["law"], frame["penalty"], strict=True)
    printed = [claimed[f"ho.cv.model{law}.delta_{IN_IDS[penalty]}.published_protocol"] for law, penalty in cells]
    table = frame[["law", "penalty"]].assign(printed=printed, ours=frame["published"])
    return table.assign(difference=table["ours"] - table["printed"])


def agreement(frame: pd.DataFrame) -> pd.DataFrame:
    """Return in how many cells of `against_printed` the five digits are equal, by law: law, cells, equal."""
    by_law = frame.assign(equal=frame["difference"].abs() < HALF_DIGIT).groupby("law", sort=False)["equal"]
    return by_law.agg(cells="size", equal="sum").reset_index()


def grid(frame: pd.DataFrame, column: str, *, mark: pd.Series | None = None) -> pd.DataFrame:
    """Return one column of `study.scores`, a line per law, a column per penalty; cells flagged by `mark` get a star."""
    text = frame[column].map("{:.5f}".format)
    text = text if mark is None else text.where(~mark, text + "\\*")
    table = frame.assign(text=text).pivot_table(index="law", columns="penalty", values="text", aggfunc="first")
    return table.loc[list(LAWS)].rename(columns="penalty {:g}".format).rename_axis(columns=None).reset_index()


def leaders(sample: Sample, *, count: int = 12) -> pd.DataFrame:
    """Return the best specifications by row and those `NAMED`, with paired differences from the best (nats²)."""
    cells = converged(sample, by="row")
    table = differences(contest(cells, sample)).sort_values("mse_nats2", ignore_index=True)
    sizes = table["law"].map({cell.law: len(cell.names) for cell in cells})
    behind = [found.value for found in table["difference_nats2"]]
    table = table.assign(rank=table.index + 1, coefficients=sizes, behind=behind)
    named = table.set_index(["law", "penalty"]).index.isin(NAMED)
    shown = table[(table.index < count) | named]
    return shown[["rank", "law", "penalty", "coefficients", "mse_nats2", "behind", "error_nats2"]]
