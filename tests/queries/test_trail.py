"""What the audit trail says beyond its verbs: changes of a draft, months, both balances."""

import pytest

from clearing.models import AuditEvent
from clearing.queries import history, trail
from tests import factories

CHANGES = [
    {"field": "amount", "was": "EUR 100.00", "now": "EUR 119.00"},
    {"field": "vendor_id", "was": "", "now": "Nordlicht"},
    {"field": "document_date", "was": "2026-09-14", "now": ""},
    {"field": "colour", "was": "red", "now": "blue"},
]


def row(verb="edited the draft", **over):
    fields = {"at": factories.NOW, "by_id": 7, "by_name": "Paula", "verb": verb, "currency": "EUR"}
    return AuditEvent(**fields | over)


def test_an_edit_says_each_field_with_before_and_after():
    event = history.audit(row(kind="change_note", amount=10000, details={"changes": CHANGES}), {},
                          "en_US")  # fmt: skip
    assert event.changes == (
        "Amount: EUR 100.00 → EUR 119.00",
        "Vendor: Nordlicht",
        "Document date: 14 Sep 2026 → –",
        "colour: red → blue",
    )
    assert event.words == "edited the draft"  # not "change_note", nor the amount once more


def test_how_an_edit_ended_does_not_repeat_what_it_changed():
    ended = row("was told no by Light", kind="change_note",
                details={"changes": CHANGES, "words": "No such vendor"})  # fmt: skip
    event = history.audit(ended, {}, "en_US")
    assert event.changes == () and event.reason == "No such vendor" and event.tone == "bad"
    assert event.words == "was told no by Light: Change of the draft"


@pytest.mark.parametrize(
    ("details", "expected"),
    [
        ({"free_before": 10000, "free_after": 6000, "open_before": 9000, "open_after": 5000},
         "Free to use: EUR 100.00 → EUR 60.00 · Open on the invoice: EUR 90.00 → EUR 50.00"),
        ({"free_before": 10000, "free_after": 10000}, "Free to use: EUR 100.00"),
        ({"free_before": 10000}, "Free to use: EUR 100.00"),
        ({"free_to_use": 10000, "open_amount": 0},
         "Free to use: EUR 100.00 · Open on the invoice: EUR 0.00"),
        ({"free_before": "x"}, ""), ({}, ""),
    ],
)  # fmt: skip
def test_both_balances_are_told(details, expected):
    assert trail.balances(row(details=details), "en_US") == expected


def test_the_worker_tells_what_light_showed():
    told = row("in Light", by_id=None, by_name="Worker", details={"free_before": 10000})
    assert trail.balances(told, "en_US") == "Free to use: EUR 100.00, by Light’s figures"


def test_closed_months_are_told_with_their_entity():
    event = history.audit(
        row("closed months", details={
            "entity_name": "Acme GmbH", "closed_through": {"was": None, "now": "2026-09-30"},
            "vat_filed_through": {"was": "2026-08-31", "now": "2026-08-31"},
        }), {}, "en_US",
    )  # fmt: skip
    assert event.words == "closed months: Acme GmbH"
    assert event.changes == ("Books closed through: 30 Sep 2026",)


@pytest.mark.parametrize("changes", ["text", 7, [1, None], [{}], {"field": "amount"}])
def test_odd_details_break_no_page(changes):
    assert isinstance(trail.changes(row(details={"changes": changes})), tuple)
