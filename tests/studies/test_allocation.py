"""The split of compute: a model at the optimum wastes nothing, who is left out, and what the chapter says."""

from __future__ import annotations

import numpy as np
import pandas as pd

from algoprogress.data import tables
from algoprogress.laws import scaling
from algoprogress.show.estimate import unpacked
from book.studies.allocation import study
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
    eras = study.eras(found)
    assert eras[eras["side"] == "all"]["models"].tolist() == [0, 1, 1]


def test_models_that_do_not_add_up_are_left_out():
    models = tables.read("language_models")
    found = study.splits(models, scaling.published()["hoffmann2022"])
    kept = models.set_index("model").loc[found["model"]]
    ratio = found["compute_flop"].to_numpy() / kept["training_compute_flop"].to_numpy()
    assert ((ratio >= 0.5) & (ratio <= 2.0)).all()
    assert (kept["base_model"] == "").all()
    assert (found["gain"] >= 1.0 - 1e-9).all()


def test_what_the_page_says():
    """Within their runs no law of experiments has Kaplan's split cost twice; since Chinchilla most have more tokens."""
    curves = unpacked(study.kaplan_curves(SAMPLE))
    largest = curves[curves["inside"]].groupby("law")["gain"].max()
    assert largest.drop("Ho et al., model 7").max() < 2.0
    eras = unpacked(study.realised_eras()).set_index(["law", "era", "side"]).sort_index()
    since = eras.loc["besiroglu", study.SINCE]
    assert since.loc["over", "models"] > 0.75 * since.loc["all", "models"]
    assert since.loc["over", "gain"] > since.loc["under", "gain"]
