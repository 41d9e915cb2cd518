"""Two people sign the paper of a month; what changes it later never changes what they signed."""

import io
import uuid
from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction

from clearing import roles, workflow
from clearing.models import AuditEvent, CreditNote, Movement, Paper, PaperRow, Signature
from clearing.queries import papers
from clearing.queries.month_end import changed
from clearing.services import booking, papering, sealing, signing, tying
from tests import factories
from tests.factories import NOW

OCT = date(2026, 10, 1)


@pytest.fixture(autouse=True)
def _november():
    with time_machine.travel("2026-11-03 09:00", tick=False):
        yield


def book(*notes, now=NOW):
    booking.book([one.id for one in notes], now=now, whole=True)


def dated(books, day, amount=5000):
    """A credit note of this day, posted on it."""
    return books.note(posting_date=day, document_date=day, amount=amount)


def sign(paper, by, entity):
    facts = papers.facts_to_sign(papers.Scope.of(entity.id, OCT, workflow.now()), paper)
    return signing.sign(paper_id=paper.pk, hash=paper.hash, facts=facts, by=by)


def accept(books, paper, keys, by, reason="Known"):
    return tying.accept(
        entity_id=books.entity.id, month=OCT, paper_id=paper.pk, keys=keys, reason=reason, by=by
    )


@pytest.fixture
def month(books, controller):
    """October: EUR 50.00 is open, dated in the month; tied to the ledger; nothing in the way."""
    factories.synced(started_at=NOW)
    note = dated(books, date(2026, 10, 20), 5000)
    book(note)
    tie(books, controller, 5000)
    return factories.paper(books.entity.id, OCT)


def tie(books, by, amount, explained=0, words=""):
    tying.enter(
        entity_id=books.entity.id, month=OCT, currency="EUR", amount=amount, explained=explained,
        words=words, by=by,
    )  # fmt: skip


def test_two_people_sign_the_same_paper(books, month, approver, controller):
    assert sign(month, approver, books.entity).place == Signature.PREPARED
    assert sign(month, controller, books.entity).place == Signature.REVIEWED
    steps = AuditEvent.objects.filter(verb="signed the month").order_by("id")
    assert [(one.by_name, one.details["hash"]) for one in steps] == [
        ("Anton Appr", month.hash), ("Carla Cont", month.hash),
    ]  # fmt: skip


def test_the_same_person_never_signs_twice(books, month, controller):
    sign(month, controller, books.entity)
    with pytest.raises(workflow.Conflict, match="A second person has to sign"):
        sign(month, controller, books.entity)
    with pytest.raises(IntegrityError), transaction.atomic():  # the database holds it, too
        Signature.objects.create(
            paper=month, place=2, by=controller, by_name="Carla", at=workflow.now()
        )


def test_a_third_signature_has_no_place(books, month, approver, controller):
    for one in (approver, controller):
        sign(month, one, books.entity)
    with pytest.raises(workflow.Conflict, match="Two people have signed"):
        sign(month, factories.person("approver", "third"), books.entity)


@pytest.mark.parametrize("role", ["viewer", "preparer"])
def test_who_may_not_sign(books, month, role):
    with pytest.raises(roles.NotAllowed, match="approver or a controller"):
        sign(month, factories.person(role), books.entity)


def test_what_stands_in_the_way_is_said(books, approver, controller):
    note = dated(books, date(2026, 8, 20), 5000)
    book(note)
    tie(books, controller, 4000, 500, "A journal")
    paper = factories.paper(books.entity.id, OCT)
    with pytest.raises(workflow.Conflict) as told:
        sign(paper, approver, books.entity)
    for words in (
        "Light's history was not read", "1 credit note is open for more than 30 days",
        "EUR −15.00 of the difference",
    ):  # fmt: skip
        assert words in str(told.value)
    assert not Signature.objects.exists()


def test_old_credit_may_stay_once_a_reason_is_given(books, approver, controller):
    factories.synced(started_at=NOW)
    note = dated(books, date(2026, 8, 20), 5000)
    book(note)
    tie(books, controller, 5000)
    paper = factories.paper(books.entity.id, OCT)
    key = f"credit:2026-10:{note.id}"
    with pytest.raises(ValueError, match="Say why"):
        accept(books, paper, {key}, controller, reason=" ")
    with pytest.raises(workflow.Conflict, match="has changed"):
        accept(books, paper, {key, "credit:2026-10:other"}, controller)
    assert accept(books, paper, {key}, controller) == 1
    assert accept(books, paper, {key}, controller) == 0
    with pytest.raises(workflow.Conflict, match="1 credit note"):  # the old paper still says so
        sign(paper, approver, books.entity)
    sign(factories.paper(books.entity.id, OCT), approver, books.entity)


def test_a_decision_is_enough_too(books, approver, controller, preparer):
    factories.synced(started_at=NOW)
    note = dated(books, date(2026, 8, 20), 5000)
    book(note)
    tie(books, controller, 5000)
    factories.decision(preparer, note, kind="refund")
    sign(factories.paper(books.entity.id, OCT), approver, books.entity)


def test_figures_that_have_moved_are_not_signed(books, month, approver):
    late = dated(books, date(2026, 10, 30), 700)
    book(late, now=workflow.now())
    with pytest.raises(workflow.Conflict, match="The figures have changed"):
        sign(month, approver, books.entity)


def test_another_ledger_figure_is_another_paper(books, month, approver, controller):
    with time_machine.travel("2026-11-03 10:00", tick=False):
        tie(books, controller, 5100, 100, "A fee")
        with pytest.raises(workflow.Conflict, match="The figures have changed"):
            sign(month, approver, books.entity)
        newer = factories.paper(books.entity.id, OCT)
    assert newer.pk != month.pk and not Paper.objects.filter(pk=month.pk).exists()
    sign(newer, approver, books.entity)


def test_between_two_signatures_only_the_figures_count(books, month, approver, controller):
    """A decision in between changes why something is open, not what was open."""
    sign(month, approver, books.entity)
    factories.decision(approver, CreditNote.objects.get(), kind="refund")
    assert factories.paper(books.entity.id, OCT).pk == month.pk
    sign(month, controller, books.entity)


def test_figures_that_move_between_two_signatures_need_both_again(
    books, month, approver, controller
):
    sign(month, approver, books.entity)
    book(dated(books, date(2026, 10, 30), 700), now=workflow.now())
    tie(books, controller, 5700)
    newer = factories.paper(books.entity.id, OCT)
    assert newer.pk != month.pk
    with pytest.raises(workflow.Conflict, match="The figures have changed"):
        sign(month, controller, books.entity)
    assert month.signatures.count() == 1, "what the first has signed stays"
    sign(newer, controller, books.entity)


def test_a_late_note_shows_as_changed_and_the_signed_figures_stay(
    books, month, approver, controller
):
    for one in (approver, controller):
        sign(month, one, books.entity)
    kept = (Paper.objects.get().figures, list(PaperRow.objects.values_list("cells", flat=True)))
    note = dated(books, date(2026, 10, 30), 700)
    book(note, now=workflow.now() + timedelta(days=9))
    papering.want(entity_id=books.entity.id, month=OCT, now=workflow.now())
    papering.make(workflow.now() + timedelta(days=9), read=papers.read_month, basis=papers.basis)
    found = Paper.objects.get()  # no other was made
    assert (found.figures, list(PaperRow.objects.values_list("cells", flat=True))) == kept
    told = changed.changes(found, "en_US")
    assert (told.count, told.totals) == (1, ["EUR 7.00"])
    (row,) = changed.rows(changed.page(found, key="").rows, "en_US")
    assert (row.note, row.what, row.who, row.amount) == (
        str(note),
        "New",
        "Made in Light",
        "EUR 7.00",
    )


def test_a_reversal_made_in_light_shows_as_changed(books, controller, approver):
    factories.synced(started_at=NOW)
    note = dated(books, date(2026, 10, 2), 5000)
    entry = factories.clearing(books.invoice(), note, 2000, payment_date=date(2026, 10, 9))
    book(note)
    tie(books, controller, 3000)
    paper = factories.paper(books.entity.id, OCT)
    for one in (approver, controller):
        sign(paper, one, books.entity)
    entry.delete()  # Light never had it on that day
    book(note, now=workflow.now() + timedelta(days=2))
    assert changed.changes(paper, "en_US").totals == ["EUR 20.00"]
    (row,) = changed.rows(changed.page(paper, key="").rows, "en_US")
    assert row.what == "Cleared: Light shows it otherwise now"


def test_movements_of_later_months_change_nothing(books, month, approver, controller):
    for one in (approver, controller):
        sign(month, one, books.entity)
    book(dated(books, date(2026, 11, 2), 700), now=workflow.now())
    assert changed.changes(month, "en_US").count == 0


def test_opening_again_needs_a_reason_and_keeps_what_was_signed(books, month, approver, controller):
    args = {"paper_id": month.pk, "by": controller}
    with pytest.raises(workflow.Conflict, match="Nobody has signed"):
        signing.reopen(reason="why", **args)
    for one in (approver, controller):
        sign(month, one, books.entity)
    with pytest.raises(ValueError, match="Say why"):
        signing.reopen(reason="", **args)
    with pytest.raises(roles.NotAllowed):
        signing.reopen(paper_id=month.pk, reason="why", by=approver)
    signing.reopen(reason="A credit note was forgotten", **args)
    with pytest.raises(workflow.Conflict):
        signing.reopen(reason="again", **args)
    newer = factories.paper(books.entity.id, OCT)
    assert newer.pk != month.pk and month.signatures.count() == 2
    for one in (controller, approver):
        sign(newer, one, books.entity)


def test_an_unclear_outcome_stands_in_the_way(books, month, approver, preparer):
    note = CreditNote.objects.get()
    factories.line(preparer, note, books.invoice(), 1000, approved_by=approver, state="unknown")
    with pytest.raises(workflow.Conflict, match="1 change in Light has no clear outcome"):
        sign(month, approver, books.entity)


def test_exceptions_are_accepted_once_for_ever(books, month, approver, controller, preparer):
    note = CreditNote.objects.get()
    line = factories.line(
        preparer, note, books.invoice(), 1000, approved_by=approver, state="refused"
    )
    found = factories.paper(books.entity.id, OCT)
    with pytest.raises(workflow.Conflict, match="1 exception is not acknowledged"):
        sign(found, approver, books.entity)
    accept(books, found, {f"exception:line:refused:{line.pk}"}, controller)
    sign(factories.paper(books.entity.id, OCT), approver, books.entity)
    november = factories.paper(books.entity.id, date(2026, 11, 1))
    assert november.figures["lists"]["exceptions"]["count"] == 0


def test_the_paper_ties_to_the_roll_forward_and_names_every_row(books, month):
    (rolled,) = month.figures["rolled"]
    assert rolled["closing"]["amount"] == month.figures["lists"]["open"]["sums"]["EUR"][1] == 5000
    assert month.figures["open"] == [["EUR", "none", "0-30", 1, 5000]]
    assert month.figures["movements"]["count"] == Movement.objects.count() == 1


def test_the_same_month_twice_is_the_same_paper(books, month):
    again = factories.paper(books.entity.id, OCT)
    assert (again.pk, again.hash) == (month.pk, month.hash)


def test_a_mistake_of_ours_is_said_and_does_not_stop_the_worker(books):
    papering.want(entity_id=uuid.uuid4(), month=OCT, now=NOW)

    def broken(*_args):
        raise RuntimeError("planted")

    with pytest.raises(RuntimeError):
        papering.make(NOW, read=broken, basis=papers.basis)
    (end,) = papering.MonthEnd.objects.all()
    assert "mistake of ours" in end.problem and end.wanted_at is None
    assert not papering.make(NOW, read=broken, basis=papers.basis)


def test_midnight_is_where_the_entity_is(books, settings):
    settings.ENTITY_TIME_ZONES = {books.entity.code: "Asia/Tokyo"}
    at = datetime(2026, 10, 31, 15, 30, tzinfo=UTC)  # 00:30 in Tokyo
    assert papers.facts(papers.Scope.of(books.entity.id, OCT, at))["over"]
    assert not papers.facts(papers.Scope.of(uuid.uuid4(), OCT, at))["over"]


def test_whoever_changes_what_was_signed_is_found(books, month, approver, controller):
    for one in (approver, controller):
        sign(month, one, books.entity)
    assert papering.altered(month) == []
    sealing.seal(workflow.now())
    call_command("audit_verify", stdout=io.StringIO())
    row = PaperRow.objects.get(list="open")
    row.cells[8] += 1
    row.save()
    month.figures["rolled"][0]["closing"]["amount"] += 1
    month.save()
    assert papering.altered(Paper.objects.get()) == ["figures", "open"]
    told = io.StringIO()
    with pytest.raises(CommandError):
        call_command("audit_verify", stdout=told)
    assert "its figures were changed" in told.getvalue() and "its open were" in told.getvalue()


def test_what_came_up_after_the_paper_was_made_stands_in_the_way(
    books, month, approver, controller, preparer
):
    """An exception of a moment ago, and a decision that was taken back."""
    note = CreditNote.objects.get()
    line = factories.line(preparer, note, books.invoice(), 1000, approved_by=approver,
                          state="refused")  # fmt: skip
    with pytest.raises(workflow.Conflict, match="1 exception is not acknowledged"):
        sign(month, approver, books.entity)
    line.dealt_at = workflow.now()
    line.save()
    old = dated(books, date(2026, 8, 20), 100)
    book(old)
    tie(books, controller, 5100)
    decision = factories.decision(preparer, old, kind="refund")
    paper = factories.paper(books.entity.id, OCT)
    decision.ended_at = workflow.now()
    decision.save()
    with pytest.raises(workflow.Conflict, match="1 credit note is open for more than 30 days"):
        sign(paper, approver, books.entity)


def test_under_two_signatures_nothing_is_entered(books, month, approver, controller):
    for one in (approver, controller):
        sign(month, one, books.entity)
    with pytest.raises(workflow.Conflict, match="Open it again first"):
        tie(books, controller, 4900)
    with pytest.raises(workflow.Conflict, match="Open it again first"):
        accept(books, month, {"credit:2026-10:x"}, controller)


def test_a_paper_that_another_worker_has_taken_over_is_not_kept(books, month):
    """The slower one must not put an older paper in the place of a newer."""
    papering.MonthEnd.objects.update(wanted_at=NOW)

    def slow(*args):
        papering.MonthEnd.objects.update(lease_until=workflow.now() + timedelta(hours=1))
        book(dated(books, date(2026, 10, 30), 700), now=workflow.now())
        return papers.read_month(*args)

    assert papering.make(workflow.now(), read=slow, basis=papers.basis)
    assert papering.newest(books.entity.id, OCT).pk == month.pk


def test_what_is_wanted_while_a_paper_is_made_is_not_forgotten(books, month):
    papering.MonthEnd.objects.update(wanted_at=NOW)

    def meanwhile(*args):
        papering.MonthEnd.objects.update(wanted_at=workflow.now() + timedelta(minutes=1))
        return papers.read_month(*args)

    assert papering.make(workflow.now(), read=meanwhile, basis=papers.basis)
    (end,) = papering.MonthEnd.objects.all()
    assert end.wanted_at is not None and end.lease_until is None


def test_old_papers_that_nobody_signed_are_forgotten(books, month, approver):
    later = workflow.now() + papering.KEEP + timedelta(days=1)
    assert papering.tidy(later) and not papering.tidy(later)
    assert not Paper.objects.exists() and not PaperRow.objects.exists()
