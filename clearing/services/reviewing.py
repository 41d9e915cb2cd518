"""A second person decides, line by line; a line that no longer fits falls with its reason.

A line with a step before it, or after it, is decided together with that step.
"""

from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType

from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext as _

from clearing import balances, reasons, roles, workflow
from clearing.models import Instruction, Link
from clearing.roles import NotAllowed, User
from clearing.services.judging import Copy, misfit, misfits, not_known, seen_beside
from clearing.workflow import STEPS, Conflict

__all__ = [
    "Results", "approve", "approve_lines", "chain_of", "deal", "misfits", "reject",
    "reject_lines", "settle", "take_back",
]  # fmt: skip
Kind = Instruction.Kind
Results = list[tuple[Instruction, str]]  # each line, and why it was not decided; empty: it was
NOTHING: Mapping[int, str] = MappingProxyType({})


def chain_of(line: Instruction) -> list[Instruction]:
    """The steps that are decided as one, in their order; a line by itself is one."""
    first = line.after or line
    rest = first.followers.select_related("proposal", "after").order_by("position", "pk")
    steps = [first, *rest]
    return [line if one.pk == line.pk else one for one in steps]


def approve(line: Instruction, *, seen_hash: str, by: User) -> None:
    """Approve what the approver saw. Raises NotAllowed, or Conflict where it changed or fell."""
    chain = chain_of(line)
    for one in chain:
        workflow.check_step(one, "approve", by)
    if seen_hash != line.content_hash:
        raise Conflict(_("This line has changed since you opened the page. Look at it again."))
    with transaction.atomic():
        _hold(chain)
        copy = Copy.of(chain)
        sentence = _let_fall(chain, copy) or _approve(chain, copy, by)
    if sentence:  # the fall is committed; only then it is told
        raise Conflict(_("It no longer fits: %(why)s") % {"why": sentence})


def _hold(chain: list[Instruction]) -> None:
    """Lock the balances of all documents of these steps, in everybody's order."""
    documents = {one.credit_note_id for one in chain} | {one.invoice_payable_id for one in chain}
    balances.lock(one for one in documents if one)


def _let_fall(chain: list[Instruction], copy: Copy) -> str:
    """Where one step no longer fits, all of them fall; the sentence why, empty where all fit."""
    now = workflow.now()
    found = {one.pk: misfit(one, copy) for one in chain}
    sentence = next(filter(None, found.values()), "")
    if not sentence:
        return ""
    for one in reversed(chain):  # the last first: a step that falls takes those after it along
        words = found[one.pk] or _("The other step no longer fits: %(why)s") % {"why": sentence}
        workflow.advance(one, "fall", now=now, outcome=words)
    return sentence


def _approve(chain: list[Instruction], copy: Copy, by: User) -> str:
    """Approve each step with what stood beside it. Raises Conflict where that is not known."""
    now = workflow.now()
    if unknown := next(filter(None, (not_known(one, copy) for one in chain)), ""):
        raise Conflict(unknown)
    for one in chain:
        seen = seen_beside(one, copy)
        workflow.advance(
            one, "approve", now=now, by=by, details=seen,
            approved_by=by, approved_at=now, approved_content=one.content | {"seen": seen},
        )  # fmt: skip
    return ""


def approve_lines(
    lines: Iterable[Instruction],
    *,
    seen: Mapping[int, str],
    apart: Mapping[int, str] = NOTHING,
    by: User,
) -> Results:
    """Approve each line by itself; with each the sentence why not, empty where it worked.

    apart: why a line is not approved together with others, by its id.
    """
    return _each(lines, lambda line: approve(line, seen_hash=seen.get(line.pk, ""), by=by), apart)


def reject_lines(
    lines: Iterable[Instruction], *, reason_code: str, reason: str, by: User
) -> Results:
    """Reject each line by itself, all for one reason; with each the sentence why not.

    Raises ValueError (the reason).
    """
    reasons.check_reason("reject", reason_code, reason)
    return _each(
        lines, lambda line: reject(line, reason_code=reason_code, reason=reason, by=by), NOTHING
    )


def _each(
    lines: Iterable[Instruction], step: Callable[[Instruction], None], apart: Mapping[int, str]
) -> Results:
    """Decide line by line; what is decided as one has one result, at each of its lines."""
    told: dict[int, str] = {}  # by the first step
    results = []
    for line in lines:
        first = line.after_id or line.pk
        if first not in told:
            told[first] = apart.get(line.pk, "") or _why_not(line, step)
        results.append((line, told[first]))
    return results


def _why_not(line: Instruction, step: Callable[[Instruction], None]) -> str:
    try:
        step(line)
    except (Conflict, NotAllowed) as problem:
        return str(problem)
    return ""


def reject(line: Instruction, *, reason_code: str, reason: str, by: User) -> None:
    """Reject a line with a reason. Raises NotAllowed, Conflict, ValueError (the reason)."""
    reasons.check_reason("reject", reason_code, reason)
    chain = chain_of(line)
    for one in chain:
        workflow.check_step(one, "reject", by)
    now = workflow.now()
    with transaction.atomic():
        _hold(chain)
        for one in reversed(chain):  # a step that ends takes those after it along
            workflow.advance(
                one, "reject", now=now, by=by, reason_code=reason_code, reason=reason,
                rejected_code=reason_code, rejected_reason=reason,
            )  # fmt: skip


def take_back(line: Instruction, *, by: User) -> None:
    """The proposer takes a line back, as long as it was not sent.

    Where the first step was sent already, what comes after it can still be taken back.
    """
    workflow.check_step(line, "take_back", by)
    can_still = STEPS["take_back"].before
    now = workflow.now()
    chain = chain_of(line)
    with transaction.atomic():
        _hold(chain)
        for one in reversed(chain):
            if one.pk == line.pk or one.state in can_still:
                workflow.advance(one, "take_back", now=now, by=by)


def settle(line: Instruction, *, decision: str, by: User) -> None:
    """A person says what became of a line; the worker verifies it in Light at once.

    `decision` is an Instruction.Decision. Raises NotAllowed, Conflict, ValueError.
    """
    roles.check_may(by, "settle")
    if decision not in Instruction.Decision.values:
        raise ValueError(_("Choose one of the decisions."))
    now = workflow.now()
    undecided = Instruction.objects.filter(
        pk=line.pk, state=Instruction.State.NEEDS_PERSON, decision=""
    )
    with transaction.atomic():
        changed = undecided.update(
            decision=decision, dealt_by=by, dealt_at=None, not_before=now, absent_looks=0,
            changed_at=now,
        )  # fmt: skip
        line.refresh_from_db()
        if changed != 1:
            raise Conflict(_decided_already(line))
        workflow.record("decided", line, by=by, now=now, was=line.state, reason_code=decision)


def _decided_already(line: Instruction) -> str:
    if line.state != Instruction.State.NEEDS_PERSON:
        return _("Somebody was faster: this line has changed. Reload the page.")
    return _("%(who)s was faster and said “%(what)s”. It is being checked in Light.") % {
        "who": workflow.name_of(line.dealt_by), "what": line.get_decision_display(),
    }  # fmt: skip


DEALT = ("refused", "not_applied", "fallen")


def deal(line: Instruction, *, by: User) -> None:
    """Take a line off the list of exceptions: it ended without success, or its link did."""
    roles.check_may(by, "deal")
    now = workflow.now()
    not_honoured = Link.objects.filter(
        credit_note_id=OuterRef("credit_note_id"),
        invoice_payable_id=OuterRef("invoice_payable_id"),
        fate=Link.Fate.NOT_HONOURED,
    )
    ended = Q(state__in=DEALT) | (Q(state="done", kind=Kind.LINK) & Q(Exists(not_honoured)))
    with transaction.atomic():
        changed = Instruction.objects.filter(ended, pk=line.pk, dealt_at=None).update(
            dealt_at=now, dealt_by=by
        )
        if changed != 1:
            raise Conflict(_("There is nothing left to deal with: somebody was faster."))
        line.refresh_from_db()
        workflow.record("dealt with", line, by=by, now=now, was=line.state)
