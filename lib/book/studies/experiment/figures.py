"""Figures and tables of the book's own training runs: loss against compute, single changes, the design."""

from collections.abc import Callable, Iterable

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from algoprogress.show.style import COLOURS, ROLES, house, interval, subplots
from algoprogress.show.words import MISSING, written
from book.chart import log_axis, rows, words
from book.studies.ablations import study as published
from book.studies.experiment import study

ROLE_OF = {"lstm": "published", "transformer_2017": "alternative", "transformer_today": "ours"}
MARKS = {"D": "◆", "^": "▲", "o": "●"}
WORDS = {
    "norm_place": "pre-norm / post-norm", "norm": "RMS norm / layer norm", "position": "rotary / sinusoidal",
    "activation": "SwiGLU / ReLU", "schedule": "linear decay / inverse root", "weight_decay": "weight decay / none",
    "dropout": "no dropout / dropout", "optimiser": "AdamW / SGD", "experts": "four experts / dense",
    "muon": "Muon / AdamW",
}  # fmt: skip
EDGES = (0.3, 5.0)
SAME = {  # changes that Gundlach et al. measured too, and the algorithm without each
    "pre_vs_post": "today_post_norm", "rms_vs_layer": "today_layer_norm", "rotary_vs_sinusoidal": "today_sinusoidal",
}  # fmt: skip


@house()
def frontiers(frame: pd.DataFrame) -> Figure:
    """Return loss against training compute of the tuned runs of `study.ends`, the best of each budget joined."""
    fig, ax = subplots(size="wide")
    for place, (name, role) in zip((0.0, 0.2, 0.55), ROLE_OF.items(), strict=True):
        drawn, best = ROLES[role], study.best(frame, name)
        tuned = study.tuned(frame[frame["algorithm"] == name])
        for part, size, alpha in ((tuned, 14, 0.45), (best, 40, 1.0)):
            at = part["training_compute_flop"], part["loss_nats"]
            ax.scatter(*at, s=size, marker=drawn.marker, color=drawn.colour, alpha=alpha, linewidth=0)
        ax.plot(best["training_compute_flop"], best["loss_nats"], color=drawn.colour, linestyle=drawn.line)
        words(ax, place, 1.02, f"{MARKS[drawn.marker]} {study.FAMILIES[name]}", role)
    ax.set(xscale="log", xlabel="training compute, FLOP (log scale)", ylabel="loss, nats per token")
    log_axis(ax.xaxis, tuple(sorted(frame["budget_flop"].unique())), lambda flop: written(flop, ".0e"))
    return fig


@house()
def changes(frame: pd.DataFrame) -> Figure:
    """Return the gains of single changes with their intervals, a row each (`study.changes`)."""
    fig, ax = subplots(size="wide")
    places = -np.arange(len(frame))
    ax.axvline(1.0, color=COLOURS["muted"], linewidth=1, linestyle=":")
    for place, row in zip(places, frame.itertuples(), strict=True):
        interval(ax, place, row.gain, "alternative" if row.added else "ours", EDGES)
    rows(ax, places, [named(row) for row in frame.itertuples()], fontsize=8.5)
    ax.set(xscale="log", xlim=EDGES, xlabel="compute-equivalent gain of the first over the second (log scale)")
    log_axis(ax.xaxis, (0.3, 0.5, 0.7, 1, 1.5, 2, 3, 4))
    return fig


def named(row: object) -> str:
    """Return a row of `study.changes` in words."""
    return WORDS["muon" if row.algorithm == "today_muon" else row.innovation]


def changes_table(frame: pd.DataFrame) -> pd.DataFrame:
    """Return `study.changes` to read, with a verdict on each."""
    names = [named(row) for row in frame.itertuples()]
    verdicts = [study.verdict(found, 1.0) for found in frame["gain"]]
    return pd.DataFrame({"change": names, "gain": frame["gain"], "budgets": frame["budgets"], "better": verdicts})


def flops(budgets: Iterable[float]) -> str:
    """Return the range of some budgets in FLOP, in words.

    >>> flops([1e11, 3e10])
    '3 × 10¹⁰ to 1 × 10¹¹'
    """
    return " to ".join(dict.fromkeys(written(each(budgets), ".0e") for each in (min, max)))


def beside() -> pd.DataFrame:
    """Return the changes that Gundlach et al. measured too: their gains, and those of the book's own tiny runs."""
    own = study.changes(study.ends()).set_index("algorithm")["gain"]
    bars = published.bars().set_index("id").loc[list(SAME)]
    shown = bars.rename(columns={"september": "September, seeds"})[["better", "worse", "published", "September, seeds"]]
    return shown.assign(**{"this book, tiny": [own[name] for name in SAME.values()]}).reset_index(drop=True)


def verdicts(found: Callable, frame: pd.DataFrame, reference: str, new: str) -> tuple[str, str]:
    """Return the verdict on `study.exponent_gap` or `study.trend`, by the rule set and if all looks count."""
    both = (found(frame, reference, new, looks=looks) for looks in (1, study.LOOKS))
    return tuple(study.verdict(each) for each in both)


def counted(frame: pd.DataFrame) -> str:
    """Return in words which of two verdicts, on the transformers of 2017 and of today, hold if every look counts."""
    first, second = (len(set(verdicts(study.exponent_gap, frame, *two))) == 1 for two in study.PAIRS[:2])
    one = "only the first holds" if first else "only the second holds"
    return one if first != second else "both hold" if first else "neither holds"


def rounds(frame: pd.DataFrame) -> list[str]:
    """Return in words the budgets in FLOP of the first round of runs, and the largest one of each round after it."""
    each = [study.budgets(frame.iloc[:end]) for end in (*study.ASKED, len(frame))]
    return [flops(each[0]), *(flops(found[-1:]) for found in each[1:])]


def design(frame: pd.DataFrame) -> pd.DataFrame:
    """Return what was trained by algorithm and budget: sizes, runs, seeds, the best size and rate, and its loss."""
    shown = []
    for (name, flop), part in frame.groupby(["algorithm", "budget_flop"], sort=False):
        tuned = study.tuned(part)
        best, widths = tuned.loc[tuned["loss_nats"].idxmin()], tuned["width"]
        edges = [] if best["inside"] else ["rate"]
        edges += [] if len(widths) == 1 or widths.min() < best["width"] < widths.max() else ["size"]
        shown.append(
            {
                "algorithm": name,
                "budget, FLOP": written(flop, ".0e"),
                "runs, by round": " + ".join(map(str, np.histogram(part.index, [0, *study.ASKED, len(frame)])[0])),
                "sizes": len(widths),
                "seeds": part["seed"].nunique(),
                "best width": best["width"],
                "rate": written(best["rate"], ".2g"),
                "loss": best["loss_nats"],
                "at an edge": ", ".join(edges) or MISSING,
            }
        )
    return pd.DataFrame(shown)


def questions(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the questions of pairs with what the runs say, by the rules that were set: a line a pair."""
    shown = []
    for reference, new in study.PAIRS:
        gap, mean = study.exponent_gap(frame, reference, new), study.mean_gain(frame, reference, new)
        slope, losses = study.trend(frame, reference, new), study.support(frame, reference, new)
        shown.append(
            {
                "from": study.FAMILIES[reference],
                "to": study.FAMILIES[new],
                "exponent steeper by": gap,
                "steeper": "{} ({})".format(*verdicts(study.exponent_gap, frame, reference, new)),
                "gain": mean,
                "losses, nats": MISSING if np.isnan(losses[0]) else " to ".join(f"{loss:.2f}" for loss in losses),
                "trend of the gain": slope,
                "grows": "{} ({})".format(*verdicts(study.trend, frame, reference, new)),
            }
        )
    return pd.DataFrame(shown)
