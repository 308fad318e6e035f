"""One stack's program, run to its end in this process."""

import asyncio
import os
import signal
import threading
import traceback
from collections.abc import Coroutine, Generator, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pulumi
from pulumi.runtime import mocks, settings
from pulumi.runtime.stack import run_pulumi_func

import stacks
from stacks.name import StackName
from stacks.settings import Environment

from .monitor import RecordingMonitor
from .record import Resource

PROJECT = "inference-fleet"
ORGANIZATION = "organization"
ROOT = Path(stacks.__file__).resolve().parent.parent


@dataclass(frozen=True)
class RenderedStack:
    """What one stack builds and hands on. Resources stand in the order of their URNs."""

    name: StackName
    resources: tuple[Resource, ...]
    outputs: Mapping[str, Any]


class ProgramError(Exception):
    """A program that failed, in one line: file and line of ours, stack, resource, and why."""


def run_stack(
    environment: Environment, name: StackName, references: Mapping[str, Mapping[str, Any]], *, preview: bool = False
) -> RenderedStack:
    """Run the program of one stack. `references` are the outputs of the stacks that it may read, by name.

    Raises `ProgramError` with stack, resource and file and line of ours.
    """
    monitor = RecordingMonitor(name, environment.account, references)
    try:
        with offline(monitor, str(name), preview=preview) as loop:
            outputs = _completed(loop, _run(environment))
    except Exception as error:
        raise ProgramError(_told(name, error)) from error
    resources = tuple(monitor.records[urn] for urn in sorted(monitor.records))
    return RenderedStack(name, resources, outputs)


@contextmanager
def offline(
    monitor: RecordingMonitor, stack: str, *, preview: bool
) -> Generator[asyncio.AbstractEventLoop, None, None]:
    """Pulumi's runtime as a program finds it, with a monitor of ours in the engine's place and a loop of its own."""
    os.environ.setdefault("PULUMI_ERROR_OUTPUT_STRING", "true")
    loop = asyncio.new_event_loop()
    loop.set_exception_handler(_told_already)
    asyncio.set_event_loop(loop)
    settings.reset_options()
    try:
        mocks.set_mocks(
            monitor.mocks, project=PROJECT, stack=stack, preview=preview, monitor=monitor, organization=ORGANIZATION
        )
        yield loop
    finally:
        _close(loop)
        monitor.close()
        settings.reset_options()


def _told_already(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """One failure fails every output that waits for it; the first is raised, and the others say nothing new."""


def _completed(loop: asyncio.AbstractEventLoop, program: Coroutine[Any, Any, dict[str, Any]]) -> dict[str, Any]:
    """The program's outputs. An interrupt cancels it: raised wherever the loop is, it could be lost and never end."""
    task = loop.create_task(program)
    if threading.current_thread() is threading.main_thread():
        loop.add_signal_handler(signal.SIGINT, task.cancel)
    try:
        return loop.run_until_complete(task)
    except asyncio.CancelledError:
        raise KeyboardInterrupt from None


async def _run(environment: Environment) -> dict[str, Any]:
    await run_pulumi_func(lambda: stacks.run(environment))
    root = settings.get_root_resource()
    exported: dict[str, Any] = getattr(root, "outputs", {})
    return dict(await pulumi.Output.all(**exported).future() or {})


def _close(loop: asyncio.AbstractEventLoop) -> None:
    """End what the program left running, so that nothing of one stack resolves in the next."""
    left = asyncio.all_tasks(loop)
    for task in left:
        task.cancel()
    if left:
        loop.run_until_complete(asyncio.gather(*left, return_exceptions=True))
    loop.run_until_complete(loop.shutdown_default_executor())
    asyncio.set_event_loop(None)
    loop.close()


def _told(stack: StackName, error: BaseException) -> str:
    frames = [frame for one in (error, error.__cause__, error.__context__) for frame in _our_frames(one)]
    where = next((f"{path}:{line}: " for path, line, _ in frames), "")
    resource = next((f"{name}: " for _, _, name in frames if name), "")
    text = " ".join(str(error).split()) or type(error).__name__
    why = text if isinstance(error, pulumi.RunError | LookupError) else f"{type(error).__name__}: {text}"
    return f"{where}stack {stack}: {resource}{why}"


def _our_frames(error: BaseException | None) -> Iterator[tuple[Path, int, str]]:
    """Frames of layers and components, innermost first: file, line, and the component that was being made, if any."""
    for frame, line in reversed(list(traceback.walk_tb(error.__traceback__ if error else None))):
        path = Path(frame.f_code.co_filename)
        if any(path.is_relative_to(ROOT / room) for room in ("stacks", "components")):
            made = isinstance(frame.f_locals.get("self"), pulumi.Resource)
            yield path.relative_to(ROOT), line, str(frame.f_locals.get("name", "")) if made else ""
