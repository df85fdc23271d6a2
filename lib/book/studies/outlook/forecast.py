"""Effective compute between any two years, by any pair of rates: all of it is extrapolated."""

import itertools
from collections.abc import Mapping

import numpy as np
import pandas as pd

from algoprogress.fits.rates import DOUBLING
from book import look
from book.studies.outlook import study

START = {"start": "2026", "end": "2030", "algorithms": "answer", "compute": "pooled", "months": "12", "pace": "4"}
SCALE = {"scale": "as published", "scale_reruns": "reruns"}  # gains that follow compute, by choice of laws
YEARS = (2020, 2040)
KEPT = 2_000  # draws to take away


def yearly(rate: np.ndarray) -> list[float | bool]:
    """Return the middle of yearly rates (natural log), the ends of their 95% interval, and which are undetermined."""
    found = study.factors(rate, years=1.0)["within95"]
    ends = [round(float(np.log(each)), 6) for each in (found.value, found.low, found.high)]
    return [*ends, "low" in found.undetermined, "high" in found.undetermined]


def draws(algorithms: Mapping[str, str], compute: Mapping[str, str]) -> pd.DataFrame:
    """Return draws of the yearly rate of effective compute (natural log), a column a pair of sources by their words."""
    pairs = itertools.product(algorithms, compute)
    found = {(one, two): study.rates(one, two, draws=KEPT).parts["effective"] for one, two in pairs}
    return pd.DataFrame({f"{algorithms[one]}; compute {compute[two]}": each for (one, two), each in found.items()})


def element(algorithms: Mapping[str, str], compute: Mapping[str, str], **words: str) -> look.Look:
    """Return the forecast with dials for years and rates, whose sources come with their names.

    `words` are those of `look.element`: alt and caption.
    """
    found, rows, years = {}, [], int(START["end"]) - int(START["start"])
    for one, two in itertools.product(algorithms, compute):
        parts = study.rates(one, two).parts
        found[f"{one} {two}"] = {part: yearly(rate) for part, rate in parts.items()}
        rows.append((algorithms[one], compute[two], study.factors(parts["effective"], years=years)["within95"]))
    values = {"start": START, "years": YEARS, "rates": found, "algorithms": algorithms, "compute": compute}
    values |= {"unit": DOUBLING}
    values["slopes"] = {name: yearly(study.scale_slopes(laws)) for name, laws in SCALE.items() if name in algorithms}
    read = pd.DataFrame(rows, columns=["algorithms", "compute", f"times, {START['start']} to {START['end']}"])
    said = "Everything here is extrapolated: rates of the past, carried on."
    return look.element("forecast", values, read, said=said, **words)
