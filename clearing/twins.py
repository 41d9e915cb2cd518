"""When two credit notes may be one that was entered twice, and which pairs are answered.

Numbers are compared without what people type differently: case, blanks, dashes and other signs,
a prefix of letters, leading zeros.
"""

import re
import unicodedata
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache, reduce
from heapq import merge
from itertools import groupby, islice
from operator import or_
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import Q
from django.utils.translation import gettext as _

from clearing.models import CreditNote, Instruction, NotDuplicate, Vendor

VENDOR, VAT, NUMBER, DATES = "vendor", "vat", "number", "dates"
Pair = tuple[UUID, UUID]  # the smaller id first
MOST_PARTIES = 200  # that one query tells apart; of more it reads too much


@lru_cache(maxsize=20_000)
def number_key(number: str) -> str:
    """What two spellings of one number share: "GS-2026/0042" and "gs 20260042" agree.

    Empty where the number says nothing: it is missing, or nothing but signs and zeros.
    """
    folded = unicodedata.normalize("NFKC", number).casefold()
    letters_and_digits = re.sub(r"[\W_]", "", folded)
    return re.sub(r"^[^\W\d_]+(?=\d)", "", letters_and_digits).lstrip("0")


def why(one: Any, other: Any, *, days: int, vat_ids: Mapping[UUID, str]) -> tuple[str, ...]:
    """Why these two may be the same credit note, as codes; empty where they may not.

    days: how far apart the dates of two notes with different numbers may be.
    vat_ids: the VAT id of a vendor, where it is known.
    """
    if one.id == other.id or one.gone_at or other.gone_at:
        return ()
    if not one.amount or one.amount != other.amount:
        return ()
    if not one.currency or one.currency != other.currency:
        return ()
    party = _same_party(one.vendor_id, other.vendor_id, vat_ids)
    if not party:
        return ()
    likeness = [NUMBER] if _same_number(one, other) else []
    if one.document_date and other.document_date:
        likeness += [DATES] if abs((one.document_date - other.document_date).days) <= days else []
    return (party, *likeness) if likeness else ()


def _same_party(one: UUID | None, other: UUID | None, vat_ids: Mapping[UUID, str]) -> str:
    """VENDOR or VAT where both are of one party, else empty; nobody is the same as nobody."""
    if one is None or other is None:
        return ""
    if one == other:
        return VENDOR
    vat = vat_ids.get(one, "")
    return VAT if vat and vat == vat_ids.get(other, "") else ""


def _same_number(one: Any, other: Any) -> bool:
    key = number_key(one.document_number)
    return bool(key) and key == number_key(other.document_number)


def pair_of(one: UUID, other: UUID) -> Pair:
    """The two ids in the order in which an answer about them is stored."""
    return (one, other) if one < other else (other, one)


def sentence(twin: object) -> str:
    """Why a note with an unanswered twin waits, and what to do."""
    return _("It may be the same as %(twin)s. Compare the two and say why it is none.") % {
        "twin": twin
    }


def suspected(
    notes: Iterable[CreditNote], *, most: int | None = None
) -> dict[UUID, list[tuple[CreditNote, tuple[str, ...]]]]:
    """For each of these notes its possible duplicates with the codes why; answered or not.

    Three queries, whatever the number of notes; newest first. most: of one note; None: all.
    """
    notes = [one for one in notes if one.vendor_id and one.amount and one.currency]
    vat_ids = _vat_ids(notes)
    alike = {key: Alike(rows) for key, rows in _alike(notes, vat_ids).items()}
    days, found = settings.DUPLICATE_DAYS, {}
    for note in notes:
        near = alike[_key(note, vat_ids)].near(note, days) if alike else ()
        pairs = ((other, why(note, other, days=days, vat_ids=vat_ids)) for other in near)
        if others := list(islice((pair for pair in pairs if pair[1]), most)):
            found[note.id] = others
    return found


class Alike:
    """Notes of one party, currency and amount; there may be thousands, so few are compared."""

    def __init__(self, rows: list[CreditNote]) -> None:
        self.rows = sorted(rows, key=lambda row: (-_ordinal(row), row.id))  # newest first
        self.days = [-_ordinal(row) for row in self.rows]
        self.numbers: dict[str, list[int]] = defaultdict(list)
        for place, row in enumerate(self.rows):
            if key := number_key(row.document_number):
                self.numbers[key].append(place)

    def near(self, note: CreditNote, days: int) -> Iterator[CreditNote]:
        """Those with its number, or with a date near its own: only these can be its twins."""
        with_number: Iterable[int] = self.numbers.get(number_key(note.document_number), ())
        with_date: Iterable[int] = ()
        if note.document_date:
            day = -_ordinal(note)
            with_date = range(
                bisect_left(self.days, day - days), bisect_right(self.days, day + days)
            )
        for place, _same in groupby(merge(with_number, with_date)):
            yield self.rows[place]


def _ordinal(note: CreditNote) -> int:
    return note.document_date.toordinal() if note.document_date else 0


def _alike(
    notes: list[CreditNote], vat_ids: Mapping[UUID, str]
) -> dict[tuple[Any, ...], list[CreditNote]]:
    """What shares party, currency and amount with one of these notes, and these themselves."""
    keys = {_key(note, vat_ids) for note in notes}
    found: dict[tuple[Any, ...], list[CreditNote]] = {key: [] for key in keys}
    wanted = CreditNote.objects.filter(
        currency__in={one.currency for one in notes},
        amount__in={one.amount for one in notes},
        vendor_id__in={one.vendor_id for one in notes} | vat_ids.keys(),
        gone_at=None,
    )
    parties: dict[Any, tuple[set[UUID | None], set[int | None]]] = {}
    for note in notes:
        vendors, amounts = parties.setdefault(_key(note, vat_ids)[0], (set(), set()))
        vendors.add(note.vendor_id)
        amounts.add(note.amount)
    for vendor, vat in vat_ids.items():
        if vat in parties:
            parties[vat][0].add(vendor)
    if 0 < len(parties) <= MOST_PARTIES:
        each = (Q(vendor_id__in=who, amount__in=what) for who, what in parties.values())
        wanted = wanted.filter(reduce(or_, each))
    for note in wanted:
        if (key := _key(note, vat_ids)) in found:
            found[key].append(note)
    return found


def _key(note: CreditNote, vat_ids: Mapping[UUID, str]) -> tuple[Any, ...]:
    """What two notes share at least: party, currency and amount."""
    party = vat_ids.get(note.vendor_id) if note.vendor_id else None
    return party or note.vendor_id, note.currency, note.amount


def _vat_ids(notes: list[CreditNote]) -> dict[UUID, str]:
    """The VAT ids of these notes' vendors, and of every vendor that shares one of them."""
    own = Vendor.objects.filter(id__in={one.vendor_id for one in notes}).exclude(vat_id="")
    shared = set(own.values_list("vat_id", flat=True))
    if not shared:
        return {}
    return dict(Vendor.objects.filter(vat_id__in=shared).values_list("id", "vat_id"))


def answered(pairs: Iterable[Pair]) -> set[Pair]:
    """Those of these pairs that need no answer any more."""
    pairs = set(pairs)
    ids = {one for pair in pairs for one in pair}
    said = NotDuplicate.objects.filter(one_id__in=ids, other_id__in=ids)
    known = set(said.values_list("one_id", "other_id")) & pairs
    cancelled = set(
        Instruction.objects.filter(
            credit_note_id__in=ids,
            kind=Instruction.Kind.ARCHIVE,
            state=Instruction.State.DONE,
            reason_code="duplicate",
        ).values_list("credit_note_id", flat=True)
    )
    return known | {pair for pair in pairs if cancelled & set(pair)}
