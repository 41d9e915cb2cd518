"""Credit that can be used today: what a person, or the engine, should find."""

from __future__ import annotations

from clearing.sandbox.company.book import Book
from clearing.sandbox.company.history import bill_day, share_of
from clearing.sandbox.company.money import Line
from clearing.sandbox.records import Record


def exact_match(book: Book) -> list[Record]:
    """A credit over exactly an invoice's amount, not named."""
    group = book.group("Hansa Spedition KG")
    lines = book.priced(group, 184_300, 27_500)
    invoice = book.invoice(group, "UNPAID", book.days.ago(9), lines, due=book.days.coming(12))
    note = book.note(group, book.days.ago(5), lines, reason="goodwill")
    return [note, invoice]


def partial(book: Book) -> list[Record]:
    """A credit over a part of the invoice it names."""
    group = book.group("Kartonwerk Altona GmbH")
    lines = book.priced(group, 412_000)
    invoice = book.invoice(
        group, "APPROVAL_PENDING", book.days.ago(6), lines, due=book.days.coming(15)
    )
    note = book.note(
        group, book.days.ago(3), share_of(lines, 12), reason="price", ref=invoice["invoiceNumber"]
    )
    return [note, invoice]


def credit_larger_than_the_invoice(book: Book) -> list[Record]:
    """A bonus that one invoice cannot use up."""
    group = book.group("Saarbrücker Edelstahl GmbH")
    invoice = book.invoice(
        group, "IN_DRAFT", book.days.ago(4), book.priced(group, 88_000), due=book.days.coming(26)
    )
    note = book.note(group, book.days.ago(20), book.priced(group, 520_000), reason="bonus")
    return [note, invoice]


def one_credit_for_many_invoices(book: Book) -> list[Record]:
    """A credit whose amount is the sum of three invoices."""
    group = book.group("Papelera del Norte S.L.")
    invoices, lines = [], []
    for n, net in enumerate((63_145, 128_890, 47_215)):
        part = book.priced(group, net)
        state = ("IN_DRAFT", "APPROVAL_PENDING", "APPROVAL_REQUESTED")[n]
        issued, due = book.days.ago(12 - n), book.days.coming(18 + n)
        invoices.append(book.invoice(group, state, issued, part, due=due))
        lines += part
    return [book.note(group, book.days.ago(2), lines, reason="goodwill"), *invoices]


def many_credits_for_one_invoice(book: Book) -> list[Record]:
    """Three credits that together are exactly one invoice."""
    group = book.group("Maple Ridge Machinery Ltd")
    parts = [book.priced(group, net) for net in (215_060, 94_455, 160_025)]
    lines = [line for part in parts for line in part]
    invoice = book.invoice(group, "UNPAID", book.days.ago(15), lines, due=book.days.coming(30))
    ages = (11, 8, 4)
    notes = [
        book.note(group, book.days.ago(age), part, reason="return")
        for age, part in zip(ages, parts, strict=True)
    ]
    return [*notes, invoice]


def reference_in_description(book: Book) -> list[Record]:
    """The description names the invoice."""
    group = book.group("Bürobedarf Lindner e.K.")
    lines = book.priced(group, 38_640)
    invoice = book.invoice(
        group, "APPROVAL_REQUESTED", book.days.ago(5), lines, due=book.days.coming(11)
    )
    note = book.note(
        group, book.days.ago(2), share_of(lines, 40), reason="price", ref=invoice["invoiceNumber"]
    )
    return [note, invoice]


def reference_written_differently(book: Book) -> list[Record]:
    """The number is there, with blanks where the invoice has dashes."""
    group = book.group("Nordlicht Lagerhaus GmbH")
    lines = book.priced(group, 146_200)
    invoice = book.invoice(group, "UNPAID", book.days.ago(11), lines, due=book.days.coming(19))
    spelled = invoice["invoiceNumber"].replace("-", " ").lower()
    note = book.note(
        group, book.days.ago(3), share_of(lines, 25), description=f"Lagergeld laut {spelled}"
    )
    return [note, invoice]


def reference_only_in_pdf(book: Book) -> list[Record]:
    """Only the paper says which invoice is meant."""
    group = book.group("Cloudhafen GmbH")
    lines = book.priced(group, 219_000)
    invoice = book.invoice(group, "UNPAID", book.days.ago(8), lines, due=book.days.coming(10))
    note = book.note(
        group, book.days.ago(1), share_of(lines, 30),
        printed_reference=f"Bezug: Ihre Rechnung {invoice['invoiceNumber']}",
    )  # fmt: skip
    return [note, invoice]


def reference_in_a_line(book: Book) -> list[Record]:
    """Only a line of the credit note names the invoice."""
    group = book.group("Kartonwerk Altona GmbH")
    lines = book.priced(group, 267_300)
    invoice = book.invoice(group, "UNPAID", book.days.ago(10), lines, due=book.days.coming(13))
    line = Line(f"Nachlass zu {invoice['invoiceNumber']}", 40_095, group.percent)
    return [book.note(group, book.days.ago(2), [line], reason="goodwill"), invoice]


def reference_to_another_vendor(book: Book) -> list[Record]:
    """A vendor with nearly the same name: the number named belongs to the other one."""
    group, other = book.group("Nordlicht Lagerhaus GmbH"), book.group("Nordlicht Logistik GmbH")
    invoice = book.invoice(
        other, "APPROVAL_PENDING", book.days.ago(3), book.priced(other, 73_900),
        due=book.days.coming(26),
    )  # fmt: skip
    note = book.note(
        group, book.days.ago(2), book.priced(group, 73_900),
        reason="twice", ref=invoice["invoiceNumber"],
    )  # fmt: skip
    return [note, invoice]


def same_amount_twice(book: Book) -> list[Record]:
    """Two invoices of the same amount; the credit fits either, and names none."""
    group = book.group("Shenzhen Brightpack Co. Ltd.")
    lines = book.priced(group, 342_000)
    invoices = [
        book.invoice(group, "UNPAID", book.days.ago(age), lines, due=book.days.coming(30 - age))
        for age in (14, 10)
    ]
    return [book.note(group, book.days.ago(4), lines, reason="goodwill"), *invoices]


def adds_up_to_two(book: Book) -> list[Record]:
    """A credit of exactly two of the open invoices together; it names neither."""
    group = book.group("Hansa Spedition KG")
    parts = [book.priced(group, net) for net in (61_235, 93_840)]
    invoices = [
        book.invoice(group, "APPROVAL_PENDING", book.days.ago(age), part, due=book.days.coming(14))
        for age, part in zip((8, 6), parts, strict=True)
    ]
    lines = [line for part in parts for line in part]
    return [book.note(group, book.days.ago(1), lines, reason="goodwill"), *invoices]


def adds_up_in_two_ways(book: Book) -> list[Record]:
    """Two pairs of invoices have the credit's amount: nobody can know which are meant."""
    group = book.group("Västkusten Trä AB")
    invoices = [
        book.invoice(
            group, "IN_DRAFT", book.days.ago(7), book.priced(group, net), due=book.days.coming(22)
        )
        for net in (141_170, 58_830, 123_450, 76_550)
    ]
    note = book.note(group, book.days.ago(3), book.priced(group, 200_000), reason="bonus")
    return [note, *invoices]


def same_amount_every_month(book: Book) -> list[Record]:
    """A subscription, four months of it unpaid; a credit over one month does not say which."""
    group = book.group("Cloudhafen GmbH")
    lines = [Line("Wartungspauschale", 48_900, group.percent)]
    invoices = [
        book.invoice(group, "UNPAID", book.days.ago(5 + 30 * n), lines, due=book.days.coming(16))
        for n in range(4)
    ]
    return [book.note(group, book.days.ago(4), lines, reason="goodwill"), *invoices]


def nearly_exact(book: Book) -> list[Record]:
    """Three cents short of the invoice, which is not named."""
    group = book.group("Bluebonnet Office Supply LLC")
    invoice = book.invoice(
        group, "UNPAID", book.days.ago(6), book.priced(group, 148_250), due=book.days.coming(18)
    )
    note = book.note(group, book.days.ago(2), book.priced(group, 148_247), reason="goodwill")
    return [note, invoice]


def booked_at_two_rates(book: Book) -> list[Record]:
    """Dollars in euro books: invoice and credit were booked at different rates."""
    group = book.group("Øresund Shipping ApS", currency="USD")
    lines = book.priced(group, 268_000)
    invoice = book.invoice(
        group, "UNPAID", book.days.ago(19), lines, due=book.days.coming(23),
        localCurrencyFxRate=0.9312, groupCurrencyFxRate=0.9312,
    )  # fmt: skip
    note = book.note(
        group, book.days.ago(4), share_of(lines, 45), reason="damage", ref=invoice["invoiceNumber"],
        localCurrencyFxRate=0.9185, groupCurrencyFxRate=0.9185,
    )  # fmt: skip
    return [note, invoice]


def small_rest(book: Book) -> list[Record]:
    """Two cents short of the invoice: somebody rounded."""
    group = book.group("Acciai Brambilla S.p.A.")
    lines = book.priced(group, 871_395)
    invoice = book.invoice(
        group, "APPROVAL_PENDING", book.days.ago(7), lines, due=book.days.coming(50)
    )
    note = book.note(
        group, book.days.ago(3), [Line("Storno, gerundet", 871_393)],
        reason="cancel", ref=invoice["invoiceNumber"],
    )  # fmt: skip
    return [note, invoice]


def small_rest_in_yen(book: Book) -> list[Record]:
    """One yen is left over."""
    group = book.group("Kansai Seimitsu Kogyo K.K.")
    invoice = book.invoice(
        group, "UNPAID", book.days.ago(20), book.priced(group, 1_284_000),
        due=book.days.coming(40),
    )  # fmt: skip
    lines = [*book.priced(group, 1_284_000), Line("Rounding", 1, 0, "D")]
    return [book.note(group, book.days.ago(6), lines, reason="goodwill"), invoice]


def dinars(book: Book) -> list[Record]:
    """Three decimals: 1,846.250 KWD against 2,310.500 KWD."""
    group = book.group("Al-Dhow Shipping & Trading W.L.L.")
    invoice = book.invoice(
        group, "UNPAID", book.days.ago(10), book.priced(group, 2_310_500),
        due=book.days.coming(20),
    )  # fmt: skip
    note = book.note(
        group, book.days.ago(5), book.priced(group, 1_846_250),
        reason="damage", ref=invoice["invoiceNumber"],
    )  # fmt: skip
    return [note, invoice]


def number_looks_like_the_month(book: Book) -> list[Record]:
    """Invoices are numbered by the month, and the credit's text holds two months."""
    group = book.group("Stadtwerke Elbmark GmbH")
    invoices = []
    for months_ago, state in ((1, "UNPAID"), (0, "APPROVAL_PENDING")):
        issued = bill_day(book, months_ago)
        invoices.append(book.invoice(group, state, issued, due=book.days.coming(10)))
    first, second = (invoice["invoiceNumber"] for invoice in invoices)
    note = book.note(
        group, book.days.ago(1), book.priced(group, 61_300),
        description=f"Korrektur Abschlag {first}, gutgeschrieben {second}",
    )  # fmt: skip
    return [note, *invoices]


def charge_within_a_credit(book: Book) -> list[Record]:
    """A return less a restocking fee: a line that goes the other way."""
    group = book.group("Bluebonnet Office Supply LLC")
    invoice = book.invoice(
        group, "IN_DRAFT", book.days.ago(3), book.priced(group, 92_400), due=book.days.coming(12)
    )
    lines = [Line("Desk chairs returned", 46_200), Line("Restocking fee", 4_620, 0, "D")]
    ref = invoice["invoiceNumber"]
    return [book.note(group, book.days.ago(1), lines, reason="return", ref=ref), invoice]


CASES = (
    exact_match,
    partial,
    credit_larger_than_the_invoice,
    one_credit_for_many_invoices,
    many_credits_for_one_invoice,
    reference_in_description,
    reference_written_differently,
    reference_only_in_pdf,
    reference_in_a_line,
    reference_to_another_vendor,
    same_amount_twice,
    adds_up_to_two,
    adds_up_in_two_ways,
    same_amount_every_month,
    nearly_exact,
    booked_at_two_rates,
    small_rest,
    small_rest_in_yen,
    dinars,
    number_looks_like_the_month,
    charge_within_a_credit,
)
