"""Pairs of algorithms as tables to read and to draw."""

from __future__ import annotations

import numpy as np
import pandas as pd

from algoprogress.frontiers import runs
from algoprogress.show.words import MISSING, written
from book.studies.attribution.tables import ends
from book.studies.compute_optimal import crossings, matrix, repetition
from book.studies.compute_optimal import study as pairs

ESTIMATORS = {
    "power law": "power law, floor fixed",
    "floor": "power law, floor fitted",
    "envelope": "least loss so far",
    "isotonic": "isotonic, end points",
    "isoflop": "IsoFLOP minima",
    "law": "law in size and tokens",
}
SOURCES = {
    "gundlach2025": "Gundlach et al. 2025",
    "beck2026": "Beck et al. 2026",
    "li2025": "Li et al. 2025",
    "porian2024": "Porian et al. 2024",
    "gadre2024": "Gadre et al. 2024",
}
TEXTS = {"openlm": "recent text", "ptb": "Penn Treebank", "c4": "C4", "rw": "RefinedWeb", "rpj": "RedPajama"}
SETS = {"rw": "RefinedWeb", "rpj": "RedPajama"}
PANELS = ("lstm_modern", "xlstm_llama", "moe_dense", "recipe", "schedule", "data_rpj_openlm")
GAIN = ("gain", "low", "high")
EPOCHS = (2, 4, 7, 14, 44)
COMMON = 1e20  # FLOP, at which laws are compared in one sentence


def cell(gain: float, low: float, high: float) -> str:
    """Return a gain with its interval; a dash if there is none, and a star if only the interval is missing.

    >>> cell(1.5, float("nan"), float("nan")), cell(float("nan"), 1.0, 2.0), cell(1.5, 1.0, 2.0)
    ('1.50*', '–', '1.50 [1.00, 2.00]')
    """
    if not np.isfinite(gain):
        return MISSING
    return ends(gain, low, high) if np.isfinite(low) and np.isfinite(high) else f"{written(gain)}*"


def measured() -> pd.DataFrame:
    """Return what was measured of each pair that the figures show: runs, ranges of compute and loss, caveat."""
    rows = []
    for name in pairs.MAIN:
        pair, frame = pairs.named(name), pairs.main_gains(name)
        counts = " and ".join(f"{each['run'].nunique()}" for each in pairs.frames(name))
        flop = " to ".join(written(value, ".1e") for value in frame["new_flop"].iloc[[0, -1]])
        loss = " to ".join(written(value) for value in frame["loss_nats"].iloc[[0, -1]])
        rows.append((pair.title, SOURCES[pair.source], counts, pair.resampled, flop, loss, pair.caveat))
    return pd.DataFrame(
        rows, columns=["pair", "source", "runs", "resampled", "FLOP of the new", "loss, nats", "caveat"]
    )


def summary() -> pd.DataFrame:
    """Return the gain a quarter and three quarters of the way, and its trend, by the main estimator of each pair."""
    rows = []
    for name in pairs.MAIN:
        pair, frame, slope = pairs.named(name), pairs.main_gains(name), pairs.trend(name)
        early, late = (frame.iloc[place] for place in (pairs.EARLY, pairs.LATE))
        rows.append(
            (
                pair.title,
                ESTIMATORS[pair.main],
                *(
                    f"{cell(each['gain'], each['low'], each['high'])} at {written(each['loss_nats'])}"
                    for each in (early, late)
                ),
                cell(slope["slope"], slope["low"], slope["high"]),
                verdict(slope),
            )
        )
    return pd.DataFrame(rows, columns=["pair", "estimator", "gain early", "gain late", "trend", "with scale"])


def verdict(slope: dict[str, float]) -> str:
    """Return in words what the interval of a trend says."""
    if not np.isfinite(slope["low"]):
        return "not testable"
    return "grows" if slope["low"] > 0 else ("shrinks" if slope["high"] < 0 else "neither shown")


def by_estimator() -> pd.DataFrame:
    """Return the gain at both losses and the trend by each estimator, and whether its intervals meet the main one's.

    Columns: pair, estimator, early, late, trend (each with low and high beside), agrees (of what both have).
    """
    rows = []
    for name in pairs.MAIN:
        pair, frame = pairs.named(name), pairs.gains(name)
        known = {}
        for estimator in pair.estimators:
            lines = frame[frame["estimator"] == estimator]
            known[estimator] = [lines.iloc[place] for place in (pairs.EARLY, pairs.LATE)]
            slope = pairs.trend(name, estimator)
            meets = [_meet(*both) for both in zip(known[estimator], known[pair.main], strict=True)]
            shown = [each for each in meets if each is not None]
            rows.append(
                (
                    name,
                    estimator,
                    *(each[part] for each in known[estimator] for part in GAIN),
                    slope["slope"],
                    slope["low"],
                    slope["high"],
                    sum(shown),
                    len(shown),
                )
            )
    names = [f"{part}{end}" for part in ("early", "late", "trend") for end in ("", "_low", "_high")]
    return pd.DataFrame(rows, columns=["name", "estimator", *names, "agree", "compared"])


def _meet(one: pd.Series, other: pd.Series) -> bool | None:
    """Return whether two intervals overlap, None where one is missing."""
    if not np.isfinite([one["low"], other["low"]]).all():
        return None
    return bool(one["low"] <= other["high"] and other["low"] <= one["high"])


def estimators(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the result of `by_estimator` to read."""
    return pd.DataFrame(
        {
            "pair": [pairs.named(name).title for name in frame["name"]],
            "estimator": frame["estimator"].map(ESTIMATORS),
            **{
                head: [cell(*row) for row in frame[[part, f"{part}_low", f"{part}_high"]].to_numpy()]
                for part, head in (("early", "gain early"), ("late", "gain late"), ("trend", "trend"))
            },
            "meets the first": [
                f"{row.agree} of {row.compared}" if row.compared else MISSING for row in frame.itertuples()
            ],
        }
    )


def texts() -> pd.DataFrame:
    """Return the mean gain of each training set over C4, by the text on which the loss is read, and its trend."""
    rows = []
    for short, words in SETS.items():
        for text, on in TEXTS.items():
            found, slope = (each(f"data_{short}_{text}") for each in (pairs.mean_gain, pairs.trend))
            rows.append((words, on, cell(*found.values()), cell(slope["slope"], slope["low"], slope["high"])))
    return pd.DataFrame(
        rows, columns=["trained on, instead of C4", "loss read on", "gain, mean over the range", "trend"]
    )


def repeated() -> pd.DataFrame:
    """Return the gain of fresh text over repeated by epochs and size, by the law."""
    frame = repetition.costs()
    frame = frame[frame["estimator"] == "law"]
    shown = {"epochs": [f"{epochs}" for epochs in EPOCHS]}
    for parameters in repetition.SETS:
        lines = frame[frame["parameters"] == parameters]
        flop = written(lines["training_compute_flop"].iloc[0], ".1e")
        shown[f"at {flop} FLOP"] = [_nearest(lines, epochs) for epochs in EPOCHS]
    return pd.DataFrame(shown)


def _nearest(lines: pd.DataFrame, epochs: float) -> str:
    distance = np.abs(np.log(lines["epochs"] / epochs))
    row = lines.loc[distance.idxmin()]
    return cell(row["gain"], row["low"], row["high"]) if distance.min() < 0.15 else MISSING


def crossed() -> pd.DataFrame:
    """Return the gains in GPU-hours to read, each beside the old and the new of the other."""
    frame = crossings.gains()
    words = frame["what"].map(crossings.WORDS) + ", on " + frame["beside"].map(crossings.BESIDE)
    wide = frame.assign(
        pair=words,
        cell=[
            written(gain) if ok else "never reached" for gain, ok in zip(frame["gain"], frame["measured"], strict=True)
        ],
    )
    wide["target"] = wide["size"] + " to " + wide["target_bpb"].map("{:.3f}".format)
    table = wide.pivot_table(index="pair", columns="target", values="cell", aggfunc="first", sort=False).reset_index()
    keys = list(zip(frame["what"], frame["beside"], strict=True))
    means = [crossings.mean(*key) for key in dict.fromkeys(keys)]
    table["mean of sizes"] = [cell(each["gain"], each["low"], each["high"]) for each in means]
    return table.rename_axis(columns=None)


def gains() -> pd.DataFrame:
    """Return the gains of the figure over compute: name, kind and the columns of `pairs.gains`, measured alone."""
    parts = [pairs.main_gains(name).assign(name=name, kind=pairs.named(name).kind) for name in pairs.MAIN]
    return pd.concat(parts, ignore_index=True)


def by_laws() -> pd.DataFrame:
    """Return the gain of xLSTM by the published laws over their range: new_flop, gain, low, high."""
    low, high = matrix.shared_support(*matrix.BECK)
    flops = np.geomspace(low * 1.001, high * 0.999, 25)
    return pd.DataFrame([{"new_flop": flop, **matrix.by_laws(float(flop))} for flop in flops])


def forest() -> pd.DataFrame:
    """Return a line a pair for the main figure, grouped by kind: early and late gain, trend, each with interval.

    Columns: name, kind, title, early, early_low, early_high, late, late_low, late_high, slope, slope_low, slope_high,
    currency. Repetition stands with its epochs early and late, crossings with their smallest and largest size.
    """
    rows = []
    for name in pairs.MAIN:
        pair, frame, slope = pairs.named(name), pairs.main_gains(name), pairs.trend(name)
        both = [frame.iloc[place][part] for place in (pairs.EARLY, pairs.LATE) for part in ("gain", "low", "high")]
        rows.append((name, pair.kind, pair.title, *both, slope["slope"], slope["low"], slope["high"], "FLOP"))
    rows += [_repetition(epochs) for epochs in (4, 14)] + [
        _crossing(*each) for each in (("algorithm", "D1_modern"), ("training_set", "A0_gpt2"))
    ]
    names = [f"{part}{end}" for part in ("early", "late", "slope") for end in ("", "_low", "_high")]
    frame = pd.DataFrame(rows, columns=["name", "kind", "title", *names, "currency"])
    order = frame["kind"].map({kind: place for place, kind in enumerate(pairs.KINDS)})
    return frame.assign(order=order).sort_values("order", kind="stable", ignore_index=True).drop(columns="order")


def _repetition(epochs: int) -> tuple:
    frame = repetition.near(epochs)
    frame = frame[np.abs(np.log(frame["epochs"] / epochs)) < 0.15]
    both = [frame.iloc[place][part] for place in (0, -1) for part in ("gain", "low", "high")]
    found = repetition.trend(epochs) if len(frame) > 2 else dict.fromkeys(("slope", "low", "high"), np.nan)
    return (f"repetition_{epochs}", "data", f"{epochs} epochs to one, C4", *both, *found.values(), "FLOP")


def _crossing(what: str, beside: str) -> tuple:
    frame = crossings.gains()
    frame = frame[(frame["what"] == what) & (frame["beside"] == beside)]
    both = [value for place in (0, -1) for value in (frame["gain"].iloc[place], np.nan, np.nan)]
    kind = {"algorithm": "recipe", "training_set": "data"}[what]
    return (
        f"crossing_{what}",
        kind,
        crossings.WORDS[what],
        *both,
        *crossings.trend(what, beside).values(),
        "GPU-hours",
    )


def frontiers() -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return points and lines of the small multiples: name, side, training_compute_flop, loss_nats.

    Points are the ends of runs; lines the frontiers by the main estimator, within what was measured.
    """
    points, lines = [], []
    for name in PANELS:
        for side, frame, curve in zip(("reference", "new"), pairs.frames(name), pairs.curves(name), strict=True):
            ends_of = runs.end_points(frame)[["training_compute_flop", "loss_nats"]]
            points.append(ends_of.assign(name=name, side=side))
            flops = np.geomspace(*curve.support_flop, 60)[1:-1]
            losses = [runs.loss_at(curve, flop) for flop in flops]
            lines.append(
                pd.DataFrame({"name": name, "side": side, "training_compute_flop": flops, "loss_nats": losses})
            )
    return pd.concat(points, ignore_index=True), pd.concat(lines, ignore_index=True)


def laws_by_compute() -> pd.DataFrame:
    """Return the gain of laws that can be compared, by compute of the new one, to read; a dash outside the support."""
    frame, titles = matrix.matrix(), {id: law.name for id, law in matrix.laws().items()}
    frame = frame[frame["comparison"].isin(matrix.COMPARABLE)]
    later = frame["reference"].map(list(titles).index) < frame["new"].map(list(titles).index)
    rows = []
    for (reference, new, footing), lines in frame[later].groupby(["reference", "new", "comparison"], sort=False):
        cells = {f"{written(row.compute_flop, '.0e')}": cell_of(row.gain) for row in lines.itertuples()}
        rows.append({"reference": titles[reference], "new": titles[new], "footing": footing, **cells})
    return pd.DataFrame(rows)


def cell_of(gain: float) -> str:
    """Return a gain without an interval, a dash where there is none."""
    return written(gain) if np.isfinite(gain) else MISSING


def implied(ledger: pd.DataFrame) -> pd.DataFrame:
    """Return the gain that the historical law implies over the years between two families, beside the measured one."""
    known, rows = ledger.set_index("id"), []
    for pair in pairs.PAIRS:
        if pair.years is None:
            continue
        found = [
            known.loc[f"frontier.{pair.name}.{what}"] for what in ("late", "implied.published", "implied.converged")
        ]
        rows.append(
            (
                pair.title,
                f"{pair.years[1] - pair.years[0]:.1f}",
                *(ends(row["estimate"], row["low"], row["high"], ",.3g") for row in found),
            )
        )
    return pd.DataFrame(
        rows, columns=["pair", "years between", "measured, late", "implied, as published", "implied, converged fits"]
    )


def panel_titles() -> dict[str, str]:
    """Return the titles of the small multiples by pair."""
    return {name: f"◆ {pairs.named(name).reference}, ● {pairs.named(name).new}" for name in PANELS}


def law_titles() -> dict[str, str]:
    """Return the names of the published laws by id, short enough for the axis of a figure."""
    return {id: law.name.replace(" et al. ", " ") for id, law in matrix.laws().items()}


def runs_in_all() -> int:
    """Return how many runs the pairs of the figures rest on, those of several pairs once."""
    seen = set()
    for name in pairs.MAIN:
        pair = pairs.named(name)
        for frame in pairs.frames(name):
            names = ["run"] if pair.kind == "data" else ["training_compute_flop", "loss_nats"]
            last = runs.end_points(frame)[names]  # a run read on several texts has several losses
            seen |= {(pair.source, *row) for row in last.itertuples(index=False, name=None)}
    return len(seen)


def laws_to_download() -> pd.DataFrame:
    """Return `matrix.centre`, which the figure shows, over `matrix.matrix`; `at` tells them apart."""
    parts = {"middle of the shared range": matrix.centre(), "fixed compute": matrix.matrix()}
    return pd.concat([frame.assign(at=at) for at, frame in parts.items()], ignore_index=True)
