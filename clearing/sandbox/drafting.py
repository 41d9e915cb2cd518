"""Credit notes before the ledger: create, change, lines, post; and archive."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from clearing.sandbox import balances, records
from clearing.sandbox.errors import bad_request, conflict, not_found, unprocessable
from clearing.sandbox.ledger import need
from clearing.sandbox.records import Record
from clearing.sandbox.store import Store

# What becomes of the parts of a line that are not sent is not in Light's documents. Decided here:
# net + tax = gross holds; where one part is sent, tax stays, and where that is tax, the part that
# the tax mode says is typed stays. Three parts that do not add up are refused.
PARTS = ("netTransactionAmount", "taxTransactionAmount", "grossTransactionAmount")
NET, TAX, GROSS = PARTS
RENAMED = {
    "documentNumber": "_documentNumber",
    "localCurrencyFxRateOverride": "localCurrencyFxRate",
    "groupCurrencyFxRateOverride": "groupCurrencyFxRate",
}


def create(store: Store, given: Record, lines: list[Record]) -> Record:
    """A draft. A documentNumber that exists returns that note: Light's idempotency."""
    number = given.get("documentNumber")
    twin = _by_number(store, number) if number else None
    if twin:
        return twin
    note = _blank(store)
    note.update(_columns(store, given))
    note["_documentNumber"] = number or _next_number(store)
    note["postingDate"] = note["valuationDate"] = note["documentDate"]
    note["lines"] = [_line(store, note, line) for line in lines]
    return store.put("credit_note", note)


def create_from_invoice(store: Store, invoice_id: str) -> Record:
    """A draft over the whole invoice, one line for each of its lines."""
    invoice = need(store, "invoice", invoice_id)
    given = {
        "companyEntityId": invoice["companyEntityId"],
        "businessPartnerId": invoice["vendorId"],
        "currency": invoice["currency"],
        "amount": invoice["amount"],
        "documentDate": store.clock.today().isoformat(),
        "description": f"Credit for invoice {invoice['invoiceNumber'] or invoice_id}",
    }
    items = invoice["lineItems"] or [{"amount": invoice["amount"]}]
    lines = [
        {
            "grossTransactionAmount": {"amount": item.get("amount") or 0, "dcSign": "C"},
            "description": item.get("description") or invoice["description"],
            "ledgerAccountId": item.get("accountId"),
        }
        for item in items
    ]
    return create(store, given, lines)


def change(store: Store, note_id: str, given: Record) -> Record:
    """PATCH of a draft: null clears, a field left out stays."""
    note = _draft(store, note_id)
    number = given.get("documentNumber")
    twin = _by_number(store, number) if number else None
    if twin and twin["id"] != note_id:
        raise conflict(f"A credit note with number {number} already exists.")
    columns = _columns(store, given)
    if "documentDate" in columns:
        columns["postingDate"] = columns["valuationDate"] = columns["documentDate"]
    return store.change("credit_note", note["id"], **columns)


def add_line(store: Store, note_id: str, given: Record) -> Record:
    note = _draft(store, note_id)
    line = _line(store, note, given)
    store.change("credit_note", note_id, lines=[*note["lines"], line])
    return line


def change_line(store: Store, note_id: str, line_id: str, given: Record) -> Record:
    note = _draft(store, note_id)
    line = _find_line(note, line_id)
    _known(store, given)
    given = {name: value for name, value in given.items() if name != "customProperties"}
    changed = {**line, **given, **_parts(note, line, given), "updatedAt": store.clock.stamp()}
    lines = [changed if row["id"] == line_id else row for row in note["lines"]]
    store.change("credit_note", note_id, lines=lines)
    return changed


def delete_line(store: Store, note_id: str, line_id: str) -> None:
    note = _draft(store, note_id)
    _find_line(note, line_id)
    lines = [row for row in note["lines"] if row["id"] != line_id]
    store.change("credit_note", note_id, lines=lines)


def post(store: Store, note_id: str) -> Record:
    """To the ledger. Without a total, the total is that of the lines."""
    note = _draft(store, note_id)
    if not note["lines"]:
        raise unprocessable("A credit note needs at least one line to be posted.")
    for field in ("companyEntityId", "businessPartnerId", "currency"):
        if note[field] is None:
            raise unprocessable(f"A credit note needs {field} to be posted.")
    amount = _lines_total(note) if note["amount"] is None else note["amount"]
    posted = note["postingDate"] or note["documentDate"] or store.clock.today().isoformat()
    return store.change("credit_note", note_id, status="POSTED", amount=amount, postingDate=posted)


def archive(store: Store, note_id: str) -> Record:
    """A posted one is reversed in the ledger; refused while links or clearings exist."""
    note = need(store, "credit_note", note_id)
    if note["status"] == "ARCHIVED":
        raise conflict("The credit note is already archived.")
    if balances.active_links(store, "creditNoteId", note_id):
        raise unprocessable("The credit note has active links to invoice payables. Unlink first.")
    if balances.clearings(store, "creditNoteId", note_id):
        raise unprocessable("The credit note has cleared invoice payables. Reverse that first.")
    return store.change("credit_note", note_id, status="ARCHIVED")


def _draft(store: Store, note_id: str) -> Record:
    note = need(store, "credit_note", note_id)
    if note["status"] != "DRAFT":
        raise unprocessable(f"Only a draft can be changed; the credit note is {note['status']}.")
    return note


def _find_line(note: Record, line_id: str) -> Record:
    for line in note["lines"]:
        if line["id"] == line_id:
            found: Record = line
            return found
    raise not_found("Credit note line")


def _by_number(store: Store, number: str) -> Record | None:
    rows = (row for row in store.all("credit_note") if row["_documentNumber"] == number)
    return next(rows, None)


def _next_number(store: Store) -> str:
    count = len(store.all("credit_note")) + 1
    while _by_number(store, f"CN-{count:06}"):
        count += 1
    return f"CN-{count:06}"


def _blank(store: Store) -> Record:
    stamp = store.clock.stamp()
    return records.credit_note(
        companyId=store.all("company")[0]["id"],
        status="DRAFT",
        amount=None,
        currency=None,
        description=None,
        documentDate=None,
        lines=[],
        createdAt=stamp,
        updatedAt=stamp,
    )


def _columns(store: Store, given: Record) -> Record:
    """Fields of a request as fields of the record, with the vendor's name looked up."""
    columns: dict[str, Any] = {RENAMED.get(name, name): given[name] for name in given}
    columns.pop("customProperties", None)
    if columns.get("areLinesWithTax", True) is None:
        columns["areLinesWithTax"] = False
    entity = columns.get("companyEntityId")
    if entity and store.get("entity", entity) is None:
        raise bad_request("Company entity not found", "companyEntityId")
    if "businessPartnerId" in columns:
        key = columns["businessPartnerId"]
        vendor = store.get("vendor", key) if key else None
        if key and vendor is None:
            raise bad_request("Vendor not found", "businessPartnerId")
        columns["businessPartnerName"] = vendor["name"] if vendor else None
    return columns


def _line(store: Store, note: Record, given: Record) -> Record:
    """A new line; net or gross that is not given follows from the other."""
    stamp = store.clock.stamp()
    _known(store, given)
    return {
        **records.credit_note_line(),
        "id": str(uuid4()),
        "companyId": note["companyId"],
        "creditNoteId": note["id"],
        **dict.fromkeys(PARTS),
        **_parts(note, {}, given),
        "description": given.get("description"),
        "createdAt": stamp,
        "updatedAt": stamp,
        **{
            name: given.get(name)
            for name in (
                "ledgerTaxId",
                "ledgerAccountId",
                "accrualTemplateId",
                "accrualStartDate",
                "accrualEndDate",
            )
        },
    }


def _known(store: Store, given: Record) -> None:
    """Light's documents name no list of tax codes, so these are not checked."""
    account = given.get("ledgerAccountId")
    if account and store.get("ledger_account", account) is None:
        raise bad_request("Ledger account not found", "ledgerAccountId")


def _parts(note: Record, line: Record, given: Record) -> Record:
    """Net, tax and gross of a line after a request; those not sent follow from the others."""
    sent = {name: given[name] for name in PARTS if given.get(name)}
    parts = {name: line.get(name) for name in PARTS} | sent
    if not sent:
        return parts
    if len(sent) == 3:
        if _signed(parts[NET]) + _signed(parts[TAX]) != _signed(parts[GROSS]):
            raise unprocessable("Net and tax of a line do not add up to gross.")
        return parts
    if GROSS in sent and NET in sent:
        if line or _signed(sent[GROSS]) != _signed(sent[NET]):
            parts[TAX] = _sum(sent[GROSS], sent[NET], -1)
    elif GROSS in sent or (NET not in sent and note["areLinesWithTax"]):
        parts[NET] = _sum(parts[GROSS], parts[TAX], -1)
    else:
        parts[GROSS] = _sum(parts[NET], parts[TAX], 1)
    return parts


def _signed(directed: Record | None) -> int:
    """A credit note's line is a credit; a debit lowers it."""
    if directed is None:
        return 0
    return int(directed["amount"]) * (1 if directed["dcSign"] == "C" else -1)


def _sum(base: Record | None, other: Record | None, sign: int) -> Record | None:
    """An amount on the side of `base`; None where there is none."""
    if base is None:
        return None
    amount = (_signed(base) + sign * _signed(other)) * (1 if base["dcSign"] == "C" else -1)
    if not -(2**63) <= amount < 2**63:
        raise bad_request("is too large", TAX)
    return {"amount": amount, "dcSign": base["dcSign"]}


def _lines_total(note: Record) -> int:
    return sum(_signed(line[GROSS]) for line in note["lines"])
