"""Connecting within a time limit: the look-up of the name and all its addresses together.

The timeouts of sockets bound neither: a resolver may take minutes, and each address of a name
would have the whole time to itself.
"""

import socket
import threading
import time
from typing import Any


def dial(host: str, port: int, seconds: float) -> socket.socket:
    """A connected socket whose timeout is `seconds`; an OSError where none comes in that time."""
    ends_at = time.monotonic() + seconds
    addresses = _addresses(host, port, seconds)
    failure = OSError("The name has no address.")
    for place, (family, kind, protocol, _name, address) in enumerate(addresses):
        left = ends_at - time.monotonic()
        if left <= 0:
            raise TimeoutError("No address has answered in time.")
        connection = socket.socket(family, kind, protocol)
        try:
            connection.settimeout(left / (len(addresses) - place))
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            connection.connect(address)
            connection.settimeout(seconds)
            return connection
        except OSError as error:
            connection.close()
            failure = error
    raise failure


def _addresses(host: str, port: int, seconds: float) -> list[Any]:
    """What getaddrinfo finds in that time. Nobody can stop it: its thread is left behind."""
    try:
        numeric = socket.AI_NUMERICHOST
        return socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=numeric)
    except socket.gaierror:
        found: list[Any] = []
    look_up = threading.Thread(target=_look_up, args=(host, port, found), daemon=True)
    look_up.start()
    look_up.join(seconds)
    if not found:
        raise TimeoutError("The name was not found in time.")
    if isinstance(found[0], Exception):
        raise OSError(str(found[0])) from found[0]
    return list(found[0])


def _look_up(host: str, port: int, found: list[Any]) -> None:
    try:
        found.append(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))
    except Exception as error:  # a name that no resolver takes is as good as none
        found.append(error)
