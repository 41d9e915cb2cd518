"""Sees answers to the open questions in what became of our lines, and keeps those that are new."""

from datetime import datetime, timedelta
from typing import Any

from clearing import known, questions
from clearing.models import Clearing, CreditNote, Link, Looked
from clearing.services.learning import cases
from clearing.services.learning.evidence import CLEARED, of_case
from clearing.services.learning.saying import see

MARK = "known_seen"
PAUSE = timedelta(seconds=5)  # between two looks


def look(now: datetime) -> bool:
    """Look at the latest lines; True if they showed something new. One worker at a time."""
    mark, _new = Looked.objects.get_or_create(kind=MARK)
    if mark.looked_at and now - mark.looked_at < PAUSE:
        return False
    if not Looked.objects.filter(kind=MARK, looked_at=mark.looked_at).update(looked_at=now):
        return False
    return any([_of_lines(), _of_cleared(), _of_ids()])


def _of_lines() -> bool:
    answers, news = known.answers(), False
    for case in cases.latest(answers.unanswered):
        for one in of_case(case, answers):
            news |= see(one.question, one.answer, at=one.at, line=case.line, weak=one.weak)
    return news


def _of_cleared() -> bool:
    """Whether Light still lists the link that has cleared last, in a reading since then."""
    link = Link.objects.filter(fate__in=CLEARED).order_by("-fate_at").first()
    if link is None:
        return False
    note = CreditNote.objects.filter(pk=link.credit_note_id, links_read_at__gt=link.fate_at)
    at = link.gone_at or note.values_list("links_read_at", flat=True).first()
    answer = questions.NO if link.gone_at else questions.YES
    documents: dict[str, Any] = {
        "credit_note_id": link.credit_note_id, "invoice_payable_id": link.invoice_payable_id
    }  # fmt: skip
    return at is not None and see(questions.POSTED_LISTED, answer, at=at, **documents)


def _of_ids() -> bool:
    """Which id a clearing names its credit note by; looked at only until that is known."""
    if questions.IDS not in known.answers().unanswered:
        return False
    entries = Clearing.objects.filter(type="CN", credit_note_id__isnull=False, gone_at=None)
    entry = entries.order_by().first()
    if entry is None:
        return False
    own = entry.accounting_document_id == entry.credit_note_id
    return see(
        questions.IDS, "external" if own else "other", at=entry.changed_at,
        credit_note_id=entry.credit_note_id, invoice_payable_id=entry.invoice_payable_id,
    )  # fmt: skip
