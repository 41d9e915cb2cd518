"""A Light whose books change between any two requests, and the truth to hold the copy against."""

import random
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

from clearing import gateway
from clearing.light.client import LightClient
from clearing.models import Clearing, CreditNote, CreditNoteLine, InvoicePayable, Link, Vendor
from clearing.models.mirror import NO_DATE
from clearing.sandbox import balances
from clearing.sandbox.errors import Refused
from clearing.sandbox.server import Sandbox
from clearing.services.mirroring import lines, lists, wants
from tests.light.no_pace import NoPace
from tests.services.mirroring_world import Company

STATES = ("IN_DRAFT", "APPROVAL_PENDING", "UNPAID", "SCHEDULED", "CANCELLED", "DECLINED")
LIKELY = {
    "link": 8, "unlink": 3, "change_link": 3, "post": 2, "pay": 2, "reverse": 2, "edit": 2,
    "add_note": 1, "add_invoice": 1, "remove": 1, "resort": 3, "state": 1, "archive": 1,
    "post_note": 1,
}  # fmt: skip
LIST_ONLY = {"vendor_name", "document_name"}


class SmallPages(LightClient):
    """Pages of six, so that even a small company's lists take several."""

    def page(self, name: str, *args: Any, **more: Any) -> Any:
        return super().page(name, *args, **more | {"limit": 6})


class Mover:
    """Other users of Light: before each request, with some luck, one of them does something."""

    def __init__(self, sandbox: Sandbox, world: Company, seed: int) -> None:
        self.sandbox, self.world, self.random = sandbox, world, random.Random(seed)
        self.moving = False
        self.done: list[str] = []

    def client(self) -> LightClient:
        def guard() -> None:
            gateway.guard()
            if self.moving and self.random.random() < 0.8:
                self.move()

        return SmallPages(
            self.sandbox.url, key=self.sandbox.key, pace=NoPace(), guard=guard, max_retries=0
        )

    def move(self) -> None:
        """One act; what Light refuses is tried in another way."""
        for name in self.random.choices(list(LIKELY), LIKELY.values(), k=20):
            with suppress(Refused, KeyError, IndexError):
                getattr(self, f"_{name}")()
                self.done.append(name)
                return

    def _any(self, kind: str) -> Any:
        return self.random.choice(self.sandbox.books.all(kind))

    def _link(self) -> None:
        note = self._any("credit_note")
        invoices = [
            one["id"] for one in self.sandbox.books.all("invoice")
            if one["vendorId"] == note["businessPartnerId"]
        ]  # fmt: skip
        self.sandbox.act("link", creditNote=note["id"],
                         invoicePayable=self.random.choice(invoices),
                         amount=self.random.randint(1, 3000))  # fmt: skip

    def _pair(self) -> dict[str, Any]:
        row = self._any("link")
        return {"creditNote": row["creditNoteId"], "invoicePayable": row["invoicePayableId"]}

    def _unlink(self) -> None:
        self.sandbox.act("unlink", **self._pair())

    def _change_link(self) -> None:
        self.sandbox.act("change_link", **self._pair(), amount=self.random.randint(1, 3000))

    def _post(self) -> None:
        self.sandbox.act("post_invoice", invoicePayable=self._any("invoice")["id"])

    def _pay(self) -> None:
        self.sandbox.act("pay", invoicePayable=self._any("invoice")["id"], amount=500)

    def _reverse(self) -> None:
        row = self._any("clearing")
        self.sandbox.act("reverse_clearing", invoicePayable=row["invoicePayableId"],
                         accountingDocument=row["accountingDocumentId"],
                         type=row["type"])  # fmt: skip

    def _edit(self) -> None:
        amount = self.random.randint(4000, 9000)
        if self.random.random() < 0.5:
            self.sandbox.act("edit_credit_note", creditNote=self._any("credit_note")["id"],
                             amount=amount, description=f"Edit {amount}")  # fmt: skip
        else:
            self.sandbox.act("edit_invoice", invoicePayable=self._any("invoice")["id"],
                             amount=amount, dueDate="2026-12-24")  # fmt: skip

    def _add_note(self) -> None:
        self.sandbox.act("add", kind="credit_note", **self.of_vendor("businessPartnerId"),
                         amount=5000)  # fmt: skip

    def _add_invoice(self) -> None:
        self.sandbox.act("add", kind="invoice_payable", **self.of_vendor("vendorId"),
                         amount=8000, state=self.random.choice(STATES))  # fmt: skip

    def of_vendor(self, name: str) -> dict[str, str]:
        vendor = self.random.choice(self.world.lists["vendors"])
        return {name: vendor["vendorId"], "companyEntityId": self.world.entity["id"]}

    def _remove(self) -> None:
        kind = self.random.choice(["credit_note", "invoice"])
        self.sandbox.act("remove", id=self._any(kind)["id"])

    def _resort(self) -> None:
        """Another place in the list: Light sorts by what it likes."""
        at = datetime(2026, 10, self.random.randint(1, 28), tzinfo=UTC).isoformat()
        kind, name = self.random.choice(
            [("credit_note", "createdAt"), ("invoice", "invoiceCreatedAt")]
        )
        books = self.sandbox.books
        books.put(kind, {**self._any(kind), name: at.replace("+00:00", "Z")})

    def _state(self) -> None:
        self.sandbox.act("set_state", invoicePayable=self._any("invoice")["id"],
                         state=self.random.choice(STATES))  # fmt: skip

    def _archive(self) -> None:
        self.sandbox.act("archive", creditNote=self._any("credit_note")["id"])

    def _post_note(self) -> None:
        self.sandbox.act("post_credit_note", creditNote=self._any("credit_note")["id"])


# --- the truth ---------------------------------------------------------------------------------
def differences(sandbox: Sandbox, light: LightClient) -> list[str]:
    """Whatever the copy says that Light does not, as sentences."""
    found = _gone(sandbox)
    for raw in sandbox.books.all("credit_note"):
        note = CreditNote.objects.filter(id=raw["id"]).first()
        if note is None:
            found.append(f"credit note {raw['id']} is missing")
            continue
        record = light.credit_note(raw["id"])
        found += _columns(note, lists.note_values(record))
        found += _columns(note, {"document_number": raw["_documentNumber"]})
        if note.status in wants.WITH_LINES_READ:
            found += _lines(note, record)
        if note.status in wants.OPEN_STATUS:
            found += _links(sandbox, note)
    for raw in sandbox.books.all("invoice"):
        found += _invoice(sandbox, light, raw)
    for raw in sandbox.books.all("vendor"):
        found += _columns(Vendor.objects.get(id=raw["vendorId"]), {"name": raw["name"]})
    return found


def _gone(sandbox: Sandbox) -> list[str]:
    found = []
    for model, kind in ((CreditNote, "credit_note"), (InvoicePayable, "invoice")):
        alive = {raw["id"] for raw in sandbox.books.all(kind)}
        shown = {str(id) for id in model.objects.filter(gone_at=None).values_list("id", flat=True)}
        found += [f"{kind} {id} is gone, and alive in the copy" for id in shown - alive]
        found += [f"{kind} {id} is alive, and gone in the copy" for id in alive - shown]
    return found


def _columns(row: Any, values: dict[str, Any]) -> list[str]:
    return [
        f"{row._meta.model_name} {row.pk}: {name} is {value!r}, in the copy {getattr(row, name)!r}"
        for name, value in values.items()
        if getattr(row, name) != value
        and not (value == NO_DATE and str(getattr(row, name)) == NO_DATE)
    ]


def _lines(note: CreditNote, record: Any) -> list[str]:
    stored = {
        row.pop("id"): row
        for row in CreditNoteLine.objects.filter(credit_note_id=note.id).values(
            "id", *lines.COLUMNS
        )
    }
    for row in stored.values():
        row.pop("credit_note_id")
    shown = {one.id: lines.line_values(one, place) for place, one in enumerate(record.lines)}
    return [] if stored == shown else [f"the lines of credit note {note.id} differ"]


def _links(sandbox: Sandbox, note: CreditNote) -> list[str]:
    rows = balances.active_links(sandbox.books, "creditNoteId", str(note.id))
    truth = {row["invoicePayableId"]: row["amount"] for row in rows}
    held = Link.objects.filter(credit_note_id=note.id, fate="planned", gone_at=None)
    stored = {str(one.invoice_payable_id): one.amount for one in held}
    return [] if stored == truth else [f"links of {note.id} are {truth}, in the copy {stored}"]


def _invoice(sandbox: Sandbox, light: LightClient, raw: dict[str, Any]) -> list[str]:
    row = InvoicePayable.objects.filter(id=raw["id"]).first()
    if row is None:
        return [f"invoice {raw['id']} is missing"]
    values = lists.invoice_values(light.invoice_payable(raw["id"]))
    outstanding = values.pop("outstanding_balance", None)
    for name in ("internal_id", "local_fx_rate", "has_tax", *LIST_ONLY):
        values.pop(name, None)
    found = _columns(row, values)
    beside = wants.open_notes().filter(
        vendor_id=row.vendor_id, entity_id=row.entity_id, currency=row.currency
    )
    if row.state in wants.USABLE_STATE and beside.exists():
        found += _columns(row, {"outstanding_balance": outstanding})
    if row.payments_read_at or beside.filter(status="PARTIALLY_CLEARED").exists():
        found += _clearings(sandbox, row)
    return found


def _clearings(sandbox: Sandbox, row: InvoicePayable) -> list[str]:
    if row.state not in lists.usable.POSTED:
        return []
    rows = balances.clearings(sandbox.books, "invoicePayableId", str(row.id))
    truth = {(one["id"], one["type"], one["amount"], one["creditNoteId"]) for one in rows}
    stored = {
        (str(one.id), one.type, one.amount, str(one.credit_note_id) if one.credit_note_id else None)
        for one in Clearing.objects.filter(invoice_payable_id=row.id, gone_at=None)
    }
    return [] if stored == truth else [f"payments of {row.id} are {truth}, in the copy {stored}"]
