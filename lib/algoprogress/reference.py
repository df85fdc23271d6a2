"""The map of the house: every module in its group, its docstring, and what the library reference prints of it.

Docstrings are plain text with code in backticks; `as_rst` makes them fit for Sphinx.
"""

from __future__ import annotations

import ast
import html
import re
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

# Groups by idea. A name ending in * is a prefix, one that starts with it a suffix; the first group that fits counts.
GROUPS: dict[str, tuple[str, ...]] = {
    "Data": ("tables", "schemas", "validation", "sample", "build", "build_rows", "audit"),
    "Laws": ("law", "catalogue", "variables", "libm"),
    "Fits": ("fit", "solver", "batch", "published_form", "starts", "known", "pooled", "peers", "bench"),
    "Resampling": ("resample", "parallel", "cache", "coverage", "clustered", "simulation"),
    "Progress": ("progress", "headline", "growth", "acceleration", "attribution", "chain", "transformer*", "direct",
                 "outlook"),
    "What the data can tell": ("identify", "crossval", "holdout", "selection", "survey", "bayes", "robustness",
                               "multiverse", "curve", "proof", "compare"),
    "Runs and frontiers": ("runs", "families", "ablation", "accounting", "allocation", "frontier", "chinchilla",
                           "outside", "sources", "speedrun", "pairs", "pair_*", "matrix", "repetition", "crossings",
                           "comparisons", "gain_answer", "strict_claims", "experts", "precision", "literature"),
    "Your own data": ("own_*",),
    "Claims": ("claims", "recompute*", "finding"),
    "Pages": ("report", "wording", "markdown", "style", "front", "explorer",
              "gain_explorer", "notation", "derivations", "glossary",
              "reference", "*_tables", "figures*"),
    "Everything else": ("__main__", "book", "lab", "bookext", "*"),
}  # fmt: skip
PACKAGE = Path(__file__).parent


@dataclass(frozen=True)
class Listing:
    """Modules as the page shows them: for the book directives that print their docstrings, for a notebook a list."""

    modules: tuple[str, ...]

    def _repr_mimebundle_(self, include=None, exclude=None) -> dict[str, str]:
        """Return Markdown with the directives, HTML and text."""
        blocks = [f"```{{eval-rst}}\n.. automodule:: {full_name(name)}\n   :members:\n   :ignore-module-all:\n```"
                  for name in self.modules]  # fmt: skip
        said = "".join(f"<dt><code>{name}</code></dt><dd>{html.escape(summary(name))}</dd>" for name in self.modules)
        lines = "\n".join(f"{name}: {summary(name)}" for name in self.modules)
        return {"text/markdown": "\n\n".join(blocks), "text/html": f"<dl>{said}</dl>", "text/plain": lines}


def modules() -> list[str]:
    """Return the names of all modules of the library, without the package's own name, such as `figures.data`."""
    names = [".".join(path.relative_to(PACKAGE).with_suffix("").parts) for path in PACKAGE.rglob("*.py")]
    return sorted(name.removesuffix(".__init__") for name in names if name != "__init__")


def group_of(name: str) -> str:
    """Return the group of a module, a key of `GROUPS`; a new module that fits no other is in the last one.

    >>> group_of("law"), group_of("recompute_cv"), group_of("speedrun_tables")
    ('Laws', 'Claims', 'Pages')
    """
    return next(group for group, names in GROUPS.items() if _place(names, name) < len(names))


def _place(names: tuple[str, ...], name: str) -> int:
    """Return which of the patterns of a group is the first to fit a module, or their number if none does."""
    fits = (place for place, each in enumerate(names) if re.fullmatch(re.escape(each).replace(r"\*", ".*"), name))
    return next(fits, len(names))


def listing(group: str) -> Listing:
    """Return the modules of a group, in its order; raise KeyError for an unknown group."""
    found = [name for name in modules() if group_of(name) == group]
    return Listing(tuple(sorted(found, key=lambda name: (_place(GROUPS[group], name), name))))


def full_name(name: str) -> str:
    """Return the name by which a module is imported."""
    return f"algoprogress.{name}"


def docstring(name: str) -> str:
    """Return the docstring of a module ("" if it has none), read without importing it."""
    path = PACKAGE.joinpath(*name.split("."))
    file = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
    return ast.get_docstring(ast.parse(file.read_text(encoding="utf-8"))) or ""


def summary(name: str) -> str:
    """Return the first paragraph of the docstring of a module."""
    return " ".join(docstring(name).split("\n\n")[0].split())


def house() -> pd.DataFrame:
    """Return every module with its group and the first paragraph of its docstring, in order of groups."""
    rows = [(group, f"{{py:mod}}`{name} <{full_name(name)}>`", summary(name).replace("`", ""))
            for group in GROUPS for name in listing(group).modules]  # fmt: skip
    return pd.DataFrame(rows, columns=["group", "module", "what it holds"])


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
        cells = [cell.source for cell in jupytext.read(path, fmt="md:myst").cells
                 if cell.cell_type == "code" and "remove-cell" in cell.metadata.get("tags", ())]  # fmt: skip
        doctree.insert(0, PrefaceMarker("\n".join(cells), "file"))
