"""Prometheus, for autoscaling and for people. It comes first: the other charts bring monitors of their own."""

import pulumi

from . import plan
from .release import release


class Monitoring(pulumi.ComponentResource):
    """The Prometheus operator and a Prometheus that keeps a day."""

    prometheus_address: pulumi.Output[str]
    """Where it answers inside the cluster."""

    def __init__(self, name: str, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("fleet:index:Monitoring", name, None, opts)
        release(f"{name}-stack", "kube-prometheus-stack", plan.monitoring_values(), pulumi.ResourceOptions(parent=self))
        self.prometheus_address = pulumi.Output.from_input(plan.prometheus_address())
        self.register_outputs({"prometheus_address": self.prometheus_address})
