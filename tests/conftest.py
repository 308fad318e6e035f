"""Fixtures of every level: golden files, no network, no credentials."""

import difflib
import os
import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from fleet.render import Rendered, render
from stacks.settings import environments, load

GOLDEN = Path(__file__).parent / "golden"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update-golden", action="store_true", help="rewrite golden files with what the code makes now")


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Callable[[str, str], None]:
    """Compare a text with the committed file of that name under tests/golden."""

    def compare(name: str, text: str) -> None:
        path = GOLDEN / name
        if request.config.getoption("--update-golden"):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        known = path.read_text() if path.exists() else ""
        changes = "\n".join(
            difflib.unified_diff(known.splitlines(), text.splitlines(), "committed", "made", lineterm="")
        )
        assert text == known, f"{name} differs; `pytest --update-golden` accepts it:\n{changes}"

    return compare


@pytest.fixture(scope="session")
def committed() -> dict[str, Rendered]:
    """Every committed environment, rendered once."""
    return {name: render(load(name), workers=1) for name in environments()}


@pytest.fixture(autouse=True)
def _no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Refuse every connection that leaves this machine, and every credential."""
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: object) -> None:
        host = address[0] if isinstance(address, tuple) and address else address
        if self.family != socket.AF_UNIX and str(host) not in ("127.0.0.1", "::1", "localhost"):
            raise AssertionError(f"a test opened a connection to {address}")
        connect(self, address)  # pyright: ignore[reportArgumentType]

    monkeypatch.setattr(socket.socket, "connect", guarded)
    for key in [key for key in os.environ if key.startswith("AWS_")]:
        monkeypatch.delenv(key)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
