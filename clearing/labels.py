"""The words on the screen for Light's states and ours, and the tone of their tags."""

from datetime import date, datetime
from typing import NamedTuple

from babel.dates import format_date
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from clearing.models import Instruction, Link


class Label(NamedTuple):
    """A word and the class of its tag: good, warn, bad, planned, info or none."""

    word: str | Promise
    tone: str = ""


S = Instruction.State
F = Link.Fate

CREDIT_NOTE = {
    "DRAFT": Label(_("Draft")),
    "APPROVAL_PENDING": Label(_("In approval"), "info"),
    "APPROVED": Label(_("Approved"), "info"),
    "POSTED": Label(_("Posted"), "info"),
    "PARTIALLY_CLEARED": Label(_("Partly cleared"), "info"),
    "CLEARED": Label(_("Cleared"), "good"),
    "ARCHIVED": Label(_("Cancelled")),
}
INVOICE = {
    "IN_DRAFT": Label(_("Draft")),
    "APPROVAL_REQUESTED": Label(_("In approval"), "info"),
    "APPROVAL_PENDING": Label(_("In approval"), "info"),
    "APPROVED_ACCOUNTING_ENTRY_PENDING": Label(_("Approved, to be posted"), "info"),
    "UNPAID": Label(_("Unpaid"), "info"),
    "PARTIALLY_PAID": Label(_("Partly paid"), "info"),
    "READY_FOR_PAYMENT_RELEASE": Label(_("Ready to pay"), "warn"),
    "PENDING_PAYMENT_APPROVAL": Label(_("Payment in approval"), "warn"),
    "SCHEDULED": Label(_("Payment scheduled"), "warn"),
    "PAYMENT_PAUSED": Label(_("Payment paused"), "warn"),
    "PAYMENT_PENDING": Label(_("Being paid"), "warn"),
    "PAID": Label(_("Paid"), "good"),
    "COMPLETED": Label(_("Completed"), "good"),
    "CANCELLED": Label(_("Cancelled")),
    "CANCELLATION_PENDING": Label(_("Being cancelled")),
    "RESET_PENDING": Label(_("Being reset")),
    "DECLINED": Label(_("Declined"), "bad"),
    "DUPLICATED": Label(_("Duplicate"), "bad"),
    "INIT": Label(_("New")),
    "CREATED": Label(_("New")),
    "IMPORT_PENDING": Label(_("Importing")),
}
LINE_TONES: dict[str, str] = {
    S.PROPOSED: "info",
    S.READY: "planned",
    S.SENDING: "planned",
    S.DONE: "good",
    S.REFUSED: "bad",
    S.UNKNOWN: "warn",
    S.NOT_APPLIED: "bad",
    S.NEEDS_PERSON: "bad",
    S.REJECTED: "bad",
    S.FALLEN: "warn",
}
FATE_TONES: dict[str, str] = {
    F.PLANNED: "planned",
    F.CLEARED: "good",
    F.CLEARED_PART: "warn",
    F.CHECKING: "warn",
    F.NOT_HONOURED: "bad",
}


def credit_note(status: str) -> Label:
    """The label of a credit note's status; a status nobody knows is shown as it is."""
    return CREDIT_NOTE.get(status, Label(status or "–"))


def invoice(state: str) -> Label:
    return INVOICE.get(state, Label(state or "–"))


def line(state: str) -> Label:
    return Label(S(state).label, LINE_TONES.get(state, ""))


def fate(value: str) -> Label:
    return Label(F(value).label, FATE_TONES.get(value, ""))


def day(value: date) -> str:
    """A date with its month's name: "2 Nov 2026"."""
    return format_date(value, "d MMM y", locale="en")


def time_of(value: datetime) -> str:
    """A time of today as "14:40 CET", of any other day with its date."""
    local = timezone.localtime(value)
    return f"{local:%H:%M %Z}" if local.date() == timezone.localtime().date() else moment(value)


def moment(value: datetime) -> str:
    """A time with date and zone: "2 Nov 2026, 14:32 UTC"."""
    local = timezone.localtime(value)
    return f"{day(local.date())}, {local:%H:%M %Z}"
