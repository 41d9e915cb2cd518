"""Drafts: credit that cannot be used before somebody has completed and posted it."""

from __future__ import annotations

from datetime import timedelta

from clearing.sandbox.company import money
from clearing.sandbox.company.book import Book
from clearing.sandbox.records import Record

NOBODY: Record = {"businessPartnerId": None, "businessPartnerName": None}


def draft(book: Book) -> list[Record]:
    """Complete, and only to be posted."""
    group = book.group("Kartonwerk Altona GmbH")
    return [book.note(group, book.days.ago(2), status="DRAFT", reason="return")]


def missing_vendor(book: Book) -> list[Record]:
    """Nobody has said yet whose credit this is."""
    group = book.group("Hansa Spedition KG")
    return [book.note(group, book.days.ago(3), status="DRAFT", **NOBODY)]


def missing_entity(book: Book) -> list[Record]:
    """A draft that belongs to none of the entities yet."""
    group = book.group("Cloudhafen GmbH")
    return [book.note(group, book.days.ago(4), status="DRAFT", companyEntityId=None)]


def draft_of_the_other_entity(book: Book) -> list[Record]:
    """The paper is addressed to the German entity, the draft is filed with the American one."""
    here = book.group("Van Dijk Warehousing B.V.", "DE01")
    there = book.group("Van Dijk Warehousing B.V.", "US01")
    other = there.entity["id"]
    return [book.note(here, book.days.ago(6), status="DRAFT", companyEntityId=other)]


def draft_without_lines(book: Book) -> list[Record]:
    """The amount was read from the paper, the lines were not."""
    group = book.group("Acciai Brambilla S.p.A.")
    return [book.note(group, book.days.ago(5), [], status="DRAFT", amount=124_600)]


def draft_with_wrong_sum(book: Book) -> list[Record]:
    """The lines do not add up to the header: a digit was misread."""
    group = book.group("Saarbrücker Edelstahl GmbH")
    lines = book.priced(group, 158_000)
    amount = lines[0].gross + 9_000
    return [book.note(group, book.days.ago(6), lines, status="DRAFT", amount=amount)]


def draft_without_vendor_and_with_a_wrong_line(book: Book) -> list[Record]:
    """No vendor, and of two lines one has two digits exchanged; amount and paper are right."""
    group = book.group("Nordlicht Logistik GmbH")
    lines = book.priced(group, 42_900, 18_500)
    note = book.note(group, book.days.ago(4), lines, status="DRAFT", reason="return", **NOBODY)
    wrong, filed = lines[1]._replace(net=15_800), note["lines"][1]
    for name in ("net", "tax", "gross"):
        filed[f"{name}TransactionAmount"]["amount"] = getattr(wrong, name)
    return [note]


def draft_without_amount(book: Book) -> list[Record]:
    """Neither amount nor date nor lines."""
    group = book.group("Bluebonnet Office Supply LLC")
    return [
        book.note(
            group, book.days.ago(1), [], status="DRAFT",
            amount=None, documentDate=None, description=None,
        )
    ]  # fmt: skip


def draft_of_a_closed_month(book: Book) -> list[Record]:
    """Complete, but dated in the middle of the month before last, whose books are closed."""
    group = book.group("Bürobedarf Lindner e.K.")
    last = book.days.today.replace(day=1) - timedelta(days=1)
    dated = (last.replace(day=1) - timedelta(days=1)).replace(day=15)
    return [book.note(group, dated, status="DRAFT", reason="price")]


def draft_in_dollars(book: Book) -> list[Record]:
    """Complete, in another currency than its entity's: the paper shows the same amount."""
    group = book.group("Øresund Shipping ApS", currency="USD")
    lines = book.priced(group, money.from_euro_cents(64_000, "USD"))
    return [book.note(group, book.days.ago(7), lines, status="DRAFT", reason="return")]


def awaiting_approval(book: Book) -> list[Record]:
    """Credit notes that Light's own approvers have not released, or that are not posted yet."""
    group = book.group("Västkusten Trä AB")
    return [
        book.note(group, book.days.ago(age), status=status, reason="bonus")
        for status, age in (("APPROVAL_PENDING", 3), ("APPROVED", 5))
    ]


CASES = (
    draft,
    missing_vendor,
    missing_entity,
    draft_of_the_other_entity,
    draft_without_lines,
    draft_with_wrong_sum,
    draft_without_vendor_and_with_a_wrong_line,
    draft_without_amount,
    draft_of_a_closed_month,
    draft_in_dollars,
    awaiting_approval,
)
