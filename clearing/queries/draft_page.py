"""What the page of one draft reads: its lines, what may be chosen, and what holds it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from clearing import labels, lines, money
from clearing.models import (
    CreditNote,
    CreditNoteLine,
    Edit,
    Entity,
    Instruction,
    LedgerAccount,
    Vendor,
)
from clearing.queries.drafts import LEDGER
from clearing.workflow import name_of

MOST = 8  # choices that a search shows
MOST_SEEN = 200  # lines looked at for ids that were used before


@dataclass(frozen=True)
class Choice:
    """One value of a field that is searched by name; an empty value stands for none."""

    value: str
    words: str
    hint: str
    chosen: bool


@dataclass(frozen=True)
class Hold:
    """Why a draft cannot be changed now. `waits`: it may end by itself."""

    words: str
    url: str = ""
    link: str = ""
    waits: bool = False


@dataclass(frozen=True)
class LineRow:
    """A line as its row shows it."""

    id: UUID
    name: str
    account: str
    debit: bool
    net: str
    tax: str
    gross: str
    accrual: str


@dataclass(frozen=True)
class TotalRow:
    """What the lines add up to, beside the draft's amount. `use`: what would make them agree."""

    count: int
    net: str
    tax: str
    gross: str
    amount: str
    differs: bool
    unknown: int
    use: str
    use_words: str


def lines_of(note: CreditNote) -> list[CreditNoteLine]:
    return list(CreditNoteLine.objects.filter(credit_note_id=note.pk))


def line_rows(rows: Iterable[CreditNoteLine], currency: str, locale: str) -> list[LineRow]:
    """The rows of these lines with their accounts (one query)."""
    rows = list(rows)
    accounts = LedgerAccount.objects.in_bulk({row.ledger_account_id for row in rows} - {None})
    return [_line(row, accounts, currency, locale) for row in rows]


def _line(
    row: CreditNoteLine, accounts: Mapping[UUID, LedgerAccount], currency: str, locale: str
) -> LineRow:
    account = accounts.get(row.ledger_account_id) if row.ledger_account_id else None
    amounts = [
        _text(lines.signed(value, side), currency, locale)
        for value, side in (
            (row.net, row.net_side), (row.tax, row.tax_side), (row.gross, row.gross_side),
        )
    ]  # fmt: skip
    return LineRow(
        id=row.pk,
        name=str(row),
        account=str(account or row.ledger_account_id or ""),
        debit=(row.gross_side or row.net_side) == "D",
        net=amounts[0],
        tax=amounts[1],
        gross=amounts[2],
        accrual=_period(row),
    )


def _text(amount: int | None, currency: str, locale: str) -> str:
    return "–" if amount is None else money.plain(amount, currency, locale)


def _period(row: CreditNoteLine) -> str:
    days = [labels.day(day) if day else "…" for day in (row.accrual_start_date,
                                                         row.accrual_end_date)]  # fmt: skip
    return " – ".join(days) if row.accrual_start_date or row.accrual_end_date else ""


def totals(rows: Iterable[CreditNoteLine], note: CreditNote, locale: str) -> TotalRow:
    """The totals of these lines against the draft's amount."""
    found = lines.totals(rows)
    differs = found.differs_from(note.amount) or (note.amount is None and found.count > 0)
    usable = differs and not found.unknown and found.gross
    return TotalRow(
        count=found.count,
        net=money.plain(found.net, note.currency, locale),
        tax=money.plain(found.tax, note.currency, locale),
        gross=money.plain(found.gross, note.currency, locale),
        amount="" if note.amount is None else money.text(note.amount, note.currency, locale),
        differs=differs,
        unknown=found.unknown,
        use=money.plain(abs(found.gross), note.currency, locale) if usable else "",
        use_words=money.text(abs(found.gross), note.currency, locale) if usable else "",
    )


def hold(note: CreditNote) -> tuple[Hold | None, Edit | None]:
    """What keeps this draft from being changed now, and the last change where it did not get
    into Light (two queries)."""
    if note.gone_at:
        return Hold(_("Light no longer shows it.")), None
    if note.status != "DRAFT":
        word = labels.credit_note(note.status).word
        sentence = _("It is not a draft any more: its status is “%(status)s”. Only a draft can be "
                     "changed.") % {"status": word}  # fmt: skip
        return Hold(sentence), None
    asked = Instruction.objects.filter(
        credit_note_id=note.pk, kind__in=LEDGER, state__in=Instruction.OPEN
    ).select_related("asked_by")
    if line := asked.first():
        return _asked(line), None
    # While one is held nobody can begin another, so that it is the last one.
    edit = Edit.objects.filter(credit_note_id=note.pk).select_related("asked_by").first()
    if edit and edit.state in Edit.HOLDING and edit.dealt_at is None:
        return _held_by(edit), None
    return None, edit if edit and edit.state == Edit.State.NOT_APPLIED else None


def _asked(line: Instruction) -> Hold:
    return Hold(
        _("%(name)s has asked for this: %(what)s. Until that is done or taken back, nothing can "
          "be changed.") % {"name": name_of(line.asked_by), "what": line.get_kind_display()},
        reverse("proposal", args=[line.proposal_id]),
        _("See the proposal"),
        waits=True,
    )  # fmt: skip


def _held_by(edit: Edit) -> Hold:
    if edit.state == Edit.State.NEEDS_PERSON:
        return Hold(edit.outcome or _("Somebody has to look in Light what became of the last "
                                      "change."),
                    reverse("exceptions"), _("See the exceptions"))  # fmt: skip
    if edit.state == Edit.State.UNKNOWN:
        return Hold(checking_words(edit), waits=True)
    return Hold(_("%(name)s is just changing it.") % {"name": name_of(edit.asked_by)}, waits=True)


def checking_words(edit: Edit) -> str:
    """The sentence for a change that Light has not confirmed, with the time of the answer."""
    if edit.quarantine_until is None:
        return _("Light has not confirmed yet. We are checking. Please do not change it in Light "
                 "yourself.")  # fmt: skip
    return _(
        "Light has not confirmed yet. We are checking and will tell you by %(time)s. Please do "
        "not change it in Light yourself."
    ) % {"time": f"{timezone.localtime(edit.quarantine_until):%H:%M %Z}"}


# --- what may be chosen --------------------------------------------------------------------
def vendors(asked: str, chosen: str) -> list[Choice]:
    """The vendor chosen now, those whose name or number holds what is asked for, and none."""
    found = []
    if asked:
        rows = Vendor.objects.filter(gone_at__isnull=True)
        rows = rows.filter(Q(name__icontains=asked) | Q(number__icontains=asked))
        found = list(rows.order_by("name", "id")[:MOST])
    now = _chosen(Vendor, chosen, found)
    return _choices(now, found, chosen, _vendor_hint, _("No vendor"))


def _vendor_hint(vendor: Vendor) -> str:
    parts = [vendor.number, vendor.country]
    if vendor.status not in {"ACTIVE", ""}:
        parts.append(_("not active"))
    return " · ".join(part for part in parts if part)


def entities(asked: str, chosen: str) -> list[Choice]:
    """The entity chosen now, those that match (all, where nothing is asked for), and none."""
    rows = Entity.objects.filter(gone_at__isnull=True)
    if asked:
        rows = rows.filter(Q(name__icontains=asked) | Q(code__icontains=asked))
    found = list(rows.order_by("name", "id")[:MOST])
    now = _chosen(Entity, chosen, found)
    return _choices(now, found, chosen, lambda one: one.code, _("No company entity"))


def accounts(asked: str, chosen: str, *, vendor_id: UUID | None) -> list[Choice]:
    """The account chosen now, those that match by number or name (else those of this vendor's
    other lines), and none."""
    rows = LedgerAccount.objects.filter(gone_at__isnull=True)
    if asked:
        rows = rows.filter(Q(code__istartswith=asked) | Q(label__icontains=asked))
        found = list(rows.order_by("code", "id")[:MOST])
    else:
        used = _used("ledger_account_id", vendor_id)
        found = list(rows.filter(pk__in=used).order_by("code", "id")[: MOST // 2])
    now = _chosen(LedgerAccount, chosen, found)
    return _choices(now, found, chosen, _account_hint, _("No account"))


def _account_hint(account: LedgerAccount) -> str:
    return "" if account.status in {"ACTIVE", ""} else _("not active")


def _chosen(model: Any, chosen: str, found: list[Any]) -> Any:
    """The row chosen now; a query only where it is not among those found."""
    if row := next((row for row in found if str(row.pk) == chosen), None):
        return row
    try:
        return model.objects.filter(pk=UUID(chosen)).first() if chosen else None
    except ValueError:
        return None


def _choices(now: Any, found: list[Any], chosen: str, hint: Any, none: str) -> list[Choice]:
    rows = [now] if now is not None else []
    rows += [row for row in found if now is None or row.pk != now.pk]
    choices = [Choice(str(row.pk), str(row), hint(row), str(row.pk) == chosen) for row in rows]
    if chosen and now is None:
        choices.insert(0, Choice(chosen, chosen, _("not in the copy from Light"), True))
    return [*choices, Choice("", none, "", not chosen)]


def _used(field: str, vendor_id: UUID | None) -> dict[UUID, list[UUID]]:
    """Ids that stand in a column of lines of this vendor, with the credit notes they stand on."""
    if vendor_id is None:
        return {}
    notes = CreditNote.objects.filter(vendor_id=vendor_id).order_by("-document_day")
    rows = CreditNoteLine.objects.filter(
        credit_note_id__in=notes.values("pk")[:MOST_SEEN], **{f"{field}__isnull": False}
    ).order_by()
    found: dict[UUID, list[UUID]] = {}
    for used, note_id in rows.values_list(field, "credit_note_id")[:MOST_SEEN]:
        found.setdefault(used, []).append(note_id)
    return found


def used_before(field: str, vendor_id: UUID | None) -> list[Choice]:
    """The ids of tax codes or accrual templates on this vendor's lines, the commonest first.

    Light publishes no list of either, so where they were used is their only name.
    """
    used = _used(field, vendor_id)
    ranked = sorted(used.items(), key=lambda item: (-len(item[1]), str(item[0])))[:MOST]
    notes = CreditNote.objects.in_bulk([places[0] for _id, places in ranked])
    return [Choice(str(one), _where(places, notes), "", False) for one, places in ranked]


def _where(places: list[UUID], notes: Mapping[UUID, CreditNote]) -> str:
    return ngettext(
        "on %(n)d line, as on %(note)s", "on %(n)d lines, as on %(note)s", len(places)
    ) % {"n": len(places), "note": notes.get(places[0], "–")}


def names(values: Iterable[Any]) -> dict[str, str]:
    """The names of vendors, entities and accounts by their ids (three queries)."""
    ids = {str(one) for one in values if one}
    found: dict[str, str] = {}
    for model in (Vendor, Entity, LedgerAccount):
        valid = []
        for one in ids - found.keys():
            try:
                valid.append(UUID(one))
            except ValueError:
                continue
        found |= {str(key): str(row) for key, row in model._default_manager.in_bulk(valid).items()}
    return found
