"""Every published scaling law against every other: the gain at equal loss, with a mark wherever it means nothing.

A gain of one law over another is one of algorithms only if both losses are per token of one tokenizer on one text,
under one protocol, and if both laws were measured where they are compared. Laws fitted to the same runs are of the same
algorithm: their gain shows what fitting alone can do.
"""

import functools
from itertools import product

import numpy as np
import pandas as pd
from scipy.special import stdtrit

from algoprogress.data import tables
from algoprogress.frontiers.gain import gain, measured, supported
from algoprogress.laws import scaling
from algoprogress.show.estimate import Estimate
from book.studies.compute_optimal.pairs import CONTEXT

COMPUTES = tuple(10.0**power for power in range(18, 27))  # FLOP, of the new law
# Laws that share text, tokenizer and protocol. The first are fits to the same runs.
CHINCHILLA = ("hoffmann2022", "hoffmann2022_tex", "besiroglu2024", "besiroglu2024_all")
BECK = ("xlstm_transformer", "xlstm_xlstm")
GUNDLACH = ("gundlach_lstm", "gundlach_retro", "gundlach_modern")
MEASURED, REFIT, PROTOCOL, UNIT, SELF = "measured", "the same runs", "other protocol", "other unit", "itself"
OUTSIDE = "outside the support"
COMPARABLE = (MEASURED, REFIT)
NEAR_BEST = 1.02  # times the best loss of a budget, up to which a run tests the frontier of a law

laws = functools.cache(scaling.published)  # read once
units = functools.cache(lambda: tables.read("scaling_laws").set_index("id")["unit"].to_dict())  # of losses, by law


def comparison(reference: str, new: str) -> str:
    """Return on what footing two laws can be compared: one of the words of this module."""
    if reference == new:
        return SELF
    if units()[reference] != units()[new]:
        return UNIT
    if not any({reference, new}.issubset(group) for group in (CHINCHILLA, BECK, GUNDLACH)):
        return PROTOCOL
    return REFIT if new in CHINCHILLA else MEASURED


@functools.cache
def matrix() -> pd.DataFrame:
    """Return the gain of each law over each other at `COMPUTES` of the new law.

    Columns: reference, new, compute_flop, loss_nats, reference_flop, gain, comparison, inside, mark. `mark` says why
    loss, compute of the reference and gain are missing: another unit or protocol, or outside the support of either.
    """
    return pd.concat([_lines(*pair, COMPUTES) for pair in product(laws(), laws())], ignore_index=True)


def _lines(reference: str, new: str, computes: tuple[float, ...]) -> pd.DataFrame:
    """Return the lines of `matrix` of two laws."""
    footing, losses = comparison(reference, new), laws()[new].loss(np.array(computes))
    needed = measured(laws()[reference], losses)
    inside = np.isfinite(needed) & supported(laws()[new], computes)
    found = {"compute_flop": computes, "loss_nats": losses, "reference_flop": needed, "gain": needed / computes}
    frame = pd.DataFrame({"reference": reference, "new": new, **found, "comparison": footing, "inside": inside})
    frame["mark"] = np.where(inside, "", OUTSIDE) if footing in COMPARABLE else footing
    frame.loc[frame["mark"] != "", ["loss_nats", "reference_flop", "gain"]] = np.nan
    return frame


def shared_support(reference: str, new: str) -> tuple[float, float]:
    """Return the range of the new law's compute in FLOP in which both were measured; nan, nan if there is none."""
    old, other = laws()[reference], laws()[new]
    ends = other.compute(old.loss(old.support_flop))
    low, high = max(other.support_flop[0], ends[0]), min(other.support_flop[1], ends[1])
    return (float(low), float(high)) if low < high else (np.nan, np.nan)


@functools.cache
def centre() -> pd.DataFrame:
    """Return `matrix` at one compute a pair, the middle in logs of low_flop to high_flop, where both were measured."""
    parts = []
    for pair in product(laws(), laws()):
        low, high = shared_support(*pair)
        parts.append(_lines(*pair, (float(np.sqrt(low * high)),)).assign(low_flop=low, high_flop=high))
    frame = pd.concat(parts, ignore_index=True)
    frame.loc[frame["mark"] != "", ["compute_flop", "low_flop", "high_flop"]] = np.nan
    return frame


@functools.cache
def law_errors(id: str) -> pd.Series:
    """Return by budget how far runs near its best, at `CONTEXT`, lie on average above a law of Beck et al., in nats."""
    frame = tables.read("xlstm_runs")
    ours = frame["architecture"] == {"xlstm_transformer": "transformer_llama", "xlstm_xlstm": "xlstm_mlstm"}[id]
    frame = frame[ours & (frame["context"] == CONTEXT)]
    best = frame.groupby("budget")["loss_nats"].transform("min")
    frame = frame[frame["loss_nats"] <= NEAR_BEST * best]
    off = frame["loss_nats"] - laws()[id].loss_of(frame["parameters"], frame["tokens"])
    return off.groupby(frame["budget"]).mean()


def by_laws(flop: float) -> Estimate:
    """Return the gain of xLSTM over the transformer by the published laws at a compute of the former.

    It is missing outside of the support of either. As laws have no stated error, the interval is the gain moved by
    `law_errors` over the slope of the loss in ln compute, with Student's 95% interval of that over budgets.
    """
    pair = [laws()[name] for name in BECK]
    found = gain(*pair, compute_flop=flop)
    if np.isnan(found.value):
        return found
    slopes = [float(law.exponent * (pair[1].loss(flop) - law.floor)) for law in pair]
    shifts = [law_errors(name) / slope for name, slope in zip(BECK, slopes, strict=True)]
    moved = np.log(found.value) + shifts[0].mean() - shifts[1].mean()
    half = stdtrit(sum(map(len, shifts)) - 2, 0.975) * np.sqrt(sum(each.var(ddof=1) / len(each) for each in shifts))
    ends = (float(np.exp(moved + side)) for side in (-half, half))
    return Estimate(found.value, *ends, "95%, what public runs of one context say of the laws' error", "times")
