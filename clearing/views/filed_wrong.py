"""Invoices that may be credit notes: a list to put right in Light, or to dismiss."""

from functools import partial
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from clearing import money, roles, workflow
from clearing.models import InvoicePayable, number_format
from clearing.queries import documents, sums
from clearing.queries import filed_wrong as queries
from clearing.queries.filters import Filters
from clearing.queries.listing import count_words
from clearing.queries.sheets_of import suspected as sheets
from clearing.services import acknowledging
from clearing.views import dialogs, listing
from clearing.views.access import clean_text, done, needs
from clearing.views.dialogs import Asked


@require_safe
@needs("see")
def filed_as_invoices(request: HttpRequest) -> HttpResponseBase:
    """The list; its whole state is in the query string."""
    entities, filters = documents.entities(), Filters(request.GET)
    locale = number_format(request.user)
    found = queries.filtered(filters, entities)
    page = queries.page(found, key=request.GET.get("page", ""), scope=filters.scope)
    shown = queries.List(
        base=reverse("filed_as_invoices"), filters=filters, headers={}, page=page,
        rows=queries.rows(page.rows, entities=entities, locale=locale),
        count=count_words(sums.count(found), locale),
    )  # fmt: skip
    context = {"entities": entities, "parts": queries.SHOW}
    sheet = partial(sheets.filed_as_invoices, found, filters, entities=entities)
    return listing.answer(request, "filed_wrong", shown, context, sheet=sheet)


@require_http_methods(["GET", "HEAD", "POST"])
@needs("see")
def not_a_credit_note(request: HttpRequest, invoice_id: UUID) -> HttpResponse:
    """Somebody says that an invoice only looks like a credit note: it leaves the list."""
    invoice = get_object_or_404(InvoicePayable, pk=invoice_id)
    return _dismiss(request, invoice) if request.method == "POST" else _dialog(request, invoice)


@needs("deal")
def _dismiss(request: HttpRequest, invoice: InvoicePayable) -> HttpResponse:
    asked = Asked(reason=clean_text(request.POST.get("reason")))
    try:
        acknowledging.dismiss_invoice(invoice_id=invoice.pk, reason=asked.reason, by=request.user)
    except ValueError as problem:
        asked.errors["reason"] = str(problem)
        return _dialog(request, invoice, asked=asked, status=422)
    except workflow.Conflict as problem:
        return _dialog(request, invoice, asked=asked, conflict=str(problem), status=409)
    message = _("Noted: %(invoice)s is no credit note.") % {"invoice": invoice}
    return done(request, to=reverse("filed_as_invoices"), message=message)


def _dialog(
    request: HttpRequest, invoice: InvoicePayable, *, status: int = 200, **more: Any
) -> HttpResponse:
    why = queries.why_of(invoice)
    gone = _("It does not stand on the list of invoices that look like credit notes.")
    context = {
        "invoice": invoice,
        "why": why,
        "amount": money.text(invoice.amount, invoice.currency, number_format(request.user)),
        "not_now": "" if why else gone,
        "never": roles.why_not(request.user, "deal"),
        "action": reverse("not_a_credit_note", args=[invoice.pk]),
        "back": reverse("filed_as_invoices"),
    }
    template = "clearing/filed_wrong/_dismiss.html"
    return dialogs.show(request, template, context | more, status=status)
