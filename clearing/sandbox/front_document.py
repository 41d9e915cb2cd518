"""One document on the sandbox's page: its facts, and the acts that make sense for it."""

from __future__ import annotations

from typing import Any

from clearing.sandbox import amounts, balances, ledger, papers
from clearing.sandbox.front_deeds import STATES, STATUSES
from clearing.sandbox.front_html import Html, hidden, join, table, tag
from clearing.sandbox.records import Record
from clearing.sandbox.store import Store

PARTS = ("net", "tax", "gross")
HERE = "#document"  # where the page shows a document
NEXT = {
    "INIT": "IN_DRAFT",
    "CREATED": "IN_DRAFT",
    "IMPORT_PENDING": "IN_DRAFT",
    "IN_DRAFT": "APPROVAL_PENDING",
    "APPROVAL_REQUESTED": "APPROVAL_PENDING",
    "APPROVAL_PENDING": "APPROVED_ACCOUNTING_ENTRY_PENDING",
    "UNPAID": "READY_FOR_PAYMENT_RELEASE",
    "PARTIALLY_PAID": "READY_FOR_PAYMENT_RELEASE",
    "READY_FOR_PAYMENT_RELEASE": "PENDING_PAYMENT_APPROVAL",
    "PENDING_PAYMENT_APPROVAL": "SCHEDULED",
    "SCHEDULED": "PAYMENT_PENDING",
    "PAYMENT_PENDING": "PAID",
}


def name(record: Record) -> str:
    """The number people know a document by, else the beginning of its id."""
    number = record["_documentNumber"] if is_note(record) else record["invoiceNumber"]
    return str(number or record["id"][:8])


def is_note(record: Record) -> bool:
    return "_documentNumber" in record


def standing(record: Record) -> str:
    """A credit note's status, an invoice's state."""
    return str(record["status" if is_note(record) else "state"])


def vendor_name(store: Store, record: Record) -> str:
    key = record["businessPartnerId"] if is_note(record) else record["vendorId"]
    vendor = store.get("vendor", key or "")
    return str(vendor["name"]) if vendor else "no vendor"


def link_to(record: Record) -> Html:
    return tag("a", name(record), href=f"/?id={record['id']}{HERE}")


def form(token: str, key: str, do: str, *inside: Any, **fields: str) -> Html:
    """A POST to this page that comes back to the document `key`."""
    kept = hidden(token=token, do=do, id=key, **fields)
    action = f"/{HERE}" if key else "/"
    return tag("form", kept, inside, method="post", action=action, class_="act")


def button(token: str, key: str, do: str, words: str, quiet: bool = False, **fields: str) -> Html:
    pressed = tag("button", words, class_="quiet" if quiet else None)
    return form(token, key, do, pressed, **fields)


def document(store: Store, token: str, record: Record) -> Html:
    """Facts, links, clearings and acts of a credit note or an invoice payable."""
    note = is_note(record)
    kind = "Credit note" if note else "Invoice payable"
    side = "creditNoteId" if note else "invoicePayableId"
    links = balances.active_links(store, side, record["id"])
    cleared = [row for row in store.clearing_rows() if row[side] == record["id"]]
    facts = _note_facts(store, record) if note else _invoice_facts(store, record)
    acts = _note_acts(token, record) if note else _invoice_acts(store, token, record)
    return tag(
        "article",
        tag("h3", kind, " ", name(record), " ", tag("code", standing(record))),
        tag("dl", [tag("div", tag("dt", term), tag("dd", value)) for term, value in facts]),
        [tag("h4", "Lines"), _note_lines(token, record)] if note and record["lines"] else None,
        tag("h4", "Links") if links else None,
        _links(store, token, record, links) if links else None,
        tag("h4", "Clearings") if cleared else None,
        _clearings(store, token, record, cleared) if cleared else None,
        tag("h4", "As another user of Light"),
        tag("div", acts, _paper_act(store, token, record), class_="acts"),
    )


def _note_facts(store: Store, note: Record) -> list[tuple[str, Any]]:
    currency = note["currency"]
    return [
        *_whose(store, note),
        ("Amount", amounts.text(note["amount"], currency)),
        ("Free to link", amounts.text(balances.credit_available(store, note), currency)),
        ("Document date", note["documentDate"] or "none"),
        ("Description", note["description"] or "none"),
        *_stamps(note),
    ]


def _invoice_facts(store: Store, invoice: Record) -> list[tuple[str, Any]]:
    currency = invoice["currency"]
    return [
        *_whose(store, invoice),
        ("Type", tag("code", invoice["type"])),
        ("Amount", amounts.text(invoice["amount"], currency)),
        ("Open in the ledger", amounts.text(balances.ledger_balance(store, invoice), currency)),
        ("Free to link", amounts.text(balances.invoice_available(store, invoice), currency)),
        ("Posted", "yes" if balances.in_ledger(invoice) else "no"),
        ("Issued", invoice["issuedDate"] or "none"),
        ("Due", invoice["dueDate"] or "none"),
        ("Pays on", (invoice["paymentAt"] or "not scheduled").partition("T")[0]),
        *_stamps(invoice),
    ]


def _whose(store: Store, record: Record) -> list[tuple[str, Any]]:
    entity = store.get("entity", record["companyEntityId"] or "")
    named = entity["name"] if entity else "no entity"
    return [("Vendor", vendor_name(store, record)), ("Entity", named)]


def _stamps(record: Record) -> list[tuple[str, Any]]:
    changed = record["updatedAt"][:19].replace("T", " ")
    return [("Changed (UTC)", changed), ("Id", tag("code", record["id"]))]


def _other(store: Store, record: Record, row: Record) -> Any:
    """The document at a link's or clearing's other end."""
    key = row["invoicePayableId" if is_note(record) else "creditNoteId"]
    found = store.document(key or "")
    return link_to(found) if found else key or "a bank payment"


def _note_lines(token: str, note: Record) -> Html:
    """Each line's net, tax and gross with its side, C(redit) or D(ebit)."""
    rows = []
    for line in note["lines"]:
        delete = button(
            token, note["id"], "delete_line", "Delete", quiet=True,
            creditNote=note["id"], line=line["id"],
        )  # fmt: skip
        shown = [_directed(line[f"{kind}TransactionAmount"], note) for kind in PARTS]
        rows.append(
            [line["description"] or "", *shown, delete if note["status"] == "DRAFT" else ""]
        )
    return table("Lines", ["Description", "Net", "Tax", "Gross", ""], rows, 1, 2, 3)


def _directed(amount: Record | None, note: Record) -> str:
    shown = amounts.text(amount["amount"], note["currency"]) if amount else ""
    return f"{shown} {amount['dcSign']}" if amount else "none"


def _paper_act(store: Store, token: str, record: Record) -> Html:
    """The paper goes, or a page comes where there is none."""
    if papers.exists(store, record):
        return button(token, record["id"], "remove_document", "Remove the PDF")
    return button(token, record["id"], "set_document", "Attach an empty PDF")


def _links(store: Store, token: str, record: Record, links: list[Record]) -> Html:
    rows = []
    for link in links:
        pair = {"creditNote": link["creditNoteId"], "invoicePayable": link["invoicePayableId"]}
        typed = _amount(link["amount"], link["currency"], "Amount of the link")
        change = form(token, record["id"], "change_link", typed, tag("button", "Change"), **pair)
        remove = button(token, record["id"], "unlink", "Remove this link", quiet=True, **pair)
        shown = amounts.text(link["amount"], link["currency"])
        rows.append([_other(store, record, link), shown, tag("div", change, remove, class_="acts")])
    heads = ["Invoice" if is_note(record) else "Credit note", "Promised", ""]
    return table("Links", heads, rows, 1)


def _clearings(store: Store, token: str, record: Record, cleared: list[Record]) -> Html:
    rows = []
    for row in cleared:
        undo = button(
            token,
            record["id"],
            "reverse_clearing",
            "Reverse",
            quiet=True,
            invoicePayable=row["invoicePayableId"],
            accountingDocument=row["accountingDocumentId"],
            type=row["type"],
        )
        shown = amounts.text(row["amount"], row["currency"])
        last = tag("span", "reversed", class_="soft") if row["reversed"] else undo
        rows.append([_other(store, record, row), shown, row["paymentDate"], last])
    heads = ["Invoice" if is_note(record) else "Cleared by", "Amount", "Date", ""]
    return table("Clearings", heads, rows, 1)


def _note_acts(token: str, note: Record) -> Html:
    key = note["id"]

    def act(do: str, *inside: Any) -> Html:
        return form(token, key, do, *inside, creditNote=key)

    return join(
        [
            act("post_credit_note", tag("button", "Post")) if note["status"] == "DRAFT" else "",
            act("archive", tag("button", "Archive")) if note["status"] != "ARCHIVED" else "",
            act(
                "edit_credit_note",
                _amount(note["amount"], note["currency"], "Amount"),
                tag("button", "Change the amount"),
            ),
            act(
                "set_status",
                _choice("status", STATUSES, note["status"], "Status"),
                tag("button", "Set the status"),
            ),
        ]
    )


def _invoice_acts(store: Store, token: str, invoice: Record) -> Html:
    posted, left = balances.in_ledger(invoice), balances.ledger_balance(store, invoice)
    dead = invoice["state"] in ledger.DEAD_STATES
    currency, key, state = invoice["currency"], invoice["id"], standing(invoice)

    def act(do: str, *inside: Any) -> Html:
        return form(token, key, do, *inside, invoicePayable=key)

    acts = []
    if not posted and not dead:
        acts += [act("post_invoice", tag("button", "Post this invoice"))]
    if not dead and left > 0:
        acts += [act("pay_in_full", tag("button", "Pay in full"))]
    if posted and left > 0:
        acts += [act("pay", _amount(left, currency, "Payment"), tag("button", "Pay in part"))]
        day = (invoice["paymentAt"] or invoice["dueDate"] or "")[:10]
        on = tag("input", type="date", name="at", value=day, required=True, aria_label="Pays on")
        acts += [act("schedule_payment", on, tag("button", "Schedule the payment"))]
    typed = _amount(invoice["amount"], currency, "Amount")
    chosen = _choice("state", STATES, NEXT.get(state) or state, "State")
    acts += [act("edit_invoice", typed, tag("button", "Change the amount"))]
    acts += [act("set_state", chosen, tag("button", "Set the state"))]
    return join(acts)


def _amount(value: int | None, currency: str | None, label: str) -> Html:
    return join(
        [
            tag(
                "input",
                name="amount",
                value=amounts.plain(value, currency),
                inputmode="decimal",
                autocomplete="off",
                required=True,
                aria_label=label,
            ),
            tag("span", currency or "", class_="soft"),
        ]
    )


def _choice(field: str, values: tuple[str, ...], chosen: str, label: str) -> Html:
    """A state we do not know stays among the choices while the document has it."""
    known = values if chosen in values else (chosen, *values)
    options = [tag("option", value, selected=value == chosen) for value in known]
    return tag("select", options, name=field, aria_label=label)
