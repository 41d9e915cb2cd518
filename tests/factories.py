"""Rows for tests: people with roles, and a small copy of Light's books with its balances."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.db import connection
from django.utils import timezone

from clearing import append_only, balances, usable, workflow
from clearing.models import (
    Balance,
    Batch,
    Clearing,
    Company,
    CreditNote,
    CreditNoteLine,
    Decision,
    Difference,
    Edit,
    Entity,
    Evidence,
    EvidenceFile,
    HistoryReading,
    Instruction,
    InvoicePayable,
    LedgerAccount,
    Link,
    MonthEnd,
    Outlook,
    Paper,
    Plan,
    PlanGroup,
    PlanLine,
    Proposal,
    Suspicion,
    SyncRun,
    Vendor,
)
from clearing.queries import papers
from clearing.services import papering
from clearing.services.proposing import new_line

NOW = datetime(2026, 11, 2, 12, 0, tzinfo=UTC)
SEEN = {"first_seen_at": NOW, "changed_at": NOW}


def released() -> list[str]:
    """The SQL after which the append-only tables can be changed."""
    return [sql for one in append_only.PROTECTED for sql in append_only.undone(connection, one)]


def protected() -> list[str]:
    return [sql for one in append_only.PROTECTED for sql in append_only.statements(connection, one)]


@contextmanager
def tampering() -> Iterator[Any]:
    """Somebody with the keys of the database changes what can only be added; its cursor."""
    with connection.cursor() as cursor:
        for sql in released():
            cursor.execute(sql)
        yield cursor
        for sql in protected():
            cursor.execute(sql)


def person(role: str = "", username: str = "", **fields: Any) -> Any:
    """A user in the group of `role` ("" for none); the username defaults to the role."""
    user = get_user_model().objects.create_user(
        username=username or role or uuid.uuid4().hex[:8], password="x", **fields
    )
    if role:
        user.groups.add(Group.objects.get_or_create(name=role)[0])
    return user


def company(**over: Any) -> Company:
    return Company.objects.create(**{"id": uuid.uuid4(), "name": "Acme Holding"} | over)


def entity(**over: Any) -> Entity:
    fields = {"id": uuid.uuid4(), "name": "Acme GmbH", "code": "DE", "local_currency": "EUR",
              "status": "ACTIVE"}  # fmt: skip
    return Entity.objects.create(**fields | SEEN | over)


def vendor(**over: Any) -> Vendor:
    fields = {"id": uuid.uuid4(), "name": "Nordlicht Logistik", "number": "V-100",
              "status": "ACTIVE", "currency": "EUR"}  # fmt: skip
    return Vendor.objects.create(**fields | SEEN | over)


def account(**over: Any) -> LedgerAccount:
    fields = {"id": uuid.uuid4(), "code": "4930", "label": "Office supplies", "status": "ACTIVE"}
    return LedgerAccount.objects.create(**fields | SEEN | over)


def credit_note(vendor: Vendor | None, entity: Entity | None, **over: Any) -> CreditNote:
    """A posted credit note of EUR 100.00, its links read."""
    fields = {
        "id": uuid.uuid4(), "accounting_document_id": uuid.uuid4(),
        "vendor_id": vendor.id if vendor else None,
        "vendor_name": vendor.name if vendor else "",
        "entity_id": entity.id if entity else None,
        "status": "POSTED", "amount": 10000, "currency": "EUR",
        "document_number": f"CN-{uuid.uuid4().hex[:6]}", "adjusts_payables": True,
        "document_date": date(2026, 9, 14), "document_day": date(2026, 9, 14),
        "links_read_at": NOW,
    }  # fmt: skip
    note = CreditNote.objects.create(**fields | SEEN | over)
    if "id" in over or note.status == "PARTIALLY_CLEARED" or beyond(note.amount):
        balances.refresh(notes=[note.id])
    else:
        free = balances.free_to_use(note, [], payments_read=True)
        untouched(note, "credit_note", free, usable.credit_note_problem(note))
    return note


def note_line(note: CreditNote, **over: Any) -> CreditNoteLine:
    """A line of EUR 100.00 and 19 % VAT, on the credit side."""
    fields = {
        "id": uuid.uuid4(), "credit_note_id": note.id, "description": "Returned goods",
        "net": 10000, "net_side": "C", "tax": 1900, "tax_side": "C",
        "gross": 11900, "gross_side": "C",
    }  # fmt: skip
    return CreditNoteLine.objects.create(**fields | over)


def invoice(vendor: Vendor | None, entity: Entity | None, **over: Any) -> InvoicePayable:
    """An unpaid invoice of EUR 100.00, all of it open, due in three weeks."""
    fields = {
        "id": uuid.uuid4(), "internal_id": uuid.uuid4(), "type": "VENDOR_INVOICE",
        "vendor_id": vendor.id if vendor else None,
        "vendor_name": vendor.name if vendor else "",
        "entity_id": entity.id if entity else None,
        "state": "UNPAID", "amount": 10000, "currency": "EUR",
        "invoice_number": f"INV-{uuid.uuid4().hex[:6]}",
        "issued_date": date(2026, 10, 20),
        "due_date": date(2026, 11, 23), "due_day": date(2026, 11, 23),
        "outstanding_read_at": NOW, "payments_read_at": NOW,
    }  # fmt: skip
    fields |= over
    fields.setdefault("outstanding_balance", fields["amount"])
    one = InvoicePayable.objects.create(**fields | SEEN)
    if "id" in over or beyond(one.outstanding_balance):
        balances.refresh(invoices=[one.id])
    else:
        untouched(one, "invoice", balances.open_amount(one, []), usable.invoice_problem(one))
    return one


def beyond(amount: int | None) -> bool:
    """Whether a column of balances might not hold it."""
    return abs(amount or 0) > usable.LARGEST


def untouched(document: Any, kind: str, available: int | None, problem: usable.No | None) -> None:
    """Store the balance of a document that nothing refers to yet: nothing has to be looked up."""
    Balance.objects.create(
        document_id=document.id, kind=kind, entity_id=document.entity_id,
        vendor_id=document.vendor_id, currency=document.currency, available=available,
        available_key=-1 if available is None else max(available, -1),
        usable=problem is None and (available or 0) > 0, changed_at=timezone.now(),
    )  # fmt: skip


def link(note: CreditNote, invoice: InvoicePayable, amount: int = 4000, **over: Any) -> Link:
    """A planned link, as Light shows it."""
    fields = {
        "credit_note_id": note.id, "invoice_payable_id": invoice.id, "amount": amount,
        "currency": note.currency, "fate": Link.Fate.PLANNED, "fate_at": NOW,
    }  # fmt: skip
    one = Link.objects.create(**fields | SEEN | over)
    balances.refresh(notes=[note.id], invoices=[invoice.id])
    return one


def clearing(
    invoice: InvoicePayable, note: CreditNote | None, amount: int, **over: Any
) -> Clearing:
    """What a credit note (or, without one, a bank payment) has cleared."""
    fields = {
        "id": uuid.uuid4(), "invoice_payable_id": invoice.id, "type": "CN" if note else "BP",
        "accounting_document_id": note.accounting_document_id if note else uuid.uuid4(),
        "credit_note_id": note.id if note else None, "amount": amount,
        "currency": invoice.currency, "payment_date": date(2026, 10, 30),
    }  # fmt: skip
    one = Clearing.objects.create(**fields | SEEN | over)
    balances.refresh(notes=[note.id] if note else [], invoices=[invoice.id])
    return one


def difference(note: CreditNote, invoice: InvoicePayable | None, **over: Any) -> Difference:
    """A link of EUR 40.00 that Light shows no more, read twice."""
    fields = {
        "key": uuid.uuid4().hex, "kind": "lost", "why": "removed", "credit_note_id": note.id,
        "invoice_payable_id": invoice.id if invoice else None, "amount": 4000,
        "currency": note.currency, "at": NOW, "confirmed": True,
    }  # fmt: skip
    return Difference.objects.create(**fields | over)


def suspicion(kind: str, one: uuid.UUID, other: uuid.UUID) -> Suspicion:
    return Suspicion.objects.create(kind=kind, one_id=one, other_id=other, at=NOW)


def proposal(by: Any, note: CreditNote, **over: Any) -> Proposal:
    fields = {"vendor_id": note.vendor_id, "entity_id": note.entity_id,
              "currency": note.currency, "created_by": by, "created_at": NOW}  # fmt: skip
    return Proposal.objects.create(**fields | over)


def batch(by: Any, **over: Any) -> Batch:
    return Batch.objects.create(**{"created_by": by, "created_at": NOW} | over)


def line(
    by: Any,
    note: CreditNote,
    invoice: InvoicePayable | None,
    amount: int | None = 4000,
    *,
    kind: str = "link",
    approved_by: Any = None,
    exempt: str = "",
    in_proposal: Proposal | None = None,
    **over: Any,
) -> Instruction:
    """A line waiting for review; READY where `approved_by` or `exempt` is given.

    `over` sets further columns afterwards (state, done_at, …).
    """
    one = new_line(
        in_proposal or proposal(by, note), kind, note, invoice,
        by=by, now=NOW, exempt=exempt, amount=amount,
        **{k: over.pop(k) for k in ("previous_amount", "of_draft", "clearing_id") if k in over},
    )  # fmt: skip
    if approved_by:
        over = {
            "state": "ready", "approved_by": approved_by, "approved_at": NOW,
            "approved_content": one.content,
        } | over  # fmt: skip
    for name, value in over.items():
        setattr(one, name, value)
    workflow.begin([one], now=NOW, by=by)
    return one


def suggested(amount: int, strength: int = 3, **over: Any) -> dict[str, Any]:
    """What the engine said of a line, as a line keeps it: certain, the same amount."""
    return {"amount": amount, "rule": "exact", "strength": strength, "same": True} | over


def edit(by: Any, note: CreditNote | None, **over: Any) -> Edit:
    """An edit of a draft that is in Light."""
    fields = {
        "kind": "change_note", "state": "done", "credit_note_id": note.id if note else None,
        "asked_by": by, "asked_at": NOW, "sent_at": NOW, "changed_at": NOW,
    }  # fmt: skip
    return Edit.objects.create(**fields | over)


def decision(by: Any, note: CreditNote, **over: Any) -> Decision:
    """A decision that holds: a refund was requested."""
    fields = {
        "credit_note_id": note.id, "kind": "refund", "owner": by, "by": by, "at": NOW,
        "amount": note.amount or 0, "currency": note.currency,
    }  # fmt: skip
    return Decision.objects.create(**fields | over)


def outlook(note: CreditNote, cause: str = "no_invoice", **over: Any) -> Outlook:
    """What the engine says of a note, of which all is left."""
    fields = {
        "credit_note_id": note.id, "vendor_id": note.vendor_id, "entity_id": note.entity_id,
        "currency": note.currency, "left": note.amount or 0, "day": note.document_day,
        "cause": cause, "since": NOW,
    }  # fmt: skip
    return Outlook.objects.create(**fields | over)


def plan_line(by: Any, note: CreditNote, invoice: InvoicePayable, **over: Any) -> PlanLine:
    """The one line of a plan that is made: all of the note, "possible"."""
    scope = {"vendors": [], "entity": "", "currency": "", "mine": False, "strength": 1}
    plan = Plan.objects.create(
        scope=scope, state="ready", asked_by=by, asked_at=NOW, finished_at=NOW,
        groups_total=1, groups_done=1, lines_total=1,
    )  # fmt: skip
    group = PlanGroup.objects.create(
        plan=plan, position=1, vendor_id=note.vendor_id, entity_id=note.entity_id,
        currency=note.currency, lines=1, total=note.amount,
    )  # fmt: skip
    fields = {
        "group": group, "credit_note_id": note.id, "invoice_payable_id": invoice.id,
        "suggested": note.amount, "amount": note.amount, "strength": 1,
        "why": {"amount": note.amount, "rule": "oldest_due", "strength": 1},
    }  # fmt: skip
    return PlanLine.objects.create(**fields | over)


def evidence(by: Any, **over: Any) -> Evidence:
    """An evidence of October that is ready, with nothing but an index."""
    fields = {
        "entity_id": uuid.uuid4(), "first": date(2026, 10, 1), "last": date(2026, 10, 1),
        "movements_to": 0, "size": 0, "digest": "", "seed": "7", "state": "ready",
        "asked_by": by, "asked_by_name": "Paula", "asked_at": NOW, "finished_at": NOW,
        "links_total": 0, "documents_total": 0,
    }  # fmt: skip
    one = Evidence.objects.create(**fields | over)
    EvidenceFile.objects.create(
        evidence=one, kind="index", position=1, name="index.xlsx", content=b"index", size=5,
        digest="x", done_at=NOW,
    )  # fmt: skip
    return one


def synced(**over: Any) -> SyncRun:
    """A sync that has finished, so that pages have an age."""
    fields = {"full": True, "state": "done", "started_at": NOW - timedelta(minutes=4),
              "lists_done_at": NOW, "finished_at": NOW}  # fmt: skip
    return SyncRun.objects.create(**fields | over)


def paper(entity_id: uuid.UUID, month: date, *, now: datetime | None = None) -> Paper:
    """The paper of a month as the worker makes it; now: `workflow.now()` where it is not said."""
    at = now or workflow.now()
    papering.want(entity_id=entity_id, month=month, now=at - timedelta(days=1))
    MonthEnd.objects.filter(entity_id=entity_id, month=month).update(wanted_at=at)
    assert papering.make(at, read=papers.read_month, basis=papers.basis)
    found = papering.newest(entity_id, month)
    assert found is not None
    return found


def past_read(**over: Any) -> HistoryReading:
    """What was cleared before the connection was read, once."""
    fields = {"kind": "first", "day": NOW.date(), "since": date(2026, 8, 1), "planned_at": NOW,
              "started_at": NOW, "finished_at": NOW}  # fmt: skip
    return HistoryReading.objects.create(**fields | over)


class Books:
    """A company, an entity, a vendor, and people of each role: what most tests start from."""

    def __init__(self) -> None:
        self.company = company()
        self.entity = entity()
        self.vendor = vendor()

    def note(self, **over: Any) -> CreditNote:
        return credit_note(self.vendor, self.entity, **over)

    def invoice(self, **over: Any) -> InvoicePayable:
        return invoice(self.vendor, self.entity, **over)
