"""Who takes traffic, and whose weights go where."""

from hypothesis import given
from hypothesis import strategies as st

from components.global_ import plan
from components.serving import catalog

ROLES = st.dictionaries(
    st.sampled_from(["us-east-1", "us-east-2", "us-west-2", "eu-west-1"]), st.sampled_from(["active", "standby"])
)


@given(ROLES)
def test_every_region_but_the_source_receives_the_weights_of_an_active_region(roles: dict[str, str]) -> None:
    flows = plan.destinations(roles)
    for region, role in roles.items():
        others = set(roles) - {region}
        assert set(flows.get(region, ())) == (others if role == "active" else set())


def test_a_region_by_itself_copies_nothing() -> None:
    assert plan.destinations({"us-east-1": "active"}) == {}


def test_a_standby_takes_no_traffic_while_another_region_can() -> None:
    assert plan.traffic_dial("active") == 100
    assert plan.traffic_dial("standby") == 0


def test_copying_may_not_delete() -> None:
    read = plan.read_statements("us-east-1", "source", "source/models/*", "key")
    write = plan.write_statements("us-west-2", "target/models/*", "other-key")
    actions = {action for statement in (*read, *write) for action in statement["Action"]}
    assert not [action for action in actions if "Delete" in action or "*" in action]


@given(st.integers(1, 3000))
def test_each_step_out_of_the_fleet_outlasts_the_step_inside_it(longest: int) -> None:
    drain = catalog.envoy_drain_seconds(longest)
    grace = catalog.gateway_grace_seconds(longest)
    assert longest < drain < grace <= catalog.deregistration_delay_seconds(longest)
