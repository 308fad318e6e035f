"""What the serving plans decide for a model."""

from dataclasses import replace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from components.serving import catalog
from components.serving.autoscaling import plan as autoscaling
from components.serving.engines import plan as engines
from components.serving.plan import Model, address
from components.serving.pods import plan as pods
from components.serving.routes import plan as routes
from components.versions import Engine

LLAMA = Model(
    name="llama-3.3-70b",
    engine=Engine.TRITON_TRTLLM,
    embeds=False,
    source="hf://nvidia/Llama-3.3-70B-Instruct-FP8",
    revision="9d9a2b8b6c1e4f0a",
    weights_gib=68,
    cache_zone="us-east-1b",
    pool="h100",
    gpus=2,
    floor=2,
    ceiling=8,
    ttft_ms=800,
    itl_ms=40,
    context_tokens=32768,
    max_output_tokens=4096,
    max_concurrency=64,
)
BGE = replace(
    LLAMA, name="bge-m3", engine=Engine.VLLM, embeds=True, cache_zone=None, gpus=1, itl_ms=None, max_output_tokens=1
)
AROUND = pods.Surroundings(
    namespace="serving",
    service_account="engine",
    image="registry/image:tag",
    bucket="weights",
    region="us-east-1",
    claim="fs-0a",
)

models = st.builds(
    replace,
    st.sampled_from([LLAMA, BGE]),
    weights_gib=st.floats(0.1, 4096),
    floor=st.integers(0, 9),
    ttft_ms=st.integers(1, 60_000),
    max_output_tokens=st.integers(1, 8192),
    max_concurrency=st.integers(1, 1024),
    cache_zone=st.sampled_from([None, "us-east-1b"]),
)


def _pod(model: Model) -> dict[str, Any]:
    deployment = pods.deployment(model, AROUND, engines.configuration(model, "serving"))
    return deployment["spec"]["template"]["spec"]


def _queries(model: Model) -> dict[str, str]:
    triggers = autoscaling.scaled_object(model, "serving", "http://prometheus")["spec"]["triggers"]
    return {trigger["name"]: trigger["metadata"]["query"] for trigger in triggers}


@given(models)
def test_a_pod_outlives_every_request_that_its_route_admits(model: Model) -> None:
    route = routes.http_route(model, "serving", "fleet")["spec"]["rules"][0]
    admitted = int(route["timeouts"]["request"].removesuffix("s"))
    pod = _pod(model)
    wait = pod["containers"][0]["lifecycle"]["preStop"]["sleep"]["seconds"]
    assert model.longest_answer < admitted
    assert wait + admitted <= pod["terminationGracePeriodSeconds"]
    assert admitted < catalog.envoy_drain_seconds(model.longest_answer)


@given(models)
def test_what_a_pod_asks_for_is_what_capacity_plans_with(model: Model) -> None:
    resources = _pod(model)["containers"][0]["resources"]
    assert resources["requests"]["nvidia.com/gpu"] == resources["limits"]["nvidia.com/gpu"] == str(model.gpus)
    assert resources["requests"]["cpu"] == f"{catalog.cpu_millicores(model.gpus)}m"
    assert resources["requests"]["memory"] == f"{catalog.memory_mib(model.engine, model.weights_gib)}Mi"
    limit = int(resources["limits"]["memory"].removesuffix("Mi"))
    assert limit >= catalog.memory_mib(model.engine, model.weights_gib)


@given(models)
def test_a_startup_probe_lasts_as_long_as_loading_may(model: Model) -> None:
    probe = _pod(model)["containers"][0]["startupProbe"]
    assert probe["periodSeconds"] * probe["failureThreshold"] >= catalog.startup_seconds(model.weights_gib)


@given(models)
def test_only_an_autoscaler_sets_the_number_of_replicas(model: Model) -> None:
    assert "replicas" not in pods.deployment(model, AROUND, None)["spec"]
    scaling = autoscaling.scaled_object(model, "serving", "http://prometheus")["spec"]
    assert (scaling["minReplicaCount"], scaling["maxReplicaCount"]) == (model.floor, model.ceiling)


@given(models)
def test_every_query_gives_one_number(model: Model) -> None:
    assert all(query.startswith(("sum(", "(sum(")) for query in _queries(model).values())


def test_load_is_that_of_one_model() -> None:
    assert _queries(LLAMA) == {
        "waiting": 'sum(nv_trt_llm_request_metrics{inference_fleet_io_model="llama-3.3-70b",request_type="waiting"})',
        "running": 'sum(nv_trt_llm_request_metrics{inference_fleet_io_model="llama-3.3-70b",request_type="active"})',
    }
    assert _queries(BGE)["waiting"] == 'sum(vllm:num_requests_waiting{inference_fleet_io_model="bge-m3"})'


def test_a_sleeping_model_is_woken_by_refusals_and_does_not_take_silence_for_an_error() -> None:
    sleeping = replace(LLAMA, floor=0)
    assert set(_queries(sleeping)) == {"waiting", "running", "refused"}
    assert all(query.endswith(" or vector(0)") for query in _queries(sleeping).values())
    spec = autoscaling.scaled_object(sleeping, "serving", "http://prometheus")["spec"]
    assert "fallback" not in spec, "a fallback would wake it whenever Prometheus is silent"


def test_a_lost_scrape_takes_no_replica_away() -> None:
    spec = autoscaling.scaled_object(LLAMA, "serving", "http://prometheus")["spec"]
    assert {trigger["metadata"]["ignoreNullValues"] for trigger in spec["triggers"]} == {"false"}
    assert spec["fallback"] == {"failureThreshold": 3, "replicas": 2, "behavior": "currentReplicasIfHigher"}


def test_a_rollout_needs_no_spare_gpus_unless_the_model_has_one_replica() -> None:
    def rollout(floor: int) -> dict[str, int]:
        return pods.deployment(replace(LLAMA, floor=floor), AROUND, None)["spec"]["strategy"]["rollingUpdate"]

    assert rollout(2) == {"maxSurge": 0, "maxUnavailable": 1}
    assert rollout(1) == {"maxSurge": 1, "maxUnavailable": 0}


def test_a_triton_model_is_served_under_the_name_in_the_settings() -> None:
    configured = engines.configuration(LLAMA, "serving")
    assert configured is not None
    assert engines.mounts(LLAMA)[0]["mountPath"] == "/model-repository/llama-3.3-70b"
    assert "name:" not in configured["data"]["config.pbtxt"].split("input [")[0], "the folder's name is the name"
    paths = [item["path"] for item in engines.volumes(configured)[0]["configMap"]["items"]]
    assert paths == ["config.pbtxt", "1/model.py", "1/model.yaml"]


def test_a_change_of_the_engines_arguments_is_a_rollout() -> None:
    def name(model: Model) -> str:
        configured = engines.configuration(model, "serving")
        assert configured is not None
        return configured["metadata"]["name"]

    assert name(LLAMA) == name(replace(LLAMA, ceiling=9))
    assert name(LLAMA) != name(replace(LLAMA, max_concurrency=32))


def test_vllm_pools_for_an_embedding_model_and_drains_by_itself() -> None:
    command = engines.command(BGE)
    assert "--runner=pooling" in command
    assert f"--shutdown-timeout={BGE.longest_answer}" in command
    assert "--served-model-name=bge-m3" in command
    assert "--runner=pooling" not in engines.command(replace(BGE, embeds=False))


def test_an_address_has_no_dots_of_the_models_name() -> None:
    assert address(LLAMA) == "http://llama-3-3-70b.serving.svc.cluster.local:8000"


def test_a_cached_model_verifies_and_the_other_downloads() -> None:
    def steps(model: Model) -> list[str]:
        return [container["command"][-1] for container in _pod(model)["initContainers"]]

    assert steps(LLAMA) == ["await-cache", "verify"]
    assert steps(BGE) == ["await-bucket", "fetch"]
    volumes = {volume["name"]: volume for volume in _pod(LLAMA)["volumes"]}
    assert volumes["weights"]["persistentVolumeClaim"] == {"claimName": "fs-0a"}


def test_only_the_download_may_write_weights() -> None:
    def writers(model: Model) -> list[str]:
        pod = _pod(model)
        return [
            container["name"]
            for container in (*pod["initContainers"], *pod["containers"])
            for mount in container["volumeMounts"]
            if mount["name"] == "weights" and not mount["readOnly"]
        ]

    assert writers(LLAMA) == []
    assert writers(BGE) == ["weights"]
