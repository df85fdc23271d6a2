"""Single changes of a small transformer as tables to read."""

import pandas as pd

from algoprogress.data import tables
from algoprogress.show.words import written
from book.studies.scaling.study import NAMES


def bars(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the result of `study.bars` to read, with estimates of three sets of runs."""
    shown = frame[["better", "worse", "published"]].assign(differs=frame["differs"].map({True: "yes", False: "no"}))
    shown[["october", "september"]] = frame[["october", "september"]]
    return shown.rename(columns={"differs": "differs from one", "october": "October", "september": "September, seeds"})


def interaction(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the result of `study.interaction` to read; a star where the loss lies outside of the fitted points."""
    together = frame["together"].map("{:.2f}".format) + frame["inside"].map({True: "", False: "\\*"})
    columns = {"from": frame["path"].map(NAMES), "loss, nats": frame["loss_nats"].map("{:.3f}".format)}
    return pd.DataFrame({**columns, "single gains multiplied": frame["product"].map(written), "together": together})


def split(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the result of `study.split` to read."""
    columns = {"single": "alone", "proportional": "shrunk alike, as published"}
    columns |= {"shapley": "Shapley, one joint interaction", "last": "as the last, all of it"}
    shown = frame[[*columns]].map(written).rename(columns=columns)
    shown.insert(0, "change", frame["id"].map(tables.read("innovations").set_index("id")["name"]))
    return shown
