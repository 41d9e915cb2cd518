"""What was done here about one pair: asked, approved with what was seen, sent, answered."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from clearing import explaining, labels, money, reasons, workflow
from clearing.models import Instruction
from clearing.queries import story
from clearing.workflow import name_of

Kind, S = Instruction.Kind, Instruction.State


@dataclass(frozen=True)
class Step:
    """One step of a timeline; `facts`: what stands beside it, in words."""

    at: datetime
    title: str
    who: str = ""
    facts: list[tuple[str, str]] = field(default_factory=list)


def lines_of(note_id: UUID, invoice_id: UUID | None) -> QuerySet[Instruction]:
    """Every line about the pair, and those that cancel the credit note."""
    about = Q(kind=Kind.ARCHIVE)
    if invoice_id:
        about |= Q(invoice_payable_id=invoice_id)
    found = Instruction.objects.filter(about, credit_note_id=note_id)
    people = found.select_related("asked_by", "approved_by", "dealt_by", "proposal")
    return people.prefetch_related("attempts").order_by("pk")


def steps(lines: Iterable[Instruction], locale: str) -> list[Step]:
    """All steps of these lines, not yet in their order."""
    found: list[Step] = []
    for line in lines:
        found.append(_asked(line, locale))
        if line.approved_by or line.exempt_rule:
            found.append(_approved(line, locale))
        for attempt in line.attempts.all():
            for one in story.of_attempt(attempt):
                facts = [(_("Request"), one.ids)] if one.ids else []
                found.append(Step(one.at, f"{_name(line)}: {one.words}", one.who, facts))
        found += _ended(line)
    return found


def _name(line: Instruction) -> str:
    return f"{line.get_kind_display()} ({_('line %(n)d') % {'n': line.pk}})"


def _asked(line: Instruction, locale: str) -> Step:
    facts = [
        (_("Proposal"), str(line.proposal_id)),
        (_("Amount"), money.text(line.amount, line.currency, locale)),
        (_("Reason"), _reason(line)),
        (_("Note to the approver"), line.proposal.note),
        (_("Suggested"), _suggestion(line, locale)),
        (_("SHA-256 of what was asked"), line.content_hash),
    ]
    return Step(
        line.asked_at, _("Proposed: %(what)s") % {"what": _name(line)}, name_of(line.asked_by),
        _said(facts),
    )  # fmt: skip


def _approved(line: Instruction, locale: str) -> Step:
    what = {"what": _name(line)}
    if line.approved_by is None:
        rule = dict(Instruction.Exempt.choices).get(line.exempt_rule, line.exempt_rule)
        facts = [(_("Rule"), str(rule)), *_in_view(line.content, line, locale)]
        title = _("No second person was needed: %(what)s") % what
        return Step(line.asked_at, title, "", _said(facts))
    content = line.approved_content or {}
    asked = {key: value for key, value in content.items() if key != "seen"}
    same = workflow.content_hash(asked) == line.content_hash
    facts = [*_in_view(content, line, locale)]
    facts.append((_("Same as what was asked"), _("yes, by its SHA-256") if same else _("NO")))
    at = line.approved_at or line.asked_at
    return Step(at, _("Approved: %(what)s") % what, name_of(line.approved_by), _said(facts))


def _in_view(content: dict[str, Any], line: Instruction, locale: str) -> list[tuple[str, str]]:
    """What stood before whoever let it go: amounts of both documents, states, balances."""
    currency = str(content.get("currency") or line.currency)

    def amount(value: Any) -> str:
        return money.text(value, currency, locale) if isinstance(value, int) else ""

    found = content.get("seen")
    seen: dict[str, Any] = found if isinstance(found, dict) else {}
    status, state = seen.get("credit_note_status"), seen.get("invoice_state")
    of_note = str(labels.credit_note(status).word) if status else ""
    of_invoice = str(labels.invoice(state).word) if state else ""
    pays = parse_datetime(str(seen.get("pays_at") or "")) if seen.get("pays_at") else None
    return [
        (_("Seen: amount of the line"), amount(content.get("amount"))),
        (_("Seen: amount before"), amount(content.get("previous_amount"))),
        (_("Seen: credit note"), amount(content.get("credit_note_amount"))),
        (_("Seen: invoice"), amount(content.get("invoice_amount"))),
        (_("Seen: status of the credit note"), of_note),
        (_("Seen: state of the invoice"), of_invoice),
        (_("Seen: free to use"), amount(seen.get("free_to_use"))),
        (_("Seen: open on the invoice"), amount(seen.get("open_amount"))),
        (_("Seen: invoice pays on"), labels.day(pays.date()) if pays else ""),
        (_("Seen: cancels the credit note, too"), _("yes") if content.get("archives") else ""),
    ]  # fmt: skip


def _ended(line: Instruction) -> list[Step]:
    """How it ended, where no attempt tells it; and who has dealt with it."""
    found = []
    outcome = _said([(_("Outcome"), line.outcome)])
    if line.state == S.DONE and line.done_at:
        read = [(_("A reading of Light shows it since"), _moment(line.shown_at))]
        title = _("In Light: %(what)s") % {"what": _name(line)}
        found.append(Step(line.done_at, title, "", outcome + _said(read)))
    elif line.state not in {S.PROPOSED, S.READY, S.SENDING}:
        why = [(_("Why"), reasons.label(line.rejected_code) if line.rejected_code else ""),
               (_("Words"), line.rejected_reason)]  # fmt: skip
        title = f"{line.get_state_display()}: {_name(line)}"
        found.append(Step(line.changed_at, title, "", outcome + _said(why)))
    if line.dealt_at and line.dealt_by:
        title = _("Dealt with: %(what)s") % {"what": _name(line)}
        found.append(Step(line.dealt_at, title, name_of(line.dealt_by)))
    return found


def _reason(line: Instruction) -> str:
    code = reasons.label(line.reason_code) if line.reason_code else ""
    return " – ".join(part for part in (str(code), line.reason) if part)


def _suggestion(line: Instruction, locale: str) -> str:
    """What the engine said of this pair, with how sure it was."""
    if not line.suggestion:
        return ""
    cited = explaining.cited([line.credit_note_id]).get(line.credit_note_id, {})
    sentence = explaining.sentence(
        line.suggestion, currency=line.currency, locale=locale, cited=cited
    )
    strength = line.suggestion.get("strength", 0)
    return f"{explaining.strength(strength).word}. {sentence}".strip()


def _moment(at: datetime | None) -> str:
    return labels.moment(at) if at else ""


def _said(facts: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """Those that say something."""
    return [(words, value) for words, value in facts if value and value != "–"]
