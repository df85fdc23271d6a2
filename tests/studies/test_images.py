"""The second field: fits by another library, a truth that returns, what the page says in words."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import minimize
from scipy.special import expit, logit

from algoprogress.data import tables
from algoprogress.data.sample import Sample
from algoprogress.fits import fit
from book.studies.images import published, study


def accuracy(theta, frame):
    """Return the published form, written out again."""
    years = frame["years_decimal"] - 2012.0
    compute, images = (np.log(frame[name] / np.exp(np.log(frame[name]).mean())) for name in ("compute", "images"))
    first = theta[0] + theta[1] * years + theta[2] * compute
    second = theta[3] + theta[4] * years + theta[5] * images
    return expit(first) * expit(second)


def test_the_published_form_has_the_minimum_of_another_optimiser():
    frame = study.sample().frame
    observed = logit(1.0 - frame["error_percent"] / 100.0)

    def objective(theta):
        slopes = theta[[1, 2, 4, 5]]
        return ((logit(accuracy(theta, frame)) - observed) ** 2).sum() + published.RIDGE * slopes @ slopes

    found = min((minimize(objective, start, method="BFGS") for start in published.STARTS), key=lambda each: each.fun)
    np.testing.assert_allclose(published.point(study.sample()), found.x, rtol=2e-3, atol=2e-4)


@pytest.mark.parametrize("progress", [study.BOTH, "compute alone"])
def test_the_engines_minimum_is_that_of_scipy(progress):
    """The law by hand from the table, from the engine's own point and from others."""
    law, penalty = study.LAWS[progress], 1e-4
    found, frame = fit.converged(law, study.sample(), penalty=penalty, starts=60), study.sample().frame
    years = frame["years_decimal"] - frame["years_decimal"].min()
    sizes = {name: np.log(frame[name] / frame[name].min()) for name in ("compute", "images")}
    terms = {"alpha": "compute", "beta": "images"}

    def objective(theta):
        value = dict(zip(found.params.index, theta, strict=True))
        loss = sum(
            np.exp(value[f"{of}_const"] - value.get(f"{of}_year", 0.0) * years - value[f"{of}_{size}"] * sizes[size])
            for of, size in terms.items()
        )
        return ((loss + np.log(1.0 - frame["error_percent"] / 100.0)) ** 2).mean() + penalty * np.abs(theta).sum()

    assert objective(found.params.to_numpy()) == pytest.approx(found.objective, rel=1e-9)
    rng, tries = np.random.default_rng(0), [found.params.to_numpy()]
    tries += [found.params.to_numpy() + rng.normal(0.0, 0.3, len(found.params)) for _ in range(4)]
    least = min(minimize(objective, each, method="Nelder-Mead", options={"maxiter": 4000}).fun for each in tries)
    assert found.objective <= least + 1e-8


def test_rates_of_a_made_up_field_return():
    """A table with sizes of its own, from a known law without noise: both rates and every coefficient come back."""
    rng = np.random.default_rng(5)
    frame = study.sample().frame.copy()
    frame["compute"], frame["images"] = np.exp(rng.normal(40, 3, len(frame))), np.exp(rng.normal(16, 2, len(frame)))
    sample, truth = Sample(frame, sizes=("compute", "images")), np.array([-0.5, 0.16, 0.2, -1.0, 0.05, 0.1])
    design = fit.problem(study.LAWS[study.BOTH], sample)[0]
    assert design.names == ("alpha_const", "alpha_year", "alpha_compute", "beta_const", "beta_year", "beta_images")
    made = Sample(frame.assign(loss_nats=design.predict(truth)), sizes=sample.sizes)
    found = fit.converged(study.LAWS[study.BOTH], made, penalty=0.0, starts=60).params.to_numpy()
    np.testing.assert_allclose(found, truth, rtol=1e-5)
    assert study.rate(found)[0] == pytest.approx(0.8) and study.rate(found, "data")[0] == pytest.approx(0.5)


def test_the_table_is_the_sources():
    frame = tables.read("image_models")
    assert len(frame) == 113 and frame["training_compute_flop"].notna().sum() == len(study.sample()) == 102
    assert frame.loc[frame["model"].str.startswith("VGG"), "paper"].nunique() == 1
    assert set(frame.loc[frame["architecture_search"] == "yes", "model"]) == {"NASNet-A", "AmoebaNet-A", "GreedyNAS-B"}


def test_what_the_page_says():
    """One start ends the interval, several do not; compute alone predicts best; the loss falls either way."""
    one, every = published.doubling_time(), published.doubling_time(every_start=True)
    assert 8.0 < one.value < 10.0 and one.low == pytest.approx(3.55, abs=0.5)
    assert every.high == np.inf and published.without_progress().low > 0.05
    first, second = study.minima(study.chosen()).params[:2]
    assert study.rate(first)[0] < 0.0 < study.rate(second)[0]
    assert study.rate(second, "data")[0] < 0.0 < study.rate(first, "data")[0]
    errors = {name: study.validation()[name].min() for name in study.LAWS}
    assert min(errors, key=errors.get) == "compute alone"
    assert study.fall().low > 0.0
    assert study.sample().frame["loss_nats"].mean() < 0.3
    assert not study.worse("images alone", "compute alone").low > 0.0
