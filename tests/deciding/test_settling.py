"""Outcomes that are settled by reading, and what a person says of one."""

import json
from dataclasses import replace
from uuid import UUID, uuid4

import pytest

from clearing.deciding import (
    Ask,
    CannotConfirm,
    Done,
    LinkSeen,
    LookAgain,
    NotApplied,
    Payment,
    settle,
    verify,
)
from tests.deciding.looks import (
    CLEARED,
    CN,
    FITTING,
    INVOICE,
    NOTE,
    OTHER_INV,
    PAIR,
    archive_look,
    content,
    seen,
)

# --- settled by reading -----------------------------------------------------------------------
POSTED_INVOICE = replace(INVOICE, state="UNPAID")
SETTLED = {
    # kind, what was seen before, what is seen now -> in the quarantine, after it
    "link made": ("link", seen(), seen([PAIR]), Done, Done),
    "link on one side": ("link", seen(), seen([PAIR], on_invoice=[]), Done, Done),
    "link made and posted": (
        "link", seen(), seen(invoice=POSTED_INVOICE, payments=(CLEARED,)), Done, Done,
    ),
    "link made, posted, still listed": (
        "link", seen(),
        seen([PAIR], invoice=POSTED_INVOICE, payments=(replace(CLEARED, amount=1),)), Done, Done,
    ),
    "cleared in part": (
        "link", seen(), seen(invoice=POSTED_INVOICE, payments=(replace(CLEARED, amount=1),)),
        Ask, Ask,
    ),
    "another amount": ("link", seen(), seen([replace(PAIR, amount=8_000)]), Ask, Ask),
    "twice": ("link", seen(), seen([PAIR, PAIR]), Ask, Ask),
    "sides differ": ("link", seen(), seen([PAIR], on_invoice=[replace(PAIR, amount=1)]), Ask, Ask),
    "unknown entry": (
        "link", seen(), seen([LinkSeen(CN, None, 4_000)], on_invoice=[]), LookAgain, Ask,
    ),
    "unknown payment": (
        "link", seen(invoice=POSTED_INVOICE, payments=()),
        seen(invoice=POSTED_INVOICE, payments=(Payment("CN", uuid4(), None, 4_000),)),
        LookAgain, Ask,
    ),
    "nothing": ("link", seen(), seen(), LookAgain, LookAgain),
    "nothing on a posted invoice": (
        "link", seen(invoice=POSTED_INVOICE, payments=()),
        seen(invoice=POSTED_INVOICE, payments=()), LookAgain, LookAgain,
    ),
    "nothing, posted meanwhile": (
        "link", seen(), seen(invoice=POSTED_INVOICE, payments=()), LookAgain, Ask,
    ),
    "nothing, amount changed": (
        "link", seen(), seen(note=replace(NOTE, amount=9_000)), LookAgain, Ask,
    ),
    "nothing, status changed": (
        "link", seen(), seen(note=replace(NOTE, status="ARCHIVED")), LookAgain, Ask,
    ),
    "nothing, another link": (
        "link", seen(), seen([LinkSeen(CN, OTHER_INV, 1)], on_invoice=[]), LookAgain, Ask,
    ),
    "note gone": ("link", seen(), seen(note=None), Ask, Ask),
    "invoice gone": ("link", seen(), seen(invoice=None), Ask, Ask),
    "amended": ("amend", seen([PAIR]), seen([replace(PAIR, amount=6_000)]), Done, Done),
    "amended and cleared": (
        "amend", seen([PAIR]),
        seen(invoice=POSTED_INVOICE, payments=(replace(CLEARED, amount=6_000),)), Done, Done,
    ),
    "cleared unamended": (
        "amend", seen([PAIR]), seen(invoice=POSTED_INVOICE, payments=(CLEARED,)), Ask, Ask,
    ),
    "not amended": ("amend", seen([PAIR]), seen([PAIR]), LookAgain, LookAgain),
    "amended on one side": (
        "amend", seen([PAIR]), seen([PAIR], on_invoice=[replace(PAIR, amount=6_000)]),
        LookAgain, Ask,
    ),
    "amend's link gone": ("amend", seen([PAIR]), seen(), Ask, Ask),
    "amend's link unknown": (
        "amend", seen([PAIR]), seen([LinkSeen(CN, None, 6_000)], on_invoice=[]), LookAgain, Ask,
    ),
    "amended otherwise": ("amend", seen([PAIR]), seen([replace(PAIR, amount=1)]), Ask, Ask),
    "unlinked": ("unlink", seen([PAIR]), seen(), Done, Done),
    "not unlinked": ("unlink", seen([PAIR]), seen([PAIR]), LookAgain, LookAgain),
    "unlinked on one side": ("unlink", seen([PAIR]), seen([PAIR], on_invoice=[]), LookAgain, Ask),
    "unlinked or posted": (
        "unlink", seen([PAIR]), seen(invoice=POSTED_INVOICE, payments=()), Ask, Ask,
    ),
    "cleared instead": (
        "unlink", seen([PAIR]), seen(invoice=POSTED_INVOICE, payments=(CLEARED,)), Ask, Ask,
    ),
    "unlinked beside an unknown entry": (
        "unlink", seen([PAIR]), seen([LinkSeen(CN, None, 4_000)], on_invoice=[]), LookAgain, Ask,
    ),
    "archived": ("archive", archive_look("POSTED"), archive_look("ARCHIVED"), Done, Done),
    "not archived": (
        "archive", archive_look("POSTED"), archive_look("POSTED"), LookAgain, LookAgain,
    ),
    "linked meanwhile": (
        "archive", archive_look("POSTED"), archive_look("POSTED", [PAIR]), LookAgain, Ask,
    ),
    "reversed": (
        "reverse", FITTING["reverse"], replace(FITTING["reverse"], payments=()), Done, Done,
    ),
    "not reversed": ("reverse", FITTING["reverse"], FITTING["reverse"], LookAgain, LookAgain),
    "reversed in part": (
        "reverse", FITTING["reverse"],
        replace(FITTING["reverse"], payments=(replace(CLEARED, amount=1),)), Ask, Ask,
    ),
    "reversed beside an unknown payment": (
        "reverse", FITTING["reverse"],
        replace(FITTING["reverse"], payments=(Payment("CN", uuid4(), None, 1),)), LookAgain, Ask,
    ),
}  # fmt: skip


@pytest.mark.parametrize(("kind", "before", "now", "early", "late"), SETTLED.values(), ids=SETTLED)
def test_an_unknown_outcome_is_settled_by_reading(kind, before, now, early, late):
    stored = json.loads(json.dumps(before.books()))
    first = settle(content(kind), stored, now, absent_looks=0, quarantine_over=False)
    assert isinstance(first, early)
    after = settle(content(kind), stored, now, absent_looks=0, quarantine_over=True)
    assert isinstance(after, late)
    if early is LookAgain:
        assert first == LookAgain(0), "a look in the quarantine proves nothing"
    if late is LookAgain:
        assert after == LookAgain(1)
        second = settle(content(kind), stored, now, absent_looks=1, quarantine_over=True)
        assert isinstance(second, NotApplied)
    if late is Ask:
        assert after.words


def test_without_what_was_seen_before_nothing_is_absent():
    decision = settle(content(), None, seen(), absent_looks=1, quarantine_over=True)
    assert isinstance(decision, Ask)


def test_the_order_of_light_s_lists_does_not_matter():
    one, other = LinkSeen(CN, OTHER_INV, 1), LinkSeen(CN, UUID(int=5), 2)
    assert seen([one, other]).books() == seen([other, one]).books()


# --- a person's decision ----------------------------------------------------------------------
CLEARED_OTHERWISE = seen(invoice=POSTED_INVOICE, payments=(replace(CLEARED, amount=1),))
VERIFIED = {
    # kind, look, "It is in Light", "It is not"
    "link there": ("link", seen([PAIR]), Done, CannotConfirm),
    "link there with another amount": (
        "link", seen([replace(PAIR, amount=1)]), Done, CannotConfirm,
    ),
    "link cleared in part": ("link", CLEARED_OTHERWISE, Done, CannotConfirm),
    "link absent": ("link", seen(), CannotConfirm, NotApplied),
    "note gone": ("link", seen(note=None), CannotConfirm, NotApplied),
    "unknown entry": (
        "link", seen([LinkSeen(CN, None, 1)], on_invoice=[]), CannotConfirm, CannotConfirm,
    ),
    "amended": ("amend", seen([replace(PAIR, amount=6_000)]), Done, CannotConfirm),
    "not amended": ("amend", seen([PAIR]), CannotConfirm, NotApplied),
    "amended, and listed twice": (
        "amend", seen([PAIR, replace(PAIR, amount=6_000)]), CannotConfirm, CannotConfirm,
    ),
    "amended on one side, a third amount on the other": (
        "amend", seen([replace(PAIR, amount=6_000)], on_invoice=[replace(PAIR, amount=1)]),
        CannotConfirm, CannotConfirm,
    ),
    "to be unlinked, and listed twice": (
        "unlink", seen([PAIR, PAIR]), CannotConfirm, CannotConfirm,
    ),
    "amend's link gone": ("amend", seen(), CannotConfirm, NotApplied),
    "unlinked": ("unlink", seen(), Done, CannotConfirm),
    "not unlinked": ("unlink", seen([PAIR]), CannotConfirm, NotApplied),
    "posted instead": (
        "unlink", seen(invoice=POSTED_INVOICE, payments=(CLEARED,)), CannotConfirm, NotApplied,
    ),
    "gone, and posted": (
        "unlink", seen(invoice=POSTED_INVOICE, payments=()), Done, CannotConfirm,
    ),
    "posted beside an unknown payment": (
        "unlink",
        seen(invoice=POSTED_INVOICE, payments=(Payment("CN", uuid4(), None, 4_000),)),
        CannotConfirm, CannotConfirm,
    ),
    "archived": ("archive", archive_look("ARCHIVED"), Done, CannotConfirm),
    "not archived": ("archive", archive_look("POSTED"), CannotConfirm, NotApplied),
    "reversed": ("reverse", replace(FITTING["reverse"], payments=()), Done, CannotConfirm),
    "not reversed": ("reverse", FITTING["reverse"], CannotConfirm, NotApplied),
}  # fmt: skip


@pytest.mark.parametrize(("kind", "look", "done", "absent"), VERIFIED.values(), ids=VERIFIED)
def test_a_person_s_decision_is_read_again(kind, look, done, absent):
    def say(decision, looks, over):
        return verify(content(kind), decision, look, absent_looks=looks, quarantine_over=over)

    assert isinstance(say("says_done", 0, False), done)
    assert isinstance(say("says_absent", 1, True), absent)
    if absent is NotApplied:
        assert say("says_absent", 0, True) == LookAgain(1), "one look is not enough"
        assert say("says_absent", 1, False) == LookAgain(0), "nor is any in the quarantine"
    else:
        assert say("says_absent", 0, False).words
