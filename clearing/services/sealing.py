"""Seals the audit trail: each event gets a digest over itself and all before it."""

from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import Max

from clearing import serial
from clearing.chain import COLUMNS, GENESIS, digest
from clearing.models import AuditEvent, AuditSeal
from clearing.sealed import Head, head, unsealed

__all__ = ["Head", "head", "seal"]
AT_ONCE = 2_000


def seal(now: datetime) -> bool:
    """Seal the next events, at most AT_ONCE; whether there may be more. Never waits."""
    if not unsealed().exists():
        return False
    top = _final()
    if not top:
        return False
    try:
        with transaction.atomic():
            return _seal(top, now) == AT_ONCE
    except IntegrityError as error:
        if "unique" not in str(error).lower():
            raise
        return False  # another worker has sealed them just now


def _final() -> int:
    """The id up to which no event can appear any more; 0 where somebody is writing."""
    with transaction.atomic():
        if not serial.settled(serial.Rows.AUDIT):
            return 0
        return AuditEvent.objects.aggregate(top=Max("pk"))["top"] or 0


def _seal(top: int, now: datetime) -> int:
    """Append the seals of the next events up to `top`; how many there were."""
    last, seals = head(), []
    seq, before = (last.seq, last.digest) if last else (0, GENESIS)
    for event in unsealed().filter(pk__lte=top).values_list(*COLUMNS)[:AT_ONCE]:
        seq, before = seq + 1, digest(before, seq + 1, now, event)
        seals.append(AuditSeal(seq=seq, event_id=event[0], digest=before, sealed_at=now))
    AuditSeal.objects.bulk_create(seals)
    return len(seals)
