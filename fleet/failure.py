"""How a verb ends: exit codes, the same for all of them, and bad input as lines on stderr, never a traceback."""

import os
import sys
from collections.abc import Generator, Sequence
from contextlib import contextmanager, suppress
from enum import IntEnum
from pathlib import Path
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

    def make_context(self, *args: Any, **extra: Any) -> Any:
        """Read the arguments before the verb; `--help` prints here."""
        with _told():
            return super().make_context(*args, **extra)

    def invoke(self, ctx: Any) -> Any:
        """Run the verb that was asked for."""
        with _told():
            return super().invoke(ctx)


@contextmanager
def _told() -> Generator[None, None, None]:
    """Turn what went wrong into a line and an exit code. Output is flushed here, so that its failure is one of them."""
    try:
        try:
            yield
        finally:
            sys.stdout.flush()
    except (BadInputError, SettingsError, StackNameError, ProgramError) as error:
        raise _ended(error) from None
    except (KeyboardInterrupt, typer.Abort):
        raise typer.Exit(Exit.INTERRUPTED) from None
    except BrokenPipeError:
        _silence()
        raise typer.Exit(Exit.PIPE_CLOSED) from None
    except OSError as error:
        _silence()
        nameless = "the current folder" if isinstance(error, FileNotFoundError) else "stdout"
        reason, remedy = error.strerror or str(error), "See that it is there, may be written and has room"
        where = str(error.filename or nameless)
        raise _ended(bad_argument(where, "", "cannot be read or written", reason, remedy)) from None
    except UnicodeError:
        reason, remedy = "what they say is written into files of UTF-8", "Type them again"
        raise _ended(bad_argument("arguments", "", "must be UTF-8 text", reason, remedy)) from None


def _ended(error: Exception) -> typer.Exit:
    typer.echo(error, err=True)
    return typer.Exit(Exit.BAD_INPUT)


def _silence() -> None:
    """Nobody can be told any more on stdout, not even by the flush at the interpreter's end."""
    with suppress(OSError), Path(os.devnull).open("w") as nowhere:
        os.dup2(nowhere.fileno(), sys.stdout.fileno())
