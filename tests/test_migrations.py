"""A database of the version before, with data in it, is brought to this one."""

import uuid
from datetime import UTC, datetime
from importlib import import_module
from unittest.mock import patch

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.migrations.executor import MigrationExecutor

from clearing import append_only, chain, sealed
from clearing.matching import numbers
from clearing.models import AuditEvent, CreditNote, Instruction, InvoicePayable, SyncRun, Vendor
from clearing.services import mirroring, sealing

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)
NOW = datetime(2026, 11, 2, 12, 0, tzinfo=UTC)
SEEN = {"first_seen_at": NOW, "changed_at": NOW}
BEFORE = ("clearing", "0002_groups")


@pytest.fixture
def old():
    """The models of the version before, in a database of that version; afterwards the newest."""
    executor = MigrationExecutor(connection)
    newest = executor.loader.graph.leaf_nodes()
    executor.migrate([BEFORE])
    try:
        yield executor.loader.project_state([BEFORE]).apps
    finally:
        MigrationExecutor(connection).migrate(newest)


def test_the_trail_of_before_is_sealed_by_the_first_rounds_and_only_grows(old):
    for number in range(5):
        old.get_model("clearing", "AuditEvent").objects.create(
            at=NOW, by_name="Paula", verb="proposed", details={"n": number}
        )
    upgrade()
    assert append_only.unprotected(connection) == []
    with patch.object(sealing, "AT_ONCE", 2):
        assert [sealing.seal(NOW) for _ in range(4)] == [True, True, False, False]
    assert sealing.head().seq == 5 and not list(sealed.wrong(chain.Walk()))
    with pytest.raises(IntegrityError, match="only added"), transaction.atomic():
        AuditEvent.objects.update(verb="approved")


def upgrade():
    executor = MigrationExecutor(connection)
    executor.migrate(executor.loader.graph.leaf_nodes())


def fill(old):
    """A vendor, a credit note and lines of the kinds that there were, open and done."""
    names = ("Vendor", "CreditNote", "Proposal", "Instruction", "SyncRun")
    models = {name: old.get_model("clearing", name) for name in names}
    person = old.get_model("auth", "User").objects.create(username="paula")
    other = old.get_model("auth", "User").objects.create(username="anton")
    vendor = models["Vendor"].objects.create(id=uuid.uuid4(), name="Nordlicht", **SEEN)
    note = models["CreditNote"].objects.create(
        id=uuid.uuid4(), vendor_id=vendor.id, status="POSTED", amount=10000, currency="EUR",
        links_read_at=NOW, **SEEN,
    )  # fmt: skip
    invoice = uuid.uuid4()
    proposal = models["Proposal"].objects.create(
        vendor_id=vendor.id, entity_id=uuid.uuid4(), currency="EUR", created_by=person,
        created_at=NOW,
    )  # fmt: skip
    common = {
        "proposal": proposal, "credit_note_id": note.id, "currency": "EUR", "asked_by": person,
        "asked_at": NOW, "changed_at": NOW, "content": {"amount": 4000}, "content_hash": "x",
    }  # fmt: skip
    approved = {"approved_by": other, "approved_at": NOW}
    make = models["Instruction"].objects.create
    for state, kind, more in (
        ("proposed", "link", {"amount": 4000, "invoice_payable_id": invoice}),
        ("done", "unlink", {"amount": 900, "invoice_payable_id": uuid.uuid4(),
                            "exempt_rule": "one_person_removes"}),
        ("done", "reverse", {"amount": 700, "invoice_payable_id": uuid.uuid4(), **approved}),
        ("proposed", "archive", {}),
    ):  # fmt: skip
        make(**common | {"state": state, "kind": kind} | more)
    models["SyncRun"].objects.create(
        full=True, state="done", started_at=NOW, lists_done_at=NOW, finished_at=NOW
    )
    return note.id


def test_nothing_is_lost_and_the_next_sync_reads_everything(old):
    note = fill(old)
    upgrade()
    row = CreditNote.objects.get(id=note)
    assert (row.amount, row.links_read_at, row.lines_read_at) == (10000, NOW, None)
    assert row.are_lines_with_tax is None and Vendor.objects.get().vat_id == ""
    lines = Instruction.objects.order_by("id")
    assert [(one.kind, one.state, one.amount) for one in lines] == [
        ("link", "proposed", 4000), ("unlink", "done", 900), ("reverse", "done", 700),
        ("archive", "proposed", None),
    ]  # fmt: skip
    assert not any(one.archives or one.into_closed or one.after_id for one in lines)
    assert SyncRun.objects.count() == 1
    assert mirroring.start(full=False, now=NOW).full


def test_the_new_rules_of_the_tables_hold_for_the_old_rows(old):
    fill(old)
    upgrade()
    archive = Instruction.objects.get(kind="archive")
    post = Instruction.objects.get(pk=archive.pk)
    post.pk, post.kind = None, "post"
    with pytest.raises(IntegrityError), transaction.atomic():
        post.save()  # one open line over the note itself
    Instruction.objects.filter(pk=archive.pk).update(state="fallen")
    post.save()
    assert Instruction.objects.filter(kind="post", state="proposed").count() == 1


def test_stored_invoices_get_the_keys_of_their_numbers(old, monkeypatch):
    monkeypatch.setattr(import_module("clearing.migrations.0006_number_keys"), "AT_ONCE", 2)
    told = {uuid.uuid4(): number for number in ("INV-0481", "", "Rg. 7/26", "4711", "zwölf")}
    for id, number in told.items():
        old.get_model("clearing", "InvoicePayable").objects.create(
            id=id, invoice_number=number, **SEEN
        )
    upgrade()
    stored = dict(InvoicePayable.objects.values_list("id", "number_key"))
    assert stored == {id: numbers.key(number) for id, number in told.items()}
    assert sorted(stored.values()) == ["", "4711", "INV0481", "RG726", "ZWOLF"]
