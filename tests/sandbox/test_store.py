"""The books outlive their process, are whole or unchanged, and only go forward in time."""

from __future__ import annotations

import threading
import time

import pytest

from clearing.sandbox import records
from clearing.sandbox.server import Sandbox
from clearing.sandbox.store import Store

from .conftest import ENTITY, VENDOR, Light, invoice, note


def test_a_file_goes_on_where_it_stopped(tmp_path):
    credit, bill = note(), invoice()
    data = records.dataset(
        entities=[ENTITY], vendors=[VENDOR], credit_notes=[credit], invoice_payables=[bill]
    )
    path = str(tmp_path / "books.sqlite3")
    with Sandbox(data, store=path) as sandbox:
        Light(sandbox).link(credit, bill, 4000)
        stamp = sandbox.books.get("credit_note", credit["id"])["updatedAt"]
    with Sandbox(lambda: pytest.fail("loaded twice"), store=path) as sandbox:
        light = Light(sandbox)
        assert [row["amount"] for row in light.links(credit)] == [4000]
        assert sandbox.books.clock.stamp() > stamp


def test_a_transaction_that_fails_changes_nothing(tmp_path):
    store = Store(str(tmp_path / "books.sqlite3"))
    credit = note()
    store.load(records.dataset(credit_notes=[credit]))
    with pytest.raises(RuntimeError), store.transaction():
        store.change("credit_note", credit["id"], status="CLEARED")
        store.put("credit_note", note())
        store.remove("credit_note", credit["id"])
        raise RuntimeError
    assert store.all("credit_note") == [credit]
    store.put("credit_note", other := note())
    with pytest.raises(RuntimeError), store.transaction():
        store.remove("credit_note", credit["id"])
        raise RuntimeError
    assert store.all("credit_note") == [credit, other]  # in their order
    store.remove("credit_note", other["id"])
    store.close()
    assert Store(str(tmp_path / "books.sqlite3")).all("credit_note") == [credit]


def test_loading_replaces_everything():
    store = Store()
    assert store.empty
    store.load(records.dataset(credit_notes=[note(), note()]))
    only = note()
    store.load(records.dataset(credit_notes=[only]))
    assert store.all("credit_note") == [only]
    assert store.document(only["id"]) == only


def test_updated_at_is_strictly_increasing_even_after_a_future_stamp():
    store = Store()
    bill = invoice(updatedAt="2999-01-01T00:00:00Z")
    store.load(records.dataset(invoice_payables=[bill]))
    first, second = (store.change("invoice", bill["id"])["updatedAt"] for _ in range(2))
    assert "2999-01-01T00:00:00Z"[:19] < first < second


def test_twenty_at_once_cannot_use_a_credit_twice(open_light):
    credit, bills = note(amount=1000), [invoice() for _ in range(20)]
    light = open_light([credit], bills)
    answers = []

    def link(bill):
        answers.append(Light(light.sandbox).link(credit, bill, 300).status_code)

    threads = [threading.Thread(target=link, args=(bill,)) for bill in bills]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == [200] * 3 + [422] * 17
    assert sum(row["amount"] for row in light.sandbox.books.link_rows()) == 900


def test_a_small_sandbox_starts_at_once():
    data = records.dataset(credit_notes=[note() for _ in range(20)])
    started = []
    for _ in range(5):
        before = time.perf_counter()
        with Sandbox(data):
            started.append(time.perf_counter() - before)
    assert min(started) < 0.1
