"""The gain of any algorithm over any other as a page element to turn dials on, and as tables for those who cannot.

The page holds the laws and their resamples, not a grid of results: its script (`gain.js`) computes gains and
quantiles at any compute or loss by the formulas behind `gain_answer.answer`, which tests hold it to.
"""

from __future__ import annotations

import base64
import html
from pathlib import Path

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from algoprogress import __version__
from algoprogress.frontiers import gain
from algoprogress.frontiers.gain import Frontier, tail
from algoprogress.show.style import COLOURS
from book.studies.accounting import study as accounting
from book.studies.explorer import answer as gain_answer
from book.studies.explorer import comparisons
from book.studies.explorer.answer import Answer, Part, answer, times
from book.studies.explorer.comparisons import GROUPS, NAMES, RANGES, Comparison
from book.studies.specifications import explorer
from book.studies.specifications.explorer import THIN, Explorer

__all__ = ["answer", "element", "parts", "span", "standard", "told"]

HERE = Path(__file__).parent
YEARS = range(2012, 2027)
START = {
    "reference": "lstm",
    "new": "modern",
    "laws": "reruns, from 1e15",
    "mode": "compute",
    "compute": 1e16,
    "loss": 4.6,
}
CHINCHILLA_STEP = 0.05  # in decades of compute; between steps the page interpolates
RERUNS, REFIT = "reruns, from 1e15", "Hoffmann's runs, refitted"
STANDARD = (
    ("lstm", "modern", "as published", {"loss_nats": 4.9}),
    ("lstm", "modern", RERUNS, {"loss_nats": 4.9}),
    ("lstm", "modern", "as published", {"year": 2023}),
    ("lstm", "modern", RERUNS, {"year": 2023}),
    ("lstm", "retro", RERUNS, {"compute_flop": 1e16}),
    ("retro", "modern", "as published", {"compute_flop": 3e16}),
    ("retro", "modern", RERUNS, {"compute_flop": 3e16}),
    ("retro", "modern", "as published", {"year": 2023}),
    ("lstm", "all", "as published", {"year": 2023}),
    ("lstm", "all", RERUNS, {"year": 2023}),
    ("kaplan", "optimal", REFIT, {"compute_flop": 1e21}),
    ("kaplan", "optimal", REFIT, {"compute_flop": 3e23}),
    ("xlstm_transformer", "xlstm_xlstm", "as published", {"compute_flop": 1e21}),
)


def told(reference: str, new: str, choice: str | None = None, *, year: float | None = None, **at: float) -> Answer:
    """Return `answer`, at the paper's frontier of a year if one is given."""
    return answer(reference, new, choice, **({"compute_flop": frontier_of(year)} if year else at))


def frontier_of(year: float) -> float:
    """Return the compute of the paper's frontier in a year to six digits, as an address keeps it."""
    return float(f"{float(accounting.frontier_compute_flop(year)):.5e}")


def standard() -> pd.DataFrame:
    """Return the gain for some standard settings, to read: what against what, laws, place, gain, mark."""
    rows = []
    for reference, new, choice, at in STANDARD:
        found = told(reference, new, choice, **at)
        year = f", frontier of {at['year']}" if "year" in at else ""
        place = f"loss {at['loss_nats']:g}" if "loss_nats" in at else f"{times(found.compute_flop)} FLOP{year}"
        rows.append((NAMES[reference], NAMES[new], choice, place, cell(found), mark(found)))
    return pd.DataFrame(rows, columns=["reference", "new", "laws", "at", "gain", "mark"])


def parts(found: Answer) -> pd.DataFrame:
    """Return the factors of an answer, to read."""
    rows = [(each.name, cell(each), each.basis) for each in found.parts]
    return pd.DataFrame(rows, columns=["factor", "gain", "rests on"])


def span(found: Answer) -> str:
    """Return the interval of an answer in words."""
    return f"{times(found.gain.low)} to {times(found.gain.high)}"


def cell(found: Answer | Part) -> str:
    """Return a gain with its interval in brackets, if it has one."""
    interval = f" [{times(found.gain.low)}, {times(found.gain.high)}]" if found.gain.bounded else ""
    return times(found.gain.value) + interval


def mark(found: Answer) -> str:
    """Return whether an answer is within the data, in words."""
    return "within the data" if found.inside else "extrapolated"


def element(*, name: str, alt: str) -> Explorer:
    """Return the dials: menus for reference, new algorithm, laws and year, a slider, the gain, its parts and a figure.

    The address of the page keeps the choices; before any script runs, the sentence of the start stands there.
    """
    first = told(START["reference"], START["new"], START["laws"], compute_flop=START["compute"])
    page = (
        f'<div class="explorer gain-explorer" role="group" aria-label="{html.escape(alt)}">'
        f'<div class="explorer-menus">{_references()}<label>new algorithm <select class="gain-new"></select></label>'
        f'<label>laws and data <select class="gain-laws"></select></label>{_years()}</div>'
        f"{_place()}"
        '<p class="gain-headline"><strong class="gain-value"></strong> <span class="gain-ends"></span> '
        '<span class="gain-mark"></span></p>'
        f"{explorer.drawn(_figure(), name=name, script=HERE / 'gain.js')}"
        f'<p class="gain-sentence" aria-live="polite">{html.escape(first.sentence)}</p>'
        f"{_table()}{explorer.buttons(sentence='Copy sentence', address='Copy address')}"
        f"{explorer.payload(_payload())}</div>"
    )
    return Explorer(page, alt)


def _references() -> str:
    groups: dict[str, list[str]] = {}
    for kind, reference, _ in comparisons.pairs():
        known = groups.setdefault(GROUPS[kind], [])
        if reference not in known:
            known.append(reference)
    options = "".join(
        f'<optgroup label="{html.escape(group)}">'
        + "".join(f'<option value="{each}">{html.escape(NAMES[each])}</option>' for each in names)
        + "</optgroup>"
        for group, names in groups.items()
    )
    return f'<label>reference <select class="gain-reference">{options}</select></label>'


def _years() -> str:
    options = "".join(f'<option value="{year}">{year}</option>' for year in YEARS)
    return f'<label>frontier of a year <select class="gain-year"><option value="">–</option>{options}</select></label>'


def _place() -> str:
    """Return the switch between compute and loss, the slider and the field to type into."""
    radios = "".join(
        f'<label><input type="radio" name="gain-mode" value="{mode}"> {words}</label> '
        for mode, words in (("compute", "training compute of the new algorithm"), ("loss", "loss"))
    )
    return (
        f'<fieldset class="gain-place"><legend>at a given</legend>{radios}'
        '<input type="range" class="gain-slider" aria-label="compute or loss" min="0" max="1" step="any">'
        '<label>exactly <input type="text" inputmode="decimal" autocomplete="off" class="gain-typed"> '
        '<span class="gain-unit"></span></label> <span class="gain-rule" role="alert"></span></fieldset>'
    )


def _table() -> str:
    heads = "".join(f'<th scope="col">{head}</th>' for head in ("factor", "gain", "95% interval", "rests on"))
    caption = "<caption>The factors that multiply to the gain</caption>"
    return f'<table class="gain-parts" hidden>{caption}<thead><tr>{heads}</tr></thead><tbody></tbody></table>'


def _figure() -> go.Figure:
    """Return empty traces, in the order in which the script fills them, and the axes."""
    quiet = {"x": [], "y": [], "showlegend": False, "hoverinfo": "skip"}
    blue, red, muted = (COLOURS[name] for name in ("blue", "vermillion", "muted"))
    band = {"mode": "lines", "line": {"width": 0}, "fill": "toself"}
    strip = {"mode": "lines+text", "textposition": "top right", "cliponaxis": False, "textfont": {"size": 12}}
    figure = go.Figure(
        [
            go.Scatter(**quiet, **band, fillcolor="rgba(0,114,178,0.30)"),
            go.Scatter(
                **quiet,
                **band,
                fillcolor="rgba(0,0,0,0)",
                fillpattern={
                    "shape": "/",
                    "fgcolor": "rgba(0,114,178,0.45)",
                    "bgcolor": "rgba(0,0,0,0)",
                    "size": 8,
                    "solidity": 0.2,
                },
            ),
            go.Scatter(**quiet, mode="lines", line={"width": 3, "color": blue}),
            go.Scatter(**quiet, mode="lines", line={"width": 2, "color": blue, "dash": "dash"}),
            go.Scatter(**quiet, **strip, line={"width": 5, "color": muted}),
            go.Scatter(**quiet, **strip, line={"width": 5, "color": COLOURS["green"]}),
            go.Scatter(**quiet, mode="lines", line={"width": 3, "color": red}),
            go.Scatter(**quiet, mode="markers", marker={"size": 12, "symbol": "diamond", "line": {"width": 2.5}}),
        ]
    )
    powers = {"exponentformat": "power", "showexponent": "all"}
    figure.update_layout(
        **explorer.layout(400),
        xaxis={**THIN, **powers, "title": {"text": "training compute, FLOP"}, "nticks": 7},
        yaxis={**THIN, **powers, "title": {"text": "gain, times"}, "type": "log", "dtick": 1},
    )
    return figure


def _payload() -> dict[str, object]:
    """Return laws, draws and words for the script. Constants are exact, draws are kept to seven digits."""
    store = _Store()
    found = [_pair(kind, reference, new, store) for kind, reference, new in comparisons.pairs()]
    exponents = np.arange(13.0, 27.0 + CHINCHILLA_STEP, CHINCHILLA_STEP)
    split = np.log(accounting.chinchilla(10.0**exponents, printed=True))
    decade = float(np.log(10.0))
    steps = {"first": exponents[0] * decade, "step": CHINCHILLA_STEP * decade, "logs": split.round(6).tolist()}
    return {
        "version": __version__,
        "names": NAMES,
        "words": gain_answer.WORDS,
        "start": START,
        "near": gain.NEAR,
        "least": gain_answer.LEAST_SHARE,
        "pairs": found,
        "laws": store.laws,
        "years": {str(year): frontier_of(year) for year in YEARS},
        "chinchilla": steps,
        "draws": store.numbers(),
        "places": store.places(),
    }


def _pair(kind: str, reference: str, new: str, store: _Store) -> dict[str, object]:
    every = [comparisons.comparison(reference, new, choice) for choice in comparisons.choices(kind)]
    named = gain_answer.FACTORS if kind == "total" else ()
    named = gain_answer.STEPS if (reference, new) == ("lstm", "modern") else named
    return {
        "kind": kind,
        "reference": reference,
        "new": new,
        "range": RANGES[kind],
        "names": every[0].law_names,
        "uncovered": gain_answer.without_interval(every[0]),
        "parts": named,
        "choices": [_choice(each, store) for each in every],
    }


def _choice(of: Comparison, store: _Store) -> dict[str, object]:
    """Return the laws of a comparison by their place in the store, and what else its gain takes."""
    pair = comparisons.frontiers(of)
    middle, tails = None, [_tail(*pair)]
    if (of.reference, of.new) == ("lstm", "modern"):
        between = comparisons.of_family("retro", of.choice)
        middle = store.place(between)
        tails += [_tail(pair[0], between), _tail(between, pair[1])]
    return {
        "name": of.choice,
        "reference": store.place(pair[0]),
        "new": store.place(pair[1]),
        "middle": middle,
        "tails": tails,
        "resampled": of.resampled,
        **_factor(of),
        **_ranges(*pair),
    }


def _tail(*pair: Frontier) -> float:
    """Return the share of draws below the low end of an interval, zero if there are no draws."""
    return tail(gain.fewest(*pair)) if any(each.draws for each in pair) else 0


def _factor(of: Comparison) -> dict[str, float]:
    """Return the factors that are the same at every compute."""
    if of.kind != "total":
        return {"factor": 1.0}
    counted = comparisons.accounting_of(of)
    return {
        "factor": gain_answer.constant(of),
        "experts": counted.experts,
        "small": float(accounting.small_factors(counted).prod()),
    }


def _ranges(reference: Frontier, new: Frontier) -> dict[str, list]:
    """Return where each law has data, and where both have, by loss and by the new algorithm's compute for it."""

    def place(loss: float) -> dict[str, float]:
        return {"loss": float(loss), "flop": float(new.compute(loss))}

    spans = [[place(each.loss(flop)) for flop in each.support_flop] for each in (reference, new)]
    shared = [place(loss) for loss in comparisons.shared_range(reference, new) if np.isfinite(loss)]
    return {"spans": spans, "shared": shared}


class _Store:
    """Collects laws, each once, and their draws: unique lines by column, and for each draw the place of its line."""

    def __init__(self) -> None:
        self.laws: list[dict] = []
        self._known: dict[bytes, int] = {}
        self._columns: list[np.ndarray] = []
        self._rows: list[np.ndarray] = []

    def place(self, law: Frontier) -> int:
        """Return the place of a law in `laws`, having added it if it is new."""
        constants = comparisons.constants(law)[0]
        draws = np.empty((0, 0)) if law.draws is None else comparisons.constants(law.draws.of(0)).astype("<f4")
        key = constants.tobytes() + np.array(law.support_flop).tobytes() + draws.tobytes()
        if key not in self._known:
            self._known[key] = len(self.laws)
            self.laws.append(
                {
                    "constants": constants.tolist(),
                    "support": law.support_flop,
                    "draws": self._added(draws) if draws.size else None,
                }
            )
        return self._known[key]

    def _added(self, draws: np.ndarray) -> dict[str, int]:
        lines, rows = np.unique(draws, axis=0, return_inverse=True)
        at, place = (sum(each.size for each in kept) for kept in (self._columns, self._rows))
        if len(lines) > len(draws) // 2:  # few repeats: shorter as they are
            lines, rows, place = draws, np.empty(0), None
        self._columns.append(np.ascontiguousarray(lines.T))
        self._rows.append(rows.ravel())
        return {"at": at, "lines": len(lines), "columns": draws.shape[1], "place": place, "count": len(draws)}

    def numbers(self) -> str:
        """Return all draws as 32-bit numbers in base 64."""
        return base64.b64encode(b"".join(each.astype("<f4").tobytes() for each in self._columns)).decode()

    def places(self) -> str:
        """Return the place of each draw among the unique lines of its law, as 16-bit numbers in base 64."""
        return base64.b64encode(b"".join(each.astype("<u2").tobytes() for each in self._rows)).decode()
