"""What the rules allow and refuse, as `fleet plan` asks them."""

import json
from collections.abc import Callable
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from policies.rules import BUDGET, RULES, Level, judge

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=8)
    | st.sampled_from(["*", "Allow", "nvidia.com/gpu", '{"Statement": [{"Effect": "Allow"}, 1]}', "[" * 5000]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.text(max_size=4) | st.sampled_from(["spec", "key", "Statement", "ebs", "tags"]), inner, max_size=3
        )
    ),
    max_leaves=8,
)


def test_a_compliant_stack_is_let_through(compliant: Any, config: Any) -> None:
    assert judge(compliant, config) == []


def test_another_way_to_keep_the_rules_is_let_through(variant: Any, config: Any) -> None:
    assert judge(variant.stack(), config) == []


def test_a_stack_without_pools_needs_no_budget() -> None:
    assert judge([], {}) == []


def test_a_change_is_refused_by_its_rule_alone(case: Any, config: Any) -> None:
    found = judge(case.stack(), config)
    assert {finding.rule for finding in found} == {case.rule}
    assert any(case.says in finding.text for finding in found), [finding.text for finding in found]


def test_every_rule_has_a_case(cases: Any) -> None:
    assert set(cases) == {rule.name for rule in RULES}


def test_a_violation_says_what_rule_reason_and_remedy_in_one_line(case: Any, config: Any) -> None:
    rule = next(rule for rule in RULES if rule.name == case.rule)
    for finding in judge(case.stack(), config):
        assert finding.text.endswith(f": {rule.must}. {rule.why}. {rule.remedy}.")
        assert "\n" not in finding.text
        assert finding.level is rule.level


def test_only_the_ceiling_is_advisory() -> None:
    advisory = [rule.name for rule in RULES if rule.level is Level.ADVISORY]
    assert advisory == ["pools-ceiling-within-budget"]


def test_a_finding_names_its_resource(compliant: Any, config: Any) -> None:
    compliant.append(("aws:sqs/queue:Queue", "orders", {"tags": compliant[0][2]["tags"]}))
    (finding,) = judge(compliant, config)
    assert (finding.type, finding.name) == ("aws:sqs/queue:Queue", "orders")


def test_a_type_that_aws_adds_tomorrow_needs_tags(config: Any) -> None:
    (finding,) = judge([("aws:oracle/mirror:Mirror", "wall", {})], config)
    assert finding.rule == "resource-tagged"


def test_tags_of_an_autoscaling_group_are_a_list(compliant: Any, config: Any) -> None:
    tags = [{"key": key, "value": value} for key, value in compliant[0][2]["tags"].items()]
    group = "aws:autoscaling/group:Group"
    assert judge([(group, "nodes", {"tags": tags})], config) == []
    assert "tags lacks environment" in judge([(group, "nodes", {"tags": tags[1:]})], config)[0].text


def test_production_may_be_exempted_from_the_private_endpoint(compliant: Any, config: Any) -> None:
    cluster = next(props for _, name, props in compliant if name == "dev-cluster")
    cluster["tags"]["environment"] = "prod"
    assert [finding.rule for finding in judge(compliant, config)] == ["cluster-endpoint-private"]
    config["cluster-endpoint-private"] = {"privateEnvironments": []}
    assert judge(compliant, config) == []


def test_pools_without_a_budget_to_compare_with_are_refused(compliant: Any) -> None:
    found = judge(compliant, {})
    assert [finding.text.partition(",")[0] for finding in found] == ["monthlyUsd is not set"]
    assert found[0].level is Level.MANDATORY


def test_the_budget_holds_over_all_stacks_of_an_environment(compliant: Any, config: Any) -> None:
    assert judge(compliant * 2, config, BUDGET)[0].text.startswith("ceiling = $182,000 a month")
    floor = judge(compliant * 3, config, BUDGET)[0]
    assert (floor.level, floor.type, floor.name) == (Level.MANDATORY, "", "")
    assert floor.text.startswith("floor = $120,000 a month, monthlyUsd = $100,000")


def test_a_disruption_budget_may_select_by_expressions(compliant: Any, config: Any) -> None:
    selector = next(props for _, name, props in compliant if name == "disruption-budget")["spec"]["selector"]
    del selector["matchLabels"]
    selector["matchExpressions"] = [
        {"key": "app", "operator": "In", "values": ["llama", "qwen"]},
        {"key": "app", "operator": "Exists"},
        {"key": "batch", "operator": "DoesNotExist"},
    ]
    assert judge(compliant, config) == []


def test_every_kind_of_workload_is_looked_into(config: Any) -> None:
    pod = {"spec": {"containers": [{"name": "c", "image": "busybox"}]}}
    wrapped: dict[str, Callable[[Any], Any]] = {
        "core/v1:Pod": lambda it: it,
        "apps/v1:StatefulSet": lambda it: {"spec": {"template": it}},
        "apps/v1:DaemonSet": lambda it: {"spec": {"template": it}},
        "batch/v1:Job": lambda it: {"spec": {"template": it}},
        "batch/v1:CronJob": lambda it: {"spec": {"jobTemplate": {"spec": {"template": it}}}},
        "keda.sh/v1alpha1:ScaledJob": lambda it: {"spec": {"jobTargetRef": {"template": it}}},
        "leaderworkerset.x-k8s.io/v1:LeaderWorkerSet": lambda it: {
            "spec": {"leaderWorkerTemplate": {"workerTemplate": it}}
        },
    }
    for kind, wrap in wrapped.items():
        found = judge([(f"kubernetes:{kind}", "w", wrap(pod))], config)
        assert [finding.rule for finding in found] == ["image-pinned"], kind
        assert "spec.containers[c].image = busybox" in found[0].text


@settings(max_examples=500, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_no_rule_raises_whatever_it_is_given(compliant: Any, data: st.DataObject) -> None:
    kind, name, props = data.draw(st.sampled_from(compliant))
    holder: Any = {"props": json.loads(json.dumps(props))}
    broken, key = holder, "props"
    while data.draw(st.booleans()) and isinstance(holder[key], dict | list) and holder[key]:
        holder = holder[key]
        keys = list(holder) if isinstance(holder, dict) else range(len(holder))
        key = data.draw(st.sampled_from(keys))
    holder[key] = data.draw(JSON)
    given_props = broken["props"] if isinstance(broken["props"], dict) else {}
    config = {rule.name: data.draw(JSON) for rule in data.draw(st.lists(st.sampled_from(RULES), max_size=2))}
    for finding in judge([*compliant, (kind, name, given_props)], config):
        assert "\n" not in finding.text
