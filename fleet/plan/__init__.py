"""`fleet plan`: the whole environment offline, with what it costs and what policy says."""

import fnmatch
import json
import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn

import stacks
from stacks.settings import Environment, load

from ..failure import Exit, bad_argument
from ..render import Rendered, render
from .document import document
from .outlook import outlook
from .text import WIDTH, show
from .tree import staged, write

__all__ = ["run"]


def run(
    context: typer.Context,
    environment: Annotated[str, typer.Argument(help="The environment's name.")],
    stack: Annotated[str, typer.Option(help="Show only stacks whose names match this pattern.")] = "*",
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,  # noqa: FBT002 - a flag
    out: Annotated[Path | None, typer.Option(help="Also write a file for each object below this folder.")] = None,
) -> None:
    """Say, offline, what will be, what it costs and what policy finds."""
    known = load(environment, context.obj)
    _must_match(known, stack)
    with staged(out) as stage:
        rendered = _rendered(known)
        chosen = [one for one in rendered.stacks if fnmatch.fnmatchcase(str(one.name), stack)]
        if stage is not None:
            count = write(rendered, chosen, stage)
            Console(stderr=True, highlight=False).print(f"{count} files below {out}")
    seen = outlook(rendered)
    if as_json:
        sys.stdout.write(json.dumps(document(seen, chosen), indent=2) + "\n")
    else:
        console = Console(width=WIDTH, highlight=False)
        with console.capture() as shown:
            show(seen, chosen, console)
        sys.stdout.write(shown.get())
    raise typer.Exit(Exit.VIOLATION if seen.violated else Exit.CLEAN)


def _must_match(environment: Environment, pattern: str) -> None:
    names = [str(name) for name in stacks.stack_names(environment)]
    if not any(fnmatch.fnmatchcase(name, pattern) for name in names):
        rule = f"no stack of {environment.name} matches"
        reason = f"the pattern is compared with whole names, such as {names[1]}"
        raise bad_argument("--stack", f'"{pattern}"', rule, reason, f"`fleet stacks {environment.name}` lists them")


def _rendered(environment: Environment) -> Rendered:
    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    console = Console(stderr=True)
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("planning", total=len(stacks.stack_names(environment)))
        return render(environment, lambda name: bar.update(task, advance=1, description=str(name)))
