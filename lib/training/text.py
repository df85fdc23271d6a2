"""Text to train on: books split whole into training, validation and test, or one's own file, as pieces of a BPE."""

import hashlib
import lzma
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

from algoprogress.data import tables
from algoprogress.engine import data_dir, root
from training import TrainingError

VOCABULARY = 1_024  # pieces: few, so that the output layer does not dominate small models
SPLITS = ("train", "validation", "test")
HELD_OUT = 0.05  # share of a file of one's own at its end that is validation, and as much test
BOOKS = "books.txt.xz"
PIECE = 1_000_000  # bytes that are encoded at once


@dataclass(frozen=True)
class Text:
    """A text in pieces: its name and digest, and tokens and bytes of each split."""

    name: str
    sha256: str
    tokens: dict[str, np.ndarray]
    bytes: dict[str, int]

    def bits_per_byte(self, loss_nats: float) -> float:
        """Return a loss in nats per token of the validation split in bits per byte."""
        return loss_nats / np.log(2.0) * len(self.tokens["validation"]) / self.bytes["validation"]

    def windows(self, split: str, length: int) -> np.ndarray:
        """Return all windows of a split that start `length` apart (windows x length + 1)."""
        tokens = self.tokens[split]
        count = max(len(tokens) - 1, 0) // length
        return np.lib.stride_tricks.sliding_window_view(tokens, length + 1)[::length][:count] if count else tokens[:0]


def books() -> dict[str, bytes]:
    """Return the packed books by split; raises TrainingError if they are not those of the table."""
    table = tables.read("books")
    whole = lzma.decompress((data_dir() / BOOKS).read_bytes())
    found: dict[str, list[bytes]] = {split: [] for split in SPLITS}
    for row in table.to_dict("records"):
        part = whole[row["first_byte"] : row["first_byte"] + row["bytes"]]
        if hashlib.sha256(part).hexdigest() != row["sha256"]:
            raise TrainingError(f"data/{BOOKS}: {row['title']!r} is not the text that data/books.csv describes")
        found[row["split"]].append(part)
    return {split: b"\n".join(parts) for split, parts in found.items()}


def of_file(path: Path) -> dict[str, bytes]:
    """Return a text file of one's own by split: its end is validation and test; raises TrainingError or OSError."""
    whole = path.read_bytes()
    try:
        whole.decode()
    except UnicodeDecodeError as error:
        raise TrainingError(f"{path}: must be text in UTF-8; byte {error.start} is not") from None
    lines = whole.splitlines(keepends=True)
    shares = np.array([1.0 - 2.0 * HELD_OUT, 1.0 - HELD_OUT])
    ends = np.searchsorted(np.cumsum([len(line) for line in lines]), len(whole) * shares)
    parts = lines[: ends[0]], lines[ends[0] : ends[1]], lines[ends[1] :]
    if not all(parts):
        raise TrainingError(f"{path}: {len(lines)} lines are too few to be split into {', '.join(SPLITS)}")
    return {split: b"".join(part) for split, part in zip(SPLITS, parts, strict=True)}


def read(path: Path | None = None) -> Text:
    """Return the books, or a file, in pieces; the pieces are learnt on the training split, once, and kept on disk."""
    parts = books() if path is None else of_file(path)
    digest = hashlib.sha256(b"\0".join(parts[split] for split in SPLITS)).hexdigest()
    folder = root() / "_build" / "training" / f"{digest[:12]}-{VOCABULARY}"
    name, sizes = "books" if path is None else path.name, {split: len(part) for split, part in parts.items()}
    if not (folder / "done").exists():
        folder.mkdir(parents=True, exist_ok=True)
        pieces = learnt(parts["train"])
        for split, part in parts.items():
            np.save(folder / f"{split}.npy", encoded(pieces, part))
        pieces.save(str(folder / "pieces.json"))
        (folder / "done").touch()
    return Text(name, digest, {split: np.load(folder / f"{split}.npy", mmap_mode="r") for split in SPLITS}, sizes)


def learnt(text: bytes) -> Tokenizer:
    """Return a byte-level BPE of `VOCABULARY` pieces of a text; the same text gives the same pieces."""
    found = Tokenizer(models.BPE())
    found.pre_tokenizer, found.decoder = pre_tokenizers.ByteLevel(add_prefix_space=False), decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(vocab_size=VOCABULARY, initial_alphabet=alphabet, show_progress=False)
    parts = (text[at : at + PIECE].decode(errors="ignore") for at in range(0, len(text), PIECE))
    found.train_from_iterator(parts, trainer)
    return found


def encoded(pieces: Tokenizer, text: bytes) -> np.ndarray:
    """Return a text in pieces; it is cut at ends of lines, so that no word is."""
    lines = pd.Series(text.decode().splitlines(keepends=True))
    groups = lines.str.len().cumsum() // PIECE
    return np.concatenate([pieces.encode("".join(part)).ids for _, part in lines.groupby(groups)]).astype(np.uint16)
