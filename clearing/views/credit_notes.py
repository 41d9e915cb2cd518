"""Credit notes: the list and one note."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from clearing import workflow
from clearing.models import CreditNote, number_format
from clearing.queries import credit_notes as queries
from clearing.queries import documents, note_page, sums
from clearing.queries.filters import Filters
from clearing.queries.listing import listing_of
from clearing.services import changing
from clearing.views import listing
from clearing.views.access import needs

ARCHIVE = {
    "DRAFT": gettext_lazy("Discard draft"),
    "POSTED": gettext_lazy("Cancel and reverse in the ledger"),
}


@require_safe
@needs("see")
def credit_notes(request: HttpRequest) -> HttpResponse:
    """The list; its whole state is in the query string."""
    entities, filters = documents.entities(), Filters(request.GET)
    notes, in_all_currencies = queries.filtered(filters, entities)
    sort = filters.sort(queries.SORTS, queries.DEFAULT)
    everything = request.GET.get("totals") == "all"
    totals = sums.totals_in(
        in_all_currencies, filters.values.get("currency", ""), everything=everything
    )
    key, locale = request.GET.get("page", ""), number_format(request.user)
    page, found, balances = queries.page(notes, sort=sort, key=key, scope=filters.scope)
    rows = queries.rows(found, entities=entities, locale=locale, balances=balances)
    shown = listing_of(
        filters, reverse("credit_notes"), page, rows, totals,
        sort=sort, sorts=queries.SORTS, locale=locale,
    )  # fmt: skip
    choices = {
        "statuses": queries.STATUSES, "uses": documents.USE,
        "entities": entities, "currencies": totals.codes,
    }  # fmt: skip
    return listing.answer(request, "credit_notes", shown, choices)


@require_safe
@needs("see")
def credit_note(request: HttpRequest, note_id: UUID) -> HttpResponse:
    """One credit note: where every cent went, and what can be done with the rest."""
    note = get_object_or_404(CreditNote, pk=note_id)
    never = workflow.why_not(request.user, "propose")
    context = {
        "note": note,
        "why_not_archived": never or _why_not_archived(note),
        "archive_words": ARCHIVE.get(note.status, _("Cancel the credit note")),
        "shown": note_page.read(note, never=never, locale=number_format(request.user)),
    }
    return render(request, "clearing/credit_notes/detail.html", context)


def _why_not_archived(note: CreditNote) -> str:
    """Why it cannot be cancelled; with links its dialog opens all the same and lists them."""
    return "" if changing.active_links(note.id) else changing.archive_problem(note)
