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
    words = {"minutes": "wall-clock time", "tokens": "tokens"}
    wide = frame.pivot_table(index="loss_nats", columns="part", values="months", aggfunc="first")
    shown = wide.rename(columns=words).rename_axis(columns=None).reset_index(names="loss, nats")
    return shown.assign(**{"loss, nats": shown["loss, nats"].map("{:.2f}".format)})


def largest(count: int = 8) -> pd.DataFrame:
    """Return the records that saved most tokens, with the share of the whole fall that each is."""
    frame = study.largest_gains().head(count)
    columns = {"record": frame["record"].astype(str), "date": frame["publication_date"].dt.strftime("%Y-%m-%d")}
    gain, share = frame["gain"].map("{:.2f}".format), frame["share"].map("{:.0%}".format)
    return pd.DataFrame({**columns, "times fewer tokens": gain, "share of the fall": share})
