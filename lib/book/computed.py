"""Write tables of ``data/`` with their manifests: those that a study computes, and those that are kept by hand.

``python -m book.computed [TABLE ...]`` validates tables as they lie in ``data/`` and renews their manifests;
without a name, all that are kept by hand. Nothing is written unless everything validates.
"""

import argparse
import json
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from algoprogress.data.check import read_text, validate
from algoprogress.data.describe import DataError, Failure, label, manifest, names, refuse, table
from algoprogress.data.sample import correction_failures
from algoprogress.data.tables import sha256
from algoprogress.engine import data_dir

LOSS_TOLERANCE = 1e-12  # nats per token


def seal_texts(texts: dict[str, pd.DataFrame], files: dict[str, str] | None = None) -> list[Path]:
    """Validate tables, write them and their manifests, and return the files written.

    `texts` has every cell as text, by the name of the table, and `files` what messages call each, its file in ``data/``
    unless told. Raises DataError if any table does not validate; then no file has changed.
    """
    _refuse_broken(texts, files or {name: f"{name}.csv" for name in texts})
    contents = {}
    for name, text in texts.items():
        content = text[table(name).names].to_csv(index=False, lineterminator="\n").encode()
        contents |= {data_dir() / f"{name}.csv": content} | _manifest(name, len(text), content)
    return write(contents)


def seal_computed(frames: Mapping[str, pd.DataFrame], *, digits: int = 10) -> None:
    """Write tables that a study computed, numbers with so many significant digits, and print the files written."""
    texts = {
        name: frame.map(lambda cell: cell if isinstance(cell, str) else f"{cell:.{digits}g}")
        for name, frame in frames.items()
    }
    print(*(f"wrote {label(path)}" for path in seal_texts(texts)), sep="\n")


def seal(chosen: Sequence[str]) -> list[Path]:
    """Validate tables as they lie in ``data/``, renew their manifests, and return these.

    Raises DataError if any table does not validate; then no file has changed.
    """
    paths = {name: data_dir() / f"{name}.csv" for name in chosen}
    files = {name: label(path) for name, path in paths.items()}
    texts = {name: read_text(path, files[name]) for name, path in paths.items()}
    _refuse_broken(texts, files)
    contents = {}
    for name, path in paths.items():
        contents |= _manifest(name, len(texts[name]), path.read_bytes())
    return write(contents)


def write(contents: dict[Path, bytes]) -> list[Path]:
    """Write files, none ever half written and none unless all can be written, and return their paths."""
    with tempfile.TemporaryDirectory(dir=data_dir(), prefix=".build-") as folder:
        drafts = {path: Path(folder) / path.name for path in contents}
        for path, draft in drafts.items():
            draft.write_bytes(contents[path])
        for path, draft in drafts.items():
            draft.replace(path)
    return list(contents)


def _manifest(name: str, rows: int, content: bytes) -> dict[Path, bytes]:
    """Return the manifest of a table, by its path: what it says stays as it stands, rows and digest are fresh."""
    entry = manifest(name) | {"rows": rows, "sha256": sha256(content)}
    return {data_dir() / f"{name}.manifest.json": (json.dumps(entry, indent=2, ensure_ascii=False) + "\n").encode()}


def _refuse_broken(texts: dict[str, pd.DataFrame], files: dict[str, str]) -> None:
    """Raise DataError if a table breaks its own rules, or contradicts a table that it belongs together with."""
    frames = {name: validate(text, name, files[name]) for name, text in texts.items()}
    together = {"evaluations", "published_fits", "corrections"}
    if not together & frames.keys():
        return
    for name in together - frames.keys():
        if (path := data_dir() / f"{name}.csv").exists():
            files = files | {name: label(path)}
            frames[name] = validate(read_text(path, files[name]), name, files[name])
    failures = []
    if {"evaluations", "corrections"} <= frames.keys():
        failures += correction_failures(frames["corrections"], frames["evaluations"], files["corrections"])
    if {"evaluations", "published_fits"} <= frames.keys():
        failures += _loss_failures(frames["published_fits"], frames["evaluations"], files["published_fits"])
    refuse(failures)


def _loss_failures(fits: pd.DataFrame, frame: pd.DataFrame, file: str) -> list[Failure]:
    """Return where the published losses are not the logarithms of the perplexities, row for row."""
    loss = np.log(frame.set_index("row")["perplexity"]).reindex(fits["row"]).to_numpy()
    wrong = fits.loc[~(np.abs(fits["loss_nats"] - loss) <= LOSS_TOLERANCE), "loss_nats"]
    rule = "must be the log of the perplexity of the same row of evaluations.csv"
    return [Failure(file, int(index) + 1, "loss_nats", rule, repr(found)) for index, found in wrong.items()]


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line; a table that does not validate ends it with the list of failures."""
    parser = argparse.ArgumentParser(prog="python -m book.computed", description=__doc__)
    parser.add_argument("tables", nargs="*", metavar="TABLE", help="such as corrections; all kept by hand unless told")
    chosen = parser.parse_args(arguments).tables
    for name in sorted(set(chosen) - set(names())):
        parser.error(f"no table {name!r} has a manifest; there are {', '.join(names())}")
    by_hand = [name for name in names() if not {"from", "computed"} & manifest(name).keys()]
    try:
        written = seal(chosen or by_hand)
    except DataError as error:
        sys.exit(str(error))
    print(*(f"wrote {label(path)}" for path in written), sep="\n")


if __name__ == "__main__":
    main()
