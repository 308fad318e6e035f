"""Our adapter: a Triton model that answers Triton's OpenAI frontend with TensorRT-LLM's LLM API.

The stock LLM API model names its tensors otherwise than the frontend (`python/openai`, `engine/utils/triton.py`) and
publishes no metrics. This file runs inside the engine image, alone: it imports nothing of ours. `model.yaml` beside it
says what to load (`llm`, the arguments of `tensorrt_llm.LLM`) and the longest answer (`max_output_tokens`).

Triton fills `triton_python_backend_utils` after it has imported this file, so nothing of it is used at import.
"""

import asyncio
import importlib
import json
import threading
from collections.abc import Sequence
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import numpy as np  # pyright: ignore[reportMissingImports]
import triton_python_backend_utils as pb_utils  # pyright: ignore[reportMissingImports]
import yaml

CANCELLATION_SECONDS = 0.1
"""How often running requests are asked whether their client left (the stock model's own period)."""
STATISTICS_SECONDS = 1.0
"""How long to wait for the engine's next iteration statistics."""

SAMPLING = ("temperature", "top_p", "frequency_penalty", "presence_penalty", "seed")
"""Tensors that are sampling parameters of the LLM API by the same name."""


class Load:
    """The metric families of the C++ backend, which the LLM API model lacks: scalers know them by these names."""

    def __init__(self, model: str, version: str, slots: int) -> None:
        requests = pb_utils.MetricFamily(
            name="nv_trt_llm_request_metrics",
            description="Requests by their state in the engine",
            kind=pb_utils.MetricFamily.GAUGE,
        )
        blocks = pb_utils.MetricFamily(
            name="nv_trt_llm_kv_cache_block_metrics",
            description="Use of the KV cache",
            kind=pb_utils.MetricFamily.GAUGE,
        )
        self._families = (requests, blocks)  # a metric ends with its family
        labels = {"model": model, "version": version}
        self._waiting = requests.Metric(labels={**labels, "request_type": "waiting"})
        self._active = requests.Metric(labels={**labels, "request_type": "active"})
        self._cache = blocks.Metric(labels={**labels, "kv_cache_block_type": "fraction"})
        self._slots = slots
        self._queued = 0
        self._cache_use = 0.0

    def observe(self, statistics: dict[str, Any]) -> None:
        """Take in one iteration of the engine."""
        self._queued = statistics.get("numQueuedRequests", 0)
        cache = statistics.get("kvCacheStats") or {}
        if cache.get("maxNumBlocks"):
            self._cache_use = cache.get("usedNumBlocks", 0) / cache["maxNumBlocks"]

    def publish(self, running: int) -> None:
        """Publish the load of so many unanswered requests. An idle engine iterates no more: its last word is stale."""
        if not running:
            self._queued, self._cache_use = 0, 0.0
        waiting = min(running, max(self._queued, running - self._slots))
        self._waiting.set(waiting)
        self._active.set(running - waiting)
        self._cache.set(self._cache_use)


class TritonPythonModel:
    """One engine. Triton calls `execute` for each request and gets answers token by token, in any order of requests."""

    def initialize(self, args: dict[str, str]) -> None:
        """Load the model; Triton opens no port before this returns."""
        settings = yaml.safe_load(Path(pb_utils.get_model_dir(), "model.yaml").read_text())
        arguments = settings["llm"]
        self._most_tokens: int = settings["max_output_tokens"]
        self._context: int = arguments["max_seq_len"]
        self._load = Load(args["model_name"], args["model_version"], arguments["max_batch_size"])
        # Importing TensorRT-LLM starts CUDA, which no process survives that forks afterwards: not before this moment.
        self._tensorrt_llm: Any = importlib.import_module("tensorrt_llm")
        self._sampling: Any = importlib.import_module("tensorrt_llm.sampling_params")
        self._llm: Any = self._tensorrt_llm.LLM(**arguments)
        self._running: dict[asyncio.Task[None], Any] = {}
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="answers", daemon=True)
        self._thread.start()
        self._watches = self._start(self._watch()).result()
        self._load.publish(0)

    def execute(self, requests: Sequence[Any]) -> None:
        """Begin to answer; a decoupled model returns at once and sends when it has something to say."""
        for request in requests:
            self._start(self._answer(request, request.get_response_sender()))

    def finalize(self) -> None:
        """Finish what is running, then let the engine go."""
        self._start(self._drain()).result()
        self._llm.shutdown()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _start(self, work: Any) -> "Future[Any]":
        return asyncio.run_coroutine_threadsafe(work, self._loop)

    async def _answer(self, request: Any, sender: Any) -> None:
        task = asyncio.current_task()
        assert task is not None  # noqa: S101 - a coroutine always runs in a task
        self._running[task] = sender
        self._load.publish(len(self._running))
        try:
            await self._generate(request, sender)
        except asyncio.CancelledError:
            _fail(sender, "the client left", pb_utils.TritonError.CANCELLED)
        except ValueError as error:  # ours, or the LLM API's own refusal of an argument
            _fail(sender, str(error), pb_utils.TritonError.INVALID_ARG)
        except Exception as error:  # noqa: BLE001 - one request must not take the others with it
            pb_utils.Logger.log_error(f"request failed: {type(error).__name__}: {error}")
            _fail(sender, f"the engine failed: {type(error).__name__}: {error}", pb_utils.TritonError.INTERNAL)
        finally:
            del self._running[task]
            self._load.publish(len(self._running))

    async def _generate(self, request: Any, sender: Any) -> None:
        prompt = self._prompt(request)
        streaming = bool(_scalar(request, "stream", default=False))
        result = self._llm.generate_async(prompt, self._parameters(request, len(prompt)), streaming=streaming)
        text, tokens = 0, 0
        try:
            async for output in result:
                answer = output.outputs[0]
                last = output.finished
                if streaming or last:
                    # The frontend adds up the output tokens of all parts, so each part counts its own.
                    part = _part(answer.text[text:], len(prompt), len(answer.token_ids) - tokens)
                    sender.send(part, pb_utils.TRITONSERVER_RESPONSE_COMPLETE_FINAL if last else 0)
                    text, tokens = len(answer.text), len(answer.token_ids)
                if last:
                    return
        except asyncio.CancelledError:
            result.abort()
            raise
        raise RuntimeError("generation ended without a last token")

    def _prompt(self, request: Any) -> list[int]:
        """The prompt's tokens. A chat template writes the first special token itself; a second one spoils answers."""
        prompt = _text(_scalar(request, "text_input", default=b""))
        if not prompt:
            raise ValueError("the prompt is empty. Send at least one token.")
        tokenizer = self._llm.tokenizer
        first = getattr(getattr(tokenizer, "tokenizer", tokenizer), "bos_token", None)
        tokens = tokenizer.encode(prompt, add_special_tokens=not (first and prompt.startswith(first)))
        if len(tokens) >= self._context:
            raise ValueError(
                f"the prompt has {len(tokens)} tokens; prompt and answer together fit into {self._context}. Shorten it."
            )
        return tokens

    def _parameters(self, request: Any, prompt_tokens: int) -> Any:
        asked = int(_scalar(request, "max_tokens", default=self._most_tokens))
        if not 1 <= asked <= self._most_tokens:
            raise ValueError(f"max_tokens {asked}: this model answers with 1 to {self._most_tokens} tokens.")
        given = {name: _scalar(request, name) for name in SAMPLING}
        chosen: dict[str, Any] = {name: value for name, value in given.items() if value is not None}
        stop = pb_utils.get_input_tensor_by_name(request, "stop_words")
        if stop is not None:
            chosen["stop"] = [_text(word) for word in stop.as_numpy().flatten()]
        guide = _scalar(request, "guided_decoding_guide")
        if guide is not None:
            chosen["guided_decoding"] = self._guide(_text(_scalar(request, "guided_decoding_guide_type")), _text(guide))
        return self._tensorrt_llm.SamplingParams(max_tokens=min(asked, self._context - prompt_tokens), **chosen)

    def _guide(self, kind: str, guide: str) -> Any:
        if kind != "json_schema":
            raise ValueError(f'guided_decoding_guide_type "{kind}": only json_schema is supported.')
        return self._sampling.GuidedDecodingParams(json=guide)

    async def _watch(self) -> list[asyncio.Task[None]]:
        return [asyncio.create_task(self._watch_clients()), asyncio.create_task(self._watch_engine())]

    async def _watch_clients(self) -> None:
        while True:
            await asyncio.sleep(CANCELLATION_SECONDS)
            for task, sender in list(self._running.items()):
                if sender.is_cancelled():
                    task.cancel()

    async def _watch_engine(self) -> None:
        while True:
            try:
                async for entry in self._llm.get_stats_async(timeout=STATISTICS_SECONDS):
                    self._load.observe(json.loads(entry) if isinstance(entry, str) else entry)
                    self._load.publish(len(self._running))
            except Exception as error:  # noqa: BLE001 - numbers may fail, answers must not
                pb_utils.Logger.log_warn(f"no iteration statistics: {type(error).__name__}: {error}")
            await asyncio.sleep(STATISTICS_SECONDS)

    async def _drain(self) -> None:
        while self._running:
            await asyncio.wait(list(self._running))
        for watch in self._watches:
            watch.cancel()
        await asyncio.wait(self._watches)


def _scalar(request: Any, name: str, default: Any = None) -> Any:
    """The one value of a tensor, or `default` where the request lacks it."""
    tensor = pb_utils.get_input_tensor_by_name(request, name)
    if tensor is None:
        return default
    values = tensor.as_numpy()
    if values.size != 1:
        raise ValueError(f"{name} has {values.size} values; one prompt, and one value of each parameter, is a request.")
    return values.item()


def _text(value: Any) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)


def _part(text: str, prompt_tokens: int, tokens: int) -> Any:
    return pb_utils.InferenceResponse(
        output_tensors=[
            pb_utils.Tensor("text_output", np.array([text.encode()], dtype=np.object_)),
            pb_utils.Tensor("num_input_tokens", np.array([prompt_tokens], dtype=np.uint32)),
            pb_utils.Tensor("num_output_tokens", np.array([tokens], dtype=np.uint32)),
        ]
    )


def _fail(sender: Any, why: str, code: int) -> None:
    refusal = pb_utils.InferenceResponse(error=pb_utils.TritonError(why, code))
    sender.send(refusal, pb_utils.TRITONSERVER_RESPONSE_COMPLETE_FINAL)
