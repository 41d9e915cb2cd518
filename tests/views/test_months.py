"""Closed months: who says so, what is asked, what the trail keeps."""

from datetime import date

import pytest
import time_machine
from django.urls import reverse

from clearing.models import AuditEvent, Months
from clearing.services import closing
from tests import factories
from tests.views.pages import HTMX, words

SEPTEMBER, OCTOBER = date(2026, 9, 30), date(2026, 10, 31)


@pytest.fixture(autouse=True)
def _november():
    with time_machine.travel("2026-11-21 12:00", tick=False):
        yield


@pytest.fixture
def as_controller(client, controller):
    client.force_login(controller)
    return client


def change(client, books, extra=None, **over):
    data = {"entity": books.entity.pk, "closed": "2026-10", "filed": "2026-09", "seen": "- -"}
    return client.post(reverse("months"), data | over, **(extra or {}))


def dialog_url(books):
    return f"{reverse('months')}?entity={books.entity.pk}"


def months_of(books):
    return closing.current(books.entity.pk)


@pytest.mark.parametrize("extra", [{}, HTMX])
def test_a_controller_closes_months(as_controller, books, extra):
    answer = change(as_controller, books, extra)
    assert answer.status_code == (204 if extra else 302)
    assert months_of(books) == (OCTOBER, SEPTEMBER)
    said = words(as_controller.get(reverse("months")))
    assert "The months of Acme GmbH are changed." in said
    assert "Acme GmbH October 2026 September 2026 Carla Cont" in said


def test_the_trail_keeps_both_months_before_and_after(as_controller, books):
    change(as_controller, books)
    change(as_controller, books, closed="", seen="2026-10 2026-09", reason="Audit found an error")
    event = AuditEvent.objects.first()
    assert (event.verb, event.by_name) == ("closed months", "Carla Cont")
    assert event.reason == "Audit found an error"
    assert event.details["entity"] == str(books.entity.pk)
    assert event.details["closed_through"] == {"was": "2026-10-31", "now": None}
    assert event.details["vat_filed_through"] == {"was": "2026-09-30", "now": "2026-09-30"}


@pytest.mark.parametrize("over", [{"closed": "2026-08"}, {"closed": ""}, {"filed": ""}])
def test_taking_a_month_back_needs_a_reason(as_controller, books, over):
    change(as_controller, books)
    data = {"seen": "2026-10 2026-09", "reason": "  "} | over
    refused = change(as_controller, books, **data)
    assert refused.status_code == 422
    assert '<a href="#id_reason">Say in a few words why a month is taken back.' in refused.text
    assert months_of(books) == (OCTOBER, SEPTEMBER)
    assert change(as_controller, books, **data | {"reason": "An error"}).status_code == 302
    assert months_of(books) != (OCTOBER, SEPTEMBER)


@pytest.mark.parametrize(
    ("over", "field", "sentence"),
    [
        ({"closed": "2026-11"}, "closed", "Choose a month that is over."),
        ({"filed": "2027-01"}, "filed", "Choose a month that is over."),
        ({"closed": "junk"}, "closed", "Choose a month from the list."),
        ({"closed": "9999-12"}, "closed", "Choose a month from the list."),
        ({"filed": "2026-13"}, "filed", "Choose a month from the list."),
        ({"closed": "\x00"}, None, None),
        ({"reason": "x" * 1001}, "reason", "Shorten the words to 1000 characters."),
    ],
)
def test_a_wrong_month_has_its_sentence_at_its_field(as_controller, books, over, field, sentence):
    answer = change(as_controller, books, **over)
    if field is None:
        assert answer.status_code == 302
        return
    assert answer.status_code == 422
    assert f'<a href="#id_{field}">{sentence}</a>' in answer.text
    assert f'id="id_{field}-error"' in answer.text
    assert months_of(books) == (None, None)


def test_somebody_was_faster(as_controller, books, controller):
    closing.set_months(
        entity_id=books.entity.pk, closed_through=SEPTEMBER, vat_filed_through=None,
        reason="", by=controller,
    )  # fmt: skip
    answer = change(as_controller, books)
    assert answer.status_code == 409
    assert "Somebody was faster" in words(answer)
    assert '<option value="2026-10" selected>' in answer.text  # what was chosen is kept
    assert months_of(books) == (SEPTEMBER, None)


def test_nothing_changed_is_told(as_controller, books):
    answer = change(as_controller, books, closed="", filed="")
    assert answer.status_code == 409
    assert "Nothing was changed" in words(answer)
    assert not AuditEvent.objects.exists()


@pytest.mark.parametrize("role", ["viewer", "preparer", "approver"])
def test_others_see_the_months_and_why_not(client, books, controller, role):
    factories_months(books, controller)
    client.force_login(factories.person(role))
    page = client.get(reverse("months"))
    assert "October 2026" in words(page)
    assert "Only a controller can close a month." in words(page)
    assert 'disabled aria-describedby="why-not"' in page.text
    dialog = client.get(dialog_url(books), **HTMX)
    assert 'disabled aria-describedby="dialog-never"' in dialog.text
    assert change(client, books, seen="2026-10 2026-09").status_code == 403
    assert months_of(books) == (OCTOBER, SEPTEMBER)


def factories_months(books, by):
    Months.objects.create(
        entity_id=books.entity.pk, closed_through=OCTOBER, vat_filed_through=SEPTEMBER,
        changed_at=factories.NOW, changed_by=by,
    )  # fmt: skip


def test_the_dialog_is_a_page_without_javascript(as_controller, books, controller):
    factories_months(books, controller)
    page = as_controller.get(dialog_url(books))
    assert '<h1 id="dialog-title">Change the closed months of Acme GmbH?' in page.text
    assert "hx-post" not in page.text
    assert page.text.count("selected>") == 2
    assert "November 2026" not in page.text  # not over yet
    fragment = as_controller.get(dialog_url(books), **HTMX)
    assert "<html" not in fragment.text
    assert "data-close autofocus" in fragment.text


@pytest.mark.parametrize("given", ["", "junk", "%00", "00000000-0000-0000-0000-000000000000"])
def test_an_unknown_entity_is_not_found(as_controller, books, given):
    assert as_controller.get(f"{reverse('months')}?entity={given}").status_code == 404
    assert as_controller.post(reverse("months"), {"entity": given}).status_code == 404


def test_the_page_before_the_first_sync(as_controller, db):
    assert "No company entities yet" in words(as_controller.get(reverse("months")))
