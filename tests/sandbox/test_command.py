"""`manage.py sandbox` as a real process."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest
import requests

pytest.importorskip("clearing.sandbox.company", reason="the demo company is not there")

ROOT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.processes


def start(port: int, *arguments: str) -> subprocess.Popen[str]:
    environment = {**os.environ, "LIGHT_API_KEY": "s3cret"}
    return subprocess.Popen(
        [sys.executable, "manage.py", "sandbox", "--port", str(port), *arguments],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.mark.parametrize("end", [signal.SIGTERM, signal.SIGINT])
def test_it_serves_the_demo_company_and_ends_cleanly(end, tmp_path):
    port = free_port()
    process = start(port, "--rate", "9000", "--store", str(tmp_path / "books.sqlite3"))
    try:
        assert process.stdout
        assert f"http://127.0.0.1:{port}/" in process.stdout.readline()
        answer = requests.get(
            f"http://127.0.0.1:{port}/v1/credit-notes?cursor=0",
            headers={"Authorization": "Basic s3cret"},
            timeout=10,
        )
        assert answer.headers["X-RateLimit-Limit"] == "9000"
        assert len(answer.json()["records"]) == 50
        process.send_signal(end)
        _, errors = process.communicate(timeout=10)
    finally:
        process.kill()
    assert (process.returncode, errors) == (0, "")


def test_a_port_in_use_gives_a_sentence():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        process = start(port)
        _, errors = process.communicate(timeout=60)
    assert process.returncode == 1
    assert f"Port {port} is in use. Choose another with --port." in errors
    assert "Traceback" not in errors
