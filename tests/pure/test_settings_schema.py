"""The JSON Schemas that editors read are those of the models, and the committed environments satisfy them."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from stacks.settings import ENVIRONMENTS
from stacks.settings.json_schema import FLEET_SCHEMA, FOLDER, REGION_SCHEMA, documents

FILES = sorted(ENVIRONMENTS.glob("*/*.yaml"))


@pytest.mark.parametrize("name", [FLEET_SCHEMA, REGION_SCHEMA])
def test_a_committed_schema_is_what_the_models_say(name: str) -> None:
    made = documents()[name]
    assert (FOLDER / name).read_text() == made, "run `python -m stacks.settings.json_schema`"


@pytest.mark.parametrize("name", [FLEET_SCHEMA, REGION_SCHEMA])
def test_every_key_of_a_schema_is_described(name: str) -> None:
    document = json.loads(documents()[name])
    silent = [
        f"{owner}.{key}"
        for owner, schema in {"": document, **document["$defs"]}.items()
        for key, entry in schema.get("properties", {}).items()
        if "description" not in {**document["$defs"].get(entry.get("$ref", "").rpartition("/")[2], {}), **entry}
    ]
    assert not silent


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_a_committed_file_names_its_schema_and_satisfies_it(path: Path) -> None:
    text = path.read_text()
    modeline, _, _ = text.partition("\n")
    _, _, named = modeline.partition("# yaml-language-server: $schema=")
    schema = (path.parent / named).resolve()
    assert schema == FOLDER / (FLEET_SCHEMA if path.name == "fleet.yaml" else REGION_SCHEMA)
    Draft202012Validator.check_schema(_schema(schema.name))
    Draft202012Validator(_schema(schema.name)).validate(yaml.safe_load(text))


def test_a_region_file_may_override_a_single_value_at_any_depth() -> None:
    override = {"pools": {"h100": {"max_gpus": 16}}, "cluster": {"system_nodes": {"count": 4}}}
    assert _errors(REGION_SCHEMA, override) == []


def test_a_region_file_may_not_say_what_is_said_once() -> None:
    assert "account" in _errors(REGION_SCHEMA, {"account": "123456789012"})[0]


def test_an_editor_marks_unknown_keys_words_and_names() -> None:
    for wrong in (
        {"pools": {"h100": {"max_gpu": 16}}},
        {"access": "runer"},
        {"pools": {"H100": {}}},
        {"network": {"cidr": "10.0.0.0"}},
        {"cluster": {"kubernetes": 1.35}},
    ):
        assert len(_errors(REGION_SCHEMA, wrong)) == 1, wrong


def _schema(name: str) -> dict[str, Any]:
    return json.loads(documents()[name])


def _errors(name: str, document: dict[str, Any]) -> list[str]:
    return [error.message for error in Draft202012Validator(_schema(name)).iter_errors(document)]
