"""What a setting is, found by its path: for `fleet explain`, and for the reason in an error."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from types import UnionType
from typing import Any, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from .schema import Frozen, Head, Regional


@dataclass(frozen=True)
class Setting:
    """One setting: the path by which it is said (`*` stands for a name), its owner and its field."""

    path: tuple[str, ...]
    owner: type[BaseModel]
    field: FieldInfo

    @property
    def description(self) -> str:
        """What it means."""
        return self.field.description or ""


def roots() -> tuple[type[BaseModel], ...]:
    """The models whose fields stand at the top of `fleet.yaml`."""
    return (Head, Regional)


def settings() -> Iterator[Setting]:
    """Every setting there is."""
    for root in roots():
        yield from _under(root, ())


def find(path: Sequence[str]) -> Setting | None:
    """The setting at a path; a name that the user chose (a pool's, a model's, a region's) matches `*`."""
    for setting in settings():
        if len(setting.path) == len(path) and all(a in ("*", b) for a, b in zip(setting.path, path, strict=True)):
            return setting
    return None


def keys_at(path: Sequence[str]) -> tuple[str, ...]:
    """The keys that may stand under a path."""
    found = (setting.path for setting in settings())
    return tuple(
        one[-1]
        for one in found
        if len(one) == len(path) + 1 and all(a in ("*", b) for a, b in zip(one[:-1], path, strict=True))
    )


def closest(given: str, known: Sequence[str]) -> str:
    """The known word that was probably meant, or nothing."""
    return next(iter(get_close_matches(given, known, n=1, cutoff=0.6)), "")


def _under(model: type[BaseModel], path: tuple[str, ...]) -> Iterator[Setting]:
    for name, field in model.model_fields.items():
        at = (*path, name)
        yield Setting(at, model, field)
        for inner, step in _models(field.annotation):
            yield from _under(inner, (*at, *step))


def _models(annotation: Any) -> Iterator[tuple[type[BaseModel], tuple[str, ...]]]:
    """The models inside an annotation, and the step that leads to them: `*` through a mapping or a list."""
    if isinstance(annotation, type) and issubclass(annotation, Frozen):
        yield annotation, ()
        return
    origin = get_origin(annotation)
    arguments = get_args(annotation)
    if origin in (Union, UnionType):
        for argument in arguments:
            yield from _models(argument)
    elif origin in (dict, Mapping):
        yield from ((inner, ("*", *step)) for inner, step in _models(arguments[1]))
    elif origin is tuple:
        yield from ((inner, ("*", *step)) for inner, step in _models(arguments[0]))
    elif arguments and origin is not None:
        yield from _models(arguments[0])
