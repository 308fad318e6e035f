"""The files of an environment as `fleet new` writes them: settings from the starter texts, and Pulumi's own files."""

import json
import re
from collections.abc import Iterable, Mapping
from ipaddress import IPv4Network
from pathlib import Path
from string import Template
from typing import Any

import yaml

from components import naming
from stacks.name import StackName
from stacks.settings import Environment, Region

from .failure import bad_argument

STARTER = Path(__file__).parent / "starter"

_NUMBER = re.compile(r"[0-9]+(\.[0-9]+)?")
_WORD = re.compile(r"[A-Za-z][A-Za-z0-9_.-]*")
_QUOTED = ("account", "team", "cost_center")
"""Answers that are text whatever they look like."""

_VPC_BLOCKS = tuple(f"10.{second}.0.0/16" for second in (*range(16, 256, 16), *range(1, 256)))
_POD_BLOCKS = tuple(f"100.{second}.0.0/16" for second in range(64, 128))
"""Shared address space (RFC 6598): in no company's route tables, and AWS allows it as a secondary block."""


class Blocks:
    """The addresses that are taken, and the next that are not."""

    def __init__(self, regions: Iterable[Region]) -> None:
        self._taken = [
            IPv4Network(block) for region in regions for block in (region.network.cidr, region.network.pod_cidr)
        ]

    def take(self) -> tuple[str, str]:
        """Free blocks for a region's nodes and pods."""
        return self._next(_VPC_BLOCKS), self._next(_POD_BLOCKS)

    def _next(self, candidates: Iterable[str]) -> str:
        for block in candidates:
            if not any(IPv4Network(block).overlaps(other) for other in self._taken):
                self._taken.append(IPv4Network(block))
                return block
        taken = len(self._taken)
        raise bad_argument("--region", "", "no /16 is left", f"{taken} blocks are taken", "Remove an environment first")


def fleet_file(environment: str, answers: Mapping[str, str], roles: Mapping[str, str]) -> str:
    """The text of `fleet.yaml`. `answers` are by the names of the flags of `fleet new`."""
    said = {name: _scalar(name, answer) for name, answer in answers.items()}
    zone = f", hosted_zone_id: {said['hosted_zone_id']}" if answers["hosted_zone_id"] else ""
    regions = "\n".join(f"  {region}: {{role: {role}}}" for region, role in roles.items())
    texts = {"environment": environment, "hosted_zone": zone, "regions": regions, "cluster": _cluster(answers)}
    return _starter("fleet.yaml", {**said, **texts})


def _cluster(answers: Mapping[str, str]) -> str:
    """Who may speak to the API endpoint, and from where, as far as anybody was named."""
    named = {"admin_role_arns": answers["admin_role"].split(), "allow_list": answers["allow_list"].split()}
    lines = [f"  {key}: {json.dumps(values)}\n" for key, values in named.items() if values]
    return "".join(["\ncluster:\n", *lines]) if lines else ""


def region_file(region: str, blocks: Blocks, fleet: Mapping[str, Any]) -> str:
    """The text of `<region>.yaml`: free addresses, and nothing of what `fleet.yaml` says of other regions' capacity."""
    cidr, pod_cidr = blocks.take()
    text = _starter("region.yaml", {"region": region, "cidr": cidr, "pod_cidr": pod_cidr})
    if fleet.get("network", {}).get("zones"):
        text += "  zones: []\n"
    pools = {name: _elsewhere(pool) for name, pool in fleet["pools"].items()}
    lines = [f"  {name}: {{{', '.join(changes)}}}\n" for name, changes in pools.items() if changes]
    if lines:
        text += (
            "\n# Zones and reservations belong to one region: name this region's, or leave the pool without.\npools:\n"
        )
    return text + "".join(lines)


def stack_file(environment: Environment, stack: StackName) -> str:
    """The text of Pulumi's own file of a stack: what Pulumi needs before it reads any of our settings."""
    key = f"awskms://{naming.state_key_alias(environment.name)}?region={environment.active[0].name}"
    region = f"  inference-fleet:region: {stack.region}\n" if stack.region else ""
    return (
        "# Written by `fleet new`. What the stack builds is said in stacks/environments.\n"
        f"secretsprovider: {key}\n"
        "config:\n"
        f"{region}"
        '  pulumi:disable-default-providers: ["*"]\n'
    )


def with_region(text: str, region: str, role: str) -> str:
    """The text of `fleet.yaml` with one more region, after the last one; everything else stays as it was typed."""
    document = yaml.compose(text, Loader=yaml.SafeLoader)
    entries = document.value if isinstance(document, yaml.MappingNode) else []
    regions = next(value for key, value in entries if key.value == "regions")
    lines = text.splitlines(keepends=True)
    first, last = regions.value[0][0], _last_leaf(regions)
    if regions.flow_style:
        end = regions.value[-1][1].end_mark
        line = lines[end.line]
        lines[end.line] = f"{line[: end.column]}, {region}: {{role: {role}}}{line[end.column :]}"
    else:
        ending = "\r\n" if text.count("\r\n") else "\n"
        if not lines[last.end_mark.line].endswith(ending):
            lines[last.end_mark.line] += ending
        lines.insert(last.end_mark.line + 1, f"{' ' * first.start_mark.column}{region}: {{role: {role}}}{ending}")
    return "".join(lines)


def _last_leaf(node: yaml.Node) -> yaml.Node:
    """The last thing typed of a block: a block's own end is where the next one begins."""
    while isinstance(node, yaml.MappingNode) and not node.flow_style:
        node = node.value[-1][1]
    return node


def _elsewhere(pool: Mapping[str, Any]) -> list[str]:
    """What a new region says of a pool, so that it does not stand on another region's zones and reservations."""
    changes = [f"{key}: []" for key in ("zones", "reservations") if pool.get(key)]
    ways = pool.get("purchase", [])
    if "reserved" in ways:
        changes.append(f"purchase: [{', '.join(way for way in ways if way != 'reserved') or 'on-demand'}]")
    return changes


def _starter(file: str, values: Mapping[str, str]) -> str:
    return Template((STARTER / file).read_text(encoding="utf-8")).substitute(values)


def _scalar(name: str, text: str) -> str:
    """An answer as YAML says it: a number or a word plain, all else in quotes."""
    plain = _NUMBER if name == "monthly_usd" else _WORD
    return text if name not in _QUOTED and plain.fullmatch(text) else json.dumps(text, ensure_ascii=False)
