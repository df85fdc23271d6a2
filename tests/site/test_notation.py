"""Every letter of a formula is in the table of symbols, or is explained on its page."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from algoprogress.data import tables
from algoprogress.engine import root
from prose import pages

GREEK = "alpha beta gamma delta epsilon varepsilon theta lambda Lambda phi Phi rho sigma tau nu chi"
COUNTED = set("bijkp")  # of a benchmark, a row, a parameter, a factor, a paper
KNOWN = {"chi", "e"}  # what mathematics calls so


def letters(tex: str) -> set[str]:
    """Return the letters of a formula, without words, indices and powers.

    >>> sorted(letters(r"\\alpha_N \\ln N + \\text{data}^{a}"))
    ['N', 'alpha']
    """
    tex = re.sub(r"\\\\\[[\d.]+em\]", " ", tex)  # room between lines
    tex = re.sub(r"\\(?:text|mathrm|operatorname|begin|end)\{[^{}]*\}", " ", tex)
    greek = set(re.findall(rf"\\({GREEK.replace(' ', '|')})(?![A-Za-z])", tex))
    tex = re.sub(r"\\[A-Za-z]+", " ", tex)
    return greek | set(re.findall(r"[A-Za-z]", re.sub(r"[_^]\s*(\{[^{}]*\}|\w)", " ", tex)))


@pytest.mark.parametrize("path", pages(root()), ids=lambda path: path.stem)
def test_every_letter_of_a_formula_is_explained(path: Path):
    text = re.sub(r"```\{code-cell\}.*?```", "", path.read_text(encoding="utf-8"), flags=re.S)
    shown, words = re.findall(r"\$\$(.*?)\$\$", text, re.S), re.sub(r"\$\$.*?\$\$", "", text, flags=re.S)
    here = {letter for tex in re.findall(r"\$([^$\n]+)\$", words) for letter in letters(tex)}
    known = {letter for tex in tables.read("symbols")["tex"] for letter in letters(tex)}
    missing = {letter for tex in shown for letter in letters(tex)} - known - here - COUNTED - KNOWN
    assert not missing, f"{path.name}: {', '.join(sorted(missing))}"


def test_a_letter_without_an_entry_is_found():
    assert letters(r"\underbrace{W}_{\text{minutes}} = \lambda_D\, x^{2}") == {"W", "lambda", "x"}
