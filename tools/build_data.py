"""Build the tables of ``data/`` from the files that they were copied from.

``python tools/build_data.py SOURCE_FOLDER`` reads, tidies, validates and writes every table whose manifest says
``from`` which files it is made: their paths in the folder, the ``rows`` that are kept (by the values of a column), the
source's name for our ``columns`` and its ``words`` for ours, and the columns ``made`` here. What takes more than that
is a function below, called as the table. Nothing is written unless everything validates.

The folder of one source, such as ``speedrun-flop``, rebuilds the tables that are made of it alone. What changed is
printed: rows, every claim that moves with them, and what the page of changes will ask for. Claims before and after
are read from disk where they are kept; run ``make book`` first, or those of the old tables are computed as well.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from algoprogress.data.check import column_failures, number, read_text
from algoprogress.data.describe import DataError, label, manifest, names, refuse, table
from algoprogress.engine import VARIABLE, data_dir, root
from book.computed import seal_texts
from book.ledger import ledger, versions

FIRST_MODEL = "2010-01-01"
SHOWN_ROWS = 20  # of what changed in a table
WINDOW_FROM, FIGURES_FROM = 1e16, 1e15  # FLOP from which other runs, and those of other figures, are kept
SWEEP_PREFIX = r"^(?:64d_)"
STEP = r"^(?:0\d|10)_"  # of the chain of changes from 2017, not the sizes that were run beside it


def built() -> list[str]:
    """Return the names of the tables that are built from a source."""
    return [name for name in names() if "from" in manifest(name)]


def build(folder: Path, chosen: Sequence[str] = ()) -> list[Path]:
    """Read, tidy, validate and write tables, all of them unless told; return the files written.

    Raises
    ------
    DataError
        If any table does not validate; then no file has changed.
    """
    chosen = chosen or built()
    texts = {name: tidy(fetch(folder, name), name) for name in chosen}
    return seal_texts(texts, {name: manifest(name)["from"]["files"][0] for name in chosen})


def fetch(folder: Path, name: str) -> pd.DataFrame:
    """Return a table of the source as text, after a check that it has the columns that we use."""
    origin = manifest(name)["from"]
    columns = _columns(name)
    needed = [*(columns[ours] for ours in columns if ours not in origin.get("made", [])), *origin.get("rows", {})]
    texts = []
    for file in origin["files"]:
        text = read_text(folder / file, file)
        refuse(column_failures(text, dict.fromkeys(needed), file, text.columns))
        texts.append(text)
    return pd.concat(texts, ignore_index=True)


def tidy(source: pd.DataFrame, name: str) -> pd.DataFrame:
    """Return a table of the source in our rows, columns, words and number formats, and print how many rows are kept."""
    origin, columns = manifest(name)["from"], _columns(name)
    kept = KEPT[name](source) if name in KEPT else source
    for column, values in origin.get("rows", {}).items():
        kept = kept[kept[column].isin(values)]
    if len(kept) < len(source):
        print(f"{name}: {len(kept):,} of {len(source):,} rows kept")
    text = pd.DataFrame({ours: kept[theirs] for ours, theirs in columns.items()}).reset_index(drop=True)
    text = text.replace(origin.get("words", {}))
    return pd.DataFrame({field.name: _formatted(text[field.name], FORMATS[field.kind]) for field in table(name).fields})


def _formatted(cells: pd.Series, form: Callable[[str], str]) -> pd.Series:
    """Return the cells in another format, each distinct one formatted once."""
    return cells.map({cell: form(cell) for cell in cells.unique()})


def _columns(name: str) -> dict[str, str]:
    """Return the source's name of each of our columns."""
    return {ours: manifest(name)["from"].get("columns", {}).get(ours, ours) for ours in table(name).names}


def plain(cell: str) -> str:
    """Return a whole number without exponent, and any other cell as it is, for validation to judge.

    >>> plain("1.17e+08"), plain("1.5"), plain("many"), plain("")
    ('117000000', '1.5', 'many', '')
    """
    value = number(cell)
    return cell if value is None or not value.is_integer() else str(int(value))


def shortest(cell: str) -> str:
    """Return the shortest text that reads back as the same number, and any other cell as it is.

    >>> shortest("502000000000000.0"), shortest("0.10"), shortest("many"), shortest("")
    ('5.02e+14', '0.1', 'many', '')
    """
    value = number(cell)
    return cell if value is None else min(repr(value), np.format_float_scientific(value, trim="-"), key=len)


FORMATS = {"text": str.strip, "integer": plain, "count": plain, "number": shortest, "date": str.strip}


def evaluations(source: pd.DataFrame) -> pd.DataFrame:
    """Return the evaluations, each title once and each row with what it owes to which source."""
    return source.assign(
        paper=source["paper"].map(said_once), source=[credit(row) for row in source.to_dict("records")]
    )


def evaluations_sheet(source: pd.DataFrame) -> pd.DataFrame:
    """Return the copy of the authors' sheet with ISO dates, each row with the line of the file that it stands on."""
    line = (pd.to_numeric(source["sheet_row"]) + 1).astype(str)  # below the header
    file = "parkerwhitfill/algo_progress, papers/dataset.csv, line "
    date = source["Publication date"].str.replace("/", "-", regex=False)
    return source.assign(**{"Publication date": date, "source": file + line})


def said_once(title: str) -> str:
    """Return a title once where the source repeats it.

    >>> said_once("Attention, Attention")
    'Attention'
    """
    half = title[: (len(title) - 2) // 2]
    return half if title == f"{half}, {half}" else title


def credit(row: dict[str, str]) -> str:
    """Return which facts of a row of the source come from which source."""
    notebooks = ["system", "perplexity", "architecture", "parameters", "dataset_tokens"]
    notebooks += ["epochs"] if row["epochs_status"] == "recovered" else []
    notebooks += ["vocabulary"] if row["vocabulary"] else []
    epoch_ai = ["paper"] + (["epochs"] if row["epochs_status"].startswith("from Epoch AI") else [])
    epoch_ai += ["training_compute_flop"] if row["training_compute_flop_epoch_ai"] else []
    epoch_ai += ["epochs_epoch_ai"] if row["epochs_epoch_ai"] else []
    return f"authors' notebooks (MIT): {', '.join(notebooks)}; Epoch AI (CC BY 4.0): {', '.join(epoch_ai)}"


def language_models(source: pd.DataFrame) -> pd.DataFrame:
    """Return the models since 2010; a corpus of zero tokens is an unknown one."""
    kept = source[source["publication_date"] >= FIRST_MODEL]
    return kept.replace({"dataset_tokens": {"0": "", "0.0": ""}})


def family_runs(source: pd.DataFrame) -> pd.DataFrame:
    """Return the published runs in full, and of later and earlier ones the checkpoints that a fit may use.

    Runs of the snapshot (era S) that a figure of ablations uses are kept in full; reruns (Rp) that no figure uses are
    left out.
    """
    families = table("family_runs").field("family").allowed
    known = source["family"].replace(manifest("family_runs")["from"]["words"]["family"]).isin(families)
    compute, used = pd.to_numeric(source["compute_flop"]), source["used_in"]
    measured = (
        (compute >= WINDOW_FROM) | used.str.contains("AB") | (used.str.contains("P1") & (compute >= FIGURES_FROM))
    )
    reruns = (source["era"] == "Rp") & (used == "L1") & (compute >= FIGURES_FROM)
    return source[(source["era"] == "P") | ((source["era"] == "S") & known & measured) | reruns]


def ablation_runs(source: pd.DataFrame) -> pd.DataFrame:
    """Return the checkpoints with a loss, each once; a seed that is not stated is zero."""
    kept = source[pd.to_numeric(source["val_loss"], errors="coerce").notna()]
    kept = kept.assign(seed=kept["seed"].replace({"": "0"}))
    return kept.drop_duplicates(["set", "innovation", "seed", "lr", "tokens"])


def learning_rates(source: pd.DataFrame) -> pd.DataFrame:
    """Return the sweeps that change one thing at a time; the loss of a run that diverged is blank."""
    kept = source[source["label"].str.match(STEP) | (source["folder"] == "stanford_mult_lr_sweep")]
    figures = kept[["final_tokens", "final_compute_flop", "final_val_loss"]].apply(pd.to_numeric, errors="coerce")
    known = figures.gt(0) | (figures.notna() & (figures.columns == "final_val_loss"))
    kept = kept.assign(label=kept["label"].str.replace(SWEEP_PREFIX, "", regex=True))
    return kept.assign(**kept[figures.columns].where(known, ""))


def speedrun_records(source: pd.DataFrame) -> pd.DataFrame:
    """Return the records; a batch that changes in the run is blank."""
    plain = pd.to_numeric(source["batch_tokens"], errors="coerce").notna()
    return source.assign(batch_tokens=source["batch_tokens"].where(plain, ""))


def speedrun_curves(source: pd.DataFrame) -> pd.DataFrame:
    """Return the logged losses past the first step, each once."""
    kept = source[pd.to_numeric(source["step"]) > 0]
    kept = kept[pd.to_numeric(kept["train_time_s"], errors="coerce") > 0]
    return kept.drop_duplicates(["track", "record", "step"])


SEARCHED = ("NASNet-A", "AmoebaNet-A", "GreedyNAS-B")
COUNTED_UP = {"1409.1557": "1409.1556", "1409.1558": "1409.1556"}  # a spreadsheet went on counting from VGG's number


def image_models(source: pd.DataFrame) -> pd.DataFrame:
    """Return the classifiers with a paper each, ISO dates, and whether an architecture search is left out."""
    number_of = source["url"].str.extract(r"(\d{4}\.\d{4,5})")[0].replace(COUNTED_UP)
    date = pd.to_datetime(source[["year", "Month", "Day"]].apply(pd.to_numeric)).dt.strftime("%Y-%m-%d")
    searched = source["model_name"].isin(SEARCHED).map({True: "yes", False: "no"})
    made = {"row": np.arange(1, len(source) + 1).astype(str), "paper": number_of.fillna(source["url"])}
    return source.assign(**made, publication_date=date, architecture_search=searched)


def inference_prices(source: pd.DataFrame) -> pd.DataFrame:
    """Return the regressions with the two ends of their intervals; blank where none could be estimated."""
    low, high = (source["90% CI"].str.strip("[]").str.split(", ").str[place].replace("nan", "") for place in (0, 1))
    return source.assign(low=low, high=high)


def speedrun_flop(source: pd.DataFrame) -> pd.DataFrame:
    """Return the records of both races, which are counted from one each, in tokens and parameters."""
    million = {"tokens": "training_tokens_M", "parameters_counted": "flop_params_M_est"}
    made = {ours: source[theirs].where(source[theirs] == "", source[theirs] + "e6") for ours, theirs in million.items()}
    track = (source["record_num"] == "1").cumsum().map({1: "small", 2: "medium"})
    return source.assign(**made, track=track, training_flop=source["training_flops"])


def learning_curves(source: pd.DataFrame) -> pd.DataFrame:
    """Return the points of the curves, counted, as two of a curve may be alike."""
    return source.assign(point=np.arange(1, len(source) + 1).astype(str))


def recipe_minima(source: pd.DataFrame) -> pd.DataFrame:
    """Return the budgets that have a minimum."""
    return source[source["loss_opt"] != ""]


# Our words on each published gain: what it compares, whether the baseline was tuned again, and in which currency.
FLOP, TUNED, UNTUNED, UNSTATED, NEEDLESS = "FLOP", "yes", "no", "not stated", "not applicable"
GAIN_WORDS: dict[str, tuple[str, str, str]] = {
    "gundlach_lstm_to_modern_1e23": ("whole path", TUNED, FLOP),
    "gundlach_lstm_to_modern_2025": ("whole path", TUNED, FLOP),
    "gundlach_transformer_2023": ("whole path", TUNED, FLOP),
    "gundlach_scale_invariant": ("whole path", UNTUNED, FLOP),
    "mamba_fig4_transformerpp": ("whole recipe", UNTUNED, FLOP),
    "sanderson_small_combined": ("whole recipe", UNTUNED, "steps"),
    "sanderson_full_combined": ("whole recipe", UNTUNED, "steps"),
    "dva_algo_124m": ("whole recipe", UNTUNED, "GPU-hours"),
    "dva_algo_355m": ("whole recipe", UNTUNED, "GPU-hours"),
    "dva_algo_1.5b": ("whole recipe", UNTUNED, "GPU-hours"),
    "nanogpt_time": ("whole recipe", UNTUNED, "wall clock"),
    "nanogpt_tokens": ("whole recipe", UNTUNED, "tokens"),
    "nanogpt_optimizer_track3": ("one change", UNSTATED, "steps"),
    "gundlach_moe_assumed": ("experts", NEEDLESS, FLOP),
    "krajewski_moe_1e20": ("experts", UNSTATED, FLOP),
    "krajewski_moe_1e25": ("experts", UNSTATED, FLOP),
    "abnar_moe_87": ("experts", UNSTATED, FLOP),
    "abnar_moe_97": ("experts", UNSTATED, FLOP),
    "ling_el": ("experts", UNSTATED, FLOP),
    "gundlach_chinchilla_2023": ("allocation", NEEDLESS, FLOP),
    "kaplan_rule_1e27": ("allocation", NEEDLESS, FLOP),
    "dva_data_124m": ("data", UNTUNED, "GPU-hours"),
    "dva_data_355m": ("data", UNTUNED, "GPU-hours"),
    "dva_data_1.5b": ("data", UNTUNED, "GPU-hours"),
    "hernandez_brown_imagenet": ("other fields", UNTUNED, FLOP),
    "hernandez_brown_seq2seq": ("other fields", UNTUNED, FLOP),
}
REPOSITORIES = {
    "data/modded-nanogpt/track3_steps.csv": "repository KellerJordan/modded-nanogpt",
    "data/modded-nanogpt": "repository KellerJordan/modded-nanogpt",
    "data/openai-ai-and-efficiency": "arXiv 2005.04305",
    "yigitokar m5": "repository yigitokar/scaling-laws-as-production-functions",
}
CHANGES = {
    "same to 2025": "LSTM to modern Transformer, to 2025",
    "data": "data of 2019 to data of 2024",
    "algorithm": "GPT-2 recipe to speedrun recipe",
}
PAPERS = {  # where the source says no more than "same", and not of which line
    "whitfill_first_pass": "repository yigitokar/scaling-laws-as-production-functions",
    "rosetta_all": "repo epoch-research/benchmark-stitching",
    "rosetta_pooled_frontier": "repo epoch-research/benchmark-stitching",
    "rosetta_joint_ols": "repo epoch-research/benchmark-stitching",
}


def _sources(source: pd.DataFrame) -> pd.Series:
    """Return the source of each line: where it says "same", that of the line before; where we know better, ours."""
    told = source["source"].mask(source["source"] == "same").ffill().replace(REPOSITORIES)
    return source["id"].map(PAPERS).fillna(told)


def literature_gains(source: pd.DataFrame) -> pd.DataFrame:
    """Return the gains with a number, each with our words on what it compares."""
    kept = source[(source["ceg"] != "") | (source["ceg_low"] != "")]
    single = {id: ("one change", UNTUNED, "steps" if "sanderson" in id else FLOP) for id in kept["id"]}
    rows = [(single | GAIN_WORDS)[id] for id in kept["id"]]
    words = pd.DataFrame(rows, columns=["group", "retuned", "currency"])
    change = kept["change"].replace(CHANGES).str.replace("->", " to ", regex=False)
    note = kept["note"].str.replace("see field.md: executed cell", "the executed cell", regex=False)
    columns = dict(words.set_axis(kept.index))
    return kept.assign(**columns, change=change, source=_sources(source)[kept.index], note=note)


def growth_rates(source: pd.DataFrame) -> pd.DataFrame:
    """Return the published rates, each with the study and the source that an earlier line may tell."""
    study = source["study"].mask(source["study"] == "same repo").ffill()
    study = study.str.replace("re-run in m5_progress", "run again by others", regex=False)
    return source.assign(study=study, source=_sources(source))


KEPT: dict[str, Callable[[pd.DataFrame], pd.DataFrame]] = {
    each.__name__: each
    for each in (
        evaluations, evaluations_sheet, language_models, family_runs, ablation_runs, learning_rates, speedrun_records,
        speedrun_curves, image_models, inference_prices,
        speedrun_flop, literature_gains, growth_rates, recipe_minima, learning_curves,
    )
}  # fmt: skip


def of_source(folder: Path) -> list[str]:
    """Return the tables of which every file lies in a folder of this name."""
    return [
        name for name in built() if {Path(file).parts[0] for file in manifest(name)["from"]["files"]} == {folder.name}
    ]


def rows_moved(name: str, old: pd.DataFrame, new: pd.DataFrame) -> list[str]:
    """Return what changed in a table, a line a row: gone, new, or its cells before and after, by primary key."""
    keys = manifest(name)["schema"]["primaryKey"]
    before, after = (frame.drop_duplicates(keys).set_index(keys) for frame in (old, new))
    lines = [f"- {_key(key)}" for key in before.index.difference(after.index, sort=False)]
    lines += [f"+ {_key(key)}" for key in after.index.difference(before.index, sort=False)]
    for key in after.index.intersection(before.index, sort=False):
        then, now = before.loc[key], after.loc[key]
        cells = [f"{column} {then[column]!r} to {now[column]!r}" for column in after if then[column] != now[column]]
        lines += [f"~ {_key(key)}: {', '.join(cells)}"] if cells else []
    return lines


def _key(key: object) -> str:
    return " ".join(map(str, key)) if isinstance(key, tuple) else str(key)


def claims_moved(changed: Sequence[str], old: Mapping[str, bytes]) -> pd.DataFrame:
    """Return `versions.compare` of the claims that rest on some tables, by the old files of ``data/`` and as it is."""
    chapters = ledger.moved_by(changed)
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "before"
        shutil.copytree(data_dir(), home / "data")
        for file, content in old.items():
            (home / "data" / file).write_bytes(content)
        for kept in (each for each in root().iterdir() if each.name != "data"):
            (home / kept.name).symlink_to(kept)
        found = []
        for place in (home, root()):
            target = Path(folder) / f"{len(found)}.json"
            command = [sys.executable, "-m", "book.ledger.versions", str(target), *sorted(chapters)]
            subprocess.run(command, env=os.environ | {VARIABLE: str(place)}, check=True)
            found.append(versions.read(target))
    return versions.compare(*found)


def told(chosen: Sequence[str], old: Mapping[str, bytes]) -> None:
    """Print which rows of rebuilt tables changed, which claims move with them, and which need a reason."""
    changed = [name for name in chosen if old[f"{name}.csv"] != (data_dir() / f"{name}.csv").read_bytes()]
    with tempfile.TemporaryDirectory() as folder:
        for name in changed:
            (Path(folder) / "old.csv").write_bytes(old[f"{name}.csv"])
            try:
                before = read_text(Path(folder) / "old.csv", name)
            except DataError:
                print(f"{name}: the old table could not be read, so nothing is said of what moves")
                return
            both = before, read_text(data_dir() / f"{name}.csv", name)
            lines = rows_moved(name, *both)
            print(f"{name}: {len(lines)} rows changed", *lines[:SHOWN_ROWS], sep="\n")
            if len(lines) > SHOWN_ROWS:
                print(f"... and {len(lines) - SHOWN_ROWS} more")
    if not changed:
        print("no table changed")
        return
    moved = claims_moved(changed, old)
    print(f"{len(moved)} claims moved")
    for row in versions.listed(moved.assign(version="these tables", reason="")).itertuples() if len(moved) else ():
        print(f"{row.claim}: {row.before} to {row.after}, {row.change}")
    if asked := moved.loc[moved["headline"], "id"].tolist():
        print(f"the page of changes asks for a reason, in data/reasons.csv, of: {', '.join(asked)}")


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line; a table that does not validate ends it with the list of failures."""
    parser = argparse.ArgumentParser(prog="python tools/build_data.py", description=__doc__)
    parser.add_argument("source", type=Path, metavar="SOURCE_FOLDER", help="folder that holds the sources")
    parser.add_argument("tables", nargs="*", metavar="TABLE", help="such as evaluations; all unless told")
    options = parser.parse_args(arguments)
    for name in sorted(set(options.tables) - set(built())):
        parser.error(f"{name} is not built from a source; built are {', '.join(built())}")
    own = of_source(options.source)
    folder, chosen = (
        (options.source.parent, options.tables or own) if own else (options.source, options.tables or built())
    )
    old = {path.name: path.read_bytes() for path in data_dir().iterdir() if path.is_file()}
    try:
        written = build(folder, chosen)
    except DataError as error:
        sys.exit(str(error))
    print(*(f"wrote {label(path)}" for path in written), sep="\n")
    told(chosen, old)


if __name__ == "__main__":
    main()
