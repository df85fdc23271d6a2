"""The scaling laws of families as tables to read and to draw."""

import itertools

import numpy as np
import pandas as pd

from algoprogress.frontiers import runs
from algoprogress.show.estimate import Estimate
from book.studies.scaling import study

COLLECTIONS = {"published": "as published", "reruns": "reruns"}  # the choice of the laws in each
ESTIMATORS = {
    "power law": "power law, floor 1.9", "floor": "power law, floor fitted", "envelope": "least loss so far",
    "isotonic": "isotonic, end points", "isoflop": "IsoFLOP minima",
}  # fmt: skip
SUPPORTED = 0.5  # share of resamples that must reach a loss for an interval to be shown
STATEMENTS = (  # statement of the paper, id that decides it, our verdict and reason in words
    ("Modern transformers gain on LSTMs at small scale", "gundlach.ceg_lstm_modern.loss_5277.direct", "supported"),
    ("The gain over LSTMs grows with scale, to today's transformer", "gundlach.exponent_gap.lstm_modern.reruns15",
     "supported by two sets of runs, not by the published window"),
    ("The gain over LSTMs grows with scale, to the transformer of 2017", "gundlach.exponent_gap.lstm_retro.reruns15",
     "weakened: the reruns do not show it"),
    ("From 2017 to today the gain does not depend on scale", "gundlach.exponent_gap.retro_modern.reruns15",
     "contradicted by the reruns"),
    ("The total at the frontier of 2023", "gundlach.total_2023.interval", "not supported: any order of magnitude fits"),
    ("Most of it depends on scale", "gundlach.scale_dependent_share_2023", "weakened: none to nearly all"),
    ("Own ablations are worth less than ten times", "gundlach.ablations_under_10x", "supported"),
)  # fmt: skip


def points() -> pd.DataFrame:
    """Return the points of the figure of laws: those that none dominates, and the end of each run.

    Columns: collection, family, hidden_dim, training_compute_flop, above_nats (loss above the floor), end.
    """
    parts = []
    for collection, family in itertools.product(COLLECTIONS, study.FAMILIES):
        kept = runs.within(study.of(family, collection), study.LEFT_TO)
        best = kept[runs.nondominated(*kept[list(runs.COLUMNS[1:])].to_numpy(float).T)]
        parts += [best.iloc[::4].assign(end=False), runs.end_points(kept).assign(end=True)]
    frame = pd.concat(parts, ignore_index=True)
    columns = ["collection", "family", "hidden_dim", "training_compute_flop", "above_nats", "end"]
    return frame.assign(above_nats=frame["loss_nats"] - study.FLOOR)[columns]


def lines() -> pd.DataFrame:
    """Return the laws of the figure on a grid of compute: the columns of `points`, and inside their fitted points."""
    parts, flop = [], np.geomspace(1e15, 1e19, 61)
    for (collection, choice), family in itertools.product(COLLECTIONS.items(), study.FAMILIES):
        law = study.law(family, study.named(choice))
        inside = (flop >= law.support_flop[0] * 0.9) & (flop <= law.support_flop[1] * 1.1)
        columns = {"collection": collection, "family": family, "training_compute_flop": flop, "inside": inside}
        parts.append(pd.DataFrame({**columns, "above_nats": law.coefficient * flop**law.exponent}))
    return pd.concat(parts, ignore_index=True)


def laws(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the exponents of `study.laws` to read: a line a choice, a column of estimates a family."""
    wide = frame.pivot_table(index="choice", columns="family", values="exponent", aggfunc="first", sort=False)
    sizes = frame["sizes"].map(str).groupby(frame["choice"], sort=False).agg(", ".join)
    return wide.rename(columns=study.NAMES).assign(sizes=sizes).reset_index().rename_axis(columns=None)


def gains() -> pd.DataFrame:
    """Return `study.gains_in_range` of the three pairs, with the pair's name."""
    parts = (study.gains_in_range(*pair).assign(pair="_".join(pair)) for pair in study.PAIRS)
    return pd.concat(parts, ignore_index=True)


def estimators() -> pd.DataFrame:
    """Return the gain of each pair at two losses by each estimator, to read; a dash where there is no support."""
    parts = []
    for pair in study.PAIRS:
        frame = study.by_estimator(*pair, (study.ABLATION_LOSS, 5.0))
        found = frame["gain"].where(frame["share"] >= SUPPORTED, frame["gain"].map(lambda gain: Estimate(gain.value)))
        names, losses = frame["estimator"].map(ESTIMATORS), frame["loss_nats"].map("at {:g}".format)
        told = {"pair": " to ".join(study.NAMES[name] for name in pair), "estimator": names, "loss": losses}
        parts.append(frame.assign(gain=found, **told))
    keys, frame = ["pair", "estimator"], pd.concat(parts)
    wide = frame.pivot_table(index=keys, columns="loss", values="gain", aggfunc="first", sort=False)
    return wide.rename_axis(columns=None).reset_index()


def statements(ledger: pd.DataFrame) -> pd.DataFrame:
    """Return the paper's statements with the number that decides each and our verdict."""
    known, formats, rows = ledger.set_index("id"), {"": ".3f", "share": ".0%"}, []
    for statement, id, verdict in STATEMENTS:
        row = known.loc[id]
        found = Estimate.of_row(row, ("estimate", "low", "high")).text(formats.get(row["unit"], ",.3g"))
        rows.append((statement, row["statement"], found, verdict))
    return pd.DataFrame(rows, columns=["the paper", "what decides", "estimate", "verdict"])
