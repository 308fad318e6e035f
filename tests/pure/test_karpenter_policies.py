"""The policies of Karpenter, its queue and the runner; and what the control plane's plan decides."""

import json
from collections.abc import Callable

import pytest

from components import naming
from components.cluster import iam, plan
from components.versions import ADDONS

KARPENTER = iam.karpenter(
    cluster="prod-us-east-1",
    region="us-east-1",
    account="123456789012",
    node_role_arn="arn:aws:iam::123456789012:role/karpenter-node",
    queue_arn="arn:aws:sqs:us-east-1:123456789012:prod-us-east-1",
)
POLICIES = {f"karpenter-{name}": document for name, document in KARPENTER.items()} | {
    "interruption-queue": iam.interruption_queue("arn:aws:sqs:us-east-1:123456789012:prod-us-east-1"),
    "runner": iam.runner(environment="prod", cluster="prod-us-east-1", region="us-east-1", account="123456789012"),
}

MANAGED_POLICY_LIMIT = 6144
INLINE_POLICIES_LIMIT = 10240
"""IAM's limits in characters, white space not counted."""


@pytest.mark.parametrize("name", POLICIES)
def test_cluster_policies_are_as_reviewed(name: str, golden: Callable[[str, str], None]) -> None:
    golden(f"iam/{name}.json", json.dumps(POLICIES[name], indent=2) + "\n")


def test_karpenter_s_controller_has_the_six_policies_of_1_14() -> None:
    assert list(KARPENTER) == [
        "node-lifecycle",
        "iam-integration",
        "eks-integration",
        "interruption",
        "zonal-shift",
        "resource-discovery",
    ]


@pytest.mark.parametrize("name", POLICIES)
def test_a_policy_fits_into_what_iam_stores(name: str) -> None:
    limit = INLINE_POLICIES_LIMIT if name == "runner" else MANAGED_POLICY_LIMIT
    assert len(json.dumps(POLICIES[name], separators=(",", ":"))) <= limit


@pytest.mark.parametrize("name", POLICIES)
def test_no_policy_allows_every_action_of_a_service(name: str) -> None:
    for statement in POLICIES[name]["Statement"]:
        if statement["Effect"] == "Allow":
            assert not [action for action in statement["Action"] if action.endswith(":*") or action == "*"]


def test_karpenter_deletes_only_what_it_made_for_this_cluster() -> None:
    (deletion,) = [one for one in KARPENTER["node-lifecycle"]["Statement"] if one["Sid"] == "AllowScopedDeletion"]
    assert deletion["Condition"]["StringEquals"] == {"aws:ResourceTag/kubernetes.io/cluster/prod-us-east-1": "owned"}


def test_karpenter_s_queue_hears_of_all_five_kinds_of_interruption(golden: Callable[[str, str], None]) -> None:
    patterns = {name: plan.event_pattern(*event) for name, event in plan.INTERRUPTIONS.items()}
    assert len(patterns) == 5
    golden("iam/interruptions.json", json.dumps(patterns, indent=2) + "\n")


def test_the_cni_s_configuration_holds_strings_and_a_block_for_each_zone(golden: Callable[[str, str], None]) -> None:
    made = plan.vpc_cni("us-east-1", {"us-east-1a": "subnet-a", "us-east-1b": "subnet-b"}, "sg-node")
    golden("iam/vpc-cni.json", json.dumps(made, indent=2) + "\n")


@pytest.mark.parametrize("kubernetes", ADDONS)
def test_every_pinned_add_on_is_installed_once_and_the_cni_before_any_node(kubernetes: str) -> None:
    before = [one.name for one in plan.addons_before_nodes(kubernetes, region="", pod_subnet_ids={}, pod_group="")]
    after = [one.name for one in plan.addons_after_nodes(kubernetes, {})]
    assert sorted(before + after) == sorted(ADDONS[kubernetes])
    assert {"vpc-cni", "eks-pod-identity-agent"} <= set(before)


def test_volumes_that_pods_claim_carry_the_tags_by_which_cost_is_allocated() -> None:
    (driver,) = [one for one in plan.addons_after_nodes("1.35", {"owner": "x"}) if one.name == "aws-ebs-csi-driver"]
    assert driver.configuration == {"controller": {"extraVolumeTags": {"owner": "x"}}}


def test_roles_of_one_name_in_two_accounts_have_two_keys() -> None:
    keys = {plan.role_key(f"arn:aws:iam::{account}:role/people/admin") for account in ("111111111111", "222222222222")}
    assert keys == {"111111111111-admin", "222222222222-admin"}


def test_the_runner_uses_the_pulumi_of_the_lock_and_previews_unless_told_otherwise() -> None:
    spec = plan.buildspec()
    assert spec["env"]["variables"] == {"COMMAND": "preview"}
    assert 'version("pulumi")' in " ".join(spec["phases"]["install"]["commands"])


def test_the_prefix_of_an_image_cache_fits_into_ecr_for_the_longest_environment() -> None:
    assert len(naming.image_repository("e" * 16, "ecr-public")) <= 30
