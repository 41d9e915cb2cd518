"""What one line of ours shows of the open questions. Pure: it reads a case, and nothing else."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from clearing import questions, usable
from clearing.models import Instruction, Link
from clearing.questions import Answers
from clearing.services.learning.cases import Case

State, Kind = Instruction.State, Instruction.Kind
NO = frozenset({400, 409, 422})  # 404 says that Light lacks a document
CLEARED = frozenset({Link.Fate.CLEARED, Link.Fate.CLEARED_PART})
WITH_IT = timedelta(seconds=1)  # between two times of Light's that belong together


@dataclass(frozen=True)
class Shows:
    """One answer; `weak`: a no that may have another reason."""

    question: str
    answer: str
    at: datetime
    weak: bool = False


def of_case(case: Case, answers: Answers) -> Iterator[Shows]:
    """Everything that this line shows."""
    if case.line.kind == Kind.UNLINK:
        yield from _of_unlink(case)
        return
    yield from _refused(case, answers)
    yield from _existing_pair(case)
    if case.line.state == State.DONE and case.line.done_at:
        yield from _done(case, case.line.done_at)
        yield from _read_since(case, case.line.done_at)


def _refused(case: Case, answers: Answers) -> Iterator[Shows]:
    """A no shows something where only one question can be its reason."""
    if case.line.state != State.REFUSED or case.attempt.status not in NO:
        return
    partly = case.note_then.get("status") == "PARTIALLY_CLEARED"
    at = case.attempt.answered_at or case.line.changed_at
    known = answers.known
    if partly and (not case.posted_then or known.get(questions.ON_POSTED) == questions.CLEAR):
        yield Shows(questions.PARTLY, questions.NO, at, weak=True)
    if case.posted_then and (not partly or known.get(questions.PARTLY) == questions.YES):
        yield Shows(questions.ON_POSTED, questions.REFUSE, at, weak=True)


def _done(case: Case, at: datetime) -> Iterator[Shows]:
    if case.note_then.get("status") == "PARTIALLY_CLEARED":
        yield Shows(questions.PARTLY, questions.YES, at)
    if not case.posted_then:
        return
    if case.clearings:
        yield Shows(questions.ON_POSTED, questions.CLEAR, at)
    elif case.link and case.link.fate == Link.Fate.NOT_HONOURED:
        yield Shows(questions.ON_POSTED, questions.NOTHING, case.link.fate_at)


def _existing_pair(case: Case) -> Iterator[Shows]:
    """Light said no, and lists this pair with an amount that is not ours."""
    link, at = case.link, case.attempt.answered_at
    there = link is not None and link.gone_at is None and link.amount != case.line.amount
    if case.attempt.status == 409 and there and at and not case.posted_then:
        yield Shows(questions.EXISTING_PAIR, questions.REFUSE, at)


def _read_since(case: Case, done_at: datetime) -> Iterator[Shows]:
    """What reading both documents again shows of a link to an invoice that is not posted."""
    note, invoice, link = case.note, case.invoice, case.link
    if usable.is_posted(invoice.state):  # posting changes all of it, too
        return
    linked_at = link.updated_in_light_at if link else None
    updated_at, read_at = note.updated_in_light_at, note.links_read_at
    if linked_at and updated_at and read_at and read_at > done_at:
        if abs(updated_at - linked_at) <= WITH_IT:
            yield Shows(questions.UPDATED_AT, questions.YES, read_at)
        elif updated_at < linked_at:  # by more than that
            yield Shows(questions.UPDATED_AT, questions.NO, read_at)
    was, amount, read_at = (
        case.invoice_then.get("outstanding"), case.line.amount, invoice.outstanding_read_at
    )  # fmt: skip
    if not (was and amount and read_at and read_at > done_at):
        return
    if invoice.outstanding_balance == was:
        yield Shows(questions.OUTSTANDING, questions.NO, read_at)
    elif invoice.outstanding_balance == was - amount:
        yield Shows(questions.OUTSTANDING, questions.YES, read_at)


def _of_unlink(case: Case) -> Iterator[Shows]:
    """Light said no to removing a link whose invoice was posted meanwhile."""
    at = case.attempt.answered_at
    if case.attempt.status in NO and at and usable.is_posted(case.invoice.state):
        yield Shows(questions.UNLINK_POSTED, questions.REFUSE, at, weak=True)
