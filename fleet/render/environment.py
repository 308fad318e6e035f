"""All stacks of an environment: base, then the regions side by side in forked workers, then global."""

import gc
import multiprocessing
import os
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, ProcessPoolExecutor, wait
from dataclasses import dataclass
from multiprocessing.queues import SimpleQueue
from typing import Any

import stacks
from stacks.name import StackName
from stacks.settings import Environment

from .program import RenderedStack, run_stack
from .sdk import load_sdks

Progress = Callable[[StackName], None]
"""Called in the parent as each stack is rendered."""

_POLL_SECONDS = 0.05


@dataclass(frozen=True)
class Rendered:
    """Every stack of an environment, in dependency order."""

    environment: Environment
    stacks: tuple[RenderedStack, ...]


def render(environment: Environment, progress: Progress = lambda _: None, *, workers: int | None = None) -> Rendered:
    """Run the program of every stack. `workers` 1 stays in this process. Raises `ProgramError`."""
    names = stacks.stack_names(environment)
    base = run_stack(environment, names[0], {})
    progress(names[0])
    regions = [[name for name in names if name.region == region] for region in environment.regions]
    known = {str(names[0]): base.outputs}
    count = min(workers or os.cpu_count() or 1, len(regions))
    run = _side_by_side if count > 1 and "fork" in multiprocessing.get_all_start_methods() else _one_by_one
    regional = run(environment, regions, known, progress, count)
    known |= {str(stack.name): stack.outputs for stack in regional}
    last = run_stack(environment, names[-1], _readable(names[-1], known))
    progress(names[-1])
    return Rendered(environment, (base, *regional, last))


def _one_by_one(
    environment: Environment,
    regions: Sequence[Sequence[StackName]],
    known: Mapping[str, Mapping[str, Any]],
    progress: Progress,
    workers: int,
) -> list[RenderedStack]:
    del workers
    return [stack for names in regions for stack in _region(environment, names, known, progress)]


def _side_by_side(
    environment: Environment,
    regions: Sequence[Sequence[StackName]],
    known: Mapping[str, Mapping[str, Any]],
    progress: Progress,
    workers: int,
) -> list[RenderedStack]:
    """Workers are forked after the SDKs are imported, so that they share them."""
    load_sdks()
    gc.freeze()
    context = multiprocessing.get_context("fork")
    done: SimpleQueue[StackName] = context.SimpleQueue()
    with ProcessPoolExecutor(workers, mp_context=context, initializer=_adopt, initargs=(done,)) as pool:
        tasks = [pool.submit(_in_worker, environment, names, known) for names in regions]
        waiting = set(tasks)
        try:
            while waiting:
                _, waiting = wait(waiting, timeout=_POLL_SECONDS, return_when=FIRST_COMPLETED)
                while not done.empty():
                    progress(done.get())
        except KeyboardInterrupt:
            for worker in multiprocessing.active_children():
                worker.kill()
            raise
        return [stack for task in tasks for stack in task.result()]


class _Worker:
    """What a worker knows from its birth: where to say that a stack is done."""

    done: SimpleQueue[StackName]


def _adopt(done: SimpleQueue[StackName]) -> None:
    _Worker.done = done


def _in_worker(
    environment: Environment, names: Sequence[StackName], known: Mapping[str, Mapping[str, Any]]
) -> list[RenderedStack]:
    return _region(environment, names, known, _Worker.done.put)


def _region(
    environment: Environment,
    names: Sequence[StackName],
    known: Mapping[str, Mapping[str, Any]],
    progress: Progress,
) -> list[RenderedStack]:
    """The stacks of one region, each reading the contracts of those before it."""
    outputs = dict(known)
    rendered: list[RenderedStack] = []
    for name in names:
        stack = run_stack(environment, name, _readable(name, outputs))
        outputs[str(name)] = stack.outputs
        rendered.append(stack)
        progress(name)
    return rendered


def _readable(name: StackName, known: Mapping[str, Mapping[str, Any]]) -> dict[str, Mapping[str, Any]]:
    """The outputs that a stack may read: those of the layers that its own layer names, and no others."""
    reads = stacks.LAYERS[name.layer].reads
    return {stack: outputs for stack, outputs in known.items() if StackName.parse(stack).layer in reads}
