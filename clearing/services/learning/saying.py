"""Keeps an answer to an open question: seen by the worker, or said by a person. Rows only grow."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from clearing import known, questions, roles, workflow
from clearing.known import Standing
from clearing.models import Instruction, Known, Looked
from clearing.reasons import LONGEST
from clearing.roles import User
from clearing.workflow import Conflict

TURN = "known"  # the mark whose row lets one writer in at a time


def say(*, question: str, answer: str, reason: str, by: User, seen: int | None = None) -> Known:
    """A person answers, or takes back what is known (`answer` empty).

    seen: the newest row that the person saw, 0 for none. Raises NotAllowed, Conflict where
    somebody was faster or nothing would change, ValueError (the answer, or the reason).
    """
    roles.check_may(by, "answer")
    if question not in questions.QUESTIONS:
        raise Conflict(_("There is no such question."))
    if answer and answer not in questions.QUESTIONS[question].answers:
        raise ValueError(_("Choose one of the answers."))
    check_reason(reason)
    now = workflow.now()
    with transaction.atomic():
        stands = take_turn(question)
        newest = stands.newest.pk if stands.newest else 0
        if seen is not None and seen != newest:
            raise Conflict(_("Somebody was faster: this answer has changed. Look at it again."))
        same = stands.row and stands.row.how == Known.How.SET and stands.answer == answer
        if (same and not stands.seen_against) or (not answer and not stands.row):
            raise Conflict(_("Nothing was changed: this is how it stands already."))
        verb = "said how Light behaves" if answer else "took back an answer about Light"
        return _keep(
            verb, stands, question=question, answer=answer, how=Known.How.SET, at=now, by=by,
            reason=reason.strip(),
        )  # fmt: skip


def check_reason(reason: str) -> None:
    """Raise ValueError with a sentence unless there is one that fits."""
    if not reason.strip():
        raise ValueError(_("Say in a few words how you know."))
    if len(reason) > LONGEST:
        raise ValueError(_("Shorten the words to %(longest)d characters.") % {"longest": LONGEST})


def see(
    question: str, answer: str, *, at: datetime, line: Instruction | None = None,
    weak: bool = False, credit_note_id: UUID | None = None, invoice_payable_id: UUID | None = None,
) -> bool:  # fmt: skip
    """Keep what was seen at that time, unless it is known, or older than what was said last.

    weak: a "no" that may have another reason; it does not outweigh what was seen before.
    The documents are the line's where there is one.
    """
    if line is not None:
        credit_note_id, invoice_payable_id = line.credit_note_id, line.invoice_payable_id
    if not _is_news(_standing(question), answer, at, weak=weak):
        return False
    with transaction.atomic():
        stands = take_turn(question)
        if not _is_news(stands, answer, at, weak=weak):
            return False
        _keep(
            "saw how Light behaves", stands, line=line, question=question, answer=answer,
            how=Known.How.SEEN, at=workflow.now(), by=None, credit_note_id=credit_note_id,
            invoice_payable_id=invoice_payable_id,
        )  # fmt: skip
    return True


def _is_news(stands: Standing, answer: str, at: datetime, *, weak: bool) -> bool:
    newest = stands.newest
    if newest is None:
        return True
    if at <= newest.at or (newest.how == Known.How.SEEN and newest.answer == answer):
        return False
    seen = (one for one in (stands.row, stands.seen_against) if one and one.how == Known.How.SEEN)
    if weak and any(one.answer != answer for one in seen):
        return False
    return stands.answer != answer or stands.seen_against is not None


def _standing(question: str) -> Standing:
    return known.standing(question).get(question, Standing())


def take_turn(question: str) -> Standing:
    """How the question stands, while nobody else can change it."""
    Looked.objects.get_or_create(kind=TURN)
    Looked.objects.select_for_update().get(kind=TURN)
    return _standing(question)


def _keep(
    verb: str, stands: Standing, *, line: Instruction | None = None, **columns: Any
) -> Known:  # fmt: skip
    row = Known.objects.create(instruction_id=line.pk if line else None, **columns)
    documents = ("credit_note_id", "invoice_payable_id")
    change = {"field": row.question, "was": stands.answer, "now": row.answer}
    workflow.record(
        verb, line, by=row.by, now=row.at, reason=row.reason, details={"changes": [change]},
        about={name: getattr(row, name) for name in documents},
    )  # fmt: skip
    transaction.on_commit(known.forget)
    known.forget()
    return row
