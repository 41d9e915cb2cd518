"""Which call a method and a path are."""

from __future__ import annotations

import re

from clearing.sandbox import handlers
from clearing.sandbox.handlers import Handler

CN, INV = "/v1/credit-notes", "/v1/invoice-payables"

TABLE: list[tuple[str, str, Handler]] = [
    ("GET", "/v1/companies/current", handlers.company),
    ("GET", "/v1/entities", handlers.entities),
    ("GET", "/v1/vendors", handlers.vendors),
    ("GET", "/v1/vendors/{vendorId}", handlers.vendor),
    ("GET", "/v1/ledger-accounts", handlers.ledger_accounts),
    ("GET", "/v1/users", handlers.users),
    ("GET", "/v1/accounting-documents/accounting-documents", handlers.accounting_documents),
    ("GET", "/v1/invoice-approval", handlers.invoice_approvals),
    ("GET", CN, handlers.credit_notes),
    ("POST", CN, handlers.create_credit_note),
    (
        "POST",
        f"{CN}/create-from-invoice-payable/{{invoicePayableId}}",
        handlers.create_from_invoice,
    ),
    ("GET", f"{CN}/{{creditNoteId}}", handlers.credit_note),
    ("PATCH", f"{CN}/{{creditNoteId}}", handlers.change_credit_note),
    ("POST", f"{CN}/{{creditNoteId}}/lines", handlers.add_line),
    ("PATCH", f"{CN}/{{creditNoteId}}/lines/{{lineId}}", handlers.change_line),
    ("DELETE", f"{CN}/{{creditNoteId}}/lines/{{lineId}}", handlers.delete_line),
    ("POST", f"{CN}/{{creditNoteId}}/post", handlers.post_credit_note),
    ("POST", f"{CN}/{{creditNoteId}}/archive", handlers.archive_credit_note),
    ("GET", f"{CN}/{{creditNoteId}}/invoice-payables", handlers.links_of_credit_note),
    ("POST", f"{CN}/{{creditNoteId}}/invoice-payables/{{invoicePayableId}}", handlers.link),
    ("PATCH", f"{CN}/{{creditNoteId}}/invoice-payables/{{invoicePayableId}}", handlers.change_link),
    ("DELETE", f"{CN}/{{creditNoteId}}/invoice-payables/{{invoicePayableId}}", handlers.unlink),
    ("GET", "/v1/bff/invoice-payables", handlers.invoice_payables),
    ("GET", f"{INV}/{{invoicePayableId}}", handlers.invoice_payable),
    ("GET", f"{INV}/{{invoicePayableId}}/credit-notes", handlers.links_of_invoice),
    ("GET", f"{INV}/{{invoicePayableId}}/payments", handlers.payments),
    ("POST", f"{INV}/{{invoicePayableId}}/post", handlers.post_invoice),
    ("POST", f"{INV}/{{invoicePayableId}}/approve", handlers.approve_invoice),
    ("POST", f"{INV}/{{invoicePayableId}}/reverse-clearing", handlers.reverse_clearing),
]
DOCUMENTS = {
    f"{CN}/{{creditNoteId}}/document": "credit_note",
    f"{INV}/{{invoicePayableId}}/document": "invoice",
}


def _pattern(template: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"\{\w+\}", "([^/]+)", template))


ROUTES: list[tuple[str, str, re.Pattern[str], Handler | None]] = [
    *((method, template, _pattern(template), handler) for method, template, handler in TABLE),
    *(("GET", template, _pattern(template), None) for template in DOCUMENTS),
]


def find(method: str, path: str) -> tuple[str, Handler | None, list[str]]:
    """(call, handler, ids); no call for an unknown path, no handler for a method it lacks.

    A PDF's path has no handler either: see `find_document`.
    """
    known = ""
    for verb, template, pattern, handler in ROUTES:
        match = pattern.fullmatch(path)
        if match:
            known = f"{method} {template}"
        if match and verb == method:
            return known, handler, [key.lower() for key in match.groups()]
    return known, None, []


def find_document(path: str) -> tuple[str, str] | None:
    """(kind, id) of a path that leads to a PDF."""
    for template, kind in DOCUMENTS.items():
        match = _pattern(template).fullmatch(path)
        if match:
            return kind, match[1].lower()
    return None
