"""Which two credit notes may be one: the pure rule."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clearing import twins

NORD, NORD_AGAIN, OTHER = (UUID(int=number) for number in (1, 2, 3))
VAT_IDS = {NORD: "DE123456789", NORD_AGAIN: "DE123456789", OTHER: ""}


@dataclass
class Note:
    id: UUID
    vendor_id: UUID | None = NORD
    amount: int | None = 12000
    currency: str = "EUR"
    document_number: str = "GS-8213"
    document_date: date | None = date(2026, 9, 14)
    gone_at: datetime | None = None


def why(days: int = 7, **over: object) -> tuple[str, ...]:
    one, other = Note(uuid4()), Note(uuid4(), **over)  # type: ignore[arg-type]
    found = twins.why(one, other, days=days, vat_ids=VAT_IDS)
    assert found == twins.why(other, one, days=days, vat_ids=VAT_IDS)
    return found


FAR = date(2026, 12, 24)


@pytest.mark.parametrize(
    "over, expected",
    [
        ({}, ("vendor", "number", "dates")),
        ({"document_date": FAR}, ("vendor", "number")),
        ({"document_date": None}, ("vendor", "number")),
        ({"document_number": "X-1"}, ("vendor", "dates")),
        ({"document_number": ""}, ("vendor", "dates")),
        ({"document_number": "X-1", "document_date": date(2026, 9, 21)}, ("vendor", "dates")),
        ({"document_number": "X-1", "document_date": date(2026, 9, 22)}, ()),
        ({"document_number": "X-1", "document_date": None}, ()),
        ({"vendor_id": NORD_AGAIN}, ("vat", "number", "dates")),
        ({"vendor_id": OTHER}, ()),
        ({"vendor_id": None}, ()),
        ({"amount": 12001}, ()),
        ({"amount": None}, ()),
        ({"currency": "USD"}, ()),
        ({"gone_at": datetime(2026, 11, 2)}, ()),
    ],
    ids=str,
)
def test_why_two_may_be_one(over, expected):
    assert why(**over) == expected


def test_what_is_missing_on_both_is_not_the_same():
    nobody = {"vendor_id": None}, {"amount": None}, {"amount": 0}, {"currency": ""}
    for missing in nobody:
        one, other = Note(uuid4(), **missing), Note(uuid4(), **missing)
        assert twins.why(one, other, days=7, vat_ids=VAT_IDS) == ()
    one, other = Note(uuid4(), document_number="", document_date=None), Note(uuid4())
    other.document_number, other.document_date = "", None
    assert twins.why(one, other, days=7, vat_ids=VAT_IDS) == ()
    one, other = Note(uuid4(), vendor_id=OTHER), Note(uuid4(), vendor_id=UUID(int=4))
    assert twins.why(one, other, days=7, vat_ids={OTHER: "", UUID(int=4): ""}) == ()


def test_a_note_is_no_twin_of_itself():
    note = Note(uuid4())
    assert twins.why(note, note, days=7, vat_ids=VAT_IDS) == ()


@pytest.mark.parametrize(
    "one, other",
    [
        ("GS-8213", "gs 8213"),
        ("GS-8213", "8213"),
        ("CN_0008213", "8213"),
        ("Gutschrift Nr. 8213", "8213"),
        ("2026/0042", "2026-0042"),
        ("８２１３", "8213"),
        ("CR8213a", "8213A"),
    ],
)
def test_two_spellings_of_one_number(one, other):
    assert twins.number_key(one) == twins.number_key(other) != ""


@pytest.mark.parametrize("one, other", [("8213", "8214"), ("8213", "82130"), ("12-3", "1-24")])
def test_two_numbers_stay_two(one, other):
    assert twins.number_key(one) != twins.number_key(other)


@pytest.mark.parametrize("number", ["", " ", "--", "0", "CN-000"])
def test_a_number_that_says_nothing(number):
    assert twins.number_key(number) == ""


@given(st.text(max_size=20))
def test_a_key_is_its_own_key(number):
    key = twins.number_key(number)
    assert twins.number_key(f"  {number.upper().lower()} ") == twins.number_key(
        number.upper().lower()
    )
    assert not key.startswith("0")


@given(st.integers(0, 400), st.integers(0, 30))
def test_days_apart_count_both_ways(apart, days):
    found = why(days, document_number="X", document_date=date(2026, 9, 14) + timedelta(days=apart))
    assert bool(found) == (apart <= days)


DAYS = st.one_of(st.none(), st.dates(date(2026, 9, 1), date(2026, 9, 30)))


@given(st.lists(st.builds(Note, st.uuids(), document_number=st.sampled_from(["", "1", "GS-1", "2"]),
                          document_date=DAYS), max_size=12), st.integers(0, 9))  # fmt: skip
def test_only_notes_that_cannot_be_twins_are_left_out(notes, days):
    alike = twins.Alike(notes)
    for note in notes:
        near = [other.id for other in alike.near(note, days)]
        assert len(near) == len({id(other) for other in alike.near(note, days)})
        others = {o.id for o in notes if twins.why(note, o, days=days, vat_ids={})}
        assert others <= set(near)
