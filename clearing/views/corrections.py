"""Posting a draft and undoing a clearing, each with its consequences in view."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from clearing import roles, workflow
from clearing.models import CreditNote, Instruction, InvoicePayable, number_format
from clearing.queries import corrections as queries
from clearing.services import correcting, duplicates
from clearing.views import dialogs
from clearing.views.access import asks, clean_text, needs
from clearing.views.dialogs import Asked

Kind = Instruction.Kind
Pair = tuple[CreditNote, InvoicePayable]


def pair_of(note_id: UUID, invoice_id: UUID) -> Pair:
    """Both documents, or 404."""
    note = get_object_or_404(CreditNote, pk=note_id)
    return note, get_object_or_404(InvoicePayable, pk=invoice_id)


# --- post ------------------------------------------------------------------------------------
@require_http_methods(["GET", "HEAD", "POST"])
@needs("see")
def post_note(request: HttpRequest, note_id: UUID) -> HttpResponse:
    """Post a draft to the ledger."""
    note = get_object_or_404(CreditNote, pk=note_id)
    return _post(request, note) if request.method == "POST" else _post_dialog(request, note)


@asks(Kind.POST)
def _post(request: HttpRequest, note: CreditNote) -> HttpResponse:
    closed = correcting.posting_of(note).standing.needs_controller
    asked = Asked.of(request, "post") if closed else Asked()
    if asked.errors:
        return _post_dialog(request, note, asked=asked, status=422)
    try:
        line = correcting.post(
            credit_note_id=note.pk, seen=clean_text(request.POST.get("seen")),
            reason_code=asked.reason_code, reason=asked.reason, by=request.user,
        )  # fmt: skip
    except roles.NotAllowed as problem:
        status = dialogs.refused(request)
        return _post_dialog(request, note, asked=asked, conflict=str(problem), status=status)
    except workflow.Conflict as problem:
        return _post_dialog(request, note, asked=asked, conflict=str(problem), status=409)
    except ValueError as problem:  # a reason was chosen: this is about its words
        asked.errors["reason"] = str(problem)
        return _post_dialog(request, note, asked=asked, status=422)
    return dialogs.asked_for(request, line)


def _post_dialog(
    request: HttpRequest, note: CreditNote, *, status: int = 200, **more: Any
) -> HttpResponse:
    posting = correcting.posting_of(note)
    closed = posting.standing.needs_controller
    never = roles.why_not_ask(request.user, Kind.POST)
    context = {
        "shown": queries.of_post(
            note, net=posting.net, tax=posting.tax, gross=posting.gross,
            locale=number_format(request.user),
        ),
        "note": note,
        "posting": posting,
        "problems": _problems(note),
        "closed": closed,
        "second": not correcting.posts_alone(note, by=request.user, into_closed=closed),
        "seen": correcting.fingerprint(note),
        "reasons": dialogs.reasons_for("post"),
        "never": never or (roles.why_not(request.user, "post_closed") if closed else ""),
        "action": reverse("post_note", args=[note.pk]),
        "back": reverse("credit_note", args=[note.pk]),
    }  # fmt: skip
    return dialogs.show(request, "clearing/corrections/_post.html", context | more, status=status)


def _problems(note: CreditNote) -> list[queries.Problem]:
    """What is missing before it can be posted, each with where it is put right."""
    found = correcting.post_problems(note)
    twins = duplicates.unanswered([note.pk]) if "duplicate" in {no.code for no in found} else {}
    return queries.problems(note, found, twins.get(note.pk, []))


# --- undo ------------------------------------------------------------------------------------
@require_http_methods(["GET", "HEAD", "POST"])
@needs("see")
def undo_clearing(request: HttpRequest, note_id: UUID, invoice_id: UUID) -> HttpResponse:
    """Undo what a credit note has cleared on an invoice."""
    pair = pair_of(note_id, invoice_id)
    if request.method == "POST":
        return _undo(request, pair)
    return _undo_dialog(request, pair, archive=request.GET.get("archive") == "1")


@asks(Kind.REVERSE)
def _undo(request: HttpRequest, pair: Pair) -> HttpResponse:
    asked, archive = Asked.of(request, "undo"), request.POST.get("archive") == "1"
    if asked.errors:
        return _undo_dialog(request, pair, archive=archive, asked=asked, status=422)
    try:
        line = correcting.undo(
            credit_note_id=pair[0].pk, invoice_payable_id=pair[1].pk, archive=archive,
            reason_code=asked.reason_code, reason=asked.reason, by=request.user,
        )  # fmt: skip
    except workflow.Conflict as problem:
        return _undo_dialog(
            request, pair, archive=archive, asked=asked, conflict=str(problem), status=409
        )
    return dialogs.asked_for(request, line)


def _undo_dialog(
    request: HttpRequest, pair: Pair, *, archive: bool, status: int = 200, **more: Any
) -> HttpResponse:
    """The dialog; `archive` in the query string shows what that option leaves, nothing else."""
    note, invoice = pair
    ids = [note.pk, invoice.pk]
    context = {
        "note": note,
        "invoice": invoice,
        "shown": queries.of_undo(
            note, invoice, archive=archive, locale=number_format(request.user)
        ),
        "archive": archive,
        "not_now": correcting.undo_problem(*ids),
        "why_not_archive": correcting.undo_problem(*ids, archive=True),
        "reasons": dialogs.reasons_for("undo"),
        "never": roles.why_not_ask(request.user, Kind.REVERSE),
        "action": reverse("undo_clearing", args=ids),
        "back": reverse("credit_note", args=[note.pk]),
    }
    return dialogs.show(request, "clearing/corrections/_undo.html", context | more, status=status)
