"""The draft queue, and the searches by name that its forms ask for."""

from functools import partial
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_safe

from clearing import roles
from clearing.models import Instruction, number_format
from clearing.queries import documents, draft_page
from clearing.queries import drafts as queries
from clearing.queries.filters import Filters
from clearing.queries.sheets_of import drafts as sheets
from clearing.views import draft_desk, draft_lines, draft_queue, exports
from clearing.views.access import as_uuid, clean_text, needs, page

LONGEST = 200  # characters of a search


@require_safe
@needs("see")
def drafts(request: HttpRequest) -> HttpResponseBase:
    """Drafts by what is missing; one of them beside the list, with its form and PDF."""
    filters, locale = Filters(request.GET), number_format(request.user)
    entities = documents.entities()
    sorting = draft_queue.sorting_of(filters, entities)
    queue = queries.read(
        filters, sorting, key=request.GET.get("page", ""),
        note_id=as_uuid(request.GET.get("note")), locale=locale,
    )  # fmt: skip
    sheet = partial(sheets.drafts, filters, sorting, group=queue.group, entities=entities)
    if file := exports.respond(request, sheet, back=queue.here):
        return file
    queue.notices.extend(exports.notices(request))
    context: dict[str, Any] = {
        "exports": exports.links(filters, queue.base),
        "queue": queue,
        "entities": entities,
        "values": filters.values,
        "may_post": not roles.why_not_ask(request.user, Instruction.Kind.POST),
    }
    if note := queue.note:
        context |= draft_desk.head(request, note, draft_desk.note_form(request, note))
        context |= draft_lines.section(request, note, off=context["off"])
        suspected = "duplicate" in sorting.lacks.get(note.pk, [])
        context |= draft_desk.around(note, suspected=suspected)
        context |= {"queue_query": queue.query, "next_id": queue.next_id or ""}
    return render(request, "clearing/drafts/list.html", context)


# --- searches by name: what a field can be set to -------------------------------------------
def _choices(request: HttpRequest, field: str, choices: list[draft_page.Choice]) -> HttpResponse:
    context = {"field": field, "choices": choices, "key": clean_text(request.GET.get("key"))[:40],
               "asked": _asked(request, field)}  # fmt: skip
    return page(request, "clearing/drafts/lookup.html", "clearing/drafts/_choices.html", context)


def _asked(request: HttpRequest, field: str) -> str:
    return clean_text(request.GET.get(f"{field}_q") or request.GET.get("q")).strip()[:LONGEST]


@require_safe
@needs("see")
def lookup_vendors(request: HttpRequest) -> HttpResponse:
    """Vendors by name or number."""
    asked, chosen = _asked(request, "vendor_id"), clean_text(request.GET.get("vendor_id"))
    return _choices(request, "vendor_id", draft_page.vendors(asked, chosen))


@require_safe
@needs("see")
def lookup_entities(request: HttpRequest) -> HttpResponse:
    """Company entities by name or code."""
    asked, chosen = _asked(request, "entity_id"), clean_text(request.GET.get("entity_id"))
    return _choices(request, "entity_id", draft_page.entities(asked, chosen))


@require_safe
@needs("see")
def lookup_accounts(request: HttpRequest) -> HttpResponse:
    """Accounts by number or name; `vendor` has those in front that its lines use."""
    field = "ledger_account_id"
    chosen, vendor_id = clean_text(request.GET.get(field)), as_uuid(request.GET.get("vendor"))
    choices = draft_page.accounts(_asked(request, field), chosen, vendor_id=vendor_id)
    return _choices(request, field, choices)
