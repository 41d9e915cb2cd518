"""The round through the vendors without the mouse: from one clearing page to the next."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from clearing.models import Vendor
from clearing.queries import rounds as queries
from clearing.queries.documents import workbench_url
from clearing.views.access import as_uuid, clean_text, needs


@needs("see")
@require_safe
def next_vendor(request: HttpRequest, vendor_id: UUID) -> HttpResponse:
    """On to the next clearing page, or back to the one before; to Today where there is none."""
    get_object_or_404(Vendor, pk=vendor_id)
    back = request.GET.get("to") == "previous"
    url = following(request, vendor_id, step=-1 if back else 1)
    if url:
        return redirect(url)
    messages.info(request, _("That was the first vendor with credit to use.") if back else _(
        "That was the last vendor with credit to use."
    ))  # fmt: skip
    return redirect("today")


def following(request: HttpRequest, vendor_id: UUID, *, step: int) -> str:
    """The address of the clearing page `step` places further; empty where the round ends."""
    entity_id, currency = as_uuid(request.GET.get("entity")), request.GET.get("currency")
    plan = clean_text(request.GET.get("plan"))
    plan_id = int(plan) if plan.isascii() and plan.isdigit() and len(plan) < 10 else None
    if not entity_id or not currency:
        return ""
    here = (vendor_id, entity_id, clean_text(currency))
    there = queries.beside(here, step=step, plan_id=plan_id)
    return workbench_url(*there) + (f"&plan={plan_id}" if plan_id else "") if there else ""
