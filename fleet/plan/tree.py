"""The plan as files: one for each object, so that a diff of two folders is a review.

Values that only the cloud knows stand as `<stack.resource.field>`, wherever they were carried to.
"""

import json
import re
import shutil
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from ..failure import bad_argument
from ..render import Rendered, RenderedStack, Resource

MARKER = ".fleet-plan"
"""Stands in every folder that this wrote: only such a folder is replaced."""

HELM_TYPE = "kubernetes:helm.sh/v3:Release"
_KUBERNETES = "kubernetes:"
_AWS = "aws:"
_DIGEST = re.compile(r"[0-9a-f]{7,17}|[0-9A-F]{13}")
_DIGEST_LENGTH = 7


def refuse_foreign(folder: Path) -> None:
    """Raise `BadInput` where the folder holds something that no plan wrote."""
    if folder.exists() and not (folder / MARKER).exists() and (not folder.is_dir() or any(folder.iterdir())):
        rule = "the folder holds something that no plan wrote"
        raise bad_argument(
            "--out", str(folder), rule, "it would be replaced as a whole", "Name an empty or a new folder"
        )


def write(rendered: Rendered, stacks: Sequence[RenderedStack], folder: Path) -> int:
    """Write every object of these stacks below `folder`, in place of what an earlier plan wrote; return how many."""
    placeholders = Placeholders(rendered)
    if folder.exists():
        shutil.rmtree(folder)
    folder.mkdir(parents=True)
    (folder / MARKER).write_text("Written by `fleet plan --out`; replaced as a whole by the next one.\n")
    count = 0
    for stack in stacks:
        for path, text in _files(stack, placeholders):
            target = folder / str(stack.name) / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text)
            count += 1
    return count


class Placeholders:
    """Replaces every made-up value by the name of the output that it stands for."""

    def __init__(self, rendered: Rendered) -> None:
        self._by_digest: dict[str, dict[str, str]] = defaultdict(dict)
        for stack in rendered.stacks:
            for resource in stack.resources:
                for key in sorted(resource.made_up, key=lambda field: (field == "id", field)):
                    self._know(resource.made_up[key], f"<{stack.name}.{resource.name}.{key}>")

    def _know(self, value: str, placeholder: str) -> None:
        for digest in _DIGEST.findall(value):
            self._by_digest[_key(digest)].setdefault(value, placeholder)

    def _text(self, text: str) -> str:
        known: dict[str, str] = {}
        for digest in _DIGEST.findall(text):
            known |= self._by_digest.get(_key(digest), {})
        for value in sorted(known, key=len, reverse=True):
            text = text.replace(value, known[value])
        return text

    def __call__(self, value: Any) -> Any:
        """The value with every made-up text in it replaced; whole numbers lose the `.0` that the wire gives them."""
        if isinstance(value, str):
            return self._text(value)
        if isinstance(value, float) and value.is_integer():
            return int(value)
        if isinstance(value, Mapping):
            return {self._text(str(key)): self(entry) for key, entry in value.items()}
        if isinstance(value, list | tuple):
            return [self(entry) for entry in value]
        return value


def _key(digest: str) -> str:
    return digest[:_DIGEST_LENGTH].lower()


def _files(stack: RenderedStack, placeholders: Placeholders) -> Iterable[tuple[Path, str]]:
    others: list[Resource] = []
    order: dict[str, list[str]] = {}
    for resource in stack.resources:
        inputs = placeholders(resource.inputs)
        if resource.type == HELM_TYPE:
            yield Path("helm") / f"{resource.name}.yaml", _yaml(inputs)
        elif resource.type.startswith(_KUBERNETES):
            yield Path("kubernetes") / f"{_object_name(inputs)}.yaml", _yaml(inputs)
        elif resource.type.startswith(_AWS):
            kind = resource.type.split(":")[1].replace("/", ".")
            yield Path("aws") / f"{kind}.{resource.name}.json", _json(_aws(resource, inputs))
        else:
            others.append(resource)
            continue
        if not resource.type.startswith(_AWS):
            order[_short(resource.urn)] = [_short(urn) for urn in resource.dependencies]
    yield Path("stack.json"), _json(_stack(stack, others, placeholders) | {"dependsOn": order})


def _object_name(inputs: Mapping[str, Any]) -> str:
    metadata = inputs["metadata"]
    parts = (inputs["kind"].lower(), metadata.get("namespace", ""), metadata["name"])
    return ".".join(part for part in parts if part)


def _aws(resource: Resource, inputs: Mapping[str, Any]) -> dict[str, Any]:
    options = {
        "protect": resource.protect,
        "ignoreChanges": list(resource.ignore_changes),
        "deleteBeforeReplace": resource.delete_before_replace,
        "customTimeouts": dict(resource.timeouts),
    }
    return {
        "type": resource.type,
        "name": resource.name,
        "parent": _short(resource.parent),
        "dependsOn": [_short(urn) for urn in resource.dependencies],
        "options": {key: value for key, value in options.items() if value},
        "inputs": inputs,
    }


def _stack(stack: RenderedStack, others: Iterable[Resource], placeholders: Placeholders) -> dict[str, Any]:
    return {
        "stack": str(stack.name),
        "providersAndComponents": [
            {
                "type": resource.type,
                "name": resource.name,
                "parent": _short(resource.parent),
                "inputs": placeholders(resource.inputs),
            }
            for resource in others
        ],
        "outputs": placeholders(stack.outputs),
    }


def _short(urn: str) -> str:
    """A URN without what every URN of the stack repeats."""
    return "::".join(urn.split("::")[2:])


def _json(value: Any) -> str:
    return json.dumps(value, indent=2, sort_keys=True, ensure_ascii=False) + "\n"


class _Dumper(yaml.SafeDumper):
    """Texts of several lines stand as blocks, so that a diff shows the line that changed."""


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None)


_Dumper.add_representer(str, _text)


def _yaml(value: Any) -> str:
    return yaml.dump(value, Dumper=_Dumper, sort_keys=True, allow_unicode=True, width=120, default_flow_style=False)
