"""Everything that went wrong, with its next step."""

from functools import partial
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from clearing import roles, workflow
from clearing.models import Clearing, Difference, Edit, Instruction, Link, number_format
from clearing.queries import documents, in_flight, story
from clearing.queries import exceptions as queries
from clearing.queries import lines as line_rows
from clearing.queries.filters import Filters
from clearing.queries.sheets_of import exceptions as sheets
from clearing.services import acknowledging, editing, reviewing
from clearing.views import dialogs, exports
from clearing.views.access import clean_text, done, needs, way_back
from clearing.views.dialogs import Asked


@require_safe
@needs("see")
def exceptions(request: HttpRequest) -> HttpResponseBase:
    """The list by kind; `kind` in the query string shows all of one, page by page."""
    only = _kind(request)
    sheet = partial(sheets.exceptions, only=only, locale=number_format(request.user))
    back = Filters({}).url(reverse("exceptions"), kind=only)
    return exports.respond(request, sheet, back=back) or _page(request)


def _kind(request: HttpRequest) -> str:
    """The kind that the address asks for; empty for all."""
    given = clean_text(request.GET.get("kind"))
    return given if given in {kind.code for kind in queries.KINDS} else ""


def _page(request: HttpRequest, *, refused: str = "", status: int = 200) -> HttpResponse:
    only, locale = _kind(request), number_format(request.user)
    context = {
        "groups": queries.groups(only=only, key=request.GET.get("page", ""), locale=locale),
        "count": queries.count(),
        "only": only,
        "unknown": bool(clean_text(request.GET.get("kind")) and not only),
        "notices": exports.notices(request),
        "exports": exports.links(Filters({}, {"kind": only}), reverse("exceptions")),
        "how_late": queries.how_late(),
        "refused": refused,
        "never_deal": roles.why_not(request.user, "deal"),
    }
    return render(request, "clearing/exceptions/list.html", context, status=status)


def _line(line_id: int) -> Instruction:
    lines = Instruction.objects.select_related("proposal", "asked_by", "approved_by", "dealt_by")
    return get_object_or_404(lines, pk=line_id)


@require_http_methods(["GET", "HEAD", "POST"])
@needs("see")
def settle(request: HttpRequest, line_id: int) -> HttpResponse:
    """A person says what became of a line that reading could not settle."""
    line = _line(line_id)
    return _settle(request, line) if request.method == "POST" else _dialog(request, line)


@needs("settle")
def _settle(request: HttpRequest, line: Instruction) -> HttpResponse:
    try:
        reviewing.settle(line, decision=clean_text(request.POST.get("decision")), by=request.user)
    except workflow.Conflict as problem:
        return _dialog(request, line, conflict=str(problem), status=409)
    except ValueError as problem:
        return _dialog(request, line, conflict=str(problem), status=422)
    message = _("Noted. Light is read now; the line ends only if Light bears it out.")
    return done(request, to=reverse("proposal", args=[line.proposal_id]), message=message)


def _dialog(
    request: HttpRequest, line: Instruction, *, conflict: str = "", status: int = 200
) -> HttpResponse:
    locale = number_format(request.user)
    row = line_rows.rows([line], problems={}, user=request.user, locale=locale)[0]
    note = line_rows.Books.of([line]).notes.get(line.credit_note_id)
    open_question = line.state == Instruction.State.NEEDS_PERSON
    context = {
        "row": row,
        "line": line,
        "decided": line.get_decision_display() if open_question else "",
        "open_question": open_question,
        "clear_url": documents.clear_url(note),
        "never": roles.why_not(request.user, "settle"),
        "first_look": in_flight.clock(line.quarantine_until),
        "stories": story.of([line], {line.pk: row.name}),
        "conflict": conflict,
        "action": reverse("settle", args=[line.pk]),
        "back": reverse("exceptions"),
    }
    return dialogs.show(request, "clearing/exceptions/_settle.html", context, status=status)


@require_POST
@needs("deal")
def deal(request: HttpRequest, line_id: int) -> HttpResponse:
    """Take a line off the list."""
    line = _line(line_id)
    try:
        reviewing.deal(line, by=request.user)
    except workflow.Conflict as problem:
        return _page(request, refused=str(problem), status=409)
    back = way_back(request, reverse("exceptions"))
    return done(request, to=back, message=_("Dealt with. It stays in the history."))


@require_POST
@needs("deal")
def deal_edit(request: HttpRequest, edit_id: int) -> HttpResponse:
    """Take an edit off the list: somebody has looked at the draft in Light."""
    edit = get_object_or_404(Edit, pk=edit_id)
    try:
        editing.deal(edit, by=request.user)
    except workflow.Conflict as problem:
        return _page(request, refused=str(problem), status=409)
    back = way_back(request, reverse("exceptions"))
    return done(request, to=back, message=_("Dealt with. It stays in the history."))


# --- what no line of ours stands for ------------------------------------------------------------
@require_http_methods(["GET", "HEAD", "POST"])
@needs("see")
def acknowledge(request: HttpRequest, clearing_id: UUID) -> HttpResponse:
    """Somebody has seen what Light cleared by itself."""
    entry = get_object_or_404(Clearing, pk=clearing_id)
    return _see(request, entry) if request.method == "POST" else _see_dialog(request, entry)


@require_http_methods(["GET", "HEAD", "POST"])
@needs("see")
def acknowledge_link(request: HttpRequest, link_id: int) -> HttpResponse:
    """Somebody has seen a link that was made in Light, or that Light did not honour."""
    link = get_object_or_404(Link, pk=link_id)
    return _see(request, link) if request.method == "POST" else _see_dialog(request, link)


@require_http_methods(["GET", "HEAD", "POST"])
@needs("see")
def acknowledge_difference(request: HttpRequest, difference_id: int) -> HttpResponse:
    """Somebody has seen that Light shows something else than our line did."""
    row = get_object_or_404(Difference, pk=difference_id)
    return _see(request, row) if request.method == "POST" else _see_dialog(request, row)


ACKNOWLEDGE: dict[type[Any], str] = {  # the URL's name
    Clearing: "acknowledge",
    Link: "acknowledge_link",
    Difference: "acknowledge_difference",
}


@needs("deal")
def _see(request: HttpRequest, about: Clearing | Link | Difference) -> HttpResponse:
    asked = Asked(reason=clean_text(request.POST.get("reason")))
    try:
        if isinstance(about, Link):
            acknowledging.acknowledge_link(link_id=about.pk, reason=asked.reason, by=request.user)
        elif isinstance(about, Difference):
            acknowledging.acknowledge_difference(
                difference_id=about.pk, reason=asked.reason, by=request.user
            )
        else:
            acknowledging.acknowledge_clearing(
                clearing_id=about.pk, reason=asked.reason, by=request.user
            )
    except ValueError as problem:
        asked.errors["reason"] = str(problem)
        return _see_dialog(request, about, asked=asked, status=422)
    except workflow.Conflict as problem:
        return _see_dialog(request, about, asked=asked, conflict=str(problem), status=409)
    message = _("Acknowledged. It stays in the history.")
    return done(request, to=reverse("exceptions"), message=message)


def _see_dialog(
    request: HttpRequest, about: Clearing | Link | Difference, *, status: int = 200, **more: Any
) -> HttpResponse:
    row = queries.rows_of([about], locale=number_format(request.user))[0]
    context = {
        "row": row,
        "of_link": isinstance(about, Link),
        "difference": about.get_kind_display() if isinstance(about, Difference) else "",
        "not_honoured": isinstance(about, Link) and about.fate == Link.Fate.NOT_HONOURED,
        "never": roles.why_not(request.user, "deal"),
        "action": reverse(ACKNOWLEDGE[type(about)], args=[about.pk]),
        "back": reverse("exceptions"),
    }
    context |= more
    return dialogs.show(request, "clearing/exceptions/_acknowledge.html", context, status=status)
