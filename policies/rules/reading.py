"""Properties as rules read them: perhaps missing, perhaps of another shape, perhaps not known yet.

In a preview Pulumi hands over mappings and lists that raise where an unknown value is read, so a rule reads no more
than it judges, and `said` asks for a key without reading its value.
"""

from collections.abc import Mapping, Sequence
from typing import Any

_LONGEST_VALUE = 80


def at(value: Any, *path: str) -> Any:
    """The value at a path of keys; None where the path ends early."""
    for key in path:
        if not isinstance(value, Mapping):
            return None
        value = value.get(key)
    return value


def said(value: Any, key: str) -> bool:
    """Whether a mapping has a key, be its value known or not."""
    return isinstance(value, Mapping) and key in set(value)


def mapping(value: Any) -> Mapping[str, Any]:
    """A mapping, or an empty one."""
    return value if isinstance(value, Mapping) else {}


def items(value: Any) -> list[Any]:
    """The items of a list; a value that stands alone is a list of one, as in IAM's documents."""
    if value is None:
        return []
    return list(value) if isinstance(value, Sequence) and not isinstance(value, str) else [value]


def texts(value: Any) -> list[str]:
    """The texts of a list, or the one text that stands alone."""
    return [item for item in items(value) if isinstance(item, str)]


def true(value: Any) -> bool:
    """Whether a switch is on: launch templates spell it as text."""
    return value is True or value == "true"


def shown(value: Any) -> str:
    """A value in a message: short and on one line."""
    text = "nothing" if value is None else " ".join(str(value).split())
    return text if len(text) <= _LONGEST_VALUE else text[: _LONGEST_VALUE - 1] + "…"
