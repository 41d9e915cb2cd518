"""A sheet as CSV, as a workbook and on paper, read back by other hands."""

import io
import json
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from hashlib import sha256

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pypdf import PdfReader

from clearing import money
from clearing.exporting import csv, escape, paper, pdf, xlsx
from clearing.exporting.about import Origin
from clearing.sheets import Column, Sheet, Tally
from tests.exporting.spreadsheet import (
    PAYLOADS,
    about,
    formulas,
    is_formula,
    rows_of,
    table,
    workbook,
)

PARIS = timezone(timedelta(hours=1), "CET")
ORIGIN = Origin(
    "Vera View", datetime(2026, 11, 2, 13, 30, tzinfo=PARIS),
    datetime(2026, 11, 2, 13, 26, tzinfo=PARIS), "5f3a",
)  # fmt: skip
COLUMNS = (
    Column("name", "Name"), Column("day", "Day", "day"), Column("at", "At", "moment"),
    Column("currency", "Currency"), Column("amount", "Amount", "money", "currency"),
    Column("number", "Number", "number"), Column("id", "Id"),
)  # fmt: skip
INT64 = 2**63 - 1


def row(name="CN-1", currency="EUR", amount=123456, number=3):
    return (name, date(2026, 11, 2), datetime(2026, 11, 2, 12, tzinfo=UTC), currency, amount,
            number, "id-1")  # fmt: skip


def sheet(*rows, **over):
    return Sheet(
        **{"name": "notes", "title": "Notes", "columns": COLUMNS, "rows": iter(rows)} | over
    )


def as_csv(made):
    return b"".join(csv.stream(made, zone=PARIS))


def as_xlsx(made, **over):
    file = io.BytesIO()
    return xlsx.write(made, ORIGIN, file, **over), file.getvalue()


def test_a_csv_holds_iso_dates_and_plain_amounts_beside_their_currency():
    found = as_csv(sheet(row(amount=-123456), (None,) * 7))
    assert found.startswith(b'\xef\xbb\xbf"Name"') and found.endswith(b"\r\n")
    assert rows_of(found)[1:] == [
        ["CN-1", "2026-11-02", "2026-11-02T13:00:00+01:00", "EUR", "-1234.56", "3", "id-1"],
        [""] * 7,
    ]


@pytest.mark.parametrize(
    ("minor", "currency", "text"),
    [(5, "EUR", "0.05"), (-5, "EUR", "-0.05"), (0, "EUR", "0.00"), (900, "JPY", "900"),
     (1234, "KWD", "1.234"), (-1, "KWD", "-0.001"), (12, "CLF", "0.0012"),
     (INT64, "EUR", "92233720368547758.07"), (-INT64 - 1, "KWD", "-9223372036854775.808"),
     (7, "", "0.07"), (7, "X\x00", "0.07")],
)  # fmt: skip
def test_an_amount_is_exact_to_its_last_decimal(minor, currency, text):
    assert rows_of(as_csv(sheet(row(amount=minor, currency=currency))))[1][4] == text
    cells = table(as_xlsx(sheet(row(amount=minor, currency=currency)))[1])[1]
    plain, signed = (Decimal(str(cell)) for cell in cells[4:6])
    assert signed == Decimal(text) and plain == abs(signed)
    assert isinstance(cells[5], str) == (abs(minor) >= 10**15)


@settings(max_examples=40)
@given(st.integers(-(10**15) + 1, 10**15 - 1), st.sampled_from(["EUR", "JPY", "KWD", "CLF"]))
def test_a_number_of_fifteen_digits_survives_a_double(minor, currency):
    from clearing.exporting.figures import exact, number

    written = f"{number(minor, currency):.16G}"  # as XlsxWriter writes it
    assert round(float(written) * 10 ** money.decimals(currency)) == minor
    assert Decimal(written) == Decimal(exact(minor, currency))


def test_a_workbook_has_dates_numbers_a_frozen_head_and_a_filter():
    _tally, content = as_xlsx(sheet(row(), row(currency="JPY", amount=-900)))
    page = workbook(content).worksheets[0]
    heads = [cell.value for cell in page[1]]
    assert heads == [
        "Name",
        "Day",
        "At (CET)",
        "Currency",
        "Amount",
        "Amount, signed",
        "Number",
        "Id",
    ]
    assert page["B2"].is_date and page["B2"].value == datetime(2026, 11, 2)
    assert page["C2"].is_date and page["C2"].value == datetime(2026, 11, 2, 13)
    assert (page["E2"].value, page["E2"].number_format) == (1234.56, "#,##0.00")
    assert (page["E3"].value, page["F3"].value, page["F3"].number_format) == (900, -900, "#,##0")
    assert page["G2"].data_type == "n" and page["A2"].data_type == "s"
    assert page.freeze_panes == "B2" and page.auto_filter.ref == "A1:H3"
    assert page.column_dimensions["H"].width > 5


def test_the_page_about_it_says_what_it_holds():
    rows = [row(), row(amount=-56), row(currency="JPY", amount=900)]
    made = sheet(*rows, filters=("Status: Posted",), notes=("Mind the gap.",))
    tally, content = as_xlsx(made)
    said = about(content)
    assert said["Export"] == ["Notes"] and said["Filter"] == ["Status: Posted"]
    assert said["Copy of Light as of"] == ["2026-11-02 13:26 CET"]
    assert said["File made at"] == ["2026-11-02 13:30 CET"] and said["Made by"] == ["Vera View"]
    assert said["Rows"] == [3] and said["Head of the audit trail"] == ["5f3a"]
    assert said["Total, signed: Amount"] == [("EUR", 1234), ("JPY", 900)]
    assert said["Note"][0] == "Mind the gap."
    assert said["SHA-256 of the rows"] == [tally.digest]
    counted = Tally(COLUMNS)
    list(counted.over(rows))
    assert tally.digest == counted.digest
    cells = ["CN-1", "2026-11-02", "2026-11-02T12:00:00+00:00", "EUR", 123456, 3, "id-1"]
    first = json.dumps(cells, separators=(",", ":"))
    only = as_xlsx(sheet(row()))[0].digest
    assert only == sha256(first.encode() + b"\n").hexdigest()


def test_more_rows_than_a_page_holds_go_on_on_the_next():
    names = [f"CN-{n}" for n in range(5)]
    tally, content = as_xlsx(sheet(*map(row, names)), most=2)
    book = workbook(content)
    assert book.sheetnames == ["Notes", "Notes (2)", "Notes (3)", "About this export"]
    found = [cell.value for page in book.worksheets[:3] for cell in page["A"][1:]]
    assert found == names and tally.count == 5
    assert all(page["A1"].value == "Name" for page in book.worksheets[:3])
    assert as_xlsx(sheet(*map(row, names[:4])), most=2)[0].count == 4
    assert len(workbook(as_xlsx(sheet(*map(row, names[:4])), most=2)[1]).sheetnames) == 3


def test_an_empty_list_is_a_file_with_heads():
    tally, content = as_xlsx(sheet())
    assert tally.count == 0 and len(table(content)) == 1 and about(content)["Rows"] == [0]
    assert len(rows_of(as_csv(sheet()))) == 1


def test_sixty_currencies_have_a_total_each():
    codes = [f"A{first}{second}" for first in "ABCDEF" for second in "ABCDEFGHIJ"]
    content = as_xlsx(sheet(*(row(currency=code, amount=n) for n, code in enumerate(codes))))[1]
    totals = about(content)["Total, signed: Amount"]
    assert [code for code, _sum in totals] == codes
    assert [round(amount * 100) for _code, amount in totals] == list(range(60))


# --- texts of others -------------------------------------------------------------------------
@pytest.mark.parametrize("payload", PAYLOADS)
def test_no_text_is_a_formula_to_any_program(payload):
    made = [row(name=payload, currency=payload), row(name=f"x{payload}")]
    content = as_csv(sheet(*made))
    assert formulas(content) == []
    assert not any(cell[:1] in ("\t", "\r", "\n") for one in rows_of(content) for cell in one)
    page = workbook(as_xlsx(sheet(*made))[1]).worksheets[0]
    assert {cell.data_type for cells in page.iter_rows() for cell in cells} <= {"s", "n", "d"}
    if is_formula(payload):
        assert page["A2"].quotePrefix and page["A2"].number_format == "@", "a text when edited"


def test_the_test_would_see_a_formula(monkeypatch):
    monkeypatch.setattr(csv, "disarmed", str)
    seen = [one for one in PAYLOADS if formulas(as_csv(sheet(row(name=one))))]
    assert len(PAYLOADS) >= 40 and len(seen) > 30  # the others are harmless once they are quoted


@settings(max_examples=60)
@given(st.text(st.characters(codec="utf-8"), max_size=40))
def test_any_text_comes_back_from_a_csv_but_for_apostrophes(text):
    found = rows_of(as_csv(sheet(row(name=text))))[1][0]
    assert found.replace("'", "") == escape.clean(text).replace("'", "")
    assert formulas(as_csv(sheet(row(name=text)))) == []


@pytest.mark.parametrize(
    "text", ["\x00\x08\x0b\x1f", "\ud800", "\ufffe\uffff", "a\r\nb\rc", "\x85"]
)
def test_what_no_file_can_hold_is_seen_and_breaks_nothing(text):
    content = as_xlsx(sheet(row(name=f"<{text}>")))[1]
    shown = table(content)[1][0]
    assert shown == escape.clean(f"<{text}>") == rows_of(as_csv(sheet(row(name=f"<{text}>"))))[1][0]
    assert len(shown) > 2


@pytest.mark.parametrize("sign", ["x", "😀"])
def test_a_text_that_is_too_long_for_a_cell_says_so(sign):
    text = sign * 33_000
    content = as_xlsx(sheet(row(name=text)))[1]
    cell = table(content)[1][0]
    assert len(cell.encode("utf-16-le")) // 2 <= 32_767
    assert "33000 characters; all of them are in the CSV" in cell
    assert "1 texts were too long for a cell; their end says so." in about(content)["Note"]
    assert rows_of(as_csv(sheet(row(name=text))))[1][0] == text
    assert table(as_xlsx(sheet(row(name="x" * 32_767)))[1])[1][0] == "x" * 32_767


def test_the_time_to_disarm_a_text_is_linear():
    for text in ("\t" * 300_000, ";" * 300_000 + "=", "\"'" * 150_000):
        escape.disarmed(text)  # quadratic, this would take minutes


@pytest.mark.parametrize(
    "title",
    ["", "History", "About this export", "a[b]:*?/\\c", "'x'", "😀" * 40, "=1+1", "\x00"],
)
def test_any_title_names_a_page(title):
    names = workbook(as_xlsx(sheet(row(), row(), title=title), most=1)[1]).sheetnames
    assert len(names) == 3 and all(len(name.encode("utf-16-le")) <= 62 for name in names)


def test_a_date_before_excels_first_is_a_text():
    old = (None, date(1, 1, 1), datetime(1850, 1, 1, tzinfo=UTC), "", None, 2**62, "")
    cells = table(as_xlsx(sheet(old))[1])[1]
    assert cells[1] == "0001-01-01" and cells[2].startswith("1850-01-01T")
    assert cells[6] == str(2**62), "a number that a double would round"


def all_in_one(*sheets, **over):
    file = io.BytesIO()
    xlsx.write_all(sheets, ORIGIN, file, **{"title": "Both"} | over)
    return workbook(file.getvalue())


def test_many_sheets_in_one_workbook_follow_the_rules_of_one():
    book = all_in_one(sheet(row(amount=-900), row("=1+1")), sheet(row("x" * 40_000), title="More"))
    assert book.sheetnames == ["Rows", "More", "Notes"]
    first, second, notes = book.worksheets
    assert first.freeze_panes == second.freeze_panes == "B2"
    assert (first.auto_filter.ref, second.auto_filter.ref) == ("A1:H3", "A1:H2")
    assert (first["E2"].value, first["F2"].value) == (9, -9)
    assert first["A3"].quotePrefix and first["A3"].data_type == "s"
    assert second["A2"].value.endswith(" … (cut: 40000 characters)")
    assert [cell.value for cell in notes["A"]] == [
        "Each amount stands twice: without its sign, and signed as it is counted.",
        "1 texts were too long for a cell; their end says so.",
    ]


def test_sheets_of_one_title_and_long_ones_have_pages_of_their_own():
    book = all_in_one(
        sheet(row(), row(), title="Same"), sheet(row(), title="same"), sheet(title="Empty"), most=1
    )
    assert book.sheetnames == ["Same", "Same (2)", "same (3)", "Empty", "Notes"]


# --- paper -----------------------------------------------------------------------------------
def test_paper_has_no_ids_and_no_currency_column():
    shown = paper.on_paper(sheet(row(), row(amount=-56)), ORIGIN, most=9, locale="de_DE")
    assert [head.words for head in shown.heads] == ["Name", "Day", "At (CET)", "Amount", "Number"]
    assert [text for text, _css in shown.rows[0]] == [
        "CN-1", "2 Nov 2026", "2 Nov 2026, 13:00", "EUR 1.234,56", "3",
    ]  # fmt: skip
    assert shown.totals == [("Amount", "EUR 1.234,00")] and not shown.cut and shown.proofs


def test_paper_that_was_cut_has_no_totals():
    shown = paper.on_paper(sheet(row(), row()), ORIGIN, most=1, locale="en_US")
    assert shown.cut and len(shown.rows) == 1 and shown.totals == [] and shown.proofs[1:] == []
    assert not paper.on_paper(sheet(row(), row()), ORIGIN, most=2, locale="en_US").cut


def test_a_pdf_fetches_nothing_but_its_style():
    if not pdf.is_possible():
        pytest.skip("WeasyPrint or Pango is not installed")
    html = ("<link rel=stylesheet href=/s.css><img src=file:///etc/passwd><img src=/x.png>"
            "<link rel=stylesheet href=http://127.0.0.1:9/x.css><p>Text</p>")  # fmt: skip
    made = pdf.render(html, {"https://export.invalid/s.css": "@page { size: 50mm 50mm }"})
    page = PdfReader(io.BytesIO(made)).pages[0]
    assert round(page.mediabox.width) == 142 and not page.images
