"""What the pages of a credit note and of a vendor say of credit that can't be used yet."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from uuid import UUID

from django.db.models import Count
from django.urls import reverse
from django.utils.translation import ngettext

from clearing import causes, money
from clearing.models import CreditNote, Outlook
from clearing.queries import decisions, documents, sums
from clearing.queries.stuck.rows import step_url, told
from clearing.queries.stuck.which import stuck


@dataclass(frozen=True)
class Section:
    """The section of a credit note's page; without `why` only its decisions are shown."""

    why: causes.Told | None
    step_url: str
    outside: bool  # the step is done in Light
    left: str
    decision: decisions.Row | None
    decide_url: str
    earlier: list[decisions.Row] = field(default_factory=list)
    letters: list[tuple[str, str]] = field(default_factory=list)


def of_note(note: CreditNote, *, locale: str) -> Section | None:
    """Why it can't be used yet and what was decided; None where neither. Two queries, or three."""
    outlook = Outlook.objects.filter(pk=note.pk).first()
    held, earlier = decisions.of_note(note.pk)
    is_stuck = outlook is not None and not outlook.strength and outlook.cause != causes.IN_REVIEW
    if not (is_stuck or held or earlier):
        return None
    entities = documents.entities()
    left = outlook.left if outlook else None
    why = told(outlook, entities=entities, locale=locale) if outlook else None
    return Section(
        why=why,
        step_url=step_url(note, outlook, why.place) if outlook and why else "",
        outside=why is not None and why.place == causes.LIGHT,
        left=money.text(left, note.currency, locale),
        decision=decisions.row(held, left=left, locale=locale) if held else None,
        decide_url=reverse("decide", args=[note.pk]) if outlook else "",
        earlier=[decisions.row(one, locale=locale) for one in earlier],
        letters=_letter(note, outlook, held.kind, entities, locale) if held and outlook else [],
    )


def _letter(
    note: CreditNote, outlook: Outlook, kind: str, entities: Mapping[str, str], locale: str
) -> list[tuple[str, str]]:
    """The text that a decision calls for; empty where it calls for none."""
    if kind not in decisions.WRITTEN:
        return []
    return [letters_of(note, outlook, entities, locale)[[*decisions.WRITTEN].index(kind)]]  # type: ignore[arg-type]


def letters_of(
    note: CreditNote, outlook: Outlook, entities: Mapping[str, str], locale: str
) -> list[tuple[str, str]]:
    """The texts to its vendor."""
    return decisions.letters(
        note, left=outlook.left, locale=locale,
        entity=entities.get(str(note.entity_id), ""),
        other_entity=entities.get(str(outlook.details.get("entity", "")), ""),
    )  # fmt: skip


@dataclass(frozen=True)
class Group:
    """The credit notes of one vendor that share a cause and a currency."""

    words: str
    notes: str
    left: str
    url: str


def of_vendor(vendor_id: UUID, *, locale: str) -> list[Group]:
    """What of this vendor can't be used yet, most first; one query."""
    rows = (
        stuck().filter(vendor_id=vendor_id).order_by().values("cause", "currency")
        .annotate(n=Count("pk"), **sums.halves("left"))
    )  # fmt: skip
    base = reverse("stuck")
    return [
        Group(
            words=str(causes.label(one["cause"])),
            notes=ngettext("%(n)d credit note", "%(n)d credit notes", one["n"]) % {"n": one["n"]},
            left=money.text(sums.whole(one, "left"), one["currency"], locale),
            url=f"{base}?vendor={vendor_id}&cause={one['cause'] or 'usable'}&rests=with",
        )
        for one in sorted(rows, key=lambda one: (-one["n"], one["cause"], one["currency"]))
    ]
