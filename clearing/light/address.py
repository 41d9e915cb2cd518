"""Where Light is, and which addresses may see the key."""

import ipaddress
import re
import socket
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urldefrag, urljoin, urlsplit

HOST = re.compile(r"[a-z0-9_]([a-z0-9_.-]{0,251}[a-z0-9_.])?|[0-9a-f:.]{2,45}")
DEFAULT_PORTS = {"https": 443, "http": 80}


class NotFollowed(Exception):
    """A redirect that we do not follow; its text is a sentence."""


@dataclass(frozen=True)
class Origin:
    """Scheme, host and port of a URL."""

    scheme: str
    host: str
    port: int

    @classmethod
    def of(cls, url: str) -> "Origin":
        """Raises ValueError with a sentence for anything but plain http(s) addresses."""
        parts = urlsplit(url)
        if parts.scheme not in DEFAULT_PORTS or not parts.hostname:
            raise ValueError("The address of Light must begin with https:// and name a host.")
        in_brackets = "[" in parts.netloc and _number(parts.hostname) is None
        if in_brackets or not HOST.fullmatch(parts.hostname):
            raise ValueError("The address of Light must name a host in plain letters.")
        if parts.username is not None or parts.password is not None:
            raise ValueError("The address of Light must not contain a user name or password.")
        return cls(parts.scheme, parts.hostname, parts.port or DEFAULT_PORTS[parts.scheme])

    @property
    def is_loopback(self) -> bool:
        """Whether it is this machine."""
        return is_loopback(self.host)


def is_loopback(host: str) -> bool:
    """localhost, 127.0.0.0/8 or ::1, however they are written (no name is looked up)."""
    name, number = host.rstrip("."), _number(host)
    if number is None:
        return name == "localhost" or name.endswith(".localhost")
    return number.is_loopback


def is_inside(host: str) -> bool:
    """This machine, or a number that only our own network knows."""
    number = _number(host)
    return is_loopback(host) or (number is not None and not number.is_global)


def _number(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """A host that is a number: 127.1 and ::ffff:127.0.0.1 are 127.0.0.1."""
    name = host.rstrip(".")
    try:
        number = ipaddress.ip_address(name)
    except ValueError:
        try:
            return ipaddress.IPv4Address(socket.inet_aton(name))
        except OSError:
            return None
    return getattr(number, "ipv4_mapped", None) or number


class Address:
    """Light's base URL with the hosts beside it that may see the key.

    `allowed_hosts`: "files.example.com" (https, port 443) or "files.example.com:8443".
    """

    def __init__(self, url: str, allowed_hosts: Iterable[str] = ()) -> None:
        self.url = url.rstrip("/")
        self.origin = Origin.of(url)
        if self.origin.scheme != "https" and not self.origin.is_loopback:
            raise ValueError(f"Light is spoken to over https only, not {self.origin.scheme}.")
        if urlsplit(url).query or urlsplit(url).fragment:
            raise ValueError("The address of Light must not contain ? or #.")
        self._allowed = {self.origin} | {self._other(host) for host in allowed_hosts}

    def _other(self, host: str) -> Origin:
        """An allowed host; http only for this machine, when Light itself is here."""
        here = is_loopback(urlsplit(f"//{host}").hostname or "")
        scheme = "http" if here and self.origin.is_loopback else "https"
        return Origin.of(f"{scheme}://{host}")

    def is_light(self, url: str) -> bool:
        """Whether a request to this URL counts against Light's limit."""
        return Origin.of(url) == self.origin

    def may_see_key(self, url: str) -> bool:
        """Whether the Authorization header may go to this URL."""
        return Origin.of(url) in self._allowed

    def next(self, current: str, location: str | None) -> str:
        """Where a redirect leads; raises NotFollowed where we do not go."""
        if not location:
            raise NotFollowed("Light redirects without saying where to.")
        try:
            url = urldefrag(urljoin(current, location)).url
            origin = Origin.of(url)
        except ValueError:
            raise NotFollowed("Light redirects to an address that cannot be used.") from None
        if origin.scheme != "https" and not (origin.is_loopback and self.origin.is_loopback):
            raise NotFollowed("Light redirects to an address without https.")
        known = origin in self._allowed or self.origin.is_loopback
        if is_inside(origin.host) and not known:
            raise NotFollowed("Light redirects into our own network.")
        return url
