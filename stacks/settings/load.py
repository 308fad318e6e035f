"""An environment from its folder: read, merge, validate, check; every problem at once.

`fleet.yaml` is read first; each `<region>.yaml` is merged over it, mappings key by key, everything else replaced. The
line of a problem is that of the file which said the value. What is wrong by itself is set aside, so that the rest is
still checked; rules about keys whose default then stands in are left for the next reading.
"""

import copy
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pulumi
from deepmerge.merger import Merger

from components.network import catalog as geography

from ..name import StackName, StackNameError
from . import checks
from .describe import closest
from .document import Document, Lines, read
from .problems import Problem, SettingsError, shown
from .schema import Environment, Head, Region, Regional
from .validate import place, problem, unknown_key, validated
from .words import Role

ENVIRONMENTS = Path(__file__).parent.parent / "environments"
"""Where environments are kept: one folder each."""

FLEET_FILE = "fleet.yaml"

_OVER: Merger = Merger([(dict, ["merge"])], ["override"], ["override"])
_HEAD_KEYS = frozenset(Head.model_fields)
_REGIONAL_KEYS = frozenset(Regional.model_fields)
_WITH_DEFAULT = frozenset(key for key, field in Regional.model_fields.items() if not field.is_required())


def environments(root: Path = ENVIRONMENTS) -> tuple[str, ...]:
    """The names of the environments that there are."""
    return tuple(sorted(path.parent.name for path in root.glob(f"*/{FLEET_FILE}")))


def load(name: str, root: Path = ENVIRONMENTS) -> Environment:
    """The environment of that name. Raises `SettingsError` with every problem."""
    folder = root / name
    if name not in _folders(root):
        raise SettingsError([_no_environment(name, root)])
    if not is_environment_name(name):
        raise SettingsError([_misnamed(name, root)])
    fleet, problems = read(folder / FLEET_FILE, shown_path(folder / FLEET_FILE))
    if fleet is None:
        raise SettingsError(problems)
    problems += _strangers(fleet, _HEAD_KEYS | _REGIONAL_KEYS, "")
    said = _only(fleet.data, _HEAD_KEYS)
    head, errors = validated(Head, said, _misspelt(fleet))
    problems += [problem(entry, said, fleet.lines, FLEET_FILE) for entry in errors]
    roles = _roles(fleet.data)
    overrides, unreadable, wrong = _region_files(folder, tuple(roles), fleet)
    problems += wrong
    regions: dict[str, Region] = {}
    lines: dict[str, Lines] = {"": fleet.lines}
    pools: dict[str, frozenset[str]] = {}
    for region_name, role in roles.items():
        if region_name in unreadable:
            continue
        override = overrides.get(region_name)
        merged = _merged(fleet, override)
        lines[region_name] = _lines(region_name, fleet, override)
        misspelt = _misspelt(fleet) | (_misspelt(override) if override else frozenset())
        region, wrong = _region(region_name, role, merged, lines[region_name], misspelt)
        problems += wrong
        if region:
            regions[region_name] = region
            pools[region_name] = frozenset(merged["pools"])
    breaches = [breach for region in regions.values() for breach in checks.regional(region, pools[region.name])]
    if head is not None:
        breaches += checks.across(head, regions, complete=not problems and not breaches)
    guessed = _guessed(problems)
    problems += [_located(breach, lines) for breach in breaches if breach.path[0] not in guessed]
    if problems or head is None:
        raise SettingsError(problems)
    identity = {key: value for key, value in head if key != "regions"}
    return Environment.model_construct(None, name=name, regions=regions, **identity)


def is_environment_name(name: str) -> bool:
    """Whether stacks can be named after an environment of that name."""
    try:
        return StackName.parse(f"{name}-base").environment == name
    except StackNameError:
        return False


def _folders(root: Path) -> tuple[str, ...]:
    return tuple(path.name for path in root.iterdir() if path.is_dir()) if root.is_dir() else ()


def _guessed(problems: Sequence[Problem]) -> frozenset[str]:
    """The keys for which a default may stand in, because they or a key that nobody knows are wrong by themselves."""
    sure = _HEAD_KEYS | _REGIONAL_KEYS - _WITH_DEFAULT
    return _WITH_DEFAULT if {entry.path.partition(".")[0] for entry in problems} - sure else frozenset()


def configured_region() -> str | None:
    """The region in Pulumi's own stack configuration, which must agree with the stack's name."""
    return pulumi.Config().get("region")


def shown_path(path: Path) -> str:
    """A path as errors show it: from the repository or from here, where it lies in either."""
    for base in (ENVIRONMENTS.parent.parent, Path.cwd()):
        if path.resolve().is_relative_to(base.resolve()):
            return str(path.resolve().relative_to(base.resolve()))
    return str(path)


def _no_environment(name: str, root: Path) -> Problem:
    known = environments(root)
    meant = closest(name, known)
    there = f"There are {', '.join(known)}" if known else "There is none"
    remedy = f'Did you mean "{meant}"?' if meant else "`fleet new` writes one"
    return Problem(shown_path(root), 0, "", f'"{name}"', "no such environment", there, remedy)


def _misnamed(name: str, root: Path) -> Problem:
    rule = "must be one lower-case word of at most sixteen letters and digits"
    return Problem(
        shown_path(root), 0, "", f'"{name}"', rule, "the name of every stack begins with it", "Rename the folder"
    )


def _only(data: Mapping[str, Any], keys: frozenset[str]) -> dict[str, Any]:
    return {key: value for key, value in data.items() if key in keys}


def _lines(region: str, fleet: Document, override: Document | None) -> Lines:
    """The lines of both files; the place of what nobody said is the region's own file, or where the region is named."""
    if override is None:
        return {**fleet.lines, (): fleet.lines["regions", region]}
    return {**fleet.lines, **override.lines}


def _strangers(document: Document, known: frozenset[str], where: str) -> list[Problem]:
    """Top-level keys that do not belong into this file; `where` says which other file they belong into."""
    found: list[Problem] = []
    for key in document.data:
        if key in known:
            continue
        line = document.lines[(key,)][1]
        if where and key in _HEAD_KEYS:
            rule, reason, remedy = (
                "is said once for the environment",
                "regions cannot differ in it",
                f"Move it to {where}",
            )
            found.append(Problem(document.file, line, key, "", rule, reason, remedy))
        else:
            found.append(unknown_key(document.file, line, (key,), tuple(known)))
    return found


def _misspelt(document: Document) -> frozenset[str]:
    """The known keys that were probably meant by unknown ones."""
    known = _HEAD_KEYS | _REGIONAL_KEYS
    return frozenset(closest(key, tuple(known)) for key in document.data if key not in known)


def _roles(data: Mapping[str, Any]) -> dict[str, Role]:
    """The regions that are well enough described to be looked at, with their roles."""
    regions = data.get("regions")
    if not isinstance(regions, dict):
        return {}
    said = {name: entry.get("role") if isinstance(entry, dict) else None for name, entry in regions.items()}
    return {name: Role(role) for name, role in said.items() if role in tuple(Role)}


def _region_files(
    folder: Path, regions: Sequence[str], fleet: Document
) -> tuple[dict[str, Document], set[str], list[Problem]]:
    """The region files by region, the regions whose file cannot be read, and what is wrong with the files."""
    found: dict[str, Document] = {}
    unreadable: set[str] = set()
    problems: list[Problem] = []
    said = fleet.data.get("regions")
    for path in sorted(folder.glob("*.y*ml")):
        if path.name == FLEET_FILE:
            continue
        if path.suffix != ".yaml":
            rule, reason = "a file of settings must end in .yaml", "it would be ignored in silence"
            problems.append(Problem(shown_path(path), 0, "", "", rule, reason, f"Rename it to {path.stem}.yaml"))
            continue
        if path.stem not in regions:
            if isinstance(said, dict) and path.stem in said:
                continue
            meant = "" if path.stem in geography.ZONES else closest(path.stem, regions)
            rule = f"no region {path.stem} in {fleet.file}"
            remedy = f'Did you mean "{meant}.yaml"?' if meant else f"Add {path.stem} to `regions`, or delete the file"
            problems.append(Problem(shown_path(path), 0, "", "", rule, "the file would be ignored in silence", remedy))
            continue
        document, wrong = read(path, shown_path(path))
        problems += wrong
        if document is None:
            unreadable.add(path.stem)
        else:
            problems += _strangers(document, _REGIONAL_KEYS, fleet.file)
            found[path.stem] = document
    return found, unreadable, problems


def _merged(fleet: Document, override: Document | None) -> dict[str, Any]:
    base = copy.deepcopy(_only(fleet.data, _REGIONAL_KEYS))
    if override is None:
        return base
    merged: dict[str, Any] = _OVER.merge(base, copy.deepcopy(_only(override.data, _REGIONAL_KEYS)))
    return merged


def _region(
    name: str, role: Role, data: dict[str, Any], lines: Lines, misspelt: frozenset[str]
) -> tuple[Region | None, list[Problem]]:
    """The region without what is wrong by itself (a pool, a model, a key that has a default), and every problem."""
    regional, errors = validated(Regional, data, misspelt)
    if regional is None:
        wrong = {entry["loc"][:2] for entry in errors}
        kept = {
            key: {name: entry for name, entry in value.items() if (key, name) not in wrong}
            if key in ("pools", "models") and isinstance(value, dict)
            else value
            for key, value in data.items()
            if key not in _WITH_DEFAULT or not any(loc[:1] == (key,) for loc in wrong)
        }
        regional, _ = validated(Regional, kept)
    problems = [problem(entry, data, lines, f"{name}.yaml") for entry in errors]
    if regional is None:
        return None, problems
    return Region.model_construct(name=name, role=role, **dict(regional)), problems


def _located(breach: checks.Breach, lines: Mapping[str, Lines]) -> Problem:
    file, line = place(breach.path, lines[breach.region])
    text = ".".join(str(part) for part in breach.path)
    value = shown(text, breach.value) if breach.value is not None else ""
    return Problem(file, line, text, value, breach.rule, breach.reason, breach.remedy)
