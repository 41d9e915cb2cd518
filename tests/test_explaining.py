"""Every reason of the engine as a sentence; no reason without one."""

import uuid

import pytest

from clearing import explaining
from clearing.explaining import Cited
from clearing.matching import values
from clearing.matching.values import Other, Suggestion
from clearing.models import Citation
from tests import factories

A, B, C = (uuid.UUID(int=n) for n in (1, 2, 3))
PLACES = {"471122": Cited("pdf", 1, "zu Rechnung 4711-22")}


def say(cited=PLACES, **why):
    why = {"rule": values.EXACT, "strength": values.LIKELY} | why
    data = Suggestion(A, B, 50000, **why).as_data()
    return explaining.sentence(data, currency="EUR", locale="en_US", cited=cited)


@pytest.mark.parametrize(
    ("why", "said"),
    [
        (
            {"rule": values.REFERENCE, "key": "471122", "same": True, "days": 12},
            "PDF page 1 says “zu Rechnung 4711-22”. Same amount, 12 days apart, "
            "no other candidate.",
        ),
        (
            {"rule": values.REFERENCE, "key": "9", "days": 1, "rivals": 1},
            "The credit note names this invoice. 1 day apart, 1 other would fit too.",
        ),
        (
            {"same": True, "days": 3, "early": True},
            "Same amount, dated 3 days before the invoice, no other candidate.",
        ),
        ({"same": True, "days": 0, "rivals": 2}, "Same amount, same day, 2 others would fit too."),
        (
            {"rule": values.ADDS_UP, "size": 3},
            "One of 3 documents that add up exactly, no other candidate.",
        ),
        (
            {"rule": values.NEARLY, "rest": 2},
            "Nearly the same amount: EUR 0.02 stays open, no other candidate.",
        ),
        ({"rule": values.NEXT_PAYMENT, "days": 4}, "Only by date: it is paid next."),
        ({"rule": values.OLDEST_DUE, "key": "471122"},
         "PDF page 1 says “zu Rechnung 4711-22”. This invoice is due first."),
        (
            {"rule": values.OLDEST_DUE, "sets": 4},
            "Only by date: it is due first. "
            "4 different sets would add up exactly, so none of them was chosen.",
        ),
    ],
)  # fmt: skip
def test_each_rule_has_its_sentence(why, said):
    assert say(**why) == said


def test_every_rule_says_something():
    for rule in values.RULES:
        assert say(rule=rule).endswith(".")


@pytest.mark.parametrize("place", ["number", "description", "file", "line", "pdf", "margin"])
def test_every_place_quotes_the_words(place):
    said = explaining.quote(Cited(place, 2, "  zu \n Rechnung " + "9" * 200))
    assert "“zu Rechnung 999" in said and said.endswith("…”.") and len(said) < 140


@pytest.mark.parametrize(
    ("other", "said"),
    [
        (("not_cited", 0), "INV-2 has the same amount, but the credit note does not name it."),
        (("other_amount", 300), "Next best is INV-2, but its amount differs by EUR 3.00."),
        (
            ("other_date", 1),
            "Next best is INV-2 with the same amount, but its date is 1 day further away.",
        ),
        (("pays_later", 7), "Next best is INV-2, but it is paid 7 days later."),
        (("due_later", 7), "Next best is INV-2, but it is due 7 days later."),
        (("due_earlier", 7), "Next best is INV-2, though it is due 7 days earlier."),
        (("no_due", 0), "Next best is INV-2, but it has no due date."),
        (("same", 0), "INV-2 fits just as well."),
        (("told_by_a_later_engine", 0), "Next best is INV-2."),
    ],
)
def test_the_runner_up_says_why_it_lost(other, said):
    why = Suggestion(A, B, 1, values.EXACT, 2, other=Other(C, *other)).as_data()
    assert explaining.runner_up(why, name="INV-2", currency="EUR", locale="en_US") == said


def test_without_a_runner_up_nothing_is_said():
    assert explaining.runner_up({}, name="INV-2", currency="EUR", locale="en_US") == ""
    assert explaining.sentence({}, currency="EUR", locale="en_US", cited={}) == ""


def test_strengths_are_words():
    words = [str(explaining.strength(n).word) for n in (3, 2, 1, 0, 9)]
    assert words == ["Certain", "Likely", "Possible", "Without suggestion", "Without suggestion"]


@pytest.mark.django_db
def test_what_a_note_cites_is_read_at_once(django_assert_num_queries):
    for note in (A, B):
        Citation.objects.create(
            credit_note_id=note, looked_at=factories.NOW,
            in_texts=[["471122", "description", 0, "for 4711-22"]],
            in_pdf=[["471122", "pdf", 1, "zu Rechnung 4711-22"], ["88", "pdf", 2, "Nr. 88"]],
        )  # fmt: skip
    with django_assert_num_queries(1):
        found = explaining.cited([A, C])
    assert found == {
        A: {"471122": Cited("description", 0, "for 4711-22"), "88": Cited("pdf", 2, "Nr. 88")}
    }
