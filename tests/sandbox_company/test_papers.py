"""What the demo company's papers say can be read by machine, as what people are told says."""

import pytest

from clearing import pdf_text
from clearing.matching import numbers
from clearing.sandbox import pdf

CASES = ("partial", "reference_in_description", "reference_only_in_pdf", "dinars")


@pytest.mark.parametrize("name", CASES)
def test_the_paper_names_the_invoice(name, case):
    notes, invoices = case(name)
    note, number = notes[0], invoices[0]["invoiceNumber"]
    read = pdf_text.read(pdf.build(note["_pdf"]), note["_documentNumber"])
    words = {key: (page, words) for key, page, words in read.found}
    page, said = words[numbers.key(number)]
    assert page == 1 and said.endswith(number)


def test_no_paper_cites_itself(data):
    notes = [note for note in data["credit_notes"] if note["_pdf"]]
    assert len(notes) > 200
    for note in notes:
        own = note["_documentNumber"]
        found = {key for key, _ in numbers.found("\n".join(note["_pdf"]), own, pdf_text.BARE)}
        assert numbers.key(own) not in found


def test_what_a_note_names_is_what_its_text_names(data):
    """A description that cites an invoice of its vendor is found by the tokeniser."""
    invoices = {}
    for one in data["invoice_payables"]:
        invoices.setdefault(one["vendorId"], set()).add(one["invoiceNumber"])
    told = found = 0
    for note in data["credit_notes"]:
        text = note["description"] or ""
        for number in invoices.get(note["businessPartnerId"], ()):
            if number and len(number) > 4 and f" {number}" in f"{text} ":
                told += 1
                keys = {key for key, _ in numbers.found(text, note["_documentNumber"])}
                found += bool(keys & set(numbers.forms(numbers.key(number))))
    assert told > 100 and found > 0.9 * told
