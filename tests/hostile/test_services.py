"""Hostile answers through the services: a write ends as unknown, the copy takes nothing wrong."""

import random
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import transaction

from clearing import workflow
from clearing.light.errors import LightError
from clearing.models import (
    Clearing,
    CreditNote,
    Entity,
    Instruction,
    InvoicePayable,
    LedgerAccount,
    Link,
    SyncRun,
    Vendor,
)
from clearing.sandbox import records
from clearing.sandbox.server import Sandbox
from clearing.services import mirroring
from clearing.services.sending.approved import content_of
from tests.hostile.calls import AMOUNT, Golden
from tests.hostile.mutations import Case, cases
from tests.hostile.net import Net, Sent, from_sandbox
from tests.services.mirroring_world import Company, client, sync
from tests.services.sending_world import World, state_of

pytestmark = pytest.mark.django_db
MIRROR = (CreditNote, InvoicePayable, Link, Clearing, Vendor, Entity, LedgerAccount)
OURS = re.compile(
    r"_(read_at|wanted_at)$|^(changed_at|first_seen_at|fate_at|payments_reads_posted|absent_at)$"
)


@contextmanager
def undone() -> Iterator[None]:
    """What is written inside is rolled back; gateway.guard does not count this transaction."""
    around = transaction.atomic()
    around._from_testcase = True  # type: ignore[attr-defined]
    with around:
        yield
        transaction.set_rollback(True)


def some(golden: Golden, count: int) -> list[Case]:
    """A sample of every kind of mutation."""
    found = list(cases([golden]))
    return random.Random(golden.name).sample(found, min(count, len(found)))


# --- writes -----------------------------------------------------------------------------------


@pytest.fixture
def world(db, preparer, approver, monkeypatch):
    sandbox = Sandbox()
    net = Net(from_sandbox(sandbox)).install(monkeypatch)
    made = World(sandbox, preparer, approver)
    made.net = net
    yield made
    sandbox.books.close()


def test_a_write_whose_answer_is_not_clear_is_unknown(world):
    line, light = world.ready(amount=AMOUNT), from_sandbox(world.sandbox)
    heard: list[bytes] = []
    with undone():
        world.net.answer = lambda sent: heard.append(light(sent)) or heard[-1]
        world.send()
        assert state_of(line) == "done"
    world.sandbox.act("unlink", creditNote=str(line.credit_note_id),
                      invoicePayable=str(line.invoice_payable_id))  # fmt: skip
    golden = Golden("write link", lambda c: None, heard[-1], content_of(line))
    ended = {"unknown": 0, "done": 0}
    for case in some(golden, 60):
        answer = lambda sent, raw=case.raw: raw if sent.method == "POST" else light(sent)  # noqa: E731
        with undone():
            ended[_sent_once(world, line, answer)] += 1
            assert case.honest or state_of(line) == "unknown", case
            assert Link.objects.exists() == (line.state == "done"), case
    assert ended["unknown"] > 30 and ended["done"] > 2


def _sent_once(world: World, line: Instruction, answer: Any) -> str:
    world.net.answer = answer
    world.net.sent.clear()
    line.refresh_from_db()
    world.send()
    assert [sent.method for sent in world.net.sent].count("POST") == 1
    return state_of(line)


# --- reads ------------------------------------------------------------------------------------


@pytest.fixture
def books(db, monkeypatch):
    """A company that was read; `answers` overrides Light's answer to a path."""
    company = Company()
    note, invoice = company.note(), company.invoice()
    posted = company.invoice(state="UNPAID")
    company.link(note, invoice, 500)
    company.lists["clearings"].append(
        records.clearing(creditNoteId=note, invoicePayableId=posted, amount=700)
    )
    sandbox = Sandbox(records.dataset(**company.lists))
    light = from_sandbox(sandbox)
    heard, override = dict[str, bytes](), dict[str, bytes]()

    def answer(sent: Sent) -> bytes:
        path = sent.path.partition("?")[0]
        heard[path] = light(sent)
        return override.get(path, heard[path])

    Net(answer).install(monkeypatch)
    reader = client(sandbox, body_limit=1024 * 1024)
    sync(reader, full=True)
    mirroring.want(credit_notes=[note], invoices=[invoice, posted], now=workflow.now())
    mirroring.read_wanted(reader, now=workflow.now())
    yield {"light": reader, "heard": heard, "override": override, "note": note,
           "invoice": invoice, "posted": posted}  # fmt: skip
    sandbox.books.close()


def copy_of_light() -> dict[Any, dict[str, Any]]:
    """What the copy holds of Light's, without what is ours about it."""
    found = {}
    for model in MIRROR:
        names = [one.attname for one in model._meta.fields if not OURS.search(one.attname)]
        for row in model._default_manager.values(*names):
            key = (row["credit_note_id"], row["invoice_payable_id"]) if model is Link else row["id"]
            found[model.__name__, key] = {k: v for k, v in row.items() if k != "id"}
    return found


PAGES = {
    "entities": "/v1/entities", "vendors": "/v1/vendors", "credit_notes": "/v1/credit-notes",
    "invoice_payables": "/v1/bff/invoice-payables", "ledger_accounts": "/v1/ledger-accounts",
    "accounting_documents": "/v1/accounting-documents/accounting-documents",
}  # fmt: skip


@pytest.mark.parametrize("name", PAGES)
def test_a_page(books, name):
    _no_harm(books, PAGES[name], lambda: _page_of(name, books), lambda: books["light"].page(name))


DETAILS = {
    "links": ("/v1/credit-notes/{note}/invoice-payables", "links_of_credit_note", "note"),
    "outstanding": ("/v1/invoice-payables/{invoice}", "invoice_payable", "invoice"),
    "payments": ("/v1/invoice-payables/{posted}/payments", "payments", "posted"),
}


@pytest.mark.parametrize("name", DETAILS)
def test_a_detail(books, name):
    path, call, of = DETAILS[name]

    def read() -> None:
        invoices = [books["invoice"], books["posted"]]
        mirroring.want(credit_notes=[books["note"]], invoices=invoices, now=workflow.now())
        try:
            while mirroring.read_wanted(books["light"], now=workflow.now()):
                pass
        except LightError:
            return

    _no_harm(books, path.format(**books), read, lambda: getattr(books["light"], call)(books[of]))


def _no_harm(books: dict[str, Any], path: str, read: Any, call: Any) -> None:
    """An answer that cannot be read changes nothing; any other is mended by the next true one."""
    read()
    before = copy_of_light()
    golden = Golden(f"read {path}", lambda c: None, books["heard"][path])
    unreadable = 0
    for case in some(golden, 12):
        with undone():
            books["override"][path] = case.raw
            readable = _is_readable(call)
            read()
            if not readable:
                unreadable += 1
                assert _changes(before, copy_of_light()) == {}, case
            del books["override"][path]
            read()
            assert _changes(before, copy_of_light()) == {}, case
    assert unreadable > 2


def _changes(before: dict[Any, Any], after: dict[Any, Any]) -> dict[Any, Any]:
    """What became of the rows that there were: (row, column): (before, after)."""
    return {
        (row, name): (was, after[row][name])
        for row, columns in before.items()
        for name, was in columns.items()
        if after[row][name] != was
    }


def _is_readable(call: Any) -> bool:
    try:
        call()
    except LightError:
        return False
    return True


def test_a_time_of_change_in_the_far_future_freezes_nothing(books):
    path, before = PAGES["credit_notes"], copy_of_light()
    run = lambda: _page_of("credit_notes", books)  # noqa: E731
    for never in (b"9999-12-31T00:00:00Z", b"2099-01-01T00:00:00Z"):
        books["override"].clear()
        run()
        raw = books["heard"][path]
        books["override"][path] = re.sub(
            rb'"amount": \d+', b'"amount": 12345', re.sub(
                rb'"updatedAt": "[^"]{20}"', b'"updatedAt": "' + never + b'"', raw
            )
        )  # fmt: skip
        run()
        books["override"].clear()
        run()
        assert _changes(before, copy_of_light()) == {}


def _page_of(name: str, books: dict[str, Any]) -> None:
    SyncRun.objects.all().delete()
    run = SyncRun.objects.create(full=False, phase=name, started_at=workflow.now())
    mirroring.slice(run, books["light"], worker="test", now=workflow.now())
