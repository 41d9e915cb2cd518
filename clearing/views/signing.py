"""Two signatures under a month, opening it again, and what was signed."""

from collections.abc import Callable
from datetime import date
from functools import partial
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from clearing import months, roles, workflow
from clearing.models import Paper, number_format
from clearing.queries import month_end as queries
from clearing.queries import papers
from clearing.queries.filters import Filters
from clearing.queries.month_end import changed
from clearing.queries.month_end.place import Place
from clearing.services import signing
from clearing.views import dialogs, exports
from clearing.views.access import clean_text, done, needs
from clearing.views.dialogs import Asked
from clearing.views.month_end import asked_for, paper_of


@require_http_methods(["GET", "HEAD", "POST"])
@needs("see")
def sign_month(request: HttpRequest, month: str) -> HttpResponse:
    """One of two signatures under the paper that the page has shown."""
    _filters, place, first = asked_for(request, month)
    if request.method != "POST":
        return _sign_dialog(request, place, first)
    return _sign(request, place, first)


@needs("sign")
def _sign(request: HttpRequest, place: Place, month: date) -> HttpResponse:
    seen, paper = clean_text(request.POST.get("hash")), paper_of(place, month, None)
    scope = papers.Scope(place.id, month, workflow.now(), place.local, place.zone)
    facts = papers.facts_to_sign(scope, paper)

    def sign() -> Any:
        return signing.sign(paper_id=paper.pk, hash=seen, facts=facts, by=request.user)

    return _do(request, place, month, sign, _sign_dialog, _("Signed."))


def _sign_dialog(
    request: HttpRequest, place: Place, month: date, *, status: int = 200, **more: Any
) -> HttpResponse:
    now, locale = workflow.now(), number_format(request.user)
    paper = paper_of(place, month, None)
    closing = queries.closing_of(
        place, month, paper.month_end, now=now, by=request.user, locale=locale
    )
    context = {
        "place": place, "name": months.name(month), "closing": closing,
        "never": closing.never, "back": closing.url,
        "action": queries.address("sign_month", place, month),
    }  # fmt: skip
    return dialogs.show(request, "clearing/month_end/_sign.html", context | more, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@needs("see")
def reopen_month(request: HttpRequest, month: str) -> HttpResponse:
    """Open a signed month again, with a reason."""
    _filters, place, first = asked_for(request, month)
    if request.method != "POST":
        return _reopen_dialog(request, place, first)
    return _reopen(request, place, first)


@needs("tie")
def _reopen(request: HttpRequest, place: Place, month: date) -> HttpResponse:
    paper = paper_of(place, month, None)

    def reopen() -> Any:
        reason = clean_text(request.POST.get("reason"))
        return signing.reopen(paper_id=paper.pk, reason=reason, by=request.user)

    message = _("Opened again. What was signed stays in the history.")
    return _do(request, place, month, reopen, _reopen_dialog, message)


def _reopen_dialog(
    request: HttpRequest, place: Place, month: date, *, status: int = 200, **more: Any
) -> HttpResponse:
    context = {
        "place": place, "name": months.name(month),
        "never": roles.why_not(request.user, "tie"),
        "action": queries.address("reopen_month", place, month),
        "back": queries.address("month", place, month),
    }  # fmt: skip
    return dialogs.show(request, "clearing/month_end/_reopen.html", context | more, status=status)


def _do(
    request: HttpRequest, place: Place, month: date, deed: Callable[[], Any],
    dialog: Callable[..., HttpResponse], message: str,
) -> HttpResponse:  # fmt: skip
    asked = Asked(reason=clean_text(request.POST.get("reason")))
    try:
        deed()
    except workflow.Conflict as problem:
        return dialog(request, place, month, asked=asked, conflict=str(problem), status=409)
    except ValueError as problem:
        asked.errors["reason"] = str(problem)
        return dialog(request, place, month, asked=asked, status=422)
    return done(request, to=queries.address("month", place, month), message=message)


@require_safe
@needs("see")
def month_changed(request: HttpRequest, month: str) -> HttpResponseBase:
    """What has changed a signed month since."""
    filters, place, first = asked_for(request, month)
    paper = paper_of(place, first, request.GET.get("paper"))
    filters.values["paper"] = str(paper.pk)
    base = queries.address("month_changed", place, first, paper=str(paper.pk))
    if file := exports.respond(request, partial(changed.sheet, paper), back=base):
        return file
    filters.notices += exports.notices(request)
    page = changed.page(paper, key=request.GET.get("page", ""))
    locale = number_format(request.user)
    context = {
        "place": place, "name": months.name(first), "page": page, "paper": paper,
        "rows": changed.rows(page.rows, locale), "changes": changed.changes(paper, locale),
        "month_url": queries.address("month", place, first),
        "base": base, "filters": filters,
        "exports": exports.links(filters, reverse("month_changed", args=[month])),
    }  # fmt: skip
    return render(request, "clearing/month_end/changed.html", context)


@require_safe
@needs("see")
def signed_paper(request: HttpRequest, paper_id: int) -> HttpResponse:
    """A paper as it was: the figures and rows that somebody has signed."""
    paper = get_object_or_404(Paper.objects.select_related("month_end"), pk=paper_id)
    filters = Filters({"entity": str(paper.month_end.entity_id)})
    place, month = queries.place_of(filters), paper.month_end.month
    locale = number_format(request.user)
    context = {
        "place": place, "name": months.name(month), "paper": paper,
        "pictured": queries.pictured(queries.frozen(paper, place, locale=locale)),
        "kept": queries.kept(paper, place, locale=locale),
        "month_url": queries.address("month", place, month), "home": reverse("month_end"),
    }  # fmt: skip
    return render(request, "clearing/month_end/paper.html", context)
