"""Trains runs of a file once more, and tells how far their losses differ."""

from pathlib import Path

import numpy as np
import pandas as pd

from training import TrainingError, log
from training import text as texts
from training.run import Run, trained
from training.search import pool_of


def trained_again(path: Path, on: texts.Text, count: int, workers: int = 1) -> pd.DataFrame:
    """Return so many runs of a file, evenly spread by compute, with their loss_nats and that of now, again_nats."""
    ends = log.ends(log.read(path)).sort_values("training_compute_flop", kind="stable")
    if not len(ends):
        raise TrainingError(f"{path}: no runs to train again")
    chosen = ends.iloc[np.unique(np.linspace(0, len(ends) - 1, count).astype(int))]
    columns = chosen[["algorithm", "budget_flop", "width", "rate", "seed"]]
    runs = [Run(*row) for row in columns.itertuples(index=False, name=None)]
    found = [rows[-1]["loss_nats"] for rows in pool_of(workers).map(trained, runs, [on] * len(runs))]
    return chosen.assign(again_nats=found)


def text(frame: pd.DataFrame) -> str:
    """Return how far the losses of `trained_again` differ, to read."""
    lines = [
        f"{row.algorithm} {row.run}: {row.loss_nats:.4f}, again {row.again_nats:.4f} nats" for row in frame.itertuples()
    ]
    most = (frame["again_nats"] - frame["loss_nats"]).abs().max()
    return "\n".join([*lines, f"largest difference {most:.1g} nats"])
