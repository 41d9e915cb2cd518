"""A suggestion is rejected, with a short reason, or wanted again."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from clearing import roles, workflow
from clearing.models import CreditNote, InvoicePayable
from clearing.queries.documents import clear_url
from clearing.services import declining as service
from clearing.services import drafting
from clearing.views import dialogs
from clearing.views.access import clean_text, done, needs, way_back
from clearing.views.dialogs import Asked

Pair = tuple[CreditNote, InvoicePayable]


@require_http_methods(["GET", "HEAD", "POST"])
@needs("see")
def decline(request: HttpRequest, note_id: UUID, invoice_id: UUID) -> HttpResponse:
    """These two are not suggested again; the line leaves this person's draft."""
    pair = _pair(note_id, invoice_id)
    return _decline(request, pair) if request.method == "POST" else _dialog(request, pair)


@needs("propose")
def _decline(request: HttpRequest, pair: Pair) -> HttpResponse:
    note, invoice = pair
    asked = Asked(reason=clean_text(request.POST.get("reason")))
    try:
        service.decline(
            credit_note_id=note.pk, invoice_payable_id=invoice.pk,
            reason=asked.reason, by=request.user,
        )  # fmt: skip
    except ValueError as problem:
        asked.errors["reason"] = str(problem)
        return _dialog(request, pair, asked=asked, status=422)
    except workflow.Conflict as problem:
        return _dialog(request, pair, asked=asked, conflict=str(problem), status=409)
    drafting.drop(pair=(note.pk, invoice.pk), by=request.user)
    message = _("%(note)s and %(invoice)s are not suggested together again.")
    names = {"note": note, "invoice": invoice}
    return done(request, to=_back(request, pair), message=message % names)


@require_POST
@needs("propose")
def suggest_again(request: HttpRequest, note_id: UUID, invoice_id: UUID) -> HttpResponse:
    """A rejection is taken back."""
    pair = _pair(note_id, invoice_id)
    try:
        service.suggest_again(
            credit_note_id=note_id, invoice_payable_id=invoice_id, by=request.user
        )
    except workflow.Conflict as problem:
        messages.warning(request, str(problem))
        return redirect(_back(request, pair))
    message = _("%(note)s and %(invoice)s may be suggested together again.")
    names = {"note": pair[0], "invoice": pair[1]}
    return done(request, to=_back(request, pair), message=message % names)


def _pair(note_id: UUID, invoice_id: UUID) -> Pair:
    return get_object_or_404(CreditNote, pk=note_id), get_object_or_404(
        InvoicePayable, pk=invoice_id
    )


def _back(request: HttpRequest, pair: Pair) -> str:
    return way_back(request, clear_url(pair[0]) or reverse("credit_note", args=[pair[0].pk]))


def _dialog(request: HttpRequest, pair: Pair, *, status: int = 200, **more: object) -> HttpResponse:
    back = _back(request, pair)
    context = {
        "note": pair[0],
        "invoice": pair[1],
        "back": back,
        "never": roles.why_not(request.user, "propose"),
        "action": reverse("decline", args=[pair[0].pk, pair[1].pk]),
    }
    template = "clearing/workbench/_decline.html"
    return dialogs.show(request, template, context | more, status=status)
