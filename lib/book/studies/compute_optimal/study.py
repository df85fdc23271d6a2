"""Pairs of algorithms with public runs, and the gain of one over the other at equal loss where both were measured.

The gain at a loss is the least compute of the reference over that of the new algorithm, each from its own runs by one
estimator; outside of the losses that both have reached it is missing.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from algoprogress.engine.cache import cached
from algoprogress.frontiers import isoflop, runs
from algoprogress.frontiers.runs import Curve
from book.studies.compute_optimal import runs as pair_runs
from book.studies.scaling import study as families

DRAWS = 400
FROM_1E14 = (1e14, 5e17)  # FLOP of the families' checkpoints that are compared
GRID = 13  # losses over the shared range, evenly spaced in ln compute of the new algorithm
EARLY, LATE = GRID // 4, GRID - 1 - GRID // 4  # a quarter and three quarters of the way
SUPPORTED = 0.5  # share of resamples that must reach a loss for an interval to be shown
LAWS = ("power law", "floor")
KINDS = {"architecture": "architecture", "sparsity": "sparsity", "recipe": "training recipe", "data": "training text"}
SHOWN_TEXTS = ("openlm", "c4")  # one that is in no training set, and that of the reference
COLUMNS = ["estimator", "loss_nats", "reference_flop", "new_flop", "gain", "low", "high", "share", "groups", "inside"]


@dataclass(frozen=True)
class Pair:
    """Two algorithms, how to get the runs of each, and how their frontiers are estimated.

    `main` is the estimator that is quoted, `floor` that of the power law whose floor is fixed (nats per token), `years`
    the dates of reference and new algorithm where the historical law can be asked for the same gain.
    """

    name: str
    kind: str
    reference: str
    new: str
    source: str
    frames: Callable[[], pair_runs.Two]
    main: str
    estimators: tuple[str, ...]
    caveat: str
    floor: float = 1.7
    window: tuple[float, float] = runs.EVERYWHERE
    law_window: tuple[float, float] = runs.EVERYWHERE
    years: tuple[float, float] | None = None
    at_flop: tuple[float, ...] = ()
    resampled: str = "runs"
    draws: int = DRAWS

    @property
    def title(self) -> str:
        """Return the pair in words."""
        return f"{self.reference} to {self.new}"


def _of_families(reference: str, new: str, years: tuple[float, float]) -> Pair:
    return Pair(
        f"{reference}_{new}",
        "architecture",
        families.NAMES[reference],
        families.NAMES[new],
        "gundlach2025",
        functools.partial(pair_runs.of_families, reference, new),
        "envelope",
        ("envelope", "power law", "floor", "isotonic"),
        "one text; each family tuned once; compute as profiled",
        floor=runs.FLOOR,
        window=FROM_1E14,
        law_window=families.LEFT_TO,
        years=years,
        resampled="sizes",
        draws=families.DRAWS,
    )


def _of_recipes(name: str, dataset: str, reference: str, new: str, words: tuple[str, str], **options) -> Pair:
    text = {"rw": "RefinedWeb", "owt2": "OpenWebText2"}[dataset]
    return Pair(
        name,
        "recipe",
        words[0],
        f"{words[1]}, {text}",
        "porian2024",
        functools.partial(pair_runs.recipes, dataset, reference, new),
        "envelope",
        ("envelope", "power law", "floor", "isoflop", "law"),
        "same architecture, text and FLOP count; sizes share runs where the rate is constant",
        resampled="sizes",
        **options,
    )


def _of_sets(new: str, words: str, text: str, on: str) -> Pair:
    return Pair(
        f"data_{new.removesuffix('_original')}_{text}",
        "data",
        "C4",
        f"{words}, read on {on}",
        "gadre2024",
        functools.partial(pair_runs.training_sets, "c4_original", new, text),
        "law",
        ("law", "floor", "envelope") if text in SHOWN_TEXTS else ("law", "envelope"),
        "hangs on the text that the loss is read on",
    )


TUNED, MATCHED = ("long warm-up", "tuned recipe"), ("constant rate", "matched decay")
PAIRS = (
    _of_families("lstm", "modern", (2012.0, 2023.0)),
    _of_families("lstm", "retro", (2012.0, 2017.5)),
    _of_families("retro", "modern", (2017.5, 2023.0)),
    Pair(
        "xlstm_llama",
        "architecture",
        "Llama-type transformer",
        "xLSTM",
        "beck2026",
        pair_runs.xlstm,
        "isoflop",
        ("isoflop", "law", "envelope", "floor"),
        "attention's FLOP are not counted; context of one length",
    ),
    Pair(
        "moe_dense",
        "sparsity",
        "dense transformer",
        "mixture of experts",
        "li2025",
        pair_runs.experts,
        "floor",
        ("floor", "power law", "envelope", "law"),
        "other months and perhaps other data; training loss; one total size, so the mixture's frontier is not its best",
        at_flop=(2.8e19,),
    ),
    _of_recipes("recipe", "rw", "counted", "tuned", TUNED, at_flop=(1e17,)),
    _of_recipes("recipe_owt2", "owt2", "counted", "tuned", TUNED, at_flop=(1e17,)),
    _of_recipes("schedule", "rw", "warmup", "cosine", MATCHED, at_flop=(6e18,)),
    _of_recipes("schedule_owt2", "owt2", "warmup", "cosine", MATCHED, at_flop=(6e18,)),
    *(
        _of_sets(new, words, text, on)
        for new, words in (("rw_original", "RefinedWeb"), ("rpj", "RedPajama"))
        for text, on in (
            ("openlm", "recent text"),
            ("ptb", "Penn Treebank"),
            ("c4", "C4"),
            ("rw", "RefinedWeb"),
            ("rpj", "RedPajama"),
        )
    ),
)
MAIN = tuple(pair.name for pair in PAIRS if pair.kind != "data" or pair.name.endswith(SHOWN_TEXTS))  # in the figures


def named(name: str) -> Pair:
    """Return the pair of a name; raise KeyError, which lists the names, for an unknown one."""
    known = {pair.name: pair for pair in PAIRS}
    if name not in known:
        raise KeyError(f"no pair {name!r}: must be one of {', '.join(known)}")
    return known[name]


@functools.cache
def frames(name: str) -> pair_runs.Two:
    """Return the runs of the reference and of the new algorithm within the pair's window."""
    pair = named(name)
    return tuple(runs.within(frame, pair.window).reset_index(drop=True) for frame in pair.frames())


@functools.cache
def curves(name: str) -> tuple[runs.Frontier, runs.Frontier]:
    """Return both frontiers by the pair's main estimator; that of a law in size and tokens is drawn as a curve."""
    pair, two = named(name), frames(name)
    if pair.main in isoflop.ESTIMATORS:
        return tuple(_drawn(frame, pair.main) for frame in two)
    window = pair.law_window if pair.main in LAWS else pair.window
    return tuple(runs.frontier(each, estimator=pair.main, floor=pair.floor, window=window) for each in two)


def _drawn(frame: pd.DataFrame, estimator: str) -> Curve:
    """Return a frontier of `pair_fits` as a curve through many losses."""
    losses = np.linspace(frame["loss_nats"].max(), frame["loss_nats"].min(), 2_001)
    logs = isoflop.log_computes(frame, tuple(losses), estimator, np.ones((1, len(frame))))[0]
    known = np.isfinite(logs)
    return Curve(estimator, logs[known], losses[known])


def losses(name: str) -> tuple[float, ...]:
    """Return the losses at which a pair is compared: `GRID` over the shared range, then those at `at_flop`.

    The latter are what the new algorithm reaches with that compute; nan if it has no frontier there.
    """
    reference, new = curves(name)
    shared = runs.shared_losses(reference, new, 2)
    logs = np.log([runs.compute_at(new, loss) for loss in shared])
    inner = [runs.loss_at(new, flop) for flop in np.exp(np.linspace(*logs, GRID))[1:-1]]
    return tuple(float(each) for each in (shared[0], *inner, shared[1], *map(_loss_of(new), named(name).at_flop)))


def _loss_of(new: runs.Frontier) -> Callable[[float], float]:
    return lambda flop: runs.loss_at(new, flop)


@cached
def _log_draws(name: str, estimator: str, losses: tuple[float, ...]) -> np.ndarray:
    """Return ln gain and ln compute of both: three tables of all runs, then resamples (3 x (1 + draws) x losses)."""
    pair, two = named(name), frames(name)
    if estimator in isoflop.ESTIMATORS:
        return isoflop.log_gains(*two, losses, estimator=estimator, draws=pair.draws)
    options = {"floor": pair.floor, "by": "group", "draws": pair.draws}
    options["window"] = pair.law_window if estimator in LAWS else pair.window
    found = runs.compared(*two, losses, estimators=(estimator,), **options)
    drawn = np.log(runs.resampled_gains(*two, losses, estimator=estimator, **options))
    points = np.log(found[["gain", "reference_flop", "new_flop"]].to_numpy().T)
    rest = np.full_like(drawn, np.nan)
    return np.stack([np.vstack([line, part]) for line, part in zip(points, (drawn, rest, rest), strict=True)])


def fewest(name: str) -> int:
    """Return how many groups (sizes or runs) are resampled on the side that has fewer."""
    return min(frame["group"].nunique() for frame in frames(name))


@functools.cache
def gains(name: str, *, at: tuple[float, ...] | None = None) -> pd.DataFrame:
    """Return the gain of a pair by each estimator at its `losses`, or at others, with 95% intervals over groups.

    Columns: estimator, loss_nats, reference_flop, new_flop, gain, low, high, share (of resamples with support), groups,
    inside (both frontiers have the loss). Outside everything but the loss is missing. The interval is missing too where
    fewer than half of the resamples have support.
    """
    wanted, parts = losses(name) if at is None else at, []
    for estimator in named(name).estimators:
        table, reference, new = _log_draws(name, estimator, wanted)
        groups = fewest(name)
        for place, loss in enumerate(wanted):
            inside, share = bool(np.isfinite(table[0, place])), float(np.isfinite(table[1:, place]).mean())
            ends = runs.interval(table[1:, place], groups) if inside and share >= SUPPORTED else (np.nan,) * 3
            computes = (np.exp(reference[0, place]), np.exp(new[0, place])) if inside else (np.nan, np.nan)
            parts.append(
                (
                    estimator,
                    loss,
                    *computes,
                    np.exp(table[0, place]),
                    np.exp(ends[0]),
                    np.exp(ends[2]),
                    share,
                    groups,
                    inside,
                )
            )
    return pd.DataFrame(parts, columns=COLUMNS)


def main_gains(name: str) -> pd.DataFrame:
    """Return `gains` by the main estimator over the shared range alone, from high loss to low."""
    frame = gains(name)
    return frame[frame["estimator"] == named(name).main].head(GRID).reset_index(drop=True)


def at_compute(name: str, flop: float, estimator: str = "") -> pd.Series:
    """Return the line of `gains` at the loss that the new algorithm reaches with a compute of the pair's `at_flop`."""
    pair, frame = named(name), gains(name)
    if flop not in pair.at_flop:
        raise KeyError(f"{name}: no gain was asked for at {flop:g} FLOP; {pair.at_flop} are")
    lines = frame[frame["estimator"] == (estimator or pair.main)]
    return lines.iloc[GRID + pair.at_flop.index(flop)]


def experts_gain(flop: float = 2.8e19, estimator: str = "") -> pd.Series:
    """Return the gain of mixtures of experts over dense models at a compute of the mixture, with its interval."""
    return at_compute("moe_dense", flop, estimator)


@functools.cache
def mean_gain(name: str) -> dict[str, float]:
    """Return the geometric mean of the gain over the shared range, by the main estimator: gain, low, high."""
    table = _log_draws(name, named(name).main, losses(name))[0][:, :GRID]
    means = np.array([_mean(line) for line in table])
    low, _, high = runs.interval(means[1:], fewest(name))
    return {"gain": float(np.exp(means[0])), "low": float(np.exp(low)), "high": float(np.exp(high))}


def _mean(line: np.ndarray) -> float:
    known = np.isfinite(line)
    return float(line[known].mean()) if known.sum() > GRID * SUPPORTED else np.nan


@functools.cache
def trend(name: str, estimator: str = "") -> dict[str, float]:
    """Return how ln gain grows with ln compute of the new algorithm over the shared range, with its 95% interval.

    Least squares over the grid of losses; the compute is that of all runs. Zero is a gain that does not depend on
    scale. Keys: slope, low, high, and decades, the width of the range in powers of ten of compute.
    """
    pair, wanted = named(name), losses(name)
    table, _, new = _log_draws(name, estimator or pair.main, wanted)
    logs, table = new[0, :GRID], table[:, :GRID]
    slopes = np.array([_slope(logs, line) for line in table])
    low, _, high = runs.interval(slopes[1:], fewest(name))
    span = (np.nanmax(logs) - np.nanmin(logs)) / np.log(10.0)
    return {"slope": float(slopes[0]), "low": low, "high": high, "decades": float(span)}


def _slope(logs: np.ndarray, line: np.ndarray) -> float:
    """Return the slope of a line through what is known of it, nan if that is less than half."""
    known = np.isfinite(line) & np.isfinite(logs)
    if known.sum() <= len(line) * SUPPORTED:
        return np.nan
    centred = logs[known] - logs[known].mean()
    return float((centred * line[known]).sum() / (centred**2).sum())
