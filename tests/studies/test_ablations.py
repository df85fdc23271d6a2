"""Single changes of a small transformer: what the page says in words, divisions that add up, published seeds."""

from __future__ import annotations

import numpy as np
import pytest

from algoprogress.data import tables
from book.studies.ablations import study


def test_what_the_page_says_of_ablations():
    bars = study.bars().set_index("id")
    assert not bars.loc[["rms_vs_layer", "cosine_vs_invsqrt", "cosine_vs_linear", "adamw_vs_adam"], "differs"].any()
    assert bars.loc["pre_vs_post", "september"].high < 1.0 < bars.loc["pre_vs_post", "published"].low
    positions = bars.loc[["rotary_vs_learned", "rotary_vs_sinusoidal"]]
    assert all(found.low > 1.0 for column in ("published", "october", "september") for found in positions[column])
    chain = study.chain().set_index("name")["best_gain"]
    assert chain[:"SwiGLU"].max() <= 1.0 and chain["rotary"] > 1.2 and chain["no dropout"] > chain["rotary"]
    together = study.interaction().set_index(["path", "loss_nats"])["ratio"]
    assert together.loc[("lstm", 5.277)] < 1.0 < together.loc[("lstm", 4.40)]


def test_each_division_of_a_joint_gain_adds_up():
    frame = study.split(1.4)
    for column in ("proportional", "shapley"):
        assert frame[column].prod() == pytest.approx(1.4)


def test_the_error_of_seeds_is_that_of_their_losses():
    """Seeds of September spread by 0.005 to 0.011 nats in the end, for variants with a full set (Gundlach et al.)."""
    frame = study.seeded()
    spread = frame.loc[frame["seeds"] == 4, "final_sd_nats"]
    assert spread.between(0.005, 0.0115).all()


def test_bars_over_one_baseline_share_its_noise():
    """The error of the product is that of simulated runs, each with a noise of its own, baselines used again."""
    frame = tables.read("ablations").set_index("id").loc[list(study.MULTIPLIED)]
    rng, draws = np.random.default_rng(0), 100_000
    one_run_sd = study.bar_error() / study.student(study.seeded()) / np.sqrt(2.0)
    baseline = {flop: rng.normal(0.0, one_run_sd, draws) for flop in frame["better_flop"].unique()}
    gains = [rng.normal(0.0, one_run_sd, draws) - baseline[flop] for flop in frame["better_flop"]]
    wide = study.student(study.seeded()) * np.std(np.sum(gains, axis=0))
    assert study.product_error() == pytest.approx(wide, rel=0.01)


def test_no_verdict_rests_on_the_typed_gain_of_the_optimiser():
    """The bars multiplied are the product of the small gains and of the optimiser's, whose runs state their compute."""
    frame = tables.read("ablations").set_index("id")
    bars = frame.loc[list(study.MULTIPLIED[:-1]), "plotted_gain"].prod() * 2.48e15 / 7.18e14
    assert study.product_with_optimiser().value == pytest.approx(bars, rel=1e-3)
