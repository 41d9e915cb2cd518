"""After a call: what Light's answer to a write means (RELIABILITY: step 5)."""

from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from django.utils.translation import gettext as _

from clearing import usable
from clearing.deciding.facts import Content, Done, Observation, PutBack, Refused, Unknown

Outcome = Done | Refused | PutBack | Unknown


@dataclass(frozen=True)
class Body:
    """What the body of a 2xx names; what the call does not answer with stays empty."""

    credit_note_id: UUID | None = None  # as Light gives it
    invoice_payable_id: UUID | None = None
    amount: int | None = None
    currency: str = ""
    state: str = ""  # a credit note's status, an invoice's state


@dataclass(frozen=True)
class Answer:
    """Light's answer to one write.

    yes: 2xx · refused: 400, 404, 422 · not_sent: no byte left, or 429 · denied: 401, 403 ·
    unclear: anything else, and no answer at all.
    """

    result: Literal["yes", "refused", "not_sent", "denied", "unclear"]
    words: str = ""
    status: int | None = None
    request_id: str = ""
    retry_after: float | None = None  # seconds
    body: Body = Body()


def after_answer(content: Content, before: Observation, answer: Answer) -> Outcome:
    """Only a yes that names what was asked is done; only a clear no is a no."""
    if answer.result == "yes":
        if _names_it(content, before, answer.body):
            if content.kind == "reverse" and content.archives:
                words = _("Undone. Whether the credit note was cancelled as well is being read.")
                return Unknown(words, at_once=True)
            return Done()
        return Unknown(_("Light's answer names something else than what was asked for."))
    if answer.result == "refused":
        if content.kind == "unlink" and answer.status == 404:
            # Between us and Light a DELETE may be repeated; its second finds nothing to remove.
            words = _("Light knows no such link. Whether it is gone is being read.")
            return Unknown(words, at_once=True)
        return Refused(answer.words)
    if answer.result == "not_sent":
        return PutBack(answer.words, answer.retry_after)
    if answer.result == "denied":
        return PutBack(answer.words, answer.retry_after, denied=True)
    return Unknown(answer.words)


def _names_it(content: Content, before: Observation, body: Body) -> bool:
    """Whether the body is about our documents (by any known id) and shows our result."""
    of_note = body.credit_note_id in before.note_ids | {content.credit_note_id}
    of_invoice = body.invoice_payable_id in before.invoice_ids | {content.invoice_payable_id}
    if content.kind in ("link", "amend"):
        same_money = body.amount == content.amount and body.currency in ("", content.currency)
        return of_note and of_invoice and same_money
    if content.kind == "unlink":
        return True  # Light's documents promise no body
    if content.kind == "archive":
        return of_note and body.state == "ARCHIVED"
    if content.kind == "post":
        return of_note and body.state in usable.IN_LEDGER
    if content.kind == "reverse":
        open_again = usable.is_posted(body.state) and body.state not in ("PAID", "COMPLETED")
        return of_invoice and open_again
    return False
