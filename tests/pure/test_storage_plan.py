"""Which caches there are, how large, and who may use keys and bucket."""

import json
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as some

from components.storage import iam, plan

WEIGHTS_GIB = some.floats(min_value=0.1, max_value=4096)
ZONES = some.lists(some.sampled_from(["us-east-1a", "us-east-1b", "us-east-1c"]), unique=True, max_size=3)


def test_the_smallest_file_system_is_enough_for_one_70b_model_and_its_next_revision() -> None:
    assert plan.lustre_capacity_gib([68]) == 1200


def test_above_the_smallest_size_capacity_grows_in_steps_of_2400() -> None:
    assert plan.lustre_capacity_gib([601]) == 2400
    assert plan.lustre_capacity_gib([1300]) == 4800


@given(some.lists(WEIGHTS_GIB, min_size=1, max_size=20))
def test_every_capacity_is_sold_and_holds_two_revisions(weights_gib: list[float]) -> None:
    capacity = plan.lustre_capacity_gib(weights_gib)
    assert capacity == plan.SMALLEST_LUSTRE_GIB or capacity % plan.LUSTRE_STEP_GIB == 0
    assert capacity >= 2 * sum(weights_gib)


def test_models_of_pools_in_one_zone_share_its_cache() -> None:
    assert plan.caches([(["us-east-1b"], 500), (["us-east-1b"], 200), (["us-east-1a"], 2)]) == {
        "us-east-1a": 1200,
        "us-east-1b": 2400,
    }


@pytest.mark.parametrize("zones", [[], ["us-east-1a", "us-east-1b"]], ids=["any-zone", "two-zones"])
def test_a_pool_that_is_not_bound_to_one_zone_has_no_cache(zones: list[str]) -> None:
    assert plan.cached_zone(zones) is None
    assert plan.caches([(zones, 68)]) == {}


@given(some.lists(some.tuples(ZONES, WEIGHTS_GIB), max_size=10))
def test_there_is_a_cache_in_exactly_the_zones_to_which_a_pool_is_bound(models: list[tuple[list[str], float]]) -> None:
    assert list(plan.caches(models)) == sorted({zones[0] for zones, _ in models if len(zones) == 1})


def test_weights_lie_below_the_folder_that_is_linked_to_the_cache() -> None:
    assert plan.weights_path("llama-3.3-70b", "9d9a2b8b") == "models/llama-3.3-70b/9d9a2b8b"


POLICIES = {
    "weight-key": iam.weight_key("123456789012", "us-east-1"),
    "cluster-key": iam.cluster_key("123456789012", "us-east-1"),
    "weight-bucket": iam.weight_bucket("123456789012-prod-us-east-1-weights"),
    "image-cache": iam.image_cache("123456789012", "us-east-1", "prod"),
}


@pytest.mark.parametrize("name", POLICIES)
def test_storage_policies_are_as_reviewed(name: str, golden: Callable[[str, str], None]) -> None:
    golden(f"iam/{name}.json", json.dumps(POLICIES[name], indent=2) + "\n")


@pytest.mark.parametrize("name", ["weight-key", "cluster-key"])
def test_a_key_policy_opens_to_everyone_only_under_a_condition_on_the_account(name: str) -> None:
    for statement in POLICIES[name]["Statement"]:
        if statement["Principal"] == {"AWS": "*"}:
            assert statement["Condition"]["StringEquals"]["kms:CallerAccount"] == "123456789012"


def test_the_bucket_policy_allows_nobody() -> None:
    assert {statement["Effect"] for statement in POLICIES["weight-bucket"]["Statement"]} == {"Deny"}
