"""Dialogs that ask for a change in Light: remove a link, change its amount, cancel a note."""

from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from clearing import money, roles, workflow
from clearing.models import CreditNote, Instruction, InvoicePayable, Link, number_format
from clearing.queries import changes as queries
from clearing.services import changing
from clearing.views import dialogs
from clearing.views.access import asks, clean_text, needs
from clearing.views.dialogs import Asked

Kind = Instruction.Kind
Pair = tuple[Link, CreditNote, InvoicePayable]


def _pair(note_id: UUID, invoice_id: UUID) -> Pair:
    """The link of this pair with both documents, or 404."""
    link = get_object_or_404(Link, credit_note_id=note_id, invoice_payable_id=invoice_id)
    note = CreditNote.objects.filter(pk=note_id).first()
    invoice = InvoicePayable.objects.filter(pk=invoice_id).first()
    if note is None or invoice is None:
        raise Http404
    return link, note, invoice


def _not_now(link: Link, held: str) -> str:
    """Why this link cannot be changed now; empty where it can."""
    try:
        changing.planned_link(link.credit_note_id, link.invoice_payable_id)
    except workflow.Conflict as problem:
        return str(problem)
    return held


# --- remove --------------------------------------------------------------------------------
@require_http_methods(["GET", "HEAD", "POST"])
@needs("see")
def remove_link(request: HttpRequest, note_id: UUID, invoice_id: UUID) -> HttpResponse:
    """Remove a planned link."""
    pair = _pair(note_id, invoice_id)
    return _remove(request, pair) if request.method == "POST" else _remove_dialog(request, pair)


@needs("propose")
def _remove(request: HttpRequest, pair: Pair) -> HttpResponse:
    asked = Asked.of(request, "remove")
    if asked.errors:
        return _remove_dialog(request, pair, asked=asked, status=422)
    try:
        line = changing.remove(
            credit_note_id=pair[1].pk, invoice_payable_id=pair[2].pk,
            reason_code=asked.reason_code, reason=asked.reason, by=request.user,
        )  # fmt: skip
    except workflow.Conflict as problem:
        return _remove_dialog(request, pair, asked=asked, conflict=str(problem), status=409)
    return dialogs.asked_for(request, line)


def _remove_dialog(
    request: HttpRequest, pair: Pair, *, status: int = 200, **more: Any
) -> HttpResponse:
    link, note, invoice = pair
    locale = number_format(request.user)
    change = queries.of_link(link, note, invoice, frees=link.amount, locale=locale)
    context = {
        "change": change,
        "not_now": _not_now(link, change.held),
        "instead_url": queries.undo_url(link),
        "second": changing.needs_second_person(Kind.UNLINK),
        "reasons": dialogs.reasons_for("remove"),
        "never": roles.why_not(request.user, "propose"),
        "action": reverse("remove_link", args=[note.pk, invoice.pk]),
        "back": reverse("credit_note", args=[note.pk]),
    }
    return dialogs.show(request, "clearing/changes/_remove.html", context | more, status=status)


# --- change the amount -----------------------------------------------------------------------
@require_http_methods(["GET", "HEAD", "POST"])
@needs("see")
def change_amount(request: HttpRequest, note_id: UUID, invoice_id: UUID) -> HttpResponse:
    """Change a planned link's amount."""
    pair = _pair(note_id, invoice_id)
    return _change(request, pair) if request.method == "POST" else _change_dialog(request, pair)


@needs("propose")
def _change(request: HttpRequest, pair: Pair) -> HttpResponse:
    asked = Asked.of(request, "change")
    amount = dialogs.amount_of(request, asked, pair[0].currency)
    if asked.errors:
        return _change_dialog(request, pair, asked=asked, status=422)
    try:
        line = changing.change_amount(
            credit_note_id=pair[1].pk, invoice_payable_id=pair[2].pk, amount=amount,
            reason_code=asked.reason_code, reason=asked.reason, by=request.user,
        )  # fmt: skip
    except workflow.Conflict as problem:
        return _change_dialog(request, pair, asked=asked, conflict=str(problem), status=409)
    except ValueError as problem:  # the reason was checked: this is about the amount
        asked.errors["amount"] = str(problem)
        return _change_dialog(request, pair, asked=asked, status=422)
    return dialogs.asked_for(request, line)


def _change_dialog(
    request: HttpRequest, pair: Pair, *, status: int = 200, asked: Asked | None = None, **more: Any
) -> HttpResponse:
    """The dialog; `amount` in the query string shows what it would leave, nothing else."""
    link, note, invoice = pair
    locale = number_format(request.user)
    now = money.plain(link.amount, link.currency, locale)
    asked = asked or Asked(amount=clean_text(request.GET.get("amount", now)))
    amount = dialogs.amount_of(request, Asked(amount=asked.amount), link.currency)
    change = queries.of_link(
        link, note, invoice, frees=link.amount - amount if amount else None, locale=locale
    )
    context = {
        "change": change,
        "asked": asked,
        "new_amount": money.text(amount, link.currency, locale) if amount else "",
        "example": money.plain(123456, link.currency, locale),
        "not_now": _not_now(link, change.held),
        "instead_url": queries.undo_url(link),
        "second_to_lower": changing.needs_second_person(Kind.AMEND, lowers=True),
        "reasons": dialogs.reasons_for("change"),
        "never": roles.why_not(request.user, "propose"),
        "action": reverse("change_amount", args=[note.pk, invoice.pk]),
        "back": reverse("credit_note", args=[note.pk]),
    }
    return dialogs.show(request, "clearing/changes/_change.html", context | more, status=status)


# --- cancel --------------------------------------------------------------------------------
@require_http_methods(["GET", "HEAD", "POST"])
@needs("see")
def archive(request: HttpRequest, note_id: UUID) -> HttpResponse:
    """Discard a draft, or cancel a posted credit note and reverse it in the ledger."""
    note = get_object_or_404(CreditNote, pk=note_id)
    return _archive(request, note) if request.method == "POST" else _archive_dialog(request, note)


@asks(Kind.ARCHIVE)
def _archive(request: HttpRequest, note: CreditNote) -> HttpResponse:
    asked = Asked.of(request, "archive")
    if asked.errors:
        return _archive_dialog(request, note, asked=asked, status=422)
    try:
        line = changing.archive(
            credit_note_id=note.pk, reason_code=asked.reason_code, reason=asked.reason,
            by=request.user,
        )  # fmt: skip
    except workflow.Conflict as problem:
        return _archive_dialog(request, note, asked=asked, conflict=str(problem), status=409)
    return dialogs.asked_for(request, line)


def _archive_dialog(
    request: HttpRequest, note: CreditNote, *, status: int = 200, **more: Any
) -> HttpResponse:
    """The dialog; `reason` in the query string chooses one of the listed reasons beforehand."""
    locale = number_format(request.user)
    draft = note.status == "DRAFT"
    links = changing.active_links(note.pk)
    context = {
        "note": note,
        "side": queries.of_archive(note, locale),
        "amount": money.text(note.amount, note.currency, locale),
        "draft": draft,
        "posted": note.status in {"POSTED", "PARTIALLY_CLEARED", "CLEARED"},
        "links": queries.links_to_remove(links, locale),
        "clearings": queries.clearings_to_undo(note, locale),
        "not_now": changing.archive_problem(note),
        "second": changing.needs_second_person(Kind.ARCHIVE, of_draft=draft, by=request.user),
        "month": queries.posted_into(note),
        "asked": Asked(reason_code=dialogs.known_reason("archive", request.GET.get("reason"))),
        "reasons": dialogs.reasons_for("archive"),
        "never": roles.why_not_ask(request.user, Kind.ARCHIVE),
        "action": reverse("archive", args=[note.pk]),
        "back": reverse("credit_note", args=[note.pk]),
    }
    return dialogs.show(request, "clearing/changes/_archive.html", context | more, status=status)
