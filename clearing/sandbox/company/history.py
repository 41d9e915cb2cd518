"""The last eighteen months: invoices paid, credit notes used up. All of it in the past."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

from clearing.sandbox.company.book import HISTORY_DAYS, Book
from clearing.sandbox.company.masterdata import Group
from clearing.sandbox.company.money import Line
from clearing.sandbox.records import Record

MONTHS = 17
MONTHLY = ("Stadtwerke Elbmark GmbH", "Commonwealth Energy Supply Inc.")
REASONS = ("price", "return", "damage", "twice")


def share_of(lines: list[Line], percent: int) -> list[Line]:
    """The same lines with that share of their net amounts."""
    return [line._replace(net=max(1, line.net * percent // 100)) for line in lines]


def any_group(book: Book) -> Group:
    """Any vendor but those whose numbers run by the month."""
    names = [name for name in book.plans if name not in MONTHLY]
    return book.group(book.rng.choice(names))


def bill_day(book: Book, months_ago: int) -> date:
    """The third of a month; the newest lies at least two days back."""
    day = book.days.ago(5).replace(day=3)
    for _ in range(months_ago):
        day = (day.replace(day=1) - timedelta(days=1)).replace(day=3)
    return day


def monthly_bills(book: Book) -> None:
    """Two vendors bill by the month, and number so; all but the newest bill are paid."""
    for name in MONTHLY:
        group = book.group(name)
        for months_ago in range(MONTHS, 1, -1):
            issued = bill_day(book, months_ago)
            invoice = book.invoice(group, "UNPAID", issued)
            book.pay(invoice, issued + timedelta(days=group.plan.terms))


def paid_invoice(book: Book) -> Record:
    """Paid by the bank about when it was due."""
    group = any_group(book)
    terms = group.plan.terms
    issued = book.days.within(terms + 8, HISTORY_DAYS - 8)
    invoice = book.invoice(group, "UNPAID", issued)
    book.pay(invoice, book.days.workday(issued + timedelta(days=terms + book.rng.randint(-3, 3))))
    return invoice


def just_paid_invoice(book: Book) -> Record:
    """The bank has paid, and Light has not completed the invoice yet."""
    group = any_group(book)
    paid_on = book.days.within(1, 6)
    invoice = book.invoice(group, "UNPAID", paid_on - timedelta(days=group.plan.terms))
    book.pay(invoice, paid_on)
    invoice["state"] = "PAID"
    return invoice


def _old_invoice(book: Book, group: Group, around: date) -> tuple[Record, list[Line]]:
    lines = book.goods(group)
    issued = book.days.workday(around - timedelta(days=book.rng.randint(0, 6)))
    return book.invoice(group, "UNPAID", issued, lines), lines


def _use_up(book: Book, note: Record, *invoices: Record) -> None:
    """Clear the invoices with the note, in turn, until it is used up."""
    dated = date.fromisoformat(note["documentDate"])
    for invoice in invoices:
        if book.free(note):
            book.clear(note, invoice, book.days.workday(dated + timedelta(days=4)))


def _pay_rest(book: Book, *invoices: Record) -> None:
    for invoice in invoices:
        if book.open(invoice):
            book.pay(invoice, date.fromisoformat(invoice["dueDate"]))


def one_for_one(book: Book) -> None:
    """A credit on one invoice: the whole of it, or a part and the bank paid the rest."""
    group, around, rng = any_group(book), book.days.within(70, HISTORY_DAYS - 15), book.rng
    invoice, lines = _old_invoice(book, group, around)
    percent = rng.choice((100, 5, 10, 15, 20, 30, 45))
    reason = "cancel" if percent == 100 else rng.choice(REASONS)
    dated = around + timedelta(days=rng.randint(1, 9))
    ref = invoice["invoiceNumber"] if rng.random() < 0.7 or percent == 100 else None
    note = book.note(
        group, dated, share_of(lines, percent), reason=reason if ref else "goodwill", ref=ref
    )
    _use_up(book, note, invoice)
    _pay_rest(book, invoice)


def one_for_many(book: Book) -> None:
    """One bonus used on two or three invoices."""
    group, around = any_group(book), book.days.within(80, HISTORY_DAYS - 15)
    pairs = [_old_invoice(book, group, around) for _ in range(book.rng.randint(2, 3))]
    net = sum(line.net for _, lines in pairs for line in share_of(lines, 60))
    bonus = Line("Bonus" if group.plan.german else "Volume rebate", net, group.percent)
    note = book.note(group, around + timedelta(days=2), [bonus], reason="bonus")
    invoices = [invoice for invoice, _ in pairs]
    _use_up(book, note, *invoices)
    _pay_rest(book, *invoices)


def many_for_one(book: Book) -> None:
    """Two credits on one invoice."""
    group, around = any_group(book), book.days.within(80, HISTORY_DAYS - 15)
    invoice, lines = _old_invoice(book, group, around)
    for after, percent in ((2, 20), (5, 12)):
        reason = book.rng.choice(REASONS)
        note = book.note(
            group, around + timedelta(days=after), share_of(lines, percent),
            reason=reason, ref=invoice["invoiceNumber"],
        )  # fmt: skip
        _use_up(book, note, invoice)
    _pay_rest(book, invoice)


def partly_used(book: Book, group: Group) -> None:
    """A credit larger than the invoice it cleared; the rest is still open."""
    dated = book.days.within(12, 150)
    invoice, lines = _old_invoice(book, group, dated)
    percent = book.rng.choice((120, 150, 180, 240))
    note = book.note(group, dated, share_of(lines, percent), reason="bonus")
    _use_up(book, note, invoice)


def partly_used_on_unpaid(book: Book, group: Group) -> None:
    """Half of a credit cleared a part of an invoice that waits for the rest of its payment."""
    dated = book.days.within(10, 30)
    lines = book.goods(group)
    due = book.days.coming(book.rng.randint(10, 25))
    invoice = book.invoice(group, "UNPAID", dated, lines, due=due)
    note = book.note(group, dated, share_of(lines, 50), reason="goodwill")
    book.clear(note, invoice, dated + timedelta(days=5), max(1, note["amount"] // 2))


def used_up(book: Book, wanted: int) -> None:
    """Credit notes until `wanted` of them are CLEARED."""
    ways: tuple[Callable[[Book], None], ...] = (
        one_for_one, one_for_one, one_for_one, one_for_many, many_for_one
    )  # fmt: skip
    while (missing := wanted - book.notes_in("CLEARED")) > 0:
        way = one_for_one if missing == 1 else book.rng.choice(ways)
        way(book)
