"""Every published law fitted to one sample, by the published protocol and to the minimum; what a fit leaves over."""

import numpy as np
import pandas as pd

from algoprogress.data.sample import Sample
from algoprogress.engine.cache import cached
from algoprogress.engine.parallel import mapped
from algoprogress.fits import fit
from algoprogress.fits.rates import point_months
from algoprogress.laws import catalogue
from algoprogress.laws.law import Law
from algoprogress.show.estimate import Estimate

STARTS = 100


@cached
def every_law(sample: Sample, *, penalty: float = fit.PENALTY) -> pd.DataFrame:
    """Return each law of the catalogue with its published and its converged fit.

    Columns: law, name, coefficients (their number), published and converged (objective, nats squared), share (of the
    random starts that reach the optimum), residual (of the converged fit), published_months and converged_months
    (doubling time of compute for a transformer on WikiText-103 in 2023; infinite without progress).
    """
    tasks = [(law, sample, penalty) for law in catalogue.laws().values()]
    return pd.DataFrame(mapped(_both_fits, tasks, label="laws"))


def _both_fits(law: Law, sample: Sample, penalty: float) -> dict[str, object]:
    stop = fit.published(law, sample, penalty=penalty)
    best = fit.converged(law, sample, penalty=penalty, starts=STARTS)
    facts = {"law": law.id, "name": law.name, "coefficients": len(best.params), "published": stop.objective}
    facts |= {"converged": best.objective, "share": best.share, "residual": best.residual}
    return {**facts, "published_months": point_months(stop), "converged_months": point_months(best)}


def moved(frame: pd.DataFrame) -> int:
    """Return in how many laws of `every_law` the two doubling times differ by more than half a month."""
    return int(((frame["published_months"] - frame["converged_months"]).abs() > 0.5).sum())


def misfit(found: fit.Fit, sample: Sample) -> pd.DataFrame:
    """Return the rows of a sample with `fitted_nats` and `residual_nats` (observed minus fitted)."""
    fitted = found.predict(sample.frame)
    return sample.frame.assign(fitted_nats=fitted, residual_nats=sample.frame["loss_nats"] - fitted)


def bias(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the mean residual of `misfit`, in nats, by group: benchmark, architecture, rows, mean (an estimate)."""
    groups = frame.groupby(["benchmark", "architecture"], sort=False)["residual_nats"].agg(["size", "mean", "std"])
    half = 1.96 * groups["std"] / np.sqrt(groups["size"])
    ends = zip(groups["mean"], groups["mean"] - half, groups["mean"] + half, strict=True)
    means = [Estimate(*each, "95%, normal, rows independent", "nats") for each in ends]
    return groups[["size"]].set_axis(["rows"], axis=1).assign(mean=means).reset_index()
