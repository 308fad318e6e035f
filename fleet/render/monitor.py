"""The monitor: it stands where Pulumi's engine would, records every registration and answers with plausible outputs."""

import asyncio
import threading
from collections.abc import Mapping
from typing import Any

from pulumi.runtime import mocks, rpc
from pulumi.runtime.proto import resource_pb2
from pulumi.runtime.sync_await import _ensure_event_loop, _sync_await

from stacks.name import StackName

from .outputs import Answer, Place, answer
from .record import Resource

STACK_TYPE = "pulumi:pulumi:Stack"
REFERENCE_TYPE = "pulumi:pulumi:StackReference"


class Unlisted(mocks.Mocks):
    """Refuses lookups: a plan that asks AWS something means different things on different days."""

    def call(self, args: mocks.MockCallArgs) -> tuple[dict[str, Any], list[tuple[str, str]] | None]:
        """Refuse an invoke."""
        raise RuntimeError(f"{args.token}: the program asks the cloud while it plans. Say the value in the settings.")

    def new_resource(self, args: mocks.MockResourceArgs) -> tuple[str | None, dict[str, Any]]:
        """Never called: `RecordingMonitor` answers registrations."""
        raise AssertionError(f"{args.typ} reached the mocks; the monitor answers registrations itself")


class RecordingMonitor(mocks.MockMonitor):
    """Records the raw registration, which carries parents, dependencies and options that plain mocks never see."""

    def __init__(self, stack: StackName, account: str, references: Mapping[str, Mapping[str, Any]]) -> None:
        super().__init__(Unlisted())
        self.records: dict[str, Resource] = {}
        self._stack = stack
        self._account = account
        self._references = references
        self._lock = threading.Lock()
        self._loops: set[asyncio.AbstractEventLoop] = set()

    def RegisterResource(self, request: Any) -> Any:  # noqa: N802 - the engine's own name
        """Record a resource and answer it."""
        urn = self.make_urn(request.parent, request.type, request.name)
        if request.type == STACK_TYPE:
            return resource_pb2.RegisterResourceResponse(urn=urn)
        self._loop_of_this_thread()
        inputs = rpc.deserialize_properties(request.object)
        made = self._answer(request, urn, inputs) if request.custom else Answer("", inputs)
        self._keep(request, urn, inputs, made)
        outputs = _sync_await(rpc.serialize_properties(made.outputs, {}))
        return resource_pb2.RegisterResourceResponse(urn=urn, id=made.id, object=outputs)

    def ReadResource(self, request: Any) -> Any:  # noqa: N802 - the engine's own name
        """Answer a stack reference from the outputs of the stacks that ran before."""
        self._loop_of_this_thread()
        if request.type != REFERENCE_TYPE:
            raise RuntimeError(f"{request.type} {request.name}: the program reads the cloud while it plans")
        name = rpc.deserialize_properties(request.properties)["name"].rsplit("/", 1)[-1]
        state = {"name": name, "outputs": dict(self._references.get(name, {})), "secretOutputNames": []}
        outputs = _sync_await(rpc.serialize_properties(state, {}))
        return resource_pb2.ReadResourceResponse(
            urn=self.make_urn(request.parent, request.type, name), properties=outputs
        )

    def close(self) -> None:
        """Close the event loops that registrations opened in their threads."""
        for loop in self._loops:
            loop.close()

    def _loop_of_this_thread(self) -> None:
        loop = _ensure_event_loop()
        with self._lock:
            self._loops.add(loop)

    def _answer(self, request: Any, urn: str, inputs: Mapping[str, Any]) -> Answer:
        provider = self.records.get(request.provider.rsplit("::", 1)[0])
        region = provider.inputs.get("region", self._stack.region) if provider else self._stack.region
        return answer(request.type, request.name, urn, inputs, Place(region, self._account))

    def _keep(self, request: Any, urn: str, inputs: Mapping[str, Any], made: Answer) -> None:
        record = Resource(
            stack=str(self._stack),
            urn=urn,
            type=request.type,
            name=request.name,
            parent=request.parent,
            custom=request.custom,
            id=made.id,
            inputs=inputs,
            outputs=made.outputs,
            made_up=made.made_up,
            provider=request.provider,
            dependencies=tuple(sorted(request.dependencies)),
            protect=request.protect,
            ignore_changes=tuple(request.ignoreChanges),
            delete_before_replace=request.deleteBeforeReplace,
            timeouts={
                key: getattr(request.customTimeouts, key)
                for key in ("create", "update", "delete")
                if getattr(request.customTimeouts, key)
            },
        )
        with self._lock:
            if urn in self.records:
                raise RuntimeError(f"two resources are called {request.name} ({request.type}); names must differ")
            self.records[urn] = record
