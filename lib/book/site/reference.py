"""The map of the house: every module in its group, its docstring, and what the library reference prints of it.

Docstrings are plain text with code in backticks; `as_rst` makes them fit for Sphinx.
"""

import ast
import html
import re
from dataclasses import dataclass

import pandas as pd

from book.ledger import trace

# The rooms, from the ground up; the modules of a room are those within its package.
ROOMS = (
    *(f"algoprogress.{room}" for room in ("engine", "show", "data", "laws", "fits", "frontiers")),
    *("algoprogress", "book", "book.studies", "book.ledger", "book.site"),
)


@dataclass(frozen=True)
class Listing:
    """Modules as the page shows them: for the book directives that print their docstrings, for a notebook a list."""

    modules: tuple[str, ...]

    def _repr_mimebundle_(self, include=None, exclude=None) -> dict[str, str]:
        """Return Markdown with the directives, HTML and text."""
        options = "   :members:\n   :ignore-module-all:"
        parts = [f".. rubric:: {name}\n\n.. automodule:: {name}\n{options}" for name in self.modules]
        blocks = [f"```{{eval-rst}}\n{part}\n```" for part in parts]
        said = "".join(f"<dt><code>{name}</code></dt><dd>{html.escape(summary(name))}</dd>" for name in self.modules)
        lines = "\n".join(f"{name}: {summary(name)}" for name in self.modules)
        return {"text/markdown": "\n\n".join(blocks), "text/html": f"<dl>{said}</dl>", "text/plain": lines}


def room_of(name: str) -> str:
    """Return the room of a module, one of `ROOMS`; what lies in no other belongs to the package itself."""
    return max((room for room in ROOMS if f"{name}.".startswith(f"{room}.")), key=len)


def listing(room: str) -> Listing:
    """Return the modules of a room, one of `ROOMS`."""
    return Listing(tuple(name for name in trace.modules() if room_of(name) == room))


def summary(name: str) -> str:
    """Return the first paragraph of the docstring of a module ("" if it has none), read without running it."""
    docstring = ast.get_docstring(trace.parsed(name)) or ""
    return " ".join(docstring.split("\n\n")[0].split())


def house() -> pd.DataFrame:
    """Return every module with its room and the first paragraph of its docstring, room by room."""
    rows = [
        (room, f"{{py:mod}}`{name.removeprefix(f'{room}.')} <{name}>`", summary(name).replace("`", ""))
        for room in ROOMS
        for name in listing(room).modules
    ]
    return pd.DataFrame(rows, columns=["room", "module", "what it holds"])


CODE_OR_SIGN = re.compile(r"(?P<code>``.+?``|:[\w:]+:`[^`]+`|`[^`]+`)|(?P<sign>[|*]|(?<=\w)_(?!\w))")

OVER_LINES = re.compile(r"``.+?``|`[^`\n]+`|`([^`\n]+)\n\s*([^`\n]+)`")  # code, of which some goes over a line's end


def as_rst(lines: list[str]) -> list[str]:
    """Return the lines of a docstring as reStructuredText: backticks mean code, and no other sign means anything.

    What is indented after an empty line stands as it is.
    """
    found, doctest, block = [], False, False
    joined = OVER_LINES.sub(lambda code: code[0] if code[1] is None else f"`{code[1]} {code[2]}`", "\n".join(lines))
    for line in joined.split("\n"):
        doctest = line.lstrip().startswith(">>>") or (doctest and bool(line.strip()))
        if line.startswith(" ") and found[-1:] == [""]:
            block = True
            found += ["::", ""]
        block = block and bool(line.strip())
        found.append(line if doctest or block else _line(line))
    return found


def _line(line: str) -> str:
    """Return a line with its code in double backticks, apart from words that follow at once, and its signs escaped."""

    def fit(found: re.Match[str]) -> str:
        if found["sign"]:
            return f"\\{found['sign']}"
        code = found["code"] if found["code"].startswith(("``", ":")) else f"`{found['code']}`"
        return code + ("\\ " if line[found.end() :][:1].isalnum() else "")

    return CODE_OR_SIGN.sub(fit, line)
