"""A drawn figure laid out anew for a phone: panels below each other, names over their rows, keys in a column."""

import textwrap

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.text import Annotation, Text

from algoprogress.show.style import COLOURS, house

BESIDE = "beside"  # of a panel that a phone goes without
WIDTH = 4.2  # inches, so that eight points are over nine pixels in a window of 390
LEAST = 8  # points of a letter
LINE = 13  # points from one line of a key to the next
LETTERS = 46  # of a line of a label
SHORT = 12  # letters of a name that may stay at the left of its row
MOST = 60  # letters of words and numbers over one row
ROOM = 5.2  # points that a letter of a tick's label takes


@house()
def narrow(fig: Figure, height: float) -> None:
    """Lay a figure out for a phone, so many inches high."""
    fig.set_size_inches(WIDTH, height)
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
        tall = 72 * height / len(panels) - 50  # points, about
        over_rows(ax, named, tall)
        for text in (text for text in ax.texts if text.get_gid() == "name of a row"):
            text.set(ha="left", position=(2, 17))
            text.xy, text.xycoords = (0.0, text.xy[1]), ax.get_yaxis_transform()
        keys = [text for text in ax.texts if text.get_transform() == ax.transAxes and text.get_position()[1] >= 1]
        for line, text in enumerate(reversed(keys)):
            text.set_position((0.0, 1.0 + (4 + LINE * line) / tall))
        ax.set_xlabel(textwrap.fill(ax.get_xlabel(), LETTERS))
        ax.set_ylabel(textwrap.fill(ax.get_ylabel(), int(tall / ROOM)))
        thin(ax)
        apart(ax)


def over_rows(ax: Axes, names: list[str], tall: float) -> None:
    """Write the names at the left of rows over them, in an axes so many points high."""
    if max(map(len, names), default=0) <= SHORT or any(name.startswith("$") for name in names):
        return
    places, (low, high) = ax.get_yticks(), ax.get_ylim()
    said = any(getattr(text, "xy", (None,))[0] == ax.get_xlim()[0] for text in ax.texts)  # over the rows, by a label
    above = 17 if said else 0.5 * tall * abs(places[1] - places[0]) / abs(high - low) - 7
    look = {"textcoords": "offset points", "va": "baseline", "fontsize": LEAST, "color": COLOURS["ink"]}
    for place, name in zip(places, names, strict=True):
        at = {"xytext": (2, max(above, 5)), "xycoords": ax.get_yaxis_transform()}
        ax.annotate(name.replace("\n", " "), (0.0, place), **at, **look)
    ax.set_yticks(places, [""] * len(names))
    ax.tick_params(axis="y", length=0)


def thin(ax: Axes) -> None:
    """Leave out every other tick of the axis across until their labels have room."""
    low, high = sorted(ax.get_xlim())
    ticks = [tick for tick in ax.get_xticks() if low <= tick <= high]
    room, labels = 72 * WIDTH - 60, ax.xaxis.get_major_formatter().format_ticks(ticks)
    step = next(step for step in (1, 2, 3, 4, 6, 99) if ROOM * sum(len(each) + 1 for each in labels[::step]) < room)
    if step > 1:
        ax.set_xticks(ticks[::step])


def apart(ax: Axes) -> None:
    """Put the numbers at the right of rows below their bars where the words at the left leave no room."""
    edges, notes = ax.get_xlim(), [text for text in ax.texts if isinstance(text, Annotation)]
    left, right = ({text.xy[1]: text for text in notes if text.xy[0] == edge} for edge in edges)
    for place in left.keys() & right.keys():
        if len(left[place].get_text()) + len(right[place].get_text()) > MOST:
            right[place].xyann = (right[place].xyann[0], -13)
