"""The report of an answer: one page that says all, runs nothing, loads nothing, and overwrites nothing that is read."""

from __future__ import annotations

import hashlib
import re
from html.parser import HTMLParser
from xml.etree import ElementTree

import numpy as np
import pandas as pd
import pytest

from algoprogress import __version__
from algoprogress import cli as command
from algoprogress.data import tables, template_path
from algoprogress.data.reader import digest
from algoprogress.frontiers import own_figure
from algoprogress.show.page import Page, page_format
from book.ledger import ledger
from book.studies.own_data import known

NASTY = "<script>alert(1)</script>"
ASKED = ["--draws", "40"]


class Elements(HTMLParser):
    """The names of the elements of a page, and whatever would run or load something."""

    def __init__(self, text: str):
        super().__init__()
        self.names, self.loads = [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.names.append(tag)
        self.loads += [
            (name, said) for name, said in attrs if name.startswith("on") or name in ("src", "href", "xlink:href")
        ]


@pytest.fixture
def file(tmp_path):
    """Return a file of runs with a name that would be markup, and hours in which the new one gains nothing."""
    frame = pd.read_csv(template_path("runs"), dtype={"run": str})
    hours = frame["training_compute_flop"] * np.where(frame["algorithm"] == "new", 1.0, 0.25) / 1e13
    frame = frame.assign(algorithm=frame["algorithm"].replace("new", NASTY), gpu_hours=hours)
    frame.to_csv(tmp_path / "mine.csv", index=False)
    return tmp_path / "mine.csv"


@pytest.mark.parametrize("ending", ["html", "md"])
def test_a_report_says_all_and_no_name_in_it_is_markup(file, ending, tmp_path, capsys):
    out = tmp_path / f"report.{ending}"
    words = ["frontier", str(file), "--reference", "old", "--new", NASTY, *ASKED, "--report", str(out)]
    assert command.main(words) == 0
    printed, page = capsys.readouterr().out, out.read_text(encoding="utf-8")
    assert printed.endswith(f"report: {out}\n")
    plain = re.sub(r"\\(.)", r"\1", page).replace("&lt;", "<").replace("&gt;", ">").replace("&#x27;", "'")
    for line in (*printed.splitlines()[:2], "What to doubt", digest(file), __version__, "LSTM to transformer of today"):
        assert line in plain, line
    assert "<script" not in page.lower()
    if ending == "html":
        found = Elements(page)
        assert found.names.count("svg") == 2 and not {"script", "link", "iframe", "img"} & set(found.names)
        assert all(said.startswith("#") for _, said in found.loads)
        assert "default-src 'none'" in page
        for svg in re.findall(r"<svg.*?</svg>", page, flags=re.DOTALL):
            ElementTree.fromstring(svg)
    else:
        assert re.findall(r"<[^>\s]*", page) == [] and page.count("](data:image/svg+xml;base64,") == 2


def test_a_fit_has_a_report_too(tmp_path, capsys):
    out, csv = tmp_path / "report.html", tmp_path / "answer.csv"
    mine = template_path("evaluations")
    assert command.main(["fit", "--add", str(mine), *ASKED, "--report", str(out), "--csv", str(csv)]) == 0
    page, found = out.read_text(encoding="utf-8"), pd.read_csv(csv)
    assert "without your 4 rows" in page and digest(mine) in page and Elements(page).names.count("svg") == 1
    made = {"draws": 40, "seed": 0, "by": "paper", "version": __version__, "file_sha256": digest(mine)}
    assert (found[list(made)] == pd.Series(made)).all(axis=None)
    assert command.main(["fit", "--law-file", str(template_path("law")), *ASKED, "--report", str(out)]) == 0
    assert "law mine" in out.read_text(encoding="utf-8")
    capsys.readouterr()


def test_a_report_is_refused_before_the_work(file, capsys):
    words = ["frontier", str(file), "--reference", "old", "--new", NASTY, *ASKED, "--report"]
    before = file.read_bytes()
    assert command.main([*words, "report.pdf"]) == 2
    assert "a report must end in .html or .md" in capsys.readouterr().err
    same = file.with_suffix(".html")
    same.symlink_to(file)
    assert command.main([*words, str(same)]) == 2
    assert "is a file to be read" in capsys.readouterr().err and file.read_bytes() == before
    with pytest.raises(OSError, match="must end in"):
        page_format("report")


def test_where_nothing_can_be_told_the_report_says_so_without_a_figure(tmp_path, capsys):
    case = template_path("runs").parents[4] / "tests" / "cases" / "s06_isoflop_off_centre_8x_truth_3.csv"
    frame = pd.read_csv(case)
    new = frame[frame["algorithm"] == "new"]
    pd.concat([new, new.assign(algorithm="old")]).to_csv(tmp_path / "both.csv", index=False)
    out = tmp_path / "report.html"
    words = ["frontier", str(tmp_path / "both.csv"), "--reference", "old", "--new", "new", *ASKED, "--report", str(out)]
    assert command.main(words) == 0
    assert "no gain of new over old can be told" in capsys.readouterr().out
    assert "svg" not in Elements(out.read_text(encoding="utf-8")).names


def test_a_page_of_nothing_is_a_page():
    assert "<h1>A &amp; B</h1>" in Page("A & B").html() and Page("A & B").markdown() == "# A &amp; B\n"


def test_both_currencies_are_told_and_lead_to_other_gains(file, tmp_path, capsys):
    """In hours the new algorithm needs four times the FLOP's share: its gain is a quarter, but for the shared bend."""
    words = ["frontier", str(file), "--reference", "old", "--new", NASTY, *ASKED]
    assert command.main([*words, "--csv", str(tmp_path / "out.csv")]) == 0
    said = capsys.readouterr().out
    gains = [float(each) for each in re.findall(r"(?:needs|gpu_hours:) ([\d.]+) times", said)]
    assert gains[0] / gains[1] == pytest.approx(4.0, rel=0.05)
    assert "note: compute" not in said  # hours are no count of FLOP
    found = pd.read_csv(tmp_path / "out.csv").dropna(subset="gain").set_index("counted_by")["gain"]
    assert found["gpu_hours"] * 4.0 == pytest.approx(found["training FLOP, as the file counts them"].iloc[1], rel=0.05)
    assert command.main([*words, "--compute", "gpu_hours"]) == 0
    assert "counted by training_compute_flop: " in capsys.readouterr().out


@pytest.mark.parametrize(("times", "warned"), [(1.0, False), (1.05, False), (1.5, True)])
def test_two_rules_of_counting_are_suspected(file, times, warned, capsys):
    frame = pd.read_csv(file, dtype={"run": str})
    flop, new = frame["training_compute_flop"], frame["algorithm"] == NASTY
    overhead = 1.0 + 2e5 / frame["parameters"]  # an output layer, which weighs more in small models of either side
    tokens = flop / (6.0 * frame["parameters"] * overhead)
    theirs = flop * np.where(new, times, 1.0)
    frame.assign(tokens=tokens, training_compute_flop=theirs, other_flop=flop).to_csv(file, index=False)
    assert command.main(["frontier", str(file), "--reference", "old", "--new", NASTY, *ASKED]) == 0
    said = capsys.readouterr().out
    assert ("times six times parameters and tokens" in said) == ("times other_flop" in said) == warned
    assert not warned or said.count("1.5 times at like sizes") == 2


def test_the_gains_that_stand_beside_are_those_of_the_claims():
    kept, found = tables.read("known_gains"), known.measured()
    assert kept["id"].tolist() == found["id"].tolist()
    np.testing.assert_allclose(kept["gain"], found["gain"], rtol=1e-5)
    assert set(kept["id"]) <= set(ledger.listed()["id"])
    assert len(own_figure.known()) == len(kept)


def test_a_folder_has_a_digest_of_all_its_files_whatever_its_folders_are_called(tmp_path):
    run = tmp_path / "muon.v2" / "a.jsonl"
    run.parent.mkdir()
    run.write_text("{}", encoding="utf-8")
    assert digest(tmp_path) == hashlib.sha256(b"muon.v2/a.jsonl\n{}").hexdigest()
    assert digest(run) == hashlib.sha256(b"{}").hexdigest()
