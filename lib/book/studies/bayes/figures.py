"""Figures and tables of the Bayesian chapter: posteriors by variant, rows beside the prior, coverage, criteria."""

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter
from scipy.interpolate import PchipInterpolator
from scipy.stats import gaussian_kde, norm

from algoprogress.fits.profile import CUT
from algoprogress.fits.rates import DOUBLING
from algoprogress.show.estimate import Estimate
from algoprogress.show.style import ROLES, house, interval, label, subplots
from algoprogress.show.words import MISSING, written
from book.chart import BENCHMARK_NAMES, MONTH_TICKS, forest, log_axis, rows, words
from book.studies.bayes import paces as paced
from book.studies.bayes import stacked, study
from book.studies.verdicts import FOUND

EDGES = (2.4, 120.0)  # months; intervals that go on end in an arrow there
TICKS = (*(tick for tick in MONTH_TICKS if tick not in (4, 8, 18)), 100)
PROCEDURES = {
    "published": "published", "converged": "muted", "converged, no penalty": "alternative", "neutral": "check",
    "likelihood": "ours", "likelihood, falling": "ours", "Bayes": "reference",
}  # fmt: skip

SAID = {  # where a name says too little
    "neutral": "one rate for both terms", "Bayes": "hierarchical posterior",
    "likelihood, falling": "likelihood, either may fall",
}  # fmt: skip
WORDS = {variant.name: variant.words for variant in study.VARIANTS}
TRUTHS = {
    "no dataset": "truth as law 7 has it", "yes dataset": "truth with an irreducible loss",
    "no seen": "truth in tokens seen", "yes seen": "truth with both",
    "slow": "a slow truth", "fast": "a fast truth",
}  # fmt: skip
FALLING = {"slow_falling": "slow, data used ever worse", "fast_falling": "fast, parameters used ever worse"}
ALONG = (3.0, 120.0)  # months along which the likelihood is drawn
ALONG_TICKS = (3, 4, 6, 9, 12, 18, 24, 36, 60, 100)
HIGHEST = 9.0  # of its statistic
BOOTSTRAPS = (
    ("published, rows resampled", "published", "ho.model7.doubling_months.published_bootstrap_median"),
    ("converged, papers resampled", "alternative", "ho.model7.doubling_months.converged_papers"),
)
DIAGNOSTICS = {  # column of the checks: header and what writes it
    "draws": ("draws", "{:,}".format), "r_hat": ("R-hat", "{:.3f}".format),
    "ess_bulk": ("bulk sample", "{:,.0f}".format), "ess_tail": ("tail sample", "{:,.0f}".format),
    "divergences": ("divergences", int), "pareto_k": ("Pareto k", "{:.2f}".format),
}  # fmt: skip


@house()
def variants(frame: pd.DataFrame) -> Figure:
    """Return doubling times as points with 95% intervals on a log axis of months, line by line (`beside`)."""
    fig, ax = subplots(size="square")
    forest(ax, list(frame[["words", "months", "role"]].itertuples(index=False, name=None)), EDGES)
    ax.set(xscale="log", xlim=EDGES, xlabel="doubling time of effective compute, months (log scale)")
    log_axis(ax.xaxis, TICKS)
    return fig


@house()
def update(draws: pd.DataFrame, *, mean: float, sd: float) -> Figure:
    """Return normal prior, of `mean` and `sd`, and posterior (`study.kept`) of the rate of progress, and its parts."""
    fig, (left, right) = subplots(1, 2, size="wide")
    grid = np.linspace(-1.5, 3.5, 400)
    prior, after = norm.pdf(grid, mean, sd), gaussian_kde(draws["rate"])(grid)
    left.plot(grid, prior, color=ROLES["muted"].colour, linestyle="--")
    left.fill_between(grid, after, color=ROLES["ours"].colour, alpha=0.28, linewidth=0)
    left.plot(grid, after, color=ROLES["ours"].colour)
    label(left, grid[after.argmax()], after.max(), "posterior", "ours", offset=(8, 0))
    label(left, 2.1, norm.pdf(2.1, mean, sd), "prior", "muted", offset=(4, 8))
    left.set(xlabel="growth of effective compute per year (natural log)", ylabel="density", ylim=(0, None))
    right.scatter(draws["parameter_rate"], draws["data_rate"], s=4, color=ROLES["ours"].colour, alpha=0.25, linewidth=0)
    ends, middle = draws["parameter_rate"].agg(["min", "max"]).to_numpy(), draws["rate"].median()
    right.plot(ends, middle - ends, color=ROLES["published"].colour, linestyle="--", linewidth=1.4)
    words(right, 0.42, 0.95, "dashed: sum at its median", "published")
    right.set(xlabel="growth of effective parameters", ylabel="growth of effective data")
    return fig


@house()
def paces(curves: dict[bool, pd.DataFrame], months: dict[bool, Estimate]) -> Figure:
    """Return how much less likely the rows are at each pace than at the best (`likelihood.curve`), an efficiency free
    to fall or not, with the 95% cut and the intervals below it."""
    fig, ax = subplots(size="column")
    ends = DOUBLING / np.array(ALONG)
    for falling, role in {True: "muted", False: "ours"}.items():
        curve = curves[falling][curves[falling]["value"].between(*sorted(ends))]
        grid = np.geomspace(*sorted(ends), 300)
        root = np.sign(curve["value"] - curves[falling].loc[curves[falling]["statistic"].idxmin(), "value"])
        smooth = PchipInterpolator(curve["value"], root * np.sqrt(curve["statistic"]))(grid) ** 2
        ax.plot(DOUBLING / grid, smooth, color=ROLES[role].colour, linestyle="-" if not falling else "--")
        interval(ax, -0.7 - 0.9 * falling, months[falling], role, ALONG, width=3.0, size=6)
    ax.axhline(CUT, color=ROLES["reference"].colour, linewidth=1.0, linestyle=":")
    label(ax, ALONG[1], CUT, "95%", "reference", offset=(-2, 6), ha="right")
    label(ax, 26.0, 7.0, "neither efficiency falls", "ours", offset=(4, 0))
    label(ax, 45.0, 2.2, "either may fall", "muted", offset=(0, -10), ha="left")
    ax.set(xscale="log", xlim=ALONG, ylim=(-2.2, HIGHEST), yticks=[0, 2, 4, 6, 8])
    ax.set(xlabel="doubling time of effective compute, months (log scale)")
    ax.set(ylabel="how much less likely than the best pace")
    log_axis(ax.xaxis, ALONG_TICKS)
    return fig


def read_paces(found: pd.DataFrame) -> pd.DataFrame:
    """Return `data/pace_truths.csv` to read: truth, months, procedure, samples, how often it is held, what is said."""
    lines = []
    for (truth, procedure), part in found.groupby(["truth", "procedure"], sort=False):
        line = {"truth": (TRUTHS | FALLING)[truth], "months": f"{paced.TRUTHS[truth].months:.0f}"}
        line |= {"procedure": SAID.get(procedure, procedure), "samples": len(part)}
        line |= {"covers": paced.covered(part).text(".0%"), "typically says": paced.typical(part).text(".1f")}
        lines.append(line)
    return pd.DataFrame(lines)


@house()
def coverage(frame: pd.DataFrame) -> Figure:
    """Return how often nominal 95% intervals hold the truth (`answer.held_by_truth`): a panel a truth, by procedure."""
    fig, axes = subplots(3, 2, size="tall", sharex=True, sharey=True)
    truths, count = frame.set_index(["truth", "procedure"])["coverage"], len(PROCEDURES)
    for ax, (truth, title) in zip(axes.flat, TRUTHS.items(), strict=True):
        for place, (procedure, role) in zip(reversed(range(count)), PROCEDURES.items(), strict=True):
            if (truth, procedure) not in truths.index:
                continue
            found = truths[truth, procedure]
            interval(ax, place, found, role, (0.4, 1.0))
            label(ax, found.low, place, f"{found.value:.0%}", role, offset=(-6, -3), ha="right", fontsize=8.5)
        ax.axvline(0.95, color=ROLES["reference"].colour, linewidth=1, linestyle=":")
        ax.set_title(title)
        rows(ax, range(count), [SAID.get(name, name) for name in PROCEDURES][::-1])
        ax.set(xlim=(0.4, 1.03), ylim=(-0.6, count - 0.4))
        ax.set_xticks([0.5, 0.6, 0.7, 0.8, 0.9])
        ax.xaxis.set_major_formatter(PercentFormatter(1.0, decimals=0))
    for ax in axes[-1]:
        ax.set_xlabel("intervals that contain the truth")
    return fig


def variants_table(checks: pd.DataFrame) -> pd.DataFrame:
    """Return the variants to read: doubling time, fit to papers left out, posterior predictive check."""
    shown = {"variant": checks["variant"].map(WORDS)}
    shown["months [95%]"] = [months.text(".1f") for months in study.doubling_times(checks).values()]
    shown["log density"] = checks["elpd"].map("{:.1f}".format)
    found, weights = stacked.behind_the_default().set_index("variant"), stacked.weights()
    apart = {each.Index: f"{written(each.value, '.1f')} ± {written(each.error, '.1f')}" for each in found.itertuples()}
    shown["behind the default"] = checks["variant"].map(apart | {"default": MISSING}).fillna(MISSING)
    shown["weight"] = [f"{weights[each]:.0%}" if each in weights else MISSING for each in checks["variant"]]
    shown["misfit"] = checks["misfit"].map("{:.3f}".format)
    shown["within 95%"] = checks["within"].map("{:.1%}".format)
    for benchmark, title in BENCHMARK_NAMES.items():
        shown[title] = checks[f"within_{benchmark}"].map("{:.1%}".format)
    return pd.DataFrame(shown)


def costs(claims: pd.DataFrame) -> pd.DataFrame:
    """Return the claims of how much log density papers left out lose against the default, by variant."""
    return claims.filter(like=".log_density", axis=0).rename(lambda id: id.split(".")[-2])


def criteria(judged: pd.DataFrame) -> pd.DataFrame:
    """Return the readings held against the criteria to read, from `answer.judged`; a tick where one is passed."""

    def said(passed: pd.Series, what: list[str]) -> list[str]:
        return [f"{'✓' if yes else '✗'} {text}".rstrip() for yes, text in zip(passed, what, strict=True)]

    ends = [each.undetermined.replace("low high", "each") for each in judged["months"]]
    shown = {"reading": judged["words"], "months [95%]": [each.text(".1f") for each in judged["months"]]}
    shown["admissible"] = said(judged["admissible"], [f"{each} end open" if each else "" for each in ends])
    shown["invariant: moves by"] = said(judged["invariant"], [f"{each:.1%}" for each in judged["moved"]])
    covered = [
        "not simulated" if each is None else f"{each.text('.0%')} of {count:,.0f} samples"
        for each, count in zip(judged["coverage"], judged["samples"], strict=True)
    ]
    shown["calibrated: least coverage"] = said(judged["calibrated"], covered)
    errors = [f"{each:.3f}" if each > 0.0 else "not computed" for each in judged["held_out"]]
    shown["predictive: error left out"] = said(judged["predictive"], errors)
    return pd.DataFrame({**shown, "leads": judged["leads"].map({True: "yes", False: ""})})


def diagnostics(checks: pd.DataFrame) -> pd.DataFrame:
    """Return the diagnostics of the chains to read, the worst of the reported quantities of each variant."""
    columns = {title: checks[name].map(form) for name, (title, form) in DIAGNOSTICS.items()}
    return pd.DataFrame({"variant": checks["variant"].map(WORDS), **columns})


def covered(coverage: pd.DataFrame) -> pd.DataFrame:
    """Return the result of `simulation.coverage` to read, one line per truth and procedure."""
    shown = {"truth": (coverage["floor"] + " " + coverage["data"]).map(TRUTHS)}
    shown |= {"procedure": coverage["procedure"], "samples": coverage["samples"]}
    shown["covers"] = [found.text(".0%") for found in coverage["coverage"]]
    shown |= {name: coverage[f"{name}_months"].map("{:.1f}".format) for name in ("true", "median")}
    shown["too fast"] = coverage["too_fast"].map("{:.0%}".format)
    return pd.DataFrame({**shown, "width": [written(width, ".1f") for width in coverage["width"]]})


def beside(checks: pd.DataFrame, claims: pd.DataFrame) -> pd.DataFrame:
    """Return the variants' doubling times below those of the ledger's `claims` by id: words, months and role."""
    rows = [(said, Estimate.of_row(claims.loc[id], FOUND), role) for said, role, id in BOOTSTRAPS]
    rows += [(WORDS[name], months, "ours") for name, months in study.doubling_times(checks).items()]
    return pd.DataFrame(rows, columns=["words", "months", "role"])
