"""Figures on the pages: inline SVG that follows the theme, alt text, and files to take away.

The downloadable SVG and PNG keep the colours of the house on white. In the SVG that a page shows each of them becomes
`var(--fig-<name>, <colour>)`, so that the picture follows the theme.
"""

import base64
import html
import re
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
from matplotlib.figure import Figure

from algoprogress.engine import root
from algoprogress.show.estimate import unpacked
from algoprogress.show.page import inline
from algoprogress.show.style import COLOURS, FONT, SIZES, encoded
from book.narrow import narrow as relaid

SHORTEST_ALT = 40  # characters; less than this names a picture without saying what it shows
NAME = re.compile(r"fig(?:-[a-z0-9]+){2,}")  # no underscore: docutils would write it as a hyphen in the id


def themed(svg: str) -> str:
    """Return the inline form of a standalone SVG: theme variables for colours, the page's font, no stray ids."""
    svg = inline(svg)
    for name, colour in COLOURS.items():
        svg = re.sub(re.escape(colour), f"var(--fig-{name}, {colour})", svg, flags=re.IGNORECASE)
    return re.sub(rf"'?{FONT}'?(, [^;\"]*)?", f"var(--fig-font, '{FONT}', sans-serif)", svg)


@dataclass(frozen=True)
class Picture:
    """A figure ready to be displayed: inline SVG that follows the page's theme, and a PNG for everything else."""

    name: str
    alt: str
    svg: str
    png: bytes
    drawn_by: str = ""
    narrow: str = ""  # the same figure as SVG, laid out for a phone

    def __repr__(self) -> str:
        """Return the name and the alt text, which is all that a terminal can show."""
        return f"{self.name}: {self.alt}"

    def _repr_mimebundle_(self, include=None, exclude=None) -> dict[str, str]:
        """Return the picture as HTML, PNG and text; the site puts links where the comments stand."""
        width = float(re.search(r'viewBox="0 0 ([\d.]+)', self.svg)[1])
        kind = "figure-wide" if width > 72 * SIZES["column"][0] else "figure-column"
        drawn = [("themed-figure", self.svg), *([("themed-figure figure-narrow", self.narrow)] if self.narrow else [])]
        inline = "".join(self._inline(svg, look) for look, svg in drawn)
        page = f'<div class="figure-box {kind}" tabindex="0" role="group" aria-label="Figure">{inline}</div>'
        page += f"<!-- downloads: {self.name} -->"
        page += f"<!-- drawn by: {self.drawn_by} -->" if self.drawn_by else ""
        return {"text/html": page, "image/png": base64.b64encode(self.png).decode(), "text/plain": repr(self)}

    def _inline(self, svg: str, look: str) -> str:
        """Return one drawing as an element of the page, as wide as its place there."""
        opening = f'<svg role="img" aria-label="{html.escape(self.alt)}" class="{look}"'
        sizeless = re.sub(r'(<svg[^>]*?) width="[^"]+"', r"\1", themed(svg), count=1)
        return re.sub(r'(<svg[^>]*?) height="[^"]+"', r"\1", sizeless, count=1).replace("<svg", opening, 1).strip()


def render(fig: Figure, *, name: str, alt: str, narrow: float = 0.0) -> Picture:
    """Return a figure as a `Picture`, the same bytes each time. Raises `ValueError` on a poor name or alt text.

    With `narrow`, a height in inches, there is a second drawing for phones; the figure is changed by it.
    """
    if not NAME.fullmatch(name):
        raise ValueError(f"figure name {name!r} is not of the form fig-<chapter>-<what>")
    if len(" ".join(alt.split())) < SHORTEST_ALT:
        raise ValueError(f"{name}: alt text of under {SHORTEST_ALT} characters; say what the picture shows: {alt!r}")
    svg, png = (encoded(fig, form, name=name, alt=alt) for form in ("svg", "png"))
    slim = b""
    if narrow:
        relaid(fig, narrow)
        slim = encoded(fig, "svg", name=f"{name}-narrow", alt=alt)
    return Picture(name, " ".join(alt.split()), svg.decode(), png, getattr(fig, "drawn_by", ""), slim.decode())


def show(fig: Figure, *, name: str, alt: str, data: pd.DataFrame, narrow: float = 0.0) -> Picture:
    """Return the picture to display, and write it as SVG and PNG, and what it plots as CSV, to `_build/figures/`.

    `name`, as `fig-<chapter>-<what>`, is the label to refer to and that of the files; `alt` says what a reader who
    cannot see the picture needs to know of it; `data` holds the plotted values, a row a mark. `narrow` and errors are
    those of `render`.
    """
    picture = render(fig, name=name, alt=alt, narrow=narrow)
    if data.empty:
        raise ValueError(f"{name}: the table of plotted values is empty")
    kept = keep(data, name)
    kept.with_suffix(".svg").write_text(picture.svg, encoding="utf-8")
    kept.with_suffix(".png").write_bytes(picture.png)
    return picture


def keep(data: pd.DataFrame, name: str) -> Path:
    """Write a table to `_build/figures/<name>.csv`, which the site's downloads get, and return the file."""
    file = root() / "_build" / "figures" / f"{name}.csv"
    file.parent.mkdir(parents=True, exist_ok=True)
    numbered = isinstance(data.index, pd.RangeIndex)
    unpacked(data).to_csv(file, index=not numbered, float_format="%.8g", lineterminator="\n")
    return file
