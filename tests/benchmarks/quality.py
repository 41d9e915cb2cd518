"""How often the engine is right: precision and recall on companies whose truth is known.

python -m tests.benchmarks.quality [--vendors 400] [--seeds 5]

A suggestion is right if it names an invoice of the truth with the amount of the truth. Precision
is the share of a strength's suggestions that are right; recall the share of the truth's links
that a strength, or one above it, found. Credits without a truth (a bonus, an invoice of another
period) count against the precision whatever is suggested for them.
"""

from __future__ import annotations

import argparse
import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from clearing.matching import CERTAIN, LIKELY, POSSIBLE, Suggestion, match
from tests.benchmarks.known_documents import Note, Vendor
from tests.benchmarks.known_truth import company

STRENGTHS = {CERTAIN: "certain", LIKELY: "likely", POSSIBLE: "possible"}


@dataclass
class Tally:
    """What was suggested and what of it was right: by (strength, rule) and (strength, kind)."""

    links: Counter[str] = field(default_factory=Counter)  # of the truth, by kind
    said: Counter[tuple[int, str]] = field(default_factory=Counter)
    right: Counter[tuple[int, str]] = field(default_factory=Counter)
    wrong: list[tuple[Vendor, Note, Suggestion]] = field(default_factory=list)

    def add(self, vendor: Vendor, suggestions: Iterable[Suggestion]) -> None:
        notes = {note.id: note for note in vendor.notes}
        for note in vendor.notes:
            self.links[note.kind] += len(note.truth)
        for one in suggestions:
            note = notes[one.credit_id]
            correct = is_right(note, one)
            for label in (one.rule, note.kind):
                self.said[one.strength, label] += 1
                self.right[one.strength, label] += correct
            if not correct:
                self.wrong.append((vendor, note, one))

    def precision(self, strength: int, labels: Iterable[str]) -> float:
        said = sum(self.said[strength, one] for one in labels)
        return sum(self.right[strength, one] for one in labels) / said if said else 1.0


def is_right(note: Note, one: Suggestion) -> bool:
    """The pair and the amount of the truth; an invoice that is as right counts too."""
    if one.payable_id in note.also:
        return one.amount in note.truth.values()
    return note.truth.get(one.payable_id) == one.amount


def measure(vendors: Iterable[Vendor], with_pdf: bool) -> Tally:
    tally = Tally()
    for vendor in vendors:
        tally.add(vendor, match(vendor.group(with_pdf)).suggestions)
    return tally


def report(tally: Tally, title: str) -> None:
    total = sum(tally.links.values())
    kinds = sorted({label for _, label in tally.said if label in tally.links})
    rules = sorted({label for _, label in tally.said} - set(kinds))
    print(f"\n{title}: {total:,} links of the truth")
    found = 0
    for strength, name in STRENGTHS.items():
        said = sum(tally.said[strength, one] for one in rules)
        found += sum(tally.right[strength, one] for one in rules)
        precision = tally.precision(strength, rules)
        print(f"  {name:9} {said:7,} said  {precision:8.2%} right  {found / total:7.1%} found")
    for heading, labels in (("rule", rules), ("kind", kinds)):
        print(f"  {heading:12}" + "".join(f"{name:>20}" for name in STRENGTHS.values()))
        for label in labels:
            cells = "".join(
                f"{tally.said[one, label]:10,}{tally.precision(one, [label]):10.2%}"
                for one in STRENGTHS
            )
            print(f"  {label:12}{cells}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--vendors", type=int, default=400)
    parser.add_argument("--seeds", type=int, default=5)
    given = parser.parse_args()
    for with_pdf, title in ((True, "With the text of PDFs"), (False, "Without PDFs")):
        began = time.perf_counter()
        vendors = (one for seed in range(given.seeds) for one in company(given.vendors, seed))
        report(measure(vendors, with_pdf), title)
        print(f"  {time.perf_counter() - began:.1f} s")


if __name__ == "__main__":
    main()
