"""The review queue: proposals with what their lines are and what speaks against them."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet, Subquery
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from clearing import labels, money, usable
from clearing.models import Entity, Instruction, InvoicePayable, Proposal, Vendor
from clearing.queries import batches, documents, in_flight, stopped, sums
from clearing.queries.filters import Filters
from clearing.queries.line_states import BEING_SENT, COUNTED, state_counts
from clearing.queries.listing import Paged
from clearing.roles import User
from clearing.workflow import name_of

S = Instruction.State
Kind = Instruction.Kind
SHOWS = {
    "waiting": gettext_lazy("Waiting for review"),
    "mine": gettext_lazy("Mine"),
    "sending": gettext_lazy("Being sent"),
    "done": gettext_lazy("Finished"),
    "all": gettext_lazy("All"),
}
SORTS = {"proposed": "-"}
LINE_COLUMNS = (
    "proposal", "kind", "state", "amount", "invoice_payable_id", "after", "quarantine_until",
)  # fmt: skip
TOTAL_OF = {
    "waiting": gettext_lazy("To be approved"),
    "sending": gettext_lazy("Being sent"),
    "done": gettext_lazy("In Light"),
}


@dataclass(frozen=True)
class Row:
    """One proposal, or one batch of them, its texts ready for the screen.

    `totals`: of the lines that its list counts, one for each currency.
    """

    key: str
    name: str
    url: str
    vendor: str
    vendor_url: str
    entity: str
    what: str
    states: list[tuple[labels.Label, int]]
    totals: list[str]
    proposed_by: str
    proposed_at: Any
    pays: date | None
    pays_by_light: bool
    note: str
    warnings: list[str] = field(default_factory=list)


@dataclass(frozen=True, kw_only=True)
class Queue(Paged):
    """One part of the queue as its page shows it; `matching` counts what `count` says."""

    show: str
    matching: int
    totals: list[str]

    @property
    def parts(self) -> list[tuple[str, str | Promise, bool]]:
        """Each part of the queue: its code, its words, and whether it is shown."""
        return [(code, words, code == self.show) for code, words in SHOWS.items()]

    @property
    def total_words(self) -> str:
        return str(TOTAL_OF.get(self.show, _("Total")))

    @property
    def clear_url(self) -> str:
        return self.base if self.show == "waiting" else f"{self.base}?show={self.show}"


def filtered(
    filters: Filters, *, user: User, entities: dict[str, str]
) -> tuple[QuerySet[Proposal], str]:
    """The proposals that the query string asks for, and the part of the queue they are of."""
    show = filters.query.get("show", "waiting").replace("\x00", "")
    if show in SHOWS:
        if show != "waiting":
            filters.values["show"] = show  # a tab, not a filter: it gets no chip
    else:
        show = "waiting"
        filters.notices.append(_("This part of the queue is not known, so this is what waits."))
    rows = _of_show(show, user)
    if entity := filters.choice("entity", _("Entity"), entities):
        rows = rows.filter(entity_id=entity)
    if currency := filters.code("currency", _("Currency")):
        rows = rows.filter(currency=currency)
    if text := filters.text("q", _("Vendor")):
        named = Vendor.objects.filter(name__icontains=text).values("pk")
        rows = rows.filter(vendor_id__in=named)
    return rows, show


def _of_show(show: str, user: User) -> QuerySet[Proposal]:
    lines = Instruction.objects.filter(proposal=OuterRef("pk"))
    rows = Proposal.objects.all()
    if show == "waiting":
        return rows.filter(Exists(lines.filter(state=S.PROPOSED)))
    if show == "sending":
        return rows.filter(Exists(lines.filter(state__in=BEING_SENT)))
    if show == "done":
        return rows.exclude(Exists(lines.filter(state__in=Instruction.OPEN)))
    return rows.filter(created_by=user) if show == "mine" else rows


def order_of(sort: str) -> list[str]:
    """Proposals are numbered in the order of their making, so that is their key."""
    return ["-id"] if sort.startswith("-") else []


def totals(rows: QuerySet[Proposal], show: str, locale: str) -> list[str]:
    """The amounts of the links in these proposals, one text per currency; exact."""
    lines = Instruction.objects.filter(proposal__in=rows.order_by(), kind=Kind.LINK)
    if states := COUNTED.get(show):
        lines = lines.filter(state__in=states)
    grouped = lines.values("currency").annotate(**sums.halves("amount")).order_by("currency")
    return [money.text(sums.whole(row, "amount"), row["currency"], locale) for row in grouped]


def with_names(rows: QuerySet[Proposal]) -> QuerySet[Proposal]:
    """With the vendor's and the entity's name, and who proposed."""
    vendor = Vendor.objects.filter(pk=OuterRef("vendor_id"))
    entity = Entity.objects.filter(pk=OuterRef("entity_id"))
    return rows.select_related("created_by", "batch").annotate(
        vendor_name=Subquery(vendor.values("name")),
        vendor_status=Subquery(vendor.values("status")),
        entity_name=Subquery(entity.values("name")),
    )


def rows(found: Iterable[Any], *, show: str, locale: str) -> list[Row]:
    """The rows of these proposals; two queries, one more where some stand for their batch.

    And one where Light has not confirmed all of them: whether anything stops it from being told.
    """
    found = list(found)
    lines: dict[int, list[Instruction]] = {one.pk: [] for one in found if one.batch_id is None}
    of_batch = batches.of_list(
        (one.batch_id for one in found if one.batch_id is not None), show=show, locale=locale
    )
    about = Instruction.objects.filter(proposal_id__in=lines).order_by("position", "pk")
    for line in about.only(*LINE_COLUMNS):
        lines[line.proposal_id].append(line)
    open_invoices = about.filter(state__in=Instruction.OPEN).order_by().values("invoice_payable_id")
    columns = ("id", "state", "payment_at", "due_date")
    invoices = {
        one.pk: one for one in InvoicePayable.objects.filter(pk__in=open_invoices).only(*columns)
    }
    unknown = any(line.state == S.UNKNOWN for of_one in lines.values() for line in of_one)
    stop = stopped.now() if unknown else None
    return [
        _row(one, lines[one.pk], invoices, show, locale, stop)
        if one.batch_id is None
        else _row_of_batch(one, of_batch[one.batch_id])
        for one in found
    ]


def _row_of_batch(proposal: Any, batch: batches.Row) -> Row:
    return Row(
        key=f"batch-{proposal.batch_id}",
        name=_("Batch %(n)d") % {"n": proposal.batch_id},
        url=reverse("batch", args=[proposal.batch_id]),
        vendor=batch.vendors,
        vendor_url="",
        entity="",
        what=batch.lines,
        states=batch.states,
        totals=batch.totals,
        proposed_by=name_of(proposal.created_by),
        proposed_at=proposal.created_at,
        pays=None,
        pays_by_light=False,
        note=proposal.batch.note,
    )


def _row(
    proposal: Any, lines: list[Instruction], invoices: dict[Any, InvoicePayable],
    show: str, locale: str, stop: stopped.Stop | None,
) -> Row:  # fmt: skip
    wanted = COUNTED.get(show, tuple(S.values))
    first_steps = {line.after_id for line in lines}  # a move counts once
    amounts = [
        line.amount
        for line in lines
        if line.state in wanted and line.amount is not None and line.pk not in first_steps
    ]
    of_open = [
        invoices[line.invoice_payable_id]
        for line in lines
        if line.state in Instruction.OPEN and line.invoice_payable_id in invoices
    ]
    days = sorted(
        (day, not by_light)
        for day, by_light in (documents.pays_on(one) for one in of_open)
        if day is not None
    )
    return Row(
        key=f"proposal-{proposal.pk}",
        name=_("No. %(n)d") % {"n": proposal.pk},
        url=reverse("proposal", args=[proposal.pk]),
        vendor=proposal.vendor_name or _("No vendor"),
        vendor_url=reverse("vendor", args=[proposal.vendor_id]) if proposal.vendor_id else "",
        entity=proposal.entity_name or "–",
        what=what_words(lines),
        states=state_counts(line.state for line in lines),
        totals=[money.text(sum(amounts) if amounts else None, proposal.currency, locale)],
        proposed_by=name_of(proposal.created_by),
        proposed_at=proposal.created_at,
        pays=days[0][0] if days else None,
        pays_by_light=bool(days) and not days[0][1],
        note=proposal.note,
        warnings=_warnings(proposal, lines, of_open, stop),
    )


def _warnings(
    proposal: Any, lines: list[Instruction], invoices: list[InvoicePayable],
    stop: stopped.Stop | None,
) -> list[str]:  # fmt: skip
    """What an approver should know before opening it."""
    said = []
    if decide := sum(line.state == S.NEEDS_PERSON for line in lines):
        said.append(
            ngettext("%(n)d line needs a decision.", "%(n)d lines need a decision.", decide)
            % {"n": decide}
        )
    if unknown := [line for line in lines if line.state == S.UNKNOWN]:
        said.append(_checking(unknown, stop))
    if paying := len({one.pk for one in invoices if one.state in usable.USABLE_WITH_WARNING}):
        said.append(
            ngettext(
                "The payment of %(n)d invoice is being prepared and must be lowered.",
                "The payments of %(n)d invoices are being prepared and must be lowered.",
                paying,
            )
            % {"n": paying}
        )
    if proposal.vendor_status not in (None, "ACTIVE"):
        said.append(usable.vendor_warning(Vendor(status=proposal.vendor_status)))
    return said


def _checking(lines: list[Instruction], stop: stopped.Stop | None) -> str:
    """Lines that Light has not confirmed, and until when the last of them will be told."""
    n = len(lines)
    until = [line.quarantine_until for line in lines if line.quarantine_until]
    by = in_flight.promised(max(until, default=None), stop)
    words = ngettext(
        "Light has not confirmed %(n)d line yet.", "Light has not confirmed %(n)d lines yet.", n
    ) % {"n": n}
    return f"{words} {_('We will tell you by %(time)s.') % {'time': by}}" if by else words


MOVE = "move"  # a line and the one after it
WHAT: dict[str, str | Promise] = {
    Kind.AMEND: gettext_lazy("Change an amount"),
    Kind.UNLINK: gettext_lazy("Remove from invoice"),
    Kind.ARCHIVE: gettext_lazy("Cancel a credit note"),
    Kind.REVERSE: gettext_lazy("Undo a clearing"),
    Kind.POST: gettext_lazy("Post a credit note"),
    MOVE: gettext_lazy("Move a clearing to another invoice"),
}


def what_words(lines: Iterable[Any]) -> str:
    """What a proposal asks for: "3 links", or the one change it is about."""
    lines = list(lines)
    first_steps = {line.after_id for line in lines if line.after_id}
    counts = Counter(
        MOVE if line.after_id else line.kind for line in lines if line.pk not in first_steps
    )
    links = counts.pop(Kind.LINK, 0)
    words = [ngettext("%(n)d link", "%(n)d links", links) % {"n": links}] if links else []
    words += [str(WHAT.get(kind, kind)) for kind in counts]
    return ", ".join(words) or _("Nothing")
