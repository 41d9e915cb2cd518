"""The lists of a month's paper, and what of them may stay as it is."""

from functools import partial

from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from clearing import months, roles, workflow
from clearing.models import number_format
from clearing.queries import month_end as queries
from clearing.queries import papers
from clearing.queries.filters import Filters
from clearing.queries.month_end import paper_list
from clearing.services import papering, tying
from clearing.views import listing
from clearing.views.access import clean_text, done, needs
from clearing.views.month_end import asked_for, paper_of

TO_ACCEPT = (papers.TO_ACCEPT.key, papers.TO_DECIDE.key)


@require_safe
@needs("see")
def month_list(request: HttpRequest, month: str, key: str) -> HttpResponseBase:
    """One list of a month's paper; its whole state is in the query string."""
    filters, place, first = asked_for(request, month)
    if key not in papers.LISTS:
        raise Http404
    if papering.newest(place.id, first) is None:  # its page has it made
        return redirect(queries.address("month", place, first))
    paper = paper_of(place, first, request.GET.get("paper"))
    if request.GET.get("paper"):
        filters.values["paper"] = str(paper.pk)
    shown = paper_list.shown(
        paper, papers.LISTS[key], filters, place,
        key=request.GET.get("page", ""), locale=number_format(request.user),
    )  # fmt: skip
    can_accept = key in TO_ACCEPT and "paper" not in filters.values
    context = {
        "place": place,
        "name": months.name(first),
        "month_url": queries.address("month", place, first),
        "accept_url": queries.address("accept_for_month", place, first) if can_accept else "",
        "never": roles.why_not(request.user, "tie"),
    }
    sheet = partial(paper_list.sheet, paper, papers.LISTS[key], filters, place)
    return listing.answer(request, "month_lists", shown, context, sheet=sheet)


@require_POST
@needs("tie")
def accept_for_month(request: HttpRequest, month: str) -> HttpResponse:
    """Exceptions, or old credit, that may stay as they are; with one reason for all chosen."""
    _filters, place, first = asked_for(request, month)
    key = clean_text(request.POST.get("list"))
    if key not in TO_ACCEPT:
        raise Http404
    paper = paper_of(place, first, clean_text(request.POST.get("paper")))
    shown = Filters(request.POST)  # as the page was filtered
    chosen = {clean_text(one) for one in request.POST.getlist("key")}
    if every := request.POST.get("every") == "1":
        rows = paper_list.filtered(paper, papers.LISTS[key], shown)
        chosen = set(rows.values_list("key", flat=True))
    reason = clean_text(request.POST.get("reason"))
    try:
        n = tying.accept(
            entity_id=place.id, month=first, paper_id=paper.pk, keys=chosen, reason=reason,
            by=request.user,
        )  # fmt: skip
    except (ValueError, workflow.Conflict) as problem:
        context = {
            "problem": str(problem), "reason": reason, "chosen": [] if every else chosen,
            "every": every, "number": len(chosen), "key": key, "paper": paper,
            "values": shown.values, "back": queries.address("month_list", place, first, key),
            "action": queries.address("accept_for_month", place, first),
        }  # fmt: skip
        status = 422 if isinstance(problem, ValueError) else 409
        return render(request, "clearing/month_lists/accept.html", context, status=status)
    message = ngettext("%(n)d may stay as it is.", "%(n)d may stay as they are.", n) % {"n": n}
    return done(request, to=queries.address("month", place, first), message=message)
