"""Gains over Kaplan's split, and of splits as they were, as tables to read."""

import numpy as np
import pandas as pd

from algoprogress.show.estimate import Estimate, unpacked
from algoprogress.show.words import written

AT = (1e19, 1e21, 1e22, 3e23, 2.53e24, 1e25, 5e26)  # FLOP
LAWS = {"hoffmann2022": "Hoffmann, printed", "besiroglu": "Hoffmann, refitted", "porian": "Porian, refitted"}
SIDES = {"all": "all", "under": "fewer tokens", "over": "more tokens"}
FEWEST = 3  # models of a group with an interval


def kaplan(frame: pd.DataFrame) -> pd.DataFrame:
    """Return `study.kaplan_curves` at some computes, by law, a star where the law is extrapolated."""
    shown = {"FLOP": [written(flop, ".1e") for flop in AT]}
    for law, rows in unpacked(frame).groupby("law", sort=False):
        known = np.log(rows[["compute_flop", "gain", "gain_low", "gain_high"]].to_numpy()).T
        at = np.exp([np.interp(np.log(AT), known[0], each) for each in known[1:]]).T
        inside = rows.loc[rows["inside"], "compute_flop"]
        stars = ["" if inside.min() <= flop <= inside.max() else "\\*" for flop in AT]
        shown[law] = [Estimate(*each).text(".2f") + star for each, star in zip(at, stars, strict=True)]
    return pd.DataFrame(shown)


def eras(frame: pd.DataFrame) -> pd.DataFrame:
    """Return `study.realised_eras` with a column a law; groups of fewer than three models have no interval."""
    gains = [row.gain if row.models >= FEWEST else Estimate(row.gain.value) for row in frame.itertuples()]
    shown = frame[["era"]].assign(side=frame["side"].map(SIDES), law=frame["law"].map(LAWS))
    shown["cell"] = [gain.text(".2f") for gain in gains]
    table = shown.pivot_table(index=["era", "side"], columns="law", values="cell", aggfunc="first", sort=False)
    return table.rename_axis(columns=None).reset_index()
