"""The robustness checks as tables to read: each with what is published and what its procedures give."""

from itertools import product

import pandas as pd

from algoprogress.show.estimate import NORMAL_975, Estimate
from algoprogress.show.words import written
from book.studies.robustness.study import CUTOFFS, HELD_DRAWS
from book.studies.verdicts import FOUND, MEANINGS, PUBLISHED, ledger_view

SOLVED_POOL, SOLVED_SHARE = "ho.robust.r02.months.converged", "ho.identify.sign_share.converged"
# The checks by their number in the facts of the paper: what changes, and the ids of the main claim and of its
# converged counterpart, if there is one; or their stem, where they end in .protocol and .converged.
CHECKS = (
    (1, "Doubling time by numerical search", "ho.robust.r01.months"),
    (2, "Ten best specifications pooled, as in the text", "ho.robust.r02.months.text", SOLVED_POOL),
    (2, "The same, as in the notebook", "ho.robust.r02.months.notebook", SOLVED_POOL),
    (3, "All laws: the shortest median", "ho.robust.r03.shortest_median"),
    (3, "All laws: the longest median", "ho.robust.r03.longest_median"),
    (4, "Slopes that break in 2017: before", "ho.robust.r04.cut2017.before"),
    (4, "Slopes that break in 2017: after", "ho.robust.r04.cut2017.after"),
    (5, "Irreducible loss", "ho.robust.r05.months"),
    (6, "Tokens seen, known epochs", "ho.robust.r06_seen_known.months"),
    (6, "Tokens seen, unknown epochs as one", "ho.robust.r06_seen_filled.months"),
    (6, "Diminishing returns, known epochs", "ho.robust.r06_diminishing_known.months"),
    (6, "Diminishing returns, unknown epochs as one", "ho.robust.r06_diminishing_filled.months"),
    (7, "Vocabulary term, as in the text (imputed)", "ho.robust.r07_imputed.months"),
    (7, "Vocabulary term, as in the notebook (known)", "ho.robust.r07_known.months"),
    (8, "Errors correlated within papers", "ho.robust.r08.months"),
    (9, "Direct comparison at GPT-2's performance", "ho.robust.r09.gpt2.months", ""),
    (9, "Direct comparison at Megatron-LM's", "ho.robust.r09.megatron.months", ""),
    (9, "Direct comparison at Gopher's", "ho.robust.r09.gopher.months", ""),
    (10, "Share of resamples with a positive sum of rates", "ho.robust.r10.sign_share", SOLVED_SHARE),
    (11, "Lowest score of law 7 over the penalties", "ho.robust.r11.lowest_score", ""),
    (11, "Highest score of law 7 over the penalties", "ho.robust.r11.highest_score", ""),
    (12, "Score of the law whose exponents alone move", "ho.robust.r12.law14_score", ""),
    (12, "Score of law 7 with moving exponents", "ho.robust.r12.law15_score", ""),
    (13, "Compute alone: exponent", "ho.robust.r13.exponent", ""),
    (13, "Compute alone: doubling time", "ho.robust.r13.months"),
    (13, "Compute alone: score", "ho.robust.r13.score", "ho.cv.model18.delta_0.honest"),
    (14, "Score of exponents by architecture", "ho.robust.r14.law13_score", ""),
    (14, "The same without progress", "ho.robust.r14.law17_score", ""),
    (15, "Score with one rate of progress", "ho.robust.r15.law12_score", ""),
    (15, "Doubling time with one rate of progress", "ho.robust.r15.months"),
    (16, "Rows without transformers", "ho.robust.r16.months"),
    (17, "Transformer's gain, law 7", "ho.robust.r17.law7_00025"),
    (17, "Transformer's gain, law 12 at the strongest penalty", "ho.robust.r17.law12_002"),
    (18, "Transformer's gain at a smaller compute", "ho.robust.r18.gain_1e22"),
    (19, "Context length: least share of the fall of the loss", "ho.robust.r19.share_low", ""),
    (19, "Context length: largest share", "ho.robust.r19.share_high", ""),
    (20, "Evaluation: what a sub-word vocabulary is worth", "ho.robust.r20.subword", ""),
    (20, "Evaluation: what de-tokenisation is worth", "ho.robust.r20.detokenisation", ""),
    (20, "Evaluation: what the stride is worth", "ho.robust.r20.stride", ""),
    (21, "Largest cut of compute between two systems", "ho.robust.r21.main", ""),
    (21, "The same in another table of the authors", "ho.robust.r21.january", ""),
    (22, "Tokens per parameter of GPT-3", "ho.robust.r22.gpt3_tokens_per_parameter", ""),
    (22, "Tokens per parameter of Chinchilla", "ho.robust.r22.chinchilla_tokens_per_parameter", ""),
)


def overview(ledger: pd.DataFrame) -> pd.DataFrame:
    """Return the checks: name, words, unit, id, published, protocol, converged, verdict (both, as badges), and each.

    Raises KeyError if a claim lacks.
    """
    rows, lines = ledger.set_index("id"), []
    for number, words, *ids in CHECKS:
        id, converged = ids if len(ids) == 2 else (f"{ids[0]}.protocol", f"{ids[0]}.converged")
        row, unit = rows.loc[id], rows.loc[id, "unit"]
        published, protocol = (Estimate.of_row(row, columns, unit=unit) for columns in (PUBLISHED, FOUND))
        solved = Estimate.of_row(rows.loc[converged], FOUND, unit=unit) if converged else Estimate(float("nan"))
        lines.append((f"R{number}", words, unit, id, published, protocol, solved))
    frame = pd.DataFrame(lines, columns=["name", "words", "unit", "id", "published", "protocol", "converged"])
    judged = rows.loc[frame["id"]].reset_index()
    return frame.assign(verdict=ledger_view(judged)["verdict"], **judged[list(MEANINGS)])


def to_read(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the result of `overview` to read."""
    titles = {"published": "published", "protocol": "stated procedure", "converged": "solved, papers"}
    words = frame["words"] + frame["unit"].map({"months": " (months)"}).fillna("")
    columns = {title: frame[name].map(_cell) for name, title in titles.items()}
    return pd.DataFrame({"": frame["name"], "analysis": words, "verdict": frame["verdict"], **columns})


def _cell(found: Estimate) -> str:
    return str(found).replace(f" {found.unit.replace('^2', '²')}", "").replace("no progress", "∞")


def tally(frame: pd.DataFrame, question: str) -> pd.Series:
    """Return how many of the checks R1 to R22 got each verdict; a check counts by the worst of its claims."""
    places = {verdict: place for place, verdict in enumerate(MEANINGS[question])}  # what is not asked has none
    worst = frame[question].map(places).groupby(frame["name"]).max()
    return pd.Series({verdict: int((worst == place).sum()) for verdict, place in places.items()})


def exponents(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the result of `study.held_exponents` to read, with and without a floor side by side.

    Where half of the draws make no progress, up to the error of counting them, a question mark stands for the middle.
    """
    first, floored = (frame[frame["floor"] == floor].set_index("paper") for floor in ("none", "by benchmark"))
    columns = {"exponents of": first.index}
    for name, column in (("of N", "alpha"), ("of D", "beta")):
        columns[name] = ["fitted" if pd.isna(value) else written(value, ".3f") for value in first[column]]
    columns["months, no floor"] = [_middle(row) for row in first.itertuples()]
    columns["months, floor"] = [_middle(row) for row in floored.itertuples()]
    columns["no progress, floor"] = floored["without_progress"].map("{:.0%}".format)
    columns["error, floor"] = ["1" if row.id == "free" else _cell(row.misfit) for row in floored.itertuples()]
    columns["floor, of the lowest loss"] = floored["floor_share"].map("{:.0%}".format)
    return pd.DataFrame(columns).reset_index(drop=True)


def _middle(row) -> str:
    """Return months and their interval, the middle as a question mark if draws do not tell whether it is finite."""
    error = NORMAL_975 * 0.5 / HELD_DRAWS**0.5  # of a share of about half
    told, interval = _cell(row.months).split(" ", 1)
    return f"{'?' if abs(row.without_progress - 0.5) < error else told} {interval}"


def breaks(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the result of `study.breaks` to read."""
    before, after = (frame[frame["side"] == side].reset_index(drop=True) for side in ("before", "after"))
    months = {side: part["months"].map("{:.1f}".format) for side, part in (("before", before), ("after", after))}
    rise, faster = after["rise"].map("{:.2f}".format), after["faster"].map("{:.0%}".format)
    return after[["cutoff", "procedure"]].assign(**months, **{"rise of the rate": rise, "faster after": faster})


def printed_breaks(ledger: pd.DataFrame) -> pd.DataFrame:
    """Return the medians that the paper's figure shows before and after each cutoff: cutoff, side, months."""
    frame = pd.DataFrame(product(CUTOFFS, ("before", "after")), columns=["cutoff", "side"])
    ids = [f"ho.robust.r04.cut{row.cutoff}.{row.side}.protocol" for row in frame.itertuples()]
    return frame.assign(months=ledger.set_index("id").loc[ids, "published"].to_numpy())
