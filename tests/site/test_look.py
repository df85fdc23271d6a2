"""Things to turn say what the library says, at any setting, from disk, by keyboard, on a phone, and without scripts."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from functools import cache
from urllib.parse import parse_qsl, urlencode

import numpy as np
import pandas as pd
import pytest
from axe_playwright_python.sync_playwright import Axe

from algoprogress.data import tables
from algoprogress.engine import root
from algoprogress.fits import fit, profile
from algoprogress.fits.rates import DOUBLING, doubling_time_months, point_months
from algoprogress.laws import catalogue
from algoprogress.show.estimate import Estimate
from book import look
from book.ledger import ledger, wall
from book.site import foot
from book.studies.data import models
from book.studies.explorer import strip
from book.studies.explorer.answer import answer
from book.studies.identify import minima, valleys
from book.studies.outlook import figures, forecast, study
from book.studies.specifications import number
from book.studies.specifications.study import CHOICES
from book.studies.verdicts import MEANINGS, both, said_by
from browsing import Ear

SETTINGS, SEED = 30, 23
QUICK_MS = 100  # from a turn of a dial to the new picture
THUMB_PX = 44
RESTS_MS = 400
WRITE = "document.dispatchEvent(new Event('explorer-address'))"  # choices into the address, as when it is copied
WORDS = {
    "alt": "A thing to turn, for the tests, with dials and a picture.",
    "caption": "The same for those who cannot see.",
}
KINDS = ("number", "valleys", "strip", "forecast", "models", "wall")
FAR = {  # a setting away from the start of each, as an address keeps it
    "number": {"optimiser": "converged", "rows": "transformers"}, "valleys": {"penalty": "0.001"},
    "strip": {"pair": "2", "at": "3.2e+18"}, "forecast": {"end": "2033", "algorithms": "converged"},
    "models": {"row": "30", "against": "compute"}, "wall": {"kind": "interval", "by": "arithmetic"},
}  # fmt: skip
PAGE = """<!DOCTYPE html><html lang="en" data-theme="light"><head><meta charset="utf-8"><title>A thing to turn</title>
<meta name="viewport" content="width=device-width"><link rel="stylesheet" href="algoprogress.css">
<style>:root {{ --pst-color-background: #fff; --pst-color-text-base: #1f2733; }}
  a {{ color: var(--pst-color-link); }}</style>
<script defer src="look.js"></script><script defer src="look-{kind}.js"></script></head>
<body style="color: var(--fig-ink)"><main class="bd-article"><h1>A thing to turn</h1>{fragment}</main></body></html>"""
TABLE = tables.read("specifications")
TURN = """hash => new Promise(done => { addEventListener('hashchange', () => setTimeout(done), {once: true});
  location.hash = hash; })"""
TOLD = "({...document.querySelector('.look').dataset})"
DRESS = """([scheme, paper, ink]) => {
  document.documentElement.dataset.theme = scheme;
  const style = document.documentElement.style;
  style.setProperty('--pst-color-background', paper);
  style.setProperty('--pst-color-text-base', ink);
  document.body.style.background = paper; }"""
GRAVE = """async () => (await axe.run(document, {preload: false, resultTypes: ['violations']})).violations
  .filter(each => ['serious', 'critical'].includes(each.impact)).map(each => each.id + each.nodes[0].html)"""


@cache
def element(kind: str) -> look.Look:
    """Return the thing to turn of a kind."""
    sample = tables.evaluations().published_sample()
    beside = {"published": Estimate(8.4, 4.5, 14.3), "ours": Estimate(9.4, 5.4, 17.8)}
    made: dict[str, Callable[[], look.Look]] = {
        "number": lambda: number.element(TABLE, beside, **WORDS),
        "valleys": lambda: valleys.element(catalogue.law("7"), sample, **WORDS),
        "strip": lambda: strip.element(**WORDS),
        "forecast": lambda: forecast.element(figures.ALGORITHMS, figures.PHYSICAL, **WORDS),
        "models": lambda: models.element(sample, **WORDS),
        "wall": lambda: wall.element(ledger.ledger(), **WORDS),
    }
    return made[kind]()


@cache
def beside(kind: str) -> str:
    """Return what stands beside a thing to turn on its page: the ledger's rows and facts, as Sphinx leaves them."""
    if kind != "wall":
        return ""
    frame = ledger.ledger()
    cells = '<tr><th>{statement} <span class="row-anchor" id="{id}">{id}</span></th>'
    cells += "<td>{published}</td><td>{estimate}</td><td>{verdicts}</td></tr>"
    rows = "".join(cells.format(**row, verdicts=" ".join(both(row))) for row in frame.to_dict("records"))
    names = {each: each for each in frame["chapter"]}
    return f'<div style="overflow: auto" tabindex="0"><table>{rows}</table></div>' + foot.claim_facts(
        frame, (), names, rows
    )


@pytest.fixture
def shown(browser, tmp_path):
    """Return a function that opens a kind from disk, offline; nothing may be complained of or asked of the outside."""
    pages = []

    def opened(kind: str, *, width: int = 1280, **options):
        for file in (root() / "_static").iterdir():
            shutil.copy(file, tmp_path)
        (tmp_path / f"{kind}.html").write_text(
            PAGE.format(kind=kind, fragment=element(kind).page + beside(kind)), encoding="utf-8"
        )
        context = browser.new_context(offline=True, viewport={"width": width, "height": 900}, **options)
        ear = Ear()
        pages.append((context, ear))
        page = ear.listen(context.new_page())
        page.goto((tmp_path / f"{kind}.html").as_uri())
        return page

    yield opened
    for context, ear in pages:
        assert (ear.outside, ear.complaints) == ([], [])
        context.close()


def turn(page, **choices) -> dict[str, str]:
    """Set the dials by the address, as a shared one does; return what the page says, unrounded."""
    page.evaluate(TURN, urlencode(choices))
    return page.evaluate(TOLD)


def numbers(told: dict[str, str], *names: str) -> list[float]:
    """Return what the page says under some names as numbers."""
    return [float(told[name].replace("Infinity", "inf")) for name in names]


def test_the_number_is_that_of_the_table(shown):
    page, slow = shown("number"), []
    for _, line in TABLE.sample(SETTINGS, random_state=SEED).iterrows():
        told = turn(page, **{choice: f"{line[choice]}" for choice in CHOICES})
        wanted = doubling_time_months(line[["rate", "high", "low"]].to_numpy(float))
        assert numbers(told, "months", "low", "high") == pytest.approx(wanted, rel=1e-4)
        assert told["n"] == str(line["n"])
        slow.append(float(told["ms"]))
    assert np.median(slow) < QUICK_MS


def test_answers_that_go_with_no_other_change_as_few_as_can_be(shown):
    page, rng, levels = shown("number"), np.random.default_rng(SEED), TABLE[list(CHOICES)].astype(str)
    for place in rng.integers(len(TABLE), size=SETTINGS):
        start, choice = levels.iloc[place].to_dict(), list(CHOICES)[rng.integers(len(CHOICES))]
        wanted = str(CHOICES[choice][rng.integers(len(CHOICES[choice]))])
        turn(page, **start)
        menus = page.locator("select")
        menus.nth(list(CHOICES).index(choice)).select_option(wanted)
        now = dict(zip(CHOICES, menus.evaluate_all("all => all.map(each => each.value)"), strict=True))
        page.evaluate(WRITE)
        changes = (levels != pd.Series(start)).sum(axis=1)
        assert now[choice] == wanted
        assert sum(now[each] != start[each] for each in CHOICES) == changes[levels[choice] == wanted].min()
        assert (levels == pd.Series(now)).all(axis=1).any()


def test_the_minima_of_the_valleys_are_those_of_the_fits(shown):
    page, law, sample = shown("valleys"), catalogue.law("7"), tables.evaluations().published_sample()
    path, rng = valleys.path(law, sample), np.random.default_rng(SEED)
    penalties = path["penalty"].unique()
    for penalty in (0.0, fit.PENALTY, *rng.choice(penalties, SETTINGS - 2, replace=len(penalties) < SETTINGS - 2)):
        told, part = turn(page, penalty=f"{penalty:g}"), path[path["penalty"] == penalty]
        assert numbers(told, "months", "objective") == pytest.approx(part.iloc[0][["months", "objective"]], rel=1e-6)
        other = part[np.abs(np.log(part["months"] / part["months"].iloc[0])) > minima.JUMP]["months"]
        assert told["other"] == "" if other.empty else float(told["other"]) == pytest.approx(other.iloc[0])
        if penalty in (0.0, fit.PENALTY):  # by a search of its own, from other starts
            best = fit.converged(law, sample, penalty=penalty)
            assert numbers(told, "months", "objective") == pytest.approx([point_months(best), best.objective], rel=1e-3)


def test_a_model_is_left_out_of_the_valleys_as_of_the_fits(shown):
    page, law, sample = shown("valleys"), catalogue.law("7"), tables.evaluations().published_sample()
    out = valleys.without(law, sample)
    assert len(out) == len(valleys.KEPT) * sample.frame["system"].nunique()
    for row in out.sample(SETTINGS, random_state=SEED).itertuples():
        told = turn(page, penalty=f"{row.penalty:g}", out=models.plain(row.system))
        assert numbers(told, "months", "objective") == pytest.approx(row.minima[0], abs=1e-7)
        assert told["other"] == "" if len(row.minima) == 1 else float(told["other"]) == pytest.approx(row.minima[1][0])
        assert row.curve.min() > row.minima[0][1] - 1e-6
    moved = out.loc[np.log(out["months"] / out["months"].median()).abs().groupby(out["penalty"]).idxmax()]
    free = np.log(out.query("penalty == 0")["months"])
    assert ((free - free.median()).abs() > minima.JUMP).sum() == 1  # as the chapter says
    for row in moved.itertuples():  # those that move it most, by a search of its own, from other starts
        rest = sample.take(np.flatnonzero(sample.frame["system"] != row.system))
        best = fit.converged(law, rest, penalty=row.penalty, reference=sample.reference())
        assert [point_months(best), best.objective] == pytest.approx(row.minima[0], rel=1e-3)


def test_the_curve_of_the_valleys_never_dips_below_their_minima():
    law, sample = catalogue.law("7"), tables.evaluations().published_sample()
    frame, path = valleys.curves(law, sample), valleys.path(law, sample)
    for penalty, part in path.groupby("penalty"):
        assert valleys.objective(frame, penalty).min() > part["objective"].min() - 1e-6
    for penalty in (0.0, fit.PENALTY):  # and where it is exact it is the profile of the chapter on what is identified
        exact = profile.profile(law, sample, "compute", penalty=penalty)
        rates = DOUBLING / valleys.MONTHS
        known = (exact["value"].min() < rates) & (rates < exact["value"].max())
        between = np.interp(rates[known][::-1], exact["value"], exact["objective"])[::-1]
        np.testing.assert_allclose(valleys.objective(frame, penalty)[known], between, rtol=0.01)


def test_the_strip_says_measured_where_the_explorer_does(shown):
    page, rng, inside = shown("strip"), np.random.default_rng(SEED), []
    for place in range(SETTINGS):
        pair = place % len(strip.ROWS)
        reference, new, laws = strip.ROWS[pair]
        flop = float(f"{np.exp(rng.uniform(*np.log(strip.EDGES))):.3g}")
        told = turn(page, pair=pair, at=f"{flop:.2e}")
        assert told["inside"] == str(answer(reference, new, laws, compute_flop=flop).inside).lower(), (pair, flop)
        inside.append(told["inside"])
        link = page.locator(".look-link").get_attribute("href")
        assert (
            urlencode({"reference": reference, "new": new}) in link
            and float(link.split("compute=")[1].replace("%2B", "+")) == flop
        )
    assert 0 < inside.count("true") < SETTINGS


def test_the_forecast_is_that_of_the_draws(shown):
    page, rng = shown("forecast"), np.random.default_rng(SEED)
    for place in range(SETTINGS):
        one, two = (list(each)[rng.integers(len(each))] for each in (figures.ALGORITHMS, figures.PHYSICAL))
        start = int(rng.integers(2020, 2036))
        years = int(rng.integers(1, 2041 - start))
        choices = {"start": start, "end": start + years, "algorithms": one, "compute": two}
        parts = study.rates(one, two).parts
        rate = parts["effective"]
        if place % 5 == 0:  # one's own doubling time, and the draws of compute
            choices |= {"algorithms": "own", "months": 7 + place}
            rate = 12.0 * np.log(2.0) / (7 + place) + study.rates("none", two).physical
        found = study.factors(rate, years=years)["within95"]
        told = turn(page, **choices)
        wanted = [found.value, found.low, found.high]
        np.testing.assert_allclose(np.log(numbers(told, "value", "low", "high")), np.log(wanted), atol=2e-3 * years)


def test_draws_to_take_away_are_those_of_the_intervals():
    frame = forecast.draws(figures.ALGORITHMS, figures.PHYSICAL)
    assert frame.shape == (forecast.KEPT, len(figures.ALGORITHMS) * len(figures.PHYSICAL))
    one, two = forecast.START["algorithms"], forecast.START["compute"]
    drawn = frame[f"{figures.ALGORITHMS[one]}; compute {figures.PHYSICAL[two]}"]
    wanted = np.quantile(study.rates(one, two).parts["effective"], [0.05, 0.5, 0.95])
    np.testing.assert_allclose(np.quantile(drawn, [0.05, 0.5, 0.95]), wanted, rtol=0.05)


def test_one_pace_of_compute_moves_gains_that_follow_it(shown):
    page, years = shown("forecast"), 4
    told = turn(page, algorithms="scale", compute="own", pace="3")
    slopes = study.scale_slopes()
    wanted = np.exp(years * np.log(3.0) * (1.0 + np.quantile(slopes, [0.5, 0.025, 0.975])))
    assert numbers(told, "value", "low", "high") == pytest.approx(wanted, rel=0.05)
    assert turn(page, algorithms="pooled", compute="own")["value"] != told["value"]


def test_each_model_is_the_row_of_the_table(shown):
    page, sample = shown("models"), tables.evaluations().published_sample()
    for _, line in sample.frame.sample(SETTINGS, random_state=SEED).iterrows():
        told, said = turn(page, row=line["row"]), page.locator(".look-said").inner_text()
        assert float(told["loss"]) == pytest.approx(np.log(line["perplexity"]), abs=1e-4)
        assert float(told["flop"]) == pytest.approx(
            6 * line["parameters"] * line["dataset_tokens"] * np.nan_to_num(line["epochs"], nan=1.0), rel=1e-3
        )
        assert line["paper"] in said and f"{line['publication_date']:%Y-%m-%d}" in said
        corrected = (sample.corrections["row"] == line["row"]).sum()
        assert said.count("confidence") == corrected
    told = turn(page, benchmark="ptb", until="2017")
    assert told["count"] == str(sample.frame.query("benchmark == 'ptb' and years_decimal <= 2017").shape[0])


def test_the_wall_groups_claims_as_the_ledger_does(shown):
    page, frame, rng = shown("wall"), ledger.ledger(), np.random.default_rng(SEED)
    frame, slow = frame.assign(study=frame.apply(said_by, axis=1)), []
    for place in range(SETTINGS):
        question, by = list(MEANINGS)[place % 2], ("study", "chapter", "kind")[place % 3]
        part = frame[frame[by] == frame[by].iloc[rng.integers(len(frame))]]
        row = part.iloc[rng.integers(len(part))]
        told = turn(page, **{"by": question, by: row[by], "claim": row["id"]})
        assert (told["count"], told["claim"]) == (str(len(part)), row["id"])
        heads = page.locator(".look > svg text").all_text_contents()
        wanted = part[question].value_counts()
        assert [int(each.split(": ")[1]) for each in heads] == [
            wanted.get(word, 0) for word in (*MEANINGS[question], "")
        ]
        said = page.locator(".look-said").inner_text()
        assert said.startswith(f"{row['statement']}. Published") and said.endswith("; ".join(["", *both(row)]) + ".")
        assert page.locator(".look-link").get_attribute("href") == f"#{row['id']}"
        slow.append(float(told["ms"]))
    assert np.median(slow) < QUICK_MS


def test_a_tile_of_the_wall_opens_its_claim(shown):
    page = shown("wall", width=390, has_touch=True)
    turn(page, kind="interval")
    page.locator(".look > svg").tap(position={"x": 4, "y": 28})  # the first tile of the first group
    first = page.evaluate(TOLD)["claim"]
    assert ledger.ledger().set_index("id").loc[first, ["kind", "conclusion"]].tolist() == ["interval", "stands"]
    page.get_by_role("link", name="Open it in the ledger").tap()
    page.wait_for_url(re.compile(rf"#{re.escape(first)}$"))


def test_an_address_that_comes_while_another_waits_is_kept_as_it_is(shown):
    page = shown("models")
    page.locator("select").first.select_option("ptb")  # waits to be written
    turn(page, against="compute")
    page.wait_for_timeout(RESTS_MS)
    assert page.url.endswith("#against=compute")
    page.locator("select").first.select_option("wt2")
    page.wait_for_timeout(RESTS_MS)
    assert page.url.endswith("#against=compute&benchmark=wt2")


def test_the_address_of_a_claim_that_comes_while_another_waits_is_kept(shown):
    page = shown("models")
    page.locator("select").first.select_option("ptb")  # waits to be written
    page.evaluate("location.hash = '#ho.sample.rows'")
    page.wait_for_timeout(RESTS_MS)
    assert page.url.endswith("#ho.sample.rows")


@pytest.mark.parametrize("kind", KINDS)
def test_by_keyboard_with_an_address_to_share(shown, kind):
    page = shown(kind)
    start = page.locator(".look-said").inner_text()
    turn(page, **FAR[kind])
    away = page.locator(".look-said").inner_text()
    assert away != start
    dials = page.locator(":is(.look-dials :is(select, input), .look-buttons :is(button, a)):visible")
    page.locator(".look-dials :is(select, input)").first.focus()
    reached = 0
    for _ in range(dials.count()):
        reached += page.evaluate("document.activeElement.matches('.look select, .look input, .look button, .look a')")
        page.keyboard.press("Tab")
    assert reached == dials.count()
    page.locator(".look-dials :is(select, input):visible").last.focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowUp")
    page.wait_for_timeout(500)
    said, other = page.locator(".look-said").inner_text(), shown(kind)
    turn(other, **dict(parse_qsl(page.url.partition("#")[2])))
    assert other.locator(".look-said").inner_text() == said
    page.get_by_role("button", name="Start again").press("Enter")
    assert page.locator(".look-said").inner_text() == start
    turn(page, **dict.fromkeys(FAR[kind], "nonsense"))
    assert page.locator(".look-said").inner_text()


@pytest.mark.parametrize("kind", KINDS)
def test_fits_a_phone_and_is_accessible_in_both_schemes(shown, kind):
    page = shown(kind, width=390)
    assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0
    low = page.locator(".look :is(select, input, button, a, summary):visible").evaluate_all(
        f"all => all.filter(each => each.getBoundingClientRect().height < {THUMB_PX}).map(each => each.outerHTML)"
    )
    assert low == []
    page.evaluate(Axe().axe_script)
    page.locator("summary").click()
    page.evaluate("document.querySelectorAll('tbody tr:nth-child(n + 25)').forEach(row => row.remove())")
    for scheme, paper, ink in (("light", "#fff", "#1f2733"), ("dark", "#121212", "#e6e9ee")):
        page.evaluate(DRESS, [scheme, paper, ink])
        assert page.evaluate(GRAVE) == []


@pytest.mark.parametrize("kind", KINDS)
def test_without_scripts_there_is_a_sentence_and_a_table(shown, kind):
    page = shown(kind, java_script_enabled=False)
    assert len(page.locator(".look-said").inner_text()) > 30
    assert page.locator(".look :is(select, input, button)").count() == 0
    page.locator("summary").click()
    assert page.locator(".look-table tbody tr").count() >= 5


def test_scripts_and_data_are_light():
    scripts = sum(file.stat().st_size for file in (root() / "_static").glob("look*.js"))
    assert scripts < 60_000
    assert max(len(element(kind).page) for kind in KINDS) < 150_000
