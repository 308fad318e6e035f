"""The way in: Envoy Gateway and its one Gateway, behind a ClusterIP that the region's load balancer reaches by pod."""

from dataclasses import dataclass

import pulumi

from components import manifest, naming

from . import plan
from .release import release


@dataclass(frozen=True, kw_only=True)
class GatewayArgs:
    """How long the proxies must be able to wait."""

    longest_answer: int
    """Seconds that the slowest model may take for one answer."""


class Gateway(pulumi.ComponentResource):
    """The controller, the shape of its proxies, and the Gateway that models attach routes to."""

    gateway: pulumi.Output[str]
    """The Gateway's name, in `components.naming.NAMESPACE_GATEWAY`."""
    service: pulumi.Output[str]
    """The ClusterIP Service of its proxies, in the same namespace."""
    port: pulumi.Output[int]

    def __init__(self, name: str, args: GatewayArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("fleet:index:Gateway", name, None, opts)
        controller = release(
            f"{name}-controller", "gateway-helm", plan.gateway_values(), pulumi.ResourceOptions(parent=self)
        )
        shape = manifest.create(
            f"{name}-proxies",
            plan.envoy_proxy(args.longest_answer),
            pulumi.ResourceOptions(parent=self, depends_on=[controller]),
        )
        kind = manifest.create(
            f"{name}-class", plan.gateway_class(), pulumi.ResourceOptions(parent=self, depends_on=[shape])
        )
        manifest.create(f"{name}-door", plan.gateway(), pulumi.ResourceOptions(parent=self, depends_on=[kind]))
        self.gateway = pulumi.Output.from_input(naming.GATEWAY)
        self.service = pulumi.Output.from_input(naming.GATEWAY)
        self.port = pulumi.Output.from_input(plan.GATEWAY_PORT)
        self.register_outputs({"gateway": self.gateway, "service": self.service, "port": self.port})
