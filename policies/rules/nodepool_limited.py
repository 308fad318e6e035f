"""A NodePool can buy only so much, and never ends a GPU node because of its age."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from .pods import GPU
from .reading import at, items, mapping, shown, texts
from .rule import Resource, ResourceRule, Settings

NODE_POOL = "kubernetes:karpenter.sh/v1:NodePool"

_POOLS = frozenset({NODE_POOL})
_GPU_LABEL = "karpenter.k8s.aws/instance-gpu-"
_GPU_FAMILY = re.compile(r"(p|gr?)\d")
"""Instance types and families with a GPU: p5.48xlarge, p6-b200.48xlarge, g6e.xlarge, gr6.4xlarge."""


def _validate(resource: Resource, settings: Settings) -> Iterator[str]:
    del settings
    limits = mapping(at(resource.props, "spec", "limits"))
    template = mapping(at(resource.props, "spec", "template", "spec"))
    if not _has_gpus(template):
        if not limits:
            yield "spec.limits is not set"
        return
    if limits.get(GPU) in (None, ""):
        yield f"spec.limits has no {GPU}"
    if (age := at(template, "expireAfter")) != "Never":
        yield f"spec.template.spec.expireAfter = {shown(age)} on a GPU pool"


def _has_gpus(template: Mapping[str, Any]) -> bool:
    tainted = any(at(taint, "key") == GPU for taint in items(at(template, "taints")))
    return tainted or any(map(_asks_for_gpus, items(at(template, "requirements"))))


def _asks_for_gpus(requirement: Any) -> bool:
    key = at(requirement, "key")
    if at(requirement, "operator") in ("DoesNotExist", "NotIn"):
        return False
    labelled = isinstance(key, str) and key.startswith(_GPU_LABEL)
    return labelled or any(map(_GPU_FAMILY.match, texts(at(requirement, "values"))))


RULE = ResourceRule(
    name="nodepool-limited",
    must="a NodePool has limits, and GPU nodes never expire",
    why="Pending pods would buy without end, and expiry (after 720h by default) ignores disruption budgets",
    remedy=f"Set spec.limits, with {GPU} on a GPU pool, and expireAfter: Never there",
    judges=_POOLS.__contains__,
    validate=_validate,
)
