"""Works since Ho et al. and prices: claims that exist, published divisions, and what the pages say in words."""

from __future__ import annotations

import numpy as np

from algoprogress.data import tables
from algoprogress.engine import root
from book.studies.since import study


def test_each_work_has_a_page_and_a_claim_that_exist():
    works, claims = tables.read("works_since"), set(tables.read("claims")["id"])
    assert {id for id in works["claim"] if id} <= claims
    assert all((root() / f"chapters/{name}.md").exists() for name in works["chapter"] if name)
    assert works["source"].str.extract(r"arXiv (\d{4}\.\d{5})$")[0].notna().sum() >= 10


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
