"""What the search page needs to find a claim by its id, its words or its number: all claims as a small script.

The theme's own search splits ids at their dots and passes over numbers. A script can be read from disk, unlike JSON.
"""

from __future__ import annotations

import json
import re
from pathlib import Path

from book.ledger import glue
from book.ledger import ledger as claims

SCRIPT = "claims-index.js"


def index() -> list[list[str]]:
    """Return each claim as id, statement, published value, our value and verdict, as the ledger prints them."""
    ledger = claims.ledger()
    shown = glue.ledger_view(ledger)
    columns = (ledger["id"], ledger["statement"].map(_plain), shown["published"], shown["ours"], ledger["verdict"])
    return [list(row) for row in zip(*columns, strict=True)]


def _plain(text: str) -> str:
    """Return words without the marks of code."""
    return re.sub(r"[`*]", "", text)


def export(folder: Path | str) -> None:
    """Write the script into a folder."""
    lines = ",\n".join(json.dumps(row, ensure_ascii=False) for row in index())
    Path(folder, SCRIPT).write_text(f"window.ledgerClaims = [\n{lines}\n];\n", encoding="utf-8")
