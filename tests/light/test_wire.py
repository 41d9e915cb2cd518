"""What a server or a network can do to us, over real sockets on loopback."""

import gzip
import json
import socket
import time
from uuid import UUID

import pytest

from clearing.light import wire
from clearing.light.errors import (
    LightNotSent,
    LightRefused,
    LightUnavailable,
    LightUncertain,
    LightUnreadable,
)
from tests.light.no_pace import NoPace

from .conftest import KEY, answer, reset, silence, trickle

CN = UUID("aaaaaaaa-0000-4000-8000-000000000000")
INV = UUID("bbbbbbbb-0000-4000-8000-000000000000")
COMPANY = {"id": str(CN)}
LINK = {"creditNote": {"id": str(CN)}, "invoicePayable": {"id": str(INV)}, "amount": 5}
WHOLE = answer(body=LINK)
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n"


def packed(body, cut=None, name="gzip"):
    return answer(body=gzip.compress(body)[:cut], headers={"Content-Encoding": name})


BROKEN = {
    "reset after the request": reset,
    "closed without an answer": lambda connection: None,
    "not HTTP": b"SSH-2.0-OpenSSH\r\n\r\n",
    "half a header": b"HTTP/1.1 200 OK\r\nContent-Le",
    "body shorter than announced": WHOLE[:-3],
    "chunks that break off": CHUNKED + b"20\r\n{}",
    "chunk without an end": CHUNKED + b"2\r\n{}\r\n",
    "chunk length that is none": CHUNKED + b"zz\r\n{}\r\n0\r\n\r\n",
    "gzip that breaks off": packed(b'{"a": "%s"}' % bytes(range(35, 90)), -12),
}
USELESS = {
    "body longer than announced": answer(body=b"{}", headers={"Content-Length": "1"}),
    "HTML": answer(body=b"<html>login</html>"),
    "gzip that is none": answer(body=b"{}", headers={"Content-Encoding": "gzip"}),
    "another packing": packed(b"{}", name="br"),
    "a gzip bomb": packed(b" " * 3_000_000),
    "too long": answer(body=b" " * 70_000),
}


@pytest.mark.parametrize("step", BROKEN.values(), ids=BROKEN)
def test_a_broken_answer_to_a_read_is_asked_again_and_then_unavailable(serve, connect, slept, step):
    server = serve(step, step, answer(body=COMPANY))
    assert connect(server.url).company().id == CN
    assert len(server.requests) == 3 and len(slept) == 2
    server = serve(step)
    with pytest.raises(LightUnavailable) as caught:
        connect(server.url, max_retries=1).company()
    assert not isinstance(caught.value, LightNotSent)
    assert len(server.requests) == 2


@pytest.mark.parametrize("step", USELESS.values(), ids=USELESS)
def test_a_useless_answer_to_a_read_is_unreadable_at_once(serve, connect, slept, step):
    server = serve(step)
    with pytest.raises(LightUnreadable):
        connect(server.url, body_limit=60_000).company()
    assert len(server.requests) == 1 and slept == []


@pytest.mark.parametrize("step", [*BROKEN.values(), *USELESS.values()], ids=[*BROKEN, *USELESS])
def test_a_write_without_a_whole_answer_is_uncertain_and_sent_once(serve, connect, step):
    server = serve(step)
    with pytest.raises(LightUncertain):
        connect(server.url, body_limit=60_000).link(CN, INV, 5)
    assert len(server.requests) == 1


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_write_follows_no_redirect(serve, connect, status):
    other = serve(WHOLE)
    for location in (other.url, "/v1/elsewhere"):
        server = serve(answer(status, headers={"Location": location}))
        with pytest.raises(LightUncertain):
            connect(server.url, allowed_hosts=[f"127.0.0.1:{other.port}"]).link(CN, INV, 5)
        assert len(server.requests) == 1
    assert other.requests == []


def test_words_of_a_refusal_that_breaks_off_are_missed_and_it_is_still_a_refusal(serve, connect):
    server = serve(answer(422, {"message": "no"})[:-4])
    with pytest.raises(LightRefused, match="422"):
        connect(server.url).link(CN, INV, 5)


def test_gzip_is_read(serve, connect):
    server = serve(packed(json.dumps(COMPANY).encode()))
    assert connect(server.url).company().id == CN
    assert "Accept-Encoding: gzip\r\n" in server.requests[0]


# --- time ----------------------------------------------------------------------------------


def slow_body(connection):
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
    for _ in range(200):
        connection.sendall(b" ")
        time.sleep(0.02)


@pytest.mark.parametrize("step", [silence, trickle, slow_body])
@pytest.mark.parametrize("limits", [{"total_timeout": 0.3}])
def test_the_total_time_holds_even_if_bytes_keep_coming(serve, connect, step, limits):
    began = time.monotonic()
    with pytest.raises(LightUncertain):
        connect(serve(step).url, **limits).link(CN, INV, 5)
    with pytest.raises(LightUnavailable):
        connect(serve(step).url, **limits).company()
    assert time.monotonic() - began < 1.5


def test_silence_ends_with_the_read_timeout(serve, connect):
    began = time.monotonic()
    with pytest.raises(LightUncertain):
        connect(serve(silence).url, read_timeout=0.2).link(CN, INV, 5)
    assert time.monotonic() - began < 1


# --- surely not sent -----------------------------------------------------------------------


def closed_port():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


def test_a_refused_connection_is_not_sent(connect):
    client = connect(f"http://127.0.0.1:{closed_port()}")
    with pytest.raises(LightNotSent):
        client.link(CN, INV, 5)
    with pytest.raises(LightUnavailable):
        client.company()


def test_no_tls_is_not_sent_and_shows_no_key(serve, connect):
    server = serve(b"HTTP/1.1 400 Bad Request\r\n\r\n")
    with pytest.raises(LightNotSent):
        connect(f"https://127.0.0.1:{server.port}", connect_timeout=0.5).link(CN, INV, 5)
    assert all(KEY not in request for request in server.requests)


def test_the_deadline_holds_after_a_slow_connection(serve, connect, monkeypatch):
    now, connecting = [0.0], wire.HTTPConnection.connect

    def slowly(connection):
        connecting(connection)
        now[0] = 9.0

    monkeypatch.setattr(wire.HTTPConnection, "connect", slowly)
    server = serve(WHOLE)
    with pytest.raises(LightNotSent, match="time for sending"):
        connect(server.url, clock=lambda: now[0]).link(CN, INV, 5, deadline=5.0)
    assert "POST" not in "".join(server.requests)


# --- connections ---------------------------------------------------------------------------


def test_a_stale_kept_connection_is_never_used_by_a_write(serve, connect):
    def once_then_deaf(connection):
        connection.sendall(answer(body=COMPANY, headers={"Connection": "keep-alive"}))
        connection.settimeout(0.5)
        assert b"POST" not in connection.recv(65536)

    server = serve(once_then_deaf, WHOLE)
    client = connect(server.url)
    assert client.company().id == CN
    assert client.link(CN, INV, 5).amount == 5
    assert "Connection: close\r\n" in server.requests[1]


def test_reads_share_a_connection_and_survive_its_death(serve, connect):
    def twice(connection):
        alive = answer(body=COMPANY, headers={"Connection": "keep-alive"})
        connection.sendall(alive)
        connection.recv(65536)
        connection.sendall(alive)

    server = serve(twice, answer(body=COMPANY))
    client = connect(server.url)
    assert [client.company().id for _ in range(3)] == [CN] * 3
    assert len(server.requests) == 2


# --- where the key goes --------------------------------------------------------------------


def test_netrc_proxies_and_cookies_are_ignored(serve, connect, tmp_path, monkeypatch):
    proxy = serve(answer(body=COMPANY))
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login a password stolen\n")
    monkeypatch.setenv("NETRC", str(netrc))
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, proxy.url)
    server = serve(answer(body=COMPANY, headers={"Set-Cookie": "a=b"}))
    client = connect(server.url)
    client.company()
    client.company()
    assert proxy.requests == []
    for request in server.requests:
        assert f"Authorization: Basic {KEY}\r\n" in request
        assert "Cookie" not in request


def test_a_read_follows_redirects_on_lights_own_host(serve, connect):
    server = serve(answer(302, headers={"Location": "/v1/other?x=1#part"}), answer(body=COMPANY))
    assert connect(server.url).company().id == CN
    assert server.requests[1].startswith("GET /v1/other?x=1 HTTP")
    assert KEY in server.requests[1]


def test_a_json_read_goes_to_no_foreign_host(serve, connect, slept):
    other = serve(answer(body=COMPANY))
    server = serve(answer(302, headers={"Location": f"{other.url}/x"}))
    with pytest.raises(LightUnreadable, match="may not see the key"):
        connect(server.url).company()
    assert other.requests == [] and slept == []


def test_an_allowed_host_gets_the_key(serve, connect):
    other = serve(answer(body=COMPANY))
    server = serve(answer(307, headers={"Location": other.url}))
    client = connect(server.url, allowed_hosts=[f"127.0.0.1:{other.port}"])
    assert client.company().id == CN
    assert f"Authorization: Basic {KEY}" in other.requests[0]


@pytest.mark.parametrize(
    ("location", "words"),
    [
        ("http://files.example/x", "without https"), ("ftp://127.0.0.1/x", "cannot be used"),
        ("http://user:pw@127.0.0.1/x", "cannot be used"), ("http://[::1", "cannot be used"),
        ("http://127.0.0.1:99999/", "cannot be used"), (None, "without saying where"),
        ("/v1/again", "in circles"),
    ],
)  # fmt: skip
def test_redirects_that_lead_nowhere(serve, connect, location, words):
    server = serve(answer(302, headers={"Location": location} if location else {}))
    for call in (connect(server.url).company, lambda: connect(server.url).document_of_invoice(INV)):
        with pytest.raises(LightUnreadable, match=words):
            call()
    assert len(server.requests) in (2, 12)


# --- documents -----------------------------------------------------------------------------

PDF = b"%PDF-1.7 " + bytes(200_000)


@pytest.mark.parametrize("name", ["credit_note", "invoice"])
def test_a_document_is_streamed(serve, connect, name):
    server = serve(answer(body=PDF, headers={"Content-Type": "application/pdf"}))
    client = connect(server.url)
    with getattr(client, f"document_of_{name}")(INV) as document:
        assert (document.content_type, document.content_length) == ("application/pdf", len(PDF))
        pieces = list(document)
    assert b"".join(pieces) == PDF and max(map(len, pieces)) <= 65536
    assert f"/{INV}/document HTTP" in server.requests[0]


def test_a_document_elsewhere_is_fetched_without_the_key_for_good(serve, connect):
    class Counting(NoPace):
        asked, told = 0, 0

        def before(self, *, urgent):
            self.asked += 1
            return 0.0

        def after(self, status, headers, *, write):
            self.told += 1

    last = serve(answer(body=PDF))
    foreign = serve(answer(302, headers={"Location": last.url}))
    server = serve(answer(303, headers={"Location": foreign.url}))
    pace = Counting()
    allowed = [f"127.0.0.1:{last.port}"]  # but it is named by a host that is not
    with connect(server.url, pace=pace, allowed_hosts=allowed).document_of_invoice(INV) as document:
        assert b"".join(document) == PDF
    assert KEY in server.requests[0]
    assert "Authorization" not in foreign.requests[0] + last.requests[0]
    assert (pace.asked, pace.told) == (1, 1)


def test_a_document_that_breaks_off_or_is_too_long(serve, connect):
    with connect(serve(answer(body=PDF)[:-9]).url).document_of_invoice(INV) as document:
        with pytest.raises(LightUnavailable):
            list(document)
    with pytest.raises(LightUnreadable, match="longer"):
        connect(serve(answer(body=PDF)).url, document_limit=1000).document_of_invoice(INV)
    endless = b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + PDF
    with connect(serve(endless).url, document_limit=1000).document_of_invoice(INV) as document:
        assert document.content_length is None
        with pytest.raises(LightUnavailable, match="longer"):
            list(document)


def test_a_missing_document_is_refused(serve, connect):
    server = serve(answer(404, {"type": "NOT_FOUND", "message": "no document"}))
    with pytest.raises(LightRefused, match="no document"):
        connect(server.url).document_of_invoice(INV)


def test_a_document_may_take_longer_than_a_call_but_not_be_silent(serve, connect):
    def slowly(connection):
        connection.sendall(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n")
        for at in range(0, len(PDF), len(PDF) // 6 + 1):
            connection.sendall(PDF[at : at + len(PDF) // 6 + 1])
            time.sleep(0.1)

    short = {"total_timeout": 0.3, "read_timeout": 0.25, "max_retries": 0}
    with connect(serve(slowly).url, **short).document_of_invoice(INV) as document:
        assert b"".join(document) == PDF

    def stops(connection):
        connection.sendall(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + PDF[:100])
        time.sleep(0.8)

    with connect(serve(stops).url, **short).document_of_invoice(INV) as document:
        with pytest.raises(LightUnavailable):
            list(document)
    with pytest.raises(LightUnavailable):  # its headers have the time of a call
        connect(serve(trickle).url, **short).document_of_invoice(INV)
