"""Light's answer to a write: what it means."""

from dataclasses import replace
from uuid import UUID

import pytest

from clearing.deciding import (
    Answer,
    Body,
    Done,
    PutBack,
    Refused,
    Unknown,
    after_answer,
)
from tests.deciding.looks import (
    CN,
    FITTING,
    INV,
    OTHER_CN,
    OTHER_INV,
    content,
)

LINKED = Body(CN, INV, 4_000, "EUR")
ANSWERS = {
    "our pair and amount": ("link", Answer("yes", body=LINKED), Done),
    "by other known ids": (
        "link", Answer("yes", body=replace(LINKED, credit_note_id=UUID(int=21),
                                           invoice_payable_id=UUID(int=22))), Done,
    ),
    "no currency named": ("link", Answer("yes", body=replace(LINKED, currency="")), Done),
    "another amount": ("link", Answer("yes", body=replace(LINKED, amount=4_001)), Unknown),
    "no amount": ("link", Answer("yes", body=replace(LINKED, amount=None)), Unknown),
    "another currency": ("link", Answer("yes", body=replace(LINKED, currency="USD")), Unknown),
    "another note": ("link", Answer("yes", body=replace(LINKED, credit_note_id=OTHER_CN)), Unknown),
    "another invoice": (
        "link", Answer("yes", body=replace(LINKED, invoice_payable_id=OTHER_INV)), Unknown,
    ),
    "names nothing": ("link", Answer("yes"), Unknown),
    "amended": ("amend", Answer("yes", body=replace(LINKED, amount=6_000)), Done),
    "not amended": ("amend", Answer("yes", body=LINKED), Unknown),
    "unlinked": ("unlink", Answer("yes"), Done),
    "archived": ("archive", Answer("yes", body=Body(CN, state="ARCHIVED")), Done),
    "still posted": ("archive", Answer("yes", body=Body(CN, state="POSTED")), Unknown),
    "another archived": ("archive", Answer("yes", body=Body(OTHER_CN, state="ARCHIVED")), Unknown),
    "reversed": ("reverse", Answer("yes", body=Body(None, INV, state="UNPAID")), Done),
    "still settled": ("reverse", Answer("yes", body=Body(None, INV, state="COMPLETED")), Unknown),
    "another reversed": (
        "reverse", Answer("yes", body=Body(None, OTHER_INV, state="UNPAID")), Unknown,
    ),
    "refused": ("link", Answer("refused", "No.", 422), Refused),
    "not found": ("amend", Answer("refused", "No.", 404), Refused),
    "gone already": ("unlink", Answer("refused", "No.", 404), Unknown),
    "not sent": ("link", Answer("not_sent", "Away.", retry_after=7), PutBack),
    "denied": ("link", Answer("denied", "No key.", 401), PutBack),
    "unclear": ("link", Answer("unclear", "", 503), Unknown),
}  # fmt: skip


@pytest.mark.parametrize(("kind", "answer", "expected"), ANSWERS.values(), ids=ANSWERS)
def test_an_answer(kind, answer, expected):
    known = replace(
        FITTING[kind],
        note_ids=frozenset({CN, UUID(int=21)}),
        invoice_ids=frozenset({INV, UUID(int=22)}),
    )
    outcome = after_answer(content(kind), known, answer)
    assert isinstance(outcome, expected)
    assert outcome.words == answer.words or expected is Unknown
    if isinstance(outcome, PutBack):
        assert outcome.denied == (answer.result == "denied")
        assert outcome.seconds == answer.retry_after
