"""What is known of this company's Light: the page, an answer, and the trial of a question."""

from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from clearing import money, roles, workflow
from clearing.models import CreditNote, number_format
from clearing.queries import cut_off
from clearing.queries import your_light as queries
from clearing.services import learning, proposing
from clearing.views import dialogs
from clearing.views.access import as_uuid, clean_text, done, needs
from clearing.views.dialogs import Asked


@require_http_methods(["GET", "HEAD", "POST"])
@needs("see")
def your_light(request: HttpRequest) -> HttpResponse:
    """Every question; `question` in the query string opens the dialog of one."""
    if request.method == "POST":
        return _say(request)
    if "question" in request.GET:
        return _dialog(request, _row(request, clean_text(request.GET.get("question"))))
    context = {
        "rows": queries.rows(locale=number_format(request.user)),
        "never": roles.why_not(request.user, "answer"),
    }
    return render(request, "clearing/your_light/list.html", context)


def _row(request: HttpRequest, code: str) -> queries.Row:
    found = queries.row(code, locale=number_format(request.user))
    if found is None:
        raise Http404
    return found


@needs("answer")
def _say(request: HttpRequest) -> HttpResponse:
    row = _row(request, clean_text(request.POST.get("question")))
    asked = Asked(reason=clean_text(request.POST.get("reason")))
    answer, seen = (clean_text(request.POST.get(name)) for name in ("answer", "seen"))
    told: dict[str, Any] = {"asked": asked, "chosen": answer}
    if answer and answer not in dict(row.choices):
        asked.errors["answer"] = _("Choose one of the answers.")
        return _dialog(request, row, **told, status=422)
    try:
        learning.say(
            question=row.code, answer=answer, reason=asked.reason, by=request.user,
            seen=int(seen) if seen.isascii() and seen.isdigit() and len(seen) < 18 else None,
        )  # fmt: skip
    except workflow.Conflict as problem:
        return _dialog(request, row, **told, conflict=str(problem), status=409)
    except ValueError as problem:  # the answer was checked: this is about the reason
        asked.errors["reason"] = str(problem)
        return _dialog(request, row, **told, status=422)
    message = _("Kept. What depends on it follows within a minute.")
    return done(request, to=reverse("your_light"), message=message)


def _dialog(
    request: HttpRequest, row: queries.Row, *, status: int = 200, **more: Any
) -> HttpResponse:
    context = {
        "row": row,
        "chosen": row.answer,
        "never": roles.why_not(request.user, "answer"),
        "action": reverse("your_light"),
        "back": reverse("your_light"),
    }
    return dialogs.show(
        request, "clearing/your_light/_answer.html", context | more, status=status
    )  # fmt: skip


@require_http_methods(["GET", "HEAD", "POST"])
@needs("see")
def try_light(request: HttpRequest, question: str) -> HttpResponse:
    """Propose one ordinary link whose fate answers a question."""
    row = _row(request, question)
    if request.method == "POST":
        return _try(request, row)
    return _try_dialog(request, row)


@needs("answer")
def _try(request: HttpRequest, row: queries.Row) -> HttpResponse:
    asked = Asked(
        target=clean_text(request.POST.get("target")),
        amount=clean_text(request.POST.get("amount")),
        reason=clean_text(request.POST.get("reason")),
    )
    pair = _pair(asked)
    amount = _amount(request, row, asked, pair) if pair else 0
    if pair is None or asked.errors:
        return _try_dialog(request, row, asked=asked, status=422)
    try:
        proposal = learning.propose(
            question=row.code, note_id=pair[0], invoice_id=pair[1], amount=amount,
            reason=asked.reason, by=request.user,
        )  # fmt: skip
    except workflow.Conflict as problem:
        return _try_dialog(request, row, asked=asked, conflict=str(problem), status=409)
    except proposing.Problems as problems:
        asked.errors["amount"] = " ".join([*problems.cells.values(), *problems.general])
        return _try_dialog(request, row, asked=asked, status=422)
    except ValueError as problem:
        asked.errors["reason"] = str(problem)
        return _try_dialog(request, row, asked=asked, status=422)
    message = _("The trial is proposed. A second person has to approve it.")
    return done(request, to=reverse("proposal", args=[proposal.pk]), message=message)


def _pair(asked: Asked) -> tuple[UUID, UUID] | None:
    """The two documents that were chosen; None with a sentence where they are none."""
    note, invoice = (as_uuid(part) for part in asked.target.partition(":")[::2])
    if note is None or invoice is None:
        asked.errors["target"] = _("Choose a credit note and an invoice from the list.")
        return None
    return note, invoice


def _amount(
    request: HttpRequest, row: queries.Row, asked: Asked, pair: tuple[UUID, UUID]
) -> int:  # fmt: skip
    """What was typed, else as much as fits, in the smallest unit."""
    if asked.amount.strip():
        note = CreditNote.objects.filter(pk=pair[0]).first()
        return dialogs.amount_of(request, asked, note.currency if note else "")
    key = f"{pair[0]}:{pair[1]}"
    most = next((one.most for one in learning.pairs(row.code) if one.key == key), 0)
    if not most:
        asked.errors["target"] = _("Choose a credit note and an invoice from the list.")
    return most


def _try_dialog(
    request: HttpRequest, row: queries.Row, *, status: int = 200, **more: Any
) -> HttpResponse:
    not_now = learning.why_not(row.code)
    pairs = [] if not_now else learning.pairs(row.code)
    if not not_now and not pairs:
        not_now = _("No two documents that could show it are open now. Come back when some are.")
    locale = number_format(request.user)
    books = cut_off.books_of(one.note.entity_id for one in pairs)
    context = {
        "row": row,
        "not_now": not_now,
        "pairs": [{"key": one.key, "words": _words(one, books, locale)} for one in pairs],
        "never": roles.why_not(request.user, "answer"),
        "action": reverse("try_light", args=[row.code]),
        "back": reverse("your_light"),
    }
    return dialogs.show(request, "clearing/your_light/_try.html", context | more, status=status)


def _words(pair: learning.Pair, books: cut_off.Books, locale: str) -> str:
    words = _("%(note)s → %(invoice)s, at most %(most)s (%(vendor)s)") % {
        "note": pair.note,
        "invoice": pair.invoice,
        "most": money.text(pair.most, pair.note.currency, locale),
        "vendor": pair.note.vendor_name,
    }
    return f"{words} {cut_off.booking(pair.invoice, books)}".strip()
