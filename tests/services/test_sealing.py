"""Sealing the audit trail, what the database refuses, and `manage.py audit_verify`."""

import json
import random
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction

from clearing import append_only, chain, sealed, workflow
from clearing.management.commands import worker
from clearing.models import AuditEvent, AuditSeal, Movement
from clearing.services import sealing
from tests import factories
from tests.factories import NOW

pytestmark = pytest.mark.django_db
EVENT, SEAL, MOVEMENT, *_signed = append_only.PROTECTED


@pytest.fixture
def trail(books):
    """Forty sealed events and two that are not sealed yet."""
    note = books.note()
    for number in range(42):
        workflow.record(
            "decided", None, by=None, now=NOW, reason=f"reason {number}",
            about={"credit_note_id": note.pk, "vendor_id": note.vendor_id, "amount": number},
            details={"free_before": number, "words": "ä"},
        )  # fmt: skip
        if number == 39:
            assert sealing.seal(NOW) is False
    return list(AuditEvent.objects.order_by("pk").values_list("pk", flat=True))


def found(**printed):
    return [one.what for one in sealed.wrong(chain.Walk(**printed))]


def verify(*heads):
    out = StringIO()
    try:
        call_command("audit_verify", *[f"--head={one}" for one in heads], stdout=out)
    except CommandError as error:
        return f"{out.getvalue()}{error}", error.returncode
    return out.getvalue(), 0


def test_events_are_sealed_in_their_order_and_only_once(trail):
    seals = list(AuditSeal.objects.order_by("seq"))
    assert [one.seq for one in seals] == list(range(1, 41))
    assert [one.event_id for one in seals] == trail[:40]
    head = sealing.head()
    assert (head.seq, head.event_id, head.digest, head.at) == (40, trail[39], seals[-1].digest, NOW)
    assert str(head) == f"40:{head.digest}" and len(head.digest) == 64
    sealing.seal(NOW)
    assert sealing.head().seq == 42 and not sealing.seal(NOW)


def test_where_all_is_sealed_one_query_says_so(trail, django_assert_num_queries):
    sealing.seal(NOW)
    with django_assert_num_queries(1):
        assert sealing.seal(NOW) is False


def test_the_worker_seals_whatever_else_there_is_to_do(trail, monkeypatch):
    monkeypatch.setattr(worker, "read", lambda *_: True)
    monkeypatch.setattr(worker, "think", lambda *_: False)
    monkeypatch.setattr(worker.sending, "send_one", lambda *_, **__: False)
    monkeypatch.setattr(worker.sending, "settle_one", lambda *_, **__: False)
    monkeypatch.setattr(worker.sending, "recover", lambda now: False)
    client = type("Client", (), {"urgently": lambda self: self})()
    assert worker.step(client, "w", NOW)
    assert sealing.head().seq == 42


def test_who_was_faster_wins_quietly(trail, monkeypatch):
    """Both saw seal 40 as the last; the other's seal 41 is in."""
    was = sealing.head()
    AuditSeal.objects.create(seq=41, event_id=trail[40], digest="x" * 64, sealed_at=NOW)
    monkeypatch.setattr(sealing, "head", lambda: was)
    assert sealing.seal(NOW) is False
    assert AuditSeal.objects.count() == 41


@pytest.mark.parametrize(
    "change",
    [
        lambda: AuditEvent.objects.update(reason="another"),
        lambda: AuditEvent.objects.filter(amount=7).delete(),
        lambda: AuditSeal.objects.filter(seq=3).update(digest="x"),
        lambda: AuditSeal.objects.filter(seq=40).delete(),
        lambda: Movement.objects.update(amount=1),
        lambda: Movement.objects.all().delete(),
        lambda: Movement.objects.all()._raw_delete("default"),
    ],
)
def test_the_database_refuses_to_change_or_delete(trail, books, change):
    Movement.objects.create(
        kind="new", credit_note_id=books.note().pk, currency="EUR", amount=100, day=NOW.date(),
        month=NOW.date().replace(day=1), made="light", known_at=NOW,
    )  # fmt: skip
    with pytest.raises(IntegrityError, match="rows are only added here"), transaction.atomic():
        change()


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has no TRUNCATE")
@pytest.mark.parametrize("table", append_only.PROTECTED)
def test_nothing_is_emptied(trail, table):
    with pytest.raises(IntegrityError, match="only added"), transaction.atomic():
        connection.cursor().execute(f"TRUNCATE {table} CASCADE")


def test_every_table_is_protected_after_all_migrations_and_again(db):
    assert append_only.unprotected(connection) == []
    with factories.tampering():
        assert append_only.unprotected(connection) == list(append_only.PROTECTED)
        assert "The table clearing_movement can be changed" in verify()[0]
    assert append_only.unprotected(connection) == []


def test_an_untouched_trail_verifies_and_says_its_head(trail):
    said, code = verify()
    head = sealing.head()
    assert code == 0 and f"Sealed: 40 events. Head: {head}" in said
    assert "Not sealed yet: 2 events, the oldest of 2026-11-02T12:00:00+00:00" in said
    assert verify(head, f"40:{head.digest[:16].upper()}")[1] == 0


def test_a_head_that_is_not_in_the_chain_is_told(trail):
    said, code = verify(f"40:{'a' * 64}", f"99:{'b' * 64}")
    assert code == 1 and "it was made anew" in said and "its end was cut off" in said
    assert "2 findings" in said


@pytest.mark.parametrize("head", ["", "40", "x:y", "40:abc", f"-1:{'a' * 64}"])
def test_what_is_no_head_is_said(trail, head):
    said, code = verify(head)
    assert code == 1 and "is no head: write it as printed" in said


def test_heads_that_the_database_has_printed_are_checked_too(trail, monkeypatch):
    monkeypatch.setattr(sealed, "heads", lambda: [(12, "a" * 64)])
    assert found() == ["head missing"]


COLUMNS = {  # what somebody may put into each
    "at": "'2026-11-02 12:00:01'", "by_id": "7", "by_name": "'Somebody'", "verb": "'approved'",
    "kind": "'post'", "proposal_id": "9", "instruction_id": "9",
    "credit_note_id": "'0123456789abcdef0123456789abcdef'", "invoice_payable_id":
    "'0123456789abcdef0123456789abcdef'", "vendor_id": "NULL", "amount": "amount + 1",
    "currency": "'USD'", "was": "'ready'", "now": "'done'", "reason_code": "'x'",
    "reason": "'reason'", "trace": "'t'", "details": "'{\"words\": \"a\"}'",
}  # fmt: skip


def tampered(sql, *args):
    """What is found after a statement, which is undone."""
    with transaction.atomic():
        with factories.tampering() as cursor:
            cursor.execute(sql, args)
            changed = cursor.rowcount
        wrong = found()
        transaction.set_rollback(True)
    assert changed
    return wrong


def test_whatever_is_changed_in_the_database_is_found(trail):
    dice = random.Random(1)
    assert set(COLUMNS) == set(chain.COLUMNS) - {"id"}
    for column, value in COLUMNS.items():
        sql = f'UPDATE {EVENT} SET "{column}" = {value} WHERE id = %s'
        assert tampered(sql, dice.choice(trail[:40])) == ["changed"], column
    assert tampered(f"DELETE FROM {EVENT} WHERE id = %s", trail[0]) == ["deleted"]
    assert tampered(f"DELETE FROM {EVENT} WHERE id = %s", trail[39]) == ["deleted"]
    assert tampered(f"DELETE FROM {EVENT} WHERE id < %s", trail[12]) == ["deleted"] * 12
    assert "inserted" in tampered(f"DELETE FROM {SEAL} WHERE seq = 7")
    assert tampered(f"UPDATE {EVENT} SET id = 0 WHERE id = %s", trail[8]) == ["inserted", "deleted"]
    assert tampered(f"UPDATE {SEAL} SET digest = 'x' WHERE seq = 20") == ["changed", "changed"]
    assert tampered(f"UPDATE {SEAL} SET event_id = -3 WHERE seq = 20")[0] == "reordered"
    assert tampered(f"UPDATE {SEAL} SET sealed_at = '2026-11-02 13:00' WHERE seq = 40") == [
        "changed"
    ]
    sql = f"UPDATE {EVENT} SET reason = CASE id WHEN %s THEN 'reason 6' ELSE 'reason 5' END"
    assert tampered(f"{sql} WHERE amount IN (5, 6)", trail[5]) == ["changed", "changed"]
    assert found() == []


@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL's columns have types")
@pytest.mark.parametrize("column", ["at", "details", "vendor_id", "amount", "proposal_id"])
def test_what_cannot_be_read_is_told_in_a_sentence(trail, column):
    with factories.tampering() as cursor:
        cursor.execute("PRAGMA ignore_check_constraints = ON")  # of JSON
        cursor.execute(f'UPDATE {EVENT} SET "{column}" = %s WHERE id = %s', ["}{", trail[4]])
        cursor.execute("PRAGMA ignore_check_constraints = OFF")
    assert found() == ["changed"]


def test_the_trail_is_read_in_slices(trail, monkeypatch):
    monkeypatch.setattr(sealed, "AT_ONCE", 7)
    assert found() == []
    assert json.dumps([one[0] for one in sealed.events()]) == json.dumps(trail)
