"""The region's one door: a load balancer that ends TLS and hands requests to the gateway's pods.

Pods are registered by a TargetGroupBinding of the serving layer. What waits does so in one order: the longest stream
ends before Envoy's drain, the drain before the pod's grace, the grace before the deregistration delay.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
from pulumi_aws import lb

from . import plan

IDLE_TIMEOUT_SECONDS = 600
"""Beyond Global Accelerator's 340 s, so that the load balancer is never the one that cuts a silent answer."""

TLS_POLICY = "ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09"
"""TLS 1.3, and 1.2 with forward secrecy: what AWS recommends and its console chooses (ELB guide: security policies)."""

HEALTH_CHECK_INTERVAL_SECONDS = 10
HEALTH_CHECK_THRESHOLD = 2
"""Two checks either way: a gateway that is gone gets no requests after twenty seconds."""


@dataclass(frozen=True, kw_only=True)
class RegionalDoorArgs:
    """Where the load balancer stands and how it behaves."""

    vpc_id: pulumi.Input[str]
    internal: bool
    """True: reachable through Global Accelerator and from the VPC only."""
    subnet_ids: Mapping[str, pulumi.Input[str]]
    """By zone: private subnets for an internal load balancer, public ones for an internet-facing one."""
    security_group_id: pulumi.Input[str]
    certificate_arn: pulumi.Input[str]
    deregistration_delay_seconds: int
    deletion_protection: bool
    """Whether the load balancer itself refuses to be deleted, by whomever."""
    tags: Mapping[str, str]


class RegionalDoor(pulumi.ComponentResource):
    """The load balancer, its TLS listener and its target group."""

    load_balancer_arn: pulumi.Output[str]
    load_balancer_dns_name: pulumi.Output[str]
    load_balancer_zone_id: pulumi.Output[str]
    target_group_arn: pulumi.Output[str]

    def __init__(self, name: str, args: RegionalDoorArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("fleet:index:RegionalDoor", name, None, opts)
        balancer = self._load_balancer(name, args)
        targets = self._target_group(name, args)
        self._listener(name, balancer, targets, args)
        self.load_balancer_arn = balancer.arn
        self.load_balancer_dns_name = balancer.dns_name
        self.load_balancer_zone_id = balancer.zone_id
        self.target_group_arn = targets.arn
        self.register_outputs(
            {
                "load_balancer_arn": self.load_balancer_arn,
                "load_balancer_dns_name": self.load_balancer_dns_name,
                "load_balancer_zone_id": self.load_balancer_zone_id,
                "target_group_arn": self.target_group_arn,
            }
        )

    def _load_balancer(self, name: str, args: RegionalDoorArgs) -> lb.LoadBalancer:
        return lb.LoadBalancer(
            f"{name}-balancer",
            load_balancer_type="application",
            internal=args.internal,
            subnets=list(args.subnet_ids.values()),
            security_groups=[args.security_group_id],
            idle_timeout=IDLE_TIMEOUT_SECONDS,
            drop_invalid_header_fields=True,
            desync_mitigation_mode="strictest",
            enable_deletion_protection=args.deletion_protection,
            tags=args.tags,
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _target_group(self, name: str, args: RegionalDoorArgs) -> lb.TargetGroup:
        return lb.TargetGroup(
            f"{name}-gateway",
            vpc_id=args.vpc_id,
            target_type="ip",
            protocol="HTTP",
            port=plan.ENVOY_PORT,
            # Answers last from milliseconds to minutes, so an even count of requests is no even load.
            load_balancing_algorithm_type="least_outstanding_requests",
            deregistration_delay=args.deregistration_delay_seconds,
            health_check=lb.TargetGroupHealthCheckArgs(
                protocol="HTTP",
                port=str(plan.ENVOY_READY_PORT),
                path=plan.ENVOY_READY_PATH,
                interval=HEALTH_CHECK_INTERVAL_SECONDS,
                timeout=HEALTH_CHECK_INTERVAL_SECONDS // 2,
                healthy_threshold=HEALTH_CHECK_THRESHOLD,
                unhealthy_threshold=HEALTH_CHECK_THRESHOLD,
            ),
            tags=args.tags,
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _listener(self, name: str, balancer: lb.LoadBalancer, targets: lb.TargetGroup, args: RegionalDoorArgs) -> None:
        lb.Listener(
            f"{name}-tls",
            load_balancer_arn=balancer.arn,
            port=plan.DOOR_PORT,
            protocol="HTTPS",
            ssl_policy=TLS_POLICY,
            certificate_arn=args.certificate_arn,
            default_actions=[lb.ListenerDefaultActionArgs(type="forward", target_group_arn=targets.arn)],
            tags=args.tags,
            opts=pulumi.ResourceOptions(parent=self),
        )
