"""The former place of what other studies take from allocation and growth, until nobody looks for it here."""

from __future__ import annotations

from algoprogress.laws import scaling as frontier
from book.studies.allocation import study as allocation
from book.studies.allocation.study import KAPLAN, chinchilla_runs, realised, refitted
from book.studies.growth.study import compute_models

laws = frontier.published


def kaplan_gain(name: str, compute_flop: float, *, at: str = "worse") -> tuple[float, float, float]:
    """Return the gain of a refitted law's optimum over Kaplan's split: best fit, and 95% over resampled runs."""
    found = allocation.refitted_gain(name, compute_flop, at=at)
    return found.value, found.low, found.high


__all__ = ["KAPLAN", "chinchilla_runs", "compute_models", "frontier", "kaplan_gain", "laws", "realised", "refitted"]
