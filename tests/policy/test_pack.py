"""The pack as Pulumi runs it: a process of its own, asked over gRPC, in the folder `policies/`."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import grpc
import pytest
from google.protobuf import empty_pb2, json_format, struct_pb2
from pulumi.runtime.proto import analyzer_pb2, analyzer_pb2_grpc

from policies.rules import RULES, ResourceRule, judge

PACK = Path(__file__).parents[2] / "policies"
UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
"""How Pulumi's wire format spells a text that a preview does not know yet."""


class Pack:
    """A running pack, with the engine's questions."""

    def __init__(self, channel: grpc.Channel) -> None:
        self._stub = analyzer_pb2_grpc.AnalyzerStub(channel)

    def info(self) -> Any:
        return self._stub.GetAnalyzerInfo(empty_pb2.Empty())

    def configure(self, config: dict[str, Any]) -> None:
        request = analyzer_pb2.ConfigureAnalyzerRequest()
        for rule in RULES:
            settings = analyzer_pb2.PolicyConfig(enforcementLevel=_level(rule.level))
            settings.properties.CopyFrom(_struct(config.get(rule.name, {})))
            request.policyConfig[rule.name].CopyFrom(settings)
        self._stub.Configure(request)

    def resource(self, kind: str, name: str, props: dict[str, Any]) -> list[Any]:
        request = analyzer_pb2.AnalyzeRequest(type=kind, name=name, urn=f"urn:{name}", properties=_struct(props))
        return list(self._stub.Analyze(request).diagnostics)

    def stack(self, resources: Any) -> list[Any]:
        listed = [
            analyzer_pb2.AnalyzerResource(type=kind, name=name, urn=f"urn:{name}", properties=_struct(props))
            for kind, name, props in resources
        ]
        return list(self._stub.AnalyzeStack(analyzer_pb2.AnalyzeStackRequest(resources=listed)).diagnostics)

    def all(self, resources: Any) -> list[Any]:
        return [found for resource in resources for found in self.resource(*resource)] + self.stack(resources)


def _struct(value: dict[str, Any]) -> struct_pb2.Struct:
    return json_format.Parse(json.dumps(value), struct_pb2.Struct())


def _level(level: str) -> Any:
    return analyzer_pb2.EnforcementLevel.Value(level.upper())


@pytest.fixture(scope="module")
def process() -> Iterator[Pack]:
    command = [sys.executable, "-u", "-m", "pulumi.policy", "127.0.0.1:0", str(PACK)]
    with subprocess.Popen(command, cwd=PACK, stdout=subprocess.PIPE) as server:
        try:
            assert server.stdout is not None
            port = int(server.stdout.readline())
            with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
                yield Pack(channel)
        finally:
            server.terminate()


@pytest.fixture
def pack(process: Pack, config: Any) -> Pack:
    process.configure(config)
    return process


def test_the_pack_offers_every_rule_at_its_level(pack: Pack) -> None:
    offered = {policy.name: policy for policy in pack.info().policies}
    assert list(offered) == [rule.name for rule in RULES]
    for rule in RULES:
        policy = offered[rule.name]
        assert policy.enforcementLevel == _level(rule.level)
        assert policy.policy_type == (1 if isinstance(rule, ResourceRule) else 2)
        assert rule.why in policy.description
        assert rule.remedy in policy.remediation_steps
        assert set(policy.configSchema.properties) == set(rule.settings)


def test_pulumi_lets_the_compliant_stack_through(pack: Pack, compliant: Any) -> None:
    assert pack.all(compliant) == []


def test_pulumi_hears_what_the_plan_says(pack: Pack, case: Any, config: Any) -> None:
    stack = case.stack()
    heard = {(found.policyName, found.enforcementLevel, found.message.splitlines()[1]) for found in pack.all(stack)}
    planned = judge(stack, config)
    assert {rule for rule, _, _ in heard} == {case.rule}
    assert {(level, message.partition(". ")[0]) for _, level, message in heard} == {
        (_level(finding.level), finding.text.partition(": ")[0].partition(". ")[0]) for finding in planned
    }


def test_a_whole_stack_rule_names_the_resource(pack: Pack, compliant: Any) -> None:
    (found,) = pack.stack([entry for entry in compliant if entry[1] != "bucket-encryption"])
    assert found.urn == "urn:bucket"


def test_a_value_that_a_preview_does_not_know_is_reported_and_stops_nothing(pack: Pack) -> None:
    (found,) = pack.resource("aws:iam/rolePolicy:RolePolicy", "role-policy", {"policy": UNKNOWN})
    assert "can't run policy 'iam-policy-narrow'" in found.message
    assert found.enforcementLevel == _level("advisory")


def test_a_key_that_a_preview_does_not_know_counts_as_a_key(pack: Pack, compliant: Any) -> None:
    _, name, props = next(entry for entry in compliant if entry[1] == "lustre")
    assert pack.resource("aws:fsx/lustreFileSystem:LustreFileSystem", name, {**props, "kmsKeyId": UNKNOWN}) == []


def test_the_configuration_reaches_the_rules(pack: Pack, compliant: Any) -> None:
    pack.configure({"pools-floor-within-budget": {"monthlyUsd": 1000}})
    (found,) = pack.stack(compliant)
    assert "floor = $40,000 a month, monthlyUsd = $1,000" in found.message
