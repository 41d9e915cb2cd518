"""Why a credit note can't be used yet: each cause with its sentence, next step and decision.

The cause is the machine's, found by services.diagnosing, with what its sentence needs as plain
data; the decision is a person's, and the cause proposes one.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clearing import labels, money, usable

Words = str | Promise
# Where a next step is done; queries make the address of it.
CLEAR, NOTE, EDIT, TWIN, INVOICE, LIGHT = "clear", "note", "edit", "twin", "invoice", "light"
QUESTION = "question"  # an open one about Light

NO_INVOICE, TAKEN, LARGER = "no_invoice", "taken", "larger"
OTHER_ENTITY, OTHER_CURRENCY = "other_entity", "other_currency"
NOT_POSTED, NO_VENDOR, INCOMPLETE = "not_posted", "no_vendor", "incomplete"
PAUSED, CITES_PAID = "paused", "cites_paid"
PARTLY_CLEARED, REST_REFUSED = "partly_cleared", "rest_refused"
ONE_POSTED, DUPLICATE, DECLINED, BOUND = "one_posted", "duplicate", "declined", "bound"
SEVERAL, UNREAD, UNKNOWN_STATUS = "several", "unread", "unknown_status"
IN_REVIEW = "in_review"  # a proposal holds all of it: nobody has to decide anything


@dataclass(frozen=True)
class Cause:
    """One cause; `sentence` and `step` may name values of the details (`_values`)."""

    label: Words
    sentence: Words
    step: Words
    place: str = ""  # of the step
    decision: str = "none"  # a Decision.Kind


class Told(NamedTuple):
    """A cause in words."""

    label: str
    sentence: str
    step: str
    place: str
    decision: str
    link: str = ""  # the words of the way there; empty where the step itself leads there


CAUSES: dict[str, Cause] = {
    NO_INVOICE: Cause(
        gettext_lazy("No open invoice"),
        gettext_lazy("No invoice of this vendor has anything open."),
        gettext_lazy("Wait for the next one; if none will come, ask for a refund."),
        decision="wait",
    ),
    TAKEN: Cause(
        gettext_lazy("Other credit comes first"),
        gettext_lazy("All that is open here, %(open)s, is suggested for other credit notes."),
        gettext_lazy("See what is suggested, or wait for the next invoice."),
        CLEAR, "wait",
    ),
    LARGER: Cause(
        gettext_lazy("Larger than anything open"),
        gettext_lazy(
            "It is larger than anything open here, %(largest)s at most, and other credit notes "
            "are suggested for that."
        ),
        gettext_lazy("Use a part of it instead of another one, or wait for the next invoice."),
        CLEAR, "wait",
    ),
    OTHER_ENTITY: Cause(
        gettext_lazy("Invoices of another entity"),
        gettext_lazy(
            "What is open of this vendor, %(open)s, stands with %(entity)s, and Light links within "
            "one company entity only."
        ),
        gettext_lazy("Ask the vendor to issue it to %(entity)s instead."),
        decision="reissue",
    ),
    OTHER_CURRENCY: Cause(
        gettext_lazy("Invoices in another currency"),
        gettext_lazy(
            "What is open of this vendor is in another currency: %(open)s. Light links within one "
            "currency only."
        ),
        gettext_lazy("Ask for a refund, or wait for an invoice in %(currency)s."),
        decision="refund",
    ),
    PAUSED: Cause(
        gettext_lazy("Its invoice can't take credit now"),
        gettext_lazy("%(number)s is not settled, but it can't take credit now. %(why)s"),
        gettext_lazy("Wait until that has changed in Light."),
        INVOICE, "wait",
    ),
    CITES_PAID: Cause(
        gettext_lazy("Its invoice is paid"),
        gettext_lazy("It cites %(number)s, %(paid)s."),
        gettext_lazy("Ask the vendor for a refund."),
        INVOICE, "refund",
    ),
    PARTLY_CLEARED: Cause(
        gettext_lazy("Usable if your Light allows it"),
        gettext_lazy(
            "A part of it is used. Whether your Light links the rest to another invoice is not "
            "known yet."
        ),
        gettext_lazy("See how to find out."),
        QUESTION, "wait",
    ),
    REST_REFUSED: Cause(
        gettext_lazy("Partly used"),
        gettext_lazy("A part of it is used, and your Light does not link the rest."),
        gettext_lazy("Ask for a refund of the rest, or use it in Light."),
        LIGHT, "refund",
    ),
    ONE_POSTED: Cause(
        gettext_lazy("Bound to a posted invoice"),
        gettext_lazy(
            "A part of it is proposed for an invoice that is posted. A second one could not "
            "follow, because it counts as partly used afterwards."
        ),
        gettext_lazy("Wait for a draft invoice, or ask for a refund of the rest."),
        NOTE, "wait",
    ),
    DUPLICATE: Cause(
        gettext_lazy("Possible duplicate"),
        gettext_lazy("It may be the same credit as %(number)s."),
        gettext_lazy("Compare the two, and say whether they are."),
        TWIN, "duplicate",
    ),
    DECLINED: Cause(
        gettext_lazy("Suggestion rejected"),
        gettext_lazy("What was suggested for it was rejected, and nothing else is open here."),
        gettext_lazy("Choose an invoice yourself, or wait for the next one."),
        CLEAR, "wait",
    ),
    BOUND: Cause(
        gettext_lazy("Bound already"),
        gettext_lazy("Every open invoice here is linked with it, or proposed for it, already."),
        gettext_lazy("Raise the amount of that link, or wait for the next invoice."),
        NOTE, "wait",
    ),
    SEVERAL: Cause(
        gettext_lazy("Adds up in several ways"),
        gettext_lazy("%(sets)s sets of invoices add up to it exactly, so none was chosen."),
        gettext_lazy("Choose the right one on the clearing page."),
        CLEAR,
    ),
    NOT_POSTED: Cause(
        gettext_lazy("Not posted yet"),
        gettext_lazy("%(why)s"),
        gettext_lazy("%(step)s"),
        EDIT,
    ),
    NO_VENDOR: Cause(
        gettext_lazy("Vendor missing"),
        gettext_lazy("Nobody has said yet of which vendor it is."),
        gettext_lazy("Choose the vendor."),
        EDIT,
    ),
    INCOMPLETE: Cause(
        gettext_lazy("Something is missing"),
        gettext_lazy("%(why)s"),
        gettext_lazy("Complete it in Light."),
        LIGHT,
    ),
    UNKNOWN_STATUS: Cause(
        gettext_lazy("Status not known here"),
        gettext_lazy("Light gives it the status “%(status)s”, which is not known here."),
        gettext_lazy("See in Light what it waits for."),
        LIGHT,
    ),
    UNREAD: Cause(
        gettext_lazy("Being read"),
        gettext_lazy("What is left of it is not known yet: its clearings are being read."),
        gettext_lazy("Nothing to do: it is read within minutes."),
    ),
    IN_REVIEW: Cause(
        gettext_lazy("In review"),
        gettext_lazy("An open proposal holds all that is left of it."),
        gettext_lazy("Nothing to do until that is decided."),
        NOTE,
    ),
}  # fmt: skip
USABLE = Cause(
    gettext_lazy("Can be used now"),
    gettext_lazy("Open invoices fit: %(suggested)s of it can be used now."),
    gettext_lazy("Look at the suggestion."),
    CLEAR,
)
LINKS = {INVOICE: gettext_lazy("See the invoice"), LIGHT: gettext_lazy("Open in Light")}
DRAFTS = {
    "DRAFT": gettext_lazy("It is a draft."),
    "APPROVAL_PENDING": gettext_lazy("It waits for approval in Light."),
    "APPROVED": gettext_lazy("It is approved and waits to be posted in Light."),
}
STEPS_OF_DRAFTS = {
    "DRAFT": gettext_lazy("Complete it and post it."),
    "APPROVAL_PENDING": gettext_lazy("Ask who approves in Light to approve it."),
    "APPROVED": gettext_lazy("Post it in Light."),
}
MISSING = {
    "no_entity": gettext_lazy("Its company entity is missing."),
    "no_currency": gettext_lazy("Its currency is missing."),
    "no_amount": gettext_lazy("Its amount is missing."),
}
STUCK = {code: cause.label for code, cause in CAUSES.items() if code != IN_REVIEW}


def label(code: str) -> Words:
    """The short words of a cause; of none: that it can be used now."""
    if not code:
        return USABLE.label
    return CAUSES[code].label if code in CAUSES else code


def proposed(code: str) -> str:
    """The decision that a cause proposes, a Decision.Kind."""
    return CAUSES.get(code, USABLE).decision


def told(
    code: str,
    details: Mapping[str, Any],
    *,
    currency: str,
    locale: str,
    entities: Mapping[str, str],
    suggested: int = 0,
) -> Told:
    """A cause (none: it can be used now) in the reader's number format; entities: names by id.

    The details are those that services.diagnosing has stored; amounts in the smallest unit of
    `currency`, or of the details' own.
    """
    cause = CAUSES.get(code, USABLE)
    values = _values(details, currency, locale, entities)
    values["suggested"] = money.text(suggested, currency, locale)
    place = LIGHT if cause.place == EDIT and details.get("status") != "DRAFT" else cause.place
    return Told(
        str(cause.label), str(cause.sentence) % values, str(cause.step) % values, place,
        cause.decision, str(LINKS.get(place, "")),
    )  # fmt: skip


def _values(
    details: Mapping[str, Any], currency: str, locale: str, entities: Mapping[str, str]
) -> dict[str, str]:
    its = str(details.get("currency") or currency)
    status = str(details.get("status") or "–")
    entity = str(details.get("entity", ""))
    return {
        "currency": currency,
        "open": _most(details, money.text(details.get("open"), its, locale)),
        "largest": money.text(details.get("largest"), its, locale),
        "entity": entities.get(entity) or _("another company entity"),
        "number": str(details.get("number") or _("one without a number")),
        "paid": _paid(str(details.get("paid_on") or "")),
        "sets": str(details.get("sets", 0)),
        "status": status,
        "why": _why(details, status),
        "step": str(STEPS_OF_DRAFTS.get(status, "")),
    }


def _most(details: Mapping[str, Any], amount: str) -> str:
    """An amount of which some was not read yet is told as the most that it can be."""
    return _("at most %(amount)s") % {"amount": amount} if details.get("most") else amount


def _paid(iso: str) -> str:
    if not iso:
        return _("which is paid already")
    return _("paid on %(day)s") % {"day": labels.day(date.fromisoformat(iso))}


def _why(details: Mapping[str, Any], status: str) -> str:
    """What holds an invoice, or what a credit note lacks."""
    if details.get("posted"):
        return str(usable.POSTED_NEVER)
    if "state" in details:
        state = str(details["state"])
        unread = _("Its open amount is not known yet.")
        unknown = _("Light gives it the state “%(state)s”, which is not known here.")
        if state in usable.USABLE | usable.USABLE_WITH_WARNING:
            return unread
        return str(usable.NEVER.get(state, unknown % {"state": state or "–"}))
    if "lacks" in details:
        other = _("Its amount is not one that can be cleared.")
        return str(MISSING.get(str(details["lacks"]), other))
    return str(DRAFTS.get(status, ""))
