"""The page of dials says what the library says, at any setting, by keyboard alone, and its address keeps choices."""

from __future__ import annotations

import json
import re
from itertools import count
from urllib.parse import urlencode

import numpy as np
import pytest

from algoprogress import __version__
from book.studies.explorer import comparisons, widget
from book.studies.explorer.answer import answer
from browsing import SITE, open_page

pytestmark = pytest.mark.usefixtures("built_site")

PAGE = "chapters/explorer"
LIGHTEST_BYTES = 1_500_000
SETTINGS, SEED = 40, 20  # five rounds of all kinds of pairs: families take turns through every choice of laws
WRITTEN = re.compile(r"[\d.,]+")
THREE_DIGITS = 5e-4
START = {name: widget.START[name] for name in ("reference", "new", "laws", "compute")}
VISITS = count()  # so that no address is that of before, which would be no change


@pytest.fixture(scope="module")
def opened(browser):
    """Open the page on a desk, once for all that is tried on it, and note what it says."""
    page, outside, complaints = open_page(browser, PAGE)
    yield page, outside, complaints
    page.context.close()


@pytest.fixture
def page(opened):
    """Return the page with its dials as at the start, by an address; it may not complain or ask for the outside."""
    page, outside, complaints = opened
    page.evaluate("document.activeElement.blur()")
    told = turn(page, **START, visit=next(VISITS))
    assert told["sentence"] == answer("lstm", "modern", START["laws"], compute_flop=START["compute"]).sentence
    yield page
    assert (outside, complaints) == ([], [])


def turn(page, **choices) -> dict:
    """Set the dials by the address, as a shared one does; return what the page says, unrounded."""
    page.evaluate(
        "hash => new Promise(done => { addEventListener('hashchange', () => done(), {once: true}); "
        "location.hash = hash; })",
        urlencode(choices),
    )
    return said(page)


def said(page) -> dict:
    told = dict(page.evaluate("({...document.querySelector('.gain-explorer').dataset})"))
    numbers = {name: float(told[name].replace("Infinity", "inf")) for name in ("gain", "low", "high")}
    sentence = page.locator(".gain-sentence").inner_text()
    return numbers | {"inside": told["inside"] == "true", "parts": json.loads(told["parts"]), "sentence": sentence}


def settings() -> list[tuple[comparisons.Comparison, dict[str, float]]]:
    """Return seeded settings over all kinds of pairs, choices in turn, and both ways to ask, as typed into a field."""
    rng, found = np.random.default_rng(SEED), []
    by_kind = {}
    for pair in comparisons.pairs():
        by_kind.setdefault(pair[0], []).append(pair)
    kinds = ("families", "families", "families", "total", "split", "published", "refits", "own")
    for place in range(SETTINGS):
        kind, reference, new = (each := by_kind[kinds[place % len(kinds)]])[rng.integers(len(each))]
        choices, before = comparisons.choices(kind), sum(of.kind == kind for of, _ in found)
        of = comparisons.comparison(reference, new, choices[before % len(choices)])
        flop = float(f"{np.exp(rng.uniform(*np.log(comparisons.KINDS[kind][1]))):.4g}")
        loss = round(float(comparisons.frontiers(of)[1].loss(flop)), 2)
        lowest = float(comparisons.frontiers(of)[1].loss(comparisons.KINDS[kind][1][1]))
        at_loss = kind != "total" and rng.random() < 0.5 and loss > lowest + 0.01
        found.append((of, {"loss_nats": loss} if at_loss else {"compute_flop": flop}))
    return found


def test_the_page_gives_the_librarys_numbers_at_random_settings(page):
    kinds, infinite, differing = set(), 0, []
    for of, at in settings():
        expected = answer(of.reference, of.new, of.choice, **at)
        value = {name.split("_")[0]: f"{number:.10g}" for name, number in at.items()}
        told = turn(page, reference=of.reference, new=of.new, laws=of.choice, **value)
        for name, part in (("gain", "value"), ("low", "low"), ("high", "high")):
            never = np.isnan(expected.gain.value) and name != "gain"
            wanted = told[name] if never else getattr(expected.gain, part)
            assert told[name] == pytest.approx(wanted, rel=THREE_DIGITS, nan_ok=True), (of, at, name)
        assert told["inside"] == expected.inside, (of, at)
        for (gain, *ends), part in zip(told["parts"], expected.parts, strict=bool(told["parts"])):
            both = [np.nan if each is None else each for each in (gain, *(ends or (None, None)))]
            wanted = [part.gain.value, part.gain.low, part.gain.high]
            assert both == pytest.approx(wanted, rel=THREE_DIGITS, nan_ok=True), (of, at, part)
        kinds.add((of.kind, next(iter(at))))
        infinite += np.isnan(expected.gain.value)
        if told["sentence"] != expected.sentence:
            differing.append((told["sentence"], expected.sentence))
    assert len(kinds) == 11  # every kind at a compute and, the accounting aside, at a loss
    assert infinite < SETTINGS / 4
    # A draw has seven digits on the page, so that now and then the third of a gain lies on the other side of a half.
    assert len(differing) <= 2
    assert all(WRITTEN.sub("", told) == WRITTEN.sub("", expected) for told, expected in differing)


def test_an_address_restores_the_view(browser, page):
    page.locator(".gain-reference").select_option("lstm")
    page.locator(".gain-new").select_option("retro")
    page.locator(".gain-laws").select_option("floor 1.8")
    page.locator(".gain-typed").fill("3.2e18")
    page.locator(".gain-typed").press("Enter")
    page.locator("select[data-choice=rows]").select_option(label="transformers")
    second = page.locator(".explorer-slider input")
    second.focus()
    page.keyboard.press("Home")
    page.wait_for_function("location.hash.includes('specification=0')")
    hash = page.evaluate("location.hash")
    assert "laws=floor+1.8" in hash and "compute=3.2e18" in hash and "rows=transformers" in hash
    other, _, complaints = open_page(browser, PAGE)
    other.goto("about:blank")  # else only the part behind the # would change, and nothing be loaded
    other.goto(page.url)
    for part in (".gain-sentence", ".explorer-detail", ".explorer-summary"):
        assert other.locator(part).inner_text() == page.locator(part).inner_text()
    assert said(other) == said(page)
    assert said(other)["sentence"] == answer("lstm", "retro", "floor 1.8", compute_flop=3.2e18).sentence
    assert complaints == []
    other.context.close()


def test_a_strange_address_gives_a_view_all_the_same(page):
    start = said(page)
    assert turn(page, reference="nobody", new="x", laws="y", compute="much") == start
    assert "laws: as published" in turn(page, reference="lstm", new="modern", laws="no such")["sentence"]
    assert turn(page, reference="lstm", new="modern", compute="1e99")["gain"] > 1
    page.evaluate("location.hash = 'what-could-be-wrong'")  # a heading: the view stays
    assert said(page)["gain"] > 1


def test_the_keyboard_alone_reaches_all(page):
    page.locator(".gain-reference").focus()
    reached = []
    for _ in range(40):
        reached.append(
            page.evaluate(
                "document.activeElement.className || document.activeElement.dataset.choice "
                "|| document.activeElement.type"
            )
        )
        page.keyboard.press("Tab")
    wanted = [
        "gain-reference",
        "gain-new",
        "gain-laws",
        "gain-year",
        "gain-slider",
        "gain-typed",
        "explorer-sentence",
        "explorer-address",
        "rows",
    ]
    assert [name for name in wanted if name not in reached] == []
    before = said(page)["gain"]
    page.locator(".gain-slider").focus()
    for _ in range(20):
        page.keyboard.press("ArrowRight")
    assert said(page)["gain"] > before
    assert "FLOP" in page.locator(".gain-slider").get_attribute("aria-valuetext")
    assert page.locator(".gain-mark").inner_text() == "extrapolated"
    page.locator("input[value=compute]").focus()
    page.keyboard.press("ArrowRight")
    assert said(page)["sentence"].startswith("For a loss of ")
    page.locator(".gain-year").focus()
    page.locator(".gain-year").select_option("2023")
    assert said(page)["sentence"].startswith("At 1.34 × 10²² FLOP")
    page.locator(".gain-explorer .explorer-sentence").focus()
    page.keyboard.press("Enter")
    page.wait_for_function("document.querySelector('.gain-explorer .explorer-status').textContent.includes('op')")


def test_a_field_says_what_it_takes(page):
    before = said(page)
    for wrong in ("much", "-3", "1e50"):
        page.locator(".gain-typed").fill(wrong)
        page.locator(".gain-typed").press("Enter")
        assert page.locator(".gain-rule").inner_text() == "Write a number from 1e14 to 1e26, such as 3e16."
        assert page.locator(".gain-typed").get_attribute("aria-invalid") == "true"
        assert said(page) == before
    page.locator(".gain-typed").fill("2e16")
    page.locator(".gain-typed").press("Enter")
    assert page.locator(".gain-rule").inner_text() == ""
    assert said(page)["gain"] == pytest.approx(
        answer("lstm", "modern", "reruns, from 1e15", compute_flop=2e16).gain.value
    )


def test_an_update_is_there_at_once(page):
    """A dial turned has its answer when the event returns: nothing is asked for, put off or left to a later turn."""
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    turned = """([name, kind, values]) => values.map(value => {
        const dial = document.querySelector(name); dial.value = value;
        dial.dispatchEvent(new Event(kind));
        const box = document.querySelector('.gain-explorer');
        return [box.dataset.gain, box.querySelector('.gain-sentence').textContent]; })"""
    dials = {
        ".gain-slider": ("input", [15 + 0.25 * step for step in range(12)]),
        ".gain-laws": ("change", ["as published", "reruns", "floor fitted", "window from 1e15"]),
        ".gain-reference": ("change", ["kaplan", "lstm", "hoffmann2022"]),
    }
    for name, (kind, values) in dials.items():
        told = page.evaluate(turned, [name, kind, values])
        for part in zip(*told, strict=True):
            assert len(set(part)) == len(values), name
    assert asked == []


def test_the_page_speaks_before_any_script_runs(browser):
    page = browser.new_context(java_script_enabled=False, offline=True).new_page()
    page.goto(f"{(SITE / PAGE).as_uri()}.html")
    first = answer("lstm", "modern", "reruns, from 1e15", compute_flop=1e16)
    assert page.locator(".gain-sentence").inner_text() == first.sentence
    assert first.inside and __version__ in first.sentence
    page.context.close()


def test_the_page_is_light():
    assert (SITE / f"{PAGE}.html").stat().st_size < LIGHTEST_BYTES


FOLLOWS = """scheme => {
  document.documentElement.dataset.theme = scheme;
  const probe = document.body.appendChild(document.createElement('i'));
  probe.style.color = 'var(--fig-vermillion)';
  return new Promise(done => setTimeout(() => {
    const drawn = [...document.querySelectorAll('.explorer .scatterlayer')], colour = getComputedStyle(probe).color;
    const last = drawn.map(each => [...each.querySelectorAll('.point')].at(-1));
    done([last.length, ...new Set(last.map(each => each.style.fill === colour))]);
  }, 100)); }"""


def test_what_is_chosen_has_the_colour_of_the_theme(page):
    for scheme in ("dark", "light"):
        assert page.evaluate(FOLLOWS, scheme) == [2, True], scheme
