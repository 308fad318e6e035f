"""How a verb ends: exit codes, the same for all of them, and bad input as lines on stderr, never a traceback."""

import os
import sys
from collections.abc import Sequence
from contextlib import suppress
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
    INTERRUPTED = 130
    PIPE_CLOSED = 141
    """Whoever read the output has gone; the codes of a process ended by SIGINT and SIGPIPE."""


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
            done = super().invoke(ctx)
            sys.stdout.flush()
        except (BadInputError, SettingsError, StackNameError, ProgramError) as error:
            typer.echo(error, err=True)
            raise typer.Exit(Exit.BAD_INPUT) from None
        except (KeyboardInterrupt, typer.Abort):
            raise typer.Exit(Exit.INTERRUPTED) from None
        except BrokenPipeError:
            _silence()
            raise typer.Exit(Exit.PIPE_CLOSED) from None
        except OSError as error:
            _silence()
            rule = "must be at hand to be read or written"
            typer.echo(f"{error.filename or 'stdout or the current folder'}: {error.strerror}: {rule}.", err=True)
            raise typer.Exit(Exit.BAD_INPUT) from None
        except UnicodeError:
            typer.echo(
                "an argument is no UTF-8 text: what it names is written into files of UTF-8. Type it again.", err=True
            )
            raise typer.Exit(Exit.BAD_INPUT) from None
        return done


def _silence() -> None:
    """Nobody can be told any more on stdout, not even by the flush at the interpreter's end."""
    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
