"""The living benchmark as tables to read."""

import pandas as pd

from algoprogress.show.words import written
from book.studies.speedrun import study


def halving(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the result of `study.halving` to read: a line a part and choice of records."""
    rows = []
    for (first, part), group in frame.groupby(["first", "part"], sort=False):
        bend = group.iloc[-1]
        words = study.PARTS[part], study.BASELINES[first], f"{bend['records']}"
        rows.append((*words, *group["months"], bend["date"], written(bend["p_value"], ".3f")))
    months = ["months to halve", "before a bend", "after it"]
    columns = ["what falls", "records that count", "n", *months, "date of the bend", "p of no bend"]
    return pd.DataFrame(rows, columns=columns)


def at_losses(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the result of `study.halving_at_losses` to read."""
    wide = frame.pivot_table("months", "loss_nats", "part", aggfunc="first").rename(index="{:.2f}".format)
    return wide.rename(columns={"minutes": "wall-clock time"}).rename_axis(columns=None).reset_index(names="loss, nats")


def largest() -> pd.DataFrame:
    """Return the eight records that saved most tokens, with the share of the whole fall that each is."""
    frame = study.largest_gains().head(8)
    specs = {"record": "{}", "publication_date": "{:%Y-%m-%d}", "gain": "{:.2f}", "share": "{:.0%}"}
    shown = pd.DataFrame({name: frame[name].map(spec.format) for name, spec in specs.items()})
    return shown.set_axis(["record", "date", "times fewer tokens", "share of the fall"], axis=1)
