"""One clearing page at work: the copy of Light, what was typed, what is suggested, the sums."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from clearing import matching, money, roles, usable, workflow
from clearing.forms import Cell, WorkbenchForm, cell_name
from clearing.models import Entity, Vendor, number_format
from clearing.queries import saying, workbench, worksheet
from clearing.queries.bench import shown
from clearing.services import drafting, mirroring, proposing
from clearing.views.suggested import Found, Suggested


class Desk:
    """What one person has on one clearing page."""

    def __init__(
        self,
        request: HttpRequest,
        vendor: Vendor,
        entity: Entity,
        currency: str,
        *,
        posted: Mapping[str, Any] | None = None,
        wanted: frozenset[UUID] = frozenset(),
    ) -> None:
        self.user, self.now, self.query = request.user, workflow.now(), request.GET.urlencode()
        self.key: dict[str, Any] = {
            "vendor_id": vendor.id,
            "entity_id": entity.id,
            "currency": currency,
        }
        self.locale, self.wanted = number_format(request.user), wanted
        self.currency = currency
        self.draft, self.at_work = drafting.load(**self.key, now=self.now, by=request.user)
        self.why_not = roles.why_not(request.user, "propose")
        self.may = not self.why_not
        self.engine = Suggested(vendor, entity, currency, wanted)
        self.form = self._read(posted)
        self.bench = self._load(vendor, entity, _number(request.GET.get("from")))
        if posted is None and self.draft is None and self.may:
            self.refill(self.engine.found)
        self.said, self.focus = "", ""
        self.general: list[str] = []
        self.cell_errors: dict[Cell, str] = {}
        if self.form.unreadable:
            self.general.append(_("A line names no document. Reload the page and enter it again."))
        self.lay()

    def _read(self, posted: Mapping[str, Any] | None) -> WorkbenchForm:
        """What was sent, else the draft."""
        data: Mapping[str, Any] = posted or {}
        if posted is None and self.draft:
            data = _fields(self.draft.typed, self.draft.filled) | {"note": self.draft.note}
        return WorkbenchForm(data, currency=self.currency, locale=self.locale)

    def _load(self, vendor: Vendor, entity: Entity, start: int) -> workbench.Bench:
        """The page's documents: with those of typed lines, and what is suggested for them."""
        instead = str(self.form.data.get("instead", "")).partition(":")[2]
        named = {one for cell in self.form.typed for one in cell} | self.wanted
        named |= {one for one in (_uuid(self.form.data.get("add")), _uuid(instead)) if one}
        return workbench.load(
            vendor, entity, self.currency,
            start=start, also=named, partners=self.engine.partners(),
        )  # fmt: skip

    def refill(self, found: Found, keep: Mapping[Cell, str] | None = None) -> None:
        """Fill in these suggestions, as far as they are on the page, beside the lines to `keep`."""
        here = self.bench.documents.keys()
        shown = {cell: one for cell, one in found.items() if here >= set(cell)}
        texts = {cell: self.plain(one.amount) for cell, one in shown.items()}
        left_out = {c: t for c, t in self.form.filled.items() if c not in self.form.typed}
        filled = texts | (left_out if keep is not None else {})
        filled |= {c: self.form.filled[c] for c in (keep or {}) if c in self.form.filled}
        self.write(texts | dict(keep or {}), filled)

    def write(self, typed: Mapping[Cell, str], filled: Mapping[Cell, str]) -> None:
        """Put these texts into the fields; note and chosen credit stay."""
        data = _fields(typed, filled) | {
            "note": self.form.words, "credit": self.form.data.get("credit", ""),
        }  # fmt: skip
        self.form = WorkbenchForm(data, currency=self.currency, locale=self.locale)

    def plain(self, amount: int) -> str:
        return money.plain(amount, self.currency, self.locale)

    @property
    def own(self) -> dict[Cell, str]:
        """The lines that a person has typed, changed or kept."""
        filled = self.form.filled
        return {cell: text for cell, text in self.form.typed.items() if text != filled.get(cell)}

    @property
    def left_out(self) -> set[Cell]:
        """Suggested pairs that a person has taken away."""
        return self.form.filled.keys() - self.form.typed.keys()

    def rest(self) -> Found:
        """What the engine suggests beside the lines of this person."""
        own = {cell: self.form.amounts.get(cell, 0) for cell in self.own}
        return self.engine.rest(own, self.left_out)

    @property
    def offers(self) -> Found:
        """By line, what the engine says of its pair: with this very amount, if it says that."""
        found, amounts = self.engine.found, self.form.amounts
        agree = all(c in found and found[c].amount == a for c, a in amounts.items())
        anew = {} if agree else self.rest()
        offers = {}
        for cell in self.form.typed:
            said = [one for one in (found.get(cell), anew.get(cell)) if one]
            said.sort(key=lambda one: one.amount != amounts.get(cell))
            if said:
                offers[cell] = said[0]
        return offers

    def lay(self) -> None:
        """Work out the rows, sums and words from what is typed."""
        amounts, locale = self.form.amounts, self.locale
        offers: dict[Cell, matching.Suggestion] = self.offers
        self.sheet = worksheet.work_out(
            self.bench,
            typed=self.form.typed,
            amounts=amounts,
            errors=self.form.cell_errors | self.cell_errors,
            filled=self.form.filled,
            said=saying.of_pairs(offers, self.bench, amounts=amounts, locale=locale),
            seen=self.draft.seen if self.draft else {},
            notes=saying.of_credits(
                self.bench, self.engine.group, self.engine.result.unused, locale=locale
            ),
            wanted=self.wanted,
            locale=locale,
        )

    def save(self) -> None:
        """Keep what is typed as this person's draft, unless it has proposed it meanwhile."""
        shown_at = _time(self.form.data.get("shown_at"))
        if shown_at and drafting.is_overtaken(**self.key, shown_at=shown_at, by=self.user):
            return
        current = {row.document.id: row.before for row in self.rows if row.touched}
        drafting.save(
            **self.key,
            typed=self.form.typed,
            filled=self.form.filled,
            seen=current | (self.draft.seen if self.draft else {}),
            note=self.form.words,
            now=self.now,
            by=self.user,
        )

    @property
    def rows(self) -> list[worksheet.Row]:
        return [*self.sheet.credits, *self.sheet.invoices]

    def refresh(self) -> bool:
        """Have the worker read this group again if its oldest reading is old; whether it will."""
        read_at = self.bench.read_at
        if read_at and (self.now - read_at).total_seconds() < settings.GROUP_REFRESH:
            return False
        return self.may and mirroring.refresh_group(**self.key, now=self.now) > 0

    def propose(self) -> Any:
        """Propose what is typed; None with its sentences laid out where it does not fit."""
        if not self.form.fits:
            return None
        posted = {one.id for one in self.bench.invoices if one.posted}
        offers = self.offers
        amounts = sorted(self.form.amounts.items(), key=lambda item: item[0][1] in posted)
        wanted = [
            proposing.Wanted(
                *cell, amount=amount, suggestion=offers[cell].as_data() if cell in offers else {}
            )
            for cell, amount in amounts
        ]
        try:
            proposal = proposing.propose(
                **self.key, wanted=wanted, note=self.form.words, by=self.user
            )
        except proposing.Problems as problems:
            self.cell_errors, self.general = problems.cells, problems.general
            self.lay()
            return None
        drafting.discard(**self.key, by=self.user)
        return proposal

    @property
    def words(self) -> str:
        """What the button says: Propose 3 links for EUR 1,240.00."""
        if not self.sheet.links:
            return _("Propose links")
        return ngettext(
            "Propose %(n)d link for %(total)s", "Propose %(n)d links for %(total)s", self._n
        ) % {"n": self._n, "total": self._total}

    @property
    def said_proposed(self) -> str:
        return ngettext(
            "%(n)d link proposed for %(total)s.", "%(n)d links proposed for %(total)s.", self._n
        ) % {"n": self._n, "total": self._total}

    @property
    def _n(self) -> int:
        return self.sheet.links

    @property
    def _total(self) -> str:
        return money.text(self.sheet.allocated, self.bench.group.currency, self.locale)

    @property
    def context(self) -> dict[str, Any]:
        """What the templates of the clearing page need."""
        sheet, bench, vendor = self.sheet, self.bench, [self.bench.vendor.id]
        return {
            "desk": self,
            "bench": bench,
            "group": bench.group,
            "currency": self.currency,
            "sheet": sheet,
            "invoices": sheet.parted,
            "off": (bench.off_credits, bench.off_invoices),
            "rows": self.rows,
            "sums_url": f"{reverse('workbench_sums', args=vendor)}?{self.query}",
            "propose_url": f"{reverse('propose', args=vendor)}?{self.query}",
            "here_url": f"{reverse('workbench', args=vendor)}?{self.query}",
            "round_url": f"{reverse('next_vendor', args=vendor)}?{self.query}",
            "shown": shown(bench, self.query),
            "left_out_cells": [
                (cell_name(one)[6:], self.form.filled[one]) for one in self.left_out
            ],
            "kept": (sheet.kept_open[:2], len(sheet.kept_open[2:])),
            "words": self.words,
            "example": self.form.amount_field.example,
            "warning": usable.vendor_warning(bench.vendor),
            "why_not": self.why_not,
            "gave_up": self.engine.result.gave_up,
            "chosen": self._chosen,
        }

    @property
    def _chosen(self) -> str:
        """The credit note that "Add credit" takes from; empty: the oldest."""
        given = str(self.form.data.get("credit", ""))
        ids = [str(one.id) for one in self.bench.sound]
        if given in ids:
            return given
        return next((one for one in ids if not given and UUID(one) in self.wanted), "")


def _fields(typed: Mapping[Cell, str], filled: Mapping[Cell, str]) -> dict[str, str]:
    """Texts as the page's form sends them."""
    suggested = {f"filled{cell_name(cell)[6:]}": text for cell, text in filled.items()}
    return suggested | {cell_name(cell): text for cell, text in typed.items()}


def _number(text: str | None) -> int:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 8 else 0


def _uuid(text: Any) -> UUID | None:
    try:
        return UUID(str(text or ""))
    except ValueError:
        return None


def _time(text: Any) -> datetime | None:
    """The time at which a page was shown, as its form says; None where it says none."""
    try:
        found = parse_datetime(str(text or ""))
        return found.astimezone(UTC) if found and found.tzinfo else None
    except (ValueError, OverflowError):  # no date, or outside of the calendar in UTC
        return None
