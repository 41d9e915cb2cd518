"""One vendor of a plan: its lines are changed, it is skipped or proposed."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from clearing import money, roles, workflow
from clearing.models import PlanGroup, PlanLine, number_format
from clearing.queries import documents, plan_page
from clearing.services import planning
from clearing.services.planning import Change
from clearing.views.access import clean_text, is_fragment, needs, patched, way_back
from clearing.views.plans import totals

LONGEST_AMOUNT = 60  # characters


@require_safe
@needs("see")
def plan_group(request: HttpRequest, group_id: int) -> HttpResponse:
    """All lines of one vendor."""
    return _answer(request, get_object_or_404(PlanGroup, pk=group_id))


@require_POST
@needs("propose")
def change_plan_line(request: HttpRequest, plan_line_id: int) -> HttpResponse:
    """Give a line another amount: a typed one, none (drop), or the suggested (restore)."""
    line = get_object_or_404(PlanLine.objects.select_related("group"), pk=plan_line_id)
    typed = clean_text(request.POST.get("amount"))
    try:
        change = Change(_amount(request, line, typed), seen=_seen(request, line))
    except ValueError as problem:
        return _refused(request, line, typed, str(problem))
    try:
        planning.change(line, change, by=request.user)
    except ValueError as problem:
        return _refused(request, line, typed, str(problem))
    except workflow.Conflict as problem:
        return _answer(request, line.group, conflict=str(problem), status=409)
    return _changed(request, line.group)


def _amount(request: HttpRequest, line: PlanLine, typed: str) -> int:
    """The wanted amount in the smallest unit. Raises ValueError with a sentence."""
    if "drop" in request.POST:
        return 0
    if "restore" in request.POST:
        return line.suggested
    if len(typed) > LONGEST_AMOUNT:
        raise ValueError(_("This amount is larger than any invoice."))
    return money.parse(typed, line.group.currency, number_format(request.user))


def _seen(request: HttpRequest, line: PlanLine) -> int:
    """The amount that the form was made from; -1, which no line has, where it does not say."""
    given = clean_text(request.POST.get("seen"))
    return int(given) if given.isascii() and given.isdigit() and len(given) < 20 else -1


def _refused(request: HttpRequest, line: PlanLine, typed: str, sentence: str) -> HttpResponse:
    context = {"wrong": line.pk, "typed": typed, "sentence": sentence}
    return _answer(request, line.group, **context, status=422)


@require_POST
@needs("propose")
def skip_group(request: HttpRequest, group_id: int) -> HttpResponse:
    """Leave a vendor out, or take it in again."""

    def act(group: PlanGroup) -> Any:
        if "take_in" in request.POST:
            planning.take_in(group, by=request.user)
        else:
            planning.skip(group, by=request.user, now=workflow.now())

    return _do(request, group_id, act)


@require_POST
@needs("propose")
def propose_group(request: HttpRequest, group_id: int) -> HttpResponse:
    """Propose one vendor."""
    seen = clean_text(request.POST.get("seen"))

    def act(group: PlanGroup) -> Any:
        planning.propose(group, seen=seen, by=request.user, now=workflow.now())

    return _do(request, group_id, act)


def _do(request: HttpRequest, group_id: int, act: Callable[[PlanGroup], Any]) -> HttpResponse:
    group = get_object_or_404(PlanGroup, pk=group_id)
    try:
        act(group)
    except workflow.Conflict as problem:
        return _answer(request, group, conflict=str(problem), status=409)
    return _changed(request, group)


def _changed(request: HttpRequest, group: PlanGroup) -> HttpResponse:
    """Back to where the form was, or the vendor anew with the totals above it."""
    if not is_fragment(request):
        back = way_back(request, reverse("plan", args=[group.plan_id]))
        return redirect(f"{back}#group-{group.pk}")
    return _answer(request, group, changed=True, **totals(request, group.plan))


def _answer(
    request: HttpRequest, group: PlanGroup, *, status: int = 200, **more: Any
) -> HttpResponse:
    """The vendor as it is now: a part of its plan's page, or a page of its own."""
    fragment, locale = is_fragment(request), number_format(request.user)
    whole = not fragment or "whole" in request.POST
    most = plan_page.MOST_LINES if whole else plan_page.LINES
    shown = plan_page.one(group, most=most, entities=documents.entities(), locale=locale)
    context = {
        "plan": group.plan,
        "group": shown,
        "whole": whole,
        "never": roles.why_not(request.user, "propose"),
        "next": way_back(request, request.path if request.method == "GET" else shown.url),
    }
    name = "_changed" if fragment else "group"
    return patched(render(request, f"clearing/plans/{name}.html", context | more, status=status))
