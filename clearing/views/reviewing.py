"""What is decided about one line: approved, rejected, taken back; the next line gets the focus."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST
from django_htmx.http import trigger_client_event

from clearing import roles, workflow
from clearing.models import Instruction, number_format
from clearing.queries import proposal_page
from clearing.queries import review as reviews
from clearing.queries.lines import Line
from clearing.services import reviewing
from clearing.views import dialogs, review_scope
from clearing.views.access import clean_text, done, is_fragment, needs
from clearing.views.review_scope import Scope, rows_of

HEAD = "page-title"  # takes the focus where nothing of its kind is left


def line_of(line_id: int) -> Instruction:
    lines = Instruction.objects.select_related(
        "proposal__batch", "asked_by", "approved_by", "after"
    )
    return get_object_or_404(lines, pk=line_id)


@require_POST
@needs("review")
def approve(request: HttpRequest, line_id: int) -> HttpResponse:
    """Approve one line as it was seen."""
    line = line_of(line_id)
    scope, seen = Scope.of_line(request, line), clean_text(request.POST.get("seen"))
    before = rows_before(request, scope)
    try:
        reviewing.approve(line, seen_hash=seen, by=request.user)
    except roles.NotAllowed as problem:
        return _refused(request, scope, line, str(problem), 403)
    except workflow.Conflict as problem:
        return _refused(request, scope, line, str(problem), 409)
    return decided(request, scope, line, before, _("Approved. It is sent to Light next."))


@require_POST
@needs("see")
def take_back(request: HttpRequest, line_id: int) -> HttpResponse:
    """The proposer takes a line back that was not sent yet."""
    line = line_of(line_id)
    scope = Scope.of_line(request, line)
    try:
        reviewing.take_back(line, by=request.user)
    except roles.NotAllowed as problem:
        return review_scope.show(request, scope, refused=str(problem), status=403)
    except workflow.Conflict as problem:
        return review_scope.show(request, scope, refused=str(problem), status=409)
    to = f"{scope.url}#line-{line.pk}"
    return done(request, to=to, message=_("Taken back. Its amounts are free again."))


@require_http_methods(["GET", "HEAD", "POST"])
@needs("see")
def reject(request: HttpRequest, line_id: int) -> HttpResponse:
    """Reject one line, with a reason that its proposer reads."""
    line = line_of(line_id)
    if request.method == "POST":
        return _reject(request, line)
    return _reject_dialog(request, line)


@needs("review")
def _reject(request: HttpRequest, line: Instruction) -> HttpResponse:
    asked, scope = dialogs.Asked.of(request, "reject"), Scope.of_line(request, line)
    if asked.errors:
        return _reject_dialog(request, line, asked=asked, status=422)
    before = rows_before(request, scope)
    try:
        reviewing.reject(line, reason_code=asked.reason_code, reason=asked.reason, by=request.user)
    except roles.NotAllowed as problem:
        status = dialogs.refused(request)
        return _reject_dialog(request, line, asked=asked, conflict=str(problem), status=status)
    except workflow.Conflict as problem:
        return _reject_dialog(request, line, asked=asked, conflict=str(problem), status=409)
    message = _("Rejected. The person who proposed it sees your reason.")
    return decided(request, scope, line, before, message)


def _reject_dialog(
    request: HttpRequest, line: Instruction, *, status: int = 200, **more: Any
) -> HttpResponse:
    """`more`: what was typed (`asked`), and the sentence of a `conflict`."""
    rows = rows_of(request, reviewing.chain_of(line), number_format(request.user))
    row, scope = next(row for row in rows if row.id == line.pk), Scope.of_line(request, line)
    context = {
        "row": row,
        "rows": rows,
        "name": proposal_page.name_of_move(rows) or row.name,
        "scope": scope,
        "reasons": dialogs.reasons_for("reject"),
        "never": row.never_reject,
        "action": reverse("reject", args=[line.pk]),
        "back": f"{scope.url}#line-{line.pk}",
    }
    return dialogs.show(request, "clearing/proposals/_reject.html", context | more, status=status)


# --- after a decision, on to the next line -------------------------------------------------------
def rows_before(request: HttpRequest, scope: Scope) -> list[Line]:
    """The lines as they stand before one is decided, so that the next one can be told."""
    return rows_of(request, scope.lines(), number_format(request.user))


def decided(
    request: HttpRequest, scope: Scope, line: Instruction, before: list[Line], message: str
) -> HttpResponse:
    """On to the next line: its parts swapped into the page, or the page itself at that line."""
    following = reviews.following(before, line.pk)
    if request.POST.get("then") == "documents":
        return _next_documents(request, scope, following, message)
    if not is_fragment(request):
        messages.success(request, message)
        return redirect(f"{scope.url}#line-{following.id if following else line.pk}")
    context = review_scope.base(request, scope, scope.lines())
    group = "approve-all" if context["review"].mine else HEAD
    goal = following.focus if following else group
    return _parts(request, context, before, said=message, goal=goal)


def _parts(
    request: HttpRequest, context: dict[str, Any], before: list[Line], *, said: str, goal: str,
    also: int = 0, status: int = 200,
) -> HttpResponse:  # fmt: skip
    """The parts of the page that changed, those of the line `also`, and what takes the focus."""
    was = {row.id: row for row in before}
    context["changed"] = [
        row for row in context["rows"] if row.id == also or _moved(was.get(row.id), row)
    ]
    context |= {"said": said, "had_group": any(row.in_group for row in before)}
    response = render(request, "clearing/proposals/_decided.html", context, status=status)
    return trigger_client_event(response, "dialog-done", {"focus": goal})


def _moved(was: Line | None, now: Line) -> bool:
    return was is not None and (was.state, was.problem, was.never, was.unusual) != (
        now.state, now.problem, now.never, now.unusual,
    )  # fmt: skip


def _refused(
    request: HttpRequest, scope: Scope, line: Instruction, sentence: str, status: int
) -> HttpResponse:
    """Why a line was not approved: at the line, or on the page."""
    if not is_fragment(request):
        return review_scope.show(request, scope, refused=sentence, status=status)
    context = review_scope.base(request, scope, scope.lines())
    context |= {"refused": sentence, "refused_line": line.pk}
    goal, before = f"said-{line.pk}", context["rows"]
    return _parts(request, context, before, said="", goal=goal, also=line.pk, status=409)


def _next_documents(
    request: HttpRequest, scope: Scope, following: Line | None, message: str
) -> HttpResponse:
    """From both documents of one line to those of the next, or back to all lines."""
    if following is None or following.invoice is None:
        return done(request, to=scope.url, message=message)
    to = reverse("compare_documents", args=[following.id])
    return done(request, to=f"{to}{scope.query}", message=message)
