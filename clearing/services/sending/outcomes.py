"""Writes what became of a line: closes its attempt, moves it, and tells the copy, all in one.

What Light's answer or a look showed goes into the copy in the same transaction; both documents
are read again soon, because a balance or a state may have moved with it.
"""

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings

from clearing import deciding, workflow
from clearing.light import records
from clearing.models import Attempt, Instruction
from clearing.services import mirroring
from clearing.services.sending import claiming, figures, stopping
from clearing.services.sending.approved import content_of
from clearing.services.sending.calling import Called
from clearing.services.sending.durable import durably
from clearing.services.sending.looking import Look


def fall(attempt: Attempt, words: str, *, now: datetime) -> None:
    """It no longer fits; both documents are read again, so that the pages show why."""
    line = attempt.instruction

    def step() -> None:
        claiming.close(attempt, "fell", now=now)
        workflow.advance(line, "fall", now=now, outcome=words)
        want(line, now)

    durably(line, step)


def adopt(attempt: Attempt, look: Look, words: str, *, now: datetime) -> None:
    """Light shows it already: done without a call."""
    line = attempt.instruction

    def step() -> None:
        claiming.close(attempt, "adopted", now=now, before=look.seen.books())
        details = figures.of_look(content_of(line), look.seen)
        workflow.advance(line, "done", now=now, details=details, done_at=now, outcome=words)
        _show(line, _record(line, look), made_here=False, now=now)

    durably(line, step, neighbours=True)


def put_back(
    attempt: Attempt,
    why: str,
    *,
    seconds: float | None,
    now: datetime,
    answer: dict[str, Any] | None = None,
) -> None:
    """Not sent, or certainly not applied: it goes again later. `seconds` None: in a while."""
    line, known = attempt.instruction, answer or {}

    def step() -> None:
        claiming.close(attempt, "not sent", now=now, **known)
        workflow.advance(
            line, "put_back", now=now, details=_details(why, known),
            not_before=later(seconds, now), outcome=why,
        )  # fmt: skip

    durably(line, step)


def after_call(
    attempt: Attempt, look: Look, called: Called, outcome: Any, *, now: datetime
) -> None:
    """Write the outcome of a call that was made (or did not get out)."""
    answer = {
        "status": called.answer.status,
        "words": called.answer.words,
        "request_id": called.answer.request_id,
    }
    try:
        if isinstance(outcome, deciding.PutBack):
            put_back(attempt, outcome.words, seconds=outcome.seconds, now=now, answer=answer)
            if outcome.denied:
                stopping.stop(outcome.words, now=now)
            else:
                stopping.hold_all(later(outcome.seconds, now))
            return
        _final(attempt, look, called, outcome, answer, now=now)
    except (claiming.TakenOver, workflow.Conflict):
        # Others settle this line by reading; the answer is kept for the trail only.
        late = Attempt.objects.filter(pk=attempt.pk, answered_at=None)
        late.update(answered_at=now, **answer)
        raise claiming.TakenOver from None


def _final(
    attempt: Attempt,
    look: Look,
    called: Called,
    outcome: Any,
    answer: dict[str, Any],
    *,
    now: datetime,
) -> None:
    line = attempt.instruction
    sent_at = attempt.sent_at.isoformat() if attempt.sent_at else ""
    details = _details(outcome.words, answer | {"sent_at": sent_at})
    content, done = content_of(line), isinstance(outcome, deciding.Done)
    details |= figures.of_call(content, look.seen, called.record, done=done)

    def step() -> None:
        if done:
            claiming.close(attempt, "done", now=now, **answer)
            workflow.advance(line, "done", now=now, details=details, done_at=now, outcome="")
            _show(line, called.record, made_here=True, now=now)
        elif isinstance(outcome, deciding.Refused):
            claiming.close(attempt, "refused", now=now, **answer)
            workflow.advance(line, "refuse", now=now, details=details, outcome=outcome.words)
            want(line, now)
        else:
            claiming.close(attempt, "unknown", now=now, **answer)
            workflow.advance(
                line, "lose", now=now, details=details, outcome=outcome.words,
                **claiming.unknown(now, at_once=outcome.at_once),
            )  # fmt: skip

    durably(line, step, neighbours=done)


def settled_done(line: Instruction, look: Look, words: str, step: str, **rest: Any) -> None:
    """A line that reading has shown to be done, with what was read, for the copy."""
    now = workflow.now()  # after the look: a read that began earlier may have missed it
    details = {"settled_by": "reading"} | figures.of_look(content_of(line), look.seen)

    def take() -> None:
        workflow.advance(
            line, step, now=now, details=details, done_at=now, outcome=words, not_before=None,
            **rest,
        )  # fmt: skip
        _show(line, _record(line, look), made_here=True, now=now)

    durably(line, take, neighbours=True)


def _record(line: Instruction, look: Look) -> records.Link | records.CreditNote | None:
    """What a look showed of a line's result."""
    changes_note = line.kind in Instruction.OF_NOTE or line.archives
    return look.raw.note if changes_note else look.link


def _show(line: Instruction, record: Any, *, made_here: bool, now: datetime) -> None:
    """What the answer or the look showed, into the copy; the rest is read again."""
    invoice_id = line.invoice_payable_id
    if line.kind in ("link", "amend") and invoice_id and isinstance(record, records.Link):
        mirroring.take_link(
            record,
            credit_note_id=line.credit_note_id,
            invoice_payable_id=invoice_id,
            made_here=made_here,
            now=now,
        )
    elif line.kind == "unlink" and invoice_id:
        mirroring.take_link_gone(line.credit_note_id, invoice_id, now)
    elif isinstance(record, records.CreditNote):
        mirroring.take_credit_note(record, now)
    want(line, now)


def want(line: Instruction, now: datetime) -> None:
    """Have both documents of a line read again soon; of a post that was not done its draft."""
    invoices = [line.invoice_payable_id] if line.invoice_payable_id else []
    mirroring.want(credit_notes=[line.credit_note_id], invoices=invoices, now=now)
    if line.kind == Instruction.Kind.POST and line.state != Instruction.State.DONE:
        mirroring.want_lines(line.credit_note_id, now)


def _details(words: str, answer: dict[str, Any]) -> dict[str, Any]:
    found = {"words": words} | answer
    return {key: value for key, value in found.items() if value not in ("", None)}


def later(seconds: float | None, now: datetime) -> datetime:
    """When to try again: after so many seconds; None: after a while."""
    return now + timedelta(seconds=settings.LOOK_AGAIN if seconds is None else max(seconds, 0))
