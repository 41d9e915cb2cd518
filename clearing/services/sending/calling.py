"""The one call of an instruction, and Light's answer to it as a value."""

import logging
from dataclasses import dataclass

from clearing import deciding
from clearing.deciding import Answer, Body, Content
from clearing.light import records
from clearing.light.client import LightClient
from clearing.light.errors import (
    LightDenied,
    LightError,
    LightNotSent,
    LightRefused,
    LightUnavailable,
)

logger = logging.getLogger(__name__)
Record = records.Link | records.CreditNote | records.InvoicePayable | None


@dataclass(frozen=True)
class Called:
    """What came back: the answer as it decides, and the record for the copy."""

    answer: Answer
    record: Record = None


def call(client: LightClient, content: Content, *, deadline: float) -> Called:
    """Send once; never again. Whatever goes wrong in a way nobody thought of is unclear."""
    try:
        record = _write(client, content, deadline)
    except LightError as error:
        return Called(answer_of(error))
    except Exception as error:
        logger.exception("A call to Light ended in an error of ours.")
        return Called(Answer("unclear", f"Our call broke off ({type(error).__name__})."))
    return Called(Answer("yes", body=_body(record)), record)


def _write(client: LightClient, content: Content, deadline: float) -> Record:
    note, invoice, amount = content.credit_note_id, content.invoice_payable_id, content.amount
    if content.kind == "archive":
        return client.archive_credit_note(note, deadline=deadline)
    if content.kind == "post":
        return client.post_credit_note(note, deadline=deadline)
    if invoice is None or amount is None:
        raise ValueError("A call about a pair names both documents and an amount.")
    if content.kind == "link":
        return client.link(note, invoice, amount, deadline=deadline)
    if content.kind == "amend":
        return client.change_link_amount(note, invoice, amount, deadline=deadline)
    if content.kind == "unlink":
        client.unlink(note, invoice, deadline=deadline)
        return None
    if content.kind == "reverse" and content.clearing_id:
        return client.reverse_clearing(
            invoice, content.clearing_id, archive=content.archives, deadline=deadline
        )
    raise ValueError(f"There is no call for {content.kind}.")


def answer_of(error: LightError) -> Answer:
    """An error of a write, told apart by what it means (RELIABILITY: step 5)."""
    retry_after = error.retry_after if isinstance(error, LightUnavailable) else None
    if isinstance(error, LightNotSent) or error.status == 429:
        result = "not_sent"
    elif isinstance(error, LightDenied):
        result = "denied"
    elif isinstance(error, LightRefused):
        result = "refused"
    else:
        result = "unclear"
    return Answer(result, error.words, error.status, error.request_id, retry_after)  # type: ignore[arg-type]


def _body(record: Record) -> deciding.Body:
    if isinstance(record, records.Link):
        return Body(
            credit_note_id=record.credit_note_id,
            invoice_payable_id=record.invoice_payable_id,
            amount=record.amount,
            currency=record.currency,
        )
    if isinstance(record, records.CreditNote):
        return Body(credit_note_id=record.id, state=record.status)
    if isinstance(record, records.InvoicePayable):
        return Body(invoice_payable_id=record.id, state=record.state)
    return Body()
