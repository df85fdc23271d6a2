"""The split of compute: a model at the optimum wastes nothing, who is left out, and what the chapter says."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from algoprogress.data import tables
from algoprogress.laws import scaling
from algoprogress.show.estimate import unpacked
from book.studies.allocation import split, study
from published_values import SAMPLE


def test_a_model_at_the_optimum_wastes_nothing():
    law = scaling.published()["hoffmann2022"]
    n, d = law.split(np.array([1e21, 1e23]))
    models = pd.DataFrame(
        {
            "model": ["a", "b"],
            "publication_date": pd.to_datetime(["2020-05-01", "2023-01-01"]),
            "parameters": n,
            "dataset_tokens": d,
            "epochs": [np.nan, 1.0],
            "base_model": "",
            "training_compute_flop": 6 * n * d,
        }
    )
    found = study.splits(models, law)
    np.testing.assert_allclose(found["gain"], 1.0)
    assert found["inside"].tolist() == [True, False]
    eras = study.eras(found, "hoffmann2022")
    assert eras[eras["side"] == "all"]["models"].tolist() == [0, 1, 1]


def test_models_that_do_not_add_up_are_left_out():
    models = tables.read("language_models")
    found = study.splits(models, scaling.published()["hoffmann2022"])
    kept = models.set_index("model").loc[found["model"]]
    ratio = found["compute_flop"].to_numpy() / kept["training_compute_flop"].to_numpy()
    assert ((ratio >= 0.5) & (ratio <= 2.0)).all()
    assert (kept["base_model"] == "").all()
    assert (found["gain"] >= 1.0 - 1e-9).all()


def test_two_splits_bear_kaplans_name():
    """Equation 1.5 of Kaplan et al. is best at N as C to the power of 0.575 (0.095 / 0.076 in its exponents)."""
    for by, power in (("law", 1.0 / (1.0 + 0.076 / 0.103)), ("rule", 0.73)):
        parameters, _ = study.kaplan_split(by).split(np.array([1e20, 1e22]))
        assert study.kaplan_power(by) == pytest.approx(power, abs=1e-3)
        assert np.diff(np.log10(parameters))[0] / 2.0 == pytest.approx(power, abs=1e-3)
    known = set(tables.read("shown_claims")["id"])
    assert {"allocation.ceg_kaplan.3e23.besiroglu", "allocation.ceg_kaplan.3e23.besiroglu.rule"} <= known


def test_the_error_of_a_law_is_in_what_it_says_of_models():
    """Each draw is recomputed for a model alone: a resample's law, written out, and a search for its optimum."""
    frame = study.realised().query("law == 'besiroglu'")
    chosen = (frame["model"] == frame["model"].iloc[-1]).to_numpy()
    gains, over = study.drawn(frame, "besiroglu", chosen)
    model, laws = frame[chosen].iloc[0], study.refitted("besiroglu")[1]
    spent, ratio, count = model["compute_flop"], model["tokens_per_parameter"], chosen.sum()
    grid = np.geomspace(1e-4, 1e4, 20_001)  # of the parameters over those of an even split
    for draw in (0, 7, 1_999):
        floor, capacity, alpha, data, beta = (getattr(laws, name)[draw] for name in split.CONSTANTS)

        def loss(flop, n, terms=(floor, capacity, alpha, data, beta)):
            return terms[0] + terms[1] * n ** -terms[2] + terms[3] * (flop / 6.0 / n) ** -terms[4]

        size = np.sqrt(spent / 6.0 / ratio)
        least = spent / gains[draw, 0]
        sizes = grid * np.sqrt(least / 6.0)
        assert count == 1 and loss(least, sizes).min() == pytest.approx(loss(spent, size), rel=1e-6)
        assert over[draw, 0] == (
            size < (grid * np.sqrt(spent / 6.0))[loss(spent, grid * np.sqrt(spent / 6.0)).argmin()]
        )
    whole = study.realised_eras().set_index(["law", "era", "side"])["gain"]
    widths = {law: whole[law, study.SINCE, "all"].high - whole[law, study.SINCE, "all"].low for law in study.LAWS}
    assert widths["hoffmann2022"] < widths["besiroglu"] < widths["porian"]
    late = study.realised().query("law == 'porian' and years_decimal > @study.CHINCHILLA_DATE")
    assert not late["inside"].any(), "the runs of Porian et al. end below all models since Chinchilla"


def test_what_the_page_says():
    """Within their runs no law of experiments has Kaplan's split cost twice; since Chinchilla most have more tokens."""
    curves = unpacked(study.kaplan_curves(SAMPLE))
    largest = curves[curves["inside"]].groupby(["by", "law"])["gain"].max().drop("Ho et al., model 7", level="law")
    assert largest["law"].max() < 2.0 and largest["rule"].max() < 3.0
    at_1e22, at_3e23 = (float(study.kaplan_gain(study.refitted("besiroglu")[0], f, by="rule")) for f in (1e22, 3e23))
    assert at_1e22 < 2.5 and at_3e23 > 5.0
    eras = unpacked(study.realised_eras()).set_index(["law", "era", "side"]).sort_index()
    assert eras.loc[("besiroglu", study.UNTIL, "all"), "gain"] < 1.5, "little was lost by most"
    since = eras.loc["besiroglu", study.SINCE]
    assert since.loc["over", "models"] > 0.75 * since.loc["all", "models"]
    assert since.loc["over", "gain"] > since.loc["under", "gain"]
