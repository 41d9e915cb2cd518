"""What an edit that is under way, or whose outcome is not known, says on the pages it holds."""

from uuid import UUID

from django.utils.translation import gettext as _

from clearing.models import Edit
from clearing.queries import in_flight
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
    told = in_flight.told_of_edit(edit, in_flight.Waits.of([edit]))
    return f"{_('%(what)s by %(name)s:') % values} {told}"
