"""The plan as files: one for each object, so that a diff of two folders is a review.

Values that only the cloud knows stand as `<stack.resource.field>`, wherever they were carried to.
"""

import fcntl
import json
import os
import re
import shutil
import tempfile
from collections import defaultdict
from collections.abc import Generator, Iterable, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import yaml

from stacks.name import StackName, StackNameError

from ..failure import bad_argument
from ..render import Rendered, RenderedStack, Resource

MARKER = ".fleet-plan"
"""Stands in every folder that this wrote, and names the stacks in it: nothing else there is ever replaced."""

HELM_TYPE = "kubernetes:helm.sh/v3:Release"
_KUBERNETES = "kubernetes:"
_AWS = "aws:"
_DIGEST = re.compile(r"[0-9a-f]{7,17}|[0-9A-F]{13}")
_DIGEST_LENGTH = 7


@contextmanager
def staged(folder: Path | None) -> Generator[Path | None, None, None]:
    """A folder in which the tree is made, before it takes the place of what an earlier plan wrote; None for None.

    Raises `BadInputError` at once where the folder cannot be written or holds something that no plan wrote.
    """
    if folder is None:
        yield None
        return
    new = not folder.exists()
    with _blamed(folder):
        _refuse_file(folder)
        folder.mkdir(parents=True, exist_ok=True)
        with _alone(folder):
            _refuse_foreign(folder)
            stage = Path(tempfile.mkdtemp(prefix=f"{MARKER}-", dir=folder))
    try:
        yield stage
    finally:
        shutil.rmtree(stage, ignore_errors=True)
        if new:
            with suppress(OSError):
                folder.rmdir()


def write(rendered: Rendered, stacks: Sequence[RenderedStack], stage: Path) -> int:
    """Write every object of these stacks, put them in place of an earlier plan's, and return how many there are."""
    placeholders = Placeholders(rendered)
    count = 0
    with _blamed(stage.parent):
        for stack in stacks:
            for path, text in _files(stack, placeholders):
                target = stage / str(stack.name) / path
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_text(text, encoding="utf-8")
                count += 1
        with _alone(stage.parent):
            _settle(stage, [str(stack.name) for stack in stacks])
    return count


@contextmanager
def _blamed(folder: Path) -> Generator[None, None, None]:
    try:
        yield
    except OSError as error:
        reason, remedy = error.strerror or str(error), "Name a folder that can be written"
        raise bad_argument("--out", str(folder), "the folder cannot be written", reason, remedy) from None


@contextmanager
def _alone(folder: Path) -> Generator[None, None, None]:
    """Keep other plans out of the folder, where its file system has locks for folders: NFS has none."""
    opened = os.open(folder, os.O_RDONLY)
    try:
        with suppress(OSError):
            fcntl.flock(opened, fcntl.LOCK_EX)
        yield
    finally:
        os.close(opened)


def _refuse_file(folder: Path) -> None:
    if folder.exists() and not folder.is_dir():
        raise bad_argument("--out", str(folder), "a file has this name", "the plan is a folder", "Name a folder")


def _refuse_foreign(folder: Path) -> None:
    if (folder / MARKER).exists():
        return
    if any(not path.name.startswith(MARKER) for path in folder.iterdir()):
        rule = "the folder holds something that no plan wrote"
        reason, remedy = "a tree is compared as a whole", "Name an empty or a new folder"
        raise bad_argument("--out", str(folder), rule, reason, remedy)


def _settle(stage: Path, names: Sequence[str]) -> None:
    """Move the new stacks to where the old ones stood, all or none; whatever else lies in the folder stays."""
    folder, old = stage.parent, stage / "old"
    marker = folder / MARKER
    replaced = [name for name in {*_stacks_in(marker), *names} if (folder / name).exists()]
    moves = [(folder / name, old / name) for name in replaced] + [(stage / name, folder / name) for name in names]
    old.mkdir()
    try:
        for source, target in moves:
            source.rename(target)
        marker.write_text("".join(f"{name}\n" for name in names), encoding="utf-8")
    except BaseException:
        for source, target in reversed(moves):
            if target.exists() and not source.exists():
                target.rename(source)
        raise


def _stacks_in(marker: Path) -> list[str]:
    """The stacks that an earlier plan wrote. What is no stack's name may lead out of the folder, and is left alone."""
    return (
        [name for name in marker.read_text(encoding="utf-8").splitlines() if _is_stack(name)] if marker.exists() else []
    )


def _is_stack(name: str) -> bool:
    try:
        return str(StackName.parse(name)) == name
    except StackNameError:
        return False


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
