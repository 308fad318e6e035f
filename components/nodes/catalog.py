"""Instance facts: GPUs, allocatable resources and dated on-demand prices, read from `gpu_instances.json` beside it.

A region without a price for a type has no entry: unknown is never zero.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path


class Gpu(StrEnum):
    """The GPU classes that a pool can name, as Karpenter's `instance-gpu-name` label spells them."""

    H100 = "h100"
    H200 = "h200"
    B200 = "b200"
    A100 = "a100"
    L40S = "l40s"
    L4 = "l4"
    A10G = "a10g"


SYSTEM_TYPES = tuple(
    f"{family}.{size}"
    for family in ("m6a", "m6i", "m7a", "m7i")
    for size in ("large", "xlarge", "2xlarge", "4xlarge", "8xlarge")
)
"""Types of system nodes: x86 without a GPU (Karpenter 1.14 reference/instance-types.md)."""


@dataclass(frozen=True)
class InstanceType:
    """One EC2 instance type with NVIDIA GPUs. Memory in MiB is what Karpenter expects to be allocatable on AL2023."""

    name: str
    gpu: Gpu
    gpus: int
    gpu_memory_gib: float
    """Per GPU."""
    vcpus: int
    memory_gib: int
    nvme_mib: int
    cpu_millicores: int
    memory_mib: int
    usd_per_hour: Mapping[str, float]
    """On-demand price by region."""


@dataclass(frozen=True)
class Catalog:
    """Every instance type by name, the day of the prices and where they come from."""

    types: Mapping[str, InstanceType]
    prices_dated: str
    source: str
    regions: tuple[str, ...]

    def of(self, gpu: Gpu) -> tuple[InstanceType, ...]:
        """The types that carry this GPU, smallest first."""
        found = (kind for kind in self.types.values() if kind.gpu == gpu)
        return tuple(sorted(found, key=lambda kind: (kind.gpus, kind.vcpus, kind.name)))


@cache
def catalog() -> Catalog:
    """The catalogue, read once."""
    document = json.loads((Path(__file__).parent / "gpu_instances.json").read_text())
    types = {
        name: InstanceType(
            name=name,
            gpu=Gpu(facts["gpu"]),
            gpus=facts["gpus"],
            gpu_memory_gib=facts["gpu_memory_gib"],
            vcpus=facts["vcpus"],
            memory_gib=facts["memory_gib"],
            nvme_mib=facts["nvme_gb"] * 10**9 // 2**20,
            cpu_millicores=facts["allocatable"]["cpu_millicores"],
            memory_mib=facts["allocatable"]["memory_mib"],
            usd_per_hour=facts["usd_per_hour"],
        )
        for name, facts in document["instances"].items()
    }
    return Catalog(types, document["prices_dated"], document["source"], tuple(document["regions"]))
