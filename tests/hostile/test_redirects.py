"""Redirects of every kind to every kind of place: where the key goes, and where nothing goes."""

import itertools
import logging
from collections.abc import Iterator
from typing import Any

import pytest
import requests

from clearing.light import transport, wire
from clearing.light.body import whole
from clearing.light.errors import LightError, LightUncertain, LightUnreadable
from tests.hostile.calls import BASE, KEY, Books, client
from tests.hostile.net import Net, Sent, http

IDS, _dataset = Books.dataset()
LIGHT = ("https", "api.light.example", 443)
FILES = ("https", "files.light.example", 443)
STATUSES = (301, 302, 303, 307, 308)
EVIL = "evil.example"
PLACES = (
    # Light itself, as it may be written
    "/v1/elsewhere", "elsewhere?x=1#part", "?x=1", "//api.light.example/x",
    "https://API.LIGHT.EXAMPLE/x", "https://api.light.example:443/x", "HTTPS://api.light.example/",
    "\thttps://api.light.example/x", "https://api.li\tght.example/x",
    # an allowed host, and other ports and schemes of both
    "https://files.light.example/x", "https://api.light.example:8443/x",
    "http://api.light.example/x", "http://files.light.example/x", "//files.light.example:8443/x",
    # what looks like Light
    f"https://{EVIL}/x", f"//{EVIL}/x", f"///{EVIL}/x", f"https:///{EVIL}", f"https:{EVIL}/x",
    f"https:/{EVIL}/x", f"https:\\\\{EVIL}/x", f"\\\\{EVIL}/x", f"/\\{EVIL}/x",
    f"https://api.light.example@{EVIL}/x", f"https://api.light.example:443@{EVIL}/x",
    f"https://{EVIL}\\@api.light.example/", f"https://api.light.example\\@{EVIL}/",
    f"https://api.light.example\\.{EVIL}/", f"https://{EVIL}#@api.light.example/",
    f"https://{EVIL}?@api.light.example/", f"https://api.light.example%2e{EVIL}/",
    f"https://api.light.example%00.{EVIL}/", f"https://api.light.example%40{EVIL}/",
    f"https://api.light.example.{EVIL}/", "https://api.light.example./x",
    "https://xapi.light.example/", "https://light.example/", "https://api-light.example/",
    "https://\u0430pi.light.example/", "https://api.light.ex\u0430mple/",
    "https://api\u3002light\u3002example/", "https://\uff41pi.light.example/x",
    "https://api.light.example\u2100.evil.example/", "https://xn--pi-7kc.light.example/",
    # this machine and the house's own net
    "https://127.0.0.1/", "https://localhost/", "https://localhost./", "https://[::1]/",
    "https://127.1/", "https://2130706433/", "https://0x7f.0.0.1/", "https://0177.0.0.1/",
    "https://0.0.0.0/", "https://[::]/", "https://[::ffff:127.0.0.1]/", "https://[::ffff:7f00:1]/",
    "http://169.254.169.254/latest", "http://[fd00::1]/", "https://x.localhost/",
    # no address at all
    "", " ", "#", "https://", "https://:443/", "https://[::1", "https://[v1.x]/",
    "https://api.light.example:99999/", "https://api.light.example:-1/",
    "https://api.light.example:443:80/", "https://api.light.example:x/", "https://.../",
    f"https://{'a' * 300}.example/", f"https://{'a.' * 200}example/", "https://a..b/",
    "javascript:alert(1)", "data:text/plain,x", "file:///etc/passwd", "ftp://api.light.example/",
    "blob:https://api.light.example/", "about:blank", "x" * 9000, "https://exa mple/",
    "https://api.light.example/\x00", "https://api.light.example/%0d%0aX:%20y",
)  # fmt: skip


@pytest.fixture
def net(monkeypatch) -> Net:
    return Net(lambda sent: http(404)).install(monkeypatch)


def redirect(status: int, place: str) -> bytes:
    return http(status, b"", {"Set-Cookie": "a=b; Domain=example"}).replace(
        b"\r\n\r\n", b"\r\nLocation: " + place.encode("utf-8", "replace") + b"\r\n\r\n"
    )


def follow(net: Net, status: int, place: str, call: Any, **over: Any) -> list[Sent]:
    """One call that Light answers with a redirect; all that left. No error but LightError."""
    answers = itertools.chain([redirect(status, place)], itertools.repeat(http(200, b"{}")))
    net.sent.clear()
    net.answer = lambda sent: next(answers)
    try:
        call(client(allowed_hosts=["files.light.example"], **over))
    except LightError as error:
        assert KEY not in error.words
    return net.sent


def keeps_the_key(sent: list[Sent]) -> None:
    """The key goes to the hosts that may see it, and a cookie nowhere."""
    for one in sent:
        assert one.origin in (LIGHT, FILES) or KEY.encode() not in one.data, one
        assert b"cookie" not in one.data.lower()


def reads(light: Any) -> None:
    light.company()


def opens(light: Any) -> None:
    with light.document_of_invoice(IDS.invoice) as document:
        b"".join(document)


def writes(light: Any) -> None:
    with pytest.raises(LightUncertain):
        light.link(IDS.note, IDS.fresh, 5)


@pytest.mark.parametrize("status", STATUSES)
def test_every_place(net, status):
    followed = 0
    for place in PLACES:
        sent = follow(net, status, place, reads)
        keeps_the_key(sent)
        assert {one.origin for one in sent} <= {LIGHT, FILES}, place
        followed += len(sent) > 1
        sent = follow(net, status, place, opens)
        keeps_the_key(sent)
        for one in sent[1:]:
            assert one.tls and not is_this_machine(one.host), (place, one)
        sent = follow(net, status, place, writes)
        keeps_the_key(sent)
        assert len(sent) == 1, place
    assert followed >= 7  # Light's own host as it may be written, and the allowed one


def is_this_machine(host: str) -> bool:
    return host.strip("[]").rstrip(".").lower() in {
        "127.0.0.1", "localhost", "::1", "127.1", "2130706433", "0x7f.0.0.1", "0177.0.0.1",
        "0.0.0.0", "::", "::ffff:127.0.0.1", "::ffff:7f00:1", "x.localhost",
    }  # fmt: skip


def test_a_port_that_is_not_lights_gets_no_key(net):
    sent = follow(net, 302, "https://api.light.example:8443/x", opens)
    assert [one.origin[2] for one in sent] == [443, 8443]
    keeps_the_key(sent)


def test_a_keyless_hop_stays_keyless(net):
    hops = iter([redirect(302, f"https://{EVIL}/x"), redirect(302, f"{BASE}/v1/credit-notes"),
                 http(200, b"%PDF-")])  # fmt: skip
    net.answer = lambda sent: next(hops)
    opens(client())
    assert [KEY.encode() in one.data for one in net.sent] == [True, False, False]


@pytest.mark.parametrize("call", [reads, opens])
def test_hops_are_counted(net, call):
    def endless() -> Iterator[bytes]:
        for number in range(20):
            yield redirect(STATUSES[number % 5], f"/v1/hop-{number % 7}")
        yield http(200, b'{"id": "6f1d0a52-5f0e-4b1c-9a39-0d6d6c1f7a10"}')

    hops = endless()
    net.answer = lambda sent: next(hops)
    with pytest.raises(LightUnreadable, match="in circles"):
        call(client())
    assert len(net.sent) == 6


def test_two_locations_and_a_body_without_end(net):
    two = redirect(302, "/v1/a").replace(
        b"\r\n\r\n", b"\r\nLocation: https://evil.example/\r\n\r\n"
    )
    for raw in (two, redirect(302, "/v1/a") + b"x" * 3_000_000):
        answers = itertools.chain([raw], itertools.repeat(http(200, b"{}")))
        net.sent.clear()
        net.answer = lambda sent: next(answers)  # noqa: B023
        with pytest.raises(LightError):
            client().company()
        assert {one.origin for one in net.sent} == {LIGHT}


@pytest.fixture
def tempted(monkeypatch, tmp_path):
    """A .netrc and proxy variables that a library might obey."""
    netrc = tmp_path / ".netrc"
    netrc.write_text("default login mallory password stolen\n")
    monkeypatch.setenv("NETRC", str(netrc))
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy"):
        monkeypatch.setenv(name, f"http://{EVIL}:3128")
    for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
        monkeypatch.setenv(name, str(netrc))


def obeys_nobody(net: Net) -> None:
    """Neither .netrc nor a proxy changes what is sent, or where."""
    for call in (reads, opens, writes):
        net.sent.clear()
        net.answer = lambda sent: http(500)
        try:
            call(client())
        except LightError as error:
            assert error.status == 500
        assert [one.origin for one in net.sent] == [LIGHT]
        assert f"Authorization: Basic {KEY}\r\n".encode() in net.sent[0].data
        assert b"mallory" not in net.sent[0].data


def test_netrc_and_proxies_are_not_obeyed(net, tempted):
    obeys_nobody(net)


# --- planted: each check sees what it is there for --------------------------------------------


def _written_with_redirects(self, response):
    """A write that goes where it is sent."""
    if response.status_code in STATUSES:
        self._get(response.headers["Location"], 1e12, elsewhere=True)
    return original_written(self, response)


original_written = transport.Transport._written


def test_planted_a_write_that_follows(net, monkeypatch):
    monkeypatch.setattr(transport.Transport, "_written", _written_with_redirects)
    assert len(follow(net, 307, f"{BASE}/v1/x", writes)) == 2


def test_planted_a_key_for_every_host(net, monkeypatch):
    monkeypatch.setattr(transport.Address, "may_see_key", lambda *_: True)
    with pytest.raises(AssertionError):
        keeps_the_key(follow(net, 302, f"https://{EVIL}/x", opens))


def test_planted_a_session_that_trusts_the_environment(net, tempted, monkeypatch):
    def send(self, adapter, request):
        token = wire._current.set(self)
        try:
            with requests.Session() as session:
                session.mount("https://", adapter)
                auth = {"Authorization": request.headers["Authorization"]}
                return session.request(request.method, request.url, headers=auth)
        finally:
            wire._current.reset(token)

    monkeypatch.setattr(wire.Exchange, "send", send)
    with pytest.raises((AssertionError, OSError)) as caught:
        obeys_nobody(net)
    assert not isinstance(caught.value, LightError)


def test_planted_a_body_without_a_limit(net, monkeypatch):
    large = http(200, b'{"id": "' + b" " * 5_000_000 + b'"}')
    net.answer = lambda sent: large
    with pytest.raises(LightUnreadable, match="longer"):
        client(body_limit=1_000_000).company()
    monkeypatch.setattr(transport.body, "whole", lambda response, limit: whole(response, 10**12))
    with pytest.raises(LightUnreadable, match="cannot be read"):  # it was read to its end
        client(body_limit=1_000_000).company()


def test_nothing_of_a_redirect_is_logged(net, caplog):
    caplog.set_level(logging.DEBUG)
    for place in (f"https://{EVIL}/x?secret=1", "/v1/x?secret=1"):
        follow(net, 302, place, opens)
    assert "secret" not in caplog.text and KEY not in caplog.text and EVIL not in caplog.text
