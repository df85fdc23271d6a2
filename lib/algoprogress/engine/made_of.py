"""What a result is made of, by which cache and workers judge it: code, the tables that it reads, versions beneath.

Words and layout are no part of it, nor is a module that only keeps, schedules, checks or shows: its place says that.
"""

from __future__ import annotations

import ast
import functools
import gc
import hashlib
import marshal
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from algoprogress.engine import data_dir

PACKAGES = ("algoprogress", "book")
LIBRARY = Path(__file__).resolve().parents[2]  # the folder of our packages
ARITHMETIC = ("formulaic", "numba", "numpy", "pandas", "scipy", "statsmodels")  # whose versions may move a digit
STILL = ("algoprogress.engine.", "algoprogress.show.", "algoprogress.data.check", "algoprogress.data.describe")
SHOWING = ("claims", "figures", "tables")  # the modules of a study that compute nothing which others use
COMPUTING = ("algoprogress.show.estimate",)  # although it lives in a room that does not
READER = "algoprogress.data.tables"  # reads any table, so the names in it are those of none
TOGETHER = {"evaluations": ("evaluations", "corrections")}  # a table that is never read without another

HERE = {"lineno": 1, "col_offset": 0, "end_lineno": 1, "end_col_offset": 0}  # for all, so that no line counts


@dataclass(frozen=True)
class Source:
    """What a text of code does (a digest), the modules of ours that it imports, and the tables that it reads."""

    does: bytes
    imports: frozenset[str]
    tables: frozenset[str]

    @classmethod
    def of(cls, text: str) -> Source:
        """Return what a text of Python says; comments, docstrings and the layout of its lines do not count.

        >>> Source.of("def f(x): return 2 * x") == Source.of("def f(x):\\n  'Twice.'\\n  return 2*x  # two")
        True
        >>> Source.of("x = 1").does == Source.of("x = 2").does
        False
        """
        tree = ast.parse(text)
        nodes = list(ast.walk(tree))
        imports, tables = frozenset(_imported(nodes)), frozenset(_tables(nodes))
        for node in nodes:
            if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) and ast.get_docstring(node, clean=False):
                node.body = node.body[1:] or [ast.Pass(**HERE)]
            if "lineno" in vars(node):
                vars(node).update(HERE)
        code = compile(tree, "", "exec", dont_inherit=True, optimize=0)
        return cls(hashlib.sha256(marshal.dumps(code, 2)).digest(), imports, tables)


@functools.cache
def made_of(module: str) -> str:
    """Return the digest, 16 characters, of code, tables and versions behind a module; ModuleNotFoundError if none."""
    total = hashlib.sha256(repr([sys.version_info[:2], *(version(name) for name in ARITHMETIC)]).encode())
    for name in sorted(modules_behind(module)):
        total.update(f"{name}\0".encode() + _source(name).does)
    for name in tables_behind(module):
        total.update(f"{name}\0".encode() + hashlib.sha256((data_dir() / f"{name}.csv").read_bytes()).digest())
    return total.hexdigest()[:16]


def modules_behind(module: str) -> list[str]:
    """Return the names of the modules whose code a module's results rest on, its own first: what our code imports."""
    found, rest = dict.fromkeys([module]), [module]
    while rest:
        new = [name for name in sorted(_source(rest.pop()).imports) if name not in found and _computes(name)]
        found |= dict.fromkeys(new)
        rest += new
    return list(found)


def tables_behind(module: str) -> list[str]:
    """Return the names of the tables that a module's results rest on: those that its code reads by literal name."""
    names = {name for each in modules_behind(module) if each != READER for name in _source(each).tables}
    wanted = {part for name in names for part in TOGETHER.get(name, (name,))}
    return sorted(name for name in wanted if (data_dir() / f"{name}.csv").exists())


def _computes(name: str) -> bool:
    if name.startswith("book."):
        return name.startswith("book.studies.") and name.rpartition(".")[2] not in SHOWING
    return name in COMPUTING or not name.startswith(STILL)


@functools.cache
def _source(module: str) -> Source:
    """Return what the file of a module says; read once in a process, as the code that runs is that of its start."""
    path = _place(module) or getattr(sys.modules.get(module), "__file__", None)
    if path is None:
        raise ModuleNotFoundError(f"no module {module!r} to take the digest of")
    collecting = gc.isenabled()
    gc.disable()  # it would walk the growing tree again and again: half of the time
    try:
        return Source.of(Path(path).read_text(encoding="utf-8"))
    finally:
        if collecting:
            gc.enable()


@functools.cache
def _place(module: str) -> Path | None:
    """Return the file of a module of our packages; None if there is no such module, as for the name of a function."""
    path = LIBRARY.joinpath(*module.split(".")).with_suffix(".py")
    return path if module.startswith(tuple(f"{name}." for name in PACKAGES)) and path.is_file() else None


def _imported(nodes: list[ast.AST]) -> Iterator[str]:
    """Yield the modules of our packages that a file imports; what a module holds stands for the module."""
    for node in nodes:
        if isinstance(node, ast.ImportFrom) and node.module:
            yield from filter(_place, [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)])
        elif isinstance(node, ast.Import):
            yield from filter(_place, (alias.name for alias in node.names))


def _tables(nodes: list[ast.AST]) -> Iterator[str]:
    """Yield the names of tables that a file reads: `read("name")`, or as `tables.evaluations()`."""
    for node in nodes:
        if isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant):
            called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if called == "read" and isinstance(node.args[0].value, str):
                yield node.args[0].value
        elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "tables":
            yield node.attr
