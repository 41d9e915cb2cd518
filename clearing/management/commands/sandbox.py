"""`manage.py sandbox`: an imitation of Light on 127.0.0.1, with the demo company in it."""

from __future__ import annotations

import os
import signal
import threading
from argparse import ArgumentParser
from datetime import UTC, datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from clearing.sandbox.company import generate
from clearing.sandbox.faults import PROFILES
from clearing.sandbox.server import Sandbox
from clearing.sandbox.switches import Switches


class Command(BaseCommand):
    help = "Run an imitation of Light's API with a demo company. The key is LIGHT_API_KEY."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--port", type=int, default=8100)
        parser.add_argument(
            "--store", default=":memory:", help="a SQLite file that keeps the books"
        )
        parser.add_argument("--seed", type=int, default=1, help="another seed, another company")
        parser.add_argument("--rate", type=int, default=300, help="requests per minute")
        parser.add_argument("--faults", choices=sorted(PROFILES), default="none")

    def handle(self, *args: Any, **options: Any) -> None:
        ended = threading.Event()
        for name in (signal.SIGTERM, signal.SIGINT):
            signal.signal(name, lambda *_: ended.set())
        sandbox = Sandbox(
            lambda: generate(options["seed"], datetime.now(UTC).date()),
            store=options["store"],
            key=os.environ.get("LIGHT_API_KEY") or "sandbox-key",
            rate=options["rate"],
            faults=options["faults"],
            seed=options["seed"],
            port=options["port"],
            switches=Switches(auto_allocation=True),
        )
        try:
            sandbox.start()
        except OSError as error:
            sandbox.stop()
            port = options["port"]
            raise CommandError(f"Port {port} is in use. Choose another with --port.") from error
        self.stdout.write(f"Sandbox of Light on {sandbox.url}/")
        self.stdout.flush()
        ended.wait()
        sandbox.stop()
