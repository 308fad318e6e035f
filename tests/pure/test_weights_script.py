"""The script that waits for weights, brings them and verifies them, run against a folder that stands for the bucket."""

import hashlib
import os
import subprocess
from pathlib import Path

import pytest

from components.serving.weights import plan as weights

AWS = """#!/usr/bin/env bash
case "$1 $2" in
  "s3api head-object")
    [[ -f $STORE/manifest.sha256 ]] && exit 0
    echo "An error occurred (404) when calling the HeadObject operation: Not Found" >&2
    exit 254 ;;
  "s3 sync") cp -r "$STORE/." "${*: -1}" ;;
esac
"""


class Bucket:
    """A folder that stands for the bucket, and the script run against it."""

    def __init__(self, root: Path) -> None:
        self.store, self.disk, programs = root / "store", root / "disk", root / "bin"
        for folder in (self.store, programs):
            folder.mkdir()
        (programs / "aws").write_text(AWS)
        (programs / "aws").chmod(0o755)
        self.environment = {
            "PATH": f"{programs}:{os.environ['PATH']}",
            "STORE": str(self.store),
            "MODEL": "llama",
            "SOURCE": "hf://nvidia/llama",
            "REVISION": "9d9a2b8b",
            "MANIFEST": "manifest.sha256",
            "BUCKET": "weights",
            "PREFIX": "models/llama/9d9a2b8b",
            "DIRECTORY": str(self.disk),
            "PERIOD": "0.1",
        }

    def publish(self, **files: bytes) -> None:
        lines: list[str] = []
        for name, content in files.items():
            (self.store / f"{name}.safetensors").write_bytes(content)
            lines.append(f"{hashlib.sha256(content).hexdigest()}  ./{name}.safetensors\n")
        (self.store / "manifest.sha256").write_text("".join(lines))

    def start(self, step: str) -> "subprocess.Popen[str]":
        return subprocess.Popen(
            ["bash", str(weights.SCRIPT), step],
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def run(self, step: str) -> tuple[int, str]:
        process = self.start(step)
        said, _ = process.communicate(timeout=20)
        return process.returncode, said


@pytest.fixture
def bucket(tmp_path: Path) -> Bucket:
    return Bucket(tmp_path)


@pytest.mark.parametrize("step", ["await-bucket", "await-cache"])
def test_a_missing_manifest_is_named_and_waited_for(bucket: Bucket, step: str) -> None:
    bucket.environment["DIRECTORY"] = str(bucket.store)
    process = bucket.start(step)
    assert process.stdout is not None
    assert process.stdout.readline() == (
        "llama waits for its weights: s3://weights/models/llama/9d9a2b8b/manifest.sha256 is missing.\n"
    )
    assert "Publish revision 9d9a2b8b of hf://nvidia/llama" in process.stdout.readline()
    assert process.poll() is None, "it goes on waiting"
    bucket.publish(shard=b"weights")
    said, _ = process.communicate(timeout=20)
    assert process.returncode == 0
    assert said.endswith("llama: the manifest of revision 9d9a2b8b is there\n")


def test_a_bucket_that_refuses_is_not_taken_for_a_missing_manifest(bucket: Bucket) -> None:
    (bucket.disk.parent / "bin" / "aws").write_text("#!/usr/bin/env bash\necho 'AccessDenied (403)' >&2\nexit 254\n")
    process = bucket.start("await-bucket")
    assert process.stdout is not None
    assert process.stdout.readline() == "llama: the bucket could not be asked: AccessDenied (403)\n"
    process.kill()
    process.communicate()


def test_a_good_set_is_fetched_and_verified(bucket: Bucket) -> None:
    bucket.publish(first=b"one", second=b"two")
    code, said = bucket.run("fetch")
    assert (code, said) == (0, "llama: 2 files verified\n")
    assert (bucket.disk / "second.safetensors").read_bytes() == b"two"


def test_a_corrupted_shard_is_named_and_not_kept(bucket: Bucket) -> None:
    bucket.publish(first=b"one", second=b"two")
    (bucket.store / "second.safetensors").write_bytes(b"tw0")
    code, said = bucket.run("fetch")
    assert code == 1
    assert "./second.safetensors: FAILED" in said
    assert "first" not in said
    assert not bucket.disk.exists(), "a second attempt must not find the bad file"


def test_a_missing_shard_is_named_and_a_cache_is_left_as_it_is(bucket: Bucket) -> None:
    bucket.publish(first=b"one", second=b"two")
    (bucket.store / "second.safetensors").unlink()
    bucket.environment["DIRECTORY"] = str(bucket.store)
    code, said = bucket.run("verify")
    assert code == 1
    assert "./second.safetensors: FAILED open or read" in said
    assert (bucket.store / "first.safetensors").exists()


def test_an_empty_manifest_verifies_nothing(bucket: Bucket) -> None:
    bucket.publish()
    assert bucket.run("fetch")[0] == 1


def test_a_step_that_is_none_is_refused(bucket: Bucket) -> None:
    code, said = bucket.run("download")
    assert code == 2
    assert "none of await-bucket" in said
