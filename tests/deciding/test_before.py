"""Before sending, as tables: what is asked, what Light shows, what is to be done."""

from dataclasses import replace
from uuid import uuid4

import pytest

from clearing import usable
from clearing.deciding import (
    Adopt,
    Fall,
    LinkSeen,
    Payment,
    Rules,
    Send,
    Wait,
    before_sending,
)
from tests.deciding.looks import (
    ALL_STATES,
    CLEARED,
    CN,
    FITTING,
    INV,
    INVOICE,
    KINDS,
    NOTE,
    OTHER_CN,
    OTHER_INV,
    PAIR,
    archive_look,
    content,
    seen,
)


def decide(what, look, **rules):
    return before_sending(what, look, Rules(**rules))


@pytest.mark.parametrize("kind", KINDS)
def test_what_fits_is_sent(kind):
    assert decide(content(kind), FITTING[kind]) == Send()


@pytest.mark.parametrize("state", [*ALL_STATES, "TOMORROW", ""])
@pytest.mark.parametrize("kind", ["link", "amend"])
def test_every_invoice_state_follows_the_rule(kind, state):
    """Usable states are sent, all others fall; a posted one takes no change of a planned link."""
    look = replace(FITTING[kind], invoice=replace(INVOICE, state=state))
    if usable.is_posted(state):
        look = replace(look, payments=())
    allowed = state in usable.USABLE | usable.USABLE_WITH_WARNING
    if kind == "amend":
        allowed = allowed and not usable.is_posted(state)
    decision = decide(content(kind), look)
    assert decision == Send() if allowed else isinstance(decision, Fall) and decision.words


@pytest.mark.parametrize("status", [*usable.NOTE_NEVER, "TOMORROW", ""])
def test_a_credit_note_that_is_not_posted_is_not_linked(status):
    look = seen(note=replace(NOTE, status=status))
    assert isinstance(decide(content(), look), Fall)


def test_a_partly_cleared_note_is_linked_only_where_the_house_says_so():
    look = seen(note=replace(NOTE, status="PARTIALLY_CLEARED"), note_cleared=1_000)
    assert isinstance(decide(content(), look), Fall)
    assert decide(content(), look, partially_cleared_linkable=True) == Send()
    unknown = replace(look, note_cleared=None)
    assert isinstance(decide(content(), unknown, partially_cleared_linkable=True), Wait)
    used = replace(look, note_cleared=6_001)
    assert isinstance(decide(content(), used, partially_cleared_linkable=True), Fall)


CHANGED = {
    "note entity": {"note": replace(NOTE, entity_id=uuid4())},
    "note vendor": {"note": replace(NOTE, vendor_id=uuid4())},
    "note currency": {"note": replace(NOTE, currency="USD")},
    "note amount": {"note": replace(NOTE, amount=10_001)},
    "note amount missing": {"note": replace(NOTE, amount=None)},
    "note without vendor": {"note": replace(NOTE, vendor_id=None)},
    "note gone": {"note": None},
    "invoice entity": {"invoice": replace(INVOICE, entity_id=uuid4())},
    "invoice vendor": {"invoice": replace(INVOICE, vendor_id=None)},
    "invoice currency": {"invoice": replace(INVOICE, currency="USD")},
    "invoice amount": {"invoice": replace(INVOICE, amount=9_999)},
    "invoice gone": {"invoice": None},
}


@pytest.mark.parametrize("change", CHANGED.values(), ids=CHANGED)
@pytest.mark.parametrize("kind", KINDS)
def test_a_document_that_is_not_as_approved_lets_every_kind_fall(kind, change):
    look = FITTING[kind]
    if kind in ("archive", "post") and "invoice" in change:
        change = {"note": replace(NOTE, amount=1)}
    if kind == "post" and change["note"]:
        lines = {"status": "DRAFT", "lines": look.note.lines, "day": look.note.day}
        change = {"note": replace(change["note"], **lines)}
    decision = decide(content(kind), replace(look, **change))
    assert isinstance(decision, Fall) and decision.words


LINK_FALLS = {
    "not adjusting payables": seen(note=replace(NOTE, adjusts_payables=False)),
    "a reimbursement": seen(invoice=replace(INVOICE, type="REIMBURSEMENT")),
    "a type nobody knows": seen(invoice=replace(INVOICE, type="TOMORROW")),
    "linked with another amount": seen([replace(PAIR, amount=3_999)]),
    "linked twice": seen([PAIR, PAIR]),
    "sides that differ": seen([PAIR], on_invoice=[replace(PAIR, amount=1)]),
    "cleared already": seen(
        invoice=replace(INVOICE, state="UNPAID", outstanding=6_000), payments=(CLEARED,)
    ),
    "an old link of a posted invoice": seen(
        [PAIR], invoice=replace(INVOICE, state="UNPAID"), payments=()
    ),
    "credit used by others": seen([LinkSeen(CN, OTHER_INV, 6_001)], on_invoice=[]),
    "credit cleared elsewhere": seen(note_cleared=6_001),
    "invoice taken by others": seen([], on_invoice=[LinkSeen(OTHER_CN, INV, 6_001)]),
    "invoice nearly paid": seen(
        invoice=replace(INVOICE, state="PARTIALLY_PAID", outstanding=3_999), payments=()
    ),
    "outstanding unknown": seen(invoice=replace(INVOICE, outstanding=None)),
    "unknown link on the note": seen([LinkSeen(CN, None, 1)], on_invoice=[]),
    "unknown link on the invoice": seen([], on_invoice=[LinkSeen(None, INV, 1)]),
    "a link without an amount": seen([], on_invoice=[LinkSeen(OTHER_CN, INV, None)]),
    "unknown payment": seen(
        invoice=replace(INVOICE, state="UNPAID"), payments=(Payment("CN", uuid4(), None, 1),)
    ),
    "a payment of a new type": seen(
        invoice=replace(INVOICE, state="UNPAID"), payments=(Payment("XX", uuid4(), None, 1),)
    ),
}


@pytest.mark.parametrize("look", LINK_FALLS.values(), ids=LINK_FALLS)
def test_a_link_falls(look):
    decision = decide(content(), look)
    assert isinstance(decision, Fall) and decision.words


LINK_SENT = {
    "exactly the rest of both": seen(
        [LinkSeen(CN, OTHER_INV, 6_000)], on_invoice=[LinkSeen(OTHER_CN, INV, 6_000)]
    ),
    "a link of a posted invoice takes nothing": seen(
        [LinkSeen(CN, OTHER_INV, 10_000, posted=True)], on_invoice=[]
    ),
    "a posted invoice's own links take nothing": seen(
        [],
        invoice=replace(INVOICE, state="UNPAID", outstanding=4_000),
        on_invoice=[LinkSeen(OTHER_CN, INV, 9_000)],
        payments=(Payment("BP", uuid4(), None, 6_000),),
    ),
    "another usable state": seen(invoice=replace(INVOICE, state="APPROVAL_PENDING")),
}


@pytest.mark.parametrize("look", LINK_SENT.values(), ids=LINK_SENT)
def test_a_link_is_sent_though(look):
    assert decide(content(), look) == Send()


@pytest.mark.parametrize(
    "look",
    [seen([PAIR]), seen([PAIR], on_invoice=[]), seen([], on_invoice=[PAIR]),
     seen([PAIR], note=replace(NOTE, status="PARTIALLY_CLEARED"))],
)  # fmt: skip
def test_a_link_that_is_there_already_is_adopted(look):
    assert isinstance(decide(content(), look), Adopt)


def test_a_link_to_a_posted_invoice_waits_for_the_note_s_other_lines():
    posted = seen(invoice=replace(INVOICE, state="UNPAID"), payments=(), goes_first=1)
    assert isinstance(decide(content(), posted), Wait)
    assert decide(content(), replace(posted, goes_first=0)) == Send()
    assert decide(content(), seen(goes_first=3)) == Send()


AMENDS = {
    "gone": (6_000, seen(), Fall),
    "there already": (6_000, seen([replace(PAIR, amount=6_000)]), Adopt),
    "another amount by now": (6_000, seen([replace(PAIR, amount=5_000)]), Fall),
    "listed twice": (6_000, seen([PAIR, PAIR]), Fall),
    "posted": (3_000, seen([PAIR], invoice=replace(INVOICE, state="UNPAID")), Fall),
    "lowered": (3_000, seen([PAIR]), Send),
    "lowered though the note is full": (
        3_000, seen([PAIR, LinkSeen(CN, OTHER_INV, 6_000)], on_invoice=[PAIR]), Send,
    ),
    "raised to the last cent": (
        6_000, seen([PAIR, LinkSeen(CN, OTHER_INV, 4_000)], on_invoice=[PAIR]), Send,
    ),
    "raised beyond the note": (
        6_000, seen([PAIR, LinkSeen(CN, OTHER_INV, 4_001)], on_invoice=[PAIR]), Fall,
    ),
    "raised beyond the invoice": (
        6_000, seen([PAIR], on_invoice=[PAIR, LinkSeen(OTHER_CN, INV, 4_001)]), Fall,
    ),
    "raised beside an unknown link": (
        6_000, seen([PAIR, LinkSeen(CN, None, 1)], on_invoice=[PAIR]), Fall,
    ),
    "raised on a declined invoice": (
        6_000, seen([PAIR], invoice=replace(INVOICE, state="DECLINED")), Fall,
    ),
}  # fmt: skip


@pytest.mark.parametrize(("amount", "look", "expected"), AMENDS.values(), ids=AMENDS)
def test_an_amend(amount, look, expected):
    assert isinstance(decide(content("amend", amount=amount), look), expected)


UNLINKS = {
    "there": (seen([PAIR]), Send),
    "there on one side": (seen([PAIR], on_invoice=[]), Send),
    "gone": (seen(), Adopt),
    "maybe gone": (seen([LinkSeen(CN, None, 4_000)], on_invoice=[]), Fall),
    "another amount": (seen([replace(PAIR, amount=1)]), Fall),
    "posted": (seen([PAIR], invoice=replace(INVOICE, state="UNPAID"), payments=()), Fall),
    "posted and gone": (seen(invoice=replace(INVOICE, state="COMPLETED"), payments=()), Fall),
    "declined": (seen([PAIR], invoice=replace(INVOICE, state="DECLINED")), Send),
}


@pytest.mark.parametrize(("look", "expected"), UNLINKS.values(), ids=UNLINKS)
def test_an_unlink(look, expected):
    assert isinstance(decide(content("unlink"), look), expected)


ARCHIVES = {
    "posted": ({}, archive_look("POSTED"), Send),
    "in approval": ({}, archive_look("APPROVAL_PENDING"), Send),
    "a draft": ({"of_draft": True}, archive_look("DRAFT"), Send),
    "posted meanwhile": ({"of_draft": True}, archive_look("POSTED"), Fall),
    "in approval meanwhile": ({"of_draft": True}, archive_look("APPROVAL_PENDING"), Fall),
    "a draft again": ({}, archive_look("DRAFT"), Fall),
    "not as seen": ({"status_seen": "APPROVED"}, archive_look("POSTED"), Fall),
    "as seen": ({"status_seen": "POSTED"}, archive_look("POSTED"), Send),
    "done": ({}, archive_look("ARCHIVED"), Adopt),
    "partly used": ({}, archive_look("PARTIALLY_CLEARED"), Fall),
    "used up": ({}, archive_look("CLEARED"), Fall),
    "a status nobody knows": ({}, archive_look("TOMORROW"), Fall),
    "linked": ({}, archive_look("POSTED", [PAIR]), Fall),
    "linked to nobody knows what": ({}, archive_look("POSTED", [LinkSeen(CN, None, 1)]), Fall),
    "an old link of a posted invoice": (
        {}, archive_look("POSTED", [replace(PAIR, posted=True)]), Send,
    ),
}  # fmt: skip


@pytest.mark.parametrize(("over", "look", "expected"), ARCHIVES.values(), ids=ARCHIVES)
def test_an_archive(over, look, expected):
    assert isinstance(decide(content("archive", **over), look), expected)


def test_an_archive_says_how_many_links_stand_in_its_way():
    look = archive_look("POSTED", [PAIR, LinkSeen(CN, OTHER_INV, 1)])
    assert "2 invoices" in decide(content("archive"), look).words


REVERSES = {
    "there": ((CLEARED,), Send),
    "reversed already": ((), Fall),
    "another amount": ((replace(CLEARED, amount=3_999),), Fall),
    "twice": ((CLEARED, CLEARED), Fall),
    "another document": ((replace(CLEARED, document_id=uuid4()),), Fall),
    "a bank payment": ((replace(CLEARED, type="BP"),), Fall),
}


@pytest.mark.parametrize(("payments", "expected"), REVERSES.values(), ids=REVERSES)
def test_a_reversal(payments, expected):
    look = replace(FITTING["reverse"], payments=payments)
    assert isinstance(decide(content("reverse"), look), expected)
