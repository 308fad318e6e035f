"""The policy pack: every rule of `rules/` as a Pulumi policy. `PolicyPack` starts a server and never returns.

A rule that reads a value which a preview does not know yet is reported by Pulumi as one that could not run: mandatory
rules may then pass a preview and stop the update. That concerns `iam-policy-narrow`, whose documents carry ARNs, and
`bucket-encrypted` where a bucket is named by its id.
"""

from typing import Any

from pulumi_policy import (
    EnforcementLevel,
    Policy,
    PolicyConfigSchema,
    PolicyPack,
    ReportViolation,
    ResourceValidationArgs,
    ResourceValidationPolicy,
    StackValidationArgs,
    StackValidationPolicy,
)
from rules import RULES, Resource, ResourceRule, Rule


def _policy(rule: Rule) -> Policy:
    properties = {key: dict(schema) for key, schema in rule.settings.items()}
    said: dict[str, Any] = {
        "name": rule.name,
        "description": f"{rule.must[0].upper()}{rule.must[1:]}. {rule.why}.",
        "enforcement_level": EnforcementLevel(rule.level),
        "config_schema": PolicyConfigSchema(properties) if properties else None,
        "remediation_steps": f"{rule.remedy}.",
    }

    def judge_resource(args: ResourceValidationArgs, report: ReportViolation) -> None:
        resource = Resource(args.resource_type, args.name, args.props)
        for _, what in rule.breaches([resource], args.get_config()):
            report(_message(rule, what), None)

    def judge_stack(args: StackValidationArgs, report: ReportViolation) -> None:
        resources = [Resource(found.resource_type, found.name, found.props) for found in args.resources]
        urns = {id(resource): found.urn for resource, found in zip(resources, args.resources, strict=True)}
        for resource, what in rule.breaches(resources, args.get_config()):
            report(_message(rule, what), urns.get(id(resource)))

    if isinstance(rule, ResourceRule):
        return ResourceValidationPolicy(validate=judge_resource, **said)
    return StackValidationPolicy(validate=judge_stack, **said)


def _message(rule: Rule, what: str) -> str:
    """Pulumi prints the description, which is rule and reason, above it."""
    return f"{what}. {rule.remedy}."


PolicyPack("inference-fleet", [_policy(rule) for rule in RULES])
