"""A pool as Karpenter reads it: the EC2NodeClass says what a node is, the NodePool which nodes there may be.

Each pool has a NodeClass of its own, because reservations, zones, root volume and the Lustre client differ. Subnets and
security groups are selected by id: the tags of an adopted VPC are not ours. Sources: Karpenter 1.14.1, its CRDs and
`concepts/{nodepools,nodeclasses,disruption}`; nodeadm's NodeConfig of EKS AMI v20260714.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from components.cost.plan import Nodes, PoolCost, unpriced, usd_per_month
from components.naming import ANNOTATIONS
from components.versions import AMI_ALIAS

NODE_CLASS_GROUP = "karpenter.k8s.aws"
NODE_CLASS_KIND = "EC2NodeClass"

GPU_RESOURCE = "nvidia.com/gpu"
GPU_TAINT = {"key": GPU_RESOURCE, "value": "present", "effect": "NoSchedule"}
"""Keeps everything but engines off GPU nodes. The value is the one that NVIDIA's own DaemonSets tolerate."""
GPU_LABEL = "nvidia.com/gpu.present"
"""The device plugin lands on nodes with this label. Without it a node never offers its GPUs, and stays billed."""
POOL_LABEL = f"{ANNOTATIONS}/pool"
"""The pool of a node: what its models select."""

FLOOR_ANNOTATION = f"{ANNOTATIONS}/floor-usd-per-month"
CEILING_ANNOTATION = f"{ANNOTATIONS}/ceiling-usd-per-month"
"""Dollars that a policy sums, as text with two decimals."""
UNKNOWN_USD = "unknown"

LUSTRE_TAINT = {"key": "fsx.csi.aws.com/agent-not-ready", "effect": "NoExecute"}
"""The FSx CSI driver takes it off once it can mount: a pod that came earlier would fail its mount."""

MAX_PODS = 110
"""The kubelet's own limit. Prefix delegation would allow more, and the plan of pod addresses counts on this."""

CONSOLIDATE_AFTER = "10m"
"""Longer than the pause between two bursts that the autoscaler rides out, shorter than a GPU hour."""

MAINTENANCE_START_UTC = 8
MAINTENANCE_HOURS = 4
"""When working nodes may be replaced: 03:00 to 07:00 in New York, midnight to 04:00 in Los Angeles."""
DISTURBING = ["Underutilized", "Drifted"]
"""The reasons for which Karpenter replaces a node that has work."""

EVICTION_ROOM_SECONDS = 600
"""Time beyond a pod's own grace for disruption budgets to let the pods of a node go one after the other."""
RESERVED_DRAIN_LIMIT_SECONDS = 600
"""Karpenter leaves a Capacity Block 40 minutes before its end, and EC2 reclaims it ten minutes later."""

ROOT_DEVICE = "/dev/xvda"

_NODE_CONFIG = """\
apiVersion: node.eks.aws/v1alpha1
kind: NodeConfig
spec:
  featureGates:
    FastImagePull: true
"""
"""Pulls and unpacks the layers of an image in parallel: about half the time for an engine of 14 GB."""

_WITH_LUSTRE = f"""\
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary="//"

--//
Content-Type: text/x-shellscript; charset="us-ascii"

#!/bin/bash
set -euo pipefail
dnf install -y lustre-client
--//
Content-Type: application/node.eks.aws

{_NODE_CONFIG}--//--
"""
"""The EKS AMI ships no Lustre client. cloud-init runs the script before the kubelet starts."""


@dataclass(frozen=True, kw_only=True)
class Pool:
    """One pool of a region, decided."""

    name: str
    """A Kubernetes name."""
    instance_types: tuple[str, ...]
    purchase: tuple[str, ...]
    """Karpenter's capacity types."""
    zones: tuple[str, ...]
    max_gpus: int
    reservation_ids: tuple[str, ...]
    root_volume_gib: int
    pod_grace_seconds: int
    """The longest grace period of a pod on this pool."""
    cost: PoolCost

    @property
    def lustre(self) -> bool:
        """Whether its models read weights from FSx for Lustre, which lives in one zone: so must the pool."""
        return len(self.zones) == 1


def drain_limit_seconds(pool: Pool) -> int:
    """How long a node may take to drain; then it goes, whatever runs on it.

    Raises ValueError for a reserved pool whose pods need longer than the end of a Capacity Block leaves.
    """
    limit = pool.pod_grace_seconds + EVICTION_ROOM_SECONDS
    if "reserved" not in pool.purchase:
        return limit
    if pool.pod_grace_seconds > RESERVED_DRAIN_LIMIT_SECONDS:
        raise ValueError(
            f"pool {pool.name}: a pod takes {pool.pod_grace_seconds} s to stop, above {RESERVED_DRAIN_LIMIT_SECONDS}: "
            "EC2 reclaims a Capacity Block ten minutes after Karpenter begins to leave it. Lower "
            "`max_output_tokens` or `objective.itl_ms` of its models, or leave `reserved` out of its `purchase`."
        )
    return min(limit, RESERVED_DRAIN_LIMIT_SECONDS)


def node_class(
    pool: Pool,
    *,
    role_name: object,
    subnet_ids: Sequence[object],
    security_group_ids: Sequence[object],
    volume_key_arn: object,
    tags: Mapping[str, str],
) -> dict[str, Any]:
    """The EC2NodeClass of a pool. What is typed `object` may be an output."""
    spec: dict[str, Any] = {
        "amiSelectorTerms": [{"alias": AMI_ALIAS}],
        "role": role_name,
        "subnetSelectorTerms": [{"id": subnet} for subnet in subnet_ids],
        "securityGroupSelectorTerms": [{"id": group} for group in security_group_ids],
        "instanceStorePolicy": "RAID0",
        "blockDeviceMappings": [
            {
                "deviceName": ROOT_DEVICE,
                "rootVolume": True,
                "ebs": {
                    "volumeSize": f"{pool.root_volume_gib}Gi",
                    "volumeType": "gp3",
                    "encrypted": True,
                    "kmsKeyID": volume_key_arn,
                    "deleteOnTermination": True,
                },
            }
        ],
        "metadataOptions": {"httpEndpoint": "enabled", "httpTokens": "required", "httpPutResponseHopLimit": 1},
        "kubelet": {"maxPods": MAX_PODS},
        "userData": _WITH_LUSTRE if pool.lustre else _NODE_CONFIG,
        "tags": dict(tags),
    }
    if pool.reservation_ids:
        spec["capacityReservationSelectorTerms"] = [{"id": reservation} for reservation in pool.reservation_ids]
    return {
        "apiVersion": f"{NODE_CLASS_GROUP}/v1",
        "kind": NODE_CLASS_KIND,
        "metadata": {"name": pool.name},
        "spec": spec,
    }


def node_pool(pool: Pool) -> dict[str, Any]:
    """The NodePool of a pool. Its NodeClass has the same name."""
    template: dict[str, Any] = {
        "nodeClassRef": {"group": NODE_CLASS_GROUP, "kind": NODE_CLASS_KIND, "name": pool.name},
        "requirements": _requirements(pool),
        "taints": [GPU_TAINT],
        # The default of 720h would kill every model server after a month, and expiry honours no budget.
        "expireAfter": "Never",
        "terminationGracePeriod": f"{drain_limit_seconds(pool)}s",
    }
    if pool.lustre:
        template["startupTaints"] = [LUSTRE_TAINT]
    return {
        "apiVersion": "karpenter.sh/v1",
        "kind": "NodePool",
        "metadata": {
            "name": pool.name,
            "annotations": {FLOOR_ANNOTATION: _usd(pool.cost.floor), CEILING_ANNOTATION: _usd(pool.cost.ceiling)},
        },
        "spec": {
            "limits": {GPU_RESOURCE: pool.max_gpus},
            "template": {
                "metadata": {"labels": {GPU_LABEL: "true", POOL_LABEL: pool.name}},
                "spec": template,
            },
            "disruption": {
                "consolidationPolicy": "WhenEmptyOrUnderutilized",
                "consolidateAfter": CONSOLIDATE_AFTER,
                "budgets": _budgets(),
            },
        },
    }


def _requirements(pool: Pool) -> list[dict[str, Any]]:
    allowed = {
        "karpenter.sh/capacity-type": pool.purchase,
        "node.kubernetes.io/instance-type": pool.instance_types,
        "topology.kubernetes.io/zone": pool.zones,
        "kubernetes.io/arch": ("amd64",),
        "kubernetes.io/os": ("linux",),
    }
    return [{"key": key, "operator": "In", "values": list(values)} for key, values in allowed.items()]


def _budgets() -> list[dict[str, Any]]:
    """An empty node goes at once; a working one only in the maintenance window, and one at a time."""
    window_end = (MAINTENANCE_START_UTC + MAINTENANCE_HOURS) % 24
    return [
        {"nodes": "100%", "reasons": ["Empty"]},
        {"nodes": "1", "reasons": DISTURBING},
        {
            "nodes": "0",
            "reasons": DISTURBING,
            "schedule": f"0 {window_end} * * *",
            "duration": f"{24 - MAINTENANCE_HOURS}h",
        },
    ]


def _usd(nodes: Sequence[Nodes]) -> str:
    return UNKNOWN_USD if unpriced(nodes) else f"{usd_per_month(nodes):.2f}"
