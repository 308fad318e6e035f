"""What holds data is encrypted, and says so itself instead of trusting a default of the account.

Log groups are left out: AWS encrypts them always, and the fleet's logs carry no prompts. Buckets: `bucket_encrypted`.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from .reading import at, items, said, texts, true
from .rule import Resource, ResourceRule, Settings

Props = Mapping[str, Any]


def _key(props: Props) -> Iterator[str]:
    if not said(props, "kmsKeyId"):
        yield "kmsKeyId is not set"


def _secrets(props: Props) -> Iterator[str]:
    if "secrets" not in texts(at(props, "encryptionConfig", "resources")):
        yield "encryptionConfig.resources does not name secrets"


def _queue(props: Props) -> Iterator[str]:
    if not said(props, "kmsMasterKeyId") and not true(at(props, "sqsManagedSseEnabled")):
        yield "neither kmsMasterKeyId nor sqsManagedSseEnabled is set"


def _repository(props: Props) -> Iterator[str]:
    kinds = [at(entry, "encryptionType") for entry in items(at(props, "encryptionConfigurations"))]
    if "KMS" not in kinds:
        yield "encryptionConfigurations has no encryptionType KMS"


def _volume(props: Props) -> Iterator[str]:
    if not true(at(props, "encrypted")):
        yield "encrypted is not true"


def _instance(props: Props) -> Iterator[str]:
    if not true(at(props, "rootBlockDevice", "encrypted")):
        yield "rootBlockDevice.encrypted is not true"
    yield from _devices("ebsBlockDevices", [(entry, entry) for entry in items(at(props, "ebsBlockDevices"))])


def _launch_template(props: Props) -> Iterator[str]:
    yield from _mappings("blockDeviceMappings", at(props, "blockDeviceMappings"))


def _node_class(props: Props) -> Iterator[str]:
    yield from _mappings("spec.blockDeviceMappings", at(props, "spec", "blockDeviceMappings"))


def _mappings(path: str, value: Any) -> Iterator[str]:
    mapped = [(entry, at(entry, "ebs")) for entry in items(value) if said(entry, "ebs")]
    if not mapped:
        yield f"{path} names no EBS volume, so the root volume is as encrypted as the AMI's"
    yield from _devices(f"{path}.ebs", mapped)


def _devices(path: str, devices: list[tuple[Any, Any]]) -> Iterator[str]:
    for device, volume in devices:
        if not true(at(volume, "encrypted")):
            yield f"{path}.encrypted is not true for {at(device, 'deviceName')}"


_CHECKS: Mapping[str, Callable[[Props], Iterator[str]]] = {
    "aws:ebs/volume:Volume": _volume,
    "aws:ec2/instance:Instance": _instance,
    "aws:ec2/launchTemplate:LaunchTemplate": _launch_template,
    "aws:ecr/repository:Repository": _repository,
    "aws:eks/cluster:Cluster": _secrets,
    "aws:fsx/lustreFileSystem:LustreFileSystem": _key,
    "aws:sqs/queue:Queue": _queue,
    "kubernetes:karpenter.k8s.aws/v1:EC2NodeClass": _node_class,
}


def _validate(resource: Resource, settings: Settings) -> Iterator[str]:
    del settings
    return _CHECKS[resource.type](resource.props)


RULE = ResourceRule(
    name="data-encrypted",
    must="whatever holds data says that it is encrypted",
    why="Weights are licensed and caches hold what users wrote",
    remedy="Name a KMS key of the storage layer, or switch the service's own encryption on",
    judges=_CHECKS.__contains__,
    validate=_validate,
)
