"""What the pairs of 2022 to 2026 gain, by a second route and as their sources count, and a forecast that held."""

import functools
from dataclasses import replace

import numpy as np
import pandas as pd

from algoprogress.frontiers.frontier import frontier
from algoprogress.frontiers.runs import nondominated
from algoprogress.laws.scaling import constants
from algoprogress.show.estimate import Estimate
from book.studies.compute_optimal import study
from book.studies.growth import trend
from book.studies.recent.pairs import APRIL, BETWEEN, NAMED, SIZE, Recent, recipes

NEAR = 1.02  # times the least loss of its compute, up to which a run of a grid tells of the frontier
TOO_FEW = "none: fewer than three sizes have runs to compare"
OVER_SIZES = "95%, Student's t over sizes"
SAME = 0.01  # in ln compute, within which two runs count as of one size and budget
OPTIMISERS = tuple(name for name, pair in NAMED.items() if pair.kind == "optimiser")


@functools.cache
def by_run(pair: Recent) -> pd.DataFrame:
    """Return the gain of single new runs by the pair's second route: size, new_flop, gain.

    At one size: the reference's compute for the loss on a line in logs between its runs of that size, for new runs near
    their frontier. Run by run: the difference in loss of two runs of one size and compute over the reference's slope
    there. Between runs: a line in logs between the reference's undominated runs.
    """
    reference, new = pair.runs
    if pair.route == BETWEEN:
        both = (each[nondominated(each["training_compute_flop"].to_numpy(), each["loss_nats"].to_numpy())]
                for each in (reference, new))  # fmt: skip
        reference, new = both
        return _lines({"": reference}, new.assign(size=new["parameters"]), lambda _: "")
    if pair.route == SIZE:
        least = study.curves(pair)[1].loss(new["training_compute_flop"])
        new = new[new["loss_nats"] <= NEAR * least]
        key = "group" if pair.resampled.endswith("shapes") else "parameters"
        sizes = dict(list(reference.groupby(key)))
        return _lines(sizes, new.assign(size=new[key]), lambda row: row.size)
    logs = np.log(reference["training_compute_flop"])
    slope = np.gradient(np.log(reference["loss_nats"]), logs)
    theirs = pd.DataFrame({"at": logs, "log_loss": np.log(reference["loss_nats"]), "slope": slope})
    ours = new.assign(at=np.log(new["training_compute_flop"]))
    both = pd.merge_asof(ours, theirs, on="at", direction="nearest", tolerance=SAME).dropna(subset="slope")
    gain = np.exp((np.log(both["loss_nats"]) - both["log_loss"]) / both["slope"])
    return pd.DataFrame({"size": both["parameters"], "new_flop": both["training_compute_flop"], "gain": gain})


def _lines(reference: dict, new: pd.DataFrame, of) -> pd.DataFrame:
    """Return the gain of new runs over lines in logs through reference runs, by a key of each run, where measured."""
    rows = []
    for row in new.itertuples():
        if (known := reference.get(of(row))) is None or len(known) < 2:
            continue
        loss, logs = (np.log(known[name].to_numpy()) for name in ("loss_nats", "training_compute_flop"))
        order = np.argsort(-loss)
        at = np.interp(-np.log(row.loss_nats), -loss[order], logs[order], left=np.nan, right=np.nan)
        rows.append((row.size, row.training_compute_flop, np.exp(at) / row.training_compute_flop))
    return pd.DataFrame(rows, columns=["size", "new_flop", "gain"]).dropna()


def second(pair: Recent) -> Estimate:
    """Return the geometric mean of the gain by the second route, sizes weighing alike, with Student's interval."""
    logs = np.log(by_run(pair)["gain"]).groupby(by_run(pair)["size"]).mean()
    if len(logs) < 3:
        return Estimate.exact(np.exp(logs.mean()) if len(logs) else np.nan, TOO_FEW, unit="times")
    return trend.mean(logs, OVER_SIZES).map(lambda each: float(np.exp(each)), unit="times")


def second_trend(pair: Recent, above: float = 0.0) -> Estimate:
    """Return how ln gain grows with ln compute by the second route, from a share of its runs by compute on."""
    frame = by_run(pair)
    frame = frame[frame["new_flop"].rank(pct=True) > above]
    if len(frame) < 3:
        return Estimate.untestable(TOO_FEW)
    return trend.line(np.log(frame["new_flop"]), np.log(frame["gain"]), "95%, Student's t over runs")


def agree(pair: Recent) -> bool:
    """Return whether both routes' intervals meet; a route without an interval is its value."""
    one, two = (each.reach for each in (study.mean_gain(pair), second(pair)))
    return one[0] <= two[1] and two[0] <= one[1]


@functools.cache
def as_counted(pair: Recent) -> Estimate:
    """Return the mean gain if each side is counted as its source does; that of one rule where the sources agree."""
    if pair.counted is None:
        return study.mean_gain(pair)
    return study.mean_gain(replace(pair, name=f"{pair.name}_counted", frames=pair.counted, counted=None))


def forecast(budget: float) -> float:
    """Return the loss that Marin's published law of April forecasts for a training compute in FLOP, in nats."""
    known = constants("marin_april")
    return known["floor"] + known["coefficient"] * budget ** known["exponent"]


def in_compute(budget: str) -> float:
    """Return how many times the budget that law forecasts for the loss that was measured at a budget."""
    known = constants("marin_april")
    above = known[f"measured_{budget}"] - known["floor"]
    return float((above / known["coefficient"]) ** (1.0 / known["exponent"]) / float(budget))


@functools.cache
def own_forecast(budget: float, last: float = 3e20) -> Estimate:
    """Return our forecast from the best run of each budget up to `last`, by a power law with the published floor."""
    runs = recipes("dense", APRIL, ours=False)[1]
    runs = runs[runs["training_compute_flop"] <= last]
    best = runs.loc[runs.groupby("training_compute_flop")["loss_nats"].idxmin()]
    found = frontier(best, estimator="power law", floor=constants("marin_april")["floor"])
    drawn = found.draws.of(0).loss(budget)
    return Estimate.from_draws(drawn, value=float(found.loss(budget)), covers="95%, resampled budgets", unit="nats")


def largest_of_optimisers() -> Estimate:
    """Return the largest mean gain among the optimisers, by the second route, which compares run by run."""
    return max((second(NAMED[name]) for name in OPTIMISERS), key=lambda each: each.value)
