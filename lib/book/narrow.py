"""A drawn figure laid out anew for a phone: panels below each other, names over their rows, keys in a column."""

import re
import textwrap

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle
from matplotlib.text import Annotation, Text
from matplotlib.transforms import ScaledTranslation

from algoprogress.show.style import COLOURS, house

BESIDE = "beside"  # of a panel that a phone goes without
WIDTH = 4.2  # inches, so that eight points are over nine pixels in a window of 390
LEAST = 8  # points of a letter
LINE = 13  # points from one line of a key to the next
LETTERS = 46  # of a line of a label
SHORT = 12  # letters of a name that may stay at the left of its row
MOST = 60  # letters of words and numbers over one row
ROOM = 5.8  # points that a letter of a tick's label takes
ROW = "name of a row"
OVER_MARKS, OVER_WORDS = 6.5, 17.0  # points from the middle of a mark, or of a row with words over it, up to its name
ABOVE = 10.5  # points from there to the middle of the mark above
SPARE = 4.0  # points by which a name stands higher where there is room
EDGE = 6  # points at an edge that stay free, as letters of a browser are a little wider
UNDRAWN = re.compile(r"\\[a-z]+|[${}^\\]")  # of a label with a formula


@house()
def narrow(fig: Figure, height: float) -> None:
    """Lay a figure out for a phone, so many inches high, or higher where names over rows need it."""
    fig.set_size_inches(WIDTH, height)
    if engine := fig.get_layout_engine():
        engine.set(w_pad=EDGE / 72)
    for ax in [ax for ax in fig.axes if ax.get_gid() == BESIDE]:
        ax.remove()
    panels = [ax for ax in fig.axes if ax.get_subplotspec() is not None]
    if panels[0].get_gridspec().ncols > 1:
        for ax, place in zip(panels, fig.add_gridspec(len(panels), 1), strict=True):
            ax.set_subplotspec(place)
            ax.tick_params(labelleft=True, labelbottom=True)
    for text in fig.findobj(Text):
        text.set_fontsize(max(text.get_fontsize(), LEAST))
    names = [[name.get_text() for name in ax.get_yticklabels()] for ax in panels]  # first, as panels may share them
    for ax, named in zip(panels, names, strict=True):
        over_rows(ax, named)
        keys = [text for text in ax.texts if text.get_transform() == ax.transAxes and text.get_position()[1] >= 1]
        for line, text in enumerate(reversed(keys)):
            up = ScaledTranslation(0.0, (LEAST + LINE * line) / 72, fig.dpi_scale_trans)
            text.set(position=(0.0, 1.0), transform=ax.transAxes + up)
        ax.set_xlabel(textwrap.fill(ax.get_xlabel(), LETTERS))
        ax.set_ylabel(textwrap.fill(ax.get_ylabel(), int((72 * height / len(panels) - 50) / ROOM)))
        apart(ax)
    fig.draw_without_rendering()
    for ax in panels:
        thin(ax)
    if more := max(lifted(ax) for ax in panels):
        fig.set_size_inches(WIDTH, height * (1.0 + more))
        fig.draw_without_rendering()
        for ax in panels:
            lifted(ax)
    for ax in panels:
        inside(ax)


def over_rows(ax: Axes, names: list[str]) -> None:
    """Take the names at the left of rows into the axes where they are long; `lifted` puts them over the marks."""
    longest = max((len(line) for name in names for line in name.split("\n")), default=0)
    if longest > SHORT and not any(name.startswith("$") for name in names):
        places = ax.get_yticks()
        for place, name in zip(places, names, strict=True):
            look = {"xytext": (2, 0), "textcoords": "offset points", "fontsize": LEAST, "color": COLOURS["ink"]}
            ax.annotate(name.replace("\n", " "), (0.0, place), gid=ROW, **look)
        ax.set_yticks(places, [""] * len(names))
        ax.tick_params(axis="y", length=0)
    for text in names_of_rows(ax):
        text.set(ha="left", va="baseline")
        text.xy, text.xycoords = (0.0, text.xy[1]), ax.get_yaxis_transform()


def names_of_rows(ax: Axes) -> list[Annotation]:
    """Return the names of rows within an axes."""
    return [text for text in ax.texts if text.get_gid() == ROW]


def beside(ax: Axes) -> list[Annotation]:
    """Return the words beside points of an axes."""
    notes = [text for text in ax.texts if isinstance(text, Annotation)]
    return [text for text in notes if (text.xycoords, text.anncoords) == ("data", "offset points")]


def lifted(ax: Axes) -> float:
    """Put names over the marks of their rows, with the bands behind; return what share of height they lack."""
    if len(names := names_of_rows(ax)) < 2:
        return 0.0
    sign = -1 if ax.yaxis_inverted() else 1
    places, (low, high) = sign * np.array([text.xy[1] for text in names]), (sign * edge for edge in ax.get_ylim())
    pitch = np.diff(np.sort(places)).min()
    marks = sign * np.array(heights(ax))
    away = marks - places[np.abs(marks[:, None] - places).argmin(axis=1)]
    away = away[np.abs(away) < 0.5 * pitch]
    up, down = max(away, default=0.0), -min(away, default=0.0)
    said = any(text.xy[0] == ax.get_xlim()[0] for text in beside(ax))
    over, tall = OVER_WORDS if said else OVER_MARKS, ax.get_window_extent().height * 72 / ax.figure.dpi
    wanted, between = over + ABOVE, pitch - up - down
    over += np.clip(0.25 * (between * tall / (high - low) - wanted), 0.0, SPARE)
    scale = min(tall / (high - low), (tall - over - LEAST) / (places.max() + up - low))  # points of a unit
    high = low + tall / scale
    ax.set_ylim(sign * low, sign * high)
    for text in names:
        text.set_position((2, over + up * scale))
    middle = 0.5 * (over + LEAST + (up - down) * scale - 2) / scale  # of marks and name, over the place of a row
    across = ax.get_yaxis_transform(which="grid")

    def moved(height: float, spots: np.ndarray) -> float:
        """Return where the middle of a band or a line goes that stands at one of some spots, or has gone already."""
        return sign * (spots[np.abs(spots + 0.5 * middle - sign * height).argmin()] + middle)

    for patch in ax.patches:
        if isinstance(patch, Rectangle) and patch.get_data_transform() == across:
            half = 0.5 * patch.get_height()
            patch.set_y(moved(patch.get_y() + half, places) - half)
    for line in ax.lines:
        if line.get_transform() == across:
            line.set_ydata([moved(line.get_ydata()[0], places + 0.5 * pitch)] * 2)
    return max(wanted / between / scale - 1.0, 0.0)


def heights(ax: Axes) -> list[float]:
    """Return where marks and the edges of bars stand, up the axes."""
    bars = [bar for bar in ax.patches if isinstance(bar, Rectangle) and bar.get_data_transform() == ax.transData]
    edges = [bar.get_y() + share * bar.get_height() for bar in bars for share in (0.0, 1.0)]
    lines = [line.get_ydata() for line in ax.lines if line.get_transform() == ax.transData and not curved(line)]
    return edges + [float(height) for heights in lines for height in heights]


def curved(line: Line2D) -> bool:
    """Return whether a line is more than marks and a bar at one height."""
    return line.get_linestyle() != "None" and np.ptp(line.get_ydata()) > 0.0


def inside(ax: Axes) -> None:
    """Move words beside a point that would cross the axis at the left or the edge at the right."""
    for text in (text for text in beside(ax) if text.get_text()):
        box, axis, unit = text.get_window_extent(), ax.bbox.x0, ax.figure.dpi / 72
        over = max(axis + 2 * unit - box.x0, 0.0) if box.x1 > axis else 0.0
        over = over or min(ax.figure.bbox.x1 - EDGE * unit - box.x1, 0.0)
        text.xyann = (text.xyann[0] + over / unit, text.xyann[1])


def thin(ax: Axes) -> None:
    """Leave out every other tick of the axis across until their labels have room; names aslant have it."""
    if any(label.get_rotation() for label in ax.get_xticklabels()):
        return
    low, high = sorted(ax.get_xlim())
    ticks = [tick for tick in ax.get_xticks() if low <= tick <= high]
    labels = [UNDRAWN.sub("", label) for label in ax.xaxis.get_major_formatter().format_ticks(ticks)]
    room = ax.get_window_extent().width * 72 / ax.figure.dpi
    step = next(step for step in (1, 2, 3, 4, 6, 99) if ROOM * sum(len(each) + 1.5 for each in labels[::step]) < room)
    if step > 1:
        ax.set_xticks(ticks[::step])


def apart(ax: Axes) -> None:
    """Put the numbers at the right of rows below their bars where the words at the left leave no room."""
    edges, notes = ax.get_xlim(), [text for text in ax.texts if isinstance(text, Annotation)]
    left, right = ({text.xy[1]: text for text in notes if text.xy[0] == edge} for edge in edges)
    for place in left.keys() & right.keys():
        if len(left[place].get_text()) + len(right[place].get_text()) > MOST:
            right[place].xyann = (right[place].xyann[0], -13)
