"""The PDFs of both sides: streamed from Light through us, inline or as a download; never kept."""

import re
from collections.abc import Iterator
from typing import NamedTuple
from uuid import UUID

from csp.decorators import csp_replace
from django.conf import settings
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_safe

from clearing import gateway
from clearing.light.client import LightClient
from clearing.light.document import Document
from clearing.light.errors import (
    LightDenied,
    LightError,
    LightRefused,
    LightTooLarge,
    LightUnavailable,
    LightUnreadable,
)
from clearing.models import CreditNote, InvoicePayable
from clearing.views.access import needs

HEAD = 1024  # bytes within which a PDF says that it is one
RETRIES = 1  # somebody is waiting
# Our own pages may frame the answer; Chromium shows a PDF as an object of its own address.
FRAMED = csp_replace({"frame-ancestors": ["'self'"], "object-src": ["'self'"]})
About = CreditNote | InvoicePayable


class Problem(NamedTuple):
    """Why there is no PDF to show: a status, a sentence, and what can be done."""

    status: int
    sentence: str
    words: str = ""  # Light's own
    retry: bool = False
    download: bool = False


@require_safe
@xframe_options_sameorigin
@FRAMED
@needs("see")  # a stream, which is no HttpResponse
def credit_note_document(request: HttpRequest, note_id: UUID) -> HttpResponseBase:
    """The PDF of a credit note."""
    return _answer(request, get_object_or_404(CreditNote, pk=note_id))


@require_safe
@xframe_options_sameorigin
@FRAMED
@needs("see")  # a stream, which is no HttpResponse
def invoice_document(request: HttpRequest, invoice_id: UUID) -> HttpResponseBase:
    """The PDF of an invoice."""
    return _answer(request, get_object_or_404(InvoicePayable, pk=invoice_id))


class Passing:
    """A document on its way through: its first bytes are looked at, the rest is passed on.

    Django closes it with the response, whether the browser has taken all of it or has gone.
    """

    def __init__(self, client: LightClient, document: Document) -> None:
        self._client, self.document = client, document
        self._pieces = iter(document)
        self._first = b""

    def is_pdf(self) -> bool:
        """Whether it says so in its first bytes. Raises LightError where they don't come."""
        while len(self._first) < HEAD and (piece := next(self._pieces, b"")):
            self._first += piece
        return b"%PDF-" in self._first[:HEAD]

    def __iter__(self) -> Iterator[bytes]:
        yield self._first
        # What breaks off here ends the answer without its end: nobody takes it for the whole.
        yield from self._pieces

    def close(self) -> None:
        """Let go of Light's connection."""
        self.document.close()
        self._client.close()


def _answer(request: HttpRequest, about: About) -> HttpResponseBase:
    """The document as a stream, or the small page that says why there is none."""
    as_file = "download" in request.GET
    client, passing = gateway.client(retries=RETRIES), None
    try:
        passing = Passing(client, _open(client, about))
        if request.method == "HEAD":
            passing.close()
            return _headers(HttpResponse(content_type="application/pdf"), about, passing, as_file)
        is_pdf = passing.is_pdf()
    except LightError as error:
        (passing or client).close()
        return _page(request, about, _problem(error, about))
    except BaseException:
        (passing or client).close()
        raise
    if not is_pdf and not as_file:
        passing.close()
        sentence = _("Light's file is not a PDF. Download it and open it with care.")
        return _page(request, about, Problem(415, sentence, download=True))
    content_type = "application/pdf" if is_pdf else "application/octet-stream"
    response = StreamingHttpResponse(passing, content_type=content_type)
    return _headers(response, about, passing, as_file, suffix="pdf" if is_pdf else "bin")


def _open(client: LightClient, about: About) -> Document:
    if isinstance(about, CreditNote):
        return client.document_of_credit_note(about.pk)
    return client.document_of_invoice(about.pk)


def _headers(
    response: HttpResponseBase, about: About, passing: Passing, as_file: bool, suffix: str = "pdf"
) -> HttpResponseBase:
    """What a browser has to know of the file."""
    name = f"{_file_name(str(about))}.{suffix}"
    response["Content-Disposition"] = content_disposition_header(as_file, name) or "inline"
    response["X-Content-Type-Options"] = "nosniff"
    if passing.document.content_length is not None:
        response["Content-Length"] = str(passing.document.content_length)
    return response


def _file_name(number: str) -> str:
    """A document's number as a file's name: no path, no sign that an editor or shell reads."""
    return re.sub(r"[^\w.-]+", "-", number).strip(".-")[:80] or "document"


def _problem(error: LightError, about: About) -> Problem:
    """What an error of Light's means for somebody who wants to see a PDF."""
    if isinstance(error, LightTooLarge):
        most = settings.DOCUMENT_LIMIT // (1024 * 1024)
        return Problem(
            413, _("Its PDF is larger than %(most)d MB. Open it in Light.") % {"most": most}
        )
    if isinstance(error, LightRefused) and error.status == 404:
        if isinstance(about, CreditNote):
            return Problem(404, _("Light holds no PDF for this credit note."))
        return Problem(404, _("Light holds no PDF for this invoice."))
    if isinstance(error, LightDenied):
        return Problem(502, _("Light does not let us read its PDF."), error.words, retry=True)
    if isinstance(error, LightUnavailable) and not isinstance(error, LightUnreadable):
        sentence = _("Light cannot be reached now, or is too slow. Its PDF is not lost.")
        return Problem(503, sentence, error.words, retry=True)
    return Problem(502, _("Light did not give us its PDF."), error.words, retry=True)


def _page(request: HttpRequest, about: About, problem: Problem) -> HttpResponse:
    """A small page that also stands in a frame beside the data."""
    name = "credit_note_document" if isinstance(about, CreditNote) else "invoice_document"
    url = reverse(name, args=[about.pk])
    context = {"problem": problem, "about": about, "url": url, "download": f"{url}?download=1"}
    return render(request, "clearing/documents/problem.html", context, status=problem.status)
