"""What stands on a clearing page: its group, documents, holds. Amounts in the smallest unit."""

from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _

from clearing import labels
from clearing.models import Vendor
from clearing.queries.documents import since, workbench_url
from clearing.queries.suspects import Suspect

Cell = tuple[UUID, UUID]  # credit note, invoice
SHOWN = 50  # usable documents of each kind on a page


@dataclass(frozen=True)
class Group:
    """One entity and currency of a vendor: what can be used there, in the smallest unit."""

    vendor_id: UUID
    entity_id: UUID
    entity: str
    currency: str
    credit: int = 0
    credits: int = 0
    open: int = 0
    invoices: int = 0

    @property
    def clearable(self) -> int:
        return min(self.credit, self.open)

    @property
    def url(self) -> str:
        return workbench_url(self.vendor_id, self.entity_id, self.currency)


@dataclass(frozen=True)
class Hold:
    """An open line of a proposal: who holds how much of which pair, since when."""

    note_id: UUID
    invoice_id: UUID | None
    proposal_id: int
    kind: str
    state: str
    amount: int | None
    who: str
    since: datetime
    told: str = ""  # under way: where it is, in one sentence

    @property
    def words(self) -> str:
        """Held by Maria since Mon 09:12 UTC."""
        return _("Held by %(who)s since %(when)s") % {"who": self.who, "when": since(self.since)}


@dataclass(frozen=True)
class Document:
    """A credit note or invoice as it stands in its pane.

    `day` is the credit note's date, or what "Pays on" shows: the payment's date, else
    (`day_is_due`) the due date. `order` is the date that suggestions go by. `free` is what is
    free to use or open; None where Light was not asked yet. `problem` says why it can't be used.
    """

    id: UUID
    number: str
    url: str
    state: labels.Label
    day: date | None
    order: date | None
    free: int | None
    amount: int | None
    posted: bool = True
    day_is_due: bool = False
    description: str = ""
    warning: str = ""
    problem: str = ""
    rate: str = ""  # booked, to the entity's own currency; empty where not known
    read_at: datetime | None = None
    holds: tuple[Hold, ...] = ()
    twins: tuple[Suspect, ...] = ()

    @property
    def suspect(self) -> Suspect | None:
        """What it may be the same as, until somebody has answered: so long it can't be proposed."""
        return next((one for one in self.twins if not one.answered), None)


@dataclass(frozen=True)
class Rejected:
    """A pair that somebody does not want suggested, with who, when and why."""

    note_id: UUID
    invoice_id: UUID
    note: str
    invoice: str
    who: str
    at: datetime
    reason: str


@dataclass(frozen=True)
class Bench:
    """What one clearing page shows of the copy of Light: `start` credits are left out before."""

    vendor: Vendor
    group: Group
    local: str  # the entity's own currency
    others: list[Group]
    credits: list[Document]
    invoices: list[Document]
    off_credits: list[Document]
    off_invoices: list[Document]
    holds: list[Hold]
    linked: dict[Cell, int] = field(default_factory=dict)  # pairs that Light has linked
    cleared: frozenset[Cell] = frozenset()  # pairs that have cleared each other
    posted_taken: frozenset[UUID] = frozenset()  # credit notes held by a posted invoice
    rejected: tuple[Rejected, ...] = ()
    start: int = 0

    @property
    def taken(self) -> set[Cell]:
        """Pairs that cannot be proposed again."""
        held = {(one.note_id, one.invoice_id) for one in self.holds if one.invoice_id}
        return held | set(self.linked) | self.cleared

    @property
    def sound(self) -> list[Document]:
        """Credit notes that can be proposed now; the others wait for an answer."""
        return [one for one in self.credits if not one.suspect]

    @property
    def rejected_pairs(self) -> set[Cell]:
        return {(one.note_id, one.invoice_id) for one in self.rejected}

    @property
    def documents(self) -> dict[UUID, Document]:
        everything = (self.credits, self.invoices, self.off_credits, self.off_invoices)
        return {one.id: one for some in everything for one in some}

    @property
    def read_at(self) -> datetime | None:
        """When the oldest of the usable documents was last read in full; None: never."""
        times = [one.read_at for one in (*self.credits, *self.invoices)]
        return None if None in times else min((t for t in times if t), default=None)


@dataclass(frozen=True)
class Shown:
    """How much of the group stands on the page, and where the rest of the credits is."""

    credits: str
    invoices: str
    earlier_url: str
    later_url: str


def shown(bench: Bench, query: str) -> Shown:
    """Which part of the group this page is; `query` is that of its address."""
    group, n = bench.group, len(bench.credits)
    url = f"{reverse('workbench', args=[bench.vendor.id])}?"

    def at(start: int) -> str:
        here = QueryDict(query, mutable=True)
        here["from"] = str(start)
        return url + here.urlencode()

    later = at(bench.start + SHOWN) if bench.start + SHOWN < group.credits else ""
    earlier = at(max(bench.start - SHOWN, 0)) if bench.start else ""
    return Shown(
        _part(n, group.credits), _part(len(bench.invoices), group.invoices), earlier, later
    )


def _part(n: int, total: int) -> str:
    """ "50 of 1,000"; empty where that is all."""
    return _("%(n)s of %(total)s") % {"n": f"{n:,}", "total": f"{total:,}"} if n < total else ""
