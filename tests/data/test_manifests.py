"""The manifests: each a Data Resource with a Table Schema, by the rules of the Data Package standard, version 2."""

from __future__ import annotations

import importlib.util
import json
import re
from datetime import date
from pathlib import Path

import pytest

from algoprogress.data import describe
from algoprogress.engine import data_dir
from table_edits import refused

MANIFESTS = {path.name.removesuffix(".manifest.json"): path for path in sorted(data_dir().glob("*.manifest.json"))}
ORDERED = {"integer": (int,), "number": (int, float), "date": (str,)}  # JSON types of the limits of a field
OURS = {"unit", "dtype"}  # properties of a field that the standard lets us add
PROSE = {"title", "description", "sources", "licence", "licence_checked", "retrieved", "status"}


def told(name: str) -> dict:
    """Return a manifest as JSON."""
    return json.loads(MANIFESTS[name].read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", MANIFESTS)
def test_a_manifest_is_a_data_resource(name):
    entry = told(name)
    assert entry["name"] == name and re.fullmatch(r"[-a-z0-9._/]+", name)
    assert (entry["path"], entry["type"]) == (f"{name}.csv", "table")
    assert (data_dir() / entry["path"]).is_file()
    assert entry.keys() >= PROSE and all(entry[key] for key in PROSE)
    assert all(source["citation"] and source["licence"] for source in entry["sources"])


@pytest.mark.parametrize("name", MANIFESTS)
def test_its_schema_is_a_table_schema(name):
    schema = told(name)["schema"]
    assert schema.keys() <= {"fields", "primaryKey", "uniqueKeys"}
    columns = [field["name"] for field in schema["fields"]]
    assert columns and len(set(columns)) == len(columns), "the name of a field is unique"
    required = {field["name"] for field in schema["fields"] if field.get("constraints", {}).get("required")}
    for key in [schema["primaryKey"], *schema.get("uniqueKeys", [])]:
        assert isinstance(key, list) and key and set(key) <= set(columns)
    assert set(schema["primaryKey"]) <= required, "a field of the primary key is never blank"


@pytest.mark.parametrize("name", MANIFESTS)
def test_its_fields_and_constraints_are_of_the_standard(name):
    for field in told(name)["schema"]["fields"]:
        assert field.keys() <= {"name", "type", "description", "constraints"} | OURS
        assert isinstance(field["description"], str) and field["description"]
        kind, limits = field["type"], field.get("constraints", {"required": False})
        assert limits and limits.keys() <= {"required", "enum", "minimum", "exclusiveMinimum"}
        assert isinstance(limits.get("required", False), bool)
        if kind == "string":
            assert not limits.keys() & {"minimum", "exclusiveMinimum"}, "a text has no least value"
        else:
            ends = [limits[key] for key in ("minimum", "exclusiveMinimum") if key in limits]
            assert all(isinstance(end, ORDERED[kind]) and not isinstance(end, bool) for end in ends)
            assert kind != "date" or all(date.fromisoformat(end) for end in ends)
        if "enum" in limits:
            values = limits["enum"]
            assert kind == "string" and values and all(isinstance(value, str) and value for value in values)
            assert len(set(values)) == len(values)
        assert "dtype" not in field or (kind, field["dtype"]) == ("integer", "float64")


def test_manifests_are_written_in_one_format():
    for path in MANIFESTS.values():
        text = path.read_text(encoding="utf-8")
        assert text == json.dumps(json.loads(text), indent=2, ensure_ascii=False) + "\n"


def test_a_computed_table_names_the_module_that_computes_it():
    commands = {name: told(name)["computed"] for name in MANIFESTS if told(name)["status"] == "computed"}
    assert len(commands) == 16
    for command in commands.values():
        assert importlib.util.find_spec(command.rpartition("python -m ")[2]) is not None, command


BAD = {
    "type": ({"type": "strng"}, "column a: a type must be one of string, integer, number, date (found 'strng')"),
    "property": ({"constrains": {}}, "column a: a property must be one of name, type, description, unit, dtype, cons"),
    "constraint": ({"constraints": {"maxi": 1}}, "column a: a constraint must be one of required, enum, minimum, excl"),
}


def described(folder: Path, **entry) -> str:
    """Return what is said of a manifest that holds this entry."""
    (folder / "data").mkdir()
    (folder / "data/poems.manifest.json").write_text(json.dumps(entry), encoding="utf-8")
    return refused(lambda: describe.table("poems"))


@pytest.mark.parametrize("case", BAD)
def test_a_misspelt_field_is_refused_by_name(tmp_path, monkeypatch, case):
    monkeypatch.setenv("ALGOPROGRESS_ROOT", str(tmp_path))
    change, words = BAD[case]
    message = described(tmp_path, schema={"fields": [{"name": "a", "type": "string", **change}]})
    assert f"data/poems.manifest.json, {words}" in message


def test_unknown_keys_and_rules_are_refused_and_so_is_a_manifest_without_columns(tmp_path, monkeypatch):
    monkeypatch.setenv("ALGOPROGRESS_ROOT", str(tmp_path))
    field = {"name": "a", "type": "string"}
    message = described(tmp_path, schema={"fields": [field], "primaryKey": ["b"]}, rules=["rhymes"])
    assert "a key must be one of a (found 'b')" in message
    assert "a rule must be one of one_title_per_paper, " in message and "(found 'rhymes')" in message
    (tmp_path / "data/poems.manifest.json").write_text("{}", encoding="utf-8")
    assert "schema.fields must list the columns" in refused(lambda: describe.table("poems"))
