"""Settings: one document per environment, the only reader of its YAML and of Pulumi's own configuration."""

from .load import ENVIRONMENTS, configured_region, environments, load
from .problems import Problem, SettingsError
from .schema import Environment, Model, Network, Pool, Region

__all__ = [
    "ENVIRONMENTS",
    "Environment",
    "Model",
    "Network",
    "Pool",
    "Problem",
    "Region",
    "SettingsError",
    "configured_region",
    "environments",
    "load",
]
