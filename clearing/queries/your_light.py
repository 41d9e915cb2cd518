"""The page of what is known of this company's Light: each open question with its answers."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _

from clearing import known, labels, questions
from clearing.known import Standing
from clearing.models import CreditNote, Instruction, InvoicePayable, Known
from clearing.queries import documents, rests
from clearing.workflow import name_of

MOST = 300  # answers of all times that are shown


@dataclass(frozen=True)
class Said:
    """One answer in words: seen or set, when, by whom or with what."""

    answer: str
    how: str
    links: list[tuple[str, str]] = field(default_factory=list)  # number, address
    reason: str = ""


@dataclass(frozen=True)
class Row:
    """One question; `now` is None where nothing is known, and `default` counts meanwhile."""

    code: str
    ask: str
    why: str
    shows: str
    default: str
    now: Said | None
    against: Said | None  # what was seen after a person had said otherwise
    history: list[Said]
    seen: int  # the newest answer, for who changes it
    answer: str
    choices: list[tuple[str, str]]
    url: str
    try_url: str  # empty where no link can find it out, or it is known
    trial_url: str  # of the proposal that tries it out now
    apart: rests.Apart | None = None


class Named:
    """What the answers name, read at once."""

    def __init__(self, rows: list[Known]) -> None:
        self.notes = CreditNote.objects.in_bulk({r.credit_note_id for r in rows} - {None})
        self.invoices = InvoicePayable.objects.in_bulk(
            {row.invoice_payable_id for row in rows} - {None}
        )

    def said(self, row: Known) -> Said:
        when = labels.moment(row.at)
        if row.how == Known.How.SET:
            words = _("Set by %(who)s on %(when)s") if row.answer else _(
                "Taken back by %(who)s on %(when)s"
            )  # fmt: skip
            how = words % {"who": name_of(row.by), "when": when}
        else:
            how = _("Seen on %(when)s") % {"when": when}
        return Said(_words(row.question, row.answer), how, list(self._links(row)), row.reason)

    def _links(self, row: Known) -> Any:
        for name, rows, id in (
            ("credit_note", self.notes, row.credit_note_id),
            ("invoice_payable", self.invoices, row.invoice_payable_id),
        ):
            if id is not None:
                found: Mapping[UUID, Any] = rows
                yield documents.name_of_document(found, id), reverse(name, args=[id])


def rows(*, locale: str) -> list[Row]:
    """Every question, where something is seen against what was said first; eight queries."""
    said = list(Known.objects.select_related("by").order_by("-pk")[:MOST])
    stands = known.standing()
    newest = [one for s in stands.values() for one in (s.row, s.seen_against) if one]
    named = Named([*said, *newest])
    history: dict[str, list[Said]] = defaultdict(list)
    for row in said:
        history[row.question].append(named.said(row))
    trials = _trials()
    apart = rests.apart(locale=locale)
    found = [
        _row(code, stands.get(code, Standing()), named, history[code], trials.get(code, ""),
             apart if code == questions.PARTLY else None)
        for code in questions.QUESTIONS
    ]  # fmt: skip
    return sorted(found, key=lambda row: row.against is None)


def row(code: str, *, locale: str) -> Row | None:
    """One question as its row shows it; None where there is no such question."""
    return next((one for one in rows(locale=locale) if one.code == code), None)


def _row(
    code: str, stands: Standing, named: Named, history: list[Said], trial: str,
    apart: rests.Apart | None,
) -> Row:  # fmt: skip
    asked = questions.QUESTIONS[code]
    can_try = code in questions.TRIALS and stands.row is None and not trial
    return Row(
        code=code,
        ask=str(asked.ask),
        why=str(asked.why),
        shows=str(asked.shows),
        default=_default(code),
        now=named.said(stands.row) if stands.row else None,
        against=named.said(stands.seen_against) if stands.seen_against else None,
        history=history,
        seen=stands.newest.pk if stands.newest else 0,
        answer=stands.answer,
        choices=[(one, str(words)) for one, words in asked.answers.items()],
        url=f"{reverse('your_light')}?question={code}",
        try_url=reverse("try_light", args=[code]) if can_try else "",
        trial_url=trial,
        apart=apart,
    )


def _default(code: str) -> str:
    """What counts until an answer is known; the setting may say it of one question."""
    words = _words(code, known.answers().defaults.get(code) or questions.QUESTIONS[code].default)
    if code == questions.PARTLY and settings.PARTIALLY_CLEARED_LINKABLE:
        return _("%(answer)s (PARTIALLY_CLEARED_LINKABLE is set)") % {"answer": words}
    return words


def _words(code: str, answer: str) -> str:
    if not answer:
        return _("Not known")
    return str(questions.QUESTIONS[code].answers.get(answer, answer))


def _trials() -> dict[str, str]:
    """The proposals that try something out now, by question."""
    lines = Instruction.objects.filter(trial__gt="", state__in=Instruction.OPEN)
    return {
        line.trial: reverse("proposal", args=[line.proposal_id])
        for line in lines.order_by("pk")[: len(questions.TRIALS)]
    }
