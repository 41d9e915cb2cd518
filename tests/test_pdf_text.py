"""The numbers of a PDF's text layer, and what a hostile PDF costs: two seconds, never more."""

import io
import json
import time
import zlib

import pypdf
import pytest

from clearing import pdf_text
from clearing.sandbox import pdf

GOOD = pdf.build(["Nordlicht GmbH", "Gutschrift GS-4712", "zu Rechnung 4711-22"])
FOUND = [("471122", 1, "zu Rechnung 4711-22")]


def document(*objects: bytes) -> bytes:
    """Objects 1, 2, … behind a table that is right; the first is the catalog."""
    out, offsets = b"%PDF-1.7\n", []
    for number, content in enumerate(objects, start=1):
        offsets.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    head = b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    end = b"trailer << /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n"
    return out + head + table + end % (len(objects) + 1, len(out))


def with_content(content: bytes, packed: bool = True) -> bytes:
    """One page with this content stream."""
    data = zlib.compress(content, 9) if packed else content
    how = b"/Filter /FlateDecode " if packed else b""
    return document(
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R "
        b"/Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< %s/Length %d >>\nstream\n%s\nendstream" % (how, len(data), data),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    )


def text(said: bytes, times: int = 1) -> bytes:
    return b"BT /F1 11 Tf 15 TL 60 780 Td\n" + (b"(" + said + b") Tj T*\n") * times + b"ET\n"


def pages(*texts: bytes) -> bytes:
    writer = pypdf.PdfWriter()
    for one in texts:
        writer.append(io.BytesIO(with_content(one)))
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def encrypted(user: str) -> bytes:
    writer = pypdf.PdfWriter(clone_from=io.BytesIO(GOOD))
    writer.encrypt(user_password=user, owner_password="ours", algorithm="RC4-128")
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def test_numbers_with_their_page_and_without_its_own():
    assert pdf_text.read(GOOD, "GS-4712") == ("read", FOUND)
    two = pages(text(b"General terms"), text(b"Invoice no. INV-0481"))
    assert pdf_text.read(two) == ("read", [
        ("INV0481", 2, "Invoice no. INV-0481"), ("INV481", 2, "Invoice no. INV-0481"),
    ])  # fmt: skip


def test_pages_and_text_have_an_end(monkeypatch):
    many = pages(*[text(b"Invoice %d" % (4700 + n)) for n in range(pdf_text.PAGES + 5)])
    found = pdf_text.read(many).found
    assert [page for _, page, _ in found] == list(range(1, pdf_text.PAGES + 1))
    long = with_content(text(b"x" * 500, 500) + text(b"Rechnung 4711-22"))
    assert pdf_text.read(long) == ("read", [])


def test_a_picture_has_no_text():
    assert pdf_text.read(pdf.build([])).state == "no_text"
    assert pdf_text.read(with_content(b"")).state == "no_text"


def test_a_page_that_cannot_be_read_spoils_no_other():
    both = pages(b"BT /F1 (", text(b"Invoice INV-0481"))
    assert ("INV0481", 2, "Invoice INV-0481") in pdf_text.read(both).found


def test_one_for_everybody_is_read_one_with_a_password_is_not():
    assert pdf_text.read(encrypted(""), "GS-4712") == ("read", FOUND)
    assert pdf_text.read(encrypted("secret")).state == "unreadable"


KIDS = b"<< /Type /Pages /Kids [%s] /Count 1000000000 >>"
HOSTILE = {
    "nothing": lambda: b"",
    "garbage": lambda: bytes(range(256)) * 400,
    "a head only": lambda: b"%PDF-1.7\n",
    "a table of a billion": lambda: GOOD.replace(b"xref\n0 6", b"xref\n0 999999999"),
    "a table that points at itself": lambda: (
        b"%PDF-1.7\nxref\n0 1\ntrailer << /Prev 9 /Size 1 >>\nstartxref\n9\n%%EOF"
    ),
    "pages in a circle": lambda: document(
        b"<< /Type /Catalog /Pages 2 0 R >>", KIDS % (b"2 0 R " * 50)
    ),
    "pages thousands deep": lambda: document(
        b"<< /Type /Catalog /Pages 2 0 R >>",
        *[KIDS % (b"%d 0 R" % (n + 3)) for n in range(3_000)],
    ),
    "brackets in brackets": lambda: with_content(b"[" * 2_000_000 + b"]" * 2_000_000),
    "an object of brackets": lambda: document(
        b"<< /Type /Catalog /Pages 2 0 R /X " + b"[" * 500_000 + b"]" * 500_000 + b" >>",
        KIDS % b"2 0 R",
    ),
    "a compressed bomb": lambda: with_content(b"\0" * 200_000_000),
    "a bomb in a bomb": lambda: with_content(zlib.compress(b"\0" * 100_000_000)),
    "too much to do": lambda: with_content(text(b"Rechnung 4711-22", 2_000_000)),
    "marks without end": lambda: with_content(b"q " * 5_000_000),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_costs_two_seconds_at_most(name):
    given = HOSTILE[name]()
    began = time.monotonic()
    read = pdf_text.read(given)
    assert time.monotonic() - began < pdf_text.SECONDS + 1.5  # and the machine's own
    assert read.state in {"read", "no_text", "unreadable", "not_now"}
    assert len(read.found) <= pdf_text.PAGES * pdf_text.PER_PAGE


@pytest.mark.parametrize("share", range(0, 100, 9))
def test_a_file_that_breaks_off_anywhere_is_no_crash(share):
    cut = GOOD[: len(GOOD) * share // 100]
    assert pdf_text.read(cut).state in {"read", "no_text", "unreadable"}


def test_the_child_knows_nothing_of_our_environment(monkeypatch):
    monkeypatch.setenv("LIGHT_API_KEY", "secret")
    seen = {}

    class Popen:
        def __init__(self, *args, env, **rest):
            seen.update(env)
            raise RuntimeError("seen")

    monkeypatch.setattr(pdf_text.subprocess, "Popen", Popen)
    with pytest.raises(RuntimeError, match="seen"):
        pdf_text.read(GOOD)
    assert set(seen) <= {"PYTHONPATH", "PYTHONIOENCODING", "PYTHONUTF8", "SYSTEMROOT"}


@pytest.mark.parametrize(
    "said, settled, state",
    [
        (b"", True, "unreadable"),
        (b"", False, "not_now"),
        (b'{"page": 1, "characters": 0, "found": []}\n', True, "no_text"),
        (b'{"page": 1, "characters": 9, "found": [["4711", "x"]]}\n{"pa', True, "read"),
        (b'{"page": 1, "characters": 9, "found": [["4711", "x"]]}\n', False, "not_now"),
        (b'7\n[]\n{"page": "x"}\n\xff\n', True, "unreadable"),
        (json.dumps({"page": 1}).encode(), True, "unreadable"),
    ],
)
def test_whatever_the_child_says(said, settled, state):
    read = pdf_text._understood(said, settled)
    assert read.state == state
    assert read.found == ([("4711", 1, "x")] if b"4711" in said else [])
