"""What is typed into a draft or a line, and what it means."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clearing.draft_forms import LineForm, NoteForm

NOTE = {
    "vendor_id": None, "entity_id": None, "document_number": "GS-1", "document_date": None,
    "description": None, "currency": "EUR", "amount": 11900, "are_lines_with_tax": True,
    "local_fx_rate": "1.50", "group_fx_rate": None,
}  # fmt: skip
LINE = {"description": "Pallets", "net": [10000, "C"], "tax": [1900, "C"], "gross": [11900, "C"]}
SIGNED = st.integers(-(10**12), 10**12)
DIRECTED = st.none() | st.tuples(SIGNED, st.sampled_from("CD")).map(list)
LOCALES = st.sampled_from(["en_US", "de_DE", "de_CH", "fr_FR"])


TEXT = st.none() | st.text(alphabet="aÄ0,.' \t\r\n\u00a0", min_size=1)


def as_shown(form):
    """The form as a browser brings it back untouched."""
    return {
        name: re.sub(r"\r\n?|\n", "\r\n" if name in form.MULTILINE else "", field.text)
        for name, field in form.fields.items()
    }


@given(
    st.fixed_dictionaries({
        "description": TEXT,
        "document_number": TEXT,
        "currency": st.sampled_from([None, "EUR", "JPY", "KWD", "??"]),
        "amount": st.none() | st.integers(-(2**63), 2**63 - 1),
        "are_lines_with_tax": st.sampled_from([None, True, False]),
        "local_fx_rate": st.sampled_from([None, "1.0837", "0.00010", "12", "1E-7"]),
    }),
    LOCALES,
)  # fmt: skip
def test_a_note_left_alone_wants_exactly_what_was_shown(shown, locale):
    """Whatever Light had, also what nobody could type."""
    shown = NOTE | shown
    form = NoteForm(as_shown(NoteForm(None, shown, locale=locale)), shown, locale=locale)
    assert not form.errors and form.wanted == shown and not form.touched


def line(data, shown=LINE, *, with_tax=True, locale="en_US", currency="EUR"):
    return LineForm(data, shown, locale=locale, currency=currency, with_tax=with_tax)


@given(DIRECTED, DIRECTED, DIRECTED, st.sampled_from([True, False, None]), LOCALES)
def test_a_line_left_alone_wants_exactly_what_was_shown(net, tax, gross, with_tax, locale):
    shown = {"description": "x", "net": net, "tax": tax, "gross": gross}
    data = as_shown(line(None, shown, with_tax=with_tax, locale=locale))
    form = line(data, shown, with_tax=with_tax, locale=locale)
    assert {name: form.wanted[name] for name in shown} == shown and not form.touched
    assert bool(form.errors) == (not any((net, tax, gross)))


def test_mixed_sides_stay_where_only_words_change():
    shown = {"description": "x", "net": [100, "C"], "tax": [20, "D"], "gross": [80, "C"]}
    data = as_shown(line(None, shown))
    assert data["side"] == "mixed"
    form = line(data | {"description": "y"}, shown)
    assert form.wanted["tax"] == [20, "D"] and not form.errors
    # An amount that changes keeps its side, and the three have to add up.
    form = line(data | {"net": "2.00", "gross": "1.80"}, shown)
    assert (form.wanted["net"], form.wanted["tax"], form.wanted["gross"]) == (
        [200, "C"], [20, "D"], [180, "C"],
    )  # fmt: skip


def test_an_amount_that_is_emptied_becomes_nothing_not_null():
    form = line(as_shown(line(None)) | {"tax": ""})
    assert form.wanted["tax"] == [0, "C"] and form.wanted["net"] == [11900, "C"]


def test_the_same_amounts_on_the_other_side():
    form = line(as_shown(line(None)) | {"side": "D"})
    assert [form.wanted[name] for name in ("net", "tax", "gross")] == [
        [10000, "D"], [1900, "D"], [11900, "D"],
    ]  # fmt: skip


def test_without_a_currency_nobody_knows_what_an_amount_means():
    form = line(as_shown(line(None, currency="")) | {"gross": "5.00"}, currency="")
    assert "currency" in form.errors["gross"] and "gross" not in form.wanted
    assert not line(as_shown(line(None, currency="")) | {"description": "x"}, currency="").errors
    shown = NOTE | {"currency": None}
    typed = as_shown(NoteForm(None, shown, locale="en_US")) | {"amount": "5.00"}
    assert "currency" in NoteForm(typed, shown, locale="en_US").errors["amount"]
    assert NoteForm(typed | {"currency": "JPY", "amount": "5"}, shown, locale="en_US").fits


def test_an_accrual_that_ends_before_it_begins_is_said():
    typed = {"accrual_start_date": "2026-02-01", "accrual_end_date": "2026-01-31"}
    form = line(as_shown(line(None)) | typed)
    assert "ends before" in form.errors["accrual_end_date"]


@pytest.mark.parametrize(
    ("typed", "locale", "value"),
    [("1.0837", "en_US", "1.0837"), ("1,0837", "de_DE", "1.0837"), ("007", "en_US", "7"),
     ("0.10", "en_US", "0.10")],
)  # fmt: skip
def test_a_rate_is_an_exact_decimal(typed, locale, value):
    data = as_shown(NoteForm(None, NOTE, locale=locale)) | {"group_fx_rate": typed}
    assert NoteForm(data, NOTE, locale=locale).wanted["group_fx_rate"] == value


@pytest.mark.parametrize("typed", ["0", "0.0", "1e3", "-1", "1,5", "１", "1." + "1" * 16, "."])
def test_what_is_no_rate_is_said(typed):
    data = as_shown(NoteForm(None, NOTE, locale="en_US")) | {"group_fx_rate": typed}
    assert "group_fx_rate" in NoteForm(data, NOTE, locale="en_US").errors
