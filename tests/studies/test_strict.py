"""The strict view: closed forms against searches, published numbers, and what the chapter says in words."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import brentq, minimize, minimize_scalar

from algoprogress.data import tables
from algoprogress.laws.scaling import published
from algoprogress.show.estimate import Estimate
from book.ledger import ledger as claims
from book.studies.compute_optimal import tables as tables_shown
from book.studies.explorer import comparisons
from book.studies.explorer.answer import answer
from book.studies.speedrun import study as speedrun
from book.studies.strict import experts, figures, formats, study
from book.studies.verdicts import FOUND


def krajewski(active: float, tokens: float, granularity: float) -> float:
    """Return the loss of the printed law, written out apart from the library."""
    total = active * (1 / 3 + 2 / 3 * 64)
    return 0.47 + (2.1 / granularity**0.58 + 18.1) / total**0.115 + 30.8 / tokens**0.147


def test_the_law_of_fine_experts_has_the_optimum_that_a_search_finds():
    law, flop = experts.krajewski_law(granularity=16), 3e20
    found = minimize_scalar(
        lambda log: krajewski(np.exp(log), flop / 6 / np.exp(log), 16),
        bounds=(10, 35),
        method="bounded",
        options={"xatol": 1e-12},
    )
    assert float(law.loss(flop)) == pytest.approx(found.fun, rel=1e-12)
    assert float(law.split(flop)[0]) == pytest.approx(np.exp(found.x), rel=1e-4)


def test_the_gain_of_fine_experts_is_the_ratio_of_two_searched_computes():
    def least(loss, flop):
        return minimize_scalar(
            lambda log: loss(np.exp(log), flop / 6 / np.exp(log)),
            bounds=(5, 40),
            method="bounded",
            options={"xatol": 1e-12},
        ).fun

    target = least(lambda size, tokens: krajewski(size, tokens, 8), 1e20)
    dense = brentq(
        lambda log: least(lambda n, d: 0.47 + 16.3 / n**0.126 + 26.7 / d**0.127, np.exp(log)) - target, 40.0, 60.0
    )
    assert experts.krajewski_gain(1e20) == pytest.approx(np.exp(dense) / 1e20, rel=1e-6)


def test_the_published_gain_of_fine_experts_returns_and_more_than_forty_does_not():
    assert experts.krajewski_gain(1e20) == pytest.approx(20.0, rel=0.1)
    assert experts.krajewski_gain(1e25, granularity=64) < 40.0


def test_a_law_without_sparsity_gains_nothing_and_more_sparsity_gains_more():
    assert experts.abnar_gain(1e20, 0.0) == pytest.approx(1.0, abs=1e-6)
    gains = [experts.abnar_gain(1e20, share) for share in (0.5, 0.875, 0.96875)]
    assert gains == sorted(gains) and gains[0] > 1.0


def test_the_optimum_under_sparsity_is_that_of_a_search_over_size_and_tokens():
    def loss(logs):
        total, tokens = np.exp(logs)
        return experts.abnar_loss(total, tokens, 0.875)

    budget = {"type": "eq", "fun": lambda logs: logs.sum() + np.log(6 * 0.125) - np.log(1e20)}
    found = minimize(loss, [22.0, 24.0], constraints=budget, method="SLSQP", options={"ftol": 1e-14, "maxiter": 500})
    active, least = experts.abnar_optimum(1e20, 0.875)
    assert least == pytest.approx(found.fun, rel=1e-8)
    assert active == pytest.approx(np.exp(found.x[0]) * 0.125, rel=1e-2)


def clark(size: float, count: float) -> float:
    """Return the logarithm of the loss of the printed law, written out apart from the library."""
    logs = np.log10(size), np.log10(experts.clark_experts(count))
    return -0.082 * logs[0] - 0.108 * logs[1] + 0.009 * logs[0] * logs[1] + 1.104


def test_a_dense_model_of_the_gained_size_has_the_loss_of_the_mixture():
    for size, count in ((1.5e7, 8), (1e8, 64), (1.3e9, 256)):
        gain = experts.clark_gain(size, count)
        assert clark(size * gain, 1) == pytest.approx(clark(size, count), rel=1e-12)
    assert experts.clark_experts(1.0) == pytest.approx(experts.constants("clark")["start"])


def test_at_the_printed_cutoff_experts_gain_nothing():
    cutoff = 10 ** (0.108 / 0.009)
    assert experts.clark_gain(cutoff, 64.0) == pytest.approx(1.0, abs=1e-9)
    assert cutoff == pytest.approx(937e9, rel=0.1)  # as the paper prints it, from less rounded constants


def test_a_law_that_is_not_there_is_named():
    with pytest.raises(KeyError, match="nobody"):
        experts.constants("nobody")


def test_the_implied_scale_puts_the_best_precision_where_it_is_stated():
    for stated in (7.0, 7.5, 8.0):
        scale = formats.scale_of_optimum(stated)
        found = minimize_scalar(
            lambda bits, scale=scale: -formats.worth(bits, scale) / bits,
            bounds=(1, 40),
            method="bounded",
            options={"xatol": 1e-9},
        )
        assert found.x == pytest.approx(stated, rel=1e-5)


def test_the_gain_of_a_format_is_that_of_a_law_at_equal_loss_whatever_its_constants():
    """A search over size and tokens under two laws agrees with the ratio that needs neither."""
    scale = formats.scales()[0]
    for constants in ((1.7, 406.0, 0.34, 410.0, 0.28), (1.8, 482.0, 0.35, 2085.0, 0.37)):
        floor, a, alpha, b, beta = constants

        def least(flop, bits, floor=floor, a=a, alpha=alpha, b=b, beta=beta):
            def loss(log):
                size, tokens = np.exp(log), flop / 6 / np.exp(log)
                return floor + a / (size * formats.worth(bits, scale)) ** alpha + b / tokens**beta

            return minimize_scalar(loss, bounds=(5, 45), method="bounded", options={"xatol": 1e-12}).fun

        wide = brentq(lambda log, least=least: least(np.exp(log), 16) - least(1e21, 8), 40.0, 60.0, xtol=1e-12)
        assert np.exp(wide) / 1e21 == pytest.approx(formats.gain(8.0, "plain", scale), rel=1e-5)


def test_formats_gain_in_two_currencies_and_lose_in_one():
    plain, bits, time = (formats.gain_in_range(8.0, currency) for currency in ("plain", "bits", "time"))
    assert plain.high < 1.0 < bits.low
    assert time.value == pytest.approx(bits.value, rel=1e-3)
    assert formats.gain(16.0, "time", 4.0) == 1.0


def test_equal_perplexity_is_no_gain_and_a_known_one_comes_back():
    assert study.architecture_gain("GPT-3", "besiroglu2024") == 1.0
    law = published()["besiroglu2024"]
    loss = np.log(tables.read("architecture_perplexities").set_index("model")["perplexity"])
    gain = study.architecture_gain("Mamba", "besiroglu2024")
    flop = law.compute([loss["GPT-3"], loss["Mamba"]])
    assert gain == pytest.approx(1.0 / (flop[0] / flop[1]), rel=1e-9)  # the reference's loss needs less on one frontier
    assert gain > 1.0


def test_recipes_agree_with_the_runs_that_they_are_interpolated_from():
    frame = study.recipe_gains()
    minima = tables.read("recipe_minima")
    for row in frame.sample(6, random_state=0).itertuples():
        old = minima[(minima["dataset"] == row.dataset) & (minima["recipe"] == "kaplan")]
        new = minima[(minima["dataset"] == row.dataset) & (minima["recipe"] == "matched decay")]
        loss = old.set_index("training_compute_flop")["loss_nats"][row.compute_flop]
        at = row.compute_flop / row.gain
        below = new[new["training_compute_flop"] <= at * (1 + 1e-9)]["loss_nats"].min()
        above = new[new["training_compute_flop"] >= at * (1 - 1e-9)]["loss_nats"].max()
        assert above - 1e-9 <= loss <= below + 1e-9


def test_a_recipe_over_itself_gains_nothing():
    assert study.recipe_gains("kaplan")["gain"].to_numpy() == pytest.approx(1.0)


def test_the_line_between_sizes_passes_through_the_published_gains():
    gains = tables.read("literature_gains").set_index("id")["gain"]
    for id, size in study.FACTORIAL.items():
        assert study.recipe_gain_at(size) == pytest.approx(gains[id])


def test_no_estimate_lies_at_or_past_an_end_of_its_interval():
    """A percentile interval that begins or ends at its estimate is of a minimum, or of something else than it says.

    The median of a range may be its end, as laws may agree.
    """
    frame = claims.ledger(frozenset({"strict", "compute_optimal", "scaling"}))
    known = [Estimate.of_row(row, FOUND, covers=row["interval"]) for row in frame.to_dict("records")]
    shown = (tables_shown.by_estimator(), tables_shown.gains(), tables_shown.forest(), figures.evidence_frame(frame))
    known += [cell for table in shown for column in table for cell in table[column] if isinstance(cell, Estimate)]
    known += [each.gain for each in (answer(*pair, compute_flop=1e16) for _, *pair in comparisons.pairs())]
    known = [each for each in known if np.isfinite(each.value) and each.bounded]
    assert len(known) > 300
    assert [each for each in known if not each.low <= each.value <= each.high] == []
    assert [each for each in known if each.covers.startswith("95%") and each.value in (each.low, each.high)] == []


def test_an_interval_of_95_percent_is_of_draws_and_a_range_is_called_one():
    frame = claims.ledger(frozenset({"strict", "compute_optimal"})).dropna(subset=["low"])
    sampled = r"95%, .*(resampl|Student|Wilson|both combined|what public runs)"
    assert frame["interval"].str.match(f"{sampled}|range o").all()


def test_what_the_page_says():
    """Whole recipes pass six in small models alone, parts stay below, laws of mixtures contradict each other."""
    whole = study.whole_recipe()
    assert (whole.low, whole.high) == tuple(sorted(study.recipe_gain_at(study.figure_sizes())))
    assert whole.low < whole.value < 6.0 < whole.high
    parts = [study.recipe(), study.recipe("tuned, constant rate"), study.architecture(study.best_architecture())]
    parts += [study.family_gain(collection) for collection in ("published", "reruns")]
    assert max(each.value for each in parts) < 6.0 and study.architecture("Llama").value < 1.02
    assert speedrun.total("tokens") > 20.0
    frame = experts.curves()
    inside = frame[frame["inside"]].sort_values("compute_flop").groupby("label")["gain"]
    assert (inside.min() > 1.0).all()
    change = inside.last() - inside.first()
    assert change["64 experts, fixed tokens"] < 0 < change.drop("64 experts, fixed tokens").min()
    for law in study.LAWS:
        share = study.near_share(law)
        assert 0.1 < share.low < share.value < share.high and share.value > 0.5
        assert study.cost_quantile(law, 0.5).value < study.NEAR < study.cost_quantile(law, 0.9).value
