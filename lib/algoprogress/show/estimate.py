"""A value with its interval, its unit and what the interval covers, and the one way in which that is written."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from algoprogress.show.words import MISSING, quantity, unit_format, written

LEVEL = 0.95  # of every interval of the book, unless it says otherwise
COUNT = "none: a count or a fixed property of the sample"
NORMAL_975 = 1.959963984540054  # 97.5% quantile of the normal distribution
ENDS = ("value", "low", "high")


@dataclass(frozen=True)
class Estimate:
    """A value, the ends of its interval (nan where there is none), what the interval covers, and the unit.

    >>> str(Estimate(7.04, 3.21, 41.0, "95%, 10,000 resampled papers", "months"))
    '7.0 months [3.2, 41.0]'
    """

    value: float
    low: float = math.nan
    high: float = math.nan
    covers: str = COUNT
    unit: str = ""

    @classmethod
    def from_draws(
        cls, draws: ArrayLike, *, value: float | None = None, covers: str = "", unit: str = "", level: float = LEVEL
    ) -> Estimate:
        """Return the percentiles of draws around a value, which is their median unless told; draws of nan are left out.

        >>> Estimate.from_draws(range(1001), covers="95%, draws").text(".0f")
        '500 [25, 975]'
        """
        known = np.asarray(draws, dtype=float)
        known = known[~np.isnan(known)]
        tail = (1.0 - level) / 2.0
        low, middle, high = map(float, np.quantile(known, [tail, 0.5, 1.0 - tail])) if known.size else 3 * [math.nan]
        return cls(middle if value is None else float(value), low, high, covers, unit)

    @classmethod
    def of_row(
        cls, row: Mapping[str, float] | pd.Series, columns: Sequence[str] = ENDS, *, covers: str = "", unit: str = ""
    ) -> Estimate:
        """Return the estimate whose value and ends stand in three columns of a row of a table."""
        return cls(*(float(row[name]) for name in columns), covers, unit)

    @classmethod
    def of_share(cls, hits: ArrayLike, *, covers: str) -> Estimate:
        """Return the share of draws that are true, with the 95% error of counting them (Wilson 1927), within 0 and 1.

        >>> Estimate.of_share([True] * 75 + [False] * 25, covers="95%, Monte Carlo").text()
        '75.0% [65.7%, 82.5%]'
        """
        found = np.asarray(hits, dtype=float)
        value, error = float(found.mean()), NORMAL_975**2 / found.size
        middle = (value + error / 2.0) / (1.0 + error)
        reach = math.sqrt(error * (value * (1.0 - value) + error / 4.0)) / (1.0 + error)
        low = middle - reach if value > 0.0 else 0.0
        high = middle + reach if value < 1.0 else 1.0
        return cls(value, low, high, covers, "share")

    @classmethod
    def exact(cls, value: float, why: str = COUNT, *, unit: str = "") -> Estimate:
        """Return a value without an interval; `why` begins with "none: " and says why there is none."""
        return cls(float(value), covers=why, unit=unit)

    @classmethod
    def untestable(cls, why: str) -> Estimate:
        """Return what stands for a claim that public data cannot test."""
        return cls(math.nan, covers=why)

    @property
    def bounded(self) -> bool:
        """Return whether there is an interval."""
        return not (math.isnan(self.low) or math.isnan(self.high))

    def contains(self, value: float) -> bool:
        """Return whether a value lies within the interval, ends included."""
        return self.low <= value <= self.high

    def map(self, function: Callable[[float], float], *, unit: str | None = None) -> Estimate:
        """Return value and ends after a monotone function; a falling one swaps the ends.

        >>> Estimate(2.0, 1.0, 4.0).map(lambda rate: 12.0 / rate, unit="months").text()
        '6.0 months [3.0, 12.0]'
        """
        low, high = (function(end) for end in (self.low, self.high))
        low, high = (high, low) if high < low else (low, high)
        return replace(self, value=function(self.value), low=low, high=high, unit=self.unit if unit is None else unit)

    def covering(self, covers: str) -> Estimate:
        """Return the same numbers with other words for what the interval covers."""
        return replace(self, covers=covers)

    def span(self, spec: str = "") -> str:
        """Return the interval as `low to high`, a dash if there is none."""
        return " to ".join(self._ends(spec)) if self.bounded else MISSING

    def text(self, spec: str = "") -> str:
        """Return value, unit and interval, as `7.0 months [3.2, 41.0]`; without a format the unit tells the digits."""
        ends = f"[{', '.join(self._ends(spec))}]" if self.bounded else ""
        if math.isnan(self.value):
            return ends or MISSING
        said = written(self.value, spec) if spec else quantity(self.value, self.unit, with_unit=True)
        return f"{said} {ends}".rstrip()

    __str__ = __format__ = text

    def _ends(self, spec: str) -> list[str]:
        return [written(end, spec or unit_format(end, self.unit)) for end in (self.low, self.high)]


def estimates(
    frame: pd.DataFrame, columns: Sequence[str] = ENDS, *, covers: str = "", unit: str = ""
) -> list[Estimate]:
    """Return an estimate for each row of a table that holds value and ends in three columns."""
    return [Estimate.of_row(row, columns, covers=covers, unit=unit) for row in frame.to_dict("records")]


def unpacked(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a table with each column of estimates as three columns of numbers: name, name_low, name_high."""
    columns = {}
    for name, cells in frame.items():
        if any(isinstance(cell, Estimate) for cell in cells):
            for part, suffix in zip(ENDS, ("", "_low", "_high"), strict=True):
                columns[f"{name}{suffix}"] = [getattr(cell, part, math.nan) for cell in cells]
        else:
            columns[name] = cells
    return pd.DataFrame(columns, index=frame.index)
