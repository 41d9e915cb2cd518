"""A credit note from an invoice: Light makes a draft over it, which is then completed here."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from clearing import money, roles
from clearing.models import InvoicePayable, number_format
from clearing.queries import cut_off
from clearing.queries.documents import why_no_credit_note
from clearing.queries.editing import held_words
from clearing.services import editing
from clearing.views import dialogs
from clearing.views.access import done, go, needs
from clearing.views.draft_desk import send, status_of

DIALOG = "clearing/invoice_payables/_create.html"


@require_http_methods(["GET", "HEAD", "POST"])
@needs("see")
def create_credit_note(request: HttpRequest, invoice_id: UUID) -> HttpResponse:
    """Have Light make a draft credit note over this invoice."""
    invoice = get_object_or_404(InvoicePayable, pk=invoice_id)
    return _create(request, invoice) if request.method == "POST" else _dialog(request, invoice)


@needs("edit")
def _create(request: HttpRequest, invoice: InvoicePayable) -> HttpResponse:
    """To the new draft; back to the invoice where Light has not confirmed it; else say why not."""
    if sentence := why_no_credit_note(invoice):
        return _dialog(request, invoice, conflict=sentence, status=409)
    came = send(
        lambda client: editing.create_from_invoice(client, invoice_id=invoice.pk, by=request.user)
    )
    note_id = came.edit.credit_note_id if came.edit else None
    if came.is_in_light and note_id:
        message = _("Light has made a draft over %(invoice)s. Complete it here, then post it.")
        to = reverse("edit_note", args=[note_id])
        return done(request, to=to, message=message % {"invoice": invoice})
    if came.status == 200:  # nobody knows yet: the invoice's page tells how it goes on
        messages.warning(request, f"{came.title}. {came.words}")
        return go(request, reverse("invoice_payable", args=[invoice.pk]))
    status = status_of(request, came)
    return _dialog(request, invoice, conflict=came.words, conflict_title=came.title, status=status)


def _dialog(
    request: HttpRequest, invoice: InvoicePayable, *, status: int = 200, **more: Any
) -> HttpResponse:
    context = {
        "invoice": invoice,
        "amount": money.text(invoice.amount, invoice.currency, number_format(request.user)),
        "not_now": why_no_credit_note(invoice) or held_words(invoice_payable_id=invoice.pk),
        "month": cut_off.creating(invoice),
        "never": roles.why_not(request.user, "edit"),
        "action": reverse("create_credit_note", args=[invoice.pk]),
        "back": reverse("invoice_payable", args=[invoice.pk]),
    }
    return dialogs.show(request, DIALOG, context | more, status=status)
