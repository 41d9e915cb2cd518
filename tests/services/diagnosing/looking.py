"""Looking through the copy, and what came of it."""

from datetime import timedelta

from clearing import causes
from clearing.models import Outlook
from clearing.services import diagnosing
from tests import factories

LATER = factories.NOW + timedelta(minutes=1)
MUCH_LATER = factories.NOW + timedelta(minutes=10)


def look(now=factories.NOW):
    """As many slices as there are."""
    for _ in range(50):
        if not diagnosing.look(now):
            return
    raise AssertionError("it never ends")


def outlook(note):
    return Outlook.objects.get(pk=note.pk)


def cause(note):
    look()
    return outlook(note).cause


def told(note, **entities):
    row = outlook(note)
    return causes.told(
        row.cause, row.details, currency=row.currency, locale="en_US", entities=entities,
        suggested=row.suggested,
    )  # fmt: skip


def changed(row, at=LATER, **over):
    type(row).objects.filter(pk=row.pk).update(changed_at=at, **over)
