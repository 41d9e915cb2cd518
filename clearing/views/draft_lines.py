"""The lines of a draft: shown, added, changed and deleted in place."""

import json
from copy import copy
from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from clearing import roles, workflow
from clearing.draft_forms import AMOUNTS, LineForm
from clearing.models import CreditNote, CreditNoteLine, number_format
from clearing.queries import draft_page
from clearing.services import editing, mirroring
from clearing.views import dialogs, draft_desk
from clearing.views.access import clean_text, done, go, is_fragment, needs, patched
from clearing.views.draft_desk import Came

FORM, DELETE = "clearing/drafts/_line_form.html", "clearing/drafts/_delete.html"
Line = CreditNoteLine | None


def section(
    request: HttpRequest, note: CreditNote, *, off: bool | None = None, **more: Any
) -> dict[str, Any]:
    """What the table of lines needs; asks for the lines where they were never read.

    off: whether nothing can be changed now, where that is known.
    """
    if off is None:
        off = bool(draft_page.hold(note)[0] or roles.why_not(request.user, "edit"))
    if note.lines_read_at is None and note.status == "DRAFT":
        mirroring.want_lines(note.pk, workflow.now())
    rows, locale = draft_page.lines_of(note), number_format(request.user)
    return {
        "note": note,
        "lines": draft_page.line_rows(rows, note.currency, locale),
        "totals": draft_page.totals(rows, note, locale),
        "lines_off": off,
    } | more


# --- add, change -----------------------------------------------------------------------------
@require_http_methods(["GET", "HEAD", "POST"])
@needs("see")
def add_line(request: HttpRequest, note_id: UUID) -> HttpResponse:
    """A new line of a draft."""
    note = get_object_or_404(CreditNote, pk=note_id)
    if request.method == "POST":
        return _add(request, note)
    return _form(request, note, None)


@require_http_methods(["GET", "HEAD", "POST"])
@needs("see")
def change_line(request: HttpRequest, note_id: UUID, line_id: UUID) -> HttpResponse:
    """A line of a draft."""
    if request.method == "POST":
        return _change(request, note_id, line_id)
    return _form(request, *_line(note_id, line_id))


def _line(note_id: UUID, line_id: UUID) -> tuple[CreditNote, CreditNoteLine]:
    note = get_object_or_404(CreditNote, pk=note_id)
    line = CreditNoteLine.objects.filter(pk=line_id, credit_note_id=note_id).first()
    if line is None:
        raise Http404
    return note, line


def _form(request: HttpRequest, note: CreditNote, line: Line) -> HttpResponse:
    """The row as a form, as a row again (`cancel`), or with what follows from what is typed."""
    if "cancel" in request.GET and is_fragment(request):
        return _focused(_row(request, note, line), f"edit-line-{line.pk}" if line else "add-line")
    form = draft_desk.line_form(request, note, line)
    if "net" in request.GET or "gross" in request.GET:
        form = draft_desk.line_form(request, note, line, _typed(form, request))
        form.errors.clear()
    return _show(request, note, line, form)


def _typed(form: LineForm, request: HttpRequest) -> dict[str, Any]:
    """The form as it stands, with the amounts that were just typed."""
    return form.texts | {name: value for name, value in request.GET.items() if name in form.texts}


@needs("edit")
def _add(request: HttpRequest, note: CreditNote) -> HttpResponse:
    form = draft_desk.line_form(request, note, None, request.POST.dict(), {})
    if refused := _unfit(request, note, None, form):
        return refused
    before = set(_ids(note))
    came = draft_desk.send(
        lambda client: editing.add_line(
            client, note_id=note.pk, values=form.wanted, by=request.user
        )
    )
    if not came.is_in_light:
        return _not_saved(request, note, None, form, came)
    new = next((one for one in draft_page.lines_of(note) if one.pk not in before), None)
    return _saved(request, note, new, added=True)


@needs("edit")
def _change(request: HttpRequest, note_id: UUID, line_id: UUID) -> HttpResponse:
    note, line = _line(note_id, line_id)
    shown = draft_desk.unseal(clean_text(request.POST.get("shown")), line.pk)
    if shown is None:
        form = draft_desk.line_form(request, note, line)
        return _show(request, note, line, form, draft_desk.too_old())
    form = draft_desk.line_form(request, note, line, request.POST.dict(), shown)
    if refused := _unfit(request, note, line, form):
        return refused
    if not form.touched:
        return _saved(request, note, line, said=_("Nothing was changed."))
    came = draft_desk.send(
        lambda client: editing.change_line(
            client, note_id=note.pk, line_id=line.pk, shown=shown, wanted=form.wanted,
            by=request.user,
        )
    )  # fmt: skip
    if not came.is_in_light:
        return _not_saved(request, note, line, form, came)
    return _saved(request, note, CreditNoteLine.objects.filter(pk=line.pk).first())


def _unfit(
    request: HttpRequest, note: CreditNote, line: Line, form: LineForm
) -> HttpResponse | None:
    """The form again, where only an account is searched for or something cannot be read."""
    if "find" in request.POST:
        form.errors.clear()
        return _show(request, note, line, form)
    return _show(request, note, line, form, Came(status=422)) if form.errors else None


def _not_saved(
    request: HttpRequest, note: CreditNote, line: Line, form: LineForm, came: Came
) -> HttpResponse:
    """The form with its sentence; the whole page where the draft is held from now on."""
    if came.edit is not None and came.edit.state in came.edit.HOLDING and is_fragment(request):
        return go(request, reverse("edit_note", args=[note.pk]))
    return _show(request, note, line, form, came)


def _saved(
    request: HttpRequest, note: CreditNote, line: Line, *, said: str = "", added: bool = False
) -> HttpResponse:
    """The row as it is now with the totals; the focus goes to the row behind it."""
    said = said or _("Saved in Light.")
    if not is_fragment(request) or line is None:
        return done(request, to=reverse("edit_note", args=[note.pk]), message=said)
    ids = _ids(note)
    place = ids.index(line.pk) + 1
    goal = f"edit-line-{ids[place]}" if place < len(ids) else "add-line"
    return _focused(_row(request, note, line, said=said, added=added), goal)


def _focused(response: HttpResponse, goal: str) -> HttpResponse:
    """The answer, with the id of what gets the focus after it."""
    response["HX-Trigger"] = json.dumps({"dialog-done": {"focus": goal}})
    return response


def _ids(note: CreditNote) -> list[UUID]:
    return [one.pk for one in draft_page.lines_of(note)]


def _row(
    request: HttpRequest, note: CreditNote, line: Line, *, said: str = "", added: bool = False
) -> HttpResponse:
    """One row (none: the one that adds a line), and the totals beside it where it was saved."""
    context = section(request, note, said=said, added=added, oob=bool(said), url=_edit(note))
    rows = [row for row in context["lines"] if line is not None and row.id == line.pk]
    context["row"] = rows[0] if rows else None
    return patched(render(request, "clearing/drafts/_row.html", context))


def _edit(note: CreditNote) -> str:
    return reverse("edit_note", args=[note.pk])


def _show(
    request: HttpRequest, note: CreditNote, line: Line, form: LineForm, came: Came | None = None
) -> HttpResponse:
    """The row as a form; without htmx the whole page with it."""
    context = draft_desk.line_context(note, line, form, came)
    status = draft_desk.status_of(request, context["came"])
    hold, never = draft_page.hold(note)[0], roles.why_not(request.user, "edit")
    context |= {"line_hold": hold.words if hold else never}
    if is_fragment(request):
        return patched(render(request, FORM, context, status=status))
    whole = draft_desk.head(request, note, draft_desk.note_form(request, note))
    context = {
        **whole,
        **section(request, note, off=whole["off"]),
        **draft_desk.around(note),
        "open": context, "open_id": line.pk if line else "new",
    }  # fmt: skip
    return patched(render(request, "clearing/drafts/edit.html", context, status=status))


# --- delete ----------------------------------------------------------------------------------
@require_http_methods(["GET", "HEAD", "POST"])
@needs("see")
def delete_line(request: HttpRequest, note_id: UUID, line_id: UUID) -> HttpResponse:
    """Delete a line of a draft."""
    if request.method == "POST":
        return _delete(request, note_id, line_id)
    return _delete_dialog(request, *_line(note_id, line_id))


@needs("edit")
def _delete(request: HttpRequest, note_id: UUID, line_id: UUID) -> HttpResponse:
    note, line = _line(note_id, line_id)
    shown = draft_desk.unseal(clean_text(request.POST.get("shown")), line.pk)
    if shown is None:
        return _delete_dialog(request, note, line, draft_desk.too_old())
    came = draft_desk.send(
        lambda client: editing.delete_line(
            client, note_id=note.pk, line_id=line.pk, shown=shown, by=request.user
        )
    )
    if came.edit is not None and came.edit.state in came.edit.HOLDING:
        return go(request, _edit(note))
    if not came.is_in_light:
        return _delete_dialog(request, note, line, came)
    said = _("The line is deleted in Light.")
    if not is_fragment(request):
        return done(request, to=_edit(note), message=said)
    context = section(request, note, deleted=line.pk, said=said)
    return _focused(patched(render(request, "clearing/drafts/_deleted.html", context)), "add-line")


def _delete_dialog(
    request: HttpRequest, note: CreditNote, line: CreditNoteLine, came: Came | None = None
) -> HttpResponse:
    """The line with the totals before and after."""
    came, locale = came or Came(), number_format(request.user)
    rows = draft_page.lines_of(note)
    hold = draft_page.hold(note)[0]
    changed = came.live is not None
    context = {
        "note": note,
        "row": draft_page.line_rows([_as_it_is(line, came)], note.currency, locale)[0],
        "before": draft_page.totals(rows, note, locale),
        "after": draft_page.totals([row for row in rows if row.pk != line.pk], note, locale),
        "shown": draft_desk.seal(came.live or editing.line_values(line), line.pk),
        "conflict": came.words if not changed else _(
            "This line was changed in Light meanwhile. Look at it again before you delete it."
        ),
        "conflict_title": came.title,
        "not_now": hold.words if hold else "",
        "never": roles.why_not(request.user, "edit"),
        "action": reverse("delete_line", args=[note.pk, line.pk]),
        "back": _edit(note),
    }  # fmt: skip
    status = draft_desk.status_of(request, came)
    return dialogs.show(request, DELETE, context, status=status)


def _as_it_is(line: CreditNoteLine, came: Came) -> CreditNoteLine:
    """The line as Light has it now, where that is known; not saved."""
    now = copy(line)
    for name in AMOUNTS if came.live is not None else ():
        amount, side = (came.live or {}).get(name) or (None, "")
        setattr(now, name, amount)
        setattr(now, f"{name}_side", side)
    return now
