"""The head of a draft: changed in the request, one call to Light."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from clearing.draft_forms import NoteForm
from clearing.models import CreditNote, number_format
from clearing.queries import documents, draft_page, drafts
from clearing.queries.filters import Filters
from clearing.services import editing
from clearing.views import draft_desk, draft_lines, draft_queue
from clearing.views.access import clean_text, done, go, is_fragment, needs, page, patched
from clearing.views.draft_desk import Came

PAGE, PARTIAL = "clearing/drafts/edit.html", "clearing/drafts/_head.html"
HELD = "clearing/drafts/_held.html"  # the head, and the lines without their buttons
RELOADS = ("currency", "are_lines_with_tax", "document_number")  # stand elsewhere on the page too


@require_http_methods(["GET", "HEAD", "POST"])
@needs("see")
def edit_note(request: HttpRequest, note_id: UUID) -> HttpResponse:
    """A draft with its form, its lines and its PDF."""
    note = get_object_or_404(CreditNote, pk=note_id)
    if request.method == "POST":
        return _change(request, note)
    if "wait" in request.GET and is_fragment(request):
        return _wait(note)
    if "lines" in request.GET and is_fragment(request):
        context = draft_lines.section(request, note)
        return patched(render(request, "clearing/drafts/_lines.html", context))
    return _page(request, note, draft_desk.note_form(request, note))


def _wait(note: CreditNote) -> HttpResponse:
    """Nothing while the draft is held; then the page anew."""
    hold = draft_page.hold(note)[0]
    response = HttpResponse(status=204)
    if hold is None or not hold.waits:
        response["HX-Refresh"] = "true"
    return response


@needs("edit")
def _change(request: HttpRequest, note: CreditNote) -> HttpResponse:
    shown = draft_desk.unseal(clean_text(request.POST.get("shown")), note.pk)
    if shown is None:
        return _page(request, note, draft_desk.note_form(request, note), draft_desk.too_old())
    data = request.POST.dict()
    if "use_total" in data:
        data["amount"] = data["use_total"]
    form = NoteForm(data, shown, locale=number_format(request.user))
    if "use_total" in data or "find" in data:
        form.errors.clear()
        return _page(request, note, form, focus="amount" if "use_total" in data else data["find"])
    if not form.fits:
        return _page(request, note, form, Came(status=422))
    if not form.touched:
        return _on(request, note, _("Nothing was changed, so nothing was sent."))
    came = draft_desk.send(
        lambda client: editing.change_note(
            client, note_id=note.pk, shown=shown, wanted=form.wanted, by=request.user
        )
    )
    if not came.is_in_light:
        note.refresh_from_db()
        return _page(request, note, form, came)
    return _saved(request, note, form)


def _saved(request: HttpRequest, note: CreditNote, form: NoteForm) -> HttpResponse:
    """On: to the page itself, where only the head has to be shown anew, or to the next draft."""
    elsewhere = any(form.wanted[name] != form.shown.get(name) for name in RELOADS)
    if elsewhere or not is_fragment(request) or "queue" in request.POST:
        return _on(request, note, _("Saved in Light."))
    note.refresh_from_db()
    said = Came(title=_("Saved in Light."), tone="good")
    return _page(request, note, draft_desk.note_form(request, note), said)


def _on(request: HttpRequest, note: CreditNote, said: str) -> HttpResponse:
    """Back to the queue one came from, to its next draft where that was asked for."""
    if "queue" not in request.POST:
        return done(request, to=reverse("edit_note", args=[note.pk]), message=said)
    query = QueryDict(clean_text(request.POST.get("queue")))
    if request.POST.get("then") != "next":
        messages.success(request, said)
        return go(request, draft_queue.url_of(query, note.pk))
    sorting = draft_queue.sorting_of(Filters(query.dict()), documents.entities())
    group = query.get("group", "")
    following = draft_queue.following(sorting, group, note.pk, request.POST.get("next_id"))
    messages.success(request, f"{said} {_left(sorting, group)}".strip())
    return go(request, draft_queue.url_of(query, following))


def _left(sorting: drafts.Sorting, group: str) -> str:
    """How many drafts of the group are left."""
    if group not in sorting.groups:
        return ""
    words, n = drafts.GROUPS[group][0], len(sorting.groups[group])
    if not n:
        return _("That was the last one of “%(group)s”.") % {"group": words}
    return ngettext("%(n)d left of “%(group)s”.", "%(n)d left of “%(group)s”.", n) % {
        "n": n, "group": words,
    }  # fmt: skip


def _page(
    request: HttpRequest,
    note: CreditNote,
    form: NoteForm,
    came: Came | None = None,
    focus: str = "",
) -> HttpResponse:
    """The page of one draft, or the form of its head; `focus` is the field to go on with."""
    came = came or Came()
    context: dict[str, Any] = draft_desk.head(request, note, form, came) | {"focus": focus}
    if "queue" in request.POST:
        context |= {
            "queue_query": clean_text(request.POST.get("queue")),
            "next_id": clean_text(request.POST.get("next_id")),
        }
    if not is_fragment(request):
        context |= draft_desk.around(note)
    held = came.edit is not None and came.edit.state in came.edit.HOLDING
    if held or not is_fragment(request):
        context |= draft_lines.section(request, note, off=context["off"])
    status = draft_desk.status_of(request, came)
    return page(request, PAGE, HELD if held else PARTIAL, context, status=status)
