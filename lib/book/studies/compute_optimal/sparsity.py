"""What mixtures of experts gain over dense models by sparsity: each cell beside the dense curve at its own loss.

Li et al. 2025 train one total size in four sparsities on four numbers of tokens, and search each cell's best rates. So
a cell's error is drawn, and that of the dense curve with it; how large a cell's own error is, the dense cells tell.
"""

import functools

import numpy as np
import pandas as pd

from algoprogress.data import tables
from algoprogress.frontiers.gain import estimate, measured
from algoprogress.show.estimate import Estimate
from book.studies.compute_optimal.pairs import NAMED
from book.studies.compute_optimal.study import frontiers

SPARSITIES = {"1in89": "1 of 89", "2in88": "2 of 88", "1in8": "1 of 8", "3in8": "3 of 8"}  # experts used of all
TOKENS = (2e9, 4e9, 8e9, 2e10)
PAIR = NAMED["moe_dense"]
COVERS = f"95%, {PAIR.draws:,} resamples of errors of cells"


@functools.cache
def _cells() -> tuple[pd.DataFrame, np.ndarray, np.ndarray]:
    """Return the cells of all mixtures, their ln gain, and that by draw (cells x draws)."""
    dense, _ = frontiers(PAIR, "smooth")
    frame = tables.read("steplaw_cells").query("architecture != 'dense'").reset_index(drop=True)
    loss, flop = frame["loss_nats"].to_numpy(), frame["training_compute_flop"].to_numpy()
    errors = np.random.default_rng(2).standard_t(dense.freedom, (len(frame), PAIR.draws))
    drawn = dense.draws.of(0).compute(loss[:, None] * np.exp(dense.spread * errors))
    return frame, np.log(measured(dense, loss) / flop), np.log(drawn / flop[:, None])


def gain(sparsity: str, tokens: float | None = None) -> Estimate:
    """Return the gain at some tokens, or the geometric mean over them; nan if dense models did not reach the loss."""
    frame, logs, drawn = _cells()
    chosen = (frame["architecture"] == f"moe_{sparsity}") & ((tokens is None) | (frame["tokens"] == tokens))
    chosen &= (tokens is not None) | np.isfinite(logs)
    found = estimate(drawn[chosen].mean(axis=0), None, value=logs[chosen].mean(), covers=COVERS)
    return found.map(lambda log: float(np.exp(log)), unit="times")
