"""What an approver has to know beside both balances: VAT, months, who edited, what was said."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext as _

from clearing import labels, lines, money, months, roles
from clearing.models import CreditNote, CreditNoteLine, Edit, Instruction, InvoicePayable
from clearing.queries import changes, corrections, duplicates
from clearing.queries.lines import Line
from clearing.workflow import name_of

Kind = Instruction.Kind
VAT = frozenset({Kind.POST, Kind.ARCHIVE, Kind.REVERSE})  # kinds with something to say of their own


@dataclass
class Stakes:
    """What is at stake with one line that waits, in words and (of a post) in sums."""

    what: str
    name: str
    sums: list[tuple[str, str]] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    says: list[str] = field(default_factory=list)
    statements: list[duplicates.Statement] = field(default_factory=list)

    @property
    def is_empty(self) -> bool:
        return not (self.sums or self.warnings or self.says or self.statements)


def of(waiting: Iterable[Instruction], rows: Iterable[Line], locale: str) -> list[Stakes]:
    """For each line that waits and has something to say; `rows` are the same lines as shown.

    Four queries for lines about links, a few more for each that touches the ledger.
    """
    waiting, shown = list(waiting), {row.id: row for row in rows}
    if not waiting:
        return []
    ids = {line.credit_note_id for line in waiting}
    editors, said = _editors(ids), duplicates.statements(ids)
    of_ledger = {line.credit_note_id for line in waiting if line.kind in VAT}
    notes = CreditNote.objects.in_bulk(of_ledger) if of_ledger else {}
    told: set[UUID] = set()  # what is about the note stands at its first line
    found = []
    for line in waiting:
        row = shown[line.pk]
        stakes = Stakes(what=row.kind_words, name=row.name)
        if note := notes.get(line.credit_note_id):
            _of_kind(line, note, stakes, locale)
        if line.credit_note_id not in told:
            told.add(line.credit_note_id)
            stakes.says += _edited(editors.get(line.credit_note_id, []), row.note.name)
            stakes.statements = said.get(line.credit_note_id, [])
        found.append(stakes)
    return [one for one in found if not one.is_empty]


def _editors(notes: set[UUID]) -> dict[UUID, list[str]]:
    """Who has changed each of these notes here, by name."""
    edits = (
        Edit.objects.filter(credit_note_id__in=notes)
        .exclude(state__in=[Edit.State.REFUSED, Edit.State.NOT_APPLIED])
        .order_by("credit_note_id", "asked_by_id")
        .distinct()
        .select_related("asked_by")
        .only("credit_note_id", "asked_by")
    )
    found: dict[UUID, set[str]] = defaultdict(set)
    for edit in edits:
        if edit.credit_note_id:
            found[edit.credit_note_id].add(name_of(edit.asked_by))
    return {note: sorted(names) for note, names in found.items()}


def _edited(names: list[str], note: str) -> list[str]:
    if not names:
        return []
    return [_("%(note)s was edited here by %(names)s.") % {"note": note, "names": ", ".join(names)}]


def _of_kind(line: Instruction, note: CreditNote, stakes: Stakes, locale: str) -> None:
    """Add what posting, undoing or cancelling does."""
    if line.kind == Kind.POST:
        _of_post(line, note, stakes, locale)
    elif line.kind == Kind.REVERSE:
        _of_undo(line, note, stakes, locale)
    elif line.kind == Kind.ARCHIVE and note.status == "POSTED":
        stakes.says.append(_("Its posting is reversed in the ledger, so its VAT changes."))
        stakes.says += [words] if (words := changes.posted_into(note)) else []


def _of_post(line: Instruction, note: CreditNote, stakes: Stakes, locale: str) -> None:
    day = months.posting_day(note, timezone.now())
    added = lines.totals(CreditNoteLine.objects.filter(credit_note_id=note.pk))
    shown = corrections.of_post(
        note, net=added.net, tax=added.tax, gross=added.gross, locale=locale
    )
    stakes.sums = shown.sums
    stakes.says.append(
        _("Posted on %(day)s, in %(month)s. Posting changes VAT.")
        % {"day": labels.day(day), "month": months.name(day)}
    )
    if words := months.standing(note.entity_id, day).words:
        stakes.warnings.append(f"{words} {roles.WHO_MAY['post_closed']}")
    stakes.warnings += [shown.differ] if shown.differ else []


def _of_undo(line: Instruction, note: CreditNote, stakes: Stakes, locale: str) -> None:
    of_line = InvoicePayable.objects.filter(pk__in=[line.invoice_payable_id])
    invoice = of_line.first()
    cleared = corrections.cleared(note, invoice, locale) if invoice else None
    if cleared is None:
        return
    stakes.says.append(cleared.words)
    if cleared.day:
        stakes.says.append(_("It was cleared on %(day)s.") % {"day": cleared.day})
    stakes.warnings += [cleared.month] if cleared.month else []
    if line.archives:
        amount = money.text(note.amount, note.currency, locale)
        stakes.warnings.append(
            _("%(note)s is cancelled, too: its posting of %(amount)s is reversed in the ledger.")
            % {"note": note, "amount": amount}
        )
