"""Terms of the glossary, each explained where a page first says it: on hover, on focus and by a tap."""

import html
import re
from functools import cache
from pathlib import Path

from docutils import nodes
from sphinx.application import Sphinx

GLOSSARY = re.compile(r"^:::\{glossary\}\n(.*?)^:::$", re.M | re.S)
ENTRY = re.compile(r"((?:^\S[^\n]*\n)+)((?:^  [^\n]+\n?)+)", re.M)
EVERYDAY = {"claim", "estimate", "paper", "support"}  # words that also stand for something else
WHERE = (nodes.paragraph, nodes.caption)
NOT_IN = (nodes.reference, nodes.literal, nodes.table, nodes.term, nodes.definition, nodes.title)
SILENT = ("glossary", "reference", "reference_pages", "bibliography", "changes", "figures_index", "status")


class Term(nodes.inline):
    """A term as a page first says it, with its definition as `said`."""


@cache
def definitions(page: Path) -> dict[str, str]:
    """Return what each term of the glossary means, by the term in small letters, in one line."""
    entries = ENTRY.findall(GLOSSARY.search(page.read_text(encoding="utf-8"))[1])
    return {term.lower(): " ".join(said.split()) for terms, said in entries for term in terms.splitlines()}


@cache
def pattern(page: Path) -> re.Pattern[str]:
    """Return what finds a term of the glossary in a text, the longest first; a plural counts as its term."""
    words = sorted(definitions(page).keys() - EVERYDAY, key=len, reverse=True)
    return re.compile(rf"(?<![\w-])({'|'.join(map(re.escape, words))})(?:e?s)?(?![\w-])", re.I)


def explain(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Mark the first use of each term on a page that is read and not looked up in (a handler)."""
    if docname.split("/")[-1] in SILENT:
        return
    page, told = Path(app.srcdir) / "chapters" / "glossary.md", set()
    for text in list(doctree.findall(nodes.Text)):
        node, above = text, []
        while node := node.parent:
            above.append(node)
        if not any(isinstance(each, WHERE) for each in above) or any(isinstance(each, NOT_IN) for each in above):
            continue
        parts, end = [], 0
        for found in pattern(page).finditer(text):
            said = definitions(page)[found[1].lower()]
            if said not in told:
                told.add(said)
                parts += [nodes.Text(text[end : found.start()]), Term("", found[0], said=said)]
                end = found.end()
        if parts:
            text.parent.replace(text, [*parts, nodes.Text(text[end:])])


def visit(translator, node: Term) -> None:
    """Begin a term: its definition is read out, and shown by the style sheet."""
    translator.body.append(f'<dfn class="term" tabindex="0" aria-description="{html.escape(node["said"])}">')


def depart(translator, node: Term) -> None:
    """End a term."""
    translator.body.append("</dfn>")
