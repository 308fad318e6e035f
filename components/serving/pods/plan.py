"""Pods of a model: what they ask for, when they count as started, ready and alive, and how they leave."""

from dataclasses import dataclass
from math import ceil
from typing import Any

from components.serving import catalog
from components.serving.engines import plan as engines
from components.serving.plan import POOL_LABEL, SERVICE_PORT, SKIP_AWAIT, Model, metadata
from components.serving.weights import plan as weights

PORT = "http"

PROBE_PERIOD_SECONDS = 10
LIVENESS_FAILURES = 6
"""A minute: one slow answer must not cost a replica that takes ten minutes to come back."""

LEAST_PROGRESS_SECONDS = 1200
"""A node, an image of 14 GB and the weights come before the first probe."""


@dataclass(frozen=True, kw_only=True)
class Surroundings:
    """What a pod needs of other layers. Each may be an output."""

    namespace: object
    service_account: object
    image: object
    bucket: object
    region: str
    claim: object
    """The name of the claim on the zone's cache; not read for a model without one."""


def deployment(model: Model, around: Surroundings, configured: dict[str, Any] | None) -> dict[str, Any]:
    """The replicas. Their number is the autoscaler's, so it is left out here."""
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": metadata(model, around.namespace, annotations=SKIP_AWAIT),
        "spec": {
            "selector": {"matchLabels": model.labels},
            "strategy": {"type": "RollingUpdate", "rollingUpdate": _rollout(model)},
            "progressDeadlineSeconds": max(LEAST_PROGRESS_SECONDS, 2 * catalog.startup_seconds(model.weights_gib)),
            "revisionHistoryLimit": 3,
            "template": {"metadata": {"labels": model.labels}, "spec": _pod(model, around, configured)},
        },
    }


def _rollout(model: Model) -> dict[str, int]:
    """GPUs are scarce: a model with two replicas or more gives one up first, and one with a single replica never."""
    return {"maxSurge": 0, "maxUnavailable": 1} if model.floor > 1 else {"maxSurge": 1, "maxUnavailable": 0}


def _pod(model: Model, around: Surroundings, configured: dict[str, Any] | None) -> dict[str, Any]:
    uid = model.facts.uid
    resources = _resources(model)
    return {
        "serviceAccountName": around.service_account,
        "automountServiceAccountToken": False,
        # Kubernetes would set VLLM_PORT to an address for a Service called vllm, and the like.
        "enableServiceLinks": False,
        # The first process of a container ignores SIGTERM while it loads, and pause is the pod's first process then.
        "shareProcessNamespace": True,
        "terminationGracePeriodSeconds": catalog.grace_seconds(model.longest_answer),
        "nodeSelector": {POOL_LABEL: model.pool},
        "tolerations": [{"key": "nvidia.com/gpu", "operator": "Exists", "effect": "NoSchedule"}],
        "topologySpreadConstraints": [
            _spread(model, "topology.kubernetes.io/zone"),
            _spread(model, "kubernetes.io/hostname"),
        ],
        "securityContext": {
            "runAsNonRoot": True,
            "runAsUser": uid,
            "runAsGroup": uid,
            "seccompProfile": {"type": "RuntimeDefault"},
        },
        "initContainers": weights.init_containers(model, around.bucket, around.region, _without_gpus(resources)),
        "containers": [_engine(model, around.image, resources)],
        "volumes": [
            *weights.volumes(model, around.claim),
            *engines.volumes(configured),
            {"name": "dshm", "emptyDir": {"medium": "Memory", "sizeLimit": f"{model.facts.shared_memory_mib}Mi"}},
        ],
    }


def _engine(model: Model, image: object, resources: dict[str, Any]) -> dict[str, Any]:
    facts = model.facts
    return {
        "name": "engine",
        "image": image,
        "command": engines.command(model),
        "env": [{"name": key, "value": value} for key, value in engines.ENVIRONMENT.items()],
        "ports": [{"name": PORT, "containerPort": facts.port}],
        "resources": resources,
        # The root file system stays writable: NVIDIA's CDI hook writes to it (KServe's vLLM template).
        "securityContext": {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}},
        "startupProbe": _probe(
            facts.startup_path, failures=ceil(catalog.startup_seconds(model.weights_gib) / PROBE_PERIOD_SECONDS)
        ),
        "readinessProbe": _probe(facts.ready_path, failures=2),
        "livenessProbe": _probe(facts.live_path, failures=LIVENESS_FAILURES),
        "lifecycle": {"preStop": {"sleep": {"seconds": catalog.PRE_STOP_SECONDS}}},
        "volumeMounts": [weights.mount(), *engines.mounts(model), {"name": "dshm", "mountPath": "/dev/shm"}],  # noqa: S108
    }


def _resources(model: Model) -> dict[str, Any]:
    """What `stacks.capacity` plans nodes for. CPU has no limit: a throttled frontend delays every token."""
    gpus = {"nvidia.com/gpu": str(model.gpus)}
    request = {
        **gpus,
        "cpu": f"{catalog.cpu_millicores(model.gpus)}m",
        "memory": f"{catalog.memory_mib(model.engine, model.weights_gib)}Mi",
    }
    if not model.cache_zone:
        request["ephemeral-storage"] = f"{catalog.disk_mib(model.weights_gib)}Mi"
    limit = {**gpus, "memory": f"{catalog.memory_limit_mib(model.engine, model.weights_gib)}Mi"}
    return {"requests": request, "limits": limit}


def _without_gpus(resources: dict[str, Any]) -> dict[str, Any]:
    return {
        kind: {name: amount for name, amount in amounts.items() if name != "nvidia.com/gpu"}
        for kind, amounts in resources.items()
    }


def _spread(model: Model, over: str) -> dict[str, Any]:
    return {
        "maxSkew": 1,
        "topologyKey": over,
        "whenUnsatisfiable": "ScheduleAnyway",
        "labelSelector": {"matchLabels": model.labels},
        "matchLabelKeys": ["pod-template-hash"],
    }


def _probe(path: str, *, failures: int) -> dict[str, Any]:
    return {
        "httpGet": {"path": path, "port": PORT},
        "periodSeconds": PROBE_PERIOD_SECONDS,
        "timeoutSeconds": 5,
        "failureThreshold": failures,
    }


def service(model: Model, namespace: object) -> dict[str, Any]:
    """The address of the replicas inside the cluster."""
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": metadata(model, namespace, annotations=SKIP_AWAIT),
        "spec": {
            "type": "ClusterIP",
            "selector": model.labels,
            "ports": [{"name": PORT, "port": SERVICE_PORT, "targetPort": PORT, "appProtocol": "http"}],
        },
    }


def disruption_budget(model: Model, namespace: object) -> dict[str, Any]:
    """One replica at a time may be moved, and one that is not ready anyway may always go."""
    return {
        "apiVersion": "policy/v1",
        "kind": "PodDisruptionBudget",
        "metadata": metadata(model, namespace),
        "spec": {
            "maxUnavailable": 1,
            "unhealthyPodEvictionPolicy": "AlwaysAllow",
            "selector": {"matchLabels": model.labels},
        },
    }
