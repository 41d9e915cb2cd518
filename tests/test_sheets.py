"""Counting rows on their way: totals per column and currency, and a digest that sees any change."""

import json
from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from clearing import sheets
from clearing.sheets import DAY, MONEY, Column, Tally

COLUMNS = (
    Column("number", "Number"),
    Column("day", "Day", DAY),
    Column("amount", "Amount", MONEY, currency="currency"),
    Column("currency", "Currency"),
)
ROWS = [
    ("CN-1", date(2026, 10, 2), 1250, "EUR"),
    ("CN-2", None, None, "EUR"),
    ("CN-3", date(2026, 10, 3), -50, "EUR"),
    ("CN-4", date(2026, 10, 3), 700, "JPY"),
]


def tally(rows):
    found = Tally(COLUMNS)
    assert list(found.over(rows)) == list(rows)
    return found


def test_it_counts_rows_and_sums_each_currency_by_itself():
    found = tally(ROWS)
    assert found.count == 4
    assert found.sums == {("amount", "EUR"): 1200, ("amount", "JPY"): 700}


@pytest.mark.parametrize(
    "other",
    [
        ROWS[:-1],
        [ROWS[1], ROWS[0], *ROWS[2:]],
        [("CN-1", date(2026, 10, 2), 1251, "EUR"), *ROWS[1:]],
        [("CN-1", "2026-10-02", 1250, "EUR "), *ROWS[1:]],
        [*ROWS, ROWS[0]],
    ],
    ids=["deleted", "reordered", "another amount", "another text", "added"],
)
def test_the_digest_sees_any_change(other):
    assert tally(other).digest != tally(ROWS).digest
    assert tally(ROWS).digest == tally(ROWS).digest


def test_a_moment_is_the_same_in_any_zone():
    noon = datetime(2026, 10, 31, 12, tzinfo=UTC)
    there = noon.astimezone(timezone(timedelta(hours=9)))
    assert sheets.line((noon,)) == sheets.line((there,))


def test_a_row_survives_json():
    moment = Column("at", "At", sheets.MOMENT)
    columns = (*COLUMNS, moment)
    row = (*ROWS[0], datetime(2026, 10, 31, 12, 30, tzinfo=UTC))
    assert sheets.typed(columns, json.loads(json.dumps(sheets.plain(row)))) == row
    none = ("CN-2", None, None, "EUR", None)
    assert sheets.typed(columns, sheets.plain(none)) == none
