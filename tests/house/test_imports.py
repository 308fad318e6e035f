"""Importing any module reaches for nothing: no socket, no credentials, no file outside the project."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]

PROGRAM = """
import importlib, pathlib, socket

def refuse(*_):
    raise SystemExit("a module opened a socket while it was imported")

socket.socket.connect = refuse
socket.create_connection = refuse
for room in ("stacks", "components", "fleet"):
    for path in sorted(pathlib.Path(room).rglob("*.py")):
        parts = path.with_suffix("").parts
        name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
        if parts[-1] not in ("__main__", "model"):
            importlib.import_module(name)
import policies.rules
"""


def test_importing_any_module_opens_no_socket_and_needs_no_credentials() -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        cwd=ROOT,
        env={"PATH": "/usr/bin:/bin", "AWS_EC2_METADATA_DISABLED": "true"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
