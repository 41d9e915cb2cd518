"""The worker makes evidence, a slice at a time: a document, some links, at last the index."""

import hashlib
import io
import logging
import time
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Any, Protocol

from django.conf import settings
from django.db import OperationalError, transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from clearing import workflow
from clearing.exporting import xlsx
from clearing.exporting.about import Origin
from clearing.light.client import LightClient
from clearing.light.errors import LightPaused
from clearing.models import CreditNote, Evidence, EvidenceFile, InvoicePayable, Movement
from clearing.sampling import DoesNotTie
from clearing.services.evidencing import fetching, printing
from clearing.services.evidencing.asking import told
from clearing.services.evidencing.fetching import safe
from clearing.sheets import Sheet

logger = logging.getLogger(__name__)
LONGEST = 0.7  # seconds after which a slice of links ends; sending waits as long
MOST_TRIES = 3  # to read a document from Light
WAIT = timedelta(seconds=20)  # before the second try; four times as long before the third
Kind, State = EvidenceFile.Kind, Evidence.State


class Content(Protocol):
    """What the files say: clearing.queries.evidence."""

    @property
    def head(self) -> Callable[[], str]: ...

    @property
    def dossier(self) -> Callable[[Evidence, EvidenceFile, datetime], Any]: ...

    @property
    def sheets(self) -> Callable[[Evidence, datetime], Iterable[Sheet]]: ...


class Lost(Exception):
    """Another worker has gone on with it meanwhile."""


def make(now: datetime, *, worker: str, client: LightClient, content: Content) -> bool:
    """One slice of the oldest evidence that something can be done for; False: of none."""
    free = Q(lease_until=None) | Q(lease_until__lte=now) | Q(lease_by=worker)
    for evidence in Evidence.objects.filter(free, state=State.RUNNING).order_by("pk"):
        file = _next(evidence, now)
        if file is None:
            continue
        until = now + timedelta(seconds=settings.LEASE)
        mine = Evidence.objects.filter(free, pk=evidence.pk, state=State.RUNNING)
        if mine.update(lease_by=worker, lease_until=until):
            evidence.lease_by = worker
            return _slice(evidence, file, now, client, content)
    return False


def _next(evidence: Evidence, now: datetime) -> EvidenceFile | None:
    """The next file that may be made now; links wait for every document, the index for all."""
    left = evidence.files.filter(done_at=None)
    due = left.filter(Q(not_before=None) | Q(not_before__lte=now)).first()
    if due is None or due.document_id:
        return due
    earlier = left.exclude(kind=Kind.INDEX)
    waits = earlier.exclude(document_id=None) if due.kind == Kind.LINK else earlier
    return None if waits.exists() else due


def _slice(
    evidence: Evidence, file: EvidenceFile, now: datetime, client: LightClient, content: Content
) -> bool:
    try:
        if not evidence.head and (head := content.head()):
            evidence.head = head
            Evidence.objects.filter(pk=evidence.pk, head="").update(head=head)
        if file.document_id:
            _fetch(evidence, file, now, client)
        elif file.kind == Kind.LINK:
            _print(evidence, file, now, content)
        else:
            _finish(evidence, file, now, content)
    except Lost:
        return True
    except DoesNotTie as problem:
        _fail(evidence, str(problem))
    except (OperationalError, LightPaused):  # not its fault: again when the lease has ended
        raise
    except Exception:
        _fail(evidence, _("Making this evidence stopped over a mistake of ours; see the log."))
        raise
    return True


def _fetch(evidence: Evidence, file: EvidenceFile, now: datetime, client: LightClient) -> None:
    """One document; where Light does not give it, another try later, or the sentence why."""
    found = fetching.fetch(client, file, room=fetching.MOST_BYTES - evidence.bytes)
    if found.again and file.tries + 1 < MOST_TRIES:
        _later(evidence, file, now)
        return
    name = fetching.name_of(file, found.suffix) if found.content else ""
    more = F("documents_done") + 1
    _keep(evidence, file, name, found.content, found.problem, documents_done=more)


def _later(evidence: Evidence, file: EvidenceFile, now: datetime) -> None:
    _still_ours(evidence).files.filter(pk=file.pk, done_at=None).update(
        tries=F("tries") + 1, not_before=now + WAIT * 4**file.tries
    )


def _print(evidence: Evidence, file: EvidenceFile | None, now: datetime, content: Content) -> None:
    """As many links as fit into a slice. One that gives no PDF has another try later."""
    until = time.monotonic() + LONGEST
    while file is not None and file.kind == Kind.LINK:
        made = printing.printed(content.dossier(evidence, file, now))
        if made.problem and not file.tries:
            _later(evidence, file, now)
            return
        name = f"links/{_link_name(evidence, file)}.{made.suffix}"
        more = F("links_done") + 1
        _keep(evidence, file, name, made.content, made.problem, links_done=more)
        file = _next(evidence, now) if time.monotonic() < until else None


def _link_name(evidence: Evidence, file: EvidenceFile) -> str:
    """ "007-CN-42-INV-7": unique by its number, whatever the documents are called."""
    row = Movement.objects.get(pk=file.movement_id or 0)
    note = CreditNote.objects.filter(pk=row.credit_note_id).first()
    invoice = InvoicePayable.objects.filter(pk__in=[row.invoice_payable_id]).first()
    names = "-".join(safe(str(one)) for one in (note, invoice) if one)
    number = file.position - evidence.documents_total
    return f"{number:03}-{names or 'unknown'}"


def _finish(evidence: Evidence, file: EvidenceFile, now: datetime, content: Content) -> None:
    """The index, and with it the end."""
    title = _("Evidence %(n)d") % {"n": evidence.pk}
    origin = Origin(evidence.asked_by_name, timezone.localtime(now))
    written, sheets = io.BytesIO(), content.sheets(evidence, now)
    xlsx.write_all(sheets, origin, written, title=title)
    page = written.getvalue()
    digest = hashlib.sha256(page).hexdigest()
    with transaction.atomic():
        _keep(
            evidence, file, "index.xlsx", page, "", state=State.READY,
            finished_at=workflow.now(), lease_by="", lease_until=None,
        )  # fmt: skip
        details = told(evidence) | {"index_digest": digest, "asked_by": evidence.asked_by_name}
        workflow.record("made the evidence", None, by=None, now=now, reason=title, details=details)


def _keep(
    evidence: Evidence, file: EvidenceFile, name: str, content: bytes, problem: str, **fields: Any
) -> None:
    """Store one file, once, and count it. Raises Lost where another worker has gone on."""
    with transaction.atomic():
        total = F("bytes") + len(content)
        mine = Evidence.objects.filter(
            pk=evidence.pk, lease_by=evidence.lease_by, state=State.RUNNING
        )
        kept = EvidenceFile.objects.filter(pk=file.pk, done_at=None).update(
            name=name, content=content or None, size=len(content), problem=problem,
            digest=hashlib.sha256(content).hexdigest() if content else "", done_at=workflow.now(),
        )  # fmt: skip
        if not kept or not mine.update(**{"bytes": total} | fields):
            raise Lost


def _still_ours(evidence: Evidence) -> Evidence:
    """Raises Lost where another worker has gone on."""
    found = Evidence.objects.filter(pk=evidence.pk, lease_by=evidence.lease_by).first()
    if found is None:
        raise Lost
    return found


def _fail(evidence: Evidence, problem: str) -> None:
    mine = Evidence.objects.filter(pk=evidence.pk, state=State.RUNNING, lease_by=evidence.lease_by)
    mine.update(
        problem=problem, finished_at=workflow.now(), lease_by="", lease_until=None,
        state=State.FAILED,
    )  # fmt: skip


def tidy(now: datetime) -> bool:
    """Delete the files of one evidence that is old enough; what was sampled stays known."""
    before = now - timedelta(days=settings.EVIDENCE_DAYS)
    old = Evidence.objects.filter(
        state__in=[State.READY, State.FAILED], finished_at__lt=before
    ).first()
    if old is None:
        return False
    with transaction.atomic():
        EvidenceFile.objects.filter(evidence=old).update(content=None)
        Evidence.objects.filter(pk=old.pk).update(lease_by="", state=State.DELETED)
    return True
