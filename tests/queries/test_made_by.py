"""Whose line made a movement, where the same pair was linked and undone more than once."""

from datetime import date, timedelta

import pytest

from clearing import sampling
from clearing.models import CreditNote, Link, Movement
from clearing.queries import made_by
from clearing.queries.evidence import population
from clearing.queries.evidence.sampled import SAMPLE, sampled
from clearing.queries.month_end import changed
from clearing.queries.sheets_of import reading
from clearing.services import booking, evidencing
from clearing.workflow import name_of
from tests import factories
from tests.factories import NOW

pytestmark = pytest.mark.same_on_each
HOUR, OCT = timedelta(hours=1), date(2026, 10, 1)
K = Movement.Kind


class Pair:
    """One credit note and one invoice, over the hours of a day."""

    def __init__(self, books):
        factories.synced(started_at=NOW)
        self.books, self.note = books, books.note(posting_date=OCT)
        self.invoice = books.invoice()
        self.book(0)
        self.paper = factories.paper(books.entity.id, OCT, now=NOW)

    def book(self, hour):
        booking.book([self.note.id], now=NOW + hour * HOUR)

    def line(self, hour, by, approver, **over):
        done = NOW + hour * HOUR
        return factories.line(
            by, self.note, self.invoice, approved_by=approver, state="done", asked_at=done,
            done_at=done, **over,
        )  # fmt: skip

    def cleared(self, hour):
        one = factories.clearing(
            self.invoice, self.note, 4000, payment_date=date(2026, 10, 20),
            first_seen_at=NOW + hour * HOUR,
        )  # fmt: skip
        self.book(hour)
        return one

    def undone(self, clearing, hour):
        clearing.gone_at = NOW + hour * HOUR
        clearing.save()
        self.book(hour)

    def sample(self, by):
        """The cells of each sampled link, by column."""
        of = population.scope(self.books.entity.id, OCT, OCT)
        ids = population.ids(of)
        evidence = evidencing.start(
            evidencing.Drawn(
                entity_id=of.entity_id, first=OCT, last=OCT, movements_to=of.upto, size=len(ids),
                digest=sampling.digest(ids), movements=ids, seed="1",
            ),
            by=by,
        )  # fmt: skip
        keys = [column.key for column in SAMPLE]
        files = list(evidence.files.all())
        return [dict(zip(keys, row, strict=True)) for row in sampled(evidence, files)]

    def who(self):
        """Who each change of the signed month shows, oldest first."""
        found = changed.rows(changed.page(self.paper, key="").rows, "en_US")
        return [(row.what, row.who) for row in reversed(found)]


@pytest.fixture
def pair(books):
    return Pair(books)


@pytest.fixture
def twice(pair, preparer, approver, controller):
    """Linked, cleared, undone and all of it again, by others."""
    factories.link(pair.note, pair.invoice, made_here=True, fate="cleared")
    pair.line(1, preparer, approver)
    first = pair.cleared(2)
    pair.line(3, approver, controller, kind="reverse")
    pair.undone(first, 4)
    pair.line(5, controller, preparer)
    second = pair.cleared(6)
    pair.line(7, preparer, controller, kind="reverse")
    pair.undone(second, 8)
    return pair


PEOPLE = [
    ("cleared", "Paula Prep", "Anton Appr"),
    ("undone", "Anton Appr", "Carla Cont"),
    ("cleared", "Carla Cont", "Paula Prep"),
    ("undone", "Paula Prep", "Carla Cont"),
]
CLEARED = [
    ("Cleared", "Here: Paula Prep, approved by Anton Appr"),
    ("Cleared", "Here: Carla Cont, approved by Paula Prep"),
]


def people():
    """Of each movement that stands: who asked for it and who approved it."""
    rows = booking.standing(Movement.objects.order_by("pk"))
    lines = made_by.lines(rows)
    told = [(lines[row.pk], row.kind) for row in rows if row.pk in lines]
    told.sort(key=lambda one: one[0].pk)
    return [(kind, name_of(line.asked_by), name_of(line.approved_by)) for line, kind in told]


def test_a_pair_linked_twice_shows_both_approvals(twice, viewer):
    one, other = twice.sample(viewer)
    assert (one["asked_by"], one["approved_by"]) == ("Paula Prep", "Anton Appr")
    assert (other["asked_by"], other["approved_by"]) == ("Carla Cont", "Paula Prep")
    assert one["done_at"] == NOW + HOUR and other["done_at"] == NOW + 5 * HOUR
    assert one["line"] < other["line"]


def test_each_movement_has_its_own_people(twice):
    assert people() == PEOPLE
    CreditNote.objects.filter(pk=twice.note.pk).update(vendor_id=None)
    twice.book(20)  # all of it is taken back and stands anew
    assert Movement.objects.exclude(takes_back=None).count() == 5
    assert people() == PEOPLE


def test_each_change_of_a_signed_month_names_its_own_people(twice):
    assert twice.who() == CLEARED


def test_what_light_made_again_by_itself_has_no_proposal_of_ours(pair, preparer, approver, viewer):
    factories.link(pair.note, pair.invoice, made_here=True, fate="cleared")
    pair.line(1, preparer, approver)
    pair.undone(pair.cleared(2), 3)
    Link.objects.all().delete()
    pair.cleared(4)
    one, other = pair.sample(viewer)
    assert (one["made"], one["approved_by"]) == ("Made here", "Anton Appr")
    assert (other["made"], other["approved_by"], other["proposal"]) == ("By Light itself", "", None)


def test_the_amount_was_last_changed_by_another_line(pair, preparer, approver, controller):
    factories.link(pair.note, pair.invoice, made_here=True, fate="cleared")
    pair.line(1, preparer, approver)
    pair.line(2, preparer, controller, kind="amend", previous_amount=3000)
    pair.cleared(3)
    row = Movement.objects.get(kind=K.CLEARED)
    assert made_by.lines([row])[row.pk].approved_by == approver
    assert made_by.lines([row], amended=True)[row.pk].approved_by == controller


def test_the_sheet_of_changes_is_read_in_chunks(twice, monkeypatch):
    def who():
        sheet = changed.sheet(twice.paper)
        keys = [column.key for column in sheet.columns]
        return [(row[keys.index("what")], row[keys.index("who")]) for row in sheet.rows]

    sizes, cells = [], changed._cells
    monkeypatch.setattr(reading, "CHUNK", 1)
    monkeypatch.setattr(changed, "_cells", lambda rows: sizes.append(len(rows)) or cells(rows))
    assert who() == list(reversed(CLEARED)) and sizes == [1, 1]
