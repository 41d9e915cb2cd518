"""Posting a draft and undoing a clearing: what is refused, and who may do it alone."""

from datetime import date

import pytest
from django.test import override_settings

from clearing import workflow
from clearing.models import AuditEvent, CreditNoteLine, Edit, Instruction, Months
from clearing.roles import NotAllowed
from clearing.services import correcting
from clearing.workflow import Conflict
from tests import factories

OCTOBER = date(2026, 10, 31)


def draft(books, *, lines=1, **over):
    """A draft of EUR 119.00 that can be posted, with a line of EUR 100.00 and its VAT."""
    fields = {"status": "DRAFT", "amount": 11900, "lines_read_at": factories.NOW,
              "document_date": date(2026, 10, 5)}  # fmt: skip
    note = books.note(**fields | over)
    for number in range(lines):
        factories.note_line(note, position=number)
    return note


def post(note, by, **over):
    return correcting.post(
        **{"credit_note_id": note.id, "seen": correcting.fingerprint(note), "by": by} | over
    )


def edit(note, by, state="done", **over):
    fields = {"kind": "change_note", "credit_note_id": note.id, "state": state, "asked_by": by,
              "asked_at": factories.NOW, "sent_at": factories.NOW,
              "changed_at": factories.NOW}  # fmt: skip
    return Edit.objects.create(**fields | over)


def close(books, by, **over):
    fields = {"entity_id": books.entity.id, "changed_at": factories.NOW, "changed_by": by}
    return Months.objects.create(**fields | over)


# --- what has to hold ---------------------------------------------------------------------------
PROBLEMS = {
    "not_draft": {"status": "POSTED"},
    "gone": {"gone_at": factories.NOW},
    "no_vendor": {"vendor_id": None},
    "no_entity": {"entity_id": None},
    "no_currency": {"currency": ""},
    "no_line": {"lines": 0},
    "lines_unread": {"lines_read_at": None},
}


@pytest.mark.parametrize(("code", "over"), PROBLEMS.items(), ids=PROBLEMS)
def test_every_missing_condition_is_named(books, approver, code, over):
    note = draft(books, **over)
    assert [problem.code for problem in correcting.post_problems(note)] == [code]
    with pytest.raises(Conflict) as refused:
        post(note, approver)
    assert correcting.post_problems(note)[0].sentence in str(refused.value)
    assert not Instruction.objects.exists()


def test_all_of_them_at_once(books, approver):
    note = draft(books, vendor_id=None, entity_id=None, currency="", lines=0)
    codes = [problem.code for problem in correcting.post_problems(note)]
    assert codes == ["no_vendor", "no_entity", "no_currency", "no_line"]


def test_a_draft_that_can_be_posted_has_no_problem(books):
    assert correcting.post_problems(draft(books)) == []


@pytest.mark.parametrize("state", Edit.State.values)
@pytest.mark.parametrize("dealt", [False, True])
def test_an_edit_under_way_stands_in_the_way(books, preparer, approver, state, dealt):
    note = draft(books)
    edit(note, preparer, state, dealt_at=factories.NOW if dealt else None)
    codes = [problem.code for problem in correcting.post_problems(note)]
    assert codes == (["being_edited"] if state in Edit.HOLDING and not dealt else [])


@pytest.mark.parametrize("kind", ["archive", "post"])
@pytest.mark.parametrize("state", Instruction.State.values)
def test_an_open_line_stands_in_the_way(books, preparer, approver, kind, state):
    note = draft(books)
    factories.line(preparer, note, None, 11900, kind=kind, approved_by=approver, state=state)
    codes = [problem.code for problem in correcting.post_problems(note)]
    assert codes == (["open_line"] if state in Instruction.OPEN else [])


def test_a_possible_duplicate_is_compared_first(books, approver):
    note = draft(books, document_number="CN-1")
    twin = draft(books, document_number="CN 0001", document_date=date(2026, 10, 6))
    (problem,) = correcting.post_problems(note)
    assert problem.code == "duplicate" and str(twin) in problem.sentence


# --- what the poster saw ------------------------------------------------------------------------
SEEN = {
    "amount": 1, "vendor_id": None, "document_number": "other", "description": "other",
    "document_date": date(2026, 10, 6), "posting_date": date(2026, 10, 6), "currency": "USD",
    "local_fx_rate": "1.1", "are_lines_with_tax": True,
}  # fmt: skip
OF_LINE = {
    "net": 1, "tax": 2, "gross": 3, "net_side": "D", "description": "other",
    "ledger_account_id": "00000000-0000-0000-0000-000000000001",
    "ledger_tax_id": "00000000-0000-0000-0000-000000000002",
}  # fmt: skip


@pytest.mark.parametrize(("name", "value"), SEEN.items(), ids=SEEN)
def test_another_head_is_another_draft(books, approver, name, value):
    note = draft(books)
    seen = correcting.fingerprint(note)
    setattr(note, name, value)
    note.save()
    assert correcting.fingerprint(note) != seen
    with pytest.raises(Conflict):
        post(note, approver, seen=seen)


@pytest.mark.parametrize(("name", "value"), OF_LINE.items(), ids=OF_LINE)
def test_another_line_is_another_draft(books, approver, name, value):
    note = draft(books)
    seen = correcting.fingerprint(note)
    CreditNoteLine.objects.filter(credit_note_id=note.id).update(**{name: value})
    assert correcting.fingerprint(note) != seen
    with pytest.raises(Conflict):
        post(note, approver, seen=seen)


def test_a_line_more_is_another_draft_and_their_order_is_none(books):
    note = draft(books, lines=2)
    CreditNoteLine.objects.filter(credit_note_id=note.id, position=0).update(description="b")
    seen = correcting.fingerprint(note)
    first, second = CreditNoteLine.objects.filter(credit_note_id=note.id)
    CreditNoteLine.objects.filter(pk=first.pk).update(position=1)
    CreditNoteLine.objects.filter(pk=second.pk).update(position=0)
    assert correcting.fingerprint(note) == seen
    factories.note_line(note, position=2)
    assert correcting.fingerprint(note) != seen


def test_what_posting_does(books):
    note = draft(books, lines=2)
    CreditNoteLine.objects.filter(position=1).update(net_side="D", tax_side="D", gross_side="D",
                                                     net=1000, tax=None, gross=1000)  # fmt: skip
    posting = correcting.posting_of(note)
    assert (posting.day, posting.month) == (date(2026, 10, 5), "October 2026")
    assert (posting.net, posting.tax, posting.gross) == (9000, 1900, 10900)
    CreditNoteLine.objects.filter(position=1).update(net=None)
    assert correcting.posting_of(note).net is None


# --- alone, or with a second person -------------------------------------------------------------
@pytest.mark.parametrize("always", [False, True])
@pytest.mark.parametrize("edited", [False, True])
@pytest.mark.parametrize("role", ["preparer", "approver", "controller"])
def test_who_posts_alone(books, role, edited, always):
    person, note = factories.person(role), draft(books)
    if edited:
        edit(note, person)
    with override_settings(SECOND_PERSON_ALWAYS=always):
        line = post(note, person)
    alone = role != "preparer" and not edited and not always
    assert (line.state, line.exempt_rule) == (
        ("ready", "one_person_posts") if alone else ("proposed", "")
    )
    assert (line.kind, line.amount, line.invoice_payable_id) == ("post", 11900, None)
    assert line.content["day"] == "2026-10-05" and line.content["lines"]
    assert line.content_hash == workflow.content_hash(line.content)


def test_a_viewer_posts_nothing(books, viewer):
    with pytest.raises(NotAllowed):
        post(draft(books), viewer)


@pytest.mark.parametrize("which", ["closed_through", "vat_filed_through"])
@pytest.mark.parametrize("role", ["preparer", "approver", "controller"])
def test_a_closed_month_is_for_a_controller_with_a_reason(books, role, which):
    person, note = factories.person(role), draft(books)
    close(books, person, **{which: OCTOBER})
    if role != "controller":
        with pytest.raises(NotAllowed) as refused:
            post(note, person, reason="It came late.")
        assert "October 2026" in str(refused.value)
        return
    for reason in ("", "   "):
        with pytest.raises(ValueError, match="Say why"):
            post(note, person, reason=reason)
    line = post(note, person, reason_code="came_late", reason="It came late.")
    assert line.into_closed and line.content["into_closed"] and line.state == "ready"
    event = AuditEvent.objects.get(instruction_id=line.pk)
    assert (event.reason_code, event.reason) == ("came_late", "It came late.")


@pytest.mark.parametrize(
    ("through", "closed"), [(date(2026, 9, 30), False), (OCTOBER, True), (None, False)]
)
def test_a_month_is_closed_through_its_last_day(books, controller, through, closed):
    close(books, controller, closed_through=through)
    note = draft(books, document_date=OCTOBER)
    assert correcting.posting_of(note).standing.closed is closed


def test_another_entity_s_months_say_nothing(books, approver, controller):
    other = factories.entity(name="Acme SARL")
    Months.objects.create(
        entity_id=other.id, closed_through=OCTOBER, changed_at=factories.NOW, changed_by=controller
    )
    assert post(draft(books), approver).into_closed is False


def test_the_day_light_names_goes_before_the_document_s(books, approver, controller):
    close(books, controller, closed_through=OCTOBER)
    note = draft(books, posting_date=date(2026, 11, 1))
    assert correcting.posting_of(note).month == "November 2026"
    line = post(note, approver)
    assert (line.into_closed, line.content["day"]) == (False, "2026-11-01")


@override_settings(TIME_ZONE="Asia/Tokyo")
def test_without_a_date_the_day_is_today_where_the_house_is(books, monkeypatch):
    evening = factories.NOW.replace(day=30, month=11, hour=20)
    monkeypatch.setattr(workflow, "now", lambda: evening)
    assert correcting.posting_of(draft(books, document_date=None)).day == date(2026, 12, 1)


def test_nothing_is_asked_for_where_the_trail_cannot_be_written(books, approver, monkeypatch):
    note = draft(books)
    seen = correcting.fingerprint(note)

    def fails(*args, **kwargs):
        raise RuntimeError

    monkeypatch.setattr(workflow, "record", fails)
    with pytest.raises(RuntimeError):
        post(note, approver, seen=seen)
    assert not Instruction.objects.exists()


def test_two_posts_at_once_one_wins(books, approver, controller):
    note = draft(books)
    seen = correcting.fingerprint(note)
    post(note, approver, seen=seen)
    with pytest.raises(Conflict):
        post(note, controller, seen=seen)
    assert Instruction.objects.count() == 1
