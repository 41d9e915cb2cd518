"""The review queue, one proposal, and what is decided about its lines."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from clearing import money, workflow
from clearing.models import Instruction, Proposal, number_format
from clearing.queries import documents, proposal_page, sums
from clearing.queries import lines as line_rows
from clearing.queries import proposals as queries
from clearing.queries.filters import Filters, headers
from clearing.queries.listing import count_words
from clearing.queries.paging import page as page_of
from clearing.services import reviewing
from clearing.views import dialogs, listing
from clearing.views.access import clean_text, done, go, needs

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
    return _page(request, get_object_or_404(Proposal, pk=proposal_id))


def _page(
    request: HttpRequest, one: Proposal, *, refused: str = "", status: int = 200
) -> HttpResponse:
    """The page of a proposal; `refused` says why what was just asked did not happen."""
    context = _context(request, one) | {"refused": refused}
    return render(request, "clearing/proposals/detail.html", context, status=status)


def _context(request: HttpRequest, one: Proposal) -> dict[str, Any]:
    locale, lines = number_format(request.user), proposal_page.lines_of(one)
    rows = _rows(request, lines, locale)
    fitting = [row for row in rows if row.waiting and not row.problem]
    return {
        "proposal": one,
        "head": proposal_page.head(one, lines),
        "states": queries.state_counts(line.state for line in lines),
        "steps": proposal_page.steps(one, lines),
        "progress": proposal_page.progress(lines),
        "rows": rows,
        "fitting": fitting,
        "fitting_words": proposal_page.total_words(fitting, one.currency, locale),
        "why_not": dialogs.why_not_approve(request, one.created_by_id),
        "events": proposal_page.events(one, locale),
        "calls": proposal_page.calls(one, rows),
        "decimals": money.decimals(one.currency),
        "symbols": money.symbols(locale),
    }


def _rows(request: HttpRequest, lines: list[Instruction], locale: str) -> list[line_rows.Line]:
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


def _line(line_id: int) -> Instruction:
    lines = Instruction.objects.select_related("proposal", "asked_by", "approved_by")
    return get_object_or_404(lines, pk=line_id)


def _url(line: Instruction) -> str:
    return f"{reverse('proposal', args=[line.proposal_id])}#line-{line.pk}"


@require_POST
@needs("approve")
def approve(request: HttpRequest, line_id: int) -> HttpResponse:
    """Approve one line as it was seen."""
    line = _line(line_id)
    try:
        reviewing.approve(line, seen_hash=clean_text(request.POST.get("seen")), by=request.user)
    except workflow.NotAllowed as problem:
        return _page(request, line.proposal, refused=str(problem), status=403)
    except workflow.Conflict as problem:
        return _page(request, line.proposal, refused=str(problem), status=409)
    return done(request, to=_url(line), message=_("Approved. It is sent to Light next."))


@require_POST
@needs("propose")
def take_back(request: HttpRequest, line_id: int) -> HttpResponse:
    """The proposer takes a line back that was not sent yet."""
    line = _line(line_id)
    try:
        reviewing.take_back(line, by=request.user)
    except workflow.NotAllowed as problem:
        return _page(request, line.proposal, refused=str(problem), status=403)
    except workflow.Conflict as problem:
        return _page(request, line.proposal, refused=str(problem), status=409)
    return done(request, to=_url(line), message=_("Taken back. Its amounts are free again."))


@require_http_methods(["GET", "HEAD", "POST"])
@needs("see")
def reject(request: HttpRequest, line_id: int) -> HttpResponse:
    """Reject one line, with a reason that its proposer reads."""
    line = _line(line_id)
    if request.method == "POST":
        return _reject(request, line)
    return _reject_dialog(request, line)


@needs("approve")
def _reject(request: HttpRequest, line: Instruction) -> HttpResponse:
    asked = dialogs.Asked.of(request, "reject")
    if asked.errors:
        return _reject_dialog(request, line, asked=asked, status=422)
    try:
        reviewing.reject(line, reason_code=asked.reason_code, reason=asked.reason, by=request.user)
    except workflow.Conflict as problem:
        return _reject_dialog(request, line, asked=asked, conflict=str(problem), status=409)
    return done(
        request, to=_url(line), message=_("Rejected. The person who proposed it sees your reason.")
    )


def _reject_dialog(
    request: HttpRequest, line: Instruction, *, status: int = 200, **more: Any
) -> HttpResponse:
    """`more`: what was typed (`asked`), and the sentence of a `conflict`."""
    row = _rows(request, [line], number_format(request.user))[0]
    context = {
        "row": row,
        "proposal": line.proposal,
        "reasons": dialogs.reasons_for("reject"),
        "never": workflow.why_not(request.user, "approve"),
        "action": reverse("reject", args=[line.pk]),
        "back": _url(line),
    }
    return dialogs.show(request, "clearing/proposals/_reject.html", context | more, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@needs("see")
def approve_all(request: HttpRequest, proposal_id: int) -> HttpResponse:
    """Approve several lines of a proposal: all that wait, or those that were chosen."""
    one = get_object_or_404(Proposal, pk=proposal_id)
    if request.method == "POST":
        return _approve_all(request, one)
    lines = [line for line in proposal_page.lines_of(one) if line.state == "proposed"]
    if "chosen" in request.GET:
        chosen = set(request.GET.getlist("line"))
        lines = [line for line in lines if str(line.pk) in chosen]
    return _approve_dialog(request, one, lines)


@needs("approve")
def _approve_all(request: HttpRequest, one: Proposal) -> HttpResponse:
    chosen = set(request.POST.getlist("line"))
    lines = [line for line in proposal_page.lines_of(one) if str(line.pk) in chosen]
    seen = {line.pk: clean_text(request.POST.get(f"seen_{line.pk}")) for line in lines}
    names = {row.id: row.name for row in _rows(request, lines, "en_US")}
    results = reviewing.approve_lines(lines, seen=seen, by=request.user)
    refused = [f"{names[line.pk]}: {sentence}" for line, sentence in results if sentence]
    approved = len(results) - len(refused)
    to = reverse("proposal", args=[one.pk])
    words = ngettext("%(n)d approved", "%(n)d approved", approved) % {"n": approved}
    if not refused and approved:
        message = _("%(approved)s. They are sent to Light next.") % {"approved": words}
        return done(request, to=to, message=message)
    sentence = _refused_words(refused)
    if not approved:
        return _approve_dialog(request, one, lines, conflict=sentence, status=409)
    messages.warning(
        request,
        _("%(approved)s, %(n)d not: %(why)s")
        % {"approved": words, "n": len(refused), "why": sentence},
    )
    return go(request, to)


def _refused_words(refused: list[str]) -> str:
    """The first sentences, and how many more there are."""
    if not refused:
        return _("Select at least one line that waits for review.")
    words = " ".join(refused[:MOST_NAMED])
    if len(refused) > MOST_NAMED:
        words += " " + _("And %(n)d more.") % {"n": len(refused) - MOST_NAMED}
    return words


def _approve_dialog(
    request: HttpRequest,
    one: Proposal,
    lines: list[Instruction],
    *,
    conflict: str = "",
    status: int = 200,
) -> HttpResponse:
    """The lines with what speaks against each, and one button for all."""
    locale = number_format(request.user)
    rows = [row for row in _rows(request, lines, locale) if row.waiting]
    fitting = [row for row in rows if not row.problem]
    context = {
        "rows": rows,
        "fitting": fitting,
        "words": proposal_page.total_words(fitting, one.currency, locale),
        "conflict": conflict,
        "never": dialogs.why_not_approve(request, one.created_by_id),
        "action": reverse("approve_all", args=[one.pk]),
        "back": reverse("proposal", args=[one.pk]),
    }
    return dialogs.show(request, "clearing/proposals/_approve.html", context, status=status)
