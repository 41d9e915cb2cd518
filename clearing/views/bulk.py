"""The same change for many: one confirmation, one result for each."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from clearing import roles
from clearing.models import CreditNote, Instruction, Link, number_format
from clearing.queries import bulk as queries
from clearing.queries import credit_notes, documents
from clearing.queries.filters import Filters
from clearing.services import bulk, changing
from clearing.services.bulk import Item, Outcome
from clearing.views import dialogs
from clearing.views.access import as_uuid, asks, clean_text, go, needs, page, way_back
from clearing.views.dialogs import Asked

KEPT = "bulk"  # the last result, in the person's session
Kind = Instruction.Kind
Ask = Callable[..., list[Outcome]]
Dialog = Callable[..., HttpResponse]


# --- cancel or discard credit notes ---------------------------------------------------------------
@require_http_methods(["GET", "HEAD", "POST"])
@needs("see")
def archive_many(request: HttpRequest) -> HttpResponse:
    """Cancel or discard the chosen credit notes, or with `all` those that a list's filters name."""
    if request.method == "POST":
        return _archive(request)
    if "result" in request.GET:
        return result(request, reverse("credit_notes"))
    try:
        ids = _matching(request) if "all" in request.GET else _ids(request.GET.getlist("note"))
        bulk.check_size(len(ids))
    except ValueError as problem:
        return _archive_dialog(request, [], nothing=str(problem))
    return _archive_dialog(request, ids)


@asks(Kind.ARCHIVE)
def _archive(request: HttpRequest) -> HttpResponse:
    items = []
    for given in request.POST.getlist("seen"):
        key, _colon, status = clean_text(given).partition(":")
        if note_id := as_uuid(key):
            items.append(Item(note_id, seen=status))
    ids = [item.credit_note_id for item in items]

    def dialog(**more: Any) -> HttpResponse:
        return _archive_dialog(request, ids, **more)

    return _ask(request, "archive", bulk.archive, items, dialog)


def _ids(given: list[str]) -> list[Any]:
    """The ids among these texts, each once."""
    return list(dict.fromkeys(found for found in map(as_uuid, given) if found))


def _matching(request: HttpRequest) -> list[Any]:
    """The credit notes that a list's filters name, not too many of them.

    Raises ValueError where a filter is not understood: left out, it would select more than the
    person saw.
    """
    filters = Filters(request.GET)
    notes, _in_all_currencies = credit_notes.filtered(filters, documents.entities())
    if filters.notices:
        raise ValueError(f"{filters.notices[0]} {_('So nothing is selected.')}")
    notes = notes.filter(status__in=credit_notes.CAN_BE_CANCELLED, gone_at=None)
    bulk.check_size(notes.count())
    return list(notes.order_by("-document_day", "pk").values_list("pk", flat=True))


def _archive_dialog(
    request: HttpRequest, ids: list[Any], *, status: int = 200, **more: Any
) -> HttpResponse:
    found = CreditNote.objects.in_bulk(ids[: bulk.MOST])
    notes = [found[key] for key in ids if key in found]
    rows = queries.archive_rows(
        notes, problems=bulk.why_not_archived(notes), locale=number_format(request.user),
        alone={note.pk for note in notes if bulk.archived_alone(note, by=request.user)},
    )  # fmt: skip
    fitting = [row for row in rows if not row.problem]
    context = {
        "rows": rows,
        "fitting": fitting,
        "missing": len(ids[: bulk.MOST]) - len(notes),
        "words": _archive_words(fitting),
        "drafts": any(row.is_draft for row in fitting),
        "posted": any(not row.is_draft for row in fitting),
        "reasons": dialogs.reasons_for("archive"),
        "never": roles.why_not_ask(request.user, Kind.ARCHIVE),
        "action": reverse("archive_many"),
        "back": way_back(request, reverse("credit_notes")),
    }
    return dialogs.show(request, "clearing/bulk/_archive.html", context | more, status=status)


def _archive_words(rows: list[queries.Row]) -> dict[str, str]:
    """The title's question and the button's verb, for the notes that can be cancelled."""
    n, drafts = len(rows), sum(row.is_draft for row in rows)
    if drafts == n:
        verb = ngettext("Discard %(n)d draft", "Discard %(n)d drafts", n)
    elif not drafts:
        verb = ngettext("Cancel %(n)d credit note", "Cancel %(n)d credit notes", n)
    else:
        verb = ngettext(
            "Cancel or discard %(n)d credit note", "Cancel or discard %(n)d credit notes", n
        )
    return {"verb": verb % {"n": n}, "keep": _("Keep them") if n > 1 else _("Keep it")}


# --- remove planned links -------------------------------------------------------------------------
@require_http_methods(["GET", "HEAD", "POST"])
@needs("see")
def remove_links(request: HttpRequest) -> HttpResponse:
    """Remove the chosen planned links."""
    if request.method == "POST":
        return _remove(request)
    if "result" in request.GET:
        return result(request, reverse("credit_notes"))
    pairs = [(one.credit_note_id, one.invoice_payable_id) for one in _pairs(request.GET, "link")]
    try:
        bulk.check_size(len(pairs))
    except ValueError as problem:
        return _remove_dialog(request, [], nothing=str(problem))
    return _remove_dialog(request, pairs)


@asks(Kind.UNLINK)
def _remove(request: HttpRequest) -> HttpResponse:
    items = _pairs(request.POST, "seen")
    pairs = [(item.credit_note_id, item.invoice_payable_id) for item in items]

    def dialog(**more: Any) -> HttpResponse:
        return _remove_dialog(request, pairs, **more)

    return _ask(request, "remove", bulk.remove, items, dialog)


def _pairs(query: Any, name: str) -> list[Item]:
    """The links named "<note>:<invoice>", with the amount that was seen behind it, each once."""
    found = {}
    for given in query.getlist(name):
        note, _colon, rest = clean_text(given).partition(":")
        invoice, _colon, seen = rest.partition(":")
        note_id, invoice_id = as_uuid(note), as_uuid(invoice)
        if note_id and invoice_id:
            found[note_id, invoice_id] = Item(note_id, invoice_id, seen)
    return list(found.values())


def _remove_dialog(
    request: HttpRequest, pairs: list[Any], *, status: int = 200, **more: Any
) -> HttpResponse:
    wanted = set(pairs[: bulk.MOST])
    candidates = Link.objects.filter(credit_note_id__in={note for note, _invoice in wanted})
    links = [one for one in candidates if (one.credit_note_id, one.invoice_payable_id) in wanted]
    second = changing.needs_second_person(Kind.UNLINK)
    rows = queries.link_rows(
        links, problems=bulk.why_not_removed(links), second=second,
        locale=number_format(request.user),
    )  # fmt: skip
    fitting = [row for row in rows if not row.problem]
    n = len(fitting)
    verb = ngettext("Remove %(n)d link", "Remove %(n)d links", n) % {"n": n}
    context = {
        "rows": rows,
        "fitting": fitting,
        "missing": len(wanted) - len(links),
        "words": {"verb": verb, "keep": _("Keep them") if n > 1 else _("Keep it")},
        "reasons": dialogs.reasons_for("remove"),
        "never": roles.why_not_ask(request.user, Kind.UNLINK),
        "action": reverse("remove_links"),
        "back": way_back(request, reverse("credit_notes")),
    }
    return dialogs.show(request, "clearing/bulk/_remove.html", context | more, status=status)


# --- both ---------------------------------------------------------------------------------------
def _ask(
    request: HttpRequest, what: str, ask: Ask, items: list[Item], dialog: Dialog
) -> HttpResponse:
    """Check the reason, ask one by one, and lead on to the results."""
    asked = Asked.of(request, what)
    if asked.errors:
        return dialog(asked=asked, status=422)
    try:
        outcomes = ask(items, reason_code=asked.reason_code, reason=asked.reason, by=request.user)
    except ValueError as problem:  # the reason was checked: this is about the selection
        return dialog(asked=asked, nothing=str(problem), status=422)
    return lead_on(request, what, outcomes, back=way_back(request, reverse("credit_notes")))


def lead_on(request: HttpRequest, what: str, outcomes: list[Outcome], *, back: str) -> HttpResponse:
    """Keep what became of each, and go to the page that shows it: `result` of this address."""
    token = uuid4().hex
    request.session[KEPT] = {
        "token": token,
        "what": what,
        "back": back,
        "rows": [_kept(one) for one in outcomes],
    }
    return go(request, f"{request.path}?result={token}")


def _kept(one: Outcome) -> dict[str, Any]:
    item = one.item
    return {
        "note": str(item.credit_note_id),
        "invoice": str(item.invoice_payable_id) if item.invoice_payable_id else "",
        "line": one.line.pk if one.line else None,
        "why": one.sentence,
    }


def result(request: HttpRequest, otherwise: str) -> HttpResponse:
    """What became of each item; only the last result of a person is kept."""
    kept = request.session.get(KEPT) or {}
    if kept.get("token") != request.GET["result"]:
        return redirect(otherwise)
    rows = queries.results(kept["rows"], locale=number_format(request.user))
    context = {
        "what": kept["what"],
        "rows": rows,
        "asked": [row for row in rows if row.state],
        "skipped": [row for row in rows if not row.state],
        "states": queries.states(rows),
        "again": request.get_full_path() if queries.under_way(rows) else "",
        "back": kept["back"],
    }
    return page(request, "clearing/bulk/result.html", "clearing/bulk/_result.html", context)
