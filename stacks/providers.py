"""The only constructor of providers: the account is guarded and the region is said, for every resource of a stack."""

import pulumi
import pulumi_aws as aws
import pulumi_kubernetes as kubernetes

from .contracts import ClusterContract
from .settings import Environment


def amazon(environment: Environment, region: str) -> aws.Provider:
    """The AWS provider of one region, which refuses to work in any account but the environment's."""
    return aws.Provider(f"aws-{region}", region=region, allowed_account_ids=[environment.account])


def cluster(contract: ClusterContract, region: str) -> kubernetes.Provider:
    """The Kubernetes provider of a region's cluster. Tokens are fetched when needed; none is kept in state."""
    kubeconfig = pulumi.Output.json_dumps(
        {
            "apiVersion": "v1",
            "kind": "Config",
            "current-context": "fleet",
            "contexts": [{"name": "fleet", "context": {"cluster": "fleet", "user": "fleet"}}],
            "clusters": [
                {
                    "name": "fleet",
                    "cluster": {
                        "server": contract.endpoint,
                        "certificate-authority-data": contract.certificate_authority,
                    },
                }
            ],
            "users": [
                {
                    "name": "fleet",
                    "user": {
                        "exec": {
                            "apiVersion": "client.authentication.k8s.io/v1",
                            "command": "aws",
                            "args": ["eks", "get-token", "--cluster-name", contract.name, "--region", region],
                            "interactiveMode": "Never",
                        }
                    },
                }
            ],
        }
    )
    return kubernetes.Provider(
        "cluster", kubeconfig=kubeconfig, cluster_identifier=contract.name, enable_server_side_apply=True
    )
