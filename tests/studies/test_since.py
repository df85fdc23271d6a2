"""Works since Ho et al. and prices: claims that exist, published divisions, and what the pages say in words."""

from __future__ import annotations

import re

import numpy as np

from algoprogress.data import tables
from algoprogress.engine import root
from book.ledger import ledger as claims
from book.studies.since import study


def test_each_work_has_a_page_and_a_claim_that_exist():
    works, claims = tables.read("works_since"), set(tables.read("claims")["id"])
    assert {id for id in works["claim"] if id} <= claims
    assert all((root() / f"chapters/{name}.md").exists() for name in works["chapter"] if name)
    assert works["source"].str.extract(r"arXiv (\d{4}\.\d{5})$")[0].notna().sum() >= 10


HERE_ALONE = {"strict.claim.mixtures", "strict.claim.near_absence.without_experts"}  # stated by several, or in an essay


def test_a_verdict_beside_a_work_is_on_what_that_work_states():
    """Not on its opposite: the claim that is named is of the same paper, repository, authors or year."""
    rows = claims.ledger().set_index("id")
    for row in tables.read("works_since").query("claim != ''").to_dict("records"):
        claim = rows.loc[row["claim"]]
        if not claim["conclusion"] or claim.name in HERE_ALONE:
            continue
        paper = re.search(r"\d{4}\.\d{5}|[\w-]+/[\w-]+|NeurIPS", row["source"])[0]
        first = row["work"].split()[0]
        assert paper in claim["source"] or first in claim["source"] or first.lower() in claim.name, row["work"]
    assert not (study.judged(claims.ledger())["conclusion"] == "contradicted").any(), "words of the page to read again"


def test_a_work_that_the_ledger_cites_is_told_what_the_ledger_says():
    """No work has a judged claim of its own paper that its line leaves out."""
    works, rows = tables.read("works_since"), claims.ledger()
    for row in works.to_dict("records"):
        if paper := re.search(r"\d{4}\.\d{5}", row["source"]):
            own = rows[rows["source"].str.contains(paper[0], regex=False) & (rows["conclusion"] != "")]
            assert own.empty or row["claim"], f"{row['work']}: {own['id'].tolist()}"


def test_every_work_of_2025_and_2026_that_the_ledger_quotes_has_a_line():
    works, rows = " ".join(tables.read("works_since")["source"]), tables.read("claims")
    cited = set(rows["source"].str.extract(r"arXiv[: ](2[56]\d\d\.\d{5})")[0].dropna())
    assert {paper for paper in cited if paper not in works} == set()


def test_a_factor_divided_by_that_of_hardware_is_the_published_one():
    printed = study.prices().query("divided_by != 'nothing'").set_index(["benchmark", "restriction"])["factor"]
    for row in study.adjusted().itertuples():
        found = printed[row.benchmark, row.restriction]
        assert abs(row.factor.value - found.value) < 1e-3
        assert np.isnan(found.low) or row.factor.low <= row.factor.value <= row.factor.high


def test_what_the_page_says():
    """Restrictions move one benchmark from no fall to several times; open models go from below one to near five."""
    found = study.adjusted().set_index(["benchmark", "restriction"])
    assert found.loc[("GPQA", "open"), "factor"].contains(1.0)
    assert found.loc[("GPQA", "cheapest of all"), "factor"].low > 1.0
    open_models = found[found.index.isin(["cheapest of open", "open"], level=1) & (found["models"] >= study.LEAST)]
    values = {index: each.value for index, each in open_models["factor"].items()}
    assert min(values, key=values.get) == ("ARC-AGI", "cheapest of open")
    assert max(values, key=values.get) == ("AIME", "cheapest of open")
