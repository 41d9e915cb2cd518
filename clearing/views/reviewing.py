"""What is decided about lines: approved one by one or together, rejected, taken back."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from clearing import roles, workflow
from clearing.models import Instruction, Proposal, number_format
from clearing.queries import proposal_page, stakes
from clearing.services import reviewing
from clearing.views import dialogs
from clearing.views.access import clean_text, done, go, needs
from clearing.views.proposals import page_of_proposal, rows_of

MOST_NAMED = 5  # lines that a message names with their sentence


def _line(line_id: int) -> Instruction:
    lines = Instruction.objects.select_related("proposal", "asked_by", "approved_by", "after")
    return get_object_or_404(lines, pk=line_id)


def _url(line: Instruction) -> str:
    return f"{reverse('proposal', args=[line.proposal_id])}#line-{line.pk}"


@require_POST
@needs("review")
def approve(request: HttpRequest, line_id: int) -> HttpResponse:
    """Approve one line as it was seen."""
    line = _line(line_id)
    try:
        reviewing.approve(line, seen_hash=clean_text(request.POST.get("seen")), by=request.user)
    except roles.NotAllowed as problem:
        return page_of_proposal(request, line.proposal, refused=str(problem), status=403)
    except workflow.Conflict as problem:
        return page_of_proposal(request, line.proposal, refused=str(problem), status=409)
    return done(request, to=_url(line), message=_("Approved. It is sent to Light next."))


@require_POST
@needs("see")
def take_back(request: HttpRequest, line_id: int) -> HttpResponse:
    """The proposer takes a line back that was not sent yet."""
    line = _line(line_id)
    try:
        reviewing.take_back(line, by=request.user)
    except roles.NotAllowed as problem:
        return page_of_proposal(request, line.proposal, refused=str(problem), status=403)
    except workflow.Conflict as problem:
        return page_of_proposal(request, line.proposal, refused=str(problem), status=409)
    return done(request, to=_url(line), message=_("Taken back. Its amounts are free again."))


@require_http_methods(["GET", "HEAD", "POST"])
@needs("see")
def reject(request: HttpRequest, line_id: int) -> HttpResponse:
    """Reject one line, with a reason that its proposer reads."""
    line = _line(line_id)
    if request.method == "POST":
        return _reject(request, line)
    return _reject_dialog(request, line)


@needs("review")
def _reject(request: HttpRequest, line: Instruction) -> HttpResponse:
    asked = dialogs.Asked.of(request, "reject")
    if asked.errors:
        return _reject_dialog(request, line, asked=asked, status=422)
    try:
        reviewing.reject(line, reason_code=asked.reason_code, reason=asked.reason, by=request.user)
    except roles.NotAllowed as problem:
        status = dialogs.refused(request)
        return _reject_dialog(request, line, asked=asked, conflict=str(problem), status=status)
    except workflow.Conflict as problem:
        return _reject_dialog(request, line, asked=asked, conflict=str(problem), status=409)
    return done(
        request, to=_url(line), message=_("Rejected. The person who proposed it sees your reason.")
    )


def _reject_dialog(
    request: HttpRequest, line: Instruction, *, status: int = 200, **more: Any
) -> HttpResponse:
    """`more`: what was typed (`asked`), and the sentence of a `conflict`."""
    rows = rows_of(request, reviewing.chain_of(line), number_format(request.user))
    row = next(row for row in rows if row.id == line.pk)
    context = {
        "row": row,
        "rows": rows,
        "name": proposal_page.name_of_move(rows) or row.name,
        "proposal": line.proposal,
        "reasons": dialogs.reasons_for("reject"),
        "never": row.never_reject,
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


@needs("review")
def _approve_all(request: HttpRequest, one: Proposal) -> HttpResponse:
    chosen = set(request.POST.getlist("line"))
    lines = [line for line in proposal_page.lines_of(one) if str(line.pk) in chosen]
    seen = {line.pk: clean_text(request.POST.get(f"seen_{line.pk}")) for line in lines}
    names = {row.id: row.name for row in rows_of(request, lines, "en_US")}
    results = reviewing.approve_lines(lines, seen=seen, by=request.user)
    approved = sum(not sentence for _line, sentence in results)
    to = reverse("proposal", args=[one.pk])
    words = ngettext("%(n)d approved", "%(n)d approved", approved) % {"n": approved}
    if approved == len(results) > 0:
        message = _("%(approved)s. They are sent to Light next.") % {"approved": words}
        return done(request, to=to, message=message)
    # What is decided as one has one sentence, told once.
    told = [(line, why) for line, why in results if why and line.after_id not in seen]
    sentence = _refused_words([f"{names[line.pk]}: {why}" for line, why in told])
    if not approved:
        return _approve_dialog(request, one, lines, conflict=sentence, status=409)
    refused = len(results) - approved
    messages.warning(
        request,
        _("%(approved)s, %(n)d not: %(why)s") % {"approved": words, "n": refused, "why": sentence},
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
    """The lines with what speaks against each, and one button for those that can be approved."""
    locale = number_format(request.user)
    rows = [row for row in rows_of(request, lines, locale) if row.waiting]
    fitting = [row for row in rows if not row.problem]
    mine = [row for row in fitting if not row.never]
    waiting = [line for line in lines if line.pk in {row.id for row in rows}]
    context = {
        "rows": rows,
        "fitting": fitting,
        "stakes": stakes.of(waiting, rows, locale),
        "name": proposal_page.name_of_move(rows),
        "words": proposal_page.total_words(mine or fitting, one.currency, locale),
        "only_links": all(row.kind == Instruction.Kind.LINK for row in fitting),
        "conflict": conflict,
        "never": fitting[0].never if fitting and not mine else "",
        "action": reverse("approve_all", args=[one.pk]),
        "back": reverse("proposal", args=[one.pk]),
    }
    return dialogs.show(request, "clearing/proposals/_approve.html", context, status=status)
