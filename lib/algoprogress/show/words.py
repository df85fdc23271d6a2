"""How a value is written: digits by its unit, a true minus sign, raised powers, infinity in words or as a sign."""

import math
import re
from collections.abc import Mapping
from numbers import Integral, Real

import pandas as pd

# Format of a value by its unit. A unit that is not named here gets three significant digits.
COUNTS = ("rows", "papers", "systems", "evaluations", "iterations", "number of the law", "cutoffs", "specifications")
UNIT_FORMATS: Mapping[str, str] = {
    **{"months": ".1f", "years": ".2f", "year": ".2f", "nats": ".3f", "nats^2": ".5f", "share": ".1%"},
    **{"FLOP": ".1e", "parameters": ".2e", "tokens": ".2e", "": ".3f"},
    **dict.fromkeys(COUNTS, ",.0f"),
}
UNSPOKEN = {"", "share", "year", "number of the law"}  # units that are not said behind the value
TIMES = {"months", "years"}  # a quantity of time that is infinite says that nothing moves
RAISED = str.maketrans("+-0123456789", "⁺⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
MISSING = "–"


def written(value: Real, spec: str = ".2f", *, infinite: str = "∞") -> str:
    """Return a value as it is printed: a true minus sign, powers of ten raised, infinity in words or as a sign."""
    value = int(value) if isinstance(value, Integral) else float(value)
    if math.isnan(value):
        raise ValueError("a missing value cannot be printed as a number")
    if math.isinf(value):
        return infinite if value > 0 else f"−{infinite}"
    text = format(value, spec)
    mantissa, _, power = text.partition("e")
    text = f"{mantissa} × 10{str(int(power)).translate(RAISED)}" if power else text
    return re.sub(r"^-(?=[\d.])", "−", text) if float(re.sub(r"[^\d]", "", mantissa) or 0) else text.lstrip("-")


def significant(value: Real, digits: int = 3) -> str:
    """Return the format that keeps so many significant digits of a value, in plain notation up to a million.

    >>> [format(x, significant(x)) for x in (0.01234, 7.6543, 61.04, 22000.0)]
    ['0.0123', '7.65', '61.0', '22,000']
    """
    size = abs(float(value))
    if size >= 1e6 or 0 < size < 1e-4:
        return f".{digits - 1}e"
    places = digits - 1 - math.floor(math.log10(size)) if size and math.isfinite(size) else digits
    return f",.{max(places, 0)}f"


def unit_format(value: Real, unit: str) -> str:
    """Return the format of a value by its unit; months from a hundred on are printed whole.

    >>> [format(x, unit_format(x, "months")) for x in (9.04, 1001.4)]
    ['9.0', '1,001']
    """
    return ",.0f" if unit == "months" and abs(value) >= 100 else UNIT_FORMATS.get(unit) or significant(value)


def quantity(value: Real, unit: str, *, with_unit: bool = False) -> str:
    """Return a value in the digits that its unit deserves, with the unit if asked (`7.8 months`); a dash if missing."""
    if value is None or pd.isna(value):
        return MISSING
    text = written(value, unit_format(value, unit), infinite="no progress" if unit in TIMES else "∞")
    return f"{text} {unit.replace('^2', '²')}" if with_unit and unit not in UNSPOKEN and math.isfinite(value) else text
