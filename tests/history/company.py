"""The company of the histories: its entities, each with its own currency and time zone."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo


@dataclass(frozen=True)
class Place:
    """A company entity."""

    id: UUID
    code: str
    currency: str
    zone_name: str

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.zone_name)

    def day(self, moment: datetime) -> date:
        """The day that a moment falls into there."""
        return moment.astimezone(self.zone).date()


PLACES = (
    Place(UUID(int=0xE1), "JP", "JPY", "Asia/Tokyo"),
    Place(UUID(int=0xE2), "KW", "KWD", "Asia/Kuwait"),
    Place(UUID(int=0xE3), "US", "USD", "America/Los_Angeles"),
)
BY_ID = {one.id: one for one in PLACES}
ZONES = {one.code: one.zone_name for one in PLACES}
VENDORS = (UUID(int=0xF1), UUID(int=0xF2), None)
DECIMALS = {"JPY": 0, "KWD": 3, "USD": 2, "EUR": 2}
RATES = {  # one unit of the first is so many of the second
    ("EUR", "JPY"): "163.2741", ("EUR", "KWD"): "0.33187", ("EUR", "USD"): "1.0837",
    ("USD", "JPY"): "150.6613", ("USD", "KWD"): "0.30641", ("JPY", "USD"): "0.0066373",
    ("JPY", "KWD"): "0.00203377", ("KWD", "JPY"): "491.6974", ("KWD", "USD"): "3.26361",
}  # fmt: skip
