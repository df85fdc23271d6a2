"""Where measurement ends: for each pair of algorithms the compute at which both have runs, and known systems."""

import pandas as pd

from algoprogress.data import tables
from algoprogress.frontiers.gain import NEAR
from book import look
from book.studies.explorer import comparisons
from book.studies.explorer.answer import times
from book.studies.explorer.comparisons import NAMES
from book.studies.explorer.widget import PUBLISHED, REFIT, RERUNS, ranges

EDGES = (1e14, 1e26)  # FLOP
ROWS = (
    ("lstm", "modern", RERUNS), ("lstm", "modern", PUBLISHED), ("retro", "modern", RERUNS),
    ("retro", "modern", PUBLISHED), ("xlstm_transformer", "xlstm_xlstm", PUBLISHED), ("kaplan", "optimal", REFIT),
)  # fmt: skip
SYSTEMS = ("Transformer", "GPT-2 (1.5B)", "GPT-3 175B (davinci)", "GPT-4")
START = {"pair": "0", "at": "1e21"}


def measured() -> list[dict[str, object]]:
    """Return each pair with the compute of its new algorithm, in FLOP, where it has runs and where both have."""
    found = []
    for reference, new, laws in ROWS:
        told = ranges(*comparisons.frontiers(comparisons.comparison(reference, new, laws)))
        own, both = (sorted(end["flop"] for end in span) for span in (told["spans"][1], told["shared"]))
        words = f"{NAMES[new]} against {NAMES[reference]}"
        found.append({"reference": reference, "new": new, "laws": laws, "words": words, "own": own, "both": both})
    return found


def element(**words: str) -> look.Look:
    """Return the strip with a dial for compute and the way into the explorer; `words` as of `look.element`."""
    models = tables.read("language_models").set_index("model")["training_compute_flop"]
    systems, pairs = [{"name": name.split(" (")[0], "flop": float(models[name])} for name in SYSTEMS], measured()
    rows = [
        (each["words"], each["laws"], *(" to ".join(map(times, each[name])) or "nowhere" for name in ("own", "both")))
        for each in pairs
    ]
    rows += [(each["name"], "trained with", times(each["flop"]), "") for each in systems]
    read = pd.DataFrame(rows, columns=["pair", "laws", "the new one has runs at, FLOP", "both have runs at, FLOP"])
    values = {"edges": EDGES, "pairs": pairs, "systems": systems, "start": START, "near": NEAR}
    said = "Public runs that can be compared end powers of ten below the systems that people ask about."
    return look.element("strip", values, read, said=said, **words)
