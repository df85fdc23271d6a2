"""Pairs of algorithms as tables to read and to draw."""

from itertools import combinations, product

import numpy as np
import pandas as pd

from algoprogress.frontiers import runs
from algoprogress.show.estimate import Estimate
from algoprogress.show.words import MISSING, written
from book.studies.compute_optimal import crossings, matrix, repetition, sparsity, study
from book.studies.compute_optimal.pairs import MAIN, NAMED, PAIRS, RERUNS, SETS, TEXTS, Pair
from book.studies.experiment import study as experiment
from book.studies.verdicts import FOUND

ESTIMATORS = {
    "power law": "power law, floor fixed", "floor": "power law, floor fitted", "envelope": "least loss so far",
    "smooth": "smooth curve", "isoflop": "IsoFLOP minima", "law": "law in size and tokens",
}  # fmt: skip
PANELS = ("lstm_modern", "xlstm_llama", "moe_dense", "recipe", "schedule", "data_rpj_openlm")
PANEL_TITLES = {name: f"◆ {NAMED[name].reference}, ● {NAMED[name].new}" for name in PANELS}
KINDS = ("architecture", "sparsity", "recipe", "data")
EPOCHS = (2, 4, 7, 14, 44)
WHAT = {"algorithm": "GPT-2's to the speedrun's recipe", "training_set": "OpenWebText to modern text"}
OWN = {  # pairs of the book's own runs, and the published pair of the same algorithms
    ("lstm", "transformer_2017"): NAMED["lstm_retro"], ("lstm", "transformer_today"): NAMED["lstm_modern"],
    ("transformer_2017", "transformer_today"): NAMED["retro_modern"],
}  # fmt: skip
BESIDE = {
    "A0_gpt2": "GPT-2's recipe", "A1_modern": "the speedrun's recipe",
    "D0_openwebtext": "OpenWebText", "D1_modern": "modern text",
}  # fmt: skip

MARKS = {"xlstm_llama": "FLOP", "moe_dense": "text"}  # what differs besides the algorithm; of sets, the text itself


def marks(pair: Pair) -> str:
    """Return what differs in a pair besides the algorithm, or is not counted alike; blank if nothing does."""
    return MARKS.get(pair.name, "text" if pair.kind == "data" else "")


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
        ends, source = study.over_range(pair).iloc[[0, -1]], f"{pair.source[:-4].title()} et al. {pair.source[-4:]}"
        many = " and ".join(f"{each['run'].nunique()}" for each in pair.runs)
        flop = " to ".join(written(value, ".1e") for value in ends["new_flop"])
        loss = " to ".join(written(value) for value in ends["loss_nats"])
        differs = marks(pair) or MISSING
        rows.append((pair.title, source, many, pair.resampled, flop, loss, differs, pair.caveat))
    columns = ["pair", "source", "runs", "resampled", "FLOP of the new", "loss, nats", "differs too", "caveat"]
    return pd.DataFrame(rows, columns=columns)


def summary() -> pd.DataFrame:
    """Return the gain a quarter and three quarters of the way, and its trend, by the main estimator of each pair."""
    rows = []
    for pair in MAIN:
        losses, slope = study.losses(pair)[study.ENDS], study.trend(pair)
        gains = zip(study.early_and_late(pair), losses, strict=True)
        said = (f"{cell(gain)} at {written(loss)}" for gain, loss in gains)
        rows.append((pair.title, ESTIMATORS[pair.main], *said, cell(slope), verdict(slope)))
    return pd.DataFrame(rows, columns=["pair", "estimator", "gain early", "gain late", "trend", "with scale"])


def verdict(slope: Estimate) -> str:
    """Return in words what the interval of a trend says."""
    if not np.isfinite(slope.low):
        return "not testable"
    return "grows" if slope.low > 0 else ("shrinks" if slope.high < 0 else "neither shown")


def by_estimator() -> pd.DataFrame:
    """Return by name and estimator early, late, trend, and how many of compared intervals agree with the main
    estimator's; that is not compared with itself."""
    rows = []
    for pair in MAIN:
        for estimator in pair.estimators:
            ends = study.early_and_late(pair, estimator)
            main = study.early_and_late(pair) if estimator != pair.main else ()
            both = [two for two in zip(ends, main, strict=False) if all(each.bounded for each in two)]
            agree = sum(one.low <= other.high and other.low <= one.high for one, other in both)
            rows.append((pair.name, estimator, *ends, study.trend(pair, estimator), agree, len(both)))
    return pd.DataFrame(rows, columns=["name", "estimator", "early", "late", "trend", "agree", "compared"])


def estimators(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the result of `by_estimator` to read."""
    gains = frame[["early", "late", "trend"]].map(cell).set_axis(["gain early", "gain late", "trend"], axis=1)
    met = [f"{row.agree} of {row.compared}" if row.compared else MISSING for row in frame.itertuples()]
    pairs = [NAMED[name].title for name in frame["name"]]
    words = pd.DataFrame({"pair": pairs, "estimator": frame["estimator"].map(ESTIMATORS)})
    return words.join(gains).assign(**{"meets the first": met})


def sparsities() -> pd.DataFrame:
    """Return the gain of mixtures over dense models by experts used and tokens, and its mean."""
    shown = {"experts used": list(sparsity.SPARSITIES.values())}
    for tokens in sparsity.TOKENS:
        shown[f"at {tokens / 1e9:.0f} billion tokens"] = [
            cell(sparsity.gain(each, tokens)) for each in sparsity.SPARSITIES
        ]
    return pd.DataFrame(shown | {"mean": [cell(sparsity.gain(each)) for each in sparsity.SPARSITIES]})


def own() -> pd.DataFrame:
    """Return gain and trend of the families' pairs in the book's own tiny runs, beside those of Gundlach et al."""
    frame, rows = experiment.ends(), []
    for two, pair in OWN.items():
        found = experiment.mean_gain(frame, *two), experiment.trend(frame, *two)
        rows.append((pair.title, "this book, tiny", experiment.budgets(frame), *found))
        for of, each in (("Gundlach et al.", pair), ("their reruns", RERUNS[pair.name])):
            flops = study.over_range(each)["new_flop"].dropna()
            rows.append((pair.title, of, flops, study.mean_gain(each), study.trend(each)))
    shown = pd.DataFrame(rows, columns=["pair", "runs", "FLOP", "gain, mean", "trend"])
    reach = [" to ".join(written(end(flops), ".0e") for end in (min, max)) for flops in shown["FLOP"]]
    return shown.assign(FLOP=reach, **shown[["gain, mean", "trend"]].map(cell))


def texts() -> pd.DataFrame:
    """Return the mean gain of each training set over C4, by the text on which the loss is read, and its trend."""
    rows = []
    for (short, words), (text, on) in product(SETS.items(), TEXTS.items()):
        pair = NAMED[f"data_{short}_{text}"]
        rows.append((words, on, cell(study.mean_gain(pair)), cell(study.trend(pair))))
    columns = ["trained on, instead of C4", "loss read on", "gain, mean over the range", "trend"]
    return pd.DataFrame(rows, columns=columns)


def repeated() -> pd.DataFrame:
    """Return the gain of fresh text over repeated by epochs and size, by the law."""
    found = (repetition.near(epochs, within=repetition.CLOSE) for epochs in EPOCHS)
    by_size = [lines.set_index("parameters")["gain"].map(cell) for lines in found]
    shown = {"epochs": [f"{epochs}" for epochs in EPOCHS]}
    for parameters in repetition.SETS:
        flop = written(repetition.in_set(parameters)["training_compute_flop"].iloc[0], ".1e")
        shown[f"at {flop} FLOP"] = [cells.get(parameters, MISSING) for cells in by_size]
    return pd.DataFrame(shown)


def crossed() -> pd.DataFrame:
    """Return the gains in GPU-hours to read, each beside the old and the new of the other."""
    rows = []
    for (what, beside), lines in crossings.gains().groupby(["what", "beside"]):
        places = lines["size"] + lines["target_bpb"].map(" to {:.3f}".format)
        said = [written(gain) if np.isfinite(gain) else "never reached" for gain in lines["gain"]]
        mean = {"mean of sizes": cell(crossings.mean(what, beside))}
        rows.append({"pair": f"{WHAT[what]}, on {BESIDE[beside]}"} | dict(zip(places, said, strict=True)) | mean)
    return pd.DataFrame(rows)


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
    """Return a line a pair and other design: name, kind, title, early, late, slope, currency, marks; by kind."""
    rows = [(pair.name, pair.kind, pair.title, *study.early_and_late(pair), study.trend(pair), "FLOP", marks(pair))
            for pair in MAIN]  # fmt: skip
    tiny = experiment.ends()
    for two, pair in OWN.items():
        found = *experiment.early_and_late(tiny, *two), experiment.trend(tiny, *two)
        rows.append((f"{pair.name}_own", pair.kind, f"{pair.title}, tiny", *found, "FLOP", ""))
    for epochs in (4, 14):
        ends = repetition.near(epochs, within=repetition.CLOSE)["gain"]
        slope = repetition.trend(epochs) if len(ends) > 2 else Estimate(np.nan)
        title = f"{epochs} epochs to one, C4"
        rows.append((f"repetition_{epochs}", "data", title, ends.iloc[0], ends.iloc[-1], slope, "FLOP", ""))
    for what, beside, kind in (("algorithm", "D1_modern", "recipe"), ("training_set", "A0_gpt2", "data")):
        ends = [Estimate(float(gain)) for gain in crossings.of(what, beside)["gain"].iloc[[0, -1]]]
        differs = "text" if kind == "data" else ""
        rows.append((f"crossing_{what}", kind, WHAT[what], *ends, crossings.trend(what, beside), "GPU-hours", differs))
    frame = pd.DataFrame(rows, columns=["name", "kind", "title", "early", "late", "slope", "currency", "marks"])
    return frame.sort_values("kind", key=lambda kind: kind.map(KINDS.index), kind="stable", ignore_index=True)


def frontiers() -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return ends of runs, and frontiers where measured: name, side, training_compute_flop, loss_nats."""
    points, lines = [], []
    for pair in (NAMED[name] for name in PANELS):
        for side, frame, curve in zip(("reference", "new"), pair.runs, study.curves(pair), strict=True):
            told, flops = {"name": pair.name, "side": side}, np.geomspace(*curve.support_flop, 60)[1:-1]
            points.append(runs.end_points(frame)[["training_compute_flop", "loss_nats"]].assign(**told))
            lines.append(pd.DataFrame({**told, "training_compute_flop": flops, "loss_nats": curve.loss(flops)}))
    return pd.concat(points, ignore_index=True), pd.concat(lines, ignore_index=True)


def laws_by_compute() -> pd.DataFrame:
    """Return the gain of laws that can be compared, by compute of the new one, to read; a dash outside the support."""
    frame, names = matrix.matrix(), {id: law.name for id, law in matrix.laws().items()}
    later = pd.MultiIndex.from_frame(frame[["reference", "new"]]).isin(list(combinations(names, 2)))
    frame = frame[later & frame["comparison"].isin(matrix.COMPARABLE)]
    said = frame.replace({"reference": names, "new": names}).rename(columns={"comparison": "footing"})
    said["gain"] = [written(gain) if np.isfinite(gain) else MISSING for gain in frame["gain"]]
    said["flop"] = [written(flop, ".0e") for flop in frame["compute_flop"]]
    wide = said.pivot_table("gain", ["reference", "new", "footing"], "flop", aggfunc="first", sort=False)
    return wide.rename_axis(columns=None).reset_index()


def implied(ledger: pd.DataFrame) -> pd.DataFrame:
    """Return the gain that the historical law implies over the years between two families, beside the measured one."""
    known, rows = ledger.set_index("id"), []
    for pair in (each for each in PAIRS if each.years is not None):
        ids = [f"frontier.{pair.name}.{what}" for what in ("late", "implied.published", "implied.converged")]
        found = [Estimate.of_row(known.loc[id], FOUND).text(",.3g") for id in ids]
        rows.append((pair.title, f"{pair.years[1] - pair.years[0]:.1f}", *found))
    columns = ["pair", "years between", "measured, late", "implied, as published", "implied, converged fits"]
    return pd.DataFrame(rows, columns=columns)


def runs_in_all() -> int:
    """Return how many runs the pairs of the figures rest on, those of several pairs once."""
    seen = set()
    for pair in MAIN:  # a run read on several texts has several losses
        names = ["run"] if pair.kind == "data" else ["training_compute_flop", "loss_nats"]
        last = pd.concat([runs.end_points(frame)[names] for frame in pair.runs])
        seen |= {(pair.source, *row) for row in last.itertuples(index=False, name=None)}
    return len(seen)


def laws_to_download() -> pd.DataFrame:
    """Return `matrix.centre`, which the figure shows, over `matrix.matrix`; `at` tells them apart."""
    parts = {"middle of the shared range": matrix.centre(), "fixed compute": matrix.matrix()}
    return pd.concat([frame.assign(at=at) for at, frame in parts.items()], ignore_index=True)
