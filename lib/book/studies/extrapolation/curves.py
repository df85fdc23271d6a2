"""Learning curves split by Alabdulmohsin et al. 2022 into a part to fit and a part to predict: error by estimator.

`python -m book.studies.extrapolation.curves` fits each curve by each estimator and writes `data/extrapolation.csv`.
"""

import functools

import numpy as np
import pandas as pd

from algoprogress.data import tables
from algoprogress.engine import parallel
from algoprogress.frontiers import gain
from algoprogress.show.estimate import Estimate
from book import computed
from book.studies.extrapolation import estimators

DOMAINS = {"NMT": "translation", "LM": "language modelling", "BB": "BIG-Bench tasks"}
NAMES = {  # estimators: how they are fitted, and words
    "m1": "M1, power law", "m2": "M2, with a floor, as published", "m3": "M3, shifted, as published",
    "m4": "M4, bent at both ends, as published", "m2_optimum": "M2 at its optimum", "m3_optimum": "M3 at its optimum",
    "m4_optimum": "M4 at its optimum", "floor": "book: power law with a floor", "smooth": "book: smooth curve",
}  # fmt: skip
CURVE = ["domain", "task", "model"]
DRAWS = 20_000
CURVES = f"95%, {DRAWS:,} resampled curves"


def curves() -> list[tuple[tuple[str, ...], pd.DataFrame]]:
    """Return domain, task and model of each curve, and its points: examples, loss, whether they are to be fitted."""
    return list(tables.read("learning_curves").groupby(CURVE, sort=False))


def fitted(name: str, part: pd.DataFrame) -> estimators.CurveFit:
    """Return an estimator of `NAMES` fitted to the part of a curve that is to be fitted, one loss for each examples."""
    from book.studies.extrapolation import published  # the compiler takes a while to import

    known = part[part["fitted"] == "yes"].drop_duplicates("examples", keep="last").sort_values("examples")
    points = known["examples"].to_numpy(float), known["loss"].to_numpy(float)
    by_turns = {"m4": published.by_turns, "m2": functools.partial(published.by_turns, bends=False), "m3": published.m3}
    ours = estimators.OURS | {"m1": estimators.m1} | {f"{each}_optimum": estimators.OPTIMA[each] for each in by_turns}
    return (by_turns | ours)[name](*points, estimators.BOUNDED.get(part["domain"].iloc[0], np.inf))


def error(fit: estimators.CurveFit, part: pd.DataFrame) -> float:
    """Return the root mean squared error of ln loss over the part of a curve that is to be predicted."""
    ahead = part[part["fitted"] == "no"]
    off = np.log(fit.predict(ahead["examples"].to_numpy(float))) - np.log(ahead["loss"])
    return float(np.sqrt(np.mean(off**2)))


def _errors(place: int) -> list[tuple]:
    """Return the rows of one curve."""
    key, part = curves()[place]
    fits = {name: fitted(name, part) for name in NAMES}
    return [(*key, name, error(fit, part), fit.objective) for name, fit in fits.items()]


def evaluated() -> pd.DataFrame:
    """Return the rows of `data/extrapolation.csv`: curve, estimator, error, and what was minimised, both in ln loss."""
    found = parallel.mapped(_errors, [(place,) for place in range(len(curves()))], label="learning curves")
    frame = pd.DataFrame([row for rows in found for row in rows], columns=[*CURVE, "estimator", "error", "objective"])
    return frame.assign(objective=frame["objective"].astype(object).where(frame["objective"].notna(), ""))


def errors() -> pd.DataFrame:
    """Return the error of each curve (rows) by estimator (columns of `NAMES`), from the committed table."""
    frame = tables.read("extrapolation").pivot_table("error", CURVE, "estimator", sort=False)
    return frame[list(NAMES)]


def mean(name: str, domain: str = "") -> Estimate:
    """Return the mean error over curves, of all domains unless told; 95% over resampled curves."""
    return _over(errors()[name], domain)


def ratio(name: str, over: str = "m4", domain: str = "") -> Estimate:
    """Return the geometric mean over curves of the error of one estimator over another's; 95% over curves."""
    frame = errors()
    found = _over(np.log(frame[name] / frame[over]), domain)
    return found.map(lambda each: float(np.exp(each)), unit="times")


def _over(values: pd.Series, domain: str) -> Estimate:
    """Return the mean over curves, resampled within domains."""
    parts = [part.to_numpy() for _, part in values.groupby("domain", sort=False)]
    if domain:
        parts = [values[domain].to_numpy()]
    rng, total = np.random.default_rng(0), sum(map(len, parts))
    drawn = sum(each[rng.integers(len(each), size=(DRAWS, len(each)))].sum(axis=1) for each in parts) / total
    value = sum(each.sum() for each in parts) / total
    return gain.estimate(drawn, total, value=float(value), covers=f"{CURVES} ({total})")


if __name__ == "__main__":
    from book.studies.extrapolation import curves as this  # by this name its tasks go to other processes

    computed.seal_computed({"extrapolation": this.evaluated()}, digits=4)
