"""`manage.py worker`: sends what is approved, settles what is unclear, reads Light; for ever."""

import logging
import os
import secrets
import signal
import socket
import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from types import FrameType
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.db import close_old_connections

from clearing import gateway, known, tracing, workflow
from clearing.light.client import LightClient
from clearing.light.errors import LightDenied, LightError, LightPaused
from clearing.models import Worker
from clearing.queries import evidence, papers
from clearing.services import (
    citing,
    diagnosing,
    editing,
    evidencing,
    learning,
    mirroring,
    papering,
    planning,
    reconciling,
    sealing,
    sending,
    suspecting,
)

logger = logging.getLogger(__name__)
FORGET_AFTER = timedelta(days=1)  # heartbeats of workers that ended
Step = Callable[[], bool]


def name_of_this() -> str:
    """host:process:random, because process ids come back."""
    return f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(4)}"


@known.once()
def step(client: LightClient, worker: str, now: datetime) -> bool:
    """Do the most urgent thing that is due; False if there was nothing. Sending comes first.

    A slice of thinking goes with each slice of reading: a long sync must not starve it.
    """
    sealed = _try("sealing the audit trail", lambda: sealing.seal(now))  # beside all else
    return sealed | (
        _try("recovering", lambda: sending.recover(now))
        | _try("recovering edits", lambda: editing.recover(now))
        | _try("sending", lambda: sending.send_one(client.urgently(), worker=worker, now=now))
        or _try("settling", lambda: sending.settle_one(client.urgently(), worker=worker, now=now))
        or _try("settling edits", lambda: editing.settle_one(client.urgently(), now=now))
        or _try("proposing what a plan holds", planning.hand_in)
        or _try("making a plan", lambda: planning.make(now, worker=worker))
        or _try("making a month's paper", lambda: paper(now))
        or _try(
            "making evidence",
            lambda: evidencing.make(now, worker=worker, client=client, content=evidence),
        )
        or _try("reading", lambda: read(client, worker, now)) | think(now)
        or _try("reading the past", lambda: read_history(client, worker, now))
        or _try("reading the text of a PDF", lambda: citing.read_one(client, now=now))
        or _try("deleting discarded plans", planning.tidy)
        or _try("deleting old papers", lambda: papering.tidy(now))
        or _try("deleting old evidence", lambda: evidencing.tidy(now))
    )


def read(client: LightClient, worker: str, now: datetime) -> bool:
    """One slice of the running sync, else of the details that somebody wants."""
    if mirroring.due(now):
        mirroring.start(full=False, now=now)
    run = mirroring.running(now)
    with tracing.of(f"sync-{run.pk}" if run else "details"):
        if run and mirroring.slice(run, client, worker=worker, now=now):
            return True
        return mirroring.read_wanted(client, now=now) > 0


def paper(now: datetime) -> bool:
    """The lists of one month, where a page or a signature wants them."""
    return papering.make(now, read=papers.read_month, basis=papers.basis)


def read_history(client: LightClient, worker: str, now: datetime) -> bool:
    """One slice of what is read beside the syncs: once what is past, by night what is closed."""
    with tracing.of("history"):
        return mirroring.read_history(client, worker=worker, now=now)


def think(now: datetime) -> bool:
    """One slice of what the copy of Light is looked through for, without a call of Light."""
    return (
        _try("learning how Light behaves", lambda: learning.look(now))
        or _try("comparing with Light", lambda: reconciling.look(now))
        or _try("looking for what is not right", lambda: suspecting.look(now))
        or _try("reading what credit notes cite", lambda: citing.look(now))
        or _try("saying what can be used", lambda: diagnosing.look(now))
    )


def _try(what: str, do: Step) -> bool:
    """One part of a step: whatever goes wrong is logged, and the loop goes on."""
    try:
        return bool(do())
    except LightPaused as error:
        logger.info("%s waits", what, extra={"error": error.in_log})
    except mirroring.GaveWay:
        logger.info("%s goes on later: what it writes was held by others", what)
    except LightDenied as error:
        logger.warning("%s: Light refuses our key", what, extra={"error": error.in_log})
    except LightError as error:
        logger.warning("%s failed", what, extra={"error": error.in_log})
    except Exception:
        logger.exception("%s failed; the worker goes on.", what)
    return False


def beat(worker: str, now: datetime, started_at: datetime) -> None:
    """Say that this worker is alive, and forget those that have not been for a day."""
    Worker.objects.update_or_create(
        name=worker, defaults={"beat_at": now}, create_defaults={
            "beat_at": now, "started_at": started_at,
        },
    )  # fmt: skip
    Worker.objects.filter(beat_at__lt=now - FORGET_AFTER).delete()


class Loop:
    """Steps until it is told to stop; a stop takes effect between two steps."""

    def __init__(self, client: LightClient) -> None:
        self.client, self.name = client, name_of_this()
        self.ending = threading.Event()

    def end(self, signum: int = 0, frame: FrameType | None = None) -> None:
        """As a signal's handler."""
        self.ending.set()

    def run(self) -> None:
        """Until `end`; an idle worker rests for WORKER_IDLE seconds."""
        started_at = beaten_at = None
        while not self.ending.is_set():
            busy = False
            try:
                close_old_connections()
                now = workflow.now()
                started_at = started_at or now
                if beaten_at is None or (now - beaten_at).total_seconds() >= 5:
                    beat(self.name, now, started_at)
                    beaten_at = now
                busy = step(self.client, self.name, now)
            except Exception:  # the database is away: try again until it is back
                logger.exception("A step failed; the worker goes on.")
            if not busy:
                self.ending.wait(settings.WORKER_IDLE)
        Worker.objects.filter(name=self.name).delete()


class Command(BaseCommand):
    help = "Send approved lines, settle unclear ones, keep the copy of Light fresh. Ctrl-C ends it."

    def handle(self, *args: Any, **options: Any) -> None:
        loop = Loop(gateway.client())
        signal.signal(signal.SIGTERM, loop.end)
        signal.signal(signal.SIGINT, loop.end)
        self.stdout.write(f"Worker {loop.name}")
        loop.run()
