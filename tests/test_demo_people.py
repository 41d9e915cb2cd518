"""What the demo prepares: its people, a closed month, and nothing of a real installation."""

import os
import re
from datetime import date
from pathlib import Path

import pytest
import time_machine
from django.core.management import call_command
from django.urls import reverse

from clearing import roles
from clearing.management.commands.demo import PEOPLE, Command
from clearing.models import AuditEvent, Entity, Months
from clearing.views.account import DEMO_PEOPLE
from lightui import demo
from tests import factories

LOCAL = {"HTTP_HOST": "127.0.0.1"}
SETTINGS = Path(demo.__file__).with_name("settings.py")


@pytest.fixture
def prepared(settings, db):
    settings.DEMO = True
    command = Command()
    command.prepare(verbosity=0)
    return command


def test_the_sign_in_page_offers_each_of_the_demos_people(prepared, client):
    assert set(PEOPLE) == set(DEMO_PEOPLE)
    offered = re.findall(r'name="role" value="([\w-]+)"', client.get(reverse("login")).text)
    assert sorted(offered) == sorted(PEOPLE)


@pytest.mark.parametrize("username", PEOPLE)
def test_everybody_has_the_rights_of_their_role(prepared, client, username):
    answer = client.post(reverse("demo_sign_in"), {"role": username}, **LOCAL)
    assert answer.status_code == 302
    page = client.get(reverse("today"), **LOCAL)
    person = page.wsgi_request.user
    offered = re.findall(r'name="role" value="([\w-]+)" aria-pressed="(\w+)"', page.text)
    assert dict(offered) == {name: str(name == username).lower() for name in PEOPLE}
    role, first, last = PEOPLE[username]
    assert roles.rights(person) == roles.RIGHTS[role]
    assert person.get_full_name() == f"{first} {last}" and not person.has_usable_password()


@pytest.mark.parametrize(
    ("today", "through"),
    [("2026-11-21", "2026-09-30"), ("2026-03-31", "2026-01-31"), ("2026-01-01", "2025-11-30")],
)
def test_the_month_before_last_is_closed_in_one_entity(prepared, today, through):
    other, first = factories.entity(code="US01"), factories.entity(code="DE01")
    with time_machine.travel(f"{today}T12:00:00Z", tick=False):
        prepared.close_months()
    months = Months.objects.get()
    assert months.entity_id == first.id != other.id
    assert months.closed_through == months.vat_filed_through == date.fromisoformat(through)
    assert months.changed_by.username == "controller" and AuditEvent.objects.count() == 1


def test_what_somebody_said_of_a_month_stays(prepared):
    Entity.objects.all().delete()
    prepared.close_months()  # nothing was read yet
    assert not Months.objects.exists()
    factories.entity()
    prepared.close_months()
    Months.objects.update(closed_through=None)
    prepared.close_months()
    assert Months.objects.get().closed_through is None


def test_nothing_of_a_real_installation_reaches_the_demo(tmp_path, monkeypatch):
    names = set(re.findall(r"env\.[a-z_]+\(\s*\"([A-Z_]+)\"", SETTINGS.read_text()))
    theirs = dict.fromkeys(names, "theirs") | {f"{name}_FILE": "/theirs" for name in names}
    monkeypatch.setattr(os, "environ", theirs)
    demo.prepare_environment(["--data", str(tmp_path), "--port", "0"])
    kept = {name for name, value in os.environ.items() if "theirs" in value}
    kept = {name.removesuffix("_FILE") for name in kept}
    harmless = {"LIGHT_TIMEOUT", "LOG_FORMAT", "LOG_LEVEL", "PLANNED_TOO_LONG_DAYS", "TIME_ZONE"}
    of_the_worker = {
        "LEASE", "LOOK_AGAIN", "QUARANTINE", "STALE_AFTER", "WORKER_IDLE", "GROUP_REFRESH",
        "FULL_SYNC_INTERVAL", "SYNC_INTERVAL", "SYNC_OVERLAP",
    }  # fmt: skip
    assert kept <= harmless | of_the_worker
    light = os.environ["LIGHT_API_URL"]
    for name in ("LIGHT_CREDIT_NOTE_URL", "LIGHT_INVOICE_URL"):
        assert os.environ[name].format(id="7") == f"{light}/?id=7#document"


def test_the_demo_starts_by_its_own_command_only(settings, db):
    settings.DEMO = False
    with pytest.raises(Exception, match=r"manage\.py demo"):
        call_command("demo")
