"""Every call of the client, with the answer that the sandbox gives to it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pytest

from clearing.deciding import Content, Note, Observation
from clearing.deciding.after import after_answer
from clearing.deciding.facts import Done
from clearing.light.client import LISTS, LightClient
from clearing.sandbox import records
from clearing.sandbox.server import Sandbox
from clearing.services.sending import calling
from tests.hostile.net import Net, from_sandbox
from tests.light.no_pace import NoPace

KEY = "sk-Very-Secret-0123456789"
BASE = "https://api.light.example"
AMOUNT = 4000
PRIVATE = "Ms Private Words of DE00 1234"  # in every document; in no log
KINDS = ("link", "amend", "unlink", "archive", "post", "reverse")


@dataclass(frozen=True)
class Books:
    """The ids of a small company's documents."""

    note: str
    draft: str
    other: str  # a posted note that nothing is linked to
    invoice: str
    fresh: str  # an invoice that nothing is linked to
    posted: str  # an invoice that a note has cleared
    line: str

    @classmethod
    def dataset(cls) -> tuple["Books", dict[str, Any]]:
        company, entity = records.company(), records.entity()
        vendor = records.vendor(companyId=company["id"], name=PRIVATE)
        ours = {"companyId": company["id"], "companyEntityId": entity["id"], "currency": "EUR",
                "description": PRIVATE}  # fmt: skip
        by = {**ours, "businessPartnerId": vendor["vendorId"], "amount": 10000}
        of = {**ours, "vendorId": vendor["vendorId"], "amount": 9000}
        line = records.credit_note_line()
        notes = [records.credit_note(**by, status="POSTED"),
                 records.credit_note(**by, status="DRAFT", lines=[line]),
                 records.credit_note(**by, status="POSTED")]  # fmt: skip
        invoices = [records.invoice_payable(**of, state="IN_DRAFT") for _ in range(2)]
        invoices.append(records.invoice_payable(**of, state="UNPAID"))
        made = records.dataset(
            company=company, entities=[entity], vendors=[vendor],
            ledger_accounts=[records.ledger_account()], credit_notes=notes,
            invoice_payables=invoices,
            links=[records.link(creditNoteId=notes[0]["id"], invoicePayableId=invoices[0]["id"],
                                amount=500)],
            clearings=[records.clearing(creditNoteId=notes[0]["id"], amount=700,
                                        invoicePayableId=invoices[2]["id"])],
        )  # fmt: skip
        one, draft, other = (note["id"] for note in notes)
        ids = [invoice["id"] for invoice in invoices]
        return cls(one, draft, other, *ids, line["id"]), made


@dataclass(frozen=True)
class Golden:
    """One call, and Light's whole answer to it."""

    name: str
    call: Callable[[LightClient], Any]
    raw: bytes
    content: Content | None = None  # of a write that an instruction makes

    @property
    def head(self) -> bytes:
        return self.raw.partition(b"\r\n\r\n")[0]

    @property
    def body(self) -> bytes:
        return self.raw.partition(b"\r\n\r\n")[2]

    @property
    def writes(self) -> bool:
        return self.name.startswith("write ")


def client(**over: Any) -> LightClient:
    values = {"key": KEY, "pace": NoPace(), "guard": lambda: None, "max_retries": 0}
    return LightClient(BASE, **{**values, **over})  # type: ignore[arg-type]


def goldens(monkeypatch: pytest.MonkeyPatch) -> list[Golden]:
    """Each call against a sandbox of its own, so that every write works."""
    books, _ = Books.dataset()
    found = []
    for name, call, kind in calls():
        books, dataset = Books.dataset()
        sandbox = Sandbox(dataset, key=KEY)
        seen: list[bytes] = []
        answer = from_sandbox(sandbox)
        with monkeypatch.context() as patch:
            Net(lambda sent: seen.append(answer(sent)) or seen[-1]).install(patch)  # noqa: B023
            result = call(books, client())
            if "document" in name and not name.startswith("list"):
                b"".join(result)
        sandbox.books.close()
        content = content_of(kind, books) if kind else None
        found.append(Golden(name, lambda c, do=call, b=books: do(b, c), seen[-1], content))
    return found


def calls() -> list[tuple[str, Callable[[Books, LightClient], Any], str]]:
    """(name, call, kind of the instruction that makes it)."""
    reads: list[Any] = [(f"list {name}", lambda b, c, n=name: c.page(n), "") for name in LISTS]
    reads += [
        ("read company", lambda b, c: c.company(), ""),
        ("read credit note", lambda b, c: c.credit_note(b.draft), ""),
        ("read invoice", lambda b, c: c.invoice_payable(b.posted), ""),
        ("read links of credit note", lambda b, c: c.links_of_credit_note(b.note), ""),
        ("read links of invoice", lambda b, c: c.links_of_invoice(b.invoice), ""),
        ("read payments", lambda b, c: c.payments(b.posted), ""),
    ]
    edits: list[Any] = [
        ("write update", lambda b, c: c.update_credit_note(b.draft, {"description": "x"}), ""),
        ("write add line", lambda b, c: c.add_line(b.draft, {"description": "x"}), ""),
        ("write change line",
         lambda b, c: c.change_line(b.draft, b.line, {"description": "x"}), ""),
        ("write delete line", lambda b, c: c.delete_line(b.draft, b.line), ""),
        ("write create", lambda b, c: c.create_credit_note_from_invoice(b.fresh), ""),
    ]  # fmt: skip
    money: list[Any] = [
        (f"write {kind}", lambda b, c, k=kind: calling._write(c, content_of(k, b), None), kind)
        for kind in KINDS
    ]
    return reads + edits + money


def content_of(kind: str, books: Books) -> Content:
    """An approved line of this kind."""
    note = {"archive": books.other, "post": books.draft}.get(kind, books.note)
    invoice = {"link": books.fresh, "reverse": books.posted, "archive": None, "post": None}
    on = invoice.get(kind, books.invoice)
    amounts = {"link": AMOUNT, "amend": AMOUNT, "unlink": 500, "reverse": 700}
    return Content(
        kind=kind,
        credit_note_id=UUID(note),
        invoice_payable_id=UUID(on) if on else None,
        clearing_id=UUID(books.note) if kind == "reverse" else None,
        amount=amounts.get(kind),
        previous_amount=500 if kind == "amend" else None,
        currency="EUR",
        entity_id=None,
        vendor_id=None,
        credit_note_amount=10000,
        invoice_amount=9000,
        of_draft=False,
    )


def outcome(golden: Golden, light: LightClient) -> Any:
    """What the sending service would do with Light's answer."""
    assert golden.content is not None
    called = calling.call(light, golden.content, deadline=float("inf"))
    return after_answer(golden.content, _before(golden.content), called.answer)


def _before(content: Content) -> Observation:
    note = Note(content.credit_note_id, "CN", "POSTED", None, None, "EUR", 10000)
    return Observation(note)


def is_done(outcome: Any) -> bool:
    return isinstance(outcome, Done)
