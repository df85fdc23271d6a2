"""Every published scaling law against every other: the gain at equal loss, with a mark wherever it means nothing.

A gain of one law over another is one of algorithms only if both losses are per token of one tokenizer on one text,
under one protocol, and if both laws were measured where they are compared. Laws fitted to the same runs are of the same
algorithm: their gain shows what fitting alone can do.
"""

import functools

import numpy as np
import pandas as pd
from scipy.stats import t

from algoprogress.data import tables
from algoprogress.frontiers.gain import gain, measured, supported
from algoprogress.laws import scaling
from algoprogress.show.estimate import Estimate
from book.studies.compute_optimal import runs as pair_runs

COMPUTES = tuple(10.0**power for power in range(18, 27))  # FLOP, of the new law
# Laws that share text, tokenizer and protocol with another.
PROTOCOLS = {
    "hoffmann2022": "MassiveText",
    "hoffmann2022_tex": "MassiveText",
    "besiroglu2024": "MassiveText",
    "besiroglu2024_all": "MassiveText",
    "xlstm_transformer": "DCLM",
    "xlstm_xlstm": "DCLM",
    "gundlach_lstm": "Gundlach",
    "gundlach_retro": "Gundlach",
    "gundlach_modern": "Gundlach",
}
SAME_RUNS = ("MassiveText",)  # protocols whose laws are fits to the same runs
MEASURED, REFIT, PROTOCOL, UNIT, SELF = "measured", "the same runs", "other protocol", "other unit", "itself"
OUTSIDE = "outside the support"
COMPARABLE = (MEASURED, REFIT)
BECK = ("xlstm_transformer", "xlstm_xlstm")
NEAR_BEST = 1.02  # times the best loss of a budget, up to which a run tests the frontier of a law
COLUMNS = ["reference", "new", "compute_flop", "loss_nats", "reference_flop", "gain", "comparison", "inside", "mark"]

laws = functools.cache(scaling.published)  # read once


@functools.cache
def _units() -> dict[str, str]:
    return dict(tables.read("scaling_laws")[["id", "unit"]].to_numpy())


def comparison(reference: str, new: str) -> str:
    """Return on what footing two laws can be compared: one of the words of this module."""
    units = _units()
    if reference == new:
        return SELF
    if units[reference] != units[new]:
        return UNIT
    if PROTOCOLS.get(reference, reference) != PROTOCOLS.get(new, new):
        return PROTOCOL
    return REFIT if PROTOCOLS[new] in SAME_RUNS else MEASURED


@functools.cache
def matrix(computes: tuple[float, ...] = COMPUTES) -> pd.DataFrame:
    """Return the gain of each law over each other at computes of the new law.

    Columns: `COLUMNS`. `mark` says why there is no number: another unit or protocol, or outside the support of either;
    then loss, compute of the reference and gain are missing.
    """
    parts = [_lines(reference, new, computes) for reference in laws() for new in laws()]
    return pd.concat(parts, ignore_index=True)[COLUMNS]


def _lines(reference: str, new: str, computes: tuple[float, ...]) -> pd.DataFrame:
    """Return the lines of `matrix` of two laws."""
    footing = comparison(reference, new)
    losses = laws()[new].loss(np.array(computes))
    needed = measured(laws()[reference], losses)
    inside = np.isfinite(needed) & supported(laws()[new], computes)
    found = {"compute_flop": computes, "loss_nats": losses, "reference_flop": needed, "gain": needed / computes}
    frame = pd.DataFrame(found | {"inside": inside}).assign(reference=reference, new=new, comparison=footing)
    reason = np.where(frame["inside"], "", OUTSIDE) if footing in COMPARABLE else footing
    return _masked(frame.assign(mark=reason))


def _masked(frame: pd.DataFrame) -> pd.DataFrame:
    shown = frame["mark"] == ""
    return frame.assign(**{name: frame[name].where(shown) for name in ("loss_nats", "reference_flop", "gain")})


def shared_support(reference: str, new: str) -> tuple[float, float]:
    """Return the range of the new law's compute in FLOP in which both were measured; nan, nan if there is none."""
    old, other = laws()[reference], laws()[new]
    ends = other.compute(old.loss(old.support_flop))
    low, high = max(other.support_flop[0], ends[0]), min(other.support_flop[1], ends[1])
    return (float(low), float(high)) if low < high else (np.nan, np.nan)


@functools.cache
def centre() -> pd.DataFrame:
    """Return `matrix` at one compute a pair: the middle, in logs, of where both were measured.

    Further columns: low_flop and high_flop, that range.
    """
    parts = []
    for reference in laws():
        for new in laws():
            low, high = shared_support(reference, new)
            line = _lines(reference, new, (float(np.sqrt(low * high)),))
            shown = line["mark"].iloc[0] == ""
            parts.append(line.assign(low_flop=low if shown else np.nan, high_flop=high if shown else np.nan))
    frame = pd.concat(parts, ignore_index=True).reindex(columns=[*COLUMNS, "low_flop", "high_flop"])
    return frame.assign(compute_flop=frame["compute_flop"].where(frame["mark"] == ""))


@functools.cache
def law_errors(id: str) -> pd.Series:
    """Return how far the public runs near the best of each budget lie above a law of Beck et al., in nats per token.

    A number a budget, the mean over its runs, at the one context that has budgets of both architectures.
    """
    frame = tables.read("xlstm_runs")
    ours = frame["architecture"] == {"xlstm_transformer": "transformer_llama", "xlstm_xlstm": "xlstm_mlstm"}[id]
    frame = frame[ours & (frame["context"] == pair_runs.CONTEXT)]
    best = frame.groupby("budget")["loss_nats"].transform("min")
    frame = frame[frame["loss_nats"] <= NEAR_BEST * best]
    off = frame["loss_nats"] - laws()[id].loss_of(frame["parameters"], frame["tokens"])
    return off.groupby(frame["budget"]).mean()


def by_laws(flop: float) -> Estimate:
    """Return the gain of xLSTM over the transformer by the published laws at a compute of the former.

    The laws have no stated error. The interval is the gain moved by what the public runs lie above either law, with
    Student's 95% interval of that over budgets, over the slope of the loss in ln compute. Missing outside of the
    support of either law.
    """
    pair = [laws()[name] for name in BECK]
    found = gain(*pair, compute_flop=flop)
    if np.isnan(found.value):
        return found
    slopes = [float(law.exponent * (pair[1].loss(flop) - law.floor)) for law in pair]
    shifts = [law_errors(name) / slope for name, slope in zip(BECK, slopes, strict=True)]
    moved = np.log(found.value) + shifts[0].mean() - shifts[1].mean()
    half = t.ppf(0.975, sum(map(len, shifts)) - 2) * np.sqrt(sum(each.var(ddof=1) / len(each) for each in shifts))
    ends = (float(np.exp(moved + side)) for side in (-half, half))
    return Estimate(found.value, *ends, "95%, what public runs of one context say of the laws' error", "times")
