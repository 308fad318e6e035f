"""A region's keys, weights, caches and images, seen as the engine would see them."""

import json
from dataclasses import fields
from typing import Any

import pytest

from fleet.render import RenderedStack, Resource, run_stack
from stacks.contracts import NetworkContract
from stacks.name import StackName
from stacks.settings import Environment, load

BUCKET = "aws:s3/bucket:Bucket"
FILE_SYSTEM = "aws:fsx/lustreFileSystem:LustreFileSystem"
ASSOCIATION = "aws:fsx/dataRepositoryAssociation:DataRepositoryAssociation"
KEY = "aws:kms/key:Key"
REPOSITORY = "aws:ecr/repository:Repository"
TEMPLATE = "aws:ecr/repositoryCreationTemplate:RepositoryCreationTemplate"
CACHE_RULE = "aws:ecr/pullThroughCacheRule:PullThroughCacheRule"


def storage_of(environment: Environment) -> RenderedStack:
    stack = StackName(environment.name, "storage", "us-east-1")
    network = {field.name: "not read" for field in fields(NetworkContract)} | {
        "private_subnet_ids": {f"us-east-1{letter}": f"subnet-{letter}" for letter in "abcd"},
        "security_group_ids": {"lustre": "sg-lustre"},
    }
    return run_stack(environment, stack, {str(stack.sibling("network")): network})


def of(stack: RenderedStack, kind: str) -> list[Resource]:
    return [resource for resource in stack.resources if resource.type == kind]


def only(stack: RenderedStack, kind: str) -> Resource:
    (resource,) = of(stack, kind)
    return resource


def beside_bucket(stack: RenderedStack, kind: str) -> dict[str, Any]:
    return dict(only(stack, f"aws:s3/bucket{kind}:Bucket{kind}").inputs)


@pytest.fixture(scope="module")
def prod() -> RenderedStack:
    return storage_of(load("prod"))


@pytest.fixture(scope="module")
def dev() -> RenderedStack:
    return storage_of(load("dev"))


def test_the_bucket_is_versioned_encrypted_and_closed(prod: RenderedStack) -> None:
    assert beside_bucket(prod, "Versioning")["versioningConfiguration"] == {"status": "Enabled"}
    (rule,) = beside_bucket(prod, "ServerSideEncryptionConfiguration")["rules"]
    assert rule["applyServerSideEncryptionByDefault"]["kmsMasterKeyId"] == prod.outputs["weight_key_arn"]
    assert rule["bucketKeyEnabled"] is True
    blocked = beside_bucket(prod, "PublicAccessBlock")
    assert all(blocked[key] for key in blocked if key != "bucket")


def test_the_bucket_forgets_after_the_days_that_settings_name(prod: RenderedStack) -> None:
    (rule,) = beside_bucket(prod, "LifecycleConfiguration")["rules"]
    assert rule["noncurrentVersionExpiration"] == {"noncurrentDays": 30}
    assert rule["abortIncompleteMultipartUpload"] == {"daysAfterInitiation": 7}


def test_nobody_but_fsx_installs_a_notification_on_the_bucket(prod: RenderedStack) -> None:
    assert not of(prod, "aws:s3/bucketNotification:BucketNotification")


def test_production_keeps_keys_and_weights_whatever_is_deleted(prod: RenderedStack, dev: RenderedStack) -> None:
    assert all(resource.protect for resource in [*of(prod, KEY), only(prod, BUCKET)])
    assert only(prod, BUCKET).inputs["forceDestroy"] is False
    assert not any(resource.protect for resource in dev.resources)
    assert only(dev, BUCKET).inputs["forceDestroy"] is True


def test_a_cache_stands_in_the_zone_to_which_the_pool_is_bound(prod: RenderedStack) -> None:
    cache = only(prod, FILE_SYSTEM).inputs
    assert cache["subnetIds"] == "subnet-b"
    assert cache["securityGroupIds"] == ["sg-lustre"]
    assert (cache["deploymentType"], cache["storageCapacity"], cache["perUnitStorageThroughput"]) == (
        "PERSISTENT_2",
        1200,
        250,
    )
    assert list(prod.outputs["file_systems"]) == ["us-east-1b"]
    assert set(prod.outputs["file_systems"]["us-east-1b"]) == {"id", "dns_name", "mount_name"}


def test_a_cache_has_no_backups_for_fsx_allows_none_on_a_linked_file_system(prod: RenderedStack) -> None:
    assert only(prod, FILE_SYSTEM).inputs["automaticBackupRetentionDays"] == 0
    assert only(prod, FILE_SYSTEM).inputs["skipFinalBackup"] is True


def test_a_cache_follows_the_bucket_and_never_writes_to_it(prod: RenderedStack) -> None:
    link = only(prod, ASSOCIATION).inputs
    assert (link["fileSystemPath"], link["dataRepositoryPath"]) == (
        "/models",
        f"s3://{prod.outputs['weight_bucket']}/models",
    )
    assert link["s3"] == {"autoImportPolicy": {"events": ["NEW", "CHANGED", "DELETED"]}}


def test_an_environment_without_a_bound_pool_has_no_cache(dev: RenderedStack) -> None:
    assert not of(dev, FILE_SYSTEM)
    assert dev.outputs["file_systems"] == {}


def test_engine_images_have_immutable_tags_under_the_environment_s_name(prod: RenderedStack) -> None:
    assert {one.inputs["name"] for one in of(prod, REPOSITORY)} == {"prod/triton-trtllm", "prod/vllm-openai"}
    assert {one.inputs["imageTagMutability"] for one in of(prod, REPOSITORY)} == {"IMMUTABLE"}
    assert prod.outputs["registry"] == "123456789012.dkr.ecr.us-east-1.amazonaws.com"


def test_what_ecr_caches_of_public_registries_is_tagged_like_everything_else(prod: RenderedStack) -> None:
    assert {one.inputs["upstreamRegistryUrl"] for one in of(prod, CACHE_RULE)} == {"public.ecr.aws", "registry.k8s.io"}
    templates = {one.inputs["prefix"]: one.inputs for one in of(prod, TEMPLATE)}
    assert set(templates) == {one.inputs["ecrRepositoryPrefix"] for one in of(prod, CACHE_RULE)}
    for template in templates.values():
        assert template["resourceTags"]["environment"] == "prod"
        assert template["customRoleArn"], "ECR tags what it makes only through a role of ours"


def test_keys_turn_and_answer_to_the_account(prod: RenderedStack) -> None:
    for key in of(prod, KEY):
        assert key.inputs["enableKeyRotation"] is True
        first = json.loads(key.inputs["policy"])["Statement"][0]
        assert first["Principal"] == {"AWS": "arn:aws:iam::123456789012:root"}
