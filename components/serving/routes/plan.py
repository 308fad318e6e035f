"""From the region's door to a model: one route per model behind the one Gateway, and the Gateway behind the ALB."""

from typing import Any

from components import naming
from components.serving.catalog import request_seconds
from components.serving.plan import SERVICE_PORT, Model, metadata

MODEL_HEADER = "x-ai-eg-model"
"""Envoy AI Gateway fills it from the body's `model`; until it is installed, clients send it."""

API = "/v1"
"""What of an engine is for clients; its metrics and probes are not."""


def http_route(model: Model, namespace: object, gateway: object) -> dict[str, Any]:
    """The route of a model. It ends a request that takes longer than any answer may, so that every drain suffices."""
    longest = f"{request_seconds(model.longest_answer)}s"
    return {
        "apiVersion": "gateway.networking.k8s.io/v1",
        "kind": "HTTPRoute",
        "metadata": metadata(model, namespace),
        "spec": {
            "parentRefs": [{"name": gateway, "namespace": naming.NAMESPACE_GATEWAY}],
            "rules": [
                {
                    "matches": [
                        {
                            "path": {"type": "PathPrefix", "value": API},
                            "headers": [{"type": "Exact", "name": MODEL_HEADER, "value": model.name}],
                        }
                    ],
                    "backendRefs": [{"name": model.object_name, "port": SERVICE_PORT}],
                    "timeouts": {"request": longest, "backendRequest": longest},
                }
            ],
        },
    }


def target_group_binding(service: object, port: object, target_group_arn: object) -> dict[str, Any]:
    """What registers the Gateway's pods with the ALB. It names no `networking`: layer network owns every rule."""
    return {
        "apiVersion": "elbv2.k8s.aws/v1beta1",
        "kind": "TargetGroupBinding",
        "metadata": {"name": naming.GATEWAY, "namespace": naming.NAMESPACE_GATEWAY},
        "spec": {
            "targetGroupARN": target_group_arn,
            "targetType": "ip",
            "serviceRef": {"name": service, "port": port},
        },
    }
