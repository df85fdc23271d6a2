"""Where the searches start, and the elimination that every step rests on."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from algoprogress.fits import kernel, solver
from algoprogress.laws import catalogue
from algoprogress.laws.law import Law
from book.studies.data import variants
from published_values import LAW_7, SAMPLE

LOSS = SAMPLE.frame["loss_nats"].to_numpy()
CONSTANT = Law("constant", "1")
FLOOR_7 = variants.with_floor(LAW_7)
DESIGN = LAW_7.design(SAMPLE.frame)
ALL_LAWS = [
    *(catalogue.law(str(number)) for number in range(1, 21)),
    FLOOR_7,
    variants.with_transformer_factor(LAW_7),
    variants.with_transformer_factor(LAW_7, link=""),
]


@pytest.mark.parametrize("law", ALL_LAWS, ids=lambda law: law.id)
def test_starts_near_the_data_are_nearer_than_zeros(law):
    """Most of them, as the parts of a random division are only roughly exponential."""
    design = law.design(SAMPLE.frame)
    points = solver.near_data(design, LOSS, 60, seed=0)
    assert points.shape == (60, len(design.names))
    assert np.isfinite(points).all()
    error = np.abs(design.predict(points) - LOSS).mean(axis=1)
    zeros = np.abs(design.predict(np.zeros(len(design.names))) - LOSS).mean()
    assert np.isfinite(error).all()
    assert np.median(error) < zeros
    assert error.min() < 0.3 * zeros


def test_one_term_near_the_data_is_the_least_squares_of_the_logs():
    design = catalogue.law("18").design(SAMPLE.frame)
    expected = np.linalg.lstsq(design.exponents[0], np.log(LOSS), rcond=None)[0]
    assert solver.near_data(design, LOSS, 2, seed=0) == pytest.approx(np.tile(expected, (2, 1)), rel=1e-9)


def test_starts_of_a_constant_are_its_logarithm():
    points = solver.near_data(CONSTANT.design(SAMPLE.frame), LOSS, 3, seed=0)
    assert points == pytest.approx(np.full((3, 1), np.log(LOSS).mean()), rel=1e-12)


def test_mixed_starts_are_zeros_first_then_others():
    points = solver.mixed(DESIGN, LOSS, 9, seed=4)
    assert points.shape == (9, 10)
    assert points[0].tolist() == [0.0] * 10
    assert len(np.unique(points, axis=0)) == 9
    assert points.tolist() == solver.mixed(DESIGN, LOSS, 9, seed=4).tolist()
    assert (points[1:] != solver.mixed(DESIGN, LOSS, 9, seed=5)[1:]).all()


def test_spread_out_points_are_the_farthest_first():
    points = solver.random_starts(DESIGN, 30, seed=2) / 5
    terms = [np.concatenate([np.exp(matrix @ theta) for matrix in DESIGN.exponents]) for theta in points]
    chosen = [0, 1]
    while len(chosen) < 6:
        gaps = [min(np.mean((one - terms[other]) ** 2) for other in chosen) for one in terms]
        chosen.append(int(np.argmax(gaps)))
    assert solver.spread_out(DESIGN, points, 6, first=2).tolist() == points[chosen].tolist()


def test_spread_out_points_are_never_copies():
    points = solver.random_starts(DESIGN, 4, seed=2)[[0, 1, 1, 0, 2, 2, 3, 0]]
    found = solver.spread_out(DESIGN, points, 8)
    assert len(found) == len(np.unique(found, axis=0)) == 4
    assert found[0].tolist() == points[0].tolist()


def eliminated(systems: np.ndarray, rights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the solutions of systems, zero where a system is not definite, and which are."""
    found, definite = np.zeros_like(rights), np.zeros(len(systems), bool)
    for place, (system, right) in enumerate(zip(systems, rights, strict=True)):
        wide = np.column_stack([system, right, np.full(len(right), np.nan)])
        wide[np.tril_indices(len(right), -1)] = np.nan  # neither this triangle nor what stands behind is read
        definite[place] = kernel.eliminated(wide, len(right), found[place])
        found[place] *= definite[place]
    return found, definite


def definite_systems(rng: np.random.Generator, count: int, size: int, smallest: float) -> np.ndarray:
    """Return symmetric systems of random directions whose eigenvalues go from `smallest` to 1."""
    basis = np.linalg.qr(rng.normal(size=(count, size, size)))[0]
    values = np.abs(smallest) ** rng.uniform(size=(count, size))
    values[:, 0], values[:, -1] = smallest, 1.0
    system = (basis * values[:, None, :]) @ basis.swapaxes(1, 2)
    return (system + system.swapaxes(1, 2)) / 2


@pytest.mark.parametrize("smallest", [0.1, 1e-4, 1e-9])
@pytest.mark.parametrize("size", [2, 5, 13])
def test_elimination_solves_definite_systems(size, smallest):
    """Backward stable: the residual is rounding however near to singular the system is."""
    rng = np.random.default_rng(size)
    system, right = definite_systems(rng, 200, size, smallest), rng.normal(size=(200, size))
    found, definite = eliminated(system, right)
    assert definite.all()
    other, largest = np.linalg.solve(system, right[:, :, None])[:, :, 0], np.abs(found).max(axis=1)
    assert (np.abs(found - other).max(axis=1) < 1e-13 / smallest * largest).all()
    residual = np.abs(np.einsum("bpq,bq->bp", system, found) - right).max(axis=1)
    assert (residual < 1e-14 * (1 + largest)).all()


def test_elimination_tells_definite_systems_and_leaves_them_alone_among_others():
    rng = np.random.default_rng(1)
    bounds = [0.1, -0.1, 1e-9, -1e-9, -1.0]
    system = np.concatenate([definite_systems(rng, 80, 6, smallest) for smallest in bounds])
    system = np.concatenate([system, rng.normal(size=(200, 6, 6))])
    system = (system + system.swapaxes(1, 2)) / 2
    system = system[rng.permutation(len(system))]
    right = rng.normal(size=(len(system), 6))
    found, definite = eliminated(system, right)
    assert definite.tolist() == (np.linalg.eigvalsh(system)[:, 0] > 0).tolist()
    assert 160 <= definite.sum() < 200
    alone, _ = eliminated(system[definite], right[definite])
    assert found[definite].tolist() == alone.tolist()


def test_a_singular_system_is_not_definite():
    direction = np.random.default_rng(0).normal(size=(50, 4, 6))
    singular = direction.swapaxes(1, 2) @ direction
    assert not eliminated(singular, np.ones((50, 6)))[1].any()
    assert not eliminated(np.zeros((1, 3, 3)), np.ones((1, 3)))[1].any()


def test_the_exponential_is_that_of_the_c_library_to_the_last_bit_or_the_one_before():
    values = np.concatenate([np.linspace(-700.0, 60.0, 100_001), np.random.default_rng(0).normal(0.0, 2.0, 100_000)])
    found = values.copy()
    kernel._exponential(found)
    assert (np.abs(found - np.exp(values)) <= 2.0 * np.spacing(np.exp(values))).all()
    wild = np.array([-1e9, -np.inf, 1e9, np.inf])
    kernel._exponential(wild)
    assert np.isfinite(wild).all() and (wild[:2] < 1e-300).all() and (wild[2:] > 1e25).all()


@pytest.mark.parametrize("place", range(4))
def test_what_is_not_finite_is_refused(place):
    columns = DESIGN.exponents[0].copy()
    given = [columns, LOSS.copy(), np.full((1, len(LOSS)), 1.0 / len(LOSS)), np.zeros((1, len(DESIGN.names)))]
    given[place].flat[0] = np.nan
    columns, target, weights, starts = given
    design = replace(DESIGN, exponents=(columns, *DESIGN.exponents[1:]))
    none = np.zeros(len(DESIGN.names))
    with pytest.raises(ValueError, match="must be finite"):
        solver.minimise(design, target, weights, penalty=none, starts=starts)
    with pytest.raises(ValueError, match="must be finite"):
        solver.evaluate(design, target, weights, penalty=none, theta=starts)
