"""The specification curve as a page element to turn dials on: one HTML fragment that needs nothing but plotly."""

import html
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from algoprogress.fits.rates import DOUBLING, doubling_time_months
from algoprogress.show.style import COLOURS
from book.look import Look, payload
from book.studies.specifications.study import CHOICES

EDGES = (1.0, 100.0)  # months
TICKS = (1, 2, 3, 4, 6, 8, 12, 18, 24, 36, 60, 100)
FACTS = ("n", "r_squared", "parameter_rate", "data_rate", "parameter_exponent", "data_exponent")
CLEAR, THIN = "rgba(0,0,0,0)", {"gridcolor": "rgba(128,128,128,0.25)", "zeroline": False, "fixedrange": True}
HERE = Path(__file__).parent


def drawn(figure: go.Figure, *, name: str, script: Path) -> str:
    """Return a plotly figure as HTML that runs a script once it is drawn and needs `_static/look.js`.

    `{plot_id}` in the script is `name`. The fragment asks for no file but plotly's, which the site adds to such pages.
    """
    look = {"responsive": True, "displayModeBar": False, "scrollZoom": False}
    return figure.to_html(
        look, full_html=False, include_plotlyjs=False, div_id=name, post_script=script.read_text(encoding="utf-8")
    )


def layout(height: int = 380) -> dict[str, object]:
    """Return what all figures with dials share: no background of their own, words that follow the theme."""
    shared = {"paper_bgcolor": CLEAR, "plot_bgcolor": CLEAR, "hovermode": "closest", "template": "none"}
    margin, font = {"l": 56, "r": 12, "t": 8, "b": 44}, {"color": "#7a8594", "size": 13}
    return {**shared, "height": height, "margin": margin, "font": font}


def buttons(**words: str) -> str:
    """Return buttons of classes `explorer-<name>`, and a line that says what came of pressing one."""
    made = "".join(f'<button type="button" class="explorer-{name}">{text}</button> ' for name, text in words.items())
    return f'<p class="explorer-buttons">{made}<span class="explorer-status" role="status"></span></p>'


def curve(frame: pd.DataFrame, *, name: str, alt: str, words: dict[str, str], levels: dict) -> Look:
    """Return the table of specifications as a curve with a menu for each choice and a slider along it.

    `words` names the choices and `levels` some (choice, level). The page's address keeps the levels and the place.
    """
    ordered = frame.sort_values("rate", ascending=False, ignore_index=True)
    share = np.round((np.arange(len(ordered)) + 0.5) / len(ordered), 5).tolist()
    figure = _figure(share, np.round(np.clip(doubling_time_months(ordered["rate"]), *EDGES), 3).tolist())
    read = {choice: [levels.get((choice, str(each)), str(each)) for each in CHOICES[choice]] for choice in CHOICES}
    menus = "".join(_menu(choice, words[choice], read[choice]) for choice in CHOICES)
    # what the script needs, rounded to what it shows
    values = {"edges": EDGES, "unit": DOUBLING, "levels": list(read.values())}
    values["codes"] = [ordered[choice].map(CHOICES[choice].index).tolist() for choice in CHOICES]
    values |= {"share": share, "converged": ordered["converged"].tolist()}
    values |= {column: ordered[column].round(5).tolist() for column in ("rate", "low", "high")}
    values["facts"] = [ordered[column].round(4).tolist() for column in FACTS]
    page = (
        f'<div class="explorer" role="group" aria-label="{html.escape(alt)}"><div class="explorer-menus">{menus}</div>'
        f'<p class="explorer-summary" aria-live="polite"></p>{drawn(figure, name=name, script=HERE / "curve.js")}'
        f'<label class="explorer-slider">along the curve '
        f'<input type="range" min="0" max="{len(ordered) - 1}" value="0"></label>'
        f'<p class="explorer-detail" aria-live="polite"></p>'
        f"{buttons(address='Copy address')}{payload(values)}</div>"
    )
    return Look(page, alt)


def _menu(choice: str, words: str, read: list[str]) -> str:
    """Return the menu of one choice, its levels as they read."""
    options = "".join(
        f'<option value="{code}" data-level="{level}">{html.escape(text)}</option>'
        for code, (level, text) in enumerate(zip(CHOICES[choice], read, strict=True))
    )
    select = f'<select data-words="{words}" data-choice="{choice}"><option value="">all</option>{options}</select>'
    return f"<label>{words} {select}</label>"


def _figure(share: list[float], months: list[float]) -> go.Figure:
    """Return the curve, and empty traces for the specifications that match and for the one that is picked."""
    every, vermillion = {"size": 3, "color": COLOURS["muted"], "opacity": 0.35}, COLOURS["vermillion"]
    traces = [
        _trace(share, months, marker=every),
        _trace(marker={"size": 5, "color": COLOURS["blue"]}),
        _trace(mode="lines", hoverinfo="skip", line={"width": 3, "color": vermillion}),
        _trace(hoverinfo="skip", marker={"size": 11, "symbol": "diamond", "color": vermillion}),
    ]
    across = {"title": {"text": "specifications, by doubling time"}, "tickformat": ".0%", "range": [0, 1]}
    ends = [float(np.log10(edge)) for edge in (0.92 * EDGES[0], 1.05 * EDGES[1])]
    upward = {"title": {"text": "doubling time, months"}, "type": "log", "tickvals": TICKS, "range": ends}
    return go.Figure(traces).update_layout(**layout(), xaxis={**THIN, **across}, yaxis={**THIN, **upward})


def _trace(x: Sequence[float] = (), y: Sequence[float] = (), **look) -> go.Scatter:
    """Return a trace of markers, without a legend, that says nothing where one points at it unless `look` does."""
    return go.Scatter({"x": x, "y": y, "mode": "markers", "hoverinfo": "none", "showlegend": False, **look})
