"""Post several drafts: one confirmation, one result for each."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from clearing import money, roles
from clearing.models import CreditNote, Instruction, number_format
from clearing.services import bulk, correcting
from clearing.services.bulk import Item
from clearing.views import bulk as results
from clearing.views import dialogs
from clearing.views.access import as_uuid, asks, clean_text, needs, way_back
from clearing.views.dialogs import Asked

MOST = 50  # a page of the queue
Kind = Instruction.Kind


@require_http_methods(["GET", "HEAD", "POST"])
@needs("see")
def post_drafts(request: HttpRequest) -> HttpResponse:
    """Post the chosen drafts."""
    if request.method == "POST":
        return _post(request)
    if "result" in request.GET:
        return results.result(request, reverse("drafts"))
    given = request.GET.getlist("note")
    ids = list(dict.fromkeys(found for found in map(as_uuid, given) if found))
    return _dialog(request, ids)


@asks(Kind.POST)
def _post(request: HttpRequest) -> HttpResponse:
    items = []
    for given in request.POST.getlist("seen"):
        key, _colon, seen = clean_text(given).partition(":")
        if note_id := as_uuid(key):
            items.append(Item(note_id, seen=seen))
    ids = [item.credit_note_id for item in items]
    closed = "reason_code" in request.POST or "reason" in request.POST
    asked = Asked.of(request, "post") if closed else Asked()
    if asked.errors:
        return _dialog(request, ids, asked=asked, status=422)
    try:
        outcomes = bulk.post(
            items, reason_code=asked.reason_code, reason=asked.reason, by=request.user
        )
    except ValueError as problem:  # the reason was checked: this is about the selection
        return _dialog(request, ids, conflict=str(problem), status=422)
    return results.lead_on(request, "post", outcomes, back=way_back(request, reverse("drafts")))


def _dialog(
    request: HttpRequest, ids: list[UUID], *, status: int = 200, **more: Any
) -> HttpResponse:
    """Each draft with its month and amounts, who may post it, or why it cannot be posted."""
    found = CreditNote.objects.in_bulk(ids[:MOST])
    rows = [_row(request, found[key]) for key in ids if key in found]
    fitting = [row for row in rows if not row["problem"]]
    n = len(fitting)
    context = {
        "rows": sorted(rows, key=lambda row: bool(row["problem"])),
        "fitting": fitting,
        "closed": any(row["closed"] for row in fitting),
        "verb": ngettext("Post %(n)d credit note", "Post %(n)d credit notes", n) % {"n": n},
        "too_many": _("At most %(n)d go at once. These are the first.") % {"n": MOST}
        if len(ids) > MOST else "",
        "reasons": dialogs.reasons_for("post"),
        "never": roles.why_not_ask(request.user, Kind.POST),
        "action": reverse("post_drafts"),
        "back": way_back(request, reverse("drafts")),
    }  # fmt: skip
    return dialogs.show(request, "clearing/drafts/_post.html", context | more, status=status)


def _row(request: HttpRequest, note: CreditNote) -> dict[str, Any]:
    locale = number_format(request.user)
    posting = correcting.posting_of(note)
    closed = posting.standing.needs_controller
    problems = [problem.sentence for problem in correcting.post_problems(note)]
    if closed and (sentence := roles.why_not(request.user, "post_closed")):
        problems.append(f"{posting.standing.words} {sentence}")
    return {
        "note": note,
        "url": reverse("credit_note", args=[note.pk]),
        "seen": f"{note.pk}:{correcting.fingerprint(note)}",
        "posting": posting,
        "closed": closed,
        "problem": " ".join(problems),
        "who": _who(correcting.posts_alone(note, by=request.user, into_closed=closed)),
    } | {
        name: money.text(getattr(posting, name), note.currency, locale)
        for name in ("net", "tax", "gross")
    }


def _who(alone: bool) -> str:
    return _("Posted; sent to Light at once.") if alone else _(
        "Posted once a second person approves."
    )  # fmt: skip
