"""What the confirmation dialogs share: a page without JavaScript, a reason, an approver's bar."""

from dataclasses import dataclass, field
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from clearing import reasons, workflow
from clearing.views.access import clean_text, page


@dataclass
class Asked:
    """What a person typed into a dialog, and a sentence for each field that is not right yet."""

    reason_code: str = ""
    reason: str = ""
    amount: str = ""
    errors: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, request: HttpRequest, what: str) -> "Asked":
        """Read the form of `what` (a list of clearing.reasons) and check its reason."""
        post = request.POST
        asked = cls(
            reason_code=clean_text(post.get("reason_code")),
            reason=clean_text(post.get("reason")),
            amount=clean_text(post.get("amount")),
        )
        try:
            reasons.check_reason(what, asked.reason_code, asked.reason)
        except ValueError as problem:
            known = asked.reason_code in reasons.REASONS[what]
            asked.errors["reason" if known else "reason_code"] = str(problem)
        return asked

    @property
    def summary(self) -> list[tuple[str, str]]:
        """The fields to correct with their sentences, in the order of the form."""
        return [(f"id_{name}", self.errors[name]) for name in FIELDS if name in self.errors]

    @property
    def heading(self) -> str:
        n = len(self.errors)
        return ngettext("One thing to correct", "%(n)d things to correct", n) % {"n": n}


FIELDS = ("amount", "reason_code", "reason")


def show(
    request: HttpRequest, partial: str, context: dict[str, Any], *, status: int = 200
) -> HttpResponse:
    """A dialog for htmx, or the same partial as a whole page."""
    context = {"asked": Asked(), "conflict": "", "never": ""} | context | {"partial": partial}
    return page(request, "clearing/changes/page.html", partial, context, status=status)


def reasons_for(what: str) -> list[tuple[str, str]]:
    return [(code, str(words)) for code, words in reasons.REASONS[what].items()]


def why_not_approve(request: HttpRequest, asked_by: int) -> str:
    """Why this person cannot approve what `asked_by` proposed; empty where they can."""
    if asked_by == request.user.pk:
        return _("You proposed this yourself. A second person has to approve it.")
    return workflow.why_not(request.user, "approve")
