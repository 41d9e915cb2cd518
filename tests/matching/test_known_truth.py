"""What the engine calls certain is right: on companies whose truth is known."""

import pytest

from clearing.matching import CERTAIN, LIKELY, numbers
from clearing.matching.values import RULES
from tests.benchmarks.known_truth import company
from tests.benchmarks.quality import measure

VENDORS = 250  # about 1,600 credits


@pytest.fixture(scope="module")
def vendors():
    return list(company(VENDORS, seed=11))


@pytest.mark.parametrize("with_pdf, most", [(True, 0.18), (False, 0.1)])
def test_certain_is_right_and_likely_nearly_so(vendors, with_pdf, most):
    tally = measure(vendors, with_pdf)
    links = sum(tally.links.values())
    said = sum(tally.said[CERTAIN, rule] for rule in RULES)
    assert links > 1_200 and said > most * links
    assert tally.precision(CERTAIN, RULES) >= 0.995
    assert tally.precision(LIKELY, RULES) >= 0.97
    right = sum(tally.right[strength, rule] for strength in (CERTAIN, LIKELY) for rule in RULES)
    assert right > (0.65 if with_pdf else 0.55) * links


def test_the_truth_is_within_every_balance(vendors):
    for vendor in vendors:
        taken: dict[object, int] = {}
        for note in vendor.notes:
            assert not note.truth or sum(note.truth.values()) == note.amount
            for bill, part in note.truth.items():
                taken[bill] = taken.get(bill, 0) + part
        for bill in vendor.bills:
            assert taken.get(bill.id, 0) <= (0 if bill.settled else bill.amount)


def test_a_seed_always_tells_the_same_story():
    one, other = ([(v.bills, v.notes) for v in company(5, seed=3)] for _ in range(2))
    assert one == other


def test_a_number_written_as_it_is_is_found(vendors):
    """Only what is named as an order's is not."""
    missed = total = 0
    for vendor in vendors:
        bills = {bill.id: bill for bill in vendor.bills}
        for note in (one for one in vendor.notes if one.kind != "order"):
            cites = set(note.cites(with_pdf=True))
            for number in (bills[id].number for id in note.truth):
                if number in f"{note.description} {note.line}":
                    total += 1
                    missed += not cites.intersection(numbers.forms(numbers.key(number)))
    assert total > 400 and missed <= total // 100
