"""Saying which months are closed: who may, what is checked, what stands or falls together."""

from datetime import date
from uuid import uuid4

import pytest
import time_machine
from django.db import DatabaseError

from clearing import workflow
from clearing.models import AuditEvent, Months
from clearing.roles import NotAllowed
from clearing.services import closing
from clearing.workflow import Conflict
from tests import factories

SEPTEMBER, OCTOBER = date(2026, 9, 30), date(2026, 10, 31)


@pytest.fixture(autouse=True)
def _november():
    with time_machine.travel("2026-11-21 12:00", tick=False):
        yield


def set_months(books, by, closed=OCTOBER, filed=None, **over):
    fields = {"entity_id": books.entity.pk, "reason": ""} | over
    return closing.set_months(closed_through=closed, vat_filed_through=filed, by=by, **fields)


@pytest.mark.parametrize("role", ["viewer", "preparer", "approver"])
def test_only_a_controller_closes_a_month(books, role):
    with pytest.raises(NotAllowed, match="Only a controller"):
        set_months(books, factories.person(role))
    assert not Months.objects.exists()


def test_what_is_stored_and_told(books, controller):
    set_months(books, controller)
    months = set_months(books, controller, OCTOBER, SEPTEMBER, reason=" quarterly ")
    assert (months.closed_through, months.vat_filed_through) == (OCTOBER, SEPTEMBER)
    assert months.changed_by == controller
    last = AuditEvent.objects.first()
    assert (last.verb, last.reason, last.by_id) == ("closed months", "quarterly", controller.pk)
    assert last.details["vat_filed_through"] == {"was": None, "now": "2026-09-30"}


@pytest.mark.parametrize(
    ("day", "sentence"),
    [
        (date(2026, 10, 30), "whole month"),
        (date(2026, 11, 30), "a month that is over"),
        (date.max, "a month that is over"),
    ],
)
def test_a_month_is_whole_and_over(books, controller, day, sentence):
    for months in ((day, None), (None, day)):
        with pytest.raises(ValueError, match=sentence):
            set_months(books, controller, *months)
    assert not Months.objects.exists()


def test_on_its_last_day_a_month_can_be_closed(books, controller):
    with time_machine.travel("2026-11-30 20:00", tick=False):
        assert set_months(books, controller, date(2026, 11, 30)).closed_through.month == 11


@pytest.mark.parametrize(
    ("was", "wanted", "back"),
    [
        ((None, None), (OCTOBER, None), False),
        ((SEPTEMBER, None), (OCTOBER, SEPTEMBER), False),
        ((OCTOBER, None), (SEPTEMBER, None), True),
        ((OCTOBER, None), (None, OCTOBER), True),
        ((OCTOBER, OCTOBER), (OCTOBER, SEPTEMBER), True),
    ],
)
def test_what_takes_a_month_back(was, wanted, back):
    assert closing.takes_back(was, wanted) is back


def test_of_two_at_once_one_wins(books, controller):
    set_months(books, controller, seen=(None, None))
    with pytest.raises(Conflict, match="Somebody was faster"):
        set_months(books, controller, SEPTEMBER, seen=(None, None), reason="x")
    assert closing.current(books.entity.pk) == (OCTOBER, None)
    assert AuditEvent.objects.count() == 1


def test_an_entity_nobody_has_seen_is_a_conflict(books, controller):
    with pytest.raises(Conflict, match="does not hold this company entity"):
        set_months(books, controller, entity_id=uuid4())


def test_without_its_trail_nothing_changes(books, controller, monkeypatch):
    def broken(*_args, **_fields):
        raise DatabaseError("no room")

    monkeypatch.setattr(workflow, "record", broken)
    with pytest.raises(DatabaseError):
        set_months(books, controller)
    assert closing.current(books.entity.pk) == (None, None)
