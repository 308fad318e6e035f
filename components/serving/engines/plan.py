"""Engines: the command, environment and files of each server program. Two programs, one contract around them.

Flags are those of the pinned images: Triton `python/openai/openai_frontend/main.py` r26.07; `vllm serve` 0.30.
"""

import hashlib
import json
from pathlib import Path
from typing import Any

from components import naming
from components.serving.plan import Model, metadata
from components.versions import ENGINE_IMAGES, Engine

REPOSITORY_MOUNT = "/model-repository"
FRONTEND = "/opt/tritonserver/python/openai/openai_frontend/main.py"
ADAPTER = Path(__file__).parent / "triton_trtllm" / "model.py"

KV_CACHE_FRACTION = 0.9
"""Share of the GPU memory left after loading that TensorRT-LLM gives the KV cache (its own default)."""

CLEAN_START = ("/bin/bash", "-c", 'rm -rf /dev/shm/*; exec "$@"', "start")
"""An emptyDir outlives a container that crashed, and what the dead process left in /dev/shm would crash the next."""

ENVIRONMENT = {
    "HOME": "/tmp",  # noqa: S108 - the engine's own scratch, in its own container
    "USER": "engine",
    "HF_HUB_OFFLINE": "1",
    "TRANSFORMERS_OFFLINE": "1",
}
"""Engines run as users that their images do not know, and never look for a model elsewhere."""

TENSORS = (
    ("text_input", "TYPE_STRING", 1, False),
    ("stream", "TYPE_BOOL", 1, True),
    ("max_tokens", "TYPE_INT32", 1, True),
    ("stop_words", "TYPE_STRING", -1, True),
    ("temperature", "TYPE_FP32", 1, True),
    ("top_p", "TYPE_FP32", 1, True),
    ("frequency_penalty", "TYPE_FP32", 1, True),
    ("presence_penalty", "TYPE_FP32", 1, True),
    ("seed", "TYPE_UINT64", 1, True),
    ("guided_decoding_guide_type", "TYPE_STRING", 1, True),
    ("guided_decoding_guide", "TYPE_STRING", 1, True),
    ("return_num_input_tokens", "TYPE_BOOL", 1, True),
    ("return_num_output_tokens", "TYPE_BOOL", 1, True),
)
"""Name, type, width and whether it may be left out: what `_create_trtllm_generate_request` builds for each request."""

ANSWERS = (("text_output", "TYPE_STRING"), ("num_input_tokens", "TYPE_UINT32"), ("num_output_tokens", "TYPE_UINT32"))
"""What the frontend reads back (`_get_output`, `_get_usage_from_response`)."""


def image(model: Model, environment: str) -> str:
    """The image of a model's engine, without the registry in front."""
    found = ENGINE_IMAGES[model.engine]
    return f"{naming.image_repository(environment, found.repository)}:{found.tag}"


def command(model: Model) -> list[str]:
    """What runs in the engine's container."""
    program = _triton(model) if model.engine is Engine.TRITON_TRTLLM else _vllm(model)
    return [*CLEAN_START, *program]


def _triton(model: Model) -> list[str]:
    return [
        "python3",
        FRONTEND,
        f"--model-repository={REPOSITORY_MOUNT}",
        f"--tokenizer={model.weights_directory}",
        "--backend=tensorrtllm",
        f"--openai-port={model.facts.port}",
        f"--default-max-tokens={model.max_output_tokens}",
    ]


def _vllm(model: Model) -> list[str]:
    # vLLM cuts every stream at SIGTERM unless it is given time.
    return [
        "vllm",
        "serve",
        model.weights_directory,
        f"--served-model-name={model.name}",
        *(["--runner=pooling"] if model.embeds else []),
        f"--port={model.facts.port}",
        f"--tensor-parallel-size={model.gpus}",
        f"--max-model-len={model.context_tokens}",
        f"--max-num-seqs={model.max_concurrency}",
        f"--shutdown-timeout={model.longest_answer}",
        "--disable-access-log-for-endpoints=/health,/metrics",
    ]


def configuration(model: Model, namespace: object) -> dict[str, Any] | None:
    """The model repository of a Triton model, named by its content: a change of it is a rollout. None for vLLM."""
    if model.engine is not Engine.TRITON_TRTLLM:
        return None
    data = {
        "config.pbtxt": _config_pbtxt(),
        "model.py": ADAPTER.read_text(),
        "model.yaml": json.dumps(_arguments(model), indent=2) + "\n",
    }
    digest = hashlib.sha256(json.dumps(data, sort_keys=True).encode()).hexdigest()[:8]
    name = naming.fit(f"{model.object_name}-{digest}", naming.KUBERNETES_NAME_LIMIT)
    named = {**metadata(model, namespace), "name": name}
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": named, "immutable": True, "data": data}


def mounts(model: Model) -> list[dict[str, Any]]:
    """Where the engine sees its configuration. The frontend serves a Triton model under its folder's name."""
    if model.engine is not Engine.TRITON_TRTLLM:
        return []
    return [{"name": "configuration", "mountPath": f"{REPOSITORY_MOUNT}/{model.name}", "readOnly": True}]


def volumes(configured: dict[str, Any] | None) -> list[dict[str, Any]]:
    """The configuration laid out as Triton wants it: `config.pbtxt`, and the files of version 1 in a folder."""
    if configured is None:
        return []
    paths = {"config.pbtxt": "config.pbtxt", "model.py": "1/model.py", "model.yaml": "1/model.yaml"}
    items = [{"key": key, "path": path} for key, path in paths.items()]
    return [{"name": "configuration", "configMap": {"name": configured["metadata"]["name"], "items": items}}]


def _arguments(model: Model) -> dict[str, Any]:
    """`model.yaml`, in the part of YAML that is JSON: what the adapter hands to `tensorrt_llm.LLM`, and its limit."""
    return {
        "max_output_tokens": model.max_output_tokens,
        "llm": {
            "model": model.weights_directory,
            "backend": "pytorch",
            "tensor_parallel_size": model.gpus,
            "max_batch_size": model.max_concurrency,
            "max_seq_len": model.context_tokens,
            "kv_cache_config": {"free_gpu_memory_fraction": KV_CACHE_FRACTION},
            "guided_decoding_backend": "xgrammar",
            "enable_iter_perf_stats": True,
        },
    }


def _config_pbtxt() -> str:
    """Triton's description of the adapter. The engine batches by itself, so Triton does not: no batch dimension."""
    inputs = ",\n".join(
        f'  {{ name: "{name}", data_type: {kind}, dims: [ 1, {width} ]{", optional: true" if optional else ""} }}'
        for name, kind, width, optional in TENSORS
    )
    outputs = ",\n".join(f'  {{ name: "{name}", data_type: {kind}, dims: [ 1 ] }}' for name, kind in ANSWERS)
    return (
        'backend: "python"\n'
        "max_batch_size: 0\n"
        "model_transaction_policy { decoupled: true }\n"
        f"input [\n{inputs}\n]\n"
        f"output [\n{outputs}\n]\n"
        "instance_group [ { count: 1, kind: KIND_CPU } ]\n"
    )
