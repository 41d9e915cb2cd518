"""The Monday on which these tests look at Today."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from clearing.models import Outlook

MONDAY = datetime(2026, 11, 16, 8, 30, tzinfo=ZoneInfo("UTC"))
FRIDAY = MONDAY - timedelta(days=3)
LATER = date(2026, 12, 20)  # not within a week


def in_days(n):
    return MONDAY.date() + timedelta(days=n)


def outlook(note, strength, **over):
    fields = {
        "credit_note_id": note.pk, "vendor_id": note.vendor_id, "entity_id": note.entity_id,
        "currency": note.currency, "day": note.document_day, "strength": strength,
        "since": MONDAY,
    }  # fmt: skip
    return Outlook.objects.create(**fields | over)


def just_changed(invoice):
    """Seen to change this morning."""
    type(invoice).objects.filter(pk=invoice.pk).update(changed_at=MONDAY)
    return invoice
