"""How fast training and effective compute have grown, and how fast algorithms have improved in other fields."""

import numpy as np
import pandas as pd
from scipy.stats import linregress, t

from algoprogress.data import tables
from algoprogress.data.sample import decimal_year
from algoprogress.fits.rates import MONTHS_PER_YEAR, growth_rates
from algoprogress.show.estimate import Estimate, estimates
from book.studies.growth import trend
from book.studies.law.fits import converged_draws, converged_median

CHOICES = ("all", "notable", "frontier")  # which models count
TOP = 10  # a model is at the frontier if it was among so many largest when it appeared
PAIRED = 10_000  # pairs of a physical and an algorithmic rate


def largest(models: pd.DataFrame, *, top: int = TOP) -> pd.DataFrame:
    """Return the models that were among the `top` largest by training compute when they appeared."""
    compute = models["training_compute_flop"].to_numpy()
    rank = np.array([(compute[: place + 1] >= compute[place]).sum() for place in range(len(compute))])
    return models[rank <= top].reset_index(drop=True)


def compute_models(which: str) -> pd.DataFrame:
    """Return the models whose compute grows, with years_decimal and log_compute: "all", "notable" or "frontier".

    Those with a training compute since 2012 that are no fine-tunes of another; "notable" if Epoch AI calls them so,
    "frontier" if they are `largest`. Raises ValueError for another choice.
    """
    if which not in CHOICES:
        raise ValueError(f"which={which!r}: must be one of {', '.join(CHOICES)}")
    models = tables.read("language_models")
    years = decimal_year(models["publication_date"])
    kept = models["training_compute_flop"].notna() & (years >= trend.FIRST_YEAR) & (models["base_model"] == "")
    kept &= (models["notability"] != "") if which == "notable" else True
    logs = np.log(models["training_compute_flop"])
    found = models.assign(years_decimal=years, log_compute=logs)[kept].sort_values("years_decimal", ignore_index=True)
    return largest(found) if which == "frontier" else found


def models_by_frontier() -> pd.DataFrame:
    """Return the models with a training compute: model, years_decimal, training_compute_flop, frontier (bool)."""
    models, top = compute_models("all"), compute_models("frontier")["model"]
    return models[["model", "years_decimal", "training_compute_flop"]].assign(frontier=models["model"].isin(top))


def lines(which: str) -> tuple[trend.Slopes, trend.Slopes]:
    """Return the straight line through the training compute of a choice of models, and that with the best bend."""
    models = compute_models(which)
    return trend.slopes(models), trend.slopes(models, breaks=(trend.bend(models).date.value,))


def compute_growth() -> pd.DataFrame:
    """Return how fast training compute doubles by choice of models, on a straight line and with the best bend.

    Columns: models, n (rows), straight, before, after (estimates in months), bend (estimate of its date), p_value (of
    no bend).
    """
    rows = []
    for which in CHOICES:
        models = compute_models(which)
        test, (straight, bent) = trend.bend(models), lines(which)
        rows.append((which, len(models), *straight.months, *bent.months, test.date, test.p_value))
    return pd.DataFrame(rows, columns=["models", "n", "straight", "before", "after", "bend", "p_value"])


def effective_compute() -> pd.DataFrame:
    """Return how far physical, algorithmic and effective compute have multiplied since 2012 (`stack`), to 2025.

    Physical: the straight line through the frontier, organisations resampled; algorithmic: law 7, papers resampled.
    """
    physical = lines("frontier")[0].draws[:, 0]
    algorithmic = growth_rates(converged_draws("model7", "paper"))
    return stack(physical, np.clip(algorithmic, -12.0, 12.0), np.arange(2012.0, 2026.0))


def stack(physical: np.ndarray, algorithmic: np.ndarray, years: np.ndarray, *, seed: int = 0) -> pd.DataFrame:
    """Return how far physical, algorithmic and effective compute have multiplied since the first of some years.

    `physical` and `algorithmic` are draws of yearly growth rates (natural log), paired at random. One line a year and
    part: year, part, factor (estimate).
    """
    rng = np.random.default_rng(seed)
    draws = {"physical": rng.choice(physical, PAIRED), "algorithmic": rng.choice(algorithmic, PAIRED)}
    draws["effective"] = draws["physical"] + draws["algorithmic"]
    covers = "95%, resampled organisations and papers"
    grown = [
        (year, part, Estimate.from_draws(rates * (year - years[0]), covers=covers).map(np.exp))
        for year in years
        for part, rates in draws.items()
    ]
    return pd.DataFrame(grown, columns=["year", "part", "factor"])


def factor(months: float, years: float) -> float:
    """Return how many times something multiplies in some years that doubles every so many months.

    >>> factor(6.0, 9.0)
    262144.0
    """
    return float(2.0 ** (MONTHS_PER_YEAR * years / months))


def efficiency() -> dict[str, Estimate]:
    """Return the months in which training compute to each target of Hernandez & Brown 2020 halves.

    Least squares on dates, with 95% of Student's t; two systems have no interval.
    """
    found = {}
    for target, part in tables.read("efficiency").groupby("target", sort=False):
        line = linregress(decimal_year(part["publication_date"]), np.log(part["training_compute_flop"]))
        reach = t.ppf(0.975, len(part) - 2) * line.stderr if len(part) > 2 else np.nan
        covers = "none: two systems" if np.isnan(reach) else "95%, Student's t, least squares"
        rate = Estimate(-line.slope, -line.slope - reach, -line.slope + reach, covers)
        found[target] = rate.map(trend.months, unit="months")
    return found


def domains() -> pd.DataFrame:
    """Return doubling times by field: as stated, recomputed where observations are public, and ours.

    Columns: name, measure, months (estimate), ends (what its interval is), source, role (in a figure).
    """
    stated = tables.read("domains")
    stated = stated.assign(months=estimates(stated, ("months", "low_months", "high_months")))
    rows = [(row.field, row.measure, row.months, row.ends, row.source, "published") for row in stated.itertuples()]
    for target, found in efficiency().items():
        name, source = f"training to {target}'s level", "Hernandez & Brown 2020, recomputed"
        rows.append((name, "training compute", found, found.covers, source, "alternative"))
    ours, covers = converged_median("model7"), "95%, papers resampled"
    rows.append(("language models", "training compute at fixed loss", ours, covers, "this book", "ours"))
    return pd.DataFrame(rows, columns=["name", "measure", "months", "ends", "source", "role"])
