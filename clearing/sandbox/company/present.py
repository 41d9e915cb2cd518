"""Today: what is open, filled up to the numbers of a company of this size."""

from __future__ import annotations

from datetime import date, timedelta

from clearing.sandbox.company import history
from clearing.sandbox.company.book import Book
from clearing.sandbox.company.masterdata import Group
from clearing.sandbox.records import Record

NOTES = {
    "POSTED": 112,
    "PARTIALLY_CLEARED": 20,
    "CLEARED": 120,
    "DRAFT": 25,
    "ARCHIVED": 15,
    "APPROVAL_PENDING": 4,
    "APPROVED": 3,
    "UNDER_DISPUTE": 1,
}
INVOICES = {
    "COMPLETED": 790,
    "PAID": 55,
    "PARTIALLY_PAID": 20,
    "UNPAID": 95,
    "READY_FOR_PAYMENT_RELEASE": 20,
    "PENDING_PAYMENT_APPROVAL": 12,
    "SCHEDULED": 30,
    "PAYMENT_PAUSED": 6,
    "PAYMENT_PENDING": 10,
    "IN_DRAFT": 50,
    "APPROVAL_REQUESTED": 30,
    "APPROVAL_PENDING": 45,
    "APPROVED_ACCOUNTING_ENTRY_PENDING": 8,
    "CANCELLED": 12,
    "CANCELLATION_PENDING": 1,
    "RESET_PENDING": 1,
    "DECLINED": 6,
    "DUPLICATED": 3,
    "INIT": 2,
    "CREATED": 2,
    "IMPORT_PENDING": 1,
    "HELD_BY_COMPLIANCE": 1,
}
OVERNIGHT = 22  # credit notes that came in after working hours
PLANNED = 20  # credit notes that are linked and wait for their invoice to be posted

PAYING = (  # paid in the coming days, and owing us nothing
    "Grünstrom Nord eG", "Papierhaus Weststadt GmbH", "Reinhold Gebäudereinigung GmbH",
    "Alpenfracht Transporte GmbH", "Redwood Facility Services LLC",
    "Summit Staffing Partners LLC", "Cascade Cloud Services Inc.",
    "Harvest Table Catering Inc.", "Yokohama Unyu K.K.",
)  # fmt: skip
OWING = (  # with credit to use; their next payment is more than a week away
    "Hansa Spedition KG", "Kartonwerk Altona GmbH", "Saarbrücker Edelstahl GmbH",
    "Bürobedarf Lindner e.K.", "Cloudhafen GmbH", "Kantine & Catering Böhm GmbH",
    "Nordlicht Lagerhaus GmbH", "Helvetia Präzisionsteile AG", "Acciai Brambilla S.p.A.",
    "Papelera del Norte S.L.", "Västkusten Trä AB", "Harborough Tools Ltd",
    "Bluebonnet Office Supply LLC", "Maple Ridge Machinery Ltd",
    "Shenzhen Brightpack Co. Ltd.", "Kansai Seimitsu Kogyo K.K.",
    "Al-Dhow Shipping & Trading W.L.L.",
)  # fmt: skip
WITH_PAYMENT_DATE = (
    "READY_FOR_PAYMENT_RELEASE", "PENDING_PAYMENT_APPROVAL", "SCHEDULED", "PAYMENT_PENDING"
)  # fmt: skip
UNREAD = (  # what an invoice does not have before its paper was read
    "amount", "vendorId", "companyEntityId", "invoiceNumber", "description", "issuedDate",
    "dueDate", "ocrCompletedAt", "lineItems",
)  # fmt: skip


def fill(book: Book) -> None:
    """History first, then everything open, up to exactly the numbers above."""
    history.monthly_bills(book)
    history.used_up(book, NOTES["CLEARED"])
    _partly_used(book)
    while book.invoices_in("PAID") < INVOICES["PAID"]:
        history.just_paid_invoice(book)
    for state in INVOICES:
        while book.invoices_in(state) < INVOICES[state]:
            _invoice(book, state)
    for status in NOTES:
        while book.notes_in(status) < NOTES[status]:
            _note(book, status)
    _plan(book)
    _overnight(book)


def _partly_used(book: Book) -> None:
    while book.notes_in("PARTIALLY_CLEARED") < NOTES["PARTIALLY_CLEARED"]:
        way = book.rng.choice((history.partly_used, history.partly_used_on_unpaid))
        way(book, book.group(book.rng.choice(OWING)))


def _invoice(book: Book, state: str) -> Record:
    if state == "COMPLETED":
        return history.paid_invoice(book)
    paying = state == "PAYMENT_PENDING" or book.rng.random() < 0.4
    group = book.group(book.rng.choice(PAYING if paying else OWING))
    newest = 8 if state == "PARTIALLY_PAID" else 1
    issued = book.days.within(newest, min(40, group.plan.terms + 10) if paying else 25)
    due = _due(book, group, issued, paying)
    pays = None
    if state == "PAYMENT_PENDING":
        pays = book.days.today
    elif state in WITH_PAYMENT_DATE:
        pays = due = _soon(book) if paying else due
    invoice = book.invoice(group, state, issued, due=due, pays=pays, **_extras(state))
    if state == "PARTIALLY_PAID":
        book.pay(invoice, book.days.ago(book.rng.randint(1, 5)), invoice["amount"] // 3)
    elif state == "CANCELLED":
        invoice["canceledAt"] = book.touch(book.days.yesterday, invoice)
    elif state == "PAYMENT_PAUSED":
        book.pause(invoice)
    return invoice


def _due(book: Book, group: Group, issued: date, paying: bool) -> date:
    due = issued + timedelta(days=group.plan.terms)
    later = book.days.today + timedelta(days=10 + book.rng.randint(0, 12))
    return due if paying else book.days.workday(max(due, later))


def _soon(book: Book) -> date:
    return book.days.coming(book.rng.randint(1, 12))


def _extras(state: str) -> Record:
    """What Light keeps, or does not know yet, in that state."""
    kept: dict[str, Record] = {
        "CANCELLED": {"cancellationReason": "Billed to the wrong company"},
        "DECLINED": {"approvalNote": "Not ordered by us"},
        "DUPLICATED": {"failureReason": "DUPLICATE_INVOICE"},
        "INIT": dict.fromkeys(UNREAD),
        "CREATED": {"companyEntityId": None},
        "IN_DRAFT": {"localCurrencyFxRate": None, "groupCurrencyFxRate": None},
    }
    return kept.get(state, {})


def _note(book: Book, status: str) -> Record:
    """A credit note of a vendor with open invoices; one in four names one of them."""
    rng = book.rng
    group = book.group(rng.choice(OWING))
    newest, oldest = rng.choice(((1, 30), (1, 30), (1, 30), (31, 90), (91, 300)))
    if status in ("DRAFT", "APPROVAL_PENDING", "APPROVED"):
        newest, oldest = 1, 20
    invoice = _named_invoice(book, group) if rng.random() < 0.4 and oldest <= 30 else None
    if invoice:
        return _note_on(book, group, invoice, status)
    reason = rng.choice(("bonus", "return", "price", "goodwill", "deposit", "plain"))
    return book.note(group, book.days.within(newest, oldest), status=status, reason=reason)


def _note_on(book: Book, group: Group, invoice: Record, status: str) -> Record:
    """A credit over a part of that invoice, a day or more after it."""
    age = (book.days.today - date.fromisoformat(invoice["issuedDate"])).days
    lines = book.priced(group, max(1, invoice["amount"] * book.rng.randint(3, 40) // 100))
    return book.note(
        group, book.days.ago(book.rng.randint(1, age - 1)), lines, status=status,
        reason=book.rng.choice(history.REASONS), ref=invoice["invoiceNumber"],
    )  # fmt: skip


def _named_invoice(book: Book, group: Group) -> Record | None:
    before = book.days.ago(1).isoformat()
    open_ones = [
        invoice
        for invoice in book.invoices
        if invoice["vendorId"] == group.vendor["vendorId"]
        and invoice["id"] not in book.untouched
        and invoice["state"] in ("UNPAID", "IN_DRAFT", "APPROVAL_PENDING", "APPROVAL_REQUESTED")
        and invoice["issuedDate"] < before
    ]
    return book.rng.choice(open_ones) if open_ones else None


def _plan(book: Book) -> None:
    """Link free credit to invoices of the same group that are not posted yet."""
    vendors = {book.group(name).vendor["vendorId"] for name in OWING}
    for note in book.notes:
        if len(book.links) >= PLANNED:
            return
        if note["status"] != "POSTED" or note["businessPartnerId"] not in vendors:
            continue
        if note["_toBeAdjusted"] != "AP" or note["id"] in book.untouched:
            continue
        invoice = _waiting(book, note)
        if invoice and book.rng.random() < 0.5:
            book.link(note, invoice)


def _waiting(book: Book, note: Record) -> Record | None:
    """An invoice of the note's group that is not posted yet; the one it names, if any."""
    group = (note["businessPartnerId"], note["companyEntityId"], note["currency"])
    found = [
        invoice
        for invoice in book.invoices
        if (invoice["vendorId"], invoice["companyEntityId"], invoice["currency"]) == group
        and invoice["state"] in ("APPROVAL_PENDING", "APPROVAL_REQUESTED", "IN_DRAFT")
        and invoice["id"] not in book.untouched
        and book.open(invoice) > 0
    ]
    named = [invoice for invoice in found if invoice["invoiceNumber"] in note["description"]]
    return next(iter(named + found), None)


def _overnight(book: Book) -> None:
    """The newest credit notes came in yesterday evening: nobody has seen them yet."""
    used = {row["creditNoteId"] for row in (*book.links, *book.clearings)}
    new = [
        note
        for note in book.notes
        if note["status"] in ("POSTED", "DRAFT") and note["id"] not in used and note["documentDate"]
    ]
    new.sort(key=lambda note: (note["documentDate"], note["id"]))
    for note in new[-OVERNIGHT:]:
        note["createdAt"] = note["updatedAt"] = book.days.evening()
        for line in note["lines"]:
            line["createdAt"] = line["updatedAt"] = note["createdAt"]
