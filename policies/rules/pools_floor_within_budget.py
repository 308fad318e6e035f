"""What the pools cost when nobody calls fits into the budget. Pools carry their dollars as annotations.

Given the resources of one stack it judges that stack, given those of a whole environment the environment.
"""

import math
from collections.abc import Iterator, Sequence
from typing import Any

from .nodepool_limited import NODE_POOL
from .reading import at
from .rule import Resource, Settings, StackRule

FLOOR = "inference-fleet.io/floor-usd-per-month"

SETTINGS = {"monthlyUsd": {"type": "number", "minimum": 1, "description": "The budget, in dollars a month."}}


def dollars(value: Any) -> float | None:
    """An amount in dollars; None where it is not a plain number."""
    try:
        amount = float(value)
    except (TypeError, ValueError, OverflowError):
        return None
    return amount if math.isfinite(amount) and amount >= 0 and not isinstance(value, bool) else None


def pools(resources: Sequence[Resource], annotation: str) -> list[tuple[Resource, float | None]]:
    """The NodePools with the dollars of an annotation; None where a pool is not priced."""
    return [
        (resource, dollars(at(resource.props, "metadata", "annotations", annotation)))
        for resource in resources
        if resource.type == NODE_POOL
    ]


def _validate(resources: Sequence[Resource], settings: Settings) -> Iterator[tuple[None, str]]:
    priced = [amount for _, amount in pools(resources, FLOOR) if amount is not None]
    budget = dollars(at(settings, "monthlyUsd"))
    if priced and not budget:
        yield None, "monthlyUsd is not set, so nothing can be compared with it"
    elif budget and sum(priced) > budget:
        yield None, f"floor = ${sum(priced):,.0f} a month, monthlyUsd = ${budget:,.0f}"


RULE = StackRule(
    name="pools-floor-within-budget",
    must="the floor of all pools fits into the budget",
    why="The floor runs when nobody calls",
    remedy="Lower `replicas.min`, `replicas.standby` or the reservations, or say monthlyUsd in the configuration",
    settings=SETTINGS,
    validate=_validate,
)
