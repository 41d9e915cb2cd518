"""Credit that is planned, cleared, or was; and invoices on their way to the bank."""

from __future__ import annotations

from datetime import timedelta

from clearing.sandbox import records
from clearing.sandbox.company.book import Book
from clearing.sandbox.company.history import share_of
from clearing.sandbox.records import Record


def planned(book: Book) -> list[Record]:
    """One credit, linked to two invoices that are not posted yet."""
    group = book.group("Papelera del Norte S.L.")
    invoices = [
        book.invoice(group, state, book.days.ago(10), book.priced(group, net),
                     due=book.days.coming(20))
        for state, net in (("APPROVAL_PENDING", 186_000), ("IN_DRAFT", 92_700))
    ]  # fmt: skip
    note = book.note(group, book.days.ago(9), book.priced(group, 240_000), reason="bonus")
    for invoice in invoices:
        book.link(note, invoice)
    return [note, *invoices]


def planned_in_part(book: Book) -> list[Record]:
    """Part of a credit is linked, the rest is free."""
    group = book.group("Shenzhen Brightpack Co. Ltd.")
    invoice = book.invoice(
        group, "APPROVAL_REQUESTED", book.days.ago(8), book.priced(group, 75_300),
        due=book.days.coming(22),
    )  # fmt: skip
    note = book.note(group, book.days.ago(8), book.priced(group, 198_000), reason="bonus")
    book.link(note, invoice)
    return [note, invoice]


def planned_long_ago(book: Book) -> list[Record]:
    """Linked for a month, and the invoice has not moved since."""
    group = book.group("Helvetia Präzisionsteile AG")
    invoice = book.invoice(
        group, "APPROVAL_PENDING", book.days.ago(45), book.priced(group, 406_000),
        due=book.days.coming(15),
    )  # fmt: skip
    note = book.note(
        group, book.days.ago(44), book.priced(group, 60_900),
        reason="price", ref=invoice["invoiceNumber"],
    )  # fmt: skip
    book.link(note, invoice)
    return [note, invoice]


def cleared(book: Book) -> list[Record]:
    """A credit used up on one invoice; the bank paid the rest."""
    group = book.group("Hansa Spedition KG")
    lines, issued = book.priced(group, 262_400), book.days.ago(33)
    invoice = book.invoice(group, "UNPAID", issued, lines)
    note = book.note(
        group, book.days.ago(30), share_of(lines, 20), reason="damage", ref=invoice["invoiceNumber"]
    )
    book.clear(note, invoice, book.days.ago(27))
    book.pay(invoice, book.days.ago(18))
    return [note, invoice]


def cleared_without_a_payment(book: Book) -> list[Record]:
    """A credit that took the whole invoice."""
    group = book.group("Västkusten Trä AB")
    lines = book.priced(group, 119_850)
    invoice = book.invoice(group, "UNPAID", book.days.ago(52), lines)
    note = book.note(group, book.days.ago(47), lines, reason="cancel", ref=invoice["invoiceNumber"])
    book.clear(note, invoice, book.days.ago(45))
    return [note, invoice]


def partly_cleared(book: Book) -> list[Record]:
    """EUR 1,250.00: 930.00 used on two invoices, 320.00 open."""
    group, dated = book.group("Nordlicht Logistik GmbH"), book.days.ago(68)
    first = book.invoice(group, "UNPAID", book.days.ago(72), book.priced(group, 50_420))
    second = book.invoice(group, "UNPAID", book.days.ago(70), book.priced(group, 148_000))
    number = book.numbers.take(group.plan, f"CR-{dated.year}-7731")
    note = book.note(group, dated, book.priced(group, 105_042), reason="bonus", number=number)
    book.clear(note, first, book.days.ago(63))
    book.clear(note, second, book.days.ago(61), 93_000 - first["amount"])
    book.pay(second, book.days.ago(41))
    return [note, first, second]


def cleared_and_still_unpaid(book: Book) -> list[Record]:
    """The link was honoured at posting; the invoice waits for the rest of its payment."""
    group = book.group("Maple Ridge Machinery Ltd")
    lines = book.priced(group, 587_500)
    invoice = book.invoice(group, "UNPAID", book.days.ago(14), lines, due=book.days.coming(31))
    note = book.note(
        group, book.days.ago(11), share_of(lines, 10), reason="price", ref=invoice["invoiceNumber"]
    )
    book.clear(note, invoice, book.days.ago(6))
    return [note, invoice]


def clearing_undone(book: Book) -> list[Record]:
    """Cleared by mistake and reversed: the credit is free again, the invoice open."""
    group = book.group("Papelera del Norte S.L.")
    lines, on = book.priced(group, 133_700), book.days.ago(16)
    invoice = book.invoice(group, "UNPAID", book.days.ago(24), lines, due=book.days.coming(12))
    note = book.note(group, book.days.ago(22), share_of(lines, 35), reason="goodwill")
    stamp = book.touch(on, note, invoice)
    book.clearings.append(
        records.clearing(
            id=book.id(), invoicePayableId=invoice["id"], type="CN", amount=note["amount"],
            currency=note["currency"], paymentDate=on.isoformat(), creditNoteId=note["id"],
            documentNumber=note["_documentNumber"], createdAt=stamp, reversed=True,
            accountingDocumentId=note["_accountingDocumentId"],
        )
    )  # fmt: skip
    book.touch(on + timedelta(days=2), note, invoice)
    return [note, invoice]


def paid_by_bank(book: Book) -> list[Record]:
    """No credit involved: one completed, one paid a few days ago."""
    group = book.group("Grünstrom Nord eG")
    completed, paid = (book.invoice(group, "UNPAID", book.days.ago(age)) for age in (46, 17))
    book.pay(completed, book.days.ago(32))
    book.pay(paid, book.days.ago(3))
    paid["state"] = "PAID"
    return [completed, paid]


def partly_paid(book: Book) -> list[Record]:
    """The bank paid a first instalment, and there is credit for the second."""
    group = book.group("Acciai Brambilla S.p.A.")
    lines = book.priced(group, 940_000)
    invoice = book.invoice(group, "UNPAID", book.days.ago(30), lines, due=book.days.coming(30))
    book.pay(invoice, book.days.ago(8), 400_000)
    note = book.note(
        group, book.days.ago(5), share_of(lines, 15), reason="damage", ref=invoice["invoiceNumber"]
    )
    return [note, invoice]


def paused(book: Book) -> list[Record]:
    """Somebody stopped the payment; there is credit for it."""
    group, day = book.group("Cloudhafen GmbH"), book.days.coming(13)
    lines = book.priced(group, 158_400)
    invoice = book.invoice(group, "PAYMENT_PAUSED", book.days.ago(12), lines, due=day, pays=day)
    book.pause(invoice)
    note = book.note(
        group, book.days.ago(4), share_of(lines, 50), reason="twice", ref=invoice["invoiceNumber"]
    )
    return [note, invoice]


def paid_in_full(book: Book) -> list[Record]:
    """The bank paid the whole invoice on the last working day; the credit for it is still free."""
    group = book.group("Saarbrücker Edelstahl GmbH")
    invoice = book.invoice(group, "UNPAID", book.days.ago(31), book.priced(group, 318_400))
    note = book.note(
        group, book.days.ago(6), book.priced(group, 47_760),
        reason="damage", ref=invoice["invoiceNumber"],
    )  # fmt: skip
    book.pay(invoice, book.days.workday(book.days.yesterday))
    invoice["state"] = "PAID"
    return [note, invoice]


def too_late(book: Book) -> list[Record]:
    """The payment is with the bank today; EUR 310.00 of credit stays free."""
    group = book.group("Kantine & Catering Böhm GmbH")
    invoice = book.invoice(
        group, "PAYMENT_PENDING", book.days.ago(14), book.priced(group, 84_200),
        due=book.days.today, pays=book.days.today,
    )  # fmt: skip
    note = book.note(
        group, book.days.ago(3), book.priced(group, 28_972),
        reason="twice", ref=invoice["invoiceNumber"],
    )  # fmt: skip
    return [note, invoice]


CASES = (
    planned,
    planned_in_part,
    planned_long_ago,
    cleared,
    cleared_without_a_payment,
    partly_cleared,
    cleared_and_still_unpaid,
    clearing_undone,
    paid_by_bank,
    partly_paid,
    paused,
    paid_in_full,
    too_late,
)
