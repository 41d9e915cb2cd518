"""What one line shows, as a table: only what can have no other reason."""

from datetime import timedelta
from uuid import uuid4

import pytest

from clearing import questions
from clearing.models import Attempt, Clearing, CreditNote, Instruction, InvoicePayable, Link
from clearing.questions import Answers
from clearing.services.learning.cases import Case
from clearing.services.learning.evidence import of_case
from tests.factories import NOW

LATER = NOW + timedelta(minutes=5)
WHOLE, PARTLY = "POSTED", "PARTIALLY_CLEARED"


def case(
    state, status=None, *, kind="link", note=WHOLE, invoice="IN_DRAFT", now="", link=None,
    cleared=False, outstanding=10000, left=10000, updated=None, before=True,
):  # fmt: skip
    """A line of EUR 40.00: both documents before the call, what Light answered, what is there."""
    ids = {"credit_note_id": uuid4(), "invoice_payable_id": uuid4()}
    books = {
        "credit_note": {"status": note},
        "invoice": {"state": invoice, "outstanding": outstanding},
    }
    return Case(
        Instruction(kind=kind, state=state, amount=4000, done_at=NOW, changed_at=NOW, **ids),
        Attempt(sent_at=NOW, answered_at=NOW, status=status, before=books if before else None),
        CreditNote(status=note, links_read_at=LATER, updated_in_light_at=updated),
        InvoicePayable(
            state=now or invoice, outstanding_balance=left, outstanding_read_at=LATER
        ),
        link,
        [Clearing(amount=4000)] if cleared else [],
    )  # fmt: skip


def link(**over):
    return Link(**{"amount": 4000, "fate": "planned", "fate_at": LATER} | over)


def shown(of, **known):
    """Each answer, a weak one with a question mark."""
    found = of_case(of, Answers(known=known))
    return {f"{one.question}: {one.answer}{'?' * one.weak}" for one in found}


SAME = "outstanding: no"  # a planned link left Light's open amount as it was


@pytest.mark.parametrize(
    ("of", "expected"),
    [
        (case("done", note=PARTLY), {"partly_cleared: yes", SAME}),
        (case("refused", 422, note=PARTLY), {"partly_cleared: no?"}),
        (case("refused", 400, note=PARTLY), {"partly_cleared: no?"}),
        (case("refused", 404, note=PARTLY), set()),
        (case("refused", 422), set()),
        (case("not_applied", note=PARTLY), set()),
        (case("needs_person", note=PARTLY), set()),
        (case("done", invoice="UNPAID", cleared=True), {"link_on_posted: clear"}),
        (case("done", invoice="UNPAID", link=link(fate="not_honoured")),
         {"link_on_posted: nothing"}),
        (case("done", invoice="UNPAID", link=link(fate="checking")), set()),
        (case("done", invoice="UNPAID", link=link(fate="undone")), set()),
        (case("done", now="UNPAID", link=link(fate="not_honoured")), set()),  # posted afterwards
        (case("refused", 422, invoice="UNPAID"), {"link_on_posted: refuse?"}),
        (case("refused", 422, invoice="UNPAID", note=PARTLY), set()),  # either may be the reason
        (case("needs_person", 409, link=link(amount=100)), {"existing_pair: refuse"}),
        (case("done", 409, link=link()), {SAME}),  # it may have been ours
        (case("needs_person", 409, link=link(amount=100, gone_at=NOW)), set()),
        (case("done", left=6000), {"outstanding: yes"}),
        (case("done", left=9000), set()),
        (case("done", outstanding=None), set()),
        (case("done", link=link(updated_in_light_at=NOW), updated=NOW), {"updated_at: yes", SAME}),
        (case("done", link=link(updated_in_light_at=NOW), updated=NOW - timedelta(days=1)),
         {"updated_at: no", SAME}),
        (case("done", link=link(updated_in_light_at=NOW), updated=LATER), {SAME}),
        (case("refused", 409, kind="unlink", now="UNPAID"), {"unlink_posted: refuse?"}),
        (case("refused", 409, kind="unlink"), set()),
        (case("done", before=False), set()),
    ],
)  # fmt: skip
def test_what_a_line_shows(of, expected):
    assert shown(of) == expected


def test_where_one_question_is_answered_the_other_can_be_the_only_reason():
    both = case("refused", 422, invoice="UNPAID", note=PARTLY)
    assert shown(both, **{questions.ON_POSTED: "clear"}) == {"partly_cleared: no?"}
    assert shown(both, **{questions.PARTLY: "yes"}) == {"link_on_posted: refuse?"}


def test_every_question_has_its_words():
    for asked in questions.QUESTIONS.values():
        assert asked.default in asked.answers and len(asked.answers) > 1
        assert str(asked.ask).endswith("?")
        assert str(asked.why).endswith(".") and str(asked.shows).endswith(".")
