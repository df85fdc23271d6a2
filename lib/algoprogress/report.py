"""From values to words: the one way by which numbers and tables reach a page.

`number`, `interval` and `claim` glue ready strings, which prose and captions paste by their key. Every helper returns
what it glued, and works outside of a notebook, where there is nothing to glue to.
"""

from __future__ import annotations

import html
import math
import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from numbers import Integral, Real

import pandas as pd

# Format of a value by its unit. A unit that is not named here gets three significant digits.
COUNTS = ("rows", "papers", "systems", "evaluations", "iterations")
UNIT_FORMATS: Mapping[str, str] = {
    "months": ".1f", "years": ".2f", "year": ".2f", "nats": ".3f", "nats^2": ".4f", "share": ".1%", "FLOP": ".1e",
    "parameters": ".2e", "tokens": ".2e", "": ".3f", **dict.fromkeys(COUNTS, ",.0f"),
}  # fmt: skip
UNSPOKEN = {"", "share", "year"}  # units that are not said behind the value
TIMES = {"months", "years"}  # a quantity of time that is infinite says that nothing moves

RAISED = str.maketrans("+-0123456789", "⁺⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
MISSING = "–"


def _glue(key: str, text: str) -> str:
    """Return the text, having glued it under the key if this runs in a notebook."""
    from IPython import get_ipython  # both imports are slow, and a plain script needs neither

    if get_ipython() is not None:
        from myst_nb import glue

        glue(key, text, display=False)
    return text


def written(value: Real, spec: str = ".2f", *, infinite: str = "∞") -> str:
    """Return a value as it is printed: a true minus sign, powers of ten raised, infinity in words or as a sign.

    >>> written(-1.234), written(3.2e21, ".1e"), written(float("inf"), infinite="no progress")
    ('−1.23', '3.2 × 10²¹', 'no progress')
    """
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
    """Return the format of a value of a unit."""
    return UNIT_FORMATS.get(unit) or significant(value)


def number(key: str, value: Real, spec: str = ".2f", *, infinite: str = "∞") -> str:
    """Glue one value as a ready string, to paste with the role `glue:text`; return it. Raises `ValueError` on NaN."""
    return _glue(key, written(value, spec, infinite=infinite))


def words(key: str, text: str) -> str:
    """Glue a name or phrase that was computed (the best law, the first paper) and return it."""
    return _glue(key, str(text))


def interval(key: str, low: Real, high: Real, spec: str = ".2f") -> str:
    """Glue an interval as `low to high` and return it."""
    return _glue(key, f"{written(low, spec)} to {written(high, spec)}")


def quantity(value: Real, unit: str, *, with_unit: bool = False) -> str:
    """Return a value in the digits that its unit deserves, with the unit behind it if asked; a missing one is a dash.

    >>> quantity(7.79, "months"), quantity(7.79, "months", with_unit=True), quantity(float("inf"), "months")
    ('7.8', '7.8 months', 'no progress')
    """
    if value is None or pd.isna(value):
        return MISSING
    text = written(value, unit_format(value, unit), infinite="no progress" if unit in TIMES else "∞")
    return f"{text} {unit}" if with_unit and unit not in UNSPOKEN and math.isfinite(value) else text


def span(low: Real, high: Real, unit: str) -> str:
    """Return an interval in the digits of its unit, a dash if an end is missing.

    >>> span(5.0, float("inf"), "months")
    '5.0 to ∞'
    """
    ends = [quantity(end, unit).replace("no progress", "∞") for end in (low, high)]
    return MISSING if MISSING in ends else " to ".join(ends)


def claim(id: str) -> pd.Series:
    """Glue a row of the ledger as `<id>.estimate`, `.low`, `.high`, `.interval`, `.published`, `.verdict` and so on."""
    from algoprogress import claims  # the ledger needs the whole library, this module needs nothing of it

    ledger = claims.ledger().set_index("id")
    if id not in ledger.index:
        raise KeyError(f"no claim {id!r} in the ledger; its ids are {', '.join(sorted(ledger.index))}")
    row = ledger.loc[id]
    for field in ("estimate", "low", "high"):
        _glue(f"{id}.{field}", quantity(row[field], row["unit"]))
    _glue(f"{id}.interval", span(row["low"], row["high"], row["unit"]))
    _glue(f"{id}.published_interval", span(row["published_low"], row["published_high"], row["unit"]))
    stated = quantity(row["published"], row["unit"])
    stated = span(row["published_low"], row["published_high"], row["unit"]) if stated == MISSING else stated
    _glue(f"{id}.published", stated)  # a claim that is an interval has no single value
    _glue(f"{id}.verdict", str(row["verdict"]))
    return row


def quantities(frame: pd.DataFrame, columns: Collection[str]) -> pd.DataFrame:
    """Return a frame whose named columns are printed by the `unit` of their row; give them to `table` as `right`."""
    printed = {
        column: [quantity(value, unit) for value, unit in zip(frame[column], frame["unit"], strict=True)]
        for column in columns
    }
    return frame.assign(**printed)


def claims(*ids: str) -> pd.DataFrame:
    """Glue several rows of the ledger, as `claim` does, and return them as a frame."""
    return pd.DataFrame([claim(id) for id in ids])


def ledger_view(frame: pd.DataFrame) -> pd.DataFrame:
    """Return rows of the ledger as a table to read: id, claim, published, ours, verdict."""
    columns = {}
    for name, ends in {"published": ("published_low", "published_high"), "estimate": ("low", "high")}.items():
        rows = zip(frame[name], frame[ends[0]], frame[ends[1]], frame["unit"], strict=True)
        columns[name] = [_with_interval(*row) for row in rows]
    return pd.DataFrame(
        {
            "id": frame["id"],
            "claim": frame["statement"],
            "published": columns["published"],
            "ours": columns["estimate"],
            "verdict": frame["verdict"].map(badge),
        }
    )


def _with_interval(value: Real, low: Real, high: Real, unit: str) -> str:
    """Return a value with its unit and, if there is one, its interval in brackets."""
    text = quantity(value, unit, with_unit=True)
    if pd.isna(low) or pd.isna(high):
        return text
    ends = [quantity(end, unit).replace("no progress", "∞") for end in (low, high)]
    return f"{text} [{', '.join(ends)}]"


def badge(verdict: str) -> str:
    """Return a verdict as a Markdown span that the site draws as a badge, told apart by sign and border.

    >>> badge("not reproduced")
    '[not reproduced]{.verdict .verdict-not-reproduced}'
    """
    kind = re.sub(r"[^a-z]+", "-", verdict.lower()).strip("-")
    return f"[{verdict}]{{.verdict .verdict-{kind}}}"


@dataclass(frozen=True)
class Table:
    """A table of ready strings: MyST Markdown for the book (where it wins), HTML for a notebook."""

    headers: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numeric: tuple[bool, ...]
    caption: str
    name: str

    @property
    def markdown(self) -> str:
        """Return the table directive, or the bare pipe table if there is no caption."""
        rule = ["---:" if numeric else ":---" for numeric in self.numeric]
        lines = ["| " + " | ".join(cells) + " |" for cells in (self.headers, rule, *self.rows)]
        if not self.caption:
            return "\n".join(lines)
        label = [f":name: {self.name}"] if self.name else []
        return "\n".join([f"::::{{table}} {self.caption}", *label, "", *lines, "::::"])

    @property
    def html(self) -> str:
        """Return the table for a notebook, its Markdown reduced to plain words."""
        heads = "".join(f'<th scope="col">{_plain(head)}</th>' for head in self.headers)
        body = "".join("<tr>" + "".join(f"<td>{_plain(cell)}</td>" for cell in row) + "</tr>" for row in self.rows)
        caption = f"<caption>{_plain(self.caption)}</caption>" if self.caption else ""
        return f"<table>{caption}<thead><tr>{heads}</tr></thead><tbody>{body}</tbody></table>"

    def _repr_mimebundle_(self, include=None, exclude=None) -> dict[str, str]:
        """Return Markdown, HTML and text; the book's configuration prefers the Markdown."""
        return {"text/markdown": self.markdown, "text/html": self.html, "text/plain": self.markdown}


def _plain(text: str) -> str:
    """Return a Markdown cell without its marks, escaped for HTML."""
    text = re.sub(r"\{[^{}]*\}|[`*]|\\(?=\|)", "", text)
    for _ in range(2):  # a link may lie in a span
        text = re.sub(r"\[([^\[\]]*)\](?:\([^)]*\))?", r"\1", text)
    return html.escape(text)


def _cell(value: object, form: str | Callable[[object], str] | None) -> str:
    """Return one cell: formatted, missing values as a dash, pipes escaped."""
    if value is None or (not isinstance(value, (list, tuple)) and pd.isna(value)):
        return MISSING
    if callable(form):
        text = str(form(value))
    elif isinstance(value, Real) and not isinstance(value, bool):
        text = written(value, form or ("d" if isinstance(value, Integral) else significant(value)))
    else:
        text = str(value)
    return " ".join(text.split()).replace("|", "\\|")


def _anchored(name: str) -> str:
    """Return a cell that is a link target, and a link to itself."""
    return f'[[`{name}`](#{name})]{{id="{name}" .row-anchor}}'


def table(
    frame: pd.DataFrame,
    *,
    caption: str = "",
    name: str = "",
    headers: Mapping[str, str] | None = None,
    formats: Mapping[str, str | Callable[[object], str]] | None = None,
    anchor: str | None = None,
    right: Collection[str] = (),
) -> Table:
    """Return a frame as a table with real headers; cells may hold inline Markdown.

    Parameters
    ----------
    caption, name
        Caption (Markdown; makes the table numbered) and label (`tab-<chapter>-<what>`, to refer to with `numref`).
    headers
        Words for the columns; a column that is not named shows its own name with spaces.
    formats
        Format spec or function by column.
    anchor
        Column of ids: each of its cells becomes a link target of exactly this id.
    right
        Columns of text to align to the right, as columns of numbers are.
    """
    formats, headers = formats or {}, headers or {}
    columns = []
    for column in frame.columns:
        cells = [_cell(value, formats.get(column)) for value in frame[column]]
        columns.append([_anchored(cell) for cell in cells] if column == anchor else cells)
    heads = tuple(headers.get(column, str(column).replace("_", " ")) for column in frame.columns)
    numbers = {*right, *frame.select_dtypes("number").columns}
    aligned = tuple(column in numbers for column in frame.columns)
    return Table(heads, tuple(zip(*columns, strict=True)), aligned, " ".join(caption.split()), name)
