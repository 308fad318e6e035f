"""IAM grants what is named: no wildcard over everything, no broad managed policy, no door that is open to anyone.

`Describe*` and `List*` on everything are fine: EC2 knows no narrower resource for most of them. A key policy that gives
its own account `kms:*` is fine too, because a key's `*` is the key; there only the principals are judged.
"""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from .reading import at, items, mapping, said, shown, texts
from .rule import Resource, ResourceRule, Settings

_GRANTS = {
    "aws:eks/podIdentityAssociation:PodIdentityAssociation": "policy",
    "aws:iam/groupPolicy:GroupPolicy": "policy",
    "aws:iam/policy:Policy": "policy",
    "aws:iam/rolePolicy:RolePolicy": "policy",
    "aws:iam/userPolicy:UserPolicy": "policy",
}
"""Where a document grants actions to whoever carries it."""

_DOORS = {
    "aws:ecr/repositoryPolicy:RepositoryPolicy": "policy",
    "aws:iam/role:Role": "assumeRolePolicy",
    "aws:kms/key:Key": "policy",
    "aws:kms/keyPolicy:KeyPolicy": "policy",
    "aws:s3/bucketPolicy:BucketPolicy": "policy",
    "aws:sns/topicPolicy:TopicPolicy": "policy",
    "aws:sqs/queue:Queue": "policy",
    "aws:sqs/queuePolicy:QueuePolicy": "policy",
}
"""Where a document says who may come in."""

_ATTACHMENTS = {
    "aws:iam/groupPolicyAttachment:GroupPolicyAttachment": "policyArn",
    "aws:iam/policyAttachment:PolicyAttachment": "policyArn",
    "aws:iam/role:Role": "managedPolicyArns",
    "aws:iam/rolePolicyAttachment:RolePolicyAttachment": "policyArn",
    "aws:iam/userPolicyAttachment:UserPolicyAttachment": "policyArn",
}

_JUDGED = frozenset({*_GRANTS, *_DOORS, *_ATTACHMENTS})
_ROLE = "aws:iam/role:Role"
_BROAD = re.compile(r"AdministratorAccess|PowerUserAccess|FullAccess")
_READS = ("describe", "list")
_NEVER_ON_EVERYTHING = frozenset({"iam:passrole", "sts:assumerole"})
_EVERYTHING = frozenset({"*", "role/*"})
"""The last part of an ARN that names no one thing."""


def _validate(resource: Resource, settings: Settings) -> Iterator[str]:
    del settings
    kind, props = resource.type, resource.props
    for arn in texts(at(props, _ATTACHMENTS[kind])) if kind in _ATTACHMENTS else ():
        if _BROAD.search(arn):
            yield f"{_ATTACHMENTS[kind]} = {shown(arn)}"
    if kind in _GRANTS:
        yield from _grants(_GRANTS[kind], at(props, _GRANTS[kind]))
    if kind == _ROLE:
        for inline in items(at(props, "inlinePolicies")):
            yield from _grants(f"inlinePolicies[{shown(at(inline, 'name'))}]", at(inline, "policy"))
    if kind in _DOORS:
        yield from _open_doors(_DOORS[kind], at(props, _DOORS[kind]), conditions_close=kind != _ROLE)


def _grants(path: str, document: Any) -> Iterator[str]:
    for where, statement in _allowing(path, document):
        if said(statement, "NotAction"):
            yield f"{where} allows every action but some (NotAction)"
        if not said(statement, "NotResource") and not any(map(_everything, texts(at(statement, "Resource")))):
            continue
        for action in texts(at(statement, "Action")):
            if _too_much(action):
                yield f"{where} allows {shown(action)} on everything"


def _open_doors(path: str, document: Any, *, conditions_close: bool) -> Iterator[str]:
    for where, statement in _allowing(path, document):
        closed = conditions_close and bool(mapping(at(statement, "Condition")))
        if not closed and (said(statement, "NotPrincipal") or _anyone(at(statement, "Principal"))):
            yield f"{where} allows any principal"


def _allowing(path: str, document: Any) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The statements that allow, each with a place that a reader finds."""
    for index, statement in enumerate(items(at(_parsed(document), "Statement"))):
        if at(statement, "Effect") == "Allow":
            yield f"{path}.Statement[{shown(at(statement, 'Sid') or index)}]", statement


def _parsed(document: Any) -> Any:
    """A document as data. A text that is no JSON grants nothing: IAM refuses it."""
    if not isinstance(document, str):
        return document
    try:
        return json.loads(document)
    except (ValueError, RecursionError):
        return None


def _everything(resource: str) -> bool:
    return resource.split(":", 5)[-1] in _EVERYTHING


def _too_much(action: str) -> bool:
    named = action.casefold()
    if "*" in named or "?" in named:
        return not named.partition(":")[2].startswith(_READS)
    return named in _NEVER_ON_EVERYTHING


def _anyone(principal: Any) -> bool:
    named = [principal, *mapping(principal).values()]
    return any("*" in texts(entry) for entry in named)


RULE = ResourceRule(
    name="iam-policy-narrow",
    must="IAM names the actions, the resources and the principals",
    why="One pod that is taken over would have the whole account",
    remedy="Name what is needed, as in components/iam.py, or bind it with a condition where a resource policy allows",
    judges=_JUDGED.__contains__,
    validate=_validate,
)
