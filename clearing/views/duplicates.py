"""Possible duplicates: the list, and two credit notes side by side."""

from functools import partial
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from clearing import roles, workflow
from clearing.models import CreditNote, number_format
from clearing.queries import comparing, documents, sums
from clearing.queries import duplicates as queries
from clearing.queries.filters import Filters
from clearing.queries.listing import count_words
from clearing.queries.sheets_of import suspected as sheets
from clearing.services import duplicates as service
from clearing.views import listing
from clearing.views.access import clean_text, done, needs, way_back
from clearing.views.dialogs import Asked

Notes = tuple[CreditNote, CreditNote]


@require_safe
@needs("see")
def duplicates(request: HttpRequest) -> HttpResponseBase:
    """The pairs without an answer, the newest first; `show` asks for others."""
    base, locale, filters = reverse("duplicates"), number_format(request.user), Filters(request.GET)
    found, show = queries.filtered(filters)
    page = queries.page(found, show=show, key=request.GET.get("page", ""), scope=filters.scope)
    rows: list[Any]
    entities = documents.entities()
    if show == "vat":
        rows = queries.vendor_rows(page.rows)
    else:
        rows = queries.rows(page.rows, entities=entities, locale=locale)
    shown = queries.List(
        base=base, filters=filters, headers={}, page=page, rows=rows,
        count=count_words(sums.count(found), locale), show=show,
    )  # fmt: skip
    sheet = partial(sheets.possible_duplicates, found, filters, show=show, entities=entities)
    return listing.answer(request, "duplicates", shown, {"parts": queries.SHOW}, sheet=sheet)


@require_http_methods(["GET", "HEAD", "POST"])
@needs("see")
def duplicate(request: HttpRequest, note_id: UUID, other_id: UUID) -> HttpResponse:
    """Two credit notes side by side; a POST says that they are not the same."""
    notes = (get_object_or_404(CreditNote, pk=note_id), get_object_or_404(CreditNote, pk=other_id))
    return _answer(request, notes) if request.method == "POST" else _page(request, notes)


@needs("propose")
def _answer(request: HttpRequest, notes: Notes) -> HttpResponse:
    one, other = notes
    asked = Asked(reason=clean_text(request.POST.get("reason")))
    try:
        service.say_not(note_id=one.pk, other_id=other.pk, reason=asked.reason, by=request.user)
    except ValueError as problem:
        asked.errors["reason"] = str(problem)
        return _page(request, notes, asked=asked, status=422)
    except workflow.Conflict as problem:
        return _page(request, notes, asked=asked, conflict=str(problem), status=409)
    message = _("Noted: %(one)s and %(other)s are two credits.") % {"one": one, "other": other}
    return done(request, to=way_back(request, reverse("duplicates")), message=message)


def _page(
    request: HttpRequest,
    notes: Notes,
    *,
    status: int = 200,
    asked: Asked | None = None,
    **more: Any,
) -> HttpResponse:
    shown = comparing.compare(*notes, locale=number_format(request.user))
    context = {
        "shown": shown,
        "sides": [
            (shown.one, _cancel(request, notes[0])),
            (shown.other, _cancel(request, notes[1])),
        ],
        "never": roles.why_not(request.user, "propose"),
        "asked": asked or Asked(),
    }
    return render(request, "clearing/duplicates/detail.html", context | more, status=status)


def _cancel(request: HttpRequest, note: CreditNote) -> dict[str, str]:
    """The words of the button that cancels one of both, and why it rests."""
    words = _("Discard draft") if note.status == "DRAFT" else _("Cancel %(note)s") % {"note": note}
    why_not = roles.why_not_ask(request.user, "archive")
    if note.status == "ARCHIVED":
        why_not = _("It is cancelled already.")
    return {"words": words, "why_not": why_not}
