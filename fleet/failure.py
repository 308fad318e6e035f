"""How a verb ends: exit codes, the same for all of them, and bad input as lines on stderr, never a traceback."""

from collections.abc import Sequence
from enum import IntEnum
from typing import Any

import typer
from typer.core import TyperGroup

from stacks.name import StackNameError
from stacks.settings import Problem, SettingsError

from .render import ProgramError


class Exit(IntEnum):
    """What a verb's exit code says."""

    CLEAN = 0
    VIOLATION = 1
    """A mandatory policy or the budget is violated."""
    BAD_INPUT = 2
    """Something given cannot be used: arguments, settings, or a program that fails on them."""


class BadInputError(Exception):
    """Arguments that cannot be used, as problems of the same shape as those of settings."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


def bad_argument(where: str, value: str, rule: str, reason: str, remedy: str) -> BadInputError:
    """One argument that cannot be used; `where` is its name as the user typed it, a flag or a word."""
    return BadInputError([Problem(where, 0, "", value, rule, reason, remedy)])


class Verbs(TyperGroup):
    """The verbs of the command line; what they raise for bad input is printed and ends with `Exit.BAD_INPUT`."""

    def invoke(self, ctx: Any) -> Any:
        """Run the verb that was asked for."""
        try:
            return super().invoke(ctx)
        except (BadInputError, SettingsError, StackNameError, ProgramError) as error:
            typer.echo(error, err=True)
            raise typer.Exit(Exit.BAD_INPUT) from None
