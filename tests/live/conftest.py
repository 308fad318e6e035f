"""The engine with providers of ours attached, for as long as a module's tests."""

import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import grpc
import pytest
from live_engine import PACKAGES, Engine, Provider
from pulumi.runtime.proto import provider_pb2_grpc


@pytest.fixture(scope="module")
def providers() -> dict[str, Provider]:
    return {package: Provider(version) for package, version in PACKAGES.items()}


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory, providers: dict[str, Provider]) -> Iterator[Engine]:
    if shutil.which("pulumi") is None:
        pytest.skip("pulumi is not on PATH: https://www.pulumi.com/docs/install/")
    servers: list[grpc.Server] = []
    addresses: list[str] = []
    for package, provider in providers.items():
        server = grpc.server(ThreadPoolExecutor(4), options=[("grpc.max_receive_message_length", 2**28)])
        provider_pb2_grpc.add_ResourceProviderServicer_to_server(provider, server)
        addresses.append(f"{package}:{server.add_insecure_port('127.0.0.1:0')}")
        server.start()
        servers.append(server)
    yield Engine(tmp_path_factory.mktemp("engine"), ",".join(addresses))
    for server in servers:
        server.stop(None)
