"""A draft on the page: what Light had, what is typed, what came of sending it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.core import signing
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from clearing import gateway, labels, money, roles, workflow
from clearing.draft_forms import LineForm, NoteForm
from clearing.light.client import LightClient
from clearing.light.errors import LightDenied, LightError, LightUnavailable
from clearing.models import CreditNote, CreditNoteLine, Edit, number_format
from clearing.queries import documents, draft_page, duplicates
from clearing.services import editing
from clearing.views.access import is_fragment

State = Edit.State
RETRIES = 1  # somebody is waiting
TAX_MODES = ("", "included", "added")


@dataclass(frozen=True)
class Clash:
    """A field that Light changed meanwhile: what was shown, what Light has, what was typed."""

    name: str
    label: str
    was: str
    live: str
    mine: str
    typed: str
    keep: str  # "mine" or "light": which of the two is chosen; empty where it follows from others


@dataclass(frozen=True)
class Came:
    """What came of sending a form: nothing yet, or why it is not in Light, or that it is.

    `status`: of the answer. `live`: what Light has, the next page's `shown`.
    """

    edit: Edit | None = None
    status: int = 200
    title: str = ""
    words: str = ""
    tone: str = "bad"
    live: Mapping[str, Any] | None = None
    changed: tuple[editing.ChangedField, ...] = ()

    @property
    def is_in_light(self) -> bool:
        return self.edit is not None and self.edit.state == State.DONE


def send(call: Callable[[LightClient], Edit]) -> Came:
    """Make an edit, and say in words what came of it. Nothing is raised but NotAllowed."""
    nothing = _("Nothing was changed in Light")
    try:
        client = gateway.client(retries=RETRIES).urgently()
        try:
            return _came(call(client))
        finally:
            client.close()
    except editing.Changed as changed:
        return Came(
            status=409, title=_("This was changed in Light meanwhile"),
            words=_("Choose what shall stand. Nothing of what you typed is lost."), tone="warn",
            live=changed.live, changed=tuple(changed.fields),
        )  # fmt: skip
    except workflow.Conflict as problem:
        return Came(status=409, title=nothing, words=str(problem))
    except ValueError as problem:
        return Came(status=422, title=nothing, words=str(problem))
    except LightDenied as error:
        words = _("Light does not let us in: “%(words)s”") % {"words": error.words}
        return Came(status=503, title=nothing, words=words)
    except LightUnavailable as error:
        words = _("Light cannot be reached now: “%(words)s” Try again in a moment.")
        return Came(status=503, title=nothing, words=words % {"words": error.words})
    except LightError as error:
        words = _("Light said no: “%(words)s”") % {"words": error.words}
        return Came(status=422, title=nothing, words=words)


def _came(edit: Edit) -> Came:
    if edit.state == State.DONE:
        return Came(edit)
    if edit.state == State.REFUSED:
        words = _("Light said no: “%(words)s”") % {"words": edit.words}
        return Came(edit, 422, _("Nothing was changed in Light"), words)
    if edit.state == State.NOT_APPLIED:
        return Came(edit, 503, _("Nothing was changed in Light"), edit.outcome)
    if edit.state == State.NEEDS_PERSON:
        return Came(edit, 200, _("Somebody has to look"), edit.outcome)
    return Came(edit, 200, _("Being checked"), draft_page.checking_words(edit), "warn")


def status_of(request: HttpRequest, came: Came) -> int:
    """The status of the answer; htmx swaps no 503 in, and the words have to be seen."""
    return 422 if came.status == 503 and is_fragment(request) else came.status


# --- what Light had, in the form -------------------------------------------------------------
def seal(values: Mapping[str, Any], of: Any) -> str:
    """What a page shows of a draft or a line, for its form to bring back."""
    return signing.dumps(dict(values), salt=f"draft:{of}", compress=True)


def unseal(token: str, of: Any) -> dict[str, Any] | None:
    """The values of `seal`; None where they are missing or of something else."""
    try:
        found = signing.loads(token, salt=f"draft:{of}")
    except signing.BadSignature:
        return None
    return found if isinstance(found, dict) else None


def too_old() -> Came:
    return Came(
        status=409, title=_("Nothing was changed in Light"),
        words=_("This form is too old or incomplete. Look at the draft as it is now, and enter it "
                "again."),
    )  # fmt: skip


# --- the head --------------------------------------------------------------------------------
def head(
    request: HttpRequest, note: CreditNote, form: NoteForm, came: Came | None = None
) -> dict[str, Any]:
    """What the form of a draft's head needs."""
    texts = form.texts
    hold, failed = draft_page.hold(note)
    never = roles.why_not(request.user, "edit")
    came = came or Came()
    fields = form.fields
    return {
        "note": note,
        "form": form,
        "fields": fields,
        "vendors": draft_page.vendors(fields["vendor_id"].asked, texts["vendor_id"]),
        "entities": draft_page.entities(fields["entity_id"].asked, texts["entity_id"]),
        "tax_modes": [(code, _tax_words(code), code == texts["are_lines_with_tax"])
                      for code in TAX_MODES],
        "hold": hold,
        "never": never,
        "off": bool(hold or never),
        "failed": None if form.bound else failed,
        "came": came,
        "clashes": clashes(form, came),
        "shown": seal(form.shown if came.live is None else came.live, note.pk),
        "edit_url": reverse("edit_note", args=[note.pk]),
    }  # fmt: skip


def _tax_words(code: str) -> str:
    return {
        "included": _("Included: gross amounts are typed"),
        "added": _("Added on top: net amounts are typed"),
    }.get(code, _("Not set"))


def around(note: CreditNote, *, suspected: bool = True) -> dict[str, Any]:
    """What stands around the form: its page in Light, and what it may be a duplicate of.

    suspected: False where it is known that there is nothing of the kind.
    """
    found = duplicates.twins_of(note) if suspected else []
    return {"around": {"twins": found, "light_url": documents.light_url(note)}}


def note_form(request: HttpRequest, note: CreditNote) -> NoteForm:
    """The form as Light had it at the last look."""
    return NoteForm(None, editing.note_values(note), locale=number_format(request.user))


# --- lines -----------------------------------------------------------------------------------
def line_form(
    request: HttpRequest, note: CreditNote, line: CreditNoteLine | None,
    data: Mapping[str, Any] | None = None, shown: Mapping[str, Any] | None = None,
) -> LineForm:  # fmt: skip
    """The form of a line, or of a new one."""
    if shown is None:
        shown = editing.line_values(line) if line else {}
    return LineForm(
        data, shown, locale=number_format(request.user), currency=note.currency,
        with_tax=note.are_lines_with_tax, key=str(line.pk) if line else "new",
    )  # fmt: skip


def line_context(
    note: CreditNote, line: CreditNoteLine | None, form: LineForm, came: Came | None = None
) -> dict[str, Any]:
    """What the form of a line needs."""
    came = came or Came()
    fields = form.fields
    account = fields["ledger_account_id"]
    args = [note.pk, line.pk] if line else [note.pk]
    follower = form.follower
    return {
        "note": note,
        "line": line,
        "form": form,
        "fields": fields,
        "amount_fields": [fields[name] for name in form.typed_amounts],
        "follower": fields[follower] if follower else None,
        "follower_words": follower_words(form),
        "accounts": draft_page.accounts(account.asked, account.text, vendor_id=note.vendor_id),
        "taxes": draft_page.used_before("ledger_tax_id", note.vendor_id),
        "templates": draft_page.used_before("accrual_template_id", note.vendor_id),
        "came": came,
        "clashes": clashes(form, came),
        "shown": seal(form.shown if came.live is None else came.live, _sealed_for(line)),
        "action": reverse("change_line" if line else "add_line", args=args),
        "edit_url": reverse("edit_note", args=[note.pk]),
    }


def _sealed_for(line: CreditNoteLine | None) -> str:
    return str(line.pk) if line else "new"


def follower_words(form: LineForm) -> str:
    """The amount that follows from what is typed; empty where it cannot be said."""
    if not form.follower:
        return ""
    value = form.wanted.get(form.follower) if form.bound else form.shown.get(form.follower)
    return money.plain(abs(value[0]), form.currency, form.locale) if value else ""


def clashes(form: NoteForm | LineForm, came: Came) -> list[Clash]:
    """What Light changed meanwhile, with what is typed; typed fields keep what was typed."""
    names = draft_page.names(
        value for one in came.changed for value in (one.shown, one.live, one.wanted)
        if isinstance(value, str)
    ) if came.changed else {}  # fmt: skip
    found = []
    for one in came.changed:
        if one.name not in form.FIELDS:
            continue
        follows = isinstance(form, LineForm) and one.name == form.follower
        keep = "" if follows else "light" if form.untouched(one.name) else "mine"
        was, live, mine = (
            names.get(str(value)) or _words(form, one.name, value) or _("empty")
            for value in (one.shown, one.live, one.wanted)
        )
        text = form.texts[one.name]
        label = str(form.FIELDS[one.name])
        found.append(Clash(one.name, label, was, live, mine, text, keep))
    return found


def _words(form: NoteForm | LineForm, name: str, value: Any) -> str:
    """A value as people read it, empty where there is none."""
    text = form.text_of(name, value)
    if name == "are_lines_with_tax":
        return str(_tax_words(text))
    if text and name.endswith("_date"):
        return labels.day(date.fromisoformat(text))
    if isinstance(value, list | tuple):
        side = {"C": _("credit"), "D": _("debit")}.get(value[1], value[1])
        return f"{text} {side}"
    return text
