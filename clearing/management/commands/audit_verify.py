"""`manage.py audit_verify`: whether the audit trail is as it was sealed, in sentences."""

import re
from argparse import ArgumentParser
from itertools import islice
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import connection

from clearing import append_only, sealed
from clearing.chain import SHORTEST, Walk
from clearing.models import Paper
from clearing.services import papering

MOST = 1_000  # sentences that are written
HEAD = re.compile(rf"(\d{{1,18}}):([0-9a-f]{{{SHORTEST},64}})")


class Command(BaseCommand):
    help = "Check the audit trail against its seals. Ends with 1 where anything is wrong."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--head", action="append", default=[], metavar="SEQ:DIGEST",
            help="a head as it stands on an evidence file; may be given more than once",
        )  # fmt: skip

    def handle(self, *args: Any, head: list[str], **options: Any) -> None:
        walk = Walk()
        for one in head:
            seq, digest = self._read(one)
            walk.printed.setdefault(seq, set()).add(digest)
        wrong = 0
        for table in append_only.unprotected(connection):
            wrong += 1
            self.stdout.write(f"The table {table} can be changed: its triggers are missing.")
        found = sealed.wrong(walk)
        for one_wrong in islice(found, MOST):
            wrong += 1
            self.stdout.write(one_wrong.sentence)
        if more := sum(1 for _ in found):
            self.stdout.write(f"… and {more} more.")
        for paper in Paper.objects.exclude(signatures=None).select_related("month_end"):
            for part in papering.altered(paper):
                wrong += 1
                self.stdout.write(f"{paper.month_end}, paper {paper.pk}: its {part} were changed.")
        self._tell(walk)
        if wrong:
            raise CommandError(f"The audit trail is not as it was sealed: {wrong + more} findings.")
        self.stdout.write("The audit trail, and what was signed, are as they were sealed.")

    def _read(self, head: str) -> tuple[int, str]:
        match = HEAD.fullmatch(head.strip().lower())
        if match is None:
            raise CommandError(
                f"“{head}” is no head: write it as printed, the number of the seal, a colon, and "
                f"at least {SHORTEST} digits of its digest."
            )
        return int(match[1]), match[2]

    def _tell(self, walk: Walk) -> None:
        seq, digest = walk.head
        self.stdout.write(f"Sealed: {walk.sealed} events. Head: {seq}:{digest}")
        if walk.unsealed:
            since = f", the oldest of {walk.oldest.isoformat()}" if walk.oldest else ""
            self.stdout.write(f"Not sealed yet: {walk.unsealed} events{since}. The worker seals.")
