"""Lines of credit notes and accounts of the ledger in the copy: read when, and what they say."""

from datetime import UTC, date, datetime, timedelta

import pytest

from clearing import workflow
from clearing.light import records as light_records
from clearing.models import CreditNote, CreditNoteLine, LedgerAccount, SyncRun, Vendor
from clearing.sandbox import records
from clearing.services import mirroring
from clearing.services.mirroring import lists, wants
from tests import factories
from tests.services.mirroring_world import Company as World
from tests.services.mirroring_world import client, paths, read_all, sync

pytestmark = pytest.mark.django_db
NOW = factories.NOW
ACCOUNT, TAX, TEMPLATE = (f"{n * 8}-0000-4000-8000-000000000000" for n in "abc")


def whole_line(**over):
    fields = {
        "netTransactionAmount": {"amount": 10000, "dcSign": "C"},
        "taxTransactionAmount": {"amount": 1900, "dcSign": "C"},
        "grossTransactionAmount": {"amount": 11900, "dcSign": "C"},
        "description": "Pallets returned", "ledgerAccountId": ACCOUNT, "ledgerTaxId": TAX,
        "accrualTemplateId": TEMPLATE, "accrualStartDate": "2026-01-01",
        "accrualEndDate": "2026-12-31",
    }  # fmt: skip
    return records.credit_note_line(**fields | over)


def details(sandbox, note):
    return paths(sandbox).count(f"GET /v1/credit-notes/{note}")


def stored(note):
    return list(CreditNoteLine.objects.filter(credit_note_id=note).order_by("position"))


@pytest.mark.parametrize("carries", [False, True])
def test_a_drafts_lines_are_read_once_and_where_the_list_shows_them_for_nothing(carries):
    world = World()
    fee = whole_line(
        netTransactionAmount={"amount": 500, "dcSign": "D"},
        taxTransactionAmount=None, grossTransactionAmount=None, ledgerAccountId=None,
        accrualStartDate=None,
    )  # fmt: skip
    note = world.note(status="DRAFT", lines=[whole_line(), fee], createdAt="2026-09-01T08:00:00Z")
    with world.open() as sandbox:
        sandbox.switch(lines_in_list=carries)
        light = client(sandbox)
        sync(light)
        assert details(sandbox, note) == (0 if carries else 1)
        sandbox.forget_requests()
        for full in (False, True):
            sync(light, full=full)
        assert details(sandbox, note) == 0
    first, second = stored(note)
    assert (first.net, first.tax, first.gross, first.net_side) == (10000, 1900, 11900, "C")
    assert (first.description, str(first.ledger_account_id)) == ("Pallets returned", ACCOUNT)
    assert (str(first.ledger_tax_id), str(first.accrual_template_id)) == (TAX, TEMPLATE)
    assert first.accrual_start_date == date(2026, 1, 1) and first.position == 0
    assert (second.net, second.net_side, second.tax, second.tax_side) == (500, "D", None, "")
    assert second.ledger_account_id is None and second.accrual_start_date is None
    row = CreditNote.objects.get(id=note)
    assert row.lines_read_at and row.lines_wanted_at is None and row.are_lines_with_tax is True
    assert row.created_in_light_at == datetime(2026, 9, 1, 8, tzinfo=UTC)


@pytest.mark.parametrize("carries", [False, True])
def test_a_draft_without_lines_is_known_to_have_none(carries):
    world = World()
    note = world.note(status="DRAFT", lines=[])
    with world.open() as sandbox:
        sandbox.switch(lines_in_list=carries)
        sync(client(sandbox))
        assert details(sandbox, note) == 1  # an empty list in a list says nothing
    assert CreditNote.objects.get(id=note).lines_read_at and not stored(note)


def test_which_lines_a_sync_reads():
    world = World()
    read = {world.note(status=status) for status in wants.WITH_LINES_READ}
    left = {world.note(status=status) for status in ("POSTED", "CLEARED", "ARCHIVED", "SHINY")}
    with world.open() as sandbox:
        run = sync(client(sandbox))
        assert {note for note in read | left if details(sandbox, note)} == read
    assert run.details_total == run.details_done == len(read) + 1  # and the links of one
    known = CreditNote.objects.filter(lines_read_at__isnull=False).values_list("id", flat=True)
    assert {str(id) for id in known} == read


def test_a_line_changed_in_light_is_read_again_and_one_deleted_there_goes():
    world = World()
    kept, gone = whole_line(), whole_line(description="Twice")
    note = world.note(status="DRAFT", lines=[kept, gone])
    other = world.note(status="DRAFT")
    with world.open() as sandbox:
        light = client(sandbox)
        sync(light)
        sandbox.act("edit_credit_note", creditNote=note, lines=[{**kept, "description": "New"}])
        sandbox.forget_requests()
        sync(light)
        assert (details(sandbox, note), details(sandbox, other)) == (1, 0)
    assert [(str(line.id), line.description) for line in stored(note)] == [(kept["id"], "New")]


def test_a_draft_that_somebody_posts_in_light_is_read_once_more():
    world = World()
    line = whole_line()
    note, unread = world.note(status="DRAFT", lines=[line]), world.note(status="SHINY")
    with world.open() as sandbox:
        light = client(sandbox)
        sync(light)
        new = {**line, "description": "Changed just before"}
        sandbox.act("edit_credit_note", creditNote=note, lines=[new], status="POSTED")
        sandbox.act("set_status", creditNote=unread, status="POSTED")
        sandbox.forget_requests()
        sync(light)
        sync(light)
        assert (details(sandbox, note), details(sandbox, unread)) == (1, 0)
    assert stored(note)[0].description == "Changed just before"


def test_an_unchanged_note_whose_line_changed_without_a_word_is_found_by_a_full_sync(settings):
    world = World()
    line = whole_line()
    note = world.note(status="DRAFT", lines=[line])
    with world.open() as sandbox:
        light = client(sandbox)
        sync(light)
        same = sandbox.books.get("credit_note", note)
        sandbox.books.put("credit_note", {**same, "lines": [{**line, "description": "New"}]})
        sync(light)
        assert stored(note)[0].description == "Pallets returned"
        settings.FULL_SYNC_INTERVAL = 0
        sync(light, full=True)
    assert stored(note)[0].description == "New"


def test_the_page_asks_for_the_lines_of_a_posted_note():
    world = World()
    note = world.note(lines=[whole_line()])
    with world.open() as sandbox:
        light = client(sandbox)
        sync(light)
        id = CreditNote.objects.get().id
        assert not stored(note) and CreditNote.objects.get().lines_read_at is None
        assert mirroring.want_lines(id, workflow.now())
        assert not mirroring.want_lines(id, workflow.now())  # every two seconds
        assert mirroring.waiting() == 1 and read_all(light) == 1
    assert len(stored(note)) == 1 and CreditNote.objects.get().lines_read_at
    assert mirroring.waiting() == 0


def test_what_a_page_asks_for_comes_before_a_syncs_own_wishes_and_a_lease_is_left(books):
    first, second = books.note(status="DRAFT"), books.note(status="DRAFT")
    CreditNote.objects.update(lines_wanted_at=NOW)
    assert mirroring.want_lines(second.id, NOW + timedelta(seconds=1))
    order = list(CreditNote.objects.order_by("lines_wanted_at").values_list("id", flat=True))
    assert order == [second.id, first.id]
    leased = NOW + timedelta(minutes=2)
    CreditNote.objects.filter(id=first.id).update(lines_wanted_at=leased)
    assert not mirroring.want_lines(first.id, NOW)
    assert CreditNote.objects.get(id=first.id).lines_wanted_at == leased


def test_links_and_lines_of_one_note_of_ours_cost_one_look_at_it(preparer, approver):
    world = World()
    note = world.note(lines=[whole_line()])
    world.invoice()
    with world.open() as sandbox:
        light = client(sandbox)
        sync(light)
        row, invoice = CreditNote.objects.get(), lists.InvoicePayable.objects.get()
        line = factories.line(preparer, row, invoice, 4000, approved_by=approver)
        type(line).objects.update(state="done", done_at=workflow.now())
        mirroring.want(credit_notes=[row.id], now=workflow.now())
        mirroring.want_lines(row.id, workflow.now())
        sandbox.forget_requests()
        read_all(light)
        assert details(sandbox, note) == 1
    assert len(stored(note)) == 1


def shown(note, *lines, at=NOW, **over):
    """A record of this note as Light answers."""
    return light_records.CreditNote(
        id=note.id, status="DRAFT", amount=10000, currency="EUR", updated_at=at,
        lines=[light_records.CreditNoteLine.model_validate(line) for line in lines], **over,
    )  # fmt: skip


def later(seconds):
    return NOW + timedelta(seconds=seconds)


def test_an_answer_brings_its_lines_and_an_older_read_does_not_take_them_back(books):
    note = books.note(status="DRAFT")
    new, old = whole_line(description="New"), whole_line(description="Old")
    mirroring.take_credit_note(shown(note, new, at=later(10)), later(10))
    assert CreditNote.objects.get().lines_read_at == later(10)
    lists.take_credit_notes([shown(note, old, at=later(10))], later(5), detailed=True)
    assert [line.description for line in stored(note.id)] == ["New"]
    lists.take_credit_notes([shown(note, old, at=later(5))], later(20), detailed=True)
    assert [line.description for line in stored(note.id)] == ["New"]  # an answer out of a cache
    lists.take_credit_notes([shown(note, at=later(20))], later(20), detailed=True)
    assert stored(note.id) == [] and CreditNote.objects.get().lines_read_at == later(20)


def test_an_answer_that_says_nothing_of_lines_leaves_them(books):
    note = books.note(status="DRAFT")
    mirroring.take_credit_note(shown(note, whole_line()), NOW)
    bare = light_records.CreditNote(id=note.id, status="DRAFT", updated_at=later(9))
    mirroring.take_credit_note(bare, later(9))
    assert len(stored(note.id)) == 1 and CreditNote.objects.get().lines_read_at == NOW
    assert wants.lines().get().id == note.id  # it has changed since: they are read again


def test_what_a_list_leaves_out_is_not_taken_as_empty(books):
    note = books.note(are_lines_with_tax=False, created_in_light_at=NOW)
    bare = light_records.CreditNote(id=note.id, status="DRAFT", updated_at=later(9))
    lists.take_credit_notes([bare], later(9))
    row = CreditNote.objects.get()
    assert (row.are_lines_with_tax, row.created_in_light_at) == (False, NOW)
    mirroring.take_credit_note(shown(note, at=later(10), are_lines_with_tax=None), later(10))
    assert CreditNote.objects.get().are_lines_with_tax is None


def test_the_longest_amounts_and_a_line_that_moved_to_another_note(books):
    first, second = books.note(status="DRAFT"), books.note(status="DRAFT")
    line = whole_line(netTransactionAmount={"amount": -(2**63), "dcSign": "D"})
    mirroring.take_credit_note(shown(first, line), NOW)
    assert stored(first.id)[0].net == -(2**63)
    mirroring.take_credit_note(shown(second, line), later(1))
    assert not stored(first.id) and len(stored(second.id)) == 1


def test_accounts_are_read_and_marked_gone_by_a_full_sync_only():
    world = World()
    kept, left = records.ledger_account(code=3200), records.ledger_account(code=3800)
    world.lists["ledger_accounts"] = [kept, left]
    with world.open() as sandbox:
        light = client(sandbox)
        sync(light)
        assert list(LedgerAccount.objects.values_list("code", "label", "status", "type")) == [
            (code, "Other operating expense", "ACTIVE", "OTHER_OPERATING_EXPENSE")
            for code in ("3200", "3800")
        ]
        sandbox.books.remove("ledger_account", left["id"])
        sandbox.books.change("ledger_account", kept["id"], label="Packaging")
        sync(light)
        assert LedgerAccount.objects.filter(gone_at=None).count() == 2
        sync(light, full=True)
    assert LedgerAccount.objects.get(gone_at=None).label == "Packaging"


@pytest.mark.parametrize("status", [403, 404, 422])
def test_a_key_that_may_not_see_accounts_reads_everything_else(status):
    world = World()
    note = world.note()
    world.lists["ledger_accounts"] = [records.ledger_account()]
    with world.open() as sandbox:
        light = client(sandbox)
        sync(light)
        sandbox.faults.add(path="/v1/ledger-accounts", status=status)
        run = sync(light, full=True)
    assert run.state == SyncRun.State.DONE and "accounts of the ledger" in run.problem
    assert CreditNote.objects.get(id=note).document_number
    assert LedgerAccount.objects.get().gone_at is None and Vendor.objects.get().gone_at is None


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("DE 811.907-980", "DE811907980"), ("che-123.456.789 MWST", "CHE123456789MWST"),
        ("fr\u00a012\u2013345", "FR12345"), ("", ""), (None, ""),
    ],
)  # fmt: skip
def test_vat_ids_are_kept_as_they_can_be_compared(text, plain):
    world = World()
    world.vendor["vatId"] = text
    with world.open() as sandbox:
        sync(client(sandbox))
    assert Vendor.objects.get().vat_id == plain
