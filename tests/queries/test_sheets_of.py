"""A list read to its end says what its pages say, in their order, however it is chunked."""

import pytest

from clearing.queries import credit_notes, documents
from clearing.queries.filters import Filters
from clearing.queries.sheets_of import documents as sheets
from clearing.queries.sheets_of import reading


def ids(sort):
    filters, entities = Filters({}), documents.entities()
    notes, _all = credit_notes.filtered(filters, entities)
    sheet = sheets.credit_notes(notes, filters, sort=sort, entities=entities)
    found, key = [], ""
    while True:
        page, rows, _balances = credit_notes.page(notes, sort=sort, key=key, scope="")
        found += [str(row.pk) for row in rows]
        if not (key := page.next_key):
            return found, [row[-1] for row in sheet.rows]


@pytest.mark.parametrize("sort", ["date", "-date", "number", "-vendor", "free", "-free"])
def test_all_pages_one_after_another_are_the_sheet(books, monkeypatch, sort):
    monkeypatch.setattr(reading, "CHUNK", 7)
    for n in range(120):
        books.note(
            amount=100 + n % 5, document_number=f"CN-{n % 9}", currency="EUR USD".split()[n % 2]
        )
    pages, sheet = ids(sort)
    assert pages == sheet and len(sheet) == 120
