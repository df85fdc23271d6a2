"""Posteriors and simulated coverage as tables to read and to draw."""

import pandas as pd

from algoprogress.show.estimate import Estimate
from algoprogress.show.words import MISSING, written
from book.chart import BENCHMARK_NAMES
from book.studies.bayes import answer, study
from book.studies.verdicts import FOUND

WORDS = {variant.name: variant.words for variant in study.VARIANTS}
TRUTHS = {
    ("no", "dataset"): "as law 7 has it", ("yes", "dataset"): "with an irreducible loss",
    ("no", "seen"): "in tokens seen", ("yes", "seen"): "both",
}  # fmt: skip
BOOTSTRAPS = (
    ("published, rows resampled", "published", "ho.model7.doubling_months.published_bootstrap_median"),
    ("converged, papers resampled", "alternative", "ho.model7.doubling_months.converged_papers"),
)
DIAGNOSTICS = {  # column of the checks: header and what writes it
    "draws": ("draws", "{:,}".format), "r_hat": ("R-hat", "{:.3f}".format),
    "ess_bulk": ("bulk sample", "{:,.0f}".format), "ess_tail": ("tail sample", "{:,.0f}".format),
    "divergences": ("divergences", int), "pareto_k": ("Pareto k", "{:.2f}".format),
}  # fmt: skip


def variants(checks: pd.DataFrame) -> pd.DataFrame:
    """Return the variants to read: doubling time, fit to papers left out, posterior predictive check."""
    shown = {"variant": checks["variant"].map(WORDS)}
    shown["months [95%]"] = [months.text(".1f") for months in study.doubling_times(checks).values()]
    shown["log density"] = checks["elpd"].map("{:.1f}".format)
    found, weights = answer.behind_the_default().set_index("variant"), answer.weights()
    apart = {each.Index: f"{written(each.value, '.1f')} ± {written(each.error, '.1f')}" for each in found.itertuples()}
    shown["behind the default"] = checks["variant"].map(apart | {"default": MISSING}).fillna(MISSING)
    shown["weight"] = [f"{weights[each]:.0%}" if each in weights else MISSING for each in checks["variant"]]
    shown["misfit"] = checks["misfit"].map("{:.3f}".format)
    shown["within 95%"] = checks["within"].map("{:.1%}".format)
    for benchmark, title in BENCHMARK_NAMES.items():
        shown[title] = checks[f"within_{benchmark}"].map("{:.1%}".format)
    return pd.DataFrame(shown)


def criteria(judged: pd.DataFrame) -> pd.DataFrame:
    """Return the readings held against the criteria to read, from `answer.judged`; a tick where one is passed."""

    def said(passed: pd.Series, what: list[str]) -> list[str]:
        return [f"{'✓' if yes else '✗'} {text}".rstrip() for yes, text in zip(passed, what, strict=True)]

    ends = [each.undetermined.replace("low high", "each") for each in judged["months"]]
    shown = {"reading": judged["words"], "months [95%]": [each.text(".1f") for each in judged["months"]]}
    shown["admissible"] = said(judged["admissible"], [f"{each} end open" if each else "" for each in ends])
    shown["invariant: moves by"] = said(judged["invariant"], [f"{each:.1%}" for each in judged["moved"]])
    covered = ["not simulated" if each is None else each.text(".0%") for each in judged["coverage"]]
    shown["calibrated: least coverage"] = said(judged["calibrated"], covered)
    errors = [f"{each:.3f}" if each > 0.0 else "not computed" for each in judged["held_out"]]
    shown["predictive: error left out"] = said(judged["predictive"], errors)
    return pd.DataFrame({**shown, "which leads": judged["leads"].map({True: "leads", False: ""})})


def diagnostics(checks: pd.DataFrame) -> pd.DataFrame:
    """Return the diagnostics of the chains to read, the worst of the reported quantities of each variant."""
    columns = {title: checks[name].map(form) for name, (title, form) in DIAGNOSTICS.items()}
    return pd.DataFrame({"variant": checks["variant"].map(WORDS), **columns})


def covered(coverage: pd.DataFrame) -> pd.DataFrame:
    """Return the result of `simulation.coverage` to read, one line per truth and procedure."""
    shown = {"truth": [TRUTHS[key] for key in zip(coverage["floor"], coverage["data"], strict=True)]}
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
