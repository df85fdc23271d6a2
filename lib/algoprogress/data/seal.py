"""Build the tables of ``data/`` from their source, or seal the tables that are kept by hand.

``python -m algoprogress.data.seal SOURCE_FOLDER`` fetches, tidies, validates and writes the built tables.
``python -m algoprogress.data.seal --seal`` validates the tables kept by hand and refreshes their manifests.
Nothing is written unless everything validates.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from algoprogress.data.build_rows import KEPT
from algoprogress.data.check import DataError, Failure, column_failures, number, read_text, refuse, validate
from algoprogress.data.describe import BUILT, HAND_KEPT, TABLES
from algoprogress.data.sample import correction_failures
from algoprogress.data.tables import label, manifest, sha256
from algoprogress.engine.places import data_dir

SOURCES = {  # our table: the file of the source folder that it is made from
    "evaluations": "ho2024/evaluations.csv",
    "published_fits": "ho2024/published_fits.csv",
    "olmo_ladder": "olmo-ladder/final_losses.csv",
    "gadre_runs": "gadre/runs.csv",
    "language_models": "epoch_models/language_models.csv",
    "chinchilla_runs": "chinchilla/points.csv",
    "porian_runs": "porian/isoflop_points.csv",
    "efficiency": "openai-ai-and-efficiency/efficiency_sota.csv",
    "family_runs": "gundlach2025/scaling_runs.csv",
    "ablation_runs": "gundlach2025/ablation_runs.csv",
    "learning_rates": "gundlach2025/lr_sweeps.csv",
    "ablations": "gundlach2025/ablation_published.csv",
    "speedrun_records": "modded-nanogpt/records.csv",
    "speedrun_curves": "modded-nanogpt/val_curves.csv",
    "xlstm_runs": "xlstm-scaling/isoflop_runs.csv",
    "steplaw_cells": "steplaw/hyperparameter_optimal_cells.csv",
    "recipe_runs": "porian/isoflop_points.csv",
    "training_set_runs": "gadre/runs.csv",
    "repetition_runs": "datablations/runs.csv",
    "crossings": "data-vs-algorithms/crossings.csv",
    "literature_gains": "ceg/literature_ceg.csv",
    "growth_rates": "growth-rates/growth_rates.csv",
    "recipe_minima": "porian/isoflop_optima.csv",
    "architecture_perplexities": "mamba-xlstm-tables/xlstm_table1_15B_slimpajama.csv",
}
FURTHER = {"family_runs": "gundlach2025/scaling_runs_2026_reruns.csv"}  # more rows of the same columns
LOSS_TOLERANCE = 1e-12
# Our column: the source's column.
EVALUATION_COLUMNS = {
    **{name: name for name in TABLES["evaluations"].names if name != "source"},
    "perplexity": "perplexity_as_used",
    "architecture": "architecture_as_used",
    "training_compute_flop": "training_compute_flop_epoch_ai",
}
FIT_COLUMNS = {
    **{name: name for name in TABLES["published_fits"].names},
    "loss_nats": "log_perplexity",
    "fitted_year_break_2017": "fitted_year_split_2017",
}
LADDER_COLUMNS = {"run": "run", "parameters": "parameters", "tokens": "tokens", "loss_wt103": "loss_wikitext103_val"}
GADRE_COLUMNS = {
    "run": "run",
    "training_set": "train_set",
    "parameters": "parameters",
    "tokens": "tokens",
    "loss_ptb": "loss_paloma_ptb",
}
COLUMNS = {
    "evaluations": EVALUATION_COLUMNS,
    "published_fits": FIT_COLUMNS,
    "olmo_ladder": LADDER_COLUMNS,
    "gadre_runs": GADRE_COLUMNS,
    "language_models": {name: name for name in TABLES["language_models"].names},
    "chinchilla_runs": {
        "run": "point",
        "parameters": "parameters",
        "tokens": "tokens_implied",
        "loss_nats": "loss",
        "outlier": "excluded_as_outlier_by_besiroglu2024",
    },
    "porian_runs": {
        "dataset": "dataset",
        "training_compute_flop": "flops",
        "parameters": "n",
        "tokens": "tokens",
        "loss_nats": "loss",
    },
    "efficiency": {
        "target": "target_system",
        "system": "system",
        "publication_date": "date",
        "training_compute_flop": "train_compute_flop",
    },
    "family_runs": {
        "run": "run_id",
        "collection": "collection",
        "family": "family",
        "hidden_dim": "hidden_dim",
        "parameters": "n_params_total",
        "tokens": "tokens",
        "training_compute_flop": "compute_flop",
        "loss_nats": "val_loss",
    },
    "ablation_runs": {
        "collection": "collection",
        "variant": "innovation",
        "seed": "seed",
        "learning_rate": "lr",
        "tokens": "tokens",
        "training_compute_flop": "compute_flop",
        "loss_nats": "val_loss",
    },
    "learning_rates": {
        "study": "sweep",
        "variant": "variant",
        "learning_rate": "lr",
        "tokens": "final_tokens",
        "training_compute_flop": "final_compute_flop",
        "loss_nats": "final_val_loss",
    },
    "ablations": {
        "id": "id",
        "better": "better",
        "worse": "worse",
        "plotted_gain": "ceg_plotted",
        "gain": "ceg_full_precision",
        "better_flop": "flop_to_target_better",
        "worse_flop": "flop_to_target_worse",
        "target_loss_nats": "target_loss",
        "scale_dependent": "scale_dependent",
    },
    "speedrun_records": {
        "record": "record",
        "publication_date": "date",
        "minutes": "record_minutes",
        "steps": "steps",
        "batch_tokens": "batch_tokens",
        "tokens": "train_tokens",
        "final_loss_nats": "final_val_loss_in_log",
    },
    "speedrun_curves": {"record": "record", "step": "step", "loss_nats": "val_loss", "seconds": "train_time_s"},
    "xlstm_runs": {
        "architecture": "arch",
        "context": "ctx",
        "budget": "isoflop_group",
        "parameters": "parameters",
        "tokens": "tokens",
        "training_compute_flop": "flops_6ND",
        "loss_nats": "val_loss_dclm",
    },
    "steplaw_cells": {
        "architecture": "arch",
        "parameters": "parameters_total",
        "active_parameters": "parameters_active",
        "tokens": "tokens",
        "training_compute_flop": "flops_6_active_tokens",
        "loss_nats": "smoothed_loss_at_best",
        "final_loss_nats": "final_loss_at_best",
        "runs": "n_runs_in_cell",
    },
    "recipe_runs": {
        "dataset": "dataset",
        "recipe": "stage",
        "training_compute_flop": "flops",
        "parameters": "n",
        "tokens": "tokens",
        "loss_nats": "loss",
    },
    "training_set_runs": {
        "run": "run",
        "training_set": "train_set",
        "parameters": "parameters",
        "tokens": "tokens",
        "loss_openlm": "loss_openlm",
        "loss_ptb": "loss_paloma_ptb",
        "loss_c4": "loss_c4",
        "loss_rw": "loss_rw",
        "loss_rpj": "loss_rpj",
    },
    "repetition_runs": {
        "run": "run",
        "parameters": "parameters",
        "tokens": "tokens_seen",
        "unique_tokens": "unique_tokens",
        "loss_nats": "loss",
    },
    "crossings": {
        "study": "experiment",
        "size": "size",
        "target_bpb": "threshold_bpb",
        "algorithm": "algorithm",
        "training_set": "data",
        "gpu_hours": "gpu_hours_to_threshold",
        "censored": "censored",
    },
    "literature_gains": {
        **{name: name for name in TABLES["literature_gains"].names},
        "gain": "ceg",
        "low": "ceg_low",
        "high": "ceg_high",
        "scale": "at",
    },
    "growth_rates": {name: name for name in TABLES["growth_rates"].names},
    "recipe_minima": {
        "dataset": "dataset",
        "recipe": "recipe",
        "training_compute_flop": "flops",
        "parameters": "n_opt",
        "loss_nats": "loss_opt",
        "loss_sd_nats": "loss_opt_sd",
    },
    "architecture_perplexities": {"model": "model", "perplexity": "validation_perplexity"},
}
MADE = {"collection", "sweep", "variant", "group", "retuned", "currency", "recipe"}  # that `build_rows` adds
EPOCHS_STATUSES = {
    "recovered": "recovered",
    "more than 75 (too many to recover)": "above_75",
    "from Epoch AI database (too many to recover)": "epoch_ai",
    "missing (authors impute 1)": "missing",
}


def build(folder: Path, names: Sequence[str] = BUILT) -> list[Path]:
    """Fetch, tidy, validate and write the tables called ``names``; return the files written.

    Raises
    ------
    DataError
        If any table does not validate; then no file has changed.
    """
    texts = {name: tidy(fetch(folder, name), name) for name in names}
    return seal_texts(texts, {name: SOURCES[name] for name in names})


def seal(names: Sequence[str] = HAND_KEPT) -> list[Path]:
    """Validate the tables called ``names`` as they lie in ``data/`` and refresh their manifests; return the files.

    Raises
    ------
    DataError
        If any table does not validate; then no file has changed.
    """
    files = {name: label(data_dir() / f"{name}.csv") for name in names}
    texts = {name: read_text(data_dir() / f"{name}.csv", files[name]) for name in names}
    return seal_texts(texts, files, tables=False)


def fetch(folder: Path, name: str) -> pd.DataFrame:
    """Return a table of the source as text, after a check that it has the columns we use."""
    files = [SOURCES[name], *([FURTHER[name]] if name in FURTHER else [])]
    needed = [column for column in COLUMNS[name].values() if column not in MADE]
    texts = []
    for file in files:
        text = read_text(folder / file, file)
        refuse(column_failures(text, needed, file, unknown=False))
        texts.append(text)
    return pd.concat(texts, ignore_index=True)


def tidy(source: pd.DataFrame, name: str) -> pd.DataFrame:
    """Return a table of the source in our columns, words and number formats, and print how many rows are kept."""
    kept = KEPT[name](source) if name in KEPT else source
    if len(kept) < len(source):
        print(f"{name}: {len(kept):,} of {len(source):,} rows kept; {KEPT[name].__doc__.splitlines()[0]}")
    text = _in_our_columns(kept, COLUMNS[name], name).reset_index(drop=True)
    return _evaluations(text) if name == "evaluations" else text


def _evaluations(text: pd.DataFrame) -> pd.DataFrame:
    """Return the evaluations in our words, each row with what it owes to which source."""
    text["epochs_status"] = text["epochs_status"].replace(EPOCHS_STATUSES)
    text["paper"] = text["paper"].map(_said_once)
    text["source"] = [_credit(row) for row in text.to_dict("records")]
    return text


def seal_texts(texts: dict[str, pd.DataFrame], files: dict[str, str], tables: bool = True) -> list[Path]:
    """Validate tables of text, then write their manifests and, unless ``tables`` is False, the tables."""
    frames = {name: validate(text, name, files[name]) for name, text in texts.items()}
    refuse(_cross_failures(frames, files))
    contents = {}
    for name, text in texts.items():
        path = data_dir() / f"{name}.csv"
        content = _csv(text[TABLES[name].names]) if tables else path.read_bytes()
        if tables:
            contents[path] = content
        contents[path.with_suffix(".manifest.json")] = _manifest(name, len(text), content)
    write(contents)
    return list(contents)


def write(contents: dict[Path, bytes]) -> None:
    """Write files so that none is ever half written and none changes unless all can be written."""
    with tempfile.TemporaryDirectory(dir=data_dir(), prefix=".build-") as folder:
        drafts = {path: Path(folder) / path.name for path in contents}
        for path, draft in drafts.items():
            draft.write_bytes(contents[path])
        for path, draft in drafts.items():
            draft.replace(path)


def _in_our_columns(source: pd.DataFrame, columns: dict[str, str], name: str) -> pd.DataFrame:
    """Return the source's columns under our names, each cell in the format of its kind."""
    fields = [field for field in TABLES[name].fields if field.name in columns]
    return pd.DataFrame({field.name: source[columns[field.name]].map(_format(field.kind)) for field in fields})


def _format(kind: str) -> Callable[[str], str]:
    """Return the function that formats a cell of this kind; numbers survive the round trip exactly."""
    return {"text": str.strip, "integer": _plain, "count": _plain, "number": _shortest, "date": str.strip}[kind]


def _plain(cell: str) -> str:
    """Return a whole number without exponent, and any other cell as it is, for validation to judge."""
    value = number(cell)
    return cell if value is None or not value.is_integer() else str(int(value))


def _shortest(cell: str) -> str:
    """Return the shortest text that reads back as the same number, and any other cell as it is."""
    value = number(cell)
    return cell if value is None else min(repr(value), np.format_float_scientific(value, trim="-"), key=len)


def _said_once(title: str) -> str:
    """Return a title once where the source repeats it.

    >>> _said_once("Attention, Attention")
    'Attention'
    """
    half = title[: (len(title) - 2) // 2]
    return half if title == f"{half}, {half}" else title


def _credit(row: dict[str, str]) -> str:
    """Return which facts of a row come from which source."""
    notebooks = ["system", "perplexity", "architecture", "parameters", "dataset_tokens"]
    notebooks += ["epochs"] if row["epochs_status"] == "recovered" else []
    notebooks += ["vocabulary"] if row["vocabulary"] else []
    epoch_ai = ["paper"] + (["epochs"] if row["epochs_status"] == "epoch_ai" else [])
    epoch_ai += [name for name in ("training_compute_flop", "epochs_epoch_ai") if row[name]]
    return f"authors' notebooks (MIT): {', '.join(notebooks)}; Epoch AI (CC BY 4.0): {', '.join(epoch_ai)}"


def _cross_failures(frames: dict[str, pd.DataFrame], files: dict[str, str]) -> list[Failure]:
    """Return where tables that belong together contradict each other; tables not given are read from ``data/``."""
    frames, files = dict(frames), dict(files)
    for name in ("evaluations", "published_fits", "corrections"):
        path = data_dir() / f"{name}.csv"
        if name not in frames and path.exists():
            files[name] = label(path)
            frames[name] = validate(read_text(path, files[name]), name, files[name])
    failures = []
    if {"evaluations", "corrections"} <= frames.keys():
        failures += correction_failures(frames["corrections"], frames["evaluations"], files["corrections"])
    if {"evaluations", "published_fits"} <= frames.keys():
        failures += _loss_failures(frames["published_fits"], frames["evaluations"], files["published_fits"])
    return failures


def _loss_failures(fits: pd.DataFrame, frame: pd.DataFrame, file: str) -> list[Failure]:
    """Return where the published losses are not the logarithms of the perplexities, row for row."""
    loss = np.log(frame.set_index("row")["perplexity"]).reindex(fits["row"]).to_numpy()
    wrong = fits.loc[~(np.abs(fits["loss_nats"] - loss) <= LOSS_TOLERANCE), "loss_nats"]
    rule = "must be the log of the perplexity of the same row of evaluations.csv"
    return [Failure(file, int(index) + 1, "loss_nats", rule, repr(found)) for index, found in wrong.items()]


def _csv(text: pd.DataFrame) -> bytes:
    """Return the table as CSV."""
    return text.to_csv(index=False, lineterminator="\n").encode()


def _manifest(name: str, rows: int, content: bytes) -> bytes:
    """Return the manifest of a table: its prose as it stands, its columns, rows and digest fresh."""
    columns = [field.describe() for field in TABLES[name].fields]
    entry = manifest(name) | {"columns": columns, "rows": rows, "sha256": sha256(content)}
    return (json.dumps(entry, indent=2, ensure_ascii=False) + "\n").encode()


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line; a table that does not validate ends it with the list of failures."""
    parser = argparse.ArgumentParser(prog="python -m algoprogress.data.seal", description=__doc__)
    parser.add_argument("source", nargs="?", type=Path, metavar="SOURCE_FOLDER", help="folder that holds the sources")
    parser.add_argument("--only", choices=TABLES, metavar="NAME", help=f"one of {', '.join(TABLES)}")
    parser.add_argument("--seal", action="store_true", help="refresh the manifests of tables kept by hand")
    options = parser.parse_args(arguments)
    if options.seal == (options.source is not None):
        parser.error("give either SOURCE_FOLDER or --seal")
    if options.source and options.only in HAND_KEPT:
        parser.error(f"{options.only} is kept by hand; use --seal")
    only = [options.only] if options.only else None
    try:
        written = seal(only or HAND_KEPT) if options.seal else build(options.source, only or BUILT)
    except DataError as error:
        sys.exit(str(error))
    print(*(f"wrote {label(path)}" for path in written), sep="\n")


if __name__ == "__main__":
    main()
