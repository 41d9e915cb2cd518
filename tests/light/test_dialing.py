"""A connection stands in time, or there is none."""

import socket
import threading
import time

import pytest

from clearing.light import dialing
from clearing.light.errors import LightNotSent

from .test_wire import CN, COMPANY, INV, answer

LOOPBACK = (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", 9))


@pytest.fixture
def resolver(monkeypatch):
    """resolver(do): names are looked up by `do`; numbers as ever."""

    def use(look_up):
        def getaddrinfo(host, port, *, type, flags=0):  # noqa: A002
            if flags == socket.AI_NUMERICHOST:
                raise socket.gaierror("not a number")
            return look_up(host, port)

        monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)

    return use


def test_a_resolver_that_does_not_answer_is_not_waited_for(connect, resolver):
    ended = threading.Event()
    resolver(lambda *_: ended.wait(30))
    began = time.monotonic()
    for call in (lambda c: c.link(CN, INV, 5), lambda c: c.company()):
        with pytest.raises(LightNotSent, match="TimeoutError|ConnectionError|cannot be reached"):
            call(connect(connect_timeout=0.2, max_retries=0))
    assert time.monotonic() - began < 5
    ended.set()


@pytest.mark.parametrize("problem", [socket.gaierror("unknown"), UnicodeError("label too long")])
def test_a_name_that_is_none_is_not_sent(connect, resolver, problem):
    def fails(*_):
        raise problem

    resolver(fails)
    with pytest.raises(LightNotSent):
        connect(max_retries=0).link(CN, INV, 5)


def test_the_next_address_is_tried_and_all_share_the_time(serve, connect, resolver):
    server = serve(answer(body=COMPANY))
    here = (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", server.port))
    resolver(lambda *_: [LOOPBACK, here])
    assert connect(f"http://localhost:{server.port}").company().id == CN


def test_many_dead_addresses_take_no_longer_than_one(monkeypatch, resolver):
    waits = []

    class Deaf(socket.socket):
        def connect(self, address):
            waits.append(self.gettimeout())
            time.sleep(min(self.gettimeout(), 0.05))
            raise TimeoutError

    monkeypatch.setattr(socket, "socket", Deaf)
    resolver(lambda *_: [LOOPBACK] * 8)
    with pytest.raises(TimeoutError):
        dialing.dial("light.example", 443, 0.4)
    assert sum(waits) <= 3 and waits[0] <= 0.05 + 1e-6


def test_a_name_without_an_address(resolver):
    resolver(lambda *_: [])
    with pytest.raises(OSError, match="no address"):
        dialing.dial("light.example", 443, 1)
