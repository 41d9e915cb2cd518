"""The lines of one credit note as its page shows them, and what they add up to."""

from dataclasses import dataclass
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clearing import labels, money
from clearing.lines import Totals, totals
from clearing.models import CreditNote, CreditNoteLine, LedgerAccount

MOST = 200  # lines on one page
SIDES = {"C": gettext_lazy("Cr"), "D": gettext_lazy("Dr")}


@dataclass(frozen=True)
class Cell:
    """An amount with its side, as Light gives it."""

    amount: str
    side: str


@dataclass(frozen=True)
class Row:
    """One line; an empty text is a missing one."""

    words: str
    account: str
    tax_code: str
    accrual: str
    net: Cell
    tax: Cell
    gross: Cell


@dataclass(frozen=True)
class Lines:
    """All lines of a note. `known` is False until they were read; `differs` says by how much."""

    known: bool
    rows: list[Row]
    more: int = 0  # lines beyond those that are shown; the sums count them
    total: Row | None = None
    mode: str = ""
    differs: str = ""


def read(note: CreditNote, locale: str) -> Lines:
    """The lines with their accounts; two queries."""
    if note.lines_read_at is None:
        return Lines(known=False, rows=[])
    lines = list(CreditNoteLine.objects.filter(credit_note_id=note.pk))
    accounts = LedgerAccount.objects.in_bulk({one.ledger_account_id for one in lines})
    found = totals(lines)
    return Lines(
        known=True,
        rows=[_row(one, accounts, note.currency, locale) for one in lines[:MOST]],
        more=max(len(lines) - MOST, 0),
        total=_total(found, note.currency, locale) if lines else None,
        mode=_mode(note.are_lines_with_tax),
        differs=_differs(found, note, locale),
    )


def _mode(with_tax: bool | None) -> str:
    if with_tax is None:
        return ""
    return _("Tax is included in the lines.") if with_tax else _("Tax is added on top.")


def _row(
    line: CreditNoteLine, accounts: dict[UUID, LedgerAccount], currency: str, locale: str
) -> Row:
    account = accounts.get(line.ledger_account_id) if line.ledger_account_id else None
    unknown = f"{str(line.ledger_account_id)[:8]}…" if line.ledger_account_id else ""
    return Row(
        words=line.description,
        account=str(account) if account else unknown,
        tax_code=f"{str(line.ledger_tax_id)[:8]}…" if line.ledger_tax_id else "",
        accrual=_accrual(line),
        net=_cell(line.net, line.net_side, currency, locale),
        tax=_cell(line.tax, line.tax_side, currency, locale),
        gross=_cell(line.gross, line.gross_side, currency, locale),
    )


def _accrual(line: CreditNoteLine) -> str:
    """Over which days it is spread, "1 Jan 2026 – 31 Dec 2026"; empty where it is not."""
    days = (line.accrual_start_date, line.accrual_end_date)
    return " – ".join(labels.day(one) for one in days if one)


def _cell(amount: int | None, side: str, currency: str, locale: str) -> Cell:
    if amount is None:
        return Cell("–", "")
    return Cell(money.text(amount, currency, locale), str(SIDES.get(side, side)))


def _total(found: Totals, currency: str, locale: str) -> Row:
    """The sums, each on the side that is larger."""
    net, tax, gross = (
        _cell(abs(one), "D" if one < 0 else "C", currency, locale)
        for one in (found.net, found.tax, found.gross)
    )
    return Row(_("Together"), "", "", "", net, tax, gross)


def _differs(found: Totals, note: CreditNote, locale: str) -> str:
    """The sentence for lines that do not make the amount of the head."""
    if not found.differs_from(note.amount) or note.amount is None:
        return ""
    if found.unknown:
        return _("Not every line has a gross amount, so they cannot be compared with the head.")
    return _("The lines make %(lines)s, the head says %(head)s: %(difference)s apart.") % {
        "lines": money.text(abs(found.gross), note.currency, locale),
        "head": money.text(note.amount, note.currency, locale),
        "difference": money.text(abs(abs(note.amount) - abs(found.gross)), note.currency, locale),
    }
