"""IsoFLOP grids with a known truth: how far parabolas, and the lines between their minima, are off.

`python -m book.studies.extrapolation.grids` simulates grids with errors and writes `data/isoflop_audit.csv`.
"""

import functools

import numpy as np
import pandas as pd
from scipy.optimize import least_squares, nnls

from algoprogress.data import tables
from algoprogress.data.variables import FLOP_PER_PARAMETER_TOKEN
from algoprogress.engine import cache, parallel
from algoprogress.frontiers import gain, isoflop
from algoprogress.frontiers.estimators import Curves
from algoprogress.frontiers.frontier import frontier
from algoprogress.laws.scaling import ScalingLaw
from algoprogress.show.estimate import Estimate
from book import computed
from book.studies.compute_optimal import pairs
from book.studies.recent import pairs as recent

LAWS = {
    "like exponents": ScalingLaw("Hoffmann et al. 2022, as printed", 1.69, 406.4, 0.34, 410.7, 0.28),
    "unlike exponents": ScalingLaw("exponents three to one", 1.69, 406.4, 0.465, 410.7, 0.155),
}
DESIGNS = {  # budgets, sizes, and the least and the largest size over the best one
    "centred": (5, 7, 0.3, 3.0), "wide": (5, 7, 0.1, 10.0), "off_centre": (5, 7, 0.6, 6.0),
    "one_sided": (5, 7, 0.8, 8.0), "three_budgets": (3, 5, 0.3, 3.0),
}  # fmt: skip
WORDS = {
    "centred": "5 budgets by 7 sizes, centred", "wide": "the same, ten times up and down",
    "off_centre": "the same, centre two times too large", "one_sided": "the same, from the best size up",
    "three_budgets": "3 budgets by 5 sizes, centred",
}  # fmt: skip
BUDGETS, GAIN, ERROR = (1e17, 1e20), 3.0, 0.003  # FLOP; of the new algorithm; standard error of a run, in ln loss
PLACES = (0.25, 0.5, 0.75)  # of the way, in ln compute, at which a gain is read
SAMPLES, DRAWS, SEED = 60, 200, 20261129
STARTS = np.log([(0.35, 0.35), (0.5, 0.2), (0.2, 0.5)])


def grid(law: ScalingLaw, design: str, rng: np.random.Generator | None = None, times: float = 1.0) -> pd.DataFrame:
    """Return the runs of a grid in the columns of pairs; without a generator they have no error.

    Each budget does so many `times` as much as the law says, which makes every token count for as many.
    """
    budgets, sizes, *span = DESIGNS[design]
    flop = np.repeat(np.geomspace(*BUDGETS, budgets), sizes)
    size = law.split(flop * times)[0] * np.tile(np.geomspace(*span, sizes), budgets)
    tokens = flop / (FLOP_PER_PARAMETER_TOKEN * size)
    loss = law.loss_of(size, times * tokens)
    if rng is not None:
        loss = loss * np.exp(rng.normal(0.0, ERROR, len(loss)))
    frame = pd.DataFrame({"training_compute_flop": flop, "budget": flop, "loss_nats": loss, "parameters": size})
    return frame.assign(tokens=tokens, run=np.arange(len(frame)).astype(str))


def straight(frame: pd.DataFrame, errors: np.ndarray) -> Curves:
    """Return `isoflop.curves` with straight lines between the minima, as this book had them until it was audited."""
    logs, (least, _) = isoflop.minima(frame, errors)
    return Curves(logs, least)


def projected(frame: pd.DataFrame) -> ScalingLaw:
    """Return the law in size and tokens, as a frontier, with its two exponents searched for and the rest linear.

    Squares of relative errors of the loss; no constant is below zero (variable projection, Golub and Pereyra 1973).
    """
    logs = [np.log(frame[name].to_numpy(float)) for name in ("parameters", "tokens")]
    middle, loss = [each.mean() for each in logs], frame["loss_nats"].to_numpy(float)

    def linear(at: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        falls = [np.exp(-np.exp(each) * (log - mid)) for each, log, mid in zip(at, logs, middle, strict=True)]
        terms = np.stack([np.ones_like(loss), *falls], axis=1) / loss[:, None]
        found = nnls(terms, np.ones_like(loss))[0]
        return found, terms @ found - 1.0

    found = min(
        (least_squares(lambda at: linear(at)[1], each, bounds=(-4.0, 0.7)) for each in STARTS),
        key=lambda found: found.cost,
    )
    alpha, beta = np.exp(found.x)
    floor, capacity, data = linear(found.x)[0]
    flop = frame["training_compute_flop"]
    constants = floor, capacity * np.exp(alpha * middle[0]), alpha, data * np.exp(beta * middle[1]), beta
    return ScalingLaw("projected", *map(float, constants), 1.0, (float(flop.min()), float(flop.max())))


@functools.cache
def exact() -> pd.DataFrame:
    """Return what each grid without errors gives away: law, design, and shares by which it is off.

    `least` is that of the least losses in compute, `size` of the best sizes, `exponent` of their exponent (absolute),
    `straight`, `bent` and `projected` of the frontier half way between budgets, in compute; the largest of each.
    """
    rows = []
    for (words, law), design in ((each, name) for each in LAWS.items() for name in DESIGNS):
        frame = grid(law, design)
        none = np.zeros((1, len(frame)))
        logs, (least, size) = (each if each.ndim == 1 else each[:, 0] for each in isoflop.minima(frame, none))
        known = np.isfinite(least)
        slope = np.polyfit(logs[known], size[known], 1)[0] - law.beta / (law.alpha + law.beta)
        between = np.exp((logs[:-1] + logs[1:]) / 2.0)
        lines = [each(frame, none).loss(between[:, None])[:, 0] for each in (straight, isoflop.curves)]
        off = [law.compute(least) / np.exp(logs), np.exp(size) / law.split(np.exp(logs))[0]]
        off += [law.compute(each) / between for each in (*lines, projected(frame).loss(between))]
        least_off, size_off, *between_off = (max((each - 1.0)[np.isfinite(each)], key=abs) for each in off)
        rows.append((words, design, least_off, size_off, slope, *between_off))
    return pd.DataFrame(rows, columns=["law", "design", "least", "size", "exponent", "straight", "bent", "projected"])


def largest(column: str, designs: tuple[str, ...] = tuple(DESIGNS)) -> float:
    """Return the largest of a column of `exact` in size, with its sign, over all laws and some designs."""
    values = exact()
    return float(max(values.loc[values["design"].isin(designs), column], key=abs))


def answered(law: str, design: str, sample: int) -> list[tuple]:
    """Return the gains between two simulated grids by estimator and place, with their 95% intervals."""
    rng = np.random.default_rng([SEED, list(LAWS).index(law), list(DESIGNS).index(design), sample])
    truth, two = LAWS[law], [grid(LAWS[law], design, rng, times) for times in (1.0, GAIN)]
    losses = truth.loss(np.exp(np.log(BUDGETS[0] * GAIN) + np.array(PLACES) * np.log(BUDGETS[1] / BUDGETS[0] / GAIN)))
    none = [np.zeros((1, len(each))) for each in two]
    with cache.elsewhere(), parallel.in_series():
        found = gain.gains(*(frontier(each, estimator="isoflop", draws=DRAWS) for each in two), losses)["gain"]
    lines = [straight(*each).compute(losses[:, None])[:, 0] for each in zip(two, none, strict=True)]
    laws = [projected(each).compute(losses) for each in two]
    rows = []
    for place, each in zip(PLACES, found, strict=True):
        ends = (each.limits[1], each.limits[4]) if each.limits else (np.nan, np.nan)
        rows.append((law, design, "bent", place, each.value, *ends))
    for name, (reference, new) in (("straight", lines), ("projected", laws)):
        rows += [(law, design, name, *each, np.nan, np.nan) for each in zip(PLACES, reference / new, strict=True)]
    return rows


def simulate(samples: int = SAMPLES) -> pd.DataFrame:
    """Return the rows of `data/isoflop_audit.csv`, a line a law, design, estimator and place.

    Of the samples a share `known` has a gain, `bias` is the share by which these are off, `spread` the standard
    deviation of their logs, and `coverage` the share of 95% intervals that hold the truth, if there are intervals.
    """
    tasks = [(law, design, sample) for law in LAWS for design in DESIGNS for sample in range(samples)]
    found = parallel.mapped(answered, tasks, label="simulated grids")
    columns = ["law", "design", "estimator", "place", "gain", "low", "high"]
    frame, rows = pd.DataFrame([row for each in found for row in each], columns=columns), []
    for key, part in frame.groupby(columns[:4], sort=False):
        told = part.dropna(subset="gain")
        off, held = np.log(told["gain"] / GAIN), (told["low"] <= GAIN) & (told["high"] >= GAIN)
        coverage = held.mean() if told["low"].notna().any() else ""
        rows.append((*key, len(part), len(told) / len(part), np.expm1(off.mean()), off.std(), coverage))
    return pd.DataFrame(rows, columns=[*columns[:4], "samples", "known", "bias", "spread", "coverage"])


def coverage(design: str) -> Estimate:
    """Return the share of the 95% intervals of a design that hold the truth, at all places, of both laws."""
    frame = tables.read("isoflop_audit").query("design == @design and estimator == 'bent'")
    answers = (frame["samples"] * frame["known"]).round()
    hits, count = round(float((answers * frame["coverage"]).sum())), int(answers.sum())
    return Estimate.of_share(np.arange(count) < hits, covers="95%, simulated grids")


def bias(design: str, estimator: str) -> float:
    """Return the largest share, with its sign, by which the mean gain of a design is off, over places and laws."""
    frame = tables.read("isoflop_audit").query("design == @design and estimator == @estimator")
    return float(max(frame["bias"], key=abs))


@functools.cache
def moved() -> pd.DataFrame:
    """Return the gain of the book's pairs by IsoFLOP minima, early and late, joined straight and bent."""
    rows = []
    chosen = [each for each in (*pairs.PAIRS, *recent.PAIRS) if "isoflop" in each.estimators]
    for pair in chosen:
        found = {}
        for name, curve in (("straight", straight), ("bent", isoflop.curves)):
            two = [curve(runs, np.zeros((1, len(runs)))) for runs in map(isoflop.with_budgets, pair.runs)]
            ends = [[float(each.loss(each.support_flop[side])[0]) for each in two] for side in (0, 1)]
            ends = np.linspace(min(ends[0]), max(ends[1]), 5)[[1, 3]]
            at = found.setdefault("losses", ends)
            logs = [np.log(each.compute(at[:, None])[:, 0]) for each in two]
            found[name] = np.exp(logs[0] - logs[1])
        rows.append((pair.name, pair.title, pair.main == "isoflop", *found["straight"], *found["bent"]))
    columns = ["name", "title", "quoted", "early_straight", "late_straight", "early", "late"]
    return pd.DataFrame(rows, columns=columns)


def largest_move() -> float:
    """Return the largest share by which a quoted gain of `moved` changes."""
    frame = moved().query("quoted")
    changes = [frame[end] / frame[f"{end}_straight"] - 1.0 for end in ("early", "late")]
    return float(max(pd.concat(changes), key=abs))


if __name__ == "__main__":
    from book.studies.extrapolation import grids  # by this name its tasks go to other processes

    computed.seal_computed({"isoflop_audit": grids.simulate()}, digits=4)
