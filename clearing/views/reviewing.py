"""What is decided about one line: approved, rejected, taken back; the next line gets the focus."""

from dataclasses import dataclass, replace
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
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
from clearing.queries.line_states import BEING_SENT
from clearing.queries.lines import Line
from clearing.services import reviewing
from clearing.views import dialogs, review_scope
from clearing.views.access import clean_text, done, is_fragment, needs
from clearing.views.review_scope import Scope, rows_of

HEAD = "page-title"  # takes the focus where nothing of its kind is left


def line_of(line_id: int) -> Instruction:
    return get_object_or_404(with_people(), pk=line_id)


def with_people() -> QuerySet[Instruction]:
    """Lines with the people, the proposal, and the step before."""
    return Instruction.objects.select_related("proposal__batch", "after", "asked_by", "approved_by")


@require_POST
@needs("review")
def approve(request: HttpRequest, line_id: int) -> HttpResponse:
    """Approve one line as it was seen."""
    line = line_of(line_id)
    scope, seen = Scope.of_line(request, line), clean_text(request.POST.get("seen"))
    before = Before.of(request, scope)
    try:
        reviewing.approve(line, seen_hash=seen, by=request.user)
    except roles.NotAllowed as problem:
        return _refused(request, scope, line, before, str(problem), 403)
    except workflow.Conflict as problem:
        return _refused(request, scope, line, before, str(problem), 409)
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
    before = Before.of(request, scope)
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
@dataclass(frozen=True)
class Before:
    """The lines as they stood before one of them is decided, so that the next one can be told."""

    lines: list[Instruction]
    rows: list[Line]

    @classmethod
    def of(cls, request: HttpRequest, scope: Scope) -> "Before":
        lines = scope.lines()
        return cls(lines, rows_of(request, lines, number_format(request.user)))

    def after(self, request: HttpRequest, about: Instruction) -> "Before":
        """The same now: only what shares a document with the decided line is read again."""
        touched = {about.credit_note_id, about.invoice_payable_id} - {None}
        touched |= {one.credit_note_id for one in self.lines if one.after_id == about.pk}
        alike = [
            line.pk
            for line in self.lines
            if touched & {line.credit_note_id, line.invoice_payable_id}
        ]
        read = {line.pk: line for line in with_people().filter(pk__in=alike)}
        rows = rows_of(request, list(read.values()), number_format(request.user))
        fresh = {row.id: row for row in rows}
        return Before(
            [read.get(line.pk, line) for line in self.lines],
            [fresh.get(row.id, row) for row in self.rows],
        )


def decided(
    request: HttpRequest, scope: Scope, line: Instruction, before: Before, message: str
) -> HttpResponse:
    """On to the next line: its parts swapped into the page, or the page itself at that line."""
    following = reviews.following(before.rows, line.pk)
    if scope.then:
        return _next_documents(request, scope, following, message)
    if not is_fragment(request):
        messages.success(request, message)
        return redirect(f"{scope.url}#line-{following.id if following else line.pk}")
    now = before.after(request, line)
    context = review_scope.context_of(request, scope, now.lines, now.rows) | {"said": message}
    group = "approve-all" if context["review"].mine else HEAD
    return _parts(request, context, before, goal=following.focus if following else group)


def _parts(
    request: HttpRequest, context: dict[str, Any], before: Before, *, goal: str,
    also: int = 0, status: int = 200,
) -> HttpResponse:  # fmt: skip
    """The parts of the page that changed, those of the line `also`, and what takes the focus."""
    was = {row.id: row for row in before.rows}
    context |= {
        "changed": [
            row for row in context["rows"] if row.id == also or _moved(was.get(row.id), row)
        ],
        "had_group": any(row.in_group for row in before.rows),
        "polls": any(row.state in BEING_SENT for row in before.rows),  # its bar replaces itself
    }
    response = render(request, "clearing/proposals/_decided.html", context, status=status)
    return trigger_client_event(response, "dialog-done", {"focus": goal})


def _moved(was: Line | None, now: Line) -> bool:
    return was is not None and (was.state, was.problem, was.never, was.unusual) != (
        now.state, now.problem, now.never, now.unusual,
    )  # fmt: skip


def _refused(
    request: HttpRequest, scope: Scope, line: Instruction, before: Before, why: str, status: int
) -> HttpResponse:
    """Why a line was not approved: at the line, or on the page."""
    if not is_fragment(request):
        return review_scope.show(request, scope, refused=why, status=status)
    now = before.after(request, line)
    context = review_scope.context_of(request, scope, now.lines, now.rows)
    context |= {"refused": why, "refused_line": line.pk}
    return _parts(request, context, before, goal=f"said-{line.pk}", also=line.pk, status=409)


def _next_documents(
    request: HttpRequest, scope: Scope, following: Line | None, message: str
) -> HttpResponse:
    """From both documents of one line to those of the next, or back to all lines."""
    if following is None or following.invoice is None:
        return done(request, to=scope.url, message=message)
    to = reverse("compare_documents", args=[following.id])
    return done(request, to=f"{to}{replace(scope, then='').query}", message=message)
