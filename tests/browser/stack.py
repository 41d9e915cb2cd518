"""The demo as three real processes, on a data folder of its own, for the browser tests."""

import json
import os
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path
from typing import Any

from clearing.sandbox.store import Store

ROOT = Path(__file__).resolve().parent.parent.parent


class Stack:
    """A running demo: `url` of the dashboard, and Light's side over HTTP; `faults` of Light's."""

    def __init__(
        self,
        data: Path,
        dataset: dict[str, Any] | None = None,
        *,
        faults: str = "none",
        **environment: str,
    ):
        self.data = data
        if dataset is not None:
            store = Store(str(data / "light.sqlite3"))
            store.load(dataset)
            store.close()
        self.port, self.light_port = _free_ports()
        self.url = f"http://127.0.0.1:{self.port}"
        clean = {k: v for k, v in os.environ.items() if k != "DJANGO_SETTINGS_MODULE"}
        self.process = subprocess.Popen(
            [sys.executable, "manage.py", "demo", f"--port={self.port}", f"--data={data}",
             f"--faults={faults}", "--no-browser"],
            cwd=ROOT,
            env=clean | {"SYNC_INTERVAL": "2", "WORKER_IDLE": "0.2"} | environment,
            text=True, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip
        said = []
        for line in self.process.stdout or ():
            said.append(line)
            if line.startswith("Ready:"):
                return
        raise AssertionError("The demo did not start:\n" + "".join(said))

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(30)

    def light(self, path: str, body: dict[str, Any] | None = None) -> Any:
        """Call the sandbox itself, as Light's API or on its admin side."""
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.light_port}{path}",
            data=None if body is None else json.dumps(body).encode(),
            headers={"Authorization": "Basic sandbox-key", "Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=10) as answer:
            return json.load(answer)

    def act(self, action: str, **given: Any) -> Any:
        """Another user of Light does something."""
        return self.light("/admin/act", {"as": "Another user", "action": action} | given)

    def links(self, note: str) -> list[dict[str, Any]]:
        """The links of a credit note as Light's own API shows them."""
        return self.light(f"/v1/credit-notes/{note}/invoice-payables")


def _free_ports() -> tuple[int, int]:
    """Two free ports, the second 100 above the first, as the demo takes them."""
    while True:
        with socket.socket() as one, socket.socket() as other:
            one.bind(("127.0.0.1", 0))
            port = one.getsockname()[1]
            try:
                other.bind(("127.0.0.1", port + 100))
            except OSError:
                continue
            return port, port + 100
