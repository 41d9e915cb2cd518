"""An edit and a posting of one draft at the same moment, on PostgreSQL: only one begins."""

import threading
import time

import pytest
from django.db import connection, transaction

from clearing import workflow
from clearing.models import CreditNoteLine, Edit, Instruction
from clearing.services import correcting
from clearing.services.editing import writing
from tests import factories

pytestmark = [
    pytest.mark.django_db(transaction=True, serialized_rollback=True),
    pytest.mark.skipif(
        connection.vendor != "postgresql", reason="SQLite has one writer at a time (DATABASE_URL)"
    ),
]
WHILE = 0.4  # seconds for the second transaction to come as far as it can


@pytest.fixture
def draft(db, preparer):
    books = factories.Books()
    note = books.note(status="DRAFT", are_lines_with_tax=True, lines_read_at=factories.NOW)
    CreditNoteLine.objects.create(
        id=note.accounting_document_id, credit_note_id=note.id, net=10000, net_side="C",
        gross=10000, gross_side="C",
    )  # fmt: skip
    return note


def edit(note, by):
    now = workflow.now()
    one = Edit(kind="change_note", credit_note_id=note.id, asked_by=by, asked_at=now, sent_at=now,
               changed_at=now)  # fmt: skip
    writing.begin(one, about=writing.about_note(note, one))
    return one


def post(note, by):
    return correcting.post(credit_note_id=note.id, seen=correcting.fingerprint(note), by=by)


def during(first, second):
    """Run `second` in a thread while the transaction of `first` is open; what it raised."""
    raised = []

    def in_thread():
        try:
            second()
        except workflow.Conflict as conflict:
            raised.append(str(conflict))
        finally:
            connection.close()

    thread = threading.Thread(target=in_thread)
    with transaction.atomic():
        first()
        thread.start()
        time.sleep(WHILE)
    thread.join(20)
    assert not thread.is_alive()
    return raised


def test_a_posting_asked_for_during_an_edit_is_refused(draft, preparer, approver):
    raised = during(lambda: edit(draft, preparer), lambda: post(draft, approver))
    assert len(raised) == 1 and not Instruction.objects.exists()


def test_an_edit_during_a_posting_asked_for_is_refused(draft, preparer, approver):
    raised = during(lambda: post(draft, approver), lambda: edit(draft, preparer))
    assert len(raised) == 1 and not Edit.objects.exists()


def test_of_two_edits_one_begins(draft, preparer):
    rival = factories.person("preparer", "rival")
    raised = during(lambda: edit(draft, preparer), lambda: edit(draft, rival))
    assert len(raised) == 1 and Edit.objects.count() == 1
