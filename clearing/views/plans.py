"""Suggestions for many vendors: asking for a plan, looking through it, proposing it."""

from dataclasses import replace
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from clearing import roles, workflow
from clearing.models import Batch, Plan, number_format
from clearing.queries import cut_off, documents, plan_page, plan_totals
from clearing.queries import plans as queries
from clearing.queries.filters import Filters
from clearing.services import planning
from clearing.services.planning import Wish
from clearing.views import dialogs
from clearing.views.access import as_uuid, clean_text, done, is_fragment, needs, page
from clearing.views.dialogs import Asked

LONGEST = 200  # characters of a search


# --- asking for one --------------------------------------------------------------------------
@require_http_methods(["GET", "HEAD", "POST"])
@needs("see")
def plans(request: HttpRequest) -> HttpResponse:
    """The plans there are, and the form for a new one; `q` searches vendors by name."""
    if request.method == "POST":
        return _start(request)
    if is_fragment(request):
        context = {"vendors": _vendors(request.GET), "asked": _text(request.GET)}
        return render(request, "clearing/plans/_vendors.html", context)
    return _form(request, request.GET)


@needs("propose")
def _start(request: HttpRequest) -> HttpResponse:
    wish, problems = _wish(request.POST)
    if "find" in request.POST:
        return _form(request, request.POST)
    if not problems:
        try:
            plan = planning.start(wish, by=request.user, now=workflow.now())
        except ValueError as problem:
            problems = [str(problem)]
        else:
            return redirect("plan", plan.pk)
    return _form(request, request.POST, problems=problems, status=422)


def _wish(given: QueryDict) -> tuple[Wish, list[str]]:
    """What a form or an address asks for, and a sentence for each part nobody understands."""
    filters = Filters(given)
    entity = filters.choice("entity", _("Company entity"), documents.entities())
    strengths = {str(strength): words for strength, words in queries.STRENGTHS.items()}
    strength = filters.choice("strength", _("Suggestions"), strengths)
    wish = Wish(
        vendors=_chosen(given),
        entity_id=as_uuid(entity),
        currency=filters.code("currency", _("Currency")),
        mine="mine" in given,
    )
    return replace(wish, strength=int(strength)) if strength else wish, filters.notices


def _chosen(given: QueryDict) -> frozenset[UUID]:
    found = (as_uuid(one) for one in given.getlist("vendor"))
    return frozenset(one for one in found if one)


def _text(given: QueryDict) -> str:
    return clean_text(given.get("q")).strip()[:LONGEST]


def _vendors(given: QueryDict) -> list[queries.VendorChoice]:
    return queries.vendors(_chosen(given), _text(given))


def _form(
    request: HttpRequest, given: QueryDict, *, status: int = 200, **more: Any
) -> HttpResponse:
    wish, _problems = _wish(given)
    entities = documents.entities()
    context = {
        "wish": wish,
        "vendors": _vendors(given),
        "asked": _text(given),
        "entities": entities,
        "currencies": sorted({*queries.currencies(), wish.currency} - {""}),
        "strengths": queries.STRENGTHS,
        "rows": queries.rows(entities=entities, locale=number_format(request.user)),
        "never": roles.why_not(request.user, "propose"),
    }
    return render(request, "clearing/plans/list.html", context | more, status=status)


# --- one plan -------------------------------------------------------------------------------------
@require_safe
@needs("see")
def plan(request: HttpRequest, plan_id: int) -> HttpResponse:
    """How far it is; once it is made, its vendors. It asks again while the worker is at it."""
    found = get_object_or_404(Plan.objects.select_related("asked_by"), pk=plan_id)
    filters, locale = Filters(request.GET), number_format(request.user)
    entities = documents.entities()
    context: dict[str, Any] = {
        "plan": found,
        "label": queries.LABELS[found.state],  # type: ignore[index]
        "progress": queries.progress_words(found, locale),
        "scope": queries.scope_words(
            found.scope, entities=entities, names=queries.vendor_names([found])
        ),
        "again": request.get_full_path(),
    }
    if found.state == Plan.State.READY:
        groups = plan_page.filtered(found, filters)
        context |= totals(request, found)
        context |= {
            "handed_in": plan_page.handed_in(found) if context["totals"].tried else [],
            "listing": plan_page.listing(
                found, groups, filters, key=request.GET.get("page", ""), entities=entities,
                locale=locale, all_of_them=sum(context["totals"].counts.values()),
            ),
            "statuses": plan_page.STATUSES,
            "withs": plan_page.WITH,
            "values": filters.values,
        }  # fmt: skip
    return page(request, "clearing/plans/detail.html", "clearing/plans/_plan.html", context)


def totals(request: HttpRequest, found: Plan) -> dict[str, Any]:
    """What the totals and the button above the vendors need."""
    return {
        "plan": found,
        "totals": plan_totals.totals(found, locale=number_format(request.user)),
        "never": roles.why_not(request.user, "propose"),
    }


@require_http_methods(["GET", "HEAD", "POST"])
@needs("see")
def propose_plan(request: HttpRequest, plan_id: int) -> HttpResponse:
    """Propose everything that is open in it as one batch."""
    found = get_object_or_404(Plan, pk=plan_id)
    if request.method == "POST":
        return _propose(request, found)
    return _propose_dialog(request, found)


@needs("propose")
def _propose(request: HttpRequest, found: Plan) -> HttpResponse:
    note, seen = clean_text(request.POST.get("note")), clean_text(request.POST.get("seen"))
    asked = Asked(reason=note)
    try:
        batch = planning.propose_all(
            found, note=note, seen=seen, by=request.user, now=workflow.now()
        )
    except workflow.Conflict as problem:
        return _propose_dialog(request, found, asked=asked, conflict=str(problem), status=409)
    except ValueError as problem:
        asked.errors["reason"] = str(problem)
        return _propose_dialog(request, found, asked=asked, status=422)
    return _led_on(request, found, batch)


def _led_on(request: HttpRequest, found: Plan, batch: Batch) -> HttpResponse:
    """To what became of it: the batch, or the vendors that wait or could not be proposed."""
    counted = plan_totals.totals(found, locale=number_format(request.user))
    to = reverse("plan", args=[found.pk])
    if counted.waiting:
        message = _("The worker proposes them now, vendor by vendor.")
        return done(request, to=f"{to}?status=proposed", message=message)
    if counted.left_out:
        message = _("Some could not be proposed; each says why.")
        return done(request, to=f"{to}?status=left_out", message=message)
    message = _("Proposed. A second person reviews it.")
    return done(request, to=reverse("batch", args=[batch.pk]), message=message)


def _propose_dialog(
    request: HttpRequest, found: Plan, *, status: int = 200, **more: Any
) -> HttpResponse:
    context = totals(request, found) | {
        "seen": planning.seen_of(found),
        "month": cut_off.of_plan(found),
        "action": reverse("propose_plan", args=[found.pk]),
        "back": reverse("plan", args=[found.pk]),
    }
    return dialogs.show(request, "clearing/plans/_propose.html", context | more, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@needs("see")
def discard_plan(request: HttpRequest, plan_id: int) -> HttpResponse:
    """Throw it away, after a confirmation."""
    found = get_object_or_404(Plan, pk=plan_id)
    if request.method == "POST":
        return _discard(request, found)
    return _discard_dialog(request, found)


@needs("propose")
def _discard(request: HttpRequest, found: Plan) -> HttpResponse:
    try:
        planning.discard(found, by=request.user, now=workflow.now())
    except workflow.Conflict as problem:
        return _discard_dialog(request, found, conflict=str(problem), status=409)
    message = _("Plan %(n)d is discarded.") % {"n": found.pk}
    return done(request, to=reverse("plans"), message=message)


def _discard_dialog(
    request: HttpRequest, found: Plan, *, status: int = 200, **more: Any
) -> HttpResponse:
    context = {
        "plan": found,
        "never": roles.why_not(request.user, "propose"),
        "action": reverse("discard_plan", args=[found.pk]),
        "back": reverse("plan", args=[found.pk]),
    }
    return dialogs.show(request, "clearing/plans/_discard.html", context | more, status=status)
