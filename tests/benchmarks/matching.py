"""The engine, with reasons and runner-ups, beside the tightest plain loop on the same company.

python -m tests.benchmarks.matching [--quick]

10,000 vendors with 50 credits and 50 payables each; then one vendor with ever more documents, and
amounts that are made to keep the search for sets busy.
"""

from __future__ import annotations

import gc
import random
import statistics
import sys
import time
import tracemalloc
from collections import Counter
from collections.abc import Callable
from operator import itemgetter
from uuid import UUID

from clearing.matching import CERTAIN, LIKELY, POSSIBLE, Credit, Group, Payable, match, numbers
from clearing.matching.values import RULES

FIRST_DAY = 739_000
CREDITS, PAYABLES = 50, 50
TURNS = 3
AT_A_TIME = 250  # vendors: what else the machine does meets both alike
STYLES = ("RE-{y}-{n:04}", "{n}", "INV-{n:05}", "{n:07}", "{n}/{y}", "F{y}/{n:05}", "R-{n}")
STRENGTHS = (CERTAIN, LIKELY, POSSIBLE)


def company(vendors: int, credits: int = CREDITS, payables: int = PAYABLES) -> list[Group]:
    """The same groups every time: 60 % of the credits name their invoice, 45 % equal it.

    All name an order, as the texts of real ones do; every vendor numbers in its own style.
    """
    chance = random.Random(4)
    return [group(chance, vendor, credits, payables) for vendor in range(vendors)]


def group(chance: random.Random, vendor: int, credits: int, payables: int) -> Group:
    """One vendor: a year's invoices, credits for most of them, 4 % of those for two at once.

    They come in no order of dates, as rows read by their ids do.
    """
    style, first = STYLES[vendor % len(STYLES)], chance.randrange(1_000, 60_000)
    bills = []
    for number in range(payables):
        issued = FIRST_DAY + chance.randrange(330)
        due = issued + chance.choice((14, 30, 30, 60))
        posted = chance.random() < 0.5
        pays = due if posted and chance.random() < 0.2 else 0
        keys = numbers.forms(numbers.key(style.format(y=2026, n=first + 3 * number)))
        amount = chance.randrange(1_000, 2_000_000)
        bills.append(Payable(_id(chance), amount, due, pays, issued, posted, keys))
    notes = []
    for number in range(credits):
        bill = bills[number % payables] if chance.random() < 0.9 else chance.choice(bills)
        order = f"45{chance.randrange(10**6):06}"
        cites = (order, bill.keys[0]) if chance.random() < 0.6 else (order,)
        amount, kind = bill.open, chance.random()
        if kind > 0.49:
            amount = chance.randrange(1_000, bill.open + 1_000)
        elif kind > 0.45:
            cites, amount = (order,), bill.open + chance.choice(bills).open
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


def engine(groups: list[Group]) -> int:
    """The engine on the same groups; the suggestions are dropped group by group."""
    return sum(len(match(one).suggestions) for one in groups)


def processor(work: Callable[[], object]) -> float:
    """Processor seconds of this process that the work takes: other load does not count."""
    began = time.process_time()
    work()
    return time.process_time() - began


def beside(groups: list[Group]) -> None:
    """The yardstick and the engine in turns, some vendors at a time; the median of the sums."""
    works = {"plain loop": yardstick, "engine": engine}
    links = {name: work(groups) for name, work in works.items()}
    sums: dict[str, list[float]] = {name: [0.0] * TURNS for name in works}
    for turn in range(TURNS):
        for first in range(0, len(groups), AT_A_TIME):
            some = groups[first : first + AT_A_TIME]
            for name in sorted(works, reverse=bool((turn + first // AT_A_TIME) % 2)):
                work = works[name]
                sums[name][turn] += processor(lambda work=work, some=some: work(some))
    documents = sum(len(one.credits) + len(one.payables) for one in groups)
    print(f"{documents:,} documents of {len(groups):,} vendors, median of {TURNS}, processor time")
    middle = {name: statistics.median(some) for name, some in sums.items()}
    for name, seconds in middle.items():
        print(f"  {name:12}{seconds:8.3f} s  {links[name]:9,} links")
    print(f"  {'ratio':12}{middle['engine'] / middle['plain loop']:8.2f}    at most 4, better 3")


def said(groups: list[Group]) -> None:
    """What the rules found, by strength, and the searches that were cut off."""
    found: Counter[tuple[str, int]] = Counter()
    cut = 0
    for one in groups:
        result = match(one)
        found.update((link.rule, link.strength) for link in result.suggestions)
        cut += result.gave_up
    print(f"  {'rule':14}{'certain':>10}{'likely':>10}{'possible':>10}")
    for rule in RULES:
        print(f"  {rule:14}" + "".join(f"{found[rule, one]:10,}" for one in STRENGTHS))
    print(f"  searches for sets that were cut off: {cut:,}")


def one_vendor(small: int, large: int) -> None:
    """Ten times the documents in one vendor: the time and the memory that they take.

    The small one is the mean of ten vendors in a row, so that both work on as many documents and
    neither finds all of them in the processor's cache.
    """
    print("One vendor, the best of 5")
    seconds: dict[str, list[float]] = {"plain loop": [], "engine": []}
    memory = []
    for size in (small, large):
        groups = [group(random.Random(n), 0, size, size) for n in range(large // size)]
        gc.collect()
        gc.freeze()
        for name, work in (("plain loop", yardstick), ("engine", engine)):
            best = min(processor(lambda work=work, groups=groups: work(groups)) for _ in range(5))
            seconds[name].append(best / len(groups))
        tracemalloc.start()
        match(groups[0])
        memory.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
        print(
            f"  {size:,} x {size:,}: {seconds['engine'][-1]:.4f} s, {memory[-1] / 1e6:.1f} MB, "
            f"{memory[-1] / size / 2:.0f} bytes a document"
        )
    for name, bound in (("engine", "at most 20"), ("plain loop", "for comparison")):
        print(f"  {name:12}{seconds[name][1] / seconds[name][0]:8.1f} x the time    {bound}")
    print(f"  {'engine':12}{memory[1] / memory[0]:8.1f} x the memory  linear: 10")


def hostile() -> None:
    """Amounts that are made to keep the search for sets busy."""
    cases = {
        "40 x 40 equal": ([500] * 40, [1_000] * 40),
        "60 x 60 powers of two": ([2**n for n in range(45)], [2**n + 1 for n in range(60)]),
        "60 x 60 multiples": ([7 * n for n in range(1, 61)], [21 * n for n in range(1, 61)]),
        "20 x 20 near 10^15": (
            [10**15 + n for n in range(20)], [2 * 10**15 + n for n in range(20)],
        ),
        "300 x 300 equal": ([500] * 300, [1_000] * 300),
    }  # fmt: skip
    print("Sets that add up, hostile amounts")
    for title, (credits, payables) in cases.items():
        chance = random.Random(6)
        one = Group(
            title,
            [Credit(_id(chance), amount, FIRST_DAY) for amount in credits],
            [Payable(_id(chance), amount, FIRST_DAY) for amount in payables],
        )
        seconds = processor(lambda one=one: match(one))
        cut = "cut off" if match(one).gave_up else "to the end"
        print(f"  {title:24}{seconds * 1000:8.1f} ms  {cut}")


def main() -> None:
    quick = "--quick" in sys.argv
    groups = company(1_000 if quick else 10_000)
    gc.collect()
    gc.freeze()  # the documents are no work for the collector, on either side
    beside(groups)
    said(groups)
    one_vendor(*((200, 2_000) if quick else (1_000, 10_000)))
    hostile()


if __name__ == "__main__":
    main()
