"""Weights on their way to an engine: from the bucket to node NVMe, or through the FSx cache of the pool's zone.

Either way an init container first waits for the model's manifest, and another verifies every file against it; under
FSx, which brings only names at first, reading a file for its checksum is what fills the cache.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from components import iam, naming
from components.serving.catalog import disk_mib
from components.serving.plan import WEIGHTS_MOUNT, Model
from components.storage.plan import MANIFEST, WEIGHTS_PREFIX
from components.versions import AWS_CLI_IMAGE

SCRIPT = Path(__file__).parent / "weights.sh"
SCRIPTS = "weights"
"""The ConfigMap of the script. One for all models: a change of it restarts none of them."""
SCRIPTS_MOUNT = "/scripts"
SCRATCH_MOUNT = "/tmp"  # noqa: S108 - an emptyDir; everything else is read-only

AWS_CONFIGURATION = """\
[default]
s3 =
  preferred_transfer_client = crt
"""
"""The client in C reads one file over many connections. Left to itself the CLI takes it on few instance types only."""

DRIVER = "fsx.csi.aws.com"
MOUNT_OPTIONS = ["flock", "noatime"]
READ_FROM_MANY = ["ReadWriteMany"]
"""Nobody writes, for every container's mount is read-only; the client's own is not, because it must ask Lustre to
restore a file that is read for the first time."""


def service_account(namespace: object) -> dict[str, Any]:
    """Who an engine's pod is: it may read weights, nothing else, and has no token for Kubernetes."""
    return {
        "apiVersion": "v1",
        "kind": "ServiceAccount",
        "metadata": {"name": naming.WEIGHTS_SERVICE_ACCOUNT, "namespace": namespace},
        "automountServiceAccountToken": False,
    }


def policy(bucket_arn: object, objects_arn: object, key_arn: object) -> dict[str, Any]:
    """What an engine's pod may do.

    Listing has no condition on a prefix: HEAD carries none, and without leave to list S3 answers 403 for a manifest
    that is merely missing.
    """
    return iam.document(
        iam.statement("ListWeights", ["s3:ListBucket"], [bucket_arn]),
        iam.statement("ReadWeights", ["s3:GetObject"], [objects_arn]),
        iam.statement("DecryptWeights", ["kms:Decrypt"], [key_arn]),
    )


OBJECTS = f"/{WEIGHTS_PREFIX}/*"
"""What follows the bucket's ARN in the ARN of all weights."""


def scripts(namespace: object) -> dict[str, Any]:
    """What the init containers run."""
    return {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": SCRIPTS, "namespace": namespace},
        "data": {"weights.sh": SCRIPT.read_text(), "aws.ini": AWS_CONFIGURATION},
    }


def cache_volume(zone: str, capacity_gib: int, handle: Mapping[str, object], name: object) -> dict[str, Any]:
    """The volume of one zone's cache.

    A volume's source can never change, so `name` must be the file system's own: a new file system is then a new
    volume, to which pods roll before the old one goes.
    """
    in_zone = {"key": "topology.kubernetes.io/zone", "operator": "In", "values": [zone]}
    return {
        "apiVersion": "v1",
        "kind": "PersistentVolume",
        "metadata": {"name": name},
        "spec": {
            "capacity": {"storage": f"{capacity_gib}Gi"},
            "accessModes": READ_FROM_MANY,
            "storageClassName": "",
            "persistentVolumeReclaimPolicy": "Retain",
            "claimRef": {"name": name, "namespace": naming.NAMESPACE_SERVING},
            "mountOptions": MOUNT_OPTIONS,
            "csi": {
                "driver": DRIVER,
                "volumeHandle": handle["id"],
                "volumeAttributes": {"dnsname": handle["dns_name"], "mountname": handle["mount_name"]},
            },
            "nodeAffinity": {"required": {"nodeSelectorTerms": [{"matchExpressions": [in_zone]}]}},
        },
    }


def cache_claim(capacity_gib: int, name: object, namespace: object) -> dict[str, Any]:
    """The claim on the volume of the same name, shared by every model of the zone."""
    return {
        "apiVersion": "v1",
        "kind": "PersistentVolumeClaim",
        "metadata": {"name": name, "namespace": namespace},
        "spec": {
            "accessModes": READ_FROM_MANY,
            "storageClassName": "",
            "volumeName": name,
            "resources": {"requests": {"storage": f"{capacity_gib}Gi"}},
        },
    }


def volumes(model: Model, claim: object) -> list[dict[str, Any]]:
    """The pod's volumes of weights; `claim` is the name of its zone's claim, where it has a cache."""
    if model.cache_zone:
        held: dict[str, Any] = {"persistentVolumeClaim": {"claimName": claim}}
    else:
        held = {"emptyDir": {"sizeLimit": f"{disk_mib(model.weights_gib)}Mi"}}
    return [
        {"name": "weights", **held},
        {"name": "scripts", "configMap": {"name": SCRIPTS}},
        {"name": "scratch", "emptyDir": {"sizeLimit": "64Mi"}},
    ]


def mount(*, read_only: bool = True) -> dict[str, Any]:
    """Where a container sees the weights."""
    return {"name": "weights", "mountPath": WEIGHTS_MOUNT, "readOnly": read_only}


def init_containers(model: Model, bucket: object, region: str, resources: dict[str, Any]) -> list[dict[str, Any]]:
    """What runs before the engine. They may use what the engine will: Kubernetes reserves the larger of the two."""
    wait, load = ("await-cache", "verify") if model.cache_zone else ("await-bucket", "fetch")
    settings = {
        "MODEL": model.name,
        "SOURCE": model.source,
        "REVISION": model.revision,
        "MANIFEST": MANIFEST,
        "BUCKET": bucket,
        "PREFIX": model.weights_prefix,
        "DIRECTORY": model.weights_directory,
        "AWS_REGION": region,
        "AWS_CONFIG_FILE": f"{SCRIPTS_MOUNT}/aws.ini",
        "HOME": SCRATCH_MOUNT,
    }
    scratch = [
        {"name": "scripts", "mountPath": SCRIPTS_MOUNT, "readOnly": True},
        {"name": "scratch", "mountPath": SCRATCH_MOUNT},
    ]
    return [
        {
            "name": name,
            "image": AWS_CLI_IMAGE,
            "command": ["/bin/bash", f"{SCRIPTS_MOUNT}/weights.sh", step],
            "env": [{"name": key, "value": value} for key, value in settings.items()],
            "resources": resources,
            "securityContext": {
                "allowPrivilegeEscalation": False,
                "capabilities": {"drop": ["ALL"]},
                "readOnlyRootFilesystem": True,
            },
            "volumeMounts": [mount(read_only=bool(model.cache_zone) or step == wait), *scratch],
        }
        for name, step in (("manifest", wait), ("weights", load))
    ]
