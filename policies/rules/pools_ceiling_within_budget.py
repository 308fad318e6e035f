"""What the pools may cost at their limits fits into the budget, and every pool has a price to judge by."""

from collections.abc import Iterator, Sequence

from .pools_floor_within_budget import SETTINGS, dollars, pools
from .reading import at
from .rule import Level, Resource, Settings, StackRule

CEILING = "inference-fleet.io/ceiling-usd-per-month"


def _validate(resources: Sequence[Resource], settings: Settings) -> Iterator[tuple[Resource | None, str]]:
    found = pools(resources, CEILING)
    ceiling = sum(amount for _, amount in found if amount is not None)
    budget = dollars(at(settings, "monthlyUsd"))
    if budget and ceiling > budget:
        yield None, f"ceiling = ${ceiling:,.0f} a month, monthlyUsd = ${budget:,.0f}"
    for pool, amount in found:
        if amount is None:
            yield pool, f"metadata.annotations has no dollars at {CEILING}, so the pool is not priced"


RULE = StackRule(
    name="pools-ceiling-within-budget",
    must="the ceiling of all pools fits into the budget",
    why="A busy month, or a runaway client, can spend that much",
    remedy="Lower `max_gpus`, raise the budget, or accept it",
    level=Level.ADVISORY,
    settings=SETTINGS,
    validate=_validate,
)
