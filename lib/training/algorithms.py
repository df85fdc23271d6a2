"""Algorithms as rows of a table: what each is made of, and how it is optimised."""

from dataclasses import dataclass, fields
from pathlib import Path

from algoprogress.data import tables
from training import TrainingError

FAMILIES = ("lstm", "transformer_2017", "transformer_today")  # that the experiment compares first
HEAD = 8  # width of an attention head
LSTM_LAYERS = 2
ASPECT = 32  # width over layers of a transformer
WIDTHS = (8, 16, 24, 32, 48, 64, 96, 128, 192, 256, 384, 512)


@dataclass(frozen=True)
class Algorithm:
    """What a model is made of and how it is optimised; the words are those of `data/algorithms.csv`."""

    algorithm: str
    base: str  # the algorithm that it differs from in one `innovation`, a column
    innovation: str
    block: str
    norm_place: str
    norm: str
    position: str
    activation: str
    schedule: str
    optimiser: str
    weight_decay: float
    dropout: float
    experts: int  # of each feed-forward layer, of which a token uses one


def algorithms(path: Path | str | None = None) -> dict[str, Algorithm]:
    """Return the algorithms of `data/algorithms.csv`, or of another such table, by name; raises DataError."""
    rows = tables.read("algorithms", path).to_dict("records")
    return {row["algorithm"]: Algorithm(**{each.name: row[each.name] for each in fields(Algorithm)}) for row in rows}


def algorithm(name: str) -> Algorithm:
    """Return one algorithm; raises TrainingError, which lists them, if there is none of this name."""
    known = algorithms()
    if name not in known:
        raise TrainingError(f"algorithm {name!r}: must be one of {', '.join(known)}")
    return known[name]


def layers(kind: Algorithm, width: int) -> int:
    """Return how many layers a model of some width has: depth grows with width in transformers."""
    return LSTM_LAYERS if kind.block == "lstm" else max(2, round(width / ASPECT))


def hidden(kind: Algorithm, width: int) -> int:
    """Return the width inside of a feed-forward layer: four times, or 8/3 times if it has a gate, as Shazeer 2020."""
    return 8 * round(width / 3) if kind.activation == "swiglu" else 4 * width
