"""Two workers on PostgreSQL and 50 approved lines: every link is made once."""

import os
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.test import override_settings

from clearing.models import CreditNote, Instruction, InvoicePayable
from clearing.sandbox.server import Sandbox
from clearing.services import reviewing
from clearing.services.proposing import Wanted, propose
from tests import factories
from tests.light_books import StoryBooks

ROOT = Path(__file__).resolve().parent.parent.parent
pytestmark = [
    pytest.mark.processes,
    pytest.mark.skipif(
        connection.vendor != "postgresql", reason="two workers need PostgreSQL (DATABASE_URL)"
    ),
]
NOTES, INVOICES = 10, 5


def start_worker(sandbox):
    database = settings.DATABASES["default"]
    host = f"{database['HOST'] or '127.0.0.1'}:{database['PORT'] or 5432}"
    login = database["USER"] + (f":{database['PASSWORD']}" if database["PASSWORD"] else "")
    return subprocess.Popen(
        [sys.executable, "manage.py", "worker"],
        cwd=ROOT,
        env=os.environ
        | {
            "DATABASE_URL": f"postgres://{login}@{host}/{connection.settings_dict['NAME']}",
            "DJANGO_SETTINGS_MODULE": "tests.settings",
            "LIGHT_API_URL": sandbox.url,
            "LIGHT_API_KEY": sandbox.key,
            "LIGHT_REQUESTS_PER_MINUTE": "60000",
            "LIGHT_REQUESTS_PER_DAY": "10000000",
            "WORKER_IDLE": "0.05",
        },
    )


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_fifty_lines_two_workers():
    story = StoryBooks()
    notes = [story.note(f"CN-{n}", 50000 + n, "EUR") for n in range(NOTES)]
    invoices = [story.invoice(f"IN-{n}", 10000, "EUR") for n in range(NOTES * INVOICES)]
    preparer, approver = factories.person("preparer"), factories.person("approver")
    with Sandbox(story.dataset(credit_notes=notes, invoice_payables=invoices)) as sandbox:
        with override_settings(
            LIGHT_API_URL=sandbox.url, LIGHT_API_KEY=sandbox.key,
            LIGHT_REQUESTS_PER_MINUTE=60_000, LIGHT_REQUESTS_PER_DAY=10_000_000,
        ):  # fmt: skip
            call_command("sync", verbosity=0)
        by_number = {one.invoice_number: one for one in InvoicePayable.objects.all()}
        for n in range(NOTES):
            note = CreditNote.objects.get(document_number=f"CN-{n}")
            proposal = propose(
                vendor_id=note.vendor_id, entity_id=note.entity_id, currency="EUR", by=preparer,
                wanted=[Wanted(note.id, by_number[f"IN-{n * INVOICES + m}"].id, 7000)
                        for m in range(INVOICES)],
            )  # fmt: skip
            for line in proposal.lines.all():
                reviewing.approve(line, seen_hash=line.content_hash, by=approver)
        workers = [start_worker(sandbox), start_worker(sandbox)]
        try:
            deadline = time.monotonic() + 90
            while time.monotonic() < deadline:
                if not Instruction.objects.exclude(state="done").exists():
                    break
                time.sleep(0.2)
        finally:
            for worker in workers:
                worker.terminate()
            for worker in workers:
                worker.wait(20)
        assert Counter(Instruction.objects.values_list("state", flat=True)) == {"done": 50}
        posts = Counter(asked.path for asked in sandbox.requests if asked.method == "POST")
        assert len(posts) == 50
        assert set(posts.values()) == {1}
        assert len(sandbox.books.link_rows()) == 50
        names = {attempt.worker for line in Instruction.objects.all()
                 for attempt in line.attempts.all()}  # fmt: skip
        assert len(names) == 2
