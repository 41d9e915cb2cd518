"""Asks to post a draft: what is missing, what the poster sees, and who may do it alone."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from clearing import deciding, lines, months, reasons, roles, workflow
from clearing.models import CreditNote, CreditNoteLine, Instruction
from clearing.roles import NotAllowed, User
from clearing.services.changing import ask_one
from clearing.services.fitting import Books, edit_in_the_way, twin_sentences
from clearing.usable import No
from clearing.workflow import Conflict


@dataclass(frozen=True)
class Posting:
    """What posting does: when, into which month, and how much (smallest unit; None: unknown).

    Credit counts as positive, debit as negative.
    """

    day: date
    month: str
    standing: months.Standing
    net: int | None
    tax: int | None
    gross: int | None


def lines_of(note: CreditNote) -> list[CreditNoteLine]:
    """The lines of a credit note as the copy holds them."""
    return list(CreditNoteLine.objects.filter(credit_note_id=note.id))


def post_problems(note: CreditNote) -> list[No]:
    """Every reason why this cannot be posted now; empty where it can."""
    if note.gone_at:
        return [No("gone", _("Light no longer shows it."))]
    if note.status != "DRAFT":
        return [No("not_draft", _("It is not a draft any more."))]
    found = []
    if note.vendor_id is None:
        found.append(No("no_vendor", _("It has no vendor. Choose one.")))
    if note.entity_id is None:
        found.append(No("no_entity", _("It has no company entity. Choose one.")))
    if not note.currency:
        found.append(No("no_currency", _("It has no currency. Enter one.")))
    if note.lines_read_at is None:
        found.append(No("lines_unread", _("Its lines are being read from Light.")))
    elif not CreditNoteLine.objects.filter(credit_note_id=note.id).exists():
        found.append(No("no_line", _("It has no line. Add one.")))
    return found + _held(note)


def _held(note: CreditNote) -> list[No]:
    """What of ours stands in the way: an edit, another line, a twin that nobody has looked at."""
    found = []
    if sentence := edit_in_the_way(note.id):
        found.append(No("being_edited", sentence))
    open_lines = Instruction.objects.filter(credit_note_id=note.id, state__in=Instruction.OPEN)
    if line := open_lines.select_related("asked_by").first():
        found.append(
            No(
                "open_line",
                _("%(who)s has asked for something else already: %(what)s.")
                % {"who": workflow.name_of(line.asked_by), "what": line.get_kind_display()},
            )
        )
    if sentence := twin_sentences([note.id]).get(note.id, ""):
        found.append(No("duplicate", sentence))
    return found


def day_of(note: CreditNote) -> str | None:
    """The day a draft names to be posted on, as a line's content keeps it."""
    day = months.planned_day(note)
    return day.isoformat() if day else None


def lines_digest(rows: Iterable[CreditNoteLine]) -> str:
    """The digest of lines of the copy; the look before sending compares Light's with it."""
    names = deciding.DraftLine.__dataclass_fields__
    return deciding.digest(
        deciding.DraftLine(**{name: getattr(row, name) for name in names}) for row in rows
    )


def fingerprint(note: CreditNote) -> str:
    """A digest of all that a poster sees of a draft: head data and lines."""
    head = {
        name: getattr(note, name)
        for name in (
            "status", "entity_id", "vendor_id", "document_number", "document_date", "posting_date",
            "currency", "amount", "description", "are_lines_with_tax", "local_fx_rate",
            "group_fx_rate",
        )
    }  # fmt: skip
    head["month"] = months.month_if_undated(note, workflow.now())
    return workflow.content_hash(head | {"lines": lines_digest(lines_of(note))})


def _seen_of(note: CreditNote) -> dict[str, str | None]:
    """What a post's content names beyond its columns; the month only of what names no day."""
    month = months.month_if_undated(note, workflow.now())
    found = {"lines": lines_digest(lines_of(note)), "day": day_of(note)}
    return found | ({"month": month} if month else {})


def posting_of(note: CreditNote) -> Posting:
    """What posting this draft does, as far as the copy knows it."""
    day = months.posting_day(note, workflow.now())
    rows = lines_of(note)
    return Posting(
        day=day,
        month=months.name(day),
        standing=months.standing(note.entity_id, day),
        net=_sum(rows, "net"),
        tax=_sum(rows, "tax"),
        gross=_sum(rows, "gross"),
    )


def _sum(rows: list[CreditNoteLine], name: str) -> int | None:
    """The sum of one amount over lines; None where there is no line, or one does not have it.

    No tax at all counts as 0.
    """
    found = [lines.signed(getattr(row, name), getattr(row, f"{name}_side")) for row in rows]
    if not rows or (None in found and name != "tax"):
        return None
    return sum(amount or 0 for amount in found)


def posts_alone(note: CreditNote, *, by: User, into_closed: bool) -> bool:
    """Whether this person may post this draft without a second one."""
    needed = {"post", "post_closed"} if into_closed else {"post"}
    if settings.SECOND_PERSON_ALWAYS or not needed <= roles.rights(by):
        return False
    return note.id not in roles.worked_on(by, [note.id])


def post(
    *, credit_note_id: UUID, seen: str, reason_code: str = "", reason: str = "", by: User
) -> Instruction:
    """Ask to post a draft; `seen` is the fingerprint of what the person looked at.

    Raises NotAllowed, Conflict with every missing condition, and ValueError with a sentence
    about the reason, which a closed month asks for.
    """
    roles.check_may_ask(by, Instruction.Kind.POST)
    with transaction.atomic():
        books = Books.lock([credit_note_id], [])
        note = books.notes.get(credit_note_id)
        if note is None:
            raise Conflict(_("The copy from Light does not hold this credit note."))
        if problems := post_problems(note):
            raise Conflict(" ".join(problem.sentence for problem in problems))
        if seen != fingerprint(note):
            raise Conflict(_("It has changed since you looked at it. Look at it again."))
        where = posting_of(note)
        into_closed = where.standing.needs_controller
        _check_month(where.standing, reason_code, reason, by)
        alone = posts_alone(note, by=by, into_closed=into_closed)
        return ask_one(
            Instruction.Kind.POST, books, credit_note_id, None, by=by,
            exempt=Instruction.Exempt.ONE_PERSON_POSTS if alone else "",
            also=_seen_of(note), amount=note.amount, into_closed=into_closed,
            reason_code=reason_code, reason=reason.strip(),
        )  # fmt: skip


def _check_month(where: months.Standing, reason_code: str, reason: str, by: User) -> None:
    """A closed month is for a controller, who says why. Raises NotAllowed or ValueError."""
    if where.needs_controller and (sentence := roles.why_not(by, "post_closed")):
        raise NotAllowed(f"{where.words} {sentence}")
    if where.needs_controller and not reason.strip():
        raise ValueError(_("Say why it is posted into this month all the same."))
    if reason_code:
        reasons.check_reason("post", reason_code, reason)
    elif len(reason) > reasons.LONGEST:
        raise ValueError(
            _("Shorten the words to %(longest)d characters.") % {"longest": reasons.LONGEST}
        )
