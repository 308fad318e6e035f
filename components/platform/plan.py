"""What runs in every cluster: the values of each chart, the rights of each controller, and the Gateway's objects.

A value stands here only where it differs from the chart's default, or where something else counts on it. Sources: the
charts' own values and templates at the versions in `components/versions.py`. Images come from where the charts point,
except the engines', which the fleet mirrors.
"""

from collections.abc import Mapping
from typing import Any

from components.iam import document, statement
from components.naming import (
    GATEWAY,
    KARPENTER_SERVICE_ACCOUNT,
    LOAD_BALANCER_SERVICE_ACCOUNT,
    NAMESPACE_GATEWAY,
    NAMESPACE_MONITORING,
    NAMESPACE_SERVING,
)
from components.nodes.plan import GPU_LABEL, GPU_TAINT
from components.serving.catalog import PRE_STOP_SECONDS, envoy_drain_seconds, gateway_grace_seconds

REPLICAS = 2
"""Of every controller: one works, or half of the requests come through it, while the other's node is replaced."""
ONE_AT_A_TIME = {"maxUnavailable": 1}

GATEWAY_PORT = 80
"""TLS ends at the load balancer. Envoy Gateway moves a privileged port up by 10000 in the container."""
GATEWAY_CONTROLLER = "gateway.envoyproxy.io/gatewayclass-controller"
"""The chart's own name of itself."""
GATEWAY_GROUP = "gateway.networking.k8s.io"
ENVOY_GROUP = "gateway.envoyproxy.io"

METRICS = "fleet"
"""What the names of everything that kube-prometheus-stack makes begin with."""
PROMETHEUS_PORT = 9090
METRICS_RETENTION = "24h"
"""Autoscaling looks back minutes. Each replica keeps a day on its node's disk, so no volume outlives the cluster."""
METRICS_RETENTION_SIZE = "8GB"
METRICS_DISK = "10Gi"
"""Above the retention size, which does not count what is being written."""


def prometheus_address() -> str:
    """Where Prometheus answers inside the cluster: the chart calls its Service `<fullnameOverride>-prometheus`."""
    return f"http://{METRICS}-prometheus.{NAMESPACE_MONITORING}.svc:{PROMETHEUS_PORT}"


def monitoring_values() -> dict[str, Any]:
    """kube-prometheus-stack: Prometheus and its operator. No Grafana, which would be a door of its own."""
    hidden = ("kubeControllerManager", "kubeScheduler", "kubeEtcd", "kubeProxy")
    everywhere = ("rule", "serviceMonitor", "podMonitor", "probe", "scrapeConfig")
    return {
        "fullnameOverride": METRICS,
        "alertmanager": {"enabled": False},
        "grafana": {"enabled": False},
        "defaultRules": {"create": False},
        # EKS shows no metrics of its control plane's parts, and kube-proxy's listen on the node's loopback only.
        **{part: {"enabled": False} for part in hidden},
        # Rules are checked before they are applied; an absent webhook would hold back every other one.
        "prometheusOperator": {
            "admissionWebhooks": {"enabled": False},
            "tls": {"enabled": False},
            "resources": _resources("100m", "128Mi", "256Mi"),
        },
        "prometheus": {
            "podDisruptionBudget": {"enabled": True},
            "prometheusSpec": {
                "replicas": REPLICAS,
                "podAntiAffinity": "hard",
                "retention": METRICS_RETENTION,
                "retentionSize": METRICS_RETENTION_SIZE,
                "storageSpec": {"emptyDir": {"sizeLimit": METRICS_DISK}},
                "resources": _resources("500m", "2Gi", "4Gi"),
                # The chart would otherwise look only at monitors that carry its own release's label.
                **{f"{kind}SelectorNilUsesHelmValues": False for kind in everywhere},
            },
        },
    }


def karpenter_values(*, cluster_name: object, interruption_queue: object) -> dict[str, Any]:
    """Karpenter, by its `settings`. Its default affinity keeps it off the nodes that it makes."""
    return {
        "replicas": REPLICAS,
        "serviceAccount": {"name": KARPENTER_SERVICE_ACCOUNT},
        "serviceMonitor": {"enabled": True},
        "controller": {"resources": _resources("1", "1Gi", "1Gi")},
        "settings": {
            "clusterName": cluster_name,
            "interruptionQueue": interruption_queue,
            # Pods get addresses from subnets of their own, so the node's first interface holds none of them.
            "reservedENIs": "1",
        },
    }


def device_plugin_values() -> dict[str, Any]:
    """NVIDIA's device plugin, on the nodes that Karpenter labels: feature discovery would label them too late."""
    return {
        "gfd": {"enabled": False},
        "nodeSelector": {GPU_LABEL: "true"},
        "tolerations": [GPU_TAINT],
        "resources": _resources("50m", "64Mi", "128Mi"),
    }


def keda_values() -> dict[str, Any]:
    """KEDA: an operator that decides, a server that tells the autoscaler."""
    return {
        # The default, Always, would make every restart wait for the registry.
        "image": {"pullPolicy": "IfNotPresent"},
        "operator": {"replicaCount": REPLICAS},
        "metricsServer": {"replicaCount": REPLICAS},
        "webhooks": {"replicaCount": REPLICAS},
        "topologySpreadConstraints": {
            "operator": _over_zones({"app": "keda-operator"}),
            "metricsServer": _over_zones({"app": "keda-operator-metrics-apiserver"}),
        },
        "podDisruptionBudget": {
            "operator": ONE_AT_A_TIME,
            "metricServer": ONE_AT_A_TIME,
            "webhooks": ONE_AT_A_TIME,
        },
        "prometheus": {"operator": {"enabled": True, "serviceMonitor": {"enabled": True}}},
    }


def load_balancer_controller_values(
    *, cluster_name: object, region: str, vpc_id: object, tags: Mapping[str, str]
) -> dict[str, Any]:
    """AWS Load Balancer Controller, for TargetGroupBindings only: whatever could make a load balancer is off."""
    return {
        "replicaCount": REPLICAS,
        "clusterName": cluster_name,
        # A pod cannot ask the instance for these: its metadata answers one hop away and no further.
        "region": region,
        "vpcId": vpc_id,
        "serviceAccount": {"name": LOAD_BALANCER_SERVICE_ACCOUNT},
        "createIngressClassResource": False,
        "ingressClassParams": {"create": False},
        "webhookConfig": {"disableIngressValidation": True},
        # Its webhook would fail every new Service of the cluster while the controller is away.
        "enableServiceMutatorWebhook": False,
        "controllerConfig": {
            "featureGates": {"ALBGatewayAPI": False, "EnableServiceController": False, "NLBGatewayAPI": False}
        },
        "enableShield": False,
        "enableWaf": False,
        "enableWafv2": False,
        # A new certificate with each upgrade is one that running pods do not know yet.
        "keepTLSSecret": True,
        "podDisruptionBudget": ONE_AT_A_TIME,
        "resources": _resources("100m", "128Mi", "256Mi"),
        "defaultTags": dict(tags),
    }


def lustre_driver_values(region: str) -> dict[str, Any]:
    """The FSx CSI driver's node part. File systems are made by the storage layer, so its controller has no replica.

    `nodeComponentOnly` leaves out the controller's disruption budget and nothing else (chart 1.17.0, templates).
    """
    return {
        "nodeComponentOnly": True,
        "controller": {"replicaCount": 0},
        "node": {"nodeSelector": {GPU_LABEL: "true"}, "region": region},
    }


def gateway_values() -> dict[str, Any]:
    """Envoy Gateway's controller, and the CRDs of the Gateway API that come with its chart."""
    return {
        "crds": {"enabled": True},
        "podDisruptionBudget": {"minAvailable": 1},
        "deployment": {
            "replicas": REPLICAS,
            "pod": {"topologySpreadConstraints": _over_zones({"control-plane": "envoy-gateway"})},
        },
    }


def target_registration(target_group_arn: object) -> dict[str, Any]:
    """What a TargetGroupBinding asks of AWS: look at what there is, and change the members of the one target group.

    None of the `Describe` actions can be narrowed to a resource (AWS service authorization reference).
    """
    look = (
        "ec2:DescribeSecurityGroups",
        "ec2:DescribeVpcs",
        "elasticloadbalancing:DescribeTargetGroups",
        "elasticloadbalancing:DescribeTargetHealth",
    )
    change = ("elasticloadbalancing:DeregisterTargets", "elasticloadbalancing:RegisterTargets")
    return document(statement("Look", look, ["*"]), statement("Change", change, [target_group_arn]))


def envoy_proxy(longest_answer: int) -> dict[str, Any]:
    """The proxies: two over zones behind a ClusterIP, draining longer than the longest answer takes (in seconds).

    Envoy Gateway would give the pods five minutes beyond the drain, which is more than the load balancer waits.
    """
    labels = {"app.kubernetes.io/component": "proxy", f"{ENVOY_GROUP}/owning-gateway-name": GATEWAY}
    grace = {"terminationGracePeriodSeconds": gateway_grace_seconds(longest_answer)}
    kubernetes = {
        "envoyService": {"name": GATEWAY, "type": "ClusterIP"},
        "envoyDeployment": {
            "replicas": REPLICAS,
            "container": {"resources": _resources("500m", "512Mi", "1Gi")},
            "pod": {"topologySpreadConstraints": _over_zones(labels)},
            "patch": {"type": "StrategicMerge", "value": {"spec": {"template": {"spec": grace}}}},
        },
        "envoyPDB": ONE_AT_A_TIME,
    }
    return {
        "apiVersion": f"{ENVOY_GROUP}/v1alpha1",
        "kind": "EnvoyProxy",
        "metadata": {"name": GATEWAY, "namespace": NAMESPACE_GATEWAY},
        "spec": {
            "provider": {"type": "Kubernetes", "kubernetes": kubernetes},
            "shutdown": {
                "drainTimeout": f"{envoy_drain_seconds(longest_answer)}s",
                "minDrainDuration": f"{PRE_STOP_SECONDS}s",
            },
        },
    }


def gateway_class() -> dict[str, Any]:
    """The class of the one Gateway. It carries the proxies' shape, so that no Gateway of it can have another."""
    shape = {"group": ENVOY_GROUP, "kind": "EnvoyProxy", "name": GATEWAY, "namespace": NAMESPACE_GATEWAY}
    return {
        "apiVersion": f"{GATEWAY_GROUP}/v1",
        "kind": "GatewayClass",
        "metadata": {"name": GATEWAY},
        "spec": {"controllerName": GATEWAY_CONTROLLER, "parametersRef": shape},
    }


def gateway() -> dict[str, Any]:
    """The Gateway to which models attach their routes, from their own namespace only."""
    serving = {"matchLabels": {"kubernetes.io/metadata.name": NAMESPACE_SERVING}}
    listener = {
        "name": "http",
        "protocol": "HTTP",
        "port": GATEWAY_PORT,
        "allowedRoutes": {"namespaces": {"from": "Selector", "selector": serving}},
    }
    return {
        "apiVersion": f"{GATEWAY_GROUP}/v1",
        "kind": "Gateway",
        "metadata": {"name": GATEWAY, "namespace": NAMESPACE_GATEWAY},
        "spec": {"gatewayClassName": GATEWAY, "listeners": [listener]},
    }


def _resources(cpu: str, memory: str, memory_limit: str) -> dict[str, Any]:
    """Requests and a memory limit; CPU has none, because a throttled controller is slow exactly when it is needed."""
    return {"requests": {"cpu": cpu, "memory": memory}, "limits": {"memory": memory_limit}}


def _over_zones(labels: Mapping[str, str]) -> list[dict[str, Any]]:
    """Spread over zones, counting only nodes on which these pods may run: a tainted GPU node makes no zone."""
    return [
        {
            "maxSkew": 1,
            "topologyKey": "topology.kubernetes.io/zone",
            "whenUnsatisfiable": "DoNotSchedule",
            "nodeTaintsPolicy": "Honor",
            "labelSelector": {"matchLabels": dict(labels)},
        }
    ]
