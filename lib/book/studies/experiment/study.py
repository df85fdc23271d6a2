"""What the book's own training runs say: exponents, gains and their growth, single changes, the noise of a seed.

Which questions, by which estimators, and what counts as yes was set before the runs; the chapter says it.
"""

import functools

import numpy as np
import pandas as pd
from scipy.special import stdtrit
from scipy.stats import chi2

from algoprogress.data import tables
from algoprogress.frontiers import frontier as frontiers
from algoprogress.frontiers import gain
from algoprogress.frontiers.estimators import PowerLaw, Smooth, students
from algoprogress.show.estimate import LEVEL, Estimate

FAMILIES = {"lstm": "LSTM", "transformer_2017": "transformer of 2017", "transformer_today": "transformer of today"}
PAIRS = (("lstm", "transformer_2017"), ("transformer_2017", "transformer_today"), ("lstm", "transformer_today"))
TODAY = "transformer_today"
ADDED = ("experts", "muon")  # changes that today's transformer does not have: their gain is over it
SIZES = 4  # that a grid at one budget must have
LEAST = 3  # budgets, of which a frontier has an error, and rates, of which one may be tuned
KEYS = ["algorithm", "budget_flop", "width"]
ASKED = (170, 495)  # runs that were there when the grids were carried on
LOOKED = (145, 170, 278, 356, 459, 495)  # in each version of the file before this one that could be judged
LOOKS = 1 + len(LOOKED)
MANY_DRAWS = 100_000  # which tell ends that are far out
RECIPES = {"lstm": "lstm_today_recipe", "transformer_2017": "transformer_2017_today_recipe"}  # today's, by family
NOTHING = Estimate(np.nan, covers="none: not measured")


@functools.cache
def ends() -> pd.DataFrame:
    """Return the runs at their budget, each one a row of `data/experiment_runs.csv`."""
    frame = tables.read("experiment_runs")
    return frame[frame["done"] == 1.0].reset_index(drop=True)


def speed(frame: pd.DataFrame) -> float:
    """Return how many FLOP a second the runs were trained with, all together."""
    return float(frame["training_compute_flop"].sum() / frame["seconds"].sum())


def tuned(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the run at the best rate of each algorithm, budget and width, of the first seed.

    More columns: rates, how many were tried, and inside, whether the best is neither the least nor the largest.
    """
    first = frame[frame["seed"] == 0]
    cells = first.groupby(KEYS, sort=False)
    found = first.loc[cells["loss_nats"].idxmin()].merge(cells["rate"].agg(["min", "max", "count"]).reset_index())
    inside = (found["rate"] > found["min"]) & (found["rate"] < found["max"])
    return found.rename(columns={"count": "rates"}).assign(inside=inside).drop(columns=["min", "max"])


def best(frame: pd.DataFrame, name: str) -> pd.DataFrame:
    """Return the best run of an algorithm at each budget that has a grid of sizes, the least budget first.

    One more column, centred: whether the best size is neither the least nor the largest of the grid.
    """
    rows = tuned(frame[frame["algorithm"] == name])
    rows = rows[rows.groupby("budget_flop")["width"].transform("nunique") >= SIZES]
    grids = rows.groupby("budget_flop")["width"]
    centred = (rows["width"] > grids.transform("min")) & (rows["width"] < grids.transform("max"))
    rows = rows.assign(centred=centred).sort_values("budget_flop", kind="stable")
    return rows.loc[rows.groupby("budget_flop")["loss_nats"].idxmin()].reset_index(drop=True)


def balanced(frame: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Return `best` of each family at the budgets that all three have, the least first, so that the design is even."""
    rows = {name: best(frame, name) for name in FAMILIES}
    shared = set.intersection(*(set(each["budget_flop"]) for each in rows.values()))
    return {name: each[each["budget_flop"].isin(shared)].reset_index(drop=True) for name, each in rows.items()}


def budgets(frame: pd.DataFrame) -> list[float]:
    """Return the budgets in FLOP at which all three families have a grid of sizes."""
    return balanced(frame)[TODAY]["budget_flop"].tolist()


def pair(frame: pd.DataFrame, reference: str, new: str, looks: int = 1) -> tuple[Smooth, Smooth] | None:
    """Return the smooth frontiers of two families through the best run of each budget; None for under three.

    More draws stand behind intervals that allow for several looks.
    """
    rows, draws = balanced(frame), frontiers.DRAWS if looks == 1 else MANY_DRAWS
    return frontiers.pair(rows[reference], rows[new], draws=draws) if len(rows[TODAY]) >= LEAST else None


def exponent(curve: Smooth, flop: float) -> np.ndarray:
    """Return d ln loss / d ln compute of a smooth frontier at some compute in FLOP, an element a draw if it has any."""
    _, tilt, bend = curve.constants
    return tilt + 2.0 * bend * np.log(flop / curve.middle_flop)


def middle(frame: pd.DataFrame) -> float:
    """Return the geometric mean of the least and the largest budget in FLOP."""
    flops = budgets(frame)
    return float(np.sqrt(np.prod([flops[0], flops[-1]])))


def exponent_of(frame: pd.DataFrame, name: str) -> Estimate:
    """Return the exponent of a family in the middle of the budgets, by its pair with today's (or the LSTM's)."""
    other = "lstm" if name == TODAY else TODAY
    if (found := pair(frame, name, other)) is None:
        return NOTHING
    flop = middle(frame)
    drawn = exponent(gain.resamples(*found)[0], flop)
    return gain.estimate(drawn, None, value=float(exponent(found[0], flop)), covers=gain.covers(*found))


def exponent_gap(frame: pd.DataFrame, reference: str, new: str, *, looks: int = 1) -> Estimate:
    """Return how much steeper the new exponent is in the middle of the budgets, above zero if it is.

    The interval allows for so many looks at a growing file (`shared_out`).
    """
    if (found := pair(frame, reference, new, looks)) is None:
        return NOTHING
    flop = middle(frame)
    apart = [exponent(old, flop) - exponent(young, flop) for old, young in (found, gain.resamples(*found))]
    return shared_out(apart[1], float(apart[0]), gain.covers(*found), looks)


def shared_out(draws: np.ndarray, value: float, covers: str, looks: int) -> Estimate:
    """Return a value with the interval of its draws, whose chance of a miss is shared out among looks (Bonferroni)."""
    told = covers if looks == 1 else covers.replace("95%", f"95% for {looks} looks together", 1)
    return Estimate.from_draws(draws, value=value, covers=told, level=1.0 - (1.0 - LEVEL) / looks)


def mean_gain(frame: pd.DataFrame, reference: str, new: str) -> Estimate:
    """Return the geometric mean of the gain over the losses that both reach."""
    found = pair(frame, reference, new)
    return NOTHING if found is None or not len(gain.grid(*found)) else gain.gain(*found)


def support(frame: pd.DataFrame, reference: str, new: str) -> tuple[float, float]:
    """Return the range of losses in nats that both reach, high to low; nan if there is none."""
    found = pair(frame, reference, new)
    losses = [] if found is None else gain.grid(*found)
    return (float(losses[0]), float(losses[-1])) if len(losses) else (np.nan, np.nan)


def trend(frame: pd.DataFrame, reference: str, new: str, *, looks: int = 1) -> Estimate:
    """Return the slope of ln gain in ln compute of the new algorithm, over the losses that both reach.

    The interval allows for so many looks at a growing file (`shared_out`).
    """
    found = pair(frame, reference, new, looks)
    losses = [] if found is None else gain.grid(*found)
    if not len(losses):
        return NOTHING
    table = gain.log_gains(*found, losses)
    slopes = np.polyfit(np.log(found[1].compute(losses)), np.nan_to_num(table), 1)[0]
    drawn = slopes[1:][np.isfinite(table[:, 1:]).all(axis=0)]
    return shared_out(drawn, float(slopes[0]), gain.covers(*found), looks)


def early_and_late(frame: pd.DataFrame, reference: str, new: str) -> list[Estimate]:
    """Return the gain a quarter and three quarters of the way along the losses that both reach."""
    found = pair(frame, reference, new)
    losses = [] if found is None else gain.grid(*found)
    if not len(losses):
        return [NOTHING, NOTHING]
    return list(gain.gains(*found, losses[[len(losses) // 4, -1 - len(losses) // 4]])["gain"])


def line(frame: pd.DataFrame, name: str, draws: int = frontiers.DRAWS) -> PowerLaw:
    """Return the line in ln loss and ln compute through `balanced` by least squares, its errors to be drawn."""
    rows = balanced(frame)[name]
    logs = np.log(rows[["training_compute_flop", "loss_nats"]].to_numpy(float))
    middle, ends = logs[:, 0].mean(), rows["training_compute_flop"].agg(["min", "max"])
    powers = np.vander(logs[:, 0] - middle, 2, increasing=True)
    solved, freedom = np.linalg.pinv(powers), len(rows) - 2
    level, tilt = solved @ logs[:, 1]
    spread = np.sqrt(((logs[:, 1] - powers @ [level, tilt]) ** 2).sum() / freedom)

    def law(level: np.ndarray, tilt: np.ndarray, resampling: gain.Resampling | None = None) -> PowerLaw:
        constants = np.exp(level - tilt * middle), tilt, 0.0 * tilt
        return PowerLaw(*constants, len(rows), (float(ends["min"]), float(ends["max"])), draws=resampling)

    def of(_: int) -> PowerLaw:  # each family by draws of its own, whatever it is compared with
        moved = solved @ students(len(rows), draws, freedom, (0, list(FAMILIES).index(name))).T * spread
        return law(level + moved[0], tilt + moved[1])

    return law(level, tilt, gain.Resampling(of, draws, "errors of runs", len(rows), errors=True))


def squares_of_seeds(frame: pd.DataFrame) -> pd.Series:
    """Return the sum of squares of ln loss about its mean over seeds, by algorithm, budget, width and rate."""
    cells = np.log(frame["loss_nats"]).groupby([frame[name] for name in (*KEYS, "rate")])
    return cells.var(ddof=0) * cells.size()


def seed_noise(frame: pd.DataFrame) -> tuple[Estimate, int]:
    """Return the standard deviation of ln loss over seeds, pooled over all that repeat a run, and its freedom.

    The interval is that of a variance of normal errors.
    """
    squares = squares_of_seeds(frame)
    squares, freedom = squares.sum(), len(frame) - len(squares)
    if freedom < 1:
        return NOTHING, 0
    spread = [np.sqrt(squares / chi2.ppf(share, freedom)) for share in (0.5 + LEVEL / 2.0, 0.5 - LEVEL / 2.0)]
    covers = f"95%, chi-squared, {freedom} degrees of freedom"
    return Estimate(float(np.sqrt(squares / freedom)), *map(float, spread), covers=covers), freedom


def repeated(frame: pd.DataFrame) -> pd.DataFrame:
    """Return `tuned` with the geometric mean of the loss over all seeds at the best rate, and how many `seeds`."""
    cells = np.log(frame["loss_nats"]).groupby([frame[name] for name in (*KEYS, "rate")])
    found = tuned(frame).merge(cells.agg(["mean", "count"]).reset_index(), on=[*KEYS, "rate"])
    return found.assign(loss_nats=np.exp(found["mean"]), seeds=found["count"]).drop(columns=["mean", "count"])


def log_gains(frame: pd.DataFrame, cells: pd.DataFrame, change: str, *, added: bool) -> np.ndarray:
    """Return ln gain of a change of today's transformer at budgets and sizes where both are tuned, a line each.

    Two more columns: 1 / seeds of the change and of today's transformer. A fall of the loss is turned into compute by
    the slope of today's frontier in ln loss and ln compute.
    """
    rows = repeated(frame).query("rates >= @LEAST").set_index(KEYS)[["loss_nats", "seeds"]]
    found = []
    for cell in cells.itertuples(index=False, name=None):
        if {(change, *cell), (TODAY, *cell)} <= set(rows.index):
            (changed, own), (today, shared) = rows.loc[(change, *cell)], rows.loc[(TODAY, *cell)]
            logs = np.log(changed / today) / slope(frame)
            found.append((logs if added else -logs, 1.0 / own, 1.0 / shared))
    return np.array(found).reshape(-1, 3)


def interaction(frame: pd.DataFrame) -> Estimate:
    """Return how many times more today's recipe is worth in the transformer of 2017 than in the LSTM.

    It is the mean over the budgets at which all four have a grid, each at its best size; nan if there is none.
    """
    rows = [best(frame, name).set_index("budget_flop")["loss_nats"] for two in RECIPES.items() for name in two]
    losses = np.log(pd.concat(rows, axis=1, join="inner").to_numpy(float))
    if not len(losses):
        return NOTHING
    logs = (losses @ [1.0, -1.0, -1.0, 1.0]) / slope(frame)
    return of_logs(float(logs.mean()), error(frame, 4) / len(logs) ** 0.5)


def slope(frame: pd.DataFrame) -> float:
    """Return the exponent of today's transformer by least squares through the best runs of all shared budgets."""
    rows = balanced(frame)[TODAY]
    logs = np.log(rows[["training_compute_flop", "loss_nats"]].to_numpy(float))
    return float(np.polyfit(*logs.T, 1)[0]) if len(rows) > 1 else np.nan


def error(frame: pd.DataFrame, runs: float) -> float:
    """Return half of the 95% interval of a ln gain with the variance of so many runs, by the noise of seeds."""
    spread, freedom = seed_noise(frame)
    return float(-stdtrit(max(freedom, 1), 0.5 - LEVEL / 2.0) * spread.value * np.sqrt(runs) / abs(slope(frame)))


def changes(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the single changes of today's transformer: algorithm, innovation, added, gain, budgets, own, shared.

    The gain is of having it, at the budgets and sizes where both were tuned, their mean in logs;
    budgets is how many, none if it was not trained. The variance of a ln gain is that of so many runs: `own` of the
    change, and `shared` with the others through today's transformer.
    """
    kinds, rows = tables.read("algorithms"), []
    cells = best(frame, TODAY)[["budget_flop", "width"]].drop_duplicates()
    for row in kinds[kinds["base"] == TODAY].itertuples():
        new = row.innovation in ADDED or row.optimiser in ADDED
        logs = log_gains(frame, cells, row.algorithm, added=new)
        count = len(logs)
        own, shared = logs[:, 1:].sum(axis=0) / max(count, 1) ** 2
        found = of_logs(float(logs[:, 0].mean()), error(frame, own + shared)) if count else NOTHING
        rows.append((row.algorithm, row.innovation, new, found, count, own, shared))
    names = ["algorithm", "innovation", "added", "gain", "budgets", "own", "shared"]
    return pd.DataFrame(rows, columns=names)


def of_logs(log_gain: float, half: float) -> Estimate:
    """Return a gain with its interval from its logarithm and half the width of that one's."""
    ends = (float(np.exp(log_gain + side * half)) for side in (0.0, -1.0, 1.0))
    return Estimate(*ends, covers="95%, noise of seeds", unit="times")


def product(frame: pd.DataFrame) -> Estimate:
    """Return the product of the gains of all changes that today's transformer has, nan before all are trained.

    They share the noise of its runs.
    """
    rows = changes(frame)
    rows = rows[~rows["added"] & (rows["algorithm"] != "today_dropout") & (rows["algorithm"] != "today_sgd")]
    if not rows["budgets"].all():
        return NOTHING
    logs = np.log([found.value for found in rows["gain"]])
    return of_logs(float(logs.sum()), error(frame, rows["own"].sum() + len(rows) ** 2 * rows["shared"].mean()))


def meet(one: Estimate, other: Estimate) -> bool:
    """Return whether two intervals have a point in common."""
    return max(one.low, other.low) <= min(one.high, other.high)


def verdict(found: Estimate, neutral: float = 0.0) -> str:
    """Return in words what an interval says beside a neutral value: yes, no, not shown, or not measured.

    >>> verdict(Estimate(2.0, 1.0, 3.0)), verdict(Estimate(2.0, -1.0, 3.0)), verdict(Estimate(2.0))
    ('yes', 'not shown', 'not measured')
    """
    if not found.bounded:
        return "not measured"
    return "yes" if found.low > neutral else "no" if found.high < neutral else "not shown"
