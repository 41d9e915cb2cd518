"""Whether a line was approved as it stands, or a rule lets one person decide."""

from dataclasses import replace

import pytest

from clearing.deciding import Approval, Rules, not_approved
from tests.deciding.looks import KINDS, content

SECOND_PERSON = Approval(1, 2, "", as_approved=True)
EXEMPT = {
    ("one_person_removes", "unlink"): {},
    ("one_person_lowers", "amend"): {"amount": 3_000},
    ("one_person_discards", "archive"): {"of_draft": True},
    ("one_person_posts", "post"): {"amount": None},
    ("under_limit", "link"): {"amount": 4_999},
}
HOUSE = Rules(exempt_under={"EUR": 5_000})


@pytest.mark.parametrize("kind", KINDS)
def test_a_second_person_s_approval_is_enough_for_everything(kind):
    assert not_approved(content(kind), SECOND_PERSON, Rules(second_person_always=True)) == ""


@pytest.mark.parametrize(
    "approval",
    [
        replace(SECOND_PERSON, as_approved=False),
        replace(SECOND_PERSON, approved_by=1),
        replace(SECOND_PERSON, approved_by=None),
        replace(SECOND_PERSON, exempt_rule="under_limit"),
        replace(SECOND_PERSON, approved_by=None, exempt_rule="a_rule_nobody_knows"),
    ],
)
@pytest.mark.parametrize("kind", KINDS)
def test_without_it_nothing_is_sent(kind, approval):
    assert not_approved(content(kind), approval, Rules())


@pytest.mark.parametrize("rule", [rule for rule, _kind in EXEMPT])
@pytest.mark.parametrize("kind", KINDS)
def test_a_rule_exempts_its_own_kind_only(rule, kind):
    alone = Approval(1, None, rule, as_approved=True)
    over = EXEMPT.get((rule, kind))
    assert bool(not_approved(content(kind, **over or {}), alone, HOUSE)) == (over is None)
    if over is not None:
        assert not_approved(content(kind, **over), alone, Rules(second_person_always=True))


@pytest.mark.parametrize(
    ("rule", "what"),
    [
        ("one_person_lowers", content("amend", amount=4_001)),
        ("one_person_lowers", content("amend", amount=3_000, previous_amount=None)),
        ("one_person_discards", content("archive", of_draft=False)),
        ("under_limit", content(amount=5_000)),
        ("under_limit", content(amount=1, currency="USD")),
    ],
)
def test_a_rule_does_not_stretch(rule, what):
    assert not_approved(what, Approval(1, None, rule, as_approved=True), HOUSE)
