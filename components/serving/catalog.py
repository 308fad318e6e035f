"""Engine facts: what each server program needs, where it answers, and how long it takes to stop.

Sources: Triton `python/openai` frontend and `docs/user_guide/metrics.md`; vLLM 0.30 `vllm serve`. A replica stops in
this order: `preStop` waits until no proxy sends it new requests, then the longest stream ends, then the server goes.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from math import ceil

from components.versions import Engine


@dataclass(frozen=True, kw_only=True)
class EngineFacts:
    """One engine's contract with everything around it."""

    port: int
    """Where it speaks OpenAI's API."""
    metrics_path: str
    startup_path: str
    ready_path: str
    live_path: str
    waiting_metric: str
    """The series of requests that wait for the engine."""
    running_metric: str
    """The series of requests that the engine works on."""
    shared_memory_mib: int
    """Size of /dev/shm: NCCL and Triton's Python backend live in it; Docker's 64 MiB is too small."""
    uid: int


ENGINES: Mapping[Engine, EngineFacts] = {
    # The frontend runs Triton in process; the adapter publishes the nv_trt_llm_* families that the LLM API model lacks.
    Engine.TRITON_TRTLLM: EngineFacts(
        port=9000,
        metrics_path="/metrics",
        startup_path="/health/ready",
        ready_path="/health/ready",
        live_path="/health/ready",
        waiting_metric='nv_trt_llm_request_metrics{request_type="waiting"}',
        running_metric='nv_trt_llm_request_metrics{request_type="active"}',
        shared_memory_mib=8192,
        uid=1000,
    ),
    Engine.VLLM: EngineFacts(
        port=8000,
        metrics_path="/metrics",
        startup_path="/health",
        ready_path="/health",
        live_path="/health",
        waiting_metric="vllm:num_requests_waiting",
        running_metric="vllm:num_requests_running",
        shared_memory_mib=4096,
        uid=2000,
    ),
}

PRE_STOP_SECONDS = 20
"""Time for the removal of an endpoint to reach every proxy; Triton refuses connections the moment it gets SIGTERM."""
TEARDOWN_SECONDS = 15
"""Unloading a model and leaving, after the last stream."""
SPOT_GRACE_LIMIT_SECONDS = 110
"""A spot node is gone two minutes after the warning; ten seconds pass before the eviction reaches the pod."""
SILENCE_LIMIT_SECONDS = 330
"""Global Accelerator drops a connection silent for about 340 s, and a non-streaming answer is silent till its end."""
REQUEST_MARGIN_SECONDS = 10
"""What a request may take beyond the longest answer before the route ends it: less than every drain adds."""
FRONT_DRAIN_MARGIN_SECONDS = 15
"""What each step out of the fleet waits longer than the step inside it."""

LOAD_MIB_PER_SECOND = 250
"""What an engine loads at the least. An estimate: one FSx client gets up to 625 MB/s from one server without EFA."""
WARM_UP_SECONDS = 900
"""Allocation of the KV cache, autotuning and CUDA graphs, after the weights are loaded. An estimate on the long side:
a probe that gives up too early restarts for ever, one that waits costs nothing."""

GPU_MEMORY_FOR_WEIGHTS = 0.85
"""Share of GPU memory that weights may take: the rest is KV cache, activations and CUDA graphs."""


def longest_answer_seconds(ttft_ms: int, itl_ms: int | None, max_output_tokens: int) -> int:
    """The longest answer that keeps the objective: the first token, then every other one at the inter-token latency."""
    return ceil((ttft_ms + (itl_ms or 0) * max_output_tokens) / 1000)


def grace_seconds(longest_answer: int) -> int:
    """The grace period of an engine pod whose longest answer takes so many seconds."""
    return PRE_STOP_SECONDS + longest_answer + TEARDOWN_SECONDS


def envoy_drain_seconds(longest_answer: int) -> int:
    """How long Envoy lets open requests end: longer than the longest answer takes."""
    return longest_answer + FRONT_DRAIN_MARGIN_SECONDS


def gateway_grace_seconds(longest_answer: int) -> int:
    """The grace period of a gateway pod, which outlasts Envoy's drain."""
    return envoy_drain_seconds(longest_answer) + FRONT_DRAIN_MARGIN_SECONDS


def deregistration_delay_seconds(longest_answer: int) -> int:
    """How long the load balancer keeps connections to a gateway pod that leaves: until the pod is certainly gone."""
    return gateway_grace_seconds(longest_answer) + FRONT_DRAIN_MARGIN_SECONDS


def cpu_millicores(gpus: int) -> int:
    """CPU of a replica: one core for the frontend and two for each GPU's worker."""
    return 1000 + 2000 * gpus


def memory_mib(engine: Engine, weights_gib: float) -> int:
    """Memory of a replica: shared memory (it counts), the server, and a share of the weights while they load."""
    return ENGINES[engine].shared_memory_mib + 4096 + ceil(weights_gib * 1024 * 0.5)


def request_seconds(longest_answer: int) -> int:
    """How long a request may take before the gateway ends it."""
    return longest_answer + REQUEST_MARGIN_SECONDS


def startup_seconds(weights_gib: float) -> int:
    """How long an engine may load before its probe gives up: no engine opens a port before its model is loaded."""
    return WARM_UP_SECONDS + ceil(weights_gib * 1024 / LOAD_MIB_PER_SECOND)


def memory_limit_mib(engine: Engine, weights_gib: float) -> int:
    """The most memory of a replica: a loader may hold all weights at once before they are on the GPU."""
    return memory_mib(engine, weights_gib) + ceil(weights_gib * 1024)


def disk_mib(weights_gib: float) -> int:
    """Room on node NVMe for the weights of a replica that has no cache to read them from."""
    return ceil(weights_gib * 1024 * 1.05)
