"""The head of a draft: what is typed, what Light receives, and what the person is told."""

import pytest
from django.urls import reverse

from clearing.models import Preference
from tests.views.draft_pages import Page
from tests.views.pages import HTMX, words


def test_a_form_that_is_saved_as_it_came_sends_nothing(form, drafts):
    answer = form.save()
    assert answer.status_code == 302 and drafts.writes == []
    assert "Nothing was changed" in words(form.client.get(answer.url))


def test_line_breaks_of_browsers_change_nothing(form, drafts):
    drafts.sandbox.act("edit_credit_note", creditNote=str(drafts.id), description=" a\nb ")
    drafts.sync()
    again = Page(form.client, drafts)
    assert "\r\n" in again.data["description"]
    again.save(document_number="GS-78")
    assert drafts.body() == {"documentNumber": "GS-78"}


TYPED = {  # what is typed into a field: what Light receives
    "document_number": ("GS-77", {"documentNumber": "GS-77"}),
    "document_date": ("2026-10-31", {"documentDate": "2026-10-31"}),
    "description": ("Wrong colour", {"description": "Wrong colour"}),
    "currency": ("usd", {"currency": "USD"}),
    "amount": ("1,234.50", {"amount": 123450}),
    "are_lines_with_tax": ("added", {"areLinesWithTax": False}),
    "local_fx_rate": ("1.2345", {"localCurrencyFxRateOverride": 1.2345}),
    "group_fx_rate": ("2", {"groupCurrencyFxRateOverride": 2}),
}


@pytest.mark.parametrize("name", TYPED)
def test_a_field_that_is_typed_is_all_that_is_sent(form, drafts, name):
    typed, received = TYPED[name]
    assert form.save(**{name: typed}).status_code == 302
    assert drafts.body() == received


@pytest.mark.parametrize("name", [*TYPED, "vendor_id", "entity_id"])
def test_a_field_that_is_emptied_sends_null(form, drafts, name):
    assert form.save(**{name: ""}).status_code == 302
    assert list(drafts.body().values()) == [None]


def test_the_vendor_is_searched_by_name_and_chosen(form, drafts):
    other = drafts.vendors[1]
    answer = form.save(find="vendor_id", vendor_id_q="other", description="typed")
    assert answer.status_code == 200 and drafts.writes == []
    assert "Other Vendor" in answer.text and form.data["description"] == "typed"
    form.save(vendor_id=str(other.id))
    assert drafts.body() == {"businessPartnerId": str(other.id), "description": "typed"}
    assert drafts.note.vendor_id == other.id


def test_a_search_without_a_choice_is_not_saved(form, drafts):
    answer = form.save(vendor_id_q="other")
    assert answer.status_code == 422 and drafts.writes == []
    assert "Choose one of those found" in words(answer)
    assert "Other Vendor" in answer.text


def test_the_searches_answer_with_choices(as_preparer, drafts):
    url = reverse("lookup_vendors")
    chosen = str(drafts.vendors[0].id)
    answer = as_preparer.get(url, {"vendor_id_q": "V-2", "vendor_id": chosen}, **HTMX)
    assert [one.id for one in drafts.vendors if str(one.id) in answer.text]
    assert "Other Vendor" in answer.text and f'value="{chosen}" checked' in answer.text
    assert "<h1" in as_preparer.get(url, {"vendor_id_q": "other"}).text
    entities = as_preparer.get(reverse("lookup_entities"), {"entity_id_q": "SAS"}, **HTMX)
    assert "Acme SAS" in entities.text and "Acme GmbH" not in entities.text


@pytest.mark.parametrize(
    ("name", "typed", "sentence"),
    [
        ("amount", "12,34", "Write the amount like 1,234,567.89"),
        ("amount", "0", "Enter more than 0"),
        ("document_date", "31.10.2026", "Enter a date"),
        ("currency", "EURO", "three letters"),
        ("local_fx_rate", "1,08", "Write the rate like 1.0837"),
        ("group_fx_rate", "1.2345678901234567", "at most 15 digits"),
        ("are_lines_with_tax", "perhaps", "Choose one of the three"),
        ("vendor_id", "nobody", "no id of Light's"),
        ("cp_group_0", "nobody", "no id of Light's"),
    ],
)
def test_what_cannot_be_read_is_said_at_the_field_and_stays(form, drafts, name, typed, sentence):
    answer = form.save(description="typed", **{name: typed})
    assert answer.status_code == 422 and drafts.writes == []
    assert sentence in words(answer) and "One thing to correct" in answer.text
    assert form.data["description"] == "typed"
    if name not in {"vendor_id", "are_lines_with_tax"}:
        assert form.data[name] == typed


def test_amounts_and_rates_are_typed_in_the_persons_number_format(drafts, preparer, as_preparer):
    Preference.objects.create(user=preparer, number_format="de_DE")
    form = Page(as_preparer, drafts)
    assert (form.data["amount"], form.data["local_fx_rate"]) == ("119,00", "1,0837")
    form.save(amount="1.234,50", local_fx_rate="1,09")
    assert drafts.body() == {"amount": 123450, "localCurrencyFxRateOverride": 1.09}


def test_an_amount_left_alone_under_a_currency_of_other_decimals_is_read_again(form, drafts):
    answer = form.save(currency="JPY")
    assert answer.status_code == 422 and "JPY has 0 decimals" in words(answer)
    assert drafts.writes == []


def test_custom_properties_are_sent_only_where_entered(form, drafts):
    group, value = str(drafts.vendors[0].id), str(drafts.vendors[1].id)
    form.save(cp_group_0=group, cp_values_0=value, cp_inline_0="one\r\ntwo")
    sent = {"groupId": group, "valueIds": [value], "inlineValues": ["one", "two"]}
    assert drafts.body() == {"customProperties": [sent]}


def test_custom_properties_are_removed_all_at_once(form, drafts):
    form.save(cp_remove="1")
    assert drafts.body() == {"customProperties": None}


# --- somebody else changed it meanwhile --------------------------------------------------------
def elsewhere(drafts, **fields):
    drafts.sandbox.act("edit_credit_note", creditNote=str(drafts.id), **fields)


def test_what_changed_in_light_is_shown_and_nothing_typed_is_lost(form, drafts):
    elsewhere(drafts, description="By Light", documentDate="2026-10-09")
    answer = form.save(description="By me", document_number="GS-1")
    assert answer.status_code == 409 and drafts.writes == []
    assert "changed in Light meanwhile" in answer.text
    assert (form.data["description"], form.data["document_number"]) == ("By me", "GS-1")
    # Mine where I typed, Light's where I did not.
    assert (form.data["keep_description"], form.data["keep_document_date"]) == ("mine", "light")
    assert form.save().status_code == 302
    assert drafts.body() == {"documentNumber": "GS-1", "description": "By me"}
    assert drafts.light()["documentDate"] == "2026-10-09"


def test_lights_value_can_be_taken_and_mine_kept(form, drafts):
    elsewhere(drafts, description="By Light", documentDate="2026-10-09")
    form.save(description="By me", document_number="GS-1")
    form.save(keep_description="light", keep_document_date="mine")
    assert drafts.body() == {"documentNumber": "GS-1", "documentDate": "2026-10-05"}


def test_whoever_goes_on_typing_means_what_they_type(form, drafts):
    elsewhere(drafts, documentDate="2026-10-09")
    form.save(document_number="GS-1")
    form.save(document_date="2026-10-10")
    assert drafts.body() == {"documentNumber": "GS-1", "documentDate": "2026-10-10"}


def test_light_changing_what_is_wanted_already_is_no_conflict(form, drafts):
    elsewhere(drafts, description="The same")
    answer = form.save(description="The same", document_number="GS-1")
    assert answer.status_code == 302
    assert drafts.body() == {"documentNumber": "GS-1"}
