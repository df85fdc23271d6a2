"""The map of the house: every module in its group, its docstring, and what the library reference prints of it.

Docstrings are plain text with code in backticks; `as_rst` makes them fit for Sphinx.
"""

import ast
import html
import re
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from book.ledger import trace

LIB = Path(__file__).parents[2]
# The rooms, from the ground up; the modules of a room are those within its package.
ROOMS = (
    "algoprogress.engine",
    "algoprogress.show",
    "algoprogress.data",
    "algoprogress.laws",
    "algoprogress.fits",
    "algoprogress.frontiers",
    "algoprogress",
    "book",
    "book.studies",
    "book.ledger",
    "book.site",
)


@dataclass(frozen=True)
class Listing:
    """Modules as the page shows them: for the book directives that print their docstrings, for a notebook a list."""

    modules: tuple[str, ...]

    def _repr_mimebundle_(self, include=None, exclude=None) -> dict[str, str]:
        """Return Markdown with the directives, HTML and text."""
        options = "   :members:\n   :ignore-module-all:"
        blocks = [f"```{{eval-rst}}\n.. automodule:: {name}\n{options}\n```" for name in self.modules]
        said = "".join(f"<dt><code>{name}</code></dt><dd>{html.escape(summary(name))}</dd>" for name in self.modules)
        lines = "\n".join(f"{name}: {summary(name)}" for name in self.modules)
        return {"text/markdown": "\n\n".join(blocks), "text/html": f"<dl>{said}</dl>", "text/plain": lines}


def modules() -> list[str]:
    """Return the dotted names of all modules and rooms of both packages."""
    names = [".".join(path.relative_to(LIB).with_suffix("").parts) for path in LIB.glob("*/**/*.py")]
    return sorted({name.removesuffix(".__init__") for name in names} - {"book"})


def room_of(name: str) -> str:
    """Return the room of a module, one of `ROOMS`; what lies in no other belongs to the package itself.

    >>> room_of("algoprogress.laws.law"), room_of("book.studies.law.claims"), room_of("algoprogress.cli")
    ('algoprogress.laws', 'book.studies', 'algoprogress')
    """
    return max((room for room in ROOMS if f"{name}.".startswith(f"{room}.")), key=len)


def listing(room: str) -> Listing:
    """Return the modules of a room; raise KeyError if there is no such room."""
    if room not in ROOMS:
        raise KeyError(f"no room {room!r}; there are {', '.join(ROOMS)}")
    return Listing(tuple(name for name in modules() if room_of(name) == room))


def docstring(name: str) -> str:
    """Return the docstring of a module ("" if it has none), read without running it."""
    return ast.get_docstring(trace.parsed(trace.source(name))) or ""


def summary(name: str) -> str:
    """Return the first paragraph of the docstring of a module."""
    return " ".join(docstring(name).split("\n\n")[0].split())


def house() -> pd.DataFrame:
    """Return every module with its room and the first paragraph of its docstring, room by room."""
    rows = [
        (room, f"{{py:mod}}`{name.removeprefix(f'{room}.')} <{name}>`", summary(name).replace("`", ""))
        for room in ROOMS
        for name in listing(room).modules
    ]
    return pd.DataFrame(rows, columns=["room", "module", "what it holds"])


CODE = re.compile(r"(``.+?``|:[\w:]+:`[^`]+`|`[^`]+`)")


def as_rst(lines: list[str]) -> list[str]:
    """Return the lines of a docstring as reStructuredText: backticks mean code, and no other sign means anything.

    >>> as_rst(["Return `x`s of |theta|, C*D and name_ by ``y``.", ">>> a * b"])
    ['Return ``x``\\\\ s of \\\\|theta\\\\|, C\\\\*D and name\\\\_ by ``y``.', '>>> a * b']
    """
    found, doctest = [], False
    text = "\n".join(lines)
    text = re.sub(r"(?<!`)`(?!`)([^`\n]+)\n\s*([^`\n]+)`(?!`)", r"`\1 \2`", text)  # code that goes over a line's end
    for line in text.split("\n"):
        doctest = line.lstrip().startswith(">>>") or (doctest and bool(line.strip()))
        found.append(line if doctest else _line(line))
    return found


def _line(line: str) -> str:
    parts = CODE.split(line)
    for place, part in enumerate(parts):
        if place % 2 == 0:
            parts[place] = re.sub(r"([|*])|(?<=\w)(_)(?!\w)", r"\\\1\2", part)
            continue
        if part.startswith("`") and not part.startswith("``"):
            parts[place] = f"`{part}`"
        after = parts[place + 1] if place + 1 < len(parts) else ""
        if after[:1].isalnum():
            parts[place] += "\\ "
    return "".join(parts)


def plain_docstrings(app, what: str, name: str, obj: object, options, lines: list[str]) -> None:
    """Make a docstring fit for Sphinx, before numpy's sections in it are read (a handler of autodoc's event)."""
    lines[:] = as_rst(lines)


def plain_signatures(app, doctree, docname: str) -> None:
    """Flatten the parameters of signatures that link nowhere: a page of a thousand of them stays light (a handler)."""
    from docutils import nodes  # only within Sphinx
    from sphinx.addnodes import desc_parameter, desc_returns

    for node in list(doctree.findall(lambda each: isinstance(each, desc_parameter | desc_returns))):
        if not list(node.findall(nodes.reference)):
            node.children = [nodes.Text(node.astext())]


def link_code(app, doctree) -> None:
    """Tell codeautolink what the cells that a page hides have imported and made, so that others link (a handler)."""
    import jupytext
    from sphinx_codeautolink.extension.directive import PrefaceMarker  # both only within Sphinx

    path = Path(app.env.doc2path(app.env.docname))
    if path.suffix == ".md" and "remove-cell" in path.read_text(encoding="utf-8"):
        cells = [
            cell.source
            for cell in jupytext.read(path, fmt="md:myst").cells
            if cell.cell_type == "code" and "remove-cell" in cell.metadata.get("tags", ())
        ]
        doctree.insert(0, PrefaceMarker("\n".join(cells), "file"))
