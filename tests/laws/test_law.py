"""Laws: their columns mean what the papers write, their derivatives are exact, and bad laws are refused."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.optimize import least_squares
from scipy.special import expit

from algoprogress.data import tables
from algoprogress.data.variables import Normalisation
from algoprogress.fits import kernel, solver
from algoprogress.laws import catalogue
from algoprogress.laws.law import Law, LawError
from book.studies.data import variants
from published_values import LAW_7, MODEL_7, PUBLISHED, SAMPLE

PARAMETERS = dict(
    zip(map(str, range(1, 21)), (6, 5, 5, 8, 8, 10, 10, 9, 9, 14, 18, 9, 12, 10, 12, 8, 10, 5, 11, 10), strict=True)
)
VARIANTS = {
    law.id + ("" if law.links else " without link" if "+transformer" in law.id else ""): law
    for law in (
        variants.with_transformer_factor(LAW_7),
        variants.with_transformer_factor(LAW_7, link=""),
        variants.with_year_break(LAW_7, 2017),
        variants.with_floor(LAW_7),
        variants.with_vocabulary(LAW_7),
        variants.with_data(LAW_7, "log_effective_tokens"),
        variants.with_floor(variants.with_transformer_factor(catalogue.law("12"))),
    )
}
LAWS = dict(catalogue.laws()) | VARIANTS


def rows(law: Law):
    """Return the rows on which every variable of a law is known."""
    known = SAMPLE.with_known("vocabulary") if "log_vocabulary" in law.floor.split() else SAMPLE
    return known.frame


@pytest.mark.parametrize(("name", "count"), PARAMETERS.items())
def test_a_published_law_has_its_published_number_of_parameters(name, count):
    design = catalogue.law(name).design(SAMPLE.frame)
    assert len(design.names) == count
    assert design.require_identified() is design


NAMES = {
    "7": " ".join(MODEL_7),
    "10": "alpha_const alpha_const_ptb alpha_const_wt2 alpha_year alpha_year_ptb alpha_year_wt2 alpha_param "
    "beta_const beta_const_ptb beta_const_wt2 beta_year beta_year_ptb beta_year_wt2 beta_data",
    "12": "alpha_const alpha_const_ptb alpha_const_wt2 alpha_param "
    "beta_const beta_const_ptb beta_const_wt2 beta_data year",
    "14": "alpha_const alpha_const_ptb alpha_const_wt2 alpha_param alpha_param_rate "
    "beta_const beta_const_ptb beta_const_wt2 beta_data beta_data_rate",
    "17": "alpha_const alpha_const_ptb alpha_const_wt2 alpha_param_other alpha_param_transformer "
    "beta_const beta_const_ptb beta_const_wt2 beta_data_other beta_data_transformer",
    "18": "alpha_const alpha_const_ptb alpha_const_wt2 alpha_year alpha_compute",
    "19": " ".join([*MODEL_7, "gamma_vocabulary"]),
    "7+transformer": " ".join([*MODEL_7, "transformer"]),
    "7+break2017": " ".join([*MODEL_7, "alpha_year_since_2017", "beta_year_since_2017"]),
    "7+floor": " ".join([*MODEL_7, "gamma_const", "gamma_const_ptb", "gamma_const_wt2"]),
}


@pytest.mark.parametrize(("name", "names"), NAMES.items())
def test_parameters_are_named_as_in_the_paper(name, names):
    assert set(LAWS[name].design(SAMPLE.frame).names) == set(names.split())


SERIES = {
    "model 7": "fitted_model7",
    "year break": "fitted_year_break_2017",
    "vocabulary": "fitted_vocabulary",
    "effective data": "fitted_effective_epochs",
}


@pytest.mark.parametrize(("fit", "column"), SERIES.items())
def test_the_rows_reproduce_a_published_series_of_fitted_values(fit, column):
    """Ten to twelve coefficients near the printed ones return up to 231 double-precision values."""
    published = PUBLISHED[fit]
    values = published.sample.frame.merge(tables.read("published_fits"), on="row", validate="1:1")[column].to_numpy()
    design = published.law.design(published.sample.frame, Normalisation.of(SAMPLE.frame))
    printed = np.array([published.params[name] for name in design.names])
    found = least_squares(lambda theta: design.predict(theta) - values, printed, xtol=1e-15, ftol=1e-15, gtol=1e-15)
    assert np.abs(found.fun).max() <= 1e-12
    assert found.x == pytest.approx(printed, abs=1e-6)


def test_rows_with_a_known_vocabulary_have_the_normalisation_of_all_rows():
    known = PUBLISHED["vocabulary"].sample
    assert len(known) == 185
    assert Normalisation.of(known.frame) == Normalisation.of(SAMPLE.frame)


def hand_written(name, p, row):
    """Return a law's prediction as the paper writes it, one parameter at a time."""
    years, calendar = row.years_decimal - SAMPLE.frame.years_decimal.min(), np.log(row.years_decimal)
    n, d = np.log(row.parameters / 2e6), np.log(row.dataset_tokens / 888_000)
    ptb, wt2, transformer = row.benchmark == "ptb", row.benchmark == "wt2", row.architecture == "transformer"
    a = p["alpha_const"] + p["alpha_const_ptb"] * ptb + p["alpha_const_wt2"] * wt2
    b = p.get("beta_const", 0) + p.get("beta_const_ptb", 0) * ptb + p.get("beta_const_wt2", 0) * wt2
    kind = np.where(transformer, "transformer", "other")
    if name == "12":
        return (np.exp(a - p["alpha_param"] * n) + np.exp(b - p["beta_data"] * d)) * np.exp(-p["year"] * years)
    if name == "15":
        n_term, d_term = (p[f"{k}"] + p[f"{k}_rate"] * calendar for k in ("alpha_param", "beta_data"))
        return np.exp(a - p["alpha_year"] * years - n_term * n) + np.exp(b - p["beta_year"] * years - d_term * d)
    if name == "17":
        alpha, beta = (np.array([p[f"{k}_{which}"] for which in kind]) for k in ("alpha_param", "beta_data"))
        return np.exp(a - alpha * n) + np.exp(b - beta * d)
    if name == "18":
        compute = row.parameters * row.dataset_tokens
        return np.exp(a - p["alpha_year"] * years - p["alpha_compute"] * np.log(compute / compute.min()))
    a, b = a - p["alpha_year"] * years - p["alpha_param"] * n, b - p["beta_year"] * years - p["beta_data"] * d
    return (np.exp(a) + np.exp(b)) * np.where(transformer, expit(p["transformer"]), 1.0)


@pytest.mark.parametrize("name", ["12", "15", "17", "18", "7+transformer"])
def test_a_prediction_equals_the_formula_of_the_paper(name):
    design = LAWS[name].design(SAMPLE.frame)
    theta = np.random.default_rng(1).normal(0.0, 0.1, len(design.names))
    expected = hand_written(name, dict(zip(design.names, theta, strict=True)), SAMPLE.frame)
    assert design.predict(theta) == pytest.approx(expected, rel=1e-12)


def test_a_floor_is_added_as_it_is():
    design = Law("drift", "1", floor="0 + years").design(SAMPLE.frame)
    assert set(design.names) == {"alpha_const", "gamma_year"}
    theta = np.where(np.array(design.names) == "gamma_year", 0.3, 0.0)
    years = SAMPLE.frame["years_decimal"] - SAMPLE.frame["years_decimal"].min()
    assert design.predict(theta) == pytest.approx(1 + 0.3 * years.to_numpy(), rel=1e-12)


def symbolic(design):
    """Return sympy's function for the prediction, its slopes and their upper curvatures, and the values of columns."""
    import sympy  # takes seconds, which only the process that comes here should spend

    theta = [sympy.Symbol(name) for name in design.names]
    links = {name: sympy.log(1 / (1 + sympy.exp(-symbol))) for name, symbol in zip(design.names, theta, strict=True)}
    phi = [links[name] if name in design.links else symbol for name, symbol in zip(design.names, theta, strict=True)]
    columns = {}

    def linear(matrix, prefix):
        used = [index for index in range(len(theta)) if matrix[:, index].any()]
        for index in used:
            columns[sympy.Symbol(f"{prefix}_{index}")] = matrix[:, index]
        return sum(phi[index] * sympy.Symbol(f"{prefix}_{index}") for index in used)

    loss = 0 if design.floor is None else linear(design.floor, "floor")
    loss += sum(sympy.exp(linear(matrix, f"term{index}")) for index, matrix in enumerate(design.exponents))
    first = [sympy.diff(loss, symbol) for symbol in theta]
    second = [sympy.diff(first[i], theta[j]) for i, j in zip(*np.triu_indices(len(theta)), strict=True)]
    return sympy.lambdify([*theta, *columns], [loss, *first, *second], cse=True), columns


@pytest.mark.parametrize("name", LAWS)
def test_derivatives_are_those_of_sympy(name):
    """By row the gradient of the prediction; for the solver the gradient and Hessian of the objective."""
    law = LAWS[name]
    design = law.design(rows(law))
    target = rows(law)["loss_nats"].to_numpy()
    compute, columns = symbolic(design)
    count = len(design.names)
    upper = np.triu_indices(count)
    rng = np.random.default_rng(2)
    theta, weights = rng.normal(0.0, 0.2, count), rng.dirichlet(np.ones(len(target)))
    values = np.array([np.broadcast_to(value, target.shape) for value in compute(*theta, *columns.values())])
    prediction, slopes, curvatures = values[0], values[1 : 1 + count], values[1 + count :]
    error = prediction - target
    hessian = np.zeros((count, count))
    hessian[upper] = curvatures @ (2 * weights * error)
    hessian = hessian + np.triu(hessian, 1).T + 2 * (slopes * weights) @ slopes.T

    assert design.predict(theta) == pytest.approx(prediction, rel=1e-12)
    assert design.gradient(theta) == pytest.approx(slopes.T, rel=1e-11, abs=1e-12)
    *made, linked = solver.arrays(design)
    value, found_gradient, found_hessian = kernel.derivatives(*made, target, weights, theta, linked)
    assert value == pytest.approx(weights @ error**2, rel=1e-12)
    assert found_gradient == pytest.approx(slopes @ (2 * weights * error), rel=1e-10, abs=1e-12)
    assert found_hessian == pytest.approx(hessian, rel=1e-10, abs=1e-10)


@pytest.mark.parametrize("name", LAWS)
def test_the_gradient_is_that_of_finite_differences(name):
    design = LAWS[name].design(rows(LAWS[name]))
    theta, step = np.random.default_rng(3).normal(0.0, 0.2, len(design.names)), 1e-5
    moves = step * np.eye(len(theta))
    differences = (design.predict(theta + moves) - design.predict(theta - moves)) / (2 * step)
    assert design.gradient(theta) == pytest.approx(differences.T, rel=1e-6, abs=1e-8)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"capacity": "benchmark + log_widths"}, ["law 7", "capacity", "log_widths", "Known", "log_parameters"]),
        ({"data": "benchmark +"}, ["law 7", "data formula 'benchmark +'", "Known"]),
        ({"floor": "0 + log_vocabulary"}, ["law 7", "floor", "`log_vocabulary` contains null values"]),
        ({"data": "benchmark ~ years"}, ["law 7", "data formula 'benchmark ~ years'"]),
        ({"links": (("transformer", "log_sigmoid"),)}, ["law 7", "transformer", "alpha_param"]),
        ({"links": (("alpha_year", "logit"),)}, ["law 7", "logit", "log_sigmoid"]),
        ({"shared": ("year",)}, ["law 7", "shared names ['year']", "'years'"]),
        ({"capacity": "years:transformer + years:architecture"}, ["law 7", "share the parameter alpha_year_transfo"]),
    ],
    ids=[
        "unknown term",
        "bad formula",
        "missing vocabulary",
        "two sides",
        "linked name",
        "link",
        "shared name",
        "twins",
    ],
)
def test_a_law_that_cannot_be_built_says_why(changes, words):
    with pytest.raises(LawError) as caught:
        replace(LAW_7, **changes).design(SAMPLE.frame)
    assert [word for word in words if word not in str(caught.value)] == []


def test_an_unidentified_law_names_its_parameters():
    one = SAMPLE.frame[SAMPLE.frame["benchmark"] == "wt103"]
    with pytest.raises(LawError) as caught:
        LAW_7.design(one).require_identified()
    offsets = [f"{greek}_const_{benchmark}" for greek in ("alpha", "beta") for benchmark in ("ptb", "wt2")]
    assert str(caught.value) == f"law 7: {len(one)} rows cannot identify {', '.join(offsets)}"


def test_a_column_that_others_add_up_to_is_not_identified():
    doubled = LAW_7.with_terms(capacity="log_tokens + log_compute").design(SAMPLE.frame)
    assert set(doubled.unidentified()) == {"alpha_const", "alpha_param", "alpha_data", "alpha_compute"}


def test_an_unknown_law_lists_the_known_ones():
    with pytest.raises(KeyError, match="its ids are 1, 2, 3"):
        catalogue.law("21")
