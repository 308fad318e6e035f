"""Autoscaling of one model by what its engine says of its load, never by GPU use: engines take all of a GPU at once.

A model whose floor is 0 sleeps, and a request does not wake it by waiting: with no replica behind it the gateway
answers 503 itself and no engine counts it. What wakes it is that 503. In a standby region there is no other traffic
before a failover, so the first refused requests of a failover start one replica of every sleeping model; until it is
ready (a node, an image, weights: minutes) clients see 503. The gateway counts refusals per listener, not per model.
"""

from math import ceil
from typing import Any

from components import naming
from components.serving.plan import MODEL_LABEL, Model, metadata

WAITING = 4
"""Waiting requests that a replica may have before another one is worth its GPUs."""
CONCURRENCY_SHARE = 0.75
"""Share of a replica's concurrency at which another one starts, because starting takes minutes."""
SCRAPE_SECONDS = 15
SLEEP_AFTER_SECONDS = 1800
"""How long a model with floor 0 stays awake without load. Waking takes minutes, so it does not doze off at once."""

ENVOY_STATISTICS = {"port": "metrics", "path": "/stats/prometheus", "interval": f"{SCRAPE_SECONDS}s"}
"""Where Envoy Gateway's proxies publish (port 19001)."""
REFUSED = f'envoy_http_downstream_rq_xx{{envoy_response_code_class="5",namespace="{naming.NAMESPACE_GATEWAY}"}}'
"""Answers 5xx of the gateway, its own 503 among them."""

BEHAVIOR = {
    "scaleUp": {
        "stabilizationWindowSeconds": 30,
        "selectPolicy": "Max",
        "policies": [
            {"type": "Percent", "value": 100, "periodSeconds": 60},
            {"type": "Pods", "value": 2, "periodSeconds": 60},
        ],
    },
    "scaleDown": {
        "stabilizationWindowSeconds": 600,
        "policies": [{"type": "Pods", "value": 1, "periodSeconds": 120}],
    },
}
"""Up fast, down slowly: a replica costs minutes to start and every one that leaves takes its KV cache along."""


def scaled_object(model: Model, namespace: object, prometheus: object) -> dict[str, Any]:
    """Between floor and ceiling, and no lower than it is when Prometheus is silent."""
    scaling: dict[str, Any] = {
        "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": model.object_name},
        "minReplicaCount": model.floor,
        "maxReplicaCount": model.ceiling,
        "pollingInterval": SCRAPE_SECONDS,
        "advanced": {"horizontalPodAutoscalerConfig": {"name": model.object_name, "behavior": BEHAVIOR}},
        "triggers": _triggers(model, prometheus),
    }
    if model.floor:
        scaling["fallback"] = {
            "failureThreshold": 3,
            "replicas": model.floor,
            "behavior": "currentReplicasIfHigher",
        }
    else:
        scaling["cooldownPeriod"] = SLEEP_AFTER_SECONDS
    return {
        "apiVersion": "keda.sh/v1alpha1",
        "kind": "ScaledObject",
        "metadata": metadata(model, namespace),
        "spec": scaling,
    }


def _triggers(model: Model, prometheus: object) -> list[dict[str, Any]]:
    running = ceil(model.max_concurrency * CONCURRENCY_SHARE)
    triggers = [
        _trigger("waiting", _load(model, model.facts.waiting_metric), WAITING, prometheus),
        _trigger("running", _load(model, model.facts.running_metric), running, prometheus),
    ]
    if not model.floor:
        # 0 or 1, so that it wakes one replica and leaves the second to the load.
        woken = f"(sum(rate({REFUSED}[2m])) > bool 0) or vector(0)"
        triggers.append(_trigger("refused", woken, 1, prometheus))
    return triggers


def _load(model: Model, series: str) -> str:
    """One number for the whole model. A model that may sleep has no series then, which must not count as an error."""
    name, _, matchers = series.partition("{")
    mine = f'inference_fleet_io_model="{model.name}"'
    total = f"sum({name}{{{mine}{',' + matchers if matchers else '}'})"
    return total if model.floor else f"{total} or vector(0)"


def _trigger(name: str, query: str, threshold: int, prometheus: object) -> dict[str, Any]:
    # KEDA takes a query without an answer for 0 unless told otherwise, and a lost scrape would scale everything in.
    return {
        "type": "prometheus",
        "name": name,
        "metricType": "AverageValue",
        "metadata": {
            "serverAddress": prometheus,
            "query": query,
            "threshold": str(threshold),
            "ignoreNullValues": "false",
        },
    }


def engine_monitor(model: Model, namespace: object) -> dict[str, Any]:
    """What makes Prometheus read a model's replicas, and write the model's name on every series."""
    endpoint = {"port": "http", "path": model.facts.metrics_path, "interval": f"{SCRAPE_SECONDS}s"}
    return {
        "apiVersion": "monitoring.coreos.com/v1",
        "kind": "PodMonitor",
        "metadata": metadata(model, namespace),
        "spec": {
            "selector": {"matchLabels": model.labels},
            "podTargetLabels": [MODEL_LABEL],
            "podMetricsEndpoints": [endpoint],
        },
    }


def gateway_monitor(gateway: object) -> dict[str, Any]:
    """What makes Prometheus read the gateway's proxies, whose refusals wake sleeping models."""
    proxies = {"app.kubernetes.io/component": "proxy", "gateway.envoyproxy.io/owning-gateway-name": gateway}
    return {
        "apiVersion": "monitoring.coreos.com/v1",
        "kind": "PodMonitor",
        "metadata": {"name": naming.GATEWAY, "namespace": naming.NAMESPACE_GATEWAY},
        "spec": {"selector": {"matchLabels": proxies}, "podMetricsEndpoints": [ENVOY_STATISTICS]},
    }
