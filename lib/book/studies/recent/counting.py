"""Training FLOP of language models by one rule: three forward passes of all matrix products, output layer included.

Attention counts the keys that a token attends to on average. Laboratories count otherwise: the whole square of the
context, or no output layer. Shapes of Marin's mixtures: experimental code of the repository, April to August 2026.
"""

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

CONTEXT, VOCABULARY, HEAD = 4_096, 128_256, 128  # tokens; of all of Marin's runs here, but the context of August
PASSES = 3.0  # forward and backward over forward
GEMSTONES = 2_048, 50_304  # context and vocabulary
EXPERTS = {"April, AdamH": 64, "April, MuonH": 64, "April, MuonH without warm-up": 64, "May, MuonH": 256}


def keys(window: ArrayLike, context: int = CONTEXT) -> np.ndarray:
    """Return how many keys a token attends to on average, if only those of a window before it, itself included.

    >>> float(keys(4096)), float(keys(2048))
    (2048.5, 1536.25)
    """
    window = np.asarray(window, float)
    return window - window * (window - 1.0) / (2.0 * context)


def dense(frame: pd.DataFrame) -> pd.Series:
    """Return the training FLOP of Marin's dense runs (`isoflop_runs`): a gated layer of four widths, no shared keys."""
    width, layers = frame["width"], frame["layers"]
    token = layers * (32.0 * width**2 + 4.0 * width * keys(CONTEXT)) + 2.0 * width * VOCABULARY
    return PASSES * frame["tokens"] * token


def mixture(width: ArrayLike, experts: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
    """Return forward FLOP a token of a mixture of April or May, by one rule and as the laboratory counts it.

    Four routed experts of half a width, a shared one of a whole; keys of at most a quarter of the heads; each fourth
    layer attends to the whole context, others to half of it.
    """
    width, experts = np.asarray(width, float), np.asarray(experts, float)
    layers, heads = np.round(width / (55.0 + 4.0 * np.log2(width))), width // HEAD
    shared = np.array([max(k for k in (1, 2, 3, 4, 5) if n % k == 0 and 4 * k <= max(n, 4)) for n in heads])
    half = HEAD * np.ceil(width / 2 / HEAD)
    matrices = 6.0 * width * (4.0 * half + width) + 2.0 * width * experts + 4.0 * width * (width + shared * HEAD)
    whole = layers // 4
    attended = whole * keys(CONTEXT) + (layers - whole) * keys(CONTEXT // 2)
    ours = layers * matrices + 4.0 * width * attended + 2.0 * width * VOCABULARY
    return ours, layers * (matrices + (4.0 * width + 3.0 * heads) * CONTEXT)


def mixtures(frame: pd.DataFrame) -> pd.DataFrame:
    """Return rows of `mixture_runs` or `mixture_grid` with tokens and training_compute_flop by one rule.

    Tokens that are not stated follow from the laboratory's count. In August it counts attention as we do, and the width
    at a minimum lies between those of its cells, by FLOP a token.
    """
    august = frame["recipe"].str.startswith("August").to_numpy()
    ours, theirs = mixture(frame["width"], frame["recipe"].map(EXPERTS).fillna(1))
    tokens = frame["tokens"].fillna(frame["counted_flop"] / (PASSES * theirs))
    flop = PASSES * tokens * ours
    if august.any():
        token = np.log(frame["counted_flop"] / tokens)
        cells = frame[august & (frame["kind"] == "cell")].drop_duplicates("width").sort_values("width")
        width = np.exp(np.interp(token, token[cells.index], np.log(cells["width"])))
        flop = np.where(august, frame["counted_flop"] + PASSES * tokens * 2.0 * width * VOCABULARY, flop)
    return frame.assign(tokens=tokens, training_compute_flop=flop)


def gemstones(frame: pd.DataFrame) -> pd.Series:
    """Return the training FLOP of `shape_runs`: an embedding is looked up and costs none, its output layer does."""
    context, vocabulary = GEMSTONES
    token = 2.0 * (frame["parameters"] - vocabulary * frame["width"])
    token += 4.0 * frame["width"] * frame["depth"] * float(keys(context, context))
    return PASSES * frame["tokens"] * token
