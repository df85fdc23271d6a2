"""From a number on a page to its code: its claim's row in the ledger, or the function that made it.

A claim's number is glued under its id; of any other the first call or constant of ours in what was glued counts.
"""

import ast
import functools
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import jupytext

from algoprogress.data import tables
from book.ledger import trace

LEDGER = "chapters/claims.html"
GLUE = "book.ledger.glue"
PACKAGES = ("algoprogress.", "book.")
PART = re.compile(r"\.(?:estimate|low|high|interval|published|published_interval|arithmetic|conclusion)$")
Known = Mapping[str, "str | ast.expr"]  # what a name of a page stands for: a thing of ours by its full name, or code


@functools.cache
def claim_ids() -> frozenset[str]:
    """Return the ids of all claims."""
    return frozenset(tables.read("claims")["id"])


def address(key: str, page: Path) -> str:
    """Return where a glued number leads to, from the root of the site; "" if nothing of ours has made it."""
    if (id := PART.sub("", key)) in claim_ids():
        return f"{LEDGER}#{id}"
    return next((place for pattern, place in sources(page) if re.fullmatch(pattern, key)), "")


@functools.cache
def sources(page: Path) -> tuple[tuple[str, str], ...]:
    """Return the numbers that the cells of a page glue: a pattern of the key, and where the number leads to."""
    cells = jupytext.read(page, fmt="md:myst").cells
    code = "\n".join(cell.source for cell in cells if cell.cell_type == "code")
    known, found = {}, []
    for statement in ast.parse(code).body:
        known |= _bound(statement)
        scope = known | {name: each for node in ast.walk(statement) for name, each in _bound(node).items()}
        for node in ast.walk(statement):
            if isinstance(node, ast.Call) and _name(node.func, scope).startswith(f"{GLUE}.") and len(node.args) > 1:
                place = next((place for each in node.args[1:] for place in _places(each, scope)), "")
                key = node.args[0].values if isinstance(node.args[0], ast.JoinedStr) else node.args[:1]
                parts = [re.escape(part.value) if isinstance(part, ast.Constant) else ".+" for part in key]
                found.append(("".join(parts), place))  # what an f-string fills in may be anything
    return tuple(found)


def _bound(node: ast.AST) -> dict[str, str | ast.expr]:
    """Return the names that an import, an assignment or the loop of a comprehension binds."""
    if isinstance(node, ast.ImportFrom):
        return {alias.asname or alias.name: f"{node.module}.{alias.name}" for alias in node.names}
    if isinstance(node, ast.Assign):
        return {name: value for target in node.targets for name, value in _apart(target, node.value)}
    return dict(_apart(node.target, node.iter)) if isinstance(node, ast.comprehension) else {}


def _apart(target: ast.expr, value: ast.expr) -> Iterator[tuple[str, ast.expr]]:
    """Yield the names of a target, each with its own part of a tuple, or all with what is not one."""
    if isinstance(target, ast.Tuple):
        apart = isinstance(value, ast.Tuple) and len(value.elts) == len(target.elts)
        for place, each in enumerate(target.elts):
            yield from _apart(each, value.elts[place] if apart else value)
    elif isinstance(target, ast.Name):
        yield target.id, value


def _places(node: ast.AST, known: Known, seen: frozenset[str] = frozenset()) -> Iterator[str]:
    """Yield where the things of ours in some code lead to, a call before what it is given."""
    name = _name(node.func if isinstance(node, ast.Call) else node, known)
    if name.startswith(f"{GLUE}."):  # rows of the ledger; which of them is said outside of the call
        return
    if name.startswith(PACKAGES):
        yield line_of(name)
    if isinstance(node, ast.Constant) and node.value in claim_ids():
        yield f"{LEDGER}#{node.value}"
    if isinstance(node, ast.Name) and node.id not in seen and isinstance(known.get(node.id), ast.AST):
        yield from _places(known[node.id], known, seen | {node.id})
    for child in ast.iter_child_nodes(node):
        yield from _places(child, known, seen)


def _name(node: ast.AST, known: Known) -> str:
    """Return the full name of what a dotted name of a page stands for, "" if that is nothing imported."""
    if isinstance(node, ast.Attribute):
        before = _name(node.value, known)
        return f"{before}.{node.attr}" if before else ""
    found = known.get(node.id) if isinstance(node, ast.Name) else None
    return found if isinstance(found, str) else ""


@functools.cache
def line_of(name: str) -> str:
    """Return the line of the site's source pages at which a function, class or constant of ours is defined."""
    module = max((each for each in trace.modules() if f"{name}.".startswith(f"{each}.")), key=len)
    wanted, line = name.removeprefix(module).strip(".").partition(".")[0], 1
    for node in trace.parsed(module).body:
        if isinstance(node, ast.ImportFrom):
            origin = {each.asname or each.name: f"{node.module}.{each.name}" for each in node.names}
            if wanted in origin and origin[wanted].startswith(PACKAGES):
                return line_of(origin[wanted])
        elif not isinstance(node, ast.Import | ast.Expr) and wanted in _defined(node):
            line = node.lineno
    return code_address(f"{module.replace('.', '/')}.py:{line}")


def _defined(node: ast.stmt) -> set[str]:
    targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", node)]
    parts = [part for each in targets for part in (each.elts if isinstance(each, ast.Tuple) else [each])]
    return {getattr(part, "id", getattr(part, "name", "")) for part in parts}


def code_address(code: str) -> str:
    """Return the place on the site of a line of code, as `_modules/book/studies/law/claims.html#line-31`."""
    path, _, line = code.rpartition(":")
    return f"_modules/{path.removesuffix('.py')}.html#line-{line}"
