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

from clearing import money, roles, usable, workflow
from clearing.forms import Cell, WorkbenchForm, cell_name, cell_of
from clearing.models import Entity, Vendor, number_format
from clearing.queries import workbench, worksheet
from clearing.services import drafting, mirroring, proposing


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
        self.bench = workbench.load(vendor, entity, currency)
        self.draft, self.at_work = drafting.load(**self.key, now=self.now, by=request.user)
        self.suggested = self._suggest(wanted)
        self.why_not = roles.why_not(request.user, "propose")
        self.may = not self.why_not
        self.form = self._read(posted)
        self.said, self.focus = "", ""
        self.general: list[str] = []
        self.cell_errors: dict[Cell, str] = {}
        if self.form.unreadable:
            self.general.append(_("A line names no document. Reload the page and enter it again."))
        self.lay()

    def _suggest(self, wanted: frozenset[UUID]) -> dict[Cell, int]:
        """What the engine would link; only with the documents in `wanted`, if there are any.

        Never with a possible duplicate, even if one came here from it.
        """
        only = wanted & self.bench.documents.keys()
        credits = [one for one in self.bench.credits if one.id in only] or self.bench.credits
        invoices = [one for one in self.bench.invoices if one.id in only] or self.bench.invoices
        found = drafting.suggestions(
            [one for one in credits if not one.suspect],
            invoices,
            taken=self.bench.taken,
            posted_taken=self.bench.posted_taken,
        )
        return {(one.credit_id, one.payable_id): one.amount for one in found}

    def _read(self, posted: Mapping[str, Any] | None) -> WorkbenchForm:
        """What was sent, else the draft, else (for a preparer) the suggestion."""
        if posted is not None:
            data = posted
        elif self.draft:
            data = _fields(self.draft.typed) | {"note": self.draft.note}
        else:
            data = self._suggestion_fields() if self.may else {}
        return WorkbenchForm(data, currency=self.bench.group.currency, locale=self.locale)

    def _suggestion_fields(self) -> dict[str, str]:
        return _fields({cell: self.plain(amount) for cell, amount in self.suggested.items()})

    def plain(self, amount: int) -> str:
        return money.plain(amount, self.bench.group.currency, self.locale)

    def lay(self) -> None:
        """Work out the rows and sums from what is typed."""
        self.sheet = worksheet.work_out(
            self.bench,
            typed=self.form.typed,
            amounts=self.form.amounts,
            errors=self.form.cell_errors | self.cell_errors,
            suggested=self.suggested,
            seen=self.draft.seen if self.draft else {},
            wanted=self.wanted,
            locale=self.locale,
        )

    def press(self) -> bool:
        """Do what the pressed button says: add, remove, start over; whether there was one."""
        form = self.form
        start, leave_out = form.cleaned_data.get("start"), form.cleaned_data.get("leave_out")
        invoice_id = form.cleaned_data.get("add")
        if start == "suggest":
            self.suggested = self._suggest(frozenset())
            fields = self._suggestion_fields()
        elif start:
            fields = {}
        elif leave_out:
            fields = _fields({c: t for c, t in form.typed.items() if c != cell_of(leave_out)})
        elif invoice_id:
            fields = _fields(form.typed) | self._added(invoice_id)
        else:
            return False
        self.form = self._read(fields | {"note": form.words, "credit": form.data.get("credit", "")})
        self.lay()
        return True

    def _added(self, invoice_id: UUID) -> dict[str, str]:
        """More lines for one invoice, from the chosen credit or the oldest with some left."""
        chosen = self.form.cleaned_data.get("credit")
        credits = [one for one in self.bench.credits if chosen in (None, one.id)]
        invoices = [one for one in self.bench.invoices if one.id == invoice_id]
        found = drafting.suggestions(
            [one for one in credits if not one.suspect],
            invoices,
            taken=self.bench.taken | self.form.typed.keys(),
            posted_taken=self.bench.posted_taken | self.sheet.posted_used,
            left=self.sheet.left,
        )
        if not found:
            self.said = self._why_none(credits, invoices)
        self.focus = cell_name((found[0].credit_id, found[0].payable_id)) if found else ""
        return _fields({(s.credit_id, s.payable_id): self.plain(s.amount) for s in found})

    def _why_none(self, credits: list[Any], invoices: list[Any]) -> str:
        left = self.sheet.left
        if not credits or not invoices:
            return _("This document can no longer be used here.")
        if left[invoices[0].id] <= 0:
            return _("%(invoice)s is paid in full by the lines here.") % {
                "invoice": invoices[0].number
            }
        rest = [one for one in credits if left[one.id] > 0]
        if not rest:
            return _("No credit is left. Lower or clear another line first.")
        if all(one.suspect for one in rest):
            return _("%(note)s may be the same as %(twin)s. Compare the two first.") % {
                "note": rest[0].number, "twin": rest[0].suspect.name,
            }  # fmt: skip
        if invoices[0].posted and not settings.PARTIALLY_CLEARED_LINKABLE:
            return str(usable.ONE_POSTED)
        return _("These two are together already.")

    def save(self) -> None:
        """Keep what is typed as this person's draft, unless it has proposed it meanwhile."""
        shown_at = _time(self.form.data.get("shown_at"))
        if shown_at and drafting.is_overtaken(**self.key, shown_at=shown_at, by=self.user):
            return
        current = {row.document.id: row.before for row in self.rows if row.touched}
        drafting.save(
            **self.key,
            typed=self.form.typed,
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
        amounts = sorted(self.form.amounts.items(), key=lambda item: item[0][1] in posted)
        wanted = [proposing.Wanted(*cell, amount=amount) for cell, amount in amounts]
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
        first = worksheet.FIRST
        sheet = self.sheet
        return {
            "desk": self,
            "bench": self.bench,
            "group": self.bench.group,
            "currency": self.bench.group.currency,
            "sheet": sheet,
            "credits": (sheet.credits[:first], sheet.credits[first:]),
            "invoices": (sheet.invoices[:first], sheet.invoices[first:]),
            "unfold": any(row.lines or row.wanted for row in sheet.invoices[first:]),
            "off": (self.bench.off_credits, self.bench.off_invoices),
            "rows": self.rows,
            "sums_url": f"{reverse('workbench_sums', args=[self.bench.vendor.id])}?{self.query}",
            "propose_url": f"{reverse('propose', args=[self.bench.vendor.id])}?{self.query}",
            "kept": (sheet.kept_open[:2], len(sheet.kept_open[2:])),
            "words": self.words,
            "example": self.form.amount_field.example,
            "warning": usable.vendor_warning(self.bench.vendor),
            "why_not": self.why_not,
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


def _fields(typed: Mapping[Cell, str]) -> dict[str, str]:
    return {cell_name(cell): text for cell, text in typed.items()}


def _time(text: Any) -> datetime | None:
    """The time at which a page was shown, as its form says; None where it says none."""
    try:
        found = parse_datetime(str(text or ""))
        return found.astimezone(UTC) if found and found.tzinfo else None
    except (ValueError, OverflowError):  # no date, or outside of the calendar in UTC
        return None
