"""What `fleet plan prod` costs, as ratios within one run.

The floor is a process that imports the same SDK modules and registers as many bare resources. Each measurement is a new
process; of three the median counts. Exits 1 where a bound of the design is broken.
"""

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import psutil

from fleet.render import Rendered, render
from stacks.settings import Environment, Region, load

RUNS = 3
MOST_TIMES_FLOOR = 1.5
MOST_MIB = 400
MOST_GROWTH = 1.3
"""Seconds per region from 10 to 20 regions against those from 2 to 10: 1 is linear, 2.5 would be quadratic."""
SAMPLE_SECONDS = 0.05


@dataclass(frozen=True)
class Measured:
    """One process: wall seconds, and the peak of memory that its processes do not share, in MiB."""

    seconds: float
    mib: float


def main() -> int:
    """Measure, print, judge."""
    if len(sys.argv) > 1:
        _child(sys.argv[1], int(sys.argv[2]))
        return 0
    rendered = render(load("prod"), workers=1)
    count = sum(one.custom for stack in rendered.stacks for one in stack.resources)
    floor = _measure([sys.executable, __file__, "floor", str(count)])
    plan = _measure([str(Path(sys.executable).parent / "fleet"), "plan", "prod"])
    regions = {size: _measure([sys.executable, __file__, "regions", str(size)]) for size in (2, 10, 20)}
    first = (regions[10].seconds - regions[2].seconds) / 8
    second = (regions[20].seconds - regions[10].seconds) / 10
    ratio = plan.seconds / floor.seconds
    growth = second / first
    print(f"floor: {count} bare resources and the SDK modules   {floor.seconds:6.2f} s {floor.mib:6.0f} MiB")
    print(f"fleet plan prod                                     {plan.seconds:6.2f} s {plan.mib:6.0f} MiB")
    print(f"plan / floor                                        {ratio:6.2f}   (at most {MOST_TIMES_FLOOR})")
    for size, measured in regions.items():
        print(f"{size:2} regions                                          {measured.seconds:6.2f} s")
    print(f"seconds per region, 10 to 20 against 2 to 10        {growth:6.2f}   (at most {MOST_GROWTH})")
    print(f"memory over all processes                           {plan.mib:6.0f} MiB (at most {MOST_MIB})")
    return int(ratio > MOST_TIMES_FLOOR or plan.mib > MOST_MIB or growth > MOST_GROWTH)


def _measure(command: list[str]) -> Measured:
    runs = [_once(command) for _ in range(RUNS)]
    return Measured(median(run.seconds for run in runs), max(run.mib for run in runs))


def _once(command: list[str]) -> Measured:
    start = time.monotonic()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    peak = 0.0
    while process.poll() is None:
        peak = max(peak, _mib(process.pid))
        time.sleep(SAMPLE_SECONDS)
    seconds = time.monotonic() - start
    if process.returncode != 0:
        sys.exit(f"{' '.join(command)} ended with {process.returncode}")
    return Measured(seconds, peak)


def _mib(pid: int) -> float:
    """Memory of a process and those that it started; shared pages count once (PSS, where the system has it)."""
    try:
        process = psutil.Process(pid)
        family = [process, *process.children(recursive=True)]
        memory = [one.memory_full_info() for one in family]
    except psutil.Error:
        return 0.0
    return sum(getattr(entry, "pss", entry.rss) for entry in memory) / 2**20


def _child(what: str, size: int) -> None:
    children: dict[str, Callable[[int], object]] = {"floor": _floor, "regions": _regions}
    children[what](size)


def _regions(size: int) -> Rendered:
    """Production with so many regions, each a copy of the standby."""
    environment = load("prod")
    *_, standby = environment.regions.values()
    names = [f"{chr(ord('a') + index)}{chr(ord('a') + index)}-bench-1" for index in range(size - 1)]
    active = environment.active[0]
    copies = {name: _copy(standby, name) for name in names}
    return render(_with(environment, {active.name: active, **copies}))


def _copy(region: Region, name: str) -> Region:
    zones = tuple(f"{name}{letter}" for letter in "abc")
    pools = {
        key: pool.model_copy(update={"zones": zones[1:2] if pool.zones else ()}) for key, pool in region.pools.items()
    }
    network = region.network.model_copy(update={"zones": zones})
    return region.model_copy(update={"name": name, "network": network, "pools": pools})


def _with(environment: Environment, regions: dict[str, Region]) -> Environment:
    return environment.model_copy(update={"regions": regions})


def _floor(count: int) -> None:
    from pulumi.runtime import mocks  # noqa: PLC0415 - the floor pays for its own imports
    from pulumi.runtime.stack import run_pulumi_func  # noqa: PLC0415
    from pulumi_aws import ec2  # noqa: PLC0415

    from fleet.render.sdk import load_sdks  # noqa: PLC0415

    class Echo(mocks.Mocks):
        def call(self, args: mocks.MockCallArgs) -> tuple[dict[str, object], None]:
            return dict(args.args), None

        def new_resource(self, args: mocks.MockResourceArgs) -> tuple[str, dict[str, object]]:
            return args.name, dict(args.inputs)

    def program() -> None:
        for index in range(count):
            ec2.Eip(f"address-{index}", domain="vpc", tags={"environment": "floor"})

    load_sdks()
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    mocks.set_mocks(Echo(), preview=False)
    loop.run_until_complete(run_pulumi_func(program))


if __name__ == "__main__":
    os.environ["PULUMI_ERROR_OUTPUT_STRING"] = "true"
    sys.exit(main())
