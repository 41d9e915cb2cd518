"""The calls of Light's API around credit notes and what they clear, one method each.

Reads may be repeated by the transport. Writes are sent once; what their answer means is in
errors.py. A returned Link says what Light answered: whether it is the pair and the amount that
were asked for is for the caller to compare, who knows all ids of a document.
"""

import time
from collections.abc import Callable, Iterable
from copy import copy
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from clearing.light.address import Address
from clearing.light.answers import R, page_of, record_of, records_of
from clearing.light.authorization import Authorization
from clearing.light.document import Document
from clearing.light.errors import LightUncertain, LightUnreadable
from clearing.light.pace import Pace
from clearing.light.records import (
    INT64_MAX,
    AccountingDocument,
    Clearing,
    Company,
    CreditNote,
    CreditNoteLine,
    Entity,
    InvoicePayable,
    LedgerAccount,
    Link,
    Page,
    Record,
    Vendor,
)
from clearing.light.transport import Limits, Transport

MOST_PER_PAGE = 200  # Light's limit
LISTS: dict[str, tuple[str, type[Record]]] = {
    "entities": ("/v1/entities", Entity),
    "vendors": ("/v1/vendors", Vendor),
    "credit_notes": ("/v1/credit-notes", CreditNote),
    "invoice_payables": ("/v1/bff/invoice-payables", InvoicePayable),
    "accounting_documents": ("/v1/accounting-documents/accounting-documents", AccountingDocument),
    "ledger_accounts": ("/v1/ledger-accounts", LedgerAccount),
}
Ref = UUID | str


class LightClient:
    """Light, as one company sees it with one key."""

    def __init__(
        self,
        url: str,
        *,
        key: str = "",
        token: str = "",
        pace: Pace,
        guard: Callable[[], None],
        allowed_hosts: Iterable[str] = (),
        connect_timeout: float = 5,
        read_timeout: float = 30,
        total_timeout: float = 60,
        body_limit: int = 20 * 1024 * 1024,
        document_limit: int = 30 * 1024 * 1024,
        max_retries: int = 3,
        max_wait: float = 5,
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Timeouts and waits in seconds, limits in bytes; `guard` is called before a call."""
        limits = Limits(
            connect_timeout=connect_timeout, read_timeout=read_timeout,
            total_timeout=total_timeout, body_limit=body_limit, document_limit=document_limit,
            max_retries=max_retries, max_wait=max_wait,
        )  # fmt: skip
        self._transport = Transport(
            Address(url, allowed_hosts),
            Authorization(key, token),
            pace=pace,
            guard=guard,
            limits=limits,
            sleep=sleep,
            clock=clock,
        )

    def __repr__(self) -> str:
        return f"LightClient({self._transport.address.url})"

    def urgently(self) -> "LightClient":
        """The same client, for what sending waits for: its reads come before others'."""
        same = copy(self)
        same._transport = self._transport.urgently()
        return same

    def once(self) -> "LightClient":
        """The same client, for reads that are counted: one that fails is not repeated."""
        same = copy(self)
        same._transport = self._transport.once()
        return same

    def close(self) -> None:
        """Close kept connections."""
        self._transport.close()

    # --- reading ------------------------------------------------------------------------------

    def page(
        self,
        name: str,
        cursor: str = "0",
        updated_since: datetime | None = None,
        filter: str = "",
        limit: int = MOST_PER_PAGE,
    ) -> Page[Any]:
        """One page of a list in LISTS; `cursor` is "0" or a page's next_cursor.

        `filter` is Light's `field:op:value`, comma-separated. A record that does not fit is in
        the page's `unreadable`, the others are not lost over it.
        """
        path, model = LISTS[name]
        since = f"updatedAt:gte:{_light_time(updated_since)}" if updated_since else ""
        params = {"limit": str(limit), "cursor": cursor}
        if wanted := ",".join(part for part in (filter, since) if part):
            params["filter"] = wanted
        return page_of(model, self._transport.read(path, params), cursor)

    def company(self) -> Company:
        """GET /v1/companies/current."""
        return record_of(Company, self._transport.read("/v1/companies/current"))

    def credit_note(self, id: Ref) -> CreditNote:
        """GET /v1/credit-notes/{id}, with its lines."""
        return record_of(CreditNote, self._transport.read(_note(id)))

    def invoice_payable(self, id: Ref) -> InvoicePayable:
        """GET /v1/invoice-payables/{id}, always with outstandingBalance."""
        params = {"includeOutstandingBalance": "true"}
        return record_of(InvoicePayable, self._transport.read(_invoice(id), params))

    def links_of_credit_note(self, id: Ref) -> tuple[Link, ...]:
        """GET /v1/credit-notes/{id}/invoice-payables."""
        return records_of(Link, self._transport.read(f"{_note(id)}/invoice-payables"))

    def links_of_invoice(self, id: Ref) -> tuple[Link, ...]:
        """GET /v1/invoice-payables/{id}/credit-notes."""
        return records_of(Link, self._transport.read(f"{_invoice(id)}/credit-notes"))

    def payments(self, id: Ref) -> tuple[Clearing, ...]:
        """GET /v1/invoice-payables/{id}/payments: what has cleared it, without reversed ones."""
        return records_of(Clearing, self._transport.read(f"{_invoice(id)}/payments"))

    def document_of_credit_note(self, id: Ref) -> Document:
        """GET /v1/credit-notes/{id}/document; use `with`, iterate for the bytes."""
        return self._transport.open(f"{_note(id)}/document")

    def document_of_invoice(self, id: Ref) -> Document:
        """GET /v1/invoice-payables/{id}/document; use `with`, iterate for the bytes."""
        return self._transport.open(f"{_invoice(id)}/document")

    # --- writing: each sends once; `deadline` is a moment of the clock ----------------------

    def link(
        self,
        credit_note_id: Ref,
        invoice_payable_id: Ref,
        amount: int,
        *,
        deadline: float | None = None,
    ) -> Link:
        """POST the pair: link for clearing. `amount` in the currency's smallest unit."""
        path = _pair(credit_note_id, invoice_payable_id)
        return self._write(Link, "POST", path, _amount(amount), deadline)

    def change_link_amount(
        self,
        credit_note_id: Ref,
        invoice_payable_id: Ref,
        amount: int,
        *,
        deadline: float | None = None,
    ) -> Link:
        """PATCH the pair."""
        path = _pair(credit_note_id, invoice_payable_id)
        return self._write(Link, "PATCH", path, _amount(amount), deadline)

    def unlink(
        self, credit_note_id: Ref, invoice_payable_id: Ref, *, deadline: float | None = None
    ) -> None:
        """DELETE the pair."""
        path = _pair(credit_note_id, invoice_payable_id)
        self._transport.write("DELETE", path, deadline=deadline)

    def archive_credit_note(self, id: Ref, *, deadline: float | None = None) -> CreditNote:
        """POST …/archive; a posted note is reversed in the ledger."""
        return self._write(CreditNote, "POST", f"{_note(id)}/archive", None, deadline)

    def post_credit_note(self, id: Ref, *, deadline: float | None = None) -> CreditNote:
        """POST …/post: a draft goes to the ledger."""
        return self._write(CreditNote, "POST", f"{_note(id)}/post", None, deadline)

    def reverse_clearing(
        self,
        invoice_id: Ref,
        accounting_document_id: Ref,
        *,
        archive: bool = False,
        deadline: float | None = None,
    ) -> InvoicePayable:
        """POST …/reverse-clearing of a credit note's clearing (never of a bank payment)."""
        content = {
            "clearingAccountingDocumentId": _id(accounting_document_id),
            "clearingType": "CN",
            "shouldArchiveClearingDocument": archive,
        }
        path = f"{_invoice(invoice_id)}/reverse-clearing"
        return self._write(InvoicePayable, "POST", path, content, deadline)

    def update_credit_note(
        self, id: Ref, body: dict[str, Any], *, deadline: float | None = None
    ) -> CreditNote:
        """PATCH of a draft with bodies.note_body(): null clears, what is left out stays."""
        return self._write(CreditNote, "PATCH", _note(id), body, deadline)

    def add_line(
        self, id: Ref, body: dict[str, Any], *, deadline: float | None = None
    ) -> CreditNoteLine:
        """POST …/lines of a draft, with bodies.line_body()."""
        return self._write(CreditNoteLine, "POST", f"{_note(id)}/lines", body, deadline)

    def change_line(
        self, id: Ref, line_id: Ref, body: dict[str, Any], *, deadline: float | None = None
    ) -> CreditNoteLine:
        """PATCH …/lines/{lineId} of a draft: null clears, what is left out stays."""
        return self._write(CreditNoteLine, "PATCH", _line(id, line_id), body, deadline)

    def delete_line(self, id: Ref, line_id: Ref, *, deadline: float | None = None) -> None:
        """DELETE …/lines/{lineId} of a draft."""
        self._transport.write("DELETE", _line(id, line_id), deadline=deadline)

    def create_credit_note_from_invoice(
        self, invoice_id: Ref, *, deadline: float | None = None
    ) -> CreditNote:
        """POST …/create-from-invoice-payable/{id}: a draft over the invoice."""
        path = f"/v1/credit-notes/create-from-invoice-payable/{_id(invoice_id)}"
        return self._write(CreditNote, "POST", path, None, deadline)

    def _write(
        self, model: type[R], method: str, path: str, content: Any, deadline: float | None
    ) -> R:
        raw = self._transport.write(method, path, content, deadline=deadline)
        try:
            return record_of(model, raw)
        except LightUnreadable as error:
            raise LightUncertain(error.words) from None


def credit_note_filter(adjusting_payables: bool = True) -> str:
    """The filter of page("accounting_documents") that finds credit notes."""
    wanted = "documentType:eq:CN"
    return f"{wanted},cnToBeAdjustedAccDocType:eq:AP" if adjusting_payables else wanted


def _id(value: Ref) -> str:
    """An id as it goes into a path; anything but a UUID raises ValueError."""
    return str(UUID(str(value)))


def _note(id: Ref) -> str:
    return f"/v1/credit-notes/{_id(id)}"


def _line(note_id: Ref, line_id: Ref) -> str:
    return f"{_note(note_id)}/lines/{_id(line_id)}"


def _invoice(id: Ref) -> str:
    return f"/v1/invoice-payables/{_id(id)}"


def _pair(credit_note_id: Ref, invoice_payable_id: Ref) -> str:
    return f"{_note(credit_note_id)}/invoice-payables/{_id(invoice_payable_id)}"


def _amount(amount: int) -> dict[str, int]:
    """The body of a link; amounts that Light could misread never leave."""
    if isinstance(amount, bool) or not isinstance(amount, int):
        raise ValueError("An amount is a whole number in the currency's smallest unit.")
    if not 0 < amount <= INT64_MAX:
        raise ValueError("The amount of a link is above 0 and fits into 64 bits.")
    return {"amount": amount}


def _light_time(moment: datetime) -> str:
    """An aware time as Light's filter takes it, rounded down to the second."""
    if moment.tzinfo is None:
        raise ValueError("updated_since needs a time zone.")
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
