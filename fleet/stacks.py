"""`fleet stacks`: the stacks of an environment, in the order in which they are built."""

from typing import Annotated

import typer

from stacks import settings, stack_names


def run(
    context: typer.Context,
    environment: Annotated[str, typer.Argument(metavar="ENV", help="The environment, for example prod.")],
) -> None:
    """List an environment's stacks in dependency order, one a line."""
    for name in stack_names(settings.load(environment, context.obj)):
        typer.echo(name)
