"""The specification curve as a page element to turn dials on: one HTML fragment that needs nothing but plotly."""

from __future__ import annotations

import html
import json
from dataclasses import dataclass

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from algoprogress.multiverse import CHOICES
from algoprogress.progress import MONTHS_PER_YEAR
from algoprogress.style import COLOURS

EDGES = (1.0, 100.0)  # months
TICKS = (1, 2, 3, 4, 6, 8, 12, 18, 24, 36, 60, 100)
FACTS = ("n", "r_squared", "parameter_rate", "data_rate", "parameter_exponent", "data_exponent")

SCRIPT = """
function start() {
const box = document.getElementById('{plot_id}'), home = box.closest('.explorer');
const data = JSON.parse(home.querySelector('script[type="application/json"]').textContent);
const selects = [...home.querySelectorAll('select')], slider = home.querySelector('input');
const summary = home.querySelector('.explorer-summary'), detail = home.querySelector('.explorer-detail');
const edge = value => Math.min(Math.max(value, data.edges[0]), data.edges[1]);
const time = rate => rate > 0 ? data.unit / rate : Infinity;
const words = value => isFinite(value) ? value.toFixed(1) : 'no progress';
const months = data.rate.map(time);
let matching = months.map((_, index) => index);
function pick(index) {
  const low = time(data.high[index]), high = time(data.low[index]), share = data.share[index];
  const level = place => data.levels[place][data.codes[place][index]];
  const levels = selects.map((select, place) => select.dataset.words + ': ' + level(place));
  const facts = data.facts.map(column => column[index]);
  detail.textContent = words(months[index]) + ' months, 95% interval ' + words(low) + ' to ' + words(high) + '. ' +
    levels.join('; ') + '. Rows: ' + facts[0] + '; R²: ' + facts[1].toFixed(3) + '; growth per year: parameters ' +
    facts[2].toFixed(2) + ', data ' + facts[3].toFixed(2) + '; exponents: parameters ' + facts[4].toFixed(3) +
    ', data ' + facts[5].toFixed(3) + '.' + (data.converged[index] ? '' : ' The optimiser did not converge.');
  Plotly.restyle(box, {x: [[share, share], [share]], y: [[edge(low), edge(high)], [edge(months[index])]]}, [2, 3]);
}
function filter() {
  matching = months.map((_, index) => index).filter(index => selects.every(
    (select, place) => select.value === '' || data.codes[place][index] === Number(select.value)));
  Plotly.restyle(box, {x: [matching.map(index => data.share[index])], y: [matching.map(index => edge(months[index]))],
    customdata: [matching]}, [1]);
  slider.max = Math.max(matching.length - 1, 0);
  slider.value = Math.floor(matching.length / 2);
  const rank = share => words(months[matching[Math.round(share * (matching.length - 1))]]);
  summary.textContent = matching.length
    ? matching.length + ' specifications; median ' + rank(0.5) + ' months, the middle 95% ' + rank(0.025) + ' to ' +
      rank(0.975) + '.'
    : 'No specification has all of these levels.';
  if (matching.length) pick(matching[slider.value]);
}
selects.forEach(select => select.addEventListener('change', filter));
slider.addEventListener('input', () => matching.length && pick(matching[slider.value]));
box.on('plotly_hover', event => pick(event.points[0].customdata ?? event.points[0].pointIndex));
box.on('plotly_click', event => pick(event.points[0].customdata ?? event.points[0].pointIndex));
filter();
}
// what the script reads stands below it on the page
if (document.readyState === 'loading') document.addEventListener('DOMContentLoaded', start); else start();
"""


@dataclass(frozen=True)
class Explorer:
    """An HTML fragment that a notebook displays, and a sentence for everything that cannot."""

    page: str
    alt: str

    def __repr__(self) -> str:
        """Return the sentence."""
        return self.alt

    def _repr_mimebundle_(self, include=None, exclude=None) -> dict[str, str]:
        """Return the fragment as HTML, and the sentence as text."""
        return {"text/html": self.page, "text/plain": self.alt}


def curve(frame: pd.DataFrame, *, name: str, alt: str, words: dict[str, str], levels: dict) -> Explorer:
    """Return the specification curve with a menu for each choice and a slider along the specifications.

    `frame` is the table of specifications; `words` names the choices and `levels` some (choice, level) to read. The
    fragment asks for no file but plotly's script, which the site adds to pages that hold such a figure.
    """
    ordered = frame.sort_values("rate", ascending=False, ignore_index=True)
    months = np.where(
        ordered["rate"] > 0, MONTHS_PER_YEAR * np.log(2.0) / ordered["rate"].where(ordered["rate"] > 0), np.inf
    )
    share = (np.arange(len(ordered)) + 0.5) / len(ordered)
    figure = _figure(share, np.clip(months, *EDGES))
    drawn = figure.to_html(
        full_html=False, include_plotlyjs=False, div_id=name, post_script=SCRIPT,
        config={"responsive": True, "displayModeBar": False, "scrollZoom": False},
    )  # fmt: skip
    menus = "".join(_menu(choice, words[choice], levels) for choice in CHOICES)
    payload = json.dumps(_payload(ordered, share, levels), separators=(",", ":"))
    page = (
        f'<div class="explorer" role="group" aria-label="{html.escape(alt)}"><div class="explorer-menus">{menus}</div>'
        f'<p class="explorer-summary" aria-live="polite"></p>{drawn}'
        f'<label class="explorer-slider">along the curve '
        f'<input type="range" min="0" max="{len(ordered) - 1}" value="0"></label>'
        f'<p class="explorer-detail" aria-live="polite"></p>'
        f'<script type="application/json">{payload}</script></div>'
    )
    return Explorer(page, alt)


def _menu(choice: str, words: str, levels: dict) -> str:
    """Return the menu of one choice."""
    options = "".join(
        f'<option value="{code}">{html.escape(levels.get((choice, str(level)), str(level)))}</option>'
        for code, level in enumerate(CHOICES[choice])
    )
    return f'<label>{words} <select data-words="{words}"><option value="">all</option>{options}</select></label>'


def _payload(ordered: pd.DataFrame, share: np.ndarray, levels: dict) -> dict[str, object]:
    """Return the numbers that the script needs, rounded to what it shows."""
    return {
        "edges": EDGES,
        "unit": MONTHS_PER_YEAR * float(np.log(2.0)),
        "levels": [[levels.get((choice, str(level)), str(level)) for level in CHOICES[choice]] for choice in CHOICES],
        "codes": [ordered[choice].map({level: code for code, level in enumerate(CHOICES[choice])}).tolist()
                  for choice in CHOICES],
        "share": np.round(share, 5).tolist(),
        "converged": ordered["converged"].tolist(),
        **{name: ordered[name].round(5).tolist() for name in ("rate", "low", "high")},
        "facts": [ordered[name].round(4).tolist() for name in FACTS],
    }  # fmt: skip


def _figure(share: np.ndarray, months: np.ndarray) -> go.Figure:
    """Return the curve, and empty traces for the specifications that match and for the one that is picked."""
    dots = {"mode": "markers", "showlegend": False, "hoverinfo": "none"}
    figure = go.Figure(
        [
            go.Scatter(x=np.round(share, 5).tolist(), y=np.round(months, 3).tolist(), **dots,
                       marker={"size": 3, "color": COLOURS["muted"], "opacity": 0.35}),
            go.Scatter(x=[], y=[], **dots, marker={"size": 5, "color": COLOURS["blue"]}),
            go.Scatter(x=[], y=[], mode="lines", showlegend=False, hoverinfo="skip",
                       line={"width": 3, "color": COLOURS["vermillion"]}),
            go.Scatter(x=[], y=[], mode="markers", showlegend=False, hoverinfo="skip",
                       marker={"size": 11, "symbol": "diamond", "color": COLOURS["vermillion"]}),
        ]
    )  # fmt: skip
    clear, thin = "rgba(0,0,0,0)", {"gridcolor": "rgba(128,128,128,0.25)", "zeroline": False, "fixedrange": True}
    figure.update_layout(
        paper_bgcolor=clear, plot_bgcolor=clear, height=380, margin={"l": 56, "r": 12, "t": 8, "b": 44},
        hovermode="closest", font={"color": "#7a8594", "size": 13}, template="none",
        xaxis={**thin, "title": {"text": "specifications, by doubling time"}, "tickformat": ".0%", "range": [0, 1]},
        yaxis={**thin, "title": {"text": "doubling time, months"}, "type": "log", "tickvals": TICKS,
               "range": [float(np.log10(edge)) for edge in (0.92 * EDGES[0], 1.05 * EDGES[1])]},
    )  # fmt: skip
    return figure
