"""Who may what: the table of roles, and the sentence for everybody else."""

from collections.abc import Collection, Iterable
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clearing import money
from clearing.models import CreditNote, Edit, Instruction, number_format

User = Any  # a person of the project's user model, or AnonymousUser
COPY_BEHIND = timedelta(minutes=5)  # a read that began so much earlier may have seen a new draft


class NotAllowed(Exception):
    """A person may not do this; the message is a sentence for the screen."""


RIGHTS: dict[str, frozenset[str]] = {
    "viewer": frozenset({"see"}),
    "preparer": frozenset({"see", "propose", "edit", "decide", "sync", "deal"}),
    "approver": frozenset(
        {"see", "review", "approve", "post", "archive", "undo", "decide", "settle", "sync", "deal",
         "sign"}
    ),
    "controller": frozenset(
        {"see", "review", "post", "post_closed", "archive", "undo", "decide", "months", "settle",
         "sync", "deal", "answer", "tie", "sign"}
    ),
}  # fmt: skip
NEITHER = gettext_lazy("Only an approver or a controller can do this.")
SOMEBODY = gettext_lazy("Only a preparer, an approver or a controller can do this.")
WHO_MAY = {
    "see": gettext_lazy("You have no role yet. Ask an administrator for one."),
    "propose": gettext_lazy("Only a preparer can do this."),
    "edit": gettext_lazy("Only a preparer can change a draft."),
    "review": NEITHER,
    "approve": gettext_lazy("Only an approver can do this."),
    "post": gettext_lazy("Only an approver or a controller can post a credit note."),
    "post_closed": gettext_lazy("Its month is closed or its VAT is filed: only a controller can."),
    "archive": gettext_lazy("Only an approver or a controller can cancel a credit note."),
    "undo": gettext_lazy("Only an approver or a controller can undo a clearing."),
    "months": gettext_lazy("Only a controller can close a month."),
    "answer": gettext_lazy("Only a controller can say how your Light behaves, or try it out."),
    "tie": gettext_lazy("Only a controller can do this at month end."),
    "sign": gettext_lazy("Only an approver or a controller can sign a month."),
    "decide": SOMEBODY,
    "settle": NEITHER,
    "sync": SOMEBODY,
    "deal": SOMEBODY,
}
# The right to decide about a line of this kind, also alone where a rule lets one person decide.
DECIDES = {
    "link": "approve",
    "amend": "approve",
    "unlink": "approve",
    "archive": "archive",
    "reverse": "undo",
    "post": "post",
}


def rights(user: User) -> frozenset[str]:
    """What this person's groups allow; a superuser has no financial right by being one."""
    if not user.is_authenticated:
        return frozenset()
    if not hasattr(user, "_clearing_rights"):
        groups = user.groups.values_list("name", flat=True)
        user._clearing_rights = frozenset().union(
            *(RIGHTS.get(name, frozenset()) | _extra(name) for name in groups)
        )
    return user._clearing_rights


def _extra(role: str) -> frozenset[str]:
    """What the house allows a role beyond the table; unknown words allow nothing."""
    return frozenset(settings.EXTRA_RIGHTS.get(role, ())) & WHO_MAY.keys()


def why_not(user: User, right: str) -> str:
    """The sentence for a person without this right; empty where they have it."""
    return "" if right in rights(user) else str(WHO_MAY[right])


def check_may(user: User, right: str) -> None:
    """Raise NotAllowed with a sentence unless this person has the right."""
    if sentence := why_not(user, right):
        raise NotAllowed(sentence)


def why_not_ask(user: User, kind: str) -> str:
    """Why this person cannot ask for an instruction of this kind; empty where they can.

    A preparer asks for anything; whoever may decide about what touches the ledger may ask too.
    """
    if "propose" in rights(user) or (DECIDES[kind] != "approve" and DECIDES[kind] in rights(user)):
        return ""
    return str(WHO_MAY["propose"] if DECIDES[kind] == "approve" else WHO_MAY[DECIDES[kind]])


def check_may_ask(user: User, kind: str) -> None:
    """Raise NotAllowed with a sentence unless this person can ask for this kind."""
    if sentence := why_not_ask(user, kind):
        raise NotAllowed(sentence)


def worked_on(user: User, notes: Iterable[UUID]) -> set[UUID]:
    """Those of these credit notes that this person has edited or posted here (one query).

    One that they may have created counts while that is not known (two queries more).
    """
    return who_worked([user.pk], notes)[user.pk]


def who_worked(people: Collection[int], notes: Iterable[UUID]) -> dict[int, set[UUID]]:
    """By person, what `worked_on` says of each; one query, whatever their number."""
    notes = list(notes)
    edited = Edit.objects.filter(
        Q(credit_note_id__in=notes) | Q(credit_note_id=None), asked_by__in=people
    ).exclude(state__in=[Edit.State.REFUSED, Edit.State.NOT_APPLIED])
    posted = Instruction.objects.filter(
        kind=Instruction.Kind.POST, credit_note_id__in=notes, state__in=Instruction.APPROVED
    ).exclude(state__in=[Instruction.State.REFUSED, Instruction.State.NOT_APPLIED])
    posted = posted.order_by()  # a part of a union has no order
    rows = (
        edited.order_by()
        .values_list("asked_by", "credit_note_id")
        .union(
            posted.filter(asked_by__in=people).values_list("asked_by", "credit_note_id"),
            posted.filter(approved_by__in=people).values_list("approved_by", "credit_note_id"),
        )
    )
    found: dict[int, set[UUID]] = {one: set() for one in people}
    for person, note in rows:
        if note is None:
            unclear = edited.filter(credit_note_id=None, asked_by=person)
            found[person] |= _may_have_created(unclear, notes)
        else:
            found[person].add(note)
    return found


def _may_have_created(creations: Iterable[Edit], notes: list[UUID]) -> set[UUID]:
    """Those of these notes that one of these unclear edits may have created."""
    found = set()
    for edit in creations:
        new = CreditNote.objects.filter(
            id__in=notes,
            vendor_id=edit.before.get("vendor") or None,
            first_seen_at__gte=edit.sent_at - COPY_BEHIND,
        ).values_list("id", flat=True)
        found |= {id for id in new if str(id) not in edit.before.get("drafts", {})}
    return found


def limit_of(user: User, currency: str) -> int | None:
    """The largest line this person approves, in the smallest unit; None where there is no limit.

    What the house says of everybody ("*") counts where it does not name the person.
    """
    limits = settings.APPROVAL_LIMITS
    own = limits.get(user.get_username(), {})
    found: int | None = own.get(currency, limits.get("*", {}).get(currency))
    return found


def over_limit(user: User, line: Instruction) -> str:
    """The sentence for a line above this person's limit; empty where it is not."""
    limit = limit_of(user, line.currency)
    if limit is None or (line.amount or 0) <= limit:
        return ""
    return _(
        "It is above your limit of %(limit)s. Somebody with a higher limit has to approve."
    ) % {"limit": money.text(limit, line.currency, number_format(user))}


def why_not_decide(user: User, line: Instruction, *, worked: Collection[UUID] | None = None) -> str:
    """Why this person cannot approve this line; empty where they can.

    worked: the notes they have worked on, where the caller has asked for many lines at once.
    """
    if line.asked_by_id == user.pk:
        return _("You proposed this line yourself. A second person has to approve it.")
    needed = [DECIDES[line.kind]]
    needed += ["post_closed"] if line.into_closed else []
    needed += ["archive"] if line.archives else []
    if sentence := next(filter(None, (why_not(user, right) for right in needed)), ""):
        return sentence
    if sentence := over_limit(user, line):
        return sentence
    if settings.EDITOR_CANNOT_APPROVE:
        if worked is None:
            worked = worked_on(user, [line.credit_note_id])
        if line.credit_note_id in worked:
            return _(
                "You have edited or posted this credit note yourself. Somebody else has to approve "
                "what is done with it."
            )
    return ""
