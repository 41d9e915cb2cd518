"""One credit note: its page, and what a person can do with it from there."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from clearing import months, roles, workflow
from clearing.models import CreditNote, Link, number_format
from clearing.queries import corrections, note_page, stuck
from clearing.services import changing, correcting, mirroring
from clearing.views.access import is_fragment, needs, page

ARCHIVE = {
    "DRAFT": gettext_lazy("Discard draft"),
    "POSTED": gettext_lazy("Cancel and reverse in the ledger"),
}


NO_PLANS = ("DRAFT", "CLEARED", "ARCHIVED")  # nothing can be planned on these


@dataclass(frozen=True)
class Action:
    """A button of the page's head; with `why_not` it rests and says why."""

    key: str
    words: str
    url: str
    why_not: str = ""
    tone: str = ""
    dialog: bool = True


@require_safe
@needs("see")
def credit_note(request: HttpRequest, note_id: UUID) -> HttpResponse:
    """One credit note: where every cent went, and what can be done with the rest.

    While its lines are being read, the page asks every two seconds whether they are here.
    """
    note = get_object_or_404(CreditNote, pk=note_id)
    reading = note.lines_read_at is None and note.gone_at is None
    if reading and request.method == "GET":
        mirroring.want_lines(note.pk, workflow.now())
    if reading and is_fragment(request):
        return HttpResponse(status=204)
    parts = "clearing/credit_notes/_read.html"
    return page(
        request, "clearing/credit_notes/detail.html", parts, _context(request, note, reading)
    )


def _context(request: HttpRequest, note: CreditNote, reading: bool) -> dict[str, Any]:
    shown = note_page.read(note, user=request.user, locale=number_format(request.user))
    draft = note.status == "DRAFT"
    problems = _problems(note) if draft else []
    closed = _closed(note) if draft else ""
    return {
        "note": note,
        "reading": reading,
        "draft": draft,
        "plans": bool(note.status not in NO_PLANS or shown.bound.planned or shown.bound.past),
        "problems": problems,
        "closed": closed,
        "actions": _actions(request.user, note, shown, problems, closed),
        "shown": shown,
        "stuck": stuck.of_note(note, locale=number_format(request.user)),
    }


def _problems(note: CreditNote) -> list[corrections.Problem]:
    """What a draft still lacks before it can be posted, each with where it is put right."""
    # Its twins are not looked up again: each has its own notice, with the way to compare them.
    return corrections.problems(note, correcting.post_problems(note), [])


def _closed(note: CreditNote) -> str:
    """The sentence for a draft whose month is closed or its VAT filed; empty where it is open."""
    return months.standing(note.entity_id, months.posting_day(note, timezone.now())).words


def _why_not_into(closed: str, user: roles.User) -> str:
    return closed and roles.why_not(user, "post_closed")


def _actions(
    user: roles.User, note: CreditNote, shown: note_page.Shown,
    problems: list[corrections.Problem], closed: str,
) -> list[Action]:  # fmt: skip
    """What can be done with the note as it is now."""
    found = []
    if note.status == "DRAFT" and not note.gone_at:
        edit, post = (reverse(name, args=[note.pk]) for name in ("edit_note", "post_note"))
        missing = problems[0].sentence if problems else ""
        never = roles.why_not_ask(user, "post") or _why_not_into(closed, user)
        found += [
            Action("edit", _("Edit draft"), edit, roles.why_not(user, "edit"), dialog=False),
            Action("post", _("Post"), post, never or missing, "" if missing else "primary"),
        ]
    words = str(ARCHIVE.get(note.status, _("Cancel the credit note")))
    why_not = roles.why_not_ask(user, "archive") or _why_not_archived(note, shown)
    found.append(Action("archive", words, reverse("archive", args=[note.pk]), why_not, "danger"))
    if shown.clear_url and not shown.problem:
        clear = _("Clear this vendor")
        found.append(Action("clear", clear, shown.clear_url, tone="primary", dialog=False))
    return found


def _why_not_archived(note: CreditNote, shown: note_page.Shown) -> str:
    """Why it cannot be cancelled; with links its dialog opens all the same and lists them."""
    linked = any(row.fate == Link.Fate.PLANNED for row in shown.bound.planned)
    return "" if linked else changing.archive_problem(note)
