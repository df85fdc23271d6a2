"""House style of figures: `COLOURS`, which a page may replace by its theme's, roles, sizes, intervals, same files."""

import io
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import wraps

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.figure import Figure
from matplotlib.text import Annotation
from matplotlib.ticker import LogFormatterSciNotation, NullLocator

from algoprogress.show.estimate import Estimate
from algoprogress.show.words import RAISED

# Okabe and Ito's colours, each with a darker neighbour for text, which needs more contrast than a line does.
HUES = {
    "blue": ("#0072b2", "#005a8d"), "vermillion": ("#d55e00", "#a84a00"), "green": ("#009e73", "#00694d"),
    "purple": ("#cc79a7", "#964a74"), "orange": ("#e69f00", "#8a5f00"), "sky": ("#56b4e9", "#1f6a9a"),
}  # fmt: skip
COLOURS: Mapping[str, str] = {
    **{"ink": "#1f2733", "muted": "#5c6673", "grid": "#dfe3e8", "paper": "#fffffe"},
    **{hue: line for hue, (line, _) in HUES.items()},
    **{f"{hue}-text": text for hue, (_, text) in HUES.items()},
}


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


ROLES: Mapping[str, Role] = {
    "ours": Role("blue", "o", "-"), "published": Role("vermillion", "D", "--"),
    "alternative": Role("green", "^", "-."), "check": Role("purple", "s", ":"),
    "wt103": Role("blue", "o", "-"), "wt2": Role("orange", "s", "--"), "ptb": Role("green", "^", "-."),
    "fifth": Role("sky", "v", (0, (5, 1, 1, 1))),
    "reference": Role("ink", "x", "-"), "muted": Role("muted", ".", "-"),
}  # fmt: skip

# Width and height in inches. At 7.2 in a nine-point label is 13 px high on a desk. "column" and "square" fit a phone.
SIZES = {"column": (5.2, 3.4), "square": (5.2, 5.0), "strip": (7.2, 2.6), "wide": (7.2, 4.1), "tall": (7.2, 6.4)}
FONT = "DejaVu Sans"  # comes with matplotlib, so that layouts are the same on every machine
RC: Mapping[str, object] = {
    **dict.fromkeys(("text.color", "axes.labelcolor", "legend.labelcolor", "patch.edgecolor"), COLOURS["ink"]),
    **dict.fromkeys(("axes.edgecolor", "xtick.color", "ytick.color"), COLOURS["muted"]),
    **dict.fromkeys(("figure.facecolor", "savefig.facecolor"), COLOURS["paper"]),
    **{"axes.facecolor": "none", "grid.color": COLOURS["grid"], "font.family": FONT, "svg.fonttype": "none"},
    "axes.prop_cycle": mpl.cycler(color=[COLOURS[hue] for hue in HUES]),
    **dict.fromkeys(("font.size", "axes.labelsize", "axes.titlesize"), 9.5),
    **dict.fromkeys(("xtick.labelsize", "ytick.labelsize", "legend.fontsize"), 9),
    **{"axes.titlelocation": "left", "axes.titleweight": "bold", "figure.dpi": 100, "savefig.dpi": 200},
    **dict.fromkeys(("axes.linewidth", "grid.linewidth"), 0.8),
    **{"lines.linewidth": 1.8, "lines.markersize": 5.5},
    **dict.fromkeys(("figure.constrained_layout.use", "axes.grid", "axes.axisbelow", "axes.unicode_minus"), True),
    **dict.fromkeys(("axes.spines.top", "axes.spines.right", "legend.frameon"), False),
}


class Powers(LogFormatterSciNotation):
    """Labels of a log axis in plain characters, as in 10²⁴: set as mathematics they took a third of all drawing."""

    def __call__(self, x: float, pos: int | None = None) -> str:
        """Return the label of a value."""
        plain = re.sub(r"\$\\mathdefault\{(.*)\}\$", r"\1", super().__call__(x, pos)).replace(r"\times", " × ")
        return re.sub(r"\^\{(.*?)\}", lambda found: found[1].translate(RAISED), plain).replace("-", "−")


def _with_plain_powers(fig: Figure) -> None:
    for axis in (axis for ax in fig.axes for axis in (ax.xaxis, ax.yaxis)):
        for ticks in (axis.major, axis.minor):
            if type(ticks.formatter) is LogFormatterSciNotation and ticks.formatter._base == 10:
                ticks.formatter.__class__ = Powers  # which keeps what else it has been told


def house() -> Callable[[Callable], Callable]:
    """Return a decorator for functions that draw: it sets our style in matplotlib, and signs the figure.

    A signed figure has `drawn_by`, such as `book.studies.law.figures:ladder`, so that a page can link to the source;
    the outermost function that draws signs it.
    """

    def decorate(function: Callable) -> Callable:
        @wraps(function)
        def signed(*arguments, **options):
            with mpl.rc_context(RC):
                drawn = function(*arguments, **options)
            if isinstance(drawn, Figure):
                _with_plain_powers(drawn)
                drawn.drawn_by = f"{function.__module__}:{function.__qualname__}"
            return drawn

        return signed

    return decorate


def subplots(rows: int = 1, columns: int = 1, *, size: str = "wide", **options) -> tuple[Figure, Axes]:
    """Return a figure of a named size and its axes; it never shows itself, unlike one of pyplot."""
    figure = Figure(figsize=SIZES[size])
    return figure, figure.subplots(rows, columns, **options)


def label(ax: Axes, x: float, y: float, text: str, role: str, **options) -> Annotation:
    """Write a direct label beside a point in its role's colour; `offset` is in points, the rest is `annotate`'s."""
    offset = options.pop("offset", (5, 0))
    place = {"xytext": offset, "textcoords": "offset points", "ha": "left", "va": "center", "fontsize": 9}
    return ax.annotate(text, (x, y), **{**place, "color": ROLES[role].text, **options})


def interval(
    ax: Axes,
    place: float,
    found: Estimate,
    role: str,
    edges: tuple[float, float],
    *,
    width: float = 2.2,
    size: float = 6.5,
    filled: bool = True,
    upright: bool = False,
    line: str | None = None,
) -> None:
    """Draw an estimate as a mark on its interval, with an arrow where it is cut by an edge or its end undetermined.

    It lies across the panel, or stands upright with `place` across; `line` is the role's unless told. A low end at or
    below zero on a log axis goes on past the edge; an estimate without an interval is its mark alone.
    """
    drawn = ROLES[role]

    def plot(ends: list[float], **look) -> None:
        line = ends, [place] * len(ends)
        ax.plot(*(line[::-1] if upright else line), color=drawn.colour, **look)

    if not np.isnan(found.low) or not np.isnan(found.high):
        low = edges[0] if np.isnan(found.low) else max(found.low, edges[0])
        high = edges[1] if np.isnan(found.high) else min(found.high, edges[1])
        plot([low, high], linestyle=line or drawn.line, linewidth=width)
        beyond = found.low < edges[0], not found.high <= edges[1]
        signs = zip(("low", "high"), beyond, (low, high), "v^" if upright else "<>", strict=True)
        for side, goes_on, end, marker in signs:
            if goes_on or side in found.undetermined:
                plot([end], marker=marker, markersize=size, clip_on=False)
    if np.isfinite(found.value):
        face = drawn.colour if filled else COLOURS["paper"]
        plot([found.value], marker=drawn.marker, markersize=size, markerfacecolor=face)


def plain_ticks(axis: Axis, edges: tuple[float, float]) -> None:
    """Give a log axis plain numbers at one, two and five times the powers of ten within its edges."""
    powers = np.arange(np.floor(np.log10(edges[0])), np.log10(edges[1]) + 1.0)
    ticks = [tick for tick in np.outer(10.0**powers, (1.0, 2.0, 5.0)).ravel() if edges[0] <= tick <= edges[1]]
    axis.set_ticks(ticks, [f"{tick:,g}" for tick in ticks])
    axis.set_minor_locator(NullLocator())


def encoded(fig: Figure, form: str, *, name: str, alt: str) -> bytes:
    """Return a figure as an SVG or PNG file with its alt text, the same bytes each time."""
    said = {"svg": {"Date": None, "Creator": None, "Title": alt}, "png": {"Software": None, "Description": alt}}
    file = io.BytesIO()
    with mpl.rc_context({**RC, "svg.hashsalt": name}):
        fig.savefig(file, format=form, metadata=said[form])
    return file.getvalue()
