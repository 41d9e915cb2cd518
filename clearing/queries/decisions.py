"""What people have decided about credit notes that can't be used yet, in words."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db.models import Count
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clearing import labels, money
from clearing.models import CreditNote, Decision
from clearing.roles import User
from clearing.workflow import name_of

Kind = Decision.Kind
MOST = 20  # earlier decisions of one note
TONES: dict[str, str] = {Kind.DISPUTED: "warn", Kind.NONE: ""}
WRITTEN = (Kind.REFUND, Kind.REISSUE)  # those with a text to the vendor, in the order of `letters`
# When somebody looks at it again, unless a person says otherwise; days from today.
FOLLOW_UP = {
    Kind.WAIT: 30, Kind.REFUND: 14, Kind.REISSUE: 14, Kind.DISPUTED: 14, Kind.DUPLICATE: 7,
    Kind.JOURNAL: 7, Kind.WRITE_OFF: 7,
}  # fmt: skip
HINTS = {
    Kind.WAIT: gettext_lazy("at most 90 days"),
    Kind.REFUND: gettext_lazy("a text to copy is below"),
    Kind.REISSUE: gettext_lazy("a text to copy is below"),
    Kind.DUPLICATE: gettext_lazy("cancel it on its own page"),
    Kind.NONE: gettext_lazy("but somebody looks after it"),
}


@dataclass(frozen=True)
class Row:
    """One decision as text. `moved` where the balance is another than when it was decided."""

    id: int
    kind: str
    label: labels.Label
    owner: str
    follow_up: date | None
    due: bool
    comment: str
    who: str
    at: datetime
    moved: str = ""
    ended: str = ""


def held(note_ids: Iterable[UUID]) -> dict[UUID, Decision]:
    """By credit note the decision that holds; one query."""
    rows = Decision.objects.filter(credit_note_id__in=list(note_ids), ended_at=None)
    return {row.credit_note_id: row for row in rows.select_related("owner", "by")}


def of_note(note_id: UUID) -> tuple[Decision | None, list[Decision]]:
    """The decision about one note that holds, and those that have ended, the latest first."""
    rows = Decision.objects.filter(credit_note_id=note_id).order_by("-at", "-pk")
    found = list(rows.select_related("owner", "by", "ended_by")[:MOST])
    held = next((one for one in found if one.ended_at is None), None)
    return held, [one for one in found if one is not held]


def row(decision: Decision, *, locale: str, left: int | None = None) -> Row:
    """left: what is left of the note now, in the smallest unit; None where that is not asked."""
    kind = Kind(decision.kind)
    day = decision.follow_up_on
    running = decision.ended_at is None
    return Row(
        id=decision.pk,
        kind=kind,
        label=labels.Label(kind.label, TONES.get(kind, "planned")),
        owner=name_of(decision.owner) if decision.owner else "",
        follow_up=day,
        due=running and day is not None and day <= timezone.localdate(),
        comment=decision.comment,
        who=name_of(decision.by),
        at=decision.at,
        moved=_moved(decision, left, locale),
        ended="" if running else _ended(decision),
    )


def _moved(decision: Decision, left: int | None, locale: str) -> str:
    if left is None or left == decision.amount:
        return ""
    return _("Decided at %(was)s, now %(now)s.") % {
        "was": money.text(decision.amount, decision.currency, locale),
        "now": money.text(left, decision.currency, locale),
    }


def _ended(decision: Decision) -> str:
    why = str(Decision.Ended(decision.ended_because).label) if decision.ended_because else ""
    when = labels.moment(decision.ended_at) if decision.ended_at else ""
    who = name_of(decision.ended_by) if decision.ended_by else ""
    return ", ".join(part for part in (why, who, when) if part)


def kinds(*, many: bool = False) -> list[tuple[str, str, str]]:
    """Every decision with its words and a hint, in the order of the form."""
    without = WRITTEN if many else ()
    return [
        (str(kind), str(kind.label), "" if kind in without else str(HINTS.get(kind, "")))
        for kind in Kind
    ]


def follow_up_of(kind: str) -> date | None:
    """The day that the form begins with for a decision."""
    days = {str(name): n for name, n in FOLLOW_UP.items()}.get(kind)
    return timezone.localdate() + timedelta(days=days) if days else None


def owners(user: User) -> dict[str, str]:
    """Whose notes can be asked for: mine, nobody's, and those of each who has some; one query."""
    rows = (
        Decision.objects.filter(ended_at=None, owner__isnull=False)
        .values("owner_id", "owner__first_name", "owner__last_name", "owner__username")
        .annotate(n=Count("pk"))
        .order_by("owner__first_name", "owner__last_name", "owner__username")
    )
    found = {"me": _("Me"), "nobody": _("Nobody")}
    for one in rows[:200]:
        if one["owner_id"] != user.pk:
            full = f"{one['owner__first_name']} {one['owner__last_name']}".strip()
            found[str(one["owner_id"])] = full or one["owner__username"]
    return found


# --- texts to the vendor -------------------------------------------------------------------------
def letters(
    note: CreditNote, *, left: int, entity: str, other_entity: str, locale: str
) -> list[tuple[str, str]]:
    """What can be written to the vendor: for each text its title and its words."""
    values = {
        "number": str(note),
        "day": labels.day(note.document_date) if note.document_date else _("without a date"),
        "amount": money.text(note.amount, note.currency, locale),
        "left": money.text(left, note.currency, locale),
        "entity": entity or _("our company"),
        "other": other_entity or _("the company that your open invoices are addressed to"),
    }
    refund, reissue = _of_all() if left == note.amount else _of_rest()
    return [
        (_("Text that asks for a refund"), refund % values),
        (_("Text that asks to issue it again"), reissue % values),
    ]


def _of_all() -> tuple[str, str]:
    """Both texts about a credit note of which nothing is used."""
    refund = _(
        "Dear Sir or Madam,\n\n"
        "your credit note %(number)s of %(day)s over %(amount)s is still open in our books, and "
        "there is no open invoice that it could be set off against.\n\n"
        "Please transfer %(amount)s to our account and name %(number)s as the reference.\n\n"
        "Kind regards\n%(entity)s"
    )
    reissue = _(
        "Dear Sir or Madam,\n\n"
        "your credit note %(number)s of %(day)s over %(amount)s was issued to %(entity)s. It "
        "cannot be set off against invoices to another company.\n\n"
        "Please cancel it and issue it to %(other)s instead.\n\n"
        "Kind regards\n%(entity)s"
    )
    return refund, reissue


def _of_rest() -> tuple[str, str]:
    """Both texts about what is left of a credit note."""
    refund = _(
        "Dear Sir or Madam,\n\n"
        "of your credit note %(number)s of %(day)s over %(amount)s, %(left)s is still open in our "
        "books, and there is no open invoice that it could be set off against.\n\n"
        "Please transfer %(left)s to our account and name %(number)s as the reference.\n\n"
        "Kind regards\n%(entity)s"
    )
    reissue = _(
        "Dear Sir or Madam,\n\n"
        "your credit note %(number)s of %(day)s over %(amount)s was issued to %(entity)s, and "
        "%(left)s of it is still open there. It cannot be set off against invoices to another "
        "company.\n\n"
        "Please cancel it for the open amount and issue a credit note over %(left)s to %(other)s "
        "instead.\n\n"
        "Kind regards\n%(entity)s"
    )
    return refund, reissue
