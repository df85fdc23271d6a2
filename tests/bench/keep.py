"""Keeps a run of the benchmark: `python -m bench.keep` writes `data/costs.csv` from `_build/bench.json`."""

from __future__ import annotations

import json

import pandas as pd

from bench import report
from book import computed


def table() -> pd.DataFrame:
    """Return the report as text, one line each, with the machine, the version of Python and the date in every line."""
    found = json.loads(report.place().read_text(encoding="utf-8"))
    frame = pd.DataFrame(found.pop("lines"), dtype=object).assign(**found)
    return frame.map(lambda cell: "" if cell is None else cell if isinstance(cell, str) else f"{cell:.6g}")


if __name__ == "__main__":
    for path in computed.seal_texts({"costs": table()}):
        print(f"wrote {computed.label(path)}")
