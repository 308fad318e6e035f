"""Order by data: a value that is known once other resources exist, for readers in other components."""

from typing import TypeVar

import pulumi

Value = TypeVar("Value")


def once(value: pulumi.Input[Value], *made: pulumi.Resource) -> pulumi.Output[Value]:
    """`value`, which whoever reads it then waits for all of `made`."""
    return pulumi.Output.all(value, *(resource.urn for resource in made)).apply(lambda known: known[0])
