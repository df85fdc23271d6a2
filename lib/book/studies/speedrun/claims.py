"""Recomputes the claims on compute-optimal progress and on the living benchmark."""

from __future__ import annotations

import functools

import numpy as np
import pandas as pd

from algoprogress.show.estimate import Estimate
from book.studies.growth import compute as growth
from book.studies.registry import recomputes
from book.studies.speedrun import study as speedrun

QUARTERS = f"95%, {growth.DRAWS:,} resampled quarters of records"
ARITHMETIC = "none: arithmetic on the records"


@functools.cache
def _halving() -> pd.DataFrame:
    return speedrun.halving()


def _row(part: str, bends: int, place: int, first: int = 1) -> pd.Series:
    frame = _halving()
    return frame[(frame["part"] == part) & (frame["bends"] == bends) & (frame["first"] == first)].iloc[place]


@recomputes(r"speedrun\.(tokens_|per_token_)?halving_months(\.(?:before|after|without_first))?")
def halving(part: str | None, when: str | None) -> Estimate:
    """Return the halving time of time, tokens or time per token to the target loss, on one line or round the bend."""
    name = {None: "minutes", "tokens_": "tokens", "per_token_": "minutes_per_token"}[part]
    if when in (".before", ".after"):
        row = _row(name, 1, 0 if when == ".before" else 1)
    else:
        row = _row(name, 0, 0, first=3 if when else 1)
    return Estimate(*(float(row[each]) for each in ("months", "low", "high")), QUARTERS)


@recomputes(r"speedrun\.(tokens_)?bend\.(year|p_value)")
def bend(part: str | None, what: str) -> Estimate:
    """Return the most likely date of a bend in the records, or the p value of none."""
    row = _row("tokens" if part else "minutes", 1, 0)
    if what == "p_value":
        return Estimate(float(row["p_value"]), covers="none: a test statistic")
    return Estimate(*(float(row[each]) for each in ("year", "year_low", "year_high")), QUARTERS)


@recomputes(r"speedrun\.total_(minutes|tokens)")
def total(part: str) -> Estimate:
    """Return how many times the time or the tokens to the target have fallen since the first record."""
    return Estimate(speedrun.total()[part], covers=ARITHMETIC)


@recomputes(r"speedrun\.half_life_2025")
def half_life() -> Estimate:
    """Return the halving time of the records until the end of 2025."""
    frame = speedrun.series("minutes")
    found = growth.slopes(frame[frame["years_decimal"] < 2026.0].reset_index(drop=True))
    low, high = np.quantile(found.draws[:, 0], [0.025, 0.975])
    value = speedrun.half_life_until("2025-12-31")
    return Estimate(value, speedrun.MONTHS / high, speedrun.MONTHS / low, QUARTERS)


@recomputes(r"speedrun\.algorithm_share(\.without_first)?")
def algorithm_share(later: str | None) -> Estimate:
    """Return the share of tokens in the rate at which the time to the target falls."""
    return Estimate(*speedrun.algorithm_share(first=3 if later else 1), QUARTERS)


@recomputes(r"speedrun\.at_loss\.(34|36|40)\.(minutes|tokens)")
def at_loss(loss: str, part: str) -> Estimate:
    """Return the halving time of time or tokens to another loss."""
    frame = speedrun.halving_at_losses()
    row = frame[(frame["loss_nats"] == float(loss) / 10.0) & (frame["part"] == part)].iloc[0]
    return Estimate(*(float(row[each]) for each in ("months", "low", "high")), QUARTERS)
