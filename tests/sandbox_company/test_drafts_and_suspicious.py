"""Drafts that lack something, credit that is there twice, credit that was filed as an invoice."""

import io
import re
from datetime import date, timedelta

import pypdf
import pytest

from clearing.sandbox import pdf
from clearing.sandbox.company import generate
from clearing.sandbox.company.cases import drafts, suspicious
from clearing.sandbox.server import Sandbox
from clearing.sandbox.switches import Switches

from .conftest import TODAY


def only(found):
    (one,) = found
    return one


def draft(case, name):
    note = only(case(name)[0])
    assert note["status"] == "DRAFT"
    return note


def total(note):
    return sum(line["grossTransactionAmount"]["amount"] for line in note["lines"])


def plain(number):
    return re.sub(r"[\W_]", "", number).lower()


@pytest.mark.parametrize("name", [case.__name__ for case in (*drafts.CASES, *suspicious.CASES)])
def test_every_case_has_its_paper(case, name):
    for document in [*case(name)[0], *case(name)[1]]:
        text = pypdf.PdfReader(io.BytesIO(pdf.build(document["_pdf"]))).pages[0].extract_text()
        number = document.get("_documentNumber") or document["invoiceNumber"]
        assert number in text and ("Total" in text or "Gesamtbetrag" in text)


def test_what_a_draft_lacks(case):
    complete = draft(case, "draft")
    assert complete["companyEntityId"] and complete["businessPartnerId"]
    assert complete["lines"] and complete["amount"] == total(complete)
    assert draft(case, "missing_vendor")["businessPartnerId"] is None
    assert draft(case, "missing_entity")["companyEntityId"] is None
    assert draft(case, "draft_without_lines")["lines"] == []
    summed = draft(case, "draft_with_wrong_sum")
    assert summed["amount"] == total(summed) + 9_000


def test_the_draft_with_a_wrong_line_has_the_right_amount_on_paper(case):
    note = draft(case, "draft_without_vendor_and_with_a_wrong_line")
    assert note["businessPartnerId"] is None and note["companyEntityId"]
    nets = [line["netTransactionAmount"]["amount"] for line in note["lines"]]
    assert nets == [42_900, 15_800] and total(note) != note["amount"] == 73_066
    assert any("185,00" in line for line in note["_pdf"]) and "730,66" in note["_pdf"][-1]


def test_the_draft_of_the_other_entity_is_addressed_to_the_first(data, case):
    note = draft(case, "draft_of_the_other_entity")
    filed = only(e for e in data["entities"] if e["id"] == note["companyEntityId"])
    assert filed["code"] == "US01"
    assert any("Fjordlys GmbH" in line for line in note["_pdf"])


@pytest.mark.parametrize("day", ["2026-11-16", "2026-01-31", "2026-03-01", "2024-02-29"])
def test_a_draft_is_dated_in_the_month_before_last(day):
    today = date.fromisoformat(day)
    data = generate(1, today)
    id = only(data["_cases"]["draft_of_a_closed_month"]["credit_notes"])
    note = only(one for one in data["credit_notes"] if one["id"] == id)
    dated = date.fromisoformat(note["documentDate"])
    assert (today.year - dated.year) * 12 + today.month - dated.month == 2


def test_the_same_credit_twice(case):
    for name in (
        "possible_duplicate", "duplicate_in_another_entity", "duplicate_of_another_vendor",
        "duplicate_of_a_cleared_credit",
    ):  # fmt: skip
        first, second = case(name)[0]
        for key in ("amount", "currency", "documentDate"):
            assert first[key] == second[key], (name, key)
        assert plain(first["_documentNumber"]) == plain(second["_documentNumber"]), name
    first, second = case("duplicate_in_another_entity")[0]
    assert first["businessPartnerId"] == second["businessPartnerId"]
    assert first["companyEntityId"] != second["companyEntityId"]
    used, again = case("duplicate_of_a_cleared_credit")[0]
    assert (used["status"], again["status"]) == ("CLEARED", "DRAFT")
    first, second = case("duplicate_within_days")[0]
    assert first["amount"] == second["amount"]
    assert plain(first["_documentNumber"]) != plain(second["_documentNumber"])
    dates = [date.fromisoformat(note["documentDate"]) for note in (first, second)]
    assert dates[1] - dates[0] == timedelta(days=4)


def test_two_vendor_records_of_one_company(data, case):
    known, again = (
        only(vendor for vendor in data["vendors"] if vendor["vendorId"] == id)
        for id in data["_cases"]["duplicate_of_another_vendor"]["vendors"]
    )
    assert known["vatId"] != again["vatId"] == again["vatId"].upper()
    assert known["vatId"] == again["vatId"].replace(" ", "")
    first, second = case("duplicate_of_another_vendor")[0]
    ids = (first["businessPartnerId"], second["businessPartnerId"])
    assert ids == (known["vendorId"], again["vendorId"])
    vat_ids = [plain(vendor["vatId"]) for vendor in data["vendors"] if vendor["vatId"]]
    assert len(vat_ids) == len(set(vat_ids)) + 1 and len(vat_ids) > 20


def test_credit_filed_as_an_invoice(case):
    below = only(case("negative_invoice")[1])
    assert (below["amount"], below["state"]) == (-89_250, "IN_DRAFT")
    assert "-892,50 EUR" in below["_pdf"][-1]
    named = only(case("filed_as_invoice_by_its_file")[1])
    assert named["documentName"] == "Credit-Memo_2207.pdf"
    assert "redit" not in named["description"] + named["invoiceNumber"]
    assert only(case("card_fees")[1])["description"] == "Credit card fees"


def test_light_takes_free_credit_by_itself_when_the_invoice_is_posted(data):
    ids = data["_cases"]["free_credit_beside_a_draft_invoice"]
    note, invoice = only(ids["credit_notes"]), only(ids["invoice_payables"])
    with Sandbox(data, switches=Switches(auto_allocation=True), today=TODAY) as sandbox:
        sandbox.act("post_invoice", invoicePayable=invoice)
        rows = [one for one in sandbox.books.clearing_rows() if one["invoicePayableId"] == invoice]
        assert note in {one["creditNoteId"] for one in rows}
        assert not any(row["creditNoteId"] == note for row in sandbox.books.link_rows())
