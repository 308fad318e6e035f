"""The tags of a stack, from what the environment says of itself."""

from components import tags as keys

from .name import StackName
from .settings import Environment


def tags(environment: Environment, stack: StackName) -> dict[str, str]:
    """The required tags of everything that a stack makes; the component is its layer."""
    region = environment.regions.get(stack.region)
    return keys.common(
        environment=environment.name,
        owner=environment.owner.team,
        cost_center=environment.owner.cost_center,
        stack=str(stack),
        component=stack.layer,
        region_role=region.role.value if region else "global",
    )
