"""The report can be cited: a valid CITATION.cff that agrees with the package, and entries that BibTeX reads.

`cff-1.2.0.schema.json` is the schema of the Citation File Format 1.2.0 (doi:10.5281/zenodo.5171937), by its authors,
under CC BY 4.0, unchanged.
"""

from __future__ import annotations

import copy
import json
import tomllib
from datetime import date
from pathlib import Path

import jsonschema
import pytest
import yaml
from pybtex.database import parse_string

import algoprogress
from algoprogress import citation, pagefoot

ROOT = Path(__file__).parents[1]
SCHEMA = json.loads((Path(__file__).parent / "cff-1.2.0.schema.json").read_text(encoding="utf-8"))
TOLD = yaml.load((ROOT / "CITATION.cff").read_text(encoding="utf-8"), Loader=yaml.BaseLoader)  # dates stay text


def errors(told: dict) -> list[str]:
    told = copy.deepcopy(told)
    for reference in told.get("references", []):
        if "year" in reference:
            reference["year"] = int(reference["year"])
    validator = jsonschema.Draft7Validator(SCHEMA, format_checker=jsonschema.FormatChecker())
    return [error.message for error in validator.iter_errors(told)]


def test_the_citation_file_is_valid():
    assert errors(TOLD) == []


@pytest.mark.parametrize(
    "broken",
    [{"date-released": "26 November 2026"}, {"authors": []}, {"cff-version": "2.0.0"}, {"doi": "none"}, {"made": "up"}],
)
def test_a_broken_citation_file_is_not_valid(broken):
    assert errors(TOLD | broken)


@pytest.mark.parametrize("name", ["authors", "cff-version", "message", "title"])
def test_a_required_field_is_missed(name):
    assert errors({key: value for key, value in TOLD.items() if key != name})


def test_package_project_and_citation_agree_on_the_version():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    assert project == algoprogress.__version__ == citation.work().version == TOLD["version"]
    assert citation.work().released <= date.today()


@pytest.mark.parametrize("title", ["How fast?", "Compute & data, 95% of $x_1$ #2", "An “é” and −1"])
def test_bibtex_reads_the_entry_of_a_page(title):
    work = citation.work()
    text = citation.bibtex(work, title, "chapters/how_fast.html")
    entry = parse_string(text, "bibtex").entries["algoprogress-how-fast"]
    assert entry.fields["title"].replace("\\", "") == f"{{{title}}}"
    assert entry.fields["year"] == str(work.released.year)
    assert work.version in entry.fields["howpublished"]
    assert "chapters/how" in entry.fields["note"]
    assert str(entry.persons["author"][0]) == "{The algoprogress contributors}"


def test_an_address_is_given_whole_once_the_site_has_one():
    work = citation.Work("Rates", ("The group",), "1.0", date(2026, 11, 3), url="https://example.org/rates/")
    assert citation.apa(work, "Fast", "a.html").endswith("Fast. In Rates (Version 1.0). https://example.org/rates/a.html")
    assert "url = {https://example.org/rates/a.html}" in citation.bibtex(work, "Fast", "a.html")


def test_a_title_cannot_break_out_of_the_block_on_the_page():
    block = pagefoot.cite_block(citation.work(), 'Less < more & "so" </details>', "a.html")
    assert block.count("</details>") == 1 and "Less &lt; more" in block
