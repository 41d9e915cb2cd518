"""The banner while nothing goes out: why, what happens next, who does what; it goes by itself."""

import re
from datetime import UTC, timedelta
from urllib.parse import quote

import pytest
from django.urls import reverse

from clearing import workflow
from clearing.models import Budget, Worker
from clearing.models.running import KEY_REFUSED, ROLE_MISSING
from clearing.queries import stopped
from clearing.services.sending import stopping
from tests import factories
from tests.views.pages import HTMX, words

AGO = timedelta(minutes=10)


@pytest.fixture
def budget(db, settings):
    """Of the key in use, with a worker that is alive; sending goes on."""
    now = workflow.now()
    Worker.objects.create(name="w", started_at=now, beat_at=now)
    row = Budget.objects.create(key_id="k")
    assert stopped.now() is None

    def change(**columns):
        Budget.objects.filter(pk=row.pk).update(**columns)
        return stopped.now()

    return change


def state(**over):
    now = workflow.now()
    return {
        "minute_started_at": now.isoformat(), "minute_used": 0, "day_used": 1,
        "day": now.astimezone(UTC).date().isoformat(), "paused_until": None, "limit_seen": None,
    } | over  # fmt: skip


@pytest.mark.parametrize(
    ("because", "title", "who"),
    [
        (KEY_REFUSED, "Light does not accept our key", "Whoever looks after this installation"),
        (ROLE_MISSING, "not change anything", "AP_CLERK, or CONTROLLER"),
        ("Something else.", "Sending is stopped", "Something else."),
    ],
)
def test_a_key_that_is_refused(budget, because, title, who):
    stop = budget(stopped_at=workflow.now(), stopped_because=because)
    assert title in stop.title and who in stop.words and not stop.by_itself
    assert "We ask Light once a minute" in stop.words


def test_since_when_is_in_the_trail(budget):
    began = workflow.now() - AGO
    stopping.stop("Refused.", now=began)
    stopping.stop("Refused.", now=workflow.now())
    assert f"Since {began:%H:%M} UTC." in stopped.now().words


def test_the_requests_of_the_day_are_used_up(budget, settings):
    settings.TIME_ZONE, settings.LIGHT_REQUESTS_PER_DAY = "UTC", 500
    assert budget(state=state(day_used=499)) is None
    stop = budget(state=state(day_used=500))
    assert stop.by_itself and "00:00 UTC" in stop.words
    yesterday = (workflow.now() - timedelta(days=1)).date().isoformat()
    assert budget(state=state(day_used=500, day=yesterday)) is None


def test_a_pause_that_light_asks_for_is_told_if_it_is_long(budget):
    def until(**more):
        return (workflow.now() + timedelta(**more)).isoformat()

    assert budget(state=state(paused_until=until(seconds=5))) is None
    stop = budget(state=state(paused_until=until(minutes=4)))
    assert re.search(r"asked us to wait until \d\d:\d\d UTC", stop.title) and stop.by_itself


def test_light_is_down_after_some_silence(budget):
    since = workflow.now() - AGO
    assert budget(silent_since=since, silent_calls=1) is None
    assert budget(silent_since=workflow.now(), silent_calls=9) is None
    stop = budget(silent_since=since, silent_calls=3)
    assert stop.title == f"Light has not answered since {since:%H:%M} UTC"
    assert budget(silent_since=None, silent_calls=0) is None


def test_no_worker_is_told_where_something_waits(budget, books, preparer, approver):
    Worker.objects.update(beat_at=workflow.now() - AGO)
    assert stopped.now() is None
    line = factories.line(
        preparer, books.note(), books.invoice(), approved_by=approver, state="ready"
    )
    type(line).objects.update(changed_at=workflow.now() - AGO)
    stop = stopped.now()
    assert stop.title == "No worker is running" and "manage.py worker" in stop.words
    Worker.objects.all().delete()
    assert stopped.now().title == "No worker is running"


@pytest.mark.parametrize("role", ["viewer", "preparer", "approver", "controller"])
def test_every_page_shows_it_until_sending_goes_on(client, budget, role):
    client.force_login(factories.person(role))
    factories.synced()
    stop = budget(stopped_at=workflow.now(), stopped_because=KEY_REFUSED)
    page = client.get("/exceptions/")
    assert f'hx-get="{reverse("stopped")}?said={quote(stop.title, safe="")}"' in page.text
    assert stop.title in words(page) and 'role="alert"' in page.text
    again = client.get(reverse("stopped"), {"said": stop.title}, **HTMX)
    assert again.status_code == 204
    assert stop.title in words(client.get(reverse("stopped"), {"said": "x"}, **HTMX))
    budget(stopped_at=None, stopped_because="")
    gone = client.get(reverse("stopped"), {"said": stop.title}, **HTMX)
    assert gone.text.strip() == '<div id="stopped"></div>'
    assert client.get(reverse("stopped")).status_code == 302


def test_whoever_watches_a_proposal_sees_it_come(as_approver, budget, books, preparer, approver):
    line = factories.line(
        preparer, books.note(), books.invoice(), approved_by=approver, state="ready"
    )
    budget(silent_since=workflow.now() - AGO, silent_calls=5)
    look = as_approver.get(reverse("lines_progress", args=[line.proposal_id]), **HTMX)
    assert 'id="stopped" hx-swap-oob="true"' in look.text
    assert "Light has not answered since" in words(look)
