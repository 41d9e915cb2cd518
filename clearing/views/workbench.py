"""The clearing page of one vendor, entity and currency."""

import re
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from clearing import usable, workflow
from clearing.models import CreditNote, Entity, InvoicePayable, Vendor
from clearing.queries import rests
from clearing.queries import workbench as queries
from clearing.views.access import clean_text, done, is_fragment, needs, page
from clearing.views.desk import Desk
from clearing.views.presses import press
from clearing.views.rounds import following

PAGE, PARTIAL = "clearing/workbench/bench.html", "clearing/workbench/_bench.html"


@needs("see")
@require_safe
def workbench(request: HttpRequest, vendor_id: UUID) -> HttpResponse:
    """The page itself; without entity and currency, that of the document named, or a choice."""
    vendor = get_object_or_404(Vendor, pk=vendor_id)
    wanted = _wanted(request)
    place = _place(request) or _place_of(vendor, wanted)
    if place is None:
        return _choose(request, vendor)
    desk = Desk(request, vendor, *place, wanted=frozenset(wanted))
    beside = {"refreshing": desk.refresh(), "apart": rests.apart(locale=desk.locale, **desk.key)}
    return page(request, PAGE, PARTIAL, desk.context | beside)


@needs("propose")
@require_http_methods(["GET", "POST"])
def workbench_sums(request: HttpRequest, vendor_id: UUID) -> HttpResponse:
    """Keep what is typed and answer the sums; the buttons add, remove and start over come here."""
    desk = _desk(request, vendor_id)
    if desk is None:
        return redirect(_bench_url(request, vendor_id))
    pressed = press(desk)
    desk.save()
    if not is_fragment(request):
        if desk.said:
            messages.warning(request, desk.said)
        return redirect(f"{_bench_url(request, vendor_id)}#{desk.focus or 'bench'}")
    whole = pressed or "update" in request.POST
    return render(request, PARTIAL if whole else "clearing/workbench/_sums.html", desk.context)


@needs("propose")
@require_http_methods(["GET", "POST"])
def propose(request: HttpRequest, vendor_id: UUID) -> HttpResponse:
    """Propose what is typed; 422 with sentences at the fields, 409 where somebody was faster.

    Where one asked for it, the next vendor follows.
    """
    desk = _desk(request, vendor_id)
    if desk is None:
        return redirect(_bench_url(request, vendor_id))
    then = following(request, vendor_id, step=1) if request.POST.get("then") else ""
    status, conflict = 422, ""
    try:
        proposal = desk.propose()
    except workflow.Conflict as problem:
        status, conflict, proposal = 409, str(problem), None
    if proposal is None:
        desk.save()
        refused = desk.context | {"refused": status == 422, "conflict": conflict}
        return page(request, PAGE, PARTIAL, refused, status=status)
    if then:
        return done(request, to=then, message=f"{desk.bench.vendor}: {desk.said_proposed}")
    to = reverse("proposal", args=[proposal.pk])
    return done(request, to=to, message=desk.said_proposed)


def _desk(request: HttpRequest, vendor_id: UUID) -> Desk | None:
    """The page with what was sent; None for a GET, which comes back from the sign-in page."""
    vendor, place = get_object_or_404(Vendor, pk=vendor_id), _place(request)
    if request.method == "GET" or place is None:
        return None
    wanted = frozenset(_wanted(request))
    return Desk(request, vendor, *place, posted=request.POST.dict(), wanted=wanted)


def _choose(request: HttpRequest, vendor: Vendor) -> HttpResponse:
    """Which entity and currency? Straight on where only one has both credit and invoices."""
    every = queries.groups(vendor.id)
    clearable = [one for one in every if one.clearable]
    if len(clearable) == 1:
        return redirect(clearable[0].url)
    context = {"vendor": vendor, "groups": every, "warning": usable.vendor_warning(vendor)}
    return render(request, "clearing/workbench/choice.html", context)


def _place(request: HttpRequest) -> tuple[Entity, str] | None:
    """The entity and currency that the address names; None without them, 404 for junk."""
    entity_id, currency = request.GET.get("entity", ""), request.GET.get("currency", "")
    if not entity_id and not currency:
        return None
    if not re.fullmatch(r"[A-Z]{3}", currency):
        raise Http404
    return get_object_or_404(Entity, pk=_uuid(entity_id)), currency


def _wanted(request: HttpRequest) -> list[UUID]:
    """The documents that one came from: a credit note, an invoice."""
    asked = (request.GET.get(name) for name in ("credit_note", "invoice"))
    return [_uuid(text) for text in asked if text]


def _place_of(vendor: Vendor, wanted: list[UUID]) -> tuple[Entity, str] | None:
    """The entity and currency of a document of this vendor; 404 where there is none."""
    models: Any = (CreditNote, InvoicePayable)
    found = (
        m.objects.filter(pk=one, vendor_id=vendor.id).first() for one in wanted for m in models
    )
    document = next((one for one in found if one), None)
    if wanted and document is None:
        raise Http404
    if document is None or not document.currency:
        return None
    entity = Entity.objects.filter(pk=document.entity_id).first()
    return (entity, document.currency) if entity else None


def _uuid(text: str) -> UUID:
    try:
        return UUID(clean_text(text))
    except ValueError as error:
        raise Http404 from error


def _bench_url(request: HttpRequest, vendor_id: UUID) -> str:
    return f"{reverse('workbench', args=[vendor_id])}?{request.GET.urlencode()}"
