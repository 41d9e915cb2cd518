"""`manage.py sync`: read Light once, in the foreground, with progress."""

import time
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from clearing import gateway, workflow
from clearing.management.commands.worker import name_of_this
from clearing.models import SyncRun
from clearing.services import mirroring

WAIT = 0.2  # seconds between two looks at a run that another worker has, or that must wait
MOST_TRIES = 8  # of one slice in a row; then the command ends and the run waits for a worker


class Command(BaseCommand):
    help = "Read what changed in Light, or everything (--full), into the copy."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--full", action="store_true", help="also find what has gone")

    def handle(self, *args: Any, full: bool, **options: Any) -> None:
        client, worker = gateway.client(), name_of_this()
        run = mirroring.start(full=full, by_name="Command line", now=workflow.now())
        whole = run.full or not full
        self._finish(run, client, worker)
        if not whole:  # an incremental one was running
            run = mirroring.start(full=True, by_name="Command line", now=workflow.now())
            self._finish(run, client, worker)

    def _finish(self, run: SyncRun, client: Any, worker: str) -> None:
        said = ""
        while run.state == SyncRun.State.RUNNING:
            if not mirroring.slice(run, client, worker=worker, now=workflow.now()):
                time.sleep(WAIT)
                run.refresh_from_db()
            if run.tries >= MOST_TRIES:
                raise CommandError(f"{run.problem} It goes on with the next sync.")
            if (line := self._line(run)) != said:
                self.stdout.write(line)
                said = line
        if run.state == SyncRun.State.FAILED:
            raise CommandError(run.problem)
        if run.problem:
            self.stdout.write(run.problem)

    def _line(self, run: SyncRun) -> str:
        if run.state == SyncRun.State.DONE:
            return f"Done: {run.documents} documents, {run.requests} requests."
        if run.lists_done_at:
            return f"Details: {run.details_done} of {run.details_total}"
        return f"Lists: {run.documents} documents ({run.phase.replace('_', ' ')})"
