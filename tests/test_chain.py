"""The hash chain, without a database: whatever is done to a sealed trail is found."""

import random
from copy import deepcopy
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from clearing.chain import COLUMNS, GENESIS, Walk, digest
from clearing.models import AuditEvent

NOW = datetime(2026, 11, 2, 12, 0, 0, 250_000, tzinfo=UTC)
LENGTH, UNSEALED = 200, 3


def event(number, dice):
    """An event as it may stand in the trail."""
    maybe = [UUID(int=dice.getrandbits(128)) if dice.random() < 0.7 else None for _ in range(3)]
    return (
        number, NOW + timedelta(seconds=number), dice.choice([None, 3, 4]), "Paula Prep",
        dice.choice(["proposed", "approved"]), "link", dice.choice([None, number]), number * 2,
        *maybe, dice.choice([None, 0, 12345]), "EUR", "proposed", "ready", "", "wörds", "t-1",
        {"free_before": number, "words": "ok", "changes": [{"field": "amount", "was": ""}]},
    )  # fmt: skip


def trail(seed=1):
    """Events with gaps in their ids, and the seals over all but the last few."""
    dice = random.Random(seed)
    ids = sorted(dice.sample(range(1, LENGTH * 2), LENGTH + UNSEALED))
    events = [event(one, dice) for one in ids]
    seals, before = [], GENESIS
    for seq, one in enumerate(events[:LENGTH], 1):
        before = digest(before, seq, NOW, one)
        seals.append((seq, one[0], before, NOW))
    return events, seals


EVENTS, SEALS = trail()
HEAD = {SEALS[-1][0]: {SEALS[-1][2]}}


def findings(events, seals, printed=HEAD):
    return list(Walk(printed=deepcopy(printed)).wrong(events, seals))


def kinds(*of):
    return {one.what for one in findings(*of)}


def other(value, dice):
    """Any other value that the same column may hold."""
    if isinstance(value, datetime):
        return value + timedelta(microseconds=dice.choice([-1, 1, 10**9]))
    if isinstance(value, UUID):
        return dice.choice([None, UUID(int=value.int ^ 1)])
    if isinstance(value, dict):
        return dice.choice([{}, value | {"words": "no"}, value | {"more": None}])
    if isinstance(value, int):
        return dice.choice([None, -value - 1, value + 1])
    if value is None:
        return dice.choice([0, 1])
    return dice.choice([value + " ", value.upper() + "x", f"{value}\u200b"])


def put(rows, at, column, value):
    rows[at] = (*rows[at][:column], value, *rows[at][column + 1 :])


def edit(events, seals, dice):
    """One column of a sealed event; its id is a reordering."""
    at, column = dice.randrange(LENGTH), dice.randrange(1, len(COLUMNS))
    put(events, at, column, other(events[at][column], dice))


def delete(events, seals, dice):
    at = dice.randrange(LENGTH)
    del events[at : at + dice.choice([1, 1, 2, 30])]


def insert(events, seals, dice):
    """An event where an id is free before the last sealed one."""
    free = sorted(set(range(1, events[LENGTH - 1][0])) - {one[0] for one in events})
    events.append(event(dice.choice(free), dice))
    events.sort(key=lambda one: one[0])


def swap(events, seals, dice):
    """Two events change places, as a whole or all but their time."""
    one, two = dice.sample(range(LENGTH), 2)
    kept = dice.choice([1, 2])
    a, b = events[one], events[two]
    events[one], events[two] = (*a[:kept], *b[kept:]), (*b[:kept], *a[kept:])


def move(events, seals, dice):
    """An event gets another, free id."""
    free = sorted(set(range(1, LENGTH * 2)) - {one[0] for one in events})
    put(events, dice.randrange(LENGTH), 0, dice.choice(free))
    events.sort(key=lambda one: one[0])


def change_seal(events, seals, dice):
    at = dice.randrange(LENGTH)
    change = dice.choice([
        lambda: put(seals, at, 1, other(seals[at][1], dice)),
        lambda: put(seals, at, 2, digest(seals[at][2], 0, NOW, ())),
        lambda: put(seals, at, 3, other(seals[at][3], dice)),
        lambda: put(seals, at, 1, "none"),
    ])  # fmt: skip
    change()


def delete_seal(events, seals, dice):
    at = dice.randrange(LENGTH)
    del seals[at : at + dice.choice([1, 1, 5])]


def delete_both(events, seals, dice):
    """An event and its seal, those after it moved up."""
    at = dice.randrange(LENGTH)
    del events[at], seals[at]
    seals[:] = [(seq, *one[1:]) for seq, one in enumerate(seals, 1)]


def swap_seals(events, seals, dice):
    one, two = dice.sample(range(LENGTH), 2)
    a, b = seals[one], seals[two]
    seals[one], seals[two] = (a[0], *b[1:]), (b[0], *a[1:])


def seal_anew(events, seals, dice):
    """Somebody who knows the program edits an event and makes every seal after it anew."""
    at = dice.randrange(LENGTH)
    put(events, at, 16, "another reason")
    before = seals[at - 1][2] if at else GENESIS
    for seq in range(at + 1, LENGTH + 1):
        before = digest(before, seq, NOW, events[seq - 1])
        put(seals, seq - 1, 2, before)


def cut(events, seals, dice):
    """The newest events and their seals."""
    at = dice.randrange(LENGTH)
    del events[at:], seals[at:]


TAMPERING = (edit, delete, insert, swap, move, change_seal, delete_seal, delete_both, swap_seals,
             seal_anew, cut)  # fmt: skip


def test_the_columns_are_those_of_the_trail():
    """A new column belongs at the end of COLUMNS, left out of the digest where it is empty."""
    assert set(COLUMNS) == {one.attname for one in AuditEvent._meta.concrete_fields}


@pytest.mark.parametrize("seed", range(5))
def test_an_untouched_trail_is_never_blamed(seed):
    events, seals = trail(seed)
    walk = Walk(printed={7: {seals[6][2]}, LENGTH: {seals[-1][2][:16]}})
    assert list(walk.wrong(iter(events), iter(seals))) == []
    assert (walk.sealed, walk.unsealed, walk.oldest) == (LENGTH, UNSEALED, events[LENGTH][1])
    assert walk.head == (LENGTH, seals[-1][2])
    assert findings(events[:LENGTH], seals, {}) == [] == findings([], [], {})


def test_a_thousand_random_tamperings_are_all_found():
    dice = random.Random(20261121)
    for number in range(1_000):
        tamper = TAMPERING[number % len(TAMPERING)]
        events, seals = list(EVENTS), list(SEALS)
        tamper(events, seals, dice)
        if (events, seals) == (EVENTS, SEALS):
            continue  # two equal values were exchanged
        assert findings(events, seals), (number, tamper.__name__)


@pytest.mark.parametrize("tamper", [one for one in TAMPERING if one not in (seal_anew, cut)])
def test_most_is_found_without_a_printed_head(tamper):
    """Only who makes the end of the chain anew, or cuts it off, needs paper to be found."""
    dice, last = random.Random(5), SEALS[-1][0]
    for _ in range(20):
        events, seals = list(EVENTS), list(SEALS)
        tamper(events, seals, dice)
        if events[: last - 1] != EVENTS[: last - 1] and seals[: last - 1] == SEALS[: last - 1]:
            assert findings(events, seals, {}), tamper.__name__


def test_each_finding_says_what_and_where():
    sentences = {}
    for tamper in TAMPERING:
        events, seals = list(EVENTS), list(SEALS)
        tamper(events, seals, random.Random(3))
        sentences[tamper.__name__] = [one.sentence for one in findings(events, seals)]
    assert len(sentences["edit"]) == 1 and "is not what was sealed" in sentences["edit"][0]
    assert len(sentences["insert"]) == 1 and "was inserted" in sentences["insert"][0]
    assert all("was deleted" in one for one in sentences["delete"])
    assert "missing" in sentences["delete_seal"][0]
    assert "was printed: its end was cut off" in sentences["cut"][-1]
    assert "was made anew" in sentences["seal_anew"][-1]


def test_a_column_that_cannot_be_read_is_a_change():
    events, seals = list(EVENTS), list(SEALS)
    events[9] = (events[9][0], None)
    seals[20] = (21, None, None, None)
    assert kinds(events, seals) == {"changed", "reordered", "inserted"}


def test_a_printed_head_of_too_few_digits_proves_nothing():
    assert "head missing" in kinds(EVENTS, SEALS, {7: {SEALS[6][2][:8]}})
