"""What is reviewed together: the lines of one proposal, or of a batch of several vendors."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from clearing import money
from clearing.models import Batch, Instruction, Proposal, number_format
from clearing.queries import (
    batches,
    line_books,
    line_facts,
    line_states,
    proposal_page,
    stakes,
    story,
    unusual,
)
from clearing.queries import lines as line_rows
from clearing.queries import review as reviews
from clearing.services import reviewing
from clearing.views.access import clean_text
from clearing.workflow import name_of


@dataclass(frozen=True)
class Scope:
    """One proposal or one batch, with its addresses; `then`: where a decision leads to."""

    about: Proposal | Batch
    then: str = ""  # "documents": to both documents of the next line

    @classmethod
    def of_line(cls, request: HttpRequest, line: Instruction) -> "Scope":
        """Where a line is decided: its batch, if the person comes from there."""
        asked = request.POST if request.method == "POST" else request.GET
        batch = line.proposal.batch if asked.get("in") == "batch" else None
        then = "documents" if asked.get("then") == "documents" else ""
        return cls(batch or line.proposal, then)

    @property
    def is_batch(self) -> bool:
        return isinstance(self.about, Batch)

    @property
    def name(self) -> str:
        words = _("Batch %(n)d") if self.is_batch else _("Proposal %(n)d")
        return words % {"n": self.about.pk}

    @property
    def query(self) -> str:
        """What an address about one line says, so that its answer leads back here."""
        asked = {"in": "batch" if self.is_batch else "", "then": self.then}
        query = urlencode({name: value for name, value in asked.items() if value})
        return f"?{query}" if query else ""

    @property
    def url(self) -> str:
        return self._url("batch", "proposal")

    @property
    def approve_url(self) -> str:
        return self._url("approve_batch", "approve_all")

    @property
    def reject_url(self) -> str:
        return self._url("reject_batch", "reject_all")

    @property
    def progress_url(self) -> str:
        return self._url("batch_progress", "lines_progress")

    def _url(self, of_batch: str, of_proposal: str) -> str:
        return reverse(of_batch if self.is_batch else of_proposal, args=[self.about.pk])

    def lines(self) -> list[Instruction]:
        if isinstance(self.about, Batch):
            return batches.lines_of(self.about)
        return proposal_page.lines_of(self.about)


def rows_of(request: HttpRequest, lines: list[Instruction], locale: str) -> list[line_rows.Line]:
    """The lines for the screen; those that wait are held against the copy, with exceptions."""
    waiting = [line for line in lines if line.state == Instruction.State.PROPOSED]
    books = line_books.Books.of(lines)
    if not waiting:
        return line_rows.rows(lines, problems={}, user=request.user, locale=locale, books=books)
    facts = line_facts.Facts.of(waiting, books, request.user, locale)
    return line_rows.rows(
        lines,
        problems=reviewing.misfits(waiting, shown=books),
        unusual=unusual.of_lines(waiting, by=request.user, locale=locale, facts=facts),
        user=request.user,
        locale=locale,
        books=books,
        worked=facts.worked[facts.by.pk],
    )


def number_of(request: HttpRequest) -> int:
    """The page that an address or a form asks for; 1 where it names none."""
    given = request.POST.get("page") or request.GET.get("page") or ""
    return int(given) if given.isascii() and given.isdigit() and len(given) < 7 else 1


def base(request: HttpRequest, scope: Scope, lines: list[Instruction]) -> dict[str, Any]:
    """What the page of a proposal or a batch shows, and the parts swapped into it."""
    return context_of(request, scope, lines, rows_of(request, lines, number_format(request.user)))


def context_of(
    request: HttpRequest, scope: Scope, lines: list[Instruction], rows: list[line_rows.Line]
) -> dict[str, Any]:
    """The same where the rows of the lines are known."""
    locale = number_format(request.user)
    return {
        "scope": scope,
        "rows": rows,
        "review": reviews.review(rows, number=number_of(request), locale=locale),
        "totals": reviews.totals(rows, locale),
        "states": line_states.state_counts(line.state for line in lines),
        "progress": proposal_page.progress(lines),
        "symbols": money.symbols(locale),
        "refused": "",
    } | (_of_batch(scope.about, rows, locale) if isinstance(scope.about, Batch) else
         _of_proposal(scope.about, lines, rows, locale))  # fmt: skip


def _of_batch(batch: Batch, rows: list[line_rows.Line], locale: str) -> dict[str, Any]:
    return {
        "batch": batch,
        "proposed_by": name_of(batch.created_by),
        "members": batches.members(rows, locale),
        "vendor_count": batches.vendors_words(rows),
        "words": reviews.words_of(rows, locale, short=True),
    }


def _of_proposal(
    one: Proposal, lines: list[Instruction], rows: list[line_rows.Line], locale: str
) -> dict[str, Any]:
    waiting = [line for line in lines if line.state == Instruction.State.PROPOSED]
    return {
        "proposal": one,
        "head": proposal_page.head(one, lines),
        "steps": proposal_page.steps(one, lines),
        "stakes": stakes.of(waiting, rows, locale),
        "events": proposal_page.events(one, locale),
        "stories": story.of(lines, {row.id: row.name for row in rows}),
        "decimals": money.decimals(one.currency),
    }


def show(
    request: HttpRequest, scope: Scope, *, refused: str = "", status: int = 200
) -> HttpResponse:
    """The page of a proposal or a batch; `refused` says why what was just asked did not happen."""
    context = base(request, scope, scope.lines()) | {"refused": refused}
    folder = "batches" if scope.is_batch else "proposals"
    return render(request, f"clearing/{folder}/detail.html", context, status=status)


def progress(request: HttpRequest, scope: Scope) -> HttpResponse:
    """How far the sending is, and out of band each line shown that changed since the last look."""
    since, shown = (clean_text(request.GET.get(name)) for name in ("since", "shown"))
    lines = scope.lines()
    moved = {line.pk for line in lines if line.changed_at.isoformat() > since}
    context: dict[str, Any] = {"scope": scope, "progress": proposal_page.progress(lines)}
    if moved:
        context = base(request, scope, lines)
        here = set(shown.split(",")) if shown else {str(pk) for pk in moved}
        context["changed"] = [
            row for row in context["rows"] if row.id in moved and str(row.id) in here
        ]
    return render(request, "clearing/proposals/_moved.html", context)
