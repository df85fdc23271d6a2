"""Turns posteriors and simulated coverage into tables to read and to draw."""

from __future__ import annotations

import pandas as pd

from algoprogress.fits.rates import doubling_time_months
from algoprogress.show.words import written
from book.studies.bayes import study as bayes

WORDS = {variant.name: variant.words for variant in bayes.VARIANTS}
TRUTHS = {
    ("no", "dataset"): "as law 7 has it",
    ("yes", "dataset"): "with an irreducible loss",
    ("no", "seen"): "in tokens seen",
    ("yes", "seen"): "both",
}

BOOTSTRAPS = (
    ("published, rows resampled", "published", "ho.model7.doubling_months.published_bootstrap_median"),
    ("converged, papers resampled", "alternative", "ho.model7.doubling_months.converged_papers"),
)


def months(checks: pd.DataFrame) -> pd.DataFrame:
    """Return the doubling time of every variant, one line each: variant, words, low, median, high (months, 95%)."""
    ends = {"low": "high", "median": "median", "high": "low"}  # a fast rate is a short time
    times = {name: doubling_time_months(checks[rate].to_numpy()) for name, rate in ends.items()}
    return checks[["variant"]].assign(words=checks["variant"].map(WORDS), **times)


def variants(checks: pd.DataFrame) -> pd.DataFrame:
    """Return the variants to read: doubling time, fit to papers left out, posterior predictive check."""
    rows = []
    for row, times in zip(checks.itertuples(), months(checks).itertuples(), strict=True):
        rows.append(
            {
                "variant": times.words,
                "months [95%]": f"{written(times.median, '.1f')} [{written(times.low, '.1f')}, "
                f"{written(times.high, '.1f')}]",
                "log density": f"{written(row.elpd, '.1f')} ± {written(row.elpd_se, '.1f')}",
                "within 95%": f"{row.within:.1%}",
                "WikiText-103": f"{row.within_wt103:.1%}",
                "WikiText-2": f"{row.within_wt2:.1%}",
                "Penn Treebank": f"{row.within_ptb:.1%}",
            }
        )
    return pd.DataFrame(rows)


def diagnostics(checks: pd.DataFrame) -> pd.DataFrame:
    """Return the diagnostics of the chains to read, the worst of the reported quantities of each variant."""
    return pd.DataFrame(
        {
            "variant": checks["variant"].map(WORDS),
            "draws": checks["draws"].map("{:,}".format),
            "R-hat": checks["r_hat"].map("{:.3f}".format),
            "bulk sample": checks["ess_bulk"].map("{:,.0f}".format),
            "tail sample": checks["ess_tail"].map("{:,.0f}".format),
            "divergences": checks["divergences"],
            "Pareto k": checks["pareto_k"].map("{:.2f}".format),
        }
    )


def covered(rates: pd.DataFrame) -> pd.DataFrame:
    """Return the result of `simulation.rates` to read, one line per truth and procedure."""
    return pd.DataFrame(
        {
            "truth": [TRUTHS[key] for key in zip(rates["floor"], rates["data"], strict=True)],
            "procedure": rates["procedure"],
            "samples": rates["samples"],
            "covers": [f"{row.coverage:.0%} [{row.low:.0%}, {row.high:.0%}]" for row in rates.itertuples()],
            "true": rates["true_months"].map("{:.1f}".format),
            "median": rates["median_months"].map("{:.1f}".format),
            "too fast": rates["too_fast"].map("{:.0%}".format),
            "width": [written(width, ".1f") for width in rates["width"]],
        }
    )


def beside(times: pd.DataFrame, claims: pd.DataFrame) -> pd.DataFrame:
    """Return the variants' doubling times below the published and the converged one: words, months and role.

    `claims`: rows of the ledger by id (`report.claims`).
    """
    lines = [
        {"words": words, "role": role, **claims.loc[id, ["low", "high"]], "median": claims.loc[id, "estimate"]}
        for words, role, id in BOOTSTRAPS
    ]
    return pd.concat([pd.DataFrame(lines), times.drop(columns="variant").assign(role="ours")], ignore_index=True)
