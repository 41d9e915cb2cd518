"""The page about the age of the copy."""

from datetime import timedelta

import pytest
from django.urls import reverse

from clearing import workflow
from clearing.models import SyncRun, Worker
from clearing.queries import ages
from tests import factories

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


@pytest.fixture
def alive():
    now = workflow.now()
    return Worker.objects.create(name="w", started_at=now, beat_at=now)


def test_before_the_first_sync(client, viewer):
    client.force_login(viewer)
    page = client.get(reverse("sync")).content.decode()
    assert "Nothing read from Light yet" in page and "No worker is running" in page
    assert "every 2s" not in page and "Only a preparer" in page


def test_a_person_asks_and_the_worker_does_it(client, preparer, alive):
    client.force_login(preparer)
    answer = client.post(reverse("sync_now"))
    assert answer.status_code == 302 and answer["Location"] == reverse("sync")
    run = SyncRun.objects.get()
    assert run.state == "running" and run.asked_by_name == "Paula Prep" and run.requests == 0
    fragment = client.post(reverse("sync_now"), headers=HTMX).content.decode()
    assert SyncRun.objects.count() == 1 and "every 2s" in fragment and "<progress" in fragment
    assert "<html" not in fragment and "No worker is running" not in fragment


def test_progress_goes_on_until_the_run_ends(client, viewer, alive):
    client.force_login(viewer)
    now = workflow.now()
    run = factories.synced(
        state="running", started_at=now, lists_done_at=now, finished_at=None,
        details_total=120, details_done=41, problem="Waiting for Light: “busy”",
    )  # fmt: skip
    fragment = client.get(reverse("sync_progress"), headers=HTMX).content.decode()
    assert "41 of 120 details read" in fragment and 'max="120" value="41"' in fragment
    assert "Waiting for Light" in fragment and "every 2s" in fragment
    SyncRun.objects.filter(pk=run.pk).update(state="done", finished_at=now, requests=131)
    fragment = client.get(reverse("sync_progress"), headers=HTMX).content.decode()
    assert "every 2s" not in fragment and "131" in fragment
    assert client.get(reverse("sync_progress")).status_code == 302


def test_a_viewer_cannot_start_one(client, viewer):
    client.force_login(viewer)
    assert client.post(reverse("sync_now")).status_code == 403
    assert not SyncRun.objects.exists()


def test_a_failed_run_and_what_could_not_be_checked_are_said(client, viewer):
    client.force_login(viewer)
    factories.synced(state="failed", problem="Light refuses our key.", adjusts_checked=False)
    page = client.get(reverse("sync")).content.decode()
    assert "Light refuses our key." in page and "could not be checked" in page


@pytest.mark.parametrize(
    ("age", "words", "stale"),
    [
        (timedelta(seconds=30), "less than a minute old", False),
        (timedelta(minutes=1, seconds=5), "1 minute old", False),
        (timedelta(minutes=3), "3 minutes old", False),
        (timedelta(hours=5), "5 hours old", True),
        (timedelta(days=3), "3 days old", True),
    ],
)
def test_the_age_in_words(settings, age, words, stale):
    settings.STALE_AFTER = 900
    at = workflow.now() - age
    factories.synced(started_at=at, lists_done_at=at)
    found = ages.data_age()
    assert found.text == f"Copy from Light, {words}"
    assert found.as_of.startswith("As of ") and found.as_of.endswith(" UTC")
    assert found.stale is stale


def test_a_running_sync_without_its_lists_does_not_make_the_copy_younger():
    factories.synced()
    SyncRun.objects.create(full=False, started_at=workflow.now())
    assert ages.data_age().at == factories.NOW - timedelta(minutes=4)
