"""What the answer to anyone's runs is worth: bias, coverage and width on simulated files whose gain is known.

`python -m book.studies.own_data.coverage` simulates the files and writes `data/own_coverage.csv`, which the page reads.
"""

from collections.abc import Callable
from functools import partial

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from algoprogress.data import tables
from algoprogress.engine import cache, parallel
from algoprogress.frontiers import own_runs
from algoprogress.laws.scaling import ScalingLaw
from algoprogress.show.estimate import Estimate
from algoprogress.show.words import MISSING, written
from book import computed

LAW = ScalingLaw("simulated", 1.69, 406.4, 0.34, 410.7, 0.28)  # Hoffmann et al. 2022, as they print it
GAIN, RUN_ERROR, READING_ERROR = 3.0, 0.003, 0.002  # standard errors of a run and of a checkpoint, in ln loss
WORSE = 0.02  # share of the loss by which an undertuned run is off
SAMPLES, DRAWS, SEED = 200, 200, 20261129
SIZES = (1e7, 1e9)  # parameters of the least and the largest rung
Design = Callable[[float, np.random.Generator], pd.DataFrame]


def _runs(
    sizes: np.ndarray, tokens: np.ndarray, gain: float, worse: ArrayLike, rng: np.random.Generator
) -> pd.DataFrame:
    """Return finished runs of an algorithm, whose losses are so many times worse than the law says."""
    loss = LAW.loss_of(sizes, tokens) * worse * np.exp(rng.normal(0.0, RUN_ERROR, len(sizes)))
    flop = 6.0 * sizes * tokens / gain
    names = np.arange(len(sizes)).astype(str)
    return pd.DataFrame({"run": names, "training_compute_flop": flop, "loss_nats": loss, "parameters": sizes})


def ladder(
    gain: float, rng: np.random.Generator, *, rungs: int, seeds: int = 1, undertuned: bool = False, odds: float = 0.0
):
    """Return finished runs of 20 tokens a parameter, of which some may be `WORSE` for want of tuning.

    They are a quarter of the runs, which moves no level from file to file, so that errors taken for independent ones
    are too wide; or, with `odds`, each run for itself.
    """
    sizes, worse = np.repeat(np.geomspace(*SIZES, rungs), seeds), np.ones(rungs * seeds)
    if undertuned:
        worse[rng.choice(len(worse), len(worse) // 4, replace=False)] += WORSE
    elif odds:
        worse[rng.random(len(worse)) < odds] += WORSE
    return _runs(sizes, 20.0 * sizes, gain, worse, rng)


def uneven(gain: float, rng: np.random.Generator, *, rungs: tuple[int, int]):
    """Return finished runs, of the new algorithm another number than of the reference."""
    return ladder(gain, rng, rungs=rungs[int(gain != 1.0)])


def checkpoints(gain: float, rng: np.random.Generator, *, rungs: int):
    """Return forty checkpoints of each run of a ladder, from one token a parameter to sixty."""
    parts = []
    for size in np.geomspace(*SIZES, rungs):
        tokens, error = np.geomspace(1.0, 60.0, 40) * size, np.exp(rng.normal(0.0, RUN_ERROR))
        part = _runs(np.full(40, size), tokens, gain, error * np.exp(rng.normal(0.0, READING_ERROR, 40)), rng)
        exact = LAW.loss_of(size, tokens) * error * np.exp(rng.normal(0.0, READING_ERROR, 40))
        parts.append(part.assign(run=f"{size:.4g}", loss_nats=exact))
    return pd.concat(parts, ignore_index=True)


def grids(gain: float, rng: np.random.Generator, *, budgets: int, sizes: int, centre=1.0, span=(0.3, 3.0), new=None):
    """Return sizes about the best one of each budget, or about so many times that; `new` is the centre of the new."""
    middle = centre if gain == 1.0 or new is None else new
    flop = np.repeat(np.geomspace(1e17, 1e20, budgets), sizes) * gain
    best = np.array([float(LAW.split(each)[0]) for each in flop])
    size = middle * best * np.tile(np.geomspace(*span, sizes), budgets)
    return _runs(size, flop / (6.0 * size), gain, 1.0, rng)


DESIGNS: dict[str, Design] = {
    **{f"{rungs} finished runs": partial(ladder, rungs=rungs) for rungs in (4, 8, 20, 100, 500)},
    "5 sizes, 4 seeds each": partial(ladder, rungs=5, seeds=4),
    "8 finished runs, 2 undertuned": partial(ladder, rungs=8, undertuned=True),
    "20 finished runs, 5 undertuned": partial(ladder, rungs=20, undertuned=True),
    **{f"{rungs} runs with checkpoints": partial(checkpoints, rungs=rungs) for rungs in (4, 8, 16)},
    **{f"grids, {n} budgets by {k} sizes": partial(grids, budgets=n, sizes=k) for n, k in ((3, 5), (5, 7), (25, 20))},
    "grids of 5 by 7, from the best size up": partial(grids, budgets=5, sizes=7, span=(0.7, 6.0)),
    "grids of 5 by 7, the new 8 times too large": partial(grids, budgets=5, sizes=7, new=8.0),
    "grids of 5 by 7, the reference 8 times too large": partial(grids, budgets=5, sizes=7, centre=8.0, new=1.0),
    "grids of 5 by 7, both 8 times too large": partial(grids, budgets=5, sizes=7, centre=8.0),
    **{
        f"{rungs} finished runs, each undertuned one time in four": partial(ladder, rungs=rungs, odds=0.25)
        for rungs in (8, 20)
    },
    **{
        f"{old} finished runs against {new}": partial(uneven, rungs=(old, new))
        for old, new in ((40, 80), (20, 100), (20, 500))
    },
}


def answered(name: str, sample: int) -> dict[str, object]:
    """Return what the default answer to one simulated file says: bound, value, low and high; nan where nothing."""
    rng = np.random.default_rng([SEED, sample, list(DESIGNS).index(name)])
    pair = [DESIGNS[name](gain, rng).assign(algorithm=each) for each, gain in (("old", 1.0), ("new", GAIN))]
    runs = pd.concat([each.assign(run=each["algorithm"] + each["run"]) for each in pair], ignore_index=True)
    lead = own_runs.leading(pair)  # the others take longer, and are not the answer
    with cache.elsewhere(), parallel.in_series():
        found = own_runs.compare(runs, reference="old", new="new", estimators=(lead,), draws=DRAWS)
    line = {"design": name, "runs": runs["run"].nunique(), "bound": found.bound}
    if found.bound == "none":
        return line | dict.fromkeys(("value", "low", "high"), np.nan)
    gain = own_runs.shown_gain(found)["gain"]
    return line | {"value": gain.value, "low": gain.limits[1], "high": gain.limits[4]}


def simulate(samples: int = SAMPLES) -> pd.DataFrame:
    """Return a line a design: what share of its simulated files is answered, and how well.

    Columns: design, runs, samples, told, bounded (shares of the files with a gain, with a bound), bias (share of the
    gain), coverage (of the 95% intervals; of bounds how many hold), width (high over low, median), over_least (width in
    logs over that of the narrowest interval about the estimates that would cover 95%).
    """
    tasks = [(name, sample) for name in DESIGNS for sample in range(samples)]
    found = pd.DataFrame(parallel.mapped(answered, tasks, label="simulated files"))
    return pd.DataFrame([{"design": name, **_judged(part)} for name, part in found.groupby("design", sort=False)])


def _judged(part: pd.DataFrame) -> dict[str, float]:
    told = part[part["bound"] == ""]
    bounds = part[part["bound"].isin(["at least", "at most"])]
    chosen = told if len(told) >= len(bounds) else bounds
    off, width = np.log(chosen["value"] / GAIN), np.log(chosen["high"] / chosen["low"])
    held = (chosen["low"] <= GAIN) & (chosen["high"] >= GAIN)
    if chosen is bounds:
        held = np.where(bounds["bound"] == "at least", bounds["low"] <= GAIN, bounds["high"] >= GAIN)
    line = {"runs": part["runs"].iloc[0], "samples": len(part), "told": len(told) / len(part)}
    line["bounded"] = len(bounds) / len(part)
    if not len(chosen):
        return line | dict.fromkeys(("bias", "coverage", "width", "over_least"), "")
    line |= {"bias": np.expm1(off.mean()), "coverage": np.mean(held), "width": np.exp(width.median())}
    return line | {"over_least": width.median() / (2.0 * off.abs().quantile(0.95)) if chosen is told else ""}


def to_read() -> pd.DataFrame:
    """Return the committed table to read, with the error of counting in each coverage."""
    rows = []
    for row in tables.read("own_coverage").itertuples():
        kind = "gain" if row.told >= max(row.bounded, 0.5) else "bound" if row.bounded >= 0.5 else "nothing"
        cells = 4 * [MISSING]
        if kind != "nothing":
            answers = round(row.samples * max(row.told, row.bounded))
            held = Estimate.of_share(np.arange(answers) < round(row.coverage * answers), covers="95%, simulated files")
            over = f"{row.over_least:.1f}" if kind == "gain" else MISSING
            cells = [written(100.0 * row.bias, "+.1f") + "%", held.text(), f"{row.width:.2f}", over]
        rows.append((row.design, row.runs, kind, *cells))
    names = ["file", "runs", "answer", "bias", "held the truth", "high over low", "over the least"]
    return pd.DataFrame(rows, columns=names)


if __name__ == "__main__":
    from book.studies.own_data import coverage  # by this name its tasks go to other processes

    computed.seal_computed({"own_coverage": coverage.simulate()}, digits=4)
