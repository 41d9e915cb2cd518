"""What an approver looks at first: the exceptions among lines that wait, each with its sentence.

A line without one is nothing unusual: it may be approved together with others like it.
"""

from collections.abc import Callable, Iterable
from datetime import date, timedelta
from typing import NamedTuple

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from clearing import labels, matching, months, questions, roles, twins, usable
from clearing.models import Instruction
from clearing.queries import cut_off, documents
from clearing.queries.line_books import Books
from clearing.queries.line_facts import Facts
from clearing.roles import User
from clearing.workflow import name_of

Kind = Instruction.Kind
SOON = 3  # working days
MANY = 5  # other documents of a vendor, from which its usual company entity can be told
RARE = 10  # percent of them


class Unusual(NamedTuple):
    """One exception of a line: a stable code, and a sentence for the approver."""

    code: str
    words: str


def of_lines(
    lines: Iterable[Instruction], *, by: User, locale: str, facts: Facts | None = None
) -> dict[int, tuple[Unusual, ...]]:
    """The exceptions of those of these lines that wait, by line, the heaviest first.

    by: who is to approve. facts: of these lines, where a page has read them already.
    """
    waiting = [line for line in lines if line.state == Instruction.State.PROPOSED]
    if not waiting:
        return {}
    facts = facts or Facts.of(waiting, Books.of(waiting), by, locale)
    found = {}
    for line in waiting:
        said = [Unusual(code, words) for code, rule in RULES if (words := rule(line, facts))]
        if said:
            found[line.pk] = tuple(said)
    return found


def _takes(line: Instruction) -> bool:
    """Whether it takes more of both documents than is linked already."""
    if line.kind == Kind.AMEND:
        return (line.amount or 0) > (line.previous_amount or 0)
    return line.kind == Kind.LINK


def _chosen(line: Instruction) -> bool:
    """Whether it links two documents that the engine might have suggested; a move's step cannot."""
    return line.kind == Kind.LINK and not line.after_id and not line.trial


def _trial(line: Instruction, facts: Facts) -> str:
    """A trial shows how Light behaves; nothing else vouches for the pair but who proposed it."""
    if not line.trial:
        return ""
    asked = questions.QUESTIONS.get(line.trial)
    return _("%(who)s tries out with this line: %(question)s") % {
        "who": name_of(line.asked_by), "question": asked.ask if asked else line.trial
    }  # fmt: skip


def _limit(line: Instruction, facts: Facts) -> str:
    if roles.why_not(facts.by, roles.DECIDES[line.kind]):
        return ""  # not theirs to approve, whatever the amount
    return roles.over_limit(facts.by, line)


def _twin(line: Instruction, facts: Facts) -> str:
    name = facts.twins.get(line.credit_note_id, "")
    about = _takes(line) or line.kind == Kind.POST
    return twins.sentence(name) if name and about else ""


def _payment(line: Instruction, facts: Facts) -> str:
    invoice = facts.invoice(line)
    if invoice is None or not _takes(line):
        return ""
    day, by_light = documents.pays_on(invoice)
    shown = labels.day(day) if day else ""
    if invoice.state in usable.USABLE_WITH_WARNING:
        return usable.payment_warning(invoice, shown if by_light else "")
    if day is None or day > soon(facts.today):
        return ""
    if by_light:
        return _("Pays on %(day)s: there is little time to lower the payment.") % {"day": shown}
    if day < facts.today:
        return ""  # nobody knows when it is paid
    return _("Due on %(day)s, and Light names no day of payment.") % {"day": shown}


def soon(today: date) -> date:
    """The last day within SOON working days."""
    day, left = today, SOON
    while left:
        day += timedelta(days=1)
        left -= day.weekday() < 5
    return day


def _edited(line: Instruction, facts: Facts) -> str:
    if line.credit_note_id not in facts.worked[line.asked_by_id]:
        return ""
    return _("%(who)s, who proposed this, has edited or posted %(note)s here.") % {
        "who": name_of(line.asked_by),
        "note": facts.note(line),
    }


def _closed(line: Instruction, facts: Facts) -> str:
    """Where something would still be posted, or reversed, in a month that is closed or filed.

    What is posted already stays where it is: linking it posts nothing into its month.
    """
    note = facts.note(line)
    row = facts.months.get(note.entity_id) if note and note.entity_id else None
    if note is None or row is None:
        return ""
    if _takes(line):
        return cut_off.booking(facts.invoice(line), facts.months)
    if line.kind == Kind.POST:
        return cut_off.still_booked(note, months.posting_day(note, timezone.now()), row)
    said = []
    if line.kind == Kind.REVERSE and line.clearing_id:
        said.append(cut_off.reversing(facts.cleared.get(line.clearing_id), row))
    if line.kind == Kind.ARCHIVE or line.archives:  # an undoing may cancel the note, too
        said.append(cut_off.reversing(note.posting_date, row))
    return " ".join(dict.fromkeys(filter(None, said)))


def _tax(line: Instruction, facts: Facts) -> str:
    invoice, of_note = facts.invoice(line), facts.taxed.get(line.credit_note_id)
    of_invoice = invoice.has_tax if invoice else None
    if not _takes(line) or None in (of_note, of_invoice) or of_note == of_invoice:
        return ""
    if of_note:
        return _("The credit note carries tax, the invoice does not.")
    return _("The invoice carries tax, the credit note does not.")


def _entity(line: Instruction, facts: Facts) -> str:
    note = facts.note(line)
    if note is None or not (note.vendor_id and note.entity_id) or not _chosen(line):
        return ""
    others = facts.documents[note.vendor_id, None] - 2  # but these two
    here = facts.documents[note.vendor_id, note.entity_id] - 2
    if others < MANY or here * 100 >= others * RARE:
        return ""
    return ngettext(
        "%(n)d of %(all)d other documents of %(vendor)s is with %(entity)s.",
        "%(n)d of %(all)d other documents of %(vendor)s are with %(entity)s.",
        here,
    ) % {
        "n": here, "all": others, "vendor": note.vendor_name or _("this vendor"),
        "entity": facts.entities.get(note.entity_id) or _("this company entity"),
    }  # fmt: skip


def _changed(line: Instruction, facts: Facts) -> str:
    suggested = line.suggestion.get("amount")
    if not _chosen(line) or suggested in (None, line.amount):
        return ""
    return _("%(who)s changed the amount: %(amount)s was suggested.") % {
        "who": name_of(line.asked_by), "amount": facts.text(suggested, line.currency),
    }  # fmt: skip


def _weak(line: Instruction, facts: Facts) -> str:
    if not _chosen(line):
        return ""
    if not line.suggestion:
        return _("Nothing suggested these two; %(who)s chose them.") % {
            "who": name_of(line.asked_by)
        }
    if line.suggestion.get("strength", 0) <= matching.POSSIBLE:
        return _("The match is only possible.")
    return ""


def _rest(line: Instruction, facts: Facts) -> str:
    """Balances count this line and all other open ones already."""
    small = max(
        one.get(line.currency, 0) for one in (settings.SMALL_REST, settings.MATCH_TOLERANCE)
    )
    if not small or not _takes(line):
        return ""
    sentences = (
        (line.invoice_payable_id, facts.invoice(line), _("Leaves %(rest)s open on %(document)s.")),
        (line.credit_note_id, facts.note(line), _("Leaves %(rest)s of %(document)s unused.")),
    )
    said = []
    for key, document, sentence in sentences:
        row = facts.books.balances.get(key) if key else None
        if row and row.available and 0 < row.available <= small:
            rest = facts.text(row.available, line.currency)
            said.append(sentence % {"rest": rest, "document": document})
    return " ".join(said)


Rule = Callable[[Instruction, Facts], str]
RULES: tuple[tuple[str, Rule], ...] = (  # the heaviest first
    ("trial", _trial),
    ("limit", _limit),
    ("twin", _twin),
    ("payment", _payment),
    ("edited", _edited),
    ("closed", _closed),
    ("tax", _tax),
    ("entity", _entity),
    ("changed", _changed),
    ("weak", _weak),
    ("rest", _rest),
)
WEIGHT = {code: place for place, (code, _rule) in enumerate(RULES)}
