"""The engine, with reasons and runner-ups, beside the tightest plain loop on the same company.

python -m tests.benchmarks.matching [--quick]

10,000 vendors with 50 credits and 50 payables each, then one vendor with ever more documents.
"""

from __future__ import annotations

import gc
import random
import sys
import time
from collections import Counter
from collections.abc import Callable
from operator import itemgetter
from uuid import UUID

from clearing.matching import Credit, Group, Payable, Rules, match, numbers

FIRST_DAY = 739_000
CREDITS, PAYABLES = 50, 50


def company(vendors: int, credits: int = CREDITS, payables: int = PAYABLES) -> list[Group]:
    """The same groups every time: 60 % of the credits name their invoice, 45 % equal it."""
    chance = random.Random(4)
    return [group(chance, vendor, credits, payables) for vendor in range(vendors)]


def group(chance: random.Random, vendor: int, credits: int, payables: int) -> Group:
    """One vendor: invoices of a year, credits for most of them, 4 % of those for two at once."""
    bills = []
    for number in range(payables):
        issued = FIRST_DAY + chance.randrange(330)
        due = issued + chance.choice((14, 30, 30, 60))
        posted = chance.random() < 0.5
        pays = due if posted and chance.random() < 0.2 else 0
        keys = numbers.forms(numbers.key(f"{vendor % 10 + 2020}-{number:04}"))
        amount = chance.randrange(1_000, 2_000_000)
        bills.append(Payable(_id(chance), amount, due, pays, issued, posted, keys))
    notes = []
    for number in range(credits):
        bill = bills[number % payables] if chance.random() < 0.9 else chance.choice(bills)
        cites = (f"PO{chance.randrange(10**6)}", bill.keys[0]) if chance.random() < 0.6 else ()
        amount, kind = bill.open, chance.random()
        if kind > 0.49:
            amount = chance.randrange(1_000, bill.open + 1_000)
        elif kind > 0.45:
            cites, amount = (), bill.open + chance.choice(bills).open
        notes.append(Credit(_id(chance), amount, bill.issued + chance.randrange(1, 60), cites))
    return Group(("v", vendor), notes, bills)


def _id(chance: random.Random) -> UUID:
    return UUID(int=chance.getrandbits(128))


def yardstick(groups: list[Group]) -> int:
    """Reference by dict, exact amount by dict, oldest first by two pointers; no reasons."""
    day = itemgetter(2)
    count = 0
    for one in groups:
        credits, payables = sorted(one.credits, key=day), sorted(one.payables, key=day)
        need = [payable[1] for payable in payables]
        left = [credit[1] for credit in credits]
        links = []
        numbers = {key: p for p, payable in enumerate(payables) for key in payable[6]}
        for c, credit in enumerate(credits):
            for key in credit[3]:
                p = numbers.get(key, -1)
                if p >= 0 and need[p]:
                    have, lacks = left[c], need[p]
                    amount = have if have < lacks else lacks
                    links.append((credit[0], payables[p][0], amount))
                    left[c] = have - amount
                    need[p] = lacks - amount
                    break
        amounts = {amount: p for p, amount in enumerate(need) if amount}
        for c, amount in enumerate(left):
            if amount in amounts:
                p = amounts.pop(amount)
                links.append((credits[c][0], payables[p][0], amount))
                left[c] = need[p] = 0
        c = p = 0
        credits_end, payables_end = len(left), len(need)
        while c < credits_end and p < payables_end:
            have, lacks = left[c], need[p]
            if not have:
                c += 1
            elif not lacks:
                p += 1
            elif have < lacks:
                links.append((credits[c][0], payables[p][0], have))
                need[p] = lacks - have
                c += 1
            else:
                links.append((credits[c][0], payables[p][0], lacks))
                left[c] = have - lacks
                p += 1
        count += len(links)
    return count


def engine(groups: list[Group], rules: Rules | None = None) -> int:
    """The engine on the same groups; the suggestions are dropped group by group."""
    return sum(len(match(one, rules or Rules()).suggestions) for one in groups)


def timed(work: Callable[[list[Group]], int], groups: list[Group]) -> tuple[float, int]:
    """Processor seconds of this process, and the links found."""
    gc.collect()
    began = time.process_time()
    count = work(groups)
    return time.process_time() - began, count


if __name__ == "__main__":
    vendors = 1000 if "--quick" in sys.argv else 10_000
    groups = company(vendors)
    gc.collect()
    gc.freeze()
    for _ in range(3):
        a, n = timed(yardstick, groups)
        b, m = timed(engine, groups)
        print(f"{a:.3f} {n} {b:.3f} {m} {b / a:.2f}")
    found = Counter((s.rule, s.strength) for one in groups for s in match(one).suggestions)
    print(found)
