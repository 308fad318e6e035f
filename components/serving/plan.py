"""One model as a region serves it: plain facts, and the names that everything around it shares.

The rooms beside this file turn it into manifests: `weights`, `engines`, `pods`, `autoscaling`, `routes`.
"""

from dataclasses import dataclass
from typing import Any

from components import naming
from components.storage.plan import weights_path
from components.versions import Engine

from .catalog import ENGINES, EngineFacts, longest_answer_seconds

MODEL_LABEL = f"{naming.ANNOTATIONS}/model"
"""Which model a pod serves; Prometheus sees it as `inference_fleet_io_model`."""
POOL_LABEL = f"{naming.ANNOTATIONS}/pool"
"""Which pool a node belongs to; the platform's NodePools carry it."""

SERVICE_PORT = 8000
"""The port of every model's Service, whatever its engine listens on: swapping engines changes no client."""

WEIGHTS_MOUNT = "/weights"

SKIP_AWAIT = {"pulumi.com/skipAwait": "true"}
"""Weights may be published long after `up`; a Service without endpoints would hold it up like a Deployment."""


@dataclass(frozen=True, kw_only=True)
class Model:
    """What is served, on what, how much of it and how fast."""

    name: str
    engine: Engine
    embeds: bool
    """It answers with a vector, not with tokens."""
    source: str
    """Where the publisher found the weights."""
    revision: str
    weights_gib: float
    cache_zone: str | None
    """The zone of the FSx cache that its pool is bound to; None where weights are copied to node NVMe."""
    pool: str
    gpus: int
    floor: int
    """Replicas when nobody calls. 0 sleeps: see `autoscaling/plan.py` for what wakes it."""
    ceiling: int
    ttft_ms: int
    itl_ms: int | None
    context_tokens: int
    max_output_tokens: int
    max_concurrency: int
    """Requests that one replica serves at once."""

    @property
    def object_name(self) -> str:
        """Its name in Kubernetes, which admits no dots in a Service."""
        return naming.kubernetes(self.name)

    @property
    def facts(self) -> EngineFacts:
        """What its engine needs."""
        return ENGINES[self.engine]

    @property
    def longest_answer(self) -> int:
        """Seconds."""
        return longest_answer_seconds(self.ttft_ms, self.itl_ms, self.max_output_tokens)

    @property
    def weights_prefix(self) -> str:
        """Where its revision lies in the bucket and under the mount."""
        return weights_path(self.name, self.revision)

    @property
    def weights_directory(self) -> str:
        """Where the engine finds its weights."""
        return f"{WEIGHTS_MOUNT}/{self.weights_prefix}"

    @property
    def labels(self) -> dict[str, str]:
        """The labels by which its pods are selected; they never change for a model of one name."""
        return {MODEL_LABEL: self.name}


def address(model: Model) -> str:
    """Where a model answers inside the cluster."""
    return f"http://{model.object_name}.{naming.NAMESPACE_SERVING}.svc.cluster.local:{SERVICE_PORT}"


def metadata(model: Model, namespace: object, *, annotations: dict[str, str] | None = None) -> dict[str, Any]:
    """The metadata of an object that a model has one of."""
    made: dict[str, Any] = {"name": model.object_name, "namespace": namespace, "labels": model.labels}
    if annotations:
        made["annotations"] = annotations
    return made


def namespace() -> dict[str, Any]:
    """Where models run."""
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": naming.NAMESPACE_SERVING}}
