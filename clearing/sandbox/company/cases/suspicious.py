"""What does not look right: the same credit twice, credit filed as an invoice, credit that Light
may use by itself."""

from __future__ import annotations

from datetime import timedelta

from clearing.sandbox.company.book import Book
from clearing.sandbox.company.history import share_of
from clearing.sandbox.company.money import Line
from clearing.sandbox.records import Record


def possible_duplicate(book: Book) -> list[Record]:
    """The same paper twice: number, date and amount, once with a blank in the number."""
    group = book.group("Kartonwerk Altona GmbH")
    dated, lines = book.days.ago(13), book.priced(group, 67_480)
    first = book.note(group, dated, lines, description="Rücksendung von 4 Paletten")
    again = first["_documentNumber"].replace("-", " ")
    file = first["documentName"].replace(".pdf", " (1).pdf")
    number = book.numbers.take(group.plan, again)
    second = book.note(
        group, dated, lines, number=number, documentName=file, description=first["description"]
    )
    return [first, second]


def duplicate_within_days(book: Book) -> list[Record]:
    """The same amount four days apart under two numbers: sent as a copy, or two deliveries?"""
    group = book.group("Cloudhafen GmbH")
    lines, dated = book.priced(group, 23_750), book.days.ago(21)
    return [
        book.note(group, dated + timedelta(days=after), lines, reason="goodwill")
        for after in (0, 4)
    ]


def duplicate_in_another_entity(book: Book) -> list[Record]:
    """One paper, entered by the German entity and by the American one."""
    name, dated = "Van Dijk Warehousing B.V.", book.days.ago(33)
    here, there = book.group(name, "DE01"), book.group(name, "US01")
    lines = book.priced(here, 118_400)
    first = book.note(here, dated, lines, reason="bonus")
    again = first["_documentNumber"].lower().replace(".", "/")
    number = book.numbers.take(there.plan, again)
    return [first, book.note(there, dated, lines, reason="bonus", number=number)]


def duplicate_of_another_vendor(book: Book) -> list[Record]:
    """One company with two vendor records, one VAT id, and one credit note with each."""
    known, again = book.group("Hansa Spedition KG"), book.group("Hansa Spedition GmbH & Co. KG")
    lines, dated = book.priced(known, 54_300), book.days.ago(10)
    first = book.note(known, dated, lines, reason="price")
    number = book.numbers.take(again.plan, first["_documentNumber"])
    second = book.note(again, dated, lines, status="DRAFT", reason="price", number=number)
    return [first, second, known.vendor, again.vendor]


def duplicate_of_a_cleared_credit(book: Book) -> list[Record]:
    """A credit that was used up weeks ago has come in once more, and is a draft."""
    group = book.group("Bürobedarf Lindner e.K.")
    lines = book.priced(group, 31_200)
    invoice = book.invoice(group, "UNPAID", book.days.ago(62), lines)
    part = share_of(lines, 50)
    used = book.note(group, book.days.ago(58), part, reason="return", ref=invoice["invoiceNumber"])
    book.clear(used, invoice, book.days.ago(55))
    book.pay(invoice, book.days.ago(48))
    number = book.numbers.take(group.plan, used["_documentNumber"].replace("-", ""))
    again = book.note(
        group, book.days.ago(58), part, status="DRAFT", number=number,
        description=used["description"],
    )  # fmt: skip
    return [used, again, invoice]


def filed_as_invoice(book: Book) -> list[Record]:
    """A credit note that came in with the invoices: EUR 420.00, still a draft."""
    group = book.group("Nordlicht Logistik GmbH")
    dated = book.days.ago(16)
    number = book.numbers.take(group.plan, f"CR-{dated.year}-8213")
    return [
        book.invoice(
            group, "IN_DRAFT", dated, book.priced(group, 35_294), number=number,
            due=book.days.coming(14), documentName="Gutschrift_8213.pdf", description="Gutschrift",
        )
    ]  # fmt: skip


def filed_as_invoice_by_its_file(book: Book) -> list[Record]:
    """Only the name of the file says that it is a credit; it waits for approval."""
    group = book.group("Bluebonnet Office Supply LLC")
    return [
        book.invoice(
            group, "APPROVAL_PENDING", book.days.ago(9), book.priced(group, 27_650),
            due=book.days.coming(21), documentName="Credit-Memo_2207.pdf",
        )
    ]  # fmt: skip


def negative_invoice(book: Book) -> list[Record]:
    """A correction that the vendor sent as an invoice below nothing: EUR -892.50."""
    group = book.group("Saarbrücker Edelstahl GmbH")
    lines = [Line("Korrektur Legierungszuschlag", -75_000, group.percent)]
    return [
        book.invoice(group, "IN_DRAFT", book.days.ago(7), lines, due=book.days.coming(23))
    ]  # fmt: skip


def card_fees(book: Book) -> list[Record]:
    """An ordinary invoice, although it speaks of credit."""
    group = book.group("Cascade Cloud Services Inc.")
    return [
        book.invoice(
            group, "IN_DRAFT", book.days.ago(5), book.priced(group, 41_000),
            due=book.days.coming(25), description="Credit card fees",
        )
    ]  # fmt: skip


def free_credit_beside_a_draft_invoice(book: Book) -> list[Record]:
    """Whoever posts the invoice lets Light take the credit by itself: nobody has linked it."""
    group = book.group("Øresund Shipping ApS", currency="USD")
    invoice = book.invoice(
        group, "IN_DRAFT", book.days.ago(8), book.priced(group, 96_000), due=book.days.coming(24)
    )
    note = book.note(group, book.days.ago(12), book.priced(group, 31_500), reason="return")
    return [note, invoice]


CASES = (
    possible_duplicate,
    duplicate_within_days,
    duplicate_in_another_entity,
    duplicate_of_another_vendor,
    duplicate_of_a_cleared_credit,
    filed_as_invoice,
    filed_as_invoice_by_its_file,
    negative_invoice,
    card_fees,
    free_credit_beside_a_draft_invoice,
)
