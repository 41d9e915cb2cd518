"""Keys, envelopes, methods, bodies: what HTTP itself can get wrong."""

from __future__ import annotations

import io
import json
import re
import socket

import pytest

from clearing.sandbox import pdf
from clearing.sandbox.server import MAX_BODY
from clearing.sandbox.switches import Switches

from .conftest import invoice, note


@pytest.mark.parametrize("scheme", ["Basic", "Bearer", "basic"])
def test_the_raw_key_opens_under_both_schemes(open_light, scheme):
    light = open_light(key="s3cret")
    headers = {"Authorization": f"{scheme} s3cret"}
    assert light("GET", "/v1/companies/current", headers=headers).status_code == 200


@pytest.mark.parametrize("value", [None, "", "Basic", "Basic wrong", "s3cret", "Digest s3cret"])
@pytest.mark.parametrize("path", ["/v1/companies/current", "/admin/books", "/nowhere"])
def test_without_the_key_nothing_opens(open_light, value, path):
    light = open_light(key="s3cret")
    answer = light("GET", path, headers={"Authorization": value})
    assert answer.status_code == 401
    assert answer.json() == {"type": "UNAUTHORIZED", "message": "Unauthorized"}


def test_a_key_without_a_role_may_only_read(open_light):
    credit, bill = note(), invoice()
    light = open_light([credit], [bill], switches=Switches(key_may_write=False))
    answer = light.link(credit, bill, 1)
    assert (answer.status_code, answer.json()["type"]) == (403, "FORBIDDEN")
    assert light.links(credit) == []


def test_a_revoked_key_still_opens_the_admin_side(open_light):
    light = open_light()
    light.sandbox.switch(key_valid=False)
    assert light("GET", "/v1/vendors").status_code == 401
    assert light("GET", "/admin/books").status_code == 200


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("PUT", "/", 404),
        ("GET", "/oauth/authorize", 404),
        ("POST", "/oauth/token", 404),
        ("GET", "/v1/credit-notes/", 404),
        ("GET", "/v1/credit-notes/%00", 404),
        ("GET", "/v1/credit-notes/nonsense", 404),
        ("GET", "/files/unknown", 404),
        ("POST", "/files/unknown", 404),
        ("GET", "/admin", 404),
        ("GET", "/admin/nothing", 404),
        ("HEAD", "/v1/vendors", 404),
        ("PUT", "/v1/vendors", 405),
        ("DELETE", "/v1/credit-notes", 405),
        ("POST", "/v1/invoice-payables/x/document", 405),
        ("BREW", "/v1/vendors", 405),
    ],
)
def test_unknown_paths_and_methods(open_light, method, path, status):
    answer = open_light()(method, path)
    assert answer.status_code == status
    if method != "HEAD":
        assert set(answer.json()) == {"type", "message"}


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b'{"amount": NaN}',
        b'{"amount": Infinity}',
        b"\xff\xfe",
        b'{"amount": ' + b"9" * 5000 + b"}",
        b"[" * 100_000,
        b'{"amount": 1' + b"\0" + b"}",
    ],
)
def test_a_body_that_is_no_json_object_is_400(open_light, body):
    credit, bill = note(), invoice()
    light = open_light([credit], [bill])
    answer = light("POST", light.pair(credit, bill), data=body)
    assert (answer.status_code, answer.json()["type"]) == (400, "BAD_REQUEST")


def test_a_huge_body_is_refused_and_the_next_call_works(open_light):
    credit, bill = note(), invoice()
    light = open_light([credit], [bill])
    answer = light("POST", light.pair(credit, bill), data=b" " * (MAX_BODY + 1))
    assert (answer.status_code, answer.json()["type"]) == (413, "BAD_REQUEST")
    assert light.link(credit, bill, 1).status_code == 200


def test_a_chunked_body_is_refused(open_light):
    answer = open_light()("POST", "/v1/credit-notes", data=iter([b"{}"]))
    assert (answer.status_code, answer.json()["type"]) == (411, "BAD_REQUEST")


@pytest.mark.parametrize(
    "raw",
    [
        b"nonsense\r\n\r\n",
        b"GET /v1/vendors HTTP/9.9\r\n\r\n",
        b"POST /v1/credit-notes HTTP/1.1\r\nContent-Length: -5\r\n\r\n",
        b"GET /" + b"x" * 70_000 + b" HTTP/1.1\r\n\r\n",
    ],
)
def test_a_broken_request_is_400_in_the_envelope(open_light, raw):
    port = int(open_light().sandbox.url.rpartition(":")[2])
    with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
        connection.sendall(raw)
        head, _, body = connection.makefile("rb").read().partition(b"\r\n\r\n")
    assert b" 400 " in head.splitlines()[0]
    kind = json.loads(body)["type"]
    assert kind == "BAD_REQUEST"


def test_one_connection_serves_many_calls(open_light):
    light = open_light()
    for _ in range(3):
        assert light("GET", "/v1/vendors").headers["Content-Type"].startswith("application/json")
    assert len(light.sandbox._server.connections) == 1


def test_a_pdf_lies_behind_a_redirect_that_works_once(open_light):
    credit = note(_pdf=["Credit note CN-1042", "Total (gross): 119.00 \\ EUR", "Zoë 東"])
    light = open_light([credit, note()])
    path = f"/v1/credit-notes/{credit['id']}/document"
    answer = light("GET", path, allow_redirects=False)
    assert answer.status_code == 302
    target = answer.headers["Location"].removeprefix(light.sandbox.url)
    assert not target.startswith("/v1")
    file = light("GET", target, headers={"Authorization": None})
    assert file.headers["Content-Type"] == "application/pdf"
    assert file.content == pdf.build(credit["_pdf"])
    assert light("GET", target).status_code == 404


def test_the_pdf_is_whole():
    made = pdf.build(["Credit note (1)"])
    table = int(re.search(rb"startxref\n(\d+)", made)[1])
    assert made[table:].startswith(b"xref")
    offsets = [int(found) for found in re.findall(rb"(\d{10}) 00000 n", made)]
    assert [made[at:].split(b" ")[0] for at in offsets] == [b"1", b"2", b"3", b"4", b"5"]


def test_a_reader_finds_the_lines_of_a_pdf():
    pypdf = pytest.importorskip("pypdf", reason="pypdf reads the file, where it is installed")
    made = pdf.build(["Credit note CN-1042", "Total (gross): 119.00 \\ EUR", "Zoë 東"])
    (page,) = pypdf.PdfReader(io.BytesIO(made), strict=True).pages
    lines = page.extract_text().splitlines()
    assert lines == ["Credit note CN-1042", "Total (gross): 119.00 \\ EUR", "Zoë ?"]


def test_a_document_without_a_pdf_is_404(open_light):
    bill = invoice()
    light = open_light([], [bill])
    assert light("GET", f"/v1/invoice-payables/{bill['id']}/document").status_code == 404
    assert light("GET", "/v1/credit-notes/x/document").status_code == 404


@pytest.mark.parametrize("value", ["yes", "", "TRUE"])
def test_a_flag_is_true_or_false(open_light, value):
    bill = invoice()
    light = open_light([], [bill])
    path = f"/v1/invoice-payables/{bill['id']}"
    answer = light("GET", path, params={"includeOutstandingBalance": value})
    assert answer.status_code == 400
    assert light.get(path)["outstandingBalance"] is None


def test_an_unforeseen_error_is_a_500_in_the_envelope_and_undone(open_light, monkeypatch, caplog):
    credit, bill = note(), invoice()
    light = open_light([credit], [bill])

    def fail(*_):
        raise RuntimeError("nobody thought of this")

    monkeypatch.setattr("clearing.sandbox.wire.link", fail)
    answer = light.link(credit, bill, 1)
    assert (answer.status_code, answer.json()["type"]) == (500, "INTERNAL_SERVER_ERROR")
    assert "nobody thought of this" in caplog.text
    assert light.sandbox.books.link_rows() == []
