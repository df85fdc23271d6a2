"""The report can be cited: a valid CITATION.cff that agrees with the package, and entries that BibTeX reads.

The schema holds what the Citation File Format 1.2.0 (doi:10.5281/zenodo.5171937) asks of the fields that ours uses.
"""

from __future__ import annotations

import copy
import tomllib
from datetime import date
from pathlib import Path

import jsonschema
import pytest
import yaml
from pybtex.database import parse_string

import algoprogress
from book.ledger import citation
from book.site import foot

ROOT = Path(__file__).parents[2]
TEXT = {"type": "string", "minLength": 1}
DAY = {"type": "string", "format": "date", "pattern": r"^\d{4}-\d\d-\d\d$"}
DOI = {"type": "string", "pattern": r"^10\.\d{4,9}(?:\.\d+)?/[A-Za-z0-9:/_;\-\.\(\)\[\]\\]+$"}
URL = {"type": "string", "pattern": r"^(?:https|http|ftp|sftp)://.+"}
PERSON = {
    "type": "object",
    "properties": dict.fromkeys(("family-names", "given-names", "name-particle", "name-suffix", "affiliation"), TEXT),
    "additionalProperties": False,
}
ENTITY = {
    "type": "object",
    "properties": {"name": TEXT, "website": URL},
    "required": ["name"],
    "additionalProperties": False,
}
AUTHORS = {"type": "array", "minItems": 1, "uniqueItems": True, "items": {"anyOf": [PERSON, ENTITY]}}
REFERENCE = {
    "type": "object",
    "properties": {
        "type": {"enum": ["article", "software", "report", "data"]},
        "title": TEXT,
        "authors": AUTHORS,
        "year": {"type": "integer"},
        "url": URL,
        "doi": DOI,
    },
    "required": ["authors", "title", "type"],
    "additionalProperties": False,
}
SCHEMA = {
    "type": "object",
    "properties": {
        "cff-version": {"const": "1.2.0"},
        "message": TEXT,
        "title": TEXT,
        "abstract": TEXT,
        "version": TEXT,
        "type": {"enum": ["software", "dataset"]},
        "date-released": DAY,
        "authors": AUTHORS,
        "license": TEXT,
        "keywords": {"type": "array", "minItems": 1, "uniqueItems": True, "items": TEXT},
        "doi": DOI,
        "url": URL,
        "repository-code": URL,
        "references": {"type": "array", "minItems": 1, "items": REFERENCE},
    },
    "required": ["authors", "cff-version", "message", "title"],
    "additionalProperties": False,
}
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
    assert citation.apa(work, "Fast", "a.html").endswith(
        "Fast. In Rates (Version 1.0). https://example.org/rates/a.html"
    )
    assert "url = {https://example.org/rates/a.html}" in citation.bibtex(work, "Fast", "a.html")


def test_a_title_cannot_break_out_of_the_block_on_the_page():
    block = foot.cite_block(citation.work(), 'Less < more & "so" </details>', "a.html")
    assert block.count("</details>") == 1 and "Less &lt; more" in block
