"""How old the copy of Light is, and whether sending is stopped."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Age:
    """The age of the copy, in words."""

    text: str
    as_of: str
    stale: bool
    at: datetime | None


def data_age() -> Age | None:
    return None


def sending_stopped() -> str:
    return ""
