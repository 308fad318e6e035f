"""JSON Schemas of `fleet.yaml` and `<region>.yaml` for editors, made from the models.

`python -m stacks.settings.json_schema` writes them beside this file. They say less than `load` does: what stands in one
file may be completed by the other, so nothing regional is required, and no rule between settings is in them.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import CoreSchema, core_schema

from .schema import Head, Regional

FOLDER = Path(__file__).parent
FLEET_SCHEMA = "fleet.schema.json"
REGION_SCHEMA = "region.schema.json"

Schema = dict[str, Any]


class _Plain(GenerateJsonSchema):
    """Without titles, which editors would show in place of the description, and strict about names."""

    def field_title_should_be_set(self, schema: CoreSchema | Any) -> bool:
        del schema
        return False

    def dict_schema(self, schema: core_schema.DictSchema) -> JsonSchemaValue:
        made = super().dict_schema(schema)
        return {**made, "additionalProperties": False} if "patternProperties" in made else made


def fleet_schema() -> Schema:
    """The schema of `fleet.yaml`: what is said once is required, what is regional may be completed by region files."""
    head = Head.model_json_schema(schema_generator=_Plain)
    regional = _relaxed(Regional.model_json_schema(schema_generator=_Plain))
    return _document(
        "fleet.yaml",
        "An environment of Inference Fleet: what is said once, and what holds in every region.",
        properties={**head["properties"], **regional["properties"]},
        required=head["required"],
        definitions={**head["$defs"], **regional["$defs"]},
    )


def region_schema() -> Schema:
    """The schema of `<region>.yaml`, which overrides parts of `fleet.yaml`: nothing in it is required."""
    regional = _relaxed(Regional.model_json_schema(schema_generator=_Plain))
    return _document(
        "<region>.yaml",
        "What is special to one region, merged over fleet.yaml key by key.",
        properties=regional["properties"],
        required=[],
        definitions=regional["$defs"],
    )


def documents() -> dict[str, str]:
    """The text of both schemas by file name."""
    schemas = {FLEET_SCHEMA: fleet_schema(), REGION_SCHEMA: region_schema()}
    return {name: json.dumps(schema, indent=2) + "\n" for name, schema in schemas.items()}


def _document(title: str, description: str, properties: Schema, required: list[str], definitions: Schema) -> Schema:
    return {
        "$schema": GenerateJsonSchema.schema_dialect,
        "title": title,
        "description": description,
        "type": "object",
        "additionalProperties": False,
        "properties": properties,
        **({"required": required} if required else {}),
        "$defs": dict(sorted(definitions.items())),
    }


def _relaxed(schema: Any) -> Any:
    """The schema of something that another file may complete."""
    if isinstance(schema, Mapping):
        return {key: _relaxed(value) for key, value in schema.items() if key not in ("required", "minProperties")}
    return [_relaxed(entry) for entry in schema] if isinstance(schema, list) else schema


if __name__ == "__main__":
    for file, text in documents().items():
        (FOLDER / file).write_text(text)
