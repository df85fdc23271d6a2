"""Facts of the sample of Ho et al. (2024), and the doubling time on its corrected rows."""

from collections.abc import Iterator

import pandas as pd

from algoprogress.data import tables
from algoprogress.fits import resample
from algoprogress.fits.rates import growth_rates, months_of
from algoprogress.laws import catalogue
from algoprogress.show.estimate import Estimate
from book.studies.data import sheet, study

DRAWS = 2_000  # resampled papers
SCOPES = {  # of the corrections that a fit reads
    "all": "all corrections", "tokens": "only dataset tokens", "parameters": "only parameters",
    "perplexity": "only perplexity", "date": "only publication date",
}  # fmt: skip


def claims() -> Iterator[tuple[str, Estimate]]:
    """Yield each claim of the chapter with our estimate."""
    sample = tables.evaluations().published_sample()
    frame, loss = sample.frame, sample.frame["loss_nats"]
    transformers = (frame["architecture"] == "transformer").sum()
    yield "ho.sample.rows", Estimate.exact(len(frame))
    yield "ho.sample.papers", Estimate.exact(frame["paper_id"].nunique())
    yield "ho.sample.systems", Estimate.exact(frame["system"].nunique())
    yield "ho.sample.transformers", Estimate.exact(transformers)
    yield "ho.sample.transformers_in_text", Estimate.exact(transformers)
    yield "ho.sample.other_architectures", Estimate.exact((frame["architecture"] == "other").sum())
    yield "ho.sample.known_vocabularies", Estimate.exact(frame["vocabulary"].notna().sum())
    yield "ho.sample.loss_min", Estimate.exact(loss.min())
    yield "ho.sample.loss_max", Estimate.exact(loss.max())
    yield "ho.sample.loss_variance", Estimate.exact(loss.var(ddof=0))
    yield from _copied(frame)
    draws = resample.bootstrap(catalogue.law("7"), sample.reviewed(), by="paper", draws=DRAWS)
    rate = Estimate.from_draws(growth_rates(draws), covers=f"95%, {DRAWS:,} resampled papers, converged fits")
    yield "ho.reviewed_rows.doubling_months.converged_papers", months_of(rate)
    kinds = study.by_kind(catalogue.law("7"), sample).set_index("scope")
    for ending, scope in SCOPES.items():
        for how in ("published", "converged", "unpenalised"):
            found = Estimate.exact(kinds.loc[scope, how], "none: one fit", unit="months")
            yield f"ho.reviewed_rows.doubling_months.{ending}.{how}", found


def _copied(frame: pd.DataFrame) -> Iterator[tuple[str, Estimate]]:
    """Yield what the copy of the authors' sheet says: how many rows each of their filters leaves, and of which kind."""
    chosen, copy = sheet.selected(), tables.read("evaluations_sheet")
    kept, compute = chosen.funnel_frame().set_index("name")["kept"], sheet.beside(frame)["training_compute_flop_sheet"]
    found = {
        "models_collected": len(copy),
        "papers_collected": copy["paper"].nunique(),
        "models_complete": kept["above zero"],
        "rows_stacked": kept["stacked"],
        "rows_before_top3": kept["four systems"],
        "rows_dropped_last": kept["stacked"] - len(chosen),
        "rows_dropped_top3": kept["four systems"] - len(chosen),
        "usable_share": len(chosen) / len(copy),
        "known_training_compute": compute.notna().sum(),
    }
    for name, count in found.items():
        yield f"ho.sample.{name}", Estimate.exact(count)
