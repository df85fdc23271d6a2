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
SIDES = {"low": "below", "high": "above"}  # ends, and the word before the number past which an undetermined one lies
LOOSE = 0.10  # of the width of an interval: the Monte Carlo error from which on an end is undetermined


@dataclass(frozen=True)
class Estimate:
    """A value, the ends of its interval (nan where there is none), what the interval covers, and the unit.

    An end that its draws do not determine is named in `undetermined` ("low", "high" or "low high"); it is not known,
    but lies past the number in its place, and is written so. `limits` hold the ends of an interval from draws with
    their 95% Monte Carlo error, in rising order: from, the low end, to; from, the high end, to.

    >>> str(Estimate(7.04, 3.21, 41.0, "95%, 10,000 resampled papers", "months"))
    '7.0 months [3.2, 41.0]'
    >>> str(Estimate(7.04, 3.21, 34.4, "95%, 10,000 resampled papers", "months", "high"))
    '7.0 months [3.2, above 34.4]'
    """

    value: float
    low: float = math.nan
    high: float = math.nan
    covers: str = COUNT
    unit: str = ""
    undetermined: str = ""
    limits: tuple[float, ...] = ()

    @classmethod
    def from_draws(
        cls,
        draws: ArrayLike,
        *,
        value: float | None = None,
        covers: str = "",
        unit: str = "",
        level: float = LEVEL,
        complete: bool = False,
    ) -> Estimate:
        """Return the percentiles of draws around a value, which is their median unless told; draws of nan are left out.

        How many draws lie below a quantile is binomial, whatever their distribution, which gives the limits of each end
        by rank (Conover 1999, Practical Nonparametric Statistics, 3.2). There are none where the draws are `complete`:
        all of a set, or a published procedure's own, whose ends are the very numbers that are checked.

        >>> Estimate.from_draws(range(-500, 501), covers="95%, draws").text(".0f")
        '0 [−475, 475]'
        >>> Estimate.from_draws(range(101), covers="95%, draws").text(".0f")
        '50 [below 5, above 95]'
        """
        known = np.asarray(draws, dtype=float)
        known = np.sort(known[~np.isnan(known)])
        tail = (1.0 - level) / 2.0
        low, middle, high = map(float, np.quantile(known, [tail, 0.5, 1.0 - tail])) if known.size else 3 * [math.nan]
        found = cls(middle if value is None else float(value), low, high, covers, unit)
        if complete or not known.size:
            return found
        rank, error = known.size * tail, NORMAL_975 * math.sqrt(known.size * tail * (1.0 - tail))
        ranked = [-math.inf, *known.tolist(), math.inf]
        first, last = max(math.ceil(rank - error), 0), math.ceil(rank + error)
        return found._limited((ranked[first], low, ranked[last], ranked[-last - 1], high, ranked[-first - 1]))

    @classmethod
    def of_row(
        cls, row: Mapping[str, float] | pd.Series, columns: Sequence[str] = ENDS, *, covers: str = "", unit: str = ""
    ) -> Estimate:
        """Return the estimate whose value and ends stand in three columns of a row; a fourth has `undetermined`."""
        return cls(*(float(row[name]) for name in columns[:3]), covers, unit, *(row[name] for name in columns[3:]))

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

    @property
    def reach(self) -> tuple[float, float]:
        """Return the ends, an undetermined one as far out as its error lets it lie; without any the value twice."""
        if not self.bounded:
            return self.value, self.value
        limits = self.limits or (-math.inf, math.inf)
        far = {"low": limits[0], "high": limits[-1]}
        return tuple(far[side] if side in self.undetermined else getattr(self, side) for side in SIDES)

    def contains(self, value: float) -> bool:
        """Return whether a value lies within the interval, or may as far as an end is undetermined; ends included."""
        low, high = self.reach
        return low <= value <= high

    def map(self, function: Callable[[float], float], *, unit: str | None = None) -> Estimate:
        """Return value and ends after a monotone function; a falling one swaps the ends.

        >>> Estimate(2.0, 1.0, 4.0).map(lambda rate: 12.0 / rate, unit="months").text()
        '6.0 months [3.0, 12.0]'
        """
        ends = [float(function(end)) for end in self.limits or (self.low, self.high)]
        ends = ends[::-1] if ends[-1] < ends[0] else ends
        found = replace(self, value=function(self.value), unit=self.unit if unit is None else unit)
        return found._limited(tuple(ends)) if self.limits else replace(found, low=ends[0], high=ends[1])

    def _limited(self, limits: tuple[float, ...]) -> Estimate:
        """Return the estimate with the ends that lie between some limits.

        An end is undetermined if half of the way between its limits is more than `LOOSE` of the interval: in logs where
        nothing is negative, so that no unit and no power matters (a rate and its doubling time), else as they are.
        """
        logs = limits[0] >= 0.0 < limits[1]
        scaled = [(math.log(each) if each else -math.inf) if logs else each for each in limits]
        loose = []
        for side, (first, _, last) in zip(SIDES, (scaled[:3], scaled[3:]), strict=True):
            error = (last - first) / 2.0 if last > first else 0.0
            loose += [side] if error == math.inf or error > LOOSE * (scaled[4] - scaled[1]) else []
        low, high = limits[2 if "low" in loose else 1], limits[3 if "high" in loose else 4]
        return replace(self, low=low, high=high, undetermined=" ".join(loose), limits=limits)

    def covering(self, covers: str) -> Estimate:
        """Return the same numbers with other words for what the interval covers."""
        return replace(self, covers=covers)

    def span(self, spec: str = "") -> str:
        """Return the interval as `low to high`, a dash if there is none."""
        return " to ".join(self.ends(spec)) if self.bounded else MISSING

    def text(self, spec: str = "") -> str:
        """Return value, unit and interval, as `7.0 months [3.2, 41.0]`; without a format the unit tells the digits."""
        ends = f"[{', '.join(self.ends(spec))}]" if self.bounded else ""
        if math.isnan(self.value):
            return ends or MISSING
        said = written(self.value, spec) if spec else quantity(self.value, self.unit, with_unit=True)
        return f"{said} {ends}".rstrip()

    __str__ = __format__ = text

    def ends(self, spec: str = "") -> list[str]:
        """Return both ends as they are written, an undetermined one as the number past which it lies, or as `?`."""
        ends = {side: getattr(self, side) for side in SIDES}
        said = {side: written(end, spec or unit_format(end, self.unit)) for side, end in ends.items()}
        loose = {side: f"{SIDES[side]} {said[side]}" if math.isfinite(ends[side]) else "?" for side in SIDES}
        return [loose[side] if side in self.undetermined else said[side] for side in SIDES]


def estimates(
    frame: pd.DataFrame, columns: Sequence[str] = ENDS, *, covers: str = "", unit: str = ""
) -> list[Estimate]:
    """Return an estimate for each row of a table that holds value and ends in three columns."""
    return [Estimate.of_row(row, columns, covers=covers, unit=unit) for row in frame.to_dict("records")]


def unpacked(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a table with each column of estimates as three columns of numbers: name, name_low, name_high.

    A fourth, name_undetermined, follows where an end is: the number in its place is how far it reaches at least.
    """
    columns = {}
    for name, cells in frame.items():
        if any(isinstance(cell, Estimate) for cell in cells):
            for part, suffix in zip(ENDS, ("", "_low", "_high"), strict=True):
                columns[f"{name}{suffix}"] = [getattr(cell, part, math.nan) for cell in cells]
            if any(loose := [getattr(cell, "undetermined", "") for cell in cells]):
                columns[f"{name}_undetermined"] = loose
        else:
            columns[name] = cells
    return pd.DataFrame(columns, index=frame.index)
