"""One stack that keeps every rule, and the cases that break one: both judges, plan and pack, are shown the same."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

CONFIG = {
    "pools-floor-within-budget": {"monthlyUsd": 100_000},
    "pools-ceiling-within-budget": {"monthlyUsd": 100_000},
}

Stack = list[tuple[str, str, dict[str, Any]]]


class Loader(yaml.SafeLoader):
    """Reads `!json` as the JSON text of what follows."""


def _json(loader: yaml.SafeLoader, node: yaml.Node) -> str:
    assert isinstance(node, yaml.MappingNode)
    return json.dumps(loader.construct_mapping(node, deep=True))


Loader.add_constructor("!json", _json)


@cache
def _text(name: str) -> str:
    return json.dumps(yaml.load((Path(__file__).parent / name).read_text(), Loader))  # noqa: S506


def read(name: str) -> Any:
    """A YAML file of this folder, every anchor a copy of its own."""
    return json.loads(_text(name))


@dataclass(frozen=True)
class Case:
    """One change to the compliant stack, and what is said of it."""

    rule: str
    at: Sequence[Any]
    change: dict[str, Any]
    says: str

    def stack(self) -> Stack:
        """The compliant stack with this change."""
        resources = read("compliant_stack.yaml")
        name, *path = self.at
        *way, last = [name, "props", *path] if path else [name]
        holder = resources
        for key in way:
            holder = holder[key]
        if "is" in self.change:
            holder[last] = self.change["is"]
        else:
            del holder[last]
        return _listed(resources)


def _listed(resources: dict[str, Any]) -> Stack:
    return [(entry["type"], name, entry["props"]) for name, entry in resources.items()]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "case" in metafunc.fixturenames:
        table = read("cases.yaml")
        cases = [Case(rule, row["at"], row, row["says"]) for rule, rows in table.items() for row in rows]
        metafunc.parametrize("case", cases, ids=lambda case: f"{case.rule}: {case.says}")
    if "variant" in metafunc.fixturenames:
        variants = [Case("", row["at"], row, "") for row in read("allowed.yaml")]
        metafunc.parametrize("variant", variants, ids=lambda variant: ".".join(map(str, variant.at)))


@pytest.fixture
def compliant() -> Stack:
    return _listed(read("compliant_stack.yaml"))


@pytest.fixture
def config() -> dict[str, Any]:
    return {name: dict(settings) for name, settings in CONFIG.items()}


@pytest.fixture
def cases() -> dict[str, list[Any]]:
    return read("cases.yaml")
