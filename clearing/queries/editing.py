"""What an edit that is under way, or whose outcome is not known, says on the pages it holds."""

from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _

from clearing import labels
from clearing.models import Edit
from clearing.workflow import name_of


def held_words(**document: UUID) -> str:
    """Who is changing this document, and what became of it so far; empty where nobody is."""
    held = Edit.objects.filter(state__in=Edit.HOLDING, dealt_at=None, **document)
    edit = held.select_related("asked_by").first()
    if edit is None:
        return ""
    values = {"name": name_of(edit.asked_by), "what": edit.get_kind_display()}
    if edit.state == Edit.State.NEEDS_PERSON:
        words = _("%(what)s by %(name)s: look in Light what became of it.") % values
        return f"{words} {edit.outcome}".strip()
    if edit.state == Edit.State.SENDING:
        return _("%(what)s by %(name)s is being sent to Light.") % values
    by = _checked_by(edit)
    if not by:
        return (
            _(
                "%(what)s by %(name)s: Light has not confirmed it yet. We are checking. "
                "Please do not change it in Light yourself."
            )
            % values
        )
    return _(
        "%(what)s by %(name)s: Light has not confirmed it yet. We are checking and will tell you "
        "by %(by)s. Please do not change it in Light yourself."
    ) % (values | {"by": by})


def _checked_by(edit: Edit) -> str:
    """When it will be known: the quarantine's end and one more look; empty where that is past."""
    if edit.quarantine_until is None:
        return ""
    until = edit.quarantine_until + timedelta(seconds=settings.LOOK_AGAIN)
    if until < timezone.now():
        return ""
    local = timezone.localtime(until)
    today = local.date() == timezone.localtime().date()
    return f"{local:%H:%M %Z}" if today else labels.moment(until)
