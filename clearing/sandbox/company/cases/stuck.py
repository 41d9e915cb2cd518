"""Credit that cannot be used yet, and documents that only look like something to clear."""

from __future__ import annotations

from clearing.sandbox.company.book import Book
from clearing.sandbox.company.money import Line
from clearing.sandbox.records import Record


def other_entity_only(book: Book) -> list[Record]:
    """The German entity has the credit, the American one has the invoices."""
    name = "Van Dijk Warehousing B.V."
    here, there = book.group(name, "DE01"), book.group(name, "US01")
    note = book.note(here, book.days.ago(38), book.priced(here, 264_000), reason="bonus")
    invoices = [
        book.invoice(there, state, book.days.ago(age), due=book.days.coming(20))
        for state, age in (("UNPAID", 10), ("APPROVAL_PENDING", 4))
    ]
    return [note, *invoices]


def other_currency_only(book: Book) -> list[Record]:
    """Credit in euros, invoices in dollars."""
    name = "Øresund Shipping ApS"
    euros, dollars = book.group(name), book.group(name, currency="USD")
    note = book.note(euros, book.days.ago(27), book.priced(euros, 191_500), reason="return")
    invoice = book.invoice(dollars, "UNPAID", book.days.ago(9), due=book.days.coming(21))
    return [note, invoice]


def no_open_invoice(book: Book) -> list[Record]:
    """The vendor sends no more invoices."""
    group = book.group("Lefèvre Emballages SARL")
    return [book.note(group, book.days.ago(64), book.priced(group, 97_250), reason="return")]


def cites_a_paid_invoice(book: Book) -> list[Record]:
    """The invoice that it names was paid weeks ago: only a refund is left."""
    group = book.group("Hansa Spedition KG")
    invoice = book.invoice(group, "UNPAID", book.days.ago(41), book.priced(group, 152_900))
    book.pay(invoice, book.days.workday(book.days.ago(27)))
    note = book.note(
        group, book.days.ago(5), book.priced(group, 38_225),
        reason="twice", ref=invoice["invoiceNumber"],
    )  # fmt: skip
    return [note, invoice]


def small_rest_of_a_credit(book: Book) -> list[Record]:
    """Planned for an invoice but for 45 cents, which are not worth a link."""
    group = book.group("Papelera del Norte S.L.")
    invoice = book.invoice(
        group, "IN_DRAFT", book.days.ago(9), book.priced(group, 83_955), due=book.days.coming(21)
    )
    note = book.note(group, book.days.ago(8), book.priced(group, 84_000), reason="return")
    book.link(note, invoice)
    return [note, invoice]


def old_credit(book: Book) -> list[Record]:
    """Open for more than 90 days, two of them for more than half a year."""
    ages = {"Lefèvre Emballages SARL": 131, "Helvetia Präzisionsteile AG": 204,
            "Västkusten Trä AB": 287}  # fmt: skip
    return [
        book.note(group, book.days.workday(book.days.ago(age)), reason="bonus")
        for group, age in ((book.group(name), age) for name, age in ages.items())
    ]


def vendor_not_active(book: Book) -> list[Record]:
    """The vendor is still in review."""
    group = book.group("Hansa Spedition GmbH & Co. KG")
    lines = book.priced(group, 143_900)
    invoice = book.invoice(group, "IN_DRAFT", book.days.ago(6), lines, due=book.days.coming(24))
    return [book.note(group, book.days.ago(2), lines, reason="goodwill"), invoice]


def invoice_without_vendor(book: Book) -> list[Record]:
    """Light has read the paper and found no vendor."""
    group = book.group("Papierhaus Weststadt GmbH")
    return [book.invoice(group, "IN_DRAFT", book.days.ago(2), vendorId=None)]


def invoice_without_amount(book: Book) -> list[Record]:
    """A scan that could not be read."""
    group = book.group("Helvetia Präzisionsteile AG")
    nothing: Record = {"amount": None, "invoiceNumber": None, "description": None}
    return [book.invoice(group, "IN_DRAFT", book.days.ago(2), [], _pdf=None, **nothing)]


def archived(book: Book) -> list[Record]:
    """A discarded draft, and a posted credit note that was reversed in the ledger."""
    group = book.group("Kantine & Catering Böhm GmbH")
    discarded = book.note(
        group, book.days.ago(40), status="ARCHIVED", postingDate=None, valuationDate=None
    )
    reversed_ = book.note(group, book.days.ago(75), status="ARCHIVED", reason="goodwill")
    return [discarded, reversed_]


def unknown_note_status(book: Book) -> list[Record]:
    """A status that no document of Light's names."""
    group = book.group("Harborough Tools Ltd")
    return [book.note(group, book.days.ago(12), status="UNDER_DISPUTE", reason="price")]


def unknown_invoice_state(book: Book) -> list[Record]:
    """A state that no document of Light's names."""
    group = book.group("Harborough Tools Ltd")
    return [book.invoice(group, "HELD_BY_COMPLIANCE", book.days.ago(13), due=book.days.coming(17))]


def reimbursement(book: Book) -> list[Record]:
    """An employee's expenses, which Light lists as an invoice payable."""
    group = book.group("Kantine & Catering Böhm GmbH")
    person = book.users[1]
    return [
        book.invoice(
            group, "UNPAID", book.days.ago(4), [Line("Travel, trade fair", 31_265)],
            due=book.days.coming(14), type="REIMBURSEMENT", vendorId=None, number="REIMB-0412",
            payeeName=f"{person['firstName']} {person['lastName']}", payeeIban=None,
            senderEmail=person["email"], documentName="Travel_expenses.pdf", _pdf=None,
        )
    ]  # fmt: skip


def adjusts_receivables(book: Book) -> list[Record]:
    """Vendors who are customers too: these credits belong to receivables."""
    notes = []
    for name in ("Hansa Spedition KG", "Shenzhen Brightpack Co. Ltd."):
        group = book.group(name)
        notes.append(book.note(group, book.days.ago(15), reason="goodwill", _toBeAdjusted="AR"))
    return notes


CASES = (
    other_entity_only,
    other_currency_only,
    no_open_invoice,
    cites_a_paid_invoice,
    small_rest_of_a_credit,
    old_credit,
    vendor_not_active,
    invoice_without_vendor,
    invoice_without_amount,
    archived,
    unknown_note_status,
    unknown_invoice_state,
    reimbursement,
    adjusts_receivables,
)
