"""House style of the figures: palette by role, sizes by name, and a display that carries alt text and downloads.

Every colour of a house figure is one of `COLOURS`. The downloadable SVG and PNG keep these concrete colours on white.
In the SVG that a page shows each becomes `var(--fig-<name>, <colour>)`, so that the picture follows the theme.
"""

from __future__ import annotations

import base64
import html
import io
import re
from collections.abc import Callable, Mapping
from contextlib import ContextDecorator, ExitStack
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from types import MappingProxyType

import matplotlib as mpl
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.text import Annotation

from algoprogress.engine.places import root
from algoprogress.show.estimate import unpacked

# Okabe and Ito's colours, and a darker neighbour of each for text, which needs more contrast than a line does.
COLOURS: Mapping[str, str] = MappingProxyType(
    {
        "ink": "#1f2733",
        "muted": "#5c6673",
        "grid": "#dfe3e8",
        "paper": "#fffffe",
        "blue": "#0072b2",
        "vermillion": "#d55e00",
        "green": "#009e73",
        "purple": "#cc79a7",
        "orange": "#e69f00",
        "sky": "#56b4e9",
        "blue-text": "#005a8d",
        "vermillion-text": "#a84a00",
        "green-text": "#00694d",
        "purple-text": "#964a74",
        "orange-text": "#8a5f00",
        "sky-text": "#1f6a9a",
    }
)


@dataclass(frozen=True)
class Role:
    """What a thing is drawn with: a colour, and a marker and a line style that tell it apart without the colour."""

    hue: str
    marker: str
    line: str | tuple[int, tuple[int, ...]]

    @property
    def colour(self) -> str:
        """Return the colour for lines, markers and areas."""
        return COLOURS[self.hue]

    @property
    def text(self) -> str:
        """Return the colour for words: the same hue, darker."""
        return COLOURS.get(f"{self.hue}-text", self.colour)

    @property
    def drawing(self) -> dict[str, object]:
        """Return the keyword arguments for `Axes.plot` and `Axes.errorbar`."""
        return {"color": self.colour, "marker": self.marker, "linestyle": self.line}


ROLES: Mapping[str, Role] = MappingProxyType(
    {
        "ours": Role("blue", "o", "-"),
        "published": Role("vermillion", "D", "--"),
        "alternative": Role("green", "^", "-."),
        "check": Role("purple", "s", ":"),
        "wt103": Role("blue", "o", "-"),
        "wt2": Role("orange", "s", "--"),
        "ptb": Role("green", "^", "-."),
        "fifth": Role("sky", "v", (0, (5, 1, 1, 1))),
        "reference": Role("ink", "x", "-"),
        "muted": Role("muted", ".", "-"),
    }
)

# Width and height in inches. At 7.2 in a nine-point label is 13 px high on a desk. "column" and "square" fit a phone.
SIZES: Mapping[str, tuple[float, float]] = MappingProxyType(
    {"column": (5.2, 3.4), "square": (5.2, 5.0), "strip": (7.2, 2.6), "wide": (7.2, 4.1), "tall": (7.2, 6.4)}
)

SHORTEST_ALT = 40  # characters; less than this names a picture without saying what it shows
NAME = re.compile(r"fig(?:-[a-z0-9]+){2,}")  # no underscore: docutils would write it as a hyphen in the id
FONT = "DejaVu Sans"  # comes with matplotlib, so that layouts are the same on every machine

RC: Mapping[str, object] = MappingProxyType(
    {
        "figure.constrained_layout.use": True,
        "figure.dpi": 100,
        "savefig.dpi": 200,
        "figure.facecolor": COLOURS["paper"],
        "savefig.facecolor": COLOURS["paper"],
        "axes.facecolor": "none",
        "font.family": FONT,
        "font.size": 9.5,
        "axes.labelsize": 9.5,
        "xtick.labelsize": 9,
        "ytick.labelsize": 9,
        "legend.fontsize": 9,
        "legend.frameon": False,
        "axes.titlesize": 9.5,
        "axes.titlelocation": "left",
        "axes.titleweight": "bold",
        "text.color": COLOURS["ink"],
        "axes.labelcolor": COLOURS["ink"],
        "axes.edgecolor": COLOURS["muted"],
        "xtick.color": COLOURS["muted"],
        "ytick.color": COLOURS["muted"],
        "legend.labelcolor": COLOURS["ink"],
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.linewidth": 0.8,
        "axes.grid": True,
        "axes.axisbelow": True,
        "grid.color": COLOURS["grid"],
        "grid.linewidth": 0.8,
        "axes.prop_cycle": mpl.cycler(
            color=[COLOURS[name] for name in ("blue", "vermillion", "green", "purple", "orange", "sky")]
        ),
        "lines.linewidth": 1.8,
        "lines.markersize": 5.5,
        "patch.edgecolor": COLOURS["ink"],
        "axes.unicode_minus": True,
        "svg.fonttype": "none",
    }
)


class house(ContextDecorator):
    """Hold matplotlib's settings to the house style; a decorator of each function that draws, which signs its figure.

    A signed figure has `drawn_by`, such as `book.studies.law.figures:ladder`, so that a page can link to the source.
    """

    def __enter__(self) -> None:
        """Take the settings of the house."""
        self._held = ExitStack()
        self._held.enter_context(mpl.rc_context(dict(RC)))

    def __exit__(self, *raised: object) -> None:
        """Give back the settings that were there before."""
        self._held.close()

    def _recreate_cm(self) -> house:
        """Return a new context for each call, as a function that draws may call another."""
        return house()

    def __call__(self, function: Callable) -> Callable:
        """Return the function within the house style; the outermost one that draws signs the figure."""
        held = super().__call__(function)

        @wraps(function)
        def signed(*arguments, **options):
            drawn = held(*arguments, **options)
            if isinstance(drawn, Figure):
                drawn.drawn_by = f"{function.__module__}:{function.__qualname__}"
            return drawn

        return signed


def subplots(rows: int = 1, columns: int = 1, *, size: str = "wide", **options) -> tuple[Figure, Axes]:
    """Return a figure of a named size and its axes; it never shows itself, unlike one of pyplot."""
    figure = Figure(figsize=SIZES[size])
    return figure, figure.subplots(rows, columns, **options)


def label(ax: Axes, x: float, y: float, text: str, role: str, **options) -> Annotation:
    """Write a direct label beside a point in its role's colour; `offset` is in points, the rest is `annotate`'s."""
    offset = options.pop("offset", (5, 0))
    place = {"xytext": offset, "textcoords": "offset points", "ha": "left", "va": "center", "fontsize": 9}
    return ax.annotate(text, (x, y), **{**place, "color": ROLES[role].text, **options})


def themed(svg: str) -> str:
    """Return the inline form of a standalone SVG: theme variables for colours, the page's font, no stray ids."""
    svg = svg[svg.index("<svg") :]
    svg = re.sub(r"<metadata>.*?</metadata>\s*", "", svg, flags=re.DOTALL)
    for name, colour in COLOURS.items():
        svg = re.sub(re.escape(colour), f"var(--fig-{name}, {colour})", svg, flags=re.IGNORECASE)
    svg = re.sub(rf"'?{FONT}'?(, [^;\"]*)?", f"var(--fig-font, '{FONT}', sans-serif)", svg)
    used = set(re.findall(r"""(?:url\(#|href="#)([^)"]+)""", svg))
    return re.sub(r' id="([^"]+)"', lambda found: found[0] if found[1] in used else "", svg)


@dataclass(frozen=True)
class Picture:
    """A figure ready to be displayed: inline SVG that follows the page's theme, and a PNG for everything else."""

    name: str
    alt: str
    svg: str
    png: bytes
    drawn_by: str = ""

    def __repr__(self) -> str:
        """Return the name and the alt text, which is all that a terminal can show."""
        return f"{self.name}: {self.alt}"

    def _repr_mimebundle_(self, include=None, exclude=None) -> dict[str, str]:
        """Return the picture as HTML, PNG and text; the site puts links where the comments stand."""
        width = float(re.search(r'viewBox="0 0 ([\d.]+)', self.svg)[1])
        kind = "figure-wide" if width > 72 * SIZES["column"][0] else "figure-column"
        opening = f'<svg role="img" aria-label="{html.escape(self.alt)}" class="themed-figure"'
        inline = re.sub(r'(<svg[^>]*?) width="[^"]+"', r"\1", themed(self.svg), count=1)
        inline = re.sub(r'(<svg[^>]*?) height="[^"]+"', r"\1", inline, count=1).replace("<svg", opening, 1)
        box = f'<div class="figure-box {kind}" tabindex="0" role="group" aria-label="Figure">{inline.strip()}</div>'
        page = f"{box}<!-- downloads: {self.name} -->"
        page += f"<!-- drawn by: {self.drawn_by} -->" if self.drawn_by else ""
        return {"text/html": page, "image/png": base64.b64encode(self.png).decode(), "text/plain": repr(self)}


def render(fig: Figure, *, name: str, alt: str) -> Picture:
    """Return a figure as a `Picture`, the same bytes each time. Raises `ValueError` on a poor name or alt text."""
    if not NAME.fullmatch(name):
        raise ValueError(f"figure name {name!r} is not of the form fig-<chapter>-<what>")
    if len(" ".join(alt.split())) < SHORTEST_ALT:
        raise ValueError(f"{name}: alt text of under {SHORTEST_ALT} characters; say what the picture shows: {alt!r}")
    svg, png = io.StringIO(), io.BytesIO()
    with house(), mpl.rc_context({"svg.hashsalt": name}):
        fig.savefig(svg, format="svg", metadata={"Date": None, "Creator": None, "Title": alt})
        fig.savefig(png, format="png", metadata={"Software": None, "Description": alt})
    drawn_by = getattr(fig, "drawn_by", "")
    return Picture(name=name, alt=" ".join(alt.split()), svg=svg.getvalue(), png=png.getvalue(), drawn_by=drawn_by)


def figures_dir() -> Path:
    """Return the folder of the downloadable figures, which the book copies into the site."""
    folder = root() / "_build" / "figures"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def show(fig: Figure, *, name: str, alt: str, data: pd.DataFrame) -> Picture:
    """Return the picture to display, and write it as SVG and PNG, and what it plots as CSV, to `_build/figures/`.

    Parameters
    ----------
    name
        `fig-<chapter>-<what>`: the label to refer to, and the name of the files.
    alt
        What a reader who cannot see the picture needs to know of it, in a sentence or two.
    data
        The plotted values, tidy, one row per mark.
    """
    picture = render(fig, name=name, alt=alt)
    if data.empty:
        raise ValueError(f"{name}: the table of plotted values is empty")
    folder = figures_dir()
    (folder / f"{name}.svg").write_text(picture.svg, encoding="utf-8")
    (folder / f"{name}.png").write_bytes(picture.png)
    data = unpacked(data)
    plain = isinstance(data.index, pd.RangeIndex)
    data.to_csv(folder / f"{name}.csv", index=not plain, float_format="%.8g", lineterminator="\n")
    return picture
