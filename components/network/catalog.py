"""Which regions there are and how their availability zones are named.

Source: AWS, "Regions and Availability Zones" (2026-11). Zone names are an account's own view of the zones, so preflight
has the last word; a letter outside this table exists in no account.
"""

from collections.abc import Sequence

ZONES = {
    "us-east-1": "abcdef",
    "us-east-2": "abc",
    "us-west-2": "abcd",
    "eu-west-1": "abc",
    "eu-central-1": "abc",
    "ap-northeast-1": "acd",
    "ap-southeast-1": "abc",
    "ap-southeast-2": "abc",
    "ap-south-1": "abc",
}
"""Zone letters by region: the regions for which the instance catalogue holds prices."""


def zones(region: str) -> tuple[str, ...]:
    """The names of a region's zones: `us-east-1a` and so on. Empty for a region that is not in the table."""
    return tuple(f"{region}{letter}" for letter in ZONES.get(region, ""))


DEFAULT_ZONES = 3


def chosen_zones(region: str, named: Sequence[str]) -> tuple[str, ...]:
    """The zones of a region's network: those that its settings name, else the first three."""
    return tuple(named) or zones(region)[:DEFAULT_ZONES]
