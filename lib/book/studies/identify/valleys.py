"""The penalised objective along the doubling time: two valleys, and which one is deeper at which penalty."""

import numpy as np
import pandas as pd

from algoprogress.data.sample import Sample
from algoprogress.engine.cache import cached
from algoprogress.fits import fit, profile
from algoprogress.fits.rates import MONTHS_PER_YEAR
from algoprogress.laws.law import Law
from algoprogress.show.words import written
from book import look
from book.studies.identify import minima

MONTHS = np.round(np.geomspace(2.0, 80.0, 27), 2)
SOLVED = (0.0, 0.0005, 0.001, 0.0015, 0.0025, 0.005, 0.01)  # penalties at which the curve is exact
STEEPEST = 0.01  # the dial's last penalty, four times the published one
FORMS = (".4f", ".1f", ".1f", ".5f")
TWICE = float(np.log(2.0) * MONTHS_PER_YEAR)  # months times yearly rate


@cached
def curves(law: Law, sample: Sample) -> pd.DataFrame:
    """Return the best fits with the doubling time held: penalty, months, mse (nats squared), size (sum of |theta|)."""
    parts, names = [], list(fit.problem(law, sample)[0].names)
    for penalty in SOLVED:
        found = profile.profile(law, sample, "compute", values=tuple((TWICE / MONTHS).tolist()), penalty=penalty)
        months = (TWICE / found["value"]).round(2)
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


def element(law: Law, sample: Sample, **words: str) -> look.Look:
    """Return the objective with a dial for the penalty, first the published one; `words` as of `look.element`."""
    values = {"months": MONTHS.tolist(), "published": fit.PENALTY, "minima": []}
    by_months = curves(law, sample).groupby("months")[["mse", "size"]]
    values["fits"], rows = [part.round(7).to_numpy().tolist() for _, part in by_months], []
    for penalty, part in path(law, sample).groupby("penalty"):
        values["minima"].append({"penalty": penalty, "at": part[["months", "objective"]].to_numpy().tolist()})
        other = part[np.abs(np.log(part["months"] / part["months"].iloc[0])) > minima.JUMP].head(1)
        rows.append((penalty, part["months"].iloc[0], *(other[name].sum(min_count=1) for name in ("months", "worse"))))
    heads = ["penalty", "minimum, months", "next valley, months", "higher by, nats²"]
    read = pd.DataFrame(
        [
            ["–" if np.isnan(each) else written(each, form) for each, form in zip(row, FORMS, strict=True)]
            for row in rows
        ]
    )
    said = "Which of two valleys is the deeper one hangs on the penalty."
    return look.element("valleys", values, read.set_axis(heads, axis=1), said=said, **words)
