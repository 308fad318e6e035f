"""Mutations of the committed environments: what a hurried person may do to a YAML file, as hypothesis strategies."""

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from hypothesis import strategies as st

from stacks.settings import ENVIRONMENTS

Place = tuple[str | int, ...]


@dataclass(frozen=True)
class Mutation:
    """An environment and the whole new text of one of its files."""

    environment: str
    file: str
    text: str

    def write(self, root: Path) -> Path:
        """Copy the environment into an empty folder of environments, with the mutated file; returns that folder."""
        folder = root / self.environment
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(ENVIRONMENTS / self.environment, folder)
        (folder / self.file).write_text(self.text, encoding="utf-8", newline="")
        return root


_FILES = tuple(
    (path.parent.name, path.name, path.read_text(encoding="utf-8")) for path in sorted(ENVIRONMENTS.glob("*/*.yaml"))
)

_SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=20),
    st.sampled_from(
        ["", "h100", "spot", "us-east-1", "us-east-1a", "10.0.0.0/8", "0.0.0.0/0", "::/0", "1.36", "2026-01-01", "2e5"]
    ),
)
_VALUES = st.recursive(
    _SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=6,
)


def mutations() -> st.SearchStrategy[Mutation]:
    """Any of the mutations below, of any file of any environment."""
    return st.one_of(edited(), edited(edits=5), retyped())


@st.composite
def edited(draw: st.DrawFn, edits: int = 1) -> Mutation:
    """Keys deleted, renamed or doubled, and values replaced, moved or scaled; YAML by syntax."""
    environment, file, text = draw(st.sampled_from(_FILES))
    document = yaml.safe_load(text)
    for _ in range(draw(st.integers(1, edits))):
        document = _edit(draw, document)
    return Mutation(environment, file, yaml.safe_dump(document, sort_keys=False, allow_unicode=True))


@st.composite
def retyped(draw: st.DrawFn) -> Mutation:
    """The text itself changed: a line doubled, removed or indented, something typed into it, or all of it replaced."""
    environment, file, text = draw(st.sampled_from(_FILES))
    lines = text.splitlines(keepends=True)
    at = draw(st.integers(0, len(lines) - 1))
    match draw(st.sampled_from(["double", "remove", "indent", "type", "cut", "replace"])):
        case "double":
            lines.insert(at, lines[at])
        case "remove":
            del lines[at]
        case "indent":
            lines[at] = "  " + lines[at]
        case "type":
            column = draw(st.integers(0, len(lines[at]) - 1))
            typed = draw(
                st.text(st.sampled_from(":{}[],&*!|>'\"%@#-\t a0~"), min_size=1, max_size=4) | st.text(max_size=4)
            )
            lines[at] = lines[at][:column] + typed + lines[at][column:]
        case "cut":
            lines = lines[:at]
        case _:
            lines = [draw(st.text(max_size=80))]
    return Mutation(environment, file, "".join(lines))


def _edit(draw: st.DrawFn, document: Any) -> Any:
    places = list(_places(document))
    if not places:
        return draw(_VALUES)
    *way, key = draw(st.sampled_from(places))
    holder = document
    for part in way:
        holder = holder[part]
    match draw(st.sampled_from(["delete", "replace", "rename", "move", "scale"])):
        case "delete":
            del holder[key]
        case "rename" if isinstance(holder, dict):
            holder[draw(st.text(max_size=6)) or str(key)[:-1]] = holder.pop(key)
        case "move":
            *other, last = draw(st.sampled_from(places))
            holder[key] = _copied(document, (*other, last))
        case "scale" if isinstance(holder[key], int | float):
            holder[key] *= draw(st.sampled_from([0, -1, 2, 1000, 10**18, 0.5]))
        case _:
            holder[key] = draw(_VALUES)
    return document


def _places(document: Any, at: Place = ()) -> list[Place]:
    entries = (
        document.items() if isinstance(document, dict) else enumerate(document) if isinstance(document, list) else ()
    )
    return [place for key, value in entries for place in ((*at, key), *_places(value, (*at, key)))]


def _copied(document: Any, place: Place) -> Any:
    for part in place:
        document = document[part]
    return yaml.safe_load(yaml.safe_dump(document))
