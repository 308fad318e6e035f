"""One model of the schema against data: what pydantic says, as problems with file, line, rule, reason and remedy."""

import json
from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from .describe import closest, find, keys_at
from .document import Keys, Lines
from .problems import Problem, shown

M = TypeVar("M", bound=BaseModel)

_RULES = {
    "bool_type": "must be true or false",
    "dict_type": "must be a mapping",
    "finite_number": "must be a finite number",
    "float_type": "must be a number",
    "greater_than": "must be above {gt}",
    "greater_than_equal": "must be at least {ge}",
    "int_from_float": "must be a whole number",
    "int_type": "must be a whole number",
    "less_than_equal": "must be at most {le}",
    "model_type": "must be a mapping",
    "string_type": "must be text: put it in quotes",
    "tuple_type": "must be a list",
}
"""Rules by pydantic's type of error, where its own text speaks of types rather than of YAML."""


def validated(
    model: type[M], data: Mapping[str, Any], misspelt: frozenset[str] = frozenset()
) -> tuple[M | None, list[Any]]:
    """The model of the data, or None and the errors of pydantic; `misspelt` keys at the top are not called missing."""
    try:
        return model.model_validate_json(json.dumps(data)), []
    except ValidationError as error:
        return None, _once(error.errors(include_url=False, include_input=False), misspelt)


def problem(entry: Any, data: Mapping[str, Any], lines: Lines, home: str) -> Problem:
    """One error of pydantic as a problem; `home` is the file into which something missing belongs."""
    path: Keys = tuple(part for part in entry["loc"] if part != "[key]")
    file, line = place(path, lines)
    words = _words(path)
    text = ".".join(str(part) for part in path)
    kind = entry["type"]
    if kind == "extra_forbidden":
        return unknown_key(file, line, path, keys_at(words[:-1]))
    setting = find(words)
    reason = setting.description.split(". ")[0] if setting else ""
    if kind == "missing":
        return Problem(file, line, text, "", "must be said", reason, f"Add `{path[-1]}:` in {home}")
    value = shown(text, _value(data, path))
    remedy = f"See `fleet explain {text}`"
    return Problem(file, line, text, value, _rule(entry, _value(data, path)), reason, remedy)


def _rule(entry: Any, given: object) -> str:
    context = entry.get("ctx", {})
    match entry["type"]:
        case "enum":
            known = str(context["expected"]).replace(" or ", ", ").replace("'", "").split(", ")
            meant = closest(str(given), known)
            return f"must be one of {', '.join(known)}" + (f'; did you mean "{meant}"?' if meant else "")
        case "string_pattern_mismatch":
            return f"must match {context['pattern']}"
        case "value_error":
            return str(context["error"])
        case "too_short":
            return "must not be empty"
        case kind if kind in _RULES:
            return _RULES[kind].format(**context)
        case _:
            return str(entry["msg"]).replace("Input should", "must")


def _value(data: Any, path: Keys) -> Any:
    for part in path:
        try:
            data = data[part]
        except (LookupError, TypeError):
            return None
    return data


def place(path: Keys, lines: Lines) -> tuple[str, int]:
    """The file and line of a path, or of the nearest thing above it that was said."""
    for length in range(len(path), -1, -1):
        if path[:length] in lines:
            return lines[path[:length]]
    raise KeyError(path)


def unknown_key(file: str, line: int, path: Keys, known: Sequence[str]) -> Problem:
    """A key that stands in no schema, with the one that was probably meant."""
    meant = closest(str(path[-1]), known)
    remedy = f"Did you mean `{meant}`?" if meant else f"Known here: {', '.join(sorted(known))}"
    text = ".".join(str(part) for part in path)
    return Problem(file, line, text, "", "no such setting", "a misspelt key would be ignored in silence", remedy)


def _once(errors: Sequence[Any], misspelt: frozenset[str]) -> list[Any]:
    """The errors without "must be said" for a key that was said, only misspelt."""
    meant = {(key,) for key in misspelt} | {
        (*entry["loc"][:-1], closest(str(entry["loc"][-1]), keys_at(_words(entry["loc"][:-1]))))
        for entry in errors
        if entry["type"] == "extra_forbidden"
    }
    return [entry for entry in errors if entry["type"] != "missing" or entry["loc"] not in meant]


def _words(path: Keys) -> tuple[str, ...]:
    return tuple("*" if isinstance(part, int) else part for part in path)
