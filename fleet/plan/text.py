"""The plan as a person reads it."""

from collections import Counter
from collections.abc import Iterable, Sequence

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from stacks.settings import Environment
from stacks.settings.words import LoadBalancer

from ..render import RenderedStack
from .outlook import Bill, Failover, Outlook, PoolOutlook, prices

WIDTH = 118


def show(plan: Outlook, stacks: Sequence[RenderedStack], console: Console) -> None:
    """Print what will be built, what it costs and what policy says."""
    environment = plan.rendered.environment
    regions = ", ".join(f"{region.name} ({region.role})" for region in environment.regions.values())
    console.print(f"[bold]{environment.name}[/] in account {environment.account}: {regions}")
    console.print(f"{environment.domain.name} is {_reached(environment)}.\n")
    console.print(_stacks(stacks))
    shown = {stack.name.region for stack in stacks if stack.name.region}
    pools = [pool for pool in plan.pools if pool.region in shown]
    if pools:
        console.print(_pools(pools))
    _money(plan, console)
    _failover(plan, console)
    _policy(plan, console)


def _reached(environment: Environment) -> str:
    """How clients reach the front door."""
    if len(environment.regions) > 1:
        return "reached through Global Accelerator, which shifts to a standby region by health"
    region = environment.active[0]
    if region.network.load_balancer is LoadBalancer.INTERNET_FACING:
        return f"the load balancer of {region.name}"
    return f"the load balancer of {region.name}, reached only from inside its network"


def _stacks(stacks: Iterable[RenderedStack]) -> Table:
    table = Table(title="What is built", title_justify="left", box=SIMPLE_HEAD)
    table.add_column("stack")
    table.add_column("resources", justify="right")
    table.add_column("components")
    for stack in stacks:
        made = [resource for resource in stack.resources if not resource.type.startswith("pulumi:")]
        components = Counter(one.type.rsplit(":", 1)[-1] for one in made if not one.custom)
        words = ", ".join(noun if count == 1 else f"{count} {noun}" for noun, count in sorted(components.items()))
        table.add_row(str(stack.name), str(sum(one.custom for one in made)), words)
    return table


def _pools(pools: Iterable[PoolOutlook]) -> Table:
    dated, _ = prices()
    table = Table(title=f"GPU nodes, at on-demand prices of {dated}", title_justify="left", box=SIMPLE_HEAD)
    for heading in ("region", "pool", ""):
        table.add_column(heading)
    table.add_column("nodes")
    table.add_column("GPUs", justify="right")
    table.add_column("$ / hour", justify="right")
    table.add_column("$ / month", justify="right")
    for pool in pools:
        for heading, bill in (("floor", pool.floor), ("ceiling", pool.ceiling)):
            first = heading == "floor"
            table.add_row(
                pool.region if first else "",
                pool.pool if first else "",
                heading,
                _nodes(bill),
                str(sum(nodes.gpus for nodes in bill.nodes)),
                dollars(bill, bill.usd_per_hour, decimals=2),
                dollars(bill, bill.usd_per_month),
                end_section=not first,
            )
    return table


def _nodes(bill: Bill) -> str:
    each = (f"{nodes.count} x {nodes.instance_type} {nodes.purchase}" for nodes in bill.nodes)
    return ", ".join(each) or "none"


def dollars(bill: Bill, amount: float, *, decimals: int = 0) -> str:
    """An amount, with `<=` where spot is counted at the on-demand price; never 0 for what has no price."""
    if bill.unpriced and not amount:
        return "not priced"
    text = f"{'<= ' if bill.upper_bound else ''}{amount:,.{decimals}f}"
    return f"{text} + not priced" if bill.unpriced else text


def _money(plan: Outlook, console: Console) -> None:
    budget = plan.rendered.environment.budget.monthly_usd
    floor, ceiling = plan.floor, plan.ceiling
    console.print(
        f"GPU nodes of all regions, dollars a month: floor {dollars(floor, floor.usd_per_month)}, "
        f"ceiling {dollars(ceiling, ceiling.usd_per_month)}, budget {budget:,.0f}."
    )
    if floor.upper_bound or ceiling.upper_bound:
        console.print("<= counts spot nodes at the on-demand price: an upper bound, because spot prices move.")
    unpriced = sorted({*floor.unpriced, *ceiling.unpriced})
    if unpriced:
        console.print(f"No price is known here for {', '.join(unpriced)}.")
    listed = ", ".join(f"{count} {noun}{'s' if count > 1 else ''}" for noun, count in plan.not_priced.items())
    console.print(f"Billed and not priced: {listed}; storage, requests and traffic.")


def _failover(plan: Outlook, console: Console) -> None:
    if not plan.failovers:
        return
    console.print("\n[bold]If every active region is lost[/]")
    for one in plan.failovers:
        console.print(f"  {one.region} {one.model}: {_taken_over(one)}")


def _taken_over(one: Failover) -> str:
    """What a standby region makes of a model at the minute in which it takes over."""
    if one.replicas is None:
        return "is not served there; its requests fail."
    if one.replicas == 0:
        return "holds none; requests get 503 until a node, image and weights are there."
    share = one.replicas / one.active_ceiling
    return f"{one.replicas} ready at minute 0, of {one.active_floor} at the active floor; {share:.0%} of the peak."


def _policy(plan: Outlook, console: Console) -> None:
    console.print()
    if not plan.findings:
        console.print("[bold]Policy[/]: no finding.")
        return
    counts = Counter(judged.finding.level.value for judged in plan.findings)
    console.print("[bold]Policy[/]: " + ", ".join(f"{count} {level}" for level, count in sorted(counts.items())))
    for judged in plan.findings:
        finding = judged.finding
        where = f"{judged.stack} {finding.name}".strip()
        console.print(f"  {finding.level} {finding.rule}: {where}: {finding.text}", markup=False, soft_wrap=True)
