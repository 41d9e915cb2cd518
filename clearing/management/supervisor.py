"""Keeps the demo's processes together: they start, are watched and end as one."""

import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from types import TracebackType

from django.core.management import CommandError

PATIENCE = 180  # seconds until the first page must be there
GRACE = 8  # seconds for a child to end by itself


class Supervisor:
    """Children of this process, each `manage.py <command>` with its log file.

    Each child's standard input is a pipe from here and it ends when that closes
    (END_WITH_PARENT in manage.py), so that even a killed demo leaves nobody behind.
    """

    def __init__(self, logs: Path) -> None:
        self.logs = logs
        self.children: dict[str, subprocess.Popen[bytes]] = {}

    def __enter__(self) -> "Supervisor":
        self.logs.mkdir(parents=True, exist_ok=True)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.end()

    def start(self, name: str, *arguments: str) -> None:
        """Start `manage.py <arguments>`; what it prints goes to its log."""
        with (self.logs / f"{name}.log").open("wb") as log:
            self.children[name] = subprocess.Popen(  # noqa: S603  (our own command line)
                [sys.executable, sys.argv[0], *arguments],
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=subprocess.STDOUT,
                env=os.environ | {"END_WITH_PARENT": "1", "PYTHONUNBUFFERED": "1"},
                start_new_session=True,
            )

    def check(self) -> None:
        """Raise CommandError with the end of its log if a child has ended."""
        for name, child in self.children.items():
            if child.poll() is not None:
                log = (self.logs / f"{name}.log").read_text(errors="replace")
                tail = "\n".join(log.strip().splitlines()[-5:])
                raise CommandError(f"The {name} has ended. Its last words:\n{tail}")

    def watch(self) -> None:
        """Return never; raise as soon as a child ends."""
        while True:
            self.check()
            time.sleep(0.5)

    def end(self) -> None:
        """End every child, the last one started first; kill who does not follow."""
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        for child in reversed(self.children.values()):
            child.terminate()
        deadline = time.monotonic() + GRACE
        for child in self.children.values():
            try:
                child.wait(max(deadline - time.monotonic(), 0.1))
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()


def wait_until_ready(url: str, children: Supervisor) -> None:
    """Wait until `url` answers 200. Raises CommandError if a child ends or it takes too long."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        children.check()
        try:
            with urllib.request.urlopen(url, timeout=5) as answer:  # noqa: S310  (loopback)
                if answer.status == 200:
                    return
        except (urllib.error.URLError, OSError):
            pass
        time.sleep(0.2)
    raise CommandError(
        f"The dashboard was not ready after {PATIENCE} seconds. See {children.logs}."
    )
