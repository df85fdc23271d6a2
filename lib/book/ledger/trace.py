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

LIB = Path(__file__).parents[2]


@dataclass(frozen=True)
class Traced:
    """An estimate with the module that yielded it, and the place of that `yield` among all in the module's code."""

    estimate: Estimate
    module: str = ""
    place: int = 0

    @property
    def code(self) -> str:
        """Return file and line, as `book/studies/speedrun/claims.py:31`, with the code as it stands now."""
        return f"{self.module.replace('.', '/')}.py:{yields(self.module)[self.place]}" if self.module else ""


def traced(claims: Iterator[tuple[str, Estimate]]) -> Iterator[tuple[str, Traced]]:
    """Yield what a generator of claims yields, each estimate with the `yield` that gave it, however deeply nested."""
    for id, estimate in claims:
        inner = claims
        while isinstance(inner.gi_yieldfrom, GeneratorType):
            inner = inner.gi_yieldfrom
        module = inner.gi_frame.f_globals["__name__"]
        yield id, Traced(estimate, module, yields(module).index(inner.gi_frame.f_lineno))


@functools.cache
def yields(module: str) -> list[int]:
    """Return the lines of all yields of a module, in order."""
    found = (node for node in ast.walk(parsed(module)) if isinstance(node, ast.Yield | ast.YieldFrom))
    return sorted(node.lineno for node in found)


@functools.cache
def modules() -> list[str]:
    """Return the dotted names of all modules and rooms of library and report."""
    files = [path for package in ("algoprogress", "book") for path in (LIB / package).rglob("*.py")]
    names = [".".join(path.relative_to(LIB).with_suffix("").parts) for path in files]
    return sorted({name.removesuffix(".__init__") for name in names} - {"book"})


@functools.cache
def parsed(module: str) -> ast.Module:
    """Return the syntax tree of the file of a module, which is not run."""
    return ast.parse(Path(find_spec(module).origin).read_text(encoding="utf-8"))
