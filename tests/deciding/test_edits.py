"""What became of an edit, by what Light shows: every case as one line of a table."""

import pytest

from clearing.deciding import Ask, Done, LookAgain, NotApplied, edits

A, B, C = {"description": "a", "net": 1}, {"description": "b", "net": 2}, {"description": "c"}
NOTE = {"amount": 100, "currency": "EUR", "areLinesWithTax": True, "documentNumber": "K-1"}


def facts(note=None, lines=None, at="t1"):
    shown = {name: value for name, value in NOTE.items() if name != "documentNumber"}
    return {
        "status": "DRAFT", "updated_at": at, "note": shown | (note or {}),
        "lines": {"1": A} if lines is None else lines,
    }  # fmt: skip


BEFORE = facts({"documentNumber": "K-1"})
CASES = [
    # kind, body, what Light shows now, expected
    ("change_note", {"amount": 5}, facts({"amount": 5}), "done"),
    ("change_note", {"amount": 5}, facts(), "absent"),
    ("change_note", {"amount": 5}, facts(at="t2"), "absent"),
    ("change_note", {"amount": 5}, facts({"amount": 6}), "other"),
    ("change_note", {"amount": 5, "currency": None},
     facts({"amount": 5, "currency": None}), "done"),
    ("change_note", {"amount": 5, "currency": None}, facts({"amount": 5}), "other"),
    ("change_note", {"amount": 5, "customProperties": None}, facts({"amount": 5}), "done"),
    ("change_note", {"amount": 5, "areLinesWithTax": None}, facts({"amount": 5}), "done"),
    ("change_note", {"customProperties": None}, facts(), "absent"),
    ("change_note", {"customProperties": None}, facts(at="t2"), "other"),
    ("change_note", {"customProperties": None}, facts(at=""), "other"),
    ("change_note", {"areLinesWithTax": None}, facts(at="t2"), "other"),
    ("change_note", {"localCurrencyFxRateOverride": 1.5}, facts(at="t2"), "other"),
    ("change_note", {"documentNumber": "K-2"}, facts({"documentNumber": "K-2"}), "done"),
    ("change_note", {"documentNumber": "K-2"}, facts({"documentNumber": "K-1"}), "absent"),
    ("change_note", {"documentNumber": "K-2"}, facts({"documentNumber": "K-3"}), "other"),
    ("change_note", {"documentNumber": "K-2"}, facts(), "absent"),
    ("change_note", {"documentNumber": None}, facts({"documentNumber": "X"}, at="t2"), "other"),
    ("change_note", {"amount": 5}, None, "other"),
    ("add_line", B, facts(lines={"1": A, "2": B}), "done"),
    ("add_line", A, facts(lines={"1": A, "2": A}), "done"),
    ("add_line", A, facts(), "absent"),
    ("add_line", A, facts(lines={}), "absent"),
    ("add_line", A, facts(lines={"1": A, "2": A, "3": A}), "other"),
    ("add_line", B, facts(lines={"1": A, "2": B, "3": C}), "done"),
    ("add_line", B, facts(lines={"1": A, "2": C}), "other"),
    ("add_line", B, facts(lines={"1": B}), "absent"),
    ("change_line", {"net": 9}, facts(lines={"1": A | {"net": 9}}), "done"),
    ("change_line", {"net": 9}, facts(), "absent"),
    ("change_line", {"net": 9}, facts(lines={"1": A | {"net": 8}}), "other"),
    ("change_line", {"net": 9}, facts(lines={"2": A | {"net": 9}}), "other"),
    ("change_line", {"net": 9, "description": "z"}, facts(lines={"1": A | {"net": 9}}), "other"),
    ("change_line", {"customProperties": None}, facts(), "other"),
    ("delete_line", {}, facts(lines={}), "done"),
    ("delete_line", {}, facts(lines={"1": B}), "absent"),
    ("delete_line", {}, None, "other"),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "body", "live", "expected"), CASES)
def test_what_a_draft_shows(kind, body, live, expected):
    assert edits.shown(kind, BEFORE, body, live, line_id="1") == expected


OURS, OTHER = {"amount": 5, "currency": "EUR"}, {"amount": 6, "currency": "EUR"}
DRAFTS = {"drafts": {"1": OURS}, "wanted": OURS}


@pytest.mark.parametrize(
    ("drafts", "expected", "id"),
    [
        ({"1": OURS}, "absent", ""),
        ({}, "absent", ""),
        ({"1": OURS, "2": OURS}, "done", "2"),
        ({"2": OURS}, "done", "2"),
        ({"1": OURS, "2": OURS, "3": OURS}, "other", ""),
        ({"1": OURS, "2": OTHER}, "other", ""),
        ({"1": OURS, "2": OTHER, "3": OURS}, "done", "3"),
        ({"1": OURS, "2": {"amount": None, "currency": ""}}, "other", ""),
    ],
)
def test_what_the_drafts_of_a_vendor_show(drafts, expected, id):
    live = {"drafts": drafts}
    assert edits.shown("create", DRAFTS, {}, live) == expected
    assert edits.created(DRAFTS, live) == id


def test_an_edit_that_does_not_exist():
    with pytest.raises(ValueError):
        edits.shown("rename", BEFORE, {}, facts())


@pytest.mark.parametrize(
    ("found", "looks", "over", "expected"),
    [
        ("done", 0, False, Done),
        ("other", 0, False, Ask),
        ("absent", 0, False, LookAgain),
        ("absent", 1, False, LookAgain),
        ("absent", 0, True, LookAgain),
        ("absent", 1, True, NotApplied),
        ("unclear", 1, False, LookAgain),
        ("unclear", 0, True, Ask),
    ],
)
def test_absence_is_believed_after_the_quarantine_and_twice(found, looks, over, expected):
    decision = edits.settle(found, absent_looks=looks, quarantine_over=over)
    assert isinstance(decision, expected)
    if isinstance(decision, LookAgain):
        assert decision.absent_looks == (1 if over else 0), "looks in the quarantine do not count"


@pytest.mark.parametrize("body", [{"amount": 5}, {"amount": 5, "customProperties": []}])
def test_an_answer_fits_unless_it_contradicts(body):
    assert edits.fits(body, {"amount": 5, "currency": "EUR"})
    assert not edits.fits(body, {"amount": 6})
