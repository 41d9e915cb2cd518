"""The review queue, one proposal, and one batch of them."""

from functools import partial

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_safe

from clearing.models import Batch, Proposal, number_format
from clearing.queries import batches, documents, sums
from clearing.queries import proposals as queries
from clearing.queries.filters import Filters, headers
from clearing.queries.listing import count_words
from clearing.queries.paging import page as page_of
from clearing.queries.sheets_of import proposals as sheets
from clearing.views import listing
from clearing.views.access import needs
from clearing.views.review_scope import Scope, progress, show


@require_safe
@needs("see")
def proposals(request: HttpRequest) -> HttpResponseBase:
    """The review queue; its whole state is in the query string."""
    base, locale = reverse("proposals"), number_format(request.user)
    filters = Filters(request.GET)
    entities = documents.entities()
    matching, show = queries.filtered(filters, user=request.user, entities=entities)
    sort = filters.sort(queries.SORTS, "proposed" if show == "waiting" else "-proposed")
    listed = batches.first_of_each(matching)
    found = page_of(
        queries.with_names(listed), order=queries.order_of(sort),
        key=request.GET.get("page", ""), scope=f"proposals:{show}:{filters.scope}",
    )  # fmt: skip
    count = sums.count(listed)
    queue = queries.Queue(
        base=base, filters=filters, headers=headers(filters, base, sort, queries.SORTS),
        page=found, rows=queries.rows(found.rows, show=show, locale=locale),
        count=count_words(count, locale), show=show, matching=count,
        totals=queries.totals(matching, show, locale) if count <= sums.MOST else [],
    )  # fmt: skip
    sheet = partial(sheets.proposals, matching, filters, show=show, sort=sort, locale=locale)
    context = {"queue": queue, "entities": entities}
    return listing.answer(request, "proposals", queue, context, sheet=sheet)


@require_safe
@needs("see")
def proposal(request: HttpRequest, proposal_id: int) -> HttpResponse:
    """One proposal with its lines."""
    return show(request, Scope(get_object_or_404(Proposal, pk=proposal_id)))


@require_safe
@needs("see")
def lines_progress(request: HttpRequest, proposal_id: int) -> HttpResponse:
    """How far the sending of a proposal's lines is."""
    return progress(request, Scope(get_object_or_404(Proposal, pk=proposal_id)))


def _batch(batch_id: int) -> Scope:
    return Scope(get_object_or_404(Batch.objects.select_related("created_by"), pk=batch_id))


@require_safe
@needs("see")
def batch(request: HttpRequest, batch_id: int) -> HttpResponse:
    """One batch: the proposals of several vendors, reviewed together."""
    return show(request, _batch(batch_id))


@require_safe
@needs("see")
def batch_progress(request: HttpRequest, batch_id: int) -> HttpResponse:
    """How far the sending of a batch's lines is."""
    return progress(request, _batch(batch_id))
