"""What the confirmation dialogs share: a page without JavaScript, a reason, an approver's bar."""

from dataclasses import dataclass, field
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from clearing import money, reasons
from clearing.models import Instruction, number_format
from clearing.views.access import clean_text, done, is_fragment, page


@dataclass
class Asked:
    """What a person typed into a dialog, and a sentence for each field that is not right yet."""

    reason_code: str = ""
    reason: str = ""
    amount: str = ""
    target: str = ""  # the id of an invoice
    errors: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, request: HttpRequest, what: str) -> "Asked":
        """Read the form of `what` (a list of clearing.reasons) and check its reason."""
        post = request.POST
        asked = cls(
            reason_code=clean_text(post.get("reason_code")),
            reason=clean_text(post.get("reason")),
            amount=clean_text(post.get("amount")),
            target=clean_text(post.get("target")),
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


FIELDS = (
    "answer",
    "target",
    "amount",
    "closed",
    "filed",
    "kind",
    "owner",
    "follow_up",
    "reason_code",
    "reason",
)  # in their order on forms
LONGEST_AMOUNT = 60  # characters


def show(
    request: HttpRequest, partial: str, context: dict[str, Any], *, status: int = 200
) -> HttpResponse:
    """A dialog for htmx, or the same partial as a whole page."""
    context = {"asked": Asked(), "conflict": "", "never": ""} | context | {"partial": partial}
    return page(request, "clearing/changes/page.html", partial, context, status=status)


def amount_of(request: HttpRequest, asked: Asked, currency: str) -> int:
    """The typed amount in the smallest unit; 0 with a sentence among the errors otherwise."""
    try:
        if len(asked.amount) > LONGEST_AMOUNT:
            raise ValueError(_("This amount is larger than any invoice."))
        return money.parse(asked.amount, currency, number_format(request.user))
    except ValueError as problem:
        asked.errors["amount"] = str(problem)
        return 0


def asked_for(request: HttpRequest, line: Instruction) -> HttpResponse:
    """To the new line, which says how far it is."""
    waits = line.state == Instruction.State.PROPOSED
    message = _("Asked for. A second person has to approve it.") if waits else _(
        "Asked for. It is sent to Light next."
    )  # fmt: skip
    return done(request, to=reverse("proposal", args=[line.proposal_id]), message=message)


def refused(request: HttpRequest) -> int:
    """The status of a dialog that says this person may not: htmx swaps no 403 in."""
    return 409 if is_fragment(request) else 403


def known_reason(what: str, given: str | None) -> str:
    """The code that an address names, where it is one of the list of `what`."""
    return given if given in reasons.REASONS[what] else ""


def reasons_for(what: str) -> list[tuple[str, str]]:
    return [(code, str(words)) for code, words in reasons.REASONS[what].items()]
