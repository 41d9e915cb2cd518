"""Moving a clearing to another invoice: one proposal of two steps, with one approval."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from clearing import money, roles, workflow
from clearing.models import Instruction, number_format
from clearing.queries import corrections
from clearing.queries import moving as queries
from clearing.services import correcting
from clearing.views import dialogs
from clearing.views.access import as_uuid, asks, clean_text, done, needs
from clearing.views.corrections import Pair, pair_of
from clearing.views.dialogs import Asked


@require_http_methods(["GET", "HEAD", "POST"])
@needs("see")
def move_clearing(request: HttpRequest, note_id: UUID, invoice_id: UUID) -> HttpResponse:
    """Move a clearing to another invoice: undone here, linked there."""
    pair = pair_of(note_id, invoice_id)
    if request.method == "POST":
        return _move(request, pair)
    target, amount = (clean_text(request.GET.get(name)) for name in ("target", "amount"))
    return _dialog(request, pair, asked=Asked(target=target, amount=amount))


@asks(Instruction.Kind.LINK)
def _move(request: HttpRequest, pair: Pair) -> HttpResponse:
    asked = Asked.of(request, "move")
    target = as_uuid(asked.target)
    if target is None:
        asked.errors["target"] = _("Choose the invoice to move it to.")
    amount = dialogs.amount_of(request, asked, pair[0].currency)
    if asked.errors or target is None:
        return _dialog(request, pair, asked=asked, status=422)
    try:
        proposal = correcting.move(
            credit_note_id=pair[0].pk, from_invoice_id=pair[1].pk, to_invoice_id=target,
            amount=amount, reason_code=asked.reason_code, reason=asked.reason, by=request.user,
        )  # fmt: skip
    except workflow.Conflict as problem:
        return _dialog(request, pair, asked=asked, conflict=str(problem), status=409)
    except ValueError as problem:  # the reason was checked: this is about the amount
        asked.errors["amount"] = str(problem)
        return _dialog(request, pair, asked=asked, status=422)
    message = _("Asked for. A second person has to approve both steps.")
    return done(request, to=reverse("proposal", args=[proposal.pk]), message=message)


def _dialog(
    request: HttpRequest, pair: Pair, *, asked: Asked, status: int = 200, conflict: str = ""
) -> HttpResponse:
    """The dialog; `target` and `amount` in the query string show what they would leave."""
    note, invoice = pair
    context = _shown(request, pair, asked) | {
        "note": note,
        "invoice": invoice,
        "asked": asked,
        "conflict": conflict,
        "reasons": dialogs.reasons_for("move"),
        "never": roles.why_not_ask(request.user, Instruction.Kind.LINK),
        "action": reverse("move_clearing", args=[note.pk, invoice.pk]),
        "back": reverse("credit_note", args=[note.pk]),
    }
    return dialogs.show(request, "clearing/corrections/_move.html", context, status=status)


def _shown(request: HttpRequest, pair: Pair, asked: Asked) -> dict[str, Any]:
    """What the dialog shows of the documents; fills in the amount where none was typed."""
    (note, invoice), locale = pair, number_format(request.user)
    cleared = corrections.cleared(note, invoice, locale)
    undone = cleared.amount if cleared else 0
    possible = {str(one.pk): one for one in correcting.move_targets(note.pk, invoice.pk)}
    rows = queries.targets(undone, possible.values(), locale)
    target = possible.get(asked.target)
    most = next((row.most for row in rows if str(row.id) == asked.target), undone)
    asked.amount = asked.amount or money.plain(most, note.currency, locale)
    amount = dialogs.amount_of(request, Asked(amount=asked.amount), note.currency)
    return {
        "cleared": cleared,
        "rows": rows,
        "impossible": queries.impossible(note, [invoice.pk, *possible], locale),
        "target": target,
        "figures": queries.of_move(
            note, invoice, target, undone=undone, amount=amount, locale=locale
        ),
        "most": money.text(most, note.currency, locale),
        "example": money.plain(123456, note.currency, locale),
        "not_now": _not_now(pair, list(possible.values())),
    }


def _not_now(pair: Pair, possible: list[Any]) -> str:
    """Why nothing can be moved now; empty where it can. What speaks against one is its own."""
    note, invoice = pair
    if sentence := correcting.undo_problem(note.pk, invoice.pk):
        return sentence
    if not possible:
        return _("No other open invoice of this vendor, entity and currency can take it.")
    return correcting.move_problem(note, invoice.pk, possible[0])
