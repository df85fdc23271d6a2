"""The pairs of 2022 to 2026: what is shared, how each side is counted, and its runs in the shape of `compute_optimal`.

Whatever differs in the `Setting` of both sides besides the algorithm is a mark of the pair, which follows it into every
figure, table and download.
"""

import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd

from algoprogress.data import tables
from book.studies.compute_optimal.pairs import COLUMNS, Pair, Two, each_its_own, two
from book.studies.recent import counting

RULE = "one rule: output layer, keys attended to"
SIZE, PAIRED, BETWEEN = "at one size", "run by run", "between runs"  # second routes
SERIES = {"constant": "constant rate", "half rate": "half of the rate", "cooled": "cooled down"}
ROUTERS = {"hash": ("Hash", "hashing"), "sbase": ("S-Base", "balanced"), "rlr": ("RL-R", "learned")}


class Setting(NamedTuple):
    """What a side of a pair was run and read with: names to compare."""

    FLOP: str
    context: str
    tokenizer: str
    text: str
    reading: str


@dataclass(frozen=True)
class Recent(Pair):
    """A pair with the setting of each side, the second route, and its runs as the source counts them."""

    settings: tuple[Setting, Setting] = ()
    route: str = BETWEEN
    counted: Callable[[], Two] | None = None
    alike: bool = True  # whether the sources count both sides by one rule of their own
    currency: str = "least FLOP"

    @property
    def marks(self) -> str:
        """Return what differs besides the algorithm, blank if nothing does."""
        differs = [name for name, one, two in zip(Setting._fields, *self.settings, strict=True) if one != two]
        return ", ".join(differs)

    @property
    def marks_as_counted(self) -> str:
        """Return the same of the gain as the sources count."""
        return ", ".join(filter(None, ("" if self.alike else "FLOP", self.marks)))


def routed(router: str, experts: int, loss: str = "loss_nats") -> Two:
    """Return dense models of Clark et al. 2022 and those with so many experts; seeds of a size are averaged."""
    frame = tables.read("routed_runs").dropna(subset=loss)
    frame = frame.groupby(["router", "experts", "size"], sort=False).mean(numeric_only=True).reset_index()
    # 249,000 steps of 2^19 tokens on every side; three passes
    flop, tokens = counting.PASSES * 249_000 * frame["forward_flop"], 249_000 * 2.0**19
    frame = frame.assign(training_compute_flop=flop, tokens=tokens, loss_nats=frame[loss])
    kind = frame["router"] + frame["experts"].map(" {:g}".format).where(frame["router"] != "Dense", "")
    return _sides(frame.assign(kind=kind), "kind", "Dense", f"{router} {experts}")


def texts(reference: str, new: str, ours: bool = True) -> Two:
    """Return Marin's dense runs on two texts, a grid at fixed budgets, by one rule or as the laboratory counts."""
    return _sides(_dense(ours), "text", reference, new)


def recipes(reference: str, new: str, ours: bool = True) -> Two:
    """Return the runs of two of Marin's recipes, of which "dense" is that of March 2026 on Nemotron."""
    dense = _dense(ours).query("text == 'nemotron'").assign(recipe="dense")
    return _sides(pd.concat([dense, _mixtures(ours)], ignore_index=True), "recipe", reference, new)


def gates(reference: str, new: str, ours: bool = True) -> Two:
    """Return Marin's mixtures of one size and budget each with two optimisers."""
    return _sides(_mixtures(ours).query("kind == 'gate'"), "recipe", reference, new)


def optimisers(reference: str, new: str) -> Two:
    """Return Marin's runs with two optimisers, a ladder of sizes; loss in nats per byte."""
    frame = tables.read("optimiser_runs")
    frame = frame.assign(loss_nats=np.log(2.0) * frame["loss_bits_per_byte"], tokens=np.nan)
    return _sides(frame, "optimiser", reference, new)


def schedules(reference: str, new: str, ours: bool = True) -> Two:
    """Return shapes of McLeish et al. 2025 under two schedules; checkpoints of a shape share an error."""
    frame = tables.read("shape_runs")
    flop = counting.gemstones(frame) if ours else 6.0 * frame["parameters"] * frame["tokens"]
    shape = frame["width"].astype(str) + "x" + frame["depth"].astype(str)
    frame = frame.assign(training_compute_flop=flop, budget=np.nan, run=shape, group=shape)
    frame = frame.sort_values(["run", "tokens"])
    # each cooled end is a run of its own, though all of a shape begin at the same one
    cooled = frame["schedule"] == "cooled"
    frame["run"] = frame["run"].where(~cooled, shape + " " + frame["step"].astype(str))
    return two(frame, "schedule", reference, new)


def _dense(ours: bool) -> pd.DataFrame:
    frame = tables.read("isoflop_runs")
    counted = 1e9 * frame["counted_gflop"]
    frame["budget"] = counted.map("{:.1e}".format).astype(float)
    return frame.assign(training_compute_flop=counting.dense(frame) if ours else counted)


def _mixtures(ours: bool) -> pd.DataFrame:
    """Return Marin's mixtures: grids by budget, and single runs, of which a cell of August stands in its minimum."""
    grid = tables.read("mixture_grid").assign(kind="grid")
    best = tables.read("mixture_runs")
    best = best[~((best["kind"] == "best of IsoFLOP budget") & best["counted_flop"].isin(grid["counted_flop"]))]
    frame = counting.mixtures(pd.concat([grid, best], ignore_index=True))
    frame = frame[frame["kind"] != "cell"]
    frame["budget"] = frame["counted_flop"].where(frame["kind"] == "grid")
    flop = frame["training_compute_flop"] if ours else frame["counted_flop"]
    return frame.assign(parameters=frame["width"].astype(float), training_compute_flop=flop)


def _sides(frame: pd.DataFrame, column: str, reference: str, new: str) -> Two:
    """Return the runs of two values of a column, each with an error of its own, at the mean compute of its budget."""
    both = []
    for chosen in (frame[frame[column] == each] for each in (reference, new)):
        if "budget" not in chosen:
            chosen = chosen.assign(budget=np.nan)
        logs = np.log(chosen["training_compute_flop"])
        budget = np.exp(logs.groupby(chosen["budget"]).transform("mean"))
        both.append(each_its_own(chosen.assign(budget=budget).sort_values("training_compute_flop")))
    return tuple(each.reset_index(drop=True)[COLUMNS] for each in both)


MARIN = Setting(RULE, "4,096", "Llama 3", "Nemotron", "Paloma, macro")
AUGUST = MARIN._replace(context="8,192", text="Datakit, two phases", reading="Paloma, macro, a part")
CLARK = Setting("as estimated by the source", "2,048", "32,000", "MassiveText", "MassiveText")
SPEEDRUN = Setting("output layer, whole context", "4,096", "Llama 3", "FineWeb-Edu", "C4 of Paloma")
GEMSTONES = Setting(RULE, "2,048", "50,304", "Dolma", "Dolma")
LADDER = ("smooth", "envelope")
FEW = 400  # draws of grids, which are slow


def _of_clark(name: str, router: str, experts: int, loss: str = "loss_nats") -> Recent:
    column, words = ROUTERS[router]
    setting = CLARK._replace(reading="WikiText-103") if loss == "loss_wikitext" else CLARK
    said = ", read on WikiText-103" if loss == "loss_wikitext" else ""
    return Recent(
        f"routed_{name}", "dense", f"{experts} experts, {words}{said}",
        functools.partial(routed, column, experts, loss), "sparsity", "clark2022", LADDER,
        "equal tokens: no size is at its best number of them",
        resampled="errors of sizes", settings=(setting, setting), currency="FLOP at equal tokens",
    )  # fmt: skip


def _of_marin(
    name: str, words: tuple[str, str], frames: Callable[..., Two], columns: tuple[str, str], kind: str, caveat: str,
    *, settings: tuple[Setting, Setting] = (MARIN, MARIN), **options,
) -> Recent:  # fmt: skip
    both = functools.partial(frames, *columns), functools.partial(frames, *columns, ours=False)
    options = {"estimators": ("smooth", "isoflop", "envelope"), "route": BETWEEN} | options
    return Recent(
        name, *words, both[0], kind, "marin2026", caveat=caveat, settings=settings, counted=both[1], **options
    )


def _of_optimiser(name: str, words: str, new: str, reference: str = "AdamW", caveat: str = "") -> Recent:
    caveat = caveat or "optimiser alone; its own FLOP not counted; one number of tokens a size"
    return Recent(
        f"optimiser_{name}", reference.split(",")[0], words, functools.partial(optimisers, reference, new), "optimiser",
        "marin2025", LADDER, caveat, resampled="errors of sizes", settings=(SPEEDRUN, SPEEDRUN), route=PAIRED,
    )  # fmt: skip


def _of_text(name: str, reference: str, new: str) -> Recent:
    words = {"comma": "Comma", "dclm": "DCLM", "nemotron": "Nemotron"}
    both = words[reference], words[new]
    settings = tuple(MARIN._replace(text=each) for each in both)
    options = {"estimators": ("isoflop", "smooth", "envelope"), "route": SIZE, "draws": FEW, "settings": settings}
    caveat = "one recipe, tuned on none of them; the text is what is compared"
    return _of_marin(name, both, texts, (reference, new), "data", caveat, **options)


def _of_gemstones(name: str, reference: str, new: str, caveat: str) -> Recent:
    words, frames = (SERIES[reference], SERIES[new]), functools.partial(schedules, reference, new)
    return Recent(
        name, *words, frames, "recipe", "mcleish2025", ("smooth", "envelope"), caveat, resampled="errors of shapes",
        settings=(GEMSTONES, GEMSTONES), route=SIZE, counted=functools.partial(frames, ours=False),
    )  # fmt: skip


APRIL, MUONH, MAY = "April, AdamH", "April, MuonH", "May, MuonH"
QWEN = "Llama to Qwen3, so norms of queries and keys too"
PAIRS = (
    *(_of_clark(f"{router}64", router, 64) for router in ROUTERS),
    _of_clark("sbase8", "sbase", 8), _of_clark("sbase512", "sbase", 512),
    _of_clark("wikitext", "sbase", 64, "loss_wikitext"),
    _of_marin("dense_april", ("dense", "mixture of April"), recipes, ("dense", APRIL), "sparsity",
              "optimiser and schedule too: Cautious AdamC to AdamH", alike=False),
    _of_marin("dense_may", ("dense", "mixture of May"), recipes, ("dense", MAY), "sparsity",
              "optimiser and schedule too: Cautious AdamC to MuonH", alike=False),
    _of_marin("dense_august", ("dense", "mixture of August"), recipes, ("dense", "August, MuonH"), "sparsity",
              "all of the recipe; three minima", settings=(MARIN, AUGUST), estimators=LADDER, alike=False),
    _of_marin("april_may", ("mixture of April", "mixture of May"), recipes, (APRIL, MAY), "recipe",
              "optimiser, four times the experts, positions"),
    _of_marin("adamh_muonh", ("AdamH", "MuonH, in mixtures"), gates, (APRIL, MUONH), "optimiser",
              "equal steps; the optimiser's own FLOP not counted", estimators=LADDER, route=PAIRED,
              resampled="errors of sizes"),
    _of_optimiser("muon", "Muon", "Muon"), _of_optimiser("cautious", "Cautious", "Cautious"),
    _of_optimiser("adamc", "AdamC", "AdamC"), _of_optimiser("cautious_adamc", "Cautious AdamC", "Cautious AdamC"),
    _of_optimiser("adamh", "AdamH", "AdamH", caveat="more norms too, which make the model scale-invariant"),
    _of_optimiser("muonh", "MuonH", "MuonH, Qwen3", caveat=QWEN),
    _of_text("data_comma_dclm", "comma", "dclm"), _of_text("data_dclm_nemotron", "dclm", "nemotron"),
    _of_text("data_comma_nemotron", "comma", "nemotron"),
    _of_gemstones("schedule_dolma", "constant", "cooled", "a tenth more tokens, which count"),
    _of_gemstones("half_rate", "constant", "half rate", "constant rates"),
)  # fmt: skip
NAMED = {pair.name: pair for pair in PAIRS}
