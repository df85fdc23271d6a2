"""Reads the prose of a chapter and finds numbers in it that look like results, which have to be computed and glued."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import jupytext
from nbformat import NotebookNode

# Directives whose body is not prose, and fences of plain code.
SILENT_FENCE = re.compile(
    r"^(`{3,})(?!\{)[^\n]*\n.*?^\1`*$|^(`{3,})\{(?:math|code|code-block|bibliography)\}.*?^\2`*$", re.M | re.S
)
NOT_PROSE = (
    SILENT_FENCE,
    re.compile(r"<!--.*?-->", re.S),
    re.compile(r"^(?:`{3,}|:{3,})[^\n]*$", re.M),  # the marks of a directive and its arguments
    re.compile(r"^:[\w-]+:[^\n]*$", re.M),  # its options
    re.compile(r"^\([\w.-]+\)=$", re.M),  # labels
    re.compile(r"\$\$.*?\$\$|(?<!\\)\$(?!\s)[^$\n]+\$", re.S),
    re.compile(r"\{[\w:]+\}`[^`]*`"),  # roles, glued values among them
    re.compile(r"(`+)[^`].*?\1"),
    re.compile(r"(?<=\])\([^)\s]*\)"),  # targets of links
    re.compile(r"<https?://[^>]*>|https?://[^\s)]+|</?[a-z][^>]*>"),  # and tags with what they lead to
    re.compile(r"(?<=[\])])\{[^}\n]*\}"),  # attributes
)
PLACES = "[Ss]ections?|[Tt]ables?|[Ff]igures?|[Aa]ppendix|[Ee]quations?|[Pp]ages?"
# Names that hold digits, and constants of method. Everything else that looks like a result is one.
ALLOWED = (
    re.compile(r"\b[A-Z][A-Za-z]*-\d+[BMK]?\b(?!\.\d)"),  # WikiText-103, GPT-2, OPT-175B
    re.compile(r"\b[Mm]odels? \d+\b"),  # the laws have numbers for names
    re.compile(r"\b(?:Python|[Vv]ersion|CC BY|WCAG) \d+(?:\.\d+)*\b"),
    re.compile(r"\barXiv:\s?\d{4}\.\d{5}(?:v\d)?\b"),
    re.compile(rf"\b(?:{PLACES}|eq\.|pp?\.) [A-Z]?\.?\d+(?:\.\d+)*\b"),
    re.compile(r"\[95%\]"),  # in the head of a column: what stands in its brackets
    re.compile(r"\b(?:90|95|99)% (?=(?:\w+ )?(?:interval|range|band)s?\b)"),
)
WORDS = "two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|eighteen|twenty"
NUMBER = r"\d+(?:[.,]\d+)*"
RESULT_LIKE = (
    re.compile(r"\d+\.\d+"),
    re.compile(rf"{NUMBER}\s?(?:%|per ?cent\b)"),
    re.compile(rf"{NUMBER}(?:\s?[x×](?!\w)|[- ]?(?:times|fold)\b)"),
    re.compile(rf"{NUMBER}[ -](?:to {NUMBER} )?(?:month|year|week|day)s?\b"),
    re.compile(rf"\b(?:{WORDS})(?: and a half)?[ -](?:months?|fold|times (?:less|more|as))\b", re.I),
    re.compile(r"\d{1,3}(?:,\d{3})+|\b10\^|\b\d+e[+-]?\d+"),
    re.compile(r"(?<![\d,.])(?!(?:199\d|20[0-2]\d|203[0-5])(?!\d))\d{3,}"),
)


def pages(folder: Path) -> list[Path]:
    """Return the sources of all pages, the front page first."""
    return [folder / "index.md", *sorted((folder / "chapters").glob("*.md"))]


def code_cells(notebook: NotebookNode) -> list[NotebookNode]:
    """Return the code cells of a notebook."""
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def spoken(source: str) -> Iterator[str]:
    """Yield the texts that a cell hands on to the reader: every string given as `alt`, `caption` or `headers`."""
    calls = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call)]
    for keyword in (keyword for call in calls for keyword in call.keywords):
        if keyword.arg in ("alt", "caption", "headers"):
            parts = [node.value for node in ast.walk(keyword.value) if isinstance(node, ast.Constant)]
            yield " ".join(part for part in parts if isinstance(part, str))


def texts(path: Path) -> Iterator[str]:
    """Yield all that a page says: its Markdown, the captions in the cells' options, and the strings that cells show."""
    for cell in jupytext.read(path, fmt="md:myst").cells:
        if cell.cell_type == "markdown":
            yield cell.source
        elif cell.cell_type == "code":
            yield cell.metadata.get("mystnb", {}).get("figure", {}).get("caption", "")
            yield from spoken(cell.source)


def results_typed(text: str) -> list[str]:
    """Return the numbers in a text that look like results, each with the words around it."""
    for pattern in (*NOT_PROSE, *ALLOWED):
        text = pattern.sub(" ", text)
    found = {match.span(): match for pattern in RESULT_LIKE for match in pattern.finditer(text)}
    return [" ".join(text[max(match.start() - 25, 0) : match.end() + 25].split()) for match in found.values()]


# What a reader reads: marks go, a glued value counts as one word, and an interval as the three that it is.
FOLDED = re.compile(r"<details.*?</details>", re.S)
PLAIN = (
    (SILENT_FENCE, "\n\n"),
    (re.compile(r"^---\n.*?\n---$", re.M | re.S), ""),
    (re.compile(r"<!--.*?-->|\$\$.*?\$\$|<[^>\s][^>]*>", re.S), "\n\n"),
    (re.compile(r"^(?:`{3,}|:{3,})[^\n]*$|^:[\w-]+:[^\n]*$|^\([\w.-]+\)=$", re.M), "\n"),
    (re.compile(r"\{glue:text\}`[^`]*interval`|\{glue:text\}`[^`]*span`"), "3 to 41"),
    (re.compile(r"\{(?:glue:text|numref|cite:[pt])\}`[^`]*`"), "7"),
    (re.compile(r"\{[\w:]+\}`([^<`]*?)\s*(?:<[^>`]*>)?`"), r"\1"),
    (re.compile(r"\[([^\]]*)\](?:\([^)\s]*\)|\{[^}\n]*\})"), r"\1"),
    (re.compile(r"(?<!\\)\$(?!\s)[^$\n]+\$|(`+)[^`].*?\1"), "x"),
    (re.compile(r"\b(et al|vs|e\.g|i\.e|Fig|no)\."), r"\1"),
    (re.compile(r"(?<=\d)\s(?=\w\b)"), ""),
)
HEADING = re.compile(r"^(?:#+ |\|)[^\n]*$", re.M)  # and rows of tables
ANSWER = re.compile(r"^(:{3,})\{div\} answer\n(.*?)^\1$", re.M | re.S)
LINK = re.compile(r"(?<!!)\[([^\]]+)\]\([^)\s]+\)|\{(?:doc|ref)\}`([^`]+)`")


def plain(text: str) -> str:
    """Return a text of a page as its reader sees it, roughly: no marks, no formulas, one word a glued value."""
    for pattern, instead in PLAIN:
        text = pattern.sub(instead, text)
    return text


def sentences(text: str) -> list[str]:
    """Return the sentences of a text without its headings and tables; an item of a list ends one."""
    blocks = re.split(r"\n\s*\n|\n(?=[-*] |\d+\. )", plain(HEADING.sub("\n", text)))
    found = [each for block in blocks for each in re.split(r"(?<=[.!?])[\"*)]*\s+", " ".join(block.split()))]
    return [each for each in found if len(re.findall(r"\w+", each)) > 1]


def answer(path: Path) -> str:
    """Return the source of a page's answer box, which may be empty."""
    found = ANSWER.search(path.read_text(encoding="utf-8"))
    return found[2] if found else ""


def seen(path: Path) -> str:
    """Return what a page says before anything is unfolded: its Markdown and the captions of what stands open."""
    told = []
    for cell in jupytext.read(path, fmt="md:myst").cells:
        if cell.cell_type == "markdown":
            told.append(cell.source)
        elif cell.cell_type == "code":
            told.append(cell.metadata.get("mystnb", {}).get("figure", {}).get("caption", ""))
            told += captions(cell.source)
    return FOLDED.sub("\n\n", "\n\n".join(told))  # what folds may reach over several cells


def captions(source: str) -> Iterator[str]:
    """Yield the captions of the tables that a cell shows, but of those that fold."""
    for call in (node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call)):
        given = {keyword.arg: keyword.value for keyword in call.keywords}
        if "caption" in given and "fold" not in given:
            yield "".join(node.value for node in ast.walk(given["caption"]) if isinstance(node, ast.Constant))


def links(path: Path, titles: Mapping[str, str]) -> list[str]:
    """Return the words of all links of a page; a page named without words shows its title."""
    found = []
    for words, target in LINK.findall(re.sub(SILENT_FENCE, "", path.read_text(encoding="utf-8"))):
        named = re.fullmatch(r"(.*?)\s*<[^>]*>", target, re.S)
        found.append(words or (named[1] if named else titles.get(target.split("/")[-1], target)))
    return [plain(each) for each in found]
