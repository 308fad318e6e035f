"""IAM policy documents, as plain data. A document may carry outputs (an ARN) and never looks at them."""

import json
from collections.abc import Sequence
from typing import Any

POLICY_VERSION = "2012-10-17"


def statement(
    sid: str,
    actions: Sequence[str],
    resources: Sequence[object],
    *,
    condition: dict[str, Any] | None = None,
    principal: object | None = None,
    effect: str = "Allow",
) -> dict[str, Any]:
    """One statement. `resources` may hold outputs; `principal` is for trust and resource policies only."""
    made: dict[str, Any] = {"Sid": sid, "Effect": effect}
    if principal is not None:
        made["Principal"] = principal
    made["Action"] = list(actions)
    if resources:
        made["Resource"] = list(resources)
    if condition:
        made["Condition"] = condition
    return made


def document(*statements: dict[str, Any]) -> dict[str, Any]:
    """A policy document of these statements; serialise it with `pulumi.Output.json_dumps` where it carries outputs."""
    return {"Version": POLICY_VERSION, "Statement": list(statements)}


def trust(
    service: str, *, actions: Sequence[str] = ("sts:AssumeRole",), condition: dict[str, Any] | None = None
) -> str:
    """The trust policy, as JSON, by which an AWS service assumes a role."""
    allowed = statement("Trust", actions, (), principal={"Service": service}, condition=condition)
    return json.dumps(document(allowed), sort_keys=True)


def pod_identity_trust() -> str:
    """The trust policy of a role that pods assume by EKS Pod Identity: it needs `sts:TagSession` too."""
    return trust("pods.eks.amazonaws.com", actions=("sts:AssumeRole", "sts:TagSession"))
