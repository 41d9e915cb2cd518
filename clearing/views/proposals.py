"""The review queue and one proposal."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from clearing import money
from clearing.models import Instruction, Proposal, number_format
from clearing.queries import documents, proposal_page, stakes, sums
from clearing.queries import lines as line_rows
from clearing.queries import proposals as queries
from clearing.queries.filters import Filters, headers
from clearing.queries.listing import count_words
from clearing.queries.paging import page as page_of
from clearing.services import reviewing
from clearing.views import listing
from clearing.views.access import clean_text, needs

MOST_NAMED = 5  # lines that a message names with their sentence


@require_safe
@needs("see")
def proposals(request: HttpRequest) -> HttpResponse:
    """The review queue; its whole state is in the query string."""
    base, locale = reverse("proposals"), number_format(request.user)
    filters = Filters(request.GET)
    entities = documents.entities()
    matching, show = queries.filtered(filters, user=request.user, entities=entities)
    sort = filters.sort(queries.SORTS, "proposed" if show == "waiting" else "-proposed")
    found = page_of(
        queries.with_names(matching), order=queries.order_of(sort),
        key=request.GET.get("page", ""), scope=f"proposals:{show}:{filters.scope}",
    )  # fmt: skip
    count = sums.count(matching)
    queue = queries.Queue(
        base=base, filters=filters, headers=headers(filters, base, sort, queries.SORTS),
        page=found, rows=queries.rows(found.rows, show=show, locale=locale),
        count=count_words(count, locale), show=show, matching=count,
        totals=queries.totals(matching, show, locale) if count <= sums.MOST else [],
    )  # fmt: skip
    return listing.answer(request, "proposals", queue, {"queue": queue, "entities": entities})


@require_safe
@needs("see")
def proposal(request: HttpRequest, proposal_id: int) -> HttpResponse:
    """One proposal with its lines."""
    return page_of_proposal(request, get_object_or_404(Proposal, pk=proposal_id))


def page_of_proposal(
    request: HttpRequest, one: Proposal, *, refused: str = "", status: int = 200
) -> HttpResponse:
    """The page of a proposal; `refused` says why what was just asked did not happen."""
    context = _context(request, one) | {"refused": refused}
    return render(request, "clearing/proposals/detail.html", context, status=status)


def _context(request: HttpRequest, one: Proposal) -> dict[str, Any]:
    locale, lines = number_format(request.user), proposal_page.lines_of(one)
    rows = rows_of(request, lines, locale)
    fitting = [row for row in rows if row.waiting and not row.problem]
    mine = [row for row in fitting if not row.never]
    waiting = [line for line in lines if line.state == Instruction.State.PROPOSED]
    return {
        "proposal": one,
        "head": proposal_page.head(one, lines),
        "states": queries.state_counts(line.state for line in lines),
        "steps": proposal_page.steps(one, lines),
        "progress": proposal_page.progress(lines),
        "rows": rows,
        "fitting": fitting,
        "can_pick": sum(not row.step for row in mine) > 1,
        "fitting_words": proposal_page.total_words(mine or fitting, one.currency, locale),
        "why_not": fitting[0].never if fitting and not mine else "",
        "stakes": stakes.of(waiting, rows, locale),
        "events": proposal_page.events(one, locale),
        "calls": proposal_page.calls(one, rows),
        "decimals": money.decimals(one.currency),
        "symbols": money.symbols(locale),
    }


def rows_of(request: HttpRequest, lines: list[Instruction], locale: str) -> list[line_rows.Line]:
    """The lines for the screen; those that wait are held against the copy."""
    waiting = [line for line in lines if line.state == Instruction.State.PROPOSED]
    problems = reviewing.misfits(waiting) if waiting else {}
    return line_rows.rows(lines, problems=problems, user=request.user, locale=locale)


@require_safe
@needs("see")
def lines_progress(request: HttpRequest, proposal_id: int) -> HttpResponse:
    """How far the sending is, and out of band each line that changed since the last look."""
    one = get_object_or_404(Proposal, pk=proposal_id)
    context = _context(request, one)
    since = clean_text(request.GET.get("since"))
    changed = [row for row in context["rows"] if row.changed_at.isoformat() > since]
    return render(request, "clearing/proposals/_moved.html", context | {"changed": changed})
