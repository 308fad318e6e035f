"""Layer serving as its program draws it, on outputs such as the layers before it export."""

import json
from collections.abc import Callable, Mapping
from dataclasses import fields
from typing import Any

import pytest
import yaml

from components.serving.engines.plan import ADAPTER
from components.serving.weights.plan import SCRIPT
from fleet.render import RenderedStack, Resource, run_stack
from stacks.contracts import ClusterContract, NetworkContract, PlatformContract, StorageContract
from stacks.name import StackName
from stacks.settings import load

TEXTS = {path.read_text(): f"<{path.relative_to(ADAPTER.parents[4])}>" for path in (ADAPTER, SCRIPT)}
"""Files that are shipped as they are: a golden file names them and does not repeat them."""


class Readable(yaml.SafeDumper):
    """Writes a text of several lines as such."""


Readable.add_representer(
    str,
    lambda dumper, text: dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None),
)

CONTRACTS = {
    "network": NetworkContract,
    "storage": StorageContract,
    "cluster": ClusterContract,
    "platform": PlatformContract,
}


def _outputs(region: str) -> dict[str, dict[str, Any]]:
    zone = f"{region}b"
    made = {
        "network": {"target_group_arn": f"arn:aws:elasticloadbalancing:{region}:123456789012:targetgroup/door/0a1b"},
        "storage": {
            "weight_bucket": f"123456789012-prod-{region}-weights",
            "weight_bucket_arn": f"arn:aws:s3:::123456789012-prod-{region}-weights",
            "weight_key_arn": f"arn:aws:kms:{region}:123456789012:key/0a1b2c3d",
            "file_systems": {
                zone: {
                    "id": "fs-0a1b2c3d4e5f60718",
                    "dns_name": f"fs-0a1b2c3d4e5f60718.fsx.{region}.amazonaws.com",
                    "mount_name": "abcdefgh",
                }
            },
            "registry": f"123456789012.dkr.ecr.{region}.amazonaws.com",
        },
        "cluster": {
            "name": f"prod-{region}",
            "endpoint": "https://0A1B.eks.amazonaws.com",
            "certificate_authority": "",
        },
        "platform": {
            "gateway": "fleet",
            "gateway_service": "fleet",
            "gateway_port": 80,
            "prometheus_address": "http://prometheus.monitoring.svc.cluster.local:9090",
        },
    }
    return {
        f"prod-{region}-{layer}": {entry.name: made[layer].get(entry.name, "unread") for entry in fields(contract)}
        for layer, contract in CONTRACTS.items()
    }


def _serving(region: str, *, preview: bool = False) -> RenderedStack:
    return run_stack(load("prod"), StackName("prod", "serving", region), _outputs(region), preview=preview)


@pytest.fixture(scope="module")
def active() -> RenderedStack:
    return _serving("us-east-1")


@pytest.fixture(scope="module")
def standby() -> RenderedStack:
    return _serving("us-west-2")


def _one(stack: RenderedStack, name: str) -> Resource:
    return next(resource for resource in stack.resources if resource.name == name)


def _manifests(stack: RenderedStack) -> Mapping[str, Resource]:
    return {resource.name: resource for resource in stack.resources if resource.type.startswith("kubernetes:")}


def _shipped(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _shipped(entry) for key, entry in value.items()}
    if isinstance(value, list):
        return [_shipped(entry) for entry in value]
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return TEXTS.get(value, value) if isinstance(value, str) else value


def test_prod_in_us_east_1_is_what_was_reviewed(active: RenderedStack, golden: Callable[[str, str], None]) -> None:
    for name, resource in _manifests(active).items():
        golden(f"serving/{name}.yaml", yaml.dump(_shipped(resource.inputs), Dumper=Readable, width=120))


def test_nothing_waits_for_weights(active: RenderedStack) -> None:
    awaited = [
        name
        for name, resource in _manifests(active).items()
        if resource.inputs["kind"] in ("Deployment", "Service")
        and resource.inputs["metadata"].get("annotations", {}).get("pulumi.com/skipAwait") != "true"
    ]
    assert awaited == []


def test_an_engine_starts_after_its_pods_may_read_weights(active: RenderedStack) -> None:
    association = _one(active, "serving-engine-identity")
    for model in ("llama-3.3-70b", "qwen3-8b", "bge-m3"):
        assert association.urn in _one(active, f"{model}-replicas").dependencies
    assert _one(active, "serving-engine-policy").urn in association.dependencies


def test_engines_read_weights_and_nothing_else(active: RenderedStack) -> None:
    allowed = json.loads(_one(active, "serving-engine-policy").inputs["policy"])["Statement"]
    bucket = "arn:aws:s3:::123456789012-prod-us-east-1-weights"
    assert [(entry["Action"], entry["Resource"]) for entry in allowed] == [
        (["s3:ListBucket"], [bucket]),
        (["s3:GetObject"], [f"{bucket}/models/*"]),
        (["kms:Decrypt"], ["arn:aws:kms:us-east-1:123456789012:key/0a1b2c3d"]),
    ]


def test_a_new_file_system_is_a_new_volume(active: RenderedStack) -> None:
    volume, claim = _one(active, "serving-volume-us-east-1b"), _one(active, "serving-claim-us-east-1b")
    name = "fs-0a1b2c3d4e5f60718"
    assert volume.inputs["metadata"]["name"] == claim.inputs["metadata"]["name"] == name
    pod = _one(active, "llama-3.3-70b-replicas").inputs["spec"]["template"]["spec"]
    assert next(entry for entry in pod["volumes"] if entry["name"] == "weights")["persistentVolumeClaim"] == {
        "claimName": name
    }


def test_one_binding_joins_the_gateway_to_the_load_balancer(active: RenderedStack) -> None:
    bindings = [one for one in active.resources if one.inputs.get("kind") == "TargetGroupBinding"]
    assert len(bindings) == 1
    assert "networking" not in bindings[0].inputs["spec"]
    assert bindings[0].inputs["metadata"]["namespace"] == "envoy-gateway-system"


def test_a_standby_region_holds_its_own_floors(standby: RenderedStack) -> None:
    assert standby.outputs["floors"] == {"llama-3.3-70b": 1, "qwen3-8b": 0, "bge-m3": 1}
    scaling = _one(standby, "qwen3-8b-scaling").inputs["spec"]
    assert [trigger["name"] for trigger in scaling["triggers"]] == ["waiting", "running", "refused"]


def test_the_contract_says_where_each_model_answers(active: RenderedStack) -> None:
    assert active.outputs["model_services"]["llama-3.3-70b"] == "http://llama-3-3-70b.serving.svc.cluster.local:8000"


def test_a_preview_knows_every_namespace() -> None:
    stack = _serving("us-east-1", preview=True)
    assert {
        resource.inputs["metadata"]["namespace"]
        for name, resource in _manifests(stack).items()
        if name.endswith(("-replicas", "-route", "-service"))
    } == {"serving"}
