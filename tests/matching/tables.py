"""A test of the engine is a table in its docstring; rows under `credits:`, `payables:` and so on.

credits:    name, open amount, day, then cites=KEY,KEY and taken (it has its posted payable)
payables:   name, open amount, due date, draft or posted, then issued=, pays=, keys=KEY,KEY
settled:    key, name of the settled invoice
without:    credit, payable
suggested:  credit, payable, amount, rule, strength, then any field of a Suggestion as field=value;
            other=name:why:by is the runner-up, other=- says that there is none
left:       credit, amount, cause, then about=name, sets=number
"""

import uuid
from collections.abc import Callable
from datetime import date
from typing import Any

from clearing.matching import (
    CERTAIN,
    LIKELY,
    POSSIBLE,
    Credit,
    Group,
    Payable,
    Result,
    Rules,
    Suggestion,
    match,
)

STRENGTHS = {CERTAIN: "certain", LIKELY: "likely", POSSIBLE: "possible"}


def name(word: str) -> uuid.UUID:
    """A stable id for a word; ids order as the words do."""
    return uuid.UUID(bytes=word.encode().ljust(16, b"\0"))


def word(id: uuid.UUID) -> str:
    return id.bytes.rstrip(b"\0").decode()


def rows(table: str, title: str) -> list[tuple[list[str], dict[str, str]]]:
    """The rows under a title: their words, and what is given as name=value."""
    found, here = [], False
    for text in table.splitlines():
        words = text.split()
        if len(words) == 1 and words[0].endswith(":"):
            here = words[0] == f"{title}:"
        elif words and here:
            pairs = dict(one.split("=", 1) for one in words if "=" in one)
            found.append(([one for one in words if "=" not in one], pairs))
    return found


def day(word: str) -> int:
    return 0 if word == "-" else date.fromisoformat(word).toordinal()


def keys(word: str) -> tuple[str, ...]:
    return tuple(word.split(",")) if word else ()


def group_of(table: str) -> Group:
    """The group that a table describes."""
    credits = [
        Credit(name(one), int(amount), day(at), keys(more.get("cites", "")), "taken" in rest)
        for (one, amount, at, *rest), more in rows(table, "credits")
    ]
    payables = [
        Payable(
            name(one), int(amount), day(due), day(more.get("pays", "-")),
            day(more.get("issued", "-")), kind == "posted", keys(more.get("keys", "")),
        )
        for (one, amount, due, kind), more in rows(table, "payables")
    ]  # fmt: skip
    without = frozenset((name(c), name(p)) for (c, p), _ in rows(table, "without"))
    settled = {key: name(one) for (key, one), _ in rows(table, "settled")}
    return Group("v", credits, payables, without, settled)


def turned(group: Group) -> Group:
    """The same group with its documents in the opposite order."""
    return Group(group.key, group.credits[::-1], group.payables[::-1], group.without, group.settled)


def check(table: str, rules: Rules) -> None:
    """Run the engine on a table, forwards and backwards, and compare."""
    group = group_of(table)
    result = match(group, rules)
    assert match(turned(group), rules) == result
    found = {(word(one.credit_id), word(one.payable_id)): one for one in result.suggestions}
    assert len(found) == len(result.suggestions)
    wanted = {(c, p): (rest, more) for (c, p, *rest), more in rows(table, "suggested")}
    said = {
        pair: (str(one.amount), one.rule, STRENGTHS[one.strength]) for pair, one in found.items()
    }
    assert said == {pair: tuple(rest) for pair, (rest, _) in wanted.items()}
    for pair, (_, more) in wanted.items():
        assert {field: shown(found[pair], field) for field in more} == more, pair
    check_left(table, result)


def shown(one: Suggestion, field: str) -> str:
    """A field of a suggestion as the tables write it."""
    value: Any = getattr(one, field)
    if field == "other":
        return f"{word(value.payable_id)}:{value.why}:{value.by}" if value else "-"
    return str(value)


def check_left(table: str, result: Result) -> None:
    left = {
        word(one.credit_id): (
            str(one.left),
            one.cause,
            word(one.payable_id) if one.payable_id else "-",
            str(one.sets),
        )
        for one in result.unused
    }
    assert left == {
        c: (amount, cause, more.get("about", "-"), more.get("sets", "0"))
        for (c, amount, cause), more in rows(table, "left")
    }


def table(function: Callable[[], None]) -> Callable[[], None]:
    """A test whose docstring is its table, under the engine's own rules."""
    return under()(function)


def under(**rules: Any) -> Callable[[Callable[[], None]], Callable[[], None]]:
    """A test whose docstring is its table, under these rules."""

    def test_of(function: Callable[[], None]) -> Callable[[], None]:
        def test() -> None:
            check(function.__doc__ or "", Rules(**rules))

        test.__doc__ = function.__doc__
        return test

    return test_of
