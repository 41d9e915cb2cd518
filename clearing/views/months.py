"""Closed months: up to where the books of an entity are closed, and its VAT is filed."""

from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from clearing import roles, workflow
from clearing.models import Entity
from clearing.queries import months_page
from clearing.queries.filters import Filters
from clearing.queries.sheets_of import months as sheets
from clearing.services import closing
from clearing.views import dialogs, exports
from clearing.views.access import as_uuid, clean_text, done, needs
from clearing.views.dialogs import Asked


@require_http_methods(["GET", "HEAD", "POST"])
@needs("see")
def months(request: HttpRequest) -> HttpResponseBase:
    """The months of every entity; `entity` in the query string opens the dialog of one."""
    if request.method == "POST":
        return _set(request)
    if "entity" in request.GET:
        return _dialog(request, _entity(request.GET.get("entity")))
    if file := exports.respond(request, sheets.closed_months, back=reverse("months")):
        return file
    context = {"rows": months_page.rows(), "never": roles.why_not(request.user, "months"),
               "notices": exports.notices(request),
               "exports": exports.links(Filters({}), reverse("months"))}  # fmt: skip
    return render(request, "clearing/months/list.html", context)


def _entity(given: str | None) -> Entity:
    return get_object_or_404(Entity, pk=as_uuid(given))


@needs("months")
def _set(request: HttpRequest) -> HttpResponse:
    entity = _entity(request.POST.get("entity"))
    asked = Asked(reason=clean_text(request.POST.get("reason")))
    typed = {name: clean_text(request.POST.get(name)) for name in ("closed", "filed")}
    closed, filed = _month(typed, "closed", asked), _month(typed, "filed", asked)
    if asked.errors:
        return _dialog(request, entity, asked=asked, typed=typed, status=422)
    try:
        closing.set_months(
            entity_id=entity.pk, closed_through=closed, vat_filed_through=filed,
            reason=asked.reason, seen=_seen(request), by=request.user,
        )  # fmt: skip
    except workflow.Conflict as problem:
        return _dialog(request, entity, asked=asked, typed=typed, conflict=str(problem), status=409)
    except ValueError as problem:  # the months were checked: this is about the reason
        asked.errors["reason"] = str(problem)
        return _dialog(request, entity, asked=asked, typed=typed, status=422)
    message = _("The months of %(entity)s are changed.") % {"entity": entity}
    return done(request, to=reverse("months"), message=message)


def _month(typed: dict[str, str], name: str, asked: Asked) -> date | None:
    """The last day of the month that was chosen; None with a sentence where that is none."""
    try:
        through = months_page.last_day(typed[name])
        closing.check_month(through)
    except ValueError as problem:
        asked.errors[name] = str(problem)
        return None
    return through


def _seen(request: HttpRequest) -> tuple[date | None, date | None] | None:
    """The months that the form was made from; None where it does not say so."""
    codes = clean_text(request.POST.get("seen")).split(" ")
    if len(codes) != 2:
        return None
    try:
        closed, filed = (months_page.last_day(code.strip("-")) for code in codes)
    except ValueError:
        return None
    return closed, filed


def _dialog(
    request: HttpRequest, entity: Entity, *, typed: dict[str, str] | None = None,
    status: int = 200, **more: Any,
) -> HttpResponse:  # fmt: skip
    now = closing.current(entity.pk)
    closed, filed = (months_page.code(through) for through in now)
    context = {
        "row": months_page.row_of(entity),
        "choices": months_page.choices(timezone.localdate(), now),
        "typed": typed or {"closed": closed, "filed": filed},
        "seen": f"{closed or '-'} {filed or '-'}",
        "never": roles.why_not(request.user, "months"),
        "action": reverse("months"),
        "back": reverse("months"),
    }
    return dialogs.show(request, "clearing/months/_change.html", context | more, status=status)
