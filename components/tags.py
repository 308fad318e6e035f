"""Tags: the one set of keys by which cost is allocated, on everything that can carry them."""

from collections.abc import Mapping

REQUIRED = (
    "environment",
    "owner",
    "cost-center",
    "product",
    "component",
    "region-role",
    "managed-by",
    "pulumi-stack",
)
"""The keys that every taggable resource must carry; policy and tests hold them to it."""

PRODUCT = "inference-fleet"


def common(
    *, environment: str, owner: str, cost_center: str, stack: str, component: str, region_role: str
) -> dict[str, str]:
    """The required tags of everything that one stack makes. `region_role` is active, standby or global."""
    return {
        "environment": environment,
        "owner": owner,
        "cost-center": cost_center,
        "product": PRODUCT,
        "component": component,
        "region-role": region_role,
        "managed-by": "pulumi",
        "pulumi-stack": stack,
    }


def named(tags: Mapping[str, str], name: str) -> dict[str, str]:
    """`tags` with the `Name` that the AWS console shows."""
    return {**tags, "Name": name}
