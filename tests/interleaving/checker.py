"""What is wrong after a schedule, told by Light's side and by what people approved.

It reads the writes as they left, the sandbox's books, and the approvals; of our own rows only
what they claim: their state, and the trail.
"""

from collections import Counter
from collections.abc import Iterator

from clearing import balances
from clearing.models import AuditEvent, Balance, Edit, Instruction
from tests.interleaving.house import House
from tests.interleaving.light import Fact
from tests.interleaving.witness import Sent

SAYS_NO = {"not_applied", "refused", "fallen", "rejected", "taken_back"}


def problems(house: House) -> list[str]:
    """Each as a sentence."""
    lines = list(Instruction.objects.order_by("pk"))
    sent = house.light.sent
    found = [f"{one.method} {one.path}: {words}" for one in sent for words in one.problems]
    found += _more_than_approved(house, lines)
    for line in lines:
        of_line = [one for one in sent if one.line == line.pk]
        said = [*_of_line(house, line, of_line), *_trail(line)]
        found += [f"line {line.pk} ({line.kind}): {words}" for words in said]
    for edit in Edit.objects.all():
        of_edit = [one for one in sent if one.edit == edit.pk]
        found += [f"edit {edit.pk} ({edit.kind}): {words}" for words in _of_edit(edit, of_edit)]
    return [*found, *_balances(house)]


def _more_than_approved(house: House, lines: list[Instruction]) -> Iterator[str]:
    """Light did nothing that was not approved, and nothing more often than that."""
    approved = Counter(house.asked[line.pk] for line in lines if _is_approved(house, line))
    applied = Counter(one.key for one in house.light.sent if one.applied_at and one.key)
    for key, times in applied.items():
        if times > approved[key]:
            yield f"{key} was done {times} times in Light, approved {approved[key]} times"


def _is_approved(house: House, line: Instruction) -> bool:
    """A second person approved it, or a rule let one person ask for exactly this."""
    by = AuditEvent.objects.filter(instruction_id=line.pk, verb="approved").values_list("by_id")
    if any(one != line.asked_by_id for (one,) in by):
        return True
    return line.exempt_rule == "one_person_removes" and house.asked[line.pk][0] == "unlink"


def _of_line(house: House, line: Instruction, sent: list[Sent]) -> Iterator[str]:
    applied = [one for one in sent if one.applied_at]
    if len(applied) > 1:
        yield f"Light did it {len(applied)} times"
    clear = [one.may_go_again for one in sent]
    if False in clear[:-1]:
        yield "it was sent again although nobody knew what became of it"
    waits_for = line.after and line.after.state not in ("done", *SAYS_NO)
    if line.state in ("sending", "unknown") or (line.state == "ready" and not waits_for):
        yield f"it is still {line.state}: {line.outcome}"
    if line.state == "needs_person" and line.decision:
        yield "a person has decided, and nobody has looked"
    if applied and line.state in {"refused", "fallen", "rejected", "taken_back"}:
        yield f"Light did it, and it is said to be {line.state}"
    if applied and line.state == "not_applied":
        yield from _denied(house, line, applied[-1])
    if line.state == "done" and not applied and not _was_seen(house, line):
        yield "it is said to be in Light, which never showed it"
    if line.state == "done" and applied and applied[-1].applied_at > _ended(house, line):
        yield "it was said to be in Light before it was"


def _denied(house: House, line: Instruction, applied: Sent) -> Iterator[str]:
    """Done in Light, and said not to be: true only where somebody has undone it before."""
    if (applied.applied_at or 0) > _ended(house, line):
        yield "Light did it after it was given up"
    elif _result_in(line, _moments(house, line)[-1]):
        yield "Light shows it, and it is said not to be there"


def _ended(house: House, line: Instruction) -> float:
    """The second at which it came to its state."""
    return house.light.became[line.pk, line.state]


def _was_seen(house: House, line: Instruction) -> bool:
    """Whether Light's books held its result at some moment until it was called done."""
    return any(_result_in(line, facts) for facts in _moments(house, line))


def _moments(house: House, line: Instruction) -> list[frozenset[Fact]]:
    """What Light's books held, one after the other, until this line ended."""
    ended = _ended(house, line)
    return [facts for at, facts in house.light.moments if at <= ended]


def _result_in(line: Instruction, facts: frozenset[Fact]) -> bool:
    pair = (str(line.credit_note_id), str(line.invoice_payable_id))
    if line.kind in ("link", "amend"):
        return ("link", *pair, line.amount) in facts or ("cleared", *pair, line.amount) in facts
    if line.kind == "unlink":
        return not any(fact[:3] == ("link", *pair) for fact in facts)
    if line.kind == "archive":
        return ("note", pair[0], "ARCHIVED") in facts
    if line.kind == "post":
        return any(("note", pair[0], one) in facts for one in ("POSTED", "CLEARED",
                   "PARTIALLY_CLEARED"))  # fmt: skip
    undone = not any(fact[:3] == ("cleared", *pair) for fact in facts)
    return undone and (not line.archives or ("note", pair[0], "ARCHIVED") in facts)


def _trail(line: Instruction) -> Iterator[str]:
    """Each change of its state stands in the trail, one after the other, up to where it is."""
    events = AuditEvent.objects.filter(instruction_id=line.pk).order_by("id")
    was = ""
    for event in events.values("was", "now", "verb", "details"):
        if was and event["was"] != was:
            yield f"the trail goes from {was} to {event['was']} ({event['verb']})"
        was = event["now"]
    if was != line.state:
        yield f"the trail ends with {was}, the line is {line.state}"


def _of_edit(edit: Edit, sent: list[Sent]) -> Iterator[str]:
    applied = [one for one in sent if one.applied_at]
    if len(sent) > 1:
        yield "it was sent more than once"
    if edit.state in ("sending", "unknown"):
        yield f"it is still {edit.state}"
    if applied and edit.state in ("refused", "not_applied"):
        yield f"Light did it, and it is said to be {edit.state}"
    if edit.state == "done" and not applied:
        yield "it is said to be in Light, which never did it"


def _balances(house: House) -> Iterator[str]:
    """What is stored is what the formula says."""
    notes, invoices = [one.id for one in house.notes], [one.id for one in house.invoices]
    stored = Balance.objects.in_bulk(notes + invoices)
    for row in balances.compute(notes, invoices):
        kept = stored[row.document_id]
        if any(getattr(row, name) != getattr(kept, name) for name in balances.FIGURES):
            yield f"the balance of {row.document_id} is {kept.available}, and not {row.available}"
