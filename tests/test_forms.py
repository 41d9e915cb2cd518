"""Typed amounts and the clearing page's form: sentences, and nothing typed is lost."""

import uuid

import pytest
from django import forms

from clearing.forms import AmountField, WorkbenchForm, cell_name, cell_of

CELL = (uuid.uuid4(), uuid.uuid4())


def form(data, locale="en_US", currency="EUR"):
    return WorkbenchForm(data, currency=currency, locale=locale)


def test_an_amount_is_read_in_the_persons_format():
    assert AmountField(currency="EUR", locale="de_DE").clean("1.240,00") == 124000
    assert AmountField(currency="JPY", locale="en_US").clean("1,240") == 1240
    assert AmountField(currency="KWD", locale="en_US").clean("1.240") == 1240
    assert AmountField(currency="EUR", locale="de_DE").example == "1.234,56"


@pytest.mark.parametrize("typed", ["", None, "1e3", "-1", "0", "1.234", "１", "9" * 70, "1\x00"])
def test_what_is_no_amount_is_refused_with_a_sentence(typed):
    with pytest.raises(forms.ValidationError) as problem:
        AmountField(currency="EUR", locale="en_US").clean(typed)
    assert problem.value.messages[0].endswith((".", ")."))


def test_an_amount_may_be_left_empty_where_nothing_is_required():
    assert AmountField(currency="EUR", locale="en_US", required=False).clean("") is None


def test_names_and_pairs_fit_each_other():
    assert cell_of(cell_name(CELL)) == CELL
    for junk in ("amount-", "amount-1-2", cell_name(CELL) + "x", cell_name(CELL).upper(), "note"):
        assert cell_of(junk) is None


def test_texts_stay_as_typed_beside_their_sentence():
    read = form({cell_name(CELL): " 1.23 ", "note": "Hi"}, locale="de_DE")
    assert read.typed == {CELL: "1.23"}
    assert read.amounts == {}
    assert "1.234.567,89" in read.cell_errors[CELL]
    assert not read.fits
    assert read.words == "Hi"


def test_an_emptied_amount_is_no_line():
    read = form({cell_name(CELL): "  "})
    assert (read.typed, read.amounts, read.fits) == ({}, {}, True)


def test_a_field_that_names_no_pair_does_not_fit():
    read = form({"amount-1-2": "5", "amount-'; drop": "5"})
    assert read.unreadable == 2
    assert not read.fits


def test_nul_bytes_and_junk_in_the_buttons_do_no_harm():
    read = form({cell_name(CELL): "5\x00.00", "note": "a\x00b", "add": "junk", "start": "x"})
    assert read.amounts == {CELL: 500}
    assert read.words == "ab"
    assert read.cleaned_data.get("add") is None
    assert read.cleaned_data.get("start") is None
