"""The adapter that runs inside the Triton image, against stand-ins for Triton, TensorRT-LLM and numpy."""

import asyncio
import importlib.util
import json
import sys
import threading
import time
import weakref
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from components.serving.engines.plan import ADAPTER, ANSWERS, TENSORS

TOKEN_SECONDS = 0.01
CONTEXT = 64
MOST_TOKENS = 32
SLOTS = 2


class Array(list[Any]):
    """What the adapter uses of a numpy array."""

    @property
    def size(self) -> int:
        return len(self)

    def item(self) -> Any:
        return self[0]

    def flatten(self) -> list[Any]:
        return list(self)


class Tensor:
    def __init__(self, name: str, values: Array) -> None:
        self.name, self.values = name, values

    def as_numpy(self) -> Array:
        return self.values


class TritonError(Exception):
    INVALID_ARG, CANCELLED, INTERNAL = "invalid", "cancelled", "internal"

    def __init__(self, message: str, code: str) -> None:
        super().__init__(message)
        self.code = code


class Response:
    def __init__(self, output_tensors: Any = (), error: TritonError | None = None) -> None:
        self.values = {tensor.name: tensor.values[0] for tensor in output_tensors}
        self.error = error


class Metric:
    seen: dict[tuple[str, str], list[float]] = {}  # noqa: RUF012 - the one registry of a Triton process

    def __init__(self, family: "MetricFamily", labels: dict[str, str]) -> None:
        kind = labels.get("request_type") or labels["kv_cache_block_type"]
        self.history = Metric.seen.setdefault((family.name, kind), [])
        self.family = weakref.ref(family)

    def set(self, value: float) -> None:
        assert self.family() is not None, "a metric ends with its family"
        self.history.append(value)


class MetricFamily:
    GAUGE = "gauge"

    def __init__(self, name: str, description: str, kind: str) -> None:
        assert description
        assert kind == self.GAUGE
        self.name = name

    def Metric(self, labels: dict[str, str]) -> Metric:  # noqa: N802 - Triton's own name
        return Metric(self, labels)


class Logger:
    @staticmethod
    def log_error(message: str) -> None:
        print(message)

    log_warn = log_error


class Request:
    """A request of the OpenAI frontend and the sender of its answers."""

    def __init__(self, **tensors: Any) -> None:
        self.tensors = {
            name: Tensor(name, Array(value if isinstance(value, list) else [value])) for name, value in tensors.items()
        }
        self.sent: list[Response] = []
        self.cancelled = False
        self.done = threading.Event()

    def get_response_sender(self) -> "Request":
        return self

    def send(self, response: Response, flags: int) -> None:
        assert not self.done.is_set(), "nothing may be sent after the last part"
        self.sent.append(response)
        if flags:
            self.done.set()

    def is_cancelled(self) -> bool:
        return self.cancelled

    def parts(self) -> list[Any]:
        assert self.done.wait(5), "the request was never finished"
        return [part.values.get("text_output", b"").decode() for part in self.sent]

    def error(self) -> TritonError:
        assert self.done.wait(5), "the request was never finished"
        found = self.sent[-1].error
        assert found is not None
        return found


class Completion:
    def __init__(self) -> None:
        self.text = ""
        self.token_ids: list[int] = []


class Generation:
    """An answer that grows by one word every few milliseconds."""

    def __init__(self, engine: "Engine", prompt: list[int], sampling: Any, *, streaming: bool) -> None:
        self.engine, self.prompt, self.sampling, self.streaming = engine, prompt, sampling, streaming
        self.outputs = [Completion()]
        self.finished = False
        self.aborted = False

    def abort(self) -> None:
        self.aborted = True

    async def __aiter__(self) -> Any:
        for token in range(self.sampling.max_tokens):
            await asyncio.sleep(TOKEN_SECONDS)
            if token == self.engine.breaks_at:
                raise RuntimeError("CUDA out of memory")
            self.outputs[0].text += f"w{token} "
            self.outputs[0].token_ids.append(token)
            self.finished = token == self.sampling.max_tokens - 1
            if self.streaming or self.finished:
                yield self


class Tokenizer:
    bos_token = "<s>"  # noqa: S105 - a token of text

    def encode(self, text: str, *, add_special_tokens: bool) -> list[int]:
        words = text.replace("<s>", "<s> ").split()
        return list(range(len(words) + add_special_tokens))


class Sampling:
    def __init__(self, **given: Any) -> None:
        if given.get("top_p", 1) > 1:
            raise ValueError("top_p must be at most 1")
        self.given = given
        self.max_tokens = given["max_tokens"]


class Guide:
    def __init__(self, json: str) -> None:
        self.json = json


class Engine:
    """`tensorrt_llm.LLM`."""

    latest: "Engine"

    def __init__(self, **arguments: Any) -> None:
        Engine.latest = self
        self.arguments = arguments
        self.tokenizer = Tokenizer()
        self.generations: list[Generation] = []
        self.statistics: list[Any] = []
        self.breaks_at = -1
        self.stopped = False

    def generate_async(self, prompt: list[int], sampling: Sampling, *, streaming: bool) -> Generation:
        self.generations.append(Generation(self, prompt, sampling, streaming=streaming))
        return self.generations[-1]

    async def get_stats_async(self, timeout: float) -> Any:  # noqa: ASYNC109 - the engine's own signature
        assert timeout
        while self.statistics:
            yield self.statistics.pop(0)

    def shutdown(self) -> None:
        self.stopped = True


def _array(values: list[Any], dtype: type) -> Array:
    assert dtype in (object, int)
    return Array(values)


def _module(name: str, **contents: Any) -> ModuleType:
    made = ModuleType(name)
    vars(made).update(contents)
    return made


@pytest.fixture
def model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    settings = {
        "max_output_tokens": MOST_TOKENS,
        "llm": {"model": "/weights", "max_seq_len": CONTEXT, "max_batch_size": SLOTS},
    }
    (tmp_path / "model.yaml").write_text(json.dumps(settings))
    triton = _module("triton_python_backend_utils")
    numpy = _module("numpy", array=_array, object_=object, uint32=int)
    monkeypatch.setitem(sys.modules, "triton_python_backend_utils", triton)
    monkeypatch.setitem(sys.modules, "numpy", numpy)
    monkeypatch.setitem(sys.modules, "tensorrt_llm", _module("tensorrt_llm", LLM=Engine, SamplingParams=Sampling))
    monkeypatch.setitem(
        sys.modules, "tensorrt_llm.sampling_params", _module("sampling_params", GuidedDecodingParams=Guide)
    )
    specification = importlib.util.spec_from_file_location("adapter", ADAPTER)
    assert specification is not None
    assert specification.loader is not None
    adapter = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(adapter)
    vars(triton).update(
        Tensor=Tensor,
        TritonError=TritonError,
        InferenceResponse=Response,
        MetricFamily=MetricFamily,
        Logger=Logger,
        TRITONSERVER_RESPONSE_COMPLETE_FINAL=1,
        get_model_dir=lambda: str(tmp_path),
        get_input_tensor_by_name=lambda request, name: request.tensors.get(name),
    )
    monkeypatch.setattr(adapter, "STATISTICS_SECONDS", 0.01)
    Metric.seen.clear()
    made = adapter.TritonPythonModel()
    made.initialize({"model_name": "llama", "model_version": "1"})
    yield made
    if not Engine.latest.stopped:
        made.finalize()


def _metric(kind: str) -> list[float]:
    return next(history for (_, found), history in Metric.seen.items() if found == kind)


def _until(what: Any) -> None:
    end = time.monotonic() + 5
    while not what():
        assert time.monotonic() < end, "it never came"
        time.sleep(0.005)


def test_the_engine_is_loaded_with_the_arguments_of_its_file(model: Any) -> None:
    assert model
    assert Engine.latest.arguments == {"model": "/weights", "max_seq_len": CONTEXT, "max_batch_size": SLOTS}


def test_a_stream_comes_in_order_and_its_parts_add_up(model: Any) -> None:
    request = Request(text_input=b"<s>hello there", stream=True, max_tokens=4)
    model.execute([request])
    assert request.parts() == ["w0 ", "w1 ", "w2 ", "w3 "]
    assert [part.values["num_output_tokens"] for part in request.sent] == [1, 1, 1, 1]
    assert request.sent[0].values["num_input_tokens"] == 3, "the template's own first token is not doubled"


def test_an_answer_without_stream_is_one_part(model: Any) -> None:
    request = Request(text_input=b"hello", stream=False, max_tokens=3)
    model.execute([request])
    assert request.parts() == ["w0 w1 w2 "]
    assert request.sent[0].values["num_output_tokens"] == 3
    assert request.sent[0].values["num_input_tokens"] == 2, "a bare prompt gets the first special token"


def test_requests_run_side_by_side(model: Any) -> None:
    slow = Request(text_input=b"a", stream=True, max_tokens=30)
    quick = Request(text_input=b"b", stream=True, max_tokens=1)
    model.execute([slow])
    model.execute([quick])
    quick.parts()
    assert not slow.done.is_set()
    assert len(slow.parts()) == 30


def test_sampling_parameters_reach_the_engine_under_their_own_names(model: Any) -> None:
    given = {"temperature": 0.5, "top_p": 0.9, "frequency_penalty": 0.1, "presence_penalty": 0.2, "seed": 7}
    guide = {"guided_decoding_guide_type": b"json_schema", "guided_decoding_guide": b'{"type": "object"}'}
    request = Request(text_input=b"a", stream=False, max_tokens=1, stop_words=[b"END", b"."], **given, **guide)
    model.execute([request])
    request.parts()
    sampling = Engine.latest.generations[0].sampling.given
    assert sampling.pop("guided_decoding").json == '{"type": "object"}'
    assert sampling == {"max_tokens": 1, "stop": ["END", "."], **given}


def test_a_client_that_leaves_stops_its_generation(model: Any) -> None:
    request = Request(text_input=b"a", stream=True, max_tokens=MOST_TOKENS)
    model.execute([request])
    _until(lambda: request.sent)
    request.cancelled = True
    assert request.error().code == TritonError.CANCELLED
    assert Engine.latest.generations[0].aborted
    assert len(request.sent) < MOST_TOKENS


@pytest.mark.parametrize(
    ("tensors", "why"),
    [
        ({"text_input": b""}, "the prompt is empty"),
        ({"text_input": [b"a", b"b"]}, "text_input has 2 values"),
        ({"text_input": b"a", "max_tokens": MOST_TOKENS + 1}, "max_tokens 33: this model answers with 1 to 32"),
        ({"text_input": b"a", "max_tokens": 0}, "max_tokens 0"),
        ({"text_input": b"word " * CONTEXT}, "fit into 64"),
        ({"text_input": b"a", "top_p": 3.0}, "top_p must be at most 1"),
        (
            {"text_input": b"a", "guided_decoding_guide_type": b"regex", "guided_decoding_guide": b"a+"},
            "only json_schema is supported",
        ),
    ],
)
def test_a_bad_request_is_told_what_is_wrong(model: Any, tensors: dict[str, Any], why: str) -> None:
    request = Request(stream=False, **tensors)
    model.execute([request])
    assert request.error().code == TritonError.INVALID_ARG
    assert why in str(request.error())


def test_a_long_prompt_leaves_less_for_the_answer(model: Any) -> None:
    request = Request(text_input=b"word " * (CONTEXT - 4), stream=False)
    model.execute([request])
    request.parts()
    assert Engine.latest.generations[0].sampling.max_tokens == 3


def test_an_engine_that_fails_one_request_goes_on(model: Any) -> None:
    broken = Request(text_input=b"a", stream=True, max_tokens=3)
    Engine.latest.breaks_at = 1
    model.execute([broken])
    assert "CUDA out of memory" in str(broken.error())
    assert broken.error().code == TritonError.INTERNAL
    Engine.latest.breaks_at = -1
    sound = Request(text_input=b"a", stream=True, max_tokens=2)
    model.execute([sound])
    assert sound.parts() == ["w0 ", "w1 "]


def test_the_load_is_published_and_falls_back_to_zero(model: Any) -> None:
    requests = [Request(text_input=b"a", stream=True, max_tokens=5) for _ in range(SLOTS + 1)]
    model.execute(requests)
    for request in requests:
        request.parts()
    _until(lambda: _metric("active")[-1] == 0)
    assert max(_metric("active")) == SLOTS
    assert max(_metric("waiting")) == 1, "more requests than the engine has slots wait"
    assert _metric("waiting")[-1] == 0


def test_the_engines_own_queue_and_cache_are_published(model: Any) -> None:
    request = Request(text_input=b"a", stream=True, max_tokens=20)
    statistics = {"numQueuedRequests": 1, "kvCacheStats": {"maxNumBlocks": 100, "usedNumBlocks": 25}}
    model.execute([request])
    Engine.latest.statistics += [statistics, json.dumps(statistics)]
    request.parts()
    assert 0.25 in _metric("fraction")
    assert 1 in _metric("waiting")
    _until(lambda: _metric("fraction")[-1] == 0)


def test_what_runs_is_finished_before_the_engine_goes(model: Any) -> None:
    request = Request(text_input=b"a", stream=True, max_tokens=10)
    model.execute([request])
    model.finalize()
    assert len(request.parts()) == 10
    assert Engine.latest.stopped


def test_the_description_names_the_tensors_that_the_adapter_reads_and_writes() -> None:
    source = ADAPTER.read_text()
    unread = {"return_num_input_tokens", "return_num_output_tokens"}
    assert all(f'"{name}"' in source for name, *_ in TENSORS if name not in unread)
    assert all(f'"{name}"' in source for name, _ in ANSWERS)
