"""The living benchmark as tables to read."""

from __future__ import annotations

import pandas as pd

from algoprogress.show.words import written
from book.studies.attribution.tables import ends
from book.studies.speedrun import study as speedrun

RECORDS = {1: "all", 3: "without the first two"}


def halving(frame: pd.DataFrame) -> pd.DataFrame:
    """Return `speedrun.halving` to read: a line a part and choice of records."""
    rows = []
    for (first, part), group in frame.groupby(["first", "part"], sort=False):
        cells = [ends(row.months, row.low, row.high, ".1f") for row in group.itertuples()]
        bend = group.iloc[-1]
        date = ends(bend["year"], bend["year_low"], bend["year_high"], ".1f")
        rows.append(
            (speedrun.PARTS[part], RECORDS[first], f"{bend['records']}", *cells, date, written(bend["p_value"], ".3f"))
        )
    return pd.DataFrame(
        rows,
        columns=[
            "what falls",
            "records that count",
            "n",
            "months to halve",
            "before a bend",
            "after it",
            "date of the bend",
            "p of no bend",
        ],
    )


def at_losses(frame: pd.DataFrame) -> pd.DataFrame:
    """Return `speedrun.halving_at_losses` to read."""
    cells = [ends(row.months, row.low, row.high, ".1f") for row in frame.itertuples()]
    shown = frame.assign(cell=cells, part=frame["part"].map({"minutes": "wall-clock time", "tokens": "tokens"}))
    table = shown.pivot_table(index="loss_nats", columns="part", values="cell", aggfunc="first").reset_index()
    table["loss_nats"] = table["loss_nats"].map("{:.2f}".format)
    return table.rename_axis(columns=None).rename(columns={"loss_nats": "loss, nats"})


def largest(count: int = 8) -> pd.DataFrame:
    """Return the records that saved most tokens, with the share of the whole fall that each is."""
    frame = speedrun.effective_gains().head(count)
    dates = frame["publication_date"].dt.strftime("%Y-%m-%d")
    return pd.DataFrame(
        {
            "record": frame["record"].astype(str),
            "date": dates,
            "times fewer tokens": frame["gain"].map(lambda value: written(value, ".2f")),
            "share of the fall": [f"{100 * value:.0f}%" for value in frame["share"]],
        }
    )
