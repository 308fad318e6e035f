"""Providers of ours behind the real Pulumi engine: they answer as the renderer does, and keep what they were asked."""

import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

from google.protobuf import empty_pb2, struct_pb2
from google.protobuf.json_format import MessageToDict
from pulumi.runtime.proto import plugin_pb2, provider_pb2, provider_pb2_grpc

from fleet.render.outputs import Place, answer

ROOT = Path(__file__).parents[1]
PACKAGES = {"aws": "7.51.1", "kubernetes": "4.34.2"}
UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
"""How Pulumi's wire spells a text that is not known yet."""


class Provider(provider_pb2_grpc.ResourceProviderServicer):
    """One package's provider. `alive` holds what was created and not deleted, by URN."""

    def __init__(self, version: str) -> None:
        self.alive: dict[str, str] = {}
        self._version = version

    def Handshake(self, request: Any, context: Any) -> Any:
        return provider_pb2.ProviderHandshakeResponse()

    def GetPluginInfo(self, request: Any, context: Any) -> Any:
        return plugin_pb2.PluginInfo(version=self._version)

    def Attach(self, request: Any, context: Any) -> Any:
        return empty_pb2.Empty()

    def Cancel(self, request: Any, context: Any) -> Any:
        return empty_pb2.Empty()

    def CheckConfig(self, request: Any, context: Any) -> Any:
        return provider_pb2.CheckResponse(inputs=request.news)

    def DiffConfig(self, request: Any, context: Any) -> Any:
        return provider_pb2.DiffResponse(changes=provider_pb2.DiffResponse.DIFF_NONE)

    def Configure(self, request: Any, context: Any) -> Any:
        return provider_pb2.ConfigureResponse(supportsPreview=True)

    def Check(self, request: Any, context: Any) -> Any:
        return provider_pb2.CheckResponse(inputs=request.news)

    def Diff(self, request: Any, context: Any) -> Any:
        before, after = MessageToDict(request.old_inputs), MessageToDict(request.news)
        changed = sorted(key for key in {*before, *after} if before.get(key) != after.get(key))
        kinds = provider_pb2.DiffResponse
        return kinds(changes=kinds.DIFF_SOME if changed else kinds.DIFF_NONE, diffs=changed)

    def Create(self, request: Any, context: Any) -> Any:
        inputs = MessageToDict(request.properties)
        kind, name = request.urn.split("::")[2].split("$")[-1], request.urn.split("::")[-1]
        made = answer(kind, name, request.urn, inputs, Place("us-east-1", "210987654321"))
        state = struct_pb2.Struct()
        if request.preview:
            state.update(dict.fromkeys(made.outputs, UNKNOWN) | inputs)
            return provider_pb2.CreateResponse(properties=state)
        state.update(dict(made.outputs))
        self.alive[request.urn] = made.id
        return provider_pb2.CreateResponse(id=made.id, properties=state)

    def Update(self, request: Any, context: Any) -> Any:
        return provider_pb2.UpdateResponse(properties=request.news)

    def Read(self, request: Any, context: Any) -> Any:
        return provider_pb2.ReadResponse(id=request.id, properties=request.properties, inputs=request.inputs)

    def Delete(self, request: Any, context: Any) -> Any:
        del self.alive[request.urn]
        return empty_pb2.Empty()


class Engine:
    """The Pulumi CLI on a copy of the project, with a backend of files and our providers attached."""

    def __init__(self, folder: Path, addresses: str) -> None:
        self.project = folder / "project"
        state = folder / "state"
        state.mkdir()
        ignored = shutil.ignore_patterns(".venv", ".uv", ".git", "__pycache__", ".*_cache", ".hypothesis")
        shutil.copytree(ROOT, self.project, ignore=ignored)
        shutil.rmtree(self.project / "stacks" / "config")
        self._environment = os.environ | {
            "PULUMI_BACKEND_URL": f"file://{state}",
            "PULUMI_CONFIG_PASSPHRASE": "test",
            "PULUMI_DEBUG_PROVIDERS": addresses,
            "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
            "PULUMI_SKIP_UPDATE_CHECK": "true",
            "PATH": f"{ROOT / '.uv' / 'bin'}{os.pathsep}{os.environ['PATH']}",
        }

    def run(self, *arguments: str) -> str:
        """One call of the CLI; its output. Fails the test where it fails."""
        done = subprocess.run(
            ["pulumi", *arguments, "--non-interactive"],
            cwd=self.project,
            env=self._environment,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        assert done.returncode == 0, f"pulumi {' '.join(arguments)}\n{done.stdout[-4000:]}{done.stderr[-4000:]}"
        return done.stdout
