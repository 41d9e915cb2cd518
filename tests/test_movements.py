"""What a credit note's open amount went through: what stands is what Light shows, to the cent."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from types import SimpleNamespace
from typing import Any
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from clearing import fx, movements
from clearing.movements import Group

SEEN = datetime(2026, 11, 2, 12, tzinfo=UTC)
HOME, ABROAD = Group(UUID(int=1), UUID(int=2), "EUR"), Group(UUID(int=1), UUID(int=2), "USD")


def day_of(moment: datetime) -> date:
    return moment.date()


def note(**over: Any) -> Any:
    fields = {
        "amount": 10_000, "currency": "EUR", "status": "POSTED", "gone_at": None,
        "adjusts_payables": True, "posting_date": date(2026, 9, 14), "document_date": None,
        "first_seen_at": SEEN, "changed_at": SEEN, "updated_in_light_at": None,
    }  # fmt: skip
    return SimpleNamespace(**fields | over)


def cleared(amount: int, n: int = 1, **over: Any) -> Any:
    fields = {
        "id": UUID(int=n), "invoice_payable_id": UUID(int=100 + n), "amount": amount,
        "currency": "EUR", "payment_date": date(2026, 10, 5), "first_seen_at": SEEN,
        "gone_at": None,
    }  # fmt: skip
    return SimpleNamespace(**fields | over)


def facts(one: Any, *entries: Any, rest: bool = True) -> list[movements.Fact]:
    return movements.facts(one, entries, day_of=day_of, rest_is_cleared=rest)


def told(one: Any, *entries: Any, rest: bool = True) -> list[tuple[str, int, date, bool]]:
    return [(f.kind, f.amount, f.day, f.assumed) for f in facts(one, *entries, rest=rest)]


SEPT, OCT, NOV = date(2026, 9, 14), date(2026, 10, 5), date(2026, 11, 2)


def test_a_posted_credit_note_is_new_on_its_posting_date():
    assert told(note()) == [("new", 10_000, SEPT, False)]


def test_without_a_posting_date_the_document_date_is_assumed_and_else_the_day_it_was_seen():
    assert told(note(posting_date=None, document_date=OCT)) == [("new", 10_000, OCT, True)]
    assert told(note(posting_date=None)) == [("new", 10_000, NOV, True)]


def test_what_does_not_adjust_payables_or_has_no_amount_or_an_impossible_one_never_counted():
    for one in (note(adjusts_payables=False), note(amount=None), note(currency=""),
                note(amount=10**15 + 1)):  # fmt: skip
        assert told(one) == []


def test_a_clearing_takes_away_on_its_payment_date_and_comes_back_on_the_day_it_was_gone():
    gone = cleared(3_000, gone_at=SEEN)
    assert told(note(), gone) == [
        ("new", 10_000, SEPT, False), ("cleared", -3_000, OCT, False), ("undone", 3_000, NOV, True),
    ]  # fmt: skip


def test_a_clearing_is_never_undone_before_it_was_made():
    ahead = cleared(3_000, payment_date=date(2026, 12, 1), gone_at=SEEN)
    assert told(note(), ahead)[2] == ("undone", 3_000, date(2026, 12, 1), True)


def test_a_cancelled_or_vanished_credit_note_gives_back_what_was_left_of_it():
    for one in (note(status="ARCHIVED"), note(gone_at=SEEN), note(status="DRAFT")):
        assert told(one, cleared(3_000))[2] == ("cancelled", -7_000, NOV, True)
        assert len(told(one, cleared(10_000))) == 2


def test_of_a_cleared_credit_note_the_rest_was_cleared_by_something_light_does_not_tell():
    one = note(status="CLEARED", updated_in_light_at=datetime(2026, 10, 9, tzinfo=UTC))
    assert told(one, cleared(3_000))[2] == ("cleared", -7_000, date(2026, 10, 9), True)
    assert len(told(one, cleared(3_000), rest=False)) == 2


def test_a_clearing_in_another_currency_or_of_an_impossible_amount_is_left_out():
    assert len(told(note(), cleared(5, currency="USD"), cleared(10**15 + 1, 2))) == 1
    assert len(told(note(), cleared(5, currency=""))) == 2


# --- what is appended ---------------------------------------------------------------------
@dataclass
class Row:
    """A stored movement, as far as it matters here."""

    pk: int
    kind: str
    amount: int
    day: date
    assumed: bool
    clearing_id: UUID | None
    invoice_payable_id: UUID | None
    local: int | None
    takes_back: int | None
    entity_id: UUID | None
    vendor_id: UUID | None
    currency: str


class Books:
    """Appends what is new, and never changes what is there."""

    def __init__(self) -> None:
        self.rows: list[Row] = []

    @property
    def standing(self) -> list[Row]:
        over = {row.takes_back for row in self.rows}
        return [row for row in self.rows if row.takes_back is None and row.pk not in over]

    def book(
        self, found: list[movements.Fact], group: Group = HOME, rate: str = "", local: str = "EUR"
    ) -> int:
        fresh = movements.news(found, self.standing, rate=rate, group=group, local=local)
        was = {row.pk: row for row in self.rows}
        for fact in fresh:
            of = was[fact.takes_back] if fact.takes_back else group
            self.rows.append(
                Row(len(self.rows) + 1, fact.kind, fact.amount, fact.day, fact.assumed,
                    fact.clearing_id, fact.invoice_id, fact.local, fact.takes_back,
                    of.entity_id, of.vendor_id, of.currency)
            )  # fmt: skip
        return len(fresh)

    @property
    def open(self) -> int:
        return sum(row.amount for row in self.rows)


def test_nothing_is_appended_twice():
    books = Books()
    found = facts(note(), cleared(3_000))
    assert books.book(found) == 2 and books.book(found) == 0
    assert books.open == 7_000 == sum(row.local or 0 for row in books.rows)


def test_what_light_shows_otherwise_is_taken_back_on_its_own_day():
    books = Books()
    books.book(facts(note(), cleared(3_000)))
    assert books.book(facts(note(), cleared(2_500, payment_date=NOV))) == 2
    back, anew = books.rows[2:]
    assert (back.kind, back.amount, back.day, back.takes_back) == ("cleared", 3_000, OCT, 2)
    assert (anew.kind, anew.amount, anew.day) == ("cleared", -2_500, NOV)


def test_a_clearing_that_comes_back_was_never_undone():
    books = Books()
    books.book(facts(note(), cleared(3_000)))
    books.book(facts(note(), cleared(3_000, gone_at=SEEN)))
    books.book(facts(note(), cleared(3_000)))
    assert [(row.kind, row.amount) for row in books.rows[2:]] == [
        ("undone", 3_000), ("undone", -3_000),
    ]  # fmt: skip
    assert books.open == 7_000


def test_the_day_that_was_assumed_first_stays():
    books = Books()
    books.book(facts(note(status="ARCHIVED")))
    later = datetime(2026, 12, 9, tzinfo=UTC)
    assert books.book(facts(note(status="ARCHIVED", changed_at=later))) == 0
    books.book(facts(note(status="ARCHIVED", changed_at=later), cleared(1_000)))
    assert [row.day for row in books.standing if row.kind == "cancelled"] == [NOV]
    assert books.open == 0


def test_the_day_that_was_assumed_stays_when_all_of_it_stands_elsewhere_or_at_another_rate():
    books = Books()
    archived = note(status="ARCHIVED")
    books.book(facts(archived, cleared(1_000, gone_at=SEEN)))
    archived.changed_at = later = datetime(2026, 12, 9, tzinfo=UTC)
    again = facts(archived, cleared(1_000, gone_at=later))
    other = Group(UUID(int=9), HOME.vendor_id, "EUR")
    assert books.book(again, other) == 8
    assert [row.day for row in books.standing if row.assumed] == [NOV, NOV]


def test_what_is_cancelled_has_no_clearing_left_so_it_was_undone_by_then():
    books = Books()
    archived = note(status="ARCHIVED")
    books.book(facts(archived, cleared(3_000)))
    december = datetime(2026, 12, 9, tzinfo=UTC)  # its payments were read again only then
    books.book(facts(archived, cleared(3_000, gone_at=december)))
    stands = [(row.kind, row.amount, row.day) for row in books.standing]
    assert stands[2:] == [("undone", 3_000, NOV), ("cancelled", -10_000, NOV)]
    assert sum(row.amount for row in books.rows if row.day <= NOV) == 0


def test_another_entity_moves_everything_there():
    books = Books()
    books.book(facts(note(), cleared(3_000)))
    other = Group(UUID(int=9), HOME.vendor_id, "EUR")
    assert books.book(facts(note(), cleared(3_000)), other) == 4
    assert sum(row.amount for row in books.rows if row.entity_id == HOME.entity_id) == 0
    assert sum(row.amount for row in books.rows if row.entity_id == other.entity_id) == 7_000


def test_values_at_the_booked_rate_leave_nothing_when_nothing_is_open():
    books = Books()
    thirds = [cleared(3_333, 1), cleared(3_333, 2), cleared(3_334, 3)]
    one = note(currency="USD")
    for entry in thirds:
        entry.currency = "USD"
    for n in range(4):
        books.book(facts(one, *thirds[:n]), ABROAD, "0.91237")
    assert [row.local for row in books.rows] == [9_124, -3_041, -3_041, -3_042]
    assert books.open == 0


def test_what_undoes_a_clearing_is_worth_what_that_was_worth():
    books, one = Books(), note(currency="USD")
    books.book(facts(one, cleared(3_333, currency="USD")), ABROAD, "0.91237")
    books.book(facts(one, cleared(3_333, currency="USD", gone_at=SEEN)), ABROAD, "0.91237")
    assert [row.local for row in books.rows] == [9_124, -3_041, 3_041]


def test_a_clearing_undone_and_made_again_leaves_no_cent():
    books, one = Books(), note(currency="USD", amount=37)
    gone, rest = cleared(34, 1, currency="USD"), cleared(3, 2, currency="USD")
    books.book(facts(one, gone, rest), ABROAD, "1.632741")
    gone.gone_at = SEEN
    again = cleared(34, 3, currency="USD", payment_date=SEPT)
    books.book(facts(one, gone, rest, again), ABROAD, "1.632741")
    assert books.open == 0 == sum(row.local or 0 for row in books.rows)


def test_without_a_rate_nothing_is_translated_and_once_there_is_one_all_of_it_is():
    books, one = Books(), note(currency="USD")
    books.book(facts(one, cleared(5_000, currency="USD")), ABROAD)
    assert [row.local for row in books.rows] == [None, None]
    assert books.book(facts(one, cleared(5_000, currency="USD")), ABROAD, "0.9") == 4
    assert sum(row.local or 0 for row in books.rows) == 4_500


# --- whatever happens, in whatever order -------------------------------------------------------
entries = st.builds(
    cleared,
    st.integers(1, 10_000),
    st.integers(1, 4),
    payment_date=st.none() | st.dates(date(2026, 9, 1), date(2026, 12, 31)),
    gone_at=st.none() | st.just(SEEN),
    currency=st.just(""),
)
shown = st.tuples(
    st.builds(
        note,
        amount=st.integers(-50, 20_000),
        status=st.sampled_from(["POSTED", "PARTIALLY_CLEARED", "CLEARED", "ARCHIVED", "?"]),
        gone_at=st.none() | st.just(SEEN),
        posting_date=st.none() | st.dates(date(2026, 9, 1), date(2026, 12, 31)),
        adjusts_payables=st.sampled_from([True, None, False]),
    ),
    st.lists(entries, max_size=4, unique_by=lambda one: one.id),
    st.sampled_from(["", "0.91237", "1.3", "nonsense"]),
    st.sampled_from([HOME, ABROAD, Group(None, None, "JPY")]),
    st.booleans(),
)


@given(st.lists(shown, min_size=1, max_size=6))
def test_what_stands_is_what_light_shows_now_whatever_it_showed_before(states):
    books = Books()
    for one, some, rate, group, rest in states:
        found = facts(one, *some, rest=rest)
        books.book(found, group, rate)
        assert books.book(found, group, rate) == 0
        stands = books.standing
        assert {(row.kind, row.clearing_id, row.amount) for row in stands} == {
            (fact.kind, fact.clearing_id, fact.amount) for fact in found
        }
        assert books.open == sum(fact.amount for fact in found)
        assert sum(row.amount for row in stands) == books.open
        days = {(row.kind, row.clearing_id): row.day for row in stands}
        assert all(days[fact.key] == fact.day for fact in found if not fact.assumed)
        _is_worth(books, rate, group)


def _is_worth(books: Books, rate: str, group: Group) -> None:
    """What stands is worth what is open at the rate, but for cents of undone clearings."""
    value = fx.translated(books.open, group.currency, rate, "EUR")
    locals_ = [row.local for row in books.standing]
    if value is None:
        assert all(one is None for one in locals_)
    elif locals_:
        undone = sum(row.kind == "undone" for row in books.standing)
        assert abs(sum(one or 0 for one in locals_) - value) <= undone
    assert sum(row.local or 0 for row in books.rows) == sum(one or 0 for one in locals_)
