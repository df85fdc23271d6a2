"""Figures and tables of the strict view's claims: gains since GPT-3, mixtures, number formats, allocation as it was."""

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from algoprogress.data import tables
from algoprogress.show.estimate import Estimate
from algoprogress.show.style import COLOURS, ROLES, house, label, subplots
from algoprogress.show.words import MISSING, significant, written
from book.chart import band, listed, log_axis, power, words
from book.studies.strict import experts, study
from book.studies.strict import formats as widths
from book.studies.verdicts import ledger_view, shown

MARK_ROLES = {"measured": "ours", "assumed": "alternative", "read off": "published"}
LAWS = {  # role, and offset of the label in points
    "64 fine experts": ("published", (6, 10)), "1 in 32": ("check", (-2, 11)),
    "1 in 8": ("ours", (-4, -20)), "64 experts, fixed tokens": ("alternative", (7, 3)),
}  # fmt: skip
CURRENCIES = {  # role, and words with their place
    "plain": ("published", 24, 1.11, "every FLOP alike"), "bits": ("ours", 14.5, 1.42, "FLOP times bits"),
    "time": ("alternative", 20, 0.62, "▲ time on a device"),
}  # fmt: skip
COSTS = {  # role and words
    "besiroglu": ("ours", "● Hoffmann's runs, refitted"), "hoffmann2022": ("published", "◆ as printed"),
    "porian": ("alternative", "▲ Porian's runs"),
}  # fmt: skip
MARKS = {"measured": "measured", "assumed": "by a law, assumed", "read off": "published, read off"}
PAPERS = {"krajewski": "Krajewski et al. 2024", "abnar": "Abnar et al. 2025", "clark": "Clark et al. 2022"}


@house()
def evidence(frame: pd.DataFrame, claimed: float) -> Figure:
    """Return what bears on the gain since GPT-3 (`evidence_frame`), with a line at the claimed one."""
    fig, ax = subplots(size="square")
    ax.axvline(1.0, color=COLOURS["muted"], linewidth=1, linestyle=":")
    ax.axvline(claimed, color=COLOURS["vermillion"], linewidth=1, linestyle="--")
    listed(ax, frame["gain"], frame["words"], frame["mark"].map(MARK_ROLES), (0.9, 40.0))
    ax.set(xscale="log", xlabel="compute-equivalent gain (log scale)")
    log_axis(ax.xaxis, (1, 2, 3, 6, 10, 20))
    words(ax, -0.62, 1.02, "● measured", "ours")
    words(ax, -0.26, 1.02, "▲ by a law, assumed", "alternative")
    words(ax, 0.42, 1.02, "◆ published, read off", "published")
    return fig


@house()
def mixtures(frame: pd.DataFrame) -> Figure:
    """Return the gain of mixtures against compute by law (`experts.curves`), dotted beyond the range behind each."""
    fig, ax = subplots(size="column")
    ax.axhline(1.0, color=COLOURS["muted"], linewidth=1, linestyle=":")
    for text, part in frame.groupby("label", sort=False):
        (name, offset), known = LAWS[text], part[part["inside"]]
        role, last = ROLES[name], known.iloc[-1]
        ax.plot(part["compute_flop"], part["gain"], color=role.colour, linewidth=1.2, linestyle=":")
        ax.plot(known["compute_flop"], known["gain"], color=role.colour, linewidth=3)
        ax.plot(last["compute_flop"], last["gain"], color=role.colour, marker=role.marker)
        side = "left" if offset[0] > 0 else "right"
        label(ax, last["compute_flop"], last["gain"], text, name, offset=offset, ha=side)
    ax.set(xscale="log", yscale="log", xlim=(1e18, 1e25), ylim=(0.8, 100))
    ax.set(xlabel="active training compute, FLOP (log scale)", ylabel="gain over dense (log scale)")
    log_axis(ax.xaxis, tuple(10.0**each for each in range(18, 26, 2)), power)
    log_axis(ax.yaxis, (1, 2, 5, 10, 20, 50, 100))
    return fig


@house()
def formats(frame: pd.DataFrame) -> Figure:
    """Return the gain over sixteen bits by width and currency (`formats.curves`), bands over the stated optimum."""
    fig, ax = subplots(size="column")
    ax.axhline(1.0, color=COLOURS["muted"], linewidth=1, linestyle=":")
    for currency, part in frame.groupby("currency", sort=False):
        name, x, y, text = CURRENCIES[currency]
        role, values = ROLES[name], [gain.value for gain in part["gain"]]
        if currency == "time":
            ax.plot(part["bits"], values, color=role.colour, marker=role.marker, linestyle="none", markersize=8)
        else:
            band(ax, part["bits"], part["gain"], name)
            ax.plot(part["bits"], values, color=role.colour, linestyle=role.line)
        ax.text(x, y, text, color=role.text, fontsize=9, ha="center")
    ax.set(xlim=(3, 33), ylim=(0, 1.75), xlabel="bits of a number", ylabel="gain over 16 bits, equal loss")
    ax.set_xticks([4, 8, 16, 24, 32])
    return fig


@house()
def allocation(frame: pd.DataFrame, near: float) -> Figure:
    """Return the share of models that spent at most so much over the least, by law (`cost_curves`)."""
    fig, ax = subplots(size="column")
    ax.axvline(near, color=COLOURS["muted"], linewidth=1, linestyle=":")
    for law, part in frame.groupby("law", sort=False):
        role = ROLES[COSTS[law][0]]
        ax.step(part["gain"], 100 * part["share"], where="post", color=role.colour, linestyle=role.line, linewidth=1.4)
        for inside, face in ((True, role.colour), (False, "none")):
            dots = part[part["inside"] == inside]
            options = {"facecolor": face, "edgecolor": role.colour, "marker": role.marker}
            ax.scatter(dots["gain"], 100 * dots["share"], s=18, linewidth=0.9, **options)
    for place, (role, text) in zip((0.24, 0.16, 0.08), COSTS.values(), strict=True):
        words(ax, 0.42, place, text, role)
    ax.set(xscale="log", xlim=(0.98, 12), ylim=(0, 102), ylabel="share of models, %")
    ax.set_xlabel("compute spent over the least for the same loss (log scale)")
    log_axis(ax.xaxis, (1, 1.5, 2, 3, 5, 10))
    return fig


def verdicts_table(ledger: pd.DataFrame) -> pd.DataFrame:
    """Return the strict view's claims to read, with published and our value, verdict, and how it was decided."""
    frame = ledger[ledger["id"].str.startswith("strict.claim.")]
    return ledger_view(frame).assign(**{"how it is decided": frame["note"].replace("", MISSING).to_numpy()})


def evidence_frame(ledger: pd.DataFrame) -> pd.DataFrame:
    """Return what bears on six times since GPT-3: words, gain, mark; Mamba's figure comes first."""
    figure = tables.read("literature_gains").set_index("id").loc["mamba_fig4_transformerpp"]
    middle = Estimate(float((figure["low"] * figure["high"]) ** 0.5), figure["low"], figure["high"])
    first = pd.DataFrame({"words": ["Mamba's figure, read by others"], "gain": [middle], "mark": ["read off"]})
    rest = shown(ledger, "gain since GPT-3").rename(columns={"found": "gain"})
    return pd.concat([first, rest[list(first)]], ignore_index=True)


def mixtures_table() -> pd.DataFrame:
    """Return the gain of mixtures at some computes by law; a star: beyond the range behind the law."""
    frame = experts.curves(15)
    frame = frame[frame["compute_flop"].isin(frame["compute_flop"].unique()[::2])]
    names = frame["law"].map(PAPERS) + ": " + frame["label"]
    flop = [written(flop, ".0e").removeprefix("1 × ") for flop in frame["compute_flop"]]
    gain = frame["gain"].map(lambda gain: written(gain, significant(gain, 2)))
    shown = frame.assign(names=names, flop=flop, cell=gain + frame["inside"].map({True: "", False: "*"}))
    wide = shown.pivot_table("cell", index="names", columns="flop", aggfunc="first", sort=False)
    return wide.fillna("–").rename_axis(columns=None).reset_index(names="law and mixture")


def formats_table() -> pd.DataFrame:
    """Return the gain of eight bits and of thirty-two over sixteen in each currency, over the range of the optimum."""
    gains = {bits: [widths.gain_in_range(bits, each) for each in widths.CURRENCIES] for bits in (8.0, 32.0)}
    columns = {f"{bits:.0f} bits over 16": found for bits, found in gains.items()}
    return pd.DataFrame({"what is counted": widths.CURRENCIES.values(), **columns})


def costs_table() -> pd.DataFrame:
    """Return by law how many models until Chinchilla count, median and 90th percentile of cost, share near."""
    lines = []
    for law, said in study.LAWS.items():
        models, near = study.early_models(law), f"{study.near_share(law):.0%}"
        quantiles = [f"{study.cost_quantile(law, level):.2f}" for level in (0.5, 0.9)]
        lines.append((said, str(len(models)), f"{models['inside'].mean():.0%}", *quantiles, near))
    columns = ["law", "models", "within its runs", "median cost", "90th percentile", "share near the least"]
    return pd.DataFrame(lines, columns=columns)


def cost_curves() -> pd.DataFrame:
    """Return the share of these models that spent at most so much over the least: law, model, gain, share, inside."""
    parts = [study.early_models(law).sort_values("gain").assign(law=law) for law in study.LAWS]
    ranked = [part.assign(share=np.arange(1.0, len(part) + 1.0) / len(part)) for part in parts]
    return pd.concat(ranked, ignore_index=True)[["law", "model", "gain", "share", "inside"]]
