"""Fits every law of the catalogue to one sample, both ways."""

from __future__ import annotations

import numpy as np
import pandas as pd

from algoprogress.data.sample import Sample
from algoprogress.engine.cache import cached
from algoprogress.engine.parallel import mapped
from algoprogress.fits import fit
from algoprogress.fits.rates import point_months
from algoprogress.laws import catalogue
from algoprogress.laws.law import Law

STARTS = 100


@cached
def every_law(sample: Sample, *, penalty: float = fit.PENALTY) -> pd.DataFrame:
    """Return each law of the catalogue with its published and its converged fit.

    Columns: law, name, capacity, data, coefficients, published and converged (objective, nats squared),
    share (of the random starts that reach the optimum), residual (of the converged fit), published_months and
    converged_months (doubling time of compute for a transformer on WikiText-103 in 2023; infinite without progress).
    """
    tasks = [(law, sample, penalty) for law in catalogue.laws().values()]
    return pd.DataFrame(mapped(_both_fits, tasks, label="laws"))


def _both_fits(law: Law, sample: Sample, penalty: float) -> dict[str, object]:
    protocol = fit.published(law, sample, penalty=penalty)
    best = fit.converged(law, sample, penalty=penalty, starts=STARTS)
    return {
        "law": law.id,
        "name": law.name,
        "capacity": law.capacity,
        "data": law.data,
        "coefficients": len(best.params),
        "published": protocol.objective,
        "converged": best.objective,
        "share": best.share,
        "residual": best.residual,
        "published_months": point_months(protocol),
        "converged_months": point_months(best),
    }


def coefficients(published: fit.Fit, converged: fit.Fit, stated: pd.Series) -> pd.DataFrame:
    """Return coefficients side by side: as stated by the paper, by the published protocol, and converged."""
    frame = pd.DataFrame({"stated": stated, "published": published.params, "converged": converged.params})
    return frame.loc[list(published.params.index)].rename_axis("coefficient").reset_index()


def misfit(found: fit.Fit, sample: Sample) -> pd.DataFrame:
    """Return the rows of a sample with `fitted_nats` and `residual_nats` (observed minus fitted)."""
    fitted = found.predict(sample.frame)
    return sample.frame.assign(fitted_nats=fitted, residual_nats=sample.frame["loss_nats"] - fitted)


def bias(frame: pd.DataFrame) -> pd.DataFrame:
    """Return mean residuals by benchmark and architecture: rows, mean and its 95% interval, in nats."""
    groups = frame.groupby(["benchmark", "architecture"], sort=False)["residual_nats"].agg(["size", "mean", "std"])
    half = 1.96 * groups["std"] / np.sqrt(groups["size"])
    table = groups.assign(low=groups["mean"] - half, high=groups["mean"] + half).drop(columns="std")
    return table.rename(columns={"size": "rows"}).reset_index()


def to_read(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the result of `every_law` as a table to read, each pair as published → converged."""
    objective = frame["published"].map("{:.5f}".format) + " → " + frame["converged"].map("{:.5f}".format)
    months = frame["published_months"].map(_months) + " → " + frame["converged_months"].map(_months)
    names = frame["law"] + ". " + frame["name"]
    return pd.DataFrame({"law": names, "k": frame["coefficients"], "objective": objective, "months": months})


def formulas(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the formulas of each law as a table to read; a name in `shared` has one coefficient in both terms."""
    laws = catalogue.laws()
    rows = [laws[id] for id in frame["law"]]
    return pd.DataFrame(
        {
            "law": frame["law"],
            "capacity term": [f"`{law.capacity}`" for law in rows],
            "data term": [f"`{law.data}`" if law.data else "none" for law in rows],
            "beside": [
                " ".join([f"floor `{law.floor}`" if law.floor else "", *(f"shared `{name}`" for name in law.shared)])
                for law in rows
            ],
        }
    )


def moved(frame: pd.DataFrame, *, months: float = 0.5) -> int:
    """Return in how many laws the converged doubling time differs from the published one by more than some months."""
    return int(((frame["published_months"] - frame["converged_months"]).abs() > months).sum())


def _months(value: float) -> str:
    return f"{value:,.1f}" if np.isfinite(value) else "no progress"
