"""The penalised objective along the doubling time: two valleys, and which one is deeper at which penalty."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from algoprogress.data.sample import Sample
from algoprogress.engine.cache import cached
from algoprogress.fits import fit, profile, solver
from algoprogress.fits.rates import DOUBLING
from algoprogress.laws.law import Law
from algoprogress.show.words import written
from book import look
from book.studies.data.models import plain
from book.studies.identify import minima

MONTHS = np.round(np.geomspace(2.0, 80.0, 27), 2)
SOLVED = (0.0, 0.0005, 0.001, 0.0015, 0.0025, 0.005, 0.01)  # penalties at which the curve is exact
STEEPEST = 0.01  # the dial's last penalty, four times the published one
KEPT = (0.0, fit.PENALTY)  # penalties at which a model can be left out
FORMS = (".4f", ".1f", ".1f", ".5f")


@cached
def curves(law: Law, sample: Sample) -> pd.DataFrame:
    """Return the best fits with the doubling time held: penalty, months, mse (nats squared), size (sum of |theta|)."""
    parts, names = [], list(fit.problem(law, sample)[0].names)
    for penalty in SOLVED:
        found = profile.profile(law, sample, "compute", values=tuple((DOUBLING / MONTHS).tolist()), penalty=penalty)
        months = (DOUBLING / found["value"]).round(2)
        part = pd.DataFrame({"penalty": penalty, "months": months, "mse": found["mse"]})
        parts.append(part.assign(size=found[names].abs().sum(axis=1))[months.isin(MONTHS)])
    return pd.concat(parts, ignore_index=True)


def objective(frame: pd.DataFrame, penalty: float) -> pd.Series:
    """Return the least objective of the fits of `curves` by months: exact at `SOLVED`, else an upper bound."""
    return (frame["mse"] + penalty * frame["size"]).groupby(frame["months"]).min()


def path(law: Law, sample: Sample) -> pd.DataFrame:
    """Return the minima along the penalty as far as the dial goes, best first: penalty, months, objective, worse."""
    found = minima.penalty_path(law, sample).query("penalty <= @STEEPEST and months < @MONTHS[-1]")
    return found[["penalty", "months", "objective", "worse"]].round(7)


@cached
def without(law: Law, sample: Sample) -> pd.DataFrame:
    """Return the objective with each system left out: system, penalty, months (of the minimum), minima, curve.

    `minima` holds months and objective (nats squared) of the minimum and, if there is one, of the next valley; `curve`,
    by `MONTHS`, the objective of the fits to all rows without the system's, an upper bound of its least.
    """
    (design, target, _), system = fit.problem(law, sample), sample.frame["system"].to_numpy()
    names = list(dict.fromkeys(system))
    weights = (system != np.array(names)[:, None]).astype(float)
    weights /= weights.sum(axis=1, keepdims=True)
    frames = []
    for penalty in KEPT:
        found = profile.profile(law, sample, "compute", values=tuple((DOUBLING / MONTHS).tolist()), penalty=penalty)
        points, strengths = found[list(design.names)].to_numpy(), fit.strengths(design, penalty)
        held = points[(DOUBLING / found["value"]).round(2).isin(MONTHS)][::-1]
        squares = np.array([(design.predict(theta) - target) ** 2 for theta in held])
        curve = weights @ squares.T + penalty * np.abs(held).sum(axis=1)
        begin = np.tile(points, (len(names), 1))
        done = solver.minimise(design, target, weights, penalty=strengths, starts=begin)
        months = minima.described(design, done.params, done.objective, penalty)["months"].to_numpy()
        value = np.where(done.converged & (months < MONTHS[-1]), done.objective, np.inf).reshape(len(names), -1)
        months, every = months.reshape(value.shape), np.arange(len(names))
        best = value.argmin(axis=1)
        least = months[every, best]
        far = np.where(np.abs(np.log(months / least[:, None])) > minima.JUMP, value, np.inf)
        both = zip(best, far.argmin(axis=1), np.isfinite(far).any(axis=1), strict=True)
        chosen = [[one, two][: 1 + second] for one, two, second in both]
        at = [np.c_[months[place, each], value[place, each]].round(7).tolist() for place, each in enumerate(chosen)]
        facts = {"system": names, "penalty": penalty, "months": least, "minima": at, "curve": list(curve)}
        frames.append(pd.DataFrame(facts))
    return pd.concat(frames, ignore_index=True)


def element(law: Law, sample: Sample, **words: str) -> look.Look:
    """Return the objective with dials for the penalty, first the published one, and for a system to leave out.

    Systems come by how far the minimum moves without them; `words` are those of `look.element`.
    """
    values = {"months": MONTHS.tolist(), "published": fit.PENALTY, "minima": [], "kept": KEPT}
    frame, rows = curves(law, sample), []

    def line(out: str, penalty: float, best: list[float], other: Sequence[float] = ()) -> list[str]:
        found = (penalty, best[0], *((other[0], other[1] - best[1]) if len(other) else ()))
        told = [written(each, form) for each, form in zip(found, FORMS, strict=False)]
        return [out, *told, *["–"] * (len(FORMS) - len(told))]

    values["fits"] = [part.round(7).to_numpy().tolist() for _, part in frame.groupby("months")[["mse", "size"]]]
    for penalty, part in path(law, sample).groupby("penalty"):
        at = part[["months", "objective"]].to_numpy().tolist()
        values["minima"].append({"penalty": penalty, "at": at})
        far = [each for each in at if abs(np.log(each[0] / at[0][0])) > minima.JUMP]
        rows.append(line("none", penalty, at[0], *far[:1]))
    out = without(law, sample)
    moved = np.log(out["months"] / out.groupby("penalty")["months"].transform("median")).abs()
    order = moved.groupby(out["system"]).max().sort_values(ascending=False, kind="stable").index
    values["systems"], values["without"] = [plain(name) for name in order], []
    for penalty, part in out.groupby("penalty"):
        part, whole = part.set_index("system").loc[order], objective(frame, penalty).to_numpy()
        moves = [np.rint(1e6 * (curve - whole)).astype(int).tolist() for curve in part["curve"]]
        values["without"].append({"at": part["minima"].tolist(), "moves": moves})
        if penalty == fit.PENALTY:
            rows += [line(name, penalty, *at) for name, at in zip(values["systems"], part["minima"], strict=True)]
    heads = ["left out", "penalty", "minimum, months", "next valley, months", "higher by, nats²"]
    read = pd.DataFrame(rows, columns=heads)
    said = "Which of two valleys is the deeper one hangs on the penalty, and on single models."
    return look.element("valleys", values, read, said=said, **words)
