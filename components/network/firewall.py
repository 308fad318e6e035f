"""The web application firewall of a region's door: reputation, host, headers and rate.

Nothing here blocks by the body: prompts hold SQL and HTML and are longer than the 8 KB that WAF reads behind a load
balancer. The managed rules that read bodies only count.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
from pulumi_aws import wafv2

RATE_LIMIT = 3000
RATE_WINDOW_SECONDS = 300
"""Ten requests a second from one address. A company behind one NAT stays below it; a loop without back-off does not.
Limits of tenants are the gateway's."""

HEADER_BYTES = 8192
"""WAF reads no more than this much of a request's headers, and what it cannot read it cannot judge."""

SAMPLES = False
"""A sampled request shows its headers to whoever may read WAF, and a tenant's key is one of them."""


@dataclass(frozen=True, kw_only=True)
class FirewallArgs:
    """What is guarded, and under which name it is called."""

    load_balancer_arn: pulumi.Input[str]
    host: str
    """The only host name that clients call: a scanner that found an address does not know it."""
    tags: Mapping[str, str]


class Firewall(pulumi.ComponentResource):
    """The web ACL and its association with the load balancer."""

    def __init__(self, name: str, args: FirewallArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("fleet:index:Firewall", name, None, opts)
        acl = self._acl(name, args)
        wafv2.WebAclAssociation(
            f"{name}-door",
            resource_arn=args.load_balancer_arn,
            web_acl_arn=acl.arn,
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.register_outputs({})

    def _acl(self, name: str, args: FirewallArgs) -> wafv2.WebAcl:
        return wafv2.WebAcl(
            f"{name}-acl",
            scope="REGIONAL",
            default_action=wafv2.WebAclDefaultActionArgs(allow=wafv2.WebAclDefaultActionAllowArgs()),
            rules=[
                _managed(0, "reputation", "AWSManagedRulesAmazonIpReputationList", counts=False),
                _blocks(1, "host", _another_host(args.host)),
                _blocks(2, "headers", _oversized_headers()),
                _blocks(3, "rate", _rate()),
                _managed(4, "bodies", "AWSManagedRulesCommonRuleSet", counts=True),
            ],
            visibility_config=wafv2.WebAclVisibilityConfigArgs(
                cloudwatch_metrics_enabled=True, metric_name=name, sampled_requests_enabled=SAMPLES
            ),
            tags=args.tags,
            opts=pulumi.ResourceOptions(parent=self),
        )


def _blocks(priority: int, name: str, statement: wafv2.WebAclRuleStatementArgs) -> wafv2.WebAclRuleArgs:
    return wafv2.WebAclRuleArgs(
        name=name,
        priority=priority,
        statement=statement,
        action=wafv2.WebAclRuleActionArgs(block=wafv2.WebAclRuleActionBlockArgs()),
        visibility_config=_visible(name),
    )


def _managed(priority: int, name: str, group: str, *, counts: bool) -> wafv2.WebAclRuleArgs:
    """A group of AWS's rules, each with its own action, or all of them only counting."""
    counting = wafv2.WebAclRuleOverrideActionArgs(count=wafv2.WebAclRuleOverrideActionCountArgs())
    as_written = wafv2.WebAclRuleOverrideActionArgs(none=wafv2.WebAclRuleOverrideActionNoneArgs())
    return wafv2.WebAclRuleArgs(
        name=name,
        priority=priority,
        statement=wafv2.WebAclRuleStatementArgs(
            managed_rule_group_statement=wafv2.WebAclRuleStatementManagedRuleGroupStatementArgs(
                vendor_name="AWS", name=group
            )
        ),
        override_action=counting if counts else as_written,
        visibility_config=_visible(name),
    )


def _visible(name: str) -> wafv2.WebAclRuleVisibilityConfigArgs:
    return wafv2.WebAclRuleVisibilityConfigArgs(
        cloudwatch_metrics_enabled=True, metric_name=name, sampled_requests_enabled=SAMPLES
    )


def _another_host(host: str) -> wafv2.WebAclRuleStatementArgs:
    ours = wafv2.WebAclRuleStatementByteMatchStatementArgs(
        field_to_match=wafv2.WebAclRuleStatementByteMatchStatementFieldToMatchArgs(
            single_header=wafv2.WebAclRuleStatementByteMatchStatementFieldToMatchSingleHeaderArgs(name="host")
        ),
        positional_constraint="EXACTLY",
        search_string=host,
        text_transformations=[
            wafv2.WebAclRuleStatementByteMatchStatementTextTransformationArgs(priority=0, type="LOWERCASE")
        ],
    )
    return wafv2.WebAclRuleStatementArgs(
        not_statement=wafv2.WebAclRuleStatementNotStatementArgs(
            statement=wafv2.WebAclRuleStatementArgs(byte_match_statement=ours)
        )
    )


def _oversized_headers() -> wafv2.WebAclRuleStatementArgs:
    all_headers = wafv2.WebAclRuleStatementSizeConstraintStatementFieldToMatchHeaderArgs(
        match_pattern=wafv2.WebAclRuleStatementSizeConstraintStatementFieldToMatchHeaderMatchPatternArgs(
            all=wafv2.WebAclRuleStatementSizeConstraintStatementFieldToMatchHeaderMatchPatternAllArgs()
        ),
        match_scope="ALL",
        oversize_handling="MATCH",
    )
    return wafv2.WebAclRuleStatementArgs(
        size_constraint_statement=wafv2.WebAclRuleStatementSizeConstraintStatementArgs(
            field_to_match=wafv2.WebAclRuleStatementSizeConstraintStatementFieldToMatchArgs(headers=[all_headers]),
            comparison_operator="GT",
            size=HEADER_BYTES,
            text_transformations=[
                wafv2.WebAclRuleStatementSizeConstraintStatementTextTransformationArgs(priority=0, type="NONE")
            ],
        )
    )


def _rate() -> wafv2.WebAclRuleStatementArgs:
    return wafv2.WebAclRuleStatementArgs(
        rate_based_statement=wafv2.WebAclRuleStatementRateBasedStatementArgs(
            aggregate_key_type="IP", limit=RATE_LIMIT, evaluation_window_sec=RATE_WINDOW_SECONDS
        )
    )
