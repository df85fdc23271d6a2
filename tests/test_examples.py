"""The examples in docstrings print what they say; a module without one is not loaded for it."""

from __future__ import annotations

import doctest
import importlib

import pytest

from algoprogress.engine import root

FILES = [path for name in ("lib", "tools") for path in sorted((root() / name).rglob("*.py"))]
EXAMPLES = [
    ".".join(path.relative_to(root()).with_suffix("").parts[1:])
    for path in FILES
    if ">>> " in path.read_text(encoding="utf-8")
]


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_examples_of_a_module_print_what_they_say(name):
    if name.startswith("training."):
        pytest.importorskip("torch", reason="an extra")
    found = doctest.testmod(importlib.import_module(name))
    assert found.attempted and not found.failed
