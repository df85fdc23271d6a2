"""Things to turn on a page: a fragment with what it shows without scripts, and the data of its script.

`_static/look.js` and `_static/look-<kind>.js` draw it; `book.site.sphinx_ext` adds these to the pages that hold one.
"""

import html
import json
from dataclasses import dataclass

import pandas as pd

from book.table import table


@dataclass(frozen=True)
class Look:
    """An HTML fragment that a notebook displays, and a sentence for everything that cannot."""

    page: str
    alt: str

    def __repr__(self) -> str:
        """Return the sentence."""
        return self.alt

    def _repr_mimebundle_(self, include=None, exclude=None) -> dict[str, str]:
        """Return the fragment as HTML, and the sentence as text."""
        return {"text/html": self.page, "text/plain": self.alt}


def payload(values: dict[str, object]) -> str:
    """Return values as JSON in an element for a script to read."""
    text = json.dumps(values, separators=(",", ":"), ensure_ascii=False, allow_nan=False).replace("</", "<\\/")
    return f'<script type="application/json">{text}</script>'


def element(kind: str, values: dict[str, object], rows: pd.DataFrame, *, said: str, alt: str, caption: str) -> Look:
    """Return a thing to turn: `said` stands until its script runs, and `rows` are the same as a table, folded away."""
    listed = table(rows, caption=caption).html.replace("<table>", '<table class="table">')
    scrolls = f'<div class="look-scroll" tabindex="0" role="region" aria-label="{html.escape(caption)}">{listed}</div>'
    page = (
        f'<div class="look" data-look="{kind}" role="group" aria-label="{html.escape(alt)}">'
        f'<p class="look-said" aria-live="polite">{html.escape(said)}</p><details class="look-table">'
        f"<summary>The same as a table</summary>{scrolls}</details>{payload(values)}</div>"
    )
    return Look(page, alt)
