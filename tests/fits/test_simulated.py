"""Data drawn from a known law give its parameters back, within their intervals, as often as the intervals say."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import binom

from algoprogress.fits import fit, resample, solver
from algoprogress.laws import catalogue
from published_values import LAW_7, MODEL_7, SAMPLE

SAMPLES, DRAWS, LEVEL = 150, 200, 0.90
ONE_TERM = {
    "alpha_const": 1.5,
    "alpha_const_ptb": 0.1,
    "alpha_const_wt2": 0.1,
    "alpha_year": 0.02,
    "alpha_compute": 0.02,
}
PAPERS = SAMPLE.frame["paper_id"].to_numpy()
WEIGHTS = {
    "row": lambda rng: resample.paper_weights(np.arange(len(PAPERS)), DRAWS, rng),
    "paper": lambda rng: resample.paper_weights(PAPERS, DRAWS, rng),
}
# A true coverage of 90% leaves these bounds once in a thousand times, by parameter (exact binomial distribution).
BOUNDS = binom.ppf([0.0005, 0.9995], SAMPLES, LEVEL) / SAMPLES


def coverage(law, truth, *, noise_nats: float, paper_effect_nats: float = 0.0, by: tuple[str, ...]) -> dict:
    """Return how often the bootstrap's percentile interval of each parameter holds the truth, by kind of bootstrap."""
    design = law.design(SAMPLE.frame)
    theta, none = np.array([truth[name] for name in design.names]), np.zeros(len(design.names))
    _, paper = np.unique(PAPERS, return_inverse=True)
    rng = np.random.default_rng(20240309)
    held = {kind: [] for kind in by}
    for _ in range(SAMPLES):
        errors = noise_nats * rng.normal(size=len(paper)) + paper_effect_nats * rng.normal(size=paper.max() + 1)[paper]
        loss = design.predict(theta) + errors
        point = solver.minimise(design, loss, fit.equal_weights(design, 1), penalty=none, starts=theta[None]).params
        for kind in by:
            draws = solver.minimise(
                design, loss, WEIGHTS[kind](rng), penalty=none, starts=np.repeat(point, DRAWS, axis=0)
            )
            assert draws.converged.all()
            low, high = np.quantile(draws.params, [0.5 - LEVEL / 2, 0.5 + LEVEL / 2], axis=0)
            held[kind].append((low <= theta) & (theta <= high))
    return {kind: np.mean(each, axis=0) for kind, each in held.items()}


@pytest.mark.parametrize(
    ("law", "truth", "noise_nats"),
    [(LAW_7, MODEL_7, 0.01), (catalogue.law("18"), ONE_TERM, 0.2)],
    ids=["law 7, small noise", "one term, noise as in the data"],
)
def test_intervals_hold_the_truth_at_the_nominal_rate(law, truth, noise_nats):
    """Ten correlated parameters follow the asymptotic theory only with small noise, five at the size of real errors."""
    held = coverage(law, truth, noise_nats=noise_nats, by=("row",))["row"]
    assert (held >= BOUNDS[0]).all(), held
    assert (held <= BOUNDS[1]).all(), held


def test_with_errors_shared_within_papers_only_the_bootstrap_of_papers_holds():
    held = coverage(catalogue.law("18"), ONE_TERM, noise_nats=0.05, paper_effect_nats=0.2, by=("row", "paper"))
    assert (held["paper"] > held["row"]).all()
    assert (held["paper"] >= BOUNDS[0]).all(), held["paper"]
    assert held["row"].mean() < BOUNDS[0], held["row"]
