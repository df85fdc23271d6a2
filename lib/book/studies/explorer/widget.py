"""The gain of any algorithm over any other as a page element to turn dials on, and as tables for those who cannot.

The page (`gain.html`) holds the laws and their resamples, not a grid of results: its script (`gain.js`) computes gains
and quantiles at any compute or loss by the formulas behind `answer.answer`, which tests hold it to.
"""

import base64
import html
from collections.abc import Iterable
from pathlib import Path
from string import Template

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from algoprogress import __version__
from algoprogress.frontiers import gain
from algoprogress.frontiers.gain import Frontier
from algoprogress.show.estimate import LOOSE, NORMAL_975
from algoprogress.show.style import COLOURS
from book import look
from book.studies.accounting import study as accounting
from book.studies.explorer import comparisons
from book.studies.explorer.answer import FACTORS, LEAST_SHARE, STEPS, WORDS, Answer, Part, answer, constant, times
from book.studies.explorer.comparisons import KINDS, NAMES, Comparison
from book.studies.specifications import explorer

HERE = Path(__file__).parent
YEARS = range(2012, 2027)
CHINCHILLA_STEP = 0.05  # in decades of compute; between steps the page interpolates
RERUNS, REFIT = "reruns, from 1e15", "Hoffmann's runs, refitted"
START = {"reference": "lstm", "new": "modern", "laws": RERUNS, "mode": "compute", "compute": 1e16, "loss": 4.6}
PUBLISHED, AT_FRONTIER = "as published", {"year": 2023}
STANDARD = (  # reference, new, laws, place
    ("lstm", "modern", PUBLISHED, {"loss_nats": 4.9}), ("lstm", "modern", RERUNS, {"loss_nats": 4.9}),
    ("lstm", "modern", PUBLISHED, AT_FRONTIER), ("lstm", "modern", RERUNS, AT_FRONTIER),
    ("lstm", "retro", RERUNS, {"compute_flop": 1e16}),
    ("retro", "modern", PUBLISHED, {"compute_flop": 3e16}), ("retro", "modern", RERUNS, {"compute_flop": 3e16}),
    ("retro", "modern", PUBLISHED, AT_FRONTIER),
    ("lstm", "all", PUBLISHED, AT_FRONTIER), ("lstm", "all", RERUNS, AT_FRONTIER),
    ("kaplan", "optimal", REFIT, {"compute_flop": 1e21}), ("kaplan", "optimal", REFIT, {"compute_flop": 3e23}),
    ("xlstm_transformer", "xlstm_xlstm", PUBLISHED, {"compute_flop": 1e21}),
    ("own_lstm", "own_today", comparisons.LINES, {"compute_flop": 1e11}),
)  # fmt: skip


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
        mark = "within the data" if found.inside else "extrapolated"
        rows.append((NAMES[reference], NAMES[new], choice, place, cell(found), mark))
    return pd.DataFrame(rows, columns=["reference", "new", "laws", "at", "gain", "mark"])


def parts(found: Answer) -> pd.DataFrame:
    """Return the factors of an answer, to read."""
    rows = [(each.name, cell(each), each.basis) for each in found.parts]
    return pd.DataFrame(rows, columns=["factor", "gain", "rests on"])


def cell(found: Answer | Part) -> str:
    """Return a gain with its interval in brackets, if it has one."""
    interval = f" [{', '.join(found.gain.ends())}]" if found.gain.bounded else ""
    return times(found.gain.value) + interval


def element(*, name: str, alt: str) -> look.Look:
    """Return the dials with the gain, its parts and a figure; until a script runs the sentence of the start stands."""
    page = Template("".join((HERE / "gain.html").read_text(encoding="utf-8").splitlines()))  # an indent is a space
    first = told(START["reference"], START["new"], START["laws"], compute_flop=START["compute"])
    filled = page.substitute(
        alt=html.escape(alt),
        references=_references(),
        years="".join(f'<option value="{year}">{year}</option>' for year in YEARS),
        figure=explorer.drawn(_figure(), name=name, script=HERE / "gain.js"),
        sentence=html.escape(first.sentence),
        buttons=explorer.buttons(sentence="Copy sentence", address="Copy address"),
        payload=look.payload(_payload()),
    )
    return look.Look(filled, alt)


def _references() -> str:
    """Return the references to choose from, each once, by group."""
    groups: dict[str, dict[str, str]] = {}
    for kind, reference, _ in comparisons.pairs():
        option = f'<option value="{reference}">{html.escape(NAMES[reference])}</option>'
        groups.setdefault(KINDS[kind][0], {})[reference] = option
    return "".join(
        f'<optgroup label="{html.escape(group)}">{"".join(options.values())}</optgroup>'
        for group, options in groups.items()
    )


def _figure() -> go.Figure:
    """Return empty traces, in the order in which the script fills them, and the axes."""
    blue, red, green, muted = (COLOURS[name] for name in ("blue", "vermillion", "green", "muted"))
    band = {"mode": "lines", "line": {"width": 0}, "fill": "toself"}
    hatch = {"shape": "/", "fgcolor": "rgba(0,114,178,0.45)", "bgcolor": explorer.CLEAR, "size": 8, "solidity": 0.2}
    strip = {"mode": "lines+text", "textposition": "top right", "cliponaxis": False, "textfont": {"size": 12}}
    looks = (
        {**band, "fillcolor": "rgba(0,114,178,0.30)"},
        {**band, "fillcolor": explorer.CLEAR, "fillpattern": hatch},
        {"mode": "lines", "line": {"width": 3, "color": blue}},
        {"mode": "lines", "line": {"width": 2, "color": blue, "dash": "dash"}},
        {**strip, "line": {"width": 5, "color": muted}},
        {**strip, "line": {"width": 5, "color": green}},
        {"mode": "lines", "line": {"width": 3, "color": red}},
        {"mode": "markers", "marker": {"size": 12, "symbol": "diamond", "line": {"width": 2.5}}},
    )
    powers = {"exponentformat": "power", "showexponent": "all"}
    across = {**explorer.THIN, **powers, "title": {"text": "training compute, FLOP"}, "nticks": 7}
    upward = {**explorer.THIN, **powers, "title": {"text": "gain, times"}, "type": "log", "dtick": 1}
    traces = [go.Scatter(x=[], y=[], showlegend=False, hoverinfo="skip", **look) for look in looks]
    return go.Figure(traces).update_layout(**explorer.layout(400), xaxis=across, yaxis=upward)


class _Store:
    """Collects laws, each once, and their draws: unique lines by column, and for each draw the place of its line."""

    def __init__(self) -> None:
        self.laws: dict[bytes, dict] = {}
        self.columns: list[np.ndarray] = []
        self.rows: list[np.ndarray] = []

    def place(self, law: Frontier) -> int:
        """Return the place of a law in `laws`, having added it if it is new."""
        constants, support = comparisons.constants(law)[0], law.support_flop
        draws = np.empty((0, 0)) if law.draws is None else comparisons.constants(law.draws.of(0)).astype("<f4")
        key = constants.tobytes() + np.array(support).tobytes() + draws.tobytes()
        if key not in self.laws:
            kept = self._added(draws) if draws.size else None
            self.laws[key] = {"constants": constants.tolist(), "support": support, "draws": kept}
        return list(self.laws).index(key)

    def _added(self, draws: np.ndarray) -> dict[str, int]:
        lines, rows = np.unique(draws, axis=0, return_inverse=True)
        at, place = (sum(each.size for each in kept) for kept in (self.columns, self.rows))
        if len(lines) > len(draws) // 2:  # few repeats: shorter as they are
            lines, rows, place = draws, np.empty(0), None
        self.columns.append(np.ascontiguousarray(lines.T))
        self.rows.append(rows.ravel())
        return {"at": at, "lines": len(lines), "columns": draws.shape[1], "place": place, "count": len(draws)}


def _payload() -> dict[str, object]:
    """Return laws, draws and words for the script. Constants are exact, draws are kept to seven digits."""
    store, decade = _Store(), float(np.log(10.0))
    found = [_pair(*pair, store) for pair in comparisons.pairs()]
    exponents = np.arange(13.0, 27.0 + CHINCHILLA_STEP, CHINCHILLA_STEP)
    split = np.log(accounting.chinchilla(10.0**exponents, printed=True))
    steps = {"first": exponents[0] * decade, "step": CHINCHILLA_STEP * decade, "logs": split.round(6).tolist()}
    fixed = {"version": __version__, "names": NAMES, "words": WORDS, "start": START, "near": gain.NEAR}
    fixed |= {"normal": NORMAL_975, "loose": LOOSE}
    laws, years = list(store.laws.values()), {str(year): frontier_of(year) for year in YEARS}
    told = {"least": LEAST_SHARE, "pairs": found, "laws": laws, "years": years, "chinchilla": steps}
    return fixed | told | {"draws": _encoded(store.columns, "<f4"), "places": _encoded(store.rows, "<u2")}


def _encoded(arrays: Iterable[np.ndarray], form: str) -> str:
    """Return the numbers of some arrays after each other in base 64."""
    return base64.b64encode(b"".join(each.astype(form).tobytes() for each in arrays)).decode()


def _pair(kind: str, reference: str, new: str, store: _Store) -> dict[str, object]:
    every = [comparisons.comparison(reference, new, choice) for choice in comparisons.choices(kind)]
    names, (_, reach, uncovered) = [NAMES[each] for each in every[0].laws], KINDS[kind]
    told = {"kind": kind, "reference": reference, "new": new, "range": reach, "names": names, "uncovered": uncovered}
    parts = FACTORS if kind == "total" else STEPS if (reference, new) == ("lstm", "modern") else ()
    return told | {"parts": parts, "choices": [_choice(each, store) for each in every]}


def _choice(of: Comparison, store: _Store) -> dict[str, object]:
    """Return the laws of a comparison by their place in the store, and what else its gain takes."""
    pair = comparisons.frontiers(of)
    middle, tails = None, [_tail(*pair)]
    if (of.reference, of.new) == ("lstm", "modern"):
        between = comparisons.of_family("retro", of.choice)
        middle = store.place(between)
        tails += [_tail(pair[0], between), _tail(between, pair[1])]
    laws = {"reference": store.place(pair[0]), "new": store.place(pair[1]), "middle": middle, "tails": tails}
    return {"name": of.choice, **laws, "resampled": of.resampled, **_factor(of), **ranges(*pair)}


def _tail(*pair: Frontier) -> float:
    """Return the share of draws below the low end of an interval, zero if there are no draws."""
    return gain.tail(gain.fewest(*pair)) if any(each.draws for each in pair) else 0


def _factor(of: Comparison) -> dict[str, float]:
    """Return the factors that are the same at every compute."""
    if of.kind != "total":
        return {"factor": 1.0}
    counted = comparisons.accounting_of(of)
    small = float(accounting.small_factors(counted).prod())
    return {"factor": constant(of), "experts": counted.experts, "small": small}


def ranges(reference: Frontier, new: Frontier) -> dict[str, list]:
    """Return where each law has data, and where both have, by loss and by the new algorithm's compute for it."""

    def place(loss: float) -> dict[str, float]:
        return {"loss": float(loss), "flop": float(new.compute(loss))}

    spans = [[place(each.loss(flop)) for flop in each.support_flop] for each in (reference, new)]
    return {"spans": spans, "shared": [place(loss) for loss in gain.shared_losses(reference, new, 2)]}
