"""Every list as a file: exactly its rows, its totals, and nobody's formula."""

import dataclasses
from collections import defaultdict
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from clearing import money
from clearing.exporting import csv as as_csv
from clearing.exporting import pdf, xlsx
from clearing.models import CreditNote, NotDuplicate
from clearing.services import booking
from clearing.views import exports
from tests import factories
from tests.exporting.spreadsheet import PAYLOADS, about, formulas, rows_of, table, workbook
from tests.kept import kept

pytestmark = pytest.mark.same_on_each
TODAY = datetime(2026, 11, 21, 12, tzinfo=UTC)
LISTS = [
    "/credit-notes/", "/invoice-payables/", "/vendors/", "/drafts/", "/stuck/", "/duplicates/",
    "/duplicates/?show=answered", "/duplicates/?show=vat", "/filed-as-invoices/", "/reopened/",
    "/exceptions/", "/proposals/?show=all", "/months/", "/month-end/",
    "/month-end/2026-10/rows/", "/month-end/2026-10/rows/?kind=closing",
]  # fmt: skip
HUGE = 2**63 - 1


def world():
    """Something on every list, in three currencies, with texts that want to be formulas."""
    books, by = factories.Books(), factories.person("preparer", first_name="=Paula")
    factories.synced()
    odd = factories.vendor(name="=cmd|' /C calc'!A0", number="+1", vat_id="DE1")
    factories.vendor(name="@SUM(1)", number="-1", vat_id="DE1", status="BLOCKED")
    day = date(2026, 10, 5)
    notes = [
        factories.credit_note(odd, books.entity, currency=code, amount=amount, posting_date=day,
                              document_number=f"=CN{n}", description="a;=1+1")
        for n, (code, amount) in enumerate(
            [("EUR", 10_000), ("EUR", 12_345), ("JPY", 900), ("KWD", 1_234), ("USD", HUGE)]
        )
    ]  # fmt: skip
    bare = {"amount": None, "currency": "", "document_date": None, "document_number": ""}
    factories.credit_note(None, None, **bare, document_day="0001-01-01", status="DRAFT")
    books.note(status="DRAFT")
    invoices = [factories.invoice(odd, books.entity, currency=one.currency, invoice_number="-INV",
                                  amount=5_000) for one in notes]  # fmt: skip
    factories.invoice(
        books.vendor, books.entity, outstanding_balance=None, outstanding_read_at=None
    )
    factories.link(notes[0], invoices[0], 4_000)
    factories.line(by, notes[1], invoices[1], 700, reason="=1")
    factories.line(by, books.note(), books.invoice(), 300, state="needs_person", outcome="@x",
                   approved_by=factories.person("approver"))  # fmt: skip
    factories.edit(by, notes[1], state="needs_person", outcome="+x")
    partly = factories.credit_note(odd, books.entity, status="PARTIALLY_CLEARED", amount=5_000)
    paid = books.invoice(outstanding_balance=2_000, state="PARTIALLY_PAID")
    factories.clearing(paid, partly, 1_000, gone_at=factories.NOW)
    for one in notes[2:]:
        factories.outlook(one, details={"number": "=1"})
    factories.outlook(partly, "unread", left=0)
    factories.decision(by, notes[2], comment="=HYPERLINK(1)")
    pair = sorted([notes[0].pk, notes[1].pk])
    factories.suspicion("twins", *pair)
    NotDuplicate.objects.create(one_id=pair[0], other_id=pair[1], by=by, at=factories.NOW,
                                reason="=said")  # fmt: skip
    factories.suspicion("twins", *sorted([notes[2].pk, notes[3].pk]))
    factories.suspicion("filed_wrong", paid.pk, paid.pk)
    booking.book([one.pk for one in notes[:4]], now=factories.NOW, whole=True)
    factories.batch(by)
    return books


@pytest.fixture(scope="module")
def made(django_db_setup, django_db_blocker):
    with kept(django_db_blocker), time_machine.travel(TODAY, tick=False):
        yield world()


@pytest.fixture(autouse=True)
def seen(made, db, client):
    with time_machine.travel(TODAY, tick=False):
        client.force_login(factories.person("viewer", first_name="Vera", last_name="View"))
        yield client


def take(client, path, way="csv"):
    """The file at this list's address."""
    answer = client.get(f"{path}{'&' if '?' in path else '?'}as={way}")
    assert answer.status_code == 200, path
    return answer.getvalue()


def listed(client, path):
    """How many rows the page says there are."""
    context = client.get(path).context
    if path.startswith("/drafts"):
        return len(context["queue"].sorting.groups[context["queue"].group])
    if path.startswith("/exceptions"):
        return context["count"]
    if path.startswith("/months"):
        return len(context["rows"])
    if path.startswith("/month-end/?") or path == "/month-end/":
        return 3  # one month, three currencies
    return int(context["listing"].count)


@pytest.mark.parametrize("path", LISTS)
def test_every_list_leaves_as_every_kind_of_file_with_its_rows(seen, path):
    page = seen.get(path)
    ways = [one.url for one in page.context["exports"]]
    assert len(ways) >= 3 and all(
        f'href="{url.replace("&", "&amp;")}"' in page.text for url in ways
    )
    heads, *rows = rows_of(take(seen, path))
    assert rows, "the world has something on every list"
    assert len({row[-1] for row in rows} if path == "/vendors/" else rows) == listed(seen, path)
    content = take(seen, path, "xlsx")
    assert len(table(content)) == 1 + len(rows) and about(content)["Rows"] == [len(rows)]
    printed = seen.get(f"{path}{'&' if '?' in path else '?'}as=print")
    assert printed.text.count("<tr>") == 1 + len(rows) and "<nav" not in printed.text
    assert "Vera View" in printed.text and "2026-11-02 11:56 UTC" in printed.text
    assert formulas(take(seen, path)) == []
    pages = workbook(content).worksheets
    assert all(cell.data_type != "f" for page in pages for row in page.iter_rows() for cell in row)


@pytest.fixture
def sheets(seen, monkeypatch):
    """The sheet of every list, as its page makes it."""
    found = {}

    def catch(request, sheet, **_more):
        found[request.get_full_path()] = sheet()

    monkeypatch.setattr(exports, "respond", catch)
    for path in LISTS:
        seen.get(path)
    assert len(found) == len(LISTS)
    return found


def test_no_payload_in_any_text_column_of_any_sheet_is_a_formula(sheets, tmp_path):
    assert len(PAYLOADS) >= 40
    for path, sheet in sheets.items():
        texts = [column.kind == "text" for column in sheet.columns]
        rows = [tuple(one if text else None for text in texts) for one in PAYLOADS]
        content = b"".join(as_csv.stream(dataclasses.replace(sheet, rows=rows), zone=UTC))
        assert len(rows_of(content)) == 1 + len(PAYLOADS) and formulas(content) == [], path
        file = tmp_path / "export.xlsx"
        with file.open("wb") as opened:
            xlsx.write(dataclasses.replace(sheet, rows=rows), exports.Origin("=x", TODAY), opened)
        found = {
            cell.data_type
            for page in workbook(file.read_bytes()).worksheets
            for row in page.iter_rows()
            for cell in row
        }
        assert found <= {"s", "n"}, path


def test_every_row_has_a_cell_of_its_kind_for_every_column(sheets):
    kinds = {"text": str, "day": date, "moment": datetime, "money": int, "number": int}
    for path, sheet in sheets.items():
        keys = [column.key for column in sheet.columns]
        assert len(set(keys)) == len(keys), path
        assert all(not column.currency or column.currency in keys for column in sheet.columns)
        for row in sheet.rows:
            for cell, column in zip(row, sheet.columns, strict=True):
                fits = cell is None or isinstance(cell, kinds[column.kind])
                assert fits, f"{path} {column.key}: {cell!r}"
                if column.kind == "text":
                    assert type(cell) is str, f"{path} {column.key}: {cell!r}"


def sums(rows, heads, column, currency="Currency"):
    """Per currency, in the smallest unit."""
    at, of, found = heads.index(column), heads.index(currency), defaultdict(int)
    for row in rows:
        if row[at] not in ("", None):
            found[row[of] or ""] += int(Decimal(str(row[at])).scaleb(money.decimals(row[of] or "")))
    return found


@pytest.mark.parametrize(
    ("path", "of_column", "column"),
    [("/credit-notes/", "available", "Free to use"), ("/credit-notes/", "amount", "Amount"),
     ("/credit-notes/", "rest", "Left of partly used ones"),
     ("/invoice-payables/", "available", "Open amount"), ("/stuck/", "available", "Left"),
     ("/reopened/", "available", "Open amount"), ("/vendors/", "amount", "Free to use"),
     ("/vendors/", "available", "Credit that can be used now")],
)  # fmt: skip
def test_totals_read_back_from_the_files_are_those_of_the_page(seen, path, of_column, column):
    said = {
        one.currency: getattr(one, of_column) for one in seen.get(path).context["listing"].totals
    }
    heads, *rows = rows_of(take(seen, path))
    from_csv = sums(rows, heads, column)
    content = take(seen, path, "xlsx")
    heads, *cells = table(content)
    from_xlsx = sums(cells, heads, f"{column}, signed")
    assert from_csv == from_xlsx and said
    told = dict(about(content)[f"Total, signed: {column}"])
    for currency, text in said.items():
        code = "" if currency == "no currency" else currency
        assert money.text(from_csv[code], code) == (text or money.text(0, code)), currency
        if from_csv[code]:
            exact = Decimal(str(told[currency])).scaleb(money.decimals(code))
            assert int(exact) == from_csv[code]


def test_the_totals_of_review_and_of_a_month_are_those_of_the_page(seen):
    said = seen.get("/proposals/?show=all").context["queue"].totals
    heads, *rows = rows_of(take(seen, "/proposals/?show=all"))
    assert [money.text(n, code) for code, n in sums(rows, heads, "Total, links").items()] == said
    path = "/month-end/2026-10/rows/?kind=closing"
    said = [one.amount for one in seen.get(path).context["listing"].sums]
    heads, *rows = rows_of(take(seen, path))
    found = sums(rows, heads, "Open then")
    assert [money.text(found[code], code) for code in sorted(found)] == said
    assert len(said) == 3


@pytest.mark.parametrize(
    "query",
    ["currency=EUR", "status=DRAFT", "q=CN", "use=now", "q=nothing-at-all", "sort=-free",
     "sort=number", "currency=EUR&sort=free", "from=2026-09-14&to=2026-09-14"],
)  # fmt: skip
def test_an_export_holds_what_the_filtered_page_shows_in_its_order(seen, query):
    page = seen.get(f"/credit-notes/?{query}").context["listing"]
    content = take(seen, f"/credit-notes/?{query}")
    assert [row[-1] for row in rows_of(content)[1:]] == [str(row.id) for row in page.rows]
    filters = about(take(seen, f"/credit-notes/?{query}", "xlsx"))["Filter"]
    assert filters == ([chip.text for chip in page.chips] or ["None: every row"])


def test_the_address_of_a_page_of_the_list_gives_all_rows(seen):
    by = {row[-1] for row in rows_of(take(seen, "/credit-notes/?page=junk&totals=all"))[1:]}
    assert len(by) == CreditNote.objects.count()


def test_another_kind_of_file_is_told_and_the_page_stands(seen):
    for path in [*LISTS, "/credit-notes/?as=%00"]:
        answer = seen.get(f"{path}{'&' if '?' in path else '?'}as=%3Cb%3Edocx")
        assert answer.status_code == 200
        assert "is no kind of export. There are xlsx, csv, print and pdf." in answer.text, path
        assert "<b>docx" not in answer.text


def test_names_types_and_head_requests(seen):
    for way, kind in exports.TYPES.items():
        if way == "print":
            continue
        head = seen.head(f"/credit-notes/?as={way}")
        assert head.headers["Content-Type"] == kind and head.content == b""
        name = f'attachment; filename="credit-notes-2026-11-21.{way}"'
        assert head.headers["Content-Disposition"] == name
        assert head.headers["Cache-Control"] == "no-store"
    rows = seen.get("/month-end/2026-10/rows/?kind=closing&as=csv")
    assert 'filename="month-end-2026-10-closing-2026-11-21.csv"' in rows["Content-Disposition"]
    assert rows.streaming


def test_nobody_without_the_right_to_see_takes_anything(seen, client):
    client.force_login(factories.person(username="nobody"))
    assert {client.get(f"{path.split('?')[0]}?as=csv").status_code for path in LISTS} == {403}
    client.logout()
    assert {client.get(f"{path.split('?')[0]}?as=csv").status_code for path in LISTS} == {302}


def test_hostile_values_beside_a_known_kind_are_no_error(seen):
    junk = "%00%FF", "9" * 400
    names = "entity", "page", "sort", "q", "vendor", "currency", "kind", "show", "group", "from"
    for path in {path.split("?")[0] for path in LISTS}:
        for value in junk:
            query = "&".join(f"{name}={value}" for name in names[path == "/months/" :])
            answer = seen.get(f"{path}?as=csv&{query}")
            assert answer.status_code == 200 and answer.getvalue(), (path, value)


def test_the_rows_of_a_list_need_few_queries_a_chunk(seen, made):
    def asked():
        with CaptureQueriesContext(connection) as found:
            take(seen, "/credit-notes/?sort=-free")
        return len(found)

    before = asked()
    for n in range(60):
        made.note(amount=n + 1)
    assert asked() == before


def test_the_print_view_is_cut_where_it_says(seen, monkeypatch):
    monkeypatch.setitem(exports.MOST, "print", 2)
    page = seen.get("/credit-notes/?as=print")
    assert page.text.count("<tr>") == 3 and "holds the first 2 rows, without totals" in page.text
    assert "Totals of all rows" not in page.text and "SHA-256" not in page.text
    assert "Totals of all rows" in seen.get("/reopened/?as=print").text


def test_without_weasyprint_the_link_is_absent_and_the_print_view_says_how(seen, monkeypatch):
    monkeypatch.setattr(pdf, "is_possible", lambda: False)
    assert [one.words for one in exports.links(exports.Filters({}), "/x/")] == [
        "Excel", "CSV", "Print",
    ]  # fmt: skip
    answer = seen.get("/credit-notes/?as=pdf")
    assert answer.headers["Content-Type"].startswith("text/html")
    assert "install the extra “pdf”" in answer.text and "=CN0" in answer.text


def test_a_pdf_of_a_list(seen):
    if not pdf.is_possible():
        pytest.skip("WeasyPrint or Pango is not installed")
    content = take(seen, "/stuck/", "pdf")
    assert content.startswith(b"%PDF")


def test_times_are_told_in_the_zone_of_the_pages(seen, settings):
    settings.TIME_ZONE = "Asia/Tokyo"
    timezone.get_default_timezone.cache_clear()
    said = about(take(seen, "/stuck/", "xlsx"))
    assert said["File made at"] == ["2026-11-21 21:00 JST"]
    heads = table(take(seen, "/stuck/", "xlsx"))[0]
    assert "Known since (JST)" in heads
