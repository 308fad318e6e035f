"""Rules that no value breaks by itself: between a model and its pool, a pool and its region, regions and each other."""

from collections.abc import Mapping

from ..schema import Head, Region
from . import fleet, model, names, network, pool
from .breach import Breach

__all__ = ["Breach", "across", "regional"]


def regional(region: Region, pools: frozenset[str]) -> list[Breach]:
    """What is wrong within one region. `pools` are all that were named, also those that are wrong by themselves."""
    found = [*network.check(region), *pool.check(region), *model.check(region, pools)]
    return [*found, *names.check(region)]


def across(head: Head, regions: Mapping[str, Region], *, complete: bool) -> list[Breach]:
    """What is wrong between regions; the budget is judged only where `complete` says that nothing was set aside."""
    found = list(fleet.check(head, regions))
    return [*found, *fleet.check_budget(head, regions)] if complete else found
