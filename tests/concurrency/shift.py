"""A Light with many documents, many approved lines between them, and workers as processes."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.test import override_settings

from clearing import workflow
from clearing.models import CreditNote, Instruction, InvoicePayable
from clearing.sandbox.server import Sandbox
from clearing.services.proposing import new_line
from tests import factories
from tests.light_books import StoryBooks

ROOT = Path(__file__).resolve().parent.parent.parent
NOTE, INVOICE, LINK = 50_000, 40_000, 5_000  # cents: a note fills 10 links, an invoice 8
ENDS_WITHIN = 120  # seconds, however busy the machine is
FAST = {"LIGHT_REQUESTS_PER_MINUTE": 60_000, "LIGHT_REQUESTS_PER_DAY": 10_000_000}


class Shift:
    """So many approved lines; each document stands in several of them."""

    def __init__(self, lines: int) -> None:
        self.books, self.number = StoryBooks(), lines
        self._notes = [self.books.note(f"CN-{n}", NOTE, "EUR") for n in range(-(-lines // 10))]
        self._invoices = [
            self.books.invoice(f"IN-{n}", INVOICE, "EUR") for n in range(max(-(-lines // 8), 10))
        ]

    @contextmanager
    def light(self) -> Iterator[Sandbox]:
        dataset = self.books.dataset(credit_notes=self._notes, invoice_payables=self._invoices)
        with Sandbox(dataset) as sandbox:
            self._approve(sandbox)
            yield sandbox

    def _approve(self, sandbox: Sandbox) -> None:
        """Read Light once, then approve one line after the other for the pairs."""
        with override_settings(LIGHT_API_URL=sandbox.url, LIGHT_API_KEY=sandbox.key, **FAST):
            call_command("sync", verbosity=0)
        preparer, approver = factories.person("preparer"), factories.person("approver")
        now = workflow.now()
        notes = list(CreditNote.objects.filter(document_number__startswith="CN-").order_by("id"))
        invoices = list(
            InvoicePayable.objects.filter(invoice_number__startswith="IN-").order_by("id")
        )
        lines = []
        for n in range(self.number):
            note, invoice = notes[n // 10], invoices[n % len(invoices)]
            line = new_line(
                factories.proposal(preparer, note), "link", note, invoice,
                by=preparer, now=now, amount=LINK,
            )  # fmt: skip
            line.state, line.approved_by, line.approved_at = "ready", approver, now
            line.approved_content = line.content
            lines.append(line)
        workflow.begin(lines, now=now, by=preparer)


@contextmanager
def workers(number: int, sandbox: Sandbox, logs: Path) -> Iterator[list[Path]]:
    """So many processes of `manage.py worker`; the files that their logs go to."""
    files = [logs / f"worker-{n}.log" for n in range(number)]
    running = [_start(sandbox, file) for file in files]
    try:
        yield files
    finally:
        for worker in running:
            worker.terminate()
        for worker in running:
            worker.wait(ENDS_WITHIN)


def _start(sandbox: Sandbox, log: Path) -> subprocess.Popen[bytes]:
    environment: dict[str, Any] = {
        "DATABASE_URL": database_url(),
        "DJANGO_SETTINGS_MODULE": "tests.settings",
        "LIGHT_API_URL": sandbox.url,
        "LIGHT_API_KEY": sandbox.key,
        "WORKER_IDLE": "0.2",
        **{name: str(value) for name, value in FAST.items()},
    }
    with log.open("wb") as file:
        return subprocess.Popen(
            [sys.executable, "manage.py", "worker"], cwd=ROOT, env=os.environ | environment,
            stdout=file, stderr=file,
        )  # fmt: skip


def database_url() -> str:
    """The test database, as the environment names it."""
    database, name = settings.DATABASES["default"], connection.settings_dict["NAME"]
    if connection.vendor == "sqlite":
        return f"sqlite:///{name}"
    login = database["USER"] + (f":{database['PASSWORD']}" if database["PASSWORD"] else "")
    return f"postgres://{login}@{database['HOST'] or '127.0.0.1'}:{database['PORT'] or 5432}/{name}"


def wait_until_done(seconds: float) -> float:
    """Until no line is approved or on its way; how long it took."""
    began = time.monotonic()
    under_way = Instruction.objects.exclude(state="done")
    while under_way.exists() and time.monotonic() - began < seconds:
        time.sleep(0.2)
    return time.monotonic() - began
