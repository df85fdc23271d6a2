"""The workflows: they parse, are pinned, need no secret, and run commands that the repository has."""

from __future__ import annotations

import json
import re

import pytest
import yaml

from algoprogress.engine import root
from book.ledger import citation

FILES = sorted((root() / ".github" / "workflows").glob("*.yml"))
PINNED = re.compile(r"^[\w-]+/[\w-]+@[0-9a-f]{40}$")
each_file = pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)


def jobs(path) -> dict:
    """Return the jobs of a workflow."""
    return yaml.safe_load(path.read_text(encoding="utf-8"))["jobs"]


@each_file
def test_actions_are_pinned_by_commit_and_no_secret_is_needed(path):
    text = path.read_text(encoding="utf-8")
    assert "secrets." not in text
    steps = [step for job in jobs(path).values() for step in job["steps"]]
    assert all(("run" in step) != ("uses" in step) for step in steps)
    assert [step["uses"] for step in steps if "uses" in step and not PINNED.match(step["uses"])] == []
    versions = re.findall(r"uses: (\S+) # (v\d+\.\d+\.\d+)$", text, re.M)  # the tag that the commit is, for a reader
    assert len(versions) == sum("uses" in step for step in steps)


@each_file
def test_only_what_publishes_may_write(path):
    workflow = yaml.safe_load(path.read_text(encoding="utf-8"))
    assert workflow["permissions"] == {"contents": "read"}
    writing = {name for name, job in workflow["jobs"].items() if "write" in job.get("permissions", {}).values()}
    assert writing == {{"check": "publish", "release": "release"}[path.stem]}


@each_file
def test_commands_are_those_of_the_repository(path):
    makefile = (root() / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z]+):", makefile, re.M))
    commands = [step["run"] for job in jobs(path).values() for step in job["steps"] if "run" in step]
    for command in commands:
        program, *words = command.split()
        assert program in (".ci/run", "make", "gh"), command
        assert program != "make" or words[0] in targets, command
    assert ".ci/run" in commands and "make test" in (root() / ".ci" / "run").read_text(encoding="utf-8")


def test_a_release_carries_what_there_is_to_take_away():
    makefile = (root() / "Makefile").read_text(encoding="utf-8")
    recipe = makefile.partition("\nassets:")[2].partition("\n\n")[0]
    for name in ("wheel", "data.zip", "notebooks.zip", "algoprogress.pdf", "results.json", ".zenodo.json"):
        assert name in recipe
    release = (root() / ".github" / "workflows" / "release.yml").read_text(encoding="utf-8")
    assert "_build/assets/*" in release


def test_the_deposit_is_described_as_the_citation_is():
    told = json.loads((root() / ".zenodo.json").read_text(encoding="utf-8"))
    cited, source = citation.work(), yaml.safe_load((root() / "CITATION.cff").read_text(encoding="utf-8"))
    assert (told["title"], told["version"]) == (cited.title, cited.version)
    assert [each["name"] for each in told["creators"]] == list(cited.authors)
    assert (told["license"], told["keywords"]) == (source["license"], source["keywords"])
