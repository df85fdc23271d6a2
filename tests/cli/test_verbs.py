"""The verbs of the library: loaded when used, and each what the room that answers it says."""

from __future__ import annotations

import re
import subprocess
import sys

import pandas as pd
import pytest

import algoprogress as ap
from algoprogress.data import own, tables
from algoprogress.engine import data_dir
from algoprogress.fits import fit, resample

VERBS = {"evaluations", "read", "check", "template", "law", "fit", "bootstrap", "profile", "doubling_time"}
VERBS |= {"shares", "frontier", "gain"}


def test_every_verb_and_noun_is_offered_and_has_a_docstring():
    assert VERBS | {"Law", "Sample", "Estimate"} == set(ap.__all__) == {name for name in dir(ap) if name[0] != "_"}
    assert all(getattr(ap, name).__doc__ for name in ap.__all__)
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = ap.nothing


def test_the_import_loads_nothing():
    code = "import sys; before = set(sys.modules); import algoprogress; print(sorted(set(sys.modules) - before))"
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    loaded = {name.split(".")[0] for name in re.findall(r"'([\w.]+)'", said)}
    assert "algoprogress" in loaded
    assert loaded - sys.stdlib_module_names == {"algoprogress"}  # so nothing that takes long


def test_help_loads_no_table():
    code = "import sys; from algoprogress.cli import main; main(['--help']); print('pandas' in sys.modules)"
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert said.endswith("False\n")


def test_a_fit_is_the_global_optimum_or_the_published_stop(sample):
    law = ap.law("7")
    assert ap.fit(law, sample).objective == fit.converged(law, sample).objective
    assert ap.fit(law, sample, method="published").residual > ap.fit(law, sample).residual
    assert str(ap.doubling_time(ap.fit(law, sample))) == "6.1 months"
    with pytest.raises(ValueError, match="must be converged or published"):
        ap.fit(law, sample, method="guess")


def test_a_bootstrap_takes_as_many_draws_as_asked(sample):
    law = ap.law("7")
    assert len(ap.bootstrap(law, sample, draws=20)) == 20
    published = ap.bootstrap(law, sample, method="published", draws=4)
    assert published.by == "row" and len(published) == 4
    with pytest.raises(ValueError, match="resample by 'paper' or by 'row'"):
        ap.bootstrap(law, sample, by="author")
    assert resample.DRAWS["paper"] == 10_000  # behind the headline


def test_read_knows_tables_and_the_kind_of_a_file(tmp_path, sample):
    pd.testing.assert_frame_equal(ap.read("family_runs"), tables.read("family_runs"))
    pd.testing.assert_frame_equal(ap.read(data_dir() / "exponents.csv"), ap.read("exponents"))
    for kind in own.KINDS:
        (tmp_path / f"{kind}.csv").write_text(ap.template(kind), encoding="utf-8")
        assert "nothing wrong" in ap.check(tmp_path / f"{kind}.csv")
    assert list(ap.read(tmp_path / "law.csv")) == ["mine"]
    assert {"algorithm", "loss_nats"} <= set(ap.read(tmp_path / "runs.csv"))
    wider = sample + ap.read(tmp_path / "evaluations.csv")
    assert len(wider) > len(sample) and wider.funnel[-1].rule.endswith("of evaluations.csv added")
    (tmp_path / "other.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    with pytest.raises(ValueError, match="cannot be told by its header"):
        ap.read(tmp_path / "other.csv")
