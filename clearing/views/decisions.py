"""What a person decides about credit that can't be used yet: one note, or a selection."""

from datetime import date
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from clearing import causes, roles, workflow
from clearing.models import CreditNote, Decision, Outlook, number_format
from clearing.queries import decisions as queries
from clearing.queries import documents, stuck
from clearing.queries.filters import Filters
from clearing.services import bulk, following_up
from clearing.services.following_up import FieldError, Wanted
from clearing.views import dialogs
from clearing.views.access import as_uuid, clean_text, done, needs, way_back
from clearing.views.dialogs import Asked

Typed = dict[str, str]
MOST_SAID = 3  # notes that a message names


# --- one credit note ----------------------------------------------------------------------------
@require_http_methods(["GET", "HEAD", "POST"])
@needs("see")
def decide(request: HttpRequest, note_id: UUID) -> HttpResponse:
    """Decide what becomes of one credit note; the dialog begins with what its cause proposes."""
    note = get_object_or_404(CreditNote, pk=note_id)
    return _decide(request, note) if request.method == "POST" else _dialog(request, note)


@needs("decide")
def _decide(request: HttpRequest, note: CreditNote) -> HttpResponse:
    typed, asked = _typed(request)
    seen = clean_text(request.POST.get("seen"))
    try:
        made = following_up.decide(
            credit_note_id=note.pk, wanted=_wanted(typed, asked), by=request.user,
            seen=int(seen) if seen.isascii() and seen.isdigit() and len(seen) < 19 else None,
        )  # fmt: skip
    except FieldError as problem:
        asked.errors[problem.field] = str(problem)
        return _dialog(request, note, asked=asked, typed=typed, status=422)
    except workflow.Conflict as problem:
        return _dialog(request, note, asked=asked, typed=typed, conflict=str(problem), status=409)
    message = _("Noted for %(note)s: %(what)s.") % {"note": note, "what": made.get_kind_display()}
    return done(request, to=way_back(request, _page_of(note)), message=message)


def _dialog(
    request: HttpRequest, note: CreditNote, *, typed: Typed | None = None, status: int = 200,
    **more: Any,
) -> HttpResponse:  # fmt: skip
    locale, entities = number_format(request.user), documents.entities()
    outlook = Outlook.objects.filter(pk=note.pk).first()
    held = queries.held([note.pk]).get(note.pk)
    left = outlook.left if outlook else 0
    context = _form(request, typed or _proposed(request, outlook, held)) | {
        "note": note,
        "row": stuck.rows_of([outlook], entities=entities, locale=locale)[0] if outlook else None,
        "held": queries.row(held, left=left, locale=locale) if held else None,
        "letters": stuck.letters_of(note, outlook, entities, locale) if outlook else [],
        "action": reverse("decide", args=[note.pk]),
        "back": way_back(request, _page_of(note)),
    }
    return dialogs.show(request, "clearing/decisions/_decide.html", context | more, status=status)


def _page_of(note: CreditNote) -> str:
    return reverse("credit_note", args=[note.pk])


def _proposed(request: HttpRequest, outlook: Outlook | None, held: Decision | None) -> Typed:
    """What the form begins with: the decision that holds, else what the cause proposes."""
    if held:
        return {
            "kind": held.kind,
            "owner": str(held.owner_id or ""),
            "follow_up": held.follow_up_on.isoformat() if held.follow_up_on else "",
            "reason": held.comment,
        }
    kind = causes.proposed(outlook.cause) if outlook else Decision.Kind.NONE
    day = queries.follow_up_of(kind)
    follow_up = day.isoformat() if day else ""
    return {"kind": kind, "owner": str(request.user.pk), "follow_up": follow_up, "reason": ""}


@require_POST
@needs("decide")
def withdraw_decision(request: HttpRequest, decision_id: int) -> HttpResponse:
    """Take a decision back: nothing is decided any more."""
    was = get_object_or_404(Decision, pk=decision_id)
    note = get_object_or_404(CreditNote, pk=was.credit_note_id)
    try:
        following_up.withdraw(decision_id=was.pk, by=request.user)
    except workflow.Conflict as problem:
        return _dialog(request, note, conflict=str(problem), status=409)
    message = _("Taken back: nothing is decided about %(note)s.") % {"note": note}
    return done(request, to=way_back(request, _page_of(note)), message=message)


# --- a selection --------------------------------------------------------------------------------
@require_http_methods(["GET", "HEAD", "POST"])
@needs("see")
def decide_many(request: HttpRequest) -> HttpResponse:
    """One decision for the chosen credit notes, or with `all` for those that the filters name."""
    if request.method == "POST":
        return _decide_many(request)
    try:
        ids = _matching(request) if "all" in request.GET else _ids(request.GET.getlist("note"))
        bulk.check_size(len(ids))
    except ValueError as problem:
        return _many_dialog(request, [], nothing=str(problem))
    return _many_dialog(request, ids)


@needs("decide")
def _decide_many(request: HttpRequest) -> HttpResponse:
    typed, asked = _typed(request)
    ids = _ids(request.POST.getlist("note"))
    try:
        bulk.check_size(len(ids))
        wanted = _wanted(typed, asked)
        made, skipped = following_up.decide_many(
            credit_note_ids=ids, wanted=wanted, by=request.user
        )
    except FieldError as problem:
        asked.errors[problem.field] = str(problem)
        return _many_dialog(request, ids, asked=asked, typed=typed, status=422)
    except ValueError as problem:
        return _many_dialog(request, [], nothing=str(problem), status=422)
    message = _said(wanted, made, skipped)
    return done(request, to=way_back(request, reverse("stuck")), message=message)


def _ids(given: list[str]) -> list[UUID]:
    """The ids among these texts, each once."""
    return list(dict.fromkeys(found for found in map(as_uuid, given) if found))


def _matching(request: HttpRequest) -> list[UUID]:
    """The notes that the list's filters name. Raises ValueError where one is not understood."""
    filters = Filters(request.GET)
    chosen, _rows = stuck.filtered(
        filters, user=request.user, entities=documents.entities(),
        owners=queries.owners(request.user),
    )  # fmt: skip
    if filters.notices:
        raise ValueError(f"{filters.notices[0]} {_('So nothing is selected.')}")
    bulk.check_size(chosen.count())
    return list(chosen.order_by("day", "pk").values_list("pk", flat=True))


def _many_dialog(
    request: HttpRequest, ids: list[UUID], *, typed: Typed | None = None, status: int = 200,
    **more: Any,
) -> HttpResponse:  # fmt: skip
    found = Outlook.objects.in_bulk(ids)
    outlooks = [found[one] for one in ids if one in found]
    locale, entities = number_format(request.user), documents.entities()
    kinds = {causes.proposed(one.cause) for one in outlooks}
    same = kinds.pop() if len(kinds) == 1 else ""
    day = queries.follow_up_of(same)
    begins = {
        "kind": same, "owner": str(request.user.pk),
        "follow_up": day.isoformat() if day else "", "reason": "",
    }  # fmt: skip
    context = _form(request, typed or begins, many=True) | {
        "rows": stuck.rows_of(outlooks, entities=entities, locale=locale),
        "missing": len(ids) - len(outlooks),
        "action": reverse("decide_many"),
        "back": way_back(request, reverse("stuck")),
    }
    partial = "clearing/decisions/_decide_many.html"
    return dialogs.show(request, partial, context | more, status=status)


def _said(wanted: Wanted, made: list[Decision], skipped: dict[UUID, str]) -> str:
    """ "Wait for the next invoice: 17 credit notes. Skipped: CN-1 (Nothing is left …)"."""
    n = len(made)
    notes = ngettext("%(n)d credit note", "%(n)d credit notes", n) % {"n": n}
    said = f"{Decision.Kind(wanted.kind).label}: {notes}."
    if skipped:
        names = CreditNote.objects.in_bulk(list(skipped)[:MOST_SAID])
        whys = [f"{names.get(one, one)} – {why}" for one, why in list(skipped.items())[:MOST_SAID]]
        skipped_words = _("%(n)d skipped: %(whys)s") % {"n": len(skipped), "whys": " ".join(whys)}
        said = f"{said} {skipped_words}"
    return said


# --- the form of both -----------------------------------------------------------------------------
def _form(request: HttpRequest, typed: Typed, *, many: bool = False) -> dict[str, Any]:
    return {
        "kinds": queries.kinds(many=many),
        "owners": [(str(one.pk), workflow.name_of(one)) for one in following_up.owners()],
        "typed": typed,
        "asked": Asked(reason=typed["reason"]),
        "never": roles.why_not(request.user, "decide"),
    }


def _typed(request: HttpRequest) -> tuple[Typed, Asked]:
    typed = {
        name: clean_text(request.POST.get(name))
        for name in ("kind", "owner", "follow_up", "reason")
    }
    return typed, Asked(reason=typed["reason"])


def _wanted(typed: Typed, asked: Asked) -> Wanted:
    """What was typed as the service takes it. Raises FieldError."""
    day, owner = None, None
    if typed["follow_up"].strip():
        try:
            day = date.fromisoformat(typed["follow_up"].strip())
        except ValueError:
            words = _("Write the day like 2026-12-31.")
            raise FieldError("follow_up", words) from None
    if typed["owner"]:
        owners = {str(one.pk): one for one in following_up.owners()}
        if (owner := owners.get(typed["owner"])) is None:
            raise FieldError("owner", _("Choose somebody who has a role here."))
    return Wanted(typed["kind"], owner, day, typed["reason"])
