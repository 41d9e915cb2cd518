"""Eight workers, hundreds of approved lines, and people at the pages: every link is made once."""

import threading
from collections import Counter

import pytest
from django.db import connections
from django.test import Client
from django.urls import reverse

from clearing import balances
from clearing.models import Attempt, AuditEvent, Balance, CreditNote, Instruction, InvoicePayable
from tests import factories
from tests.concurrency.shift import LINK, Shift, wait_until_done, workers

pytestmark = [
    pytest.mark.processes,
    pytest.mark.django_db(transaction=True, serialized_rollback=True),
]
WORKERS = 8
WRONG = ("database is locked", "deadlock", "Traceback", " ERROR ", "CRITICAL")


class Reader:
    """Somebody who looks at pages the while; the statuses of the answers."""

    def __init__(self, urls):
        self.answers, self._ending = Counter(), threading.Event()
        self._client = Client(raise_request_exception=False)
        self._client.force_login(factories.person("controller"))
        self._thread = threading.Thread(target=self._read, args=[urls])

    def _read(self, urls):
        while not self._ending.wait(0.2):
            for url in urls:
                self.answers[self._client.get(url).status_code] += 1
        connections.close_all()

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._ending.set()
        self._thread.join(30)


def test_every_link_is_made_once(database, request, tmp_path):
    """`--lines N` for more or fewer."""
    number = request.config.getoption("--lines")
    shift = Shift(number)
    with shift.light() as sandbox:
        line = Instruction.objects.first()
        urls = [reverse(name) for name in ("today", "proposals", "exceptions", "credit_notes")]
        urls.append(reverse("proposal", args=[line.proposal_id]))
        with workers(WORKERS, sandbox, tmp_path) as logs, Reader(urls) as reader:
            seconds = wait_until_done(1200)
        asked = [one for one in sandbox.requests if one.is_write]
        links = sandbox.books.link_rows()
    print(
        f"{number} lines, {WORKERS} workers: {seconds:.1f} s, {sum(reader.answers.values())} pages"
    )
    assert Counter(Instruction.objects.values_list("state", flat=True)) == {"done": number}
    assert len(asked) == len({one.path for one in asked}) == len(links) == number
    assert {row["amount"] for row in links} == {LINK}
    assert Attempt.objects.filter(sent_at__isnull=False).count() == number
    verbs = Counter(AuditEvent.objects.values_list("verb", flat=True))
    assert verbs["in Light"] == number and verbs["no clear answer, being checked"] == 0
    assert set(reader.answers) == {200}
    for log in logs:
        said = [row for row in log.read_text().splitlines() if any(w in row for w in WRONG)]
        assert not said, said[:5]
    assert_balances_are_true()


def assert_balances_are_true():
    every = [model.objects.values_list("id", flat=True) for model in (CreditNote, InvoicePayable)]
    stored = Balance.objects.in_bulk()
    for row in balances.compute(*every):
        one = stored[row.pk]
        assert (one.available, one.held, one.planned) == (row.available, row.held, row.planned)
