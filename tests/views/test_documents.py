"""PDFs on their way through: inline only where they are one, never kept, never with the key."""

import tracemalloc

import pytest
from django.urls import reverse

from clearing.light import document
from tests.light.conftest import Server, answer, silence

PDF = b"%PDF-1.7\n" + b"x" * 5000
HTML = b"<!doctype html><script>alert(1)</script>" + b" " * 5000


@pytest.fixture
def light(settings):
    """light(*script): the scripted server that is Light from now on."""
    servers = []

    def start(*script):
        servers.append(Server(*script))
        settings.LIGHT_API_URL = servers[-1].url
        settings.LIGHT_TIMEOUT = 1
        return servers[-1]

    yield start
    for server in servers:
        server.close()


@pytest.fixture
def note(books, client, viewer):
    client.force_login(viewer)
    return books.note(document_number="CR 8213/ä")


def url(note, **query):
    return reverse("credit_note_document", args=[note.pk], query=query)


def pdf(body=PDF, **headers):
    return answer(200, body, {"Content-Type": "application/pdf", **headers})


@pytest.fixture
def closed(monkeypatch):
    """What was closed: every document's connection has to be."""
    found = []
    whole = document.Document.close
    monkeypatch.setattr(
        document.Document, "close", lambda self: (found.append(self), whole(self))[1]
    )
    return found


def test_a_pdf_is_streamed_inline_for_our_own_frames(light, note, client, closed):
    light(pdf())
    got = client.get(url(note))
    assert got.status_code == 200 and got.streaming and b"".join(got.streaming_content) == PDF
    assert got["Content-Type"] == "application/pdf"
    assert got["Content-Disposition"].startswith("inline; filename")
    assert got["Content-Length"] == str(len(PDF))
    assert got["X-Content-Type-Options"] == "nosniff"
    assert got["Cache-Control"] == "no-store"
    assert got["X-Frame-Options"] == "SAMEORIGIN"
    assert "frame-ancestors 'self'" in got["Content-Security-Policy"]
    got.close()
    assert closed


def test_every_other_page_stays_out_of_frames(client, note):
    got = client.get(reverse("credit_note", args=[note.pk]))
    assert got["X-Frame-Options"] == "DENY"
    assert "frame-ancestors 'none'" in got["Content-Security-Policy"]


def test_a_download_has_a_safe_file_name(light, books, note, client):
    light(pdf())
    said = client.get(url(note, download=1))["Content-Disposition"]
    assert said == "attachment; filename*=utf-8''CR-8213-%C3%A4.pdf"
    evil = books.note(document_number='../../a"; filename="b.exe\r\nX: y')
    said = client.get(url(evil, download=1))["Content-Disposition"]
    assert said == 'attachment; filename="a-filename-b.exe-X-y.pdf"'
    empty = books.note(document_number="/../")
    assert 'filename="document.pdf"' in client.get(url(empty, download=1))["Content-Disposition"]


def test_the_invoice_has_its_own_document(light, books, note, client):
    server, invoice = light(pdf()), books.invoice(invoice_number="INV-7")
    got = client.get(reverse("invoice_document", args=[invoice.pk]))
    assert (
        b"".join(got.streaming_content) == PDF
        and 'filename="INV-7.pdf"' in got["Content-Disposition"]
    )
    assert f"/v1/invoice-payables/{invoice.pk}/document " in server.requests[0]


def test_a_pdf_may_begin_a_little_later_and_in_small_pieces(light, note, client):
    late = b"\n" * 900 + PDF

    def piecemeal(connection):
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n")
        for at in range(0, len(late), 100):
            connection.sendall(late[at : at + 100])

    light(piecemeal)
    got = client.get(url(note))
    assert got.status_code == 200 and got["Content-Type"] == "application/pdf"
    assert "Content-Length" not in got and b"".join(got.streaming_content) == late


@pytest.mark.parametrize("body", [HTML, b"", b" " * 1024 + PDF], ids=["html", "empty", "late"])
def test_what_is_no_pdf_is_never_shown(light, note, client, closed, body):
    light(pdf(body))
    got = client.get(url(note))
    assert got.status_code == 415 and got["Content-Type"].startswith("text/html")
    assert "alert(1)" not in got.text and "%PDF" not in got.text
    assert "Light&#x27;s file is not a PDF. Download it and open it with care." in got.text
    assert f'href="{url(note, download=1)}"' in got.text
    assert got["X-Frame-Options"] == "SAMEORIGIN" and closed


def test_what_is_no_pdf_can_be_downloaded_as_bytes(light, note, client):
    light(pdf(HTML))
    got = client.get(url(note, download=1))
    assert got["Content-Type"] == "application/octet-stream"
    assert (
        got["Content-Disposition"].startswith("attachment;")
        and ".bin" in got["Content-Disposition"]
    )
    assert got["X-Content-Type-Options"] == "nosniff" and b"".join(got.streaming_content) == HTML


@pytest.mark.parametrize(
    ("step", "status", "words"),
    [
        (answer(404, {"message": "no document"}), 404, "Light holds no PDF for this credit note."),
        (answer(401, {"message": "bad key"}), 502, "bad key"),
        (answer(403, {"message": "no role"}), 502, "no role"),
        (answer(422, {"message": "<b>odd</b>"}), 502, "&lt;b&gt;odd&lt;/b&gt;"),
        (answer(429, {"message": "slow down"}, {"Retry-After": "60"}), 503, "Retry"),
        (answer(503, {"message": "down"}), 503, "Light cannot be reached now"),
        (answer(302, b"", {"Location": "http://10.0.0.7/x"}), 502, "without https"),
        (silence, 503, "Light cannot be reached now"),
        (pdf()[:60], 503, "Light cannot be reached now"),
    ],
    ids=["404", "401", "403", "422", "429", "503", "redirect", "silence", "broken"],
)
def test_each_failure_has_its_sentence_and_the_page_stays_usable(
    light, note, client, step, status, words
):
    server = light(step)
    got = client.get(url(note))
    assert got.status_code == status and words in got.text
    assert len(server.requests) <= 2  # somebody is waiting: one more try at most
    assert ("Retry</a>" in got.text) is (status != 404)


def test_a_document_beyond_the_limit_is_refused_before_it_is_read(light, note, client, settings):
    settings.DOCUMENT_LIMIT = 2 * 1024 * 1024
    light(b"HTTP/1.1 200 OK\r\nContent-Length: 2097153\r\n\r\n%PDF-1.7")
    got = client.get(url(note))
    assert got.status_code == 413 and "Its PDF is larger than 2 MB." in got.text


def test_a_document_that_breaks_off_never_looks_whole(light, note, client, settings, closed):
    settings.DOCUMENT_LIMIT = 100_000
    light(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + PDF * 40)
    got = client.get(url(note))
    assert got.status_code == 200
    with pytest.raises(Exception, match="longer than 100000 bytes"):
        b"".join(got.streaming_content)
    got.close()
    assert closed


def test_a_browser_that_goes_away_lets_go_of_the_connection(light, note, client, closed):
    light(pdf())
    got = client.get(url(note))
    assert not closed
    got.close()  # not one piece was taken
    assert len(closed) == 1


def test_head_asks_but_takes_no_body(light, note, client, closed, monkeypatch):
    server = light(pdf())
    taken = (pytest.fail("its body was read") for _once in "x")
    monkeypatch.setattr(document.Document, "__iter__", lambda self: taken)
    got = client.head(url(note))
    assert got.status_code == 200 and got["Content-Type"] == "application/pdf"
    assert got.content == b"" and len(server.requests) == 1 and closed


def test_a_foreign_host_never_sees_the_key(light, note, client, settings):
    foreign = Server(pdf())
    server = light(answer(302, b"", {"Location": f"{foreign.url}/blob?sig=1"}))
    got = client.get(url(note))
    assert b"".join(got.streaming_content) == PDF
    assert f"Basic {settings.LIGHT_API_KEY}" in server.requests[0]
    (asked,) = foreign.requests
    assert "authorization" not in asked.lower() and settings.LIGHT_API_KEY not in asked
    foreign.close()


def test_twenty_megabytes_pass_without_being_held(light, note, client):
    """Peak of what Python holds, of both sides of the loopback, in bytes."""
    size, block = 20 * 1024 * 1024, b"y" * 65536

    def large(connection):
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%%PDF-1.7" % size)
        left = size - 8
        while left:
            left -= connection.send(block[:left])

    light(large)
    tracemalloc.start()
    try:
        got = client.get(url(note))
        tracemalloc.reset_peak()
        before = tracemalloc.get_traced_memory()[0]
        passed = sum(len(piece) for piece in got.streaming_content)
        grown = tracemalloc.get_traced_memory()[1] - before
    finally:
        tracemalloc.stop()
    assert passed == size
    assert grown < 3 * 1024 * 1024
