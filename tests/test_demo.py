"""The demo as a person starts and ends it: real processes, real signals."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

pytestmark = pytest.mark.processes
ROOT = Path(__file__).resolve().parent.parent


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def start_demo(data, port, *more):
    """Start `manage.py demo` with its own folder and port."""
    environment = {k: v for k, v in os.environ.items() if k != "DJANGO_SETTINGS_MODULE"}
    return subprocess.Popen(
        [sys.executable, "manage.py", "demo", f"--port={port}", f"--data={data}", "--no-browser",
         *more],
        cwd=ROOT, env=environment, text=True,
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip


def wait_ready(demo):
    """Read the demo's words until it says that it is ready; fail with them if it ends."""
    said = []
    for line in demo.stdout:
        said.append(line)
        if line.startswith("Ready:"):
            return
    pytest.fail("".join(said))


def children_of(pid):
    found = subprocess.run(
        ["ps", "-o", "pid=", "--ppid", str(pid)], capture_output=True, text=True, check=False
    )
    return [int(child) for child in found.stdout.split()]


def is_alive(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    return state != "Z"


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    return tmp_path_factory.mktemp("demo")


@pytest.fixture
def in_the_background():
    """As a shell's `&` starts it: with SIGINT ignored."""
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="needs /proc to see the children")
@pytest.mark.usefixtures("in_the_background")
@pytest.mark.parametrize("number", ["SIGINT", "SIGTERM", "SIGHUP", "SIGKILL"])
def test_the_demo_starts_and_ends_whole(data, number):
    port = free_port()
    demo = start_demo(data, port)
    try:
        wait_ready(demo)
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=5) as answer:
            assert answer.status == 200
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=5) as answer:
            assert b"Sandbox" in answer.read()
        children = children_of(demo.pid)
        assert len(children) == 3
        demo.send_signal(getattr(signal, number))
        demo.wait(60)
        deadline = time.monotonic() + 20
        while any(is_alive(child) for child in children) and time.monotonic() < deadline:
            time.sleep(0.1)
        assert not [child for child in children if is_alive(child)]
    finally:
        demo.kill()


def test_a_port_in_use_gives_a_sentence(data):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        demo = start_demo(data, port)
        said, _nothing = demo.communicate(timeout=60)
    assert demo.returncode == 1
    assert f"Port {port} is in use." in said
    assert "Traceback" not in said


@pytest.mark.parametrize(
    ("missing", "words"),
    [
        ("SECRET_KEY", "Set SECRET_KEY"),
        ("LIGHT_API_KEY", "Set LIGHT_API_KEY"),
        ("LIGHT_API_URL", "Set LIGHT_API_URL"),
    ],
)
@pytest.mark.parametrize("command", ["wsgi", "worker"])
def test_without_a_needed_setting_nothing_starts(missing, words, command, tmp_path):
    environment = {
        "PATH": os.environ["PATH"],
        "SECRET_KEY": "a-long-text-of-this-test-and-no-other-" + "x" * 30,
        "LIGHT_API_KEY": "a-key",
        "LIGHT_API_URL": "https://light.invalid",
        "DATABASE_URL": f"sqlite:///{tmp_path / 'db.sqlite3'}",
    }
    del environment[missing]
    arguments = {"wsgi": ["-c", "import lightui.wsgi"], "worker": ["manage.py", "worker"]}
    run = subprocess.run(
        [sys.executable, *arguments[command]],
        cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert run.returncode != 0
    assert words in run.stderr


def test_the_demos_key_is_refused_outside_the_demo(tmp_path):
    environment = {
        "PATH": os.environ["PATH"],
        "SECRET_KEY": "a-long-text-of-this-test-and-no-other-" + "x" * 30,
        "LIGHT_API_KEY": "sandbox-key",
        "LIGHT_API_URL": "https://light.invalid",
    }
    run = subprocess.run(
        [sys.executable, "-c", "import lightui.wsgi"],
        cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert run.returncode != 0
    assert "Set LIGHT_API_KEY" in run.stderr
    assert "sandbox-key" not in run.stderr
