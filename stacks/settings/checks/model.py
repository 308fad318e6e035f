"""Models: a pool that exists and is large enough, weights that fit, an answer that ends before something cuts it."""

from collections.abc import Iterator

from components.nodes.catalog import catalog
from components.serving import catalog as engines
from components.versions import AMI_ALIAS, AMIS, ENGINE_IMAGES, Engine

from ... import capacity
from ..describe import closest
from ..document import Keys
from ..schema import Model, Pool, Region
from ..words import Purchase, Role, Task
from .breach import Breach

GPU_COUNTS = (1, 2, 4, 8)
"""Attention heads divide by these, and instance sizes come in them."""


def check(region: Region, pools: frozenset[str]) -> Iterator[Breach]:
    """What is wrong with each model of a region, and with each pool's sum of them."""
    for name, model in region.models.items():
        yield from _itself(region, name, model)
        pool = region.pools.get(model.pool)
        if pool is None:
            if model.pool not in pools:
                yield _no_pool(region, name, model, pools)
            continue
        yield from _fits(region, name, model, pool)
        yield from _drains(region, name, model, pool)
        yield from _driver(region, name, model)
    for name, pool in region.pools.items():
        yield from _room(region, name, pool)


def _itself(region: Region, name: str, model: Model) -> Iterator[Breach]:
    at = ("models", name)
    replicas = model.replicas
    if replicas.min > replicas.max:
        rule = f"must not be above max = {replicas.max}"
        yield Breach(
            region.name, (*at, "replicas", "min"), replicas.min, rule, "min is the floor", "Raise max or lower min"
        )
    if replicas.standby > replicas.max:
        rule = f"must not be above max = {replicas.max}"
        path = (*at, "replicas", "standby")
        yield Breach(region.name, path, replicas.standby, rule, "max holds in any region", "Raise max or lower standby")
    if model.gpus not in GPU_COUNTS:
        rule = f"must be one of {', '.join(map(str, GPU_COUNTS))}"
        reason = "tensor parallelism divides attention heads, which come in powers of two"
        yield Breach(region.name, (*at, "gpus"), model.gpus, rule, reason, "Round up")
    if model.max_output_tokens > model.context_tokens:
        rule = f"must not be above context_tokens = {model.context_tokens}"
        path = (*at, "max_output_tokens")
        yield Breach(
            region.name, path, model.max_output_tokens, rule, "the context holds prompt and answer", "Lower it"
        )
    if model.task is Task.GENERATE and model.objective.itl_ms is None:
        rule = "a generating model needs it"
        reason = "with the longest answer it says how long a stream may last, and so every drain"
        yield Breach(region.name, (*at, "objective", "itl_ms"), None, rule, reason, "Add `itl_ms`, for example 40")
    if model.task is Task.EMBED and model.engine is Engine.TRITON_TRTLLM:
        rule = "TensorRT-LLM's LLM API serves no embeddings"
        yield Breach(region.name, (*at, "engine"), model.engine.value, rule, "the task is embed", "Use `engine: vllm`")


def _no_pool(region: Region, name: str, model: Model, pools: frozenset[str]) -> Breach:
    meant = closest(model.pool, sorted(pools))
    there = f"the region has {', '.join(sorted(pools))}"
    remedy = f"Did you mean {meant}?" if meant else "Name one of them, or add the pool"
    rule = f"no such pool in {region.name}"
    if region.role is Role.STANDBY:
        there += ", and a standby must hold what it takes over"
    return Breach(region.name, ("models", name, "pool"), model.pool, rule, there, remedy)


def _fits(region: Region, name: str, model: Model, pool: Pool) -> Iterator[Breach]:
    memory = min(kind.gpu_memory_gib for kind in catalog().of(pool.gpu))
    room = model.gpus * memory * engines.GPU_MEMORY_FOR_WEIGHTS
    if model.weights.size_gib > room:
        rule = f"{model.gpus} x {pool.gpu} leave {room:.0f} GiB for weights"
        reason = f"each has {memory:.0f} GiB, and KV cache and activations need the rest"
        remedy = "Raise `gpus`, choose a larger GPU or quantised weights"
        yield Breach(region.name, ("models", name, "weights", "size_gib"), model.weights.size_gib, rule, reason, remedy)


def _drains(region: Region, name: str, model: Model, pool: Pool) -> Iterator[Breach]:
    longest = capacity.answer_seconds(model)
    if model.task is Task.GENERATE:
        path: Keys = ("models", name, "max_output_tokens")
        value, lower = model.max_output_tokens, "Lower it, or `objective.itl_ms`"
        said = f"{value} tokens at {model.objective.itl_ms} ms take {longest} s"
    else:
        path = ("models", name, "objective", "ttft_ms")
        value, lower = model.objective.ttft_ms, "Lower it"
        said = f"an answer takes {longest} s"
    if longest > engines.SILENCE_LIMIT_SECONDS:
        rule = f"{said}, above {engines.SILENCE_LIMIT_SECONDS} s"
        reason = "Global Accelerator drops a connection that is silent for 340 s, and an answer without streaming is"
        yield Breach(region.name, path, value, rule, reason, lower)
    grace = engines.grace_seconds(longest)
    if Purchase.SPOT in pool.purchase and grace > engines.SPOT_GRACE_LIMIT_SECONDS:
        rule = f"{said}, and the pod {grace} s to stop, above {engines.SPOT_GRACE_LIMIT_SECONDS} s"
        reason = f"pool {model.pool} allows spot, whose nodes are gone two minutes after the warning"
        yield Breach(region.name, path, value, rule, reason, f"{lower}, or move the model to a pool without spot")


def _driver(region: Region, name: str, model: Model) -> Iterator[Breach]:
    ami = AMIS.get((region.cluster.kubernetes, AMI_ALIAS))
    image = ENGINE_IMAGES[model.engine]
    if ami is not None and ami.nvidia_driver < image.least_driver:
        rule = f"its image needs driver {image.least_driver}, and {AMI_ALIAS} has {ami.nvidia_driver}"
        path = ("models", name, "engine")
        yield Breach(region.name, path, model.engine.value, rule, "CUDA would not start", "Choose another engine")


def _room(region: Region, name: str, pool: Pool) -> Iterator[Breach]:
    models = {key: model for key, model in region.models.items() if model.pool == name}
    unknown = any(entry.instance_type not in catalog().types for entry in pool.reservations)
    odd = any(model.gpus not in GPU_COUNTS for model in models.values())
    if unknown or odd or not capacity.instance_types(region, name):
        return
    each = ", ".join(f"{key} {model.replicas.max * model.gpus}" for key, model in models.items())
    needed = capacity.least_gpus(region, name)
    if needed is None:
        rule = f"the reservations do not hold its models at replicas.max (GPUs: {each})"
        reason = "the pool buys in no other way, so the rest would stay pending"
        remedy = "Add `on-demand`, reserve more, or lower replicas.max"
        yield Breach(region.name, ("pools", name, "purchase"), ["reserved"], rule, reason, remedy)
    elif needed > pool.max_gpus:
        rule = f"its models at replicas.max need {needed} GPUs in whole nodes (of which {each})"
        reason = "Karpenter launches no node that goes over the limit, so replicas would stay pending"
        remedy = f"Raise it to {needed}, or lower replicas.max"
        yield Breach(region.name, ("pools", name, "max_gpus"), pool.max_gpus, rule, reason, remedy)
