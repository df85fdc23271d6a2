"""Gains between runs of public tables, as a stranger would ask for them, each beside a computation of its own.

Fifteen tables hold runs of two algorithms or more. Others do not fit: the Chinchilla points and GPT-3's curves are of
one algorithm each (the former stand here as two readings of one figure, whose gain is one), the tables of xLSTM and
Mamba have no compute, those of speedruns with FLOP and of crossings no loss, and images no loss in nats.

`python -m bench.public_tables FOLDER` in tests/ prints them, for a folder that holds the tables as published.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

from algoprogress.frontiers import own_file, own_runs
from algoprogress.frontiers.runs import end_points, nondominated

Frame = pd.DataFrame
FLOP = "training_compute_flop"


def of(frame: Frame, algorithm: str, loss: str, flop: str | Callable, parameters: str = "", **other: str) -> Frame:
    """Return a table under our names; runs without a loss are left out, and each line is a run unless one is named."""
    frame = frame.rename(columns={algorithm: "algorithm", loss: "loss_nats", parameters: "parameters"} | other)
    frame[FLOP] = flop(frame) if callable(flop) else frame[flop]
    frame["run"] = frame["run"] if "run" in other.values() else range(len(frame))
    kept = [
        name for name in ("algorithm", "run", FLOP, "loss_nats", "parameters", "tokens", "node_hours") if name in frame
    ]
    return frame[kept].dropna(subset=["loss_nats", FLOP])


def six(parameters: str, tokens: str) -> Callable[[Frame], pd.Series]:
    """Return what counts six FLOP a parameter and token."""
    return lambda frame: 6.0 * frame[parameters] * frame[tokens]


def _clark(frame: Frame) -> Frame:
    frame = frame[(frame["k"] == 1) & (frame["routing_frequency"] == 0.5)]
    frame = frame.assign(what=frame["router_type"] + frame["num_experts"].astype(str))
    flop = lambda each: 3.0 * each["flops_per_step"] * each["step"]  # noqa: E731
    return of(frame, "what", "loss_validation", flop, "dense_parameter_count")


def _gemstones(frame: Frame) -> Frame:
    frame = frame.assign(node_hours=frame["step"] * frame["seconds_per_step"] * frame["num_nodes"] / 3600.0)
    return of(frame, "series", "final_loss", six("parameters", "tokens"), "params_active_precise", run_name="run")


def _gadre(frame: Frame) -> Frame:
    return of(frame, "train_set", "loss_openlm", six("parameters", "tokens"), "parameters")


def _porian(frame: Frame) -> Frame:
    frame = frame[(frame["dataset"] == "rw") & (frame["loss_kind"] == "val")]
    return of(frame, "stage", "loss", "flops", "n")


def _isoflop(frame: Frame) -> Frame:
    frame = frame[frame["source"] == "marin_202603"]
    return of(frame, "dataset", "loss", "budget", "params")


def _speedrun(frame: Frame) -> Frame:
    return of(frame, "family", "c4_en_bpb", "model_flop", "parameters")


def _moe(frame: Frame) -> Frame:
    return of(
        frame[frame["kind"].isin(["best of IsoFLOP budget", "cell"])], "recipe", "paloma_macro_loss", "flop_budget"
    )


def _xlstm(frame: Frame) -> Frame:
    frame = frame[frame["ctx"] == 16384]
    return of(frame, "arch", "val_loss_dclm", "flops_6ND", "parameters")


def _families(frame: Frame) -> Frame:
    frame = frame.drop_duplicates(["run_id", "compute_flop"], keep="last")
    return of(frame, "family", "val_loss", "compute_flop", run_id="run")


def _olmo(frame: Frame) -> Frame:
    frame = frame.assign(what=np.where(frame["run"].str.contains("-1xC"), "1xC", "longer"))
    return of(frame, "what", "loss_c4_en_val", "flop_6ND", "parameters")


def _steplaw(frame: Frame) -> Frame:
    return of(frame, "arch", "final_loss_at_best", six("parameters", "tokens"), "parameters_active")


def _repeated(frame: Frame) -> Frame:
    frame = frame.assign(what=np.where(frame["epochs"] <= 1.0, "once", "repeated"))
    return of(frame, "what", "loss", six("parameters", "tokens"), "parameters", tokens_seen="tokens")


def _chinchilla(frame: Frame) -> Frame:
    return of(frame[frame["dataset"] == "massivetext"], "source", "loss", "budget", "params")


def _records(frame: Frame) -> Frame:
    frame = frame[(frame["track"] == 1) & (frame["train_time_s"] > 0)].assign(
        what="record " + frame["record"].astype(str)
    )
    flop = lambda each: HARDWARE_FLOP * each["train_time_s"]  # noqa: E731
    return of(frame, "what", "val_loss", flop, record="run")


def _examples(frame: Frame) -> Frame:
    """Translation: compute is examples seen, at one count of FLOP each, as theirs are not published."""
    return of(frame[frame["Domain"] == "NMT"], "Model", "Loss", lambda each: 1e9 * each["Seen Examples"])


ABOUT = 10.0  # times less or more compute, of points that are near a loss
HARDWARE_FLOP = 8 * 989e12  # a second of eight H100 at their peak in BF16
TABLES = {  # file, how it is read, reference and new; as many algorithms as it has are not all compared
    "clark-routing": ("final.csv", _clark, "Dense1", "S-Base64"),
    "clark-routing, hashing": ("final.csv", _clark, "Dense1", "Hash64"),
    "gemstones": ("runs.csv", _gemstones, "hot", "cool_end"),
    "isoflop-collection": ("isoflops.csv", _isoflop, "comma", "nemotron"),
    "isoflop-collection, dclm": ("isoflops.csv", _isoflop, "comma", "dclm"),
    "marin-moe": ("points.csv", _moe, "moe_v16_adamh", "moe_aug_hero"),
    "marin-speedrun": ("runs.csv", _speedrun, "adamw_llama_scaling", "muon_llama_scaling"),
    "porian": ("isoflop_points.csv", _porian, "3_short_warmup", "4_matched_cosine_decay"),
    "gadre": ("runs.csv", _gadre, "c4_original", "rpj"),
    "xlstm-scaling": ("isoflop_runs.csv", _xlstm, "transformer_llama", "xlstm_mlstm"),
    "gundlach2025": ("scaling_runs.csv", _families, "lstm1", "modern"),
    "olmo-ladder": ("final_losses.csv", _olmo, "1xC", "longer"),
    "steplaw": ("hyperparameter_optimal_cells.csv", _steplaw, "dense", "moe_1in8"),
    "datablations": ("runs.csv", _repeated, "once", "repeated"),
    "isoflop-collection, Chinchilla read twice": ("isoflops.csv", _chinchilla, "epochai_chinchilla", "ml_scalefit"),
    "modded-nanogpt": ("val_curves.csv", _records, "record 4", "record 21"),
    "revisiting-scaling-laws": ("lang.csv", _examples, "TEnc-LSTM", "6 Enc, 6 Dec"),
}


def second(reference: Frame, new: Frame, loss: float) -> tuple[float, float]:
    """Return the gain at a loss through the runs of either that no other one beats, in logs, by NumPy alone.

    First by the two points of either about the loss, whose own errors it has; then by a line, or a parabola from six
    points on, through those within `ABOUT` times the compute.
    """
    found = []
    for each in (reference, new):
        each = each.sort_values([FLOP, "loss_nats"])
        each = each[nondominated(each[FLOP].to_numpy(), each["loss_nats"].to_numpy())]
        flop, losses = np.log(each[[FLOP, "loss_nats"]].to_numpy()).T
        middle = np.interp(-np.log(loss), -losses, flop, left=np.nan, right=np.nan)
        near = np.abs(flop - middle) <= np.log(ABOUT)
        if near.sum() < 3:
            found.append((middle, np.nan))
            continue
        line = np.polyfit(flop[near] - middle, losses[near] - np.log(loss), 2 if near.sum() > 5 else 1)
        roots = np.roots(line)
        found.append((middle, middle + min(roots[np.isreal(roots)].real, key=abs, default=np.nan)))
    return tuple(np.exp(np.subtract(*found)).tolist())


def line(name: str, folder: Path) -> str:
    """Return what a table says: gain with interval, range, second routes, other counts, notes, seconds."""
    file, shaped, reference, new = TABLES[name]
    frame = shaped(pd.read_csv(folder / name.split(",")[0] / file))
    path = Path(sys.argv[2] if len(sys.argv) > 2 else "/tmp") / "table.csv"
    frame.sort_values(["algorithm", "run", FLOP], kind="stable").to_csv(path, index=False)
    start, cpu = time.perf_counter(), time.process_time()
    runs = own_file.read(path)
    compared = own_runs.compare(runs, reference=reference, new=new)
    spent = f"{time.perf_counter() - start:.1f} s ({time.process_time() - cpu:.1f} of the processor)"
    row = own_runs.shown_gain(compared)
    beside = ", ".join(f"{each:.3g}" for each in second(compared.of(reference), compared.of(new), row["loss_nats"]))
    ends = " and ".join(str(len(end_points(compared.of(each)))) for each in (reference, new))
    said = f"{compared.bound} {row['gain'].text('.3g')} at {row['loss_nats']:.2f} by {row['estimator']}".strip()
    other = "; ".join(f"{each.counted_by} {each.gain.text('.3g')}" for each in compared.beside.itertuples())
    cells = said, compared.apart().split(" with")[0], beside, other, str(len(compared.doubts())), spent
    return f"| {' | '.join((name, f'{reference} to {new}', ends, *cells))} |"


if __name__ == "__main__":
    for each in TABLES:
        try:
            print(line(each, Path(sys.argv[1])), flush=True)
        except Exception as error:
            print(f"| {each} | {type(error).__name__}: {error}".splitlines()[0], flush=True)
