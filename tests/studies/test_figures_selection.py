"""The figures on model selection show every value, say what lies off their scales, and keep their words apart."""

from __future__ import annotations

import re
from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.text import Text

from algoprogress.show import style
from algoprogress.show.estimate import Estimate, unpacked
from book import picture
from book.studies.selection import figures as selection

ALT = "Marks of several kinds lie in rows, with words beside them and a scale below them."
PENALTIES = (0.0, 0.001, 0.0025, 0.005, 0.01, 0.02)
BASES = {"7": 0.0505, "12": 0.0514, "14": 0.0656, "16": 0.0660, "18": 0.0523}
MONTHS = {"7": 6.1, "12": 14.2, "14": np.inf, "16": np.nan, "18": 9.8}
VARIANTS = (
    "published chain",
    "the same, blind to the row",
    "reversed",
    "each fold from zeros",
    "each fold restarted",
    "converged",
)


@pytest.fixture(scope="module")
def specifications():
    """Return scores of five laws under six penalties: 16 has no doubling time, 18 was published far off."""
    lines = []
    for law, base in BASES.items():
        for place, penalty in enumerate(PENALTIES):
            score = base + 0.0006 * abs(place - 3)
            lines.append(
                {
                    "law": law,
                    "penalty": penalty,
                    "by_row": score,
                    "kept_by_row": score < 0.06,
                    "published": 0.72 + 0.003 * place if law == "18" else score - 0.0011,
                    "months": MONTHS[law] + 0.1 * place,
                }
            )
    return pd.DataFrame(lines)


@pytest.fixture(scope="module")
def variants():
    """Return what six variants of the chain score under three penalties; one interval goes far to the right."""
    table = pd.DataFrame(
        [(name, penalty) for penalty in (0.0, 0.0025, 0.005) for name in VARIANTS], columns=["variant", "penalty"]
    )
    difference = np.tile([0.0, 0.0024, -0.00001, 0.0018, 0.0017, 0.002], 3)
    half = np.where(difference == 0.0, 0.0, 0.0012)
    high = difference + half
    high[5] = 0.02
    found = [Estimate(*ends) for ends in zip(difference, difference - half, high, strict=True)]
    return table.assign(mse_nats2=0.0486 + difference, difference_nats2=found)


@pytest.fixture(scope="module")
def orders():
    """Return the scores of seven orders under three penalties."""
    rows = [(penalty, order, 0.049 + 0.0001 * order) for penalty in (0.0, 0.0025, 0.005) for order in range(7)]
    return pd.DataFrame(rows, columns=["penalty", "order", "mse_nats2"])


@pytest.fixture(scope="module")
def later():
    """Return errors on later rows of four laws under two penalties."""
    lines = []
    for penalty in (0.0, 0.0025):
        for law, months in MONTHS.items():
            for place, cut in enumerate(range(2018, 2023)):
                rmse = {"16": 0.5, "12": 0.33}.get(law, 0.3) - 0.02 * place
                lines.append((law, penalty, cut, 50 + 30 * place, rmse, 0.75 + 0.05 * place, months + place))
    columns = ["law", "penalty", "cut", "rows", "rmse_nats", "rmse_mean_nats", "months"]
    frame = pd.DataFrame(lines, columns=columns)
    return frame[frame["law"] != "14"].assign(months=lambda table: table["months"].fillna(np.inf))


@pytest.fixture(scope="module")
def rates():
    """Return how often four kinds of interval hold the truth."""
    frame = pd.DataFrame({"penalty": [0.0025, 0.0025, 0.0, 0.0], "by": ["row", "paper"] * 2, "samples": 200})
    frame["method"] = ["published", *["converged"] * 3]
    ends = ((0.78, 0.718, 0.832), (0.9, 0.85, 0.934), (0.955, 0.917, 0.976), (0.995, 0.972, 0.999))
    return frame.assign(
        coverage=[Estimate(*each) for each in ends],
        too_slow=[0.2, 0.09, 0.04, 0.005],
        too_fast=[0.02, 0.01, 0.005, 0.0],
    )


@pytest.fixture(scope="module")
def drawn(specifications, variants, orders, later, rates):
    """Return the figures by name."""
    names = {"7": "Constants by benchmark", "14": "Exponents move with time, no other progress"}
    return {
        "scores": selection.scores(specifications, names={law: names.get(law, "Short") for law in BASES}),
        "months": selection.months(specifications),
        "chains": selection.chains(variants, orders),
        "extrapolation": selection.extrapolation(later),
        "coverage": selection.coverage(rates),
    }


FIGURES = ("scores", "months", "chains", "extrapolation", "coverage")


def boxes(fig) -> dict[Text, object]:
    """Return where each text of a drawn figure lies, in pixels, without the arrows of annotations."""
    canvas = FigureCanvasAgg(fig)
    canvas.draw()
    texts = []
    for ax in fig.axes:
        texts += [*ax.texts, ax._left_title, ax.xaxis.label, ax.yaxis.label]
        for axis in (ax.xaxis, ax.yaxis):
            low, high = sorted(axis.get_view_interval())
            texts += [
                tick.label1
                for tick in axis.get_major_ticks()
                if low <= tick.get_loc() <= high and tick.label1.get_visible()
            ]
    shown = [text for text in texts if text.get_text()]
    return {text: Text.get_window_extent(text, canvas.get_renderer()) for text in shown}


def said(ax) -> list[str]:
    """Return the words written into a panel."""
    return [text.get_text() for text in ax.texts]


def marks(ax, role: str, marker: str | None = None, *, filled: bool | None = None) -> np.ndarray:
    """Return the x of all marks of a role, of one marker (by default the role's), filled or not."""
    kind = marker or style.ROLES[role].marker
    lines = [
        line
        for line in ax.lines
        if line.get_marker() == kind
        and (line.get_linestyle() == "None" or len(line.get_xdata()) == 1)
        and line.get_color() == style.ROLES[role].colour
    ]
    wanted = [line for line in lines if filled in (None, line.get_markerfacecolor() != "none")]
    return np.concatenate([[], *(line.get_xdata() for line in wanted)])


@pytest.mark.parametrize("name", FIGURES)
def test_words_lie_inside_and_apart(drawn, name):
    fig = drawn[name]
    places = boxes(fig)
    width, height = fig.canvas.get_width_height()
    for text, box in places.items():
        assert box.x0 >= -1 and box.y0 >= -1 and box.x1 <= width + 1 and box.y1 <= height + 1, text
    for (one, first), (other, second) in combinations(places.items(), 2):
        assert not first.overlaps(second.padded(-1.5)), (one.get_text(), other.get_text())


@pytest.mark.parametrize("name", FIGURES)
def test_colours_are_those_of_the_house(drawn, name):
    svg = picture.themed(picture.render(drawn[name], name=f"fig-test-{name}", alt=ALT).svg)
    bare = re.sub(r"var\(--fig-[a-z-]+, #[0-9a-f]{6}\)", "", svg)
    assert not re.findall(r"#[0-9a-f]{6}\b", bare)


def test_each_score_is_a_mark_or_told_at_the_edge(drawn, specifications):
    (ax,) = drawn["scores"].axes
    assert len(marks(ax, "published")) == 6 * 4
    assert len(marks(ax, "ours", filled=True)) == specifications["kept_by_row"].sum()
    assert len(marks(ax, "ours")) == len(specifications)
    assert "0.72 to 0.73 as published" in said(ax)
    assert [text.get_text() for text in ax.get_yticklabels()] == ["16", "14", "18", "12", "7"]
    assert marks(ax, "published").max() < ax.get_xlim()[1] < 0.1


def test_no_arrow_where_all_scores_are_near(specifications):
    near = specifications.assign(published=specifications["by_row"] - 0.001)
    (ax,) = selection.scores(near, names=dict.fromkeys(BASES, "Short")).axes
    assert not any("as published" in text and "best" not in text for text in said(ax))


def test_long_doubling_times_stand_at_the_edge(drawn, specifications):
    (ax,) = drawn["months"].axes
    assert "● possibly the best (18 of 24 that have a rate)" in said(ax)
    assert "possibly the best: 6.1 months to 14.7 months" in said(ax)
    assert "over 60 months\nor no progress\n(6 more above ↑)" in said(ax)
    assert len(marks(ax, "ours")) == 18
    kept = specifications.assign(kept_by_row=True)
    (ax,) = selection.months(kept).axes
    assert marks(ax, "ours", ">").tolist() == [selection.EDGE] * 7  # six marks and the end of the range
    assert "possibly the best: 6.1 months to no progress" in said(ax)


def test_the_best_and_the_chosen_are_ringed(drawn):
    (ax,) = drawn["months"].axes
    rings = [line for line in ax.lines if line.get_color() == style.COLOURS["ink"]]
    assert len(rings) == 4
    assert {"best: 7 at 0.005", "chosen:\n7 at 0.0025", "compute\nonly: 18", "one rate: 12"} < set(said(ax))


def test_each_penalty_has_a_panel_with_its_reference(drawn, variants):
    axes = drawn["chains"].axes
    assert [ax.get_title(loc="left") for ax in axes] == ["no penalty", "penalty 0.0025", "penalty 0.005"]
    for ax in axes:
        assert list(ax.lines[0].get_xdata()) == [0.0486, 0.0486]
        assert len(marks(ax, "check", "|")) == 7
        assert np.allclose(marks(ax, "ours"), variants["mse_nats2"][1:6])
        assert [text.get_text() for text in ax.get_yticklabels()][3] == "7 random orders"
        assert said(ax) == ["+0.0024", "+0.0000", "+0.0018", "+0.0017", "+0.0020"]
    arrows = [sum(line.get_marker() == ">" for line in ax.lines) for ax in axes]
    assert arrows == [1, 0, 0]


def test_intervals_are_of_the_difference_around_the_score(drawn, variants):
    bars = [
        line
        for line in drawn["chains"].axes[1].lines
        if len(set(line.get_ydata())) == 1 and len(line.get_xdata()) == 2 and line.get_linestyle() == "-"
    ]
    part = unpacked(variants[variants["penalty"] == 0.0025].iloc[1:])
    ends = part[["difference_nats2_low", "difference_nats2_high"]].to_numpy()
    assert np.allclose([line.get_xdata() for line in bars], 0.0486 + ends)


def test_the_law_without_progress_has_no_doubling_time(drawn):
    left, right = drawn["extrapolation"].axes
    assert (len(left.lines), len(right.lines)) == (4, 3)
    assert "16, no progress" in said(left)
    assert {"7, chosen by\nHo et al.", "12, one rate\nof progress", "18, compute\nonly"} == set(said(right))
    assert [text.get_text() for text in right.get_xticklabels()][::4] == ["2018\n(50)", "2022\n(170)"]


def test_errors_off_the_scale_are_told(drawn):
    left = drawn["extrapolation"].axes[0]
    assert "benchmark means so far:\n0.75 to 0.95, off the scale ↑" in said(left)
    assert left.get_ylim()[1] <= 0.75


def test_coverage_is_told_beside_its_interval(drawn, rates):
    (ax,) = drawn["coverage"].axes
    assert ax.lines[0].get_xdata() == [0.95, 0.95]
    wide = unpacked(rates)
    assert np.allclose(marks(ax, "ours"), wide["coverage"])
    bars = [line.get_xdata() for line in ax.lines[1:] if len(line.get_xdata()) == 2]
    assert np.allclose(bars, wide[["coverage_low", "coverage_high"]])
    assert {"78.0%", "90.0%", "95.5%", "99.5%", "20.0%", "nominal", "held", "too slow", "too fast"} < set(said(ax))
    assert ax.get_xlim() == (0.7, 1.0)
    assert [text.get_text() for text in ax.get_yticklabels()][-1] == "converged, no penalty, by paper"
