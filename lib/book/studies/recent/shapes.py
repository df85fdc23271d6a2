"""What the shape of a model is worth in FLOP and in hours of a computer's nodes (McLeish et al. 2025)."""

import functools

import numpy as np
import pandas as pd

from algoprogress.data import tables
from book.studies.recent import counting

SIZES = {"100m": (9e7, 1.2e8), "500m": (4.5e8, 5.5e8), "1b": (1e9, 1.1e9), "2b": (1.9e9, 2.1e9)}  # parameters


@functools.cache
def costs(size: str) -> pd.DataFrame:
    """Return what each shape of a size needs for the least loss that all reach at a constant rate: shape, flop, hours.

    On a line between its checkpoints; hours are those of nodes, whose number and batches nobody tuned by shape.
    """
    frame = tables.read("shape_runs").query("schedule == 'constant'")
    frame = frame[frame["parameters"].between(*SIZES[size])]
    hours = frame["nodes"] * frame["seconds_per_step"] * frame["step"] / 3_600.0
    frame = frame.assign(flop=counting.gemstones(frame), hours=hours)
    target = frame.groupby(["width", "depth"])["loss_nats"].min().max()
    rows = []
    for (width, depth), part in frame.groupby(["width", "depth"]):
        part = part.sort_values("tokens")
        loss = np.minimum.accumulate(part["loss_nats"].to_numpy())
        needed = (float(np.exp(np.interp(-target, -loss, np.log(part[name])))) for name in ("flop", "hours"))
        rows.append((f"{width} wide, {depth} deep", *needed))
    return pd.DataFrame(rows, columns=["shape", "flop", "hours"])


def gain(size: str, currency: str, chosen_by: str = "flop") -> float:
    """Return how many times more of a currency the worst shape needs than the best, both chosen by a currency."""
    frame = costs(size)
    best, worst = frame.loc[frame[chosen_by].idxmin()], frame.loc[frame[chosen_by].idxmax()]
    return float(worst[currency] / best[currency])
