"""YAML with the line of every key: what PyYAML's nodes know and its values forget."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from .problems import Problem

Keys = tuple[str | int, ...]
"""A path through a document: mapping keys and list positions."""

Lines = Mapping[Keys, tuple[str, int]]
"""The file and line of every path of a document, or of several merged ones."""


DEEPEST = 20
"""Levels of nesting that are read; settings need six."""


class _Loader(yaml.CSafeLoader):
    """YAML without the traps of 1.1: `2026-01-01`, `on` and `no` stay text, `012` is not octal."""


_NULL, _BOOL, _INT, _FLOAT = (f"tag:yaml.org,2002:{kind}" for kind in ("null", "bool", "int", "float"))
_TAGS = {_NULL, _BOOL, _INT, _FLOAT, *(f"tag:yaml.org,2002:{kind}" for kind in ("str", "seq", "map", "merge"))}
_NUMBERS = {
    _INT: re.compile(r"^-?(0|[1-9][0-9]{0,17})$"),
    _FLOAT: re.compile(r"^-?(0|[1-9][0-9]*)\.[0-9]+([eE][-+]?[0-9]+)?$"),
}
_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag in (_NULL, "tag:yaml.org,2002:merge")]
    for first, resolvers in yaml.CSafeLoader.yaml_implicit_resolvers.items()
}
_Loader.add_implicit_resolver(_BOOL, re.compile(r"^(true|false)$"), ["t", "f"])
for _tag, _pattern in _NUMBERS.items():
    _Loader.add_implicit_resolver(_tag, _pattern, list("-0123456789"))


@dataclass(frozen=True)
class Document:
    """One YAML file: its data, and the file and line of each of its paths."""

    file: str
    data: Mapping[str, Any]
    lines: Lines


_NO_BREAKS = {0x85: "\ufffd", 0x2028: "\ufffd", 0x2029: "\ufffd"}
"""YAML 1.1 begins a new line at these and no editor does: lines would be counted in two ways."""


def read(path: Path, shown_as: str) -> tuple[Document | None, list[Problem]]:
    """The document in a file, or None and why not. A repeated key is a problem, not the last one wins."""
    builder = _Builder(shown_as)
    try:
        text = path.read_text(encoding="utf-8").translate(_NO_BREAKS)
        if deep := _too_deep(text):
            rule, reason = f"more than {DEEPEST} levels of nesting", "no setting is nested so far"
            return None, [Problem(shown_as, deep, "", "", rule, reason, "Remove the nesting")]
        data = builder.build(yaml.compose(text, Loader=_Loader), ())
    except (UnicodeDecodeError, OSError, yaml.YAMLError) as error:
        return None, [_unreadable(shown_as, error)]
    if builder.problems:
        return None, builder.problems
    if not isinstance(data, dict):
        given = "an empty file" if data is None else f"a {type(data).__name__}"
        rule = "the file must hold a mapping of settings"
        return None, [Problem(shown_as, 0, "", given, rule, "every setting has a name", "Write `key: value` lines")]
    return Document(shown_as, data, builder.lines), []


class _Builder:
    """Makes values of the nodes of one file, and notes their lines and what is wrong with them."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.lines: dict[Keys, tuple[str, int]] = {}
        self.problems: list[Problem] = []
        self._seen: set[int] = set()

    def build(self, node: yaml.Node | None, at: Keys, line: int = 1) -> Any:
        """The value of a node; `at` is its path, and `line` that of its key."""
        if node is None:
            return None
        if id(node) in self._seen:
            self._refuse(line, at, "aliases are not read", "a setting is said in one place", "Write it out")
            return None
        if node.tag not in _TAGS:
            self._refuse(line, at, f"the tag {node.tag} is not read", "values are plain", "Remove it")
            return None
        self._seen.add(id(node))
        self.lines[at] = (self.file, node.start_mark.line + 1)
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, at)
        if isinstance(node, yaml.SequenceNode):
            return [self.build(child, (*at, index), line) for index, child in enumerate(node.value)]
        return _scalar(node)

    def _mapping(self, node: yaml.MappingNode, at: Keys) -> dict[str, Any]:
        made: dict[str, Any] = {}
        for key_node, value_node in node.value:
            line = key_node.start_mark.line + 1
            if not isinstance(key_node, yaml.ScalarNode):
                self._refuse(
                    line, (*at, "?"), "a key must be plain text", "a path must name one setting", "Write a word"
                )
                continue
            key = str(key_node.value)
            if key == "<<":
                self._refuse(
                    line, (*at, key), "merge keys are not read", "a setting is said in one place", "Write it out"
                )
            elif key in made:
                rule = f"the key stands here and in line {self.lines[*at, key][1]}"
                self._refuse(line, (*at, key), rule, "only one of them would count", "Remove one")
            else:
                made[key] = self.build(value_node, (*at, key), line)
                self.lines[*at, key] = (self.file, line)
        return made

    def _refuse(self, line: int, at: Keys, rule: str, reason: str, remedy: str) -> None:
        path = ".".join(str(part) for part in at)
        self.problems.append(Problem(self.file, line, path, "", rule, reason, remedy))


def _too_deep(text: str) -> int:
    """The line in which the nesting passes `DEEPEST`, or 0. Composing recurses, in C beyond what a stack holds."""
    depth = 0
    for event in yaml.parse(text, Loader=_Loader):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > DEEPEST and event.start_mark:
                return event.start_mark.line + 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
    return 0


def _scalar(node: yaml.Node) -> Any:
    text = str(node.value)
    if node.tag == _NULL:
        return None
    if node.tag == _BOOL and text in ("true", "false"):
        return text == "true"
    if node.tag in _NUMBERS and _NUMBERS[node.tag].match(text):
        return int(text) if node.tag == _INT else float(text)
    return text


def _unreadable(file: str, error: UnicodeDecodeError | OSError | yaml.YAMLError) -> Problem:
    match error:
        case UnicodeDecodeError():
            return Problem(file, 0, "", "", "the file must be UTF-8 text", error.reason, "Save it as UTF-8")
        case OSError():
            rule, remedy = "the file must exist and be readable", "Run `fleet new` to write one, or check the name"
            return Problem(file, 0, "", "", rule, str(error.strerror), remedy)
        case yaml.YAMLError():
            mark = getattr(error, "problem_mark", None)
            said = getattr(error, "problem", None) or getattr(error, "reason", None) or "the text cannot be read"
            remedy = "Check the indentation, brackets and quotes of this line and the one above"
            line = mark.line + 1 if mark else 0
            return Problem(file, line, "", "", "the file must be valid YAML", str(said), remedy)
