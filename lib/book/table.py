"""Tables of ready strings as Markdown, which the book turns into real tables: numbered, indexed, linked."""

import html
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from numbers import Integral, Real

import pandas as pd

from algoprogress.show.estimate import Estimate
from algoprogress.show.words import MISSING, significant, written

KEPT = "\u00a0×\u00a0"  # a number and its power of ten stay on one line
MOST_ROWS = 15  # of a longer table the rest is folded away


@dataclass(frozen=True)
class Table:
    """A table of ready strings: MyST Markdown for the book (where it wins), HTML for a notebook."""

    headers: Sequence[str]
    rows: Sequence[Sequence[str]]
    numeric: Sequence[bool]
    caption: str
    name: str
    fold: str = ""
    whole: bool = True

    @property
    def markdown(self) -> str:
        """Return the table directive, or the bare pipe table if there is no caption.

        Under the words of `fold` all of it is folded away; if not `whole`, the rows after the first fifteen are.
        """
        rule = ["---:" if numeric else ":---" for numeric in self.numeric]
        lines = ["| " + " | ".join(cells).replace(" × ", KEPT) + " |" for cells in (self.headers, rule, *self.rows)]
        if not self.caption:
            return "\n".join(lines)
        label = [f":name: {self.name}"] if self.name else []
        cut = len(lines) if self.whole or self.fold else 2 + MOST_ROWS
        shown = "\n".join([f"::::{{table}} {self.caption}", *label, "", *lines[:cut], "::::"])
        if self.fold:
            return _folded(self.fold, shown)
        rest = lines[cut:]
        more = [_folded(f"Show the other rows ({len(rest)})", "\n".join(lines[:2] + rest))] if rest else []
        return "\n\n".join([shown, *more])

    @property
    def html(self) -> str:
        """Return the table for a notebook, its Markdown reduced to plain words."""
        heads = "".join(f'<th scope="col">{_plain(head)}</th>' for head in self.headers)
        lines = ([_plain(cell) for cell in row] for row in self.rows)
        body = "".join(
            f'<tr><th scope="row">{name}</th>' + "".join(f"<td>{cell}</td>" for cell in rest) + "</tr>"
            for name, *rest in lines
        )
        caption = f"<caption>{_plain(self.caption)}</caption>" if self.caption else ""
        return f"<table>{caption}<thead><tr>{heads}</tr></thead><tbody>{body}</tbody></table>"

    def _repr_mimebundle_(self, include=None, exclude=None) -> dict[str, str]:
        """Return Markdown, HTML and text; the book's configuration prefers the Markdown."""
        return {"text/markdown": self.markdown, "text/html": self.html, "text/plain": self.markdown}


def _folded(summary: str, content: str) -> str:
    """Return Markdown behind a summary, which opens without scripts, by keyboard, for a link into it, and in print."""
    return f'<details class="more"><summary>{html.escape(summary)}</summary>\n\n{content}\n\n</details>'


def _plain(text: str) -> str:
    """Return a Markdown cell without its marks, escaped for HTML.

    >>> _plain("[[`a.b`](#a.b)]{id='a.b'} is [7.0 [3.2, 41.0]](#a.b)")
    'a.b is 7.0 [3.2, 41.0]'
    """
    for _ in range(2):  # a link may lie in a span
        text = re.sub(r"\[((?:[^\[\]]|\[[^\[\]]*\])*)\](?:\([^)]*\)|\{[^{}]*\})", r"\1", text)
    return html.escape(re.sub(r"\{[^{}]*\}|[`*]|\\(?=\|)", "", text))


def _cell(value: object, form: str | Callable[[object], str] | None) -> str:
    """Return one cell: formatted, an estimate with its interval, missing values as a dash, pipes escaped."""
    if value is None or (not isinstance(value, (Estimate, list, tuple)) and pd.isna(value)):
        return MISSING
    if callable(form):
        text = str(form(value))
    elif isinstance(value, Estimate):
        text = value.text(form or "")
    elif isinstance(value, Real) and not isinstance(value, bool):
        text = written(value, form or ("d" if isinstance(value, Integral) else significant(value)))
    else:
        text = str(value)
    return " ".join(text.split()).replace("|", "\\|")


def anchored(name: str) -> str:
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
    fold: str = "",
    whole: bool = False,
) -> Table:
    """Return a frame as a table with real headers; cells may hold inline Markdown.

    A `caption` makes the table numbered, and `name` is the label (`tab-<chapter>-<what>`) to refer to with `numref`.
    By column, `headers` has its words (else its own name with spaces) and `formats` a format spec or a function.
    `anchor` is a column of ids, whose cells become link targets; `right` are columns of text to align as numbers are.
    Of a table with a caption fifteen rows show and the rest folds away, unless `whole`; all of it folds away under the
    words of `fold`, if there are any.
    """
    formats, headers = formats or {}, headers or {}
    numbers, heads, columns, aligned = {*right, *frame.select_dtypes("number").columns}, [], [], []
    for column, values in frame.items():
        cells = [_cell(value, formats.get(column)) for value in values]
        heads.append(headers.get(column, str(column).replace("_", " ")))
        columns.append([anchored(cell) for cell in cells] if column == anchor else cells)
        aligned.append(column in numbers or any(isinstance(value, Estimate) for value in values))
    return Table(heads, list(zip(*columns, strict=True)), aligned, " ".join(caption.split()), name, fold, whole)
