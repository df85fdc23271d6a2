"""The ledger as files of the site: `claims.json` and `claims.csv`, and a small script for the search page.

The theme's own search splits ids at their dots and passes over numbers. A script can be read from disk, unlike JSON.
"""

import json
import math
import re
from numbers import Real
from pathlib import Path

from book.ledger.ledger import ledger
from book.studies.verdicts import ledger_view

FIELDS = [
    *("id", "statement", "kind", "unit", "published", "published_low", "published_high", "estimate", "low", "high"),
    *("interval", "verdict", "tolerance", "chapter", "source", "code"),
]
DIGITS = 12  # of the exported numbers, past which rounding differs between machines
SCRIPT = "claims-index.js"


def plain(value: object) -> object:
    """Return a value for JSON: numbers rounded, missing as null, infinity as text, as JSON has no number for it.

    >>> [plain(value) for value in (0.1 + 0.2, float("nan"), float("-inf"), 3, "x", None)]
    [0.3, None, '-infinity', 3, 'x', None]
    """
    if not isinstance(value, Real) or isinstance(value, int):
        return value
    number = float(value)
    if math.isnan(number):
        return None
    return float(f"{number:.{DIGITS}g}") if math.isfinite(number) else f"{'-' if number < 0 else ''}infinity"


def claims(folder: Path) -> None:
    """Write claims.json and claims.csv, the ledger with the fields of `FIELDS`, into a folder."""
    frame = ledger()[FIELDS]
    records = [{key: plain(value) for key, value in row.items()} for row in frame.to_dict("records")]
    text = json.dumps(records, indent=1, ensure_ascii=False, allow_nan=False)
    (folder / "claims.json").write_text(text + "\n", encoding="utf-8")
    frame.to_csv(folder / "claims.csv", index=False, float_format=f"%.{DIGITS}g", lineterminator="\n")


def search_index(folder: Path) -> None:
    """Write each claim as id, statement, published value, our value and verdict, as the ledger prints them."""
    frame = ledger()
    shown = ledger_view(frame, anchors=True)
    statements = [re.sub(r"[`*]", "", text) for text in frame["statement"]]
    rows = zip(frame["id"], statements, shown["published"], shown["ours"], frame["verdict"], strict=True)
    lines = ",\n".join(json.dumps(row, ensure_ascii=False) for row in rows)
    (folder / SCRIPT).write_text(f"window.ledgerClaims = [\n{lines}\n];\n", encoding="utf-8")
