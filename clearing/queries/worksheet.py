"""The sums of a clearing page: typed amounts against what is free and open, before and after.

Pure: it works on what queries.workbench has loaded. Amounts are in the smallest unit.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from uuid import UUID

from django.utils.translation import gettext as _

from clearing import fx, known, money, twins, usable
from clearing.queries.bench import Bench, Cell, Document
from clearing.queries.saying import Said


@dataclass(frozen=True)
class Line:
    """One link as typed; `amount` is None where the text is no amount.

    `filled` is the text that was suggested into its field: where it still stands there, nobody
    has touched the line. `said` is what the engine says of these two.
    """

    credit: Document
    invoice: Document
    typed: str
    amount: int | None
    error: str = ""
    filled: str = ""
    said: Said | None = None
    fx: str = ""  # what Light will book beside it

    @property
    def name(self) -> str:
        """The name and id of its amount field."""
        return f"amount-{self.credit.id}-{self.invoice.id}"

    @property
    def own(self) -> bool:
        """Whether a person has typed, changed or kept it: rebalancing leaves it as it is."""
        return self.typed != self.filled

    @property
    def changed(self) -> bool:
        """Whether its amount is another one than suggested."""
        return self.said is not None and self.own and self.amount != self.said.amount


@dataclass(frozen=True)
class Row:
    """A document in its pane: free or open before and after, and the lines that pay it."""

    document: Document
    after: int
    lines: tuple[Line, ...] = ()
    was: int | None = None  # when the draft first used it, where that has moved
    said: str = ""  # of a credit: what it cites, why it is left
    wanted: bool = False  # one came here from this document

    @property
    def before(self) -> int:
        return self.document.free or 0

    @property
    def touched(self) -> bool:
        return self.after != self.before


@dataclass(frozen=True)
class LeftOut:
    """A typed line that has no place on the page any more, and why."""

    words: str
    typed: str
    sentence: str


@dataclass(frozen=True)
class Sheet:
    """A clearing page's figures."""

    credits: list[Row]
    invoices: list[Row]
    left_out: list[LeftOut] = field(default_factory=list)
    allocated: int = 0
    links: int = 0

    @property
    def available(self) -> int:
        """What can be proposed now: not what may be a duplicate."""
        return sum(row.before for row in self.credits if not row.document.suspect)

    @property
    def remaining(self) -> int:
        return self.available - self.allocated

    @property
    def parted(self) -> tuple[list[Row], list[Row]]:
        """The invoices with lines, or that one came here from; then the others."""
        first = [row for row in self.invoices if row.lines or row.wanted]
        return first, [row for row in self.invoices if not (row.lines or row.wanted)]

    @property
    def lines(self) -> list[Line]:
        return [line for row in self.invoices for line in row.lines]

    @property
    def problems(self) -> list[Line]:
        return [line for line in self.lines if line.error]

    @property
    def kept_open(self) -> list[Row]:
        """Invoices that are paid in part and keep something open."""
        return [row for row in self.invoices if row.lines and row.after > 0]

    @property
    def left(self) -> dict[UUID, int]:
        """What each document has left."""
        return {row.document.id: row.after for row in (*self.credits, *self.invoices)}

    @property
    def posted_used(self) -> set[UUID]:
        """Credit notes that a line of this page uses on a posted invoice."""
        return {line.credit.id for line in self.lines if line.invoice.posted}


def work_out(
    bench: Bench,
    *,
    typed: Mapping[Cell, str],
    amounts: Mapping[Cell, int],
    errors: Mapping[Cell, str],
    filled: Mapping[Cell, str],
    said: Mapping[Cell, Said],
    seen: Mapping[UUID, int],
    notes: Mapping[UUID, str],
    wanted: Collection[UUID] = (),
    locale: str = "en_US",
) -> Sheet:
    """The page's rows and sums. `errors` (by pair) are those that somebody else has found.

    `filled`, `said` and `notes`: what was suggested, and the words about pairs and credits.
    """
    credits = {one.id: one for one in bench.credits}
    invoices = {one.id: one for one in bench.invoices}
    place = {one.id: n for n, one in enumerate((*bench.credits, *bench.invoices))}
    lines: dict[UUID, list[Line]] = defaultdict(list)
    used: dict[UUID, int] = defaultdict(int)
    on_page = [cell for cell in typed if cell[0] in credits and cell[1] in invoices]
    for cell in sorted(on_page, key=lambda c: (place[c[1]], place[c[0]])):
        line = Line(
            credits[cell[0]], invoices[cell[1]], typed[cell], amounts.get(cell),
            error=errors.get(cell, ""), filled=filled.get(cell, ""), said=said.get(cell),
        )  # fmt: skip
        line = replace(line, fx=_fx(bench, line, locale))
        for document_id in cell:
            used[document_id] += line.amount or 0
        lines[cell[1]].append(line)
    left_out = [_left_out(bench, cell, typed[cell]) for cell in typed.keys() - set(on_page)]
    _find_problems(bench, lines, locale)
    credit_rows, invoice_rows = (
        [
            replace(
                _row(one, used[one.id], lines[one.id], seen, one.id in wanted),
                said=notes.get(one.id, ""),
            )
            for one in documents
        ]
        for documents in (bench.credits, bench.invoices)
    )
    return Sheet(
        credits=credit_rows,
        invoices=invoice_rows,
        left_out=sorted(left_out, key=lambda one: one.words),
        allocated=sum(amounts.get(cell, 0) for cell in on_page),
        links=sum(cell in amounts for cell in on_page),
    )


def _fx(bench: Bench, line: Line, locale: str) -> str:
    """What Light will book beside this link, where both booked rates are known."""
    rates = (line.credit.rate, line.invoice.rate)
    found = fx.difference(line.amount or 0, bench.group.currency, rates, bench.local)
    if not found:
        return ""
    about = money.text(found, bench.local, locale)
    return _("Light will book an FX difference of about %(about)s.") % {"about": about}


def _row(
    document: Document, used: int, lines: list[Line], seen: Mapping[UUID, int], wanted: bool
) -> Row:
    free = document.free or 0
    before = seen.get(document.id, free)
    was = before if before != free else None
    return Row(document, free - used, tuple(lines), was=was, wanted=wanted)


def _left_out(bench: Bench, cell: Cell, typed: str) -> LeftOut:
    """Why a typed line has no place: the sentence of the document that cannot be used."""
    notes, invoices = (*bench.credits, *bench.off_credits), (*bench.invoices, *bench.off_invoices)
    note = next((one for one in notes if one.id == cell[0]), None)
    invoice = next((one for one in invoices if one.id == cell[1]), None)
    sentence = next((one.problem for one in (note, invoice) if one and one.problem), "")
    if note is None or invoice is None:
        sentence = _("It names a document that is not of this vendor, entity and currency.")
    words = " → ".join(one.number if one else "?" for one in (note, invoice))
    return LeftOut(words, typed, sentence)


def _find_problems(bench: Bench, lines: dict[UUID, list[Line]], locale: str) -> None:
    """Give each line that asks too much, or that Light would not take, its sentence."""
    sums: dict[UUID, int] = defaultdict(int)
    posted = set(bench.posted_taken)
    taken = bench.taken
    currency = bench.group.currency
    for of_invoice in lines.values():
        for n, line in enumerate(of_invoice):
            sentence = line.error
            if (line.credit.id, line.invoice.id) in taken:
                sentence = sentence or _pair_taken(bench, line)
            if line.credit.suspect:
                sentence = sentence or twins.sentence(line.credit.suspect.name)
            if line.invoice.posted and not known.answers().partly_linkable:
                if line.credit.id in posted:
                    sentence = sentence or str(usable.ONE_POSTED)
                posted.add(line.credit.id)
            for document, words in (
                (line.credit, _("Only %(available)s of %(document)s is free to use.")),
                (line.invoice, _("Only %(available)s of %(document)s is open.")),
            ):
                sums[document.id] += line.amount or 0
                if sums[document.id] > (document.free or 0) and line.amount:
                    available = money.text(document.free or 0, currency, locale)
                    sentence = sentence or words % {
                        "available": available, "document": document.number,
                    }  # fmt: skip
            of_invoice[n] = replace(line, error=sentence)


def _pair_taken(bench: Bench, line: Line) -> str:
    cell = line.credit.id, line.invoice.id
    if cell in bench.linked:
        return str(usable.LINKED)
    if cell in bench.cleared:
        return str(usable.CLEARED)
    hold = next(one for one in bench.holds if (one.note_id, one.invoice_id) == cell)
    return _("%(held)s, in proposal %(number)s.") % {
        "held": hold.words, "number": hold.proposal_id,
    }  # fmt: skip
