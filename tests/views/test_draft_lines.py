"""The lines of a draft in place: what is typed, what Light receives, what comes back."""

import json

import pytest
from django.urls import reverse

from clearing.models import CreditNote, CreditNoteLine, Edit
from tests.services.editing_world import TAX_CODE, directed
from tests.views.browser_forms import fields
from tests.views.pages import HTMX, words


class Line:
    """The form of a line, or of a new one, as a browser has it."""

    def __init__(self, client, drafts, line=True):
        self.client, self.drafts = client, drafts
        args = [drafts.id, drafts.line.id] if line else [drafts.id]
        self.url = reverse("change_line" if line else "add_line", args=args)
        self.data = fields(client.get(self.url, **HTMX), self.url)

    def save(self, htmx=True, **typed):
        answer = self.client.post(self.url, self.data | typed, **(HTMX if htmx else {}))
        self.data = fields(answer, self.url) or self.data
        return answer


@pytest.fixture
def line(as_preparer, drafts):
    return Line(as_preparer, drafts)


@pytest.fixture
def new(as_preparer, drafts):
    return Line(as_preparer, drafts, line=False)


def modes(drafts, with_tax):
    CreditNote.objects.filter(pk=drafts.id).update(are_lines_with_tax=with_tax)
    drafts.sandbox.act(
        "edit_credit_note", creditNote=str(drafts.id), areLinesWithTax=bool(with_tax)
    )


def test_a_line_that_is_saved_as_it_came_sends_nothing(line, drafts):
    assert line.save().status_code == 200
    assert drafts.writes == []


TYPED = {
    "description": ("New words", {"description": "New words"}),
    "ledger_tax_id": ("", {"ledgerTaxId": None}),
    "ledger_account_id": ("", {"ledgerAccountId": None}),
    "accrual_template_id": ("", {"accrualTemplateId": None}),
    "accrual_start_date": ("2026-02-01", {"accrualStartDate": "2026-02-01"}),
    "accrual_end_date": ("", {"accrualEndDate": None}),
}


@pytest.mark.parametrize("name", TYPED)
def test_a_field_that_is_typed_is_all_that_is_sent(line, drafts, name):
    typed, received = TYPED[name]
    assert line.save(**{name: typed}).status_code == 200
    assert drafts.body() == received


@pytest.mark.parametrize(
    ("with_tax", "typed", "sent"),
    [
        (True, {"gross": "238.00", "tax": "38.00"}, {"gross": 23800, "tax": 3800, "net": 20000}),
        (True, {"gross": "129.00"}, {"gross": 12900, "net": 11000}),
        (False, {"net": "200.00", "tax": "38.00"}, {"gross": 23800, "tax": 3800, "net": 20000}),
        (False, {"tax": ""}, {"gross": 10000, "tax": 0}),
        (None, {"gross": "238.00", "tax": "38.00", "net": ""},
         {"gross": 23800, "tax": 3800, "net": 20000}),
    ],
)  # fmt: skip
def test_amounts_agree_with_the_tax_mode(as_preparer, drafts, with_tax, typed, sent):
    modes(drafts, with_tax)
    line = Line(as_preparer, drafts)
    follower = {True: "net", False: "gross", None: None}[with_tax]
    assert follower not in line.data
    assert line.save(**typed).status_code == 200
    received = {"gross": "grossTransactionAmount", "tax": "taxTransactionAmount",
                "net": "netTransactionAmount"}  # fmt: skip
    assert drafts.body() == {received[name]: directed(amount) for name, amount in sent.items()}


def test_amounts_that_do_not_add_up_are_said_at_the_field(as_preparer, drafts):
    modes(drafts, None)
    line = Line(as_preparer, drafts)
    answer = line.save(gross="120.00")
    assert answer.status_code == 422 and drafts.writes == []
    assert "Net and tax do not make the gross amount" in words(answer)
    assert line.data["gross"] == "120.00"


def test_the_side_turns_all_three_amounts(line, drafts):
    line.save(side="D")
    assert drafts.body() == {
        "netTransactionAmount": directed(10000, "D"),
        "taxTransactionAmount": directed(1900, "D"),
        "grossTransactionAmount": directed(11900, "D"),
    }
    assert "Debit" in line.client.get(reverse("edit_note", args=[drafts.id])).text


def test_what_follows_is_shown_while_one_types(line):
    answer = line.client.get(line.url, {"gross": "238.00", "tax": "38.00", "side": "C"}, **HTMX)
    assert ">200.00</output>" in answer.text


def test_a_saved_row_comes_back_with_the_totals_and_the_focus_goes_on(line, drafts):
    answer = line.save(gross="129.00")
    assert f'id="line-{drafts.line.id}"' in answer.text and "Saved in Light" in answer.text
    assert 'id="line-totals" hx-swap-oob="true"' in answer.text
    assert "The lines add up to EUR 129.00" in words(answer)
    assert "Use 129.00 as the amount" in words(answer)
    assert json.loads(answer["HX-Trigger"]) == {"dialog-done": {"focus": "add-line"}}


def test_a_new_line_is_announced_where_the_row_that_adds_one_takes_the_focus(new):
    answer = new.save(description="Announced", gross="11.90")
    assert '<div id="live" hx-swap-oob="innerHTML">Saved in Light.</div>' in answer.text


def test_leaving_a_line_alone_gives_the_focus_back_to_what_opened_it(line, new, drafts):
    for one, goal in ((line, f"edit-line-{drafts.line.id}"), (new, "add-line")):
        answer = one.client.get(one.url, {"cancel": "1"}, **HTMX)
        assert json.loads(answer["HX-Trigger"]) == {"dialog-done": {"focus": goal}}
        assert f'id="{goal}"' in answer.text


def test_a_new_line_is_sent_with_what_was_entered(new, drafts):
    answer = new.save(description="Freight", gross="20.00", tax="")
    assert drafts.writes[0][0] == "POST"
    assert drafts.body() == {
        "description": "Freight",
        "netTransactionAmount": directed(2000),
        "grossTransactionAmount": directed(2000),
    }
    assert "Freight" in answer.text and 'id="line-new"' in answer.text
    assert CreditNoteLine.objects.filter(credit_note_id=drafts.id).count() == 2


def test_a_new_line_needs_an_amount(new, drafts):
    answer = new.save(description="Freight")
    assert answer.status_code == 422 and drafts.writes == []
    assert "Gross: Enter the gross amount" in words(answer)
    assert new.data["description"] == "Freight"


def test_the_account_is_searched_by_number_or_name(new, drafts):
    from clearing.models import LedgerAccount
    from tests import factories

    account = LedgerAccount.objects.create(
        id=drafts.accounts[1], code="3800", label="Freight inwards", status="ACTIVE",
        **factories.SEEN,
    )  # fmt: skip
    for asked in ("38", "inwards"):
        found = new.client.get(
            reverse("lookup_accounts"), {"ledger_account_id_q": asked, "key": "new"}, **HTMX
        )
        assert "3800 Freight inwards" in found.text
        assert 'id="choices-newledger_account_id"' in found.text
    answer = new.save(find="ledger_account_id", ledger_account_id_q="38", gross="1.00")
    assert answer.status_code == 200 and new.data["gross"] == "1.00"
    new.save(ledger_account_id=str(account.id))
    assert drafts.body()["ledgerAccountId"] == str(account.id)


def test_tax_codes_used_before_are_offered_with_where(new, drafts):
    note = CreditNote.objects.get(pk=drafts.id)
    text = new.client.get(new.url, **HTMX).text
    assert f'<option value="{TAX_CODE}">on 1 line, as on {note}</option>' in text


def test_what_changed_in_light_is_shown_and_nothing_typed_is_lost(line, drafts):
    lines = drafts.light()["lines"]
    lines[0] = lines[0] | {"description": "By Light"}
    drafts.sandbox.act("edit_credit_note", creditNote=str(drafts.id), lines=lines)
    answer = line.save(gross="129.00")
    assert answer.status_code == 409 and drafts.writes == []
    assert line.data["gross"] == "129.00" and line.data["keep_description"] == "light"
    assert line.save().status_code == 200
    assert drafts.body().keys() == {"grossTransactionAmount", "netTransactionAmount"}


def test_lights_no_is_said_in_the_row(line, drafts):
    drafts.sandbox.faults.add(status=422, method="PATCH")
    answer = line.save(description="typed")
    assert answer.status_code == 422 and "Light said no: “" in words(answer)
    assert line.data["description"] == "typed"


def test_without_a_clear_answer_the_page_comes_anew_and_says_so(line, drafts):
    drafts.sandbox.faults.add(status=500, method="PATCH")
    answer = line.save(description="typed")
    assert answer["HX-Redirect"] == reverse("edit_note", args=[drafts.id])
    assert Edit.objects.get().state == "unknown"
    page = line.client.get(answer["HX-Redirect"])
    assert "Light has not confirmed yet" in words(page) and "Add a line" not in page.text
    again = line.save(description="again")
    assert again.status_code == 409 and "Light has not confirmed yet" in words(again)
    assert len(drafts.writes) == 1


def test_a_deletion_is_confirmed_with_both_totals(as_preparer, drafts):
    url = reverse("delete_line", args=[drafts.id, drafts.line.id])
    dialog = as_preparer.get(url, **HTMX)
    said = words(dialog)
    assert "Delete the line “Returned pallets”" in said and "119.00" in said
    assert "Keep the line" in said and drafts.writes == []
    answer = as_preparer.post(url, fields(dialog, url), **HTMX)
    assert drafts.writes == [("DELETE", None)]
    assert 'hx-swap-oob="delete"' in answer.text
    assert json.loads(answer["HX-Trigger"]) == {"dialog-done": {"focus": "add-line"}}
    assert not CreditNoteLine.objects.filter(credit_note_id=drafts.id).exists()


def test_a_line_that_changed_in_light_is_not_deleted(as_preparer, drafts):
    url = reverse("delete_line", args=[drafts.id, drafts.line.id])
    data = fields(as_preparer.get(url), url)
    lines = [drafts.light()["lines"][0] | {"grossTransactionAmount": directed(500)}]
    drafts.sandbox.act("edit_credit_note", creditNote=str(drafts.id), lines=lines)
    answer = as_preparer.post(url, data)
    assert answer.status_code == 409 and drafts.writes == []
    assert "Look at it again" in words(answer) and "EUR 5.00" in words(answer)


def test_it_all_works_as_whole_pages(as_preparer, drafts):
    """Without JavaScript: the form stands in the page, and saving leads back to it."""
    edit = reverse("edit_note", args=[drafts.id])
    url = reverse("change_line", args=[drafts.id, drafts.line.id])
    page = as_preparer.get(url)
    assert "<h1" in page.text
    answer = as_preparer.post(url, fields(page, url) | {"description": "New words"})
    assert (answer.status_code, answer.url) == (302, edit)
    assert "New words" in as_preparer.get(edit).text
    bad = as_preparer.post(url, fields(as_preparer.get(url), url) | {"gross": "x"})
    assert bad.status_code == 422 and "<h1" in bad.text
    delete = reverse("delete_line", args=[drafts.id, drafts.line.id])
    gone = as_preparer.post(delete, fields(as_preparer.get(delete), delete))
    assert (gone.status_code, gone.url) == (302, edit)


def test_lines_that_were_never_read_are_asked_for(as_preparer, drafts):
    CreditNote.objects.filter(pk=drafts.id).update(lines_read_at=None, lines_wanted_at=None)
    edit = reverse("edit_note", args=[drafts.id])
    assert "Its lines are being read" in words(as_preparer.get(edit))
    assert CreditNote.objects.get(pk=drafts.id).lines_wanted_at is not None
    drafts.sync()
    assert "Returned pallets" in as_preparer.get(edit, {"lines": "1"}, **HTMX).text


def test_without_scripts_a_refused_line_is_where_the_page_opens(line, drafts):
    answer = line.save(htmx=False, gross="x")
    place = f"line-{drafts.line.id}"
    assert answer.status_code == 422
    assert f'action="{line.url}#{place}"' in answer.text and f'id="{place}"' in answer.text
