"""Finds the function that recomputes a claim by the pattern of its id (for studies that do not yield their claims)."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable

from algoprogress.show.estimate import Estimate

FAMILIES: list[tuple[re.Pattern[str], Callable[..., Estimate]]] = []


def recomputes(pattern: str) -> Callable[[Callable[..., Estimate]], Callable[..., Estimate]]:
    """Register a function for the ids that a pattern matches; its groups are the arguments."""

    def register(function: Callable[..., Estimate]) -> Callable[..., Estimate]:
        FAMILIES.append((re.compile(pattern), function))
        return function

    return register


@functools.cache
def estimate(id: str) -> Estimate:
    """Return our estimate for a claim; raise KeyError if no function recomputes it."""
    function, arguments = _family(id)
    return function(*arguments)


def recomputed_by(id: str) -> Callable[..., Estimate]:
    """Return the function that recomputes a claim; raise KeyError if there is none."""
    return _family(id)[0]


def _family(id: str) -> tuple[Callable[..., Estimate], tuple[str | None, ...]]:
    for pattern, function in FAMILIES:
        match = pattern.fullmatch(id)
        if match:
            return function, match.groups()
    raise KeyError(f"no function recomputes the claim {id!r}")
