"""Posting a draft, undoing a clearing with its note, and a move's second step, as tables."""

from dataclasses import replace
from datetime import date
from uuid import UUID

import pytest

from clearing.deciding import (
    Adopt,
    Answer,
    Ask,
    Body,
    CannotConfirm,
    Content,
    Done,
    DraftLine,
    Fall,
    LookAgain,
    NotApplied,
    Rules,
    Send,
    Unknown,
    Wait,
    after_answer,
    before_sending,
    digest,
    once_undone,
    settle,
    verify,
)
from tests.deciding.looks import (
    CLEARED,
    CN,
    DRAFT,
    FITTING,
    INV,
    INVOICE,
    LINE,
    NOTE,
    PAIR,
    content,
    seen,
)

CLOSED = "October 2026 is closed."


def draft(**over):
    return seen(note=replace(DRAFT, **over), invoice=None)


# --- before a post -------------------------------------------------------------------------------
POSTS = {
    "as seen": ({}, draft(), Send),
    "in an open month": ({"into_closed": True}, draft(), Send),
    "in a closed month": ({}, replace(draft(), closed=CLOSED), Fall),
    "in a closed month as approved": (
        {"into_closed": True}, replace(draft(), closed=CLOSED), Send,
    ),
    "posted already": ({}, draft(status="POSTED"), Adopt),
    "used already": ({}, draft(status="CLEARED"), Adopt),
    "in approval": ({}, draft(status="APPROVAL_PENDING"), Fall),
    "cancelled": ({}, draft(status="ARCHIVED"), Fall),
    "a status nobody knows": ({}, draft(status="TOMORROW"), Fall),
    "another day": ({}, draft(day=date(2026, 10, 6)), Fall),
    "no day any more": ({}, draft(day=None), Fall),
    "never a day": ({"day": None}, draft(day=None), Send),
    "no day, in the month": (
        {"day": None, "month": "2026-10"}, replace(draft(day=None), month="2026-10"), Send,
    ),
    "no day, the month after": (
        {"day": None, "month": "2026-10"}, replace(draft(day=None), month="2026-11"), Fall,
    ),
    "no line": ({}, draft(lines=()), Fall),
    "a line more": ({}, draft(lines=(LINE, LINE)), Fall),
    "another amount": ({}, draft(lines=(replace(LINE, net=1),)), Fall),
    "the other side": ({}, draft(lines=(replace(LINE, gross_side="D"),)), Fall),
    "another account": ({}, draft(lines=(replace(LINE, ledger_account_id=CN),)), Fall),
    "another tax code": ({}, draft(lines=(replace(LINE, ledger_tax_id=CN),)), Fall),
    "another text": ({}, draft(lines=(replace(LINE, description=""),)), Fall),
    "another cost center": ({}, draft(lines=(replace(LINE, cost_center_id=CN),)), Fall),
    "another plan": ({}, draft(lines=(replace(LINE, accrual_template_id=CN),)), Fall),
    "accrued": ({}, draft(lines=(replace(LINE, accrual_start_date=date(2026, 1, 1)),)), Fall),
}  # fmt: skip


@pytest.mark.parametrize(("over", "look", "expected"), POSTS.values(), ids=POSTS)
def test_a_post(over, look, expected):
    decision = before_sending(content("post", **over), look, Rules())
    assert isinstance(decision, expected)
    assert expected is Send or decision.words


def test_lines_have_no_order_and_a_side_without_an_amount_says_nothing():
    other = DraftLine(description="Freight")
    assert digest([LINE, other]) == digest([other, LINE]) != digest([LINE, LINE, other])
    assert digest([replace(other, net_side="D")]) == digest([other])
    assert digest([replace(other, net=0, net_side="D")]) != digest([replace(other, net=0)])


def test_a_post_is_read_from_its_content_and_an_older_line_has_none_of_it():
    plain = {
        "kind": "post", "credit_note": str(CN), "invoice": None, "clearing": None, "amount": 1,
        "previous_amount": None, "currency": "EUR", "entity": None, "vendor": None,
        "credit_note_amount": 1, "invoice_amount": None, "of_draft": False,
    }  # fmt: skip
    old = Content.read(plain)
    assert (old.lines, old.day, old.archives, old.into_closed) == ("", None, False, False)
    new = Content.read(plain | {"lines": "x", "day": "2026-10-05", "into_closed": True})
    assert (new.lines, new.day, new.into_closed) == ("x", date(2026, 10, 5), True)


# --- answers, and what reading shows -------------------------------------------------------------
@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (Body(CN, state="POSTED"), Done),
        (Body(CN, state="DRAFT"), Unknown),
        (Body(CN, state="TOMORROW"), Unknown),
        (Body(UUID(int=9), state="POSTED"), Unknown),
        (Body(), Unknown),
    ],
)
def test_only_a_yes_that_shows_it_posted_is_done(body, expected):
    outcome = after_answer(content("post"), FITTING["post"], Answer("yes", body=body))
    assert isinstance(outcome, expected) and not getattr(outcome, "at_once", False)


def test_a_yes_about_the_invoice_does_not_show_that_the_note_was_cancelled():
    what = content("reverse", archives=True)
    outcome = after_answer(
        what, FITTING["reverse"], Answer("yes", body=Body(None, INV, state="UNPAID"))
    )
    assert isinstance(outcome, Unknown) and outcome.at_once and outcome.words


UNDONE = replace(FITTING["reverse"], payments=())
GONE = replace(UNDONE, note=replace(NOTE, status="ARCHIVED"))
SETTLED = {
    # kind, more of it, what is seen now -> in the quarantine, after it; "is in Light", "is not"
    "posted": ("post", {}, draft(status="POSTED"), Done, Done, Done, CannotConfirm),
    "not posted": ("post", {}, draft(), LookAgain, LookAgain, CannotConfirm, NotApplied),
    "posted and used": ("post", {}, draft(status="CLEARED"), Done, Done, Done, CannotConfirm),
    "cancelled instead": ("post", {}, draft(status="ARCHIVED"), Ask, Ask, CannotConfirm,
                          NotApplied),
    "in approval": ("post", {}, draft(status="APPROVAL_PENDING"), Ask, Ask, CannotConfirm,
                    NotApplied),
    "edited meanwhile": ("post", {}, draft(amount=1), LookAgain, Ask, CannotConfirm, NotApplied),
    "note gone": ("post", {}, seen(note=None, invoice=None), Ask, Ask, CannotConfirm, NotApplied),
    "undone and cancelled": ("reverse", {"archives": True}, GONE, Done, Done, Done, CannotConfirm),
    "undone, not cancelled": ("reverse", {"archives": True}, UNDONE, LookAgain, Ask,
                              Done, CannotConfirm),
    "neither": ("reverse", {"archives": True}, FITTING["reverse"], LookAgain, LookAgain,
                CannotConfirm, NotApplied),
    "cancelled only": (
        "reverse", {"archives": True},
        replace(FITTING["reverse"], note=replace(NOTE, status="ARCHIVED")), LookAgain, Ask,
        CannotConfirm, NotApplied,
    ),
}  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "over", "now", "early", "late", "says_done", "says_absent"),
    SETTLED.values(), ids=SETTLED,
)  # fmt: skip
def test_what_reading_shows(kind, over, now, early, late, says_done, says_absent):
    what, before = content(kind, **over), FITTING[kind].books()
    assert isinstance(settle(what, before, now, absent_looks=0, quarantine_over=False), early)
    assert isinstance(settle(what, before, now, absent_looks=0, quarantine_over=True), late)
    for decision, expected in (("says_done", says_done), ("says_absent", says_absent)):
        found = verify(what, decision, now, absent_looks=1, quarantine_over=True)
        assert isinstance(found, expected)


@pytest.mark.parametrize(
    ("over", "expected"),
    [
        ({}, Send),
        ({"note_cleared": 4_000}, Send),
        ({"note_cleared": None}, Send),
        ({"note_cleared": 4_001}, Fall),
        ({"note_links": (PAIR,)}, Fall),
    ],
)
def test_a_note_that_is_used_elsewhere_is_not_cancelled_with_its_clearing(over, expected):
    look = replace(FITTING["reverse"], **over)
    what = content("reverse", archives=True)
    assert isinstance(before_sending(what, look, Rules()), expected)
    assert before_sending(content("reverse"), look, Rules()) == Send()


# --- a move's second step ------------------------------------------------------------------------
FIRST = content("reverse")  # frees 4,000
USED = replace(NOTE, status="CLEARED")
PARTLY = replace(NOTE, status="PARTIALLY_CLEARED")
NEXT = {
    "free again": (seen(note=USED, note_cleared=4_000), Send),
    "used elsewhere, too": (seen(note=USED, note_cleared=5_000), Fall),
    "not known yet": (seen(note=PARTLY, note_cleared=None), Wait),
    "cancelled": (seen(note=replace(NOTE, status="ARCHIVED"), note_cleared=4_000), Fall),
    "too little open": (
        seen(note=USED, note_cleared=4_000, invoice=replace(INVOICE, outstanding=3_999)), Fall,
    ),
    "paid": (seen(note=USED, note_cleared=4_000, invoice=replace(INVOICE, state="PAID")), Fall),
    "linked otherwise": (seen([replace(PAIR, amount=1)], note=USED, note_cleared=4_000), Fall),
    "linked already": (seen([PAIR], note=USED, note_cleared=4_000), Adopt),
    "behind others": (
        seen(note=USED, note_cleared=4_000, goes_first=1,
             invoice=replace(INVOICE, state="UNPAID"), payments=(replace(CLEARED, type="BP"),)),
        Send,
    ),
    "note gone": (seen(note=None), Fall),
}  # fmt: skip


@pytest.mark.parametrize(("look", "expected"), NEXT.values(), ids=NEXT)
def test_the_next_step_is_judged_as_if_the_first_were_done(look, expected):
    assert isinstance(before_sending(content(), once_undone(look, FIRST), Rules()), expected)


def test_a_note_that_stays_partly_used_is_linked_only_where_the_house_says_so():
    look = once_undone(seen(note=USED, note_cleared=5_000), FIRST)
    assert isinstance(before_sending(content(), look, Rules()), Fall)
    rules = Rules(partially_cleared_linkable=True)
    assert before_sending(content(), look, rules) == Send()
    assert look.free == 9_000
