"""`fleet explain`: what a setting means, what may be said, what holds when nothing is said, and where it is read."""

import re
import textwrap
from collections.abc import Iterator, Sequence
from typing import Annotated, Any

import typer

from stacks.settings.describe import Setting, closest, find, keys_at, settings
from stacks.settings.json_schema import fleet_schema
from stacks.settings.schema import Regional

from .failure import BadInputError, bad_argument
from .uses import uses

_WIDTH = 100
_DOT = re.compile(r"(?<!\d)\.|\.(?!\d)")
"""A dot between two digits belongs to a name, as in `models.llama-3.3-70b.gpus`."""


def run(
    path: Annotated[
        str, typer.Argument(metavar="PATH", help="A setting, for example pools.h100.max_gpus or pools.*.purchase.")
    ],
) -> None:
    """Say what a setting means, its default, and where it is used."""
    typer.echo("\n".join(_page(tuple(_DOT.split(path)), path)))


def _page(path: Sequence[str], given: str) -> Iterator[str]:
    if _is_plain_entry(path):
        path = path[:-1]
    keys = keys_at(path)
    setting = find(path) or (find(path[:-1]) if keys else None)
    if setting is None:
        raise _unknown(path, given)
    schema, required = _schema(setting.path)
    named = not keys and bool(keys_at((*setting.path, "*")))
    yield ".".join(path if keys else setting.path)
    yield from textwrap.wrap(setting.description, _WIDTH, initial_indent="  ", subsequent_indent="  ")
    yield ""
    if named:
        yield from _row("keys", ["*, a name of your choice" if schema.get("type") == "object" else "*, each entry"])
        keys = keys_at((*setting.path, "*"))
        yield from _row("of each", [", ".join(keys)])
    elif keys:
        yield from _row("keys", [", ".join(keys)])
    else:
        yield from _row("value", [_words(schema)])
    yield from _row("default", ["none: must be said" if required else _default(schema)])
    yield from _row("said in", ["fleet.yaml, <region>.yaml" if _is_regional(setting) else "fleet.yaml"])
    yield from _row("used in", [str(use) for use in uses(setting)])


def _is_plain_entry(path: Sequence[str]) -> bool:
    """Whether the path is a position in a list of plain values, about which only the list has something to say."""
    listed = find(path[:-1]) if path[-1].isdecimal() and not keys_at(path) else None
    return listed is not None and _schema(listed.path)[0].get("type") == "array"


def _row(label: str, lines: Sequence[str]) -> Iterator[str]:
    for first, line in zip((label, *[""] * len(lines)), lines, strict=False):
        yield from textwrap.wrap(line, _WIDTH, initial_indent=f"  {first:<10}", subsequent_indent=" " * 12)


def _unknown(path: Sequence[str], given: str) -> BadInputError:
    known = [".".join(setting.path) for setting in settings()]
    beside = keys_at(path[:-1])
    there = ".".join((*path[:-1], closest(path[-1], beside))) if closest(path[-1], beside) else closest(given, known)
    remedy = f"Did you mean {there}?" if there else f"At the top stand {', '.join(keys_at(()))}"
    return bad_argument("PATH", f'"{given}"', "no such setting", "it stands in no file", remedy)


def _is_regional(setting: Setting) -> bool:
    return setting.path[0] in Regional.model_fields


def _schema(path: Sequence[str]) -> tuple[dict[str, Any], bool]:
    """The JSON Schema of a setting, and whether a value must be said for it."""
    setting = find(path)
    document = fleet_schema()
    schema: dict[str, Any] = document
    for part in path:
        schema = _stepped(schema, part, document["$defs"])
    return schema, setting is not None and setting.field.is_required()


def _stepped(schema: dict[str, Any], part: str, definitions: dict[str, Any]) -> dict[str, Any]:
    """The schema one step further down; `*` steps into a mapping by name or into a list."""
    if part != "*":
        return _resolved(schema["properties"][part], definitions)
    inner = schema["items"] if "items" in schema else next(iter(schema["patternProperties"].values()))
    return _resolved(inner, definitions)


def _resolved(schema: dict[str, Any], definitions: dict[str, Any]) -> dict[str, Any]:
    """The schema with its reference followed, and of a choice with null the other one."""
    if "$ref" in schema:
        return {**definitions[schema["$ref"].rsplit("/", 1)[-1]], **schema}
    if "anyOf" in schema:
        return {**_resolved(schema["anyOf"][0], definitions), **schema}
    if "items" in schema:
        return {**schema, "items": _resolved(schema["items"], definitions)}
    return schema


def _words(schema: dict[str, Any]) -> str:
    """What a value may be, in words."""
    if "enum" in schema:
        return f"one of {', '.join(schema['enum'])}"
    match schema.get("type"):
        case "array":
            return f"list, each {_words(schema['items'])}"
        case "object":
            return "mapping by name, each " + _words(next(iter(schema["patternProperties"].values())))
        case "integer" | "number" as kind:
            said = ["whole number" if kind == "integer" else "number"]
            bounds = {"minimum": "at least", "exclusiveMinimum": "above", "maximum": "at most"}
            return ", ".join(said + [f"{words} {schema[key]}" for key, words in bounds.items() if key in schema])
        case "boolean":
            return "true or false"
        case _:
            return f"text that matches {schema['pattern']}" if "pattern" in schema else "text"


def _default(schema: dict[str, Any]) -> str:
    match schema.get("default"):
        case None:
            return "nothing"
        case bool(value):
            return str(value).lower()
        case list():
            return "none"
        case dict(said):
            return "what holds for its keys" if said else "none"
        case value:
            return str(value)
