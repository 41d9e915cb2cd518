"""The company itself: entities, people, ledger accounts, vendors."""

from __future__ import annotations

import re
import uuid
from dataclasses import dataclass
from datetime import date
from random import Random

from clearing.sandbox import records
from clearing.sandbox.company import names
from clearing.sandbox.company.trades import TRADES, Trade
from clearing.sandbox.records import Record


@dataclass(frozen=True)
class Plan:
    """A vendor's row of names.VENDORS, and the record made of it."""

    record: Record
    domain: str
    trade: Trade
    entities: list[str]
    currencies: list[str]
    terms: int  # days
    invoice_format: str
    note_format: str

    @property
    def german(self) -> bool:
        return self.record["country"] in names.GERMAN_SPEAKING


@dataclass(frozen=True)
class Group:
    """One vendor, one entity, one currency: what a credit can clear lies within."""

    plan: Plan
    entity: Record
    currency: str

    @property
    def vendor(self) -> Record:
        return self.plan.record

    @property
    def percent(self) -> int:
        """VAT or consumption tax; none across borders and none in the United States."""
        country = self.entity["address"]["country"]
        if self.vendor["country"] != country:
            return 0
        return {"DE": self.plan.trade.vat, "JP": 10}.get(country, 0)


def new_id(rng: Random) -> str:
    return str(uuid.UUID(int=rng.getrandbits(128), version=4))


def entities(rng: Random, born: str) -> dict[str, Record]:
    """By code."""
    found = {}
    for code, name, country, city, zipcode, street, currency, vat in names.rows(names.ENTITIES):
        address = {"country": country, "city": city, "zipcode": zipcode, "street": street}
        found[code] = records.entity(
            id=new_id(rng), code=code, name=name, localCurrency=currency, vatNumber=vat,
            address={**address, "state": "", "street2": ""}, createdAt=born, updatedAt=born,
        )  # fmt: skip
    return found


def users(rng: Random, by_code: dict[str, Record], born: str) -> list[Record]:
    return [
        records.user(
            id=new_id(rng), firstName=first, lastName=last, country=country, roles=[role],
            email=f"{first}.{last}@fjordlys.example".lower(),
            companyEntityId=by_code[code]["id"], createdAt=born, updatedAt=born,
        )
        for first, last, country, code, role in names.rows(names.USERS)
    ]  # fmt: skip


def ledger_accounts(rng: Random, born: str) -> list[Record]:
    return [
        records.ledger_account(
            id=new_id(rng), code=int(code), label=label, type=kind, createdAt=born, updatedAt=born
        )
        for code, label, kind in names.rows(names.ACCOUNTS)
    ]


def plans(rng: Random, by_code: dict[str, Record], born: date) -> dict[str, Plan]:
    """Every vendor, by name."""
    found = {row[0]: _plan(rng, row, by_code, born) for row in names.rows(names.VENDORS)}
    for again, known in names.ENTERED_TWICE.items():
        vat_id = found[known].record["vatId"]
        found[again].record["vatId"] = f"{vat_id[:2]} {vat_id[2:5]} {vat_id[5:8]} {vat_id[8:]}"
    return found


def _plan(rng: Random, row: list[str], by_code: dict[str, Record], born: date) -> Plan:
    name, country, city, zipcode, street, domain, trade, codes, currencies = row[:9]
    terms, invoice_format, note_format, status = row[9:]
    since = f"{born.isoformat()}T08:{rng.randint(0, 59):02d}:00Z"
    record = records.vendor(
        vendorId=new_id(rng), name=name, country=country, city=city, zipcode=zipcode,
        address=street, status=status, currency=currencies.split()[0], vendorCreatedAt=since,
        companyEntityIds=[by_code[code]["id"] for code in codes.split()],
        identifier=f"V{70_000 + rng.randint(0, 9_999)}", email=f"accounts@{domain}",
        website=f"https://www.{domain}", updatedAt=since, bankRecipientName=name,
        bankAccountNumber=german_iban(rng) if country == "DE" else None, bankCountry=country,
        vatId=_vat_id(rng, name, country),
    )  # fmt: skip
    return Plan(
        record, domain, TRADES[trade], codes.split(), currencies.split(), int(terms),
        invoice_format, note_format,
    )  # fmt: skip


def _vat_id(rng: Random, name: str, country: str) -> str | None:
    """None where vendors have none; outside Germany the same for every seed."""
    if country == "DE":
        return f"DE{rng.randint(110_000_000, 329_999_999)}"
    digits = Random(name)
    pattern = names.VAT_IDS.get(country, "")
    return re.sub("#", lambda _: str(digits.randint(1, 9)), pattern) or None


def german_iban(rng: Random) -> str:
    """A well-formed IBAN with its check digits; no such account exists."""
    account = f"{rng.randint(10_000_000, 99_999_999)}{rng.randint(0, 9_999_999_999):010d}"
    check = 98 - int(f"{account}131400") % 97
    return f"DE{check:02d}{account}"


class Numbers:
    """Numbers of documents that run up with the days, in each vendor's own style."""

    def __init__(self, rng: Random, first_day: date) -> None:
        self._rng = rng
        self._first_day = first_day
        self._series: dict[str, tuple[int, int]] = {}
        self._used: set[tuple[str, str]] = set()

    def next(self, plan: Plan, style: str, day: date) -> str:
        """The next free number of `style` for that vendor on that day."""
        vendor = plan.record["name"]
        start, step = self._series.setdefault(
            vendor + style, (self._rng.randrange(1_000, 5_000), self._rng.randint(2, 8))
        )
        number = start + (day - self._first_day).days * step
        text = self._print(style, number, day)
        again = 1
        while (vendor, text) in self._used:
            number, again = number + 1, again + 1
            text = self._print(style, number, day)
            if not re.search(r"{n\b", style):
                text = f"{text}-{again}"
        self._used.add((vendor, text))
        return text

    def take(self, plan: Plan, text: str) -> str:
        """Reserve a number that a story needs."""
        self._used.add((plan.record["name"], text))
        return text

    @staticmethod
    def _print(style: str, number: int, day: date) -> str:
        return style.format(n=number, year=day.year, yy=f"{day:%y}", mm=f"{day:%m}")
