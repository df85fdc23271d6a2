"""Pairs of algorithms as tables to read and to draw."""

import numpy as np
import pandas as pd

from algoprogress.frontiers import runs
from algoprogress.show.estimate import Estimate
from algoprogress.show.words import MISSING, written
from book.studies.compute_optimal import crossings, matrix, repetition, study
from book.studies.compute_optimal.pairs import MAIN, NAMED, PAIRS

ESTIMATORS = {
    "power law": "power law, floor fixed",
    "floor": "power law, floor fitted",
    "envelope": "least loss so far",
    "isotonic": "isotonic, end points",
    "isoflop": "IsoFLOP minima",
    "law": "law in size and tokens",
}
TEXTS = {"openlm": "recent text", "ptb": "Penn Treebank", "c4": "C4", "rw": "RefinedWeb", "rpj": "RedPajama"}
SETS = {"rw": "RefinedWeb", "rpj": "RedPajama"}
PANELS = ("lstm_modern", "xlstm_llama", "moe_dense", "recipe", "schedule", "data_rpj_openlm")
KINDS = ("architecture", "sparsity", "recipe", "data")
EPOCHS = (2, 4, 7, 14, 44)
NO_GAIN = Estimate(np.nan)


def cell(found: Estimate) -> str:
    """Return a gain with its interval; a dash if there is none, and a star if only the interval is missing.

    >>> cell(Estimate(1.5)), cell(Estimate(float("nan"), 1.0, 2.0)), cell(Estimate(1.5, 1.0, 2.0))
    ('1.50*', '–', '1.50 [1.00, 2.00]')
    """
    if not np.isfinite(found.value):
        return MISSING
    return found.text(".2f") if np.isfinite([found.low, found.high]).all() else f"{written(found.value)}*"


def measured() -> pd.DataFrame:
    """Return what was measured of each pair that the figures show: runs, ranges of compute and loss, caveat."""
    rows = []
    for pair in MAIN:
        frame = study.over_range(pair).iloc[[0, -1]]
        source, counts = f"{pair.source[:-4].title()} et al. {pair.source[-4:]}", (each["run"] for each in pair.runs)
        flop = " to ".join(written(value, ".1e") for value in frame["new_flop"])
        loss = " to ".join(written(value) for value in frame["loss_nats"])
        many = " and ".join(f"{each.nunique()}" for each in counts)
        rows.append((pair.title, source, many, pair.resampled, flop, loss, pair.caveat))
    columns = ["pair", "source", "runs", "resampled", "FLOP of the new", "loss, nats", "caveat"]
    return pd.DataFrame(rows, columns=columns)


def summary() -> pd.DataFrame:
    """Return the gain a quarter and three quarters of the way, and its trend, by the main estimator of each pair."""
    rows = []
    for pair in MAIN:
        frame, slope = study.over_range(pair), study.trend(pair)
        ends = zip(*(frame[name].iloc[[study.EARLY, study.LATE]] for name in ("gain", "loss_nats")), strict=True)
        said = (f"{cell(gain)} at {written(loss)}" for gain, loss in ends)
        rows.append((pair.title, ESTIMATORS[pair.main], *said, cell(slope), verdict(slope)))
    return pd.DataFrame(rows, columns=["pair", "estimator", "gain early", "gain late", "trend", "with scale"])


def verdict(slope: Estimate) -> str:
    """Return in words what the interval of a trend says."""
    if not np.isfinite(slope.low):
        return "not testable"
    return "grows" if slope.low > 0 else ("shrinks" if slope.high < 0 else "neither shown")


def by_estimator() -> pd.DataFrame:
    """Return the gain at both losses and the trend by each estimator, and whether its intervals meet the main one's.

    Columns: name, estimator, early, late, trend, agree (how many meet, of those that both have), compared.
    """
    rows = []
    for pair in MAIN:
        known = {each: _early_and_late(study.over_range(pair, each)) for each in pair.estimators}
        for estimator, (early, late) in known.items():
            meets = [_meet(*both) for both in zip((early, late), known[pair.main], strict=True)]
            shown = [each for each in meets if each is not None]
            trend = study.trend(pair, estimator)
            rows.append((pair.name, estimator, early, late, trend, sum(shown), len(shown)))
    return pd.DataFrame(rows, columns=["name", "estimator", "early", "late", "trend", "agree", "compared"])


def _early_and_late(frame: pd.DataFrame) -> list[Estimate]:
    return [frame["gain"].iloc[place] for place in (study.EARLY, study.LATE)]


def _meet(one: Estimate, other: Estimate) -> bool | None:
    """Return whether two intervals overlap, None where one is missing."""
    if not (one.bounded and other.bounded):
        return None
    return bool(one.low <= other.high and other.low <= one.high)


def estimators(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the result of `by_estimator` to read."""
    met = [f"{row.agree} of {row.compared}" if row.compared else MISSING for row in frame.itertuples()]
    shown = {"pair": [NAMED[name].title for name in frame["name"]], "estimator": frame["estimator"].map(ESTIMATORS)}
    for title, name in (("gain early", "early"), ("gain late", "late"), ("trend", "trend")):
        shown[title] = frame[name].map(cell)
    return pd.DataFrame({**shown, "meets the first": met})


def texts() -> pd.DataFrame:
    """Return the mean gain of each training set over C4, by the text on which the loss is read, and its trend."""
    rows = []
    for short, words in SETS.items():
        for text, on in TEXTS.items():
            pair = NAMED[f"data_{short}_{text}"]
            rows.append((words, on, cell(study.mean_gain(pair)), cell(study.trend(pair))))
    columns = ["trained on, instead of C4", "loss read on", "gain, mean over the range", "trend"]
    return pd.DataFrame(rows, columns=columns)


def repeated() -> pd.DataFrame:
    """Return the gain of fresh text over repeated by epochs and size, by the law."""
    near = {epochs: repetition.close(repetition.near(epochs), epochs) for epochs in EPOCHS}
    shown = {"epochs": [f"{epochs}" for epochs in EPOCHS]}
    for parameters in repetition.SETS:
        flop = written(repetition.in_set(parameters)["training_compute_flop"].iloc[0], ".1e")
        found = [lines.loc[lines["parameters"] == parameters, "gain"] for lines in near.values()]
        shown[f"at {flop} FLOP"] = [cell(each.iloc[0]) if len(each) else MISSING for each in found]
    return pd.DataFrame(shown)


def crossed() -> pd.DataFrame:
    """Return the gains in GPU-hours to read, each beside the old and the new of the other."""
    rows, means = [], []
    for (what, beside), lines in crossings.gains().groupby(["what", "beside"]):
        rows.append({"pair": f"{crossings.WORDS[what]}, on {crossings.BESIDE[beside]}"})
        for line in lines.to_dict("records"):
            said = written(line["gain"]) if line["measured"] else "never reached"
            rows[-1][f"{line['size']} to {line['target_bpb']:.3f}"] = said
        means.append(cell(crossings.mean(what, beside)))
    return pd.DataFrame(rows).assign(**{"mean of sizes": means})


def gains() -> pd.DataFrame:
    """Return the gains of the figure over compute: name, kind and the columns of `study.gains`, measured alone."""
    parts = [study.over_range(pair).assign(name=pair.name, kind=pair.kind, estimator=pair.main) for pair in MAIN]
    return pd.concat(parts, ignore_index=True)


def by_laws() -> pd.DataFrame:
    """Return the gain of xLSTM by the published laws over their range: new_flop, gain."""
    low, high = matrix.shared_support(*matrix.BECK)
    flops = np.geomspace(low * 1.001, high * 0.999, 25)
    return pd.DataFrame({"new_flop": flops, "gain": [matrix.by_laws(float(flop)) for flop in flops]})


def forest() -> pd.DataFrame:
    """Return a line a pair for the main figure, grouped by kind: early and late gain, trend, each with interval.

    Columns: name, kind, title, early, late, slope, currency. Repetition stands with its epochs early and late,
    crossings with their smallest and largest size.
    """
    rows = [
        (pair.name, pair.kind, pair.title, *_early_and_late(study.over_range(pair)), study.trend(pair), "FLOP")
        for pair in MAIN
    ]
    rows += [_repetition(epochs) for epochs in (4, 14)]
    rows += [_crossing("algorithm", "D1_modern", "recipe"), _crossing("training_set", "A0_gpt2", "data")]
    frame = pd.DataFrame(rows, columns=["name", "kind", "title", "early", "late", "slope", "currency"])
    return frame.sort_values("kind", key=lambda kind: kind.map(KINDS.index), kind="stable", ignore_index=True)


def _repetition(epochs: int) -> tuple:
    frame = repetition.close(repetition.near(epochs), epochs)
    ends = frame["gain"].iloc[0], frame["gain"].iloc[-1]
    slope = repetition.trend(epochs) if len(frame) > 2 else NO_GAIN
    return (f"repetition_{epochs}", "data", f"{epochs} epochs to one, C4", *ends, slope, "FLOP")


def _crossing(what: str, beside: str, kind: str) -> tuple:
    gain = crossings.of(what, beside)["gain"]
    ends, slope = (Estimate(float(gain.iloc[place])) for place in (0, -1)), crossings.trend(what, beside)
    return (f"crossing_{what}", kind, crossings.WORDS[what], *ends, slope, "GPU-hours")


def frontiers() -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return points and lines of the small multiples: name, side, training_compute_flop, loss_nats.

    Points are the ends of runs; lines the frontiers by the main estimator, within what was measured.
    """
    points, lines = [], []
    for pair in (NAMED[name] for name in PANELS):
        for side, frame, curve in zip(("reference", "new"), pair.runs, study.curves(pair), strict=True):
            told, flops = {"name": pair.name, "side": side}, np.geomspace(*curve.support_flop, 60)[1:-1]
            points.append(runs.end_points(frame)[["training_compute_flop", "loss_nats"]].assign(**told))
            lines.append(pd.DataFrame({**told, "training_compute_flop": flops, "loss_nats": curve.loss(flops)}))
    return pd.concat(points, ignore_index=True), pd.concat(lines, ignore_index=True)


def laws_by_compute() -> pd.DataFrame:
    """Return the gain of laws that can be compared, by compute of the new one, to read; a dash outside the support."""
    frame, titles = matrix.matrix(), {id: law.name for id, law in matrix.laws().items()}
    frame = frame[frame["comparison"].isin(matrix.COMPARABLE)]
    later = frame["reference"].map(list(titles).index) < frame["new"].map(list(titles).index)
    rows = []
    for (reference, new, footing), lines in frame[later].groupby(["reference", "new", "comparison"], sort=False):
        said = lines["gain"].map(lambda gain: written(gain) if np.isfinite(gain) else MISSING)
        cells = dict(zip(lines["compute_flop"].map(lambda flop: written(flop, ".0e")), said, strict=True))
        rows.append({"reference": titles[reference], "new": titles[new], "footing": footing, **cells})
    return pd.DataFrame(rows)


def implied(ledger: pd.DataFrame) -> pd.DataFrame:
    """Return the gain that the historical law implies over the years between two families, beside the measured one."""
    known, rows = ledger.set_index("id"), []
    for pair in (each for each in PAIRS if each.years is not None):
        ids = [f"frontier.{pair.name}.{what}" for what in ("late", "implied.published", "implied.converged")]
        found = [Estimate.of_row(known.loc[id], ("estimate", "low", "high")).text(",.3g") for id in ids]
        rows.append((pair.title, f"{pair.years[1] - pair.years[0]:.1f}", *found))
    columns = ["pair", "years between", "measured, late", "implied, as published", "implied, converged fits"]
    return pd.DataFrame(rows, columns=columns)


def panel_titles() -> dict[str, str]:
    """Return the titles of the small multiples by pair."""
    return {name: f"◆ {NAMED[name].reference}, ● {NAMED[name].new}" for name in PANELS}


def law_titles() -> dict[str, str]:
    """Return the names of the published laws by id, short enough for the axis of a figure."""
    return {id: law.name.replace(" et al. ", " ") for id, law in matrix.laws().items()}


def runs_in_all() -> int:
    """Return how many runs the pairs of the figures rest on, those of several pairs once."""
    seen = set()
    for pair in MAIN:
        for frame in pair.runs:
            names = ["run"] if pair.kind == "data" else ["training_compute_flop", "loss_nats"]
            last = runs.end_points(frame)[names]  # a run read on several texts has several losses
            seen |= {(pair.source, *row) for row in last.itertuples(index=False, name=None)}
    return len(seen)


def laws_to_download() -> pd.DataFrame:
    """Return `matrix.centre`, which the figure shows, over `matrix.matrix`; `at` tells them apart."""
    parts = {"middle of the shared range": matrix.centre(), "fixed compute": matrix.matrix()}
    return pd.concat([frame.assign(at=at) for at, frame in parts.items()], ignore_index=True)
