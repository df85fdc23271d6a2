"""Recomputes the scenarios of effective compute until 2030; all of them are extrapolations."""

from __future__ import annotations

import functools

import pandas as pd

from algoprogress.show.estimate import Estimate
from book.studies.law.fits import main_sample
from book.studies.outlook import study as outlook
from book.studies.registry import recomputes

COVERS = "95%, draws of both rates, extrapolated to 2030"
PARTS = {"effective_compute": "effective", "algorithms": "algorithms", "physical_compute": "physical"}


@functools.cache
def _table() -> pd.DataFrame:
    return outlook.table(main_sample()).set_index(["scenario", "part"])


@functools.cache
def _split() -> pd.DataFrame:
    return outlook.split(main_sample()).set_index("component")


@recomputes(r"outlook\.(effective_compute|algorithms|physical_compute)_2030\.(\w+)")
def scenario(part: str, name: str) -> Estimate:
    """Return the median factor by which a part grows from 2026 to 2030 under a scenario, with its 95% interval."""
    row = _table().loc[(name, PARTS[part])]
    return Estimate(*(float(row[column]) for column in ("median", "low95", "high95")), COVERS)


@recomputes(r"outlook\.variance_share\.(procedure|specifications|sampling|line|organisations)")
def variance_share(component: str) -> Estimate:
    """Return the share of the variance of the log factor of the pooled scenario that a component makes."""
    return Estimate(float(_split().loc[component, "share"]), covers="none: a property of the pooled scenario")


@recomputes(r"outlook\.decades\.(now|procedure|specifications|sampling|line|organisations)")
def decades(component: str) -> Estimate:
    """Return the decades of the pooled scenario's 90% interval now, or if a component were known."""
    frame = _split()
    value = frame["width"].iloc[0] if component == "now" else frame.loc[component, "width_known"]
    return Estimate(float(value), covers="none: a property of the pooled scenario")
