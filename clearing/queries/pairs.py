"""What is planned between a document and others, and what has cleared: two things, two tables."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext as _

from clearing import labels, money, roles
from clearing.models import Clearing, Instruction, InvoicePayable, Link
from clearing.queries.details import document_url, made_words
from clearing.queries.documents import name_of_document, pays_on
from clearing.queries.history import Documents

MOST = 200  # links or clearings on one page
Pair = tuple[UUID, UUID]
Fate = Link.Fate
AGAIN = (Fate.REMOVED, Fate.UNDONE)  # no longer in Light


@dataclass(frozen=True)
class Never:
    """The sentence for what the reader may never ask for; empty where they may."""

    change: str = ""
    undo: str = ""
    move: str = ""

    @classmethod
    def of(cls, user: roles.User) -> "Never":
        """What this person may ask for about planned links and clearings."""
        undo = roles.why_not_ask(user, "reverse")
        return cls(
            change=roles.why_not_ask(user, "unlink"),
            undo=undo,
            move=undo or roles.why_not_ask(user, "link"),
        )


@dataclass(frozen=True)
class LinkRow:
    """A link seen from one of its documents; `why_not` where it cannot be changed now."""

    key: str
    name: str
    url: str
    amount: str
    fate: str
    state: str
    pays: str
    pays_iso: str
    pays_by_light: bool
    made: str
    gone: bool
    why_not: str
    remove_url: str
    change_url: str
    pick: str  # what selects it to be removed with others; empty where it cannot be
    minor: int
    currency: str
    decimals: int


@dataclass(frozen=True)
class ClearingRow:
    """What has cleared: by a credit note, which can be undone, or by a payment of the bank.

    `planned` is what was planned of it, where that was another amount. The buttons stand once
    per pair (`first`); `why_not_move` is another reason than `why_not` where only that is missing.
    """

    key: str
    words: str
    name: str
    url: str
    state: str
    amount: str
    planned: str
    day: str
    made: str
    gone: bool
    by_bank: bool
    first: bool
    why_not: str
    why_not_move: str
    undo_url: str
    move_url: str


@dataclass(frozen=True)
class Bound:
    """A document's links and clearings. `planned_sum` and `cleared_sum` are amounts as text."""

    planned: list[LinkRow]
    past: list[LinkRow]
    cleared: list[ClearingRow]
    planned_sum: str
    cleared_sum: str
    paid_sum: str  # by the bank


def links_of(**document: UUID) -> list[Link]:
    """The newest links of one document, those that Light still lists first."""
    return list(Link.objects.filter(**document).order_by("gone_at", "-fate_at", "id")[:MOST])


def clearings_of(**document: UUID) -> list[Clearing]:
    """The newest clearings of one document."""
    return list(Clearing.objects.filter(**document).order_by("-payment_date", "id")[:MOST])


def bound(
    links: list[Link], entries: list[Clearing], lines: list[Instruction], names: Documents,
    *, of_note: bool, never: Never, locale: str,
) -> Bound:  # fmt: skip
    """Both tables. A link that has cleared stands among the clearings, not among the plans."""
    here = _Here(lines, names, of_note, never, locale)
    cleared = {_pair(one) for one in entries if one.gone_at is None}
    shown = [one for one in links if _of(one) not in cleared or one.fate not in _CLEARED]
    live = [one for one in entries if one.gone_at is None]
    return Bound(
        planned=[here.link(one) for one in shown if one.fate not in AGAIN],
        past=[here.link(one) for one in shown if one.fate in AGAIN],
        cleared=_clearing_rows(here, entries, {_of(one): one for one in links}),
        planned_sum=_sum((one for one in shown if one.fate == Fate.PLANNED), locale),
        cleared_sum=_sum((one for one in live if one.type == "CN"), locale),
        paid_sum=_sum((one for one in live if one.type == "BP"), locale),
    )


_CLEARED = (Fate.CLEARED, Fate.CLEARED_PART)


def _of(link: Link) -> Pair:
    return link.credit_note_id, link.invoice_payable_id


def _pair(entry: Clearing) -> tuple[UUID | None, UUID]:
    return entry.credit_note_id, entry.invoice_payable_id


def _sum(rows: Iterable[Link | Clearing], locale: str) -> str:
    """Their sum; empty where there are none, or where they are of several currencies."""
    rows = list(rows)
    currencies = {one.currency for one in rows}
    if len(currencies) != 1:
        return ""
    return money.text(sum(one.amount for one in rows), currencies.pop(), locale)


@dataclass(frozen=True)
class _Here:
    """What all rows of one page share."""

    lines: list[Instruction]
    names: Documents
    of_note: bool
    never: Never
    locale: str

    def made(self, pair: tuple[UUID | None, UUID], link: Link | None) -> str:
        """Who made a link: the people of the line that is done, or Light's side."""
        for line in self.lines:
            done = line.kind == Instruction.Kind.LINK and line.state == Instruction.State.DONE
            if done and (line.credit_note_id, line.invoice_payable_id) == pair:
                return made_words(line)
        return _("Made here") if link and link.made_here else _("Made in Light")

    def held(self, pair: tuple[UUID | None, UUID]) -> bool:
        """Whether an open line is about this pair."""
        return any(
            (line.credit_note_id, line.invoice_payable_id) == pair
            for line in self.lines
            if line.state in Instruction.OPEN
        )

    def link(self, link: Link) -> LinkRow:
        """One link's row."""
        other = link.invoice_payable_id if self.of_note else link.credit_note_id
        invoice = self.names.get(link.invoice_payable_id)
        day, by_light = pays_on(invoice) if isinstance(invoice, InvoicePayable) else (None, False)
        why_not = _why_not(link) or self.never.change
        if not why_not and self.held(_of(link)):
            why_not = _("Another line about this link is still open. Wait for it first.")
        return LinkRow(
            key=str(other),
            name=name_of_document(self.names, other),
            url=document_url(other, is_note=not self.of_note),
            amount=money.text(link.amount, link.currency, self.locale),
            fate=link.fate,
            state=_state(self.names, other),
            pays=labels.day(day) if day else "",
            pays_iso=day.isoformat() if day else "",
            pays_by_light=by_light,
            made=self.made(_of(link), link),
            gone=link.fate in AGAIN,
            why_not=why_not,
            remove_url=reverse("remove_link", args=_of(link)),
            change_url=reverse("change_amount", args=_of(link)),
            pick="" if why_not else ":".join(map(str, _of(link))),
            minor=link.amount,
            currency=link.currency,
            decimals=money.decimals(link.currency),
        )

    def clearing(
        self, entry: Clearing, link: Link | None, *, first: bool, planned: str
    ) -> ClearingRow:
        """One clearing's row."""
        pair = _pair(entry)
        other = entry.invoice_payable_id if self.of_note else entry.credit_note_id
        words = {"BP": _("Bank payment"), "CN": _("Credit note")}.get(entry.type, entry.type)
        can = entry.type == "CN" and entry.credit_note_id is not None and not entry.gone_at
        why_not = self._why_not_undone(entry) if can else ""
        return ClearingRow(
            key=str(entry.pk),
            words=words,
            name=name_of_document(self.names, other) if other else entry.document_number,
            url=document_url(other, is_note=not self.of_note) if other else "",
            state=_state(self.names, other),
            amount=money.text(entry.amount, entry.currency, self.locale),
            planned=planned,
            day=labels.day(entry.payment_date) if entry.payment_date else _("no date"),
            made=self.made(pair, link) if can else "",
            gone=entry.gone_at is not None,
            by_bank=entry.type == "BP",
            first=first and can,
            why_not=why_not,
            why_not_move=why_not or self.never.move,
            undo_url=reverse("undo_clearing", args=pair) if can else "",
            move_url=reverse("move_clearing", args=pair) if can else "",
        )

    def _why_not_undone(self, entry: Clearing) -> str:
        if entry.accounting_document_id is None:
            return _("Light does not name the document of this clearing. Undo it in Light.")
        if self.never.undo:
            return self.never.undo
        if self.held(_pair(entry)):
            return _("Another line about these two is still open. Wait for it first.")
        return ""


def _state(names: Documents, document_id: UUID | None) -> str:
    found = names.get(document_id) if document_id else None
    return str(getattr(found, "state", "") or getattr(found, "status", ""))


def _why_not(link: Link) -> str:
    """Why a link cannot be removed or changed in Light, or nothing."""
    if link.fate in _CLEARED:
        return _("It has cleared the invoice; that clearing would have to be undone.")
    if link.fate in AGAIN:
        return _("It is no longer in Light.")
    if link.fate != Fate.PLANNED:
        return _("The invoice is posted, so the link can no longer be changed.")
    return ""


def _clearing_rows(
    here: _Here, entries: list[Clearing], links: dict[Pair, Link]
) -> list[ClearingRow]:
    """What has cleared, reversed entries too; the buttons of a pair on its first live row."""
    rows, seen = [], set()
    for entry in entries:
        pair = _pair(entry)
        link = links.get((pair[0], pair[1])) if pair[0] else None
        live = entry.gone_at is None
        planned = ""
        if link and live and link.fate in _CLEARED and link.amount != entry.amount:
            planned = money.text(link.amount, link.currency, here.locale)
        rows.append(here.clearing(entry, link, first=live and pair not in seen, planned=planned))
        if live:
            seen.add(pair)
    return rows
