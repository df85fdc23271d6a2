"""What a result is made of: the code that it rests on, the tables that this code reads, and the versions beneath.

There is one such digest, and everything that asks whether a result is still good uses it: the cache, the workers of a
cluster, and the tables that were computed once and committed.
"""

from __future__ import annotations

import ast
import functools
import hashlib
import importlib.util
import sys
from importlib.metadata import version
from pathlib import Path

from algoprogress.engine.places import data_dir

PACKAGES = ("algoprogress", "book")
ARITHMETIC = ("formulaic", "numpy", "pandas", "scipy", "statsmodels")  # whose versions may move a digit
# The rooms that keep, schedule and present results compute none, and neither do the files of a study that show them.
STILL = ("algoprogress.engine.", "algoprogress.show.", "algoprogress.data.check", "algoprogress.data.describe")
SHOWING = ("claims", "figures", "tables")
COMPUTING = ("algoprogress.engine.libm", "algoprogress.show.estimate")  # although they live there
READER = "algoprogress.data.tables"
TOGETHER = {"evaluations": ("evaluations", "corrections")}  # a table that is never read without another


def modules_behind(module: str) -> list[str]:
    """Return the names of the modules whose code a module's results rest on, its own first.

    Imports are followed within our packages, at the top of a file or within a function; rooms that compute nothing
    are left out (`STILL`, `SHOWING`), save for the module that was asked for.
    """
    found, rest = dict.fromkeys([module]), [module]
    while rest:
        for name in sorted(_imports(_path(rest.pop()))):
            if name not in found and _computes(name):
                found[name] = None
                rest.append(name)
    return list(found)


def tables_behind(module: str) -> list[str]:
    """Return the names of the tables that a module's results rest on: those that its code reads by literal name."""
    names = {name for each in modules_behind(module) if each != READER for name in _tables(_path(each))}
    return sorted({part for name in names for part in TOGETHER.get(name, (name,))})


@functools.cache
def made_of(module: str, *, alone: bool = False) -> str:
    """Return the digest of what the results of a module are made of, 16 characters.

    That is its code and the code behind it, without comments and docstrings; the tables that these read; and the
    versions of Python and of the libraries that compute. With `alone`, its own code and the versions only.
    """
    total = hashlib.sha256(repr([sys.version_info[:2], *(version(name) for name in ARITHMETIC)]).encode())
    for name in [module] if alone else sorted(modules_behind(module)):
        total.update(f"{name}\0{code_digest(_path(name))}".encode())
    for name in [] if alone else tables_behind(module):
        path = data_dir() / f"{name}.csv"
        total.update(f"{name}\0".encode() + hashlib.sha256(path.read_bytes() if path.exists() else b"").digest())
    return total.hexdigest()[:16]


@functools.cache
def code_digest(path: Path) -> str:
    """Return a digest of what a file of code does: neither comments, docstrings nor the layout of lines count."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) and ast.get_docstring(node, clean=False):
            node.body = node.body[1:]
    return hashlib.sha256(ast.dump(tree).encode()).hexdigest()


def _computes(name: str) -> bool:
    if name in COMPUTING:
        return True
    showing = name.startswith("book.studies.") and name.rpartition(".")[2] in SHOWING
    return not (name.startswith((*STILL, "book.ledger.", "book.site.")) or showing)


@functools.cache
def _path(module: str) -> Path:
    found = importlib.util.find_spec(module)
    if found is None or found.origin is None:
        raise ModuleNotFoundError(f"no module {module!r} to take the digest of")
    return Path(found.origin)


def _is_module(name: str) -> bool:
    try:
        found = importlib.util.find_spec(name)
    except ModuleNotFoundError:  # the part before the dot is no package
        return False
    return found is not None and found.submodule_search_locations is None


@functools.cache
def _imports(path: Path) -> frozenset[str]:
    """Return the modules of our packages that a file imports; names that are no modules stand for their module."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] in PACKAGES:
            parts = {alias.name for alias in node.names if _is_module(f"{node.module}.{alias.name}")}
            found |= {f"{node.module}.{part}" for part in parts}
            if len(parts) < len(node.names) and _is_module(node.module):
                found.add(node.module)
        elif isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names if alias.name.split(".")[0] in PACKAGES}
    return frozenset(name for name in found if _is_module(name))


@functools.cache
def _tables(path: Path) -> frozenset[str]:
    """Return the tables that a file reads: `read("name")`, or `tables.name()`."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant):
            called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if called == "read" and isinstance(node.args[0].value, str):
                found.add(node.args[0].value)
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "tables":
            found.add(node.attr)
    return frozenset(name for name in found if (data_dir() / f"{name}.csv").exists())
