"""Physical names: built here, within the limits of the service that will judge them.

Most resources keep the name that Pulumi gives them. A name is fixed only where something outside its own stack
refers to it, and then it comes from this file.
"""

import hashlib

NAMESPACE_SERVING = "serving"
"""Where models run. Pod Identity associations bind service accounts in this namespace."""

NAMESPACE_GATEWAY = "envoy-gateway-system"
"""Where Envoy Gateway puts the proxies that it manages (the chart's own default)."""

NAMESPACE_MONITORING = "monitoring"

NAMESPACE_SYSTEM = "kube-system"

GATEWAY = "fleet"
"""The Gateway, and the ClusterIP Service of its Envoy proxies."""

KARPENTER_SERVICE_ACCOUNT = "karpenter"
LOAD_BALANCER_SERVICE_ACCOUNT = "aws-load-balancer-controller"
WEIGHTS_SERVICE_ACCOUNT = "engine"
"""The service account of every engine pod: it may read weights, nothing else."""

ANNOTATIONS = "inference-fleet.io"
"""Prefix of the annotations and labels that are ours."""

S3_BUCKET_LIMIT = 63
KUBERNETES_NAME_LIMIT = 63

_HASH_LENGTH = 6


def fit(name: str, limit: int) -> str:
    """`name` where it fits into `limit` characters, else its beginning and a hash of the whole: stable and distinct."""
    if len(name) <= limit:
        return name
    digest = hashlib.sha256(name.encode()).hexdigest()[:_HASH_LENGTH]
    return f"{name[: limit - _HASH_LENGTH - 1].rstrip('-.')}-{digest}"


def cluster(environment: str, region: str) -> str:
    """The EKS cluster's name, which Karpenter's queue shares."""
    return f"{environment}-{region}"


def key_alias(environment: str, region: str, purpose: str) -> str:
    """The alias by which people find a KMS key."""
    return f"alias/{environment}-{region}-{purpose}"


def control_plane_logs(cluster_name: str) -> str:
    """The log group to which EKS writes; it makes one of this name, without key or end, where it finds none."""
    return f"/aws/eks/{cluster_name}/cluster"


def cache_logs(environment: str, zone: str) -> str:
    """The log group of one FSx cache, which FSx accepts only under `/aws/fsx/`."""
    return f"/aws/fsx/{environment}-{zone}"


def state_bucket(account: str) -> str:
    """The bucket of Pulumi's state, and of the sources that a runner builds; made by the account's owner, once."""
    return f"{account}-pulumi-state"


def state_key_alias(environment: str) -> str:
    """The alias of the KMS key of an environment's secrets in that state; made by the account's owner, once."""
    return f"alias/inference-fleet-{environment}"


def runner(environment: str, region: str) -> str:
    """The build project by which CI reaches the cluster, and its role, which a state bucket's policy may name."""
    return f"{environment}-{region}-runner"


def registry(account: str, region: str) -> str:
    """The host of an account's own image registry in one region."""
    return f"{account}.dkr.ecr.{region}.amazonaws.com"


def image_repository(environment: str, name: str) -> str:
    """The path in that registry of an engine's images, or of everything cached from one public registry."""
    return f"{environment}/{name}"


def weight_bucket(account: str, environment: str, region: str) -> str:
    """The bucket of one region's weights: S3 names are global, so the account is in it."""
    return fit(f"{account}-{environment}-{region}-weights", S3_BUCKET_LIMIT)


def kubernetes(name: str) -> str:
    """A model's or pool's name as a Kubernetes object name: `llama-3.3-70b` becomes `llama-3-3-70b`."""
    return fit(name.replace(".", "-").replace("_", "-").lower(), KUBERNETES_NAME_LIMIT)
