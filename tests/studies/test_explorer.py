"""What the Explorer says: gains by closed forms, frontiers of the scaling laws, and what cannot be asked."""

from __future__ import annotations

import numpy as np
import pytest
from bs4 import BeautifulSoup
from scipy.optimize import minimize_scalar

from algoprogress.frontiers.gain import shared_losses
from algoprogress.laws.scaling import published
from book.studies.accounting import study as accounting
from book.studies.allocation import study as allocation
from book.studies.experiment import study as experiment
from book.studies.explorer import comparisons, strip, widget
from book.studies.explorer.answer import answer, times
from book.studies.scaling import study as families

UNKNOWN = comparisons.ComparisonError


def test_an_answer_is_that_of_closed_forms():
    (a, alpha), (b, beta) = families.PRINTED["lstm"], families.PRINTED["modern"]
    closed = (b * 1e20**beta / a) ** (1 / alpha) / 1e20
    assert answer("lstm", "modern", comparisons.PRINTED, compute_flop=1e20).gain.value == pytest.approx(closed)
    at_loss = answer("lstm", "modern", comparisons.PRINTED, loss_nats=4.4)
    assert at_loss.gain.value == pytest.approx((2.5 / a) ** (1 / alpha) / (2.5 / b) ** (1 / beta))
    for found in (at_loss, answer("lstm", "modern", "reruns", loss_nats=4.4)):
        assert np.prod([each.gain.value for each in found.parts]) == pytest.approx(found.gain.value)
    total = answer("lstm", "all", comparisons.PRINTED, compute_flop=float(accounting.frontier_compute_flop(2023)))
    assert np.prod([each.gain.value for each in total.parts]) == pytest.approx(total.gain.value)
    assert total.gain.value == pytest.approx(accounting.totals(accounting.as_printed(), total.compute_flop))


@pytest.mark.parametrize("reference", ["kaplan", "hoffmann2022", "xlstm_transformer"])
def test_the_frontiers_on_the_page_are_those_of_the_scaling_laws(reference):
    new = {"kaplan": "optimal", "hoffmann2022": "besiroglu2024", "xlstm_transformer": "xlstm_xlstm"}[reference]
    pair = comparisons.frontiers(comparisons.comparison(reference, new))
    law = comparisons.scaling_law({"kaplan": "besiroglu"}.get(reference, reference))
    for flop in (1e18, 1e22):
        if reference == "kaplan":
            wanted = law.loss_of(*published()[allocation.KAPLAN].split(flop))
        else:
            pairs = flop / 6.0
            found = minimize_scalar(lambda log: float(law.loss_of(np.exp(log), pairs / np.exp(log))), (15.0, 25.0))  # noqa: B023
            wanted = found.fun
        floor, *terms = comparisons.constants(pair[0])[0]
        told = floor + sum(
            np.exp(level - slope * np.log(flop)) for level, slope in zip(terms[::2], terms[1::2], strict=True)
        )
        assert pair[0].loss(flop) == pytest.approx(float(wanted)) == pytest.approx(told)


def test_by_the_published_recipe_lstms_share_no_loss_with_transformers():
    """As the page says; a window from a decade lower and the reruns do, and 2017 against today always does."""

    def shares(reference: str, new: str, choice: str) -> bool:
        pair = comparisons.frontiers(comparisons.comparison(reference, new, choice))
        return len(shared_losses(*pair, 2)) > 0

    for new in ("retro", "modern"):
        assert not shares("lstm", new, "as published")
        assert all(shares("lstm", new, choice) for choice in ("window from 1e15", "reruns", "reruns, from 1e15"))
    assert all(shares("retro", "modern", choice) for choice in comparisons.choices("families"))
    inside = answer("lstm", "modern", "reruns, from 1e15", compute_flop=1e16)
    assert inside.support[0] < 1e16 < inside.support[1]
    assert not answer("lstm", "modern", "reruns, from 1e15", compute_flop=2 * inside.support[1]).inside


def test_resamples_without_a_gain_are_told():
    found = answer("lstm", "modern", "floor fitted", compute_flop=widget.frontier_of(2023))
    assert found.left_out > 0.3 and f"without the {found.left_out:.0%} of resamples" in found.sentence
    never = answer("retro", "modern", "floor fitted", compute_flop=1e24)
    assert np.isnan(never.gain.value) and not never.inside and "never reaches" in never.sentence


def test_the_books_own_runs_can_be_asked_for_and_say_that_they_are_tiny():
    frame = experiment.ends()
    rows = [experiment.balanced(frame)[name] for name in ("lstm", "transformer_today")]
    lines = [np.polyfit(*np.log(each[["training_compute_flop", "loss_nats"]].to_numpy().T), 1) for each in rows]
    loss = np.polyval(lines[1], np.log(1e11))
    found = answer("own_lstm", "own_today", compute_flop=1e11)
    assert found.gain.value == pytest.approx(np.exp((loss - lines[0][1]) / lines[0][0]) / 1e11)
    assert found.gain.low < found.gain.value < found.gain.high and "tiny" in found.sentence
    assert not answer("own_lstm", "own_today", compute_flop=1e14).inside


@pytest.mark.parametrize(
    ("arguments", "at", "error", "said"),
    [
        (("gpt", "modern"), {"compute_flop": 1e20}, UNKNOWN, "these can be compared: lstm to modern"),
        (("lstm", "modern", "mine"), {"compute_flop": 1e20}, UNKNOWN, "must be one of as published"),
        (("lstm", "xlstm_xlstm"), {"compute_flop": 1e20}, UNKNOWN, "no common protocol"),
        (("lstm", "modern"), {}, ValueError, "not both"),
        (("lstm", "modern"), {"compute_flop": 1e20, "loss_nats": 4.0}, ValueError, "not both"),
        (("lstm", "modern"), {"compute_flop": -1.0}, ValueError, "above zero"),
        (("lstm", "all"), {"loss_nats": 4.0}, ValueError, "at a training compute"),
    ],
)
def test_what_cannot_be_asked_is_refused_with_the_rule(arguments, at, error, said):
    with pytest.raises(error, match=said):
        answer(*arguments, **at)


def test_the_table_of_the_strip_says_of_each_pair_what_its_picture_shows():
    rows = BeautifulSoup(strip.element(alt="Where pairs have runs, for this test.", caption="c").page, "html.parser")(
        "tr"
    )
    told = [[cell.get_text() for cell in row(["th", "td"])] for row in rows[1:]]
    for cells, each in zip(told, strip.measured(), strict=False):
        ends = [" to ".join(times(end) for end in each[name]) or "nowhere" for name in ("own", "both")]
        assert cells == [each["words"], each["laws"], *ends]
    lstm = families.of("lstm", "reruns")["training_compute_flop"].max()
    assert strip.measured()[0]["both"][1] <= lstm
