"""Edits of drafts: exactly what was changed is sent, and what Light answers is what counts."""

import pytest

from clearing.light.client import LightClient
from clearing.models import AuditEvent, CreditNote, Edit
from clearing.roles import NotAllowed
from clearing.sandbox.server import Sandbox
from clearing.services import editing
from clearing.workflow import Conflict
from tests import factories
from tests.services.editing_world import Drafts, verbs


@pytest.fixture
def drafts(db, preparer):
    with Sandbox() as sandbox:
        yield Drafts(sandbox, preparer)


# --- every field: left alone, emptied, changed -------------------------------------------------
GROUP, VALUE = "aaaaaaaa-0000-4000-8000-000000000001", "aaaaaaaa-0000-4000-8000-000000000002"
PROPERTIES = [{"groupId": GROUP, "valueIds": [VALUE], "inlineValues": None}]
NOTE = {  # field: Light's name, what a form sends, what Light receives; a callable: of the world
    "entity_id": ("companyEntityId", lambda d: str(d.entities[1].id), None),
    "vendor_id": ("businessPartnerId", lambda d: str(d.vendors[1].id), None),
    "document_number": ("documentNumber", "GS-77", None),
    "document_date": ("documentDate", "2026-10-31", None),
    "description": ("description", "Wrong colour\nreturned", None),
    "currency": ("currency", "USD", None),
    "amount": ("amount", 12345, None),
    "are_lines_with_tax": ("areLinesWithTax", False, None),
    "local_fx_rate": ("localCurrencyFxRateOverride", "1.23456789012345", 1.23456789012345),
    "group_fx_rate": ("groupCurrencyFxRateOverride", "2", 2),
    "custom_properties": ("customProperties", PROPERTIES, None),
}
LINE = {
    "description": ("description", "Broken pallets", None),
    "net": ("netTransactionAmount", [20000, "C"], {"amount": 20000, "dcSign": "C"}),
    "tax": ("taxTransactionAmount", [0, "C"], {"amount": 0, "dcSign": "C"}),
    "gross": ("grossTransactionAmount", [11900, "D"], {"amount": 11900, "dcSign": "D"}),
    "ledger_account_id": ("ledgerAccountId", lambda d: d.accounts[1], None),
    "ledger_tax_id": ("ledgerTaxId", GROUP, None),
    "accrual_template_id": ("accrualTemplateId", VALUE, None),
    "accrual_start_date": ("accrualStartDate", "2026-02-01", None),
    "accrual_end_date": ("accrualEndDate", "2027-01-31", None),
    "custom_properties": ("customProperties", PROPERTIES, None),
}
AMOUNTS = ("net", "tax", "gross")


def test_these_are_all_the_fields_of_the_two_calls():
    from clearing.light import bodies

    assert NOTE.keys() == bodies.NOTE.keys() and LINE.keys() == bodies.LINE.keys()
    assert {name: row[0] for name, row in (NOTE | LINE).items()} == {
        name: field[0] for name, field in (bodies.NOTE | bodies.LINE).items()
    }


def given(drafts, value):
    return value(drafts) if callable(value) else value


@pytest.mark.parametrize("field", NOTE)
def test_a_field_of_the_draft_that_is_changed_sends_its_value_and_nothing_else(drafts, field):
    name, value, received = NOTE[field]
    value = given(drafts, value)
    edit = drafts.change(**{field: value})
    assert drafts.writes == [("PATCH", {name: received if received is not None else value})]
    assert (edit.state, edit.body, edit.status) == ("done", drafts.body(), 200)
    assert [change["field"] for change in edit.changes] == [field]


@pytest.mark.parametrize("field", NOTE)
def test_a_field_of_the_draft_that_is_emptied_sends_null(drafts, field):
    edit = drafts.change(**{field: None})
    assert drafts.writes == [("PATCH", {NOTE[field][0]: None})]
    assert edit.state == "done"


@pytest.mark.parametrize("field", NOTE)
def test_a_field_of_the_draft_that_is_left_alone_sends_nothing(drafts, field):
    """All other fields are changed at once; a property nobody entered is not in the form."""
    others = {
        name: given(drafts, row[1])
        for name, row in NOTE.items()
        if name not in (field, "custom_properties")
    }
    drafts.change(**others)
    assert drafts.body().keys() == {NOTE[name][0] for name in others}


@pytest.mark.parametrize("field", LINE)
def test_a_field_of_a_line_that_is_changed_sends_its_value_and_nothing_else(drafts, field):
    name, value, received = LINE[field]
    value = given(drafts, value)
    edit = drafts.change_line(**{field: value})
    assert drafts.writes == [("PATCH", {name: received or value})]
    assert edit.state == "done" and edit.line_id == drafts.line.id


@pytest.mark.parametrize("field", LINE)
def test_a_field_of_a_line_that_is_emptied_sends_null_but_never_an_amount(drafts, field):
    if field in AMOUNTS:
        with pytest.raises(ValueError, match="not emptied"):
            drafts.change_line(**{field: None})
        assert drafts.writes == [] and not Edit.objects.exists()
    else:
        assert drafts.change_line(**{field: None}).state == "done"
        assert drafts.writes == [("PATCH", {LINE[field][0]: None})]


@pytest.mark.parametrize("field", LINE)
def test_a_field_of_a_line_that_is_left_alone_sends_nothing(drafts, field):
    others = {
        name: given(drafts, row[1])
        for name, row in LINE.items()
        if name not in (field, *AMOUNTS, "custom_properties")
    }
    drafts.change_line(**others)
    assert drafts.body().keys() == {LINE[name][0] for name in others}


@pytest.mark.parametrize("field", LINE)
def test_a_field_of_a_new_line_is_sent_where_it_is_filled(drafts, field):
    name, value, received = LINE[field]
    value = given(drafts, value)
    only = {"description": None, "net": None, "gross": [11900, "D"]} | {field: value}
    edit = drafts.add_line(**only)
    expected = {"grossTransactionAmount": {"amount": 11900, "dcSign": "D"}}
    assert drafts.writes == [("POST", expected | {name: received or value})]
    assert edit.state == "done"


# --- what the copy and the trail show ----------------------------------------------------------
def test_a_change_is_in_the_copy_and_in_the_trail(drafts, preparer):
    other = drafts.vendors[1]
    edit = drafts.change(
        vendor_id=str(other.id), amount=5000, description="", document_number="GS-1"
    )
    note = drafts.note
    assert (note.vendor_id, note.vendor_name, note.amount) == (other.id, other.name, 5000)
    assert (note.description, note.document_number) == ("", "GS-1")
    assert drafts.line.gross == 11900
    began, ended = AuditEvent.objects.order_by("id")
    assert (began.verb, ended.verb) == ("edited the draft", "saw the change in Light")
    assert (began.by_id, began.credit_note_id) == (preparer.pk, drafts.id)
    assert began.at == edit.sent_at and ended.amount == 5000
    assert {row["field"]: (row["was"], row["now"]) for row in began.details["changes"]} == {
        "vendor_id": ("Nordlicht Logistik", "Other Vendor"),
        "amount": ("EUR 119.00", "EUR 50.00"),
        "description": ("Returned", ""),
        "document_number": (edit.before["note"]["documentNumber"], "GS-1"),
    }
    assert ended.details["free_before"] == ended.details["free_after"] == 0


def test_lines_come_change_and_go_in_the_copy(drafts):
    drafts.change_line(gross=[23800, "C"], net=[20000, "C"], tax=[3800, "C"])
    assert (drafts.line.gross, drafts.line.net, drafts.line.tax) == (23800, 20000, 3800)
    assert drafts.delete_line().state == "done"
    assert drafts.note.lines_read_at and drafts.light()["lines"] == []
    added = drafts.add_line()
    assert (drafts.line.gross, drafts.line.description) == (5000, "More")
    assert verbs(added) == ["added a line", "saw the change in Light"]
    assert [method for method, _ in drafts.writes] == ["PATCH", "DELETE", "POST"]


def test_a_draft_is_made_from_an_invoice_and_known_at_once(drafts):
    invoice = drafts.invoice()
    edit = drafts.create(invoice)
    note = CreditNote.objects.get(pk=edit.credit_note_id)
    assert (edit.state, note.status, note.amount) == ("done", "DRAFT", 25000)
    assert note.vendor_id == invoice.vendor_id
    assert drafts.writes == [("POST", None)]
    assert verbs(edit) == ["created it from an invoice", "saw the change in Light"]


# --- who may, and when -------------------------------------------------------------------------
@pytest.mark.parametrize("role", ["viewer", "approver", "controller", ""])
def test_only_an_editor_may(drafts, role):
    drafts.person = factories.person(role)
    invoice = drafts.invoice()
    asked = len(drafts.sandbox.requests)
    for do in (
        lambda: drafts.change(amount=1),
        lambda: drafts.change_line(description="x"),
        drafts.add_line,
        drafts.delete_line,
        lambda: drafts.create(invoice),
    ):
        with pytest.raises(NotAllowed):
            do()
    assert len(drafts.sandbox.requests) == asked and not Edit.objects.exists()


def test_nothing_but_a_draft_is_sent_an_edit(drafts):
    drafts.sandbox.act("set_status", creditNote=str(drafts.id), status="POSTED")
    with pytest.raises(Conflict, match="not a draft any more"):
        drafts.change(amount=1)
    assert drafts.writes == [] and not Edit.objects.exists()


@pytest.mark.parametrize("kind", ["post", "archive"])
@pytest.mark.parametrize("state", ["proposed", "ready", "unknown"])
def test_a_draft_that_waits_for_the_ledger_is_not_edited(drafts, preparer, approver, kind, state):
    approved = {} if state == "proposed" else {"approved_by": approver, "state": state}
    factories.line(preparer, drafts.note, None, None, kind=kind, of_draft=kind == "archive",
                   **approved)  # fmt: skip
    with pytest.raises(Conflict, match="Paula Prep has asked to post or cancel"):
        drafts.change(amount=1)
    assert drafts.writes == []


def test_without_a_difference_nothing_is_sent(drafts):
    with pytest.raises(ValueError, match="Nothing was changed"):
        drafts.change(local_fx_rate="1.08370", description="Returned")
    with pytest.raises(ValueError, match="amount of the line"):
        drafts.add_line(gross=None, net=None)
    assert drafts.writes == []


def test_what_a_form_does_to_blanks_and_line_breaks_is_no_change(drafts):
    text = " Two\nlines "
    drafts.sandbox.act("edit_credit_note", creditNote=str(drafts.id), description=text)
    drafts.sync()
    with pytest.raises(ValueError, match="Nothing was changed"):
        drafts.change(description="Two\r\nlines", document_date="2026-10-05")
    drafts.change(description="  Three\r\nlines\n")
    assert drafts.body() == {"description": "Three\nlines"}


@pytest.mark.parametrize(
    "wrong",
    [{"local_fx_rate": "1.2345678901234567"}, {"group_fx_rate": "-1"}, {"local_fx_rate": "0.00"},
     {"group_fx_rate": "1e5"}, {"currency": "euro"}, {"amount": 2**63}, {"amount": "5"},
     {"amount": 1.5}, {"document_date": "31.10.2026"}, {"vendor_id": "x"},
     {"are_lines_with_tax": 1}, {"custom_properties": [{"valueIds": []}]}, {"description": "\0"}],
)  # fmt: skip
def test_what_light_could_misread_never_leaves(drafts, wrong):
    with pytest.raises(ValueError):
        drafts.change(**wrong)
    assert drafts.writes == [] and not Edit.objects.exists()


# --- changed in Light meanwhile ----------------------------------------------------------------
def test_a_field_that_changed_in_light_meanwhile_is_told_and_nothing_sent(drafts):
    drafts.sandbox.act("edit_credit_note", creditNote=str(drafts.id), amount=7, description="New")
    with pytest.raises(editing.Changed) as caught:
        drafts.change(amount=5, currency="USD")
    told = {one.name: (one.shown, one.live, one.wanted) for one in caught.value.fields}
    assert told == {"amount": (11900, 7, 5), "description": ("Returned", "New", "Returned")}
    assert drafts.writes == [] and not Edit.objects.exists()
    wanted = editing.note_values(drafts.note) | {
        "amount": 5, "currency": "USD", "description": "New",
    }  # fmt: skip
    editing.change_note(
        drafts.client, note_id=drafts.id, shown=caught.value.live, wanted=wanted,
        by=drafts.person,
    )  # fmt: skip
    assert drafts.body() == {"amount": 5, "currency": "USD"}


def test_the_same_change_by_somebody_else_is_no_conflict(drafts):
    drafts.sandbox.act("edit_credit_note", creditNote=str(drafts.id), amount=7)
    drafts.change(amount=7, description="Mine")
    assert drafts.body() == {"description": "Mine"}


def test_a_rate_that_moved_by_itself_is_no_conflict_but_one_that_was_typed_is(drafts):
    drafts.sandbox.act("edit_credit_note", creditNote=str(drafts.id), localCurrencyFxRate=1.1)
    drafts.change(amount=7)
    assert drafts.body() == {"amount": 7}
    drafts.sandbox.act("edit_credit_note", creditNote=str(drafts.id), localCurrencyFxRate=1.2)
    with pytest.raises(editing.Changed):
        drafts.change(local_fx_rate="1.3")


def test_a_line_that_changed_or_went_in_light_is_neither_changed_nor_deleted(drafts):
    line = {**drafts.light()["lines"][0], "description": "Theirs"}
    drafts.sandbox.act("edit_credit_note", creditNote=str(drafts.id), lines=[line])
    for do in (lambda: drafts.change_line(description="Mine"), drafts.delete_line):
        with pytest.raises(editing.Changed) as caught:
            do()
        assert [one.name for one in caught.value.fields] == ["description"]
    drafts.sandbox.act("edit_credit_note", creditNote=str(drafts.id), lines=[])
    for do in (lambda: drafts.change_line(description="Mine"), drafts.delete_line):
        with pytest.raises(Conflict, match="no longer in Light"):
            do()
    assert drafts.writes == []


def test_every_edit_goes_out_with_a_deadline(drafts, monkeypatch, settings):
    """What is sent after the lease could reach Light when others have settled it already."""
    settings.LEASE = settings.LIGHT_TIMEOUT = 0
    assert isinstance(drafts.client, LightClient)
    edit = drafts.change(amount=5)
    assert (edit.state, drafts.writes) == ("not_applied", [])
