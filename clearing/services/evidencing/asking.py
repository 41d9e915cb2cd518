"""A person asks for evidence: what was drawn stands still, the worker does the rest."""

from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from django.contrib.auth import get_user_model
from django.db import transaction
from django.utils.translation import gettext as _

from clearing import months, roles, workflow
from clearing.models import Evidence, EvidenceFile, Movement
from clearing.roles import User

MOST_LINKS = 200
MOST_OF_ONE, MOST_RUNNING = 2, 6  # under way at a time: of one person, of all
Kind = EvidenceFile.Kind


@dataclass(frozen=True)
class Drawn:
    """A sample: movements, drawn from the population of an entity's months by `movements_to`."""

    entity_id: UUID
    first: date
    last: date
    movements_to: int
    size: int
    digest: str
    movements: list[int]
    seed: str = ""
    numbers: list[str] = field(default_factory=list)
    copy_at: datetime | None = None


def start(drawn: Drawn, *, by: User) -> Evidence:
    """Have this evidence made. Raises NotAllowed; ValueError or Conflict with a sentence."""
    roles.check_may(by, "see")
    if not 1 <= len(drawn.movements) <= MOST_LINKS:
        raise ValueError(_("One evidence has 1 to %(n)d links.") % {"n": MOST_LINKS})
    now = workflow.now()
    rows = list(Movement.objects.filter(pk__in=drawn.movements).order_by("pk"))
    documents = _documents(rows)
    with transaction.atomic():
        _check_room(by)
        evidence = Evidence.objects.create(
            entity_id=drawn.entity_id, first=drawn.first, last=drawn.last,
            movements_to=drawn.movements_to, size=drawn.size, digest=drawn.digest,
            seed=drawn.seed, numbers=drawn.numbers, copy_at=drawn.copy_at, asked_by=by,
            asked_by_name=workflow.name_of(by), asked_at=now, links_total=len(rows),
            documents_total=len(documents),
        )  # fmt: skip
        files = [EvidenceFile(kind=kind, document_id=id) for id, kind in documents.items()]
        files += [EvidenceFile(kind=Kind.LINK, movement_id=row.pk) for row in rows]
        files.append(EvidenceFile(kind=Kind.INDEX))
        for position, file in enumerate(files, start=1):
            file.evidence, file.position = evidence, position
        EvidenceFile.objects.bulk_create(files)
        words = _("Evidence %(n)d") % {"n": evidence.pk}
        workflow.record(
            "asked for evidence", None, by=by, now=now, reason=words, details=told(evidence)
        )
    return evidence


def _check_room(by: User) -> None:
    """Raises Conflict where too many are being made. One person asks for one at a time."""
    people = get_user_model()._default_manager.filter(pk=by.pk)
    list(people.select_for_update(no_key=True).values_list("pk"))
    running = Evidence.objects.filter(state=Evidence.State.RUNNING)
    if running.filter(asked_by=by).count() >= MOST_OF_ONE:
        raise workflow.Conflict(
            _("%(n)d of your evidences are still being made. Wait until one of them is ready.")
            % {"n": MOST_OF_ONE}
        )
    if running.count() >= MOST_RUNNING:
        raise workflow.Conflict(
            _("%(n)d evidences are still being made. Wait until one of them is ready.")
            % {"n": MOST_RUNNING}
        )


def told(evidence: Evidence) -> dict[str, str | int]:
    """What the trail keeps of an evidence."""
    return {
        "evidence": evidence.pk,
        "entity": str(evidence.entity_id),
        "first": months.code(evidence.first),
        "last": months.code(evidence.last),
        "population": evidence.size,
        "population_digest": evidence.digest,
        "links": evidence.links_total,
        "seed": evidence.seed,
    }


def _documents(rows: list[Movement]) -> dict[UUID, str]:
    """Both documents of each link, each once, in the order of the links."""
    found: dict[UUID, str] = {}
    for row in rows:
        found.setdefault(row.credit_note_id, Kind.CREDIT_NOTE)
        if row.invoice_payable_id:
            found.setdefault(row.invoice_payable_id, Kind.INVOICE)
    return found
