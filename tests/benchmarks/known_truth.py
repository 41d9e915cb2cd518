"""Vendors whose credits' truth is known: which invoices each belongs to, and with what amount.

What makes a match hard is in them on purpose: references with a typo, without its prefix, in the
PDF only or nowhere; round and recurring amounts; invoices sent twice; credits for a month long
paid; order numbers that look like an invoice's; one credit for several invoices and several for
one. The texts are those of documents, and go through the same tokeniser.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from random import Random
from uuid import UUID

from tests.benchmarks.known_documents import Bill, Note, Vendor

TODAY = date(2026, 11, 2)
STYLES = (
    "RE-{y}-{n:04d}", "{n}", "INV-{n:05d}", "{n:07d}", "R-{n}", "{n}/{y}", "SE-{n}/{yy}",
    "F{y}/{n:05d}", "{y}{m:02d}-{n}", "HP.{n}", "90{n:06d}", "B{n}", "{yy}{m:02d}{n:04d}",
)  # fmt: skip
OWN = ("GS-{n}", "CN-{n}", "G{n}", "GS-{y}-{n:04d}", "AV{n}", "KN-{n:05d}")
WITH = (
    "Gutschrift zu Rechnung {r}, Preiskorrektur", "Price correction, invoice {r}",
    "Rücksendung von 3 Paletten, Rechnung {r}", "Damaged in transit, invoice {r}",
    "Transportschaden zu {r}", "Billed twice on {r}", "Storno der Rechnung {r}",
    "Avoir sur facture n° {r}", "Kreditnota til faktura {r}", "Credit {r}", "Rg.-Nr. {r}, Bruch",
)  # fmt: skip
WITHOUT = (
    "Kulanzgutschrift", "Goodwill credit", "Preiskorrektur laut Absprache", "Credit note",
    "Rücksendung von 4 Paletten", "Remise exceptionnelle", "Gutschrift {m:02d}/{y}",
)  # fmt: skip
ORDERS = (  # the last three are words that nobody knows
    "Bestellnr.", "Your order no.", "Auftrag", "Commande n°", "PO", "Bestellung", "Order",
    "Ihr Zeichen", "Vorgang", "Komm.",
)  # fmt: skip
ROUND = (5_000, 7_500, 10_000, 11_900, 15_000, 20_000, 25_000, 50_000, 100_000, 119_000)
PLACES = ("description",) * 35 + ("line",) * 12 + ("pdf",) * 23 + ("",) * 30
KINDS = (
    ("cancelled", 16), ("partial", 22), ("price", 12), ("recurring", 10), ("twice", 5),
    ("paid", 8), ("order", 7), ("several", 8), ("parts", 6), ("bonus", 6),
)  # fmt: skip


def company(vendors: int, seed: int) -> Iterator[Vendor]:
    """So many vendors; a seed always tells the same story."""
    for n in range(vendors):
        yield _Story(Random(f"{seed}.{n}")).vendor


class _Story:
    """Writes one vendor."""

    def __init__(self, chance: Random) -> None:
        self.chance = chance
        self.vendor = Vendor(chance)
        self.style, self.own = chance.choice(STYLES), chance.choice(OWN)
        self.count = chance.randrange(100, 60_000)
        self.own_count = chance.choice((self.count + 7, chance.randrange(100, 9_000)))
        self.order_count = chance.choice((45_000_000, self.count))
        self.monthly = chance.randrange(2_000, 300_000) if chance.random() < 0.3 else 0
        self._bills()
        for _ in range(chance.randrange(1, 13)):
            kinds, weights = zip(*KINDS, strict=True)
            getattr(self, chance.choices(kinds, weights)[0])()

    # --- documents -----------------------------------------------------------------------------
    def _id(self) -> UUID:
        return UUID(int=self.chance.getrandbits(128))

    def _amount(self) -> int:
        if self.chance.random() < 0.3:
            return self.chance.choice(ROUND)
        return int(10 ** self.chance.uniform(3, 6.3))

    def _bills(self) -> None:
        ages = sorted(self.chance.randrange(400) for _ in range(self.chance.randrange(6, 50)))
        for age in reversed(ages):
            self._bill(TODAY - timedelta(age), settled=age > 120 or self.chance.random() < 0.25)
        if self.monthly:
            for month in reversed(range(6)):
                issued = TODAY - timedelta(2 + 30 * month)
                self._bill(issued, settled=month > 2, amount=self.monthly)

    def _bill(self, issued: date, *, settled: bool = False, amount: int = 0) -> Bill:
        self.count += self.chance.randrange(1, 40)
        amount = amount or self._amount()
        bill = Bill(
            self._id(), self._numbered(self.style, self.count, issued), amount, issued,
            issued + timedelta(self.chance.choice((14, 30, 30, 60))), self.chance.random() < 0.5,
            settled, 0 if settled else amount,
        )  # fmt: skip
        self.vendor.bills.append(bill)
        return bill

    def _numbered(self, style: str, n: int, day: date) -> str:
        return style.format(n=n, y=day.year, yy=day.year % 100, m=day.month)

    def _open(self, whole: bool = False) -> Bill | None:
        """An invoice that the truth has not used up; whole: nor touched."""
        bills = [
            one for one in self.vendor.bills
            if one.left and (not whole or one.left == one.amount)
        ]  # fmt: skip
        return self.chance.choice(bills) if bills else None

    def _note(
        self, kind: str, truth: list[tuple[Bill, int]], *cited: str, amount: int = 0,
        also: frozenset[UUID] = frozenset(), after: date | None = None,
    ) -> Note:  # fmt: skip
        """A note for these invoices that cites numbers somewhere, or nowhere."""
        chance = self.chance
        self.own_count += chance.randrange(1, 9)
        latest = max([bill.issued for bill, _ in truth], default=after or TODAY - timedelta(30))
        day = min(TODAY, latest + timedelta(chance.randrange(1, 60)))
        own = self._numbered(self.own, self.own_count, day)
        amount = amount or sum(part for _, part in truth)
        note = Note(self._id(), kind, own, amount, day, {b.id: part for b, part in truth}, also)
        for bill, part in truth:
            bill.left -= part
        self._write(note, cited)
        self.vendor.notes.append(note)
        return note

    # --- texts ---------------------------------------------------------------------------------
    def _write(self, note: Note, cited: tuple[str, ...]) -> None:
        chance = self.chance
        place = chance.choice(PLACES) if cited else ""
        said = chance.choice(WITH).format(r=" und ".join(self._spelled(one) for one in cited))
        plain = chance.choice(WITHOUT).format(m=note.day.month, y=note.day.year)
        note.description = said if place == "description" else plain
        note.line = said if place == "line" else plain
        in_pdf = place == "pdf" or (place and chance.random() < 0.5)
        note.pdf = self._printed(note, said if in_pdf else "")

    def _spelled(self, number: str) -> str:
        """A number as somebody types it: mostly as it is."""
        chance, dice = self.chance, self.chance.random()
        if dice < 0.04:
            return self._mistyped(number)
        if dice < 0.15:
            return number.replace("-", chance.choice(" /")).replace("/", chance.choice(" -"))
        if dice < 0.2:
            return number.lower()
        if dice < 0.28:
            return number.lstrip("REINVSHPBF-.") or number
        return number.lstrip("0") if dice < 0.32 else number

    def _mistyped(self, number: str) -> str:
        """Two signs swapped, or a figure that is one off: it may be another invoice's number."""
        places = [n for n, sign in enumerate(number) if sign.isdigit()]
        n = self.chance.choice(places)
        if n and self.chance.random() < 0.5:
            return number[: n - 1] + number[n] + number[n - 1] + number[n + 1 :]
        return number[:n] + str((int(number[n]) + 1) % 10) + number[n + 1 :]

    def _order(self) -> str:
        """An order's number; with some vendors it could be an invoice's."""
        if self.chance.random() < 0.3:
            return self.chance.choice(self.vendor.bills).number
        return str(self.order_count + self.chance.randrange(400))

    def _printed(self, note: Note, said: str) -> str:
        label = self.chance.choice(ORDERS)
        return "\n".join([
            "Nordlicht Handels GmbH, Kaistr. 4, 20457 Hamburg",
            f"Gutschrift {note.own}   {note.day:%d.%m.%Y}",
            f"Kundennr. {self.chance.randrange(10_000, 99_999)}   {label} {self._order()}",
            said,
            f"1 {note.line}   {note.amount / 100:,.2f} EUR",
            f"2 Artikel {self.chance.randrange(1_000, 99_999)}   0,00 EUR",
            f"Gesamtbetrag {note.amount / 100:,.2f} EUR",
            "IBAN DE89 3704 0044 0532 0130 00   USt-IdNr. DE811907980   Tel. 040 1234567",
        ])  # fmt: skip

    # --- kinds ---------------------------------------------------------------------------------
    def cancelled(self) -> None:
        """A whole invoice."""
        if bill := self._open(whole=True):
            self._note("cancelled", [(bill, bill.left)], bill.number)

    def partial(self) -> None:
        """A part of one."""
        if bill := self._open():
            part = max(1, bill.left * self.chance.randrange(5, 60) // 100)
            self._note("partial", [(bill, part)], bill.number)

    def price(self) -> None:
        """A few per cent, rounded: many credits have this amount."""
        if (bill := self._open()) and bill.left > 1_000:
            part = max(100, bill.left * self.chance.randrange(1, 6) // 100 // 100 * 100)
            self._note("price", [(bill, part)], bill.number)

    def recurring(self) -> None:
        """One of some invoices that are equal."""
        bills = [one for one in self.vendor.bills if one.left == self.monthly]
        if self.monthly and bills:
            bill = self.chance.choice(bills)
            self._note("recurring", [(bill, bill.left)], bill.number)

    def twice(self) -> None:
        """An invoice that was sent twice; without a reference either is right."""
        if first := self._open(whole=True):
            second = self._bill(first.issued + timedelta(1), amount=first.amount)
            note = self._note("twice", [(second, second.left)], second.number)
            if second.number not in note.description + note.line + note.pdf:
                note.also = frozenset([first.id])

    def paid(self) -> None:
        """For an invoice of another period, which is paid: nothing open is right."""
        old = [one for one in self.vendor.bills if one.settled]
        if old:
            bill = self.chance.choice(old)
            part = self.chance.choice((bill.amount, max(1, bill.amount // 3)))
            self._note("paid", [], bill.number, amount=part, after=bill.issued)

    def order(self) -> None:
        """It names the order only, whose number may look like an invoice's."""
        if bill := self._open():
            part = max(1, bill.left * self.chance.randrange(10, 80) // 100)
            note = self._note("order", [(bill, part)])
            note.description = f"Gutschrift zu {self.chance.choice(ORDERS)} {self._order()}"

    def several(self) -> None:
        """Some whole invoices in one credit; Light takes at most one that is posted."""
        bills = [one for one in self.vendor.bills if one.left and one.left == one.amount]
        self.chance.shuffle(bills)
        bills = bills[: self.chance.randrange(2, 5)]
        posted = [one for one in bills if one.posted]
        bills = [one for one in bills if not one.posted] + posted[:1]
        if len(bills) > 1:
            cited = [one.number for one in bills]
            self._note("several", [(one, one.left) for one in bills], *cited)

    def parts(self) -> None:
        """Some credits that make up one invoice."""
        if (bill := self._open(whole=True)) and bill.left > 1_000:
            cut = sorted(self.chance.sample(range(1, bill.left), self.chance.randrange(1, 4)))
            for low, high in zip([0, *cut], [*cut, bill.left], strict=True):
                self._note("parts", [(bill, high - low)], bill.number)

    def bonus(self) -> None:
        """For no invoice at all."""
        self._note("bonus", [], amount=self._amount())
