"""Everything pinned: charts, images, add-ons, AMIs, and which of them fit which.

A bot reads the `# renovate:` lines (see `renovate.json`). Kubernetes 1.35 is the newest for which there is a Lustre
client: 1.36's AMIs carry kernel 6.18, and nobody has built one for it.
"""

from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True)
class Chart:
    """A Helm chart: `repository` is empty for an OCI chart, whose `name` is then the whole reference."""

    name: str
    version: str
    namespace: str
    repository: str = ""


# renovate: datasource=docker depName=public.ecr.aws/karpenter/karpenter
_KARPENTER = "1.14.1"
# renovate: datasource=helm depName=nvidia-device-plugin registryUrl=https://nvidia.github.io/k8s-device-plugin
_DEVICE_PLUGIN = "0.20.0"
# renovate: datasource=helm depName=keda registryUrl=https://kedacore.github.io/charts
_KEDA = "2.20.2"
# renovate: datasource=helm depName=aws-load-balancer-controller registryUrl=https://aws.github.io/eks-charts
_LOAD_BALANCER_CONTROLLER = "3.5.0"
# renovate: datasource=docker depName=docker.io/envoyproxy/gateway-helm
_ENVOY_GATEWAY = "v1.9.0"
# renovate: datasource=helm depName=kube-prometheus-stack registryUrl=https://prometheus-community.github.io/helm-charts
_PROMETHEUS_STACK = "88.5.3"
# renovate: datasource=helm depName=aws-fsx-csi-driver registryUrl=https://kubernetes-sigs.github.io/aws-fsx-csi-driver
_FSX_CSI = "1.17.0"

CHARTS = {
    "karpenter-crd": Chart("oci://public.ecr.aws/karpenter/karpenter-crd", _KARPENTER, "kube-system"),
    "karpenter": Chart("oci://public.ecr.aws/karpenter/karpenter", _KARPENTER, "kube-system"),
    "nvidia-device-plugin": Chart(
        "nvidia-device-plugin", _DEVICE_PLUGIN, "kube-system", "https://nvidia.github.io/k8s-device-plugin"
    ),
    "keda": Chart("keda", _KEDA, "keda", "https://kedacore.github.io/charts"),
    "aws-load-balancer-controller": Chart(
        "aws-load-balancer-controller", _LOAD_BALANCER_CONTROLLER, "kube-system", "https://aws.github.io/eks-charts"
    ),
    "gateway-helm": Chart("oci://docker.io/envoyproxy/gateway-helm", _ENVOY_GATEWAY, "envoy-gateway-system"),
    "kube-prometheus-stack": Chart(
        "kube-prometheus-stack",
        _PROMETHEUS_STACK,
        "monitoring",
        "https://prometheus-community.github.io/helm-charts",
    ),
    "aws-fsx-csi-driver": Chart(
        "aws-fsx-csi-driver", _FSX_CSI, "kube-system", "https://kubernetes-sigs.github.io/aws-fsx-csi-driver"
    ),
}
"""Upstream charts by name. Karpenter's CRDs are a chart of their own, because Helm never upgrades a `crds/` folder."""

# renovate: datasource=docker depName=nvcr.io/nvidia/tritonserver
TRITON_TAG = "26.07-trtllm-python-py3"
"""The newest Triton image with TensorRT-LLM (1.2.1) that is known; later releases list none (serving.md 0)."""
# renovate: datasource=docker depName=vllm/vllm-openai
VLLM_TAG = "v0.30.0"
# renovate: datasource=docker depName=public.ecr.aws/aws-cli/aws-cli
AWS_CLI_TAG = "2.37.9"


@dataclass(frozen=True)
class Ami:
    """What an EKS AMI release brings with one Kubernetes version (awslabs/amazon-eks-ami CHANGELOG v20260714)."""

    kernel: str
    nvidia_driver: int
    """Major version of the NVIDIA driver in the accelerated variant."""
    lustre: bool
    """Whether a Lustre client exists for this kernel (AL2023: any 6.12, none yet for 6.18)."""


AMI_ALIAS = "al2023@v20260714"
"""Karpenter's alias of the AMI of every GPU node: pinned, so that a release of AWS never rolls the fleet."""
SYSTEM_AMI_TYPE = "AL2023_x86_64_STANDARD"

AMIS = {
    ("1.34", AMI_ALIAS): Ami(kernel="6.12", nvidia_driver=580, lustre=True),
    ("1.35", AMI_ALIAS): Ami(kernel="6.12", nvidia_driver=580, lustre=True),
}
"""A pair without a row is refused: nobody has looked whether it works. 1.36 brings kernel 6.18, which Lustre lacks."""


class Engine(StrEnum):
    """The server programs that a model can name."""

    TRITON_TRTLLM = "triton-trtllm"
    VLLM = "vllm"


@dataclass(frozen=True)
class EngineImage:
    """An engine's container image, in the fleet's own registry under `repository`, and where it comes from."""

    repository: str
    tag: str
    upstream: str
    least_driver: int
    """The oldest NVIDIA driver on which its CUDA compatibility libraries run, on data-centre GPUs."""


ENGINE_IMAGES = {
    # Triton support matrix 26.07: CUDA 13.1.0, built for driver 590.44.01; 580 runs it by forward compatibility.
    Engine.TRITON_TRTLLM: EngineImage(
        "triton-trtllm", f"{TRITON_TAG}-openai", f"nvcr.io/nvidia/tritonserver:{TRITON_TAG}", 580
    ),
    # vLLM 0.30 images are built for CUDA 13, whose first driver is 580.
    Engine.VLLM: EngineImage("vllm-openai", VLLM_TAG, f"docker.io/vllm/vllm-openai:{VLLM_TAG}", 580),
}

AWS_CLI_IMAGE = f"public.ecr.aws/aws-cli/aws-cli:{AWS_CLI_TAG}"

ADDONS = {
    "1.34": {
        "vpc-cni": "v1.22.4-eksbuild.3",
        "eks-pod-identity-agent": "v1.3.10-eksbuild.3",
        "kube-proxy": "v1.34.6-eksbuild.29",
        "coredns": "v1.12.4-eksbuild.38",
        "aws-ebs-csi-driver": "v1.66.0-eksbuild.1",
    },
    "1.35": {
        "vpc-cni": "v1.22.4-eksbuild.3",
        "eks-pod-identity-agent": "v1.3.10-eksbuild.3",
        "kube-proxy": "v1.35.3-eksbuild.29",
        "coredns": "v1.13.2-eksbuild.31",
        "aws-ebs-csi-driver": "v1.66.0-eksbuild.1",
    },
}
"""EKS add-ons by Kubernetes version: the defaults of `describe-addon-versions` in September and October 2026."""

SYSTEM_AMI_RELEASES = {"1.34": "1.34.9-20260714", "1.35": "1.35.6-20260714"}
"""Release of the system nodes' AMI (awslabs/amazon-eks-ami CHANGELOG v20260714)."""
