"""The rules of the fleet, and the judge that `fleet plan` asks. The policy pack hands the same rules to Pulumi."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from . import (
    bucket_encrypted,
    chart_pinned,
    cluster_endpoint_private,
    data_encrypted,
    gpu_deployment_protected,
    gpu_pod_placed,
    iam_policy_narrow,
    image_pinned,
    nodepool_limited,
    pools_ceiling_within_budget,
    pools_floor_within_budget,
    resource_tagged,
)
from .reading import at, mapping
from .rule import Finding, Level, Resource, ResourceRule, Rule, StackRule

__all__ = ["BUDGET", "RULES", "Finding", "Level", "Resource", "ResourceRule", "Rule", "StackRule", "judge"]

BUDGET: tuple[Rule, ...] = (pools_floor_within_budget.RULE, pools_ceiling_within_budget.RULE)
"""The rules that make sense over a whole environment as well as over one stack."""

RULES: tuple[Rule, ...] = (
    resource_tagged.RULE,
    cluster_endpoint_private.RULE,
    data_encrypted.RULE,
    bucket_encrypted.RULE,
    iam_policy_narrow.RULE,
    nodepool_limited.RULE,
    image_pinned.RULE,
    gpu_pod_placed.RULE,
    gpu_deployment_protected.RULE,
    chart_pinned.RULE,
    *BUDGET,
)


def judge(
    resources: Iterable[tuple[str, str, Mapping[str, Any]]],
    config: Mapping[str, Any],
    rules: Sequence[Rule] = RULES,
) -> list[Finding]:
    """Every violation among the resources of one stack, given as type, name and properties.

    Properties are inputs and, where they are known, outputs: a bucket is told by a name that may be an output.
    `config` is the document that `pulumi up --policy-pack-config` takes: settings by the name of the rule.
    """
    judged = [Resource(*resource) for resource in resources]
    return [
        Finding(
            rule=rule.name,
            level=rule.level,
            type=resource.type if resource else "",
            name=resource.name if resource else "",
            text=rule.text(what),
        )
        for rule in rules
        for resource, what in rule.breaches(judged, mapping(at(config, rule.name)))
    ]
