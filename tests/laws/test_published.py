"""The published protocol: the authors' order of arithmetic is the same law, and SLSQP is the one they ran."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
import scipy
from scipy.optimize import minimize

from algoprogress.data.variables import Normalisation, logarithm
from algoprogress.fits import fit
from algoprogress.laws import catalogue
from algoprogress.laws import published as form
from algoprogress.laws.law import Law, LawError
from book.studies.data import variants
from published_values import LAW_7, PUBLISHED, SAMPLE

LOSS = SAMPLE.frame["loss_nats"].to_numpy()
REFERENCE = Normalisation.of(SAMPLE.frame)
LAWS = {law.id: law for law in catalogue.laws().values() if law.id.isdigit()} | {
    law.id: law
    for law in (
        variants.with_year_break(LAW_7, 2017),
        variants.with_year_break(catalogue.law("10"), 2019),
        variants.with_transformer_factor(LAW_7),
        variants.with_transformer_factor(catalogue.law("12")),
        variants.with_floor(LAW_7),
        variants.with_data(catalogue.law("15"), "log_effective_tokens"),
    )
}
# Laws without a published order.
OTHERS = {
    law.id: law
    for law in (
        variants.with_transformer_factor(LAW_7, link=""),
        Law("product", "log_parameters*log_tokens", "benchmark"),
        Law("vocabulary", "years + log_vocabulary_imputed"),
        variants.with_floor(catalogue.law("12")),
        Law("both", "benchmark*years", "log1p(years)", "1", links=(("gamma_const", "log_sigmoid"),)),
    )
}


def test_scipy_still_has_the_slsqp_of_the_authors():
    """From 1.16 on SLSQP runs on BLAS: the published digits then do not come back, and no other test says why."""
    assert scipy.__version__.startswith("1.15."), f"SciPy {scipy.__version__}: constraints.txt pins 1.15"


def in_steps(ordered: form.Form, theta: np.ndarray) -> np.ndarray:
    """Return what the authors' notebooks compute, array by array, with the exponentials of the C library."""

    def exponential(exponent: np.ndarray) -> np.ndarray:
        return np.array([math.exp(value) for value in exponent.tolist()])

    def coefficient(part: form.Part) -> np.ndarray:
        total = np.zeros(rows)
        for index, factor in part.members:
            total = total + (theta[index] if factor is None else theta[index] * factor)
        return total

    def value(part: form.Part) -> np.ndarray:
        return coefficient(part) if part.variable is None else coefficient(part) * part.variable

    rows = max(len(part.variable) for part in ordered.parts if part.variable is not None)
    block = {name: [part for part in ordered.parts if part.block == name] for name in (*form.BLOCKS, "shared")}
    loss = np.zeros(rows)
    for part in block["gamma"]:
        loss = loss + (value(part) if part.quantity == "const" else 0.0)
    for constant, *others in filter(None, (block["alpha"], block["beta"])):
        exponent = value(constant)
        for part in others:
            exponent = exponent - value(part)
        loss = loss + exponential(exponent)
    for part in block["shared"]:
        if part.quantity == "transformer":
            factor = 1.0 / (1.0 + exponential(-coefficient(part)))
            loss = part.variable * factor * loss + (1.0 - part.variable) * loss
        else:
            loss = loss * exponential(-value(part))
    for part in block["gamma"]:
        loss = loss if part.quantity == "const" else value(part) + loss
    return loss


@pytest.mark.parametrize("id", LAWS)
def test_the_compiled_law_is_the_authors_arithmetic_to_the_last_bit(id):
    ordered = form.published_form(LAWS[id], SAMPLE.frame, REFERENCE)
    points = np.random.default_rng(2).normal(0.0, 0.3, (7, len(ordered.names)))
    resampled = ordered.take(np.random.default_rng(3).integers(0, len(SAMPLE), len(SAMPLE)))
    for each in (ordered, resampled):
        assert each.predict(points).tolist() == [in_steps(each, theta).tolist() for theta in points]


@pytest.mark.parametrize("rows", [3, 8, 100, 128, 131, 231, 700])
def test_the_compiled_objective_is_numpys_to_the_last_bit(rows):
    rng = np.random.default_rng(rows)
    ordered, target = form.published_form(LAW_7, SAMPLE.frame, REFERENCE), rng.normal(3.0, 1.0, rows)
    ordered, points = ordered.take(rng.integers(0, len(SAMPLE), rows)), rng.normal(0.0, 0.3, (11, len(ordered.names)))
    errors, penalties = np.square(target - ordered.predict(points)).mean(axis=1), 0.0025 * np.abs(points).sum(axis=1)
    assert form.objective(ordered, target, 0.0025)(points).tolist() == (errors + penalties).tolist()


def test_the_logarithm_is_that_of_the_c_library():
    values = np.random.default_rng(0).lognormal(0.0, 3.0, 2_000)
    assert logarithm(values).tolist() == [math.log(value) for value in values]
    assert np.isnan(logarithm(np.array([np.nan]))).all()


@pytest.mark.parametrize("name", PUBLISHED)
def test_slsqp_stops_where_it_did_for_the_authors(name):
    printed = PUBLISHED[name]
    frame = printed.sample.frame
    ordered = form.published_form(printed.law, frame, Normalisation.of(frame))
    found = form.slsqp(ordered, frame["loss_nats"].to_numpy(), printed.penalty)
    assert found.success
    assert (found.nit, found.nfev) == (printed.iterations or found.nit, printed.evaluations or found.nfev)
    assert found.fun == pytest.approx(printed.objective, rel=0, abs=printed.within)


@pytest.mark.parametrize("id", LAWS)
def test_the_authors_order_of_arithmetic_is_the_same_law(id):
    law = LAWS[id]
    design, ordered = law.design(SAMPLE.frame, REFERENCE), form.published_form(law, SAMPLE.frame, REFERENCE)
    assert sorted(ordered.names) == sorted(design.names)
    points = np.random.default_rng(1).normal(0.0, 0.1, (3, len(design.names)))
    rearranged = form.reordered(points, design.names, ordered.names)
    assert ordered.predict(rearranged) == pytest.approx(design.predict(points), rel=1e-12)
    rows = np.array([5, 3, 3])
    assert ordered.take(rows).predict(rearranged).tolist() == ordered.predict(rearranged)[:, rows].tolist()


@pytest.mark.parametrize("id", OTHERS)
def test_another_law_keeps_the_order_of_its_design(id):
    law = OTHERS[id]
    with pytest.raises(LawError, match="known for their laws only"):
        form.published_form(law, SAMPLE.frame, REFERENCE)
    design, arranged = law.design(SAMPLE.frame, REFERENCE), form.arranged(law, SAMPLE.frame, REFERENCE)
    points = np.random.default_rng(1).normal(0.0, 0.1, (3, len(design.names)))
    assert arranged.names == design.names
    assert arranged.predict(points).tolist() == design.predict(points).tolist()


@pytest.mark.parametrize("id", OTHERS)
def test_the_protocol_fits_another_law(id):
    found = form.slsqp(form.arranged(OTHERS[id], SAMPLE.frame, REFERENCE), LOSS, 0.0025)
    best = fit.converged.__wrapped__(OTHERS[id], SAMPLE, starts=60)
    assert found.success
    assert best.objective - 1e-9 < found.fun < best.objective + 0.05


def test_a_law_that_cannot_be_built_has_no_order_either():
    with pytest.raises(LawError, match="cannot build the capacity formula"):
        form.arranged(Law("none", "years + nothing"), SAMPLE.frame, REFERENCE)


@pytest.mark.parametrize("law", [LAW_7, OTHERS["vocabulary"]], ids=["authors' order", "design's order"])
@pytest.mark.parametrize("penalty", [0.0, 0.0025])
def test_differences_in_one_call_are_those_of_scipy(law, penalty):
    ordered = form.arranged(law, SAMPLE.frame, REFERENCE)
    value = form.objective(ordered, LOSS, penalty)
    with np.errstate(over="ignore", invalid="ignore"):
        theirs = minimize(lambda theta: value(theta[None])[0], np.zeros(len(ordered.names)), method="SLSQP")
    ours = form.slsqp(ordered, LOSS, penalty)
    exact = isinstance(ordered, form.Form)  # BLAS may round a product otherwise if it has more lines
    assert ours.x == pytest.approx(theirs.x, rel=0, abs=0 if exact else 1e-3)
    assert not exact or (ours.nit, ours.nfev) == (theirs.nit, theirs.nfev)


def test_options_and_starts_reach_slsqp():
    ordered = form.published_form(LAW_7, SAMPLE.frame, REFERENCE)
    default, tight = form.slsqp(ordered, LOSS, 0.0025), form.slsqp(ordered, LOSS, 0.0025, ftol=1e-10, maxiter=10_000)
    assert tight.fun < default.fun
    assert form.slsqp(ordered, LOSS, 0.0025, tight.x).nit < default.nit
    assert form.slsqp(ordered, LOSS, 0.0025, maxiter=3).nit == 3


def test_a_start_of_whole_numbers_is_that_of_floats():
    ordered = form.published_form(LAW_7, SAMPLE.frame, REFERENCE)
    whole, floats = (form.slsqp(ordered, LOSS, 0, np.zeros(10, kind)) for kind in (int, float))
    assert whole.x.tolist() == floats.x.tolist() and whole.nit > 5


def test_one_bit_in_the_data_moves_the_stop():
    """Why the order of arithmetic is kept: another order, or one bit, and SLSQP stops elsewhere."""
    ordered = form.published_form(LAW_7, SAMPLE.frame, REFERENCE)
    nudged = np.where(np.arange(len(LOSS)) == 7, np.nextafter(LOSS, np.inf), LOSS)
    stop, other = (form.slsqp(ordered, target, 0.0025) for target in (LOSS, nudged))
    design = LAW_7.design(SAMPLE.frame, replace(REFERENCE))
    rearranged = form.slsqp(design, LOSS, 0.0025)
    assert stop.fun not in (other.fun, rearranged.fun)
    assert (stop.fun, stop.fun) == pytest.approx((other.fun, rearranged.fun), abs=1e-6)
