"""Which line of the code computes a claim: found where a study yields it, kept by its place among all yields.

The place outlives comments and a new layout of lines; the line is looked up when it is needed.
"""

import ast
import functools
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from types import GeneratorType

from algoprogress.show.estimate import Estimate


@dataclass(frozen=True)
class Traced:
    """An estimate with the module that yielded it, and the place of that `yield` among all in the module's code."""

    estimate: Estimate
    module: str = ""
    place: int = 0

    @property
    def code(self) -> str:
        """Return file and line, as `book/studies/speedrun/claims.py:31`, with the code as it stands now."""
        return address(self.module, yields(self.module)[self.place]) if self.module else ""


def traced(claims: Iterator[tuple[str, Estimate]]) -> Iterator[tuple[str, Traced]]:
    """Yield what a generator of claims yields, each estimate with the `yield` that gave it, however deeply nested."""
    for id, estimate in claims:
        inner = claims
        while isinstance(inner.gi_yieldfrom, GeneratorType):
            inner = inner.gi_yieldfrom
        module = inner.gi_frame.f_globals["__name__"]
        yield id, Traced(estimate, module, yields(module).index(inner.gi_frame.f_lineno))


def yields(module: str) -> list[int]:
    """Return the lines of all yields of a module, in order."""
    found = (node for node in ast.walk(parsed(source(module))) if isinstance(node, ast.Yield | ast.YieldFrom))
    return sorted(node.lineno for node in found)


def address(module: str, line: int) -> str:
    """Return the file of a module, below the folder of both packages, and a line of it."""
    package = find_spec(module.partition(".")[0])
    return f"{source(module).relative_to(Path(package.origin).parents[1]).as_posix()}:{line}"


def source(module: str) -> Path:
    """Return the file of a module. Raises `ModuleNotFoundError` if there is none."""
    found = find_spec(module)
    if found is None or found.origin is None:
        raise ModuleNotFoundError(f"no file of a module {module!r}")
    return Path(found.origin)


@functools.cache
def parsed(path: Path) -> ast.Module:
    """Return the syntax tree of a file."""
    return ast.parse(path.read_text(encoding="utf-8"))
