"""What a formula may say, and that nothing else of it is ever evaluated."""

from __future__ import annotations

import itertools
import time

import formulaic
import pytest

from algoprogress.laws.formula import MOST_TERMS, TRANSFORMS, FormulaError, checked
from algoprogress.laws.law import Law, LawError
from published_values import SAMPLE

VARIABLES = ("benchmark", "years", "log_parameters", "log_tokens")
CALL = "__import__('os').system('touch made_by_a_formula')"
OPEN = "open('made_by_a_formula', 'w')"
NEVER_SECONDS = 60.0  # far more than any machine needs to refuse a text
HOSTILE = [
    f"{{{CALL}}}",
    f"{{[{CALL}, log_parameters][1]}}",
    f"since({CALL})",
    "years.to_csv('made_by_a_formula')",
    "{years.to_csv('made_by_a_formula')}",
    "{years**2}",
    "np.exp(years)",
    "np.save('made_by_a_formula', years)",
    f"I({CALL})",
    f"Q({CALL})",
    f"C({CALL})",
    f"`{CALL}`",
    f"exp({CALL})",
    f"{OPEN}",
    f"{{{OPEN}}}",
    f"I({OPEN})",
    "years.__class__",
    "years.__class__.__mro__",
    "{years.__class__.__base__.__subclasses__()}",
    "getattr(years, 'abs')",
    "{getattr(years, '__class__')}",
    "vars()",
    "globals()",
    "locals()",
    "{globals()}",
    "eval('1')",
    "{eval('1')}",
    "exec('x = 1')",
    "{exec('x = 1')}",
    "compile('1', 'x', 'eval')",
    "__builtins__",
    "{__builtins__}",
    "lambda: 1",
    "{(lambda: 1)()}",
    "{[x for x in years]}",
    "[x for x in years]",
    "{9**9**9}",
    "9**9**9",
    "years**9",
    "years**2**9",
    "(benchmark + years + log_parameters)**9",
    "(benchmark*years*log_parameters*log_tokens)**2**2",
    "years^9",
    "2*years",
    "since('2017')",
    "since(years)",
    "since(9**9**9)",
    "since(20170000000)",
    "since(-2017)",
    "since()",
    "since(2017",
    "exp",
    "exp(exp(years))",
    "exp(years, out=years)",
    "poly(years, 3)",
    "bs(years, df=4)",
    "center(years)",
    "scale(years)",
    "years ~ log_parameters",
    "~ years",
    "years | log_parameters",
    "years / benchmark",
    "years %in% benchmark",
    ".",
    "years; import os",
    "years\nimport os",
    "years # comment",
    "'years'",
    '"years"',
    "years[0]",
    "{years}",
    "years=1",
    "a",
    "years +",
    "+ years",
    "* years",
    "()",
    "years years",
    "(years",
    "years)",
    "years**",
    "1e9",
    "0x10",
    "1_000",
    "years--1",
    "ｙears",
    "years + \u202e",
    "é",
    "\x00",
    "log_parameters:" * 50 + "years",
    "(" * 40 + "years" + ")" * 40,
    "+".join(["years"] * 200),
    "(benchmark + years + log_parameters + log_tokens)**2:(benchmark + years + log_tokens + log_parameters)**2",
]


@pytest.mark.parametrize("formula", HOSTILE)
def test_what_is_not_of_the_language_is_refused_at_once_and_does_nothing(formula, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    begun = time.monotonic()
    with pytest.raises(FormulaError):
        checked(formula, VARIABLES)
    with pytest.raises(LawError, match="law mine: cannot build the capacity formula"):
        Law("mine", formula, "years + log_tokens").design(SAMPLE.frame)
    assert time.monotonic() - begun < NEVER_SECONDS
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "formula",
    [
        "1",
        "years",
        "0 + years",
        "-1 + years",
        "years - 1",
        "benchmark*years + log_parameters",
        "since(2017):years",
        "benchmark*(years + log_tokens)",
        "(years + log_parameters)**2",
        "square(years):log_tokens",
        " years+ log_tokens ",
    ],
)
def test_the_count_of_terms_is_that_of_formulaic(formula):
    terms = formulaic.Formula(formula)
    assert checked(formula, VARIABLES) >= len(set(terms) - {"1"}) > 0 or formula == "1"
    assert Law("mine", formula).design(SAMPLE.frame).names


@pytest.mark.parametrize("name", TRANSFORMS)
def test_transforms_do_what_they_say(name):
    design = Law("mine", f"0 + {name}(years)").design(SAMPLE.frame)
    years = Law("mine", "0 + years").design(SAMPLE.frame).exponents[0][:, 0]
    assert design.names == (f"alpha_const_{name}_years",)
    assert design.exponents[0][:, 0] == pytest.approx(TRANSFORMS[name](-years), rel=1e-12)


def test_products_of_many_sums_stop_at_the_bound():
    sums = "(benchmark + years + log_parameters + log_tokens)"
    counts = [checked(":".join([sums] * many), VARIABLES) for many in (1, 2)]
    assert counts == [4, 16]
    with pytest.raises(FormulaError, match=f"more than {MOST_TERMS} terms"):
        checked(":".join([sums] * 3), VARIABLES)


def test_random_texts_of_the_signs_of_the_language_never_hang():
    for parts in itertools.product(("years", "(", ")", "*", "**2", ":", "+", "-1"), repeat=5):
        try:
            assert checked(" ".join(parts), VARIABLES) > 0
        except FormulaError as error:
            assert str(error).endswith(".")
