"""The plan as a program reads it."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from ..render import RenderedStack
from .outlook import Bill, Outlook, prices


def document(plan: Outlook, stacks: Sequence[RenderedStack]) -> dict[str, Any]:
    """Plain data, ready for JSON. Dollars are of what has a price; `unpriced` names the rest."""
    environment = plan.rendered.environment
    dated, source = prices()
    shown = {stack.name.region for stack in stacks}
    return {
        "environment": environment.name,
        "account": environment.account,
        "regions": {region.name: region.role.value for region in environment.regions.values()},
        "prices": {"dated": dated, "source": source},
        "stacks": [_stack(stack) for stack in stacks],
        "pools": [
            {
                "region": pool.region,
                "pool": pool.pool,
                "gpu": pool.gpu,
                "floor": _bill(pool.floor),
                "ceiling": _bill(pool.ceiling),
            }
            for pool in plan.pools
            if pool.region in shown
        ],
        "cost": {
            "floor": _bill(plan.floor),
            "ceiling": _bill(plan.ceiling),
            "budget_usd_per_month": environment.budget.monthly_usd,
            "not_priced": dict(plan.not_priced),
        },
        "failover": [asdict(one) for one in plan.failovers],
        "findings": [{"stack": judged.stack, **asdict(judged.finding)} for judged in plan.findings],
    }


def _stack(stack: RenderedStack) -> dict[str, Any]:
    components = Counter(one.type for one in stack.resources if not one.custom)
    made = Counter(one.type for one in stack.resources if one.custom and not one.type.startswith("pulumi:"))
    return {
        "name": str(stack.name),
        "layer": stack.name.layer,
        "region": stack.name.region or None,
        "components": dict(sorted(components.items())),
        "resources": dict(sorted(made.items())),
        "total": made.total(),
    }


def _bill(bill: Bill) -> dict[str, Any]:
    return {
        "nodes": [asdict(nodes) for nodes in bill.nodes],
        "usd_per_hour": round(bill.usd_per_hour, 4),
        "usd_per_month": round(bill.usd_per_month, 2),
        "upper_bound": bill.upper_bound,
        "unpriced": list(bill.unpriced),
    }
