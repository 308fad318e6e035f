"""The command line: one registration per verb."""

from pathlib import Path
from typing import Annotated

import typer

from stacks.settings import ENVIRONMENTS

from . import explain, new, plan, stacks
from .failure import Verbs

app = typer.Typer(
    name="fleet",
    cls=Verbs,
    help="Inference Fleet: what Pulumi itself does not do.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


@app.callback()
def _common(
    context: typer.Context,
    environments: Annotated[Path, typer.Option(help="The folder of environments.", show_default=False)] = ENVIRONMENTS,
) -> None:
    context.obj = environments


app.command("plan")(plan.run)
app.command("new")(new.run)
app.command("stacks")(stacks.run)
app.command("explain")(explain.run)
