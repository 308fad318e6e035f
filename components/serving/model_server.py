"""A served model: its replicas, their address, their autoscaling and their route. What they are is in the plans."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pulumi

from components import manifest

from .autoscaling import plan as autoscaling
from .engines import plan as engines
from .plan import Model, address
from .pods import plan as pods
from .routes import plan as routes


@dataclass(frozen=True, kw_only=True)
class ModelServerArgs:
    """The model, and what other layers made for it."""

    model: Model
    environment: str
    region: str
    namespace: pulumi.Input[str]
    service_account: pulumi.Input[str]
    """Who its pods are; it must already be allowed to read weights."""
    registry: pulumi.Input[str]
    """The host of the region's own image registry."""
    bucket: pulumi.Input[str]
    claim: pulumi.Input[str] | None
    """The claim on its zone's cache; None for a model that copies weights to node NVMe."""
    gateway: pulumi.Input[str]
    prometheus_address: pulumi.Input[str]


class ModelServer(pulumi.ComponentResource):
    """Everything that one model has of its own."""

    address: str
    """Where it answers inside the cluster."""

    def __init__(self, name: str, args: ModelServerArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("fleet:index:ModelServer", name, None, opts)
        model, namespace = args.model, args.namespace
        configured = engines.configuration(model, namespace)
        if configured:
            self._object(f"{name}-configuration", configured)
        self._object(f"{name}-replicas", pods.deployment(model, self._surroundings(args), configured))
        self._object(f"{name}-service", pods.service(model, namespace))
        self._object(f"{name}-disruption-budget", pods.disruption_budget(model, namespace))
        self._object(f"{name}-monitor", autoscaling.engine_monitor(model, namespace))
        self._object(f"{name}-scaling", autoscaling.scaled_object(model, namespace, args.prometheus_address))
        self._object(f"{name}-route", routes.http_route(model, namespace, args.gateway))
        self.address = address(model)
        self.register_outputs({"address": self.address})

    def _surroundings(self, args: ModelServerArgs) -> pods.Surroundings:
        return pods.Surroundings(
            namespace=args.namespace,
            service_account=args.service_account,
            image=pulumi.Output.concat(args.registry, "/", engines.image(args.model, args.environment)),
            bucket=args.bucket,
            region=args.region,
            claim=args.claim,
        )

    def _object(self, name: str, described: Mapping[str, Any]) -> None:
        manifest.create(name, described, pulumi.ResourceOptions(parent=self))
