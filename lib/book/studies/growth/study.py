"""How fast training and effective compute have grown, and how fast algorithms have improved in other fields."""

import itertools

import numpy as np
import pandas as pd

from algoprogress.data import tables
from algoprogress.data.sample import decimal_year
from algoprogress.fits.rates import growth_rates
from algoprogress.show.estimate import Estimate, estimates
from book.studies.growth import trend
from book.studies.law.fits import converged_draws, converged_median

CHOICES = ("all", "notable", "frontier")  # which models count: any, those of note to Epoch AI, the `largest`
TOP = 10  # a model is at the frontier if it was among so many largest when it appeared
PAIRED = 10_000  # pairs of a physical and an algorithmic rate


def largest(models: pd.DataFrame, *, top: int = TOP) -> pd.DataFrame:
    """Return the models that were among the `top` largest by training compute when they appeared."""
    rank = models["training_compute_flop"].expanding().rank(method="max", ascending=False)
    return models[rank <= top].reset_index(drop=True)


def compute_models(which: str) -> pd.DataFrame:
    """Return one of `CHOICES` of models since 2012, no fine-tunes, by date, with years_decimal and log_compute."""
    models = tables.read("language_models")
    years, logs = decimal_year(models["publication_date"]), np.log(models["training_compute_flop"])
    kept = models["training_compute_flop"].notna() & (years >= trend.FIRST_YEAR) & (models["base_model"] == "")
    kept &= (models["notability"] != "") if which == "notable" else True
    found = models.assign(years_decimal=years, log_compute=logs)[kept].sort_values("years_decimal", ignore_index=True)
    return largest(found) if which == "frontier" else found


def models_by_frontier() -> pd.DataFrame:
    """Return the models with a training compute: model, years_decimal, training_compute_flop, frontier (bool)."""
    models, top = compute_models("all"), compute_models("frontier")["model"]
    return models[["model", "years_decimal", "training_compute_flop"]].assign(frontier=models["model"].isin(top))


def lines(which: str) -> tuple[trend.Slopes, trend.Slopes]:
    """Return the straight line through the training compute of one of `CHOICES`, and that with the best bend."""
    models = compute_models(which)
    return trend.slopes(models), trend.slopes(models, breaks=(trend.bend(models).date.value,))


def compute_growth() -> pd.DataFrame:
    """Return months to double by choice: models, n, straight, before and after the best bend, bend (year), p_value."""
    rows = []
    for which in CHOICES:
        models = compute_models(which)
        test, (straight, bent) = trend.bend(models), lines(which)
        rows.append((which, len(models), *straight.months, *bent.months, test.date, test.p_value))
    return pd.DataFrame(rows, columns=["models", "n", "straight", "before", "after", "bend", "p_value"])


def effective_compute() -> pd.DataFrame:
    """Return the `stack` from 2012 to 2025 of the straight line through the frontier and of law 7, papers resampled."""
    algorithmic = np.clip(growth_rates(converged_draws("model7", "paper")), -12.0, 12.0)
    return stack(lines("frontier")[0].draws[:, 0], algorithmic, np.arange(2012.0, 2026.0))


def stack(physical: np.ndarray, algorithmic: np.ndarray, years: np.ndarray) -> pd.DataFrame:
    """Return how far compute has multiplied since the first of some years: year, part, factor (estimate).

    `physical` and `algorithmic` are draws of yearly growth rates (natural log), paired at random; effective is the sum.
    """
    rng, lines = np.random.default_rng(0), []
    draws = {"physical": rng.choice(physical, PAIRED), "algorithmic": rng.choice(algorithmic, PAIRED)}
    draws["effective"] = draws["physical"] + draws["algorithmic"]
    for year, (part, rates) in itertools.product(years, draws.items()):
        logs = Estimate.from_draws(rates * (year - years[0]), covers="95%, resampled organisations and papers")
        lines.append((year, part, logs.map(np.exp)))
    return pd.DataFrame(lines, columns=["year", "part", "factor"])


def efficiency() -> dict[str, Estimate]:
    """Return the months in which training compute to each target of Hernandez & Brown 2020 halves, by least squares."""
    found = {}
    for target, part in tables.read("efficiency").groupby("target", sort=False):
        covers = "95%, Student's t, least squares" if len(part) > 2 else "none: two systems"
        fall = trend.line(decimal_year(part["publication_date"]), -np.log(part["training_compute_flop"]), covers)
        found[target] = fall.map(trend.months, unit="months")
    return found


def domains() -> pd.DataFrame:
    """Return doubling times by field, ours last: name, measure, months (estimate), ends (of what), source, role."""
    stated = tables.read("domains")
    stated = stated.assign(months=estimates(stated, ("months", "low_months", "high_months")), role="published")
    several, who = stated["field"].duplicated(keep=False), stated["source"].str.split("citing ").str[-1]
    stated["field"] = stated["field"].where(~several, stated["field"] + " (" + who + ")")
    rows = stated[["field", "measure", "months", "ends", "source", "role"]].to_numpy().tolist()
    for target, found in efficiency().items():
        source = "Hernandez & Brown 2020, recomputed"
        rows.append((f"training to {target}'s level", "training compute", found, found.covers, source, "alternative"))
    ours = converged_median("model7"), "95%, papers resampled", "Ho et al. solved exactly", "ours"
    rows.append(("language models", "training compute at fixed loss", *ours))
    return pd.DataFrame(rows, columns=["name", "measure", "months", "ends", "source", "role"])


def p_value(value: float) -> str:
    """Return a p value of a test with a thousand draws as it is written: with three decimals, or as below 0.001."""
    return "below 0.001" if value < 0.001 else f"{value:.3f}"
