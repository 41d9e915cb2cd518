"""What every page is given: navigation, the age of the copy, the banners, the theme."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from clearing import roles
from clearing.queries import ages, stopped

THEMES = ("auto", "light", "dark")
SECTIONS = {  # the first part of a path, and the entry of the navigation it belongs to
    "": "today",
    "exceptions": "today",
    "sync": "today",
    "activity": "today",
    "reopened": "today",
    "clearings": "today",
    "edits": "today",
    "your-light": "today",
    "credit-notes": "vendors",
    "invoice-payables": "vendors",
    "vendors": "vendors",
    "drafts": "vendors",
    "duplicates": "vendors",
    "stuck": "vendors",
    "decisions": "vendors",
    "filed-as-invoices": "vendors",
    "lookup": "vendors",
    "plans": "vendors",
    "proposals": "proposals",
    "batches": "proposals",
    "lines": "proposals",
    "month-end": "month_end",
    "months": "month_end",
    "search": "search",
}


def page(request: HttpRequest) -> dict[str, Any]:
    """Context for every template; asks the database only for signed-in people."""
    theme = request.COOKIES.get("theme", "auto")
    context: dict[str, Any] = {
        "demo": settings.DEMO,
        "theme": theme if theme in THEMES else "auto",
    }
    if not getattr(request, "user", None) or not request.user.is_authenticated:
        return context
    here = SECTIONS.get(request.path.split("/")[1], "")
    entries = (
        ("today", _("Today")),
        ("vendors", _("Vendors")),
        ("proposals", _("Review")),
        ("month_end", _("Month end")),
        ("search", _("Search")),
    )
    return context | {
        "nav": [
            {"label": label, "url": reverse(name), "current": name == here}
            for name, label in entries
        ],
        "data_age": ages.data_age(),
        "stop": stopped.now(),
        "rights": roles.rights(request.user),
    }
