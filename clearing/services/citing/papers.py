"""The text layer of credit notes' PDFs: each document is read from Light once, one at a time."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction

from clearing import pdf_text
from clearing.light.client import LightClient
from clearing.light.errors import (
    LightError,
    LightPaused,
    LightRefused,
    LightTooLarge,
    LightUnavailable,
    LightUnreadable,
)
from clearing.models import Balance, Citation, CreditNote
from clearing.services.citing.gathering import is_closed, keys_of

Pdf = Citation.Pdf
HEAD = 1024  # bytes within which a PDF says that it is one
MOST_TRIES = 5
WAIT = timedelta(minutes=1)  # before the second try; four times as long before each other one
LATER = timedelta(days=1)  # until a note without anything left is looked at again
STATES = {
    pdf_text.READ: Pdf.READ,
    pdf_text.NO_TEXT: Pdf.NO_TEXT,
    pdf_text.UNREADABLE: Pdf.UNREADABLE,
}


def read_one(client: LightClient, *, now: datetime) -> bool:
    """Read the PDF that waits longest; False if none is due. Raises what Light raises."""
    if not settings.PDF_TEXT_LIMIT:
        return False
    due = Citation.objects.filter(pdf=Pdf.WANTED, not_before__lte=now)
    one = due.order_by("not_before", "credit_note_id").first()
    if one is None or not (until := _claim(one, now)):
        return False
    note = CreditNote.objects.filter(id=one.credit_note_id).first()
    if note is None or is_closed(note):
        _end(one, until, now, not_before=None)
    elif _nothing_left(note):
        _end(one, until, now, not_before=now + LATER)
    else:
        _read(client, one, note, until, now)
    return True


def _claim(one: Citation, now: datetime) -> datetime | None:
    """Until when this PDF is ours; None where somebody was faster."""
    until = now + timedelta(seconds=settings.LEASE)
    free = Citation.objects.filter(pk=one.pk, pdf=Pdf.WANTED, not_before=one.not_before)
    return until if free.update(not_before=until) else None


def _nothing_left(note: CreditNote) -> bool:
    """A posted note whose balance is known and used up; a draft has not been used yet."""
    balance = Balance.objects.filter(document_id=note.id).first()
    return note.status == "POSTED" and balance is not None and balance.available == 0


def _read(
    client: LightClient, one: Citation, note: CreditNote, until: datetime, now: datetime
) -> None:
    try:
        text = _text(client, note)
    except LightRefused as error:
        state = Pdf.NONE if error.status == 404 else Pdf.UNREADABLE
        _end(one, until, now, note=note, pdf=state, not_before=None)
    except LightTooLarge:
        _end(one, until, now, note=note, pdf=Pdf.TOO_LARGE, not_before=None)
    except LightUnreadable:
        _put_off(one, note, until, now)
    except LightPaused:
        _end(one, until, now, not_before=one.not_before)
        raise
    except LightError:  # Light is away, or refuses our key: no fault of this document
        _end(one, until, now, not_before=now + WAIT * 10)
        raise
    else:
        if text.state == pdf_text.NOT_NOW and one.tries + 1 < MOST_TRIES:
            _put_off(one, note, until, now)
        else:
            _take(one, note, text, until, now)


def _text(client: LightClient, note: CreditNote) -> pdf_text.Text:
    """The document's possible numbers. Raises LightError, LightTooLarge beyond PDF_TEXT_LIMIT."""
    content, limit = bytearray(), settings.PDF_TEXT_LIMIT
    with client.document_of_credit_note(note.id) as document:
        if (document.content_length or 0) > limit:
            raise LightTooLarge(f"The document is longer than {limit} bytes.")
        try:
            for piece in document:
                content += piece
                if len(content) > limit:
                    raise LightTooLarge(f"The document is longer than {limit} bytes.")
        except LightTooLarge:
            raise
        except LightUnavailable as error:  # it broke off: that may be the document's own fault
            raise LightUnreadable(error.words) from None
    if b"%PDF-" not in content[:HEAD]:
        return pdf_text.Text(pdf_text.UNREADABLE, [])
    return pdf_text.read(bytes(content), note.document_number)


def _put_off(one: Citation, note: CreditNote, until: datetime, now: datetime) -> None:
    tries = one.tries + 1
    if tries >= MOST_TRIES:
        _end(one, until, now, note=note, pdf=Pdf.UNREADABLE, not_before=None)
    else:
        _end(one, until, now, tries=tries, not_before=now + WAIT * 4 ** (tries - 1))


def _take(
    one: Citation, note: CreditNote, text: pdf_text.Text, until: datetime, now: datetime
) -> None:
    found: dict[str, list[object]] = {}
    for key, page, words in text.found:
        found.setdefault(key, [key, "pdf", page, words])
    state = STATES.get(text.state, Pdf.READ if text.found else Pdf.UNREADABLE)
    _end(one, until, now, note=note, pdf=state, in_pdf=list(found.values()), not_before=None)


def _end(
    one: Citation,
    until: datetime,
    now: datetime,
    *,
    not_before: datetime | None,
    note: CreditNote | None = None,
    **values: object,
) -> None:
    """Write what became of it, unless the claim has ended; with a note it is done for good."""
    with transaction.atomic():
        mine = Citation.objects.select_for_update().filter(pk=one.pk, not_before=until)
        stored = mine.first()
        if stored is None:
            return
        for name, value in {**values, "not_before": not_before}.items():
            setattr(stored, name, value)
        if note is not None:
            stored.document_name = note.document_name
            stored.keys, stored.looked_at = keys_of(stored, note.document_number), now
        stored.save()
