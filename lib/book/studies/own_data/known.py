"""The gains of the book's own pairs, which stand beside anyone's in the report of a comparison.

`python -m book.studies.own_data.known` writes them to `data/known_gains.csv`, which the library carries.
"""

import pandas as pd

from book import computed
from book.studies.compute_optimal import study
from book.studies.compute_optimal.pairs import MAIN
from book.studies.recent.pairs import PAIRS

KINDS = {"sparsity": "experts", "data": "training text"}


def measured() -> pd.DataFrame:
    """Return a line a pair: id (of its claim), kind, pair (in words), gain, low and high; the least first."""
    rows = []
    for pair in (*MAIN, *PAIRS):
        gain = study.mean_gain(pair)
        low, high = (gain.low, gain.high) if gain.bounded else ("", "")
        kind = KINDS.get(pair.kind, pair.kind)
        rows.append((f"frontier.{pair.name}.range", kind, pair.title, gain.value, low, high, gain.undetermined))
    frame = pd.DataFrame(rows, columns=["id", "kind", "pair", "gain", "low", "high", "undetermined"])
    return frame.sort_values(["kind", "gain"], ignore_index=True)


if __name__ == "__main__":
    computed.seal_computed({"known_gains": measured()}, digits=6)
