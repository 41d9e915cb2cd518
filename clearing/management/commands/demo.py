"""`manage.py demo`: sandbox, worker and dashboard in one command, on this machine only."""

import signal
import sys
import webbrowser
from datetime import timedelta
from pathlib import Path
from types import FrameType
from typing import Any

from django.conf import settings
from django.core.management import CommandError, call_command
from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from clearing.management.supervisor import Supervisor, wait_until_ready
from lightui import demo

PEOPLE = {  # username: role, first name, last name
    "preparer": ("preparer", "Paula", "Prepare"),
    "approver": ("approver", "Anton", "Approve"),
    "approver-2": ("approver", "Berta", "Approve"),  # for what the first has asked for
    "controller": ("controller", "Carla", "Control"),
    "viewer": ("viewer", "Vera", "View"),
}


class Command(BaseCommand):
    help = "Start the sandbox, the worker and the dashboard with a demo company."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        demo.add_arguments(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEMO:
            raise CommandError("Start the demo as: python manage.py demo")
        port, data = options["port"], Path(options["data"])
        if not demo.port_is_free(port):
            raise CommandError(
                f"Port {port} is in use. End what uses it, or choose another: "
                f"python manage.py demo --port {port + 1}"
            )
        self.prepare(verbosity=options["verbosity"])
        with Supervisor(data / "logs") as children:
            for name in (signal.SIGTERM, getattr(signal, "SIGHUP", signal.SIGTERM)):
                signal.signal(name, self.end)
            signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's & ignores it
            url = f"http://127.0.0.1:{port}/"
            try:
                self.start(children, port, data, faults=options["faults"])
                wait_until_ready(f"{url}readyz", children)
                self.close_months()
                self.say(f"Ready: {url}   (Ctrl-C ends the demo)")
                self.say(f"Act as another user of Light: {settings.LIGHT_API_URL}/")
                if not options["no_browser"]:
                    webbrowser.open(url)
                children.watch()
            except KeyboardInterrupt:
                self.say("\nEnding the demo.")

    def prepare(self, *, verbosity: int) -> None:
        """Migrate, and create the people."""
        from django.contrib.auth import get_user_model
        from django.contrib.auth.models import Group

        self.say("Preparing the database …")
        call_command("migrate", verbosity=max(verbosity - 1, 0), interactive=False)
        for username, (role, first, last) in PEOPLE.items():
            person, created = get_user_model().objects.get_or_create(
                username=username, defaults={"first_name": first, "last_name": last}
            )
            if created:
                person.set_unusable_password()
                person.save()
            person.groups.add(Group.objects.get(name=role))

    def close_months(self) -> None:
        """Close one entity's books up to the month before last, so that the rule can be seen."""
        from django.contrib.auth import get_user_model

        from clearing.models import Entity, Months
        from clearing.services import closing

        entity = Entity.objects.filter(gone_at=None).order_by("code", "id").first()
        if entity is None or Months.objects.exists():
            return
        last_month = timezone.localdate().replace(day=1) - timedelta(days=1)
        through = last_month.replace(day=1) - timedelta(days=1)
        closing.set_months(
            entity_id=entity.pk,
            closed_through=through,
            vat_filed_through=through,
            reason="",
            by=get_user_model().objects.get(username="controller"),
        )

    def start(self, children: Supervisor, port: int, data: Path, *, faults: str) -> None:
        self.say("Starting the sandbox of Light, the worker and the dashboard …")
        children.start(
            "sandbox",
            "sandbox",
            f"--port={demo.sandbox_port()}",
            f"--store={data / 'light.sqlite3'}",
            "--rate=1000000",
            f"--faults={faults}",
        )
        children.start("worker", "worker")
        children.start("dashboard", "runserver", f"127.0.0.1:{port}", "--noreload")

    def say(self, text: str) -> None:
        self.stdout.write(text)
        self.stdout.flush()

    def end(self, number: int, frame: FrameType | None) -> None:
        sys.exit(128 + number)
