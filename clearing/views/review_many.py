"""What is decided about many lines at once: the group approved, everything that waits rejected.

An exception is never approved with others: it is looked for again when the form comes.
"""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from clearing.models import Batch, Instruction, Proposal, number_format
from clearing.queries import proposal_page, stakes
from clearing.queries import review as reviews
from clearing.queries.lines import Line
from clearing.services import reviewing
from clearing.services.reviewing import Results
from clearing.views import dialogs
from clearing.views.access import clean_text, done, go, needs
from clearing.views.review_scope import Scope, number_of, rows_of

MOST_NAMED = 5  # lines that a message names with their sentence


@require_http_methods(["GET", "HEAD", "POST"])
@needs("see")
def approve_all(request: HttpRequest, proposal_id: int) -> HttpResponse:
    """Approve several lines of a proposal: all that are nothing unusual, or those chosen."""
    return _approving(request, Scope(get_object_or_404(Proposal, pk=proposal_id)))


@require_http_methods(["GET", "HEAD", "POST"])
@needs("see")
def approve_batch(request: HttpRequest, batch_id: int) -> HttpResponse:
    """Approve the lines of a batch that are nothing unusual, or those chosen."""
    return _approving(request, Scope(get_object_or_404(Batch, pk=batch_id)))


@require_http_methods(["GET", "HEAD", "POST"])
@needs("see")
def reject_all(request: HttpRequest, proposal_id: int) -> HttpResponse:
    """Reject all lines of a proposal that wait, with one reason."""
    return _rejecting(request, Scope(get_object_or_404(Proposal, pk=proposal_id)))


@require_http_methods(["GET", "HEAD", "POST"])
@needs("see")
def reject_batch(request: HttpRequest, batch_id: int) -> HttpResponse:
    """Reject all lines of a batch that wait, with one reason."""
    return _rejecting(request, Scope(get_object_or_404(Batch, pk=batch_id)))


# --- approving ---------------------------------------------------------------------------------
def _approving(request: HttpRequest, scope: Scope) -> HttpResponse:
    if request.method == "POST":
        return _approve(request, scope)
    lines = scope.lines()
    locale = number_format(request.user)
    rows = rows_of(request, lines, locale)
    shown = reviews.review(rows, number=number_of(request), locale=locale)
    moved = bool(request.GET.get("seen")) and request.GET["seen"] != shown.seen
    group = shown.usual or [row for row in rows if row.waiting]
    if "chosen" in request.GET:
        chosen, moved = set(request.GET.getlist("line")), False
        group = [row for row in rows if row.waiting and str(row.id) in chosen]
    return _approve_dialog(request, scope, lines, group, moved=moved)


@needs("review")
def _approve(request: HttpRequest, scope: Scope) -> HttpResponse:
    chosen = set(request.POST.getlist("line"))
    lines = [line for line in scope.lines() if str(line.pk) in chosen]
    seen = {line.pk: clean_text(request.POST.get(f"seen_{line.pk}")) for line in lines}
    rows = rows_of(request, lines, number_format(request.user))
    apart = {row.id: _apart(row) for row in rows if row.is_exception}
    results = reviewing.approve_lines(lines, seen=seen, apart=apart, by=request.user)
    approved = sum(not sentence for _line, sentence in results)
    words = ngettext("%(n)d approved", "%(n)d approved", approved) % {"n": approved}
    if approved == len(results) > 0:
        message = _("%(approved)s. They are sent to Light next.") % {"approved": words}
        return done(request, to=scope.url, message=message)
    sentence = _not_done(results, rows, _("Select at least one line that waits for review."))
    if not approved:
        group = [row for row in rows if row.waiting]
        return _approve_dialog(request, scope, lines, group, conflict=sentence, status=409)
    n = len(results) - approved
    said = _("%(approved)s, %(n)d not: %(why)s") % {"approved": words, "n": n, "why": sentence}
    messages.warning(request, said)
    return go(request, scope.url)


def _apart(row: Line) -> str:
    """Why an exception is not approved with others; what only fits no longer falls by itself."""
    if not row.unusual:
        return ""
    return _("It is an exception now, so it is decided by itself. %(why)s") % {
        "why": row.unusual[0].words
    }


def _not_done(results: Results, rows: list[Line], nothing: str) -> str:
    """The first sentences, and how many more there are; what is decided as one is told once."""
    names = {row.id: row.name for row in rows}
    ids = {line.pk for line, _why in results}
    told = [(line, why) for line, why in results if why and line.after_id not in ids]
    if not told:
        return nothing
    words = " ".join(f"{names[line.pk]}: {why}" for line, why in told[:MOST_NAMED])
    if len(told) > MOST_NAMED:
        words += " " + _("And %(n)d more.") % {"n": len(told) - MOST_NAMED}
    return words


def _approve_dialog(
    request: HttpRequest, scope: Scope, lines: list[Instruction], rows: list[Line], *,
    moved: bool = False, conflict: str = "", status: int = 200,
) -> HttpResponse:  # fmt: skip
    """The lines with what speaks against each, and one button for those that can be approved."""
    locale, ids = number_format(request.user), {row.id for row in rows}
    fitting = [row for row in rows if not row.is_exception]
    mine = [row for row in fitting if not row.never]
    context = {
        "rows": rows,
        "fitting": fitting,
        "folded": len(rows) == len(mine) > reviews.FEW // 2,
        "stakes": stakes.of([line for line in lines if line.pk in ids], rows, locale),
        "name": proposal_page.name_of_move(rows),
        "words": _move_or(rows, reviews.words_of(mine or fitting, locale)),
        "only_links": all(row.kind == Instruction.Kind.LINK for row in fitting),
        "totals": reviews.totals(mine, locale) if scope.is_batch else None,
        "moved": moved,
        "conflict": conflict,
        "never": fitting[0].never if fitting and not mine else "",
        "action": scope.approve_url,
        "back": scope.url,
    }
    return dialogs.show(request, "clearing/proposals/_approve.html", context, status=status)


def _move_or(rows: list[Line], words: str) -> str:
    return _("both steps") if proposal_page.name_of_move(rows) else words


# --- rejecting -----------------------------------------------------------------------------------
def _rejecting(request: HttpRequest, scope: Scope) -> HttpResponse:
    if request.method == "POST":
        return _reject(request, scope)
    return _reject_dialog(request, scope)


@needs("review")
def _reject(request: HttpRequest, scope: Scope) -> HttpResponse:
    asked = dialogs.Asked.of(request, "reject")
    if asked.errors:
        return _reject_dialog(request, scope, asked=asked, status=422)
    lines = [line for line in scope.lines() if line.state == Instruction.State.PROPOSED]
    results = reviewing.reject_lines(
        lines, reason_code=asked.reason_code, reason=asked.reason, by=request.user
    )
    rejected = sum(not sentence for _line, sentence in results)
    rows = rows_of(request, lines, number_format(request.user))
    why = _not_done(results, rows, _("Nothing waits for review any more."))
    if not rejected:
        return _reject_dialog(request, scope, asked=asked, conflict=why, status=409)
    words = ngettext("%(n)d line rejected.", "%(n)d lines rejected.", rejected) % {"n": rejected}
    if rejected == len(results):
        who = _("Whoever proposed them sees your reason.")
        return done(request, to=_way_on(request, scope), message=f"{words} {who}")
    messages.warning(request, f"{words} {why}")
    return go(request, _way_on(request, scope))


def _way_on(request: HttpRequest, scope: Scope) -> str:
    """Back to the batch, where one of its vendors was rejected from there."""
    about = scope.about
    if isinstance(about, Proposal) and about.batch and request.POST.get("in") == "batch":
        return Scope(about.batch).url
    return scope.url


def _reject_dialog(
    request: HttpRequest, scope: Scope, *, status: int = 200, **more: Any
) -> HttpResponse:
    """`more`: what was typed (`asked`), and the sentence of a `conflict`."""
    locale = number_format(request.user)
    rows = [row for row in rows_of(request, scope.lines(), locale) if row.waiting]
    never = [row.never_reject for row in rows]
    context = {
        "rows": rows,
        "scope": scope,
        "from_batch": "batch" in (request.GET.get("in"), request.POST.get("in")),
        "words": reviews.words_of(rows, locale),
        "vendors": sorted({row.vendor for row in rows if row.vendor}),
        "reasons": dialogs.reasons_for("reject"),
        "never": never[0] if never and all(never) else "",
        "action": scope.reject_url,
        "back": scope.url,
    }
    partial = "clearing/proposals/_reject_all.html"
    return dialogs.show(request, partial, context | more, status=status)
