"""The document of a credit note or an invoice as Light holds it, whole and within a limit."""

import re
from dataclasses import dataclass

from django.conf import settings
from django.utils.translation import gettext as _

from clearing.light.client import LightClient
from clearing.light.document import Document
from clearing.light.errors import (
    LightDenied,
    LightError,
    LightPaused,
    LightRefused,
    LightTooLarge,
)
from clearing.models import CreditNote, EvidenceFile, InvoicePayable

HEAD = 1024  # bytes within which a PDF says that it is one
MOST_BYTES = 200 * 1024 * 1024  # of all files of one evidence
MEGABYTE = 1024 * 1024


@dataclass(frozen=True)
class Fetched:
    """A document, or the sentence why there is none; `again`: another try may bring it."""

    content: bytes = b""
    suffix: str = "pdf"
    problem: str = ""
    again: bool = False


def fetch(client: LightClient, file: EvidenceFile, *, room: int) -> Fetched:
    """Read one document; room: bytes that the evidence has left. Raises LightPaused."""
    most = min(room, settings.DOCUMENT_LIMIT)
    content = bytearray()
    try:
        with _open(client, file) as document:
            if (document.content_length or 0) > most:
                raise LightTooLarge("longer than there is room")
            for piece in document:
                content += piece
                if len(content) > most:
                    raise LightTooLarge("longer than there is room")
    except LightPaused:
        raise
    except LightError as error:
        return _problem(error, room)
    if not content:
        return Fetched(problem=_("Light's file is empty."))
    is_pdf = b"%PDF-" in content[:HEAD]
    return Fetched(
        bytes(content), "pdf" if is_pdf else "bin",
        "" if is_pdf else _("Light's file is not a PDF. Open it with care."),
    )  # fmt: skip


def _open(client: LightClient, file: EvidenceFile) -> Document:
    id = str(file.document_id)
    if file.kind == EvidenceFile.Kind.CREDIT_NOTE:
        return client.document_of_credit_note(id)
    return client.document_of_invoice(id)


def _problem(error: LightError, room: int) -> Fetched:
    """What an error means for the evidence."""
    if isinstance(error, LightTooLarge) and room < settings.DOCUMENT_LIMIT:
        most = MOST_BYTES // MEGABYTE
        return Fetched(
            problem=_("Left out: with it the evidence would be larger than %(n)d MB.") % {"n": most}
        )
    if isinstance(error, LightTooLarge):
        most = settings.DOCUMENT_LIMIT // MEGABYTE
        return Fetched(problem=_("It is larger than %(n)d MB. Open it in Light.") % {"n": most})
    if isinstance(error, LightRefused) and error.status == 404:
        return Fetched(problem=_("Light holds no document for it."))
    if isinstance(error, LightRefused):
        return Fetched(problem=_("Light did not give it: “%(words)s”") % {"words": error.words})
    if isinstance(error, LightDenied):
        words = _("Light does not let us read it: “%(words)s”")
    else:
        words = _("Light did not give it: “%(words)s”")
    return Fetched(problem=words % {"words": error.words}, again=True)


def name_of(file: EvidenceFile, suffix: str) -> str:
    """The name of a document in the ZIP."""
    id = str(file.document_id)
    if file.kind == EvidenceFile.Kind.CREDIT_NOTE:
        one = CreditNote.objects.filter(pk=id).first()
        return f"documents/{file.position:03}-credit-note-{safe(str(one or ''))}.{suffix}"
    other = InvoicePayable.objects.filter(pk=id).first()
    return f"documents/{file.position:03}-invoice-{safe(str(other or ''))}.{suffix}"


def safe(number: str) -> str:
    """A document's number as a part of a file's name: no path, no sign that a program reads."""
    return re.sub(r"[^A-Za-z0-9_-]+", "-", number).strip("-")[:60] or "unnamed"
