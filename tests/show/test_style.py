"""Figures refuse to be shown without words, are the same bytes twice, and follow the theme."""

from __future__ import annotations

import re
from itertools import combinations

import numpy as np
import pandas as pd
import pytest

from algoprogress.engine import root
from algoprogress.show import style
from book import picture
from book.narrow import narrow

ALT = "Three points rise from the lower left to the upper right on a plain grid."
DARK_PAGE = "#121212"


@style.house()
def drawn():
    """Return a small figure with a line, a band, words and a clip path."""
    fig, ax = style.subplots(size="column")
    ax.plot([1, 2, 3], [1, 4, 9], **style.ROLES["ours"].drawing)
    ax.fill_between([1, 2, 3], [0, 3, 8], [2, 5, 10], color=style.ROLES["published"].colour, alpha=0.3)
    style.label(ax, 2, 4, "here", "ours")
    ax.set(xlabel="training compute (FLOP)", ylabel="loss (nats)", title="A panel")
    return fig


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Return the folder of downloads of an empty repository."""
    monkeypatch.setenv("ALGOPROGRESS_ROOT", str(tmp_path))
    return tmp_path / "_build" / "figures"


@pytest.mark.parametrize("alt", ["", "A plot.", "   \n" * 30])
def test_a_figure_without_alt_text_is_refused(alt):
    with pytest.raises(ValueError, match="alt text"):
        picture.render(drawn(), name="fig-test-line", alt=alt)


@pytest.mark.parametrize("name", ["line", "fig-line", "fig-test-Line", "fig-test-line.svg"])
def test_a_figure_is_named_after_its_chapter(name):
    with pytest.raises(ValueError, match="fig-<chapter>-<what>"):
        picture.render(drawn(), name=name, alt=ALT)


def test_an_empty_table_is_refused(folder):
    with pytest.raises(ValueError, match="empty"):
        picture.show(drawn(), name="fig-test-line", alt=ALT, data=pd.DataFrame())


def test_the_same_figure_gives_the_same_bytes():
    first, second = (picture.render(drawn(), name="fig-test-line", alt=ALT) for _ in range(2))
    assert first == second
    assert first._repr_mimebundle_() == second._repr_mimebundle_()


def test_the_files_to_take_away_are_written(folder):
    frame = pd.DataFrame({"compute_flop": [1e18, 2e18, 3e18], "loss_nats": [1 / 3, 0.5, 0.25]})
    shown = picture.show(drawn(), name="fig-test-line", alt=ALT, data=frame)
    lines = (folder / "fig-test-line.csv").read_text(encoding="utf-8").splitlines()
    assert lines == ["compute_flop,loss_nats", "1e+18,0.33333333", "2e+18,0.5", "3e+18,0.25"]
    assert (folder / "fig-test-line.png").read_bytes().startswith(b"\x89PNG")
    assert (folder / "fig-test-line.svg").read_text(encoding="utf-8") == shown.svg


def test_the_standalone_picture_needs_no_page():
    svg = picture.render(drawn(), name="fig-test-line", alt=ALT).svg
    assert svg.startswith("<?xml")
    assert "var(" not in svg
    assert style.COLOURS["paper"] in svg
    assert f"<dc:title>{ALT}</dc:title>" in svg
    assert "<text" in svg and "here" in svg


def test_the_inline_picture_follows_the_theme():
    html = picture.render(drawn(), name="fig-test-line", alt=ALT)._repr_mimebundle_()["text/html"]
    assert f'role="img" aria-label="{ALT}"' in html
    assert "<!-- downloads: fig-test-line -->" in html
    bare = re.sub(r"var\(--fig-[a-z-]+, #[0-9a-f]{6}\)", "", html)
    assert not re.findall(r"#[0-9a-f]{6}\b(?!\))", bare), "a colour outside of the palette"
    names = re.findall(r' id="([^"]+)"', html)
    assert names, "the clip path needs an id"
    assert all(f"url(#{name})" in html or f'href="#{name}"' in html for name in names), "an id that nothing needs"
    assert not re.search(r'<svg[^>]* (?:width|height)="', html)


def channel(value: int) -> float:
    """Return the linear light of one channel of a colour (WCAG 2)."""
    share = value / 255
    return share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4


def luminance(colour: str) -> float:
    """Return the relative luminance of a colour (WCAG 2)."""
    red, green, blue = (channel(int(colour[i : i + 2], 16)) for i in (1, 3, 5))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(first: str, second: str) -> float:
    """Return the contrast of two colours (WCAG 2), from 1 to 21."""
    low, high = sorted((luminance(first), luminance(second)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize(("theme", "page"), [("light", "#ffffff"), ("dark", DARK_PAGE)])
def test_the_site_has_every_colour_and_its_words_can_be_read(theme, page):
    css = (root() / "_static" / "algoprogress.css").read_text(encoding="utf-8")
    block = re.search(rf'html\[data-theme="{theme}"\] \{{(.*?)\}}', css, re.DOTALL)[1]
    colours = dict(re.findall(r"--fig-([a-z-]+): (#[0-9a-f]{6});", block))
    assert set(style.COLOURS) - set(colours) == {"paper"}  # this one is the page's own background
    words = [name for name in colours if name.endswith("-text") or name in ("ink", "muted")]
    assert all(contrast(colours[name], page) >= 4.5 for name in words)
    if theme == "light":
        assert colours == {name: colour for name, colour in style.COLOURS.items() if name != "paper"}


@pytest.mark.parametrize("group", [("ours", "published", "alternative", "check"), ("wt103", "wt2", "ptb")])
def test_roles_that_meet_differ_without_colour(group):
    for one, other in combinations((style.ROLES[name] for name in group), 2):
        assert one.marker != other.marker
        assert one.line != other.line


def test_a_figure_is_laid_out_anew_for_a_phone():
    figure, axes = style.subplots(1, 3, sharey=True)
    for ax in axes:
        ax.plot([1, 2, 3], [0, 1, 2])
        ax.set_yticks([0, 1, 2], ["a long name at the left", "another one of these", "and the last"])
        ax.text(0.0, 1.01, "a key", transform=ax.transAxes, fontsize=6)
        ax.annotate("some words over the row of which there are many", (ax.get_xlim()[0], 1), fontsize=7)
        ax.annotate("12.3 [4.5, 67.8]", (ax.get_xlim()[1], 1), xytext=(0, 5), textcoords="offset points", ha="right")
        ax.set_xlim(ax.get_xlim())
    drawn = picture.render(figure, name="fig-a-b", alt="Three lines in three panels, for the tests.", narrow=6.0)
    assert 'viewBox="0 0 302.4 432"' in drawn.narrow and "302.4" not in drawn.svg
    assert [ax.get_subplotspec().rowspan.start for ax in axes] == [0, 1, 2]
    assert [label.get_text() for label in axes[0].get_yticklabels()] == ["", "", ""]
    said = [text.get_text() for text in axes[2].texts]
    assert said[3:] == ["a long name at the left", "another one of these", "and the last"]
    assert min(float(size) for size in re.findall(r"font(?:-size)?: ([\d.]+)px", drawn.narrow)) >= 8
    assert axes[0].texts[2].xyann[1] < 0  # numbers go below where words leave no room
    page = drawn._repr_mimebundle_()["text/html"]
    assert page.count('<svg role="img"') == 2 and page.count("figure-narrow") == 1


@style.house()
def rows_of_three(*, upward: bool):
    """Return a figure with three marks in each of twelve rows, every other on grey, with long names at the left."""
    fig, ax = style.subplots(size="tall")
    places = np.arange(12) * (1 if upward else -1)
    for place in places:
        ax.axhspan(place - 0.5, place + 0.5, color=style.COLOURS["grid"], linewidth=0)
        for shift in (-0.26, 0.0, 0.26):
            ax.plot([2.0], [place + shift], marker="o", markersize=5)
    ax.set_yticks(places, [f"the long name of row {place}" for place in places])
    ax.set_ylim(places[-1], places[0])
    return fig


@pytest.mark.parametrize("upward", [True, False])
def test_names_over_rows_have_room_on_a_phone(upward):
    fig = rows_of_three(upward=upward)
    narrow(fig, 4.0)
    fig.draw_without_rendering()
    (ax,) = fig.axes
    assert fig.get_figheight() > 4.0
    names = [text.get_window_extent() for text in ax.texts]
    assert len(names) == 12 and max(box.y1 for box in names) < ax.bbox.y1
    half = 2.5 * fig.dpi / 72
    marks = [line.get_transform().transform(line.get_xydata())[0, 1] for line in ax.lines]
    assert not [box for box in names for mark in marks if box.y0 < mark + half and mark - half < box.y1]
    bands = [band.get_window_extent() for band in ax.patches]
    assert all(any(band.y0 < box.y0 and box.y1 < band.y1 for band in bands) for box in names)


@style.house()
def labelled_at_both_ends():
    """Return a figure with powers of ten below and words that reach out of the panel on both sides."""
    fig, ax = style.subplots(size="wide")
    ax.set(xscale="log", xlim=(1e16, 1e18))
    ax.plot([1.2e16, 9e17], [1.0, 2.0])
    style.label(ax, 1.2e16, 1.0, "left of the first", "ours", ha="right")
    style.label(ax, 9e17, 2.0, "right of the last", "ours")
    return fig


def test_on_a_phone_words_stay_inside_and_powers_of_ten_stand():
    fig = labelled_at_both_ends()
    narrow(fig, 3.0)
    (ax,) = fig.axes
    boxes = [text.get_window_extent() for text in ax.texts]
    assert all(ax.bbox.x0 < box.x0 and box.x1 < fig.bbox.x1 for box in boxes)
    low, high = ax.get_xlim()
    assert sum(low <= tick <= high for tick in ax.get_xticks()) == 3


def test_powers_on_a_log_axis_are_plain_characters():
    @style.house()
    def drawn():
        fig, ax = style.subplots()
        ax.plot([2e-4, 4e-3], [1e23, 1e25])
        ax.set(xscale="log", yscale="log")
        return fig

    fig = drawn()
    fig.draw_without_rendering()
    (ax,) = fig.axes
    assert [ax.yaxis.get_major_formatter()(value) for value in (1e23, 1e24)] == ["10²³", "10²⁴"]
    assert (ax.xaxis.get_major_formatter()(1e-3), ax.xaxis.get_minor_formatter()(2e-3)) == ("10⁻³", "2 × 10⁻³")
    assert ax.yaxis.get_major_formatter()(-1e3) == "−10³"
    assert b"mathdefault" not in style.encoded(fig, "svg", name="fig-a-b", alt="Powers on two axes.")
